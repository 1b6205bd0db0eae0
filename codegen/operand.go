package codegen

import (
	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// Go's precedences of operators, from loosest to tightest.
const (
	precOr = iota + 1
	precAnd
	precCompare
	precAdd
	precMul
	precUnary
	precPrimary
)

// operand is Go code for a value.
type operand struct {
	code *jen.Statement
	prec int
	t    types.Type
	// untyped says that code is a constant that takes its type from where it
	// stands.
	untyped bool
	// stable says that evaluating it earlier, later or twice gives the same and
	// costs nothing: a constant or a variable that is not assigned.
	stable bool
	// addressable says that & may be put before it.
	addressable bool
	// pointer says that code is a pointer to the value.
	pointer bool
	// lit says that code is a composite literal, which needs parentheses in the
	// head of a statement.
	lit bool
	// tests are the operands of a chain of && or ||.
	tests map[ir.Op][]test
	// against is what a comparison by == or != compares, on its left.
	against string
}

// test is an operand of a chain of && or ||.
type test struct{ text, against string }

// clashes reports whether t and a later operand of its chain look to Go's vet
// like a mistake.
func (t test) clashes(y operand, op ir.Op) bool {
	for _, inner := range y.tests[op] {
		if inner.text == t.text || inner.against != "" && inner.against == t.against {
			return true
		}
	}
	return t.against != "" && t.against == y.against
}

// value returns the code for the value itself.
func (o operand) value() *jen.Statement {
	if o.pointer {
		return jen.Op("*").Add(o.code.Clone())
	}
	return o.code.Clone()
}

// precedence returns that of value().
func (o operand) precedence() int {
	if o.pointer {
		return precUnary
	}
	return o.prec
}

// in returns the code for an operand of an operator that binds as prec does.
func (o operand) in(prec int) *jen.Statement {
	if o.precedence() < prec {
		return jen.Parens(o.value())
	}
	return o.value()
}

// base returns the code for what a selector, an index or a call follows.
func (o operand) base() *jen.Statement {
	if o.pointer {
		return o.code.Clone() // Go follows the pointer by itself
	}
	if o.prec < precPrimary || o.lit {
		return jen.Parens(o.code.Clone())
	}
	return o.code.Clone()
}

// head returns the code for the head of an if, for or switch.
func (o operand) head() *jen.Statement {
	if o.lit {
		return jen.Parens(o.value())
	}
	return o.value()
}

// typed returns the code with its type, where a constant would get another.
func (o operand) typed(g *generator) *jen.Statement {
	if !o.untyped {
		return o.value()
	}
	b, ok := o.t.(*types.Basic)
	if ok {
		switch b.Kind {
		case types.Bool, types.String, types.Float:
			return o.value()
		}
	}
	return g.goType(o.t).Call(o.value())
}

// constant is an operand that takes its type from where it stands.
func constant(code *jen.Statement, t types.Type) operand {
	return operand{code: code, prec: precPrimary, t: t, untyped: true, stable: true}
}

// call is an operand that is computed where it stands.
func call(code *jen.Statement, t types.Type) operand {
	return operand{code: code, prec: precPrimary, t: t}
}
