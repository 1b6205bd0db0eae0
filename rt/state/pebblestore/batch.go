package pebblestore

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/objstorage/objstorageprovider"
	"github.com/cockroachdb/pebble/v2/sstable"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
)

// maxFile is the length in bytes at which a new file begins.
const maxFile = 64 << 20

// rowKind says what a row of a batch does.
type rowKind uint8

const (
	setRow    rowKind = iota
	deleteRow         // removes one row
	rangeRow          // removes the rows from its key on and before its value
)

// row is a row of a batch. Its bytes lie in the batch's arena.
type row struct {
	key, val int // where they begin
	end      int // where the value ends
	kind     rowKind
	weak     bool // any other row of the key counts more
}

// span is rows that begin alike: with the bytes of the arena from from to to.
type span struct{ from, to int }

// batch is a [state.Batch]: rows that become files, sorted.
type batch struct {
	shard *shard
	arena []byte
	rows  []row
	goes  []span    // whose rows go, both those of batches before and those before it in this one
	last  []byte    // prefix of the key of the last record
	timed [2]bool   // it has timer rows, of event and of processing time
	key   state.Row // of the key at hand, as far as it is known, where keys are rows
	begun bool      // there is such a key
	kind  byte      // of rows of records
	of    []*shard  // others whose rows it removes
	done  chan struct{}
	err   error // once done is closed
}

// Batch begins a batch.
func (s *shard) Batch() state.Batch { return &batch{shard: s, kind: recordRow} }

// Bytes returns the size of what was added.
func (b *batch) Bytes() int { return len(b.arena) + len(b.rows)*48 + len(b.key.Fields) }

// Add adds a record.
func (b *batch) Add(r *state.Record) {
	s := b.shard
	piece := false
	if s.inRow(r.Key) {
		if piece = b.kind == pieceRow; !piece {
			b.addToRow(r)
			return
		}
	}
	b.last = appendPrefix(b.last[:0], s.shape.Operator, r.Group, r.Key)
	if piece {
		b.last[0] = pieceRow
	}
	switch r.Gone {
	case state.KeyGone:
		b.keyGone()
		return
	case state.AllGone:
		if s.isMap(r.State) {
			b.removeAll(appendState(b.last, r.State))
			return
		}
	}
	from := len(b.arena)
	b.arena = appendState(append(b.arena, b.last...), r.State)
	b.arena = append(b.arena, r.Sub...)
	at := len(b.arena)
	if r.Gone != state.Present {
		b.push(from, at, deleteRow)
		return
	}
	b.arena = binary.AppendVarint(b.arena, int64(r.Written))
	b.arena = append(b.arena, r.Value...)
	b.push(from, at, setRow)
	if !piece {
		b.timerOf(r)
	}
}

// timerOf adds the row that finds the key of a record by the timer that it is, if it is one.
func (b *batch) timerOf(r *state.Record) {
	shape := &b.shard.shape
	if r.State >= shape.States {
		at, _ := binary.Varint(r.Value) // long of Avro
		b.Timer(shape.Clock[r.State-shape.States], state.Turn{At: value.Timestamp(at)}, r.Group, r.Key)
	}
}

// RemoveKey removes the rows of a key of another shard.
func (b *batch) RemoveKey(of state.Store, at state.Place) {
	s := b.other(of)
	prefix := appendPrefix(nil, s.shape.Operator, at.Group, at.Key)
	if !s.inRow(at.Key) {
		b.removeAll(prefix)
		return
	}
	from := len(b.arena)
	b.arena = append(b.arena, prefix...)
	b.push(from, len(b.arena), deleteRow)
}

// RemoveKeys removes rows of another shard by one range, which begins and ends with the
// prefix of a key.
func (b *batch) RemoveKeys(of state.Store, from state.Place, to *state.Place) {
	s := b.other(of)
	end := after(s.bound(s.last))
	if to != nil {
		end = s.lower(*to)
	}
	b.removeRange(s.lower(from), end)
}

