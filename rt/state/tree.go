package state

import (
	"slices"
	"unsafe"
)

// The layout of a map
//
// Entries lie in chunks of at most chunkSize, sorted by key, and the chunks in a
// directory. Keys and values of a chunk are slices of their own, so that a search
// reads nothing but keys. A map of a few entries is one chunk. Taking entries
// from the front moves no others.
//
// A map of which no ranges are asked turns into a hash table when it has grown:
// one chunk of any size and in no order, with an index. Its keys are sorted when
// a loop asks for them.
//
// A loop goes over the directory as it found it. Until all loops have ended, a
// change first copies the directory and the chunk it touches, once for each.

// chunkSize is the most entries of a chunk; below mergeSize a chunk is joined to
// a neighbour.
const (
	chunkSize = 64
	mergeSize = chunkSize / 8
)

// chunk is a run of entries in key order. Only the only chunk of a tree may be
// empty.
type chunk[K, V any] struct {
	keys   []K
	vals   []V
	marks  []bool // of a tree that is tracked: whether the entry is in changed
	shared bool   // a loop may see it; good while loops run
}

// tree is a sorted map. What a search reads comes first, on a line or two of the
// processor's cache.
type tree[K, V any] struct {
	chunks []chunk[K, V]
	slots  slots // of a hash table: where in the chunk a key is
	hint   place // where the last search ended, which mostly is where the next does
	n      int   // entries
	last   K     // of a hash table: the key at hint, so that a search need not go and see

	shared  bool // a loop sees chunks; good while loops run
	held    bool // a copy of a handle wants it as it is
	tracked bool // snapshots have the tree but for the entries in changed

	// lows[i] is after the keys of the chunk before chunks[i], and not after those
	// of chunks[i] itself. The first only holds a place: its chunk takes all that
	// comes before lows[1]. There are none while there is one chunk.
	lows    []K
	loops   int // loops that have not ended
	folds   *folds[K, V]
	keys    []K // of a hash table: the keys in order; nil if that is not known
	changed []K // for snapshots: what was put or removed since, most of them once
}

// newTree returns an empty tree with its first chunk, in which there is room for
// one entry: of a window there is mostly one.
func newTree[K, V any]() *tree[K, V] {
	t := &struct {
		tree  tree[K, V]
		first [1]chunk[K, V]
		key   [1]K
		val   [1]V
	}{}
	t.first[0].keys, t.first[0].vals = t.key[:0], t.val[:0]
	t.tree.chunks = t.first[:]
	return &t.tree
}

// small reports whether an empty tree takes little room.
func (t *tree[K, V]) small() bool {
	const most = 512 // bytes of keys and values
	var e Pair[K, V]
	return t.slots == nil && len(t.chunks) == 1 && cap(t.chunks[0].keys)*int(unsafe.Sizeof(e)) <= most
}

// reset makes an empty tree a new one, with the room of its only chunk.
func (t *tree[K, V]) reset() {
	c := &t.chunks[0]
	*c = chunk[K, V]{keys: c.keys[:0], vals: c.vals[:0]}
	*t = tree[K, V]{chunks: t.chunks[:1]}
}

// place is where an entry is, or would be put.
type place struct{ chunk, at int }

func (p place) before(q place) bool {
	return p.chunk < q.chunk || p.chunk == q.chunk && p.at < q.at
}

// find returns the place of k and whether it is there.
func (t *tree[K, V]) find(o *Order[K], k K) (place, bool) {
	p := t.hint
	if t.slots != nil {
		if p.at < t.n && o.compare(t.last, k) == 0 {
			return p, true
		}
		at, found := t.lookUp(o, k)
		if !found {
			return place{}, false
		}
		t.hint.at, t.last = at, t.chunks[0].keys[at]
		return t.hint, true
	}
	if p.chunk < len(t.chunks) {
		if c := &t.chunks[p.chunk]; p.at < len(c.keys) && o.compare(c.keys[p.at], k) == 0 {
			return p, true
		}
	}
	return t.search(o, k)
}

