package state_test

import (
	"cmp"
	"container/heap"
	"fmt"
	"math/rand/v2"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
)

type cell struct {
	state.Head

	n int64
	_ state.Timer
}

// timed is a cell with a timer.
type timed struct {
	state.Head

	at state.Timer
}

// keyOf returns a key of a length that grows with i, so that inline and long
// keys of many classes occur.
func keyOf(i int) string { return fmt.Sprintf("key-%d%s", i, strings.Repeat("x", i%90)) }

// TestStringsEqualsMap does random operations on a table and a map.
func TestStringsEqualsMap(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	table := state.NewStrings[cell]()
	want := map[string]int64{}
	for step := range 200_000 {
		key := keyOf(random.IntN(3000))
		hash := value.HashString(key)
		switch op := random.IntN(10); {
		case op < 5:
			id, c := table.At(hash, key)
			if c.n != want[key] {
				t.Fatalf("step %d: At(%q) = %d, want %d", step, key, c.n, want[key])
			}
			want[key]++
			table.Put(id, &cell{n: want[key]})
		case op < 8:
			id, _, ok := table.Get(hash, key)
			if _, wantOK := want[key]; ok != wantOK {
				t.Fatalf("step %d: Get(%q) = %t, want %t", step, key, ok, wantOK)
			}
			if ok {
				if got := table.Key(id); got != key {
					t.Fatalf("step %d: Key(%d) = %q, want %q", step, id, got, key)
				}
				table.Remove(id)
				delete(want, key)
			}
		case op < 9:
			table.Touch([]uint64{hash, hash + 1, hash << 32, 0})
		default:
			table.Sweep(20, func(_ uint32, c *cell) bool { return c.n%7 == 6 })
			for k, n := range want {
				if _, _, ok := table.Get(value.HashString(k), k); !ok {
					if n%7 != 6 {
						t.Fatalf("step %d: %q is gone", step, k)
					}
					delete(want, k)
				}
			}
		}
	}
	got := map[string]int64{}
	table.All(func(key string, c *cell) bool { got[strings.Clone(key)] = c.n; return true })
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("All() (-want +got):\n%s", diff)
	}
	if table.Len() != len(want) {
		t.Errorf("Len() = %d, want %d", table.Len(), len(want))
	}
}

// TestIntsEqualsMap does the same with integers whose hashes collide: so many that the
// lines of the index in which they are looked for overflow.
func TestIntsEqualsMap(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 6))
	table := state.NewInts[cell]()
	want := map[int64]int64{}
	keys := colliding(500)
	for step := range 100_000 {
		key := keys[random.IntN(len(keys))]
		hash := value.HashInt(key)
		if random.IntN(3) > 0 {
			id, c := table.At(hash, key)
			want[key]++
			if c.n++; c.n != want[key] {
				t.Fatalf("step %d: At(%d) = %d, want %d", step, key, c.n, want[key])
			}
			if table.Key(id) != key || table.Cell(id) != c {
				t.Fatalf("step %d: Key and Cell of %d do not agree with At", step, id)
			}
		} else if id, _, ok := table.Get(hash, key); ok {
			table.Remove(id)
			delete(want, key)
		}
	}
	got := map[int64]int64{}
	table.All(func(key int64, c *cell) bool { got[key] = c.n; return true })
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("All() (-want +got):\n%s", diff)
	}
}

// TestFewKeysThatComeAndGo: where an index has few lines, keys that come and go may have
// been led past every one of them, and a key that is nowhere is still not looked for for
// ever.
func TestFewKeysThatComeAndGo(t *testing.T) {
	t.Parallel()
	churn(t, state.NewInts[cell](), value.HashInt, func(i int) int64 { return int64(i) })
	churn(t, state.NewStrings[cell](), value.HashString, keyOf)
}

// churn keeps a table at the number of keys that two lines hold.
func churn[K comparable](t *testing.T, table interface {
	At(hash uint64, key K) (uint32, *cell)
	Get(hash uint64, key K) (uint32, *cell, bool)
	Remove(id uint32)
}, hash func(K) uint64, keyOf func(int) K,
) {
	const keys = 20
	random := rand.New(rand.NewPCG(7, 8))
	var live []K
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 200_000 {
			key := keyOf(i)
			if _, _, ok := table.Get(hash(key), key); ok {
				t.Errorf("Get(%v): found, and was never there", key)
				return
			}
			if len(live) == keys {
				at := random.IntN(keys)
				id, _, ok := table.Get(hash(live[at]), live[at])
				if !ok {
					t.Errorf("Get(%v): not found, and was never removed", live[at])
					return
				}
				table.Remove(id)
				live[at] = live[keys-1]
				live = live[:keys-1]
			}
			table.At(hash(key), key)
			live = append(live, key)
		}
	}()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatalf("a table of %T looks for a key that it does not have for ever", live)
	}
}

