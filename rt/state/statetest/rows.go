package statetest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
)

// rowShape is an operator whose keys have nothing but two values and two timers.
var rowShape = state.Shape{Operator: 6, States: 2, Clock: []bool{false, true}, Maps: make([]bool, 4), Rows: true}

// rowKeys is how many keys the tests of rows have.
const rowKeys = 40

// rows is what batches do whose records come by key, all of them: as rows, or one after
// the other in any order, with what goes and what was there before.
func rows(t *testing.T, with func(*testing.T, state.StoresOptions) state.Stores, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 3))
	stores := with(t, state.StoresOptions{})
	s := stores.Shard(rowShape, 0, groups-1)
	m := model{}
	for range 12 {
		b := s.Batch()
		for _, number := range rng.Perm(rowKeys)[:rng.IntN(rowKeys)] {
			addKey(rng, b, m.renew(rng, number))
		}
		b.Send(value.MinTime, value.MinTime)
		if err := b.Wait(); err != nil {
			t.Fatal(err)
		}
		m.is(t, s)
		if rng.IntN(4) > 0 {
			continue
		}
		list, release, err := stores.Files()
		if err != nil {
			t.Fatal(err)
		}
		stores = with(t, state.StoresOptions{Files: list})
		if err := release(); err != nil {
			t.Fatal(err)
		}
		s = stores.Shard(rowShape, 0, groups-1)
		m.is(t, s)
	}
}

// addKey adds all records of a key.
func addKey(rng *rand.Rand, b state.Batch, list []state.Record) {
	if rows, ok := b.(state.RowBatch); ok && rng.IntN(2) == 0 && list[0].Gone != state.KeyGone {
		row := state.Row{Group: list[0].Group, Key: list[0].Key}
		for i := range list {
			row.Put(&list[i])
		}
		rows.AddRow(&row)
		return
	}
	for i := range list {
		b.Add(&list[i])
	}
}

// pieces is what a restore does, whose records come in any order.
func pieces(t *testing.T, stores state.Stores, seed uint64) {
	s := stores.Shard(rowShape, 0, groups-1)
	batch := s.Batch
	g, gathers := s.(state.Gatherer)
	if gathers {
		batch = g.Pieces
	}
	rng := rand.New(rand.NewPCG(seed, 4))
	m := model{}
	var come [][]state.Record // by key
	for number := range rowKeys {
		var list []state.Record
		for range 1 + rng.IntN(3) {
			list = append(list, m.renew(rng, number)...)
		}
		come = append(come, list)
	}
	b := batch()
	send := func() {
		b.Send(value.MinTime, value.MinTime)
		if err := b.Wait(); err != nil {
			t.Fatal(err)
		}
		b = batch()
	}
	for len(come) > 0 {
		i := rng.IntN(len(come))
		b.Add(&come[i][0])
		if come[i] = come[i][1:]; len(come[i]) == 0 {
			come = slices.Delete(come, i, i+1)
		}
		if rng.IntN(50) == 0 {
			send()
		}
	}
	send()
	batch = s.Batch
	for range 2 { // to gather again changes nothing
		if gathers {
			if err := g.Gather(); err != nil {
				t.Fatal(err)
			}
		}
		m.is(t, s)
		b = batch()
		for number := range rowKeys {
			addKey(rng, b, m.renew(rng, number))
		}
		send()
	}
	m.is(t, s)
}

// renew makes up all that there is of a key of rowShape from now on: something of each
// state, or that it is gone.
func (m model) renew(rng *rand.Rand, number int) (list []state.Record) {
	base := state.Record{Group: number % groups, Key: bytes.Repeat([]byte{byte(number)}, 1+number%5)}
	m.remove(&base, func(*state.Record) bool { return true })
	if rng.IntN(4) == 0 {
		base.Gone = state.KeyGone
		return append(list, base)
	}
	for _, st := range rng.Perm(len(rowShape.Maps)) {
		r := base
		r.State, r.Gone = st, state.AllGone
		if rng.IntN(4) > 0 {
			r.Gone, r.Value = state.Present, long(rng.Int64N(1000))
			if st < rowShape.States {
				r.Value = bytes.Repeat([]byte{1}, rng.IntN(200))
				r.Written = value.Timestamp(rng.IntN(3) - 1)
			}
			m[fmt.Sprintf("%d/%q/%d", r.Group, r.Key, st)] = r
		}
		list = append(list, r)
	}
	return list
}

// is wants a store of rowShape to have what the model has.
func (m model) is(t *testing.T, s state.Store) {
	t.Helper()
	all := m.sorted()
	want(t, "all", scan(t, s), texts(all)...)
	of := bytes.Repeat([]byte{7}, 3)
	want(t, "a key", load(t, s, 7%groups, string(of)), texts(slices.DeleteFunc(slices.Clone(all), func(r state.Record) bool {
		return !bytes.Equal(r.Key, of)
	}))...)
	var keys, found []string
	for _, r := range all {
		keys = append(keys, fmt.Sprintf("%d %q", r.Group, r.Key))
	}
	err := s.Keys(state.Place{}, func(p state.Place) bool {
		found = append(found, fmt.Sprintf("%d %q", p.Group, p.Key))
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	want(t, "keys", found, slices.Compact(keys)...)
	for i, clock := range rowShape.Clock {
		var timers []string
		for _, r := range all {
			if r.State == rowShape.States+i {
				timers = append(timers, fmt.Sprintf("%d %d %q", longOf(r.Value), r.Group, r.Key))
			}
		}
		has(t, "timers", due(t, s, clock, value.MinTime), timers)
	}
}
