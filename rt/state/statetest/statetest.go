// Package statetest holds stores to their contract: what every [state.Store] must
// do, and that an operator gives the same whether all of its cells lie in memory
// or most of them in a store.
package statetest

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
)

// shape is an operator with a value, a map, a timer and a family of timers of
// processing time.
var shape = state.Shape{
	Operator: 3, Shard: 0, States: 2,
	Clock: []bool{false, true},
	Maps:  []bool{false, true, false, true},
}

// listShape is an operator with two lists and a value between them.
var listShape = state.Shape{Operator: 5, States: 3, Maps: []bool{true, false, true}, Lists: []bool{true, false, true}}

// groups is the number of key groups.
const groups = 4

// Run runs the contract against stores that begin with what the options of with say:
// files, and whether they are only read. with closes what it opens when the test ends.
func Run(t *testing.T, with func(t *testing.T, o state.StoresOptions) state.Stores) {
	open := func(t *testing.T) state.Stores { return with(t, state.StoresOptions{}) }
	t.Run("keys", func(t *testing.T) { keys(t, open(t).Shard(shape, 1, groups-1)) })
	t.Run("lists", func(t *testing.T) { lists(t, open(t).Shard(listShape, 0, groups-1)) })
	t.Run("records", func(t *testing.T) { records(t, open(t).Shard(shape, 0, groups-1)) })
	t.Run("random", func(t *testing.T) {
		for seed := range uint64(5) {
			t.Run(fmt.Sprint(seed), func(t *testing.T) { random(t, open(t).Shard(shape, 0, groups-1), seed) })
		}
	})
	t.Run("shards", func(t *testing.T) { shards(t, open(t)) })
	t.Run("files", func(t *testing.T) { files(t, with) })
	for name, run := range map[string]func(t *testing.T, seed uint64){
		"rows":   func(t *testing.T, seed uint64) { rows(t, with, seed) },
		"pieces": func(t *testing.T, seed uint64) { pieces(t, open(t), seed) },
		"spill": func(t *testing.T, seed uint64) {
			spilled(t, newCounter, open(t).Shard(counterShape, 0, groups-1), nil, seed)
		},
		"spill by rows": func(t *testing.T, seed uint64) {
			spilled(t, newSingle, open(t).Shard(singleShape, 0, groups-1), nil, seed)
		},
	} {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(5) {
				t.Run(fmt.Sprint(seed), func(t *testing.T) { run(t, seed) })
			}
		})
	}
}

// send stores records and waits until they are.
func send(t *testing.T, s state.Store, fired value.Timestamp, list ...state.Record) {
	t.Helper()
	b := s.Batch()
	for i := range list {
		b.Add(&list[i])
	}
	b.Send(fired, value.MinTime)
	if err := b.Wait(); err != nil {
		t.Fatal(err)
	}
	if done, err := b.Done(); !done || err != nil {
		t.Fatalf("Done is %v, %v after Wait", done, err)
	}
}

