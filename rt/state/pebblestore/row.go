package pebblestore

import (
	"bytes"
	"encoding/binary"
	"errors"

	"github.com/cockroachdb/pebble/v2"

	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
)

// inRow reports whether all records of a key are one row. What all shards have is not.
func (s *shard) inRow(key []byte) bool { return s.shape.Rows && len(key) > 0 }

// addToRow adds a record to the row of its key.
func (b *batch) addToRow(r *state.Record) {
	if r.Gone == state.KeyGone || !b.isAt(r.Group, r.Key) {
		b.endRow()
		b.begun = true
		b.key = state.Row{Group: r.Group, Key: append(b.key.Key[:0], r.Key...), Fields: b.key.Fields[:0]}
	}
	if r.Gone != state.KeyGone {
		b.key.Put(r)
	}
}

// isAt reports whether a key is at hand.
func (b *batch) isAt(group int, key []byte) bool {
	return b.begun && group == b.key.Group && bytes.Equal(key, b.key.Key)
}

// endRow ends the row of the key at hand.
func (b *batch) endRow() {
	if b.begun {
		b.begun = false
		b.putRow(&b.key)
	}
}

// AddRow adds the row of a key, or the records that it stands for.
func (b *batch) AddRow(r *state.Row) {
	if !b.shard.inRow(r.Key) || b.kind == pieceRow {
		_ = r.Records(func(r *state.Record) error { // whoever made the row has made it whole
			b.Add(r)
			return nil
		})
		return
	}
	b.endRow()
	b.putRow(r)
}

// putRow adds the row of a key, or removes it if there is nothing in it.
func (b *batch) putRow(r *state.Row) {
	shape := &b.shard.shape
	from := len(b.arena)
	b.arena = appendPrefix(b.arena, shape.Operator, r.Group, r.Key)
	at := len(b.arena)
	if r.Has == 0 {
		b.push(from, at, deleteRow)
		return
	}
	b.arena = appendRow(b.arena, r)
	b.push(from, at, setRow)
	if r.Has>>shape.States != 0 {
		_ = r.Records(func(r *state.Record) error {
			if r.Gone == state.Present {
				b.timerOf(r)
			}
			return nil
		})
	}
}

// appendRow appends the value of a row.
func appendRow(dst []byte, r *state.Row) []byte {
	dst = binary.AppendUvarint(dst, uint64(r.Has))
	dst = binary.AppendUvarint(dst, uint64(r.Timed))
	return append(dst, r.Fields...)
}

// readRow reads the value of a row of a key.
func readRow(group int, key, val []byte) (state.Row, error) {
	has, n := binary.Uvarint(val)
	timed, m := binary.Uvarint(val[max(n, 0):])
	const most = 1<<state.RowStates - 1
	if n <= 0 || m <= 0 || has > most || timed&^has != 0 {
		return state.Row{}, errRow
	}
	return state.Row{Group: group, Key: key, Has: uint32(has), Timed: uint32(timed), Fields: val[n+m:]}, nil
}

// Pieces begins a batch of records of which those of a key come in any order.
func (s *shard) Pieces() state.Batch { return &batch{shard: s, kind: pieceRow} }

// gatherSize is how many bytes of rows are gathered at once.
const gatherSize = 64 << 20

// Gather makes rows of all pieces.
func (s *shard) Gather() (err error) {
	if !s.shape.Rows {
		return nil
	}
	from, last := s.bound(s.first), s.bound(s.last)
	from[0], last[0] = pieceRow, pieceRow
	to := after(last)
	iter, err := s.db.db.NewIter(&pebble.IterOptions{LowerBound: from, UpperBound: to})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, iter.Close()) }()
	if !iter.First() {
		return iter.Error()
	}
	b := s.Batch().(*batch)
	send := func() error {
		b.Send(value.MinTime, value.MinTime)
		return b.Wait()
	}
	for ok := true; ok; ok = iter.Next() {
		row := iter.Key()
		at := placeOf(row)
		r := state.Record{Group: at.Group, Key: at.Key}
		if err := s.record(&r, row[split(row):], iter.Value()); err != nil {
			return err
		}
		if b.Bytes() >= gatherSize && !b.isAt(at.Group, at.Key) {
			if err := send(); err != nil {
				return err
			}
			b = s.Batch().(*batch)
		}
		b.Add(&r)
	}
	if err := iter.Error(); err != nil {
		return err
	}
	b.removeRange(from, to)
	return send()
}
