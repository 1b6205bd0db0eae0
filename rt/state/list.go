package state

import (
	"slices"
	"unsafe"
)

// firstBytes bounds the room that a new list has for more than one element.
const firstBytes = 64

// List is a list of one key. The zero List is empty.
//
// Its elements never change, so a copy of the handle is the list as it was: what
// is appended to one lies behind the end of the other. For that only one of the
// copies may be kept and appended to; [List.Clone] makes a list of its own.
//
// What is appended is stored as it is: the caller copies strings that are views.
type List[T any] struct {
	items []T
	known int // 1 and the number of elements that snapshots have; 0 if they may have others
}

// Append adds v at the end. It reads nothing.
func (l *List[T]) Append(v T) {
	if l.items == nil {
		var v T
		l.items = make([]T, 0, min(max(firstBytes/int(unsafe.Sizeof(v)+1), 1), 4))
	}
	l.items = append(l.items, v)
}

// Len returns the number of elements.
func (l *List[T]) Len() int { return len(l.items) }

// Items returns the elements, first to last. They may not be changed; what is
// appended or cleared later does not show.
func (l *List[T]) Items() []T { return l.items }

// Clear removes all elements.
func (l *List[T]) Clear() { *l = List[T]{} }

// Clone returns a list with the same elements that shares nothing.
func (l *List[T]) Clone() List[T] { return List[T]{items: slices.Clone(l.items)} }

// Empty reports whether the list has no element.
func (l *List[T]) Empty() bool { return len(l.items) == 0 }

// ListOf is a list of elements, of which it takes over the memory.
func ListOf[T any](items []T) List[T] { return List[T]{items: items} }
