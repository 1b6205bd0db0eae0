package state_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
)

// pairs collects what a loop gives.
func pairs[K, V any](seq func(func(K, V) bool)) []state.Pair[K, V] {
	var out []state.Pair[K, V]
	for k, v := range seq {
		out = append(out, state.Pair[K, V]{Key: k, Value: v})
	}
	return out
}

// modelPairs are the entries of a model in [low, high), sorted.
func modelPairs(model map[int64]int64, low, high int64) []state.Pair[int64, int64] {
	var out []state.Pair[int64, int64]
	for _, k := range slices.Sorted(maps.Keys(model)) {
		if low <= k && k < high {
			out = append(out, state.Pair[int64, int64]{Key: k, Value: model[k]})
		}
	}
	return out
}

// orders are two orders that must not differ.
var orders = map[string]state.Order[int64]{
	"ordered": state.Ordered[int64](),
	"by func": state.OrderedBy(func(a, b int64) int { return int(a - b) }),
}

// mapTest is a test of maps with so many keys.
type mapTest struct {
	random *rand.Rand
	ops    *state.Maps[int64, int64]
	keys   int64
	ranges bool // ask for ranges
}

// TestMapsEqualMap does random operations on a few maps and their models, in
// handlers of which some are undone, and changes maps while loops go over them.
func TestMapsEqualMap(t *testing.T) {
	t.Parallel()
	for name, order := range orders {
		for _, keys := range []int64{10, 300, 5000} {
			for _, ranges := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/%d/%t", name, keys, ranges), func(t *testing.T) {
					t.Parallel()
					testMaps(t, order, keys, ranges)
				})
			}
		}
	}
}

func testMaps(t *testing.T, order state.Order[int64], keys int64, ranges bool) {
	random := rand.New(rand.NewPCG(uint64(keys), 2))
	journal := state.NewJournal()
	ops := state.NewMaps[int64, int64](journal, order)
	mt := mapTest{random, ops, keys, false}
	var cells [3]state.Map[int64, int64]
	var models [3]map[int64]int64
	for handler := range 3000 {
		i := random.IntN(len(cells))
		c, model := cells[i], maps.Clone(models[i])
		if model == nil {
			model = map[int64]int64{}
		}
		mt.ranges = ranges && handler > 300
		mt.change(t, &c, model, 1+random.IntN(20))
		if random.IntN(3) == 0 {
			journal.Rollback()
		} else {
			journal.Commit()
			cells[i], models[i] = c, model
		}
		if handler%50 == 0 || keys < 100 {
			if mt.ranges {
				low, high := random.Int64N(keys), random.Int64N(keys)
				checkSpan(t, ops, &cells[i], models[i], low, high)
			}
			if diff := cmp.Diff(modelPairs(models[i], 0, keys), pairs(ops.All(&cells[i]))); diff != "" {
				t.Fatalf("after handler %d All() (-want +got):\n%s", handler, diff)
			}
		}
	}
}

// change does n random operations.
func (m mapTest) change(t *testing.T, c *state.Map[int64, int64], model map[int64]int64, n int) {
	t.Helper()
	random, ops, keys := m.random, m.ops, m.keys
	for range n {
		k, v := random.Int64N(keys), random.Int64()
		switch op := random.IntN(20); {
		case op < 8:
			ops.Put(c, k, v)
			model[k] = v
		case op < 12:
			_, had := model[k]
			p, fresh := ops.Ref(c, k)
			if fresh == had || *p != model[k] {
				t.Fatalf("Ref(%d) = %d %t, want %d %t", k, *p, fresh, model[k], !had)
			}
			*p += v
			model[k] += v
		case op < 16:
			ops.Remove(c, k)
			delete(model, k)
		case op < 17 && m.ranges && random.IntN(10) == 0:
			ops.RemoveBefore(c, k)
			maps.DeleteFunc(model, func(other, _ int64) bool { return other < k })
		case op < 18 && random.IntN(50) == 0:
			ops.Clear(c)
			clear(model)
		case op < 19 && random.IntN(5) == 0:
			m.changeInLoop(t, c, model)
		default:
			v, ok := model[k]
			if got := ops.Get(c, k); got != (value.Option[int64]{V: v, OK: ok}) || ops.Has(c, k) != ok {
				t.Fatalf("Get(%d) = %v, want %d %t", k, got, v, ok)
			}
		}
		if c.Len() != len(model) || c.Empty() != (len(model) == 0) {
			t.Fatalf("Len() = %d, want %d", c.Len(), len(model))
		}
	}
}

