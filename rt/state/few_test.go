package state_test

import (
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt/state"
)

// TestFewMapsEqualMap does random operations on a few maps that mostly have one entry
// and on their models, in handlers of which some are undone.
func TestFewMapsEqualMap(t *testing.T) {
	t.Parallel()
	const keys = 4
	random := rand.New(rand.NewPCG(5, 6))
	journal := state.NewJournal()
	ops := state.NewFewMaps[int64, int64](journal, state.Ordered[int64]())
	var cells [3]state.FewMap[int64, int64]
	models := [3]map[int64]int64{{}, {}, {}}
	seen := map[int]int{} // how often a map had so many entries
	for handler := range 20_000 {
		i := random.IntN(len(cells))
		c, model := cells[i], maps.Clone(models[i])
		for range 1 + random.IntN(4) {
			changeFew(t, random, ops, &c, model, random.Int64N(keys))
		}
		if random.IntN(3) == 0 {
			journal.Rollback()
		} else {
			journal.Commit()
			cells[i], models[i] = c, model
		}
		if cells[i].Empty() {
			ops.Recycle(&cells[i])
		}
		seen[len(models[i])]++
		checkFew(t, handler, ops, &cells[i], models[i], random.Int64N(keys), random.Int64N(keys+1))
	}
	for n := range keys {
		if seen[n] < 100 {
			t.Errorf("a map has had %d entries %d times: too few to test anything", n, seen[n])
		}
	}
}

// changeFew does a random operation on the entry of k.
func changeFew(t *testing.T, random *rand.Rand, ops *state.FewMaps[int64, int64], c *state.FewMap[int64, int64], model map[int64]int64, k int64) {
	t.Helper()
	v := random.Int64()
	switch op := random.IntN(12); {
	case op < 3:
		ops.Put(c, k, v)
		model[k] = v
	case op < 6:
		_, had := model[k]
		p, fresh := ops.Ref(c, k)
		if fresh == had || *p != model[k] {
			t.Fatalf("Ref(%d) = %d, %t, want %d, %t", k, *p, fresh, model[k], !had)
		}
		*p += v
		model[k] += v
	case op < 10:
		ops.Remove(c, k)
		delete(model, k)
	case op < 11:
		ops.Clear(c)
		clear(model)
	default: // what a loop goes over stays as it was
		want := modelPairs(model, 0, k+100)
		var got []state.Pair[int64, int64]
		for key, val := range ops.All(c) {
			got = append(got, state.Pair[int64, int64]{Key: key, Value: val})
			ops.Put(c, k, v)
			ops.Remove(c, key)
			model[k] = v
			delete(model, key)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("All() of a map that changes (-want +got):\n%s", diff)
		}
	}
}

// checkFew compares what can be read of a map with its model.
func checkFew(t *testing.T, handler int, ops *state.FewMaps[int64, int64], c *state.FewMap[int64, int64], model map[int64]int64, low, high int64) {
	t.Helper()
	want := modelPairs(model, 0, 100)
	if diff := cmp.Diff(want, pairs(ops.All(c))); diff != "" {
		t.Fatalf("after handler %d All() (-want +got):\n%s", handler, diff)
	}
	keys, values := ops.Keys(c), ops.Values(c)
	if c.Len() != len(want) || len(keys) != len(want) || len(values) != len(want) || c.Empty() != (len(want) == 0) {
		t.Fatalf("after handler %d Len() = %d, %d keys, %d values, want %d; Empty() = %t", handler, c.Len(), len(keys), len(values), len(want), c.Empty())
	}
	for i, p := range want {
		if keys[i] != p.Key || values[i] != p.Value {
			t.Fatalf("after handler %d entry %d is of %d with %d, want %+v", handler, i, keys[i], values[i], p)
		}
	}
	if diff := cmp.Diff(modelPairs(model, low, high), pairs(ops.Peek(c, state.Between(low, high)))); diff != "" {
		t.Fatalf("after handler %d Peek() from %d to %d (-want +got):\n%s", handler, low, high, diff)
	}
	has := model[low]
	if got := ops.Get(c, low); got.V != has || got.OK != ops.Has(c, low) || got.OK != (modelHas(model, low)) {
		t.Fatalf("after handler %d Get(%d) = %v, want %d", handler, low, got, has)
	}
}

func modelHas(model map[int64]int64, k int64) bool {
	_, has := model[k]
	return has
}

// TestOnlyEntryTakesNoMemory puts and removes the only entry of a map.
func TestOnlyEntryTakesNoMemory(t *testing.T) {
	journal := state.NewJournal()
	ops := state.NewFewMaps[int64, int64](journal, state.Ordered[int64]())
	var cell state.FewMap[int64, int64]
	allocs := testing.AllocsPerRun(100, func() {
		c := cell
		v, _ := ops.Ref(&c, 7)
		*v++
		cell = c
		journal.Commit()
		c = cell
		ops.Remove(&c, 7)
		ops.Recycle(&c)
		cell = c
		journal.Commit()
	})
	if allocs > 0 {
		t.Errorf("an entry that comes and goes costs %v allocations, want 0", allocs)
	}
}
