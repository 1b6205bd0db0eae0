package codegen

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// helperSet holds the functions and variables that are written once, when
// something needs them first.
type helperSet struct {
	names map[string]string // by what they do
}

func newHelperSet() *helperSet { return &helperSet{names: map[string]string{}} }

// named returns the name of the helper that does what key says. The first time
// it gives the name want, if that is free, and calls write to declare it.
func (h *helperSet) named(g *generator, key, want string, write func(name string)) string {
	if name, ok := h.names[key]; ok {
		return name
	}
	name := g.names.pick(want)
	h.names[key] = name
	write(name)
	return name
}

// equal returns the function that compares values that Go cannot.
func (h *helperSet) equal(g *generator, t types.Type) *jen.Statement {
	if types.Is(t, types.Bytes) {
		return jen.Qual("bytes", "Equal")
	}
	want := "equal" + g.typeWord(t)
	return jen.Id(h.named(g, "equal "+g.typeKey(t), want, func(name string) {
		c := g.newCoder("a", "b")
		a := operand{code: jen.Id("a"), prec: precPrimary, t: t, stable: true, addressable: true}
		b := operand{code: jen.Id("b"), prec: precPrimary, t: t, stable: true, addressable: true}
		switch t := t.(type) {
		case *types.Option:
			both := c.equal(held(a), held(b))
			c.add(jen.Return(jen.Id("a").Dot("OK").Op("==").Id("b").Dot("OK").Op("&&").
				Parens(jen.Op("!").Id("a").Dot("OK").Op("||").Add(both.in(precAnd)))))
		case *types.List, *types.Set:
			elem, _ := elementOf(t)
			c.add(jen.Return(h.equalSlices(g, elem, jen.Id("a"), jen.Id("b"))))
		case *types.Map:
			c.add(jen.Return(h.equalSlices(g, t.Key, a.base().Dot("Keys"), b.base().Dot("Keys")).Op("&&").Line().
				Add(h.equalSlices(g, t.Value, a.base().Dot("Values"), b.base().Dot("Values")))))
		case *types.Union:
			c.add(jen.Return(c.equalUnions(t, a, b)))
		case *types.Record:
			c.add(jen.Return(c.equalFields(t, a, b)))
		default:
			panic(fmt.Sprintf("codegen: no comparison of %s", t))
		}
		g.functions.add(comment("%s reports whether two values are equal.", name).
			Func().Id(name).Params(jen.List(jen.Id("a"), jen.Id("b")).Add(g.goType(t))).Bool().Block(c.body()...))
	}))
}

// equalFields compares two records field by field.
func (c *coder) equalFields(r *types.Record, a, b operand) *jen.Statement {
	names := c.g.record(r).fields
	var all *jen.Statement
	for i, f := range r.Fields {
		x, y := a, b
		x.code, y.code, x.t, y.t = a.base().Dot(names[i]), b.base().Dot(names[i]), f.Type, f.Type
		same := c.equal(x, y).in(precAnd)
		if all == nil {
			all = same
		} else {
			all = all.Op("&&").Line().Add(same)
		}
	}
	return all
}

// regexp returns the variable with a compiled regular expression, which the
// checker has seen to be one.
func (h *helperSet) regexp(g *generator, e ir.Expr) *jen.Statement {
	pattern := e.(*ir.StringConst).Value
	return jen.Id(h.named(g, "regexp "+pattern, "pattern", func(name string) {
		g.functions.add(jen.Var().Id(name).Op("=").Qual("regexp", "MustCompile").Call(jen.Lit(pattern)))
	}))
}

// clone returns the function that copies the text of a value.
func (h *helperSet) clone(g *generator, t types.Type) *jen.Statement {
	want := "clone" + g.typeWord(t)
	return jen.Id(h.named(g, "clone "+g.typeKey(t), want, func(name string) {
		c := g.newCoder("v", "i")
		v := operand{code: jen.Id("v"), prec: precPrimary, t: t, stable: true, addressable: true}
		switch t := t.(type) {
		case *types.Option:
			c.add(jen.Id("v").Dot("V").Op("=").Add(g.clone(c, held(v))))
		case *types.List, *types.Set:
			elem, _ := elementOf(t)
			c.cloneSlice(jen.Id("v"), elem)
		case *types.Map:
			c.cloneSlice(jen.Id("v").Dot("Keys"), t.Key)
			c.cloneSlice(jen.Id("v").Dot("Values"), t.Value)
		case *types.Union:
			c.add(g.members(t, jen.Id("v"), func(_ int, field operand) []jen.Code {
				if !hasText(field.t) {
					return nil
				}
				return []jen.Code{field.value().Op("=").Add(g.clone(c, field))}
			}))
		case *types.Record:
			c.cloneFields(t)
		default:
			panic(fmt.Sprintf("codegen: no copy of %s", t))
		}
		g.functions.add(comment("%s copies the text of a value into memory of its own.", name).
			Func().Id(name).Params(jen.Id("v").Add(g.goType(t))).Add(g.goType(t)).Block(append(c.body(), jen.Return(jen.Id("v")))...))
	}))
}

