package state

import "github.com/flow-lang/flowc/rt/value"

// Timer is a timer of one key as its cell holds it. The zero Timer is not set.
type Timer struct {
	// Times are kept as microseconds since value.MinTime plus 1, so that zero
	// means none and every time can be set.
	at     uint64 // when it fires; 0 if it is not set
	queued uint64 // time of the queue's entry for it, not after at; 0 if there is none
}

func pack(t value.Timestamp) uint64   { return uint64(t-value.MinTime) + 1 }
func unpack(t uint64) value.Timestamp { return value.Timestamp(t-1) + value.MinTime }

// Get returns when the timer fires, if it is set.
func (t *Timer) Get() value.Option[value.Timestamp] {
	if t.at == 0 {
		return value.Option[value.Timestamp]{}
	}
	return value.Some(unpack(t.at))
}

// IsSet reports whether the timer is set.
func (t *Timer) IsSet() bool { return t.at != 0 }

// Entry is a timer that has left the queue.
type Entry struct {
	At    value.Timestamp
	ID    uint32 // of the key's cell
	Timer uint32 // index of the timer's declaration
}

// Keys is the table whose keys a queue's timers belong to.
type Keys interface {
	Less(a, b uint32) bool
	Hold(id uint32)
	Release(id uint32)
}

// Queue holds the timers of one shard by time, then key, then declaration.
//
// An entry may be stale: the timer was cancelled, set to another time, or the
// handler that set it was undone. [Queue.Fires] tells. So a handler can be undone
// by throwing away its copy of the cell, and a timer that is set later and later,
// as by every record of a key, moves in the queue only when its entry comes up.
type Queue struct {
	next value.Timestamp
	heap []Entry // from root on; each entry comes before its children
	keys Keys

	// far is the time of the first timer whose key is in a store; fetch brings the
	// next keys with timers into memory, and sets far anew.
	far   value.Timestamp
	fetch func()
}

// The heap has four children a node and its root at index 3, so that siblings
// begin at multiples of 4: they share a line of the cache, being 16 bytes each.
const root = 3

func firstChild(i int) int { return 4*i - 8 }
func parent(i int) int     { return i/4 + 2 }

// Never is after every time.
const Never = value.MaxTime + 1

// First returns when the timer fires, or Never if it is not set.
func (t *Timer) First() value.Timestamp {
	if t.at == 0 {
		return Never
	}
	return unpack(t.at)
}

// NewQueue returns an empty queue of timers of the keys of a table.
func NewQueue(keys Keys) *Queue {
	return &Queue{next: Never, far: Never, heap: make([]Entry, root, 16), keys: keys}
}

// Next returns the time of the first entry, or a time after value.MaxTime if
// there is none.
func (q *Queue) Next() value.Timestamp { return q.next }

// Due reports whether there is an entry that is due at a time, for Pop. The keys
// of timers that are due are in memory then.
func (q *Queue) Due(at value.Timestamp) bool {
	for q.far <= at && q.far <= q.first() {
		q.fetch()
	}
	return q.first() <= at
}

// first returns the time of the first entry in memory.
func (q *Queue) first() value.Timestamp {
	if len(q.heap) == root {
		return Never
	}
	return q.heap[root].At
}

// Len returns the number of entries, stale ones included.
func (q *Queue) Len() int { return len(q.heap) - root }

// Set sets t, the timer with that index of the key with that id. A time outside
// the years 1 to 9999 counts as the nearest in them.
func (q *Queue) Set(t *Timer, id, timer uint32, at value.Timestamp) {
	at = min(max(at, value.MinTime), value.MaxTime)
	t.at = pack(at)
	if t.queued != 0 && t.queued <= t.at {
		return // its entry comes up before, and is queued again then
	}
	t.queued = t.at
	q.push(Entry{At: at, ID: id, Timer: timer})
}

// Cancel takes back what Set did.
func (q *Queue) Cancel(t *Timer) { t.at = 0 }

// Fires reports whether the timer that the entry e was made for is due at e.At,
// and then takes the timer as fired: it is not set any more. t is the timer in
// the cell of e.ID.
func (q *Queue) Fires(t *Timer, e Entry) bool {
	if t.queued != pack(e.At) {
		return false // another entry stands for it, or none
	}
	if t.at > t.queued {
		t.queued = t.at
		q.push(Entry{At: unpack(t.at), ID: e.ID, Timer: e.Timer})
		return false
	}
	due := t.at != 0
	*t = Timer{}
	return due
}

// Pop removes the first entry and returns it. The queue must not be empty.
func (q *Queue) Pop() Entry {
	first := q.heap[root]
	last := len(q.heap) - 1
	moved := q.heap[last]
	q.heap = q.heap[:last]
	if last > root {
		q.sink(root, moved)
	}
	q.next = min(q.first(), q.far)
	q.keys.Release(first.ID)
	return first
}

// push adds an entry.
func (q *Queue) push(e Entry) {
	q.keys.Hold(e.ID)
	i := len(q.heap)
	q.heap = append(q.heap, e)
	for i > root {
		up := parent(i)
		if !q.before(&e, &q.heap[up]) {
			break
		}
		q.heap[i] = q.heap[up]
		i = up
	}
	q.heap[i] = e
	q.next = min(q.heap[root].At, q.far)
}

// setFar sets the time of the first timer in the store.
func (q *Queue) setFar(at value.Timestamp) {
	q.far = at
	q.next = min(q.first(), at)
}

// purge drops the entries of keys that are not in memory.
func (q *Queue) purge(inMemory func(id uint32) bool) {
	left := q.heap[:root]
	for _, e := range q.heap[root:] {
		if inMemory(e.ID) {
			left = append(left, e)
		} else {
			q.keys.Release(e.ID)
		}
	}
	q.heap = left
	for i := len(left) - 1; i >= root; i-- {
		if firstChild(i) < len(left) {
			q.sink(i, left[i])
		}
	}
	q.next = min(q.first(), q.far)
}

// sink puts e in the place of the entry at i and brings the order below it back.
func (q *Queue) sink(i int, e Entry) {
	h := q.heap
	for {
		least := firstChild(i)
		if least >= len(h) {
			break
		}
		for c := least + 1; c < min(firstChild(i)+4, len(h)); c++ {
			if q.before(&h[c], &h[least]) {
				least = c
			}
		}
		if !q.before(&h[least], &e) {
			break
		}
		h[i] = h[least]
		i = least
	}
	h[i] = e
}

// before is the order of the queue.
func (q *Queue) before(a, b *Entry) bool {
	if a.At != b.At {
		return a.At < b.At
	}
	if a.ID != b.ID {
		if q.keys.Less(a.ID, b.ID) {
			return true
		}
		if q.keys.Less(b.ID, a.ID) {
			return false
		}
		return a.ID < b.ID // of one key, that was removed and came again
	}
	return a.Timer < b.Timer
}
