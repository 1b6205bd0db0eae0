package remote

import "github.com/flow-lang/flowc/rt/value"

// Before orders addresses that wait for another try by time, then by their turn in
// the table.
func (a *live) Before(b *live) bool {
	return a.again < b.again || a.again == b.again && a.id < b.id
}

// sleeper is a message that waits: that of the address with that id and number.
type sleeper struct {
	due    value.Timestamp
	id     uint32
	number int64
}

// Before orders messages by time, then by the address and their turn.
func (s sleeper) Before(o sleeper) bool {
	if s.due != o.due {
		return s.due < o.due
	}
	return s.id < o.id || s.id == o.id && s.number < o.number
}

// wait has a message wait.
func (f *Function) wait(id uint32, number int64, due value.Timestamp) {
	f.sleeping.Push(sleeper{due, id, number})
}

// mostCancelled is how many messages that were cancelled may lie between those
// that wait, if they are no more than these.
const mostCancelled = 64

// tidy takes out the messages that were cancelled when they are the greater part,
// so that many that were cancelled long before their time take no memory. No cell
// may be open.
func (f *Function) tidy() {
	if f.dead > mostCancelled && f.dead > len(f.sleeping)/2 {
		f.sleeping.Keep(func(s sleeper) bool { return f.waits(s) != nil })
		f.dead = 0
	}
}

// waits returns the message of a sleeper; nil if it was cancelled.
func (f *Function) waits(s sleeper) *delayedMessage {
	d := f.delayed.View(&f.cells.Cell(s.id).delayed, s.number)
	if d == nil || d.due != s.due {
		return nil
	}
	return d
}
