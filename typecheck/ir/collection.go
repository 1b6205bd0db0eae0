package ir

import (
	"slices"

	"github.com/flow-lang/flowc/typecheck/types"
)

// Place is where a handler reads or changes a collection in state: the state
// itself, one of its entries, or a part of the group in an entry.
type Place struct {
	State *State
	Key   Expr // of the entry of a map or sorted state; nil for the state itself
	Part  int  // index in State.Group.Parts, or -1 for the whole
}

// Range bounds the entries of a sorted state: From <= key < To. A nil bound is
// open; a nil *Range is the whole state.
type Range struct{ From, To Expr }

// Group is the value of a map or sorted state whose entries are stored as one
// cell of several parts. Reading an entry gives a view, whose type is View.
type Group struct {
	Parts []*GroupPart
	View  *types.Record // fields of list and aggregate parts have the types List and View of the part
}

// GroupPart is a part of a group: a value, a list or an aggregate.
type GroupPart struct {
	Name string
	Kind StateKind  // ValueState, ListState or AggregateState
	Elem types.Type // of a value and of a list
	Init Expr       // of a value: what it is in a new entry, worked out by the handler that makes it; nil if an entry is written whole only
	Agg  *Aggregate // of an aggregate
}

type (
	// EntryGet is m[k] of a map or sorted state: an option of its value.
	EntryGet struct {
		Base
		Place Place
	}
	// EntryHas is k in m of a map, sorted or set state.
	EntryHas struct {
		Base
		State *State
		Key   Expr
	}
	// StateLen is the number of elements or entries, of a sorted state within Range.
	StateLen struct {
		Base
		State *State
		Range *Range
	}
	// StateEnd is .first or .last of a sorted state within Range: an option of
	// { key: K, value: V }.
	StateEnd struct {
		Base
		State *State
		Range *Range
		Last  bool
	}
	// StateKeys is .keys or .values of a map, sorted, set or list state as a list.
	// A set and a list have values only.
	StateKeys struct {
		Base
		State  *State
		Values bool
	}
)

func (*EntryGet) expr()  {}
func (*EntryHas) expr()  {}
func (*StateLen) expr()  {}
func (*StateEnd) expr()  {}
func (*StateKeys) expr() {}

type (
	// EntrySet writes an entry, or a value part of a group (which makes the entry
	// if it is absent). A group is written whole only if all its parts are values.
	EntrySet struct {
		StmtBase
		Place Place
		Value Expr
	}
	// Append appends to a list: a state's, or a part of a group (which makes the
	// entry if it is absent).
	Append struct {
		StmtBase
		Place Place
		Value Expr
	}
	// SetAdd adds an element to a set state.
	SetAdd struct {
		StmtBase
		State *State
		Value Expr
	}
	// EntryRemove removes an entry of a map or sorted state, or an element of a set.
	EntryRemove struct {
		StmtBase
		State *State
		Key   Expr
	}
	// RemoveBefore removes the entries of a sorted state with smaller keys.
	RemoveBefore struct {
		StmtBase
		State *State
		Key   Expr
	}
	// ForState runs Body for each element or entry of a collection in state, in
	// order, as it was when the loop began. Key is nil for lists and sets. Of a
	// group and of an aggregate Value is a view.
	ForState struct {
		StmtBase
		Key, Value *Local
		State      *State
		Range      *Range
		Body       []Stmt
	}
)

func (*EntrySet) stmt()     {}
func (*Append) stmt()       {}
func (*SetAdd) stmt()       {}
func (*EntryRemove) stmt()  {}
func (*RemoveBefore) stmt() {}
func (*ForState) stmt()     {}

// Shown is the type of what an answer to a query shows of s: a value, an element,
// or the value of an entry, with the results of aggregates; nil of a set.
func (s *State) Shown() types.Type {
	switch {
	case s.Kind == SetState:
		return nil
	case s.Kind == AggregateState:
		return s.Agg.Result.Type()
	case s.Agg != nil:
		return &types.Option{Elem: s.Agg.Result.Type()}
	case s.Group != nil:
		return s.Group.shown()
	case s.Value != nil:
		return s.Value
	default:
		return s.Elem
	}
}

// Folds reports whether s holds accumulators: it shows other values than it has.
func (s *State) Folds() bool {
	return s.Agg != nil || s.Group != nil && slices.ContainsFunc(s.Group.Parts, func(p *GroupPart) bool { return p.Agg != nil })
}

// shown is the view with the result of each aggregate in place of its view.
func (g *Group) shown() *types.Record {
	r := &types.Record{}
	for i, p := range g.Parts {
		f := types.Field{Name: p.Name, Wire: p.Name, Type: g.View.Fields[i].Type}
		if p.Agg != nil {
			f.Type = &types.Option{Elem: p.Agg.Result.Type()}
		}
		r.Fields = append(r.Fields, f)
	}
	return r
}
