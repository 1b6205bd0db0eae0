package value

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Len returns the number of code points of s.
func Len(s string) int64 { return int64(utf8.RuneCountInString(s)) }

// Upper returns s in upper case.
func Upper(s string) string { return strings.ToUpper(s) }

// Lower returns s in lower case.
func Lower(s string) string { return strings.ToLower(s) }

// Trim returns s without the white space at its ends.
func Trim(s string) string { return strings.TrimSpace(s) }

// Contains reports whether part stands in s.
func Contains(s, part string) bool { return strings.Contains(s, part) }

// StartsWith reports whether s begins with prefix.
func StartsWith(s, prefix string) bool { return strings.HasPrefix(s, prefix) }

// EndsWith reports whether s ends with suffix.
func EndsWith(s, suffix string) bool { return strings.HasSuffix(s, suffix) }

// IndexOf returns how many code points of s stand before the first part, or
// none if there is no part in s.
func IndexOf(s, part string) Option[int64] {
	i := strings.Index(s, part)
	if i < 0 {
		return Option[int64]{}
	}
	return Some(Len(s[:i]))
}

// Replace returns s with every old replaced by replacement. An empty old
// stands nowhere.
func Replace(s, old, replacement string) string {
	if old == "" {
		return s
	}
	return strings.ReplaceAll(s, old, replacement)
}

// Split returns the parts of s between the separators. An empty separator
// parts the code points.
func Split(s, separator string) []string { return strings.Split(s, separator) }

// SliceString returns the code points of s from a up to, not including, b. It
// fails unless 0 <= a <= b <= Len(s).
func (f *Fault) SliceString(s string, a, b int64, at Pos) string {
	if 0 <= a && a <= b {
		if from := runeOffset(s, a); from >= 0 {
			if n := runeOffset(s[from:], b-a); n >= 0 {
				return s[from : from+n]
			}
		}
	}
	f.badSlice(a, b, "a string", utf8.RuneCountInString(s), at)
	return ""
}

// runeOffset returns the bytes that the first n code points of s take, or -1
// if s has fewer.
func runeOffset(s string, n int64) int {
	if n > int64(len(s)) {
		return -1
	}
	i := 0
	for ; n > 0; n-- {
		if i == len(s) {
			return -1
		}
		if s[i] < utf8.RuneSelf {
			i++
			continue
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		i += size
	}
	return i
}

// PadLeft returns s with fill, repeated and cut as needed, before it, so that
// it has n code points; s itself if it has as many or fill is empty. It fails
// if n is more than 16,777,216.
func (f *Fault) PadLeft(s string, n int64, fill string, at Pos) string {
	missing := n - Len(s)
	if missing <= 0 || fill == "" {
		return s
	}
	if n > maxBuilt {
		f.Fail(at, "pad_left to "+strconv.FormatInt(n, 10)+" is more than 16777216")
		return ""
	}
	width := Len(fill)
	whole := strings.Repeat(fill, int(missing/width))
	return whole + fill[:runeOffset(fill, missing%width)] + s
}

// ParseInt reads a decimal integer with or without a sign.
func ParseInt(s string) Option[int64] {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return Option[int64]{}
	}
	return Some(n)
}

// ParseFloat reads a decimal number with or without a sign, a point and an
// exponent. What is too large for a float64 is none, as are NaN, infinities
// and hexadecimal.
func ParseFloat(s string) Option[float64] {
	if x, ok := parseFloat(s, 64); ok {
		return Some(x)
	}
	return Option[float64]{}
}

// ParseFloat32 is [ParseFloat] for a float32.
func ParseFloat32(s string) Option[float32] {
	if x, ok := parseFloat(s, 32); ok {
		return Some(float32(x))
	}
	return Option[float32]{}
}

func parseFloat(s string, bits int) (float64, bool) {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case '0' <= c && c <= '9', c == '.', c == '+', c == '-', c == 'e', c == 'E':
		default:
			return 0, false
		}
	}
	x, err := strconv.ParseFloat(s, bits)
	return x, err == nil
}

// Capture returns the first match of re in s and what its groups matched, an
// empty string for a group that took no part; none without a match.
func Capture(re *regexp.Regexp, s string) Option[[]string] {
	if match := re.FindStringSubmatch(s); match != nil {
		return Some(match)
	}
	return Option[[]string]{}
}

// RuneSize returns how many bytes the first code point of s takes: 1 for a byte
// that is not UTF-8, and for an empty s.
func RuneSize(s string) int {
	if len(s) == 0 || s[0] < utf8.RuneSelf {
		return 1
	}
	_, size := utf8.DecodeRuneInString(s)
	return size
}

// MinBytes returns the one of a and b that sorts first.
func MinBytes(a, b []byte) []byte {
	if bytes.Compare(b, a) < 0 {
		return b
	}
	return a
}

// MaxBytes returns the one of a and b that sorts last.
func MaxBytes(a, b []byte) []byte {
	if bytes.Compare(b, a) > 0 {
		return b
	}
	return a
}

// Compare returns -1, 0 or 1 as u sorts before, with or after v.
func (u UUID) Compare(v UUID) int { return bytes.Compare(u[:], v[:]) }

// MinUUID returns the one of a and b that sorts first.
func MinUUID(a, b UUID) UUID {
	if b.Compare(a) < 0 {
		return b
	}
	return a
}

// MaxUUID returns the one of a and b that sorts last.
func MaxUUID(a, b UUID) UUID {
	if b.Compare(a) > 0 {
		return b
	}
	return a
}

// Hex returns b in lower-case hexadecimal.
func Hex(b []byte) string { return hex.EncodeToString(b) }

// Base64 returns b in the standard base64 of RFC 4648, padded.
func Base64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// SHA256 returns the SHA-256 of b.
func SHA256(b []byte) []byte {
	sum := sha256.Sum256(b)
	return sum[:]
}

// togetherMax is how many bytes of texts are copied into one piece.
const togetherMax = 256

// CloneTexts copies texts into memory of their own. Short ones share it, which one
// that outlives the others keeps whole.
func CloneTexts(texts ...*string) {
	n := 0
	for _, t := range texts {
		n += len(*t)
	}
	if n > togetherMax {
		for _, t := range texts {
			*t = strings.Clone(*t)
		}
		return
	}
	var b strings.Builder
	b.Grow(n)
	for _, t := range texts {
		b.WriteString(*t)
	}
	all := b.String()
	for _, t := range texts {
		*t, all = all[:len(*t)], all[len(*t):]
	}
}