// cloneFields writes statements that copy the text of the fields of v, that of
// strings together.
func (c *coder) cloneFields(t *types.Record) {
	names := c.g.record(t).fields
	var texts []jen.Code
	var fields []operand
	for i, f := range t.Fields {
		if !hasText(f.Type) || !c.g.graph.Uses.Held(t, i) {
			continue
		}
		field := operand{code: jen.Id("v").Dot(names[i]), prec: precPrimary, t: f.Type, addressable: true}
		if kindOf(f.Type) == types.String {
			texts = append(texts, jen.Op("&").Add(field.code.Clone()))
		}
		fields = append(fields, field)
	}
	if len(texts) > 1 {
		c.add(jen.Qual(valuePath, "CloneTexts").Call(texts...))
	}
	for _, field := range fields {
		if len(texts) < 2 || kindOf(field.t) != types.String {
			c.add(field.value().Op("=").Add(c.g.clone(c, field)))
		}
	}
}

// ownFunc returns the function that copies the text of what travels over an
// edge into the batch's arena, nil if it has none.
func (g *generator) ownFunc(e *edgeCode) jen.Code {
	in := e.edge.Input()
	if e.pair == "" {
		if !hasText(in.Elem) {
			return jen.Nil()
		}
		return g.helpers.own(g, in.Elem)
	}
	if !hasText(in.Elem) && !hasText(e.edge.KeyOf()) {
		return jen.Nil()
	}
	name := g.names.pick("own" + exported(e.pair))
	var body []jen.Code
	for _, part := range e.parts() {
		body = append(body, g.own(jen.Id("r").Dot(part.field), part.t)...)
	}
	g.functions.add(ownDecl(name, jen.Id(e.pair), body))
	return jen.Id(name)
}

func ownDecl(name string, t jen.Code, body []jen.Code) jen.Code {
	return comment("%s copies the text of a record into an arena.", name).
		Func().Id(name).Params(jen.Id("r").Op("*").Add(t), jen.Id("a").Op("*").Qual(rtPath, "Arena")).Block(body...)
}

// own returns the function that copies the text of a value into an arena.
func (h *helperSet) own(g *generator, t types.Type) *jen.Statement {
	want := "own" + g.typeWord(t)
	return jen.Id(h.named(g, "own "+g.typeKey(t), want, func(name string) {
		var body []jen.Code
		switch t := t.(type) {
		case *types.Record:
			names := g.record(t).fields
			for i, f := range t.Fields {
				if !g.graph.Uses.Held(t, i) {
					continue
				}
				body = append(body, g.own(jen.Id("r").Dot(names[i]), f.Type)...)
			}
		case *types.List, *types.Set:
			elem, _ := elementOf(t)
			body = g.ownSlice(jen.Op("*").Id("r"), jen.Parens(jen.Op("*").Id("r")), elem)
		case *types.Map:
			keys, values := jen.Id("r").Dot("Keys"), jen.Id("r").Dot("Values")
			body = append(g.ownSlice(keys, keys, t.Key), g.ownSlice(values, values, t.Value)...)
		case *types.Union:
			body = []jen.Code{g.members(t, jen.Id("r"), func(_ int, field operand) []jen.Code { return g.own(field.code, field.t) })}
		default:
			panic(fmt.Sprintf("codegen: no copy of %s", t))
		}
		g.functions.add(ownDecl(name, g.goType(t), body))
	}))
}

// own writes statements that replace the text in place by a copy in the arena a.
func (g *generator) own(place *jen.Statement, t types.Type) []jen.Code {
	if !hasText(t) {
		return nil
	}
	switch t := t.(type) {
	case *types.Basic:
		switch t.Kind {
		case types.Bytes:
			return []jen.Code{place.Clone().Op("=").Id("a").Dot("Bytes").Call(place)}
		case types.JSON:
			text := jen.Id("a").Dot("String").Call(jen.String().Call(place))
			return []jen.Code{place.Clone().Op("=").Qual(valuePath, "JSON").Call(text)}
		default:
			return []jen.Code{place.Clone().Op("=").Id("a").Dot("String").Call(place)}
		}
	case *types.Option:
		return g.own(place.Clone().Dot("V"), t.Elem)
	default:
		return []jen.Code{g.helpers.own(g, t).Call(jen.Op("&").Add(place), jen.Id("a"))}
	}
}

