package codegen

import (
	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// Sets and maps that are values, not state: a set<K> is a sorted slice, a map<K,
// V> a value.Map. Nothing changes one, so copies share what it holds.

// elementOf returns what a list or set holds.
func elementOf(t types.Type) (elem types.Type, ok bool) {
	switch t := t.(type) {
	case *types.List:
		return t.Elem, true
	case *types.Set:
		return t.Elem, true
	}
	return nil, false
}

// setLit writes value.SetOf(cmp.Compare[int64], 1, 2).
func (c *coder) setLit(e *ir.SetLit) operand {
	if len(e.Elems) == 0 {
		return operand{code: c.g.goType(e.T).Values(), prec: precPrimary, t: e.T, lit: true}
	}
	args := []jen.Code{c.g.compareFunc(e.T.(*types.Set).Elem)}
	return call(jen.Qual(valuePath, "SetOf").Call(append(args, codes(c.values(e.Elems))...)...), e.T)
}

// mapLit writes value.MapOf(strings.Compare, []string{"a"}, []int64{1}).
func (c *coder) mapLit(e *ir.MapLit) operand {
	if len(e.Keys) == 0 {
		return operand{code: c.g.goType(e.T).Values(), prec: precPrimary, t: e.T, lit: true}
	}
	t := e.T.(*types.Map)
	var list []ir.Expr
	for i := range e.Keys {
		list = append(list, e.Keys[i], e.Values[i])
	}
	operands := c.values(list)
	if c.failsAcross(e) {
		for i, o := range operands {
			if !o.stable {
				operands[i] = c.temp("v", o)
			}
		}
	}
	v := codes(operands)
	var keys, values []jen.Code
	for i := 0; i < len(v); i += 2 {
		keys, values = append(keys, v[i]), append(values, v[i+1])
	}
	return call(jen.Qual(valuePath, "MapOf").Call(
		c.g.compareFunc(t.Key),
		jen.Index().Add(c.g.goType(t.Key)).Values(keys...),
		jen.Index().Add(c.g.goType(t.Value)).Values(values...),
	), e.T)
}

// failsAcross reports whether a key can fail after a value that can: then they
// are evaluated one by one, as Go would take all keys first, and of two that fail
// the first is told.
func (c *coder) failsAcross(e *ir.MapLit) bool {
	value := false
	for i, k := range e.Keys {
		if value && c.g.graph.Effects.CanFail(k) {
			return true
		}
		value = value || c.g.graph.Effects.CanFail(e.Values[i])
	}
	return false
}

// lookUp reads the value of a key in a map.
func (c *coder) lookUp(e *ir.Index, t *types.Map) operand {
	v := c.values([]ir.Expr{e.X, e.Index})
	return call(jen.Qual(valuePath, "Find").Call(v[0].value(), v[1].value(), c.g.compareFunc(t.Key)), e.T)
}

// member looks for x among the elements of a set or the keys of a map.
func (c *coder) member(of, x operand) (operand, bool) {
	var keys *jen.Statement
	var key types.Type
	switch t := of.t.(type) {
	case *types.Set:
		keys, key = of.value(), t.Elem
	case *types.Map:
		keys, key = of.base().Dot("Keys"), t.Key
	default:
		return operand{}, false
	}
	return call(jen.Qual(valuePath, "Has").Call(keys, x.value(), c.g.compareFunc(key)), types.Of(types.Bool)), true
}

// forMap writes a loop over the entries of a map, in the order of their keys.
func (c *coder) forMap(s *ir.For) {
	m := c.expr(s.X)
	if !m.stable {
		m = c.temp("entries", m)
	}
	c.checkAfter(s.X)
	index, key := "_", "_"
	if c.reads[s.Key] > 0 || s.Key.Var {
		key = c.names.pick(unexported(s.Key.Name))
		c.vars[s.Key] = variable{code: jen.Id(key)}
	}
	read := c.reads[s.Value] > 0 || s.Value.Var
	if read {
		index = c.names.pick("i")
	}
	body, label := c.loop(func() {
		if key != "_" {
			c.loopVar(key)
		}
		if read {
			t := m.t.(*types.Map).Value
			v := operand{code: m.base().Dot("Values").Index(jen.Id(index)), prec: precPrimary, t: t, stable: true, addressable: true}
			c.bindTo(s.Value, v)
			c.loopVar(index)
		}
		c.stmts(s.Body)
	})
	head := jen.Range().Add(m.base()).Dot("Keys")
	switch {
	case key != "_":
		head = jen.List(jen.Id(index), jen.Id(key)).Op(":=").Add(head)
	case index != "_":
		head = jen.Id(index).Op(":=").Add(head)
	}
	c.add(label, jen.For(head).Block(body...))
}

// valueBuiltins are the built-in properties of sets and maps.
func valueBuiltins() map[string]builtinCode {
	part := func(name string) builtinCode {
		return func(_ *coder, e *ir.Builtin, v []operand) operand {
			return operand{code: v[0].base().Dot(name), prec: precPrimary, t: e.T, stable: v[0].stable, addressable: v[0].addressable}
		}
	}
	return map[string]builtinCode{
		"set.len": length,
		"set.values": func(_ *coder, e *ir.Builtin, v []operand) operand {
			v[0].t = e.T
			return v[0]
		},
		"map.len": func(_ *coder, e *ir.Builtin, v []operand) operand {
			return call(jen.Int64().Call(jen.Len(v[0].base().Dot("Keys"))), e.T)
		},
		"map.keys":   part("Keys"),
		"map.values": part("Values"),
	}
}

// equalSlices writes the comparison of two slices.
func (h *helperSet) equalSlices(g *generator, elem types.Type, a, b *jen.Statement) *jen.Statement {
	if comparable(elem) {
		return jen.Qual("slices", "Equal").Call(a, b)
	}
	return jen.Qual("slices", "EqualFunc").Call(a, b, h.equal(g, elem))
}

// cloneSlice writes statements that put a copy in the place of a slice, with the
// text of its elements in memory of its own.
func (c *coder) cloneSlice(place *jen.Statement, elem types.Type) {
	c.add(place.Clone().Op("=").Qual("slices", "Clone").Call(place.Clone()))
	if hasText(elem) {
		item := operand{code: place.Clone().Index(jen.Id("i")), prec: precPrimary, t: elem, addressable: true}
		c.add(jen.For(jen.Id("i").Op(":=").Range().Add(place.Clone())).Block(item.value().Op("=").Add(c.g.clone(c, item))))
	}
}

// ownSlice is cloneSlice for an arena; in is the place as it is indexed.
func (g *generator) ownSlice(place, in *jen.Statement, elem types.Type) []jen.Code {
	body := []jen.Code{place.Clone().Op("=").Qual("slices", "Clone").Call(place.Clone())}
	if hasText(elem) {
		body = append(body, jen.For(jen.Id("i").Op(":=").Range().Add(place.Clone())).
			Block(g.own(in.Clone().Index(jen.Id("i")), elem)...))
	}
	return body
}

// readFunc writes a function that reads a value of type t from JSON.
func (g *generator) readFunc(t types.Type) *jen.Statement {
	switch t := t.(type) {
	case *types.Basic:
		return jen.Parens(jen.Op("*").Qual(wirePath, "Dec")).Dot(decoders[t.Kind])
	case *types.Enum:
		return jen.Id(g.enumReader(t))
	case *types.List:
		return jen.Id(g.listReader(t))
	}
	body := append(g.readInto(jen.Id("v"), t, false), jen.Return(jen.Id("v")))
	return jen.Func().Params(jen.Id("d").Op("*").Qual(wirePath, "Dec")).
		Params(jen.Id("v").Add(g.goType(t))).Block(body...)
}

// readMap reads a map: an object if its keys are strings, else a list of pairs.
func (g *generator) readMap(t *types.Map) *jen.Statement {
	if types.Is(t.Key, types.String) {
		return jen.Qual(wirePath, "ReadMap").Call(jen.Id("d"), g.readFunc(t.Value))
	}
	return jen.Qual(wirePath, "ReadPairs").Call(jen.Id("d"), g.readFunc(t.Key), g.readFunc(t.Value), g.compareFunc(t.Key))
}

// mapping writes a map as JSON.
func (w *jsonWriter) mapping(t *types.Map, v operand, at source.Pos) {
	object := types.Is(t.Key, types.String)
	open, closing := "[", "]"
	if object {
		open, closing = "{", "}"
	}
	w.text(open)
	w.flush()
	i, key := w.loopNames()
	part := func(code *jen.Statement, t types.Type) operand {
		return operand{code: code, prec: precPrimary, t: t, stable: true, addressable: true}
	}
	inner := w.inner(1)
	inner.comma(i)
	if !object {
		inner.text("[")
	}
	inner.value(part(jen.Id(key), t.Key), at)
	if object {
		inner.text(":")
	} else {
		inner.text(",")
	}
	inner.value(part(v.base().Dot("Values").Index(jen.Id(i)), t.Value), at)
	if !object {
		inner.text("]")
	}
	inner.flush()
	w.out = append(w.out, jen.For(jen.List(jen.Id(i), jen.Id(key)).Op(":=").Range().Add(v.base().Dot("Keys"))).Block(inner.out...))
	w.text(closing)
}
