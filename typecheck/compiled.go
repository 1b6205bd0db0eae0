package typecheck

import (
	"strings"

	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// laterType names the kind of t if this version checks values of it and does
// not compile them; "" if it compiles them.
func laterType(t types.Type) string {
	switch t := t.(type) {
	case *types.Decimal:
		return "decimals"
	case *types.Set:
		return "sets"
	case *types.Map:
		return "maps"
	case *types.Union:
		return "unions"
	case *types.Option:
		return laterType(t.Elem)
	case *types.List:
		return laterType(t.Elem)
	}
	return ""
}

// laterBuiltin reports whether this version checks calls of a built-in function
// and does not compile them.
func laterBuiltin(name string) bool {
	return strings.HasPrefix(name, "json.") || name == "to_json"
}

// laterState names the kind of s if this version checks it and does not compile
// it; "" if it compiles it.
func laterState(s *ir.State) string {
	switch {
	case s.Broadcast:
		return "broadcast state"
	case s.Group != nil:
		return "groups in state"
	case s.Agg != nil:
		return "aggregates in state"
	case s.Kind != ir.ValueState:
		return "state of the kind " + s.Kind.String()
	}
	return ""
}

// laterTimer names the kind of t if this version checks it and does not compile
// it; "" if it compiles it.
func laterTimer(t *ir.Timer) string {
	switch {
	case t.State != nil:
		return "timers of entries"
	case t.IndexType != nil:
		return "families of timers"
	}
	return ""
}

// refuseLater reports what the checked program uses and this version does not
// compile, each kind of thing once.
func (c *checker) refuseLater() {
	r := &refusal{c, map[string]bool{}}
	for _, rec := range c.prog.Records {
		for _, f := range rec.Fields {
			r.typ(f.Type, f.Origin)
		}
	}
	for _, s := range c.prog.Sources {
		r.typ(s.Out.Elem, at(s.Pos))
		if s.EventTime != nil {
			ir.Inspect(s.EventTime.Body, r.visit)
		}
	}
	for _, f := range c.prog.Funcs {
		r.function(f)
	}
	for _, s := range c.prog.Steps {
		r.operator(s.Op)
	}
}

// refusal reports each kind of thing once.
type refusal struct {
	*checker
	seen map[string]bool
}

func (r *refusal) report(what string, span source.Span) {
	if what != "" && !r.seen[what] {
		r.seen[what] = true
		r.unsupported(span, what)
	}
}

func (r *refusal) typ(t types.Type, span source.Span) {
	if t != nil {
		r.report(laterType(t), span)
	}
}

func (r *refusal) function(f *ir.Func) {
	for _, p := range f.Params {
		r.typ(p.Type, at(p.Pos))
	}
	r.typ(f.Result, at(f.Pos))
	ir.InspectAll(f.Body, r.visit)
}

func (r *refusal) operator(op *ir.Operator) {
	for _, in := range op.Ins {
		if in.Kind == ir.Broadcast {
			r.report("broadcast inputs", at(in.Pos))
		}
		r.typ(in.Elem, at(in.Pos))
		if in.Key != nil {
			ir.Inspect(in.Key.Body, r.visit)
		}
	}
	for _, s := range op.States {
		if op.Key == nil {
			r.report("state without a key", at(s.Pos))
		}
		r.report(laterState(s), at(s.Pos))
		r.typ(s.Elem, at(s.Pos))
		r.typ(s.MapKey, at(s.Pos))
		r.typ(s.Value, at(s.Pos))
	}
	for _, t := range op.Timers {
		if op.Key == nil {
			r.report("timers without a key", at(t.Pos))
		}
		r.report(laterTimer(t), at(t.Pos))
	}
	for _, f := range op.Helpers {
		r.function(f)
	}
	for _, h := range op.Handlers {
		ir.InspectAll(h.Body, r.visit)
	}
}

func (r *refusal) visit(n ir.Node) bool {
	e, ok := n.(ir.Expr)
	if !ok {
		return true
	}
	r.typ(e.Type(), at(e.Pos()))
	if b, ok := e.(*ir.Builtin); ok && laterBuiltin(b.Name) {
		r.report("the function "+b.Name[strings.Index(b.Name, ".")+1:], at(e.Pos()))
	}
	return true
}
