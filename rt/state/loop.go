package state

// runs is a loop over the entries of a span, run by run. The loops over entries
// are written out where it is used, so that the compiler puts the body of a loop
// in place: a call for each entry would take longer than most bodies.
type runs[K, V any] struct {
	journal *Journal
	tree    *tree[K, V]
	chunks  []chunk[K, V] // those that are left
	from    int           // first entry of the first of them
	to      int           // end in the last of them
	keys    []K           // of the run at hand
	vals    []V
}

// runs begins a loop, which ends when next returns false or by stop.
func (m *Maps[K, V]) runs(h *Map[K, V], s Span[K]) runs[K, V] {
	t := h.tree
	if t == nil {
		return runs[K, V]{}
	}
	if t.slots != nil {
		keys, vals := t.sorted(&m.order)
		chunks := []chunk[K, V]{{keys: keys, vals: vals}}
		t.loops++
		return runs[K, V]{journal: m.journal, tree: t, chunks: chunks, to: len(keys)}
	}
	from, to := t.bounds(&m.order, s)
	chunks := t.begin()[from.chunk : to.chunk+1]
	return runs[K, V]{journal: m.journal, tree: t, chunks: chunks, from: from.at, to: to.at}
}

// next goes to the next run, which has an entry at least.
func (r *runs[K, V]) next() bool {
	for len(r.chunks) > 0 {
		c := &r.chunks[0]
		end := len(c.keys)
		if len(r.chunks) == 1 {
			end = r.to
		}
		r.keys, r.vals = c.keys[r.from:end], c.vals[r.from:end]
		r.chunks, r.from = r.chunks[1:], 0
		if len(r.keys) > 0 {
			r.journal.scanned(len(r.keys))
			return true
		}
	}
	if r.tree != nil {
		r.tree.loops--
	}
	return false
}

// stop ends the loop after so many entries of the run at hand.
func (r *runs[K, V]) stop(seen int) {
	r.journal.scanned(seen - len(r.keys))
	r.tree.loops--
}
