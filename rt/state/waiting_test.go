package state_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
)

// TestWaitingGivesMessagesByTimeThenArrival compares with a sorted slice.
func TestWaitingGivesMessagesByTimeThenArrival(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 1))
	var w state.Waiting[int]
	type message struct {
		due value.Timestamp
		n   int
	}
	var want []message
	for n := range 2000 {
		if random.IntN(3) > 0 || len(want) == 0 {
			m := message{value.Timestamp(random.IntN(50)), n}
			w.Add(m.due, m.due-1, uint64(n), n)
			want = append(want, m)
			slices.SortStableFunc(want, func(a, b message) int { return int(a.due - b.due) })
			continue
		}
		if w.Next() != want[0].due || w.Len() != len(want) {
			t.Fatalf("Next() = %d, Len() = %d, want %d and %d", w.Next(), w.Len(), want[0].due, len(want))
		}
		got := w.Pop()
		if got.Due != want[0].due || got.Rec != want[0].n || got.Hash != uint64(want[0].n) || got.Time != want[0].due-1 {
			t.Fatalf("Pop() = %+v, want %+v", got, want[0])
		}
		want = want[1:]
	}
	for range want {
		w.Pop()
	}
	if w.Next() <= value.MaxTime {
		t.Errorf("Next() of no messages = %d, want a time after all others", w.Next())
	}
}
