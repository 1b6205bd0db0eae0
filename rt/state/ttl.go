package state

import (
	"iter"

	"github.com/flow-lang/flowc/rt/value"
)

// Access is what the life of an entry counts from.
type Access uint8

// The accesses that a ttl may name.
const (
	AfterWrite  Access = iota // the latest write
	AfterRead                 // the latest read or write
	AfterCreate               // the write that made the entry
)

// TTL says how long entries live: one has ended when the time since the access
// has reached For.
type TTL struct {
	For   value.Duration
	After Access
}

// TTLMap is a [Map] whose entries end one by one. The zero TTLMap is empty.
type TTLMap[K, V any] struct {
	body *ttlBody[K, V]
}

// ttlBody is a map with the times of its entries.
//
// Each entry has one in the heap, under the time in its field queued, that is
// not after its time; others in the heap are stale. So a write that makes an
// entry live longer leaves the heap alone.
type ttlBody[K, V any] struct {
	entries Map[K, timed[V]]
	due     dueHeap[K]
}

// tidy makes the heap anew when most of its room is of entries that were removed or have
// ended. It comes before a handler has changed anything, as entries that are put back
// when it is undone must be in the heap.
func (b *ttlBody[K, V]) tidy() {
	const few = 64
	if b == nil || cap(b.due) <= 4*b.entries.Len()+few {
		return
	}
	b.due = make(dueHeap[K], 0, b.entries.Len())
	t := b.entries.tree
	for i := range t.chunks {
		c := &t.chunks[i]
		for j, k := range c.keys {
			b.due.push(due[K]{c.vals[j].queued, k})
		}
	}
}

type timed[V any] struct {
	v      V
	since  value.Timestamp // what the life counts from
	queued value.Timestamp // where the heap has the entry
}

// Empty reports whether the map has no entry.
func (h *TTLMap[K, V]) Empty() bool { return h.body == nil || h.body.entries.Empty() }

// Len returns the number of entries that have not ended when the handler began.
func (h *TTLMap[K, V]) Len() int {
	if h.body == nil {
		return 0
	}
	return h.body.entries.Len()
}

// TTLMaps is [Maps] for maps whose entries end. A handler begins with
// [TTLMaps.Begin] for each of its maps.
type TTLMaps[K, V any] struct {
	maps  *Maps[K, timed[V]]
	ttl   TTL
	at    value.Timestamp // what accesses of the handler at hand count as
	ended []ended[K, V]   // entries that Begin has removed for the handler
}

type ended[K, V any] struct {
	body *ttlBody[K, V]
	due  due[K]
}

// NewTTLMaps returns the operations on maps whose entries end.
func NewTTLMaps[K, V any](j *Journal, order Order[K], ttl TTL) *TTLMaps[K, V] {
	return &TTLMaps[K, V]{maps: NewMaps[K, timed[V]](j, order), ttl: ttl}
}

// TTL says how long entries live.
func (m *TTLMaps[K, V]) TTL() TTL { return m.ttl }

// Begin removes what has ended at now; accesses count as at the time at, until
// the next Begin. It comes before all other operations of a handler, and is
// undone with it.
func (m *TTLMaps[K, V]) Begin(h *TTLMap[K, V], now, at value.Timestamp) {
	m.at = at
	h.body.tidy()
	for h.body != nil && m.hasDue(h.body, now) {
		d := h.body.due.pop()
		if m.requeued(h.body, d, now) {
			continue
		}
		if len(m.ended) == 0 {
			m.maps.journal.touched = append(m.maps.journal.touched, m)
		}
		m.ended = append(m.ended, ended[K, V]{h.body, d})
		m.maps.Remove(&h.body.entries, d.key)
	}
}

// Sweep removes what has ended at now, at most budget entries, and returns how
// many it has looked at. It is called between handlers.
func (m *TTLMaps[K, V]) Sweep(h *TTLMap[K, V], now value.Timestamp, budget int) int {
	n := 0
	h.body.tidy()
	for ; n < budget && h.body != nil && m.hasDue(h.body, now); n++ {
		if d := h.body.due.pop(); !m.requeued(h.body, d, now) {
			m.maps.Remove(&h.body.entries, d.key)
		}
	}
	m.maps.journal.Commit()
	return n
}

func (m *TTLMaps[K, V]) hasDue(b *ttlBody[K, V], now value.Timestamp) bool {
	return len(b.due) > 0 && m.isOver(b.due[0].since, now)
}

