package codegen

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// accumulator is what records are folded into, as a Go type:
//
//	// hottestSum is the aggregate at hot.flow:12:28.
//	type hottestSum struct {
//		added bool
//		value maxFloat
//	}
type accumulator struct {
	name  string
	agg   *ir.Aggregate
	parts []string // fields
	ops   string   // type with the operations on sets and maps inside; "" if there are none
}

// aggFunc is an aggregate function as a Go type with the methods add, merge and
// result. Its states are fields, as those of a step are fields of a cell; to
// write the methods it is a step whose cell is the receiver.
type aggFunc struct {
	name string
	step *stepCode
	ops  string // type with the operations on its sets and maps; "" if it has none
}

// accumulator returns the type of an aggregate, and declares it first if that
// has not been done.
func (g *generator) accumulator(a *ir.Aggregate) *accumulator {
	if acc := g.accumulators[a]; acc != nil {
		return acc
	}
	acc := &accumulator{name: g.names.pick("aggregate" + exported(a.Parts[0].Name)), agg: a}
	g.accumulators[a] = acc
	fields := newNames(nil, "added", "merge", "Empty")
	members := []jen.Code{jen.Id("added").Bool()}
	merges := []jen.Code{jen.If(jen.Op("!").Id("o").Dot("added")).Block(jen.Return()), jen.Id("a").Dot("added").Op("=").True()}
	for _, p := range a.Parts {
		field := fields.pick(unexported(p.Name))
		acc.parts = append(acc.parts, field)
		fn := g.aggFunc(p.Func)
		members = append(members, jen.Id(field).Id(fn.name))
		args := []jen.Code{jen.Id("f")}
		if fn.ops != "" {
			args = append(args, jen.Op("&").Add(self(field)))
		}
		merges = append(merges, jen.Id("a").Dot(field).Dot("merge").Call(append(args, jen.Op("&").Id("o").Dot(field), jen.Id("m"))...))
		if g.graph.Effects.PartFails(p.Func.Merge) {
			merges = append(merges, g.calledAt(p, jen.Id("f"))...)
		}
	}
	g.declareOps(acc)
	receiver := func() *jen.Statement { return jen.Id("a").Op("*").Id(acc.name) }
	g.operators.add(
		comment("%s is the aggregate at %s.", acc.name, where(a.Pos)).Type().Id(acc.name).Struct(members...),
		comment("Empty reports whether nothing was added.").
			Func().Params(receiver()).Id("Empty").Params().Bool().Block(jen.Return(jen.Op("!").Id("a").Dot("added"))),
		comment("merge adds what another has.").
			Func().Params(receiver()).Id("merge").Params(opsParams(acc.ops, jen.Id("o").Op("*").Id(acc.name))...).Block(merges...),
	)
	return acc
}

// aggFunc returns the type of an aggregate function, and declares it first if
// that has not been done.
func (g *generator) aggFunc(fn *ir.AggFunc) *aggFunc {
	if code := g.aggFuncs[fn]; code != nil {
		return code
	}
	code := &aggFunc{name: g.names.pick(unexported(fn.Name))}
	g.aggFuncs[fn] = code
	k := &keyedCode{cell: code.name}
	fields := newNames(nil, "add", "merge", "result")
	for _, s := range fn.States {
		state := stateCode{state: s, value: fields.pick(unexported(s.Name))}
		if !isCollection(s) {
			state.has = fields.pick("has" + exported(s.Name))
			if s.Init != nil && !isZero(s.Init) {
				state.own = fields.pick("get" + exported(s.Name))
			}
		} else if !plainList(s) {
			state.ops = state.value
		}
		k.states = append(k.states, state)
	}
	code.step = &stepCode{node: &node{g: g, name: code.name}, op: &ir.Operator{Name: fn.Name, States: fn.States}, keyed: k}
	has, rest := code.step.stateFields(false)
	g.operators.add(comment("%s is the aggregate function at %s.", code.name, where(fn.Pos)).Type().Id(code.name).Struct(append(has, rest...)...))
	g.declareFuncOps(code)
	for _, s := range k.states {
		if s.own != "" {
			code.writeGet(g, &s)
		}
	}
	code.write(g, fn)
	return code
}

