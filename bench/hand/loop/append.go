package loop

import (
	"encoding/json"
	"math"
	"strconv"
	"time"
)

// AppendString appends s as a JSON string.
func AppendString(b, s []byte) []byte {
	b = append(b, '"')
	for _, c := range s {
		if c < 0x20 || c == '"' || c == '\\' {
			return appendEscaped(b[:len(b)-1], s)
		}
	}
	b = append(b, s...)
	return append(b, '"')
}

// appendEscaped appends a string that needs escapes.
func appendEscaped(b, s []byte) []byte {
	quoted, err := json.Marshal(string(s))
	if err != nil {
		panic(err) // a string can always be written
	}
	return append(b, quoted...)
}

// AppendFloat appends x as encoding/json does; x is finite.
func AppendFloat(b []byte, x float64) []byte {
	format := byte('f')
	if abs := math.Abs(x); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	b = strconv.AppendFloat(b, x, format, -1, 64)
	if n := len(b); format == 'e' && n >= 4 && b[n-4] == 'e' && b[n-3] == '-' && b[n-2] == '0' {
		b[n-2] = b[n-1]
		b = b[:n-1]
	}
	return b
}

// AppendTime appends microseconds since 1970 as RFC 3339 in UTC, with as many
// digits of a fraction as are not zero.
func AppendTime(b []byte, micros int64) []byte {
	day := micros / 86_400_000_000
	rest := micros % 86_400_000_000
	if rest < 0 {
		day, rest = day-1, rest+86_400_000_000
	}
	year, month, date := time.Unix(day*86400, 0).UTC().Date()
	if year < 1000 || year > 9999 {
		return append(time.UnixMicro(micros).UTC().AppendFormat(append(b, '"'), time.RFC3339Nano), '"')
	}
	seconds, fraction := rest/1_000_000, rest%1_000_000
	b = append(b, '"')
	b = strconv.AppendInt(b, int64(year), 10)
	b = appendTwo(append(b, '-'), int64(month))
	b = appendTwo(append(b, '-'), int64(date))
	b = appendTwo(append(b, 'T'), seconds/3600)
	b = appendTwo(append(b, ':'), seconds/60%60)
	b = appendTwo(append(b, ':'), seconds%60)
	if fraction != 0 {
		b = append(b, '.')
		for unit := int64(100_000); fraction > 0; unit /= 10 {
			b = append(b, byte('0'+fraction/unit))
			fraction %= unit
		}
	}
	return append(b, 'Z', '"')
}

func appendTwo(b []byte, n int64) []byte { return append(b, byte('0'+n/10), byte('0'+n%10)) }
