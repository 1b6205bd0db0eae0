package value

import "strconv"

// maxBuilt bounds what one call may build: the code points of [Fault.PadLeft]
// and the elements of [Fault.Range].
const maxBuilt = 1 << 24

// Index returns xs[i]. It fails if there is no such element; a negative index
// counts from no end.
func Index[T any](f *Fault, xs []T, i int64, at Pos) (x T) {
	if uint64(i) < uint64(len(xs)) {
		return xs[i]
	}
	f.badIndex(i, len(xs), at)
	return x
}

//go:noinline
func (f *Fault) badIndex(i int64, n int, at Pos) {
	f.Fail(at, "index "+strconv.FormatInt(i, 10)+" is outside a list of "+strconv.Itoa(n))
}

// SliceList returns the elements from a up to, not including, b. It shares
// them with xs, and appending to it copies. It fails unless
// 0 <= a <= b <= len(xs).
func SliceList[T any](f *Fault, xs []T, a, b int64, at Pos) []T {
	if uint64(a) <= uint64(b) && uint64(b) <= uint64(len(xs)) {
		return xs[a:b:b]
	}
	f.badSlice(a, b, "a list", len(xs), at)
	return nil
}

//go:noinline
func (f *Fault) badSlice(a, b int64, what string, n int, at Pos) {
	f.Fail(at, "slice from "+strconv.FormatInt(a, 10)+" to "+strconv.FormatInt(b, 10)+
		" is outside "+what+" of "+strconv.Itoa(n))
}

// First returns the first element, or none of an empty list.
func First[T any](xs []T) Option[T] {
	if len(xs) == 0 {
		return Option[T]{}
	}
	return Some(xs[0])
}

// Last returns the last element, or none of an empty list.
func Last[T any](xs []T) Option[T] {
	if len(xs) == 0 {
		return Option[T]{}
	}
	return Some(xs[len(xs)-1])
}

// Range returns the integers from a up to, not including, b; none if b <= a.
// It fails if they are more than 16,777,216.
func (f *Fault) Range(a, b int64, at Pos) []int64 {
	if b <= a {
		return nil
	}
	if uint64(b)-uint64(a) > maxBuilt {
		f.Fail(at, "range from "+strconv.FormatInt(a, 10)+" to "+strconv.FormatInt(b, 10)+
			" has more than 16777216 elements")
		return nil
	}
	xs := make([]int64, b-a)
	for i := range xs {
		xs[i] = a + int64(i)
	}
	return xs
}
