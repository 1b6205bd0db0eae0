package value

import (
	"encoding/binary"
	"math/bits"
	"time"
	"unsafe"
)

// Text is what the parsers read: a string, or bytes that stay as they are
// while the parser runs.
type Text interface{ ~string | ~[]byte }

// ParseRFC3339 reads a timestamp such as 2024-05-01T14:00:00.5+02:00, with any
// offset and any number of digits after the second; digits beyond the
// microsecond are cut. ok is false for anything else, and outside the years 1
// to 9999.
func ParseRFC3339[T Text](text T) (t Timestamp, ok bool) {
	s := view(text)
	if len(s) < 20 {
		return 0, false
	}
	if t, ok = parseSecond(s); !ok {
		return 0, false
	}
	if len(s) == 20 && s[19] == 'Z' {
		return t, true
	}
	return parseTail(t, s[19:])
}

// Recent is the minute of the timestamp that was read last: those of one source
// mostly lie close together, and then only the second is read. The zero Recent has
// none.
type Recent struct {
	date, clock uint64 // its sixteen bytes, up to the colon before the second; 0 if there is none
	at          Timestamp
}

// LeadingTime reads the timestamp at the beginning of text as [ParseRFC3339] reads
// it, if it is in UTC and has at most six digits after the second, as most have. n
// is how many bytes it takes, 0 if there is no such timestamp.
func (r *Recent) LeadingTime(text []byte) (t Timestamp, n int) {
	if len(text) < 20 {
		return 0, 0
	}
	t, ok := r.second(text)
	switch {
	case !ok:
		return 0, 0
	case text[19] == 'Z':
		return t, 20
	case text[19] != '.':
		return 0, 0
	}
	// Where fewer than eight bytes follow, zeros do.
	rest := load64(text[min(20, len(text)-8):]) >> (8 * max(28-len(text), 0))
	fraction, digits := LeadingDigits(rest)
	if digits == 0 || digits > 6 || 20+digits >= len(text) || text[20+digits] != 'Z' {
		return 0, 0
	}
	return t + Timestamp(fraction)*microsOf[digits], 21 + digits
}

// microsOf holds what the last of so many digits after the second is worth.
var microsOf = [...]Timestamp{1e6, 1e5, 1e4, 1e3, 1e2, 1e1, 1}

// LeadingDigits returns the number that the digits at the beginning of eight bytes
// make, which are loaded least significant first, and how many digits there are.
func LeadingDigits(text uint64) (n uint64, digits int) {
	const each, tops = 0x0101010101010101, 0x8080808080808080
	x := text ^ '0'*each // digits become 0 to 9
	others := ((x &^ tops) + 0x76*each | x) & tops
	digits = bits.TrailingZeros64(others) >> 3
	x <<= uint(8-digits) * 8 // so that zeros stand before them
	x = x*10 + x>>8          // pairs, in every other byte
	x = (x&0x000000ff000000ff)*(100+1_000_000<<32) + (x>>16&0x000000ff000000ff)*(1+10_000<<32)
	return x >> 32, digits
}

// second is parseSecond, by what was read last.
func (r *Recent) second(s []byte) (t Timestamp, ok bool) {
	_ = s[18]
	date, clock := load64(s), load64(s[8:])
	if date != r.date || clock != r.clock || date == 0 {
		if t, ok = parseSecond(s); ok {
			second, _ := parse2(s[17:19])
			*r = Recent{date, clock, t - Timestamp(second)*Timestamp(Second)}
		}
		return t, ok
	}
	second, ok := parse2(s[17:19])
	return r.at + Timestamp(second)*Timestamp(Second), ok && second <= 59 && s[16] == ':'
}

// parseSecond reads the nineteen bytes of a time up to its second.
func parseSecond(s []byte) (t Timestamp, ok bool) {
	_ = s[18]
	// 2024-05- and 01T12:00
	x, ok1 := digitPairs(load64(s), '-'<<32|'-'<<56)
	y, ok2 := digitPairs(load64(s[8:]), 'T'<<16|':'<<40)
	date, ok3 := dateOf(uint32(x&0xff*100+x>>16&0xff), uint32(x>>40&0xff), uint32(y&0xff))
	hour, minute := y>>24&0xff, y>>48&0xff
	second, ok4 := parse2(s[17:19])
	if !(ok1 && ok2 && ok3 && ok4) || hour > 23 || minute > 59 || second > 59 || s[16] != ':' {
		return 0, false
	}
	return Timestamp(date)*Timestamp(Day) +
		Timestamp(hour*3600+minute*60+uint64(second))*Timestamp(Second), true
}

// digitPairs reads pairs of digits among eight bytes, of which those that are
// not zero in separators must stand as they do there. The value of a pair
// stands where its first digit stood.
func digitPairs(x, separators uint64) (pairs uint64, ok bool) {
	const each = 0x0101010101010101
	// 0x80 for each separator; it has ASCII, so its bits below add no carry.
	at := (separators + 0x7f*each) & (0x80 * each)
	// Digits become 0 to 9, separators 0.
	x ^= separators | '0'*each&^(at>>7*0xff)
	// The top bit tells a digit above 9, a separator above 0, and no ASCII.
	wrong := (x&(0x7f*each) + 0x76*each + at>>7*9) | x
	return x*10 + x>>8, wrong&(0x80*each) == 0
}

