package state_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
)

// account is 32 bytes, as a cell with a sum, a count, a maximum and a time.
type account struct {
	state.Head

	sum, count, most int64
}

const batch = 256

// BenchmarkReadModifyWrite is the work of one record on keyed state: find the
// cell of a key, change it, write it back. Keys are uniform and come in batches,
// as from an edge; hashes are there already. Each record depends on the one
// before, as handlers do, so that look-ups do not overlap by themselves.
func BenchmarkReadModifyWrite(b *testing.B) {
	for _, keys := range []int{1e5, 1e6} {
		names, hashes := make([]string, keys), make([]uint64, keys)
		for i := range names {
			names[i] = fmt.Sprintf("user-%07d", i)
			hashes[i] = value.HashString(names[i])
		}
		order := make([]int, 1<<20)
		random := rand.New(rand.NewPCG(1, 1))
		for i := range order {
			order[i] = random.IntN(keys)
		}
		b.Run(fmt.Sprintf("keys=%d/table", keys), func(b *testing.B) { benchTable(b, names, hashes, order) })
		b.Run(fmt.Sprintf("keys=%d/map of pointers", keys), func(b *testing.B) { benchPointers(b, names, order) })
		b.Run(fmt.Sprintf("keys=%d/map of values", keys), func(b *testing.B) { benchValues(b, names, order) })
	}
}

// next returns the key of record i, which depends on what the last one left.
func next(order []int, i int, last int64) int { return order[i&(len(order)-1)] ^ int(last>>62) }

func benchTable(b *testing.B, names []string, hashes []uint64, order []int) {
	table := state.NewStrings[account]()
	for i, name := range names {
		table.At(hashes[i], name)
	}
	b.ResetTimer()
	touch := make([]uint64, batch)
	var last int64
	for i := 0; i < b.N; i += batch {
		for k := range touch {
			touch[k] = hashes[next(order, i+k, 0)]
		}
		table.Touch(touch)
		for k := range touch {
			id, cell := table.At(touch[k], names[next(order, i+k, last)])
			c := *cell
			c.sum, c.count, c.most = c.sum+int64(i), c.count+1, max(c.most, int64(i))
			table.Put(id, &c)
			last = c.count
		}
	}
}

func benchPointers(b *testing.B, names []string, order []int) {
	table := map[string]*account{}
	for _, name := range names {
		table[name] = &account{}
	}
	b.ResetTimer()
	var last int64
	for i := range b.N {
		c := table[names[next(order, i, last)]]
		c.sum, c.count, c.most = c.sum+int64(i), c.count+1, max(c.most, int64(i))
		last = c.count
	}
}

func benchValues(b *testing.B, names []string, order []int) {
	table := map[string]account{}
	for _, name := range names {
		table[name] = account{}
	}
	b.ResetTimer()
	var last int64
	for i := range b.N {
		name := names[next(order, i, last)]
		c := table[name]
		c.sum, c.count, c.most = c.sum+int64(i), c.count+1, max(c.most, int64(i))
		table[name] = c
		last = c.count
	}
}

// BenchmarkTimers sets each key's timer later again and again, as a session
// does, and fires what is due.
func BenchmarkTimers(b *testing.B) {
	const keys = 1 << 17
	table := state.NewInts[timed]()
	queue := state.NewQueue(table)
	hashes := make([]uint64, keys)
	for i := range hashes {
		hashes[i] = value.HashInt(int64(i))
	}
	b.ResetTimer()
	for i := range b.N {
		now := value.Timestamp(i)
		key := int64(i*7919) & (keys - 1)
		id, c := table.At(hashes[key], key)
		queue.Set(&c.at, id, 0, now+keys/2)
		for queue.Next() <= now {
			e := queue.Pop()
			if queue.Fires(&table.Cell(e.ID).at, e) {
				table.Remove(e.ID)
			}
		}
	}
}
