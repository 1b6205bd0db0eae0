package state

import (
	"cmp"
	"math"

	"github.com/flow-lang/flowc/rt/value"
)

// Timer is a timer of one key as its cell holds it. The zero Timer is not set.
type Timer struct {
	// Times are kept as microseconds since value.MinTime plus 1, so that zero
	// means none and every time can be set.
	at     uint64 // when it fires; 0 if it is not set
	queued uint64 // time of the queue's entry for it, not after at; 0 if there is none
}

func pack(t value.Timestamp) uint64   { return uint64(t-value.MinTime) + 1 }
func unpack(t uint64) value.Timestamp { return value.Timestamp(t-1) + value.MinTime }

// Get returns when the timer fires, if it is set.
func (t *Timer) Get() value.Option[value.Timestamp] {
	if t.at == 0 {
		return value.Option[value.Timestamp]{}
	}
	return value.Some(unpack(t.at))
}

// IsSet reports whether the timer is set.
func (t *Timer) IsSet() bool { return t.at != 0 }

// Entry is a timer that has left the queue.
type Entry struct {
	At    value.Timestamp
	ID    uint32 // of the key's cell
	Timer uint32 // index of the timer's declaration
}

// Turn is when a timer in a store has its turn: at a time, and of those by the rank of
// its key, 0 if nobody knows it.
type Turn struct {
	At   value.Timestamp
	Rank uint64
}

// Compare orders turns as timers fire.
func (t Turn) Compare(o Turn) int {
	return cmp.Or(cmp.Compare(t.At, o.At), cmp.Compare(t.Rank, o.Rank))
}

// next is the turn behind t.
func (t Turn) next() Turn {
	if t.Rank == math.MaxUint64 {
		return Turn{At: t.At + 1}
	}
	return Turn{t.At, t.Rank + 1}
}

// last is the turn before t.
func (t Turn) last() Turn {
	if t.Rank == 0 {
		return Turn{t.At - 1, math.MaxUint64}
	}
	return Turn{t.At, t.Rank - 1}
}

// Keys is the table whose keys a queue's timers belong to.
type Keys interface {
	Less(a, b uint32) bool
	// Rank returns eight bytes of a key's order: of a smaller rank is a smaller key,
	// and of equal ones Less decides.
	Rank(id uint32) uint64
	Hold(id uint32)
	Release(id uint32)

	isAlive(id uint32) bool
	held() int // ids without a key that timers hold
}

// Never is after every time, and Always before every one.
const (
	Never  = value.MaxTime + 1
	Always = value.MinTime - 1
)

// First returns when the timer fires, or Never if it is not set.
func (t *Timer) First() value.Timestamp {
	if t.at == 0 {
		return Never
	}
	return unpack(t.at)
}
