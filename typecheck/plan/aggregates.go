package plan

import (
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// StmtFails reports whether s can make a mistake of the record.
func (e *Effects) StmtFails(s ir.Stmt) bool { return e.of(s).fails }

// ofAdd judges adding to the aggregate of a state.
func (e *Effects) ofAdd(s *ir.State) effect {
	all := e.ofTimers(s)
	for _, p := range s.Agg.Parts {
		for _, a := range p.Args {
			all.and(e.of(a))
		}
		all.and(e.ofAll(p.Func.Add))
	}
	return all
}

// ofMerge judges merging into an aggregate.
func (e *Effects) ofMerge(a *ir.Aggregate) effect {
	var all effect
	for _, p := range a.Parts {
		all.and(e.ofAll(p.Func.Merge))
	}
	return all
}

// ofResult judges reading a result.
func (e *Effects) ofResult(r *ir.AggResult) effect {
	agg := aggregateOf(r)
	all := e.of(agg.Result)
	for _, p := range agg.Parts {
		all.and(e.of(p.Func.Result))
	}
	if r.Range != nil {
		all.and(e.ofMerge(agg))
	}
	return all
}

// aggregateOf returns the aggregate whose result is read.
func aggregateOf(r *ir.AggResult) *ir.Aggregate {
	if r.View != nil {
		return r.View.Type().(*types.Aggregate).Of.(*ir.Aggregate)
	}
	return r.Place.State.Agg
}

// ofTimers judges the timers that a write of an entry of s sets.
func (e *Effects) ofTimers(s *ir.State) effect {
	var all effect
	for _, at := range e.entryTimes[s] {
		all.and(e.of(at))
	}
	return all
}

// aggregate marks what an aggregate reads.
func (u *Uses) aggregate(a *ir.Aggregate) {
	for _, p := range a.Parts {
		for _, e := range p.Args {
			u.expr(e)
			u.whole(e.Type())
		}
		for _, s := range p.Func.States {
			if s.Init != nil {
				u.expr(s.Init)
			}
		}
		u.stmts(p.Func.Add)
		u.stmts(p.Func.Merge)
		u.expr(p.Func.Result)
	}
	u.expr(a.Result)
}
