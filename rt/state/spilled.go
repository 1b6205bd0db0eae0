package state

import "unsafe"

// spill is what a table keeps for a store.
type spill struct {
	// miss is called for a key that was not in memory, and reports whether it was in
	// the store; nil without one.
	miss   func(id uint32) bool
	absent bool   // the last one was not
	turn   uint32 // id at which the search for cells to evict goes on
}

// spilled is a table as a [Spill] sees it.
type spilled interface {
	onMiss(call func(id uint32) bool)
	Len() int
	dirty() int
	cellSize() int
	loaded(id uint32)
	stored(ids []uint32)
	idle(most int, visit func(id uint32) bool)
	evict(id uint32)
	Rank(id uint32) uint64
}

func (t *table[K, C]) onMiss(call func(id uint32) bool) { t.miss = call }

// dirty returns how many cells have been put since the last snapshot began.
func (t *table[K, C]) dirty() int { return len(t.changed) }

// cellSize returns the bytes that a key takes, but for what its cell refers to.
func (t *table[K, C]) cellSize() int {
	const perIndex = int(unsafe.Sizeof(line{})) * 2 / fullLine // of an index that is at least half full
	const known = 4                                            // bytes of what snapshots have of it
	return int(unsafe.Sizeof(entry[K, C]{})) + perIndex + known
}

// loaded takes note that a cell is as the store has it.
func (t *table[K, C]) loaded(id uint32) { t.at(id).head().flags |= kept | used }

// stored takes note that cells are as the store has them, but for those that have
// been put again.
func (t *table[K, C]) stored(ids []uint32) {
	for _, id := range ids {
		if h := t.at(id).head(); h.flags&alive != 0 && h.flags&(even|odd) == 0 {
			h.flags |= kept
		}
	}
}

// idle visits cells that a store has and that have not been used for a round,
// until visit returns false or it has looked at most slots.
func (t *table[K, C]) idle(most int, visit func(id uint32) bool) {
	for range most {
		if t.turn >= t.ids {
			t.turn = 0
		}
		id := t.turn
		t.turn++
		h := t.at(id).head()
		switch {
		case h.flags&alive == 0 || h.flags&(even|odd) != 0 || h.flags&kept == 0:
		case h.flags&used != 0:
			h.flags &^= used
		case !visit(id):
			return
		}
	}
}
