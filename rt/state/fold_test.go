package state_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/flow-lang/flowc/rt/state"
)

// text is an accumulator that shows how values were grouped and in which order.
type text struct{ all, grouped string }

func textOf(s string) text { return text{s, s} }

func (t *text) merge(v *text) {
	switch {
	case v.all == "":
	case t.all == "":
		*t = *v
	default:
		*t = text{t.all + v.all, "(" + t.grouped + v.grouped + ")"}
	}
}

// plainFold merges a range without keeping anything.
func plainFold(m *state.Maps[int64, text], h *state.Map[int64, text], low, high int64) text {
	var before []text
	var sum, after text
	if low < high {
		pivot := state.Pivot(low, high)
		for k, v := range m.Range(h, state.Between(low, high)) {
			if k < pivot {
				before = append(before, v)
			} else {
				after.merge(&v)
			}
		}
	}
	for i := len(before) - 1; i >= 0; i-- {
		before[i].merge(&sum)
		sum = before[i]
	}
	sum.merge(&after)
	return sum
}

// TestFold asks for ranges that slide and jump, while entries are written,
// removed and undone, and wants what no one has kept anything for.
func TestFold(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 1))
		journal := state.NewJournal()
		m := state.NewMaps[int64, text](journal, state.Ordered[int64]())
		var cell state.Map[int64, text]
		low, span := r.Int64N(300)-150, 1+r.Int64N(150)
		for i := range 400 {
			c := cell
			for range r.IntN(4) {
				k := low + r.Int64N(span+10) - 5
				switch r.IntN(5) {
				case 0:
					m.Remove(&c, k)
				case 1:
					m.RemoveBefore(&c, low-r.Int64N(20))
				case 2:
					v, _ := m.Ref(&c, k)
					*v = textOf(fmt.Sprint(k, "'"))
				default:
					m.Put(&c, k, textOf(fmt.Sprint(k, " ")))
				}
				from, to := low, low+span
				if r.IntN(6) == 0 {
					from, to = low+r.Int64N(span), low+r.Int64N(span)
				}
				got := m.Fold(&c, from, state.Pivot(from, max(to, from+1)), to, func(into, v *text) bool { into.merge(v); return true })
				if want := plainFold(m, &c, from, to); got != want {
					t.Fatalf("seed %d, handler %d: Fold(%d, %d) = %v, want %v", seed, i, from, to, got, want)
				}
			}
			if r.IntN(5) == 0 {
				journal.Rollback()
			} else {
				journal.Commit()
				cell = c
			}
			low += r.Int64N(3)
		}
	}
}

// TestFoldThatFails drops what a merge that failed has left behind.
func TestFoldThatFails(t *testing.T) {
	t.Parallel()
	m := state.NewMaps[int64, text](state.NewJournal(), state.Ordered[int64]())
	var h state.Map[int64, text]
	for k := range int64(20) {
		m.Put(&h, k, textOf(fmt.Sprint(k, " ")))
	}
	for left := range 25 {
		m.Fold(&h, 0, 16, 20, func(into, v *text) bool {
			left--
			into.merge(v)
			return left > 0
		})
		got := m.Fold(&h, 0, 16, 20, func(into, v *text) bool { into.merge(v); return true })
		if want := plainFold(m, &h, 0, 20); got != want {
			t.Fatalf("Fold() after a failure = %v, want %v", got, want)
		}
	}
}

// TestFoldsOfSlidingRanges counts the merges of ranges that slide over their
// entries: they cost the same for any number of entries in a range.
func TestFoldsOfSlidingRanges(t *testing.T) {
	t.Parallel()
	for _, size := range []int64{10, 60, 600, 3600} {
		for _, unit := range []int64{1, 1_000_000} {
			m := state.NewMaps[int64, int64](state.NewJournal(), state.Ordered[int64]())
			var h state.Map[int64, int64]
			merges, slides := 0, 4*size
			for i := range slides {
				m.Put(&h, i*unit, 1)
				from, to := (i+1-size)*unit, (i+1)*unit
				sum := m.Fold(&h, from, state.Pivot(from, to), to, func(into, v *int64) bool {
					merges++
					*into += *v
					return true
				})
				if want := min(i+1, size); sum != want {
					t.Fatalf("the sum of %d entries is %d", want, sum)
				}
				m.RemoveBefore(&h, from)
			}
			if each := float64(merges) / float64(slides); each > 5 {
				t.Errorf("ranges of %d entries cost %.1f merges each, want at most 5", size, each)
			}
		}
	}
}

func TestPivot(t *testing.T) {
	t.Parallel()
	tests := []struct{ low, high, want int64 }{
		{5, 6, 5}, {5, 7, 6}, {5, 9, 8}, {8, 16, 12}, {7, 17, 16}, {-5, 5, 0}, {-5, 0, -4}, {-1 << 63, 1 << 62, 0}, {0, 1 << 62, 1 << 61},
	}
	for _, tt := range tests {
		if got := state.Pivot(tt.low, tt.high); got != tt.want {
			t.Errorf("Pivot(%d, %d) = %d, want %d", tt.low, tt.high, got, tt.want)
		}
	}
}

// TestFoldAllocatesNothing slides a range for a while.
func TestFoldAllocatesNothing(t *testing.T) {
	journal := state.NewJournal()
	m := state.NewMaps[int64, int64](journal, state.Ordered[int64]())
	var h state.Map[int64, int64]
	i := int64(0)
	slide := func() {
		m.Put(&h, i, 1)
		i++
		m.Fold(&h, i-60, state.Pivot(i-60, i), i, func(into, v *int64) bool { *into += *v; return true })
		m.RemoveBefore(&h, i-60)
		journal.Commit()
	}
	for range 500 {
		slide()
	}
	if allocs := testing.AllocsPerRun(500, slide); allocs > 0.5 {
		t.Errorf("a slide costs %v allocations", allocs)
	}
}
