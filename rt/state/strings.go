package state

import (
	"encoding/binary"
	"unsafe"
)

// Strings is a table whose keys are strings, bytes, or composite keys in their
// canonical encoding.
type Strings[C any] struct {
	table[text, C]
	long arena // keys that do not fit an entry
}

// inline is the length of the longest key that lies in its entry.
const inline = 16

// text is a key: its bytes with zeros behind them, or where they lie in the
// arena.
type text struct {
	bytes  [inline]byte
	length uint32
}

// NewStrings returns an empty table.
func NewStrings[C any]() *Strings[C] { return &Strings[C]{table: newTable[text, C]()} }

// At returns the id and the cell of key, whose hash is hash. A key that is not
// there gets a zero cell; the table keeps a copy of it.
func (t *Strings[C]) At(hash uint64, key string) (uint32, *C) {
	if id, c, ok := t.get(hash, key); ok {
		return id, c
	}
	id, e := t.insert(hash)
	e.key = text{length: uint32(len(key))}
	if len(key) <= inline {
		copy(e.key.bytes[:], key)
	} else {
		binary.LittleEndian.PutUint64(e.key.bytes[:], t.long.put(key))
	}
	if t.miss != nil {
		t.absent = !t.miss(id)
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
	mask := uint64(len(t.index) - 1)
	tag := hash << 32 >> 32
	for i := hash & mask; ; i = (i + 1) & mask {
		word := t.index[i]
		if word>>32 == tag && word != 0 {
			id = uint32(word) - 1
			if e := t.at(id); t.is(&e.key, key) {
				return id, &e.cell, true
			}
		}
		if word == 0 {
			return 0, nil, false
		}
	}
}

// is reports whether k is key.
func (t *Strings[C]) is(k *text, key string) bool {
	return int(k.length) == len(key) && t.view(k) == key
}

// view returns the bytes of a key without a copy.
func (t *Strings[C]) view(k *text) string {
	if k.length <= inline {
		return unsafe.String(&k.bytes[0], k.length)
	}
	return t.long.get(binary.LittleEndian.Uint64(k.bytes[:]), int(k.length))
}

// Key returns the key of an id. It is a view that is good until the key is
// removed.
func (t *Strings[C]) Key(id uint32) string { return t.view(&t.at(id).key) }

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
	if k := &t.at(id).key; k.length > inline {
		t.long.remove(binary.LittleEndian.Uint64(k.bytes[:]), int(k.length))
	}
	t.free = append(t.free, id)
}

// Hold is for queues: a timer of the id is queued.
func (t *Strings[C]) Hold(id uint32) { t.hold(id) }

// Less reports whether the key of a comes before that of b, byte by byte.
func (t *Strings[C]) Less(a, b uint32) bool {
	x, y := &t.at(a).key, &t.at(b).key
	if x.length > inline || y.length > inline {
		return t.view(x) < t.view(y)
	}
	// Behind a short key stand zeros, which come before every other byte.
	for i := 0; i < inline; i += 8 {
		v, w := binary.BigEndian.Uint64(x.bytes[i:]), binary.BigEndian.Uint64(y.bytes[i:])
		if v != w {
			return v < w
		}
	}
	return x.length < y.length
}

// Rank returns the first eight bytes of the key of an id.
func (t *Strings[C]) Rank(id uint32) uint64 {
	k := &t.at(id).key
	if k.length > inline {
		return binary.BigEndian.Uint64([]byte(t.view(k)[:8]))
	}
	return binary.BigEndian.Uint64(k.bytes[:])
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
		if e := t.at(id); e.held&alive != 0 && !visit(t.view(&e.key), &e.cell) {
			return
		}
	}
}
