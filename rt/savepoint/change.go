package savepoint

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
	"github.com/flow-lang/flowc/rt/vfs"
)

// Changes replace records of a savepoint, add some, or take some away. They are
// held in memory.
type Changes struct {
	s    *Savepoint
	now  time.Time
	rows map[string]*change
}

type change struct {
	operator int
	record   *state.Record
	layout   *Layout
	key      string // as JSON
	removed  bool
	undated  bool // the row does not say when the entry was written, from which a ttl counts
	met      bool // there is such a record
}

// NewChanges returns no changes of s yet, which are made now.
func NewChanges(s *Savepoint, now time.Time) *Changes {
	return &Changes{s: s, now: now, rows: map[string]*change{}}
}

// Add adds a row. Of rows of one entry the last counts. A row of an entry with a
// ttl that has no time of the write keeps the one that was; a new entry counts as
// written at the step's watermark, or, if its ttl is in processing time or there is no
// watermark yet, now.
func (c *Changes) Add(row *Row) error {
	operator, r, err := row.Record(&c.s.Job, c.s.KeyGroups, c.now)
	if err != nil {
		return err
	}
	l, err := LayoutOf(&c.s.Job.Operators[operator], r.State)
	if err != nil {
		return err
	}
	place, err := placeOf(l, operator, r)
	if err != nil {
		return err
	}
	undated := l.Written && row.Written == nil
	if undated && !c.s.Job.Operators[operator].States[r.State].Retention.Processing {
		c.atMark(l.UID, r)
	}
	c.rows[place] = &change{operator: operator, record: r, layout: l, key: string(row.Key), removed: row.Removed, undated: undated}
	return nil
}

// atMark makes a record one that was written at its step's watermark, if there is one
// yet.
func (c *Changes) atMark(uid string, r *state.Record) {
	for i := range c.s.Operators {
		for _, m := range c.s.Operators[i].Marks {
			if c.s.Operators[i].UID == uid && m.First <= r.Group && r.Group <= m.Last && m.Mark > value.MinTime {
				r.Written = m.Mark
			}
		}
	}
}

func placeOf(l *Layout, operator int, r *state.Record) (string, error) {
	order, err := l.AppendOrder([]byte{byte(operator >> 8), byte(operator), byte(r.State >> 8), byte(r.State)}, r)
	return string(order), err
}

// each gives all records as they are with the changes, and tells of each change
// that makes a difference.
func (c *Changes) each(give func(operator int, r *state.Record) error, tell func(*Difference) error) error {
	for _, ch := range c.rows {
		ch.met = false
	}
	for i := range c.s.Job.Operators {
		for f, p := range c.s.parts {
			if p.operator != i {
				continue
			}
			err := c.s.read(f, func(r *state.Record) error {
				place, err := placeOf(p.layout, i, r)
				if err != nil {
					return err
				}
				ch := c.rows[place]
				if ch == nil {
					return give(i, r)
				}
				ch.met = true
				return ch.apply(r, give, tell)
			})
			if err != nil {
				return err
			}
		}
	}
	for _, place := range sortedKeys(c.rows) {
		ch := c.rows[place]
		switch {
		case ch.met:
		case ch.removed:
			return fmt.Errorf("there is no entry to remove: %s/%s[%s]", ch.layout.UID, ch.layout.Name, ch.key)
		default:
			if err := ch.apply(nil, give, tell); err != nil {
				return err
			}
		}
	}
	return nil
}

// apply gives the record that takes the place of was, if there is one.
func (ch *change) apply(was *state.Record, give func(operator int, r *state.Record) error, tell func(*Difference) error) error {
	d := &Difference{Layout: ch.layout, NewLayout: ch.layout, Old: was}
	if !ch.removed {
		r := *ch.record
		if was != nil && ch.undated {
			r.Written = was.Written
		}
		d.New = &r
		if err := give(ch.operator, &r); err != nil {
			return err
		}
	}
	if d.Old != nil && d.New != nil && string(d.Old.Value) == string(d.New.Value) && d.Old.Written == d.New.Written {
		return nil
	}
	return tell(d)
}

// Preview tells what the changes would change.
func (c *Changes) Preview(tell func(*Difference) error) error {
	return c.each(func(int, *state.Record) error { return nil }, tell)
}

// Write writes the savepoint with the changes to another directory. The one it is
// made of stays.
func (c *Changes) Write(files vfs.FS, dir string, tell func(*Difference) error) error {
	w, err := Create(files, dir, &c.s.Job, c.s.KeyGroups)
	if err != nil {
		return err
	}
	if err := c.each(w.Shard().Add, tell); err != nil {
		return err
	}
	return w.Finish(&c.s.State)
}

func sortedKeys(m map[string]*change) []string { return slices.Sorted(maps.Keys(m)) }
