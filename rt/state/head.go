package state

import (
	"math"
	"unsafe"
)

// Head begins every cell: what its table notes of the key. It lies there because a
// cell has room for it, mostly, that would be lost behind fields of a byte. A copy of
// a cell has one that counts for nothing.
type Head struct {
	held   uint16 // queued timers of the entry; manyHeld: and those in table.more
	length uint8  // of a key that is a string; longKey: it says itself
	flags  marks
}

// marks are bits of an entry.
type marks uint8

// The bits of Head.flags.
const (
	alive marks = 1 << iota // the entry is in the index
	even                    // the cell has been put in an epoch of even number,
	odd                     // or of odd number, and no snapshot has given it since
	phase                   // as table.phase, unless a snapshot of all owes it
	kept                    // a store has the cell as it is
	used                    // the cell was loaded or put since the table looked for cells to evict
)

// manyHeld is the most timers that a Head counts.
const manyHeld = math.MaxUint16

func (h *Head) head() *Head { return h }

// free reports whether no key has the entry, nor a timer in a queue.
func (h *Head) free() bool { return h.flags&alive == 0 && h.held == 0 }

// headed panics unless cells begin with a Head.
func headed[C any]() {
	c := new(C)
	if h, ok := any(c).(interface{ head() *Head }); !ok || unsafe.Pointer(h.head()) != unsafe.Pointer(c) {
		panic("state: cells that do not begin with a state.Head")
	}
}

// hold keeps the id from being given to another key.
func (t *table[K, C]) hold(id uint32) {
	h := t.at(id).head()
	if h.held < manyHeld {
		h.held++
		return
	}
	if t.more == nil {
		t.more = map[uint32]int{}
	}
	t.more[id]++
}

// letGo takes back a hold and reports whether the slot is free.
func (t *table[K, C]) letGo(id uint32) bool {
	h := t.at(id).head()
	if h.held == manyHeld && t.more[id] > 0 {
		if t.more[id]--; t.more[id] == 0 {
			delete(t.more, id)
		}
		return false
	}
	h.held--
	return h.free()
}

// held returns how many ids no key has that timers in a queue still name.
func (t *table[K, C]) held() int { return int(t.ids) - t.live - len(t.free) }
