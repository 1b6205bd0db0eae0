package state_test

import (
	"cmp"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unsafe"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
)

// set is a timer of the plain model; index is -1 for the one without.
type set struct {
	at         value.Timestamp
	key, index int64
	timer      uint32
}

func (a set) compare(b set) int {
	return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.key, b.key), cmp.Compare(a.timer, b.timer), cmp.Compare(a.index, b.index))
}

// familyCell has a timer without an index between two families.
type familyCell struct {
	state.Head

	open  state.WholeTimers
	idle  state.Timer
	close state.Timers[int64]
}

// familyOps are the operations on a timer of a family, whichever kind that is.
type familyOps struct {
	at                 func() value.Option[value.Timestamp]
	set, cancel, clear func()
}

// TestFamiliesEqualSortedSlice sets, cancels and fires timers with and without
// an index over few times, so that ties are many; some handlers are undone.
func TestFamiliesEqualSortedSlice(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(21, 22))
	journal := state.NewJournal()
	table := state.NewInts[familyCell]()
	queue := state.NewQueue(table)
	open := state.NewWholeEntryTimers[int64](journal, queue, 0)
	closing := state.NewFamilies(journal, queue, 2, state.OrderedBy(cmp.Compare[int64]))
	model := map[set]bool{} // those that are set
	now := value.Timestamp(0)
	drop := func(m map[set]bool, like set) {
		maps.DeleteFunc(m, func(s set, _ bool) bool { return s.key == like.key && s.timer == like.timer && s.index == like.index })
	}
	for step := range 30_000 {
		key := random.Int64N(5)
		id, cell := table.At(value.HashInt(key), key)
		c, m := *cell, maps.Clone(model)
		for range random.IntN(4) {
			like := set{now + value.Timestamp(random.IntN(20)-2), key, random.Int64N(6), 2 * uint32(random.IntN(2))}
			family := familyOps{
				func() value.Option[value.Timestamp] { return closing.At(&c.close, like.index) },
				func() { closing.Set(&c.close, id, like.index, like.at) },
				func() { closing.Cancel(&c.close, id, like.index) },
				func() { closing.Clear(&c.close) },
			}
			if like.timer == 0 {
				family = familyOps{
					func() value.Option[value.Timestamp] { return open.At(&c.open, like.index) },
					func() { open.Set(&c.open, id, like.index, like.at) },
					func() { open.Cancel(&c.open, id, like.index) },
					func() { open.Clear(&c.open) },
				}
			}
			var was value.Option[value.Timestamp]
			for s := range m {
				if s.key == key && s.timer == like.timer && s.index == like.index {
					was = value.Some(s.at)
				}
			}
			if got := family.at(); got != was {
				t.Fatalf("step %d: At(%d) = %v, want %v", step, like.index, got, was)
			}
			switch op := random.IntN(12); {
			case op < 7:
				family.set()
				drop(m, like)
				m[like] = true
			case op < 9:
				family.cancel()
				drop(m, like)
			case op < 10:
				family.clear()
				maps.DeleteFunc(m, func(s set, _ bool) bool { return s.key == key && s.timer == like.timer })
			default:
				like.timer, like.index = 1, -1
				queue.Set(&c.idle, id, 1, like.at)
				drop(m, like)
				m[like] = true
			}
		}
		if random.IntN(4) == 0 {
			journal.Rollback()
		} else {
			journal.Commit()
			table.Put(id, &c)
			model = m
		}
		if random.IntN(3) == 0 {
			now += value.Timestamp(random.IntN(5))
			checkFired(t, table, queue, open, closing, model, now)
		}
	}
	if queue.Len() > 10_000 {
		t.Errorf("Len() = %d: stale entries pile up", queue.Len())
	}
}

// checkFired fires what is due and removes it from the model.
func checkFired(t *testing.T, table *state.Ints[familyCell], queue *state.Queue,
	open *state.WholeFamilies[int64], closing *state.Families[int64], model map[set]bool, now value.Timestamp) {
	t.Helper()
	var want, got []set
	for queue.Next() <= now {
		e := queue.Pop()
		cell, index, ok := table.Cell(e.ID), int64(-1), false
		switch e.Timer {
		case 0:
			index, ok = open.Fires(&cell.open, e)
		case 1:
			ok = queue.Fires(&cell.idle, e)
		default:
			index, ok = closing.Fires(&cell.close, e)
		}
		if ok {
			got = append(got, set{e.At, table.Key(e.ID), index, e.Timer})
		}
	}
	for s := range model {
		if s.at <= now {
			want = append(want, s)
			delete(model, s)
		}
	}
	slices.SortFunc(want, set.compare)
	if diff := gocmp.Diff(want, got, gocmp.AllowUnexported(set{})); diff != "" {
		t.Fatalf("fired until %d (-want +got):\n%s", now, diff)
	}
}

// TestUndoneTimersKeepTheirIndex: an index by which a timer was set again may be a
// view, and what an undone handler puts back must not be it.
func TestUndoneTimersKeepTheirIndex(t *testing.T) {
	t.Parallel()
	journal := state.NewJournal()
	table := state.NewInts[struct {
		state.Head

		gone state.Timers[string]
	}]()
	gone := state.NewFamilies(journal, state.NewQueue(table), 0, state.Ordered[string]().Owning(strings.Clone))
	id, cell := table.At(value.HashInt(1), 1)
	gone.Set(&cell.gone, id, "page", 5)
	journal.Commit()
	block := []byte("page")
	view := unsafe.String(&block[0], len(block))
	for _, change := range []func(){
		func() { gone.Set(&cell.gone, id, view, 7) },
		func() { gone.Cancel(&cell.gone, id, view) },
	} {
		copy(block, "page")
		change()
		journal.Rollback()
		copy(block, "xxxx")
		if at := gone.At(&cell.gone, "page"); !at.OK || at.V != 5 {
			t.Errorf("the timer fires at %v, want 5", at)
		}
		gone.Cancel(&cell.gone, id, "page")
		if !cell.gone.Empty() {
			t.Error("a timer is left")
		}
		journal.Rollback()
	}
}
