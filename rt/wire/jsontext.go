package wire

import (
	"bytes"
	"encoding/base64"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/flow-lang/flowc/rt/value"
)

// String reads a string. Without escapes it is a view into the line.
func (d *Dec) String() string {
	b, i := d.line, uint(d.pos)
	if i >= uint(len(b)) || b[i] != '"' {
		d.isNo("string")
		return ""
	}
	i++
	start := i
	for ; i+8 <= uint(len(b)); i += 8 {
		if marks := specials(load64(b[i:])); marks != 0 {
			i += uint(firstMark(marks))
			if b[i] == '"' {
				d.pos = int(i + 1)
				return view(b[start:i])
			}
			return d.anyString(int(start), int(i))
		}
	}
	for ; i < uint(len(b)) && ' ' <= b[i] && b[i] < utf8.RuneSelf && b[i] != '\\'; i++ {
		if b[i] == '"' {
			d.pos = int(i + 1)
			return view(b[start:i])
		}
	}
	return d.anyString(int(start), int(i))
}

// anyString reads a string whose content begins at start and is plain up to i.
func (d *Dec) anyString(start, i int) string {
	raw, escapes := d.content(start, i)
	if !escapes {
		return view(raw)
	}
	text := append(d.text.reserve(len(raw)), raw[:i-start]...)
	text, ok := unescape(text, raw[i-start:])
	if !ok {
		d.failString(start+len(raw), "invalid escape")
		return ""
	}
	return view(d.text.keep(text))
}

// SkipString reads a string that nobody wants: it is checked, and not decoded.
func (d *Dec) SkipString() {
	start := d.pos + 1
	if start > len(d.line) || d.line[start-1] != '"' {
		d.isNo("string")
		return
	}
	end := plainEnd(d.line, start)
	if end < len(d.line) && d.line[end] == '"' {
		d.pos = end + 1
		return
	}
	if raw, escapes := d.content(start, end); escapes && !validEscapes(raw) {
		d.failString(start+len(raw), "invalid escape")
	}
}

// content returns the content of a string that begins at start and is plain up to
// i, and whether escapes are in it, which are not looked at; nothing after a mistake.
func (d *Dec) content(start, i int) (raw []byte, escapes bool) {
	end, met := scanString(d.line, i)
	raw = d.line[start:end]
	if reason := stringFault(raw, met); reason != "" {
		d.failString(end, reason)
		return nil, false
	}
	d.pos = end + 1
	return raw, met&metEscape != 0
}

// stringFault says what is wrong with a string's content, if anything.
func stringFault(raw []byte, met uint8) string {
	switch {
	case met&metControl != 0:
		return "control character"
	case met&metEnd != 0:
		return "unfinished string"
	case met&metWide != 0 && !utf8.Valid(raw):
		return "invalid UTF-8"
	}
	return ""
}

// What scanString meets.
const (
	metEscape  uint8 = 1 << iota // a backslash
	metWide                      // a byte beyond ASCII
	metControl                   // a control character, where it stops
	metEnd                       // the end of the line
)

// scanString returns the index of the quote that ends the string, for i inside
// it, and what it met on the way. Without such a quote the index is that of the
// control character, or the length of b.
func scanString(b []byte, i int) (end int, met uint8) {
	for i = plainEnd(b, i); i < len(b); i = plainEnd(b, i) {
		switch c := b[i]; {
		case c == '"':
			return i, met
		case c == '\\':
			met |= metEscape
			i += 2
		case c < ' ':
			return i, met | metControl
		default:
			met |= metWide
			for i < len(b) && b[i] >= utf8.RuneSelf {
				i++
			}
		}
	}
	return len(b), met | metEnd
}

// plainEnd returns the index of the first byte at or after i that ends a run of
// plain text, as specials marks them, or else the length of b; i may be beyond it.
func plainEnd(b []byte, i int) int {
	at := uint(i)
	for ; at+32 <= uint(len(b)); at += 32 {
		rest := b[at : at+32 : at+32]
		if low, high := specials(load64(rest)), specials(load64(rest[8:])); low|high != 0 {
			return int(at) + firstOf2(low, high)
		}
		if low, high := specials(load64(rest[16:])), specials(load64(rest[24:])); low|high != 0 {
			return int(at) + 16 + firstOf2(low, high)
		}
	}
	for ; at+8 <= uint(len(b)); at += 8 {
		if marks := specials(load64(b[at:])); marks != 0 {
			return int(at) + firstMark(marks)
		}
	}
	for i = int(at); i < len(b); i++ {
		if c := b[i]; c == '"' || c == '\\' || c < ' ' || c >= utf8.RuneSelf {
			return i
		}
	}
	return i
}

