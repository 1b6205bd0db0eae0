//go:build !linux

package state

import "unsafe"

// release leaves memory to the collector.
func release(unsafe.Pointer, int) {}

// inHugePages leaves the size of pages to the system.
func inHugePages(unsafe.Pointer, uintptr) {}
