package state

import (
	"iter"
	"unsafe"
)

const (
	slabBits = 10 // an entry's slab is its id without so many low bits
	slabSize = 1 << slabBits
	slabMask = slabSize - 1

	mostRoom = 8 << 20 // bytes of slabs that are made at once
)

// entry is a key with its cell, which begins with a Head.
type entry[K, C any] struct {
	key  K
	cell C
}

// head returns what the table notes of the key.
func (e *entry[K, C]) head() *Head { return (*Head)(unsafe.Pointer(&e.cell)) }

// table is what tables of all kinds of keys share.
type table[K, C any] struct {
	index index
	hash  func(id uint32) uint64 // of the key of an id
	live  int                    // entries in the index
	slabs []*[slabSize]entry[K, C]
	room  [][slabSize]entry[K, C] // slabs that no entry is in yet
	ids   uint32                  // ids that have been handed out
	free  []uint32                // those that were given back
	more  map[uint32]int          // timers that a Head has no room to count
	known []*[slabSize]uint32     // what snapshots have of keys, by state: see Saver.bit; nil where that was never asked
	cuts                          // for snapshots
	spill                         // for a store
	hand  uint32                  // id that the next Sweep begins at
	ahead []uint32                // ids that Touch has found
	fetch uint64                  // sum of what Touch has read, so that it is not left out
	near  *near[C]                // of Near; nil until it is asked

	// Of TouchRows.
	before int // keys that there were when it was called last
	lot    int // keys that it was called for
}

func newTable[K, C any]() table[K, C] {
	headed[C]()
	return table[K, C]{index: newIndex(1)}
}

// at returns the entry of an id.
func (t *table[K, C]) at(id uint32) *entry[K, C] {
	return &t.slabs[id>>slabBits][id&slabMask]
}

// Len returns the number of keys.
func (t *table[K, C]) Len() int { return t.live }

// Cell returns the cell of an id that the table or a queue has given. The
// pointer is good until the key is removed; the cell of an id whose key has been
// removed is zero.
func (t *table[K, C]) Cell(id uint32) *C { return &t.at(id).cell }

// IDs loops over the ids of all keys, in no special order. The loop may remove
// keys, and add none.
func (t *table[K, C]) IDs() iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		for id := range t.ids {
			if t.isAlive(id) && !yield(id) {
				return
			}
		}
	}
}

// Put sets the cell of an id.
func (t *table[K, C]) Put(id uint32, c *C) {
	e := t.at(id)
	h := *e.head()
	if h.flags&t.mark != t.mark {
		h.flags = h.flags&^kept | t.mark | used
		if !t.many {
			t.list(id)
		}
	}
	e.cell = *c
	*e.head() = h
}

// Touch fetches what the look-ups of a batch need into the cache: first the lines of
// the index, then the entries, each time all of them at once.
func (t *table[K, C]) Touch(hashes []uint64) {
	t.fetch += t.index.touch(hashes)
	if cap(t.ahead) < len(hashes) {
		t.ahead = make([]uint32, len(hashes))
	}
	t.ahead = t.ahead[:len(hashes)]
	n := 0
	for _, h := range hashes {
		if id, found := t.index.nearest(h); found {
			t.ahead[n] = id
			n++
		}
	}
	t.ahead = t.ahead[:n]
	t.touch(t.ahead)
}

// TouchRows is Touch for keys that are restored. Most are new, so entries are fetched
// only if some of the keys before them were not.
func (t *table[K, C]) TouchRows(hashes []uint64) {
	fresh := t.live-t.before == t.lot
	t.before, t.lot = t.live, len(hashes)
	if fresh {
		t.fetch += t.index.touch(hashes)
		return
	}
	t.Touch(hashes)
}

// insert adds an entry to the index and returns its id. The caller sets the
// key. No entry of that key may be there.
func (t *table[K, C]) insert(hash uint64) (uint32, *entry[K, C]) {
	if t.live == t.index.room {
		t.grow()
	}
	var id uint32
	if n := len(t.free); n > 0 {
		id, t.free = t.free[n-1], t.free[:n-1]
		if k := t.knownOf(id); k != nil {
			*k = 0
		}
	} else {
		id = t.ids
		if id&slabMask == 0 {
			t.slabs = append(t.slabs, t.slab())
		}
		t.ids++
	}
	e := t.at(id)
	e.head().flags = alive | t.phase
	t.index.put(hash, id)
	t.live++
	return id, e
}

