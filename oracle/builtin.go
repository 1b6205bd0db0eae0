package oracle

import (
	"fmt"
	"math"
	"math/big"
	"strings"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// builtinCall is a built-in function or method with its arguments; an argument
// that is a lambda has none.
type builtinCall struct {
	*frame
	x    *ir.Builtin
	args []any
}

// builtin calls a built-in function or method.
func (f *frame) builtin(x *ir.Builtin) any {
	c := builtinCall{f, x, make([]any, len(x.Args))}
	for i, a := range x.Args {
		if a != nil {
			c.args[i] = f.eval(a)
		}
	}
	kind, name, method := strings.Cut(x.Name, ".")
	if !method {
		return c.function(kind)
	}
	switch kind {
	case "float":
		return math.IsNaN(c.args[0].(float64))
	case "string":
		return c.stringMethod(name)
	case "bytes":
		return int64(len(c.args[0].([]byte)))
	case "list":
		return c.listMethod(name)
	case "set":
		return c.setMethod(name)
	case "map":
		return c.mapMethod(name)
	case "timestamp":
		return c.timestampMethod(name)
	case "date":
		return part(day(c.args[0].(int64)), name)
	case "json":
		return c.jsonMethod(name)
	default:
		panic("oracle: no builtin " + x.Name)
	}
}

func (c builtinCall) function(name string) any {
	switch name {
	case "abs":
		return c.abs(c.args[0])
	case "min", "max":
		return extreme(name, c.args, c.x.T)
	case "float":
		return toFloat(c.args[0])
	case "int":
		return c.toInt(c.args[0])
	case "decimal":
		return decimal{big.NewInt(c.args[0].(int64)), 0}
	case "floor", "ceil", "round":
		return c.rounded(name)
	case "sqrt", "exp", "ln", "log10", "sin", "cos", "tan", "pow", "atan2", "hypot":
		return c.science(name)
	case "gcd":
		a, b := big.NewInt(c.args[0].(int64)), big.NewInt(c.args[1].(int64))
		return whole(new(big.Int).GCD(nil, nil, a.Abs(a), b.Abs(b)), c.x.T, c.x.Pos())
	case "range":
		return c.rangeOf(c.args[0].(int64), c.args[1].(int64))
	default:
		return c.textFunction(name)
	}
}

// maxRange is how many elements range gives at most.
const maxRange = 1 << 24

func (c builtinCall) rangeOf(a, b int64) any {
	out := []any{}
	if n := new(big.Int).Sub(big.NewInt(b), big.NewInt(a)); n.Cmp(big.NewInt(maxRange)) > 0 {
		fail(c.x.Pos(), fmt.Sprintf("range has %s elements", n))
	}
	for i := a; i < b; i++ {
		out = append(out, i)
	}
	return out
}

func (c builtinCall) abs(v any) any {
	switch v := v.(type) {
	case float64:
		return math.Abs(v)
	case decimal:
		return decimal{new(big.Int).Abs(v.units), v.scale}
	default:
		return whole(new(big.Int).Abs(big.NewInt(v.(int64))), c.x.T, c.x.Pos())
	}
}

// extreme is the least or the greatest value of a list that is not empty: NaN
// if there is one.
func extreme(name string, vs []any, t types.Type) any {
	best := vs[0]
	for _, v := range vs[1:] {
		if x, ok := v.(float64); ok {
			if name == "min" {
				best = math.Min(best.(float64), x)
			} else {
				best = math.Max(best.(float64), x)
			}
			continue
		}
		if order := compare(v, best, t); name == "min" && order < 0 || name == "max" && order > 0 {
			best = v
		}
	}
	return best
}

func toFloat(v any) any {
	switch v := v.(type) {
	case int64:
		return float64(v)
	case decimal:
		x, _ := v.rat().Float64()
		return x
	default:
		return v
	}
}

func (c builtinCall) toInt(v any) any {
	r := new(big.Int)
	switch v := v.(type) {
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			fail(c.x.Pos(), floatText(v)+" does not fit int")
		}
		big.NewFloat(v).Int(r)
	case decimal:
		x := v.rat()
		r.Quo(x.Num(), x.Denom())
	case int64:
		return v
	}
	return whole(r, c.x.T, c.x.Pos())
}

// rounded is floor, ceil and round, of floats and decimals.
func (c builtinCall) rounded(name string) any {
	digits := int64(0)
	if name == "round" {
		digits = c.args[1].(int64)
	}
	v, isFloat := c.args[0].(float64)
	if !isFloat {
		return c.roundedDecimal(name, c.args[0].(decimal), digits)
	}
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0) || v == 0:
		return v
	case name == "floor":
		return math.Floor(v)
	case name == "ceil":
		return math.Ceil(v)
	}
	return roundFloat(v, digits, c.x.T)
}

// roundFloat rounds the number that the text of v shows, halves away from zero.
func roundFloat(v float64, digits int64, t types.Type) any {
	if digits > 400 {
		return v
	}
	digits = max(digits, -400)
	shown, ok := new(big.Rat).SetString(text(v, t))
	if !ok {
		panic("oracle: a float without a text")
	}
	scale := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(max(digits, -digits)), nil))
	if digits < 0 {
		scale.Inv(scale)
	}
	n := halfAway(new(big.Rat).Mul(shown, scale))
	out, _ := new(big.Rat).Quo(new(big.Rat).SetInt(n), scale).Float64()
	if types.Is(t, types.Float32) {
		short, _ := new(big.Rat).Quo(new(big.Rat).SetInt(n), scale).Float32()
		out = float64(short)
	}
	if math.IsInf(out, 0) {
		return v
	}
	return math.Copysign(out, v)
}

// halfAway rounds to a whole number, halves away from zero.
func halfAway(r *big.Rat) *big.Int {
	twice := new(big.Rat).Abs(r)
	twice.Mul(twice, big.NewRat(2, 1))
	twice.Add(twice, big.NewRat(1, 1))
	n := new(big.Int).Quo(twice.Num(), new(big.Int).Mul(twice.Denom(), big.NewInt(2)))
	if r.Sign() < 0 {
		n.Neg(n)
	}
	return n
}

// science is what package math has.
func (c builtinCall) science(name string) any {
	one := map[string]func(float64) float64{
		"sqrt": math.Sqrt, "exp": math.Exp, "ln": math.Log, "log10": math.Log10,
		"sin": math.Sin, "cos": math.Cos, "tan": math.Tan,
	}
	two := map[string]func(float64, float64) float64{"pow": math.Pow, "atan2": math.Atan2, "hypot": math.Hypot}
	x := c.args[0].(float64)
	if fn := one[name]; fn != nil {
		return fn(x)
	}
	return two[name](x, c.args[1].(float64))
}
