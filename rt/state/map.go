package state

import (
	"iter"

	"github.com/flow-lang/flowc/rt/value"
)

// Map is a map of one key, in the order of its own keys. The zero Map is empty.
//
// It is a handle that lies in a cell; [Maps] has the operations. A copy of a
// handle is the same map.
type Map[K, V any] struct {
	tree *tree[K, V]
}

// Set is a set of one key: a map without values.
type Set[K any] = Map[K, struct{}]

// Empty reports whether the map has no entry.
func (h *Map[K, V]) Empty() bool { return h.tree == nil || h.tree.n == 0 }

// Len returns the number of entries.
func (h *Map[K, V]) Len() int {
	if h.tree == nil {
		return 0
	}
	return h.tree.n
}

// Pair is an entry of a map.
type Pair[K, V any] struct {
	Key   K
	Value V
}

// Maps does the operations on the maps of one state, which are as many as the
// operator has keys. Values are stored as they are: the caller copies strings that
// are views. Keys are copied when their [Order] says so.
//
// Changes go through the journal. A handler that begins with a copy of a handle
// may change the map through it; if the handler is undone, the old handle is put
// back and the journal rolled back.
type Maps[K, V any] struct {
	order   Order[K]
	journal *Journal
	ranges  bool           // spans have been asked for, so no map becomes a hash table
	log     []change[K, V] // of the handler at hand
	held    []*tree[K, V]  // that stay as they are until it ends
	folding [2]V           // of the Fold at hand
	spare   []*tree[K, V]  // of keys that are gone, to be used again
	fetch   uint64         // sum of what Touch and its like have read, so that it is not left out
	// own copies the key of an entry that is put back when its removal is undone,
	// where the order copies none because callers put only keys of their own: what
	// they remove by may be a view. nil means that the order's own is used.
	own func(K) K
}

// change is what undoes one.
type change[K, V any] struct {
	tree *tree[K, V]
	key  K
	was  V
	had  bool // whether there was an entry
}

// NewMaps returns the operations on maps whose keys have an order.
func NewMaps[K, V any](j *Journal, order Order[K]) *Maps[K, V] {
	return &Maps[K, V]{order: order, journal: j}
}

// Get returns the value of k, or none.
func (m *Maps[K, V]) Get(h *Map[K, V], k K) value.Option[V] {
	if v := m.View(h, k); v != nil {
		return value.Some(*v)
	}
	return value.Option[V]{}
}

// Has reports whether there is an entry of k.
func (m *Maps[K, V]) Has(h *Map[K, V], k K) bool { return m.View(h, k) != nil }

// View returns the value of k, or nil. It may be read until the map is changed.
func (m *Maps[K, V]) View(h *Map[K, V], k K) *V {
	m.journal.read(1)
	if h.tree == nil {
		return nil
	}
	if p, found := h.tree.find(&m.order, k); found {
		return h.tree.val(p)
	}
	return nil
}

// Put sets the value of k.
func (m *Maps[K, V]) Put(h *Map[K, V], k K, v V) {
	m.journal.wrote(1)
	p, found := m.place(h, k)
	m.note(h.tree, p, k, found)
	if !found {
		m.insert(h.tree, p, k, v)
		return
	}
	h.tree.own(p.chunk)
	*h.tree.val(p) = v
}

// Ref returns the value of k to be changed in place, until the next operation
// that may change the map. If there is no entry it makes a zero one, which is
// then fresh.
func (m *Maps[K, V]) Ref(h *Map[K, V], k K) (v *V, fresh bool) {
	m.journal.read(1)
	m.journal.wrote(1)
	p, found := m.place(h, k)
	m.note(h.tree, p, k, found)
	if !found {
		var zero V
		return m.insert(h.tree, p, k, zero), true
	}
	h.tree.own(p.chunk)
	return h.tree.val(p), false
}

// Remove removes the entry of k, if there is one.
func (m *Maps[K, V]) Remove(h *Map[K, V], k K) {
	m.journal.wrote(1)
	if h.tree == nil {
		return
	}
	m.part(h)
	if p, found := h.tree.find(&m.order, k); found {
		m.note(h.tree, p, k, true)
		h.tree.remove(&m.order, p)
	}
}

// Clear removes all entries.
func (m *Maps[K, V]) Clear(h *Map[K, V]) { h.tree = nil }

// Hold keeps the map of a copied handle as it is until the handler ends. The
// first change through any handle copies the map before.
func (m *Maps[K, V]) Hold(h *Map[K, V]) {
	if h.tree == nil || h.tree.held {
		return
	}
	if len(m.held) == 0 {
		m.journal.touched = append(m.journal.touched, m)
	}
	h.tree.held = true
	m.held = append(m.held, h.tree)
}

