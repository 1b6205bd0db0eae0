package evolve

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"

	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/state"
)

// Rows says what becomes of the rows that a store has of an operator.
type Rows uint8

// What may become of them.
const (
	RowsAnew  Rows = iota // they are read and converted all together
	RowsByKey             // those of one key are converted by themselves
	RowsStay              // they stay as they are
)

// Rows returns the operator of the old program that an operator of the new one has all
// its records of, and nobody else has any of; and what becomes of its rows. was is -1
// if there is no such one.
func (p *Plan) Rows(op int) (was int, rows Rows) {
	feeds := p.Feeds(op)
	if len(feeds) != 1 {
		return -1, RowsAnew
	}
	was = feeds[0]
	rows = RowsStay
	for src, rt := range p.routes {
		if src.op != was {
			continue
		}
		if rt.op != op {
			return -1, RowsAnew
		}
		rows = min(rows, p.rowsOf(src, rt))
	}
	old, now := &p.Old.Operators[was], &p.New.Operators[op]
	if !sameGroups(old.Key, now.Key) {
		return was, RowsAnew
	}
	count := len(old.States) + len(old.Timers)
	for i := range count {
		if p.routes[source{was, i}] == nil {
			rows = min(rows, RowsByKey) // some go
		}
	}
	if len(old.Timers) != len(now.Timers) {
		rows = min(rows, RowsByKey) // their numbers come behind those of the states
	}
	return was, rows
}

// sameGroups reports whether keys whose bytes stay as they are are also in the same key
// groups: the hash of an enum's symbol is another when its number is.
func sameGroups(old, now *schema.Type) bool {
	if old == nil || now == nil || reflect.DeepEqual(old, now) {
		return (old == nil) == (now == nil)
	}
	shapes := []schema.TypeName{old.Shape, now.Shape}
	return slices.Equal(shapes, []schema.TypeName{schema.Int32, schema.Int}) || slices.Equal(shapes, []schema.TypeName{schema.String, schema.Bytes})
}

// rowsOf says what becomes of the rows of one state or timer.
func (p *Plan) rowsOf(src source, rt *route) Rows {
	switch m := p.Mover(src.op, src.state, Moment{}); {
	case m == nil:
		return RowsByKey // nothing goes on
	case m.Rekeys(), rt.hookBy != "", groups(p.Old) != groups(p.New):
		return RowsAnew // a later program would not have what this one says about its values
	case m.Same && rt.state == src.state && p.sameRows(src, rt):
		return RowsStay
	}
	return RowsByKey
}

// sameRows reports whether a store tells the entries of a state apart as before.
func (p *Plan) sameRows(src source, rt *route) bool {
	states := p.Old.Operators[src.op].States
	if src.state >= len(states) {
		return true // a timer stays alone or a family
	}
	was, now := states[src.state].Kind, p.New.Operators[rt.op].States[rt.state].Kind
	return was == now || isMap(was) && isMap(now) || collection[was] == "" && collection[now] == "" && was != schema.Dynamic
}

// ByKey returns what converts all records of one key for an operator of the new
// program, whose rows are RowsByKey or RowsStay. It is used by one goroutine.
func (p *Plan) ByKey(op int, at Moment) state.Convert {
	was, _ := p.Rows(op)
	old := &p.Old.Operators[was]
	movers := make([]*Mover, len(old.States)+len(old.Timers)+1) // nil of what does not go on; the last of messages
	for number := range movers {
		if rt := p.routes[source{was, number}]; rt != nil && rt.op == op {
			movers[number] = p.Mover(was, number, at)
		}
	}
	return func(records []state.Record, emit func(*state.Record) error) error {
		var elements []state.Record // of sets that were lists
		for i := range records {
			r := &records[i]
			if r.State >= len(movers) || movers[r.State] == nil {
				continue
			}
			m := movers[r.State]
			var err error
			switch {
			case m.Same:
				as := *r
				as.State = m.State
				err = emit(&as)
			case m.kind == elementsToSet:
				err = m.Convert(r, func(r *state.Record) error {
					elements = append(elements, *r) // of which the mover keeps no part
					elements[len(elements)-1].Key = bytes.Clone(r.Key)
					return nil
				})
			default:
				err = m.Convert(r, emit)
			}
			if err != nil {
				return err
			}
		}
		for _, m := range movers {
			if m == nil {
				continue
			}
			if err := m.EndKey(emit); err != nil {
				return err
			}
		}
		for _, r := range eachOnce(elements) {
			if err := emit(&r); err != nil {
				return err
			}
		}
		return nil
	}
}

// eachOnce leaves out elements of a set that come again.
func eachOnce(list []state.Record) []state.Record {
	last := map[string]int{}
	for i := range list {
		last[fmt.Sprintf("%d %s", list[i].State, list[i].Sub)] = i
	}
	at := 0
	return slices.DeleteFunc(list, func(r state.Record) bool {
		at++
		return last[fmt.Sprintf("%d %s", r.State, r.Sub)] != at-1
	})
}
