package state

import (
	"iter"
	"math"
	"unsafe"
)

const (
	slabBits = 10 // an entry's slab is its id without so many low bits
	slabSize = 1 << slabBits
	slabMask = slabSize - 1

	firstIndex = 64 // words of a new index

	mostRoom = 8 << 20 // bytes of slabs that are made at once
)

// The bits of entry.held that do not count.
const (
	alive = 1 << 31 // the entry is in the index
	even  = 1 << 30 // the cell has been put in an epoch of even number,
	odd   = 1 << 29 // or of odd number, and no snapshot has given it since
	phase = 1 << 28 // as table.phase, unless a snapshot of all owes it
	kept  = 1 << 27 // a store has the cell as it is
	used  = 1 << 26 // the cell was loaded or put since the table looked for cells to evict
	flags = alive | even | odd | phase | kept | used
)

// entry is a key with its cell.
type entry[K, C any] struct {
	key   K
	tag   uint32 // low half of the hash
	known uint32 // what snapshots have of the key, by state: see Saver.bit
	held  uint32 // queued timers of the entry, and the bits above
	cell  C
}

// table is what tables of all kinds of keys share.
type table[K, C any] struct {
	index slots
	live  int // entries in the index
	slabs []*[slabSize]entry[K, C]
	room  [][slabSize]entry[K, C] // slabs that no entry is in yet
	ids   uint32                  // ids that have been handed out
	free  []uint32                // those that were given back
	cuts                          // for snapshots
	spill                         // for a store
	hand  uint32                  // id that the next Sweep begins at
	fetch uint64                  // sum of what Touch has read, so that it is not left out
	near  *near[C]                // of Near; nil until it is asked
}

func newTable[K, C any]() table[K, C] {
	return table[K, C]{index: make(slots, firstIndex)}
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
	e.cell = *c
	if e.held&t.mark != t.mark {
		e.held = e.held&^kept | t.mark | used
		t.changed = append(t.changed, id)
	}
}

// Touch fetches what the look-ups of a batch need into the cache: first the
// words of the index, then the entries, each time all of them at once.
func (t *table[K, C]) Touch(hashes []uint64) {
	sum, mask := uint64(0), uint64(len(t.index)-1)
	for _, h := range hashes {
		sum += t.index[h&mask]
	}
	for _, h := range hashes {
		for i := h & mask; ; i = (i + 1) & mask {
			word := t.index[i]
			if word>>32 == h&math.MaxUint32 && word != 0 {
				sum += uint64(t.at(uint32(word) - 1).held)
				break
			}
			if word == 0 {
				break
			}
		}
	}
	t.fetch += sum
}

// insert adds an entry to the index and returns its id. The caller sets the
// key. No entry of that key may be there.
func (t *table[K, C]) insert(hash uint64) (uint32, *entry[K, C]) {
	if t.live >= len(t.index)/4*3 {
		t.index = t.index.grown()
	}
	var id uint32
	if n := len(t.free); n > 0 {
		id, t.free = t.free[n-1], t.free[:n-1]
	} else {
		id = t.ids
		if id&slabMask == 0 {
			t.slabs = append(t.slabs, t.slab())
		}
		t.ids++
	}
	e := t.at(id)
	e.tag, e.known, e.held = uint32(hash), 0, alive|t.phase
	t.index.put(wordOf(e.tag, id))
	t.live++
	return id, e
}

// Reserve makes room for so many keys in a table that has none.
func (t *table[K, C]) Reserve(keys int) {
	if t.live > 0 {
		return
	}
	size := len(t.index)
	for size/4*3 < keys {
		size *= 2
	}
	if size > len(t.index) {
		t.index = newSlots(size)
	}
	if slabs := (keys + slabSize - 1) / slabSize; slabs > 1 {
		t.makeRoom(slabs)
	}
}

// slab returns a new slab. Those of a large table are made several at once.
func (t *table[K, C]) slab() *[slabSize]entry[K, C] {
	if len(t.room) == 0 {
		t.makeRoom(max(min(len(t.slabs)/8, mostRoom/int(unsafe.Sizeof([slabSize]entry[K, C]{}))), 1))
	}
	s := &t.room[0]
	t.room = t.room[1:]
	return s
}

// makeRoom makes so many slabs, of which nothing is used yet.
func (t *table[K, C]) makeRoom(slabs int) {
	t.room = make([][slabSize]entry[K, C], slabs)
	inHugePages(unsafe.Pointer(&t.room[0]), uintptr(slabs)*unsafe.Sizeof(t.room[0]))
}

// wordOf is what stands in the index for an entry.
func wordOf(tag, id uint32) uint64 { return uint64(tag)<<32 | uint64(id+1) }

// unlink removes the entry of an id from the index and zeroes its cell. It
// reports whether the slot is free; else queued timers still name it.
func (t *table[K, C]) unlink(id uint32) bool {
	e := t.at(id)
	if t.mark != 0 && e.known != 0 {
		t.gone(id)
	}
	return t.leave(id)
}

// leave is unlink of a key that is not gone.
func (t *table[K, C]) leave(id uint32) bool {
	e := t.at(id)
	t.index.free(t.index.slot(wordOf(e.tag, id)))
	t.live--
	var zero C
	e.cell = zero
	e.held &^= flags
	return e.held == 0
}

// hold keeps the id from being given to another key.
func (t *table[K, C]) hold(id uint32) { t.at(id).held++ }

// letGo takes back a hold and reports whether the slot is free.
func (t *table[K, C]) letGo(id uint32) bool {
	e := t.at(id)
	e.held--
	return e.held == 0
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
		if e := t.at(id); e.held&alive != 0 && !t.Owes(id) && visit(id, &e.cell) {
			remove(id)
		}
	}
}
