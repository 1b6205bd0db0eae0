package wire

import (
	"strconv"

	"github.com/flow-lang/flowc/rt/value"
)

// Int reads a whole number; a fraction or an exponent is malformed, whatever
// its value.
func (d *Dec) Int() int64 { return d.whole("int") }

// Int32 reads a whole number of 32 bits.
func (d *Dec) Int32() int32 {
	start := d.pos
	n := d.whole("int32")
	if int64(int32(n)) == n {
		return int32(n)
	}
	d.pos = start
	d.doesNotFit("int32")
	return 0
}

// whole reads a whole number of 64 bits.
func (d *Dec) whole(typ string) int64 {
	b, i := d.line, d.pos
	if i+9 <= len(b) && b[i]-'1' <= 8 {
		n, digits := value.LeadingDigits(load64(b[i:]))
		end := i + digits
		if digits == 8 && b[end]-'0' <= 9 && end+8 <= len(b) {
			low, more := value.LeadingDigits(load64(b[end:]))
			n, end = n*whole10[more]+low, end+more
		}
		if endsNumber(b, end) {
			d.pos = end
			return int64(n)
		}
	}
	negative := i < len(b) && b[i] == '-'
	if negative {
		i++
	}
	start := i
	n, i := readDigits(b, i, 0)
	// What is long, begins with a zero, or goes on is left to the slow path.
	if digits := i - start; uint(digits-1) > 17 || b[start] == '0' && digits > 1 || !endsNumber(b, i) {
		return d.anyWhole(typ)
	}
	d.pos = i
	if negative {
		return -int64(n)
	}
	return int64(n)
}

// readDigits reads the digits at i as ones that follow those of n, and returns the
// number and where they end. It is wrong beyond 64 bits.
func readDigits(b []byte, i int, n uint64) (uint64, int) {
	if i+8 <= len(b) {
		x, digits := value.LeadingDigits(load64(b[i:]))
		n, i = n*whole10[digits]+x, i+digits
		if digits < 8 {
			return n, i
		}
	}
	for i < len(b) && b[i]-'0' <= 9 {
		n = n*10 + uint64(b[i]-'0')
		i++
	}
	return n, i
}

// whole10 holds powers of ten.
var whole10 = [...]uint64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8}

// endsNumber reports whether a number ends before i, as numbers mostly do; i is
// 0 if there is none.
func endsNumber(b []byte, i int) bool {
	return 0 < i && i < len(b) && (b[i] == ',' || b[i] == '}' || b[i] == ']')
}

// anyWhole reads any whole number.
func (d *Dec) anyWhole(typ string) int64 {
	end, whole, ok := scanNumber(d.line, d.pos)
	if !ok || !whole {
		d.isNo(typ)
		return 0
	}
	n, err := strconv.ParseInt(view(d.line[d.pos:end]), 10, 64)
	if err != nil {
		d.doesNotFit(typ)
		return 0
	}
	d.pos = end
	return n
}

// Float reads a number. One beyond the largest float64 is malformed.
func (d *Dec) Float() float64 {
	n, places, end := scanDecimal(d.line, d.pos)
	if n > 1<<53 || !endsNumber(d.line, end) {
		return d.anyFloat("float", 64)
	}
	// Both numbers are exact, so their quotient is the nearest float64.
	x := float64(n)
	if places > 0 {
		x /= pow10[places]
	}
	if d.line[d.pos] == '-' {
		x = -x
	}
	d.pos = end
	return x
}

// Float32 reads a number. One beyond the largest float32 is malformed.
func (d *Dec) Float32() float32 {
	n, places, end := scanDecimal(d.line, d.pos)
	if n > 1<<24 || places > 10 || !endsNumber(d.line, end) {
		return float32(d.anyFloat("float32", 32))
	}
	x := float32(n) / float32(pow10[places])
	if d.line[d.pos] == '-' {
		x = -x
	}
	d.pos = end
	return x
}

// pow10 holds the powers of ten that a float64 holds exactly, as far as
// scanDecimal needs them.
var pow10 = [...]float64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13,
	1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
}

// scanDecimal reads the number without exponent that begins at i: without its
// sign it is n/10^places, with places below len(pow10). end is 0 if there is no
// such number, or one of more than 19 digits.
func scanDecimal(b []byte, i int) (n uint64, places, end int) {
	if i < len(b) && b[i] == '-' {
		i++
	}
	start := i
	n, i = readDigits(b, i, 0)
	digits := i - start
	if digits == 0 || b[start] == '0' && digits > 1 {
		return 0, 0, 0
	}
	if i < len(b) && b[i] == '.' {
		i++
		point := i
		n, i = readDigits(b, i, n)
		if places = i - point; places == 0 {
			return 0, 0, 0
		}
	}
	if digits+places > 19 {
		return 0, 0, 0
	}
	return n, places, i
}

// anyFloat reads any number as a float of so many bits.
func (d *Dec) anyFloat(typ string, bits int) float64 {
	end, _, ok := scanNumber(d.line, d.pos)
	if !ok {
		d.isNo(typ)
		return 0
	}
	x, err := strconv.ParseFloat(view(d.line[d.pos:end]), bits)
	if err != nil {
		d.doesNotFit(typ)
		return 0
	}
	d.pos = end
	return x
}

// Decimal reads a number as a decimal(precision, scale). One with more digits,
// unless they are zeros behind the point, is malformed.
func (d *Dec) Decimal(precision, scale int) value.Decimal {
	if n, places, end := scanDecimal(d.line, d.pos); endsNumber(d.line, end) {
		if x, ok := value.DecimalAt(n, d.line[d.pos] == '-', scale-places, precision); ok {
			d.pos = end
			return x
		}
	}
	return d.anyDecimal(precision, scale)
}

// anyDecimal reads any number as a decimal.
func (d *Dec) anyDecimal(precision, scale int) value.Decimal {
	end, _, ok := scanNumber(d.line, d.pos)
	if !ok {
		d.isNo(value.DecimalName(precision, scale))
		return value.Decimal{}
	}
	x, _, ok := value.ParseDecimal(d.line[d.pos:end], precision, scale)
	if !ok {
		d.doesNotFit(value.DecimalName(precision, scale))
		return value.Decimal{}
	}
	d.pos = end
	return x
}

// Number reads a number and returns its text.
func (d *Dec) Number() string {
	end, _, ok := scanNumber(d.line, d.pos)
	if !ok {
		d.isNo("number")
		return ""
	}
	text := view(d.line[d.pos:end])
	d.pos = end
	return text
}

// scanNumber returns the end of the number that begins at i, and whether it has
// neither fraction nor exponent. ok is false if there is no number, or if
// something is stuck to it.
func scanNumber(b []byte, i int) (end int, whole, ok bool) {
	if i < len(b) && b[i] == '-' {
		i++
	}
	if i < len(b) && b[i] == '0' {
		i++
	} else if i, ok = scanDigits(b, i); !ok {
		return i, false, false
	}
	whole = true
	if i < len(b) && b[i] == '.' {
		whole = false
		if i, ok = scanDigits(b, i+1); !ok {
			return i, false, false
		}
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		whole = false
		if i++; i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		if i, ok = scanDigits(b, i); !ok {
			return i, false, false
		}
	}
	return i, whole, i == len(b) || endsToken(b[i])
}

// scanDigits returns the end of the digits that begin at i, of which there must
// be at least one.
func scanDigits(b []byte, i int) (end int, ok bool) {
	start := i
	for i < len(b) && b[i]-'0' <= 9 {
		i++
	}
	return i, i > start
}
