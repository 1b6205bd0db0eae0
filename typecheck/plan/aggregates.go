package plan

import (
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// StmtFails reports whether s can make a mistake of the record.
func (e *Effects) StmtFails(s ir.Stmt) bool { return e.of(s).fails }

// ofAdd judges adding to an aggregate.
func (e *Effects) ofAdd(place ir.Place) effect {
	all := e.ofWrite(place)
	for _, p := range aggregateAt(place).Parts {
		for _, a := range p.Args {
			all.and(e.of(a))
		}
		all.and(e.ofAll(p.Func.Add))
	}
	return all
}

// PartFails reports whether what an aggregate function does can make a mistake of
// the record.
func (e *Effects) PartFails(list []ir.Stmt) bool { return e.ofAll(list).fails }

// MergeFails reports whether merging into a can make a mistake of the record.
func (e *Effects) MergeFails(a *ir.Aggregate) bool { return e.ofMerge(a).fails }

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
	return aggregateAt(r.Place)
}

// aggregateAt returns what a place accumulates.
func aggregateAt(p ir.Place) *ir.Aggregate {
	if p.Part >= 0 {
		return p.State.Group.Parts[p.Part].Agg
	}
	return p.State.Agg
}

// ofWrite judges what a write does by itself: it sets the timers of the entry,
// and gives the parts of a group that it makes their initial values.
func (e *Effects) ofWrite(p ir.Place) effect {
	var all effect
	for _, at := range e.entryTimes[p.State] {
		all.and(e.of(at))
	}
	if p.Part >= 0 {
		for _, part := range p.State.Group.Parts {
			if part.Init != nil {
				all.and(e.of(part.Init))
			}
		}
	}
	return all
}

// group marks what is in the parts of a group.
func (u *Uses) group(g *ir.Group) {
	u.whole(g.View)
	for _, p := range g.Parts {
		if p.Init != nil {
			u.expr(p.Init)
		}
		if p.Agg != nil {
			u.aggregate(p.Agg)
		}
	}
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
