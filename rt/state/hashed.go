package state

import "slices"

// hashSize is how many entries a map may have that is no hash table.
const hashSize = 16

// index finds the keys of a hash table.
type index[K any] interface {
	find(k K) (at uint32, ok bool)
	set(k K, at uint32)
	remove(k K)
}

// hashIndex is an index by Go's own map.
type hashIndex[K comparable] map[K]uint32

func (x hashIndex[K]) find(k K) (at uint32, ok bool) {
	at, ok = x[k]
	return at, ok
}

func (x hashIndex[K]) set(k K, at uint32) { x[k] = at }

func (x hashIndex[K]) remove(k K) { delete(x, k) }

// toHash makes a tree of one chunk a hash table. Loops go on over the chunk as
// it was.
func (t *tree[K, V]) toHash(x index[K]) {
	old := t.chunks[0]
	t.index = x
	t.chunks, t.n, t.hint = make([]chunk[K, V], 1), 0, place{}
	for i, k := range old.keys {
		t.add(k, old.vals[i])
	}
	t.chunks[0].marks = old.marks
}

// toChunks makes a hash table a tree of chunks.
func (t *tree[K, V]) toChunks(o *Order[K]) {
	keys, vals := t.sorted(o)
	keys = slices.Clone(keys) // a loop may see them
	marks := t.sortedMarks(keys)
	t.index, t.keys, t.lows, t.hint = nil, nil, nil, place{}
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
func (t *tree[K, V]) add(k K, v V) *V {
	c := &t.chunks[0]
	at := len(c.keys)
	t.index.set(k, uint32(at))
	c.keys, c.vals = append(c.keys, k), append(c.vals, v)
	if t.tracked {
		c.marks = append(c.marks, true)
	}
	t.n++
	t.keys = nil
	t.hint.at = at
	return &c.vals[at]
}

// delete takes an entry out of a hash table; the last one takes its place.
func (t *tree[K, V]) delete(at int) {
	c := &t.chunks[0]
	last := len(c.keys) - 1
	t.index.remove(c.keys[at])
	if at < last {
		c.keys[at], c.vals[at] = c.keys[last], c.vals[last]
		t.index.set(c.keys[at], uint32(at))
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
		at, _ := t.index.find(k)
		vals[i] = c.vals[at]
	}
	return t.keys, vals
}

// sortedMarks returns the marks of a hash table in the order of its sorted keys,
// nil if it has none.
func (t *tree[K, V]) sortedMarks(keys []K) []bool {
	if !t.tracked {
		return nil
	}
	marks := make([]bool, len(keys))
	for i, k := range keys {
		at, _ := t.index.find(k)
		marks[i] = t.chunks[0].marks[at]
	}
	return marks
}