// firstOf2 is firstMark of sixteen bytes.
func firstOf2(low, high uint64) int {
	if low != 0 {
		return firstMark(low)
	}
	return 8 + firstMark(high)
}

// unescape appends raw with its escapes replaced. It never appends more than
// len(raw) bytes.
func unescape(dst, raw []byte) ([]byte, bool) {
	for {
		plain := bytes.IndexByte(raw, '\\')
		if plain < 0 {
			return append(dst, raw...), true
		}
		r, n := escape(raw[plain:])
		if n == 0 {
			return dst, false
		}
		dst = utf8.AppendRune(append(dst, raw[:plain]...), r)
		raw = raw[plain+n:]
	}
}

// validEscapes reports whether all escapes of raw stand for something.
func validEscapes(raw []byte) bool {
	for {
		plain := bytes.IndexByte(raw, '\\')
		if plain < 0 {
			return true
		}
		_, n := escape(raw[plain:])
		if n == 0 {
			return false
		}
		raw = raw[plain+n:]
	}
}

// escape reads the escape that raw begins with, and returns the bytes it read; 0 if
// there is no such escape.
func escape(raw []byte) (r rune, n int) {
	if len(raw) < 2 {
		return 0, 0
	}
	if raw[1] == 'u' {
		return hexRune(raw)
	}
	c := unescaped(raw[1])
	if c == 0 {
		return 0, 0
	}
	return rune(c), 2
}

// unescaped returns what a backslash and c stand for, or 0.
func unescaped(c byte) byte {
	switch c {
	case '"', '\\', '/':
		return c
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return 0
}

// hexRune reads \uXXXX, or a pair of them that are surrogates, and returns the
// bytes it read; 0 if there is no such rune.
func hexRune(raw []byte) (r rune, n int) {
	r, ok := hex4(raw)
	if !ok {
		return 0, 0
	}
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	low, ok := hex4(raw[6:])
	if r = utf16.DecodeRune(r, low); !ok || r == utf8.RuneError {
		return 0, 0
	}
	return r, 12
}

// hex4 reads \uXXXX.
func hex4(raw []byte) (r rune, ok bool) {
	if len(raw) < 6 || raw[0] != '\\' || raw[1] != 'u' {
		return 0, false
	}
	for _, c := range raw[2:6] {
		switch {
		case c-'0' <= 9:
			r = r<<4 | rune(c-'0')
		case c|0x20-'a' <= 5:
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

// Bytes reads a string of standard, padded base64. The bytes are fresh and
// belong to the caller.
func (d *Dec) Bytes() []byte {
	start := d.pos
	text := d.String()
	if d.err != nil {
		return nil
	}
	b, err := appendBase64(d.text.reserve(base64.StdEncoding.DecodedLen(len(text))), text)
	if err != nil {
		d.pos = start
		d.isNo("base64")
		return nil
	}
	return d.text.keep(b)
}

// appendBase64 decodes text strictly: no line ends, no stray bits.
func appendBase64(dst []byte, text string) ([]byte, error) {
	for i := 0; i < len(text); i++ {
		if text[i] == '\n' || text[i] == '\r' {
			return dst, base64.CorruptInputError(i)
		}
	}
	return base64.StdEncoding.Strict().AppendDecode(dst, bytesOf(text))
}

// Timestamp reads a string in RFC 3339, with any offset; digits beyond the
// microsecond are cut.
func (d *Dec) Timestamp() value.Timestamp {
	if b, i := d.line, d.pos+1; i <= len(b) && b[i-1] == '"' {
		t, n := d.recent.LeadingTime(b[i:])
		if end := i + n; n > 0 && end < len(b) && b[end] == '"' {
			d.pos = end + 1
			return t
		}
	}
	return parsed(d, value.ParseRFC3339[string], "timestamp")
}

// Date reads a string such as "2024-05-01".
func (d *Dec) Date() value.Date { return parsed(d, value.ParseDate[string], "date") }

// Duration reads a string such as "1h30m".
func (d *Dec) Duration() value.Duration { return parsed(d, value.ParseDuration[string], "duration") }

// UUID reads a string in the text form of a UUID.
func (d *Dec) UUID() value.UUID { return parsed(d, value.ParseUUID[string], "uuid") }

// parsed reads a string that parse understands.
func parsed[T any](d *Dec, parse func(string) (T, bool), typ string) (zero T) {
	start := d.pos
	if start < len(d.line) && d.line[start] == '"' {
		text := d.String()
		if d.err != nil {
			return zero
		}
		if x, ok := parse(text); ok {
			return x
		}
		d.pos = start
	}
	d.isNo(typ)
	return zero
}
