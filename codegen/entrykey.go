package codegen

import (
	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// Keys that Go cannot compare, bytes and records with bytes, are held as text:
// as the same bytes, or in the canonical encoding, which sorts as they do.

// textEntry reports whether the keys of a collection are held as text.
func textEntry(t types.Type) bool { return !comparable(t) }

// entryType is the Go type of the keys of a collection.
func (g *generator) entryType(t types.Type) *jen.Statement {
	if textEntry(t) {
		return jen.String()
	}
	return g.goType(t)
}

// entryKey writes a key as a collection holds it.
func (g *generator) entryKey(key operand) *jen.Statement {
	switch {
	case !textEntry(key.t):
		return key.value()
	case types.Is(key.t, types.Bytes):
		return jen.String().Call(key.value())
	default:
		return g.helpers.keyOf(g, key.t).Call(key.value())
	}
}

// fromEntryKey writes the key of type t that a collection holds as code.
func (g *generator) fromEntryKey(t types.Type, code *jen.Statement) *jen.Statement {
	switch {
	case !textEntry(t):
		return code
	case types.Is(t, types.Bytes):
		return jen.Index().Byte().Call(code)
	default:
		return g.helpers.keyFrom(g, t).Call(code)
	}
}

// keyOf writes a key of a collection that has been evaluated.
func (c *coder) keyOf(s *ir.State, v operand) *jen.Statement {
	v.t, _ = c.g.entryTypes(s)
	if v.untyped && !textEntry(v.t) {
		return v.typed(c.g)
	}
	return c.g.entryKey(v)
}

// orderOf writes the order of keys of a type, which says how to copy them if
// they may be views.
func (g *generator) orderOf(t types.Type) *jen.Statement {
	if textEntry(t) {
		return jen.Qual(statePath, "Ordered").Types(jen.String()).Call()
	}
	var order *jen.Statement
	if isOrdered(t) {
		order = jen.Qual(statePath, "Ordered").Types(g.goType(t)).Call()
	} else {
		order = jen.Qual(statePath, "OrderedBy").Call(g.compareFunc(t))
	}
	if hasText(t) {
		order = order.Dot("Owning").Call(g.cloneFunc(t))
	}
	return order
}

// cloneFunc writes a function that copies a value that may be a view.
func (g *generator) cloneFunc(t types.Type) *jen.Statement {
	switch kindOf(t) {
	case types.String:
		return jen.Qual("strings", "Clone")
	case types.Bytes:
		return jen.Qual("bytes", "Clone")
	default:
		return g.helpers.clone(g, t)
	}
}
