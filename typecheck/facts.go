package typecheck

import (
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// What a path has asked about the state and its timer it knows from there on: a
// value that is none is as good as cleared, and a timer that has a time is set.

// holding is ps where cond has been found to hold, or not to.
func (a *pathAnalysis) holding(cond ir.Expr, holds bool, ps paths) paths {
	switch e := cond.(type) {
	case *ir.Unary:
		if e.Op == ir.Not {
			return a.holding(e.X, !holds, ps)
		}
	case *ir.Binary:
		switch {
		case e.Op == ir.And && holds, e.Op == ir.Or && !holds:
			return a.holding(e.Y, holds, a.holding(e.X, holds, ps))
		case e.Op == ir.Eq && isNone(e.Y):
			return a.finding(e.X, !holds, ps)
		case e.Op == ir.Eq && isNone(e.X):
			return a.finding(e.Y, !holds, ps)
		case e.Op == ir.Ne && isNone(e.Y):
			return a.finding(e.X, holds, ps)
		case e.Op == ir.Ne && isNone(e.X):
			return a.finding(e.Y, holds, ps)
		}
	case *ir.EntryHas:
		if !holds && e.State == a.state && a.follows(e.Key) {
			return ps.each(absent)
		}
	}
	return ps
}

// finding is ps where x has been found to have a value, or to be none.
func (a *pathAnalysis) finding(x ir.Expr, there bool, ps paths) paths {
	switch x := x.(type) {
	case *ir.Convert:
		return a.finding(x.X, there, ps)
	case *ir.TimerAt:
		if there && x.Timer == a.timer && a.same(x.Index) {
			return ps.each(func(p *pathState) { p.armed = armed })
		}
	case *ir.StateGet:
		if !there && x.State == a.state {
			return ps.each(absent)
		}
	case *ir.EntryGet:
		_, optional := a.state.Elem.(*types.Option) // and none may be its value
		if !there && !optional && x.Place.State == a.state && x.Place.Part < 0 && a.follows(x.Place.Key) {
			return ps.each(absent)
		}
	}
	return ps
}

func absent(p *pathState) { p.cell = cleared }

// follows reports whether key is that of the entry that is followed.
func (a *pathAnalysis) follows(key ir.Expr) bool {
	return a.entry != "" && a.names.of(key) == a.entry
}

// matching is ps where x has been found to fit the arm of a match.
func (a *pathAnalysis) matching(x ir.Expr, arm *ir.Arm, ps paths) paths {
	if len(arm.Patterns) != 1 {
		return ps
	}
	switch arm.Patterns[0].(type) {
	case ir.NonePattern:
		return a.finding(x, false, ps)
	case ir.SomePattern:
		return a.finding(x, true, ps)
	}
	return ps
}

// empties reports whether a loop over all entries of the state removes each, and
// writes none.
func (a *pathAnalysis) empties(s *ir.ForState) bool {
	name := s.Key
	if name == nil {
		name = s.Value // of a set
	}
	if s.State != a.state || s.Range != nil || name == nil || entryKey(s.State) == nil || writesWithin(s.Body, s.State, map[*ir.Func]bool{}) {
		return false
	}
	round := newPathAnalysis(a.state, a.timer, "")
	round.active = a.active
	round.entry = round.names.local(name)
	for _, p := range round.stmts(s.Body, paths{{}}).join(round.out.continued) {
		if p.cell != cleared {
			return false
		}
	}
	return len(round.out.broken)+len(round.out.returned)+len(round.out.dropped) == 0
}

// writesWithin reports whether statements, or helpers that they call, write st.
func writesWithin(list []ir.Stmt, st *ir.State, seen map[*ir.Func]bool) bool {
	found := false
	ir.InspectAll(list, func(n ir.Node) bool {
		switch n := n.(type) {
		case *ir.Call:
			if n.Func.Op != nil && !seen[n.Func] {
				seen[n.Func] = true
				found = found || writesWithin(n.Func.Body, st, seen)
			}
		case ir.Stmt:
			of, _ := writeOf(n)
			found = found || of == st && of != nil
		}
		return !found
	})
	return found
}