// removeRange removes the rows from a key on and before another.
func (b *batch) removeRange(from, to []byte) {
	at := len(b.arena)
	b.arena = append(b.arena, from...)
	middle := len(b.arena)
	b.arena = append(b.arena, to...)
	b.push(at, middle, rangeRow)
}

// RemoveTimers removes the timer rows of another shard.
func (b *batch) RemoveTimers(of state.Store) {
	s := b.other(of)
	for _, clock := range []bool{false, true} {
		begin := appendTimers(nil, s.shape.Operator, s.shape.Shard, clock)
		b.removeRange(begin, after(begin))
	}
}

// other takes note of another shard.
func (b *batch) other(of state.Store) *shard {
	s := of.(*shard)
	if !slices.Contains(b.of, s) {
		b.of = append(b.of, s)
	}
	return s
}

func appendState(dst []byte, number int) []byte {
	return binary.BigEndian.AppendUint16(dst, uint16(number))
}

// keyGone removes all records of the key at hand.
func (b *batch) keyGone() {
	s := b.shard
	if s.hasMaps {
		b.removeAll(b.last)
		return
	}
	for number := range s.shape.States + len(s.shape.Clock) {
		from := len(b.arena)
		b.arena = appendState(append(b.arena, b.last...), number)
		b.push(from, len(b.arena), deleteRow)
	}
}

// removeAll removes all rows with a prefix. Which those are is found out when the
// batch is stored.
func (b *batch) removeAll(prefix []byte) {
	from := len(b.arena)
	b.arena = append(b.arena, prefix...)
	b.goes = append(b.goes, span{from, len(b.arena)})
}

// Timer adds a row that finds a key by the time of a timer.
func (b *batch) Timer(clock bool, at state.Turn, group int, key []byte) {
	s := b.shard
	from := len(b.arena)
	b.arena = appendTurn(appendTimers(b.arena, s.shape.Operator, s.shape.Shard, clock), at)
	b.arena = binary.BigEndian.AppendUint16(b.arena, uint16(group))
	b.arena = append(b.arena, key...)
	b.push(from, len(b.arena), setRow)
	if clock {
		b.timed[1] = true
	} else {
		b.timed[0] = true
	}
}

// push adds a row whose key is at from and whose value at at, to the arena's end.
func (b *batch) push(from, at int, kind rowKind) {
	b.rows = append(b.rows, row{key: from, val: at, end: len(b.arena), kind: kind})
}

// Send stores the batch in a goroutine of its own.
func (b *batch) Send(fired, clock value.Timestamp) {
	s := b.shard
	b.endRow()
	s.findTimers()
	for i, to := range []value.Timestamp{fired, clock} {
		if s.timed[i] = s.timed[i] || b.timed[i]; s.timed[i] && to > s.dropped[i] {
			begin := appendTimers(nil, s.shape.Operator, s.shape.Shard, i == 1)
			b.removeRange(appendTime(slices.Clone(begin), s.dropped[i]), appendTime(slices.Clone(begin), to))
			s.dropped[i] = to
		}
	}
	b.done = make(chan struct{})
	s.db.sends.Go(func() {
		defer close(b.done)
		if b.err = b.store(); b.err != nil {
			s.db.broken.CompareAndSwap(nil, &b.err)
		}
		b.arena, b.rows, b.goes = nil, nil, nil
		s.stale.Store(true)
		for _, other := range b.of {
			other.stale.Store(true)
		}
	})
}

// Done reports whether the batch is stored.
func (b *batch) Done() (bool, error) {
	select {
	case <-b.done:
		return true, b.err
	default:
		return false, nil
	}
}

// Wait waits until it is.
func (b *batch) Wait() error {
	<-b.done
	return b.err
}

// Drop forgets the batch.
func (b *batch) Drop() { b.arena, b.rows, b.goes = nil, nil, nil }

// store sorts the rows into files and gives them to Pebble.
func (b *batch) store() error {
	err := b.expand()
	if err != nil || len(b.rows) == 0 {
		return err
	}
	b.sort()
	b.erase()
	paths, err := b.write()
	if err == nil && len(paths) > 0 {
		err = b.shard.db.db.Ingest(context.Background(), paths)
	}
	if err != nil {
		return fmt.Errorf("store state: %w", cause(err))
	}
	return nil
}

