package statetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
)

// RunLazy runs the contract against a [state.Lazy] of stores, some of whose keys lie in
// what up to three older programs have left. These have the same records, in states
// with greater numbers.
func RunLazy(t *testing.T, with func(t *testing.T, o state.StoresOptions) state.Stores) {
	t.Run("moves", func(t *testing.T) { moves(t, with(t, state.StoresOptions{})) })
	t.Run("behind", func(t *testing.T) { behind(t, with(t, state.StoresOptions{})) })
	t.Run("meanwhile", func(t *testing.T) { meanwhile(t, with) })
	t.Run("rests", func(t *testing.T) { rests(t, with(t, state.StoresOptions{})) })
	for seed := range uint64(3) {
		open := func(t *testing.T, of state.Shape, first int) state.Store {
			return newUpgraded(t, with(t, state.StoresOptions{}), of, first, seed)
		}
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Run("keys", func(t *testing.T) { keys(t, open(t, shape, 1)) })
			t.Run("lists", func(t *testing.T) { lists(t, open(t, listShape, 0)) })
			t.Run("records", func(t *testing.T) { records(t, open(t, shape, 0)) })
			t.Run("random", func(t *testing.T) { random(t, open(t, shape, 0), seed) })
			t.Run("spill", func(t *testing.T) {
				u := newUpgraded(t, with(t, state.StoresOptions{}), counterShape, 0, seed)
				u.spilled = true
				spilled(t, newCounter, u, u.restart, seed)
			})
			t.Run("spill by rows", func(t *testing.T) {
				u := newUpgraded(t, with(t, state.StoresOptions{}), singleShape, 0, seed)
				u.spilled = true
				spilled(t, newSingle, u, u.restart, seed)
			})
		})
	}
}

// moves says that all keys of a shard move in the end, though nobody reads them, that
// nothing of them is left where they were, and that what all shards have stays there.
func moves(t *testing.T, stores state.Stores) {
	const first = 1
	was := stores.Shard(shape, first, groups-1)
	var list []state.Record
	for n := range int64(200) {
		r := rec(0, fmt.Sprintf("key%03d", n), "", "a value")
		r.Group = int(first + n%(groups-first))
		timer := r
		timer.State, timer.Value = 2, long(1000+n)
		list = append(list, r, timer)
	}
	send(t, was, 0, list...)
	all := scan(t, was)
	shared := rec(0, "", "", "of all")
	shared.Group = 0
	send(t, was, 0, shared)
	later := shape
	later.Operator++
	now := stores.Shard(later, first, groups-1)
	l := state.NewLazy(now, []state.Former{{
		Store:   func() state.Store { return stores.Shard(shape, first, groups-1) },
		Convert: func() state.Convert { return asTheyAre },
	}}, state.LazyOptions{First: first, Last: groups - 1, Portion: 500, Aside: stores.Aside})
	defer l.Stop()
	want(t, "what all shards have", load(t, l, 0, ""), `0 "" 0 "" "of all" 0`)
	for range list {
		if !l.Over() {
			send(t, l, 0)
		}
	}
	if !l.Over() {
		t.Error("keys do not move to the end")
	}
	want(t, "what all shards have, where it was", load(t, was, 0, ""), `0 "" 0 "" "of all" 0`)
	if left := scan(t, was); len(left) > 1 {
		t.Errorf("where it was are %q", left)
	}
	want(t, "timers where they were", due(t, was, false, 0))
	want(t, "what has moved", slices.DeleteFunc(scan(t, now), func(r string) bool { return r == `0 "" 0 "" "of all" 0` }), all...)
}

// asTheyAre is a [state.Convert] that changes nothing.
func asTheyAre(records []state.Record, emit func(*state.Record) error) error {
	for i := range records {
		if err := emit(&records[i]); err != nil {
			return err
		}
	}
	return nil
}

