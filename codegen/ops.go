package codegen

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/plan"
	"github.com/flow-lang/flowc/typecheck/types"
)

// checked names the methods of value.Fault for an operation on two values of
// the type of the left one.
var checked = map[types.Kind]map[ir.Op]string{
	types.Int:       {ir.Add: "AddInt", ir.Sub: "SubInt", ir.Mul: "MulInt", ir.Div: "DivInt", ir.Rem: "ModInt"},
	types.Int32:     {ir.Add: "AddInt32", ir.Sub: "SubInt32", ir.Mul: "MulInt32", ir.Div: "DivInt32", ir.Rem: "ModInt32"},
	types.Float:     {ir.Div: "DivFloat", ir.Rem: "ModFloat"},
	types.Float32:   {ir.Div: "DivFloat32", ir.Rem: "ModFloat32"},
	types.Timestamp: {ir.Add: "AddTime", ir.Sub: "SubTime"},
	types.Duration:  {ir.Add: "AddDuration", ir.Sub: "SubDuration", ir.Mul: "MulDuration", ir.Div: "DivDuration", ir.Rem: "ModDuration"},
}

// precedences are those of Go's operators.
var precedences = map[ir.Op]int{
	ir.Or: precOr, ir.And: precAnd,
	ir.Eq: precCompare, ir.Ne: precCompare, ir.Lt: precCompare, ir.Le: precCompare, ir.Gt: precCompare, ir.Ge: precCompare,
	ir.Add: precAdd, ir.Sub: precAdd, ir.Mul: precMul, ir.Div: precMul, ir.Rem: precMul,
}

func (c *coder) unary(e *ir.Unary) operand {
	x := c.expr(e.X)
	if e.Op == ir.Not {
		return operand{code: jen.Op("!").Add(x.in(precUnary)), prec: precUnary, t: e.T}
	}
	if isDecimal(e.T) {
		return call(x.base().Dot("Neg").Call(), e.T)
	}
	switch kindOf(e.T) {
	case types.Float, types.Float32:
		// Without a variable Go would compute with constants, and -0.0 is 0 there.
		if x.untyped {
			x = c.temp("v", x)
		}
		return operand{code: jen.Op("-").Add(x.in(precUnary)), prec: precUnary, t: e.T}
	case types.Int:
		return c.faulty("NegInt", e, x)
	case types.Int32:
		return c.faulty("NegInt32", e, x)
	case types.Duration:
		return c.faulty("NegDuration", e, x)
	default:
		panic(fmt.Sprintf("codegen: no negative of %s", e.T))
	}
}

// kindOf returns the scalar kind of t, Invalid if it is no scalar.
func kindOf(t types.Type) types.Kind {
	if b, ok := t.(*types.Basic); ok {
		return b.Kind
	}
	return types.Invalid
}

// faulty calls a method of the Fault, which gets the place as its last argument.
func (c *coder) faulty(method string, e ir.Expr, args ...operand) operand {
	list := make([]jen.Code, 0, len(args)+1)
	for _, a := range args {
		list = append(list, a.value())
	}
	return call(c.fault.Clone().Dot(method).Call(append(list, c.g.at(e.Pos()))...), e.Type())
}

func (c *coder) binary(e *ir.Binary) operand {
	switch e.Op {
	case ir.And, ir.Or:
		return c.logic(e)
	case ir.Has:
		return c.has(e)
	case ir.Eq, ir.Ne:
		return c.equality(e)
	case ir.Lt, ir.Le, ir.Gt, ir.Ge:
		v := c.values([]ir.Expr{e.X, e.Y})
		return c.ordering(e, v[0], v[1])
	default:
		v := c.values([]ir.Expr{e.X, e.Y})
		return c.arithmetic(e, v[0], v[1])
	}
}

// infix writes x op y.
func infix(x operand, op ir.Op, y operand, t types.Type) operand {
	prec := precedences[op]
	// Go's operators lean to the left.
	return operand{code: x.in(prec).Op(string(op)).Add(y.in(prec + 1)), prec: prec, t: t}
}

