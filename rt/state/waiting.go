package state

import "github.com/flow-lang/flowc/rt/value"

// Waiting holds the messages of one shard that wait for a processing time, by
// that time, then in the order in which they came. The zero Waiting is empty.
type Waiting[T any] struct {
	heap  []Delayed[T] // each comes before its two children
	came  uint64       // messages that have ever come
	turns map[turn]turns

	// For snapshots of changes.
	tracks bool
	known  uint64       // messages before this number are in snapshots
	ever   uint64       // the greatest that known has been
	gone   []Delayed[T] // with numbers before ever, that have gone since
	told   []Delayed[T] // those that the last snapshot has told of

	removed map[messagePlace]bool // in a restore
}

// turn is the key, by its hash, and the time of messages that come one after the
// other.
type turn struct {
	hash uint64
	due  value.Timestamp
}

type turns struct {
	next int64 // turn of the next message
	live int   // messages that wait
}

// messagePlace is what tells a message from others.
type messagePlace struct {
	turn
	n int64
}

func (d *Delayed[T]) place() messagePlace { return messagePlace{turn{d.Hash, d.Due}, d.n} }

// Delayed is a message that waits.
type Delayed[T any] struct {
	Due  value.Timestamp
	Time value.Timestamp // event time of who sent it
	Hash uint64          // of its key
	Rec  T               // its text is its own

	n      int64  // its turn among those of its key and time
	number uint64 // in order of arrival
}

// Add has a message wait until due.
func (w *Waiting[T]) Add(due, time value.Timestamp, hash uint64, rec T) {
	t := w.turns[turn{hash, due}]
	w.add(Delayed[T]{Due: due, Time: time, Hash: hash, Rec: rec, n: t.next})
}

func (w *Waiting[T]) add(d Delayed[T]) {
	at := turn{d.Hash, d.Due}
	t := w.turns[at]
	if w.turns == nil {
		w.turns = map[turn]turns{}
	}
	w.turns[at] = turns{max(t.next, d.n+1), t.live + 1}
	d.number = w.came
	w.came++
	w.heap = append(w.heap, d)
	for i := len(w.heap) - 1; i > 0; {
		up := (i - 1) / 2
		if !w.before(i, up) {
			return
		}
		w.heap[i], w.heap[up] = w.heap[up], w.heap[i]
		i = up
	}
}

// Next returns the time of the first message, or a time after value.MaxTime if
// there is none.
func (w *Waiting[T]) Next() value.Timestamp {
	if len(w.heap) == 0 {
		return Never
	}
	return w.heap[0].Due
}

// Len returns how many messages wait.
func (w *Waiting[T]) Len() int { return len(w.heap) }

// Pop removes the first message and returns it. There must be one.
func (w *Waiting[T]) Pop() Delayed[T] {
	first := w.heap[0]
	last := len(w.heap) - 1
	w.heap[0] = w.heap[last]
	w.heap[last] = Delayed[T]{}
	w.heap = w.heap[:last]
	at := turn{first.Hash, first.Due}
	if t := w.turns[at]; t.live > 1 {
		w.turns[at] = turns{t.next, t.live - 1}
	} else {
		delete(w.turns, at)
	}
	if w.tracks && first.number < w.ever {
		w.gone = append(w.gone, first)
	}
	for i := 0; ; {
		least := i
		for _, child := range []int{2*i + 1, 2*i + 2} {
			if child < last && w.before(child, least) {
				least = child
			}
		}
		if least == i {
			return first
		}
		w.heap[i], w.heap[least] = w.heap[least], w.heap[i]
		i = least
	}
}

func (w *Waiting[T]) before(i, k int) bool {
	a, b := &w.heap[i], &w.heap[k]
	return a.Due < b.Due || a.Due == b.Due && a.number < b.number
}
