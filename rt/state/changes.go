package state

import "slices"

// A tree that snapshots have is tracked: what is put and removed since is listed.
// An entry that is marked stands in the list already. Marks lie beside the keys
// in their chunks; loops look at none, so chunks that a loop shares have marks in
// common with those that took their place.

// change notes that the entry of k is about to be put or removed. p is its place
// if it was found.
func (t *tree[K, V]) change(o *Order[K], p place, k K, found bool) {
	if found {
		c := &t.chunks[p.chunk]
		if c.marks[p.at] {
			return
		}
		c.marks[p.at] = true
		k = c.keys[p.at] // the one that is kept
	} else {
		k = o.keep(k)
	}
	// An entry that goes takes its mark along, so keys that come and go by turns
	// are listed again and again. Where all are different nothing is won, and as many
	// again are listed before the next look.
	if n := len(t.changed); n >= 2*t.n+1024 && n == cap(t.changed) {
		o.sort(t.changed)
		t.changed = slices.CompactFunc(t.changed, func(a, b K) bool { return o.compare(a, b) == 0 })
		t.changed = slices.Grow(t.changed, len(t.changed))
	}
	t.changed = append(t.changed, k)
}

// follow makes the tree one that snapshots have as it is now.
func (t *tree[K, V]) follow(o *Order[K]) {
	if t.tracked {
		for _, k := range t.changed {
			if p, found := t.find(o, k); found {
				t.chunks[p.chunk].marks[p.at] = false
			}
		}
		t.changed = t.changed[:0]
		return
	}
	t.tracked = true
	for i := range t.chunks {
		t.chunks[i].marks = make([]bool, len(t.chunks[i].keys), cap(t.chunks[i].keys))
	}
}

// unfollow makes the tree one that snapshots may not have.
func (t *tree[K, V]) unfollow() {
	t.tracked, t.changed = false, nil
	for i := range t.chunks {
		t.chunks[i].marks = nil
	}
}
