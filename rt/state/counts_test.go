package state_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt/state"
)

// group is a value that holds a list of its own.
type group struct {
	last int64
	rows state.List[int64]
}

// TestCosts counts the entries that each operation touches in a map of 1000.
func TestCosts(t *testing.T) {
	t.Parallel()
	type ops = *state.Maps[int64, int64]
	type handle = *state.Map[int64, int64]
	tests := []struct {
		name    string
		handler func(m ops, h handle)
		want    state.Counts
	}{
		{"a look-up reads one", func(m ops, h handle) { m.Get(h, 500) }, state.Counts{Read: 1}},
		{"so does a test", func(m ops, h handle) { m.Has(h, -5) }, state.Counts{Read: 1}},
		{"a write reads nothing", func(m ops, h handle) { m.Put(h, 500, 1) }, state.Counts{Written: 1, Stored: 1}},
		{"two writes are stored once", func(m ops, h handle) { m.Put(h, 500, 1); m.Put(h, 3, 1); m.Put(h, 500, 2) },
			state.Counts{Written: 3, Stored: 2}},
		{"a change reads and writes one", func(m ops, h handle) { v, _ := m.Ref(h, 500); *v++ },
			state.Counts{Read: 1, Written: 1, Stored: 1}},
		{"a removal", func(m ops, h handle) { m.Remove(h, 500) }, state.Counts{Written: 1, Stored: 1}},
		{"the length", func(_ ops, h handle) { h.Len() }, state.Counts{}},
		{"the length of a range", func(m ops, h handle) { m.Count(h, state.Between[int64](100, 900)) }, state.Counts{}},
		{"a range scans its entries", func(m ops, h handle) { pairs(m.Range(h, state.Between[int64](490, 500))) }, state.Counts{Scanned: 10}},
		{"an empty range none", func(m ops, h handle) { pairs(m.Range(h, state.From[int64](5000))) }, state.Counts{}},
		{"a loop that ends early", func(m ops, h handle) {
			for range m.All(h) {
				break
			}
		}, state.Counts{Scanned: 1}},
		{"the ends of a range", func(m ops, h handle) { m.First(h, state.From[int64](7)); m.Last(h, state.Before[int64](7)) },
			state.Counts{Scanned: 2}},
		{"what is old goes", func(m ops, h handle) { m.RemoveBefore(h, 20) }, state.Counts{Written: 20, Stored: 20}},
		{"all goes at once", func(m ops, h handle) { m.Clear(h) }, state.Counts{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			journal := state.NewJournal()
			m := state.NewMaps[int64, int64](journal, state.Ordered[int64]())
			var h state.Map[int64, int64]
			for i := range int64(1000) {
				m.Put(&h, i, i)
			}
			journal.Commit()
			var got state.Counts
			journal.Count(&got)
			tt.handler(m, &h)
			journal.Commit()
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("counts (-want +got):\n%s", diff)
			}
		})
	}
}

// TestCostsOfGroups counts what it takes to change groups, each with a thousand
// rows, as generated code does.
func TestCostsOfGroups(t *testing.T) {
	t.Parallel()
	type ops = *state.Maps[int64, group]
	type handle = *state.Map[int64, group]
	tests := []struct {
		name    string
		handler func(m ops, h handle)
		want    state.Counts
	}{
		{"append takes the entry and no row", func(m ops, h handle) { g, _ := m.Ref(h, 7); g.rows.Append(1) },
			state.Counts{Read: 1, Written: 1, Stored: 1}},
		{"parts of one entry are stored once", func(m ops, h handle) {
			g, _ := m.Ref(h, 7)
			g.rows.Append(1)
			g, _ = m.Ref(h, 7)
			g.last = 1
			g, _ = m.Ref(h, 7)
			g.last++
		}, state.Counts{Read: 3, Written: 3, Stored: 1}},
		{"a part is read with its entry alone", func(m ops, h handle) { _ = m.View(h, 7).last }, state.Counts{Read: 1}},
		{"an entry that is not there is made", func(m ops, h handle) { g, _ := m.Ref(h, 700); g.last = 1 },
			state.Counts{Read: 1, Written: 1, Stored: 1}},
		{"a range touches its entries", func(m ops, h handle) {
			for _, g := range m.Range(h, state.Between[int64](10, 20)) {
				_ = g.rows.Len()
			}
		}, state.Counts{Scanned: 10}},
		{"an end of a range touches one", func(m ops, h handle) { m.Last(h, state.Before[int64](50)) }, state.Counts{Scanned: 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			journal := state.NewJournal()
			m := state.NewMaps[int64, group](journal, state.Ordered[int64]())
			var h state.Map[int64, group]
			for i := range int64(100) {
				g, _ := m.Ref(&h, i)
				for j := range int64(1000) {
					g.rows.Append(j)
				}
			}
			journal.Commit()
			var got state.Counts
			journal.Count(&got)
			tt.handler(m, &h)
			journal.Commit()
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("counts (-want +got):\n%s", diff)
			}
		})
	}
}