// changeInLoop changes the map while it goes over a part of it.
func (m mapTest) changeInLoop(t *testing.T, c *state.Map[int64, int64], model map[int64]int64) {
	t.Helper()
	low, high := m.random.Int64N(m.keys), m.random.Int64N(m.keys)
	loop := m.ops.Range(c, state.Between(low, high))
	if !m.ranges {
		low, high, loop = 0, m.keys, m.ops.All(c)
	}
	want := modelPairs(model, low, high)
	if stop := m.random.IntN(30); stop < len(want) {
		want = want[:stop]
	}
	got := want[:0:0]
	for k, v := range loop {
		if len(got) == len(want) {
			break
		}
		got = append(got, state.Pair[int64, int64]{Key: k, Value: v})
		if m.random.IntN(10) < 3 {
			m.change(t, c, model, 1)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("loop from %d to %d over a map that changes (-want +got):\n%s", low, high, diff)
	}
}

// checkSpan compares what is said of [low, high) and its open sides.
func checkSpan(t *testing.T, ops *state.Maps[int64, int64], c *state.Map[int64, int64], model map[int64]int64, low, high int64) {
	t.Helper()
	const least, most = -1 << 63, 1<<63 - 1
	for _, tt := range []struct {
		name      string
		span      state.Span[int64]
		low, high int64
	}{
		{"between", state.Between(low, high), low, high},
		{"from", state.From(low), low, most},
		{"before", state.Before(high), least, high},
		{"all", state.Span[int64]{}, least, most},
	} {
		want := modelPairs(model, tt.low, tt.high)
		if diff := cmp.Diff(want, pairs(ops.Range(c, tt.span))); diff != "" {
			t.Fatalf("Range(%s %d, %d) (-want +got):\n%s", tt.name, low, high, diff)
		}
		if got := ops.Count(c, tt.span); got != len(want) {
			t.Fatalf("Count(%s %d, %d) = %d, want %d", tt.name, low, high, got, len(want))
		}
		if got := ops.First(c, tt.span); got != value.First(want) {
			t.Fatalf("First(%s %d, %d) = %v, want %v", tt.name, low, high, got, value.First(want))
		}
		if got := ops.Last(c, tt.span); got != value.Last(want) {
			t.Fatalf("Last(%s %d, %d) = %v, want %v", tt.name, low, high, got, value.Last(want))
		}
	}
}

// TestKeysAreOwned puts keys that could be views: those that stay in a map are
// copies, also those that an undone handler has removed or put back.
func TestKeysAreOwned(t *testing.T) {
	t.Parallel()
	type key struct {
		n    int
		copy bool
	}
	copies := 0
	own := func(k key) key {
		copies++
		k.copy = true
		return k
	}
	journal := state.NewJournal()
	ops := state.NewMaps[key, int](journal, state.OrderedBy(func(a, b key) int { return a.n - b.n }).Owning(own))
	var h state.Map[key, int]
	for i := range 100 {
		ops.Put(&h, key{n: i % 50}, i)
	}
	journal.Commit()
	for i := range 60 {
		ops.Remove(&h, key{n: i})
		ops.Put(&h, key{n: i}, 0)
	}
	journal.Rollback()
	for k, v := range ops.All(&h) {
		if !k.copy || v != k.n+50 {
			t.Errorf("the entry of %d is %d, and its key a copy: %t", k.n, v, k.copy)
		}
	}
	if want := 50 + 60; h.Len() != 50 || copies != want {
		t.Errorf("Len() = %d, want 50; %d keys were copied, want %d", h.Len(), copies, want)
	}
	keys, values := ops.Keys(&h), ops.Values(&h)
	for i := range 50 {
		if keys[i].n != i || values[i] != i+50 {
			t.Errorf("Keys()[%d] = %d, Values()[%d] = %d", i, keys[i].n, i, values[i])
		}
	}
}

// TestHold changes a map of which a copy of the handle is to stay as it is, until
// the handler ends, in a tree and in a hash table.
func TestHold(t *testing.T) {
	t.Parallel()
	for _, n := range []int64{3, 200} {
		for _, order := range orders {
			journal := state.NewJournal()
			m := state.NewMaps[int64, int64](journal, order)
			var cell state.Map[int64, int64]
			for i := range n {
				m.Put(&cell, i, i)
			}
			journal.Commit()
			before := pairs(m.All(&cell))
			for _, kept := range []bool{false, true} {
				c := cell
				m.Put(&c, 0, 7)
				view := c
				m.Hold(&view)
				seen := pairs(m.All(&view))
				m.Put(&c, 0, 8)
				m.Put(&c, n, n)
				m.Remove(&c, 1)
				if diff := cmp.Diff(seen, pairs(m.All(&view))); diff != "" {
					t.Fatalf("%d entries: what is held has changed (-before +after):\n%s", n, diff)
				}
				if got := m.Get(&c, 0); got != value.Some(int64(8)) || c.Len() != int(n) {
					t.Fatalf("%d entries: the first is %v of %d, want 8 of %d", n, got, c.Len(), n)
				}
				if !kept {
					journal.Rollback()
					if diff := cmp.Diff(before, pairs(m.All(&cell))); diff != "" {
						t.Fatalf("%d entries: undone (-want +got):\n%s", n, diff)
					}
					continue
				}
				journal.Commit()
				again := c
				m.Put(&c, 5, 5)
				if m.Get(&again, 5) != m.Get(&c, 5) {
					t.Fatalf("%d entries: a map is held after the end of the handler", n)
				}
				journal.Commit()
			}
		}
	}
}
