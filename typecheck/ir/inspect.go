package ir

import (
	"fmt"

	"github.com/flow-lang/flowc/lang/source"
)

// Node is a Stmt or an Expr.
type Node interface{ Pos() source.Pos }

// Inspect calls visit for n and for all statements and expressions inside it,
// outermost first and in order of evaluation. Where visit returns false it does
// not go further down. A nil n is no node; called functions are not entered.
func Inspect(n Node, visit func(Node) bool) {
	if n == nil || !visit(n) {
		return
	}
	switch n := n.(type) {
	case Stmt:
		inspectStmt(n, visit)
	case Expr:
		inspectExpr(n, visit)
	default:
		panic(fmt.Sprintf("ir: no such node %T", n))
	}
}

// InspectAll is Inspect for each statement of a list.
func InspectAll(list []Stmt, visit func(Node) bool) {
	for _, s := range list {
		Inspect(s, visit)
	}
}

func inspectStmt(s Stmt, visit func(Node) bool) {
	switch s := s.(type) {
	case *Let:
		inspectAny(s.Value, visit)
	case *Assign:
		inspectAny(s.Value, visit)
	case *StateSet:
		inspectAny(s.Value, visit)
	case *TimerSet:
		inspectAny(s.Index, visit)
		inspectAny(s.To, visit)
	case *TimerCancel:
		inspectAny(s.Index, visit)
	case *IfStmt:
		inspectAny(s.Cond, visit)
		InspectAll(s.Then, visit)
		InspectAll(s.Else, visit)
	case *IfLetStmt:
		inspectAny(s.X, visit)
		InspectAll(s.Then, visit)
		InspectAll(s.Else, visit)
	case *MatchStmt:
		inspectAny(s.X, visit)
		inspectArms(s.Arms, visit)
	case *For:
		inspectAny(s.X, visit)
		InspectAll(s.Body, visit)
	case *While:
		inspectAny(s.Cond, visit)
		InspectAll(s.Body, visit)
	case *Emit:
		inspectAny(s.Value, visit)
		inspectAny(s.AtTime, visit)
	case *Send:
		inspectAny(s.Key, visit)
		inspectAny(s.Value, visit)
		inspectAny(s.After, visit)
	case *FailStmt:
		inspectAny(s.Reason, visit)
	case *Return:
		inspectAny(s.Value, visit)
	case *ExprStmt:
		inspectAny(s.X, visit)
	case *StateClear, *ClearAll, *Drop, *Break, *Continue:
	default:
		inspectEntryStmt(s, visit)
	}
}

// inspectEntryStmt visits the statements that change collections, aggregates
// and other keys.
func inspectEntryStmt(s Stmt, visit func(Node) bool) {
	switch s := s.(type) {
	case *EntrySet:
		inspectAny(s.Place.Key, visit)
		inspectAny(s.Value, visit)
	case *Append:
		inspectAny(s.Place.Key, visit)
		inspectAny(s.Value, visit)
	case *SetAdd:
		inspectAny(s.Value, visit)
	case *EntryRemove:
		inspectAny(s.Key, visit)
	case *RemoveBefore:
		inspectAny(s.Key, visit)
	case *ForState:
		inspectRange(s.Range, visit)
		InspectAll(s.Body, visit)
	case *AggAdd:
		inspectAny(s.Place.Key, visit)
		inspectAny(s.Value, visit)
	case *AggMerge:
		inspectAny(s.Place.Key, visit)
		inspectAny(s.Other, visit)
	default:
		panic(fmt.Sprintf("ir: no such statement %T", s))
	}
}

func inspectRange(r *Range, visit func(Node) bool) {
	if r != nil {
		inspectAny(r.From, visit)
		inspectAny(r.To, visit)
	}
}

func inspectExpr(e Expr, visit func(Node) bool) {
	switch e := e.(type) {
	case *FieldOf:
		inspectAny(e.X, visit)
	case *Unary:
		inspectAny(e.X, visit)
	case *Binary:
		inspectAny(e.X, visit)
		inspectAny(e.Y, visit)
	case *Convert:
		inspectAny(e.X, visit)
	case *Coalesce:
		inspectAny(e.X, visit)
		inspectAny(e.Y, visit)
	case *OptionalMap:
		inspectAny(e.X, visit)
		inspectAny(e.Body, visit)
	case *Index:
		inspectAny(e.X, visit)
		inspectAny(e.Index, visit)
	case *If:
		inspectAny(e.Cond, visit)
		inspectAny(e.Then, visit)
		inspectAny(e.Else, visit)
	case *IfLet:
		inspectAny(e.X, visit)
		inspectAny(e.Then, visit)
		inspectAny(e.Else, visit)
	case *Match:
		inspectAny(e.X, visit)
		inspectArms(e.Arms, visit)
	case *Do:
		InspectAll(e.Body, visit)
		inspectAny(e.Value, visit)
	case *TimerAt:
		inspectAny(e.Index, visit)
	case *EntryGet:
		inspectAny(e.Place.Key, visit)
	case *EntryHas:
		inspectAny(e.Key, visit)
	case *StateLen:
		inspectRange(e.Range, visit)
	case *StateEnd:
		inspectRange(e.Range, visit)
	case *AggResult:
		inspectAny(e.Place.Key, visit)
		inspectRange(e.Range, visit)
		inspectAny(e.View, visit)
	default:
		inspectLists(e, visit)
	}
}

// inspectLists visits the expressions that hold lists of others, or nothing.
func inspectLists(e Expr, visit func(Node) bool) {
	switch e := e.(type) {
	case *RecordLit:
		inspectExprs(e.Fields, visit)
	case *With:
		inspectAny(e.X, visit)
		for _, f := range e.Fields {
			inspectAny(f.Value, visit)
		}
	case *ListLit:
		inspectExprs(e.Elems, visit)
	case *SetLit:
		inspectExprs(e.Elems, visit)
	case *MapLit:
		for i := range e.Keys {
			inspectAny(e.Keys[i], visit)
			inspectAny(e.Values[i], visit)
		}
	case *Interp:
		for _, p := range e.Parts {
			inspectAny(p.Expr, visit)
		}
	case *Call:
		inspectExprs(e.Args, visit)
	case *Builtin:
		inspectExprs(e.Args, visit)
		for i := range len(e.Args) + len(e.Lambdas) {
			if l := e.Lambdas[i]; l != nil {
				inspectAny(l.Body, visit)
			}
		}
	case *BoolConst, *IntConst, *FloatConst, *StringConst, *BytesConst, *DecimalConst, *EnumConst, *NoneConst,
		*LocalRef, *ParamRef, *Key, *Time, *Watermark, *Now, *StateGet, *StateKeys, *OtherGet:
	default:
		panic(fmt.Sprintf("ir: no such expression %T", e))
	}
}

func inspectExprs(list []Expr, visit func(Node) bool) {
	for _, e := range list {
		inspectAny(e, visit)
	}
}

func inspectArms(arms []*Arm, visit func(Node) bool) {
	for _, a := range arms {
		for _, p := range a.Patterns {
			if c, ok := p.(ConstPattern); ok {
				inspectAny(c.Value, visit)
			}
		}
		inspectAny(a.Body, visit)
		InspectAll(a.Stmts, visit)
	}
}

// inspectAny visits e unless there is none.
func inspectAny(e Expr, visit func(Node) bool) {
	if e != nil {
		Inspect(e, visit)
	}
}
