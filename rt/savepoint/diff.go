package savepoint

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"

	"github.com/flow-lang/flowc/rt/state"
)

// Difference is a record that two savepoints do not have alike. One of them may be
// nil.
type Difference struct {
	Layout   *Layout // of the state in both
	Old, New *state.Record
}

// Diff gives the records in which two savepoints of as many key groups differ,
// state by state, and those of states that only one of them has. It holds one
// record of each at a time.
func Diff(a, b *Savepoint, each func(*Difference) error) error {
	if a.KeyGroups != b.KeyGroups {
		return fmt.Errorf("%s has %d key groups and %s %d, so their records stand in other orders", a.dir, a.KeyGroups, b.dir, b.KeyGroups)
	}
	left, err := a.States(&Filter{})
	if err != nil && len(a.Job.Operators) > 0 {
		return err
	}
	right, err := b.States(&Filter{})
	if err != nil && len(b.Job.Operators) > 0 {
		return err
	}
	same := func(x, y Selected) bool {
		return x.UID == y.UID && x.Name == y.Name && x.Timer == y.Timer && x.Message == y.Message
	}
	for _, l := range left {
		var other *Selected
		for i := range right {
			if same(l, right[i]) {
				other = &right[i]
			}
		}
		if other != nil && !reflect.DeepEqual(l.RowType(), other.RowType()) {
			return fmt.Errorf("%s of operator %q has another type in %s than in %s", l.Name, l.UID, a.dir, b.dir)
		}
		if err := diffState(a, b, &l, other, each); err != nil {
			return err
		}
	}
	for _, r := range right {
		found := false
		for _, l := range left {
			found = found || same(l, r)
		}
		if !found {
			if err := diffState(a, b, nil, &r, each); err != nil {
				return err
			}
		}
	}
	return nil
}

// walker goes over the records of one state, file by file.
type walker struct {
	s      *Savepoint
	of     *Selected // nil of a state that the savepoint does not have
	file   int
	cursor *cursor
	record *state.Record // nil at the end
	order  []byte
}

func (w *walker) next() error {
	for {
		if w.cursor == nil {
			for w.of != nil && w.file < len(w.s.parts) && (w.s.parts[w.file].operator != w.of.Operator || w.s.parts[w.file].number != w.of.Number) {
				w.file++
			}
			if w.of == nil || w.file == len(w.s.parts) {
				w.record = nil
				return nil
			}
			var err error
			if w.cursor, err = w.s.open(w.file); err != nil {
				return err
			}
			w.file++
		}
		r, err := w.cursor.next()
		if err != nil {
			return err
		}
		if r != nil {
			w.record = r
			w.order, err = w.of.AppendOrder(w.order[:0], r)
			return err
		}
		if err := w.close(); err != nil {
			return err
		}
	}
}

func (w *walker) close() error {
	if w.cursor == nil {
		return nil
	}
	err := w.cursor.close()
	w.cursor = nil
	return err
}

func diffState(a, b *Savepoint, left, right *Selected, each func(*Difference) error) (err error) {
	x, y := &walker{s: a, of: left}, &walker{s: b, of: right}
	defer func() { err = errors.Join(err, x.close(), y.close()) }()
	d := &Difference{}
	if left != nil {
		d.Layout = left.Layout
	} else {
		d.Layout = right.Layout
	}
	if err := errors.Join(x.next(), y.next()); err != nil {
		return err
	}
	for x.record != nil || y.record != nil {
		order := 0
		switch {
		case y.record == nil:
			order = -1
		case x.record == nil:
			order = 1
		default:
			order = bytes.Compare(x.order, y.order)
		}
		d.Old, d.New = x.record, y.record
		switch {
		case order < 0:
			d.New = nil
		case order > 0:
			d.Old = nil
		}
		if d.Old == nil || d.New == nil || !bytes.Equal(d.Old.Value, d.New.Value) || d.Old.Written != d.New.Written {
			if err := each(d); err != nil {
				return err
			}
		}
		if order <= 0 {
			if err := x.next(); err != nil {
				return err
			}
		}
		if order >= 0 {
			if err := y.next(); err != nil {
				return err
			}
		}
	}
	return nil
}
