package codegen

import (
	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
)

// foldAround merges a range of entries around its pivot, so that the map may keep
// what it has merged:
//
//	merged := s.slices.Fold(&c.slices, from, state.Pivot(from, to), to, func(into, v *aggregateN) bool {
//		into.merge(s.f, v, m)
//		return !s.f.Failed()
//	})
func (c *coder) foldAround(e *ir.AggResult, merged *jen.Statement) {
	s := e.Place.State
	agg := aggregateAt(e.Place)
	v := c.checked(e.Range.From, e.Range.To)
	for i, name := range []string{"from", "to"} {
		v[i].t = s.MapKey
		if !v[i].stable || v[i].untyped {
			v[i] = c.temp(name, v[i])
		}
	}
	from, to := c.keyOf(s, v[0]), c.keyOf(s, v[1])
	body := c.block(func() { c.merge(agg, jen.Id("into"), jen.Id("v")) })
	ended := jen.True()
	if c.g.graph.Effects.MergeFails(agg) {
		ended = jen.Op("!").Add(c.fault.Clone()).Dot("Failed").Call()
	}
	merge := jen.Func().Params(jen.List(jen.Id("into"), jen.Id("v")).Op("*").Id(c.g.accumulator(agg).name)).Bool().
		Block(append(body, jen.Return(ended))...)
	pivot := jen.Qual(statePath, "Pivot").Call(from.Clone(), to.Clone())
	c.add(merged.Clone().Op(":=").Add(c.operation(s, "Fold", from, pivot, to, merge)))
}
