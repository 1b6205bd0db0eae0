//go:build !linux

package state

import "unsafe"

// release leaves memory to the collector.
func release(unsafe.Pointer, int) {}

// inHugePages leaves the size of pages to the system.
func inHugePages(unsafe.Pointer, uintptr) {}

// populate leaves it to the system when memory is mapped.
func populate(unsafe.Pointer, uintptr) {}
