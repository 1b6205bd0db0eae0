// Package heap keeps many things, such as what waits for a time, so that the first
// of them is at hand. They say themselves which of two comes first.
package heap

// Ordered is what a [Heap] holds: Before reports whether it comes before another.
type Ordered[T any] interface{ Before(other T) bool }

// Heap has the first of its elements at index 0; the others are in no order. The
// zero Heap is empty.
type Heap[T Ordered[T]] []T

// Push adds an element.
func (h *Heap[T]) Push(x T) {
	*h = append(*h, x)
	a := *h
	for i := len(a) - 1; i > 0; {
		up := (i - 1) / 2
		if !a[i].Before(a[up]) {
			return
		}
		a[i], a[up] = a[up], a[i]
		i = up
	}
}

// Pop takes the first element, which there must be.
func (h *Heap[T]) Pop() T {
	a := *h
	first, last := a[0], len(a)-1
	a[0] = a[last]
	var zero T
	a[last] = zero
	*h = a[:last]
	h.sink(0)
	return first
}

// sink moves the element at i to behind those that come first.
func (h Heap[T]) sink(i int) {
	for {
		first := i
		for down := 2*i + 1; down <= 2*i+2 && down < len(h); down++ {
			if h[down].Before(h[first]) {
				first = down
			}
		}
		if first == i {
			return
		}
		h[i], h[first] = h[first], h[i]
		i = first
	}
}

// Keep drops the elements that are not to stay, and their memory.
func (h *Heap[T]) Keep(stays func(T) bool) {
	var kept Heap[T]
	for _, x := range *h {
		if stays(x) {
			kept = append(kept, x)
		}
	}
	for i := len(kept)/2 - 1; i >= 0; i-- {
		kept.sink(i)
	}
	*h = kept
}
