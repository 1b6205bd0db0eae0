package scan

import (
	"math"
	"strconv"
	"time"
)

// Int reads a whole number of 64 bits.
func (s *Scanner) Int() int64 {
	s.space()
	i, negative := s.at, false
	if i < len(s.text) && s.text[i] == '-' {
		negative = true
		i++
	}
	first := i
	var n uint64
	for i < len(s.text) && isDigit(s.text[i]) {
		n = n*10 + uint64(s.text[i]-'0')
		i++
	}
	digits := i - first
	switch {
	case digits == 0 || digits > 1 && s.text[first] == '0' || digits > 19:
	case i < len(s.text) && (s.text[i] == '.' || s.text[i] == 'e' || s.text[i] == 'E'):
	case negative && n <= 1<<63:
		s.at = i
		return -int64(n)
	case !negative && n <= math.MaxInt64:
		s.at = i
		return int64(n)
	}
	s.fail()
	return 0
}

// powers are the powers of ten that a float64 holds exactly.
var powers = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// Float reads a number, correctly rounded. Numbers with up to 15 digits and no
// exponent take the exact short way, a division of two exact floats; all
// others go through strconv.
func (s *Scanner) Float() float64 {
	s.space()
	start := s.at
	i := start
	negative := i < len(s.text) && s.text[i] == '-'
	if negative {
		i++
	}
	first := i
	var n uint64
	for i < len(s.text) && isDigit(s.text[i]) {
		n = n*10 + uint64(s.text[i]-'0')
		i++
	}
	whole := i - first
	if whole == 0 || whole > 1 && s.text[first] == '0' {
		s.fail()
		return 0
	}
	fraction := 0
	if i < len(s.text) && s.text[i] == '.' {
		dot := i
		for i++; i < len(s.text) && isDigit(s.text[i]); i++ {
			n = n*10 + uint64(s.text[i]-'0')
		}
		if fraction = i - dot - 1; fraction == 0 {
			s.fail()
			return 0
		}
	}
	if i < len(s.text) && s.text[i]|0x20 == 'e' || whole+fraction > 15 {
		return s.anyFloat(start, i)
	}
	s.at = i
	x := float64(n) / powers[fraction]
	if negative {
		return -x
	}
	return x
}

// anyFloat reads the number that begins at start and whose exponent, if it has
// one, stands at i.
func (s *Scanner) anyFloat(start, i int) float64 {
	if i < len(s.text) && s.text[i]|0x20 == 'e' {
		i++
		if i < len(s.text) && (s.text[i] == '+' || s.text[i] == '-') {
			i++
		}
		first := i
		for i < len(s.text) && isDigit(s.text[i]) {
			i++
		}
		if i == first {
			s.fail()
			return 0
		}
	}
	x, err := strconv.ParseFloat(string(s.text[start:i]), 64)
	if err != nil {
		s.fail()
		return 0
	}
	s.at = i
	return x
}

// Bool reads true or false.
func (s *Scanner) Bool() bool {
	s.space()
	switch rest := s.text[s.at:]; {
	case len(rest) >= 4 && string(rest[:4]) == "true":
		s.at += 4
		return true
	case len(rest) >= 5 && string(rest[:5]) == "false":
		s.at += 5
	default:
		s.fail()
	}
	return false
}

// Time reads a string that holds a time as RFC 3339 writes it, in microseconds
// since 1970. Times in UTC to the second or with up to six digits of a
// fraction take the short way.
func (s *Scanner) Time() int64 {
	b := s.String()
	if s.err != nil {
		return 0
	}
	if t, ok := utc(b); ok {
		return t
	}
	t, err := time.Parse(time.RFC3339Nano, string(b))
	if err != nil {
		s.fail()
		return 0
	}
	return t.UnixMicro()
}

// utc reads the short form 2006-01-02T15:04:05[.999999]Z.
func utc(b []byte) (int64, bool) {
	if len(b) < 20 || b[4] != '-' || b[7] != '-' || b[10] != 'T' || b[13] != ':' || b[16] != ':' || b[len(b)-1] != 'Z' {
		return 0, false
	}
	century, ok1 := two(b, 0)
	year, ok2 := two(b, 2)
	month, ok3 := two(b, 5)
	day, ok4 := two(b, 8)
	hour, ok5 := two(b, 11)
	minute, ok6 := two(b, 14)
	second, ok7 := two(b, 17)
	digits := ok1 && ok2 && ok3 && ok4 && ok5 && ok6 && ok7
	if !digits || month-1 > 11 || day-1 > 27 || hour > 23 || minute > 59 || second > 59 {
		return 0, false // the last days of a month are left to package time
	}
	micros := int64(0)
	if fraction := b[19 : len(b)-1]; len(fraction) > 0 {
		if fraction[0] != '.' || len(fraction) < 2 || len(fraction) > 7 {
			return 0, false
		}
		for i := 1; i <= 6; i++ {
			micros *= 10
			if i < len(fraction) {
				if !isDigit(fraction[i]) {
					return 0, false
				}
				micros += int64(fraction[i] - '0')
			}
		}
	}
	days := daysSince1970(int64(century*100+year), int64(month), int64(day))
	return ((days*24+int64(hour))*60+int64(minute))*60_000_000 + int64(second)*1_000_000 + micros, true
}

// two reads the two digits at i.
func two(b []byte, i int) (uint, bool) {
	high, low := uint(b[i])-'0', uint(b[i+1])-'0'
	return high*10 + low, high <= 9 && low <= 9
}

// daysSince1970 counts days in the Gregorian calendar.
//
// Source: days_from_civil in Howard Hinnant, "chrono-Compatible Low-Level Date
// Algorithms".
func daysSince1970(year, month, day int64) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	era := year / 400
	ofEra := year - era*400
	ofYear := (153*(month-3)+2)/5 + day - 1
	return era*146097 + ofEra*365 + ofEra/4 - ofEra/100 + ofYear - 719468
}

func isDigit(c byte) bool { return c-'0' <= 9 }
