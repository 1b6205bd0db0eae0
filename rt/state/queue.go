package state

import "github.com/flow-lang/flowc/rt/value"

// Queue holds the timers of one shard by time, then key, then declaration.
//
// An entry may be stale: the timer was cancelled, set to another time, or the
// handler that set it was undone. [Queue.Fires] tells. So a handler can be undone
// by throwing away its copy of the cell, and a timer that is set later and later,
// as by every record of a key, moves in the queue only when its entry comes up.
//
// Many timers are due at one time, as those of a window are, and what a heap does
// to hold them in order is thrown away. So entries lie unsorted in a wheel until
// they are the next ones, which are sorted then.
type Queue struct {
	next value.Timestamp
	keys Keys

	run   run             // the next entries, in order; none is after upTo
	early heap            // those that came when upTo was past them
	upTo  value.Timestamp // all in ahead are after it
	ahead wheel
	n     int // entries
	many  int // entries at which those of keys that are gone are looked for

	// far is the turn of the first timer whose key is in a store; fetch brings the
	// next keys with timers into memory, and sets far anew.
	far   Turn
	fetch func()
}

// NewQueue returns an empty queue of timers of the keys of a table.
func NewQueue(keys Keys) *Queue {
	return &Queue{next: Never, far: Turn{At: Never}, upTo: Always, keys: keys, many: manyEntries}
}

// Next returns the time of the first entry, or a time after value.MaxTime if
// there is none.
func (q *Queue) Next() value.Timestamp { return q.next }

// Due reports whether there is an entry that is due at a time, for Pop. The keys
// of timers that are due are in memory then.
func (q *Queue) Due(at value.Timestamp) bool {
	for q.far.At <= at && q.isFarNext() {
		q.fetch()
	}
	return q.first() <= at
}

// isFarNext reports whether the first timer in the store may have its turn before the
// first in memory.
func (q *Queue) isFarNext() bool {
	if first := q.first(); q.far.At != first {
		return q.far.At < first
	}
	return q.far.Rank <= q.keys.Rank(q.head().ID)
}

// head returns the first entry. The queue must not be empty.
func (q *Queue) head() *Entry {
	if q.run.empty() && len(q.early) == 0 {
		q.refill()
	}
	if q.earlyIsNext() {
		return &q.early[0]
	}
	return q.run.first()
}

// earlyIsNext reports whether the first entry, which is in the run or among the early
// ones, is among these.
func (q *Queue) earlyIsNext() bool {
	return len(q.early) > 0 && (q.run.empty() || q.before(&q.early[0], q.run.first()))
}

// first returns the time of the first entry in memory.
func (q *Queue) first() value.Timestamp {
	first := Never
	if !q.run.empty() {
		first = q.run.first().At
	} else if b := q.ahead.first(); b != nil {
		first = b.first
	}
	if len(q.early) > 0 {
		first = min(first, q.early[0].At)
	}
	return first
}

// Len returns the number of entries, stale ones included.
func (q *Queue) Len() int { return q.n }

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

// SetFirst is Set unless t is set for a time that is not after at: so t tells when
// the first of several things is due.
func (q *Queue) SetFirst(t *Timer, id, timer uint32, at value.Timestamp) {
	if t.at == 0 || at < unpack(t.at) {
		q.Set(t, id, timer, at)
	}
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
	if q.run.empty() && len(q.early) == 0 {
		q.refill()
	}
	var e Entry
	if q.earlyIsNext() {
		e = q.early.pop(q)
	} else {
		e = q.run.pop()
	}
	q.n--
	q.next = min(q.first(), q.far.At)
	q.keys.Release(e.ID)
	return e
}

// push adds an entry.
func (q *Queue) push(e Entry) {
	if q.n >= q.many {
		q.tidy(2)
		q.many = max(2*q.n, manyEntries)
	}
	q.keys.Hold(e.ID)
	q.n++
	q.put(e)
	q.next = min(q.next, e.At)
}

// put puts an entry where it belongs.
func (q *Queue) put(e Entry) {
	if e.At <= q.upTo {
		q.early.push(q, e)
		return
	}
	q.ahead.put(q.upTo, e)
}

// refill makes a run of the first entries ahead: of all at the first time, or
// where there are few within a short time, of these. What else was in their bucket
// comes into buckets of shorter times.
func (q *Queue) refill() {
	b, short := q.ahead.take()
	q.upTo = b.first
	if short && b.n <= fewEntries {
		q.upTo = b.last
	}
	due := q.run.begin()
	for c := b.pieces; c != nil; {
		for _, e := range c.entries[:c.n] {
			if e.At <= q.upTo {
				due = append(due, e)
			} else {
				q.ahead.put(q.upTo, e)
			}
		}
		c = q.ahead.free(c)
	}
	q.run.sort(q, due)
}

// setFar sets the turn of the first timer in the store.
func (q *Queue) setFar(at Turn) {
	q.far = at
	q.next = min(q.first(), at.At)
}

// manyEntries is how many entries a queue has at least when it is tidied.
const manyEntries = 4096

// tidy drops the entries of keys that are gone if there may be as many as a part of all:
// a key that has gone long before its timer would take its room until then.
func (q *Queue) tidy(part int) {
	if part*q.keys.held() >= q.n {
		q.purge()
	}
}

// purge drops the entries of keys that are gone, or not in memory.
func (q *Queue) purge() {
	stays := func(e *Entry) bool {
		alive := q.keys.isAlive(e.ID)
		if !alive {
			q.n--
			q.keys.Release(e.ID)
		}
		return alive
	}
	q.run.keep(stays)
	q.early.keep(q, stays)
	q.ahead.keep(q.upTo, stays)
	q.next = min(q.first(), q.far.At)
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
