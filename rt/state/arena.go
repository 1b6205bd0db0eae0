package state

import (
	"math/bits"
	"unsafe"
)

// arena keeps the bytes of long keys. Room that is given back is used again for
// a key of the same class: lengths are rounded up to the next eighth of a power
// of two.
type arena struct {
	pieces [][]byte
	free   map[int][]uint64 // by class: places that were given back
	used   int              // of the last piece
}

// pieceSize is the size of a piece in bytes. A longer key has one of its own.
const pieceSize = 64 << 10

// classOf returns the room that a key of n bytes takes.
func classOf(n int) int {
	step := 1 << max(bits.Len(uint(n-1))-3, 3)
	return (n + step - 1) &^ (step - 1)
}

// put stores key and returns its place: the piece and the offset in it.
func (a *arena) put(key string) uint64 {
	class := classOf(len(key))
	place, ok := a.reuse(class)
	if !ok {
		if len(a.pieces) == 0 || a.used+class > len(a.pieces[len(a.pieces)-1]) {
			a.pieces = append(a.pieces, make([]byte, max(pieceSize, class)))
			a.used = 0
		}
		place = uint64(len(a.pieces)-1)<<32 | uint64(a.used)
		a.used += class
	}
	copy(a.pieces[place>>32][uint32(place):], key)
	return place
}

func (a *arena) reuse(class int) (uint64, bool) {
	list := a.free[class]
	if len(list) == 0 {
		return 0, false
	}
	place := list[len(list)-1]
	a.free[class] = list[:len(list)-1]
	return place, true
}

// get returns the n bytes at a place, without a copy.
func (a *arena) get(place uint64, n int) string {
	return unsafe.String(&a.pieces[place>>32][uint32(place)], n)
}

// remove gives the room of a key of n bytes back.
func (a *arena) remove(place uint64, n int) {
	if a.free == nil {
		a.free = map[int][]uint64{}
	}
	class := classOf(n)
	a.free[class] = append(a.free[class], place)
}
