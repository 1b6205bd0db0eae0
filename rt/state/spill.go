package state

import (
	"errors"
	"fmt"

	"github.com/flow-lang/flowc/rt/value"
)

// Spill keeps the cells of one shard in a store, and in memory those that are in
// use: a cache that is written back at each snapshot. It is the [Durable] of its
// operator.
//
// A key that is looked for and is not in memory is asked of the store once. Cells
// that have been put stay in memory until a snapshot of theirs has been stored;
// after that they may be evicted. So what the store has is never older than what
// is not in memory, and a key that is gone is remembered until the store knows.
//
// The timers of a key leave memory with it. The store finds them by time, and the
// keys of those that come next are brought back before they are due.
type Spill struct {
	of      Spillable
	w       *Saver
	store   Store
	fail    func(error)
	timers  func(id uint32) (due, clock value.Timestamp)
	queues  [2]*spillQueue // of event time and of processing time; nil if there is none
	room    int            // bytes that cells may take
	content float64        // bytes that a cell refers to, of those that were loaded

	gone    map[string]struct{} // keys that went since the last snapshot began
	going   map[string]struct{} // those that went before, and that the store does not know to be gone
	sending Batch               // that is being stored; nil if none is
	cut     *cellsSnap          // whose records are in sending
	filling Batch               // of a restore
	key     []byte              // scratch
	loads   int64               // keys that the store was asked for
	found   int64               // those that it had
	missed  bool                // the key that was looked for last is not in the store
	full    func() bool         // the store wants to be given a batch; nil if it never does
	mark    value.Timestamp     // all timers up to them have fired
	now     value.Timestamp
}

// Spillable is an operator whose cells may lie in a store.
type Spillable interface {
	Durable
	Saved
	// Spill joins the operator to a store.
	Spill(o SpillOptions) *Spill
}

// SpillOptions say where cells go.
type SpillOptions struct {
	Store Store
	Room  int         // bytes that cells may take in memory
	Fail  func(error) // called when the store fails: what is in memory is not whole then
}

// spillQueue is a queue of timers some of which are in the store.
type spillQueue struct {
	*Queue
	clock bool
	upTo  value.Timestamp // all keys with timers up to it are in memory
}

// NewSpill joins an operator to a store. due and clock are its queues of timers,
// nil if it has none, and timers tells when the first timers of a cell are due,
// after value.MaxTime if it has none. The operator holds nothing yet.
func NewSpill(of Spillable, w *Saver, o SpillOptions, due, clock *Queue, timers func(id uint32) (due, clock value.Timestamp)) *Spill {
	s := &Spill{
		of: of, w: w, store: o.Store, fail: o.Fail, timers: timers, room: o.Room,
		gone: map[string]struct{}{}, mark: value.MinTime, now: value.MinTime,
	}
	for i, q := range []*Queue{due, clock} {
		if q != nil {
			s.queues[i] = &spillQueue{Queue: q, clock: i == 1, upTo: value.MinTime - 1}
			q.fetch = func() { s.check(s.fetch(s.queues[i])) }
		}
	}
	if f, ok := o.Store.(interface{ Full() bool }); ok {
		s.full = f.Full
	}
	w.store = s
	w.Track(of)
	w.cells.onMiss(s.load)
	return s
}

func (s *Spill) check(err error) {
	if err != nil {
		s.fail(err)
	}
}

// nameOf returns the key of a record as the maps of keys have it.
func (s *Spill) nameOf(group int, key []byte) []byte {
	s.key = append(s.key[:0], byte(group), byte(group>>8))
	s.key = append(s.key, key...)
	return s.key
}

// forget takes note that a key is gone, of which the store may have records.
func (s *Spill) forget(r *Record) { s.gone[string(s.nameOf(r.Group, r.Key))] = struct{}{} }

// isGone reports whether what the store has of a key does not count.
func (s *Spill) isGone(group int, key []byte) bool {
	name := s.nameOf(group, key)
	_, gone := s.gone[string(name)]
	_, going := s.going[string(name)]
	return gone || going
}

// load brings the cell of an id into memory, which has just got its key, if it is
// in the store.
func (s *Spill) load(id uint32) (found bool) {
	w := s.w
	s.of.SaveKey(w, id)
	group, key := w.rec.Group, w.key
	s.missed = true
	if s.isGone(group, key) {
		return false
	}
	s.loads++
	w.Forget() // the id that it knows may have become another's
	size := 0
	err := s.store.Load(group, key, func(r *Record) error {
		if size == 0 {
			w.Found(r, id)
		}
		size += recordSize(r)
		return s.of.Restore(r)
	})
	w.Forget()
	if err != nil {
		s.check(fmt.Errorf("state of a key cannot be read: %w", err))
		return false
	}
	if size == 0 {
		return false
	}
	s.missed = false
	s.found++
	const weight = 1.0 / 256
	s.content += (float64(size-1) - s.content) * weight
	w.Adopt(s.of, id)
	w.cells.loaded(id)
	return true
}

