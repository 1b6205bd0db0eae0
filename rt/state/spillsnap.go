package state

import "github.com/flow-lang/flowc/rt/value"

// Track says nothing new: a store is told of every change.
func (s *Spill) Track() {}

// Cut ends an epoch: what has changed is stored, and is given; or, if all is
// asked for, all is given that the store has then.
//
// A snapshot of changes may be dropped only as long as it has not been given whole:
// cells that the store has by then may have left memory, and are not told of again.
func (s *Spill) Cut(all bool) Snapshot {
	s.wait()
	c := &spillSnap{s: s, all: all, cut: s.w.Cut(s.of, false).(*cellsSnap), batch: s.store.Batch()}
	s.cutting = c.batch
	s.going, s.gone = s.gone, map[string]struct{}{}
	return c
}

// Copy gives all there is. The store learns what has changed, and the next
// snapshot of changes does not: it is for jobs that take no such snapshots, or
// begin anew with one of all.
func (s *Spill) Copy() Snapshot { return s.Cut(true) }

// Store stores what has changed without giving it to anybody, between snapshots.
func (s *Spill) Store() {
	c := s.Cut(false).(*spillSnap)
	for !c.Store(1 << 20) {
	}
}

// restoreSize is how many bytes of records are stored at once in a restore.
const restoreSize = 64 << 20

// Restore stores a record. What the shard holds for all keys is in memory, too.
func (s *Spill) Restore(r *Record) error {
	if len(r.Key) == 0 {
		if err := s.of.Restore(r); err != nil {
			return err
		}
	}
	if s.filling == nil {
		s.filling = s.pieces()
	}
	s.filling.Add(r)
	if s.filling.Bytes() < restoreSize {
		return nil
	}
	return s.fill()
}

// pieces begins a batch of records that come in any order.
func (s *Spill) pieces() Batch {
	if g, ok := s.store.(Gatherer); ok {
		return g.Pieces()
	}
	return s.store.Batch()
}

// gather ends a restore for the store.
func (s *Spill) gather() error {
	if err := s.fill(); err != nil {
		return err
	}
	if g, ok := s.store.(Gatherer); ok {
		return g.Gather()
	}
	return nil
}

// fill stores what has been gathered in a restore.
func (s *Spill) fill() error {
	b := s.filling
	if b == nil {
		return nil
	}
	s.filling = nil
	b.Send(value.MinTime, value.MinTime)
	return b.Wait()
}

// Restored ends the restore.
func (s *Spill) Restored(mark value.Timestamp) error {
	if err := s.gather(); err != nil {
		return err
	}
	s.mark = mark
	if err := s.findEntryTimers(); err != nil {
		return err
	}
	if err := s.findTimers(); err != nil {
		return err
	}
	s.w.adoptShared(s.of)
	return s.of.Restored(mark)
}

// spillSnap is a snapshot of a shard whose cells are in a store.
type spillSnap struct {
	s     *Spill
	all   bool
	cut   *cellsSnap // what has changed
	batch Batch      // the same for the store; nil when it is sent
	scan  Scan       // of all; nil before the batch is stored
	done  bool
}

// Next gives records.
func (c *spillSnap) Next(bytes int, emit func(*Record)) bool {
	switch {
	case c.done:
		return true
	case c.all:
		return c.store(bytes) && c.rest(bytes, emit)
	}
	return c.sent(c.cut.Next(bytes, func(r *Record) {
		c.batch.Add(r)
		emit(r)
	}))
}

// Store gives the store what has changed: then it has all.
func (c *spillSnap) Store(bytes int) bool {
	c.all = false
	return c.store(bytes)
}

// store gives the store what has changed.
func (c *spillSnap) store(bytes int) bool {
	if c.batch == nil {
		return true
	}
	var rows func(*Row)
	if b, ok := c.batch.(RowBatch); ok {
		rows = b.AddRow
	}
	return c.sent(c.cut.giveTo(bytes, c.batch.Add, rows))
}

// sent sends the batch if all that has changed is in it, and reports whether it is.
func (c *spillSnap) sent(all bool) bool {
	if all {
		c.send()
		c.done = !c.all
	}
	return all
}

// rest gives all that the store has.
func (c *spillSnap) rest(bytes int, emit func(*Record)) bool {
	if c.scan == nil && !c.open() {
		return c.done
	}
	done, err := c.scan.Next(bytes, emit)
	if err != nil {
		c.s.check(err)
		done = true
	}
	if done {
		c.close()
		c.s.w.cells.stored(c.cut.ids)
	}
	return done
}

// send lets the store have what has changed.
func (c *spillSnap) send() {
	s := c.s
	s.sending = c.batch
	if !c.all {
		s.cut = c.cut // else they stay until all is given, as it may be given up
	}
	c.batch.Send(s.mark, s.now)
	c.batch, s.cutting = nil, nil
}

// open begins to read all. The store must know what has changed before.
func (c *spillSnap) open() bool {
	c.s.wait()
	scan, err := c.s.store.Scan(Place{})
	if err != nil {
		c.s.check(err)
		c.done = true
		return false
	}
	c.scan = scan
	return true
}

func (c *spillSnap) close() {
	c.done = true
	if c.scan != nil {
		c.s.check(c.scan.Close())
		c.scan = nil
	}
}

// Drop gives the snapshot up.
func (c *spillSnap) Drop() {
	s := c.s
	if c.batch != nil {
		// The store has heard of nothing.
		c.batch.Drop()
		c.batch, s.cutting = nil, nil
		for name := range s.going {
			s.gone[name] = struct{}{}
		}
		s.going = nil
	}
	c.cut.Drop()
	c.close()
}
