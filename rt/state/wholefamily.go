package state

import (
	"unsafe"

	"github.com/flow-lang/flowc/rt/avro"
	"github.com/flow-lang/flowc/rt/value"
)

// A package that names a generic type compiles all of its methods, for its own
// arguments and once more for their shape: [Timers] and what they are made of
// are more Go than most programs. Families whose indexes are whole numbers, as
// those of windows are, are therefore Families[int64] behind a pointer that says
// nothing of it, and functions that this package has compiled already: a program
// with windows takes half the time to build. They are no interface, for what is
// handed to one must lie in the heap, and handlers hand on handles of their copy
// of a cell.

// WholeTimers is [Timers] of a family whose indexes are whole numbers.
type WholeTimers struct { // as Timers[int64], whose type nobody else is to see
	one     indexed[int64]
	only    bool
	at, due unsafe.Pointer // trees
	head    Timer
}

// timersOf is no method, as those are part of the type.
func timersOf(h *WholeTimers) *Timers[int64] { return (*Timers[int64])(unsafe.Pointer(h)) }

// Empty reports whether no timer of the family is set.
//
//go:noinline
func (h *WholeTimers) Empty() bool { return timersOf(h).Empty() }

// First returns when the first timer of the family fires, or Never if none is
// set.
func (h *WholeTimers) First() value.Timestamp { return h.head.First() }

// WholeFamilies is [Families] whose indexes are whole numbers, in their order.
type WholeFamilies[I Whole] struct {
	of wholeFamilies
}

// NewWholeFamilies is [NewFamilies] for indexes that are whole numbers.
func NewWholeFamilies[I Whole](j *Journal, q *Queue, timer uint32) *WholeFamilies[I] {
	return &WholeFamilies[I]{of: newWholeFamilies(j, q, timer, false)}
}

// NewWholeEntryTimers is [NewEntryTimers] for indexes that are whole numbers.
func NewWholeEntryTimers[I Whole](j *Journal, q *Queue, timer uint32) *WholeFamilies[I] {
	return &WholeFamilies[I]{of: newWholeFamilies(j, q, timer, true)}
}

//go:noinline
func newWholeFamilies(j *Journal, q *Queue, timer uint32, ofEntries bool) wholeFamilies {
	f := NewFamilies(j, q, timer, Ordered[int64]())
	f.alone = ofEntries
	return wholeFamilies{unsafe.Pointer(f)}
}

// Set is [Families.Set].
func (f *WholeFamilies[I]) Set(h *WholeTimers, id uint32, index I, at value.Timestamp) {
	f.of.set(h, id, int64(index), at)
}

// Cancel is [Families.Cancel].
func (f *WholeFamilies[I]) Cancel(h *WholeTimers, id uint32, index I) {
	f.of.cancel(h, id, int64(index))
}

// At is [Families.At].
func (f *WholeFamilies[I]) At(h *WholeTimers, index I) value.Option[value.Timestamp] {
	return f.of.find(h, int64(index))
}

// Clear is [Families.Clear].
func (f *WholeFamilies[I]) Clear(h *WholeTimers) { f.of.empty(h) }

// Fires is [Families.Fires].
func (f *WholeFamilies[I]) Fires(h *WholeTimers, e Entry) (index I, ok bool) {
	i, ok := f.of.fires(h, e)
	return I(i), ok
}

// Save is [Families.Save].
func (f *WholeFamilies[I]) Save(w *Saver, number int, h *WholeTimers) { f.of.save(w, number, h) }

// Restore is [Families.Restore].
func (f *WholeFamilies[I]) Restore(w *Saver, r *Record, h *WholeTimers, id uint32, index func(*avro.Reader) I) error {
	return f.of.restore(w, r, h, id, func(r *avro.Reader) int64 { return int64(index(r)) })
}

// wholeFamilies does the operations of Families[int64], to which of points.
type wholeFamilies struct{ of unsafe.Pointer }

func (f wholeFamilies) families() *Families[int64] { return (*Families[int64])(f.of) }

//go:noinline
func (f wholeFamilies) set(h *WholeTimers, id uint32, index int64, at value.Timestamp) {
	f.families().Set(timersOf(h), id, index, at)
}

//go:noinline
func (f wholeFamilies) cancel(h *WholeTimers, id uint32, index int64) {
	f.families().Cancel(timersOf(h), id, index)
}

//go:noinline
func (f wholeFamilies) find(h *WholeTimers, index int64) value.Option[value.Timestamp] {
	return f.families().At(timersOf(h), index)
}

//go:noinline
func (f wholeFamilies) empty(h *WholeTimers) { f.families().Clear(timersOf(h)) }

//go:noinline
func (f wholeFamilies) fires(h *WholeTimers, e Entry) (index int64, ok bool) {
	return f.families().Fires(timersOf(h), e)
}

//go:noinline
func (f wholeFamilies) save(w *Saver, number int, h *WholeTimers) {
	f.families().Save(w, number, timersOf(h), avro.AppendInt)
}

//go:noinline
func (f wholeFamilies) restore(w *Saver, r *Record, h *WholeTimers, id uint32, index func(*avro.Reader) int64) error {
	return f.families().Restore(w, r, timersOf(h), id, index)
}
