package state

import "math/bits"

// Whole are the keys that lie on a line of whole numbers.
type Whole interface{ ~int32 | ~int64 }

// folds are what ranges of entries of one map have been merged to, around a
// pivot: up to it from each entry before, and from it on as far as was asked for.
// They are derived and never saved.
//
// The pivot of a range depends on its borders alone, and what is merged with what
// on the pivot. So a result is the same to the last bit whether parts of it were
// kept or not. A range that slides along keeps its pivot for about half of its
// length, so that each step costs few merges.
type folds[K, V any] struct {
	pivot K
	lows  []K // the entries before the pivot, the nearest first
	low   []V // low[i] is the merge of the entries from lows[i] up to the pivot
	top   K   // the entries from the pivot up to top are in high
	high  V
	sum   V // of both sides, of the latest range
}

// fewFolded is how many entries are merged anew each time.
const fewFolded = 8

// Pivot returns the key between low and high, low left out, that has the most
// zeros at its end, in binary. low must come before high, which is one more than
// the last key of the range.
func Pivot[K Whole](low, high K) K {
	first, last := uint64(int64(low)), uint64(int64(high)-1)
	if first == last {
		return low
	}
	return K(int64(last &^ (1<<(bits.Len64(first^last)-1) - 1)))
}

// Fold merges the values of the entries from low up to, not including, high in
// the order of their keys; it gives the zero value if there are none. pivot is
// that of the range. merge adds the second value to the first and returns false
// if it has failed; a copy of a value must share nothing that merge changes.
func (m *Maps[K, V]) Fold(h *Map[K, V], low, pivot, high K, merge func(into, v *V) bool) (sum V) {
	if m.order.compare(low, high) >= 0 || !m.ranged(h) {
		return sum
	}
	t := h.tree
	if from, to := t.bounds(&m.order, Between(low, high)); from.chunk == to.chunk && to.at-from.at <= fewFolded {
		return m.foldFew(&t.chunks[from.chunk], from.at, to.at, pivot, merge)
	}
	f := t.folds
	switch {
	case f == nil:
		f = &folds[K, V]{pivot: pivot, top: pivot}
		t.folds = f
	case m.order.compare(f.pivot, pivot) != 0:
		*f = folds[K, V]{pivot: pivot, top: pivot, lows: f.lows[:0], low: f.low[:0]}
	}
	if !m.foldDown(t, f, low, merge) || !m.foldUp(t, f, high, merge) {
		t.folds = nil // a part of it is missing
		return sum
	}
	f.sum = sum
	if n := len(f.low); n > 0 {
		f.sum = f.low[n-1]
	}
	merge(&f.sum, &f.high)
	return f.sum
}

// foldFew is Fold of the entries of a chunk from one index up to another. It merges
// in the order that folds do, and keeps nothing.
func (m *Maps[K, V]) foldFew(c *chunk[K, V], from, to int, pivot K, merge func(into, v *V) bool) (sum V) {
	m.journal.scanned(to - from)
	middle := from
	for middle < to && m.order.compare(c.keys[middle], pivot) < 0 {
		middle++
	}
	w := &m.folding // what merge gets must not be here: it would be allocated each time
	*w = [2]V{}
	for i := middle - 1; i >= from; i-- {
		was := w[0]
		w[0], w[1] = c.vals[i], was
		if i < middle-1 && !merge(&w[0], &w[1]) {
			return sum
		}
	}
	var zero V
	w[1] = zero
	for i := middle; i < to; i++ {
		if !merge(&w[1], &c.vals[i]) {
			return sum
		}
	}
	merge(&w[0], &w[1])
	sum, w[0] = w[0], zero
	return sum
}

// foldDown brings the merges before the pivot to those from low on.
func (m *Maps[K, V]) foldDown(t *tree[K, V], f *folds[K, V], low K, merge func(into, v *V) bool) bool {
	f.cut(func(k K) bool { return m.order.compare(k, low) < 0 })
	end := f.pivot
	if n := len(f.lows); n > 0 {
		end = f.lows[n-1]
	}
	from, to := t.bounds(&m.order, Between(low, end))
	for from.before(to) {
		if to.at == 0 {
			to.chunk--
			to.at = len(t.chunks[to.chunk].keys)
			continue
		}
		to.at--
		m.journal.scanned(1)
		n := len(f.low)
		f.lows, f.low = append(f.lows, t.chunks[to.chunk].keys[to.at]), append(f.low, *t.val(to))
		if n > 0 && !merge(&f.low[n], &f.low[n-1]) {
			return false
		}
	}
	return true
}

// foldUp brings the merge from the pivot on up to high.
func (m *Maps[K, V]) foldUp(t *tree[K, V], f *folds[K, V], high K, merge func(into, v *V) bool) bool {
	if m.order.compare(high, f.top) < 0 {
		var zero V
		f.top, f.high = f.pivot, zero
	}
	from, to := t.bounds(&m.order, Between(f.top, high))
	for from.before(to) {
		if from.at == len(t.chunks[from.chunk].keys) {
			from = place{chunk: from.chunk + 1}
			continue
		}
		m.journal.scanned(1)
		if !merge(&f.high, t.val(from)) {
			return false
		}
		from.at++
	}
	f.top = high
	return true
}

// cut leaves out the merges from the entries for which gone holds, which are the
// last.
func (f *folds[K, V]) cut(gone func(k K) bool) {
	n := len(f.lows)
	for n > 0 && gone(f.lows[n-1]) {
		n--
	}
	f.lows, f.low = f.lows[:n], f.low[:n]
}

// changed leaves out the merges that the entry of k is part of.
func (f *folds[K, V]) changed(o *Order[K], k K) {
	if o.compare(k, f.pivot) < 0 {
		f.cut(func(low K) bool { return o.compare(low, k) <= 0 })
		return
	}
	if o.compare(k, f.top) < 0 {
		var zero V
		f.top, f.high = f.pivot, zero
	}
}
