package rt

import (
	"sync/atomic"

	"github.com/flow-lang/flowc/rt/checkpoint"
	"github.com/flow-lang/flowc/rt/value"
)

// BlockSize is the usual size of a block in bytes. A row that is longer makes
// a block of its own.
const BlockSize = 256 << 10

// Block is a piece of a source partition: whole rows, in the order in which
// they were read.
//
// A reader fills Bytes, Path, Line, Offset, Columns, Floor and Overlong. A lane sets
// Max and Records. Bytes, and every view into it, is valid as long as something
// that descends from the block is in flight.
type Block struct {
	Bytes   []byte
	Path    string
	Line    int   // of its first row, from 1
	Offset  int64 // of its first byte in the (unpacked) file
	Columns []int // CSV: field to column, -1 if absent; nil if rows are no CSV
	// Floor is what a reader knows of event time beyond its records: that those of
	// the blocks after this one are not before it.
	Floor value.Option[value.Timestamp]
	// Overlong, if not nil, says that Bytes is the beginning of one row that is
	// longer than rows may be.
	Overlong error

	Arrival value.Timestamp // when it was read
	Base    value.Timestamp // its partition's watermark before it; known to serial lanes only
	Cap     value.Timestamp // the least watermark of the other partitions; known to serial lanes only
	Max     value.Timestamp // the greatest event time in it, MinTime if there is none
	Records int64           // records that were decoded from it

	part  *partition
	seq   int64 // number within its partition
	kind  blockKind
	epoch int64                // of a barrier
	at    checkpoint.Partition // of a barrier: where the partition is
	refs  atomic.Int32

	failure error // of a stopBlock: why the partition cannot be read on
}

// blockKind tells blocks with rows from signals that travel in their order.
type blockKind uint8

const (
	dataBlock    blockKind = iota
	idleBlock              // the partition has become idle
	endBlock               // the partition has ended
	stopBlock              // the job stops reading; the partition has not ended
	restBlock              // the partition has ended, but its time has not: another job may go on from it
	barrierBlock           // a snapshot has what comes before it, and not what comes after
)

// last reports whether nothing comes after the block.
func (k blockKind) last() bool { return k == endBlock || k == stopBlock || k == restBlock }

// alone reports whether lanes take the block when they have passed on all before
// it, and none after it until they have passed it on: it speaks for all of them.
func (k blockKind) alone() bool { return k == barrierBlock || k.last() }

// Mark returns the watermark that a record sees on a serial lane when max is
// the greatest event time of the block up to that record.
func (b *Block) Mark(max value.Timestamp) value.Timestamp {
	return clampMark(b.part.source.mark(max), b.Base, b.Cap)
}

func clampMark(m, base, cap value.Timestamp) value.Timestamp {
	return min(max(m, base), max(cap, base))
}

// retain takes one more reference.
func (b *Block) retain() { b.refs.Add(1) }

// release gives a reference back. The last one ends the block's flight.
func (b *Block) release() {
	if b.refs.Add(-1) == 0 {
		b.part.source.landed(b)
	}
}
