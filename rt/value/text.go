package value

import (
	"math"
	"math/bits"
	"strconv"
	"time"
	"unicode/utf8"
)

// pairs holds the numbers 00 to 99.
const pairs = "00010203040506070809" +
	"10111213141516171819" +
	"20212223242526272829" +
	"30313233343536373839" +
	"40414243444546474849" +
	"50515253545556575859" +
	"60616263646566676869" +
	"70717273747576777879" +
	"80818283848586878889" +
	"90919293949596979899"

// put2 writes n, which is below 100, as two digits.
func put2(dst []byte, n uint32) {
	n *= 2
	dst[0], dst[1] = pairs[n], pairs[n+1]
}

// AppendTimestamp appends t as RFC 3339 in UTC, such as 2024-05-01T12:00:00Z,
// with as many digits after the second as are not zero.
func AppendTimestamp(dst []byte, t Timestamp) []byte {
	us := sinceYear1(t)
	year, month, day := (Date(us/uint64(Day)) + MinDate).civil()
	us %= uint64(Day)
	second := uint32(us / uint64(Second))
	us -= uint64(second) * uint64(Second)

	n := len(dst)
	dst = append(dst, "0000-00-00T00:00:00Z"...)
	b := dst[n : n+20]
	putDate(b[:10], year, month, day)
	put2(b[11:13], second/3600)
	put2(b[14:16], second/60%60)
	put2(b[17:19], second%60)
	if us == 0 {
		return dst
	}
	return appendFraction(dst[:n+19], uint32(us))
}

// appendFraction appends a point, so many microseconds as digits without the
// zeros at their end, and a Z.
func appendFraction(dst []byte, us uint32) []byte {
	buf := [8]byte{0: '.'}
	putMicros(buf[1:7], us)
	end := 7
	for buf[end-1] == '0' {
		end--
	}
	buf[end] = 'Z'
	return append(dst, buf[:end+1]...)
}

// putMicros writes n, which is below 1,000,000, as six digits.
func putMicros(dst []byte, n uint32) {
	put2(dst[0:2], n/10000)
	put2(dst[2:4], n/100%100)
	put2(dst[4:6], n%100)
}

// putDate writes ten bytes such as 2024-05-01.
func putDate(dst []byte, year, month, day uint32) {
	put2(dst[0:2], year/100)
	put2(dst[2:4], year%100)
	dst[4], dst[7] = '-', '-'
	put2(dst[5:7], month)
	put2(dst[8:10], day)
}

// FormatTimestamp returns what [AppendTimestamp] appends.
func FormatTimestamp(t Timestamp) string {
	var buf [27]byte
	return string(AppendTimestamp(buf[:0], t))
}

// FormatLayout returns t, in UTC, in a layout of package time.
func FormatLayout(t Timestamp, layout string) string {
	return time.UnixMicro(int64(t)).UTC().Format(layout)
}

// AppendDate appends d as 2024-05-01.
func AppendDate(dst []byte, d Date) []byte {
	var buf [10]byte
	year, month, day := d.civil()
	putDate(buf[:], year, month, day)
	return append(dst, buf[:]...)
}

// FormatDate returns what [AppendDate] appends.
func FormatDate(d Date) string {
	var buf [10]byte
	return string(AppendDate(buf[:0], d))
}

// A unit is a unit of durations as the language writes it.
type unit struct {
	name   string
	length uint64
}

// units lists the units of durations, the largest first.
var units = [...]unit{
	{"d", uint64(Day)},
	{"h", uint64(Hour)},
	{"m", uint64(Minute)},
	{"s", uint64(Second)},
	{"ms", uint64(Millisecond)},
	{"us", uint64(Microsecond)},
}

// AppendDuration appends d as a literal of Flow, largest unit first and zeros
// left out: 1d2h, 2s500ms, 0s, -5m.
func AppendDuration(dst []byte, d Duration) []byte {
	if d == 0 {
		return append(dst, "0s"...)
	}
	rest := uint64(d)
	if d < 0 {
		dst = append(dst, '-')
		rest = -rest
	}
	for i := range units {
		if n := rest / units[i].length; n > 0 {
			dst = appendUint(dst, n)
			dst = append(dst, units[i].name...)
			rest -= n * units[i].length
		}
	}
	return dst
}

// FormatDuration returns what [AppendDuration] appends.
func FormatDuration(d Duration) string {
	var buf [48]byte
	return string(AppendDuration(buf[:0], d))
}

// AppendUUID appends u in its text form, in lower case:
// 123e4567-e89b-12d3-a456-426614174000.
func AppendUUID(dst []byte, u UUID) []byte {
	const hex = "0123456789abcdef"
	for i, b := range u {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			dst = append(dst, '-')
		}
		dst = append(dst, hex[b>>4], hex[b&15])
	}
	return dst
}

// FormatUUID returns what [AppendUUID] appends.
func FormatUUID(u UUID) string {
	var buf [36]byte
	return string(AppendUUID(buf[:0], u))
}

