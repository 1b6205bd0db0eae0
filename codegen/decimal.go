package codegen

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// A decimal is a value.Decimal, which holds the units; the scale comes from the
// type and is given to each function that needs it.

// decimalMethods are the methods of value.Fault on two decimals.
var decimalMethods = map[ir.Op]string{
	ir.Add: "AddDecimal", ir.Sub: "SubDecimal", ir.Mul: "MulDecimal", ir.Div: "DivDecimal", ir.Rem: "ModDecimal",
}

func isDecimal(t types.Type) bool {
	_, ok := t.(*types.Decimal)
	return ok
}

// scaleOf writes the scale of a decimal type.
func scaleOf(t types.Type) *jen.Statement { return jen.Lit(t.(*types.Decimal).Scale) }

// decimalUnits returns the units of a constant at the scale of its type.
func decimalUnits(e *ir.DecimalConst) *big.Int {
	whole, fraction, _ := strings.Cut(strings.ReplaceAll(e.Value, "_", ""), ".")
	scale := e.T.(*types.Decimal).Scale
	units, ok := new(big.Int).SetString(whole+fraction+strings.Repeat("0", scale-len(fraction)), 10)
	if !ok {
		panic(fmt.Sprintf("codegen: the decimal %q", e.Value))
	}
	return units
}

// decimalConst writes a constant by its units.
func decimalConst(e *ir.DecimalConst) operand {
	units := decimalUnits(e)
	v := operand{prec: precPrimary, t: e.T, stable: true}
	if units.IsInt64() {
		v.code = jen.Qual(valuePath, "DecimalOf").Call(jen.Lit(int(units.Int64())))
		return v
	}
	words := new(big.Int).And(units, new(big.Int).SetUint64(1<<64-1)) // of the two's complement
	high := new(big.Int).Rsh(units, 64)
	v.lit = true
	v.code = jen.Qual(valuePath, "Decimal").Values(
		jen.Id("Hi").Op(":").Lit(int(high.Int64())), jen.Id("Lo").Op(":").Op(words.String()))
	return v
}

func (c *coder) decimalArithmetic(e *ir.Binary, x, y operand) operand {
	return call(c.fault.Clone().Dot(decimalMethods[e.Op]).Call(
		x.value(), scaleOf(e.X.Type()), y.value(), scaleOf(e.Y.Type()), c.g.at(e.At)), e.T)
}

// convertDecimal widens a decimal, which fails if it has too many digits.
func (c *coder) convertDecimal(e *ir.Convert, to *types.Decimal) operand {
	x := c.expr(e.X)
	from := e.X.Type().(*types.Decimal)
	if to.Holds(from) {
		x.t = to
		return x
	}
	return call(c.fault.Clone().Dot("WidenDecimal").Call(
		x.value(), jen.Lit(from.Scale), jen.Lit(to.Precision), jen.Lit(to.Scale), c.g.at(e.At)), e.T)
}

// decimalBuiltins holds the code of built-in functions that differs for
// decimals.
func decimalBuiltins() map[string]builtinCode {
	return map[string]builtinCode{
		"abs":     forDecimals(method("Abs"), abs),
		"min":     forDecimals(plainCall(valuePath, "MinDecimal"), least("min")),
		"max":     forDecimals(plainCall(valuePath, "MaxDecimal"), least("max")),
		"floor":   forDecimals(rounded("FloorDecimal"), inFloat("Floor")),
		"ceil":    forDecimals(rounded("CeilDecimal"), inFloat("Ceil")),
		"round":   forDecimals(rounded("RoundDecimal"), round),
		"int":     forDecimals(decimalToInt, toInt),
		"float":   forDecimals(decimalToFloat, toFloat),
		"decimal": plainCall(valuePath, "DecimalOf"),
	}
}

// forDecimals chooses the code by the type of the first argument.
func forDecimals(decimal, other builtinCode) builtinCode {
	return func(c *coder, e *ir.Builtin, v []operand) operand {
		if isDecimal(v[0].t) {
			return decimal(c, e, v)
		}
		return other(c, e, v)
	}
}

// rounded calls a method of the Fault that rounds a decimal.
func rounded(name string) builtinCode {
	return func(c *coder, e *ir.Builtin, v []operand) operand {
		from, to := v[0].t.(*types.Decimal), e.T.(*types.Decimal)
		args := []jen.Code{v[0].value(), jen.Lit(from.Scale)}
		args = append(args, codes(v[1:])...)
		args = append(args, jen.Lit(to.Precision), jen.Lit(to.Scale), c.g.at(e.At))
		return call(c.fault.Clone().Dot(name).Call(args...), e.T)
	}
}

func decimalToInt(c *coder, e *ir.Builtin, v []operand) operand {
	return call(c.fault.Clone().Dot("DecimalToInt").Call(v[0].value(), scaleOf(v[0].t), c.g.at(e.At)), e.T)
}

func decimalToFloat(_ *coder, e *ir.Builtin, v []operand) operand {
	return call(jen.Qual(valuePath, "DecimalToFloat").Call(v[0].value(), scaleOf(v[0].t)), e.T)
}
