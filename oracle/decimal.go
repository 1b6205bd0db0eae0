package oracle

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// decimal is units / 10^scale.
type decimal struct {
	units *big.Int
	scale int
}

func power10(n int) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
}

func (d decimal) rat() *big.Rat { return new(big.Rat).SetFrac(d.units, power10(d.scale)) }

// String writes d with all its digits.
func (d decimal) String() string { return d.rat().FloatString(d.scale) }

// readDecimal reads a number that must fit t without loss.
func readDecimal(s string, t *types.Decimal) (decimal, bool) {
	r, ok := new(big.Rat).SetString(s)
	if !ok || strings.ContainsAny(s, "/_") {
		return decimal{}, false
	}
	r.Mul(r, new(big.Rat).SetInt(power10(t.Scale)))
	return decimal{r.Num(), t.Scale}, r.IsInt() && fitsDigits(r.Num(), t.Precision)
}

func fitsDigits(units *big.Int, precision int) bool {
	return new(big.Int).Abs(units).Cmp(power10(precision)) < 0
}

// scaled gives d the scale and the digits of t; halves go to even.
func scaled(r *big.Rat, t *types.Decimal, pos source.Pos) decimal {
	n := halfEven(new(big.Rat).Mul(r, new(big.Rat).SetInt(power10(t.Scale))))
	if !fitsDigits(n, t.Precision) {
		fail(pos, fmt.Sprintf("%s does not fit %s", r.FloatString(t.Scale), t))
	}
	return decimal{n, t.Scale}
}

func halfEven(r *big.Rat) *big.Int {
	n := halfAway(r)
	off := new(big.Rat).Sub(new(big.Rat).SetInt(n), r)
	if off.Abs(off).Cmp(big.NewRat(1, 2)) == 0 && n.Bit(0) == 1 {
		n.Sub(n, big.NewInt(int64(r.Sign())))
	}
	return n
}

// decimals does arithmetic without a bound and then fits the result in.
func decimals(x *ir.Binary, a, b decimal) any {
	t := x.T.(*types.Decimal)
	p, q, r := a.rat(), b.rat(), new(big.Rat)
	switch x.Op {
	case ir.Add:
		r.Add(p, q)
	case ir.Sub:
		r.Sub(p, q)
	case ir.Mul:
		r.Mul(p, q)
	case ir.Div, ir.Rem:
		if q.Sign() == 0 {
			fail(x.Pos(), "division by zero")
		}
		r.Quo(p, q)
		if x.Op == ir.Rem {
			whole := new(big.Int).Quo(r.Num(), r.Denom())
			r.Sub(p, q.Mul(q, new(big.Rat).SetInt(whole)))
		}
	}
	return scaled(r, t, x.Pos())
}

// roundedDecimal rounds a decimal; its type has the digits that stay.
func (c builtinCall) roundedDecimal(name string, d decimal, digits int64) any {
	t := c.x.T.(*types.Decimal)
	digits = min(max(digits, -100), int64(d.scale)) // no decimal has 100 digits
	scale := new(big.Rat).SetInt(power10(int(max(digits, -digits))))
	if digits < 0 {
		scale.Inv(scale)
	}
	r := new(big.Rat).Mul(d.rat(), scale)
	n := new(big.Int)
	switch name {
	case "floor":
		n.Div(r.Num(), r.Denom())
	case "ceil":
		n.Neg(n.Div(n.Neg(r.Num()), r.Denom()))
	default:
		n = halfAway(r)
	}
	return scaled(r.Quo(new(big.Rat).SetInt(n), scale), t, c.x.Pos())
}
