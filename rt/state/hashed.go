package state

import "slices"

// hashSize is how many entries a map may have that is no hash table.
const hashSize = 16

// firstSlots is how many a map begins with that turns into a hash table.
const firstSlots = 4 * hashSize

// slotOf is the word of a key at a place in the chunk: the upper half of its hash
// is its tag.
func slotOf(hash uint64, at int) uint64 { return hash&^(1<<32-1) | uint64(at+1) }

// slotAt returns the place that a slot in use says.
func slotAt(word uint64) int { return int(uint32(word)) - 1 }

// lookUp returns where k is in the chunk of a hash table.
func (t *tree[K, V]) lookUp(o *Order[K], k K) (at int, found bool) {
	hash := o.hash(k)
	mask := uint64(len(t.slots) - 1)
	keys := t.chunks[0].keys
	for i := t.slots.home(hash); ; i = (i + 1) & mask {
		word := t.slots[i]
		if word == 0 {
			return 0, false
		}
		if (word^hash)>>32 == 0 {
			if at := slotAt(word); o.compare(keys[at], k) == 0 {
				return at, true
			}
		}
	}
}

// toHash makes a tree of one chunk a hash table. Loops go on over the chunk as
// it was.
func (t *tree[K, V]) toHash(o *Order[K]) {
	c := t.chunks[0]
	c.keys, c.vals, c.shared = slices.Clone(c.keys), slices.Clone(c.vals), false
	if t.shared { // a loop sees them
		t.chunks, t.shared = make([]chunk[K, V], 1), false
	}
	t.chunks[0] = c
	t.n, t.hint = len(c.keys), place{at: len(c.keys)}
	t.slots = make(slots, firstSlots)
	for 4*t.n > 3*len(t.slots) {
		t.slots = make(slots, 2*len(t.slots))
	}
	t.index(o)
}

// toChunks makes a hash table a tree of chunks.
func (t *tree[K, V]) toChunks(o *Order[K]) {
	keys, vals := t.sorted(o)
	keys = slices.Clone(keys) // a loop may see them
	marks := t.sortedMarks(o, keys)
	t.slots, t.keys, t.lows, t.hint = nil, nil, nil, place{}
	t.chunks = make([]chunk[K, V], 0, len(keys)/chunkSize+1)
	for len(keys) > chunkSize {
		c := chunk[K, V]{keys: keys[:chunkSize:chunkSize], vals: vals[:chunkSize:chunkSize]}
		if t.tracked {
			c.marks, marks = marks[:chunkSize:chunkSize], marks[chunkSize:]
		}
		t.chunks = append(t.chunks, c)
		t.lows = append(t.lows, keys[0])
		keys, vals = keys[chunkSize:], vals[chunkSize:]
	}
	t.chunks = append(t.chunks, chunk[K, V]{keys: keys, vals: vals, marks: marks})
	if len(t.lows) > 0 {
		t.lows = append(t.lows, keys[0])
	}
}

// add adds an entry to a hash table.
func (t *tree[K, V]) add(o *Order[K], k K, v V) *V {
	c := &t.chunks[0]
	at := len(c.keys)
	if 4*(at+1) > 3*len(t.slots) {
		t.slots = t.slots.grown()
	}
	t.slots.put(slotOf(o.hash(k), at))
	c.keys, c.vals = append(c.keys, k), append(c.vals, v)
	if t.tracked {
		c.marks = append(c.marks, true)
	}
	t.n++
	t.keys = nil
	t.hint.at, t.last = at, k
	return &c.vals[at]
}

// delete takes an entry out of a hash table; the last one takes its place.
func (t *tree[K, V]) delete(o *Order[K], at int) {
	c := &t.chunks[0]
	last := len(c.keys) - 1
	t.slots.free(t.slots.slot(slotOf(o.hash(c.keys[at]), at)))
	if at < last {
		hash := o.hash(c.keys[last])
		t.slots[t.slots.slot(slotOf(hash, last))] = slotOf(hash, at)
		c.keys[at], c.vals[at] = c.keys[last], c.vals[last]
	}
	clear(c.keys[last:])
	clear(c.vals[last:])
	c.keys, c.vals = c.keys[:last], c.vals[:last]
	if t.tracked {
		c.marks[at] = c.marks[last]
		c.marks = c.marks[:last]
	}
	t.n--
	t.keys = nil
	t.hint.at = t.n // where nothing is
	if len(t.slots) > firstSlots && len(t.slots) > 16*t.n {
		t.shrink(o)
	}
}

// shrink gives most of a hash table's room back, and leaves enough for four times as
// many entries.
func (t *tree[K, V]) shrink(o *Order[K]) {
	c := &t.chunks[0]
	c.keys, c.vals = slices.Clone(c.keys), slices.Clone(c.vals)
	c.marks = slices.Clone(c.marks)
	n := firstSlots
	for n < 4*t.n {
		n *= 2
	}
	t.slots.release()
	t.slots = make(slots, n)
	t.index(o)
}

// index puts all entries of a hash table into its slots, which are free.
func (t *tree[K, V]) index(o *Order[K]) {
	for at, k := range t.chunks[0].keys {
		t.slots.put(slotOf(o.hash(k), at))
	}
}

// sorted returns the entries of a hash table in order, as they are.
func (t *tree[K, V]) sorted(o *Order[K]) ([]K, []V) {
	c := &t.chunks[0]
	if t.keys == nil {
		t.keys = append(make([]K, 0, t.n), c.keys...)
		o.sort(t.keys)
	}
	vals := make([]V, len(t.keys))
	for i, k := range t.keys {
		at, _ := t.lookUp(o, k)
		vals[i] = c.vals[at]
	}
	return t.keys, vals
}

// sortedMarks returns the marks of a hash table in the order of its sorted keys,
// nil if it has none.
func (t *tree[K, V]) sortedMarks(o *Order[K], keys []K) []bool {
	if !t.tracked {
		return nil
	}
	marks := make([]bool, len(keys))
	for i, k := range keys {
		at, _ := t.lookUp(o, k)
		marks[i] = t.chunks[0].marks[at]
	}
	return marks
}