// AppendInt appends n.
func AppendInt(dst []byte, n int64) []byte {
	u := uint64(n)
	if n < 0 {
		dst = append(dst, '-')
		u = -u
	}
	return appendUint(dst, u)
}

// appendUint appends u. It writes in place what strconv writes to a buffer
// first.
func appendUint(dst []byte, u uint64) []byte {
	if u < 10 {
		return append(dst, '0'+byte(u))
	}
	start, size := len(dst), decimalLen(u)
	dst = append(dst, "00000000000000000000"...)[:start+size]
	i := start + size
	for u >= 100 {
		rest := u / 100
		i -= 2
		put2(dst[i:i+2], uint32(u-rest*100))
		u = rest
	}
	if u < 10 {
		dst[start] = '0' + byte(u)
		return dst
	}
	put2(dst[start:start+2], uint32(u))
	return dst
}

// decimalLen returns the number of decimal digits of u, which is not 0.
func decimalLen(u uint64) int {
	// 1233/4096 is a little more than log10(2).
	n := bits.Len64(u) * 1233 >> 12
	if u >= wholePow10[n] {
		n++
	}
	return n
}

// wholePow10 holds the powers of ten that a uint64 holds.
var wholePow10 = [...]uint64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13,
	1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
}

// AppendFloat appends the shortest text that reads back as x, in the form of
// encoding/json: 5, 2.5, 1e+21, 1e-7. It appends NaN, +Inf and -Inf for what
// JSON has no text for.
func AppendFloat(dst []byte, x float64) []byte {
	if dst, ok := appendShort(dst, x); ok {
		return dst
	}
	return appendFloat(dst, x, 64)
}

// AppendFloat32 is [AppendFloat] for a float32: the shortest text that reads
// back as the same float32.
func AppendFloat32(dst []byte, x float32) []byte {
	return appendFloat(dst, float64(x), 32)
}

// FormatFloat returns what [AppendFloat] appends.
func FormatFloat(x float64) string {
	var buf [32]byte
	return string(AppendFloat(buf[:0], x))
}

// FormatFloat32 returns what [AppendFloat32] appends.
func FormatFloat32(x float32) string {
	var buf [32]byte
	return string(AppendFloat32(buf[:0], x))
}

// appendShort appends x if it is a number of at most 15 digits, six of them
// after the point, as prices and measures are.
//
// If n/10^k == x for an n below 10^15, then n/10^k is the text of x: two
// numbers of 15 digits never share a float64, so there is no other text as
// short; and the division is exact to the last bit because both n and 10^k
// are.
func appendShort(dst []byte, x float64) ([]byte, bool) {
	if n := int64(x); float64(n) == x && n != 0 && -1e15 < x && x < 1e15 {
		return AppendInt(dst, n), true
	}
	y := math.Abs(x)
	if !(0 < y && y < 1e9) {
		return dst, false
	}
	n, places := int64(y*1e2+0.5), 2
	if float64(n)/1e2 != y {
		n, places = int64(y*1e6+0.5), 6
		if float64(n)/1e6 != y {
			return dst, false
		}
	}
	return appendFixed(dst, x < 0, uint64(n), places), true
}

// appendFixed appends n/10^places without zeros at its end; places is 2 or 6,
// and n below 10^15.
func appendFixed(dst []byte, negative bool, n uint64, places int) []byte {
	if negative {
		dst = append(dst, '-')
	}
	scale := uint64(100)
	if places == 6 {
		scale = 1_000_000
	}
	whole := n / scale
	rest := uint32(n - whole*scale)
	dst = appendUint(dst, whole)
	if rest == 0 {
		return dst
	}
	var buf [7]byte
	buf[0] = '.'
	if places == 2 {
		put2(buf[1:3], rest)
	} else {
		putMicros(buf[1:7], rest)
	}
	end := places + 1
	for buf[end-1] == '0' {
		end--
	}
	return append(dst, buf[:end]...)
}

// appendFloat appends any x; bits is 32 or 64.
func appendFloat(dst []byte, x float64, bits int) []byte {
	y := math.Abs(x)
	format := byte('f')
	if y != 0 {
		if bits == 64 && (y < 1e-6 || y >= 1e21) || bits == 32 && (float32(y) < 1e-6 || float32(y) >= 1e21) {
			format = 'e'
		}
	}
	dst = strconv.AppendFloat(dst, x, format, -1, bits)
	if n := len(dst); format == 'e' && n >= 4 && dst[n-4] == 'e' && dst[n-2] == '0' {
		dst[n-2] = dst[n-1] // e-09 is e-9
		dst = dst[:n-1]
	}
	return dst
}

// quote writes text from a record into a reason, cut to a length that a person
// reads.
func quote(text string) string {
	const most = 40
	if len(text) > most {
		cut := most
		for cut > 0 && !utf8.RuneStart(text[cut]) {
			cut--
		}
		text = text[:cut] + "…"
	}
	return strconv.Quote(text)
}
