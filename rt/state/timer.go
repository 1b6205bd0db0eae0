package state

import "github.com/flow-lang/flowc/rt/value"

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

// Keys is the table whose keys a queue's timers belong to.
type Keys interface {
	Less(a, b uint32) bool
	// Rank returns eight bytes of a key's order: of a smaller rank is a smaller key,
	// and of equal ones Less decides.
	Rank(id uint32) uint64
	Hold(id uint32)
	Release(id uint32)
}

// Never is after every time.
const Never = value.MaxTime + 1

// First returns when the timer fires, or Never if it is not set.
func (t *Timer) First() value.Timestamp {
	if t.at == 0 {
		return Never
	}
	return unpack(t.at)
}
