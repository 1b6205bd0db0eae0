package codegen

import (
	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/types"
)

// isOrdered reports whether Go's < orders values of t as Flow does.
func isOrdered(t types.Type) bool {
	if _, enum := t.(*types.Enum); enum {
		return true
	}
	switch kindOf(t) {
	case types.Int, types.Int32, types.String, types.Timestamp, types.Duration, types.Date:
		return true
	}
	return false
}

// compareFunc writes a function that compares two keys of a type.
func (g *generator) compareFunc(t types.Type) *jen.Statement {
	if _, record := t.(*types.Record); record || kindOf(t) == types.Bool {
		return g.helpers.compare(g, t)
	}
	if isDecimal(t) {
		return jen.Qual(valuePath, "Decimal").Dot("Compare")
	}
	if _, enum := t.(*types.Enum); enum {
		return jen.Qual("cmp", "Compare").Types(g.goType(t))
	}
	switch kindOf(t) {
	case types.Bytes:
		return jen.Qual("bytes", "Compare")
	case types.UUID:
		return jen.Qual(valuePath, "UUID").Dot("Compare")
	case types.String:
		return jen.Qual("strings", "Compare")
	default:
		return jen.Qual("cmp", "Compare").Types(goScalar(t))
	}
}

// compare returns the function that compares two keys: of records field by
// field, and false comes before true.
func (h *helperSet) compare(g *generator, t types.Type) *jen.Statement {
	want := "compare" + g.typeWord(t)
	return jen.Id(h.named(g, "compare "+g.typeKey(t), want, func(name string) {
		var body []jen.Code
		a, b := jen.Id("a"), jen.Id("b")
		if r, ok := t.(*types.Record); ok {
			for i, f := range r.Fields {
				field := g.record(r).fields[i]
				body = append(body, jen.If(
					jen.Id("c").Op(":=").Add(g.compareCall(f.Type, a.Clone().Dot(field), b.Clone().Dot(field))),
					jen.Id("c").Op("!=").Lit(0),
				).Block(jen.Return(jen.Id("c"))))
			}
			body = append(body, jen.Return(jen.Lit(0)))
		} else {
			key := func(v *jen.Statement) *jen.Statement { return jen.Qual(valuePath, "BoolKey").Call(v) }
			body = append(body, jen.Return(jen.Qual("cmp", "Compare").Call(key(a), key(b))))
		}
		g.functions.add(comment("%s compares two keys.", name).
			Func().Id(name).Params(jen.List(jen.Id("a"), jen.Id("b")).Add(g.goType(t))).Int().Block(body...))
	}))
}

// compareCall compares two values of a type.
func (g *generator) compareCall(t types.Type, a, b *jen.Statement) *jen.Statement {
	if isOrdered(t) && kindOf(t) != types.String {
		return jen.Qual("cmp", "Compare").Call(a, b)
	}
	return g.compareFunc(t).Call(a, b)
}
