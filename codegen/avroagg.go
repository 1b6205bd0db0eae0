package codegen

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
)

// packAccumulator writes the function for what an aggregate has folded: a record
// of its parts, each of which is one of the states of its function.
func (g *generator) packAccumulator(a *ir.Aggregate) *jen.Statement {
	acc := g.accumulator(a)
	return jen.Id(g.helpers.named(g, "pack accumulator "+acc.name, "pack"+exported(acc.name), func(name string) {
		var body []jen.Code
		for i, p := range a.Parts {
			body = append(body, jen.Id("b").Op("=").Add(g.packFunc(p.Func)).Call(jen.Id("b"), jen.Id("v").Dot(acc.parts[i])))
		}
		g.declarePack(name, jen.Id(acc.name), append(body, jen.Return(jen.Id("b"))))
	}))
}

func (g *generator) unpackAccumulator(a *ir.Aggregate) *jen.Statement {
	acc := g.accumulator(a)
	return jen.Id(g.helpers.named(g, "unpack accumulator "+acc.name, "unpack"+exported(acc.name), func(name string) {
		body := []jen.Code{jen.Id("v").Dot("added").Op("=").True()}
		for i, p := range a.Parts {
			body = append(body, jen.Id("v").Dot(acc.parts[i]).Op("=").Add(g.unpackFunc(p.Func)).Call(jen.Id("r")))
		}
		g.declareUnpack(name, jen.Id(acc.name), append(body, jen.Return(jen.Id("v"))))
	}))
}

// packFunc writes the function for the states of an aggregate function.
func (g *generator) packFunc(fn *ir.AggFunc) *jen.Statement {
	code := g.aggFunc(fn)
	return jen.Id(g.helpers.named(g, "pack function "+code.name, "pack"+exported(code.name), func(name string) {
		var body []jen.Code
		for _, s := range code.step.keyed.states {
			body = append(body, g.packState(&s)...)
		}
		g.declarePack(name, jen.Id(code.name), append(body, jen.Return(jen.Id("b"))))
	}))
}

// packState appends one state of an aggregate function: a value without initial
// value as an option, a collection as one value.
func (g *generator) packState(s *stateCode) []jen.Code {
	field := jen.Id("v").Dot(s.value)
	appended := func(path, name string, args ...jen.Code) []jen.Code {
		return []jen.Code{jen.Id("b").Op("=").Qual(path, name).Call(append([]jen.Code{jen.Id("b")}, args...)...)}
	}
	switch st := s.state; st.Kind {
	case ir.ValueState:
		has := jen.Id("v").Dot(s.has)
		switch {
		case st.Init == nil:
			return []jen.Code{g.packOptional(has, g.pack(st.Elem), field)}
		case isZero(st.Init):
			return []jen.Code{g.packed(st.Elem, field)}
		}
		c := g.newCoder("b", "v")
		initial := c.expr(st.Init)
		c.add(field.Clone().Op("=").Add(initial.value()))
		return []jen.Code{jen.If(jen.Op("!").Add(has)).Block(c.body()...), g.packed(st.Elem, field)}
	case ir.ListState:
		return appended(avroPath, "AppendList", field.Dot("Items").Call(), g.pack(st.Elem))
	case ir.SetState:
		return appended(statePath, "AppendMap", jen.Op("&").Add(field), g.orderOf(st.Elem), g.packEntryKey(st.Elem), jen.Nil())
	case ir.MapState, ir.SortedState:
		return appended(statePath, "AppendMap", jen.Op("&").Add(field), g.orderOf(st.MapKey), g.packEntryKey(st.MapKey), g.packEntry(st))
	default:
		panic(fmt.Sprintf("codegen: no Avro of a state of kind %s in an aggregate", st.Kind))
	}
}

func (g *generator) unpackFunc(fn *ir.AggFunc) *jen.Statement {
	code := g.aggFunc(fn)
	return jen.Id(g.helpers.named(g, "unpack function "+code.name, "unpack"+exported(code.name), func(name string) {
		var body []jen.Code
		for _, s := range code.step.keyed.states {
			body = append(body, g.unpackState(&s)...)
		}
		g.declareUnpack(name, jen.Id(code.name), append(body, jen.Return(jen.Id("v"))))
	}))
}

func (g *generator) unpackState(s *stateCode) []jen.Code {
	field, r := jen.Id("v").Dot(s.value), jen.Id("r")
	switch st := s.state; st.Kind {
	case ir.ValueState:
		read := jen.List(field, jen.Id("v").Dot(s.has)).Op("=").List(g.unpacked(st.Elem, r), jen.True())
		if st.Init == nil {
			return []jen.Code{jen.If(jen.Id("r").Dot("Some").Call()).Block(read)}
		}
		return []jen.Code{read}
	case ir.ListState:
		return []jen.Code{field.Op("=").Qual(statePath, "ListOf").Call(jen.Qual(avroPath, "ReadList").Call(r, jen.Lit(leastBytes(st.Elem)), g.unpack(st.Elem)))}
	case ir.SetState:
		return []jen.Code{field.Op("=").Qual(statePath, "ReadMap").Types(g.collectionTypes(st)...).Call(
			r, jen.Lit(leastBytes(st.Elem)), g.orderOf(st.Elem), g.unpackEntryKey(st.Elem), jen.Nil())}
	case ir.MapState, ir.SortedState:
		return []jen.Code{field.Op("=").Qual(statePath, "ReadMap").Call(
			r, jen.Lit(leastBytes(st.MapKey)+leastBytes(st.Value)), g.orderOf(st.MapKey), g.unpackEntryKey(st.MapKey), g.unpackEntry(st))}
	default:
		panic(fmt.Sprintf("codegen: no Avro of a state of kind %s in an aggregate", st.Kind))
	}
}
