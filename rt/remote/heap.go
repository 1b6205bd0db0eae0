package remote

import (
	"github.com/flow-lang/flowc/rt/value"
)

// ordered is what a heap holds: before reports whether it comes first.
type ordered[T any] interface{ before(other T) bool }

// heap has the first of its elements at index 0.
type heap[T ordered[T]] []T

func (h *heap[T]) push(x T) {
	*h = append(*h, x)
	a := *h
	for i := len(a) - 1; i > 0; {
		up := (i - 1) / 2
		if !a[i].before(a[up]) {
			return
		}
		a[i], a[up] = a[up], a[i]
		i = up
	}
}

// pop takes the first, which there must be.
func (h *heap[T]) pop() T {
	a := *h
	first, last := a[0], len(a)-1
	a[0] = a[last]
	var zero T
	a[last] = zero
	*h = a[:last]
	h.sink(0)
	return first
}

// sink moves the element at i to behind those that come first.
func (h heap[T]) sink(i int) {
	for {
		first := i
		for down := 2*i + 1; down <= 2*i+2 && down < len(h); down++ {
			if h[down].before(h[first]) {
				first = down
			}
		}
		if first == i {
			return
		}
		h[i], h[first] = h[first], h[i]
		i = first
	}
}

// keep drops the elements that are not to stay, and their memory.
func (h *heap[T]) keep(stays func(T) bool) {
	var kept heap[T]
	for _, x := range *h {
		if stays(x) {
			kept = append(kept, x)
		}
	}
	for i := len(kept)/2 - 1; i >= 0; i-- {
		kept.sink(i)
	}
	*h = kept
}

// before orders addresses that wait for another try by time, then by their turn in
// the table.
func (a *live) before(b *live) bool {
	return a.again < b.again || a.again == b.again && a.id < b.id
}

// sleeper is a message that waits: that of the address with that id and number.
type sleeper struct {
	due    value.Timestamp
	id     uint32
	number int64
}

// before orders messages by time, then by the address and their turn.
func (s sleeper) before(o sleeper) bool {
	if s.due != o.due {
		return s.due < o.due
	}
	return s.id < o.id || s.id == o.id && s.number < o.number
}

// wait has a message wait.
func (f *Function) wait(id uint32, number int64, due value.Timestamp) {
	f.sleeping.push(sleeper{due, id, number})
}

// mostCancelled is how many messages that were cancelled may lie between those
// that wait, if they are no more than these.
const mostCancelled = 64

// tidy takes out the messages that were cancelled when they are the greater part,
// so that many that were cancelled long before their time take no memory. No cell
// may be open.
func (f *Function) tidy() {
	if f.dead > mostCancelled && f.dead > len(f.sleeping)/2 {
		f.sleeping.keep(func(s sleeper) bool { return f.waits(s) != nil })
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
