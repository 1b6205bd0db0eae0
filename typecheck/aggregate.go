package typecheck

import (
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// viewOf is the type of an accumulator that was read from an entry.
func viewOf(a *ir.Aggregate) types.Type {
	return &types.Aggregate{In: a.In, Result: a.Result.Type(), Of: a}
}

// aggregateType resolves aggregate<…>, nil if it is wrong.
func (o *operatorCheck) aggregateType(e *lang.TypeExpr) *ir.Aggregate {
	o.unsupported(e.Span(), "aggregates")
	return nil
}

// accumulate checks a.add(v) and a.merge(other).
func (k *coder) accumulate(arg lang.Expr, name string, c *collection, agg *ir.Aggregate, at ir.StmtBase) ir.Stmt {
	if name == "add" {
		v := k.value(arg, agg.In, "what is added")
		if isInvalid(v.Type()) {
			return nil
		}
		return &ir.AggAdd{StmtBase: at, Place: c.place(), Value: v}
	}
	v := k.value(arg, viewOf(agg), "what is merged")
	if isInvalid(v.Type()) {
		return nil
	}
	return &ir.AggMerge{StmtBase: at, Place: c.place(), Other: v}
}

// namesAggregatePart reports whether e is a part of an entry that accumulates.
func (k *coder) namesAggregatePart(e lang.Expr) bool {
	f, ok := e.(*lang.FieldExpr)
	if !ok || f.Optional {
		return false
	}
	ix, ok := f.X.(*lang.IndexExpr)
	if !ok {
		return false
	}
	b := k.collectionNamed(ix.X)
	if b == nil || b.state.Group == nil {
		return false
	}
	i := partIndex(b.state.Group, f.Name.Text)
	return i >= 0 && b.state.Group.Parts[i].Kind == ir.AggregateState
}

// holdsAggregate reports whether an accumulator is inside a value of type t, so
// that it can be looked into and nothing else.
func holdsAggregate(t types.Type) bool {
	switch t := t.(type) {
	case *types.Aggregate:
		return true
	case *types.Option:
		return holdsAggregate(t.Elem)
	case *types.List:
		return holdsAggregate(t.Elem)
	case *types.Record:
		for _, f := range t.Fields {
			if holdsAggregate(f.Type) {
				return true
			}
		}
	}
	return false
}