// TestManyKeysAreFound adds so many keys that the index grows in all its ways.
func TestManyKeysAreFound(t *testing.T) {
	t.Parallel()
	const keys = 1_100_000
	table := state.NewInts[cell]()
	for key := range int64(keys) {
		_, c := table.At(value.HashInt(key), key)
		c.n = key
	}
	for key := range int64(keys) {
		if id, c, ok := table.Get(value.HashInt(key), key); !ok || c.n != key {
			t.Fatalf("Get(%d) = %d, %t", key, id, ok)
		}
	}
	if _, _, ok := table.Get(value.HashInt(keys), keys); ok || table.Len() != keys {
		t.Errorf("a table of %d keys has %d, or another: %t", keys, table.Len(), ok)
	}
}

// colliding returns so many keys whose hashes are the same in both parts that an index
// looks at, but for one bit of each.
func colliding(n int) []int64 {
	var keys []int64
	for key := int64(0); len(keys) < n; key++ {
		if hash := value.HashInt(key); hash>>24&0x7f == 0x55 && hash>>32&0xfe == 0xaa {
			keys = append(keys, key)
		}
	}
	return keys
}

// TestManyTimersOfAKey: a key that is removed gets its slot back when the last of its
// timers has left the queue, also where they are more than its cell counts.
func TestManyTimersOfAKey(t *testing.T) {
	t.Parallel()
	const timers = 70_000
	table := state.NewInts[timed]()
	queue := state.NewQueue(table)
	id, _ := table.At(value.HashInt(1), 1)
	for i := range timers {
		var timer state.Timer
		queue.Set(&timer, id, 0, value.Timestamp(i))
	}
	table.Remove(id)
	for i := range timers {
		if other, _ := table.At(value.HashInt(2), 2); other == id {
			t.Fatalf("a key got the slot of one of which %d timers are queued", timers-i)
		}
		table.Remove(id + 1)
		queue.Pop()
	}
	if other, _ := table.At(value.HashInt(2), 2); other != id {
		t.Errorf("the slot of a key without timers is not free: the next key got %d", other)
	}
}

// TestCellsBeginWithAHead: what a table notes would overwrite a cell otherwise.
func TestCellsBeginWithAHead(t *testing.T) {
	t.Parallel()
	for name, make := range map[string]func(){
		"none": func() { state.NewInts[int64]() },
		"behind": func() {
			state.NewStrings[struct {
				n int64
				state.Head
			}]()
		},
	} {
		if !panics(make) {
			t.Errorf("a table of cells with a Head %s is made", name)
		}
	}
}

func panics(call func()) (panicked bool) {
	defer func() { panicked = recover() != nil }()
	call()
	return false
}

// modelTimer is a timer of the plain model: a sorted slice of those that are
// set.
type modelTimer struct {
	at    value.Timestamp
	key   string
	timer uint32
}

// TestQueueEqualsSortedSlice sets, cancels and fires timers of keys that come
// and go, over few times, so that ties are many; some handlers are undone.
func TestQueueEqualsSortedSlice(t *testing.T) {
	t.Parallel()
	type timers struct {
		state.Head

		idle [2]state.Timer
	}
	random := rand.New(rand.NewPCG(7, 8))
	table := state.NewStrings[timers]()
	queue := state.NewQueue(table)
	model := map[modelTimer]bool{} // at most one time per key and timer
	find := func(key string, timer uint32) (modelTimer, bool) {
		for m := range model {
			if m.key == key && m.timer == timer {
				return m, true
			}
		}
		return modelTimer{}, false
	}
	now := value.Timestamp(0)
	for step := range 30_000 {
		key := keyOf(random.IntN(40))
		timer := uint32(random.IntN(2))
		id, c := table.At(value.HashString(key), key)
		copied := *c
		was, set := find(key, timer)
		if got := copied.idle[timer].Get(); got != (value.Option[value.Timestamp]{V: was.at, OK: set}) {
			t.Fatalf("step %d: Get() = %v, want %v %t", step, got, was.at, set)
		}
		switch op := random.IntN(12); {
		case op < 7:
			at := now + value.Timestamp(random.IntN(20)-2)
			queue.Set(&copied.idle[timer], id, timer, at)
			if undone := op == 0; !undone {
				table.Put(id, &copied)
				delete(model, was)
				model[modelTimer{at, key, timer}] = true
			}
		case op < 8:
			queue.Cancel(&copied.idle[timer])
			table.Put(id, &copied)
			delete(model, was)
		case op < 9:
			table.Remove(id)
			for i := range uint32(2) {
				m, _ := find(key, i)
				delete(model, m)
			}
		default:
			now += value.Timestamp(random.IntN(4))
			var got, want []modelTimer
			for queue.Next() <= now {
				e := queue.Pop()
				if queue.Fires(&table.Cell(e.ID).idle[e.Timer], e) {
					got = append(got, modelTimer{e.At, strings.Clone(table.Key(e.ID)), e.Timer})
				}
			}
			for m := range model {
				if m.at <= now {
					want = append(want, m)
					delete(model, m)
				}
			}
			sort.Slice(want, func(i, j int) bool {
				a, b := want[i], want[j]
				if a.at != b.at {
					return a.at < b.at
				}
				return a.key < b.key || a.key == b.key && a.timer < b.timer
			})
			if diff := gocmp.Diff(want, got, gocmp.AllowUnexported(modelTimer{})); diff != "" {
				t.Fatalf("step %d: fired until %d (-want +got):\n%s", step, now, diff)
			}
		}
	}
	if queue.Len() > 10_000 {
		t.Errorf("Len() = %d: stale entries pile up", queue.Len())
	}
}