// expand finds the rows that go. They are removed one by one: Pebble does not see
// that a row is removed by a range that begins within its prefix when it seeks by
// prefix, and ranges that are many make reading slow.
func (b *batch) expand() (err error) {
	if len(b.goes) == 0 {
		return nil
	}
	iter, err := b.shard.db.db.NewIter(&pebble.IterOptions{UseL6Filters: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, iter.Close()) }()
	slices.SortFunc(b.goes, func(x, y span) int { return bytes.Compare(b.arena[x.from:x.to], b.arena[y.from:y.to]) })
	for _, g := range b.goes {
		prefix := b.arena[g.from:g.to]
		for ok := iter.SeekPrefixGE(prefix); ok && bytes.HasPrefix(iter.Key(), prefix); ok = iter.Next() {
			from := len(b.arena)
			b.arena = append(b.arena, iter.Key()...)
			b.push(from, len(b.arena), deleteRow)
			b.rows[len(b.rows)-1].weak = true
		}
	}
	return iter.Error()
}

func (b *batch) keyOf(r *row) []byte { return b.arena[r.key:r.val] }

// erase makes rows of the batch that went after they came rows that remove.
func (b *batch) erase() {
	for _, g := range b.goes {
		prefix := b.arena[g.from:g.to]
		first, _ := slices.BinarySearchFunc(b.rows, prefix, func(r row, prefix []byte) int { return bytes.Compare(b.keyOf(&r), prefix) })
		for i := first; i < len(b.rows) && bytes.HasPrefix(b.keyOf(&b.rows[i]), prefix); i++ {
			if r := &b.rows[i]; r.kind == setRow && r.key < g.from {
				r.kind = deleteRow
			}
		}
	}
}

// write writes the sorted rows into files whose keys do not overlap. Each holds rows of
// one operator and kind: what lies between two of them is not said to be touched, and
// stays out of compactions.
func (b *batch) write() (paths []string, err error) {
	var w *sstable.Writer
	var head, covered []byte // of the file; end of the ranges so far
	finish := func() error {
		if w == nil {
			return nil
		}
		err := w.Close()
		w = nil
		return err
	}
	for i := range b.rows {
		r := &b.rows[i]
		key := b.keyOf(r)
		if i+1 < len(b.rows) && r.kind != rangeRow && b.rows[i+1].kind != rangeRow && bytes.Equal(key, b.keyOf(&b.rows[i+1])) {
			continue // a later one counts
		}
		if w != nil && (!bytes.HasPrefix(key, head) || w.Raw().EstimatedSize() > maxFile && bytes.Compare(covered, key) <= 0) {
			if err := finish(); err != nil {
				return nil, err
			}
		}
		if w == nil {
			var path string
			if w, path, err = b.shard.db.newFile(); err != nil {
				return nil, err
			}
			head, paths = key[:headLen], append(paths, path)
		}
		if err := b.put(w, r, key, &covered); err != nil {
			return nil, err
		}
	}
	return paths, finish()
}

// put writes a row.
func (b *batch) put(w *sstable.Writer, r *row, key []byte, covered *[]byte) error {
	val := b.arena[r.val:r.end]
	switch r.kind {
	case setRow:
		return w.Set(key, val)
	case deleteRow:
		return w.Delete(key)
	default:
		*covered = val
		return w.DeleteRange(key, val)
	}
}

// newFile begins a file of rows.
func (d *DB) newFile() (*sstable.Writer, string, error) {
	path := d.fs.PathJoin(d.dir, fmt.Sprintf("batch-%d", d.files.Add(1)))
	f, err := d.fs.Create(path, vfs.WriteCategoryUnspecified)
	if err != nil {
		return nil, "", err
	}
	o := d.opts.MakeWriterOptions(0, d.db.TableFormat())
	o.DisableValueBlocks = true // as options says to compactions
	return sstable.NewWriter(objstorageprovider.NewFileWritable(f), o), path, nil
}
