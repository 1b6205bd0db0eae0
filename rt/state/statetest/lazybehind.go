package statetest

import (
	"slices"
	"testing"

	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
)

// formerOf is what an older program has left, of a shape with another operator.
func formerOf(stores state.Stores, operator int, convert state.Convert) state.Former {
	return state.Former{
		Store:   func() state.Store { return stores.Shard(numbered(operator), 0, groups-1) },
		Convert: func() state.Convert { return convert },
	}
}

func numbered(operator int) state.Shape {
	s := shape
	s.Operator = operator
	return s
}

// ofAll is a record of what all keys have.
func ofAll(number int, sub, val string) state.Record {
	r := rec(number, "", sub, val)
	r.Group = 0
	return r
}

// listed returns the keys of a store.
func listed(t *testing.T, s state.Store) (keys []string) {
	t.Helper()
	err := s.Keys(state.Place{}, func(p state.Place) bool {
		keys = append(keys, string(p.Key))
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// behind says that nobody sees what lies behind a key that has moved, or has gone, while
// keys move and when they have.
func behind(t *testing.T, stores state.Stores) {
	oldest, middle := stores.Shard(numbered(3), 0, groups-1), stores.Shard(numbered(4), 0, groups-1)
	send(t, oldest, 0, ofAll(0, "", "of all"),
		rec(0, "a", "", "old"), rec(1, "a", "x", "old"), rec(0, "b", "", "old"), rec(0, "c", "", "left"), rec(0, "d", "", "old"), rec(0, "e", "", "stays"))
	send(t, middle, 0, rec(0, "b", "", "newer"), rec(1, "d", "x", "goes"))
	values := func(records []state.Record, emit func(*state.Record) error) error {
		return asTheyAre(slices.DeleteFunc(slices.Clone(records), func(r state.Record) bool { return r.State > 0 }), emit)
	}
	l := state.NewLazy(stores.Shard(numbered(5), 0, groups-1),
		[]state.Former{formerOf(stores, 4, values), formerOf(stores, 3, asTheyAre)},
		state.LazyOptions{First: 0, Last: groups - 1, Portion: 1, Aside: stores.Aside})
	defer l.Stop()
	check := func(when string, all ...string) {
		t.Helper()
		want(t, when+" all", scan(t, l), all...)
		if keys := listed(t, l); len(slices.Compact(slices.Clone(keys))) < len(keys) {
			t.Errorf("%s %q are listed, one of them twice", when, keys)
		}
		var loaded []string
		for i, k := range []string{"", "a", "b", "c", "d", "e"} {
			loaded = append(loaded, load(t, l, min(i, 1), k)...)
		}
		want(t, when+" each", loaded, all...)
	}
	const a, c, e = `1 "a" 0 "" "new" 0`, `1 "c" 0 "" "left" 0`, `1 "e" 0 "" "stays" 0`
	shared := []string{`0 "" 0 "" "of all" 0`, `0 "" 1 "k" "v" 0`}
	check("before all", shared[0], `1 "a" 0 "" "old" 0`, `1 "a" 1 "x" "old" 0`, `1 "b" 0 "" "newer" 0`, c, e)
	if load(t, l, 1, "a"); !l.Left() {
		t.Error("a key is not where it was left, before it has changed")
	}
	send(t, l, 0, ofAll(1, "k", "v"), rec(0, "a", "", "new"))
	check("with a changed", shared[0], shared[1], a, `1 "b" 0 "" "newer" 0`, c, e)
	if load(t, l, 1, "a"); l.Left() {
		t.Error("a key is where it was left, when it has changed")
	}
	send(t, l, 0, gone(state.KeyGone, 0, "b", ""), rec(0, "c", "", "moved"))
	check("without b", shared[0], shared[1], a, `1 "c" 0 "" "moved" 0`, e)
	send(t, l, 0, gone(state.AllGone, 0, "c", ""))
	for n := 0; n < 50 && !l.Over(); n++ {
		check("while keys move", shared[0], shared[1], a, e)
		send(t, l, 0)
	}
	check("at the end", shared[0], shared[1], a, e)
	if !l.Over() {
		t.Error("keys do not move to the end")
	}
	want(t, "what is left of the oldest", scan(t, oldest))
	want(t, "what is left of the other", scan(t, middle))
}

// slow is a store whose batches are stored when something of it has been read once more.
type slow struct {
	state.Store
	send func()
}

func (s *slow) arrive() {
	if send := s.send; send != nil {
		s.send = nil
		send()
	}
}

func (s *slow) Load(group int, key []byte, each func(*state.Record) error) error {
	defer s.arrive()
	return s.Store.Load(group, key, each)
}

func (s *slow) Keys(from state.Place, each func(state.Place) bool) error {
	defer s.arrive()
	return s.Store.Keys(from, each)
}

func (s *slow) Due(clock bool, from state.Turn, each func(state.Turn, int, []byte) bool) error {
	defer s.arrive()
	return s.Store.Due(clock, from, each)
}

func (s *slow) Scan(from state.Place) (state.Scan, error) {
	defer s.arrive()
	return s.Store.Scan(from)
}

func (s *slow) Batch() state.Batch { return slowBatch{s.Store.Batch(), s} }

type slowBatch struct {
	state.Batch
	of *slow
}

func (b slowBatch) Send(fired, clock value.Timestamp) {
	b.of.send = func() {
		b.Batch.Send(fired, clock)
		_ = b.Batch.Wait() // who waits hears of it
	}
}

// meanwhile says that a key is found that moves while it is looked for.
func meanwhile(t *testing.T, with func(t *testing.T, o state.StoresOptions) state.Stores) {
	for what, find := range map[string]func(*testing.T, state.Store) []string{
		"a key":       func(t *testing.T, s state.Store) []string { return load(t, s, 1, "a") },
		"the records": scan,
		"the keys":    listed,
		"the timers":  func(t *testing.T, s state.Store) []string { return due(t, s, false, 0) },
	} {
		stores := with(t, state.StoresOptions{})
		send(t, stores.Shard(numbered(3), 0, groups-1), 0, rec(0, "a", "", "a value"), rec(2, "a", "", string(long(50))))
		l := state.NewLazy(&slow{Store: stores.Shard(numbered(4), 0, groups-1)}, []state.Former{formerOf(stores, 3, asTheyAre)}, state.LazyOptions{
			First: 0, Last: groups - 1, Portion: 1 << 20, Aside: func(work func(beside bool)) { work(false) },
		})
		l.Begin()
		before := find(t, l)
		if len(before) == 0 {
			t.Errorf("%s: nothing is there", what)
		}
		b := l.Batch()
		b.Send(0, 0)
		want(t, what+", while it moves", find(t, l), before...)
		if err := b.Wait(); err != nil {
			t.Fatal(err)
		}
		want(t, what+", when it has moved", find(t, l), before...)
	}
}
