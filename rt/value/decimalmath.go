package value

import (
	"math/big"
	"math/bits"
	"strconv"
)

// The rules of SQL: + and - keep the larger scale, * adds the scales, / gives
// six digits or more. The types of the program say which scale a result has;
// what follows computes it as they do. Nearly all numbers take the paths of 128
// bits; what does not fit there is done by math/big.

// AddDecimal returns a + b at the larger of their scales. It fails if that has
// more than 38 digits.
func (f *Fault) AddDecimal(a Decimal, aScale int, b Decimal, bScale int, at Pos) Decimal {
	if aScale != bScale {
		var ok bool
		if a, b, ok = align(a, aScale, b, bScale); !ok {
			return f.addBig(a, aScale, b, bScale, at)
		}
	}
	if !a.isShort() || !b.isShort() {
		scale := max(aScale, bScale)
		return f.addBig(a, scale, b, scale, at)
	}
	lo, carry := bits.Add64(a.Lo, b.Lo, 0)
	hi, _ := bits.Add64(uint64(a.Hi), uint64(b.Hi), carry)
	return Decimal{Hi: int64(hi), Lo: lo}
}

// isShort reports whether d is so far from the borders that the sum of two such
// decimals has at most 38 digits: 2*2^125 is below 10^38.
func (d Decimal) isShort() bool { return uint64(d.Hi)+1<<61 < 1<<62 }

// align gives both decimals the larger of their scales. If one has too many
// digits for it, both stay and ok is false.
func align(a Decimal, aScale int, b Decimal, bScale int) (Decimal, Decimal, bool) {
	if aScale > bScale {
		b, a, ok := align(b, bScale, a, aScale)
		return a, b, ok
	}
	m, negative := a.magnitude()
	m, ok := m.shift(bScale - aScale)
	if !ok {
		return a, b, false
	}
	return m.signed(negative), b, true
}

// SubDecimal returns a - b at the larger of their scales. It fails if that has
// more than 38 digits.
func (f *Fault) SubDecimal(a Decimal, aScale int, b Decimal, bScale int, at Pos) Decimal {
	return f.AddDecimal(a, aScale, b.Neg(), bScale, at)
}

//go:noinline
func (f *Fault) addBig(a Decimal, aScale int, b Decimal, bScale int, at Pos) Decimal {
	scale := max(aScale, bScale)
	x, y := a.unitsAt(aScale, scale), b.unitsAt(bScale, scale)
	return f.quotient(x.Add(x, y), big.NewInt(1), MaxDigits, scale, at)
}

// MulDecimal returns a * b at the sum of their scales, at most 38, rounded half
// to even if that cuts digits. It fails if the product has more than 38 digits.
func (f *Fault) MulDecimal(a Decimal, aScale int, b Decimal, bScale int, at Pos) Decimal {
	x, xNegative := a.magnitude()
	y, yNegative := b.magnitude()
	if x.hi|y.hi == 0 && aScale+bScale <= MaxDigits {
		var m magnitude
		if m.hi, m.lo = bits.Mul64(x.lo, y.lo); m.fits(MaxDigits) {
			return m.signed(xNegative != yNegative)
		}
	}
	return f.mulBig(a, b, aScale+bScale, at)
}

//go:noinline
func (f *Fault) mulBig(a, b Decimal, exact int, at Pos) Decimal {
	scale := min(exact, MaxDigits)
	x := a.units()
	return f.quotient(x.Mul(x, b.units()), bigTen(exact-scale), MaxDigits, scale, at)
}

