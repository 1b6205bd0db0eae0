package state

import (
	"errors"
	"fmt"
	"math"
	"unsafe"

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
// keys of those that come next are brought back before they are due. Entry timers,
// which no record holds, are armed anew when their key comes back; the store is told
// when the first of them is due.
type Spill struct {
	of       Spillable
	w        *Saver
	store    Store
	fail     func(error)
	timers   func(id uint32) (due, clock value.Timestamp)
	rearm    func(id uint32, mark, now value.Timestamp, restored bool) // nil if there are no entry timers
	restores bool                                                      // the keys are read once for their timers
	queues   [2]*spillQueue                                            // of event time and of processing time; nil if there is none
	room     int                                                       // bytes that cells may take
	content  float64                                                   // bytes that a cell refers to, of those that came and were loaded
	weigher  weigher                                                   // of the cell at hand

	gone    map[string]struct{} // keys that went since the last snapshot began
	going   map[string]struct{} // those that went before, and that the store does not know to be gone
	sending Batch               // that is being stored; nil if none is
	cut     *cellsSnap          // whose records are in sending
	cutting Batch               // of the snapshot at hand, as long as it is not sent; nil if there is none
	filling Batch               // of a restore
	key     []byte              // scratch
	loads   int64               // keys that the store was asked for
	found   int64               // those that it had
	missed  bool                // the key that was looked for last is not in the store
	left    func() bool         // what was read last is not where a batch would store it; nil if it always is
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
	upTo  Turn // all keys with timers up to it are in memory
}

// SpillTimers are the timers of an operator that is joined to a store.
type SpillTimers struct {
	Due, Clock *Queue // of event time and of processing time; nil if there are none

	// First tells when the first timers of a cell are due, after value.MaxTime if it has
	// none; nil if the operator has no timers.
	First func(id uint32) (due, clock value.Timestamp)

	// Rearm arms the entry timers of a cell that have not fired by the times, of event and
	// of processing time: after a restore there may be some whose time is past. It is nil
	// if the operator has no such timers.
	Rearm func(id uint32, mark, now value.Timestamp, restored bool)
}

// NewSpill joins an operator to a store. The operator holds nothing yet.
func NewSpill(of Spillable, w *Saver, o SpillOptions, t SpillTimers) *Spill {
	s := &Spill{
		of: of, w: w, store: o.Store, fail: o.Fail, timers: t.First, rearm: t.Rearm, room: o.Room,
		gone: map[string]struct{}{}, mark: Always, now: Always, content: firstContent,
	}
	for i, q := range []*Queue{t.Due, t.Clock} {
		if q != nil {
			s.queues[i] = &spillQueue{Queue: q, clock: i == 1, upTo: Turn{At: Always}}
			q.fetch = func() { s.check(s.fetch(s.queues[i])) }
		}
	}
	if l, ok := o.Store.(interface{ Left() bool }); ok {
		s.left = l.Left
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
	some := false
	weigh := s.weigh()
	err := s.store.Load(group, key, func(r *Record) error {
		if !some {
			some = true
			w.Found(r, id)
		}
		weigh.add(r)
		return s.of.Restore(r)
	})
	w.Forget()
	if err != nil {
		s.check(fmt.Errorf("state of a key cannot be read: %w", err))
		return false
	}
	if !some {
		return false
	}
	s.missed = false
	s.found++
	s.weighed()
	if s.left != nil && s.left() {
		w.AdoptWhole(s.of, id)
	} else {
		w.Adopt(s.of, id)
	}
	w.cells.loaded(id)
	if s.rearm != nil {
		s.rearm(id, s.mark, s.now, s.restores)
	}
	return true
}

// turns returns when the first timers of a cell have their turn, of event and of
// processing time, as the store finds them.
func (s *Spill) turns(id uint32) [2]Turn {
	due, clock := s.timers(id)
	rank := uint64(0) // where records alone say when timers are due
	if s.rearm != nil {
		rank = s.w.cells.Rank(id)
	}
	return [2]Turn{{due, rank}, {clock, rank}}
}

// note tells a batch when the first timers of a cell are due, if no record does.
func (s *Spill) note(to Batch, id uint32, group int, key []byte) {
	if s.rearm == nil {
		return
	}
	for i, turn := range s.turns(id) {
		if turn.At <= value.MaxTime {
			to.Timer(i == 1, turn, group, key)
		}
	}
}

// weigher estimates the memory that a key's records take beside its cell. They come by
// state.
type weigher struct {
	bytes int
	state int // 1 and that of the record before, if that was an entry of a collection
}

// add adds a record.
func (w *weigher) add(r *Record) {
	const (
		word       = 10 // bytes of the longest number: it lies in the cell
		header     = 16 // of what is longer
		collection = int(unsafe.Sizeof(tree[int64, int64]{}) + unsafe.Sizeof(chunk[int64, int64]{}))
		entry      = 32 // of a key and a value, which are numbers, and what snapshots know of them
	)
	n := len(r.Sub) + len(r.Value)
	switch {
	case len(r.Sub) > 0:
		if w.state != r.State+1 {
			w.state = r.State + 1
			w.bytes += collection
		}
		w.bytes += entry + n
	case n > word:
		w.bytes += header + n
	}
}

// firstContent is what a cell is taken to refer to as long as none has been weighed.
const firstContent = 256

// weigh begins to weigh a cell.
func (s *Spill) weigh() *weigher {
	s.weigher = weigher{}
	return &s.weigher
}

// weighed takes note of what the weigher has found of a cell.
func (s *Spill) weighed() {
	const weight = 1.0 / 256
	s.content += (float64(s.weigher.bytes) - s.content) * weight
}

// CellSize estimates the bytes that a cell takes, with what it refers to and its timers.
func (s *Spill) CellSize() int {
	const queued = 48 // bytes of a timer in a queue, and where it is sorted
	size := s.w.cells.cellSize() + int(s.content)
	for _, q := range s.queues {
		if q != nil {
			size += queued
		}
	}
	return size
}

// Bytes estimates how much memory the cells take.
func (s *Spill) Bytes() int { return s.w.cells.Len() * s.CellSize() }

// Loads returns how many keys were not in memory and were asked of the store, and
// how many of them it had.
func (s *Spill) Loads() (asked, found int64) { return s.loads, s.found }

// Tick evicts cells if they take more memory than they may. It is called between
// handlers, with the watermark and the processing time. full reports whether there
// is no room because of cells that have changed since the last snapshot, so that
// they should be stored.
func (s *Spill) Tick(mark, now value.Timestamp) (full bool) {
	s.mark, s.now = max(s.mark, mark), max(s.now, now)
	if s.sending != nil {
		if done, err := s.sending.Done(); done {
			s.settle(err)
		}
	}
	cells := s.w.cells
	most := s.most()
	if over := cells.Len() - most; over > most/32 {
		s.evict(over)
	}
	return cells.Len() > most+most/8 && cells.dirty() > most/4
}

// Overflows reports whether cells take clearly more memory than they may.
func (s *Spill) Overflows() bool {
	most := s.most()
	return s.w.cells.Len() > most+most/4
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

// evict takes about n cells out of memory, and returns how many. Their timers follow
// when there are enough to be worth a look at all.
func (s *Spill) evict(n int) int {
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
		return 0
	}
	s.w.Forget()
	for _, q := range s.queues {
		if q != nil && q.Len() > 0 {
			q.tidy(8)
		}
	}
	return evicted
}

// leave reports whether a cell may be evicted: none of its timers is about to fire. The
// store brings it back before they are due.
func (s *Spill) leave(id uint32) bool {
	if s.timers == nil {
		return true
	}
	turns := s.turns(id)
	for i, q := range s.queues {
		if q != nil && turns[i].At <= s.fired(q) {
			return false
		}
	}
	for i, q := range s.queues {
		if q == nil || turns[i].At > value.MaxTime {
			continue
		}
		if turns[i].Compare(q.upTo) <= 0 {
			q.upTo = turns[i].last()
		}
		if turns[i].Compare(q.far) < 0 {
			q.setFar(turns[i])
		}
	}
	return true
}

// fired returns the time up to which all timers of a queue have fired.
func (s *Spill) fired(q *spillQueue) value.Timestamp {
	if q.clock {
		return s.now
	}
	return s.mark
}

// most returns how many cells may be in memory.
func (s *Spill) most() int { return max(s.room/s.CellSize(), 1) }

// fetched is how many keys are brought back at once for their timers: an eighth of those
// that may be in memory, within bounds.
func (s *Spill) fetched() int {
	const least, most = 16, 1024
	return min(max(s.most()/8, least), most)
}

// fetch brings the next keys with timers into memory. All those of one turn come
// together.
func (s *Spill) fetch(q *spillQueue) error {
	var keys []Place
	enough := s.fetched()
	next := Turn{At: Never}
	upTo := q.upTo
	err := s.store.Due(q.clock, q.upTo.next(), func(at Turn, group int, key []byte) bool {
		if len(keys) >= enough && at.Compare(upTo) > 0 {
			next = at
			return false
		}
		upTo = at
		keys = append(keys, Place{group, key}.Own())
		return true
	})
	if next.At == Never {
		upTo = Turn{value.MaxTime, math.MaxUint64}
	}
	q.upTo = upTo
	q.setFar(next)
	if err != nil {
		return err
	}
	for _, k := range keys {
		if err := s.find(k.Group, k.Key); err != nil {
			return err
		}
	}
	return nil
}

// findEntryTimers tells the store when the first timers of its keys are due: what it has
// been told before was true for the program that ran then.
func (s *Spill) findEntryTimers() error {
	if s.rearm == nil {
		return nil
	}
	s.restores = true
	defer func() { s.restores = false }()
	most, page := s.most(), s.fetched()
	b := s.store.Batch()
	store := func() error {
		b.Send(value.MinTime, value.MinTime)
		return b.Wait()
	}
	for from, more := (Place{}), true; more; {
		var places []Place
		more = false
		err := s.store.Keys(from, func(p Place) bool {
			if len(places) == page {
				from, more = p.Own(), true
				return false
			}
			places = append(places, p.Own())
			return true
		})
		if err != nil {
			return err
		}
		for _, p := range places {
			if err := s.find(p.Group, p.Key); err != nil {
				return err
			}
			if !s.missed {
				s.note(b, s.w.lastID, p.Group, p.Key)
			}
		}
		if b.Bytes() >= restoreSize {
			if err := store(); err != nil {
				return err
			}
			b = s.store.Batch()
		}
		for s.w.cells.Len() > most && s.evict(s.w.cells.Len()) > 0 {
		}
	}
	return store()
}

// find brings a key into memory, unless there is no such key any more: missed tells.
func (s *Spill) find(group int, key []byte) error {
	s.missed = false
	// A record of no state finds its key, and does nothing else.
	err := s.of.Restore(&Record{State: -1, Group: group, Key: key})
	if len(key) == 0 && err != nil && !errors.Is(err, ErrNoSuchState) {
		s.missed = true // it is what all keys have, of a step that has keys
		return nil
	}
	if s.missed {
		s.w.cells.evict(s.w.lastID)
		s.w.Forget()
	}
	if !errors.Is(err, ErrNoSuchState) {
		return err
	}
	return nil
}
