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
	ForgetMark                         // watermarks are not restored
	MisroutedGroup                     // a shard does not restore its last key group
	FromTheBeginning                   // sources do not go on from their positions
	CommitAtBarrier                    // output is final before the checkpoint is there
	DropOnAbort                        // what shards gave of a snapshot that was given up is lost
	ReuseEpoch                         // epochs begin anew after a restart
	BasesAreChanges                    // all state of a shard does not replace what was written before
	HalfState                          // a checkpoint does not wait for the state of all shards
	HalfOutputs                        // nor for all writers
	BarrierOvertakes                   // a barrier goes out before the records that come before it
	ForgetOutputs                      // sinks do not know what the checkpoint has of them
	ForgetBase                         // a job that goes on forgets the files of the checkpoint
	ForgetRemoved                      // keys that are gone are not told
	UnspilledRows                      // a writer prepares before it has written all
	SilentAbort                        // nobody is told that a snapshot was given up
	HastyEnd                           // a lane passes the end of a partition on while others have blocks before it
	CommitFirst                        // output is made final beside the writing of the checkpoint
	CallsOvertaken                     // the watermark does not wait for work outside of steps
	LateCut                            // the state of a snapshot is that of a later step
	EndedAwaited                       // a channel that has ended is waited for
	ForgetTimers                       // timers are not restored
	ForgetWritten                      // nor is when something was written, from which a ttl counts
	LateRestore                        // a shard handles records before it has its state
	EndOnSavepoint                     // event time comes to its end though another job goes on

	Mutants // one more than there are
)