// DivDecimal returns a / b with six digits after the point, or as many as a has
// if that is more, rounded half to even. It fails if b is zero, and if the
// quotient has more than 38 digits.
func (f *Fault) DivDecimal(a Decimal, aScale int, b Decimal, bScale int, at Pos) Decimal {
	if b == (Decimal{}) {
		f.divideByZero(at)
		return Decimal{}
	}
	scale := max(6, aScale)
	x, xNegative := a.magnitude()
	y, yNegative := b.magnitude()
	if x, ok := x.shift(bScale + scale - aScale); ok && y.hi == 0 {
		q, rest := x.over(y.lo)
		if other := y.lo - rest; rest > other || rest == other && q.lo&1 == 1 {
			q = q.next()
		}
		if q.fits(MaxDigits) {
			return q.signed(xNegative != yNegative)
		}
	}
	return f.divBig(a, b, bScale+scale-aScale, scale, at)
}

//go:noinline
func (f *Fault) divBig(a, b Decimal, shift, scale int, at Pos) Decimal {
	x := a.units()
	return f.quotient(x.Mul(x, bigTen(shift)), b.units(), MaxDigits, scale, at)
}

// ModDecimal returns the remainder of a / b, which has the sign of a, at the
// larger of their scales. It fails if b is zero, and if the remainder has more
// than 38 digits.
func (f *Fault) ModDecimal(a Decimal, aScale int, b Decimal, bScale int, at Pos) Decimal {
	if b == (Decimal{}) {
		f.divideByZero(at)
		return Decimal{}
	}
	if x, y, ok := align(a, aScale, b, bScale); ok {
		m, negative := x.magnitude()
		if n, _ := y.magnitude(); m.hi|n.hi == 0 {
			return magnitude{0, m.lo % n.lo}.signed(negative)
		}
	}
	scale := max(aScale, bScale)
	x, y := a.unitsAt(aScale, scale), b.unitsAt(bScale, scale)
	return f.quotient(x.Rem(x, y), big.NewInt(1), MaxDigits, scale, at)
}

// WidenDecimal returns d at the scale to, which is not less than its own. It
// fails if that has more than so many digits.
func (f *Fault) WidenDecimal(d Decimal, scale, precision, to int, at Pos) Decimal {
	m, negative := d.magnitude()
	if m, ok := m.shift(to - scale); ok && m.fits(precision) {
		return m.signed(negative)
	}
	return f.quotient(d.unitsAt(scale, to), big.NewInt(1), precision, to, at)
}

// rounding is what becomes of digits that are cut.
type rounding uint8

const (
	halfAway rounding = iota // from zero
	downward
	upward
)

// RoundDecimal returns d rounded to so many digits after the point, or, if
// digits is negative, to a power of ten, halves away from zero. The result has
// the scale to, and fails if it has more than precision digits.
func (f *Fault) RoundDecimal(d Decimal, scale int, digits int64, precision, to int, at Pos) Decimal {
	return f.roundDecimal(d, scale, digits, precision, to, halfAway, at)
}

// FloorDecimal returns the greatest whole number that is not above d, as
// [Fault.RoundDecimal] does.
func (f *Fault) FloorDecimal(d Decimal, scale, precision, to int, at Pos) Decimal {
	return f.roundDecimal(d, scale, 0, precision, to, downward, at)
}

// CeilDecimal returns the least whole number that is not below d, as
// [Fault.RoundDecimal] does.
func (f *Fault) CeilDecimal(d Decimal, scale, precision, to int, at Pos) Decimal {
	return f.roundDecimal(d, scale, 0, precision, to, upward, at)
}

func (f *Fault) roundDecimal(d Decimal, scale int, digits int64, precision, to int, r rounding, at Pos) Decimal {
	keep := int(min(max(digits, -2*MaxDigits), int64(scale)))
	if cut := scale - keep; cut < maxWhole && keep == to {
		m, negative := d.magnitude()
		unit := tenTo[cut].lo
		q, rest := m.over(unit)
		if r.goesOn(rest != 0, rest >= unit-rest, negative) {
			q = q.next()
		}
		if q.fits(precision) {
			return q.signed(negative)
		}
	}
	return f.roundBig(d, scale, keep, precision, to, r, at)
}

// maxWhole is how many powers of ten have 64 bits.
const maxWhole = 20