// rests says that what moves keys beside rests now and then, and goes on with the next
// batch where one that came meanwhile has stopped it.
func rests(t *testing.T, stores state.Stores) {
	const few = 500 // keys, more than are moved between two rests
	was := stores.Shard(shape, 0, groups-1)
	var list []state.Record
	for n := range 2 * few {
		list = append(list, rec(0, fmt.Sprintf("key%04d", n), "", "a value"))
	}
	send(t, was, 0, list...)
	later := shape
	later.Operator++
	now := stores.Shard(later, 0, groups-1)
	begun := 0
	l := state.NewLazy(now, []state.Former{{
		Store:   func() state.Store { return stores.Shard(shape, 0, groups-1) },
		Convert: func() state.Convert { return asTheyAre },
	}}, state.LazyOptions{
		First: 0, Last: groups - 1, Portion: 1 << 20,
		Aside: func(work func(beside bool)) { go work(true) },
		Pace: func() state.Rest {
			begun++
			return func(stop <-chan struct{}) { <-stop }
		},
	})
	defer l.Stop()
	moved := 0
	l.Begin()
	for batches := 1; !l.Over(); batches++ {
		send(t, l, 0)
		if n := len(scan(t, now)); n <= moved || n-moved > few {
			t.Fatalf("batch %d moves %d keys, not some until it rests", batches, n-moved)
		} else {
			moved = n
		}
		if batches > 2*few {
			t.Fatal("keys do not move to the end")
		}
	}
	if begun < 3 {
		t.Errorf("%d times keys have moved beside, not several", begun)
	}
	if left := scan(t, was); len(left) > 0 || moved != 2*few {
		t.Errorf("%d keys have moved, and %d are left", moved, len(left))
	}
}

// upgraded is a store whose program is changed now and then: between two batches, or by
// who has it.
type upgraded struct {
	*state.Lazy
	t       *testing.T
	stores  state.Stores
	shape   state.Shape // of the first program
	first   int
	rng     *rand.Rand
	changes int // so far
	fired   [2]value.Timestamp
	spilled bool                // a [state.Spill] has it
	found   map[string]bool     // keys that were read since the program is as it is
	timers  []func(state.Batch) // all that were told: at each start they are told again
}

func newUpgraded(t *testing.T, stores state.Stores, of state.Shape, first int, seed uint64) *upgraded {
	u := &upgraded{t: t, stores: stores, shape: of, first: first, rng: rand.New(rand.NewPCG(seed, 4)), fired: [2]value.Timestamp{value.MinTime, value.MinTime}}
	u.open()
	t.Cleanup(func() { u.Stop() })
	return u
}

// shapeAt is that of the program after some changes: each has a state more, before all
// others.
func (u *upgraded) shapeAt(changes int) state.Shape {
	s := u.shape
	more := u.more(changes)
	s.Operator = 10*s.Operator + changes
	s.States += more
	s.Maps = append(make([]bool, more), s.Maps...)
	if s.Lists != nil {
		s.Lists = append(make([]bool, more), s.Lists...)
	}
	return s
}

// more is how many states the program after some changes has before all others: the
// last has none.
func (u *upgraded) more(changes int) int { return 3 - changes }

// open opens the rows of the program as it is now.
func (u *upgraded) open() {
	var formers []state.Former
	for was := u.changes - 1; was >= 0; was-- {
		convert := func(from, to int) state.Convert {
			return func(records []state.Record, emit func(*state.Record) error) error {
				for _, r := range records {
					r.State += to - from
					if err := emit(&r); err != nil {
						return err
					}
				}
				return nil
			}
		}
		formers = append(formers, state.Former{
			Store: func() state.Store { return u.stores.Shard(u.shapeAt(was), u.first, groups-1) },
			Convert: func() state.Convert {
				one := convert(u.more(was), u.more(was+1))
				return state.Chain(one, convert(u.more(was+1), u.more(u.changes)))
			},
		})
	}
	u.found = map[string]bool{}
	u.Lazy = state.NewLazy(u.stores.Shard(u.shapeAt(u.changes), u.first, groups-1), formers,
		state.LazyOptions{First: u.first, Last: groups - 1, Portion: 1 + u.rng.IntN(300), Aside: u.stores.Aside})
}

// change makes the program the next.
func (u *upgraded) change() {
	u.Stop()
	u.changes = min(u.changes+1, 3)
	u.open()
}

// restart changes the program now and then, and has it read what was stored.
func (u *upgraded) restart() {
	if u.rng.IntN(3) == 0 {
		u.change()
	} else {
		u.Stop()
		u.open()
	}
	u.Begin()
}