// TestGroupsAreUndone changes groups in place, in handlers of which each second
// is undone.
func TestGroupsAreUndone(t *testing.T) {
	t.Parallel()
	journal := state.NewJournal()
	m := state.NewMaps[string, group](journal, state.Ordered[string]())
	var cell state.Map[string, group]
	handler := func(v int64) state.Map[string, group] {
		c := cell
		for _, k := range []string{"a", "b", "a"} {
			g, fresh := m.Ref(&c, k)
			if fresh {
				g.last = -1
			}
			g.last = max(g.last, v)
			g.rows.Append(v)
		}
		return c
	}
	for v := range int64(10) {
		c := handler(v)
		if v%2 == 1 {
			journal.Rollback()
			continue
		}
		journal.Commit()
		cell = c
	}
	type row struct {
		Key  string
		Last int64
		Rows []int64
	}
	want := []row{{"a", 8, []int64{0, 0, 2, 2, 4, 4, 6, 6, 8, 8}}, {"b", 8, []int64{0, 2, 4, 6, 8}}}
	var got []row
	for k, g := range m.All(&cell) {
		got = append(got, row{k, g.last, g.rows.Items()})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
}

// TestBroadcastMap keeps a map outside cells, as state that all keys share.
func TestBroadcastMap(t *testing.T) {
	t.Parallel()
	journal := state.NewJournal()
	m := state.NewMaps[string, int64](journal, state.Ordered[string]())
	var rates state.Map[string, int64]
	for i, fails := range []bool{true, false, false, true} {
		kept := rates
		m.Put(&rates, "EUR", int64(i))
		m.Put(&rates, "USD", int64(i))
		if i == 3 {
			m.Clear(&rates)
		}
		if fails {
			journal.Rollback()
			rates = kept
		} else {
			journal.Commit()
		}
	}
	want := []state.Pair[string, int64]{{Key: "EUR", Value: 2}, {Key: "USD", Value: 2}}
	if diff := cmp.Diff(want, pairs(m.All(&rates))); diff != "" {
		t.Errorf("All() (-want +got):\n%s", diff)
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	var l state.List[int64]
	for i := range int64(3) {
		l.Append(i)
	}
	undone := l
	undone.Append(99)
	kept, clone := l, l.Clone()
	kept.Append(3)
	cleared := kept
	cleared.Clear()
	for _, tt := range []struct {
		name string
		list state.List[int64]
		want []int64
	}{
		{"as it was", l, []int64{0, 1, 2}},
		{"appended after one that was undone", kept, []int64{0, 1, 2, 3}},
		{"copied", clone, []int64{0, 1, 2}},
		{"cleared", cleared, nil},
	} {
		if diff := cmp.Diff(tt.want, tt.list.Items()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
		if tt.list.Len() != len(tt.want) || tt.list.Empty() != (len(tt.want) == 0) {
			t.Errorf("%s: Len() = %d, want %d", tt.name, tt.list.Len(), len(tt.want))
		}
	}
}

// TestNothingIsAllocated puts, reads, loops and undoes in a map whose keys stay.
func TestNothingIsAllocated(t *testing.T) {
	journal := state.NewJournal()
	m := state.NewMaps[int64, group](journal, state.Ordered[int64]())
	var h state.Map[int64, group]
	i := int64(0)
	handler := func() {
		for range 10 {
			v, _ := m.Ref(&h, i%500)
			v.last++
			m.Put(&h, (i+7)%500, *v)
			i++
		}
		sum := int64(0)
		for _, g := range m.Range(&h, state.Between(i%500, i%500+20)) {
			sum += g.last
		}
		if i%40 == 0 {
			journal.Rollback()
		} else {
			journal.Commit()
		}
	}
	for range 200 {
		handler()
	}
	if allocs := testing.AllocsPerRun(100, handler); allocs > 0 {
		t.Errorf("a handler costs %v allocations, want 0", allocs)
	}
}
