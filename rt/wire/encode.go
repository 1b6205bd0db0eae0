package wire

import (
	"encoding/base64"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/flow-lang/flowc/rt/value"
)

// AppendString appends s as a JSON string. It escapes what encoding/json does
// without HTML escaping, and invalid UTF-8 becomes U+FFFD.
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	b := bytesOf(s)
	i := 0
	for ; i+8 <= len(b); i += 8 {
		if specials(load64(b[i:])) != 0 {
			return appendEscaped(dst, s)
		}
	}
	for ; i < len(b); i++ {
		if c := b[i]; c < ' ' || c >= utf8.RuneSelf || c == '"' || c == '\\' {
			return appendEscaped(dst, s)
		}
	}
	dst = append(dst, s...)
	return append(dst, '"')
}

// appendEscaped appends the content of any string, and the closing quote.
func appendEscaped(dst []byte, s string) []byte {
	start := 0 // of what is not yet appended
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if c < ' ' || c == '"' || c == '\\' {
				dst = append(dst, s[start:i]...)
				dst = appendEscape(dst, c)
				start = i + 1
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			dst = append(append(dst, s[start:i]...), `\ufffd`...)
			start = i + 1
		case r == '\u2028' || r == '\u2029': // line ends to JavaScript
			dst = append(append(dst, s[start:i]...), `\u202`...)
			dst = append(dst, '0'+byte(r&15))
			start = i + size
		}
		i += size
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

// appendEscape appends the escape of an ASCII character.
func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	const hex = "0123456789abcdef"
	return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}

// AppendInt appends n.
func AppendInt(dst []byte, n int64) []byte { return value.AppendInt(dst, n) }

// AppendBool appends true or false.
func AppendBool(dst []byte, b bool) []byte { return strconv.AppendBool(dst, b) }

// AppendFloat appends x as encoding/json does. NaN and infinities fail: JSON
// has no text for them, and null stands in their place.
func AppendFloat(dst []byte, x float64, f *value.Fault, at value.Pos) []byte {
	if x-x != 0 {
		return appendNoNumber(dst, x, f, at)
	}
	return value.AppendFloat(dst, x)
}

// AppendFloat32 is [AppendFloat] for a float32.
func AppendFloat32(dst []byte, x float32, f *value.Fault, at value.Pos) []byte {
	if x-x != 0 {
		return appendNoNumber(dst, float64(x), f, at)
	}
	return value.AppendFloat32(dst, x)
}

// appendNoNumber fails for NaN and infinities.
func appendNoNumber(dst []byte, x float64, f *value.Fault, at value.Pos) []byte {
	name := "NaN"
	if !math.IsNaN(x) {
		name = "an infinite number"
	}
	f.Fail(at, name+" cannot be written as JSON")
	return append(dst, "null"...)
}

// AppendDecimal appends d as a number with all the digits of its scale.
func AppendDecimal(dst []byte, d value.Decimal, scale int) []byte {
	return value.AppendDecimal(dst, d, scale)
}

// AppendBytes appends b as a string of standard, padded base64.
func AppendBytes(dst, b []byte) []byte {
	dst = append(dst, '"')
	dst = base64.StdEncoding.AppendEncode(dst, b)
	return append(dst, '"')
}

// AppendJSON appends a JSON value as it is, but for ends of lines between its parts:
// what stands on another line of a file is another row.
func AppendJSON(dst []byte, v value.JSON) []byte {
	for {
		i := strings.IndexByte(string(v), '\n')
		if i < 0 {
			return append(dst, v...)
		}
		dst, v = append(dst, v[:i]...), v[i+1:]
	}
}

// AppendTimestamp appends t as a string in RFC 3339.
func AppendTimestamp(dst []byte, t value.Timestamp) []byte {
	dst = append(dst, '"')
	dst = value.AppendTimestamp(dst, t)
	return append(dst, '"')
}

// AppendDate appends d as a string such as "2024-05-01".
func AppendDate(dst []byte, d value.Date) []byte {
	dst = append(dst, '"')
	dst = value.AppendDate(dst, d)
	return append(dst, '"')
}

// AppendDuration appends d as a string such as "1h30m".
func AppendDuration(dst []byte, d value.Duration) []byte {
	dst = append(dst, '"')
	dst = value.AppendDuration(dst, d)
	return append(dst, '"')
}

// AppendUUID appends u as a string.
func AppendUUID(dst []byte, u value.UUID) []byte {
	dst = append(dst, '"')
	dst = value.AppendUUID(dst, u)
	return append(dst, '"')
}
