package codegen

import (
	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
)

// Sets and maps inside aggregates are handles in the accumulator, as those of a
// key are in its cell. What does the operations on them belongs to the step, as
// changes go through its journal, and comes to the methods of an aggregate as
// their parameter s:
//
//	// countDistinctIntOps does the operations on the collections in countDistinctInt.
//	type countDistinctIntOps struct {
//		seen *state.Maps[int64, struct{}]
//	}
//
// A view of an accumulator is a copy that shares them, so they are held.

// declareFuncOps declares the type with the operations of an aggregate function.
func (g *generator) declareFuncOps(a *aggFunc) {
	var fields []jen.Code
	for _, s := range a.step.keyed.states {
		if s.ops != "" {
			_, ops := g.collectionNames(s.state)
			fields = append(fields, jen.Id(s.ops).Op("*").Qual(statePath, ops).Types(g.collectionTypes(s.state)...))
		}
	}
	if len(fields) == 0 {
		return
	}
	a.ops = g.names.pick(a.name + "Ops")
	g.operators.add(comment("%s does the operations on the collections in %s.", a.ops, a.name).Type().Id(a.ops).Struct(fields...))
}

// declareOps declares the type with the operations of an aggregate, which are
// those of its parts, and the method that holds the collections in a copy.
func (g *generator) declareOps(acc *accumulator) {
	var fields, holds []jen.Code
	for i, p := range acc.agg.Parts {
		fn := g.aggFunc(p.Func)
		if fn.ops == "" {
			continue
		}
		fields = append(fields, jen.Id(acc.parts[i]).Id(fn.ops))
		for _, s := range fn.step.keyed.states {
			if s.ops != "" {
				holds = append(holds, self(acc.parts[i]).Dot(s.ops).Dot("Hold").Call(jen.Op("&").Id("a").Dot(acc.parts[i]).Dot(s.value)))
			}
		}
	}
	if len(fields) == 0 {
		return
	}
	acc.ops = g.names.pick(acc.name + "Ops")
	g.operators.add(
		comment("%s does the operations on the collections in %s.", acc.ops, acc.name).Type().Id(acc.ops).Struct(fields...),
		comment("hold keeps the collections in a copy as they are until the handler ends.").
			Func().Params(jen.Id(receiver).Op("*").Id(acc.ops)).Id("hold").Params(jen.Id("a").Op("*").Id(acc.name)).Block(holds...),
	)
}

// opsParams lists the parameters of a method of an aggregate: the fault, the
// operations if it has any, what is its own, and the cause.
func opsParams(ops string, own ...jen.Code) []jen.Code {
	list := []jen.Code{jen.Id("f").Op("*").Qual(valuePath, "Fault")}
	if ops != "" {
		list = append(list, jen.Id(receiver).Op("*").Id(ops))
	}
	return append(append(list, own...), jen.Id("m").Qual(rtPath, "Meta"))
}

// aggregatesIn lists what a state accumulates.
func aggregatesIn(s *ir.State) []*ir.Aggregate {
	if s.Group == nil {
		if s.Agg == nil {
			return nil
		}
		return []*ir.Aggregate{s.Agg}
	}
	var list []*ir.Aggregate
	for _, p := range s.Group.Parts {
		if p.Agg != nil {
			list = append(list, p.Agg)
		}
	}
	return list
}

// addOps adds the fields with the operations on collections inside the
// aggregates of a state.
func (n *stepCode) addOps(s *ir.State) {
	for _, a := range aggregatesIn(s) {
		acc := n.g.accumulator(a)
		if acc.ops == "" || n.aggOps[a] != "" {
			continue
		}
		n.needJournal()
		if n.aggOps == nil {
			n.aggOps = map[*ir.Aggregate]string{}
		}
		n.aggOps[a] = n.field(acc.ops, jen.Id(acc.ops), func(w *wiring) jen.Code { return n.newOps(w, acc) })
	}
}

// newOps makes the operations of an aggregate.
func (n *stepCode) newOps(w *wiring, acc *accumulator) jen.Code {
	var parts []jen.Code
	for i, p := range acc.agg.Parts {
		fn := n.g.aggFunc(p.Func)
		if fn.ops == "" {
			continue
		}
		var fields []jen.Code
		for _, s := range fn.step.keyed.states {
			if s.ops == "" {
				continue
			}
			_, ops := n.g.collectionNames(s.state)
			key, _ := n.g.entryTypes(s.state)
			fields = append(fields, jen.Id(s.ops).Op(":").Qual(statePath, "New"+ops).Types(n.g.collectionTypes(s.state)...).
				Call(jen.Id(w.journal), n.g.orderOf(key)))
		}
		parts = append(parts, jen.Id(acc.parts[i]).Op(":").Id(fn.ops).Values(fields...))
	}
	return jen.Id(acc.ops).Values(parts...)
}

// partArgs lists what a method of part i of an aggregate is called with first.
func (c *coder) partArgs(agg *ir.Aggregate, i int) []jen.Code {
	args := []jen.Code{c.faultOrNil()}
	if c.g.aggFunc(agg.Parts[i].Func).ops != "" {
		args = append(args, jen.Op("&").Add(self(c.op.aggOps[agg])).Dot(c.g.accumulator(agg).parts[i]))
	}
	return args
}

// faultOrNil is the fault for a method that takes one in any case: nil in a step
// where nothing can fail, and so the method does not either.
func (c *coder) faultOrNil() *jen.Statement {
	if c.fault == nil {
		return jen.Nil()
	}
	return c.fault.Clone()
}

// merge merges the accumulator that other points at into sum.
func (c *coder) merge(agg *ir.Aggregate, sum, other *jen.Statement) {
	args := []jen.Code{c.faultOrNil()}
	if field := c.op.aggOps[agg]; field != "" {
		args = append(args, jen.Op("&").Add(self(field)))
	}
	c.add(sum.Clone().Dot("merge").Call(append(args, other.Clone(), c.here.meta.Clone())...))
}

// holds reports whether views of entries of s share collections with them.
func (c *coder) holds(s *ir.State) bool {
	for _, a := range aggregatesIn(s) {
		if c.op.aggOps[a] != "" {
			return true
		}
	}
	return false
}

// holdParts writes the statements that hold the collections in an entry of s,
// which can be addressed, for a view of it.
func (c *coder) holdParts(s *ir.State, entry *jen.Statement) []jen.Code {
	var list []jen.Code
	hold := func(a *ir.Aggregate, part *jen.Statement) {
		if field := c.op.aggOps[a]; field != "" {
			list = append(list, self(field).Dot("hold").Call(jen.Op("&").Add(part)))
		}
	}
	switch {
	case s.Group != nil:
		for i, p := range s.Group.Parts {
			if p.Agg != nil {
				hold(p.Agg, entry.Clone().Dot(c.g.group(s).fields[i]))
			}
		}
	case s.Agg != nil:
		hold(s.Agg, entry.Clone())
	}
	return list
}
