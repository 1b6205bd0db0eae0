package typecheck

import (
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// migrate checks migrate from TYPE as old => expr. TYPE is what each value of the
// state was, or, written as a kind of state, all that was saved for a key.
func (o *operatorCheck) migrate(m *lang.StateDecl, st *ir.State) {
	c := m.Migrate
	if o.aggregate {
		o.add(mistake(Misplaced, c.Span(), "the state of an aggregate migrates with it").help("leave it out"))
		return
	}
	if st.Group != nil || st.Agg != nil {
		o.add(mistake(BadTypeArguments, c.Span(), "a group or an aggregate cannot be made by an expression").
			help("give the new state another name, and fill it from the old one in a handler"))
		return
	}
	mig := &ir.Migrate{Kind: st.Kind}
	to := singleOf(st)
	from := o.migrateKind(c.From, st, mig)
	switch {
	case from == nil:
		from = o.valueType(o.scope, c.From)
	case mig.Whole:
		to = wholeOf(st)
	}
	if isInvalid(from) || to == nil || isInvalid(to) {
		return
	}
	k := o.coder(&frame{kind: pureCode, what: "a migration"}).inner()
	as := k.local(c.As, from, constLocal, "a parameter")
	mig.Func = k.migration("migrate_"+st.Name, c.Span(), k.value(c.Expr, to, "what "+st.Name+" becomes"), as)
	st.Migrate = mig
}

// migration makes a function of an expression that is run when state is restored.
func (k *coder) migration(name string, span source.Span, body ir.Expr, params ...*ir.Local) *ir.Func {
	ir.Inspect(body, func(n ir.Node) bool {
		if p, ok := n.(*ir.ParamRef); ok {
			k.add(mistake(Misplaced, at(p.At), "%s cannot read the parameter %q: state may be read without a start", k.frame.what, p.Param.Name).
				help("write the value itself"))
		}
		return true
	})
	return &ir.Func{Name: name, Params: params, Result: body.Type(), Body: []ir.Stmt{&ir.Return{StmtBase: ir.StmtBase{At: span.Start}, Value: body}}, Pos: span.Start}
}

// singleOf is the type of a single value of a state, nil if it is not known.
func singleOf(st *ir.State) types.Type {
	if st.Value != nil {
		return st.Value
	}
	return st.Elem
}

// migrateKind resolves a type that is written as another kind of state than st
// has, or as value<T>; nil if it is none.
func (o *operatorCheck) migrateKind(e *lang.TypeExpr, st *ir.State, mig *ir.Migrate) types.Type {
	name := plainTypeName(e)
	k, known := stateKinds[name]
	if !known || e.Optional > 0 || len(e.Args) != k.args || k.kind == ir.AggregateState {
		return nil
	}
	// A value may be a list itself: then the type alone says it.
	if st.Kind == ir.ValueState && (k.kind == ir.ListState || k.kind == ir.SetState || k.kind == ir.MapState) {
		return nil
	}
	mig.Kind, mig.Whole = k.kind, k.kind != ir.ValueState || st.Kind != ir.ValueState
	switch k.kind {
	case ir.ValueState:
		return o.valueType(o.scope, e.Args[0])
	case ir.MapState, ir.SortedState:
		return &types.Map{Key: o.stateKey(e.Args[0], "a key of a map"), Value: o.valueType(o.scope, e.Args[1])}
	case ir.ListState:
		return &types.List{Elem: o.valueType(o.scope, e.Args[0])}
	default:
		return &types.Set{Elem: o.stateKey(e.Args[0], "an element of a set")}
	}
}

// wholeOf is all of a state as one value.
func wholeOf(st *ir.State) types.Type {
	switch st.Kind {
	case ir.ListState:
		return &types.List{Elem: st.Elem}
	case ir.SetState:
		return &types.Set{Elem: st.Elem}
	case ir.MapState, ir.SortedState:
		return &types.Map{Key: st.MapKey, Value: st.Value}
	}
	return st.Elem
}

// checkRekeys checks rekey "uid" from OLD as old => expr merge (a, b) => expr.
func (c *checker) checkRekeys() {
	for _, d := range c.main.file.Decls {
		if d, ok := d.(*lang.RekeyDecl); ok && d.UID != nil && d.From != nil && d.As != nil {
			c.rekey(d)
		}
	}
}

func (c *checker) rekey(d *lang.RekeyDecl) {
	uid := constantText(d.UID)
	var step *ir.Step
	var names []string
	for _, s := range c.steps {
		if s.step.Op.Key != nil && s.step.UID != "" {
			names = append(names, s.step.UID)
		}
		if s.step.UID == uid {
			step = s.step
		}
	}
	switch {
	case step == nil:
		c.add(mistake(UnknownName, d.UID.Span(), "no step has the uid %q", uid).meant(uid, names).help("name a step with a key"))
		return
	case step.Op.Key == nil:
		c.add(mistake(Misplaced, d.Span(), "the step %q has no key", uid).help("leave it out"))
		return
	case step.Rekey != nil:
		c.add(mistake(Misplaced, d.Span(), "the keys of %q are changed twice", uid).help("leave one of the two out"))
		return
	}
	scope := &scope{mod: c.main}
	from := c.valueType(scope, d.From)
	if isInvalid(from) {
		return
	}
	if !types.CanBeKey(from) {
		c.badKey(d.From.Span(), from, "a key")
		return
	}
	k := (&coder{c, &frame{kind: pureCode, what: "a rekey"}, scope}).inner()
	r := &ir.Rekey{Pos: d.Pos}
	as := k.local(d.As, from, constLocal, "a parameter")
	r.Func = k.migration("rekey", d.Span(), k.value(d.Expr, step.Op.Key, "the new key"), as)
	if d.Merge != nil {
		c.merge(d, step, r, scope)
	}
	step.Rekey = r
}

// merge checks how the values of two keys that become one are put together.
func (c *checker) merge(d *lang.RekeyDecl, step *ir.Step, r *ir.Rekey, scope *scope) {
	states := step.Op.States
	if len(states) != 1 || states[0].Kind != ir.ValueState || len(step.Op.Timers) > 0 || len(d.Merge.Params) != 2 {
		c.add(mistake(Misplaced, d.Merge.Span(), "merge puts two values of a step together that has one state, a value, and no timer").
			help("leave it out: keys that become one are then refused"))
		return
	}
	t := states[0].Elem
	k := (&coder{c, &frame{kind: pureCode, what: "a merge", lambda: true}, scope}).inner()
	var params []*ir.Local
	for _, p := range d.Merge.Params {
		params = append(params, k.local(p.Name, t, constLocal, "a parameter"))
	}
	r.Merge = k.migration("merge", d.Merge.Span(), k.value(d.Merge.Body, t, "the merged value"), params...)
}
