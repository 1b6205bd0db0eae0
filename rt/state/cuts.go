package state

import "unsafe"

// cuts is what a table keeps for snapshots.
//
// Epochs have even and odd numbers by turns. A cell that is put gets the mark of
// the epoch at hand and its id stands in changed, so that Cut ends an epoch by
// taking the list and changing the mark. A snapshot owes the cells of its list
// that still have the old mark, or, if it is one of all, those whose phase is
// not that of the table. Who is about to change a cell that is owed has it given
// first.
//
// When a good part of all cells has been put, there is no list any more, and a
// snapshot looks at all cells for the mark, one behind the other as they lie: that
// is faster than to go to and fro, and needs no memory.
type cuts struct {
	mark    marks    // even or odd; 0 as long as nobody asks what changes
	phase   marks    // of entries that no snapshot of all owes
	owed    marks    // mark of the cells that the snapshot at hand owes; 0 if it owes none
	all     bool     // the snapshot at hand is one of all
	changed []uint32 // ids of cells with the mark, and of some that were removed since
	many    bool     // more have it, and changed has none
	gone    func(id uint32)
}

// track begins to note which cells are put, and calls gone before a key goes of
// which snapshots know.
func (t *table[K, C]) track(gone func(id uint32)) {
	if t.mark == 0 {
		t.mark, t.gone = even, gone
	}
}

// list takes note that a cell has got the mark, unless many have. A store is always told
// which.
func (t *table[K, C]) list(id uint32) {
	const part = 8 // of all cells: those between cost less than to fetch one
	if len(t.changed) > int(t.ids)/part && t.miss == nil {
		t.many, t.changed = true, nil
		return
	}
	if len(t.changed) > 2*t.live+slabSize {
		t.relist()
	}
	t.changed = append(t.changed, id)
}

// relist leaves out of the list what has been removed since, and ids that are listed
// for each of the keys that had them.
func (t *table[K, C]) relist() {
	kept := t.changed[:0]
	for _, id := range t.changed {
		if h := t.at(id).head(); h.flags&t.mark != 0 {
			h.flags &^= t.mark
			kept = append(kept, id)
		}
	}
	for _, id := range kept {
		t.at(id).head().flags |= t.mark
	}
	t.changed = kept
}

// cut begins a snapshot: of all cells, or of those that were put since the last
// epoch began, whose list it returns unless they are many. It ends the epoch unless
// the snapshot is a copy.
func (t *table[K, C]) cut(all, copies bool) (changed []uint32, many bool) {
	if all {
		t.all = true
		t.phase ^= phase
	} else {
		t.owed = t.mark
	}
	if copies {
		return nil, true
	}
	changed, many = t.changed, t.many || all
	t.changed, t.many = nil, false
	t.mark ^= even | odd
	return changed, many
}

// ended takes note that the snapshot at hand owes nothing any more.
func (t *table[K, C]) ended() { t.all, t.owed = false, 0 }

// Owes reports whether the snapshot at hand has yet to give the cell of an id.
func (t *table[K, C]) Owes(id uint32) bool { return (t.all || t.owed != 0) && t.owes(id) }

func (t *table[K, C]) owes(id uint32) bool {
	if id >= t.ids {
		return false
	}
	f := t.at(id).head().flags
	if t.all {
		return f&alive != 0 && f&phase != t.phase
	}
	return f&t.owed != 0
}

// pay takes note that the cell of an id is given, and returns what snapshots know of its
// key; nil if the snapshot at hand does not owe it.
func (t *table[K, C]) pay(id uint32, copies bool) (known *uint32) {
	if !t.owes(id) {
		return nil
	}
	t.paid(id, copies)
	return t.Know(id)
}

// paid takes note that the cell of an id has been given.
func (t *table[K, C]) paid(id uint32, copies bool) {
	h := t.at(id).head()
	if !t.all {
		h.flags &^= t.owed
		return
	}
	h.flags = h.flags&^phase | t.phase
	if !copies {
		h.flags &^= t.mark ^ (even | odd)
	}
}

// spread marks a cell as put, and as one of which snapshots may know anything.
func (t *table[K, C]) spread(id uint32) {
	*t.Know(id) = ^uint32(0)
	if h := t.at(id).head(); h.flags&t.mark != t.mark {
		h.flags = h.flags&^kept | t.mark
		if !t.many {
			t.list(id)
		}
	}
}

// slots returns a number that is greater than all ids.
func (t *table[K, C]) slots() uint32 { return t.ids }

// isAlive reports whether the entry of an id is in the index.
func (t *table[K, C]) isAlive(id uint32) bool { return id < t.ids && t.at(id).head().flags&alive != 0 }

// touchKnown fetches entries into the cache, and what snapshots know of their keys.
func (t *table[K, C]) touchKnown(ids []uint32) {
	t.touch(ids)
	sum := uint64(0)
	for _, id := range ids {
		if k := t.knownOf(id); k != nil {
			sum += uint64(*k)
		}
	}
	t.fetch += sum
}

// touch fetches entries into the cache, all of them at once. One may lie in two lines.
func (t *table[K, C]) touch(ids []uint32) {
	sum := uint64(0)
	for _, id := range ids {
		e := t.at(id)
		sum += read(e) + read((*byte)(unsafe.Add(unsafe.Pointer(e), unsafe.Sizeof(*e)-1)))
	}
	t.fetch += sum
}

// Know returns what snapshots know of the key of an id.
func (t *table[K, C]) Know(id uint32) *uint32 {
	if k := t.knownOf(id); k != nil {
		return k
	}
	at := int(id >> slabBits)
	for len(t.known) <= at {
		t.known = append(t.known, nil)
	}
	t.known[at] = new([slabSize]uint32)
	return &t.known[at][id&slabMask]
}
