package state_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/flow-lang/flowc/rt/state"
)

// BenchmarkMap is m[k] = (m[k] ?? 0) + n on one map of so many keys in random
// order, beside the same on a Go map.
func BenchmarkMap(b *testing.B) {
	for _, keys := range []int{4, 16, 100, 1000, 100_000, 1_000_000} {
		order := make([]int64, 1<<16)
		random := rand.New(rand.NewPCG(1, 1))
		for i := range order {
			order[i] = random.Int64N(int64(keys)) * 1_000_003
		}
		b.Run(fmt.Sprintf("keys=%d/maps", keys), func(b *testing.B) {
			journal := state.NewJournal()
			m := state.NewMaps[int64, int64](journal, state.Ordered[int64]())
			var h state.Map[int64, int64]
			for i := range int64(keys) {
				m.Put(&h, i*1_000_003, 0)
			}
			journal.Commit()
			b.ResetTimer()
			for i := range b.N {
				k := order[i&(len(order)-1)]
				m.Put(&h, k, m.Get(&h, k).Or(0)+1)
				journal.Commit()
			}
		})
		b.Run(fmt.Sprintf("keys=%d/ref", keys), func(b *testing.B) {
			journal := state.NewJournal()
			m := state.NewMaps[int64, int64](journal, state.Ordered[int64]())
			var h state.Map[int64, int64]
			for i := range int64(keys) {
				m.Put(&h, i*1_000_003, 0)
			}
			journal.Commit()
			b.ResetTimer()
			for i := range b.N {
				v, _ := m.Ref(&h, order[i&(len(order)-1)])
				*v++
				journal.Commit()
			}
		})
		b.Run(fmt.Sprintf("keys=%d/go", keys), func(b *testing.B) {
			m := map[int64]int64{}
			for i := range int64(keys) {
				m[i*1_000_003] = 0
			}
			b.ResetTimer()
			for i := range b.N {
				k := order[i&(len(order)-1)]
				m[k] = m[k] + 1
			}
		})
	}
}

// BenchmarkStringMap is the same with strings for keys.
func BenchmarkStringMap(b *testing.B) {
	for _, keys := range []int{4, 16, 100, 1000, 100_000, 1_000_000} {
		names := make([]string, keys)
		for i := range names {
			names[i] = fmt.Sprintf("item-%07d", i)
		}
		order := make([]string, 1<<16)
		random := rand.New(rand.NewPCG(1, 1))
		for i := range order {
			order[i] = names[random.IntN(keys)]
		}
		b.Run(fmt.Sprintf("keys=%d/maps", keys), func(b *testing.B) {
			journal := state.NewJournal()
			m := state.NewMaps[string, int64](journal, state.Ordered[string]())
			var h state.Map[string, int64]
			for _, name := range names {
				m.Put(&h, name, 0)
			}
			journal.Commit()
			b.ResetTimer()
			for i := range b.N {
				k := order[i&(len(order)-1)]
				m.Put(&h, k, m.Get(&h, k).Or(0)+1)
				journal.Commit()
			}
		})
		b.Run(fmt.Sprintf("keys=%d/go", keys), func(b *testing.B) {
			m := map[string]int64{}
			for _, name := range names {
				m[name] = 0
			}
			b.ResetTimer()
			for i := range b.N {
				k := order[i&(len(order)-1)]
				m[k] = m[k] + 1
			}
		})
	}
}

// BenchmarkGrow fills a map in random order and loops over it in key order.
func BenchmarkGrow(b *testing.B) {
	for _, keys := range []int{8, 1000, 100_000} {
		order := rand.New(rand.NewPCG(1, 1)).Perm(keys)
		b.Run(fmt.Sprintf("keys=%d/maps", keys), func(b *testing.B) {
			journal := state.NewJournal()
			m := state.NewMaps[int64, int64](journal, state.Ordered[int64]())
			b.ReportAllocs()
			for range b.N {
				var h state.Map[int64, int64]
				for _, k := range order {
					m.Put(&h, int64(k), 1)
					journal.Commit()
				}
				sum := int64(0)
				for _, v := range m.All(&h) {
					sum += v
				}
				if sum != int64(keys) {
					b.Fatal(sum)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*keys), "ns/key")
		})
		b.Run(fmt.Sprintf("keys=%d/go", keys), func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				m := map[int64]int64{}
				for _, k := range order {
					m[int64(k)] = 1
				}
				sorted := make([]int64, 0, len(m))
				for k := range m {
					sorted = append(sorted, k)
				}
				slices.Sort(sorted)
				sum := int64(0)
				for _, k := range sorted {
					sum += m[k]
				}
				if sum != int64(keys) {
					b.Fatal(sum)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*keys), "ns/key")
		})
	}
}

// BenchmarkRecent is a sliding sum: each record is put under its time, what is
// old is cut off, and the last entries are added up. The hand-written loop does
// it on a slice, which it appends to.
func BenchmarkRecent(b *testing.B) {
	for _, recent := range []int64{5, 50, 500} {
		b.Run(fmt.Sprintf("entries=%d/maps", recent), func(b *testing.B) {
			journal := state.NewJournal()
			m := state.NewMaps[int64, int64](journal, state.Ordered[int64]())
			var h state.Map[int64, int64]
			b.ReportAllocs()
			sum := int64(0)
			for i := range int64(b.N) {
				m.Put(&h, i, i)
				m.RemoveBefore(&h, i-3*recent)
				sum = 0
				for _, n := range m.Range(&h, state.Between(i-recent, i+1)) {
					sum += n
				}
				journal.Commit()
			}
		})
		b.Run(fmt.Sprintf("entries=%d/go", recent), func(b *testing.B) {
			type entry struct{ at, n int64 }
			var seen []entry
			find := func(at int64) int {
				i, _ := slices.BinarySearchFunc(seen, at, func(e entry, at int64) int { return int(e.at - at) })
				return i
			}
			b.ReportAllocs()
			sum := int64(0)
			for i := range int64(b.N) {
				if n := len(seen); n == 0 || seen[n-1].at < i {
					seen = append(seen, entry{i, i})
				} else {
					seen = slices.Insert(seen, find(i), entry{i, i})
				}
				for len(seen) > 0 && seen[0].at < i-3*recent {
					seen = seen[1:]
				}
				sum = 0
				for _, e := range seen[find(i-recent):find(i+1)] {
					sum += e.n
				}
			}
		})
	}
}

// BenchmarkList appends to the lists of many keys and adds them up.
func BenchmarkList(b *testing.B) {
	b.Run("list", func(b *testing.B) {
		lists := make([]state.List[int64], 1000)
		sum := int64(0)
		for i := range b.N {
			l := &lists[i*7919%len(lists)]
			l.Append(int64(i))
			for _, n := range l.Items() {
				sum += n
			}
			if l.Len() == 100 {
				l.Clear()
			}
		}
	})
	b.Run("go", func(b *testing.B) {
		lists := make([][]int64, 1000)
		sum := int64(0)
		for i := range b.N {
			l := &lists[i*7919%len(lists)]
			*l = append(*l, int64(i))
			for _, n := range *l {
				sum += n
			}
			if len(*l) == 100 {
				*l = nil
			}
		}
	})
}
