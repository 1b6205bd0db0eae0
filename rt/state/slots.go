package state

import "unsafe"

// slots are the index of a map that is a hash table: a power of two of words, at most
// three quarters in use. Each holds a tag, 32 bits of a key's hash, above, and 1 and the
// number of the key's entry below. A word stands in the first free slot at or behind the
// one that its tag says, around the end, so that keys whose tags differ are told apart
// without a look at them.
type slots []uint64

// newSlots returns so many slots that are free.
func newSlots(n int) slots {
	s := make(slots, n)
	usedWhole(unsafe.Pointer(&s[0]), uintptr(n)*unsafe.Sizeof(s[0]))
	return s
}

// home returns the slot that a word would stand in if all were free.
func (s slots) home(word uint64) uint64 { return word >> 32 & uint64(len(s)-1) }

// put puts a word into the first slot that is free.
func (s slots) put(word uint64) {
	mask := uint64(len(s) - 1)
	i := s.home(word)
	for s[i] != 0 {
		i = (i + 1) & mask
	}
	s[i] = word
}

// slot returns the slot that holds word.
func (s slots) slot(word uint64) uint64 {
	mask := uint64(len(s) - 1)
	i := s.home(word)
	for s[i] != word {
		i = (i + 1) & mask
	}
	return i
}

// free frees slot i, and moves up those behind it that would not be found any
// more (Knuth, The Art of Computer Programming, volume 3, 6.4, algorithm R).
func (s slots) free(i uint64) {
	mask := uint64(len(s) - 1)
	for next := i; ; {
		next = (next + 1) & mask
		word := s[next]
		if word == 0 {
			break
		}
		if (next-s.home(word))&mask >= (next-i)&mask {
			s[i] = word
			i = next
		}
	}
	s[i] = 0
}

// grown returns the same in twice as many slots. s must not be used any more.
func (s slots) grown() slots {
	n := newSlots(2 * len(s))
	for _, word := range s {
		if word != 0 {
			n.put(word)
		}
	}
	s.release()
	return n
}

// release gives the memory back to the system. The slots must not be used any more.
func (s slots) release() { release(unsafe.Pointer(&s[0]), len(s)*int(unsafe.Sizeof(s[0]))) }