// writeGet declares the method that reads a state with its initial value.
func (a *aggFunc) writeGet(g *generator, s *stateCode) {
	c := g.newCoder("a")
	field := func(name string) *jen.Statement { return jen.Id("a").Dot(name) }
	initial := c.expr(s.state.Init)
	c.add(jen.Return(initial.value()))
	g.operators.add(comment("%s reads the state %s.", s.own, safeName(s.state.Name)).
		Func().Params(jen.Id("a").Op("*").Id(a.name)).Id(s.own).Params().Add(g.goType(s.state.Elem)).
		Block(append([]jen.Code{jen.If(field(s.has)).Block(jen.Return(field(s.value)))}, c.body()...)...))
}

// write declares the methods.
func (a *aggFunc) write(g *generator, fn *ir.AggFunc) {
	method := func(name string, params []jen.Code, result jen.Code, c *coder) {
		decl := comment("%s is declared at %s.", name, where(fn.Pos)).
			Func().Params(jen.Id("a").Op("*").Id(a.name)).Id(name).Params(opsParams(a.ops, params...)...)
		if result != nil {
			decl = decl.Add(result)
		}
		g.operators.add(decl.Block(c.body()...))
	}
	add := a.coder(g)
	ir.InspectAll(fn.Add, add.countReads)
	var params []jen.Code
	for _, p := range fn.Params {
		params = append(params, add.param(p))
	}
	add.stmts(fn.Add)
	method("add", params, nil, add)

	merge := a.coder(g)
	ir.InspectAll(fn.Merge, merge.countReads)
	merge.stmts(fn.Merge)
	method("merge", []jen.Code{jen.Id("o").Op("*").Id(a.name)}, nil, merge)

	result := a.coder(g)
	ir.Inspect(fn.Result, result.countReads)
	result.result = fn.Result.Type()
	result.into(fn.Result, returned)
	result.endFunction()
	method("result", nil, g.goType(fn.Result.Type()), result)
}

// coder returns a coder for a method.
func (a *aggFunc) coder(g *generator) *coder {
	c := g.newCoder("a", "f", "o", "m")
	c.op, c.fault = a.step, jen.Id("f")
	c.here = scope{cell: jen.Id("a"), meta: jen.Id("m")}
	c.leaveFunction()
	return c
}

// otherGet reads a state of the other accumulator.
func (c *coder) otherGet(e *ir.OtherGet) operand {
	own := c.here.cell
	c.here.cell = jen.Id("o")
	defer func() { c.here.cell = own }()
	switch e.State.Kind {
	case ir.ValueState:
		return c.op.getState(c, &ir.StateGet{Base: e.Base, State: e.State})
	case ir.MapState, ir.SortedState:
		t := e.T.(*types.Map)
		keys := c.stateKeys(&ir.StateKeys{Base: ir.Base{T: &types.List{Elem: t.Key}, At: e.At}, State: e.State})
		values := c.stateKeys(&ir.StateKeys{Base: ir.Base{T: &types.List{Elem: t.Value}, At: e.At}, State: e.State, Values: true})
		return call(c.g.goType(t).Values(jen.Id("Keys").Op(":").Add(keys.value()), jen.Id("Values").Op(":").Add(values.value())), t)
	default:
		elem, _ := elementOf(e.T)
		list := c.stateKeys(&ir.StateKeys{Base: ir.Base{T: &types.List{Elem: elem}, At: e.At}, State: e.State, Values: true})
		list.t = e.T
		return list
	}
}

// aggregateAt is what a place accumulates.
func aggregateAt(p ir.Place) *ir.Aggregate {
	if p.Part >= 0 {
		return p.State.Group.Parts[p.Part].Agg
	}
	return p.State.Agg
}