// load returns the records of a key as text.
func load(t *testing.T, s state.Store, group int, key string) []string {
	t.Helper()
	var got []string
	err := s.Load(group, []byte(key), func(r *state.Record) error {
		got = append(got, text(r))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// scan returns all records as text.
func scan(t *testing.T, s state.Store) []string {
	t.Helper()
	c, err := s.Scan(state.Place{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for done := false; !done; {
		if done, err = c.Next(50, func(r *state.Record) { got = append(got, text(r)) }); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	return got
}

func text(r *state.Record) string {
	return fmt.Sprintf("%d %q %d %q %q %d", r.Group, r.Key, r.State, r.Sub, r.Value, r.Written)
}

// due returns the timers that a store finds from a time on.
func due(t *testing.T, s state.Store, clock bool, from value.Timestamp) []string {
	t.Helper()
	var got []string
	err := s.Due(clock, state.Turn{At: from}, func(at state.Turn, group int, key []byte) bool {
		got = append(got, fmt.Sprintf("%d %d %q", at.At, group, key))
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func want(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func long(n int64) []byte { return binary.AppendVarint(nil, n) }

func longOf(b []byte) int64 {
	n, _ := binary.Varint(b)
	return n
}

// rec is a record of key group 1.
func rec(number int, key, sub, val string) state.Record {
	return state.Record{State: number, Group: 1, Key: []byte(key), Sub: []byte(sub), Value: []byte(val)}
}

// gone is a record that takes something away.
func gone(g state.Gone, number int, key, sub string) state.Record {
	r := rec(number, key, sub, "")
	r.Gone = g
	return r
}

// records is what each kind of record does.
func records(t *testing.T, s state.Store) {
	want(t, "an empty store", load(t, s, 1, "a"))
	ttl := rec(0, "a", "", "one")
	ttl.Written = -7
	send(t, s, 0, ttl, rec(1, "a", "y", "2"), rec(1, "a", "x", "1"), rec(0, "ab", "", "other"),
		rec(2, "a", "", string(long(50))), rec(3, "a", "i", string(long(-9))))
	want(t, "a key", load(t, s, 1, "a"),
		`1 "a" 0 "" "one" -7`, `1 "a" 1 "x" "1" 0`, `1 "a" 1 "y" "2" 0`, `1 "a" 2 "" "d" 0`, `1 "a" 3 "i" "\x11" 0`)
	want(t, "another group", load(t, s, 2, "a"))
	want(t, "timers of event time", due(t, s, false, 0), `50 1 "a"`)
	want(t, "later ones", due(t, s, false, 51))
	want(t, "timers of processing time", due(t, s, true, -100), `-9 1 "a"`)
	send(t, s, 60, gone(state.EntryGone, 1, "a", "x"), rec(1, "a", "z", "3"), gone(state.AllGone, 0, "a", ""))
	want(t, "an entry less", load(t, s, 1, "a"),
		`1 "a" 1 "y" "2" 0`, `1 "a" 1 "z" "3" 0`, `1 "a" 2 "" "d" 0`, `1 "a" 3 "i" "\x11" 0`)
	want(t, "timers that have fired", due(t, s, false, 0))
	send(t, s, 60, gone(state.AllGone, 1, "a", ""), rec(1, "a", "w", "4"))
	want(t, "a map cleared and filled", load(t, s, 1, "a"), `1 "a" 1 "w" "4" 0`, `1 "a" 2 "" "d" 0`, `1 "a" 3 "i" "\x11" 0`)
	send(t, s, 60, gone(state.KeyGone, 0, "a", ""), rec(0, "a", "", "new"))
	want(t, "a key that went and came", load(t, s, 1, "a"), `1 "a" 0 "" "new" 0`)
	send(t, s, 60, gone(state.KeyGone, 0, "a", ""))
	want(t, "a key that went", load(t, s, 1, "a"))
	want(t, "all", scan(t, s), `1 "ab" 0 "" "other" 0`)
	send(t, s, 60, rec(0, "c", "", "1"), rec(1, "c", "x", "2"), rec(1, "c", "y", "3"), rec(1, "cc", "x", "4"),
		gone(state.AllGone, 1, "c", ""), rec(1, "c", "z", "5"))
	want(t, "entries that went after they came", load(t, s, 1, "c"), `1 "c" 0 "" "1" 0`, `1 "c" 1 "z" "5" 0`)
	send(t, s, 60, rec(1, "c", "w", "6"), gone(state.KeyGone, 0, "c", ""), rec(0, "c", "", "7"), rec(0, "d", "", "8"), gone(state.KeyGone, 0, "d", ""),
		gone(state.KeyGone, 0, "cc", ""))
	want(t, "a key that went after it came", load(t, s, 1, "c"), `1 "c" 0 "" "7" 0`)
	want(t, "one that stays away", load(t, s, 1, "d"))
	send(t, s, 60, gone(state.KeyGone, 0, "c", ""))
	dropped, lost := s.Batch(), rec(0, "b", "", "lost")
	dropped.Add(&lost)
	if dropped.Bytes() == 0 {
		t.Error("a batch takes no memory")
	}
	dropped.Drop()
	want(t, "after a batch was dropped", load(t, s, 1, "b"))
}

// keys says in which order a store gives its keys, and from where on.
func keys(t *testing.T, s state.Store) {
	in := func(group int, r state.Record) state.Record {
		r.Group = group
		return r
	}
	send(t, s, 0, in(2, rec(0, "b", "", "1")), in(1, rec(1, "bb", "x", "1")), in(1, rec(1, "bb", "y", "1")), in(1, rec(0, "c", "", "1")),
		in(1, rec(0, "aaa", "", "1")), in(3, rec(0, "", "", "1")), in(0, rec(0, "shared", "", "1")), in(1, rec(1, "gone", "x", "1")))
	send(t, s, 0, in(1, gone(state.KeyGone, 0, "gone", "")))
	list := func(from state.Place, most int) (found []string) {
		err := s.Keys(from, func(p state.Place) bool {
			found = append(found, fmt.Sprintf("%d %q", p.Group, p.Key))
			return len(found) < most
		})
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	all := []string{`1 "c"`, `1 "bb"`, `1 "aaa"`, `2 "b"`, `3 ""`}
	want(t, "all keys", list(state.Place{}, 99), all...)
	want(t, "two keys", list(state.Place{}, 2), all[:2]...)
	want(t, "from one that is there", list(state.Place{Group: 1, Key: []byte("bb")}, 99), all[1:]...)
	want(t, "from one that is not", list(state.Place{Group: 1, Key: []byte("bc")}, 99), all[2:]...)
	want(t, "from a group", list(state.Place{Group: 2}, 99), all[3:]...)
	want(t, "from behind all", list(state.Place{Group: 3, Key: []byte("a")}, 99))
}

// lists says that elements come by their numbers, however these are written.
func lists(t *testing.T, s state.Store) {
	var batch []state.Record
	var one, all []string
	for _, key := range []string{"a", "b"} {
		for number := range 3 {
			n := 300
			if number == 1 {
				n = 1
			}
			for i := range n {
				r := rec(number, key, "", fmt.Sprint(i))
				if number != 1 {
					r.Sub = long(int64(i))
				}
				batch = append(batch, r)
				all = append(all, text(&r))
			}
		}
		if key == "a" {
			one = slices.Clone(all)
		}
	}
	rng := rand.New(rand.NewPCG(1, 1))
	rng.Shuffle(len(batch), func(i, j int) { batch[i], batch[j] = batch[j], batch[i] })
	send(t, s, value.MinTime, batch...)
	want(t, "a key", load(t, s, 1, "a"), one...)
	want(t, "all", scan(t, s), all...)
}

// shards says that shards and operators do not see each other's records.
func shards(t *testing.T, stores state.Stores) {
	second, other := shape, shape
	second.Shard, other.Operator = 1, 4
	a, b, c := stores.Shard(shape, 0, 1), stores.Shard(second, 2, 3), stores.Shard(other, 0, 3)
	at := func(group int, key string) []state.Record {
		return []state.Record{
			{Group: group, Key: []byte(key), Value: []byte("v")},
			{State: 2, Group: group, Key: []byte(key), Value: long(5)},
		}
	}
	send(t, a, value.MinTime, at(1, "a")...)
	send(t, b, value.MinTime, at(2, "b")...)
	send(t, c, value.MinTime, at(1, "c")...)
	want(t, "the first", scan(t, a), `1 "a" 0 "" "v" 0`, `1 "a" 2 "" "\n" 0`)
	want(t, "the second", scan(t, b), `2 "b" 0 "" "v" 0`, `2 "b" 2 "" "\n" 0`)
	want(t, "the other operator", scan(t, c), `1 "c" 0 "" "v" 0`, `1 "c" 2 "" "\n" 0`)
	send(t, b, value.MinTime, state.Record{Value: []byte("of all shards")})
	want(t, "the second, with what all shards have", scan(t, b), `2 "b" 0 "" "v" 0`, `2 "b" 2 "" "\n" 0`)
	send(t, b, value.MinTime, state.Record{Gone: state.AllGone})
	want(t, "the first one's timers", due(t, a, false, 0), `5 1 "a"`)
	send(t, a, 6)
	want(t, "the second one's timers", due(t, b, false, 0), `5 2 "b"`)
}

// random compares batches of random records with a plain map.
func random(t *testing.T, s state.Store, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 1))
	m := model{}
	for range 20 {
		var batch []state.Record
		for _, key := range rng.Perm(40)[:rng.IntN(40)] {
			batch = append(batch, m.change(rng, key)...)
		}
		if rng.IntN(3) == 0 {
			dropped := s.Batch()
			for i := range batch {
				dropped.Add(&batch[i])
			}
			dropped.Drop()
		}
		send(t, s, value.MinTime, batch...)
	}
	want(t, "all", scan(t, s), texts(m.sorted())...)
}

// texts are records as text.
func texts(list []state.Record) (texts []string) {
	for i := range list {
		texts = append(texts, text(&list[i]))
	}
	return texts
}

// model is the records that a store must have, by what tells them apart.
type model map[string]state.Record

// sorted returns the records in the order of a scan.
func (m model) sorted() (all []state.Record) {
	for _, r := range m {
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b state.Record) int {
		return cmp.Or(a.Group-b.Group, len(a.Key)-len(b.Key), bytes.Compare(a.Key, b.Key), a.State-b.State, bytes.Compare(a.Sub, b.Sub))
	})
	return all
}

func (m model) remove(r *state.Record, goes func(*state.Record) bool) {
	for name, o := range m {
		if o.Group == r.Group && bytes.Equal(o.Key, r.Key) && goes(&o) {
			delete(m, name)
		}
	}
}

// change makes up what changes of one key.
func (m model) change(rng *rand.Rand, number int) (batch []state.Record) {
	base := state.Record{Group: number % groups, Key: bytes.Repeat([]byte{byte(number)}, min(number, 1+number%5))}
	if rng.IntN(6) == 0 {
		r := base
		r.Gone = state.KeyGone
		batch = append(batch, r)
		m.remove(&r, func(*state.Record) bool { return true })
	}
	for st, isMap := range shape.Maps {
		if rng.IntN(5) == 0 {
			r := base
			r.State, r.Gone = st, state.AllGone
			batch = append(batch, r)
			m.remove(&r, func(o *state.Record) bool { return o.State == st })
		}
		for _, sub := range rng.Perm(4)[:rng.IntN(4)] {
			if !isMap && sub > 0 {
				continue
			}
			r := base
			r.State, r.Sub = st, bytes.Repeat([]byte{0xff}, sub)
			name := fmt.Sprintf("%d/%q/%d/%d", r.Group, r.Key, st, sub)
			if isMap && rng.IntN(3) == 0 {
				r.Gone = state.EntryGone
				delete(m, name)
			} else {
				r.Value, r.Written = long(rng.Int64N(1000)), value.Timestamp(rng.IntN(3))
				m[name] = r
			}
			batch = append(batch, r)
		}
	}
	return batch
}