func (m *TTLMaps[K, V]) isOver(since, now value.Timestamp) bool {
	return value.Since(now, since) >= m.ttl.For
}

// requeued reports whether d, which has left the heap, stands for no entry that
// has ended. An entry that lives longer is put back.
func (m *TTLMaps[K, V]) requeued(b *ttlBody[K, V], d due[K], now value.Timestamp) bool {
	t := b.entries.tree
	p, found := t.find(&m.maps.order, d.key)
	if !found {
		return true
	}
	e := t.val(p)
	if e.queued != d.since {
		return true
	}
	if m.isOver(e.since, now) {
		return false
	}
	e.queued = e.since
	b.due.push(due[K]{e.since, d.key})
	return true
}

// Get returns the value of k, or none.
func (m *TTLMaps[K, V]) Get(h *TTLMap[K, V], k K) value.Option[V] {
	if v := m.View(h, k); v != nil {
		return value.Some(*v)
	}
	return value.Option[V]{}
}

// Has reports whether there is an entry of k.
func (m *TTLMaps[K, V]) Has(h *TTLMap[K, V], k K) bool { return m.View(h, k) != nil }

// Lives reports whether there is an entry of k, which does not count as a read.
func (m *TTLMaps[K, V]) Lives(h *TTLMap[K, V], k K) bool {
	return h.body != nil && m.maps.Has(&h.body.entries, k)
}

// View returns the value of k, or nil. It may be read until the map is changed.
func (m *TTLMaps[K, V]) View(h *TTLMap[K, V], k K) *V {
	if h.body == nil {
		return nil
	}
	e := m.maps.View(&h.body.entries, k)
	if e == nil {
		return nil
	}
	if m.ttl.After == AfterRead && e.since < m.at {
		e, _ = m.maps.Ref(&h.body.entries, k)
		e.since = m.at
	}
	return &e.v
}

// Put sets the value of k.
func (m *TTLMaps[K, V]) Put(h *TTLMap[K, V], k K, v V) {
	to, _ := m.Ref(h, k)
	*to = v
}

// Ref returns the value of k to be changed in place, until the next operation
// that may change the map. If there is no entry it makes a zero one, which is
// then fresh.
func (m *TTLMaps[K, V]) Ref(h *TTLMap[K, V], k K) (v *V, fresh bool) {
	if h.body == nil {
		h.body = &ttlBody[K, V]{}
	}
	e, fresh := m.maps.Ref(&h.body.entries, k)
	switch {
	case fresh:
		e.since, e.queued = m.at, m.at
		h.body.due.push(due[K]{m.at, m.maps.order.keep(k)})
	case m.ttl.After != AfterCreate:
		e.since = max(e.since, m.at)
	}
	return &e.v, fresh
}

// Remove removes the entry of k, if there is one.
func (m *TTLMaps[K, V]) Remove(h *TTLMap[K, V], k K) {
	if h.body != nil {
		m.maps.Remove(&h.body.entries, k)
	}
}

// RemoveBefore removes the entries whose keys come before k. It touches no
// others.
func (m *TTLMaps[K, V]) RemoveBefore(h *TTLMap[K, V], k K) {
	if h.body != nil {
		m.maps.RemoveBefore(&h.body.entries, k)
	}
}

// Clear removes all entries.
func (m *TTLMaps[K, V]) Clear(h *TTLMap[K, V]) { h.body = nil }

// All loops over the entries in key order, as they were when the loop began.
func (m *TTLMaps[K, V]) All(h *TTLMap[K, V]) iter.Seq2[K, V] { return m.Range(h, Span[K]{}) }

// Range is [TTLMaps.All] for a span of keys. It touches no others.
func (m *TTLMaps[K, V]) Range(h *TTLMap[K, V], s Span[K]) iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		if h.body == nil {
			return
		}
		read := *h // the loop may clear h
		for k, e := range m.maps.Range(&h.body.entries, s) {
			if m.ttl.After == AfterRead {
				m.View(&read, k)
			}
			if !yield(k, e.v) {
				return
			}
		}
	}
}

// First returns the first entry of a span, or none.
func (m *TTLMaps[K, V]) First(h *TTLMap[K, V], s Span[K]) value.Option[Pair[K, V]] {
	if h.body == nil {
		return value.Option[Pair[K, V]]{}
	}
	return m.pair(h, m.maps.First(&h.body.entries, s))
}