// part makes the map one that nobody holds.
func (m *Maps[K, V]) part(h *Map[K, V]) {
	if h.tree.held {
		h.tree = h.tree.clone(&m.order)
	}
}

// All loops over the entries in key order, as they were when the loop began.
func (m *Maps[K, V]) All(h *Map[K, V]) iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		r := m.runs(h, Span[K]{})
		for r.next() {
			for i, k := range r.keys {
				if !yield(k, r.vals[i]) {
					r.stop(i + 1)
					return
				}
			}
		}
	}
}

// Keys returns the keys, in order.
func (m *Maps[K, V]) Keys(h *Map[K, V]) []K {
	all := make([]K, 0, h.Len())
	for r := m.runs(h, Span[K]{}); r.next(); {
		all = append(all, r.keys...)
	}
	return all
}

// Values returns the values in the order of their keys.
func (m *Maps[K, V]) Values(h *Map[K, V]) []V {
	all := make([]V, 0, h.Len())
	for r := m.runs(h, Span[K]{}); r.next(); {
		all = append(all, r.vals...)
	}
	return all
}

// place returns the place of k in a tree, which it makes if there is none.
func (m *Maps[K, V]) place(h *Map[K, V], k K) (place, bool) {
	if h.tree == nil {
		h.tree = m.newTree()
	}
	m.part(h)
	return h.tree.find(&m.order, k)
}

// keptTrees bounds the trees that wait to be used again.
const keptTrees = 4096

// newTree returns an empty tree.
func (m *Maps[K, V]) newTree() *tree[K, V] {
	last := len(m.spare) - 1
	if last < 0 {
		return newTree[K, V]()
	}
	t := m.spare[last]
	m.spare[last], m.spare = nil, m.spare[:last]
	return t
}

// Recycle takes the room of an empty map whose key is about to be forgotten. It is
// the last thing that a handler does.
func (m *Maps[K, V]) Recycle(h *Map[K, V]) {
	t := h.tree
	if t == nil || t.loops > 0 || !t.small() || len(m.spare) == keptTrees {
		return
	}
	h.tree = nil
	t.reset()
	m.spare = append(m.spare, t)
}

// insert puts an entry at the place that was found for it. Where the tree is
// tracked, its key has been noted.
func (m *Maps[K, V]) insert(t *tree[K, V], p place, k K, v V) *V {
	if t.n >= hashSize && t.slots == nil && m.order.hash != nil && !m.ranges {
		t.toHash(&m.order)
	}
	return t.insert(&m.order, p, m.order.keep(k), v)
}

// note remembers what is at the place of k before it is changed.
func (m *Maps[K, V]) note(t *tree[K, V], p place, k K, found bool) {
	if t.tracked {
		t.change(&m.order, p, k, found)
	}
	if t.folds != nil {
		t.folds.changed(&m.order, k)
	}
	n := len(m.log)
	if n == 0 {
		m.journal.touched = append(m.journal.touched, m)
	} else if l := &m.log[n-1]; l.tree == t && m.order.compare(l.key, k) == 0 {
		return // as it was before is noted already
	}
	if found {
		m.log = append(m.log, change[K, V]{tree: t, key: k, was: *t.val(p), had: true})
		return
	}
	m.log = append(m.log, change[K, V]{tree: t, key: k})
}

// undo takes the changes back, the last first.
func (m *Maps[K, V]) undo() {
	for i := len(m.log) - 1; i >= 0; i-- {
		l := &m.log[i]
		l.tree.folds = nil
		switch p, found := l.tree.find(&m.order, l.key); {
		case l.had && found:
			*l.tree.val(p) = l.was
		case l.had:
			k := l.key
			if m.own != nil {
				k = m.own(k)
			}
			l.tree.insert(&m.order, p, m.order.keep(k), l.was)
		case found:
			l.tree.remove(&m.order, p)
		}
	}
}

// forget drops the log, and what was held. A log that grew large is not kept.
func (m *Maps[K, V]) forget() {
	const most = 1024
	for _, t := range m.held {
		t.held = false
	}
	clear(m.held)
	m.held = m.held[:0]
	if len(m.log) > most {
		m.log = nil
		return
	}
	clear(m.log)
	m.log = m.log[:0]
}

// stored compares each change with all before it, which is good for tests.
func (m *Maps[K, V]) stored() int {
	n := 0
next:
	for i := range m.log {
		for j := range i {
			if m.log[i].tree == m.log[j].tree && m.order.compare(m.log[i].key, m.log[j].key) == 0 {
				continue next
			}
		}
		n++
	}
	return n
}
