package state

import "unsafe"

// usedWhole prepares memory that nobody has used yet and that is about to be used whole,
// in no order.
func usedWhole(p unsafe.Pointer, bytes uintptr) {
	inHugePages(p, bytes)
	populate(p, bytes)
}