// shifted moves the states of a record to where the program has them.
func (u *upgraded) shifted(r *state.Record, by int) state.Record {
	s := *r
	s.State += by * u.more(u.changes)
	return s
}

func (u *upgraded) Load(group int, key []byte, each func(*state.Record) error) error {
	return u.Lazy.Load(group, key, func(r *state.Record) error {
		s := u.shifted(r, -1)
		return each(&s)
	})
}

func (u *upgraded) Scan(from state.Place) (state.Scan, error) {
	s, err := u.Lazy.Scan(from)
	return upgradedScan{s, u}, err
}

type upgradedScan struct {
	state.Scan
	u *upgraded
}

func (s upgradedScan) Next(bytes int, each func(*state.Record)) (bool, error) {
	return s.Scan.Next(bytes, func(r *state.Record) {
		own := s.u.shifted(r, -1)
		each(&own)
	})
}

// Due leaves out what the contract of a Lazy does not: timers of keys that have moved
// may be found in both places, and those that have fired where the key was.
func (u *upgraded) Due(clock bool, from state.Turn, each func(state.Turn, int, []byte) bool) error {
	last := ""
	fired := u.fired[0]
	if clock {
		fired = u.fired[1]
	}
	return u.Lazy.Due(clock, from, func(at state.Turn, group int, key []byte) bool {
		now := fmt.Sprintf("%d %d %q", at, group, key)
		again := now == last
		last = now
		return again || at.At < fired || each(at, group, key)
	})
}

// find reads a key, and gives a batch all of it if it lies where it was left.
func (u *upgraded) find(group int, key []byte, to state.Batch) {
	name := fmt.Sprint(group, string(key))
	if u.found[name] {
		return
	}
	u.found[name] = true
	var list []state.Record
	err := u.Lazy.Load(group, key, func(r *state.Record) error {
		own := *r
		own.Key, own.Sub, own.Value = slices.Clone(r.Key), slices.Clone(r.Sub), slices.Clone(r.Value)
		list = append(list, own)
		return nil
	})
	if err != nil {
		u.t.Error(err)
	}
	if u.Left() {
		for i := range list {
			to.Add(&list[i])
		}
	}
}

// Batch begins a batch, of which all keys are read before it is stored, and all of them
// given to it.
func (u *upgraded) Batch() state.Batch {
	if u.spilled {
		return shiftedBatch{u.Lazy.Batch(), u}
	}
	return &upgradedBatch{u: u}
}

// shiftedBatch is a batch of the program as it is.
type shiftedBatch struct {
	state.Batch
	u *upgraded
}

func (b shiftedBatch) Add(r *state.Record) {
	own := b.u.shifted(r, 1)
	b.Batch.Add(&own)
}

type upgradedBatch struct {
	state.Batch // once it is sent
	u           *upgraded
	list        []state.Record
}

func (b *upgradedBatch) Timer(clock bool, at state.Turn, group int, key []byte) {
	key = slices.Clone(key)
	b.u.timers = append(b.u.timers, func(to state.Batch) { to.Timer(clock, at, group, key) })
}

func (b *upgradedBatch) Add(r *state.Record) {
	own := *r
	own.Key, own.Sub, own.Value = slices.Clone(r.Key), slices.Clone(r.Sub), slices.Clone(r.Value)
	b.list = append(b.list, own)
}

func (b *upgradedBatch) Bytes() int { return len(b.list) }
func (b *upgradedBatch) Drop()      { b.u.Lazy.Batch().Drop() }

func (b *upgradedBatch) Send(fired, clock value.Timestamp) {
	u := b.u
	if u.changes < 3 && u.rng.IntN(3) == 0 {
		u.change()
	}
	b.Batch = u.Lazy.Batch()
	for i := range b.list {
		u.find(b.list[i].Group, b.list[i].Key, b.Batch)
	}
	for i := range b.list {
		r := u.shifted(&b.list[i], 1)
		b.Batch.Add(&r)
	}
	for _, add := range u.timers {
		add(b.Batch)
	}
	b.Batch.Send(fired, clock)
	u.fired[0], u.fired[1] = max(u.fired[0], fired), max(u.fired[1], clock)
}