// search is find without a hint, in a tree of chunks.
func (t *tree[K, V]) search(o *Order[K], k K) (p place, found bool) {
	if last := len(t.chunks) - 1; last > 0 {
		// Keys often rise, as times do.
		if c := &t.chunks[last]; o.compare(c.keys[len(c.keys)-1], k) < 0 {
			t.hint = place{chunk: last, at: len(c.keys)}
			return t.hint, false
		}
		p.chunk, found = o.search(t.lows, k)
		if !found && p.chunk > 0 {
			p.chunk--
		}
	}
	p.at, found = o.search(t.chunks[p.chunk].keys, k)
	t.hint = p
	return p, found
}

// val returns the value at a place.
func (t *tree[K, V]) val(p place) *V { return &t.chunks[p.chunk].vals[p.at] }

// begin starts a loop over the chunks it returns.
func (t *tree[K, V]) begin() []chunk[K, V] {
	t.loops++
	t.shared = true
	return t.chunks
}

// own makes chunk i one that no loop sees.
func (t *tree[K, V]) own(i int) *chunk[K, V] {
	if t.loops > 0 && t.slots == nil {
		t.part(i)
	}
	return &t.chunks[i]
}

// part copies the directory, if a loop sees it, and then chunk i if one does.
func (t *tree[K, V]) part(i int) {
	if t.shared {
		t.chunks = slices.Clone(t.chunks)
		for j := range t.chunks {
			t.chunks[j].shared = true
		}
		t.shared = false
	}
	if c := &t.chunks[i]; c.shared {
		c.keys, c.vals, c.shared = slices.Clone(c.keys), slices.Clone(c.vals), false
	}
}

// clone returns a tree with the same entries that shares nothing.
func (t *tree[K, V]) clone(o *Order[K]) *tree[K, V] {
	if t.slots != nil {
		c := t.chunks[0]
		n := &tree[K, V]{chunks: []chunk[K, V]{{keys: c.keys, vals: c.vals}}}
		n.toHash(o)
		return n
	}
	n := &tree[K, V]{n: t.n, chunks: slices.Clone(t.chunks), lows: slices.Clone(t.lows)}
	for i := range n.chunks {
		c := &n.chunks[i]
		c.keys, c.vals, c.marks, c.shared = slices.Clone(c.keys), slices.Clone(c.vals), nil, false
	}
	return n
}

// insert puts an entry at the place that find gave for it and returns its value.
func (t *tree[K, V]) insert(o *Order[K], p place, k K, v V) *V {
	if t.slots != nil {
		return t.add(o, k, v)
	}
	c := t.own(p.chunk)
	if len(c.keys) == chunkSize {
		p = t.split(p, k)
		c = &t.chunks[p.chunk]
	}
	t.n++
	if cap(c.keys) <= 1 && len(c.keys) == cap(c.keys) {
		c.leaveRoom()
	}
	c.keys = append(c.keys, k)
	c.vals = append(c.vals, v)
	if p.at < len(c.keys)-1 {
		copy(c.keys[p.at+1:], c.keys[p.at:])
		copy(c.vals[p.at+1:], c.vals[p.at:])
		c.keys[p.at], c.vals[p.at] = k, v
	}
	if t.tracked {
		c.marks = slices.Insert(c.marks, p.at, true)
	}
	return &c.vals[p.at]
}

// leaveRoom moves the entry that lies in the tree itself, or none, to where there
// is room for a few.
func (c *chunk[K, V]) leaveRoom() {
	keys, vals := append(make([]K, 0, 4), c.keys...), append(make([]V, 0, 4), c.vals...)
	clear(c.keys)
	clear(c.vals)
	c.keys, c.vals = keys, vals
}

