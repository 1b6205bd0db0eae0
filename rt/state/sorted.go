package state

import (
	"iter"

	"github.com/flow-lang/flowc/rt/value"
)

// ranged makes the map one that is sorted by chunks, if it is a hash table: so
// the first time that a span is asked for takes longer, and later maps of the
// state stay as they are. It reports whether there is a tree.
func (m *Maps[K, V]) ranged(h *Map[K, V]) bool {
	m.ranges = true
	if h.tree == nil {
		return false
	}
	if h.tree.slots != nil {
		h.tree.toChunks(&m.order)
	}
	return true
}

// RemoveBefore removes the entries whose keys come before k. It touches no
// others.
func (m *Maps[K, V]) RemoveBefore(h *Map[K, V], k K) {
	for m.ranged(h) && h.tree.n > 0 {
		m.part(h)
		first := h.tree.chunks[0].keys[0]
		if m.order.compare(first, k) >= 0 {
			return
		}
		m.journal.wrote(1)
		m.note(h.tree, place{}, first, true)
		h.tree.remove(&m.order, place{})
	}
}

// Range loops over the entries of a span in key order, as they were when the
// loop began. It touches no others.
func (m *Maps[K, V]) Range(h *Map[K, V], s Span[K]) iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		m.ranged(h)
		r := m.runs(h, s)
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

// First returns the first entry of a span, or none.
func (m *Maps[K, V]) First(h *Map[K, V], s Span[K]) value.Option[Pair[K, V]] {
	if !m.ranged(h) {
		return value.Option[Pair[K, V]]{}
	}
	t := h.tree
	var p place
	if s.hasLow {
		p, _ = t.find(&m.order, s.low)
	}
	if p.at == len(t.chunks[p.chunk].keys) {
		p = place{chunk: p.chunk + 1}
	}
	ok := p.chunk < len(t.chunks) && (!s.hasHigh || m.order.compare(t.chunks[p.chunk].keys[p.at], s.high) < 0)
	return m.pair(t, p, ok)
}

// FirstEnd returns the key of the first entry that ends at a time or after it, and
// when it does. of tells when the entry of a key ends, which does not fall from one
// to the next.
func (m *Maps[K, V]) FirstEnd(h *Map[K, V], at value.Timestamp, of func(K) value.Timestamp) (k K, end value.Timestamp, ok bool) {
	if !m.ranged(h) {
		return k, end, false
	}
	for i := range h.tree.chunks {
		for _, k := range h.tree.chunks[i].keys {
			if end := of(k); end >= at {
				return k, end, true
			}
		}
	}
	return k, end, false
}

// Last returns the last entry of a span, or none.
func (m *Maps[K, V]) Last(h *Map[K, V], s Span[K]) value.Option[Pair[K, V]] {
	if !m.ranged(h) {
		return value.Option[Pair[K, V]]{}
	}
	t := h.tree
	p := place{chunk: len(t.chunks) - 1}
	if s.hasHigh {
		p, _ = t.find(&m.order, s.high)
	} else {
		p.at = len(t.chunks[p.chunk].keys)
	}
	if p.at == 0 && p.chunk > 0 {
		p.chunk--
		p.at = len(t.chunks[p.chunk].keys)
	}
	p.at--
	ok := p.at >= 0 && (!s.hasLow || m.order.compare(t.chunks[p.chunk].keys[p.at], s.low) >= 0)
	return m.pair(t, p, ok)
}

func (m *Maps[K, V]) pair(t *tree[K, V], p place, ok bool) value.Option[Pair[K, V]] {
	if !ok {
		return value.Option[Pair[K, V]]{}
	}
	m.journal.scanned(1)
	c := &t.chunks[p.chunk]
	return value.Some(Pair[K, V]{Key: c.keys[p.at], Value: c.vals[p.at]})
}

// Count returns the number of entries of a span. It looks at no value.
func (m *Maps[K, V]) Count(h *Map[K, V], s Span[K]) int {
	if !m.ranged(h) {
		return 0
	}
	from, to := h.tree.bounds(&m.order, s)
	n := to.at - from.at
	for i := from.chunk; i < to.chunk; i++ {
		n += len(h.tree.chunks[i].keys)
	}
	return n
}