// grow gives the index more room. What it had is given back before, so that memory
// never holds both.
func (t *table[K, C]) grow() {
	lines := t.index.more()
	t.index.release()
	t.index = newIndex(lines)
	const atOnce = 64
	var ids [atOnce]uint32
	var hashes [atOnce]uint64
	n := 0
	put := func() {
		t.fetch += t.index.touch(hashes[:n])
		for i, id := range ids[:n] {
			t.index.put(hashes[i], id)
		}
		n = 0
	}
	for id := range t.IDs() {
		ids[n], hashes[n] = id, t.hash(id)
		if n++; n == atOnce {
			put()
		}
	}
	put()
}

// knownOf returns what snapshots know of the key of an id, nil if nobody has asked.
func (t *table[K, C]) knownOf(id uint32) *uint32 {
	if at := int(id >> slabBits); at < len(t.known) && t.known[at] != nil {
		return &t.known[at][id&slabMask]
	}
	return nil
}

// Reserve makes room for so many keys in a table that has none.
func (t *table[K, C]) Reserve(keys int) {
	if t.live > 0 {
		return
	}
	if keys > t.index.room {
		t.index = newIndex(linesFor(keys))
	}
	if slabs := (keys + slabSize - 1) / slabSize; slabs > 1 {
		t.makeRoom(slabs)
		t.makeKnown(slabs)
	}
}

// makeKnown makes room for what snapshots know of the keys of so many slabs.
func (t *table[K, C]) makeKnown(slabs int) {
	known := make([][slabSize]uint32, slabs)
	usedWhole(unsafe.Pointer(&known[0]), uintptr(slabs)*unsafe.Sizeof(known[0]))
	t.known = make([]*[slabSize]uint32, slabs)
	for i := range known {
		t.known[i] = &known[i]
	}
}

// slab returns a new slab. Those of a large table are made several at once.
func (t *table[K, C]) slab() *[slabSize]entry[K, C] {
	if len(t.room) == 0 {
		t.makeRoom(max(min(len(t.slabs)/8, mostRoom/int(unsafe.Sizeof([slabSize]entry[K, C]{}))), 1))
	}
	s := &t.room[0]
	t.room = t.room[1:]
	if len(t.slabs) > 0 { // of a table that has more than a few keys
		populate(unsafe.Pointer(s), unsafe.Sizeof(*s))
	}
	return s
}

// makeRoom makes so many slabs, of which nothing is used yet.
func (t *table[K, C]) makeRoom(slabs int) {
	t.room = make([][slabSize]entry[K, C], slabs)
	inHugePages(unsafe.Pointer(&t.room[0]), uintptr(slabs)*unsafe.Sizeof(t.room[0]))
}

// unlink removes the entry of an id from the index and zeroes its cell. It
// reports whether the slot is free; else queued timers still name it.
func (t *table[K, C]) unlink(id uint32) bool {
	if t.mark != 0 {
		if k := t.knownOf(id); k != nil && *k != 0 {
			t.gone(id)
		}
	}
	return t.leave(id)
}

// leave is unlink of a key that is not gone.
func (t *table[K, C]) leave(id uint32) bool {
	t.index.remove(t.hash(id), id)
	t.live--
	e := t.at(id)
	h := *e.head()
	h.flags = 0
	var zero C
	e.cell = zero
	*e.head() = h
	return h.free()
}

// sweep visits at most budget slots, going on where it stopped, and calls
// remove for those that visit wants removed.
func (t *table[K, C]) sweep(budget int, visit func(id uint32, c *C) bool, remove func(id uint32)) {
	if t.live == 0 {
		return
	}
	for range min(budget, int(t.ids)) {
		if t.hand >= t.ids {
			t.hand = 0
		}
		id := t.hand
		t.hand++
		if e := t.at(id); e.head().flags&alive != 0 && !t.Owes(id) && visit(id, &e.cell) {
			remove(id)
		}
	}
}
