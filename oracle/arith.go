package oracle

import (
	"fmt"
	"math"
	"math/big"

	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

func (f *frame) unary(x *ir.Unary) any {
	switch v := f.eval(x.X).(type) {
	case bool:
		return !v
	case float64:
		return -v
	case decimal:
		return decimal{new(big.Int).Neg(v.units), v.scale}
	case int64:
		return whole(new(big.Int).Neg(big.NewInt(v)), x.T, x.Pos())
	default:
		panic(fmt.Sprintf("oracle: no %s of %T", x.Op, v))
	}
}

func (f *frame) binary(x *ir.Binary) any {
	switch x.Op {
	case ir.And:
		return f.eval(x.X).(bool) && f.eval(x.Y).(bool)
	case ir.Or:
		return f.eval(x.X).(bool) || f.eval(x.Y).(bool)
	}
	a, b := f.eval(x.X), f.eval(x.Y)
	t := x.X.Type()
	switch x.Op {
	case ir.Eq:
		return equal(a, b, t)
	case ir.Ne:
		return !equal(a, b, t)
	case ir.Lt, ir.Le, ir.Gt, ir.Ge:
		return ordered(x.Op, a, b, t)
	case ir.Has:
		return has(a, b, x.Y.Type())
	}
	if s, ok := a.(string); ok {
		return s + b.(string)
	}
	if l, ok := a.([]any); ok {
		return append(append([]any{}, l...), b.([]any)...)
	}
	if d, ok := a.(decimal); ok {
		return decimals(x, d, b.(decimal))
	}
	if v, ok := a.(float64); ok {
		return narrow(floats(x.Op, v, b.(float64), x.Pos()), x.T)
	}
	return wholes(x, a.(int64), b.(int64))
}

// ordered compares; no order holds with NaN.
func ordered(op ir.Op, a, b any, t types.Type) bool {
	if x, ok := a.(float64); ok && (math.IsNaN(x) || math.IsNaN(b.(float64))) {
		return false
	}
	c := compare(a, b, t)
	switch op {
	case ir.Lt:
		return c < 0
	case ir.Le:
		return c <= 0
	case ir.Gt:
		return c > 0
	default:
		return c >= 0
	}
}

// has reports whether a is among what the collection b of type t holds.
func has(a, b any, t types.Type) bool {
	if d, ok := b.(dict); ok {
		return d.get(a, t.(*types.Map).Key).ok
	}
	for _, e := range elements(b) {
		if equal(a, e.value, elemOf(t)) {
			return true
		}
	}
	return false
}

func elemOf(t types.Type) types.Type {
	switch t := t.(type) {
	case *types.List:
		return t.Elem
	case *types.Set:
		return t.Elem
	default:
		panic(fmt.Sprintf("oracle: %s has no elements", t))
	}
}

func floats(op ir.Op, a, b float64, pos source.Pos) float64 {
	switch op {
	case ir.Add:
		return a + b
	case ir.Sub:
		return a - b
	case ir.Mul:
		return a * b
	}
	if b == 0 {
		fail(pos, "division by zero")
	}
	if op == ir.Rem {
		return math.Mod(a, b)
	}
	return a / b
}

// wholes does arithmetic of whole numbers and times without a bound, and then
// looks whether the result fits its type.
func wholes(x *ir.Binary, a, b int64) any {
	p, q, r := big.NewInt(a), big.NewInt(b), new(big.Int)
	switch x.Op {
	case ir.Add:
		r.Add(p, q)
	case ir.Sub:
		r.Sub(p, q)
	case ir.Mul:
		r.Mul(p, q)
	case ir.Div, ir.Rem:
		if b == 0 {
			fail(x.Pos(), "division by zero")
		}
		if x.Op == ir.Div {
			r.Quo(p, q)
		} else {
			r.Rem(p, q)
		}
	default:
		panic("oracle: no operation " + string(x.Op))
	}
	return whole(r, x.T, x.Pos())
}

// whole returns r if it fits type t.
func whole(r *big.Int, t types.Type, pos source.Pos) int64 {
	lo, hi := int64(math.MinInt64), int64(math.MaxInt64)
	switch {
	case types.Is(t, types.Int32), types.Is(t, types.Date):
		lo, hi = math.MinInt32, math.MaxInt32
	case types.Is(t, types.Timestamp):
		lo, hi = minTime, maxTime
	}
	if r.Cmp(big.NewInt(lo)) < 0 || r.Cmp(big.NewInt(hi)) > 0 {
		fail(pos, fmt.Sprintf("%s does not fit %s", r, t))
	}
	return r.Int64()
}
