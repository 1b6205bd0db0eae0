package typecheck

import (
	"fmt"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// viewOf is the type of an accumulator that was read from an entry.
func viewOf(a *ir.Aggregate) types.Type {
	return &types.Aggregate{In: a.In, Result: a.Result.Type(), Of: a}
}

// aggregateType resolves aggregate<agg>, where agg is a parameter, and
// aggregate<(r: T) => …>; nil if it is wrong.
func (o *operatorCheck) aggregateType(e *lang.TypeExpr) *ir.Aggregate {
	k := o.coder(&frame{kind: pureCode, what: "an aggregate"})
	switch {
	case o.aggregate:
		o.add(mistake(Misplaced, e.Span(), "an aggregate holds no other aggregate").
			help("keep values, lists, maps and sets in it"))
		return nil
	case e.Optional > 0:
		o.add(mistake(BadTypeArguments, e.Span(), "an aggregate is not optional").help("leave out the \"?\""))
		return nil
	case e.Agg != nil:
		if len(e.Agg.Params) != 1 || e.Agg.Params[0].Type == nil {
			o.add(mistake(NeedsType, e.Agg.Span(), "the type of what is added is not known here").
				help("say it: aggregate<(r: T) => { n: count() }>"))
			return nil
		}
		return k.aggregateOf(e.Agg, o.valueType(o.scope, e.Agg.Params[0].Type))
	case len(e.Args) == 1:
		if b := o.scope.find(plainTypeName(e.Args[0])); b != nil && b.aggregate != nil {
			b.used = true
			return b.aggregate
		}
	}
	o.add(mistake(NotAType, e.Span(), "aggregate wants a parameter of the operator that is one, or an aggregate written out").
		help("write aggregate<(r: T) => { n: count() }>"))
	return nil
}

// aggregateCheck is an aggregate while its expression is checked.
type aggregateCheck struct {
	agg  *ir.Aggregate
	args *coder    // of what the aggregate functions are applied to
	last *lastPart // nil before the first
}

// lastPart is the part that was checked last, and what its function was made of.
type lastPart struct {
	*ir.AggPart
	own *entry
	ts  []types.Type
}

// aggregateOf checks an argument that is an aggregate: r => max(r.temp), count()
// or the name of a parameter; nil if it is wrong. in is the type of the records.
func (k *coder) aggregateOf(e lang.Expr, in types.Type) *ir.Aggregate {
	var name *lang.LambdaParam
	body := e
	switch e := e.(type) {
	case *lang.ParenExpr:
		return k.aggregateOf(e.X, in)
	case *lang.IdentExpr:
		if b := k.scope.find(e.Name); b != nil && b.aggregate != nil {
			b.used = true
			return k.sameRecords(e, b.aggregate, in)
		}
	case *lang.LambdaExpr:
		if len(e.Params) != 1 {
			k.add(mistake(WrongArguments, e.Span(), "an aggregate takes one parameter, not %d", len(e.Params)).help("write r => max(r.temp)"))
			return nil
		}
		name, body = e.Params[0], e.Body
	}
	if isInvalid(in) {
		return nil
	}
	agg := &ir.Aggregate{In: in, Param: &ir.Local{Name: "r", Type: in, Pos: e.Span().Start}, Pos: e.Span().Start}
	f := *k.frame
	f.loops, f.lambda, f.what, f.bare = 0, true, "an aggregate", name == nil
	args := &coder{k.checker, &f, k.scope.child()}
	whole := f
	whole.agg = &aggregateCheck{agg: agg, args: args}
	around := &coder{k.checker, &whole, k.scope.child()}
	if name != nil && name.Name.Text != "_" {
		agg.Param.Name, agg.Param.Pos = name.Name.Text, name.Name.Pos
		b := binding{kind: constLocal, name: name.Name.Text, span: name.Name.Span(), what: "a parameter", quiet: true, local: agg.Param}
		args.scope.bind(&b)
		outside := b
		outside.kind = addedRecord
		around.scope.bind(&outside)
	}
	agg.Result = around.needsValue(around.expr(body, nil), body.Span(), "the aggregate")
	switch {
	case isInvalid(agg.Result.Type()):
		return nil
	case len(agg.Parts) == 0:
		k.add(mistake(BadOperands, body.Span(), "no aggregate stands in it").help("write count(), sum(r.n) and the like"))
		return nil
	}
	nameParts(agg)
	return agg
}

// sameRecords reports an aggregate that is passed on for other records.
func (k *coder) sameRecords(e *lang.IdentExpr, agg *ir.Aggregate, in types.Type) *ir.Aggregate {
	if isInvalid(in) {
		return nil
	}
	if !types.Identical(agg.In, in) {
		k.add(mistake(TypeMismatch, e.Span(), "%s adds up %s, not %s", e.Name, agg.In, in).help("write it out for these records: r => …"))
		return nil
	}
	return agg
}

// aggregateCalled finds the aggregate that a call inside an aggregate means: one
// of that name with that number of parameters; nil if there is none.
func (k *coder) aggregateCalled(name string, args int) *entry {
	if k.frame.agg == nil || k.scope.find(name) != nil {
		return nil
	}
	for _, own := range []*entry{k.scope.mod.lookup(name), k.standard(name)} {
		if own == nil {
			continue
		}
		if d, ok := own.decl.(*lang.AggregateDecl); ok && len(d.Params) == args {
			return own
		}
	}
	return nil
}

// standard finds a declaration of the standard library, also from inside it.
func (k *coder) standard(name string) *entry { return k.std.names[name] }

// part checks a call of an aggregate function inside an aggregate: it becomes a
// part, and its value is the part's result.
func (k *coder) part(e *lang.CallExpr, own *entry) ir.Expr {
	own.used = true
	a := k.frame.agg
	d := own.decl.(*lang.AggregateDecl)
	slots, ok := k.arrange(e.Args, paramNames(d.Params), own.name, own.span)
	if !ok {
		a.args.looseArgs(e.Args)
		return invalid(e.Span())
	}
	args, ts, ok := a.args.partArgs(e, own, d, slots)
	if !ok {
		return invalid(e.Span())
	}
	own, ts = k.ofDecimals(own, ts)
	fn := k.aggregateFunc(own, ts, args, e.Fun.Span())
	if fn == nil {
		return invalid(e.Span())
	}
	for i, p := range fn.Params {
		if args[i] = a.args.convert(args[i], p.Type, slots[i].Value.Span(), "the argument "+p.Name); isInvalid(args[i].Type()) {
			return invalid(e.Span())
		}
	}
	p := &ir.AggPart{Func: fn, Args: args, Result: &ir.Local{Name: own.name, Type: fn.Result.Type(), Pos: e.Pos}, Span: e.Span()}
	a.agg.Parts = append(a.agg.Parts, p)
	a.last = &lastPart{p, own, ts}
	return &ir.LocalRef{Base: base(p.Result.Type, e.Span()), Local: p.Result}
}

// partRead is the part whose result e is, if it was the last to be checked.
func (k *coder) partRead(e ir.Expr) *lastPart {
	ref, ok := e.(*ir.LocalRef)
	if !ok || k.frame.agg == nil || k.frame.agg.last == nil || k.frame.agg.last.Result != ref.Local {
		return nil
	}
	return k.frame.agg.last
}

// partOr makes instead the result of a part to which nothing was added, and
// reports whether it has none by itself. A sum of nothing is zero.
func (k *coder) partOr(p *lastPart, instead lang.Expr) bool {
	if !p.Func.Fails() || p.own.mod.library != "" && p.own.name == "sum" {
		return false
	}
	v := k.constantOf(instead, p.Func.Result.Type(), "what "+p.own.name+" of nothing is")
	if !isInvalid(v.Type()) {
		p.Func = k.otherwise(p.own, p.ts, v)
	}
	return true
}

// ofDecimals is what sum and avg of the library are of decimals: a sum has 38
// digits at the scale of the values, and avg divides it.
func (k *coder) ofDecimals(own *entry, ts []types.Type) (*entry, []types.Type) {
	if own.mod.library == "" || own.name != "sum" && own.name != "avg" || len(ts) != 1 {
		return own, ts
	}
	d, ok := ts[0].(*types.Decimal)
	if !ok {
		return own, ts
	}
	total := &types.Decimal{Precision: maxDigits, Scale: d.Scale}
	if own.name == "sum" {
		return own, []types.Type{total}
	}
	return k.standard("avg_decimal"), []types.Type{total, &types.Decimal{Precision: maxDigits, Scale: max(6, d.Scale)}}
}

// partArgs checks the arguments of an aggregate function, and finds its type
// arguments.
func (k *coder) partArgs(e *lang.CallExpr, own *entry, d *lang.AggregateDecl, slots []*lang.Arg) (args []ir.Expr, ts []types.Type, ok bool) {
	sc, ps, found := &scope{mod: own.mod}, paramTypes(d.TypeParams), bindings{}
	for i, p := range d.TypeParams {
		sc.bindType(p.Text, ps[i])
	}
	for i, p := range d.Params {
		if slots[i] == nil {
			k.missingArgument(e.Fun.Span(), own.name, p.Name.Text, k.resolve(sc, p.Type), p.Name.Span())
			return nil, nil, false
		}
		t, what := k.resolve(sc, p.Type), "the argument "+p.Name.Text
		var v ir.Expr
		if hasParams(t) {
			v = k.needsValue(k.expr(slots[i].Value, nil), slots[i].Value.Span(), what)
			found.unify(t, v.Type())
		} else {
			v = k.value(slots[i].Value, t, what)
		}
		if isInvalid(v.Type()) {
			return nil, nil, false
		}
		args = append(args, v)
	}
	for i, p := range ps {
		t := found[p.(*types.Param)]
		if t == nil {
			k.add(mistake(NeedsType, e.Fun.Span(), "the type %s of %s is not known here", d.TypeParams[i].Text, own.name).
				note(own.span, "%s is declared here", own.name).help("give an argument whose type is known"))
			return nil, nil, false
		}
		ts = append(ts, t)
	}
	return args, ts, true
}

// nameParts gives each part the name of the field that reads it, "value" if the
// aggregate gives no record; further parts of one field are numbered.
func nameParts(a *ir.Aggregate) {
	rest := append([]*ir.AggPart(nil), a.Parts...)
	name := func(e ir.Expr, field string) {
		n := 0
		for i, p := range rest {
			if p == nil || !readsLocal(e, p.Result) {
				continue
			}
			rest[i] = nil
			if p.Name = field; n > 0 {
				p.Name = fmt.Sprintf("%s_%d", field, n+1)
			}
			p.Result.Name = p.Name
			n++
		}
	}
	if lit, ok := a.Result.(*ir.RecordLit); ok {
		for i, f := range lit.Fields {
			name(f, lit.T.(*types.Record).Fields[i].Name)
		}
		return
	}
	name(a.Result, "value")
}

func readsLocal(e ir.Expr, l *ir.Local) bool {
	found := false
	ir.Inspect(e, func(n ir.Node) bool {
		ref, ok := n.(*ir.LocalRef)
		found = found || ok && ref.Local == l
		return !found
	})
	return found
}

// memberOfAggregate reads .result of an accumulator that was read from an entry.
func (k *coder) memberOfAggregate(x ir.Expr, t *types.Aggregate, e *lang.FieldExpr) ir.Expr {
	if e.Name.Text == "result" {
		return &ir.AggResult{Base: base(optionOf(t.Result), e.Name.Span()), Place: ir.Place{Part: -1}, View: x}
	}
	k.add(mistake(UnknownField, e.Name.Span(), "an aggregate has nothing called %q", e.Name.Text).
		meant(e.Name.Text, []string{"result"}).help("it has .result"))
	return invalid(e.Span())
}

// accumulate checks a.add(v) and a.merge(other).
func (k *coder) accumulate(arg lang.Expr, name string, c *collection, agg *ir.Aggregate, at ir.StmtBase) ir.Stmt {
	if name == "add" {
		v := k.value(arg, agg.In, "what is added")
		if isInvalid(v.Type()) {
			return nil
		}
		return &ir.AggAdd{StmtBase: at, Place: c.place(), Value: v}
	}
	v := k.expr(arg, nil)
	switch {
	case isInvalid(v.Type()):
		return nil
	case !types.Identical(v.Type(), viewOf(agg)):
		k.add(mistake(TypeMismatch, arg.Span(), "what is merged is an entry's aggregate of the same kind, not %s", describe(v.Type())).
			note(c.b.span, "%s is declared here", c.state.Name).help("read it first: if let other = … { … }"))
		return nil
	}
	return &ir.AggMerge{StmtBase: at, Place: c.place(), Other: v}
}

// namesAggregatePart reports whether e is a part of an entry that accumulates.
func (k *coder) namesAggregatePart(e lang.Expr) bool {
	f, ok := e.(*lang.FieldExpr)
	if !ok || f.Optional {
		return false
	}
	ix, ok := f.X.(*lang.IndexExpr)
	if !ok {
		return false
	}
	b := k.collectionNamed(ix.X)
	if b == nil || b.state.Group == nil {
		return false
	}
	i := partIndex(b.state.Group, f.Name.Text)
	return i >= 0 && b.state.Group.Parts[i].Kind == ir.AggregateState
}

// holdsAggregate reports whether an accumulator is inside a value of type t, so
// that it can be looked into and nothing else.
func holdsAggregate(t types.Type) bool {
	switch t := t.(type) {
	case *types.Aggregate:
		return true
	case *types.Option:
		return holdsAggregate(t.Elem)
	case *types.List:
		return holdsAggregate(t.Elem)
	case *types.Record:
		for _, f := range t.Fields {
			if holdsAggregate(f.Type) {
				return true
			}
		}
	}
	return false
}
