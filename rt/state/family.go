package state

import (
	"cmp"

	"github.com/flow-lang/flowc/rt/value"
)

// Timers is a family of timers of one key: one for each index that is set. The
// zero Timers has none.
type Timers[I any] struct {
	one  indexed[I] // the only timer; see Families.alone
	only bool       // one is set, and the maps are empty

	at   Map[I, value.Timestamp]
	due  Map[indexed[I], struct{}] // the same by time
	head Timer                     // the queue's timer for the first of them
}

// indexed is a timer of a family. They order by time, then by index.
type indexed[I any] struct {
	at    value.Timestamp
	index I
}

// Empty reports whether no timer of the family is set.
func (h *Timers[I]) Empty() bool { return !h.only && h.at.Empty() }

// First returns when the first timer of the family fires, or Never if none is
// set.
func (h *Timers[I]) First() value.Timestamp { return h.head.First() }

// Families does the operations on the timers of one declaration, which are a
// family for each key.
//
// Of each family one timer is queued, the first; so timers without an index
// share the queue with families and pay nothing for them.
type Families[I any] struct {
	queue *Queue
	timer uint32
	order Order[I]
	at    *Maps[I, value.Timestamp]
	due   *Maps[indexed[I], struct{}]

	// alone says that a timer without others lies in its cell: setting it later
	// and later, as each record of a session does, then touches no map. It is so
	// with timers that snapshots do not hold.
	alone bool
}

// NewEntryTimers is NewFamilies for timers that follow the entries of a state:
// they are set anew after a restore, and never saved.
func NewEntryTimers[I any](j *Journal, q *Queue, timer uint32, order Order[I]) *Families[I] {
	f := NewFamilies(j, q, timer, order)
	f.alone = true
	return f
}

// NewFamilies returns the operations on the families of the timer with an index
// of declaration, in a queue.
func NewFamilies[I any](j *Journal, q *Queue, timer uint32, order Order[I]) *Families[I] {
	byTime := OrderedBy(func(a, b indexed[I]) int {
		if a.at != b.at {
			return cmp.Compare(a.at, b.at)
		}
		return order.compare(a.index, b.index)
	})
	at := NewMaps[I, value.Timestamp](j, order.Owning(nil))
	at.ranges = true // indexes mostly rise, as times do, and no hash table is faster then
	due := NewMaps[indexed[I], struct{}](j, byTime)
	if order.own != nil {
		at.own = order.own
		due.own = func(t indexed[I]) indexed[I] { return indexed[I]{t.at, order.own(t.index)} }
	}
	return &Families[I]{
		queue: q,
		timer: timer,
		order: order,
		at:    at,
		due:   due,
	}
}

// Set sets the timer with an index of the key with that id. A time outside the
// years 1 to 9999 counts as the nearest in them.
func (f *Families[I]) Set(h *Timers[I], id uint32, index I, at value.Timestamp) {
	at = min(max(at, value.MinTime), value.MaxTime)
	switch {
	case h.only && f.order.compare(h.one.index, index) == 0:
		h.one.at = at
		f.queue.Set(&h.head, id, f.timer, at)
		return
	case h.only:
		f.spread(h)
	case f.alone && h.at.Empty():
		h.one, h.only = indexed[I]{at, f.order.keep(index)}, true
		f.queue.Set(&h.head, id, f.timer, at)
		return
	}
	if was := f.at.View(&h.at, index); was != nil {
		if *was == at {
			return
		}
		f.due.Remove(&h.due, indexed[I]{*was, index})
	}
	index = f.order.keep(index)
	f.at.Put(&h.at, index, at)
	f.due.Put(&h.due, indexed[I]{at, index}, struct{}{})
	f.arm(h, id)
}

// spread puts the only timer into the maps, for another one comes.
func (f *Families[I]) spread(h *Timers[I]) {
	f.at.Put(&h.at, h.one.index, h.one.at)
	f.due.Put(&h.due, h.one, struct{}{})
	h.one, h.only = indexed[I]{}, false
}

// gather takes the last timer out of the maps.
func (f *Families[I]) gather(h *Timers[I]) {
	if !f.alone || h.at.Len() != 1 {
		return
	}
	h.one, h.only = f.due.First(&h.due, Span[indexed[I]]{}).V.Key, true
	f.at.Clear(&h.at)
	f.due.Clear(&h.due)
}

// Cancel takes back what Set did.
func (f *Families[I]) Cancel(h *Timers[I], id uint32, index I) {
	if h.only {
		if f.order.compare(h.one.index, index) == 0 {
			h.one, h.only = indexed[I]{}, false
			f.queue.Cancel(&h.head)
		}
		return
	}
	if was := f.at.Get(&h.at, index); was.OK {
		f.remove(h, indexed[I]{was.V, index})
		f.arm(h, id)
		f.gather(h)
	}
}

// At returns when the timer with an index fires, if it is set.
func (f *Families[I]) At(h *Timers[I], index I) value.Option[value.Timestamp] {
	if h.only {
		if f.order.compare(h.one.index, index) == 0 {
			return value.Some(h.one.at)
		}
		return value.Option[value.Timestamp]{}
	}
	return f.at.Get(&h.at, index)
}

// Clear cancels all timers of the family.
func (f *Families[I]) Clear(h *Timers[I]) {
	f.queue.Cancel(&h.head)
	h.one, h.only = indexed[I]{}, false
	f.at.Clear(&h.at)
	f.due.Clear(&h.due)
}

// Fires returns the index of the timer that the entry e was made for, if one is
// due at e.At, and then takes it as fired: it is not set any more. h is the
// family in the cell of e.ID. It is called between handlers.
func (f *Families[I]) Fires(h *Timers[I], e Entry) (index I, ok bool) {
	if !f.queue.Fires(&h.head, e) {
		return index, false
	}
	if h.only {
		index = h.one.index
		h.one, h.only = indexed[I]{}, false
		return index, true
	}
	first := f.due.First(&h.due, Span[indexed[I]]{}).V.Key
	f.remove(h, first)
	f.arm(h, e.ID)
	f.gather(h)
	f.at.journal.Commit()
	return first.index, true
}

func (f *Families[I]) remove(h *Timers[I], t indexed[I]) {
	f.at.Remove(&h.at, t.index)
	f.due.Remove(&h.due, t)
}

// arm queues the first timer.
func (f *Families[I]) arm(h *Timers[I], id uint32) {
	first := f.due.First(&h.due, Span[indexed[I]]{})
	if !first.OK {
		f.queue.Cancel(&h.head)
		return
	}
	f.queue.Set(&h.head, id, f.timer, first.V.Key.at)
}