// split makes room in a full chunk, which no loop sees, for k at p, and returns
// its new place. Behind the last entry a chunk is begun, so that keys that only
// rise fill their chunks; else the chunk is halved.
func (t *tree[K, V]) split(p place, k K) place {
	c := &t.chunks[p.chunk]
	right := chunk[K, V]{}
	low := k
	cut := chunkSize
	if p.at < chunkSize || p.chunk < len(t.chunks)-1 {
		cut = chunkSize / 2
		low = c.keys[cut]
	}
	right.keys = append(make([]K, 0, chunkSize), c.keys[cut:]...)
	right.vals = append(make([]V, 0, chunkSize), c.vals[cut:]...)
	clear(c.keys[cut:])
	clear(c.vals[cut:])
	c.keys, c.vals = c.keys[:cut], c.vals[:cut]
	if t.tracked {
		right.marks = append(make([]bool, 0, chunkSize), c.marks[cut:]...)
		c.marks = c.marks[:cut]
	}
	if len(t.lows) == 0 {
		t.lows = append(t.lows, c.keys[0])
	}
	old := t.chunks
	t.chunks = slices.Insert(t.chunks, p.chunk+1, right)
	if cap(old) == 1 {
		clear(old) // it lies in the tree and would keep what the chunk leaves behind
	}
	t.lows = slices.Insert(t.lows, p.chunk+1, low)
	if p.at > cut || cut == chunkSize { // what comes before low stays on the left
		return place{chunk: p.chunk + 1, at: p.at - cut}
	}
	return p
}

// remove takes the entry at p out.
func (t *tree[K, V]) remove(o *Order[K], p place) {
	if t.slots != nil {
		t.delete(o, p.at)
		return
	}
	c := t.own(p.chunk)
	t.n--
	last := len(c.keys) - 1
	switch p.at {
	case last:
		clear(c.keys[last:])
		clear(c.vals[last:])
		c.keys, c.vals = c.keys[:last], c.vals[:last]
	case 0:
		clear(c.keys[:1])
		clear(c.vals[:1])
		c.keys, c.vals = c.keys[1:], c.vals[1:]
	default:
		c.keys = slices.Delete(c.keys, p.at, p.at+1)
		c.vals = slices.Delete(c.vals, p.at, p.at+1)
	}
	if t.tracked {
		c.marks = slices.Delete(c.marks, p.at, p.at+1)
	}
	if last < mergeSize && len(t.chunks) > 1 {
		t.join(p.chunk)
	}
}

// join drops chunk i if it is empty, and joins it to a neighbour if both are
// small.
func (t *tree[K, V]) join(i int) {
	if len(t.chunks[i].keys) == 0 {
		t.drop(i)
		return
	}
	left := max(i-1, 0)
	if len(t.chunks[left].keys)+len(t.chunks[left+1].keys) > chunkSize/2 {
		return
	}
	t.own(left)
	a, b := &t.chunks[left], &t.chunks[left+1]
	a.keys = append(a.keys, b.keys...)
	a.vals = append(a.vals, b.vals...)
	a.marks = append(a.marks, b.marks...)
	t.drop(left + 1)
}

// drop takes chunk i, one of several, out of the directory. No loop sees the
// directory.
func (t *tree[K, V]) drop(i int) {
	if i == 0 {
		t.chunks[0] = chunk[K, V]{}
		t.chunks = t.chunks[1:]
		clear(t.lows[:1])
		t.lows = t.lows[1:]
	} else {
		t.chunks = slices.Delete(t.chunks, i, i+1)
		t.lows = slices.Delete(t.lows, i, i+1)
	}
	if len(t.chunks) == 1 {
		t.lows = nil
	}
}

// bounds returns the places of the first entry of a span and of the first behind
// it, which are the same if the span is empty.
func (t *tree[K, V]) bounds(o *Order[K], s Span[K]) (from, to place) {
	if s.hasLow {
		from, _ = t.find(o, s.low)
	}
	to = place{chunk: len(t.chunks) - 1}
	to.at = len(t.chunks[to.chunk].keys)
	if s.hasHigh {
		to, _ = t.find(o, s.high)
	}
	if to.before(from) {
		to = from
	}
	return from, to
}
