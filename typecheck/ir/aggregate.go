package ir

import (
	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/types"
)

// Aggregate is what records are folded into: one use of "aggregate<…>" or of an
// argument of type aggregate<T, R>.
type Aggregate struct {
	In     types.Type // of what is added
	Param  *Local     // the record, of the parts' arguments
	Parts  []*AggPart
	Result Expr // over the parts' results, which it reads through PartLocal
	Pos    source.Pos
}

// Compact reports whether an accumulator of a keeps values of a bounded size and
// merging looks at nothing else, so that what entries have been merged to may be
// kept: ranges over such aggregates are merged around a pivot.
func (a *Aggregate) Compact() bool {
	for _, p := range a.Parts {
		for _, s := range p.Func.States {
			if s.Kind != ValueState || !bounded(s.Elem) {
				return false
			}
		}
		compact := true
		InspectAll(p.Func.Merge, func(n Node) bool {
			switch n.(type) {
			case *Key, *Time, *Watermark, *Now:
				compact = false
			}
			return compact
		})
		if !compact {
			return false
		}
	}
	return true
}

// bounded reports whether values of t hold no lists, sets or maps.
func bounded(t types.Type) bool {
	switch t := t.(type) {
	case *types.List, *types.Set, *types.Map:
		return false
	case *types.Option:
		return bounded(t.Elem)
	case *types.Record:
		for _, f := range t.Fields {
			if !bounded(f.Type) {
				return false
			}
		}
	case *types.Union:
		return false // may hold itself
	}
	return true
}

// AroundPivot reports whether the entries of s in a range are merged around a
// pivot: their keys lie on a line of whole numbers.
func (s *State) AroundPivot(r *Range) bool {
	if r == nil || r.From == nil || r.To == nil || !s.Agg.Compact() {
		return false
	}
	for _, kind := range []types.Kind{types.Int, types.Int32, types.Timestamp, types.Duration, types.Date} {
		if types.Is(s.MapKey, kind) {
			return true
		}
	}
	return false
}

// AggPart is one aggregate function in use: max(r.temp) as hottest.
type AggPart struct {
	Name   string // the field it stands in, or "value" for a lone one
	Func   *AggFunc
	Args   []Expr      // of the record
	Result *Local      // what Aggregate.Result calls its result
	Span   source.Span // of the call
}

// AggFunc is an aggregate declaration made concrete for its argument types.
type AggFunc struct {
	Name     string
	Declared string // its name without the types: max
	Params   []*Local
	States   []*State // of kind value, list, map or set; they need no retention
	Add      []Stmt
	Other    *Local // a view of the other accumulator, in Merge
	Merge    []Stmt
	Result   Expr
	Pos      source.Pos
}

// Fails reports whether f may have no result, which is so where nothing was added.
func (f *AggFunc) Fails() bool {
	fails := false
	Inspect(f.Result, func(n Node) bool {
		_, fail := n.(*FailStmt)
		fails = fails || fail
		return !fails
	})
	return fails
}

type (
	// AggResult is .result of an aggregate: an option, none if nothing was added.
	// It is that of the accumulator at Place, or of View if that is not nil. Range
	// merges the entries of a sorted state in key order; it is nil for others.
	AggResult struct {
		Base
		Place Place
		Range *Range
		View  Expr // an accumulator that was read from an entry; Place is empty then
	}
	// OtherGet reads a state of the other accumulator inside merge: of a value as
	// StateGet, of a list, map or set all of it as a value.
	OtherGet struct {
		Base
		State *State
	}
)

func (*AggResult) expr() {}
func (*OtherGet) expr()  {}

type (
	// AggAdd adds a record to an aggregate.
	AggAdd struct {
		StmtBase
		Place Place
		Value Expr
	}
	// AggMerge merges another accumulator, a view read from a group or range.
	AggMerge struct {
		StmtBase
		Place Place
		Other Expr
	}
)

func (*AggAdd) stmt()   {}
func (*AggMerge) stmt() {}
