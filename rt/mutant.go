package rt

// Mutant is a mistake in the runtime that its tests must find. The zero Mutant
// is none.
type Mutant uint8

// The mutants.
const (
	BlocksAsTheyCome Mutant = iota + 1 // chunks of a partition are not brought into order
	NoCap                              // the watermarks of other partitions are ignored
	NoBase                             // a block does not know the watermark before it
	LooseMerge                         // channels of shards are not merged by watermark
	EarlyRelease                       // a block ends its flight before its chunks are handled
	LostOrder                          // records for two inputs of a stage lose their order
	NoFinalMark                        // event time does not come to its end
	LostMessages                       // a loop ends while messages are on their way
	HastyBarrier                       // a lane passes a barrier on while others have blocks before it
	NoHold                             // a shard handles what lies behind a barrier before it cuts
	FirstBarrier                       // a shard cuts at the first barrier
	AbortedCounts                      // barriers of a snapshot that was given up count for the next
	LateDrop                           // a barrier of a snapshot that was given up holds its channel until the end of the step
	WriterLooksAway                    // a writer writes what lies behind a barrier before it prepares
	ForgetDropped                      // the snapshot before is not dropped
	KeepHalves                         // what a shard gave of a snapshot that was given up counts, without the rest
	ForgetMark                         // a shard goes on without its watermark
)