// keyOf returns the function that writes the canonical encoding of a key: its
// bytes sort as the keys do.
func (h *helperSet) keyOf(g *generator, t types.Type) *jen.Statement {
	want := "encode" + g.typeWord(t) + "Key"
	return jen.Id(h.named(g, "encode "+g.typeKey(t), want, func(name string) {
		body := []jen.Code{jen.Id("b").Op(":=").Make(jen.Index().Byte(), jen.Lit(0), jen.Lit(32))}
		body = append(body, g.appendKey(jen.Id("key"), t)...)
		g.functions.add(comment("%s writes a key so that the bytes sort as the keys do.", name).
			Func().Id(name).Params(jen.Id("key").Add(g.goType(t))).String().
			Block(append(body, jen.Return(jen.String().Call(jen.Id("b"))))...))
	}))
}

// appendKey writes statements that append a key to b.
func (g *generator) appendKey(key *jen.Statement, t types.Type) []jen.Code {
	add := func(name string, v *jen.Statement) []jen.Code {
		return []jen.Code{jen.Id("b").Op("=").Qual(valuePath, name).Call(jen.Id("b"), v)}
	}
	if r, ok := t.(*types.Record); ok {
		var list []jen.Code
		for i, f := range r.Fields {
			list = append(list, g.appendKey(key.Clone().Dot(g.record(r).fields[i]), f.Type)...)
		}
		return list
	}
	if isDecimal(t) {
		return add("AppendDecimalKey", key)
	}
	switch kindOf(t) {
	case types.String:
		return add("AppendStringKey", key)
	case types.Bytes:
		return add("AppendStringKey", jen.String().Call(key))
	case types.UUID:
		return []jen.Code{jen.Id("b").Op("=").Append(jen.Id("b"), key.Clone().Index(jen.Op(":")).Op("..."))}
	case types.Bool:
		return add("AppendIntKey", jen.Qual(valuePath, "BoolKey").Call(key))
	case types.Int:
		return add("AppendIntKey", key)
	default:
		return add("AppendIntKey", jen.Int64().Call(key))
	}
}

// keyFrom returns the function that reads an encoded key back.
func (h *helperSet) keyFrom(g *generator, t types.Type) *jen.Statement {
	want := "decode" + g.typeWord(t) + "Key"
	return jen.Id(h.named(g, "decode "+g.typeKey(t), want, func(name string) {
		body := append(g.takeKey(jen.Id("key"), t), jen.Return(jen.Id("key")))
		g.functions.add(comment("%s reads back what the encoding of a key holds.", name).
			Func().Id(name).Params(jen.Id("b").String()).Params(jen.Id("key").Add(g.goType(t))).Block(body...))
	}))
}

// takeKey writes statements that read a key off the beginning of b.
func (g *generator) takeKey(key *jen.Statement, t types.Type) []jen.Code {
	if r, ok := t.(*types.Record); ok {
		var list []jen.Code
		for i, f := range r.Fields {
			list = append(list, g.takeKey(key.Clone().Dot(g.record(r).fields[i]), f.Type)...)
		}
		return list
	}
	take := func(name string, convert func(*jen.Statement) *jen.Statement) []jen.Code {
		return []jen.Code{jen.Block(
			jen.List(jen.Id("v"), jen.Id("rest")).Op(":=").Qual(valuePath, name).Call(jen.Id("b")),
			jen.List(key.Clone(), jen.Id("b")).Op("=").List(convert(jen.Id("v")), jen.Id("rest")),
		)}
	}
	same := func(v *jen.Statement) *jen.Statement { return v }
	if isDecimal(t) {
		return take("TakeDecimalKey", same)
	}
	switch kindOf(t) {
	case types.String:
		return take("TakeStringKey", same)
	case types.Bytes:
		return take("TakeStringKey", func(v *jen.Statement) *jen.Statement { return jen.Index().Byte().Call(v) })
	case types.UUID:
		return []jen.Code{jen.Id("b").Op("=").Id("b").Index(jen.Copy(key.Clone().Index(jen.Op(":")), jen.Id("b")).Op(":"))}
	case types.Bool:
		return take("TakeIntKey", func(v *jen.Statement) *jen.Statement { return v.Op("!=").Lit(0) })
	case types.Int:
		return take("TakeIntKey", same)
	default:
		return take("TakeIntKey", func(v *jen.Statement) *jen.Statement { return g.goType(t).Call(v) })
	}
}
