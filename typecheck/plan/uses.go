package plan

import (
	"slices"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// Uses knows which fields of which records anyone reads. A decoder checks the
// others and does not keep them.
//
// It judges by type: a field that is read of one Reading is in use in all of
// them. That errs on the side of keeping, and needs no knowledge of which value
// flows where.
type Uses struct {
	fields map[*types.Record][]bool
	wholes map[*types.Record]bool // marked with all that is inside them
	made   []*types.Record        // records that the program makes
	lean   []*types.Record        // records that only decoders make
}

// Field reports whether field i of r is read anywhere.
func (u *Uses) Field(r *types.Record, i int) bool {
	for other, used := range u.fields {
		if types.Identical(r, other) {
			return used[i]
		}
	}
	return false
}

// Held reports whether values of r have field i at all. Records that only decoders
// make go without those that nobody reads, so that they are smaller where they are
// handed over.
func (u *Uses) Held(r *types.Record, i int) bool { return u.Field(r, i) || !isOne(r, u.lean) }

// isOne reports whether r is one of list.
func isOne(r *types.Record, list []*types.Record) bool {
	return slices.ContainsFunc(list, func(o *types.Record) bool { return types.Identical(r, o) })
}

// All reports whether every field of r is in use.
func (u *Uses) All(r *types.Record) bool {
	for i := range r.Fields {
		if !u.Field(r, i) {
			return false
		}
	}
	return true
}

func usesOf(g *Graph) *Uses {
	u := &Uses{fields: map[*types.Record][]bool{}, wholes: map[*types.Record]bool{}}
	for _, f := range g.Program.Funcs {
		u.stmts(f.Body)
	}
	for _, s := range g.Sources {
		u.source(s)
		u.keys(s.IR.Out.Elem, map[types.Type]bool{})
	}
	for _, s := range g.Steps {
		u.step(g, s)
	}
	for _, s := range g.Sinks {
		u.whole(s.IR.In.Elem)
	}
	u.findLean(g)
	return u
}

// findLean finds the records of sources that the program does not make.
func (u *Uses) findLean(g *Graph) {
	for _, f := range g.Program.Funcs {
		if f.Extern != nil {
			return // what the user's own Go makes is not known here
		}
	}
	for _, r := range g.Program.Records {
		for _, f := range r.Fields {
			if e, ok := f.Default.(ir.Expr); ok {
				ir.Inspect(e, u.making)
			}
		}
	}
	for _, s := range g.Sources {
		if r, ok := s.IR.Out.Elem.(*types.Record); ok && !isOne(r, u.made) {
			u.lean = append(u.lean, r)
		}
	}
}

// making notes the records that an expression makes.
func (u *Uses) making(n ir.Node) bool {
	switch n := n.(type) {
	case *ir.RecordLit:
		u.makes(n.T)
	case *ir.With:
		u.makes(n.T)
	case *ir.Convert:
		u.makes(n.T)
	}
	return true
}

// makes notes the records inside a type as made.
func (u *Uses) makes(t types.Type) {
	if r, ok := t.(*types.Record); ok {
		if isOne(r, u.made) {
			return
		}
		u.made = append(u.made, r)
	}
	for _, part := range types.Parts(t) {
		u.makes(part)
	}
}

func (u *Uses) source(s *Source) {
	if l := s.IR.EventTime; l != nil {
		u.expr(l.Body)
		if s.IR.OnError.Action == ir.To {
			u.whole(l.Params[0].Type)
		}
	}
}

func (u *Uses) step(g *Graph, s *Step) {
	op := s.IR.Op
	for _, in := range op.Ins {
		if in.Key != nil {
			u.expr(in.Key.Body)
		}
		if s.IR.OnError.Action == ir.To || in.Kind == ir.Message || op.Remote != nil {
			u.whole(in.Elem)
		}
	}
	for _, p := range op.Params {
		u.expr(p.Value)
	}
	for _, state := range op.States {
		for _, t := range []types.Type{state.Elem, state.MapKey, state.Value} {
			if t != nil {
				u.whole(t)
			}
		}
		if state.Init != nil {
			u.expr(state.Init)
		}
		if state.Agg != nil {
			u.aggregate(state.Agg)
		}
		if state.Group != nil {
			u.group(state.Group)
		}
	}
	for _, h := range op.Handlers {
		u.stmts(h.Body)
	}
	if op.Calls != nil && op.Calls.Key != nil {
		u.expr(op.Calls.Key.Body)
	}
	for _, f := range op.Helpers {
		u.stmts(f.Body)
	}
	if op.Key != nil {
		u.whole(op.Key)
	}
}

func (u *Uses) stmts(list []ir.Stmt) {
	ir.InspectAll(list, u.visit)
}

func (u *Uses) expr(e ir.Expr) {
	if e != nil {
		ir.Inspect(e, u.visit)
	}
}

func (u *Uses) visit(n ir.Node) bool {
	u.making(n)
	switch n := n.(type) {
	case *ir.FieldOf:
		if r, ok := n.X.Type().(*types.Record); ok {
			u.of(r)[n.Index] = true
		}
	case *ir.EntryGet:
		if n.Place.State.Kind == ir.DynamicState {
			u.whole(n.T)
		}
	case *ir.EntrySet:
		if n.Place.State.Kind == ir.DynamicState {
			u.whole(n.Value.Type())
		}
	case *ir.Binary:
		u.whole(n.X.Type())
		u.whole(n.Y.Type())
	case *ir.Convert:
		if _, wraps := n.T.(*types.Option); !wraps {
			u.whole(n.X.Type())
		}
	case *ir.Builtin:
		for _, a := range n.Args {
			if a != nil { // nil where a lambda stands
				u.whole(a.Type())
			}
		}
	case *ir.Interp:
		for _, p := range n.Parts {
			if p.Expr != nil {
				u.whole(p.Expr.Type())
			}
		}
	case *ir.MatchStmt:
		u.whole(n.X.Type())
	case *ir.Match:
		u.whole(n.X.Type())
	}
	return true
}

func (u *Uses) of(r *types.Record) []bool {
	for other, used := range u.fields {
		if types.Identical(r, other) {
			return used
		}
	}
	used := make([]bool, len(r.Fields))
	u.fields[r] = used
	return used
}

// keys marks what orders the sets and maps inside a type, which cannot be read
// without it.
func (u *Uses) keys(t types.Type, seen map[types.Type]bool) {
	if seen[t] {
		return
	}
	seen[t] = true
	switch t := t.(type) {
	case *types.Set:
		u.whole(t.Elem)
	case *types.Map:
		u.whole(t.Key)
		u.keys(t.Value, seen)
	default:
		for _, part := range types.Parts(t) {
			u.keys(part, seen)
		}
	}
}

// whole marks everything inside a type as in use.
func (u *Uses) whole(t types.Type) {
	if r, ok := t.(*types.Record); ok {
		if u.wholes[r] {
			return
		}
		u.wholes[r] = true
		used := u.of(r)
		for i := range r.Fields {
			used[i] = true
		}
	}
	for _, part := range types.Parts(t) {
		u.whole(part)
	}
}
