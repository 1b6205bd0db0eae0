package state

import (
	"encoding/binary"
	"math"
	"math/bits"
	"unsafe"
)

// index finds the ids of a table's keys by their hashes. It holds none of these: a
// table can tell the hash of a key that it has.
type index struct {
	lines []line // at least one
	room  int    // keys that it may have
}

const (
	lineKeys = 12 // that a line has room for
	fullLine = 10 // of those that are used on average in an index that has no more room

	manyLines = 1 << 16 // of 64 bytes, in an index that grows by less than what it has
)

// line is what one access to memory brings: keys that the same part of their hash has
// led to, in no special order.
type line struct {
	tags [lineKeys]uint8 // another part of their hashes; 0 where no key is
	past uint32          // keys that were led here, or past another, when all was in use, and stand behind
	ids  [lineKeys]uint32
}

// newIndex returns an index of so many lines.
func newIndex(n int) index {
	x := index{lines: make([]line, n), room: max(n*fullLine, lineKeys)}
	usedWhole(unsafe.Pointer(&x.lines[0]), uintptr(n)*unsafe.Sizeof(line{}))
	return x
}

// linesFor returns how many lines an index has with room for so many keys.
func linesFor(keys int) int { return max((keys+fullLine-1)/fullLine, 1) }

// more returns how many lines an index has next that needs more: twice as many, and if
// these are very many already, half as many again, to the next power of two and a half.
func (x *index) more() int {
	n := len(x.lines)
	if n < manyLines {
		return 2 * n
	}
	return n + 1<<(bits.Len(uint(n))-2)
}

// tagOf is the tag of a key with that hash: of the half that home does not look at, but
// not of those bits that say which shard has the key. It is not 0, and not 1 either: see
// with.
func tagOf(hash uint64) uint8 { return max(uint8(hash>>32), 2) }

// home returns the number of the line that a hash leads to.
func (x *index) home(hash uint64) int {
	return int(hash & math.MaxUint32 * uint64(len(x.lines)) >> 32)
}

// behind returns the number of the line behind another.
func (x *index) behind(at int) int {
	if at++; at < len(x.lines) {
		return at
	}
	return 0
}

// beyond returns the line to look at next for a key that home led to and line at does
// not have, and false if there is none: no key was led past the line, or home comes
// again. Where keys come and go, keys may have been led past each of few lines.
func (x *index) beyond(at, home int) (next int, more bool) {
	if x.lines[at].past == 0 {
		return 0, false
	}
	next = x.behind(at)
	return next, next != home
}

// with returns the places of a line that have a tag, or none for 0: a set of which
// firstOf tells the first. Some may have another tag, but no place is taken for free, nor
// a free one for another.
func (l *line) with(tag uint8) uint64 {
	const each, highest = 0x0101010101010101, 0x8080808080808080
	a := binary.LittleEndian.Uint64(l.tags[:]) ^ uint64(tag)*each
	b := uint64(binary.LittleEndian.Uint32(l.tags[8:])) ^ uint64(tag)*each
	// The highest bit of each byte that is 0, and of one that is 1 behind such a byte.
	a = (a - each) &^ a & highest
	b = (b - each) &^ b & highest
	return a>>7 | b>>6&0x02020202
}

// firstOf returns the first place of a set.
func firstOf(set uint64) int {
	bit := bits.TrailingZeros64(set)
	return bit>>3 | bit&1<<3
}

// touch fetches the lines that hashes lead to into the cache, all of them at once. The
// sum is of what it has read, so that it is not left out.
func (x *index) touch(hashes []uint64) (sum uint64) {
	for _, h := range hashes {
		sum += uint64(x.lines[x.home(h)].past)
	}
	return sum
}

// nearest returns the first id in the line of a hash that has its tag: mostly that of
// its key, if there is one.
func (x *index) nearest(hash uint64) (id uint32, found bool) {
	l := &x.lines[x.home(hash)]
	if have := l.with(tagOf(hash)); have != 0 {
		return l.ids[firstOf(have)], true
	}
	return 0, false
}

// put adds a key.
func (x *index) put(hash uint64, id uint32) {
	for i := x.home(hash); ; i = x.behind(i) {
		l := &x.lines[i]
		if free := l.with(0); free != 0 {
			at := firstOf(free)
			l.tags[at], l.ids[at] = tagOf(hash), id
			return
		}
		l.past++
	}
}

// remove removes a key that is there.
func (x *index) remove(hash uint64, id uint32) {
	for i := x.home(hash); ; i = x.behind(i) {
		l := &x.lines[i]
		for at := range l.ids {
			if l.ids[at] == id && l.tags[at] != 0 {
				l.tags[at] = 0
				return
			}
		}
		l.past--
	}
}

// release gives the memory back to the system. The index must not be used any more.
func (x *index) release() {
	release(unsafe.Pointer(&x.lines[0]), len(x.lines)*int(unsafe.Sizeof(line{})))
	x.lines = nil
}
