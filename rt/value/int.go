package value

import (
	"math"
	"math/bits"
	"strconv"
)

// AddInt returns a + b. It fails on overflow.
func (f *Fault) AddInt(a, b int64, at Pos) int64 {
	c := a + b
	if (c > a) == (b > 0) {
		return c
	}
	return f.addOverflow(a, b, at)
}

// SubInt returns a - b. It fails on overflow.
func (f *Fault) SubInt(a, b int64, at Pos) int64 {
	c := a - b
	if (c < a) == (b > 0) {
		return c
	}
	return f.subOverflow(a, b, at)
}

// MulInt returns a * b. It fails on overflow.
func (f *Fault) MulInt(a, b int64, at Pos) int64 {
	if int64(int32(a)) == a && int64(int32(b)) == b {
		return a * b
	}
	return f.mulWide(a, b, at)
}

// mulWide multiplies where the factors do not both fit 32 bits.
//
//go:noinline
func (f *Fault) mulWide(a, b int64, at Pos) int64 {
	c, ok := mulOK(a, b)
	if !ok {
		return f.overflow(a, " * ", b, at)
	}
	return c
}

// mulOK returns a * b and whether it fits.
func mulOK(a, b int64) (int64, bool) {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	// The unsigned product counts 2^64*b too much if a is negative, and the
	// other way round.
	hi -= uint64(a>>63)&uint64(b) + uint64(b>>63)&uint64(a)
	return int64(lo), int64(hi) == int64(lo)>>63
}

// DivInt returns a / b, cut toward zero. It fails if b is 0, and on overflow.
func (f *Fault) DivInt(a, b int64, at Pos) int64 {
	if uint64(b+1) <= 1 {
		return f.divEdge(a, b, at)
	}
	return a / b
}

// divEdge divides by 0 or -1.
//
//go:noinline
func (f *Fault) divEdge(a, b int64, at Pos) int64 {
	if b == 0 {
		return f.divideByZero(at)
	}
	if a == math.MinInt64 {
		return f.overflow(a, " / ", b, at)
	}
	return -a
}

// ModInt returns the remainder of a / b, which has the sign of a. It fails if
// b is 0.
func (f *Fault) ModInt(a, b int64, at Pos) int64 {
	if b == 0 {
		return f.divideByZero(at)
	}
	return a % b
}

// NegInt returns -a. It fails on overflow.
func (f *Fault) NegInt(a int64, at Pos) int64 {
	if a == math.MinInt64 {
		return f.overflowOne("-(", a, at)
	}
	return -a
}

// AbsInt returns a without its sign. It fails on overflow.
func (f *Fault) AbsInt(a int64, at Pos) int64 {
	if a == math.MinInt64 {
		return f.overflowOne("abs(", a, at)
	}
	return max(a, -a)
}

// AddInt32 returns a + b. It fails on overflow.
func (f *Fault) AddInt32(a, b int32, at Pos) int32 {
	c := a + b
	if (c > a) == (b > 0) {
		return c
	}
	return f.addOverflow32(a, b, at)
}

// SubInt32 returns a - b. It fails on overflow.
func (f *Fault) SubInt32(a, b int32, at Pos) int32 {
	c := a - b
	if (c < a) == (b > 0) {
		return c
	}
	return f.subOverflow32(a, b, at)
}

// MulInt32 returns a * b. It fails on overflow.
func (f *Fault) MulInt32(a, b int32, at Pos) int32 {
	if int64(a*b) == int64(a)*int64(b) {
		return a * b
	}
	return f.mulOverflow32(a, b, at)
}

// DivInt32 returns a / b, cut toward zero. It fails if b is 0, and on
// overflow.
func (f *Fault) DivInt32(a, b int32, at Pos) int32 {
	if uint32(b+1) <= 1 {
		return f.divEdge32(a, b, at)
	}
	return a / b
}

// divEdge32 divides by 0 or -1.
//
//go:noinline
func (f *Fault) divEdge32(a, b int32, at Pos) int32 {
	if b == 0 {
		return int32(f.divideByZero(at))
	}
	if a == math.MinInt32 {
		return int32(f.overflow(int64(a), " / ", int64(b), at))
	}
	return -a
}

// ModInt32 returns the remainder of a / b, which has the sign of a. It fails
// if b is 0.
func (f *Fault) ModInt32(a, b int32, at Pos) int32 {
	if b == 0 {
		return int32(f.divideByZero(at))
	}
	return a % b
}

// NegInt32 returns -a. It fails on overflow.
func (f *Fault) NegInt32(a int32, at Pos) int32 {
	if a == math.MinInt32 {
		return int32(f.overflowOne("-(", int64(a), at))
	}
	return -a
}

// AbsInt32 returns a without its sign. It fails on overflow.
func (f *Fault) AbsInt32(a int32, at Pos) int32 {
	if a == math.MinInt32 {
		return int32(f.overflowOne("abs(", int64(a), at))
	}
	return max(a, -a)
}

// IntToInt32 returns x as an int32. It fails if x does not fit.
func (f *Fault) IntToInt32(x int64, at Pos) int32 {
	if int64(int32(x)) == x {
		return int32(x)
	}
	return f.noInt32(x, at)
}

//go:noinline
func (f *Fault) noInt32(x int64, at Pos) int32 {
	return int32(f.doesNotFit(strconv.FormatInt(x, 10), "int32", at))
}

//go:noinline
func (f *Fault) divideByZero(at Pos) int64 {
	f.Fail(at, "division by zero")
	return 0
}

//go:noinline
func (f *Fault) addOverflow(a, b int64, at Pos) int64 { return f.overflow(a, " + ", b, at) }

//go:noinline
func (f *Fault) subOverflow(a, b int64, at Pos) int64 { return f.overflow(a, " - ", b, at) }

//go:noinline
func (f *Fault) overflow(a int64, op string, b int64, at Pos) int64 {
	f.Fail(at, "integer overflow in "+strconv.FormatInt(a, 10)+op+operand(b))
	return 0
}

//go:noinline
func (f *Fault) addOverflow32(a, b int32, at Pos) int32 {
	return int32(f.overflow(int64(a), " + ", int64(b), at))
}

//go:noinline
func (f *Fault) subOverflow32(a, b int32, at Pos) int32 {
	return int32(f.overflow(int64(a), " - ", int64(b), at))
}

//go:noinline
func (f *Fault) mulOverflow32(a, b int32, at Pos) int32 {
	return int32(f.overflow(int64(a), " * ", int64(b), at))
}

// operand writes b as a right operand, in parentheses if it is negative.
func operand(b int64) string {
	if b < 0 {
		return "(" + strconv.FormatInt(b, 10) + ")"
	}
	return strconv.FormatInt(b, 10)
}

//go:noinline
func (f *Fault) overflowOne(open string, a int64, at Pos) int64 {
	f.Fail(at, "integer overflow in "+open+strconv.FormatInt(a, 10)+")")
	return 0
}

//go:noinline
func (f *Fault) doesNotFit(text, typ string, at Pos) int64 {
	f.Fail(at, text+" does not fit "+typ)
	return 0
}
