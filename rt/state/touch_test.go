package state_test

import (
	"fmt"
	"slices"
	"strconv"
	"testing"

	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
)

// TestNear asks for the cells of keys that are there, were there and never were.
func TestNear(t *testing.T) {
	t.Parallel()
	table := state.NewStrings[cell]()
	ids := map[uint64]uint32{}
	hash := func(i int) uint64 { return value.HashString(keyOf(i)) }
	for i := range 1023 {
		ids[hash(i)], _ = table.At(hash(i), keyOf(i))
	}
	if got := table.Near([]uint64{hash(0)}); got != nil {
		t.Errorf("Near of a table of %d keys = %v, want none", table.Len(), got)
	}
	for i := 1023; i < 5000; i++ {
		ids[hash(i)], _ = table.At(hash(i), keyOf(i))
	}
	for i := range 5000 {
		id := ids[hash(i)]
		table.Put(id, &cell{n: int64(i + 1)})
		if i%3 == 0 {
			table.Remove(id)
		}
	}
	var hashes []uint64
	var want []int64
	for i := range 10_000 {
		hashes = append(hashes, hash(i))
		if want = append(want, 0); i < 5000 && i%3 != 0 {
			want[i] = int64(i + 1)
		}
	}
	n, as := 0, 0 // cells, and those that are the keys' own
	for n < len(hashes) {
		cells := table.Near(hashes[n:])
		if most := min(state.Ahead, len(hashes)-n); len(cells) != most {
			t.Fatalf("Near after %d = %d cells, want %d", n, len(cells), most)
		}
		for _, c := range cells {
			if c.n == want[n] {
				as++
			}
			n++
		}
	}
	if as < len(want)*9/10 {
		t.Errorf("%d of %d cells are those of their keys, want nearly all", as, len(want))
	}
}

// TestTouchMaps fetches from maps of every shape, with and without the keys that are
// asked for. It changes nothing.
func TestTouchMaps(t *testing.T) {
	t.Parallel()
	for _, ranged := range []bool{false, true} {
		for _, n := range []int{0, 1, 2, 16, 17, 64, 65, 1000} {
			t.Run(fmt.Sprintf("ranged=%t/n=%d", ranged, n), func(t *testing.T) {
				t.Parallel()
				maps := state.NewMaps[int64, string](state.NewJournal(), state.Ordered[int64]())
				var h state.Map[int64, string]
				if ranged {
					maps.Count(&h, state.Span[int64]{})
				}
				touchMap(maps, &h)
				for i := range n {
					maps.Put(&h, int64(i)*2, strconv.Itoa(i))
				}
				want := maps.Values(&h)
				touchMap(maps, &h)
				if got := maps.Values(&h); !slices.Equal(got, want) {
					t.Errorf("values after = %q, want %q", got, want)
				}
				for i := range n {
					maps.Remove(&h, int64(i)*2)
				}
				touchMap(maps, &h)
				if h.Len() != 0 {
					t.Errorf("an empty map has %d entries", h.Len())
				}
			})
		}
	}
}

func touchMap(maps *state.Maps[int64, string], h *state.Map[int64, string]) {
	maps.Touch(h)
	maps.TouchChunk(h)
	maps.TouchEnds(h)
	for k := range int64(200) {
		maps.TouchSlot(h, k)
		maps.TouchEntry(h, k)
	}
}

// TestTouchOthers fetches from collections that are no maps with values.
func TestTouchOthers(t *testing.T) {
	t.Parallel()
	journal := state.NewJournal()
	sets := state.NewMaps[string, struct{}](journal, state.Ordered[string]())
	ended := state.NewTTLMaps[string, int64](journal, state.Ordered[string](), state.TTL{For: value.Minute})
	lists := state.NewTTLLists[string](journal, state.TTL{For: value.Minute})
	var set state.Set[string]
	var end state.TTLMap[string, int64]
	var list state.TTLList[string]
	var plain state.List[struct{}]
	for i := range 100 {
		sets.Touch(&set)
		sets.TouchSlot(&set, "x7")
		sets.TouchEntry(&set, "x7")
		sets.TouchEnds(&set)
		ended.Touch(&end)
		ended.TouchChunk(&end)
		ended.TouchEnds(&end)
		ended.TouchSlot(&end, "x7")
		ended.TouchEntry(&end, "x7")
		lists.Touch(&list)
		lists.TouchChunk(&list)
		lists.TouchEnds(&list)
		plain.Touch()
		if n := []int{set.Len(), end.Len(), list.Len(), plain.Len()}; !slices.Equal(n, []int{i, i, i, i}) {
			t.Fatalf("lengths after %d = %v", i, n)
		}
		x := "x" + strconv.Itoa(i)
		sets.Put(&set, x, struct{}{})
		ended.Begin(&end, 0, 0)
		ended.Put(&end, x, 1)
		lists.Begin(&list, 0, 0)
		lists.Append(&list, x)
		plain.Append(struct{}{})
		journal.Commit()
	}
}

// BenchmarkAhead adds to an entry of a map of one of many keys, with what it needs
// fetched before and without.
func BenchmarkAhead(b *testing.B) {
	type cell struct {
		state.Head

		m state.Map[int64, int64]
	}
	const entries = 100
	for _, keys := range []int{100, 10_000} {
		for _, ahead := range []bool{false, true} {
			b.Run(fmt.Sprintf("keys=%d/ahead=%t", keys, ahead), func(b *testing.B) {
				table := state.NewInts[cell]()
				journal := state.NewJournal()
				maps := state.NewMaps[int64, int64](journal, state.Ordered[int64]())
				add := func(hash uint64, key, entry int64) {
					id, was := table.At(hash, key)
					c := *was
					v, _ := maps.Ref(&c.m, entry)
					*v++
					table.Put(id, &c)
					journal.Commit()
				}
				for i := range int64(keys * entries) {
					add(value.HashInt(i%int64(keys)), i%int64(keys), i/int64(keys))
				}
				order := make([]int64, 1<<20)
				hashes := make([]uint64, len(order))
				for i := range order {
					order[i] = int64(value.HashInt(int64(i)) % uint64(keys))
					hashes[i] = value.HashInt(order[i])
				}
				b.ResetTimer()
				for i := range b.N {
					i &= len(order) - 1
					if i%state.Ahead == 0 && ahead {
						table.Touch(hashes[i : i+state.Ahead])
						cells := table.Near(hashes[i:])
						for _, c := range cells {
							maps.Touch(&c.m)
						}
						for j, c := range cells {
							maps.TouchSlot(&c.m, int64(i+j)%entries)
						}
						for j, c := range cells {
							maps.TouchEntry(&c.m, int64(i+j)%entries)
						}
					}
					add(hashes[i], order[i], int64(i)%entries)
				}
			})
		}
	}
}
