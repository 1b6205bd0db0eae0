package state

import "github.com/flow-lang/flowc/rt/value"

// Ints is a table whose keys are integers: int, int32, timestamp, duration,
// date, enum, and bool as 0 and 1.
type Ints[C any] struct {
	table[int64, C]
}

// NewInts returns an empty table.
func NewInts[C any]() *Ints[C] {
	t := &Ints[C]{newTable[int64, C]()}
	t.hash = func(id uint32) uint64 { return value.HashInt(t.Key(id)) }
	return t
}

// At returns the id and the cell of key, whose hash by [value.HashInt] is hash. A key that is not
// there gets a zero cell.
func (t *Ints[C]) At(hash uint64, key int64) (uint32, *C) {
	if id, c, ok := t.get(hash, key); ok {
		return id, c
	}
	id, c := t.add(hash, key)
	if t.miss != nil {
		t.absent = !t.miss(id)
	}
	return id, c
}

// AtRow is At of the key of a row that is restored, which is not looked for if the row
// is the first of its key.
func (t *Ints[C]) AtRow(r *Row) (uint32, *C) {
	if !r.First || t.miss != nil {
		return t.At(r.Hash, r.Number)
	}
	return t.add(r.Hash, r.Number)
}

// add adds a key that is not there.
func (t *Ints[C]) add(hash uint64, key int64) (uint32, *C) {
	id, e := t.insert(hash)
	e.key = key
	return id, &e.cell
}

// Get returns the id and the cell of key, if it is there, in memory or in the store.
func (t *Ints[C]) Get(hash uint64, key int64) (id uint32, c *C, ok bool) {
	if id, c, ok = t.get(hash, key); ok || t.miss == nil {
		return id, c, ok
	}
	if id, c = t.At(hash, key); t.absent {
		t.evict(id)
		return 0, nil, false
	}
	return id, c, true
}

// get is Get of what is in memory.
func (t *Ints[C]) get(hash uint64, key int64) (id uint32, c *C, ok bool) {
	tag := tagOf(hash)
	home := t.index.home(hash)
	for i, more := home, true; more; i, more = t.index.beyond(i, home) {
		l := &t.index.lines[i]
		for found := l.with(tag); found != 0; found &= found - 1 {
			id = l.ids[firstOf(found)]
			if e := t.at(id); e.key == key {
				return id, &e.cell, true
			}
		}
	}
	return 0, nil, false
}

// Key returns the key of an id.
func (t *Ints[C]) Key(id uint32) int64 { return t.at(id).key }

// Remove removes the key of an id. The id is given to another key only when the
// timers that are queued for it have left their queue.
func (t *Ints[C]) Remove(id uint32) {
	if t.unlink(id) {
		t.free = append(t.free, id)
	}
}

// evict takes a cell that a store has out of memory.
func (t *Ints[C]) evict(id uint32) {
	if t.leave(id) {
		t.free = append(t.free, id)
	}
}

// Release is for queues: a timer of the id has left its queue.
func (t *Ints[C]) Release(id uint32) {
	if t.letGo(id) {
		t.free = append(t.free, id)
	}
}

// Hold is for queues: a timer of the id is queued.
func (t *Ints[C]) Hold(id uint32) { t.hold(id) }

// Less reports whether the key of a comes before that of b.
func (t *Ints[C]) Less(a, b uint32) bool { return t.at(a).key < t.at(b).key }

// Rank returns the key of an id as a number of its order.
func (t *Ints[C]) Rank(id uint32) uint64 { return uint64(t.at(id).key) ^ 1<<63 }

// Sweep visits at most budget cells, going on where the last call stopped, and
// removes those for which visit returns true.
func (t *Ints[C]) Sweep(budget int, visit func(id uint32, c *C) (remove bool)) {
	t.sweep(budget, visit, t.Remove)
}

// All visits every cell, in no special order, until visit returns false. visit
// may not add or remove keys.
func (t *Ints[C]) All(visit func(key int64, c *C) bool) {
	for id := range t.ids {
		if e := t.at(id); e.head().flags&alive != 0 && !visit(e.key, &e.cell) {
			return
		}
	}
}
