package rt

import (
	"unsafe"

	"github.com/flow-lang/flowc/rt/value"
)

// Meta travels with every record.
type Meta struct {
	Time value.Timestamp // event time, or arrival where a source has none
	Mark value.Timestamp // the watermark that holds when the record is handled
}

// Emitted is a record that a handler has emitted and that has not gone out yet.
type Emitted[T any] struct {
	Rec  T
	Meta Meta
}

// Batch is a run of records for one input of one shard, in the order in which
// they are handled. It and what its records point to are valid until the
// handler returns.
type Batch[T any] struct {
	Recs []T
	Hash []uint64 // of the keys

	meta []Meta
	base value.Timestamp // no record sees a watermark before it
	cap  value.Timestamp // nor one after it; not before base
}

// Meta returns the times of record i. Its Mark never falls from one record to
// the next.
func (b *Batch[T]) Meta(i int) Meta {
	m := &b.meta[i]
	return Meta{Time: m.Time, Mark: min(max(m.Mark, b.base), b.cap)}
}

// Arena holds copies of the strings of a batch that outlive the block they were
// read from. The zero Arena is ready.
type Arena struct {
	buf []byte
}

// The size of an arena's first piece. Later pieces double.
const arenaPiece = 4 << 10

// String returns a copy of s that lives as long as the batch.
func (a *Arena) String(s string) string {
	if len(s) == 0 {
		return ""
	}
	at := a.room(len(s))
	a.buf = append(a.buf, s...)
	return unsafe.String(&a.buf[at], len(s))
}

// Bytes returns a copy of b that lives as long as the batch.
func (a *Arena) Bytes(b []byte) []byte {
	if len(b) == 0 {
		return b
	}
	at := a.room(len(b))
	a.buf = append(a.buf, b...)
	return a.buf[at:len(a.buf):len(a.buf)]
}

// room makes place for n more bytes and returns where they will begin. A piece
// that is full is left to those who point into it.
func (a *Arena) room(n int) int {
	if len(a.buf)+n > cap(a.buf) {
		a.buf = make([]byte, 0, max(arenaPiece, 2*cap(a.buf), n))
	}
	return len(a.buf)
}

// reset makes the arena's last piece free for the next batch.
func (a *Arena) reset(poison bool) {
	if poison {
		fill(a.buf)
	}
	a.buf = a.buf[:0]
}

// fill overwrites memory that nobody may read any more, so that a view that
// outlives it is found.
func fill(b []byte) {
	for i := range b {
		b[i] = 0xDB
	}
}
