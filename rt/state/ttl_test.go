package state_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
)

// stamped is an entry of the plain model of a map with a ttl.
type stamped struct {
	v     int64
	since value.Timestamp
}

// ttlModel is what one key has.
type ttlModel map[int64]stamped

// TestTTLMapsEqualMap does random operations at times that go back and forth,
// in handlers of which some are undone.
func TestTTLMapsEqualMap(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]state.Access{
		"after write": state.AfterWrite, "after read": state.AfterRead, "after create": state.AfterCreate,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testTTL(t, state.TTL{For: 100, After: after})
		})
	}
}

func testTTL(t *testing.T, ttl state.TTL) {
	random := rand.New(rand.NewPCG(uint64(ttl.After), 3))
	journal := state.NewJournal()
	ops := state.NewTTLMaps[int64, int64](journal, state.Ordered[int64](), ttl)
	var cell state.TTLMap[int64, int64]
	kept := ttlModel{}
	mark := value.Timestamp(0)
	for handler := range 20_000 {
		mark += value.Timestamp(random.IntN(8))
		at := mark + value.Timestamp(random.IntN(60)-30)
		c, model := cell, maps.Clone(kept)
		now := max(at, mark)
		ops.Begin(&c, now, at)
		model.expire(now, ttl)
		for range random.IntN(6) {
			changeTTL(t, random, ops, &c, model, at, ttl)
		}
		if random.IntN(4) == 0 {
			journal.Rollback()
		} else {
			journal.Commit()
			cell, kept = c, model
		}
		if random.IntN(10) == 0 {
			left := len(kept)
			n := ops.Sweep(&cell, mark, 3)
			kept.expireSome(mark, ttl, cell.Len(), left)
			if n > 3 {
				t.Fatalf("Sweep looked at %d, want at most 3", n)
			}
		}
		if cell.Len() != len(kept) {
			t.Fatalf("after handler %d Len() = %d, want %d", handler, cell.Len(), len(kept))
		}
	}
}

func (m ttlModel) expire(now value.Timestamp, ttl state.TTL) {
	maps.DeleteFunc(m, func(_ int64, e stamped) bool { return e.since+value.Timestamp(ttl.For) <= now })
}

// expireSome does what a sweep does that has left so many entries: those that
// are longest over go first.
func (m ttlModel) expireSome(now value.Timestamp, ttl state.TTL, want, have int) {
	keys := slices.SortedFunc(maps.Keys(m), func(a, b int64) int { return int(m[a].since - m[b].since) })
	for _, k := range keys[:have-want] {
		if m[k].since+value.Timestamp(ttl.For) <= now {
			delete(m, k)
		}
	}
}

// changeTTL does one random operation.
func changeTTL(t *testing.T, random *rand.Rand, ops *state.TTLMaps[int64, int64], c *state.TTLMap[int64, int64],
	model ttlModel, at value.Timestamp, ttl state.TTL) {
	t.Helper()
	read := func(k int64) {
		if e, ok := model[k]; ok && ttl.After == state.AfterRead {
			model[k] = stamped{e.v, max(e.since, at)}
		}
	}
	k, v := random.Int64N(30), random.Int64()
	e, ok := model[k]
	switch random.IntN(8) {
	case 0, 1, 2:
		switch {
		case !ok:
			e.since = at
		case ttl.After != state.AfterCreate:
			e.since = max(e.since, at)
		}
		ops.Put(c, k, v)
		model[k] = stamped{v, e.since}
	case 3:
		ops.Remove(c, k)
		delete(model, k)
	case 4:
		want := value.Option[int64]{V: e.v, OK: ok}
		if got := ops.Get(c, k); got != want {
			t.Fatalf("Get(%d) = %v, want %v", k, got, want)
		}
		read(k)
	case 5:
		if random.IntN(5) == 0 {
			ops.RemoveBefore(c, k)
			maps.DeleteFunc(model, func(other int64, _ stamped) bool { return other < k })
		}
		if random.IntN(20) == 0 {
			ops.Clear(c)
			clear(model)
		}
	default:
		var want []state.Pair[int64, int64]
		for i := k; i < k+5; i++ {
			if e, ok := model[i]; ok {
				want = append(want, state.Pair[int64, int64]{Key: i, Value: e.v})
			}
		}
		checkTTLSpan(t, ops, c, state.Between(k, k+5), want)
		for _, p := range want {
			read(p.Key)
		}
	}
}

func checkTTLSpan(t *testing.T, ops *state.TTLMaps[int64, int64], c *state.TTLMap[int64, int64],
	span state.Span[int64], want []state.Pair[int64, int64]) {
	t.Helper()
	if diff := cmp.Diff(want, pairs(ops.Range(c, span))); diff != "" {
		t.Fatalf("Range (-want +got):\n%s", diff)
	}
	if got := ops.First(c, span); got != value.First(want) {
		t.Fatalf("First = %v, want %v", got, value.First(want))
	}
	if got := ops.Last(c, span); got != value.Last(want) {
		t.Fatalf("Last = %v, want %v", got, value.Last(want))
	}
	if got := ops.Count(c, span); got != len(want) {
		t.Fatalf("Count = %d, want %d", got, len(want))
	}
}

// TestTTLListEnds appends at times that go back and forth.
func TestTTLListEnds(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(4, 4))
	journal := state.NewJournal()
	ops := state.NewTTLLists[int64](journal, state.TTL{For: 50})
	var cell state.TTLList[int64]
	var kept []stamped
	for handler := range 5000 {
		at := value.Timestamp(handler + random.IntN(40))
		c, model := cell, slices.Clone(kept)
		ops.Begin(&c, at, at)
		model = slices.DeleteFunc(model, func(e stamped) bool { return e.since+50 <= at })
		for range random.IntN(3) {
			v := random.Int64()
			ops.Append(&c, v)
			model = append(model, stamped{v, at})
		}
		if random.IntN(100) == 0 {
			ops.Clear(&c)
			model = nil
		}
		if random.IntN(4) == 0 {
			journal.Rollback()
		} else {
			journal.Commit()
			cell, kept = c, model
		}
		var want []int64
		for _, e := range kept {
			want = append(want, e.v)
		}
		if diff := cmp.Diff(want, slices.Collect(ops.All(&cell))); diff != "" {
			t.Fatalf("after handler %d All() (-want +got):\n%s", handler, diff)
		}
		if cell.Len() != len(kept) || cell.Empty() != (len(kept) == 0) {
			t.Fatalf("Len() = %d, want %d", cell.Len(), len(kept))
		}
	}
}