// TestQueueOfMany fires timers of many keys, some of which are set anew when they
// fire, at few times and at many, and looks at their order.
func TestQueueOfMany(t *testing.T) {
	t.Parallel()
	for _, times := range []int{1, 5, 300, 1 << 40} {
		for _, keyOf := range []func(i int) string{
			strconv.Itoa,
			func(i int) string { return fmt.Sprintf("user-%d", i) },
			func(i int) string { return fmt.Sprintf("a key that is longer, %d", i) },
		} {
			checkFiring(t, times, keyOf)
		}
	}
}

// modelHeap is a heap of timers in the order in which they fire.
type modelHeap []modelTimer

func (h modelHeap) Len() int      { return len(h) }
func (h modelHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *modelHeap) Push(x any)   { *h = append(*h, x.(modelTimer)) }
func (h *modelHeap) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

func (h modelHeap) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(h[i].at, h[j].at), cmp.Compare(h[i].key, h[j].key), cmp.Compare(h[i].timer, h[j].timer)) < 0
}

func checkFiring(t *testing.T, times int, keyOf func(i int) string) {
	t.Helper()
	const keys = 3000
	type timers struct {
		state.Head

		idle [2]state.Timer
	}
	random := rand.New(rand.NewPCG(uint64(times), 8))
	table := state.NewStrings[timers]()
	queue := state.NewQueue(table)
	var model modelHeap
	set := func(id, timer uint32, at int) {
		queue.Set(&table.Cell(id).idle[timer], id, timer, value.Timestamp(at))
		heap.Push(&model, modelTimer{value.Timestamp(at), table.Key(id), timer})
	}
	for range 2 * keys {
		key := keyOf(random.IntN(keys))
		id, c := table.At(value.HashString(key), key)
		if timer := uint32(random.IntN(2)); !c.idle[timer].IsSet() {
			set(id, timer, random.IntN(times))
		}
	}
	again := keys
	for mark := 0; model.Len() > 0; mark += max(times/7, 1) {
		for queue.Due(value.Timestamp(mark)) {
			e := queue.Pop()
			want := heap.Pop(&model).(modelTimer)
			if got := (modelTimer{e.At, table.Key(e.ID), e.Timer}); got != want || !queue.Fires(&table.Cell(e.ID).idle[e.Timer], e) {
				t.Fatalf("%d times: at %d fires %+v, want %+v", times, mark, got, want)
			}
			if again > 0 && random.IntN(2) == 0 {
				again--
				set(e.ID, e.Timer, int(e.At)+random.IntN(2)*random.IntN(times))
			}
		}
		if queue.Next() <= value.Timestamp(mark) || queue.Len() != model.Len() {
			t.Fatalf("%d times: at %d the next is due at %d, with %d left of %d", times, mark, queue.Next(), queue.Len(), model.Len())
		}
	}
}

func TestQueueBorders(t *testing.T) {
	t.Parallel()
	table := state.NewInts[timed]()
	queue := state.NewQueue(table)
	if queue.Next() <= value.MaxTime {
		t.Errorf("Next() of an empty queue = %d, want a time after %d", queue.Next(), value.MaxTime)
	}
	for i, at := range []value.Timestamp{value.MaxTime, value.MinTime} {
		id, c := table.At(value.HashInt(int64(i)), int64(i))
		queue.Set(&c.at, id, 0, at)
		if got := c.at.Get(); got != value.Some(at) {
			t.Errorf("Get() = %v, want %d", got, at)
		}
	}
	for _, want := range []value.Timestamp{value.MinTime, value.MaxTime} {
		if e := queue.Pop(); e.At != want || !queue.Fires(&table.Cell(e.ID).at, e) {
			t.Errorf("Pop() = %+v, want a timer due at %d", e, want)
		}
	}
}

// TestLongKeysReuseRoom churns through keys and looks at how much memory the
// table holds on to. It is not parallel, as it counts allocations.
func TestLongKeysReuseRoom(t *testing.T) {
	table := state.NewStrings[cell]()
	churn := func(from, to int) {
		for i := from; i < to; i++ {
			key := fmt.Sprintf("a key that does not fit an entry %d", i)
			id, _ := table.At(value.HashString(key), key)
			table.Remove(id)
		}
	}
	churn(0, 1000)
	allocs := testing.AllocsPerRun(10, func() {
		key := "a key that does not fit an entry either"
		id, _ := table.At(value.HashString(key), key)
		table.Remove(id)
	})
	if allocs > 0 {
		t.Errorf("a key that comes and goes costs %v allocations, want 0", allocs)
	}
}
