package codegen

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// interp puts a string together.
func (c *coder) interp(e *ir.Interp) operand {
	var exprs []ir.Expr
	for _, p := range e.Parts {
		if p.Expr != nil {
			exprs = append(exprs, p.Expr)
		}
	}
	values := c.values(exprs)
	var sum *jen.Statement
	count := 0
	add := func(code *jen.Statement) {
		if count++; sum == nil {
			sum = code
		} else {
			sum = sum.Op("+").Add(code)
		}
	}
	for _, p := range e.Parts {
		switch {
		case p.Expr != nil:
			v := values[0]
			values = values[1:]
			add(c.textIn(v, precAdd+1))
		case p.Text != "":
			add(jen.Lit(p.Text))
		}
	}
	switch count {
	case 0:
		return constant(jen.Lit(""), e.T)
	case 1:
		return operand{code: sum, prec: precPrimary, t: e.T}
	}
	return operand{code: sum, prec: precAdd, t: e.T}
}

// text turns a value into its text, as inside ${}.
func (c *coder) text(v operand) *jen.Statement { return c.textIn(v, precOr) }

// textIn is text for an operand of an operator that binds as prec does.
func (c *coder) textIn(v operand, prec int) *jen.Statement {
	switch t := v.t.(type) {
	case *types.Enum:
		return v.base().Dot("String").Call()
	case *types.Decimal:
		return jen.Qual(valuePath, "FormatDecimal").Call(v.value(), scaleOf(t))
	case *types.Basic:
		switch t.Kind {
		case types.String:
			return v.in(prec)
		case types.JSON:
			return jen.String().Call(v.value())
		case types.Bool:
			return jen.Qual("strconv", "FormatBool").Call(v.value())
		case types.Int:
			return jen.Qual("strconv", "FormatInt").Call(v.value(), jen.Lit(10))
		case types.Int32:
			return jen.Qual("strconv", "FormatInt").Call(jen.Int64().Call(v.value()), jen.Lit(10))
		case types.Float, types.Float32, types.Timestamp, types.Duration, types.Date, types.UUID:
			return jen.Qual(valuePath, "Format"+exported(t.Kind.String())).Call(v.value())
		case types.Bytes:
			return jen.Qual(valuePath, "Base64").Call(v.value())
		}
	}
	panic(fmt.Sprintf("codegen: no text of %s", v.t))
}
