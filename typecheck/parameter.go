package typecheck

import (
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// isValueType reports whether a parameter of type t is a value: functions,
// aggregates, ranges and conditions are known at compile time only.
func isValueType(t types.Type) bool {
	switch t.(type) {
	case *types.Func, *types.Aggregate, *types.Range, *types.Equality:
		return false
	}
	return !isFunctionList(t)
}

// parameterField reads between.from of a range, and other.least of the other
// aggregate; ok is false if e is something else.
func (k *coder) parameterField(e *lang.FieldExpr) (v ir.Expr, ok bool) {
	id, isName := e.X.(*lang.IdentExpr)
	if !isName || e.Optional {
		return nil, false
	}
	b := k.scope.find(id.Name)
	switch {
	case b == nil:
		return nil, false
	case b.kind == otherAggregate:
		return k.otherField(e, b), true
	case b.kind == functionList && e.Name.Text == "len":
		b.used = true
		return &ir.IntConst{Base: base(intType, e.Span()), Value: int64(len(b.list))}, true
	case b.kind != rangeParam:
		return nil, false
	}
	b.used = true
	for i, name := range [...]string{"from", "to"} {
		if e.Name.Text == name {
			return k.readBinding(e, b.bounds[i]), true
		}
	}
	k.add(mistake(UnknownField, e.Name.Span(), "a range has nothing called %q", e.Name.Text).
		meant(e.Name.Text, []string{"from", "to"}).help("it has .from and .to"))
	return invalid(e.Span()), true
}

// callSide calls on.left(a) or on.right(b) of a join's condition; ok is false if
// e is another call.
func (k *coder) callSide(e *lang.CallExpr, f *lang.FieldExpr) (v ir.Expr, ok bool) {
	id, isName := f.X.(*lang.IdentExpr)
	if !isName || f.Optional {
		return nil, false
	}
	b := k.scope.find(id.Name)
	if b == nil || b.kind != equalityParam {
		return nil, false
	}
	b.used = true
	cl := b.sides[f.Name.Text]
	if cl == nil {
		k.looseArgs(e.Args)
		k.add(mistake(UnknownField, f.Name.Span(), "a condition has nothing called %q", f.Name.Text).
			meant(f.Name.Text, []string{"left", "right"}).help("it has .left(…) and .right(…)"))
		return invalid(e.Span()), true
	}
	side := &binding{kind: lambdaParam, name: id.Name + "." + f.Name.Text, span: b.span, closure: cl}
	return k.callClosure(e, side), true
}

// functionArgument checks an argument that is a function, an aggregate or the
// condition of a join, and learns types from its result.
func (w *wiring) functionArgument(a *stepArgs, i int, p *lang.ParamDecl, t types.Type) bool {
	switch t := t.(type) {
	case *types.Aggregate:
		in := a.found.substitute(w.checker, t.In)
		if hasParams(in) {
			w.add(mistake(NeedsType, a.slots[i].Value.Span(), "the type of what %s adds up is not known here", p.Name.Text).
				note(p.Name.Span(), "%s is declared here", p.Name.Text).help("give the stream first"))
			return false
		}
		a.aggs[i] = w.aggregateOf(a.slots[i].Value, in)
		return a.aggs[i] != nil && a.found.unify(t.Result, a.aggs[i].Result.Type())
	case *types.Equality:
		return w.equalityArgument(a, i, p, t)
	case *types.List:
		return w.functionsArgument(a, i, p, t)
	default:
		return w.lambdaArgument(a, i, p, t.(*types.Func))
	}
}

// rangeArgument checks an argument such as 0s..10m.
func (w *wiring) rangeArgument(a *stepArgs, i int, p *lang.ParamDecl, t types.Type) bool {
	elem := t.(*types.Range).Elem
	arg := a.slots[i].Value
	if id, ok := arg.(*lang.IdentExpr); ok {
		if b := w.scope.find(id.Name); b != nil && b.kind == rangeParam {
			b.used = true
			a.ranges[i] = [2]ir.Expr{w.readBinding(arg, b.bounds[0]), w.readBinding(arg, b.bounds[1])}
			return a.found.unify(elem, a.ranges[i][0].Type())
		}
	}
	r, ok := arg.(*lang.RangeExpr)
	if !ok || r.From == nil || r.To == nil {
		w.add(mistake(TypeMismatch, arg.Span(), "the argument %s is a range with two bounds", p.Name.Text).
			note(p.Name.Span(), "%s is declared here", p.Name.Text).help("write %s: 0s..10m", p.Name.Text))
		return false
	}
	for j, bound := range []lang.Expr{r.From, r.To} {
		want := a.found.substitute(w.checker, elem)
		v := w.value(bound, want, "a bound of "+p.Name.Text)
		if isInvalid(v.Type()) || !a.found.unify(elem, v.Type()) {
			return false
		}
		a.ranges[i][j] = v
	}
	return true
}

// bindCompileTime enters a parameter that is no value. A range has two values,
// which are parameters of the operator.
func (w *wiring) bindCompileTime(sc *scope, a *stepArgs, i int, p *lang.ParamDecl, t types.Type) ([]*ir.OpParam, bool) {
	b := &binding{name: p.Name.Text, span: p.Name.Span(), what: "a parameter"}
	switch t := t.(type) {
	case *types.Func:
		w.bindFunction(sc, a, i, p, t)
		return nil, true
	case *types.Aggregate:
		if a.aggs[i] == nil {
			return nil, false
		}
		b.kind, b.aggregate = aggregateParam, a.aggs[i]
		sc.bind(b)
		r := w.convert(b.aggregate.Result, t.Result, a.slots[i].Value.Span(), "the argument "+p.Name.Text)
		if r != b.aggregate.Result {
			widened := *b.aggregate
			widened.Result = r
			b.aggregate = &widened
		}
		return nil, !isInvalid(r.Type())
	case *types.List:
		b.kind = functionList
		for _, cl := range a.lists[i] {
			fitted := *cl
			fitted.params, fitted.result = t.Elem.(*types.Func).Params, t.Elem.(*types.Func).Result
			b.list = append(b.list, &fitted)
		}
		sc.bind(b)
		w.shaping(a, p, b.list, true)
		return nil, len(b.list) > 0
	case *types.Equality:
		b.kind, b.sides = equalityParam, map[string]*closure{}
		for name, cl := range a.sides[i] {
			fitted := *cl
			fitted.result = t.Key
			b.sides[name] = &fitted
		}
		sc.bind(b)
		return nil, a.sides[i] != nil
	case *types.Range:
		b.kind = rangeParam
		sc.bind(b)
		return w.bindRange(a, i, p, t, b)
	default:
		return nil, false
	}
}

// bindRange makes the two bounds of a range parameters of their own.
func (w *wiring) bindRange(a *stepArgs, i int, p *lang.ParamDecl, t *types.Range, b *binding) ([]*ir.OpParam, bool) {
	var out []*ir.OpParam
	good := a.ranges[i][0] != nil
	for j, name := range [...]string{"from", "to"} {
		if !good {
			break
		}
		v := w.convert(a.ranges[i][j], t.Elem, a.slots[i].Value.Span(), "a bound of "+p.Name.Text)
		if p.ShapesState {
			v = folded(v)
		}
		l := &ir.Local{Name: p.Name.Text + "_" + name, Type: t.Elem, Pos: p.Name.Pos}
		b.bounds[j] = &binding{kind: operatorParam, name: l.Name, span: b.span, what: b.what, local: l, konst: constantValue(v)}
		if p.ShapesState && b.bounds[j].konst == nil && !isInvalid(v.Type()) {
			w.add(mistake(NotConstant, a.slots[i].Value.Span(), "the argument %s must be a constant", p.Name.Text).
				note(p.Name.Span(), "%s is declared here", p.Name.Text).help("it decides what the step's state looks like: write a literal"))
			good = false
		}
		out = append(out, &ir.OpParam{Local: l, Value: v, ShapesState: p.ShapesState})
		good = good && !isInvalid(v.Type())
	}
	return out, good
}

// waive takes arguments such as "late: drop" out of a step's arguments: they say
// of a named output that nobody needs to read it.
func (w *wiring) waive(args []*lang.Arg, a *stepArgs, d *lang.OperatorDecl) []*lang.Arg {
	outs := sideOutputs(d)
	var rest []*lang.Arg
	for _, arg := range args {
		id, ok := arg.Value.(*lang.IdentExpr)
		if !ok || id.Name != "drop" || indexOf(outs, arg.Label) < 0 {
			rest = append(rest, arg)
			continue
		}
		if a.waived == nil {
			a.waived = map[string]bool{}
		}
		a.waived[arg.Label] = true
	}
	return rest
}