// recordSize estimates what a record takes in memory beside its cell, plus 1 byte for
// a record that takes nothing.
func recordSize(r *Record) int {
	const (
		word   = 10 // bytes of the longest number: it lies in the cell
		header = 64 // of an entry of a collection, or of a long value
	)
	n := len(r.Sub) + len(r.Value)
	if len(r.Sub) == 0 && n <= word {
		return 1
	}
	return 1 + header + 2*n
}

// CellSize estimates the bytes that a cell takes.
func (s *Spill) CellSize() int { return s.w.cells.cellSize() + int(s.content) }

// Bytes estimates how much memory the cells take.
func (s *Spill) Bytes() int { return s.w.cells.Len() * s.CellSize() }

// Loads returns how many keys were not in memory and were asked of the store, and
// how many of them it had.
func (s *Spill) Loads() (asked, found int64) { return s.loads, s.found }

// Tick evicts cells if they take more memory than they may. It is called between
// handlers, with the watermark and the processing time. full reports whether there
// is no room because of cells that have changed since the last snapshot, so that
// the next one should not wait.
func (s *Spill) Tick(mark, now value.Timestamp) (full bool) {
	s.mark, s.now = max(s.mark, mark), max(s.now, now)
	if s.sending != nil {
		if done, err := s.sending.Done(); done {
			s.settle(err)
		}
	}
	cells := s.w.cells
	most := max(s.room/s.CellSize(), 1)
	if over := cells.Len() - most; over > most/32 {
		s.evict(over)
	}
	return cells.Len() > most+most/8 && cells.dirty() > most/4 || s.full != nil && s.full()
}

// settle takes note that a batch has been stored.
func (s *Spill) settle(err error) {
	if s.check(err); err == nil && s.cut != nil {
		s.w.cells.stored(s.cut.ids)
	}
	s.sending, s.cut, s.going = nil, nil, nil
}

// wait waits until the batch at hand is stored.
func (s *Spill) wait() {
	if s.sending != nil {
		s.settle(s.sending.Wait())
	}
}

// evict takes about n cells out of memory, and their timers.
func (s *Spill) evict(n int) {
	cells := s.w.cells
	evicted := 0
	cells.idle(8*n+slabSize, func(id uint32) bool {
		if s.leave(id) {
			cells.evict(id)
			evicted++
		}
		return evicted < n
	})
	if evicted == 0 {
		return
	}
	s.w.Forget()
	for _, q := range s.queues {
		if q != nil && q.Len() > 0 {
			q.purge(cells.isAlive)
		}
	}
}

// leave reports whether a cell may be evicted: its timers must be ones that the
// store brings back.
func (s *Spill) leave(id uint32) bool {
	if s.timers == nil {
		return true
	}
	var at [2]value.Timestamp
	at[0], at[1] = s.timers(id)
	for i, q := range s.queues {
		if q != nil && at[i] <= q.upTo {
			return false
		}
	}
	for i, q := range s.queues {
		if q != nil && at[i] < q.far {
			q.setFar(at[i])
		}
	}
	return true
}

// fetched is how many keys are brought back at once for their timers.
const fetched = 1024

// fetch brings the next keys with timers into memory. All those at one time come
// together.
func (s *Spill) fetch(q *spillQueue) error {
	type timer struct {
		group int
		key   []byte
	}
	var keys []timer
	next := Never
	upTo := q.upTo
	err := s.store.Due(q.clock, q.upTo+1, func(at value.Timestamp, group int, key []byte) bool {
		if len(keys) >= fetched && at > upTo {
			next = at
			return false
		}
		upTo = at
		keys = append(keys, timer{group, append([]byte(nil), key...)})
		return true
	})
	if next == Never {
		upTo = value.MaxTime
	}
	q.upTo = upTo
	q.setFar(next)
	if err != nil {
		return err
	}
	for _, k := range keys {
		if err := s.find(k.group, k.key); err != nil {
			return err
		}
	}
	return nil
}

// find brings a key into memory, unless there is no such key any more.
func (s *Spill) find(group int, key []byte) error {
	s.missed = false
	// A record of no state finds its key, and does nothing else.
	err := s.of.Restore(&Record{State: -1, Group: group, Key: key})
	if s.missed {
		s.w.cells.evict(s.w.lastID)
		s.w.Forget()
	}
	if !errors.Is(err, ErrNoSuchState) {
		return err
	}
	return nil
}
