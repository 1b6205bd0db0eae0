package state

import (
	"encoding/binary"
	"unsafe"

	"github.com/flow-lang/flowc/rt/value"
)

// Strings is a table whose keys are strings, bytes, or composite keys in their
// canonical encoding.
type Strings[C any] struct {
	table[text, C]
	long arena // keys that do not fit an entry
}

// inline is the length of the longest key that lies in its entry.
const inline = 16

// longKey is the Head.length of keys that do not.
const longKey = inline + 1

// text is a key: its bytes with zeros behind them; or where it lies in the arena, in
// eight bytes, and its length, in four.
type text [inline]byte

// NewStrings returns an empty table.
func NewStrings[C any]() *Strings[C] {
	t := &Strings[C]{table: newTable[text, C]()}
	t.hash = func(id uint32) uint64 { return value.HashString(t.Key(id)) }
	return t
}

// At returns the id and the cell of key, whose hash by [value.HashString] is hash. A key that is not
// there gets a zero cell; the table keeps a copy of it.
func (t *Strings[C]) At(hash uint64, key string) (uint32, *C) {
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
func (t *Strings[C]) AtRow(r *Row) (uint32, *C) {
	if !r.First || t.miss != nil {
		return t.At(r.Hash, r.Text)
	}
	return t.add(r.Hash, r.Text)
}

// add adds a key that is not there.
func (t *Strings[C]) add(hash uint64, key string) (uint32, *C) {
	id, e := t.insert(hash)
	e.key = text{}
	if len(key) <= inline {
		copy(e.key[:], key)
		e.head().length = uint8(len(key))
	} else {
		binary.LittleEndian.PutUint64(e.key[:], t.long.put(key))
		binary.LittleEndian.PutUint32(e.key[8:], uint32(len(key)))
		e.head().length = longKey
	}
	return id, &e.cell
}

// Get returns the id and the cell of key, if it is there, in memory or in the store.
func (t *Strings[C]) Get(hash uint64, key string) (id uint32, c *C, ok bool) {
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
func (t *Strings[C]) get(hash uint64, key string) (id uint32, c *C, ok bool) {
	tag := tagOf(hash)
	home := t.index.home(hash)
	for i, more := home, true; more; i, more = t.index.beyond(i, home) {
		l := &t.index.lines[i]
		for found := l.with(tag); found != 0; found &= found - 1 {
			id = l.ids[firstOf(found)]
			if e := t.at(id); t.view(e) == key {
				return id, &e.cell, true
			}
		}
	}
	return 0, nil, false
}

// view returns the bytes of a key without a copy.
func (t *Strings[C]) view(e *entry[text, C]) string {
	if n := e.head().length; n <= inline {
		return unsafe.String(&e.key[0], n)
	}
	return t.long.get(e.key.place())
}

// place returns where a long key lies in the arena, and its length.
func (k *text) place() (place uint64, n int) {
	return binary.LittleEndian.Uint64(k[:]), int(binary.LittleEndian.Uint32(k[8:]))
}

// Key returns the key of an id. It is a view that is good until the key is
// removed.
func (t *Strings[C]) Key(id uint32) string { return t.view(t.at(id)) }

// Remove removes the key of an id. The id is given to another key only when the
// timers that are queued for it have left their queue.
func (t *Strings[C]) Remove(id uint32) {
	if t.unlink(id) {
		t.recycle(id)
	}
}

// evict takes a cell that a store has out of memory.
func (t *Strings[C]) evict(id uint32) {
	if t.leave(id) {
		t.recycle(id)
	}
}

// Release is for queues: a timer of the id has left its queue.
func (t *Strings[C]) Release(id uint32) {
	if t.letGo(id) {
		t.recycle(id)
	}
}

// recycle makes the slot and the key's bytes free.
func (t *Strings[C]) recycle(id uint32) {
	if e := t.at(id); e.head().length == longKey {
		t.long.remove(e.key.place())
	}
	t.free = append(t.free, id)
}

// Hold is for queues: a timer of the id is queued.
func (t *Strings[C]) Hold(id uint32) { t.hold(id) }

// Less reports whether the key of a comes before that of b, byte by byte.
func (t *Strings[C]) Less(a, b uint32) bool {
	x, y := t.at(a), t.at(b)
	n, m := x.head().length, y.head().length
	if n == longKey || m == longKey {
		return t.view(x) < t.view(y)
	}
	// Behind a short key stand zeros, which come before every other byte.
	for i := 0; i < inline; i += 8 {
		v, w := binary.BigEndian.Uint64(x.key[i:]), binary.BigEndian.Uint64(y.key[i:])
		if v != w {
			return v < w
		}
	}
	return n < m
}

// Rank returns the first eight bytes of the key of an id.
func (t *Strings[C]) Rank(id uint32) uint64 {
	e := t.at(id)
	if e.head().length == longKey {
		return binary.BigEndian.Uint64([]byte(t.view(e)[:8]))
	}
	return binary.BigEndian.Uint64(e.key[:])
}

// Sweep visits at most budget cells, going on where the last call stopped, and
// removes those for which visit returns true.
func (t *Strings[C]) Sweep(budget int, visit func(id uint32, c *C) (remove bool)) {
	t.sweep(budget, visit, t.Remove)
}

// All visits every cell, in no special order, until visit returns false. key is
// a view that is good until it is removed. visit may not add or remove keys.
func (t *Strings[C]) All(visit func(key string, c *C) bool) {
	for id := range t.ids {
		if e := t.at(id); e.head().flags&alive != 0 && !visit(t.view(e), &e.cell) {
			return
		}
	}
}