// parseTail reads what follows the second: a fraction and the offset.
func parseTail(t Timestamp, s []byte) (Timestamp, bool) {
	if s[0] == '.' {
		i, unit := 1, Timestamp(100_000)
		for ; i < len(s) && isDigit(s[i]); i++ {
			t += Timestamp(s[i]-'0') * unit
			unit /= 10
		}
		if i == 1 {
			return 0, false
		}
		s = s[i:]
	}
	if len(s) == 1 && s[0] == 'Z' {
		return t, true
	}
	if len(s) != 6 || s[3] != ':' || s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	hour, ok1 := parse2(s[1:3])
	minute, ok2 := parse2(s[4:6])
	if !ok1 || !ok2 || hour > 23 || minute > 59 {
		return 0, false
	}
	offset := Timestamp(hour*60+minute) * Timestamp(Minute)
	if s[0] == '+' {
		offset = -offset
	}
	t += offset
	return t, MinTime <= t && t <= MaxTime
}

// ParseTimestamp reads a timestamp in a layout of Go's time package, such as
// "02.01.2006 15:04"; UTC unless the layout has a zone. Digits beyond the
// microsecond are cut. It is none if s does not fit, and outside the years 1
// to 9999.
func ParseTimestamp(s, layout string) Option[Timestamp] {
	moment, err := time.Parse(layout, s)
	if err != nil || moment.Unix() < int64(MinTime/Timestamp(Second)) || moment.Unix() > int64(MaxTime/Timestamp(Second)) {
		return Option[Timestamp]{}
	}
	return Some(Timestamp(moment.UnixMicro()))
}

// ParseDate reads a date such as 2024-05-01, in the years 1 to 9999.
func ParseDate[T Text](text T) (d Date, ok bool) {
	s := view(text)
	if len(s) != 10 {
		return 0, false
	}
	return parseDate(s)
}

// parseDate reads ten bytes.
func parseDate(s []byte) (Date, bool) {
	_ = s[9]
	century, ok1 := parse2(s[0:2])
	year, ok2 := parse2(s[2:4])
	month, ok3 := parse2(s[5:7])
	day, ok4 := parse2(s[8:10])
	if !(ok1 && ok2 && ok3 && ok4) || s[4] != '-' || s[7] != '-' {
		return 0, false
	}
	return dateOf(century*100+year, month, day)
}

// parse2 reads two digits.
func parse2(s []byte) (n uint32, ok bool) {
	tens, ones := uint32(s[0])-'0', uint32(s[1])-'0'
	return tens*10 + ones, tens <= 9 && ones <= 9
}

func isDigit(c byte) bool { return c-'0' <= 9 }

// ParseDuration reads a duration as [AppendDuration] writes it: a sign or
// none, then whole numbers with the units d h m s ms us, each at most once and
// the largest first.
func ParseDuration[T Text](text T) (d Duration, ok bool) {
	s := view(text)
	negative := len(s) > 0 && s[0] == '-'
	if negative {
		s = s[1:]
	}
	if len(s) == 0 {
		return 0, false
	}
	var total uint64
	next := 0 // index of the largest unit that may still follow
	for len(s) > 0 {
		var part uint64
		if part, next, s, ok = parsePart(s, next); !ok {
			return 0, false
		}
		var carry uint64
		if total, carry = bits.Add64(total, part, 0); carry != 0 {
			return 0, false
		}
	}
	switch {
	case negative && total <= 1<<63:
		return Duration(-total), true
	case !negative && total < 1<<63:
		return Duration(total), true
	}
	return 0, false
}

// parsePart reads one number and its unit, which is units[next] or a smaller
// one.
func parsePart(s []byte, next int) (part uint64, following int, rest []byte, ok bool) {
	i := 0
	for ; i < len(s) && isDigit(s[i]); i++ {
		if part > (1<<63)/10 {
			return 0, 0, nil, false
		}
		part = part*10 + uint64(s[i]-'0')
	}
	end := i
	for end < len(s) && 'a' <= s[end] && s[end] <= 'z' {
		end++
	}
	for ; i > 0 && next < len(units); next++ {
		if string(s[i:end]) == units[next].name {
			hi, lo := bits.Mul64(part, units[next].length)
			return lo, next + 1, s[end:], hi == 0
		}
	}
	return 0, 0, nil, false
}

// ParseUUID reads the text form of a UUID: 32 hexadecimal digits of either
// case in groups of 8-4-4-4-12.
func ParseUUID[T Text](text T) (u UUID, ok bool) {
	s := view(text)
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return u, false
	}
	at := 0
	for i := range u {
		if at == 8 || at == 13 || at == 18 || at == 23 {
			at++
		}
		high, low := hexValue(s[at]), hexValue(s[at+1])
		if high|low > 15 {
			return UUID{}, false
		}
		u[i] = high<<4 | low
		at += 2
	}
	return u, true
}

// hexValue returns what a hexadecimal digit stands for, or 255.
func hexValue(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	}
	return 255
}

// view returns the bytes of text without copying them. The caller must not
// change them.
func view[T Text](text T) []byte {
	return unsafe.Slice(unsafe.StringData(*(*string)(unsafe.Pointer(&text))), len(text))
}

// load64 reads eight bytes, least significant first.
func load64(s []byte) uint64 { return binary.LittleEndian.Uint64(s) }

// load32 reads four bytes, least significant first.
func load32(s []byte) uint64 { return uint64(binary.LittleEndian.Uint32(s)) }
