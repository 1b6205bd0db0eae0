package state

import (
	"syscall"
	"unsafe"
)

// releaseSize is the size in bytes from which memory is given back at once.
const releaseSize = 1 << 20

// release gives the memory of an index that nobody uses any more back to the
// system. The collector would keep it until much more is garbage, and an index that
// has grown leaves as much as it takes itself. To the collector it is zeroed memory.
func release(s slots) {
	bytes := len(s) * int(unsafe.Sizeof(s[0]))
	if bytes < releaseSize { // larger ones begin and end with a page
		return
	}
	_ = syscall.Madvise(unsafe.Slice((*byte)(unsafe.Pointer(&s[0])), bytes), syscall.MADV_DONTNEED) // at worst it stays
}