func (c *coder) arithmetic(e *ir.Binary, x, y operand) operand {
	left, right := kindOf(e.X.Type()), kindOf(e.Y.Type())
	switch {
	case isDecimal(e.T):
		return c.decimalArithmetic(e, x, y)
	case left == types.String:
		return infix(x, e.Op, y, e.T)
	case left == types.Timestamp && right == types.Timestamp:
		return call(jen.Qual(valuePath, "Since").Call(x.value(), y.value()), e.T)
	case left == types.Duration && right == types.Int && e.Op == ir.Div:
		return c.faulty("DivDurationInt", e, x, y)
	}
	if v, ok := c.divided(e, x, y); ok {
		return v
	}
	if method, ok := checked[left][e.Op]; ok {
		if v := c.literal(e.Y); left == types.Timestamp && v != nil && v.Value == 0 {
			return x
		}
		return c.faulty(method, e, x, y)
	}
	if left != types.Float && left != types.Float32 {
		panic(fmt.Sprintf("codegen: no %s of %s", e.Op, e.X.Type()))
	}
	// Go computes with constants exactly, and so otherwise than at run time.
	if x.untyped && y.untyped {
		x = c.temp("v", x)
	}
	v := infix(x, e.Op, y, e.T)
	if e.Op == ir.Mul {
		// The conversion keeps Go from fusing it with an addition, which would
		// give other results on other machines.
		return call(c.g.goType(e.T).Call(v.code), e.T)
	}
	return v
}

// divided writes a division that cannot fail, as by a constant that is not
// zero. Go has no % of floats.
func (c *coder) divided(e *ir.Binary, x, y operand) (operand, bool) {
	if e.Op != ir.Div && e.Op != ir.Rem || !plan.SafeDivisor(e) {
		return operand{}, false
	}
	k := kindOf(e.T)
	switch {
	case e.Op == ir.Rem && k == types.Float:
		return call(jen.Qual("math", "Mod").Call(x.value(), y.value()), e.T), true
	case x.untyped: // Go would compute with constants
		x = c.temp("v", x)
	}
	return infix(x, e.Op, y, e.T), true
}

// logic writes x && y. If y needs statements they run only when y is wanted.
func (c *coder) logic(e *ir.Binary) operand {
	x := c.expr(e.X)
	var y operand
	rest := c.block(func() { y = c.expr(e.Y) })
	if len(rest) == 0 {
		return c.joined(e, x, y)
	}
	held := c.temp("yes", x)
	held.stable = false
	test := held.value()
	if e.Op == ir.Or {
		test = jen.Op("!").Add(test)
	}
	c.add(jen.If(test).Block(append(rest, held.value().Op("=").Add(y.value()))...))
	return held
}

// joined writes x && y for a y without statements. Go's vet takes offence at a
// test that stands twice, and at x != 1 || x != 2, which holds always.
func (c *coder) joined(e *ir.Binary, x, y operand) operand {
	text := y.value().GoString()
	tests := x.tests[e.Op]
	if tests == nil {
		tests = []test{{x.value().GoString(), x.against}}
	}
	for _, t := range tests {
		if t.text == text && !c.g.graph.Effects.CanFail(e.Y) {
			return x
		}
		if t.clashes(y, e.Op) {
			y = c.temp("yes", y)
		}
	}
	v := infix(x, e.Op, y, e.T)
	v.tests = map[ir.Op][]test{e.Op: append(tests, test{text, y.against})}
	return v
}

// equality writes x == y and x != y.
func (c *coder) equality(e *ir.Binary) operand {
	if v, ok := c.isNone(e); ok {
		return v
	}
	v := c.values([]ir.Expr{e.X, e.Y})
	same := c.equal(v[0], v[1])
	if e.Op == ir.Eq {
		same.against = v[0].value().GoString()
		return same
	}
	if comparable(v[0].t) {
		differ := infix(v[0].bare(), ir.Ne, v[1].bare(), e.T)
		differ.against = v[0].value().GoString()
		return differ
	}
	return operand{code: jen.Op("!").Add(same.in(precUnary)), prec: precUnary, t: e.T}
}

// isNone writes x == none as a look at x alone.
func (c *coder) isNone(e *ir.Binary) (operand, bool) {
	x := e.X
	if _, ok := x.(*ir.NoneConst); ok {
		x = e.Y
	} else if _, ok := e.Y.(*ir.NoneConst); !ok {
		return operand{}, false
	}
	var held operand
	if get, ok := x.(*ir.StateGet); ok && get.State.Init == nil && !isOption(get.State.Elem) {
		held = call(c.op.hasState(c, get.State), e.T)
	} else {
		held = call(c.expr(x).base().Dot("OK"), e.T)
	}
	if e.Op == ir.Eq {
		return operand{code: jen.Op("!").Add(held.code), prec: precUnary, t: e.T}, true
	}
	return held, true
}

// bare returns the operand for a comparison, where a literal of a record or an
// option wants parentheses in the head of a statement.
func (o operand) bare() operand {
	if o.lit {
		o.code, o.lit = jen.Parens(o.code.Clone()), false
	}
	return o
}