// aggAdd adds a record to an aggregate, in the entry that it makes if there is
// none.
func (c *coder) aggAdd(s *ir.AggAdd) {
	agg := aggregateAt(s.Place)
	acc := c.g.accumulator(agg)
	list := []ir.Expr{s.Value}
	if s.Place.Key != nil {
		list = append(list, s.Place.Key)
	}
	v := c.checked(list...)
	if !v[0].stable && !v[0].pointer {
		v[0] = c.temp("added", v[0])
	}
	c.vars[agg.Param] = variable{code: v[0].code, pointer: v[0].pointer}
	var args [][]operand
	for _, p := range agg.Parts {
		for _, a := range p.Args {
			ir.Inspect(a, c.countReads)
		}
		got := c.checked(p.Args...)
		for i := range got {
			if !got[i].stable {
				got[i] = c.temp("v", got[i])
			}
		}
		args = append(args, got)
	}
	sum, key, entry := c.accumulated(s.Place, v)
	c.add(sum.Clone().Dot("added").Op("=").True())
	for i, p := range agg.Parts {
		call := c.partArgs(agg, i)
		for j, a := range args[i] {
			call = append(call, c.argument(p.Func.Params[j].Type, a))
		}
		c.add(sum.Clone().Dot(acc.parts[i]).Dot("add").Call(append(call, c.here.meta.Clone())...))
		if c.g.graph.Effects.PartFails(p.Func.Add) {
			c.add(c.g.calledAt(p, c.fault)...)
		}
	}
	c.checkAccumulated(s)
	c.armEntry(s.Place.State, key, entry)
}

// calledAt writes where the program applies an aggregate function of the library,
// for a mistake inside it; nothing of others.
func (g *generator) calledAt(p *ir.AggPart, fault *jen.Statement) []jen.Code {
	own := func(at source.Pos) bool { return g.fileIndex[at.Filename] < g.program.Own }
	if own(p.Func.Pos) || !own(p.Span.Start) {
		return nil
	}
	return []jen.Code{fault.Clone().Dot("CalledAt").Call(g.at(p.Span.Start))}
}

// accumulated writes the accumulator at a place that is to be changed, and the
// pointer to the entry that it is in. v[1] is the key of an entry, which is
// returned as it may be read again.
func (c *coder) accumulated(p ir.Place, v []operand) (sum *jen.Statement, key operand, entry changed) {
	if p.Key == nil {
		c.renew(p.State)
		return c.handle(p.State), key, entry
	}
	key = v[1]
	if !key.stable {
		key = c.temp("key", key)
	}
	key.t = p.State.MapKey
	if p.Part < 0 {
		entry = c.entryToChange(p.State, "sum", key)
		return entry.at, key, entry
	}
	entry = c.entryToChange(p.State, unexported(p.State.Name), key)
	return entry.at.Clone().Dot(c.g.group(p.State).fields[p.Part]), key, entry
}

// renew notes the time that the ttl of an aggregate counts from, before a record
// is added.
func (c *coder) renew(s *ir.State) {
	if !wholeTTL(s) {
		return
	}
	at := c.stateField(s, c.op.stateOf(s).at)
	newer := jen.Op("!").Add(c.handle(s)).Dot("added")
	if s.TTL.After != ir.AfterCreate {
		newer = newer.Op("||").Add(c.op.ttlTime(c, s)).Op(">").Add(at.Clone())
	}
	c.add(jen.If(newer).Block(at.Clone().Op("=").Add(c.op.ttlTime(c, s))))
}

// renewRead is renew for what lives on after it was read.
func (c *coder) renewRead(s *ir.State) {
	if !wholeTTL(s) || s.TTL.After != ir.AfterRead {
		return
	}
	at := c.stateField(s, c.op.stateOf(s).at)
	c.add(jen.If(c.handle(s).Dot("added")).Block(at.Clone().Op("=").Max(at, c.op.ttlTime(c, s))))
}

// checkAccumulated leaves if a statement that changes an aggregate has failed.
func (c *coder) checkAccumulated(s ir.Stmt) {
	if c.g.graph.Effects.StmtFails(s) {
		c.checkFault()
	}
}

