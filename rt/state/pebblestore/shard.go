package pebblestore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"

	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
)

// shard is a [state.Store]: the rows of one shard of an operator.
type shard struct {
	db      *DB
	shape   state.Shape
	hasMaps bool
	first   int // key groups
	last    int
	iter    *pebble.Iterator   // for Load; nil before the first
	stale   atomic.Bool        // a batch has been stored since iter was made
	dropped [2]value.Timestamp // timer rows before them are removed, of event and of processing time
	timed   [2]bool            // there may be such rows; known when
	looked  bool               // the first batch has been sent
	prefix  []byte
}

// Shard returns the store of a shard, whose key groups are from first to last.
func (d *DB) Shard(shape state.Shape, first, last int) state.Store {
	s := &shard{
		db: d, shape: shape, hasMaps: slices.Contains(shape.Maps, true), first: first, last: last,
		dropped: [2]value.Timestamp{value.MinTime, value.MinTime},
	}
	d.mu.Lock()
	d.shards = append(d.shards, s)
	d.mu.Unlock()
	return s
}

// isMap reports whether the records of one key in a state, or its timers, are
// told apart by Sub.
func (s *shard) isMap(number int) bool { return s.shape.Maps[number] }

// close gives back what the shard holds.
func (s *shard) close() error {
	if s.iter == nil {
		return nil
	}
	return s.iter.Close()
}

// Load reads the records of a key.
func (s *shard) Load(group int, key []byte, each func(*state.Record) error) error {
	if err := s.refresh(); err != nil {
		return err
	}
	s.prefix = appendPrefix(s.prefix[:0], s.shape.Operator, group, key)
	r := state.Record{Group: group, Key: key}
	sorted := state.Elements{Lists: s.shape.Lists}
	for ok := s.iter.SeekPrefixGE(s.prefix); ok; ok = s.iter.Next() {
		rest := s.iter.Key()[len(s.prefix):]
		if len(rest) == 0 {
			row, err := readRow(group, key, s.iter.Value())
			if err != nil {
				return err
			}
			return row.Records(each)
		}
		if err := s.record(&r, rest, s.iter.Value()); err != nil {
			return err
		}
		if err := sorted.Add(&r, each); err != nil {
			return err
		}
	}
	if err := s.iter.Error(); err != nil {
		return err
	}
	return sorted.Flush(each)
}

// refresh makes the iterator one that sees what batches have stored.
func (s *shard) refresh() (err error) {
	if s.iter != nil && !s.stale.Swap(false) {
		return nil
	}
	s.stale.Store(false)
	if err = s.close(); err != nil {
		return err
	}
	s.iter, err = s.db.db.NewIter(&pebble.IterOptions{UseL6Filters: true})
	return err
}

var errRow = errors.New("a row of state is damaged")

// record reads what stands behind the prefix of a row, and its value.
func (s *shard) record(r *state.Record, rest, val []byte) error {
	written, n := binary.Varint(val)
	if len(rest) < numberLen || n <= 0 {
		return errRow
	}
	r.State = int(binary.BigEndian.Uint16(rest))
	r.Sub = rest[numberLen:]
	r.Written, r.Value = value.Timestamp(written), val[n:]
	return nil
}

// Due reads the timer rows from a turn on.
func (s *shard) Due(clock bool, from state.Turn, each func(state.Turn, int, []byte) bool) (err error) {
	head := appendTimers(nil, s.shape.Operator, s.shape.Shard, clock)
	iter, err := s.db.db.NewIter(&pebble.IterOptions{LowerBound: appendTurn(slices.Clone(head), from), UpperBound: after(head)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, iter.Close()) }()
	for ok := iter.First(); ok; ok = iter.Next() {
		rest := iter.Key()[len(head):]
		if len(rest) < turnLen+numberLen {
			return errRow
		}
		if !each(turnOf(rest), int(binary.BigEndian.Uint16(rest[turnLen:])), rest[turnLen+numberLen:]) {
			break
		}
	}
	return iter.Error()
}

// findTimers looks once whether there are timer rows. A batch of an operator that has none
// removes none, and needs no file for it.
func (s *shard) findTimers() {
	if s.looked {
		return
	}
	s.looked = true
	for i := range s.timed {
		err := s.Due(i == 1, state.Turn{At: state.Always}, func(state.Turn, int, []byte) bool {
			s.timed[i] = true
			return false
		})
		s.timed[i] = s.timed[i] || err != nil // who reads them hears of it
	}
}

// Keys reads the first row of each key from a place on.
func (s *shard) Keys(from state.Place, each func(state.Place) bool) (err error) {
	if from.Group > s.last {
		return nil
	}
	iter, err := s.db.db.NewIter(&pebble.IterOptions{LowerBound: s.lower(from), UpperBound: after(s.bound(s.last))})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, iter.Close()) }()
	for ok := iter.First(); ok; {
		row := iter.Key()
		if !each(placeOf(row)) {
			break
		}
		ok = iter.SeekGE(after(row[:split(row)])) // NextPrefix wants rows that begin with a key and a zero to be those of another
	}
	return iter.Error()
}

// lower is the bound of the rows of the shard from a place on.
func (s *shard) lower(from state.Place) []byte {
	if from.Group > s.first || from.Group == s.first && len(from.Key) > 0 {
		return appendPrefix(nil, s.shape.Operator, from.Group, from.Key)
	}
	return s.bound(s.first)
}

// bound returns what the rows of a key group begin with.
func (s *shard) bound(group int) []byte {
	return binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16([]byte{recordRow}, uint16(s.shape.Operator)), uint16(group))
}

// placeOf returns the place of the key of a row.
func placeOf(row []byte) state.Place {
	_, n := binary.Uvarint(row[headLen+numberLen:])
	return state.Place{Group: int(binary.BigEndian.Uint16(row[headLen:])), Key: row[headLen+numberLen+n : split(row)]}
}

// scan is a [state.Scan].
type scan struct {
	shard  *shard
	iter   *pebble.Iterator
	sorted state.Elements
	begun  bool
}

// Scan begins to read all records from a place on.
func (s *shard) Scan(from state.Place) (state.Scan, error) {
	iter, err := s.db.db.NewIter(&pebble.IterOptions{LowerBound: s.lower(from), UpperBound: after(s.bound(s.last))})
	if err != nil {
		return nil, err
	}
	return &scan{shard: s, iter: iter, sorted: state.Elements{Lists: s.shape.Lists}}, nil
}

// Next reads the next records.
func (c *scan) Next(size int, each func(*state.Record)) (done bool, err error) {
	if !c.begun {
		c.begun = true
		c.iter.First()
	}
	give := func(r *state.Record) error {
		each(r)
		return nil
	}
	for ; c.iter.Valid() && size > 0; c.iter.Next() {
		key := c.iter.Key()
		val := c.iter.Value()
		size -= len(key) + len(val)
		of := placeOf(key)
		rest := key[split(key):]
		if len(rest) == 0 {
			row, err := readRow(of.Group, of.Key, val)
			if err == nil {
				err = row.Records(give)
			}
			if err != nil {
				return false, err
			}
			continue
		}
		r := state.Record{Group: of.Group, Key: of.Key}
		if err := c.shard.record(&r, rest, val); err != nil {
			return false, err
		}
		_ = c.sorted.Add(&r, give) // which never fails
	}
	if err := c.iter.Error(); err != nil {
		return false, fmt.Errorf("read state: %w", err)
	}
	if done = !c.iter.Valid(); done {
		_ = c.sorted.Flush(give)
	}
	return done, nil
}

// Close ends the scan.
func (c *scan) Close() error { return c.iter.Close() }