// equal writes the comparison of two values of one type.
func (c *coder) equal(x, y operand) operand {
	if comparable(x.t) {
		return infix(x.bare(), ir.Eq, y.bare(), types.Of(types.Bool))
	}
	return call(c.g.helpers.equal(c.g, x.t).Call(x.value(), y.value()), types.Of(types.Bool))
}

// ordering writes x < y and the like.
func (c *coder) ordering(e *ir.Binary, x, y operand) operand {
	switch {
	case types.Is(x.t, types.Bytes):
		return infix(call(jen.Qual("bytes", "Compare").Call(x.value(), y.value()), x.t), e.Op, zeroOperand, e.T)
	case types.Is(x.t, types.UUID), isDecimal(x.t):
		return infix(call(x.base().Dot("Compare").Call(y.value()), x.t), e.Op, zeroOperand, e.T)
	default:
		return infix(x.bare(), e.Op, y.bare(), e.T)
	}
}

var zeroOperand = constant(jen.Lit(0), types.Of(types.Int))

// has writes x in list.
func (c *coder) has(e *ir.Binary) operand {
	v := c.values([]ir.Expr{e.X, e.Y})
	return c.contains(v[1], v[0])
}

// contains looks for x in a list, a set or the keys of a map.
func (c *coder) contains(list, x operand) operand {
	if v, ok := c.member(list, x); ok {
		return v
	}
	elem, ok := list.t.(*types.List)
	if !ok {
		panic(fmt.Sprintf("codegen: no look into %s", list.t))
	}
	t := types.Of(types.Bool)
	if comparable(elem.Elem) {
		return call(jen.Qual("slices", "Contains").Call(list.value(), x.value()), t)
	}
	item := c.names.pick("item")
	same := c.equal(operand{code: jen.Id(item), prec: precPrimary, t: elem.Elem, stable: true}, x)
	test := jen.Func().Params(jen.Id(item).Add(c.g.goType(elem.Elem))).Bool().Block(jen.Return(same.code))
	return call(jen.Qual("slices", "ContainsFunc").Call(list.value(), test), t)
}

// convert widens a value.
func (c *coder) convert(e *ir.Convert) operand {
	from := e.X.Type()
	switch to := e.T.(type) {
	case *types.Decimal:
		return c.convertDecimal(e, to)
	case *types.Union:
		return c.convertUnion(e, to)
	case *types.Basic:
		x := c.expr(e.X)
		if x.untyped {
			x.t = e.T
			return x
		}
		return call(c.g.goType(to).Call(x.value()), e.T)
	case *types.Option:
		if x, ok := from.(*types.Option); ok {
			return c.convertOption(e, x, to)
		}
		return c.some(c.expr(e.X), e.T)
	case *types.Record:
		return c.convertRecord(e, from.(*types.Record), to)
	default:
		panic(fmt.Sprintf("codegen: no way from %s to %s", from, e.T))
	}
}

// convertOption widens what an option holds.
func (c *coder) convertOption(e *ir.Convert, from, to *types.Option) operand {
	x := c.expr(e.X)
	if types.Identical(from, to) {
		return x
	}
	if !x.stable {
		x = c.temp("found", x)
	}
	name := c.variable("v", to)
	c.branch(x.base().Dot("OK"), func() {
		local := &ir.Local{Name: "held", Type: from.Elem}
		c.bindTo(local, held(x))
		inner := &ir.Convert{Base: ir.Base{T: to.Elem, At: e.At}, X: &ir.LocalRef{Base: ir.Base{T: from.Elem, At: e.At}, Local: local}}
		c.add(name.Clone().Op("=").Add(c.some(c.expr(inner), to).code))
	}, func() {})
	return operand{code: name, prec: precPrimary, t: to, stable: true, addressable: true}
}

// convertRecord copies the fields of a record into one of another name.
func (c *coder) convertRecord(e *ir.Convert, from, to *types.Record) operand {
	x := c.expr(e.X)
	if !x.stable {
		x = c.temp("v", x)
	}
	names, old := c.g.record(to), c.g.record(from)
	fields := make([]jen.Code, len(to.Fields))
	for i, f := range to.Fields {
		fields[i] = jen.Id(names.fields[i]).Op(":").Add(x.base().Dot(old.fields[from.FieldIndex(f.Name)]))
	}
	return operand{code: jen.Id(names.name).Add(literal(fields)), prec: precPrimary, t: to, lit: true}
}