// goesOn reports whether a number of which digits are cut is rounded away from
// zero: if some of them are not zero, or they are a half or more.
func (r rounding) goesOn(some, half, negative bool) bool {
	switch r {
	case downward:
		return some && negative
	case upward:
		return some && !negative
	default:
		return half
	}
}

//go:noinline
func (f *Fault) roundBig(d Decimal, scale, keep, precision, to int, r rounding, at Pos) Decimal {
	unit := bigTen(scale - keep)
	x, rest := new(big.Int).QuoRem(d.units(), unit, new(big.Int))
	some := rest.Sign() != 0
	half := rest.Lsh(rest.Abs(rest), 1).Cmp(unit) >= 0
	if r.goesOn(some, half, d.Sign() < 0) {
		x.Add(x, big.NewInt(int64(d.Sign())))
	}
	return f.quotient(x.Mul(x, bigTen(max(to-keep, 0))), bigTen(max(keep-to, 0)), precision, to, at)
}

// DecimalToInt returns d cut toward zero. It fails if that does not fit.
func (f *Fault) DecimalToInt(d Decimal, scale int, at Pos) int64 {
	x := d.units()
	if x.Quo(x, bigTen(scale)); x.IsInt64() {
		return x.Int64()
	}
	return f.doesNotFit(FormatDecimal(d, scale), "int", at)
}

// DecimalToFloat returns the float64 nearest to d.
func DecimalToFloat(d Decimal, scale int) float64 {
	if n := int64(d.Lo); d.Hi == n>>63 && -1<<53 <= n && n <= 1<<53 && scale < len(exactPow10) {
		return float64(n) / exactPow10[scale] // both are exact
	}
	x, _ := strconv.ParseFloat(FormatDecimal(d, scale), 64) // a decimal is far below the largest float64
	return x
}

// FloatToDecimal returns x, as its shortest text says, as a decimal(precision,
// scale). It fails if that would cut digits, and for what is no number.
func (f *Fault) FloatToDecimal(x float64, precision, scale int, at Pos) Decimal {
	text := FormatFloat(x)
	d, _, ok := ParseDecimal(text, precision, scale)
	if !ok {
		f.doesNotFit(text, DecimalName(precision, scale), at)
	}
	return d
}

// quotient returns the decimal of a scale whose units are x / y, rounded half to
// even. It fails if they have more than so many digits.
func (f *Fault) quotient(x, y *big.Int, digits, scale int, at Pos) Decimal {
	q, rest := new(big.Int).QuoRem(x, y, new(big.Int))
	twice := rest.Lsh(rest, 1)
	if c := twice.CmpAbs(y); c > 0 || c == 0 && q.Bit(0) == 1 {
		q.Add(q, big.NewInt(int64(x.Sign()*y.Sign())))
	}
	if q.CmpAbs(bigTen(digits)) < 0 {
		return ofUnits(q)
	}
	exact := new(big.Rat).SetFrac(x, new(big.Int).Mul(y, bigTen(scale)))
	f.doesNotFit(exact.FloatString(scale), DecimalName(digits, scale), at)
	return Decimal{}
}

// units returns the units of d as a fresh number.
func (d Decimal) units() *big.Int {
	m, negative := d.magnitude()
	x := new(big.Int).SetUint64(m.hi)
	x.Lsh(x, 64).Or(x, new(big.Int).SetUint64(m.lo))
	if negative {
		x.Neg(x)
	}
	return x
}

// unitsAt returns the units that d, which has a scale, has at a larger one.
func (d Decimal) unitsAt(scale, to int) *big.Int {
	x := d.units()
	return x.Mul(x, bigTen(to-scale))
}

// ofUnits returns the decimal of units that fit.
func ofUnits(x *big.Int) Decimal {
	m := new(big.Int).Abs(x)
	lo := m.Uint64() // its lower 64 bits
	return magnitude{m.Rsh(m, 64).Uint64(), lo}.signed(x.Sign() < 0)
}

// bigTen returns 10^n as a fresh number.
func bigTen(n int) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
}
