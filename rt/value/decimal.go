package value

import (
	"encoding/binary"
	"math/bits"
)

// Decimal is the units of a decimal number: the number times ten to the power
// of its scale, the digits after its point, which the program's types say and
// the value does not hold. 12.50 of the type decimal(4, 2) is 1250.
//
// Units are a two's complement number of 128 bits, of which Hi is the upper
// half, between -10^38 and 10^38 without either. Decimals of one scale are equal
// if they are ==.
type Decimal struct {
	Hi int64
	Lo uint64
}

// MaxDigits is the most digits of a decimal.
const MaxDigits = 38

// DecimalOf returns n as a decimal of scale 0.
func DecimalOf(n int64) Decimal { return Decimal{Hi: n >> 63, Lo: uint64(n)} }

// Compare compares decimals of one scale: -1 if d is less than e, 1 if it is more,
// else 0.
func (d Decimal) Compare(e Decimal) int {
	switch {
	case d == e:
		return 0
	case d.Hi < e.Hi || d.Hi == e.Hi && d.Lo < e.Lo:
		return -1
	}
	return 1
}

// Sign returns -1, 0 or 1.
func (d Decimal) Sign() int { return d.Compare(Decimal{}) }

// Neg returns -d.
func (d Decimal) Neg() Decimal {
	lo, borrow := bits.Sub64(0, d.Lo, 0)
	hi, _ := bits.Sub64(0, uint64(d.Hi), borrow)
	return Decimal{Hi: int64(hi), Lo: lo}
}

// Abs returns d without its sign.
func (d Decimal) Abs() Decimal {
	if d.Hi < 0 {
		return d.Neg()
	}
	return d
}

// Fits reports whether d has at most so many digits, of which there may be up to
// MaxDigits.
func (d Decimal) Fits(digits int) bool {
	m, _ := d.magnitude()
	return m.fits(digits)
}

// MinDecimal returns the lesser of two decimals of one scale.
func MinDecimal(a, b Decimal) Decimal {
	if b.Compare(a) < 0 {
		return b
	}
	return a
}

// MaxDecimal returns the greater of two decimals of one scale.
func MaxDecimal(a, b Decimal) Decimal {
	if b.Compare(a) > 0 {
		return b
	}
	return a
}

// CompareDecimals compares decimals of any scales as Compare does.
func CompareDecimals(a Decimal, aScale int, b Decimal, bScale int) int {
	switch {
	case aScale < bScale:
		return -CompareDecimals(b, bScale, a, aScale)
	case aScale == bScale:
		return a.Compare(b)
	}
	m, negative := b.magnitude()
	m, ok := m.shift(aScale - bScale)
	if !ok {
		return -b.Sign() // it has more digits than a can have
	}
	return a.Compare(m.signed(negative))
}

// HashDecimal returns Hash64 of what AppendDecimalKey appends.
func HashDecimal(d Decimal) uint64 {
	var key [16]byte
	return Hash64(AppendDecimalKey(key[:0], d))
}

// AppendDecimalKey appends sixteen bytes, the most significant first and with
// the sign bit flipped, so that bytes sort as decimals of one scale do.
func AppendDecimalKey(dst []byte, d Decimal) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(dst, uint64(d.Hi)^1<<63), d.Lo)
}

// TakeDecimalKey reads what AppendDecimalKey has written and returns the rest of
// key. A key that ends before counts as zeros from there on.
func TakeDecimalKey(key string) (d Decimal, rest string) {
	var b [16]byte
	size := copy(b[:], key)
	return Decimal{
		Hi: int64(binary.BigEndian.Uint64(b[:8]) ^ 1<<63),
		Lo: binary.BigEndian.Uint64(b[8:]),
	}, key[size:]
}

// magnitude is a whole number of 128 bits without a sign.
type magnitude struct{ hi, lo uint64 }

// magnitude returns the units without their sign.
func (d Decimal) magnitude() (m magnitude, negative bool) {
	a := d.Abs()
	return magnitude{uint64(a.Hi), a.Lo}, d.Hi < 0
}

// signed returns the decimal with these units; they are below 2^127.
func (m magnitude) signed(negative bool) Decimal {
	d := Decimal{Hi: int64(m.hi), Lo: m.lo}
	if negative {
		return d.Neg()
	}
	return d
}

func (m magnitude) less(n magnitude) bool { return m.hi < n.hi || m.hi == n.hi && m.lo < n.lo }

// fits reports whether m has at most so many digits, up to MaxDigits.
func (m magnitude) fits(digits int) bool { return m.less(tenTo[digits]) }

// shift returns m * 10^n, which ok says has at most MaxDigits digits, as m has.
func (m magnitude) shift(n int) (product magnitude, ok bool) {
	if n > MaxDigits || !m.fits(MaxDigits-n) {
		return magnitude{}, m == magnitude{}
	}
	t := tenTo[n]
	hi, lo := bits.Mul64(m.lo, t.lo)
	return magnitude{hi + m.hi*t.lo + m.lo*t.hi, lo}, true
}

// over returns m / n and the remainder; n is not 0.
func (m magnitude) over(n uint64) (quotient magnitude, remainder uint64) {
	quotient.hi = m.hi / n
	quotient.lo, remainder = bits.Div64(m.hi%n, m.lo, n)
	return quotient, remainder
}

// next returns m + 1.
func (m magnitude) next() magnitude {
	lo, carry := bits.Add64(m.lo, 1, 0)
	return magnitude{m.hi + carry, lo}
}

// tenTo holds the powers of ten that a decimal's units stay below.
var tenTo = [...]magnitude{
	{0, 1}, {0, 10}, {0, 100},
	{0, 1000}, {0, 10000}, {0, 100000},
	{0, 1000000}, {0, 10000000}, {0, 100000000},
	{0, 1000000000}, {0, 10000000000}, {0, 100000000000},
	{0, 1000000000000}, {0, 10000000000000}, {0, 100000000000000},
	{0, 1000000000000000}, {0, 10000000000000000}, {0, 100000000000000000},
	{0, 1000000000000000000}, {0, 10000000000000000000}, {5, 7766279631452241920},
	{54, 3875820019684212736}, {542, 1864712049423024128}, {5421, 200376420520689664},
	{54210, 2003764205206896640}, {542101, 1590897978359414784}, {5421010, 15908979783594147840},
	{54210108, 11515845246265065472}, {542101086, 4477988020393345024}, {5421010862, 7886392056514347008},
	{54210108624, 5076944270305263616}, {542101086242, 13875954555633532928}, {5421010862427, 9632337040368467968},
	{54210108624275, 4089650035136921600}, {542101086242752, 4003012203950112768}, {5421010862427522, 3136633892082024448},
	{54210108624275221, 12919594847110692864}, {542101086242752217, 68739955140067328}, {5421010862427522170, 687399551400673280},
}
