package evolve

import (
	"bytes"
	"maps"
	"slices"

	"github.com/flow-lang/flowc/rt/state"
)

// What becomes one value of many records has to be held until all have come: the
// entries of a key that are gathered, the values of keys that are merged. A mover
// holds no more of them at once than it is told: it then leaves the last key groups
// to another pass over the same records.

// held are the entries of one key until all have come.
type held struct {
	record  state.Record
	entries []entry
	group   int
	size    int64
}

// merged is a value that has been put together so far.
type merged struct {
	record state.Record
	group  int
}

// size is about what a record takes in memory.
func sizeOf(key, sub, value []byte) int64 {
	const beside = 128 // the structs, and a place in a map
	return beside + int64(len(key)+len(sub)+len(value))
}

// span is what a mover holds in a pass: what belongs to the key groups from low to
// high.
type span struct {
	groupOf                func(key []byte) (int, error) // of a converted key; nil for all in one pass
	first, low, high, last int
	size, most             int64 // bytes, about
}

// Holds reports whether the mover keeps records until [Mover.Flush].
func (m *Mover) Holds() bool { return m.kind == entriesToCell || m.kind == whole || m.merge != nil }

// Bound has the mover hold about so many bytes at most, unless one key group has more:
// keys have groups from first to last. After each Flush [Mover.Next] says whether all
// records have to come again.
func (m *Mover) Bound(groupOf func(key []byte) (int, error), first, last int, most int64) {
	m.span = span{groupOf: groupOf, first: first, low: first, high: last, last: last, most: most}
}

// Next begins another pass, if there are key groups that have not been given yet.
func (m *Mover) Next() bool {
	s := &m.span
	if !m.Holds() || s.groupOf == nil || s.high >= s.last {
		return false
	}
	s.low, s.high, s.size = s.high+1, s.last, 0
	return true
}

// Low is the first key group of the pass.
func (m *Mover) Low() int { return m.span.low }

// now returns the group of a converted key, and whether it belongs to the pass.
func (s *span) now(key []byte) (group int, ok bool, err error) {
	if s.groupOf == nil {
		return 0, true, nil
	}
	if group = s.first; len(key) > 0 { // what has no key belongs to the first pass
		if group, err = s.groupOf(key); err != nil {
			return 0, false, err
		}
	}
	return group, group >= s.low && group <= s.high, nil
}

// grow counts what is held, and leaves the upper half of the key groups to another
// pass while that is too much.
func (m *Mover) grow(n int64) {
	s := &m.span
	for s.size += n; s.groupOf != nil && s.size > s.most && s.low < s.high; {
		s.high = s.low + (s.high-s.low)/2
		for key, h := range m.held {
			if h.group > s.high {
				s.size -= h.size
				delete(m.held, key)
			}
		}
		for key, u := range m.united {
			if u.group > s.high {
				s.size -= sizeOf(u.record.Key, u.record.Sub, u.record.Value)
				delete(m.united, key)
			}
		}
	}
}

// unite keeps a value that has been converted, put together with those of other
// keys that became the same.
func (m *Mover) unite(r *state.Record) error {
	group, ok, err := m.span.now(r.Key)
	if err != nil || !ok {
		return err
	}
	one := m.united[string(r.Key)]
	if one == nil {
		if m.united == nil {
			m.united = map[string]*merged{}
		}
		one = &merged{record: *r, group: group}
		one.record.Key, one.record.Value = bytes.Clone(r.Key), bytes.Clone(r.Value)
		m.united[string(r.Key)] = one
		m.grow(sizeOf(r.Key, r.Sub, r.Value))
		return nil
	}
	before := int64(len(one.record.Value))
	one.record.Written = max(one.record.Written, r.Written)
	if one.record.Value, err = m.merge(nil, one.record.Value, r.Value); err == nil {
		m.grow(int64(len(one.record.Value)) - before)
	}
	return err
}

// gather keeps an entry until all of its key have come.
func (m *Mover) gather(r *state.Record) error {
	group, ok, err := m.span.now(m.out.Key)
	if err != nil || !ok {
		return err
	}
	if m.held == nil {
		m.held = map[string]*held{}
	}
	h := m.held[string(r.Key)]
	if h == nil {
		h = &held{record: m.out, group: group}
		h.record.Key = bytes.Clone(m.out.Key)
		m.held[string(r.Key)] = h
	}
	h.record.Written = max(h.record.Written, m.out.Written)
	h.entries = append(h.entries, entry{key: bytes.Clone(r.Sub), value: bytes.Clone(r.Value)})
	size := sizeOf(m.out.Key, r.Sub, r.Value)
	h.size += size
	m.grow(size)
	return nil
}

// EndKey is Flush when all records of a key have come, which become those of no other
// key.
func (m *Mover) EndKey(emit func(*state.Record) error) error {
	m.subs = nil // keys of entries meet within a key
	return m.Flush(emit)
}

// Flush gives the records that had to wait for all others of the pass. It is called
// when the last record has been converted.
func (m *Mover) Flush(emit func(*state.Record) error) error {
	if len(m.held)+len(m.united) == 0 {
		return nil
	}
	give := emit
	if m.merge != nil {
		give = m.unite
	}
	for _, key := range slices.Sorted(maps.Keys(m.held)) {
		h := m.held[key]
		if h == nil {
			continue // what has been united meanwhile has left it to another pass
		}
		delete(m.held, key)
		m.span.size -= h.size
		m.out = h.record
		m.out.Sub = nil
		if err := m.release(h, give); err != nil {
			return m.explain(&state.Record{Key: []byte(key)}, err)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(m.united)) {
		if err := emit(&m.united[key].record); err != nil {
			return err
		}
	}
	m.held, m.united = nil, nil
	return nil
}
