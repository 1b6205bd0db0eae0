package state_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
)

// risingCell has entries of which each ends at its key, rounded up to tens.
type risingCell struct {
	state.Head

	entries state.FewMap[int64, string]
	head    state.Timer
}

func tens(k int64) value.Timestamp { return value.Timestamp((k + 9) / 10 * 10) }

// TestRisingTimers: a timer that holds only when the first entry ends fires for each
// entry, at its time and in order, while others come before it and go.
func TestRisingTimers(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	journal := state.NewJournal()
	table := state.NewInts[risingCell]()
	queue := state.NewQueue(table)
	maps := state.NewFewMaps[int64, string](journal, state.Ordered[int64]())
	model := map[[2]int64]bool{} // key and entry
	now := int64(0)
	arm := func(c *risingCell, id uint32, at value.Timestamp) {
		if _, end, ok := maps.FirstEnd(&c.entries, at, tens); ok {
			queue.SetFirst(&c.head, id, 0, end)
		}
	}
	keep := func(id uint32, c *risingCell) {
		if c.entries.Empty() {
			maps.Recycle(&c.entries)
			table.Remove(id)
		} else {
			table.Put(id, c)
		}
		journal.Commit()
	}
	for range 20_000 {
		key, entry := random.Int64N(4), now+1+random.Int64N(60)
		id, cell := table.At(value.HashInt(key), key)
		c := *cell
		if random.IntN(4) > 0 {
			if _, fresh := maps.Ref(&c.entries, entry); fresh {
				queue.SetFirst(&c.head, id, 0, tens(entry))
			}
			model[[2]int64{key, entry}] = true
		} else {
			maps.Remove(&c.entries, entry)
			delete(model, [2]int64{key, entry})
		}
		keep(id, &c)
		now += random.Int64N(3)
		var fired, want [][2]int64
		for queue.Due(value.Timestamp(now)) {
			e := queue.Pop()
			cell := table.Cell(e.ID)
			if !queue.Fires(&cell.head, e) {
				continue
			}
			k, end, ok := maps.FirstEnd(&cell.entries, e.At, tens)
			if !ok || end != e.At {
				arm(cell, e.ID, e.At)
				continue
			}
			fired = append(fired, [2]int64{table.Key(e.ID), k})
			c := *cell
			maps.Remove(&c.entries, k)
			arm(&c, e.ID, e.At)
			keep(e.ID, &c)
		}
		for m := range model {
			if int64(tens(m[1])) <= now {
				want = append(want, m)
				delete(model, m)
			}
		}
		slices.SortFunc(want, func(a, b [2]int64) int {
			return slices.Compare([]int64{int64(tens(a[1])), a[0], a[1]}, []int64{int64(tens(b[1])), b[0], b[1]})
		})
		if d := gocmp.Diff(want, fired); d != "" {
			t.Fatalf("at %d (-want +got)\n%s", now, d)
		}
	}
}
