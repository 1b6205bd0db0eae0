package savepoint

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/flow-lang/flowc/rt/state"
)

// Difference is a record that two savepoints do not have alike. One of them may be
// nil.
type Difference struct {
	Layout, NewLayout *Layout // of the state in each; one for both if one has no such state
	Old, New          *state.Record
}

// DiffOptions say what of two savepoints is compared. The zero DiffOptions is all.
type DiffOptions struct {
	Filter Filter
	// Renamed returns how the second savepoint calls a state of the first; nil: all
	// have kept their names.
	Renamed func(uid, name string) (newUID, newName string)
}

// Diff gives the records in which two savepoints of as many key groups differ,
// state by state, and those of states that only one of them has. It holds one
// record of each at a time. Where a state has another type in the second, values are
// held against each other as JSON, unless its keys or entries are of another type:
// then all are gone, and all are new.
func Diff(a, b *Savepoint, o *DiffOptions, each func(*Difference) error) error {
	if a.KeyGroups != b.KeyGroups {
		return fmt.Errorf("%s has %d key groups and %s %d, so their records stand in other orders", a.dir, a.KeyGroups, b.dir, b.KeyGroups)
	}
	left, err := a.allStates()
	if err != nil {
		return err
	}
	right, err := b.allStates()
	if err != nil {
		return err
	}
	wants := func(l *Selected) bool {
		return (o.Filter.UID == "" || l.UID == o.Filter.UID) && (o.Filter.State == "" || l.Name == o.Filter.State)
	}
	met := make([]bool, len(right))
	for i := range left {
		l := &left[i]
		uid, name := l.UID, l.Name
		if o.Renamed != nil {
			uid, name = o.Renamed(uid, name)
		}
		k := slices.IndexFunc(right, func(r Selected) bool {
			return r.UID == uid && r.Name == name && r.Timer == l.Timer && r.Message == l.Message
		})
		if k >= 0 {
			met[k] = true
		}
		if !wants(l) && (k < 0 || !wants(&right[k])) {
			continue
		}
		pairs := [][2]*Selected{{l, nil}}
		switch {
		case k >= 0 && samePlaces(l.Layout, right[k].Layout):
			pairs[0][1] = &right[k]
		case k >= 0:
			pairs = append(pairs, [2]*Selected{nil, &right[k]})
		}
		for _, p := range pairs {
			if err := diffState(a, b, p[0], p[1], &o.Filter, each); err != nil {
				return err
			}
		}
	}
	for k := range right {
		if !met[k] && wants(&right[k]) {
			if err := diffState(a, b, nil, &right[k], &o.Filter, each); err != nil {
				return err
			}
		}
	}
	return nil
}

// allStates lists all states of a savepoint that may have none.
func (s *Savepoint) allStates() ([]Selected, error) {
	if len(s.Job.Operators) == 0 {
		return nil, nil
	}
	return s.States(&Filter{})
}

// samePlaces reports whether the entries of two layouts have keys of the same types.
func samePlaces(l, r *Layout) bool {
	return reflect.DeepEqual(l.Key, r.Key) && reflect.DeepEqual(l.Sub, r.Sub) && l.SubName == r.SubName
}

// walker goes over the records of one state, file by file.
type walker struct {
	s      *Savepoint
	of     *Selected // nil of a state that the savepoint does not have
	file   int
	bounds bounds
	cursor *cursor
	record *state.Record // nil at the end
	order  []byte
}

// walk begins to go over the records of a state that a filter wants.
func walk(s *Savepoint, of *Selected, f *Filter) *walker {
	w := &walker{s: s, of: of}
	if of != nil {
		if w.bounds = f.boundsOf(of.Layout, s.KeyGroups); w.bounds.none {
			w.of = nil
		}
	}
	return w
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
			if w.record = r; !w.bounds.wants(w.of.Layout, r) {
				continue
			}
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

// diffState compares a state, which one of them may not have.
func diffState(a, b *Savepoint, left, right *Selected, f *Filter, each func(*Difference) error) (err error) {
	x, y := walk(a, left, f), walk(b, right, f)
	defer func() { err = errors.Join(err, x.close(), y.close()) }()
	one, other := cmp.Or(left, right), cmp.Or(right, left)
	d := &Difference{Layout: one.Layout, NewLayout: other.Layout}
	sameType := reflect.DeepEqual(d.Layout.RowType(), d.NewLayout.RowType())
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
		differs := d.Old == nil || d.New == nil
		switch {
		case differs:
		case sameType:
			differs = !bytes.Equal(d.Old.Value, d.New.Value) || d.Old.Written != d.New.Written
		default:
			if differs, err = d.differ(); err != nil {
				return err
			}
		}
		if differs {
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

// differ reports whether values of two types are not the same as JSON, or were not
// written at the same time.
func (d *Difference) differ() (bool, error) {
	old, err := d.Layout.Row(d.Old)
	if err != nil {
		return false, err
	}
	now, err := d.NewLayout.Row(d.New)
	if err != nil {
		return false, err
	}
	written := d.Layout.Written && d.NewLayout.Written && d.Old.Written != d.New.Written
	return written || !bytes.Equal(old.Value, now.Value), nil
}
