package value

import (
	"math"
	"strconv"
)

// DivFloat returns a / b. It fails if b is zero; NaN and infinities are else
// those of IEEE 754.
func (f *Fault) DivFloat(a, b float64, at Pos) float64 {
	if b == 0 {
		return float64(f.divideByZero(at))
	}
	return a / b
}

// ModFloat returns the remainder of a / b, which has the sign of a, as
// [math.Mod]. It fails if b is zero.
func (f *Fault) ModFloat(a, b float64, at Pos) float64 {
	if b == 0 {
		return float64(f.divideByZero(at))
	}
	return math.Mod(a, b)
}

// DivFloat32 is [Fault.DivFloat] in single precision.
func (f *Fault) DivFloat32(a, b float32, at Pos) float32 {
	if b == 0 {
		return float32(f.divideByZero(at))
	}
	return a / b
}

// ModFloat32 is [Fault.ModFloat] in single precision. The remainder of two
// float32 is exact, so it is computed in double precision.
func (f *Fault) ModFloat32(a, b float32, at Pos) float32 {
	return float32(f.ModFloat(float64(a), float64(b), at))
}

// FloatToInt returns x cut toward zero. It fails if x is NaN or does not fit.
func (f *Fault) FloatToInt(x float64, at Pos) int64 {
	if x >= -1<<63 && x < 1<<63 {
		return int64(x)
	}
	return f.floatDoesNotFit(x, 64, at)
}

// Float32ToInt is [Fault.FloatToInt] for a float32.
func (f *Fault) Float32ToInt(x float32, at Pos) int64 {
	if x >= -1<<63 && x < 1<<63 {
		return int64(x)
	}
	return f.floatDoesNotFit(float64(x), 32, at)
}

//go:noinline
func (f *Fault) floatDoesNotFit(x float64, bits int, at Pos) int64 {
	return f.doesNotFit(string(appendFloat(nil, x, bits)), "int", at)
}

// RoundFloat returns x rounded to so many decimal digits after the point, or,
// if digits is negative, to a power of ten. It rounds the number that the text
// of x shows, halves away from zero, as SQL does: RoundFloat(2.675, 2) is 2.68
// although the nearest float64 lies below 2.675. NaN and infinities stay.
func RoundFloat(x float64, digits int64) float64 {
	if digits >= 0 && digits <= 15 {
		scale := exactPow10[digits]
		y := x * scale
		// y is off by less than 2^-51 of itself, so its nearest integer is
		// certain unless y lies that close to a half.
		half := math.Abs(math.Abs(y-math.Trunc(y)) - 0.5)
		if math.Abs(y) < 1<<50 && half > math.Abs(y)*0x1p-51 {
			return math.Round(y) / scale
		}
	}
	return roundText(x, digits, 64)
}

// RoundFloat32 is [RoundFloat] for a float32, whose text is that of a float32.
func RoundFloat32(x float32, digits int64) float32 {
	return float32(roundText(float64(x), digits, 32))
}

// exactPow10 holds the powers of ten that a float64 holds exactly.
var exactPow10 = [...]float64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13,
	1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
}

// roundText rounds the shortest decimal text of x, which is
// 0.d1d2d3… * 10^point.
func roundText(x float64, digits int64, bits int) float64 {
	if x == 0 || math.IsNaN(x) || math.IsInf(x, 0) || digits > 400 {
		return x
	}
	var buf [32]byte
	text := strconv.AppendFloat(buf[:0], math.Abs(x), 'e', -1, bits)
	mantissa, point := splitExponent(text)
	keep := point + int(max(digits, -400)) // how many digits of the mantissa stay
	if keep >= len(mantissa) {
		return x
	}
	if keep < 0 {
		return math.Copysign(0, x)
	}
	up := mantissa[keep] >= '5'
	rounded := append(make([]byte, 0, 40), '0') // a place for the carry
	rounded = append(rounded, mantissa[:keep]...)
	if up {
		increment(rounded)
	}
	rounded = append(rounded, 'e')
	rounded = strconv.AppendInt(rounded, int64(point-keep), 10)
	y, err := strconv.ParseFloat(string(rounded), bits)
	if err != nil {
		return x // rounding up went past the largest float
	}
	return math.Copysign(y, x)
}

// splitExponent takes text such as "2.675e+00" apart into the digits 2675 and
// the place of the point, here 1: the number is 0.2675 * 10^1.
func splitExponent(text []byte) (mantissa []byte, point int) {
	for i, c := range text {
		switch c {
		case '.':
		case 'e':
			exp, _ := strconv.Atoi(string(text[i+1:])) // written by strconv, so it is a number
			return mantissa, exp + 1
		default:
			mantissa = append(mantissa, c)
		}
	}
	return mantissa, 1
}

// increment adds one to a decimal number that does not consist of nines alone.
func increment(digits []byte) {
	for i := len(digits) - 1; i >= 0; i-- {
		if digits[i] != '9' {
			digits[i]++
			return
		}
		digits[i] = '0'
	}
}
