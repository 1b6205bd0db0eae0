// Package memstore is a store of state in plain Go maps.
//
// It holds what Pebble holds, and forgets it when the job ends. Tests of
// pipelines use it to have cells go in and out of memory as they do with state
// that is larger, without what Pebble costs to link and to open.
package memstore

import (
	"bytes"
	"encoding/binary"
	"maps"
	"slices"

	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
)

// Name is how the backend is called in options.
const Name = "store"

func init() {
	state.Register(Name, func(o state.StoresOptions) (state.Stores, error) { return Open(o) })
}

// Stores are the stores of a job. The zero Stores are empty.
type Stores struct {
	given  map[int][]state.Record // that files had, by operator
	shards []*store
}

// Shard returns the store of a shard: empty, but for what files had of it and of all
// shards.
func (s *Stores) Shard(shape state.Shape, first, last int) state.Store {
	for _, of := range s.shards { // one that is opened twice is the same
		if of.shape.Operator == shape.Operator && of.shape.Shard == shape.Shard && of.first == first && of.last == last {
			return of
		}
	}
	of := &store{shape: shape, first: first, last: last, keys: map[string]*key{}, fired: [2]value.Timestamp{value.MinTime, value.MinTime}}
	for i := range s.given[shape.Operator] {
		if r := &s.given[shape.Operator][i]; r.Group >= first && r.Group <= last || len(r.Key) == 0 {
			of.apply(r)
		}
	}
	s.shards = append(s.shards, of)
	return of
}

// Forget removes what files had of some operators.
func (s *Stores) Forget(operators []int) error {
	for _, operator := range operators {
		delete(s.given, operator)
	}
	return nil
}

// Aside does the work at once.
func (s *Stores) Aside(work func(beside bool)) { work(false) }

// Close does nothing.
func (s *Stores) Close() error { return nil }

// store is a [state.Store].
type store struct {
	shape state.Shape
	first int // key group
	last  int
	keys  map[string]*key
	fired [2]value.Timestamp // timers before have, of event time and of processing time
	times [2][]timer         // of entry timers, of event time and of processing time
}

// timer is a key by the time of a timer.
type timer struct {
	at    state.Turn
	group int
	key   []byte
}

// key is the records of a key, by state and Sub.
type key struct {
	group int
	key   []byte
	rows  map[string]state.Record
}

// nameOf tells keys apart.
func nameOf(group int, key []byte) string {
	return string(binary.BigEndian.AppendUint16(nil, uint16(group))) + string(key)
}

// rowOf tells the records of a key apart, and orders them.
func rowOf(number int, sub []byte) string {
	return string(binary.BigEndian.AppendUint16(nil, uint16(number))) + string(sub)
}

// Load gives the records of a key.
func (s *store) Load(group int, name []byte, each func(*state.Record) error) error {
	k := s.keys[nameOf(group, name)]
	if k == nil {
		return nil
	}
	for _, r := range s.records(k) {
		if err := each(&r); err != nil {
			return err
		}
	}
	return nil
}

// records returns the records of a key in their order.
func (s *store) records(k *key) []state.Record {
	list := make([]state.Record, 0, len(k.rows))
	sorted := state.Elements{Lists: s.shape.Lists}
	add := func(r *state.Record) error {
		list = append(list, *r)
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(k.rows)) {
		r := k.rows[name]
		_ = sorted.Add(&r, add) // which never fails
	}
	_ = sorted.Flush(add)
	return list
}

// sorted returns the keys in the order of a scan.
func (s *store) sorted() []*key {
	return slices.SortedFunc(maps.Values(s.keys), func(a, b *key) int { return a.place().Compare(b.place()) })
}

func (k *key) place() state.Place { return state.Place{Group: k.group, Key: k.key} }

// Keys gives the keys that are not before a place.
func (s *store) Keys(from state.Place, each func(state.Place) bool) error {
	for _, k := range s.sorted() {
		if k.group < s.first || k.group > s.last || len(k.rows) == 0 || k.place().Compare(from) < 0 {
			continue
		}
		if !each(k.place()) {
			break
		}
	}
	return nil
}

// kindOf is the index of timers of event time or of processing time.
func kindOf(clock bool) int {
	if clock {
		return 1
	}
	return 0
}

