package state

import (
	"iter"
	"unsafe"

	"github.com/flow-lang/flowc/rt/value"
)

// Who asks for state from outside looks between handlers, and must not keep
// alive what only reads keep alive.

// Peek loops over the entries of a span in key order, between handlers.
func (m *Maps[K, V]) Peek(h *Map[K, V], s Span[K]) iter.Seq2[K, V] {
	if !s.hasLow && !s.hasHigh {
		return m.All(h)
	}
	return m.Range(h, s)
}

// Peek loops over the entries of a span that have not ended at now, in key
// order, between handlers. It is no access.
func (m *TTLMaps[K, V]) Peek(h *TTLMap[K, V], s Span[K], now value.Timestamp) iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		if h.body == nil {
			return
		}
		for k, e := range m.maps.Peek(&h.body.entries, s) {
			if !m.isOver(e.since, now) && !yield(k, e.v) {
				return
			}
		}
	}
}

// Peek loops over the elements of a span of numbers, between handlers.
func (l *List[T]) Peek(s Span[int64]) iter.Seq2[int64, T] {
	from, to := int64(0), int64(len(l.items))
	if s.hasLow {
		from = max(s.low, 0)
	}
	if s.hasHigh {
		to = min(s.high, to)
	}
	return func(yield func(int64, T) bool) {
		for i := from; i < to; i++ {
			if !yield(i, l.items[i]) {
				return
			}
		}
	}
}

// Peek loops over the elements of a span of numbers that have not ended at now,
// between handlers. Numbers are those of all elements that were ever appended.
func (l *TTLLists[T]) Peek(h *TTLList[T], s Span[int64], now value.Timestamp) iter.Seq2[int64, T] {
	return l.maps.Peek(&h.TTLMap, s, now)
}

// Next returns the first id that is not before id and has a key.
func (t *table[K, C]) Next(id uint32) (next uint32, ok bool) {
	for ; id < t.ids; id++ {
		if t.at(id).head().flags&alive != 0 {
			return id, true
		}
	}
	return 0, false
}

// Bytes returns the memory of the table, without what cells point to.
func (t *table[K, C]) Bytes() int {
	var e entry[K, C]
	var l line
	return len(t.slabs)*slabSize*int(unsafe.Sizeof(e)) + len(t.index.lines)*int(unsafe.Sizeof(l)) + 4*slabSize*len(t.known)
}
