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
func release(p unsafe.Pointer, bytes int) {
	if bytes < releaseSize { // larger ones begin and end with a page
		return
	}
	_ = syscall.Madvise(unsafe.Slice((*byte)(p), bytes), syscall.MADV_DONTNEED) // at worst it stays
}

// populateSize is the size in bytes from which memory is mapped whole.
const populateSize = 32 << 10

// populateWrite is MADV_POPULATE_WRITE, which Linux has from 5.14 on.
const populateWrite = 23

// populate maps memory that nobody has used yet and that is about to be written, by one
// call and not by a fault for each page, or by two: memory that is read first, as a line
// of an index is by who looks for room in it, is a page of zeros that all share, and
// taking that away costs every processor that works for the process an interrupt.
func populate(p unsafe.Pointer, bytes uintptr) {
	if bytes < populateSize { // larger ones begin and end with a page
		return
	}
	_ = syscall.Madvise(unsafe.Slice((*byte)(p), bytes), populateWrite) // else it is mapped as it is used
}

// hugeSize is the size in bytes from which memory may be in huge pages.
const hugeSize = 2 << 20

// inHugePages says that memory which nobody has used yet is about to be used whole:
// one page fault for 2 MiB costs a tenth of 512.
func inHugePages(p unsafe.Pointer, bytes uintptr) {
	if bytes < hugeSize {
		return
	}
	_ = syscall.Madvise(unsafe.Slice((*byte)(p), bytes), syscall.MADV_HUGEPAGE) // a hint
}
