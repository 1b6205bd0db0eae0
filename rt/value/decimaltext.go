package value

import "strconv"

// DecimalName returns the name of a decimal type, such as decimal(12, 2).
func DecimalName(precision, scale int) string {
	return "decimal(" + strconv.Itoa(precision) + ", " + strconv.Itoa(scale) + ")"
}

// FormatDecimal returns what [AppendDecimal] appends.
func FormatDecimal(d Decimal, scale int) string {
	var buf [48]byte
	return string(AppendDecimal(buf[:0], d, scale))
}

// AppendDecimal appends d with all its digits, as many after the point as its
// scale is: -0.0001, 12.50, 7.
func AppendDecimal(dst []byte, d Decimal, scale int) []byte {
	m, negative := d.magnitude()
	if negative {
		dst = append(dst, '-')
	}
	if m.hi == 0 && scale == 0 {
		return appendUint(dst, m.lo)
	}
	var buf [MaxDigits + 1]byte // and a zero before the point
	digits := m.digits(&buf, scale+1)
	point := len(digits) - scale
	dst = append(dst, digits[:point]...)
	if scale == 0 {
		return dst
	}
	return append(append(dst, '.'), digits[point:]...)
}

// digits writes m into buf, with zeros before it if it has fewer digits than
// least.
func (m magnitude) digits(buf *[MaxDigits + 1]byte, least int) []byte {
	i := len(buf)
	for m.hi != 0 {
		var rest uint64
		m, rest = m.over(1e19)
		for stop := i - 19; i > stop && i > 0; rest /= 10 {
			i--
			buf[i] = '0' + byte(rest%10)
		}
	}
	for n := m.lo; n != 0; n /= 10 {
		i--
		buf[i] = '0' + byte(n%10)
	}
	for i > 0 && len(buf)-i < least {
		i--
		buf[i] = '0'
	}
	return buf[i:]
}

// ParseDecimal reads a number as a decimal(precision, scale): a sign or none,
// digits with or without a point among them, an exponent or none. number says
// whether text is one, and ok whether it also fits the type without losing a
// digit that is not zero.
func ParseDecimal[T Text](text T, precision, scale int) (d Decimal, number, ok bool) {
	n, number := scanDecimal(view(text))
	if !number {
		return Decimal{}, false, false
	}
	if n.units == (magnitude{}) {
		return Decimal{}, true, true
	}
	shift := n.exponent + scale
	if n.long || shift < 0 {
		return Decimal{}, true, false
	}
	m, ok := n.units.shift(shift)
	if !ok || !m.fits(precision) {
		return Decimal{}, true, false
	}
	return m.signed(n.negative), true, true
}

// DecimalAt returns the decimal of at most precision digits whose units are n *
// 10^shift, or their negative. ok is false if it has more digits, and if shift is
// negative.
func DecimalAt(n uint64, negative bool, shift, precision int) (d Decimal, ok bool) {
	if shift < 0 {
		return Decimal{}, false
	}
	m, ok := magnitude{lo: n}.shift(shift)
	if !ok || !m.fits(precision) {
		return Decimal{}, false
	}
	return m.signed(negative), true
}

// scanned is a number as its text says: units * 10^exponent, where units do not
// end in a zero unless they are zero.
type scanned struct {
	units    magnitude
	exponent int
	negative bool
	long     bool // it has more digits than a decimal; units are some of them
}

// scanDecimal reads a number.
func scanDecimal(s []byte) (n scanned, ok bool) {
	i := 0
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		n.negative = s[i] == '-'
		i++
	}
	zeros := 0 // read and not yet part of units
	start := i
	i = n.take(s, i, &zeros)
	digits := i - start
	if i < len(s) && s[i] == '.' {
		start = i + 1
		i = n.take(s, start, &zeros)
		n.exponent -= i - start
		digits += i - start
	}
	n.exponent += zeros
	ok = digits > 0
	if ok && i < len(s) && s[i]|0x20 == 'e' {
		var exponent int
		exponent, i, ok = scanExponent(s, i+1)
		n.exponent += exponent
	}
	return n, ok && i == len(s)
}

// take reads digits and returns where they end.
func (n *scanned) take(s []byte, i int, zeros *int) int {
	for ; i < len(s) && isDigit(s[i]); i++ {
		if s[i] == '0' {
			*zeros++
			continue
		}
		n.add(uint64(s[i]-'0'), *zeros)
		*zeros = 0
	}
	return i
}

// add puts so many zeros and a digit behind the units.
func (n *scanned) add(digit uint64, zeros int) {
	m, ok := n.units.shift(zeros + 1)
	if !ok {
		n.long = true
		return
	}
	m.lo += digit // it ended in a zero, so there is at most a carry
	if m.lo < digit {
		m.hi++
	}
	n.units = m
}

// scanExponent reads a whole number. One that no number of a type can have is
// cut, far from zero still.
func scanExponent(s []byte, i int) (exponent, end int, ok bool) {
	negative := i < len(s) && s[i] == '-'
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		i++
	}
	const most = 1 << 30 // more digits than a record can have
	start := i
	for ; i < len(s) && isDigit(s[i]); i++ {
		exponent = min(exponent*10+int(s[i]-'0'), most)
	}
	if negative {
		exponent = -exponent
	}
	return exponent, i, i > start
}
