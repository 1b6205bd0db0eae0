package heap_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt/heap"
)

type number int

func (n number) Before(o number) bool { return n < o }

// TestHeap holds a heap against a list that is sorted again and again.
func TestHeap(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	var h heap.Heap[number]
	var list []number
	for range 20_000 {
		switch k := r.IntN(1000); {
		case k < 600:
			n := number(r.IntN(500))
			h.Push(n)
			list = append(list, n)
		case k < 999 && len(list) > 0:
			slices.Sort(list)
			if got := h.Pop(); got != list[0] {
				t.Fatalf("the first is %d, not %d", got, list[0])
			}
			list = list[1:]
		case k == 999:
			drop := number(r.IntN(7) + 2)
			stays := func(n number) bool { return n%drop != 0 }
			h.Keep(stays)
			list = slices.DeleteFunc(list, func(n number) bool { return !stays(n) })
		}
		if len(h) != len(list) {
			t.Fatalf("%d elements, not %d", len(h), len(list))
		}
	}
	var rest []number
	for len(h) > 0 {
		rest = append(rest, h.Pop())
	}
	slices.Sort(list)
	if diff := cmp.Diff(list, rest); diff != "" {
		t.Errorf("the rest (-want +got):\n%s", diff)
	}
}