// Last returns the last entry of a span, or none.
func (m *TTLMaps[K, V]) Last(h *TTLMap[K, V], s Span[K]) value.Option[Pair[K, V]] {
	if h.body == nil {
		return value.Option[Pair[K, V]]{}
	}
	return m.pair(h, m.maps.Last(&h.body.entries, s))
}

func (m *TTLMaps[K, V]) pair(h *TTLMap[K, V], p value.Option[Pair[K, timed[V]]]) value.Option[Pair[K, V]] {
	if !p.OK {
		return value.Option[Pair[K, V]]{}
	}
	m.View(h, p.V.Key)
	return value.Some(Pair[K, V]{Key: p.V.Key, Value: p.V.Value.v})
}

// Fold is [Maps.Fold]. Nothing is kept, as entries end by themselves.
func (m *TTLMaps[K, V]) Fold(h *TTLMap[K, V], low, pivot, high K, merge func(into, v *V) bool) (sum V) {
	var before []V // the values before the pivot
	var after V    // the merge of the others
	for k, v := range m.Range(h, Between(low, high)) {
		if m.maps.order.compare(k, pivot) < 0 {
			before = append(before, v)
			continue
		}
		if !merge(&after, &v) {
			return sum
		}
	}
	for i := len(before) - 1; i >= 0; i-- {
		v := before[i]
		if i < len(before)-1 && !merge(&v, &sum) {
			return sum
		}
		sum = v
	}
	merge(&sum, &after)
	return sum
}

// Count returns the number of entries of a span. It looks at no value.
func (m *TTLMaps[K, V]) Count(h *TTLMap[K, V], s Span[K]) int {
	if h.body == nil {
		return 0
	}
	return m.maps.Count(&h.body.entries, s)
}

// undo queues what Begin has removed again; the entries themselves are restored
// with the map's own changes.
func (m *TTLMaps[K, V]) undo() {
	for _, e := range m.ended {
		e.body.due.push(e.due)
	}
}

// stored is 0: the map counts what Begin has removed.
func (m *TTLMaps[K, V]) stored() int { return 0 }

func (m *TTLMaps[K, V]) forget() {
	clear(m.ended)
	m.ended = m.ended[:0]
}

// TTLList is a list whose elements end one by one. The zero TTLList is empty.
type TTLList[T any] struct {
	TTLMap[int64, T]
}

// TTLLists does the operations on the lists of one state, which are those of a
// map from numbers to elements. A handler begins with Begin for each of its
// lists.
type TTLLists[T any] struct {
	maps *TTLMaps[int64, T]
}

// NewTTLLists returns the operations on lists whose elements end.
func NewTTLLists[T any](j *Journal, ttl TTL) *TTLLists[T] {
	return &TTLLists[T]{maps: NewTTLMaps[int64, T](j, Ordered[int64](), ttl)}
}

// TTL says how long elements live.
func (l *TTLLists[T]) TTL() TTL { return l.maps.ttl }

// Begin is [TTLMaps.Begin].
func (l *TTLLists[T]) Begin(h *TTLList[T], now, at value.Timestamp) { l.maps.Begin(&h.TTLMap, now, at) }

// Sweep is [TTLMaps.Sweep].
func (l *TTLLists[T]) Sweep(h *TTLList[T], now value.Timestamp, budget int) int {
	return l.maps.Sweep(&h.TTLMap, now, budget)
}

// Append adds v at the end. Its number follows from those that are there, not
// from what has been and ended: a list that comes out of a store knows no more.
func (l *TTLLists[T]) Append(h *TTLList[T], v T) {
	next := int64(0)
	if h.body != nil {
		if last := l.maps.maps.Last(&h.body.entries, Span[int64]{}); last.OK {
			next = last.V.Key + 1
		}
	}
	l.maps.Put(&h.TTLMap, next, v)
}

// All loops over the elements, first to last, as they were when the loop began.
func (l *TTLLists[T]) All(h *TTLList[T]) iter.Seq[T] {
	return func(yield func(T) bool) {
		for _, v := range l.maps.All(&h.TTLMap) {
			if !yield(v) {
				return
			}
		}
	}
}

// Clear removes all elements.
func (l *TTLLists[T]) Clear(h *TTLList[T]) { *h = TTLList[T]{} }
