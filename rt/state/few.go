package state

import (
	"iter"

	"github.com/flow-lang/flowc/rt/value"
)

// FewMap is a map of one key that mostly has one entry, as that of a key's windows
// has: the only entry lies in the cell. The zero FewMap is empty.
//
// It is a handle as a [Map] is one; [FewMaps] has the operations.
type FewMap[K, V any] struct {
	more  Map[K, V] // the entries, if there have been several at once
	only  bool      // there is one, in key and val, and more is nothing
	known bool      // snapshots have an entry of that key, and no other one
	key   K
	val   V
}

// Empty reports whether the map has no entry.
func (h *FewMap[K, V]) Empty() bool { return !h.only && h.more.Empty() }

// Len returns the number of entries.
func (h *FewMap[K, V]) Len() int {
	if h.only {
		return 1
	}
	return h.more.Len()
}

// FewMaps does the operations on the maps of one state, as [Maps] does. What a
// handler does to an only entry need not be noted: the handler has a copy of it.
type FewMaps[K, V any] struct {
	maps *Maps[K, V]
}

// NewFewMaps returns the operations on maps whose keys have an order.
func NewFewMaps[K, V any](j *Journal, order Order[K]) *FewMaps[K, V] {
	return &FewMaps[K, V]{maps: NewMaps[K, V](j, order)}
}

// is reports whether k is the key of the only entry.
func (m *FewMaps[K, V]) is(h *FewMap[K, V], k K) bool { return m.maps.order.compare(h.key, k) == 0 }

// Get returns the value of k, or none.
func (m *FewMaps[K, V]) Get(h *FewMap[K, V], k K) value.Option[V] {
	if v := m.View(h, k); v != nil {
		return value.Some(*v)
	}
	return value.Option[V]{}
}

// Has reports whether there is an entry of k.
func (m *FewMaps[K, V]) Has(h *FewMap[K, V], k K) bool { return m.View(h, k) != nil }

// View returns the value of k, or nil. It may be read until the map is changed.
func (m *FewMaps[K, V]) View(h *FewMap[K, V], k K) *V {
	if !h.only {
		return m.maps.View(&h.more, k)
	}
	m.maps.journal.read(1)
	if m.is(h, k) {
		return &h.val
	}
	return nil
}

// Put sets the value of k.
func (m *FewMaps[K, V]) Put(h *FewMap[K, V], k K, v V) {
	if h.only && !m.is(h, k) {
		m.spread(h)
	}
	if h.more.tree != nil {
		m.maps.Put(&h.more, k, v)
		return
	}
	m.maps.journal.wrote(1)
	if !h.only {
		h.key, h.only = m.maps.order.keep(k), true
	}
	h.val = v
}

// Ref returns the value of k to be changed in place, until the next operation
// that may change the map. If there is no entry it makes a zero one, which is
// then fresh.
func (m *FewMaps[K, V]) Ref(h *FewMap[K, V], k K) (v *V, fresh bool) {
	if h.only && !m.is(h, k) {
		m.spread(h)
	}
	if h.more.tree != nil {
		return m.maps.Ref(&h.more, k)
	}
	m.maps.journal.read(1)
	m.maps.journal.wrote(1)
	if fresh = !h.only; fresh {
		h.key, h.only = m.maps.order.keep(k), true
	}
	return &h.val, fresh
}

// spread makes a tree of the only entry, for another one comes.
func (m *FewMaps[K, V]) spread(h *FewMap[K, V]) {
	t := m.maps.newTree()
	t.insert(&m.maps.order, place{}, h.key, h.val)
	*h = FewMap[K, V]{more: Map[K, V]{t}}
}

// Remove removes the entry of k, if there is one.
func (m *FewMaps[K, V]) Remove(h *FewMap[K, V], k K) {
	if !h.only {
		m.maps.Remove(&h.more, k)
		return
	}
	m.maps.journal.wrote(1)
	if m.is(h, k) {
		*h = FewMap[K, V]{}
	}
}

// Clear removes all entries.
func (m *FewMaps[K, V]) Clear(h *FewMap[K, V]) { *h = FewMap[K, V]{} }

// Recycle is [Maps.Recycle].
func (m *FewMaps[K, V]) Recycle(h *FewMap[K, V]) { m.maps.Recycle(&h.more) }

// FirstEnd is [Maps.FirstEnd].
func (m *FewMaps[K, V]) FirstEnd(h *FewMap[K, V], at value.Timestamp, of func(K) value.Timestamp) (k K, end value.Timestamp, ok bool) {
	if !h.only {
		return m.maps.FirstEnd(&h.more, at, of)
	}
	end = of(h.key)
	return h.key, end, end >= at
}

// All loops over the entries in key order, as they were when the loop began.
func (m *FewMaps[K, V]) All(h *FewMap[K, V]) iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		if h.only {
			m.maps.journal.scanned(1)
			yield(h.key, h.val)
			return
		}
		for k, v := range m.maps.All(&h.more) {
			if !yield(k, v) {
				return
			}
		}
	}
}

// Keys returns the keys, in order.
func (m *FewMaps[K, V]) Keys(h *FewMap[K, V]) []K {
	if h.only {
		return []K{h.key}
	}
	return m.maps.Keys(&h.more)
}

// Values returns the values in the order of their keys.
func (m *FewMaps[K, V]) Values(h *FewMap[K, V]) []V {
	if h.only {
		return []V{h.val}
	}
	return m.maps.Values(&h.more)
}

// Peek loops over the entries of a span in key order, between handlers.
func (m *FewMaps[K, V]) Peek(h *FewMap[K, V], s Span[K]) iter.Seq2[K, V] {
	if !h.only {
		return m.maps.Peek(&h.more, s)
	}
	return func(yield func(K, V) bool) {
		compare := m.maps.order.compare
		if (!s.hasLow || compare(s.low, h.key) <= 0) && (!s.hasHigh || compare(h.key, s.high) < 0) {
			yield(h.key, h.val)
		}
	}
}

// Save gives the entries.
func (m *FewMaps[K, V]) Save(w *Saver, state int, h *FewMap[K, V], key func([]byte, K) []byte, val func([]byte, V) []byte) {
	if !h.only {
		m.maps.Save(w, state, &h.more, key, val)
		return
	}
	if w.mode == saveChanges && *w.known&bit(state) != 0 && !h.known {
		w.clear(state)
	}
	if w.gives() {
		w.sub, w.val = key(w.sub[:0], h.key), val(w.val[:0], h.val)
		w.entry(state, 0)
	}
	switch w.mode {
	case saveCopy:
	case saveNone:
		h.known = false
		*w.known |= bit(state)
	default:
		h.known = true
		*w.known |= bit(state)
	}
}