// aggMerge merges another accumulator.
func (c *coder) aggMerge(s *ir.AggMerge) {
	list := []ir.Expr{s.Other}
	if s.Place.Key != nil {
		list = append(list, s.Place.Key)
	}
	v := c.checked(list...)
	other := c.temp("other", v[0])
	sum, key, entry := c.accumulated(s.Place, v)
	c.merge(aggregateAt(s.Place), sum, jen.Op("&").Add(other.code))
	c.checkAccumulated(s)
	c.armEntry(s.Place.State, key, entry)
}

// aggResult reads the result of an aggregate, none if nothing was added.
func (c *coder) aggResult(e *ir.AggResult) operand {
	out := c.newVar("result", e.T, nil)
	option := e.T.(*types.Option)
	agg, sum, present := c.resultOf(e)
	acc := c.g.accumulator(agg)
	c.branch(present, func() {
		for i, p := range agg.Parts {
			v := call(sum.Clone().Dot(acc.parts[i]).Dot("result").Call(append(c.partArgs(agg, i), c.here.meta.Clone())...), p.Result.Type)
			c.vars[p.Result] = variable{code: c.temp("part", v).code}
			if c.g.graph.Effects.CanFail(p.Func.Result) {
				c.add(c.g.calledAt(p, c.fault)...)
			}
		}
		ir.Inspect(agg.Result, c.countReads)
		c.into(agg.Result, func(c *coder, v operand) {
			v.t = option.Elem
			c.add(out.value().Op("=").Add(c.some(v, e.T).code))
		})
	}, func() {})
	c.checkAfter(e)
	out.stable = true
	return out
}

// resultOf finds the accumulator whose result is read, and writes whether it
// has one.
func (c *coder) resultOf(e *ir.AggResult) (agg *ir.Aggregate, sum, present *jen.Statement) {
	switch {
	case e.View != nil:
		v := c.checked(e.View)[0]
		if !v.stable || !v.addressable {
			v = c.temp("view", v)
		}
		return e.View.Type().(*types.Aggregate).Of.(*ir.Aggregate), v.code, v.code.Clone().Dot("added")
	case e.Range != nil:
		agg = aggregateAt(e.Place)
		merged := jen.Id(c.names.pick("merged"))
		if e.Place.State.AroundPivot(e.Range) {
			c.foldAround(e, merged)
			return agg, merged, merged.Clone().Dot("added")
		}
		each := jen.Id(c.names.pick("each"))
		span := c.span(e.Place.State, e.Range)
		c.add(
			jen.Var().Add(merged.Clone()).Id(c.g.accumulator(agg).name),
			jen.For(jen.Id("_").Op(",").Add(each).Op(":=").Range().Add(c.operation(e.Place.State, "Range", span))).Block(
				c.block(func() { c.merge(agg, merged, jen.Op("&").Add(each)) })...,
			),
		)
		return agg, merged, merged.Clone().Dot("added")
	case e.Place.Key != nil:
		agg = aggregateAt(e.Place)
		view := jen.Id(c.names.pick("view"))
		key := c.keyOf(e.Place.State, c.checked(e.Place.Key)[0])
		c.add(view.Clone().Op(":=").Add(c.operation(e.Place.State, "View", key)))
		sum = view
		if e.Place.Part >= 0 {
			sum = view.Clone().Dot(c.g.group(e.Place.State).fields[e.Place.Part])
		}
		return agg, sum, view.Clone().Op("!=").Nil().Op("&&").Add(sum.Clone().Dot("added"))
	default:
		c.renewRead(e.Place.State)
		field := c.handle(e.Place.State)
		return aggregateAt(e.Place), field, field.Clone().Dot("added")
	}
}

// changeAggregate writes a statement that changes an aggregate.
func (c *coder) changeAggregate(s ir.Stmt) {
	switch s := s.(type) {
	case *ir.AggAdd:
		c.aggAdd(s)
	case *ir.AggMerge:
		c.aggMerge(s)
	default:
		panic(fmt.Sprintf("codegen: no such statement %T", s))
	}
}