// Due finds the keys with timers.
func (s *store) Due(clock bool, from state.Turn, each func(state.Turn, int, []byte) bool) error {
	kind := kindOf(clock)
	timers := slices.Clone(s.times[kind])
	for _, k := range s.sorted() {
		for _, r := range s.records(k) {
			if r.State < s.shape.States || s.shape.Clock[r.State-s.shape.States] != clock {
				continue
			}
			long, _ := binary.Varint(r.Value)
			timers = append(timers, timer{state.Turn{At: value.Timestamp(long)}, k.group, k.key})
		}
	}
	slices.SortStableFunc(timers, func(a, b timer) int { return a.at.Compare(b.at) })
	for _, t := range timers {
		if t.at.At >= s.fired[kind] && t.at.Compare(from) >= 0 && !each(t.at, t.group, t.key) {
			break
		}
	}
	return nil
}

// batch is a [state.Batch].
type batch struct {
	store *store
	list  []change
	times [2][]timer
	size  int
}

// change is a record for a store.
type change struct {
	store *store
	state.Record
}

// Batch begins a batch.
func (s *store) Batch() state.Batch { return &batch{store: s} }

// Add copies a record.
func (b *batch) Add(r *state.Record) {
	own := *r
	own.Key, own.Sub, own.Value = bytes.Clone(r.Key), bytes.Clone(r.Sub), bytes.Clone(r.Value)
	b.list = append(b.list, change{b.store, own})
	b.size += len(r.Key) + len(r.Sub) + len(r.Value) + 1
}

// RemoveKey removes the records of a key of another store.
func (b *batch) RemoveKey(of state.Store, at state.Place) {
	b.Add(&state.Record{Group: at.Group, Key: at.Key, Gone: state.KeyGone})
	b.list[len(b.list)-1].store = of.(*store)
}

// RemoveKeys removes the records of keys of another store.
func (b *batch) RemoveKeys(of state.Store, from state.Place, to *state.Place) {
	_ = of.Keys(from, func(at state.Place) bool { // which never fails
		if to != nil && at.Compare(*to) >= 0 {
			return false
		}
		b.RemoveKey(of, at)
		return true
	})
}

// Timer notes the time of a timer.
func (b *batch) Timer(clock bool, at state.Turn, group int, name []byte) {
	kind := kindOf(clock)
	b.times[kind] = append(b.times[kind], timer{at, group, bytes.Clone(name)})
	b.size += len(name)
}

// RemoveTimers does nothing: other timers are found by the records, and keys that are
// not there may be found.
func (b *batch) RemoveTimers(state.Store) {}

// Bytes returns the length of what was added.
func (b *batch) Bytes() int { return b.size }

// Send stores the batch at once.
func (b *batch) Send(fired, clock value.Timestamp) {
	s := b.store
	s.fired[0], s.fired[1] = max(s.fired[0], fired), max(s.fired[1], clock)
	for i := range b.list {
		b.list[i].store.apply(&b.list[i].Record)
	}
	for kind, list := range b.times {
		kept := append(s.times[kind], list...)
		s.times[kind] = slices.DeleteFunc(kept, func(t timer) bool { return t.at.At < s.fired[kind] })
	}
	*b = batch{store: s}
}

// apply does what a record says.
func (s *store) apply(r *state.Record) {
	name := nameOf(r.Group, r.Key)
	k := s.keys[name]
	if k == nil {
		if r.Gone != state.Present {
			return
		}
		k = &key{group: r.Group, key: r.Key, rows: map[string]state.Record{}}
		s.keys[name] = k
	}
	switch r.Gone {
	case state.Present:
		k.rows[rowOf(r.State, r.Sub)] = *r
	case state.EntryGone:
		delete(k.rows, rowOf(r.State, r.Sub))
	case state.AllGone:
		maps.DeleteFunc(k.rows, func(_ string, o state.Record) bool { return o.State == r.State })
	case state.KeyGone:
		delete(s.keys, name)
	}
}

// Done reports that the batch is stored.
func (b *batch) Done() (bool, error) { return true, nil }

// Wait does nothing.
func (b *batch) Wait() error { return nil }

// Drop forgets the batch.
func (b *batch) Drop() { *b = batch{store: b.store} }

// scan is a [state.Scan]: what there was when it began.
type scan struct{ list []state.Record }

// Scan begins to give all records from a place on.
func (s *store) Scan(from state.Place) (state.Scan, error) {
	c := &scan{}
	for _, k := range s.sorted() {
		if k.group >= s.first && k.group <= s.last && k.place().Compare(from) >= 0 { // not what all shards have
			c.list = append(c.list, s.records(k)...)
		}
	}
	return c, nil
}

// Next gives some of them.
func (c *scan) Next(size int, each func(*state.Record)) (done bool, err error) {
	for ; len(c.list) > 0 && size > 0; c.list = c.list[1:] {
		r := c.list[0]
		size -= len(r.Key) + len(r.Sub) + len(r.Value) + 1
		each(&r)
	}
	return len(c.list) == 0, nil
}

// Close does nothing.
func (c *scan) Close() error { return nil }
