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

// AggPart is one aggregate function in use: max(r.temp) as hottest.
type AggPart struct {
	Name   string // the field it stands in, or "value" for a lone one
	Func   *AggFunc
	Args   []Expr // of the record
	Result *Local // what Aggregate.Result calls its result
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
