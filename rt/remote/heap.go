package remote

import (
	"container/heap"

	"github.com/flow-lang/flowc/rt/value"
)

// liveHeap is addresses that wait for another try, the first due first.
type liveHeap []*live

// Len, Less, Swap, Push and Pop are for package heap.
func (h liveHeap) Len() int { return len(h) }

// Less orders by time, then by the address's turn in the table.
func (h liveHeap) Less(i, j int) bool {
	return h[i].again < h[j].again || h[i].again == h[j].again && h[i].id < h[j].id
}

// Swap swaps two.
func (h liveHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push adds the last.
func (h *liveHeap) Push(x any) { *h = append(*h, x.(*live)) }

// Pop takes the last.
func (h *liveHeap) Pop() any {
	last := len(*h) - 1
	a := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return a
}

func (h *liveHeap) push(a *live) { heap.Push(h, a) }

func (h *liveHeap) pop() *live { return heap.Pop(h).(*live) }

// sleeper is a message that waits: that of the address with that id and number.
type sleeper struct {
	due    value.Timestamp
	id     uint32
	number int64
}

// delayHeap is messages that wait, the first due first; some may have been
// cancelled since.
type delayHeap []sleeper

// Len, Less, Swap, Push and Pop are for package heap.
func (h delayHeap) Len() int { return len(h) }

// Less orders by time, then by the address and the message's turn.
func (h delayHeap) Less(i, j int) bool {
	a, b := &h[i], &h[j]
	if a.due != b.due {
		return a.due < b.due
	}
	return a.id < b.id || a.id == b.id && a.number < b.number
}

// Swap swaps two.
func (h delayHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push adds the last.
func (h *delayHeap) Push(x any) { *h = append(*h, x.(sleeper)) }

// Pop takes the last.
func (h *delayHeap) Pop() any {
	last := len(*h) - 1
	s := (*h)[last]
	*h = (*h)[:last]
	return s
}

func (h *delayHeap) pop() sleeper { return heap.Pop(h).(sleeper) }

// wait has a message wait.
func (f *Function) wait(id uint32, number int64, due value.Timestamp) {
	heap.Push(&f.sleeping, sleeper{due, id, number})
}
