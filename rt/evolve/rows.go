package evolve

import "github.com/flow-lang/flowc/rt/schema"

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
