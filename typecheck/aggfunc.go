package typecheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// aggInstance is an aggregate declaration for one list of type arguments; fn is
// nil if it does not work for them. The others give something where fn has no
// result.
type aggInstance struct {
	args   []types.Type
	fn     *ir.AggFunc
	others []*ir.AggFunc
}

// aggregateFunc returns the aggregate that e declares for type arguments, nil if
// it does not work for them. What is wrong inside one of the library is told of
// the call at span: it does not take what it is given.
func (c *checker) aggregateFunc(e *entry, ts []types.Type, args []ir.Expr, span source.Span) *ir.AggFunc {
	for _, a := range e.aggs {
		if identicalTypes(a.args, ts) {
			return a.fn
		}
	}
	if len(e.aggs) > maxInstances {
		return nil
	}
	var fn *ir.AggFunc
	errors := c.errors
	wrong := false
	if e.mod.library == "" {
		fn = c.accumulator(e, ts, nil)
		wrong = c.errors > errors
	} else if wrong = !takes(e.name, ts) || len(c.apart(func() { fn = c.accumulator(e, ts, nil) })) > 0; wrong {
		var on []string
		wants := numberClass // what has an order does not lack that
		for _, a := range args {
			on = append(on, a.Type().String())
			if !isOrdered(a.Type()) {
				wants = orderedClass
			}
		}
		if e.name == "sum" {
			wants = signedClass
		}
		c.add(mistake(TypeMismatch, span, "the aggregate %s does not work on %s", e.name, list(on)).
			help("give it %s", classLimits[wants]))
	}
	if wrong {
		fn = nil
	}
	e.aggs = append(e.aggs, &aggInstance{args: ts, fn: fn})
	return fn
}

// takes reports whether an aggregate of the library works for type arguments, as far as
// its text does not tell: a sum would join strings, in the order in which windows merge.
func takes(name string, ts []types.Type) bool {
	return name != "sum" || isInvalid(ts[0]) || signedClass.holds(ts[0])
}

// otherwise returns the aggregate that e declares for type arguments that work,
// with a value that it gives where it would fail for want of a result.
func (c *checker) otherwise(e *entry, ts []types.Type, instead ir.Expr) *ir.AggFunc {
	i := slices.IndexFunc(e.aggs, func(a *aggInstance) bool { return identicalTypes(a.args, ts) })
	fn := c.accumulator(e, ts, instead)
	e.aggs[i].others = append(e.aggs[i].others, fn)
	fn.Name += fmt.Sprintf("_or%d", len(e.aggs[i].others))
	return fn
}

// accumulator checks an aggregate declaration for type arguments. Where it fails
// for want of a result it gives instead, if that is not nil.
func (c *checker) accumulator(e *entry, ts []types.Type, instead ir.Expr) *ir.AggFunc {
	d := e.decl.(*lang.AggregateDecl)
	sc := &scope{mod: e.mod}
	for i, p := range d.TypeParams {
		sc.bindType(p.Text, ts[i])
	}
	o := &operatorCheck{checker: c, scope: sc.child(), aggregate: true, op: &ir.Operator{Name: e.name, Pos: d.Name.Pos, Library: e.mod.library}}
	o.facts = &operatorFacts{op: o.op, spans: map[*ir.State]source.Span{}, retained: map[*ir.State]bool{}, entry: e}
	for _, s := range d.States {
		o.state(s)
	}
	for _, f := range d.Funcs {
		o.add(mistake(Misplaced, f.Name.Span(), "a function stands in an aggregate").help("declare %s outside; add, merge and result call it there too", f.Name.Text))
	}
	fn := &ir.AggFunc{Name: e.mod.prefix + e.name + instanceSuffix(ts), Declared: e.mod.prefix + e.name, States: o.op.States, Pos: d.Name.Pos}
	o.accumulates(d, fn, instead)
	return fn
}

// accumulates checks what an aggregate does.
func (o *operatorCheck) accumulates(d *lang.AggregateDecl, fn *ir.AggFunc, instead ir.Expr) {
	code := func(what string) *coder {
		return o.coder(&frame{kind: handlerCode, what: what, result: unitType}).inner()
	}
	add := code("the add of an aggregate")
	for _, p := range d.Params {
		fn.Params = append(fn.Params, add.local(p.Name, o.valueType(o.scope, p.Type), constLocal, "a parameter"))
	}
	result := o.valueType(o.scope, d.ResultType)
	if d.Add == nil || d.Merge == nil || d.Result == nil {
		var names, texts []string
		for _, part := range []struct {
			missing    bool
			name, text string
		}{{d.Add == nil, "add", "add { … }"}, {d.Merge == nil, "merge", "merge other { … }"}, {d.Result == nil, "result", "result = …"}} {
			if part.missing {
				names, texts = append(names, part.name), append(texts, part.text)
			}
		}
		o.add(mistake(MissingHandler, d.Name.Span(), "the aggregate %s has no %s", d.Name.Text, strings.Join(names, " and no ")).
			help("add %s", strings.Join(texts, ", ")))
		fn.Result = invalid(d.Name.Span())
		return
	}
	fn.Add = add.inner().stmts(d.Add.Stmts)
	merge := code("the merge of an aggregate")
	fn.Other = &ir.Local{Name: d.MergeName.Text, Type: unitType, Pos: d.MergeName.Pos}
	merge.scope.bind(&binding{kind: otherAggregate, name: d.MergeName.Text, span: d.MergeName.Span(), what: "the other aggregate", quiet: true, local: fn.Other})
	fn.Merge = merge.inner().stmts(d.Merge.Stmts)
	out := code("the result of an aggregate")
	out.frame.instead = instead
	fn.Result = out.value(d.Result, result, "the result of "+d.Name.Text)
}

// otherField reads a state of the other accumulator in merge.
func (k *coder) otherField(e *lang.FieldExpr, b *binding) ir.Expr {
	b.used = true
	var names []string
	for _, st := range k.frame.op.op.States {
		if names = append(names, st.Name); st.Name != e.Name.Text {
			continue
		}
		if isInvalid(st.Elem) {
			return invalid(e.Span())
		}
		if s := k.scope.find(st.Name); s != nil && s.state == st {
			s.used = true
		}
		return &ir.OtherGet{Base: base(wholeType(st), e.Span()), State: st}
	}
	k.add(mistake(UnknownField, e.Name.Span(), "the aggregate has no state %q", e.Name.Text).
		meant(e.Name.Text, names).help("%s", listed("state", names)))
	return invalid(e.Span())
}

// wholeType is the type of all that a state of an aggregate holds.
func wholeType(st *ir.State) types.Type {
	switch {
	case st.Kind == ir.ListState:
		return &types.List{Elem: st.Elem}
	case st.Kind == ir.SetState:
		return &types.Set{Elem: st.Elem}
	case isMap(st):
		return &types.Map{Key: st.MapKey, Value: entryValue(st)}
	case st.Init == nil:
		return optionOf(st.Elem)
	default:
		return st.Elem
	}
}
