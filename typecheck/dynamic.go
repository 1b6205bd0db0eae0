package typecheck

import (
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// Dynamic state holds values under names that are made at run time, each with
// the description of its type. It is a map from names underneath; what a name
// holds is read by d.get<T>("name") and written by d.set("name", v).

// dynamic resolves dynamic, which has no type arguments: each value brings its
// type with it.
func (o *operatorCheck) dynamic(t *lang.TypeExpr, st *ir.State) {
	switch {
	case len(t.Args) > 0:
		o.typeArgumentCount(t, 0)
	case o.aggregate:
		o.add(mistake(Misplaced, t.Span(), "an aggregate has no dynamic state: its results are merged part by part").
			help("write map<string, T>, whose values have one type"))
	default:
		st.Kind, st.Elem, st.MapKey = ir.DynamicState, nil, stringType
	}
}

// inState names the kind of st where it is said to be state.
func inState(st *ir.State) string {
	if st.Kind == ir.DynamicState {
		return kindOfState(st)
	}
	return kindOfState(st) + " in state"
}

// readsDynamic reports whether a method of the state b reads a value of dynamic
// state.
func readsDynamic(b *binding, f *lang.FieldExpr) bool {
	return b.state.Kind == ir.DynamicState && !f.Optional && f.Name.Text == "get"
}

// getDynamic checks d.get<T>("name"), an option of T.
func (k *coder) getDynamic(e *lang.CallExpr, f *lang.FieldExpr, b *binding) ir.Expr {
	b.used = true
	st := b.state
	may := k.mayTouch(f, b)
	if len(e.Args) != 1 || e.Args[0].Label != "" || len(e.TypeArgs) != 1 {
		k.looseArgs(e.Args)
		k.add(mistake(WrongArguments, e.Span(), "get wants the type of the value and its name").
			note(b.span, "%s is declared here", st.Name).help("write %s.get<int>(\"name\")", st.Name))
		return invalid(e.Span())
	}
	name := k.value(e.Args[0].Value, st.MapKey, "the name of a value")
	t := k.valueType(k.scope, e.TypeArgs[0])
	if opt, ok := t.(*types.Option); ok {
		k.add(mistake(BadTypeArguments, e.TypeArgs[0].Span(), "what is not there is none already").
			help("write %s.get<%s>(…)", st.Name, opt.Elem))
		t = opt.Elem
	}
	if !may || isInvalid(t) || isInvalid(name.Type()) || !k.keeps(e.TypeArgs[0], t) {
		return invalid(e.Span())
	}
	return &ir.EntryGet{Base: base(optionOf(t), f.Name.Span()), Place: ir.Place{State: st, Key: name, Part: -1}}
}

// setDynamic checks d.set("name", v).
func (k *coder) setDynamic(e *lang.CallExpr, c *collection) []ir.Stmt {
	if c.wrong || len(e.Args) != 2 || e.Args[0].Label != "" || e.Args[1].Label != "" {
		k.looseArgs(e.Args)
		if !c.wrong {
			k.add(mistake(WrongArguments, e.Span(), "set wants a name and a value").help("write %s.set(\"name\", …)", c.state.Name))
		}
		return nil
	}
	if !k.mayWrite(e, c.b) {
		k.looseArgs(e.Args)
		return nil
	}
	name := k.value(e.Args[0].Value, c.state.MapKey, "the name of a value")
	v := k.expr(e.Args[1].Value, nil)
	switch v.Type().(type) {
	case *types.Option:
		k.add(mistake(TypeMismatch, e.Args[1].Span(), "dynamic state holds no %s: what is not there is none", v.Type()).
			help("write if let v = … { %s.set(…, v) } else { %s.remove(…) }", c.state.Name, c.state.Name))
		return nil
	}
	if isInvalid(name.Type()) || isInvalid(v.Type()) || !k.keeps(e.Args[1], v.Type()) {
		return nil
	}
	return []ir.Stmt{&ir.EntrySet{StmtBase: ir.StmtBase{At: e.Pos}, Place: ir.Place{State: c.state, Key: name, Part: -1}, Value: v}}
}

// keeps reports whether values of a type can be held in state, and reports a type
// that is no whole one: a view of an accumulator, or a list of nothing yet.
func (k *coder) keeps(e lang.Node, t types.Type) bool {
	if holdable(t) {
		return true
	}
	k.add(mistake(TypeMismatch, e.Span(), "state cannot hold %s", describe(t)).
		help("give the value a type that can be written down: let v: list<int> = …"))
	return false
}

// holdable reports whether t is made of types of values alone.
func holdable(t types.Type) bool {
	switch t := t.(type) {
	case *types.Basic:
		return t.Kind >= types.Bool && t.Kind <= types.JSON || t.Kind == types.Invalid // which is reported already
	case *types.Decimal, *types.Enum:
		return true
	case *types.Option:
		return holdable(t.Elem)
	case *types.List:
		return holdable(t.Elem)
	case *types.Set:
		return holdable(t.Elem)
	case *types.Map:
		return holdable(t.Key) && holdable(t.Value)
	case *types.Record:
		for _, f := range t.Fields {
			if !holdable(f.Type) {
				return false
			}
		}
		return true
	case *types.Union:
		for _, m := range t.Members {
			if !holdable(m) {
				return false
			}
		}
		return true
	default:
		return false
	}
}
