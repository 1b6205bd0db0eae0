package lang

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/lang/source"
)

// numberLit reads a literal that begins with a digit.
func (p *parser) numberLit() Expr {
	at := p.i
	text := p.text(at)
	p.advance()
	r := p.rangeOf(at)
	body, unit := splitNumber(text)
	switch {
	case strings.HasPrefix(body, "0x") || strings.HasPrefix(body, "0X"):
		return p.intLit(r, text, body[2:], 16)
	case unit == "" && isDigits(body):
		return p.intLit(r, text, body, 10)
	case unit == "d" && isPointed(body):
		return p.decimalLit(r, body)
	case unit == "" && isFloat(body):
		v, err := strconv.ParseFloat(strings.ReplaceAll(body, "_", ""), 64)
		if err != nil {
			p.badNumber(r, text, "it does not fit a float", "")
		}
		return &FloatLit{Range: r, Text: text, Value: v}
	case unit != "" && isDuration(body, unit):
		return p.durationLit(r, text)
	}
	p.badNumber(r, text, "it is neither a number nor a duration", "")
	return &IntLit{Range: r, Text: text}
}

// splitNumber parts a literal into digits, with point and exponent, and the
// letters of its first unit, if it has one.
func splitNumber(text string) (body, unit string) {
	if len(text) > 1 && text[0] == '0' && text[1]|0x20 == 'x' {
		return text, ""
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c|0x20 == 'e' && i+1 < len(text) && (isDigit(text[i+1]) || text[i+1] == '-' || text[i+1] == '+') {
			return text, ""
		}
		if isLetter(c) && c != '_' {
			return text[:i], text[i:]
		}
	}
	return text, ""
}

// isDuration reports whether digits and the letters after them are meant as a
// duration: without a point any letters may be, but for the e of an exponent,
// with one only a unit.
func isDuration(body, unit string) bool {
	first := strings.TrimRight(unit, "0123456789_.")
	if !strings.Contains(body, ".") {
		return first != "e" && first != "E"
	}
	return slices.ContainsFunc(units[:], func(u timeUnit) bool { return u.name == first })
}

// isDigits reports whether s is digits with single underscores between them.
func isDigits(s string) bool {
	if s == "" || strings.HasPrefix(s, "_") || strings.HasSuffix(s, "_") || strings.Contains(s, "__") {
		return false
	}
	return strings.Trim(s, "0123456789_") == ""
}

// isPointed reports whether s is digits, a point, and digits.
func isPointed(s string) bool {
	whole, part, ok := strings.Cut(s, ".")
	return ok && isDigits(whole) && isDigits(part)
}

// isFloat reports whether s is a number with a point or an exponent.
func isFloat(s string) bool {
	i := strings.IndexAny(s, "eE")
	if i < 0 {
		return isPointed(s)
	}
	return (isDigits(s[:i]) || isPointed(s[:i])) && isDigits(strings.TrimLeft(s[i+1:], "+-")) && !strings.ContainsAny(s[i+2:], "+-")
}

func (p *parser) intLit(r Range, text, digits string, base int) Expr {
	lit := &IntLit{Range: r, Text: text}
	plain := strings.ReplaceAll(digits, "_", "")
	v, err := strconv.ParseUint(plain, base, 64)
	switch {
	case err == nil && base == 10 && len(plain) > 1 && plain[0] == '0':
		p.badNumber(r, text, "a number does not begin with 0", "leave out the zeros; hexadecimal numbers begin with 0x")
	case err == nil && !strings.HasPrefix(digits, "_") && !strings.HasSuffix(digits, "_") && !strings.Contains(digits, "__"):
		lit.Value = v
	case err != nil && isRangeError(err):
		lit.Value, lit.Overflow = math.MaxUint64, true
	default:
		p.badNumber(r, text, "it is neither a number nor a duration", "")
	}
	return lit
}

func (p *parser) decimalLit(r Range, body string) Expr {
	plain := strings.ReplaceAll(body, "_", "")
	if digits := strings.TrimLeft(strings.Replace(plain, ".", "", 1), "0"); len(digits) > 38 {
		p.badNumber(r, body+"d", "a decimal has at most 38 digits", "")
	}
	return &DecimalLit{Range: r, Text: plain}
}

func (p *parser) badNumber(r Range, text, why, help string) {
	p.spoilt = p.i
	p.warn(diag.Diagnostic{Code: BadNumber, Span: r.Span(), Message: quote(text) + " is no number: " + why, Help: help})
}

// timeUnit is a unit of duration literals.
type timeUnit struct {
	name   string
	micros uint64
}

var units = [...]timeUnit{{"us", 1}, {"ms", 1e3}, {"s", 1e6}, {"m", 60e6}, {"h", 3600e6}, {"d", 24 * 3600e6}}

func (p *parser) durationLit(r Range, text string) Expr {
	lit := &DurationLit{Range: r, Text: text}
	micros, why, help := parseDuration(text)
	if why != "" {
		p.spoilt = p.i
		p.warn(diag.Diagnostic{Code: BadDuration, Span: r.Span(), Message: quote(text) + " is no duration: " + why, Help: help})
	}
	lit.Micros = micros
	return lit
}

// parseDuration returns the microseconds of a duration literal, or why it is
// none and what to type.
func parseDuration(text string) (micros int64, why, help string) {
	sum := uint64(0)
	for rest := text; rest != ""; {
		n := strings.IndexFunc(rest, func(c rune) bool { return c != '_' && (c < '0' || c > '9') })
		if n >= 0 && rest[n] == '.' {
			return 0, "a duration has no point", "write the rest in the next smaller unit, as in 1s500ms"
		}
		if n < 0 {
			return 0, quote(rest) + " has no unit", "the units are us, ms, s, m, h and d"
		}
		digits := rest[:n]
		rest = rest[n:]
		m := strings.IndexFunc(rest, func(c rune) bool { return c >= '0' && c <= '9' || c == '.' })
		if m < 0 {
			m = len(rest)
		}
		unit := uint64(0)
		for _, u := range units {
			if u.name == rest[:m] {
				unit = u.micros
			}
		}
		if unit == 0 {
			return 0, "there is no unit " + quote(rest[:m]), "the units are us, ms, s, m, h and d"
		}
		v, err := strconv.ParseUint(strings.ReplaceAll(digits, "_", ""), 10, 64)
		hi, lo := bits.Mul64(v, unit)
		if !isDigits(digits) || err != nil && !isRangeError(err) {
			return 0, quote(digits) + " is no number", ""
		}
		if sum += lo; err != nil || hi != 0 || sum < lo || sum > math.MaxInt64 {
			return 0, "it is longer than 292277 years", ""
		}
		rest = rest[m:]
	}
	return int64(sum), "", ""
}

// isRangeError reports whether strconv refused a number only for its size.
func isRangeError(err error) bool { return errors.Is(err, strconv.ErrRange) }

// timestampLit reads t"…".
func (p *parser) timestampLit() Expr {
	at := p.i
	text := p.text(at)
	text = text[2 : len(text)-1]
	p.advance()
	lit := &TimestampLit{Range: p.rangeOf(at)}
	v, err := time.Parse(time.RFC3339Nano, text)
	switch {
	case err != nil:
		d := diag.Diagnostic{
			Code: BadTimestamp, Span: lit.Span(), Message: quote(text) + " is no timestamp",
			Help: `write it like t"2024-05-01T12:00:00Z", with Z or an offset such as +02:00`,
		}
		if day, err := time.Parse(time.DateOnly, text); err == nil {
			d.Help = `type t"` + day.Format(time.RFC3339) + `", or date("` + text + `") for a date`
		}
		p.warn(d)
	case v.UTC().Year() < 1 || v.UTC().Year() > 9999:
		p.warn(diag.Diagnostic{Code: BadTimestamp, Span: lit.Span(), Message: quote(text) + " lies outside of the years 1 to 9999"})
	default:
		lit.Micros = v.UnixMicro()
	}
	return lit
}

// bytesLit reads b"…".
func (p *parser) bytesLit() Expr {
	at := p.i
	text := p.text(at)
	p.advance()
	return &BytesLit{Range: p.rangeOf(at), Value: []byte(p.unescape(text[2:len(text)-1], int(p.toks[at].start)+2))}
}

// stringLit reads a string, raw or with ${}.
func (p *parser) stringLit() *StringLit {
	at := p.i
	text, k := p.text(at), p.kind()
	lit := &StringLit{}
	switch k {
	case rawString:
		lit.add(strings.ReplaceAll(text[1:len(text)-1], "\r", ""))
	case stringLit:
		lit.add(p.stringPart(at, 1, 1))
	}
	if k != stringHead {
		p.advance()
		lit.Range = p.rangeOf(at)
		return lit
	}
	p.interpolated(lit)
	lit.Range = p.rangeOf(at)
	return lit
}

// interpolated reads the pieces of a string with ${}.
func (p *parser) interpolated(lit *StringLit) {
	lit.add(p.stringPart(p.i, 1, 2))
	old := p.mode
	p.open = append(p.open, int32(p.i))
	p.advance()
	p.mode = mode{}
	p.enter()
	for {
		lit.Parts = append(lit.Parts, StringPart{Expr: p.expr()})
		at := p.i
		switch p.kind() {
		case stringMid:
			lit.add(p.stringPart(at, 1, 2))
			p.advance()
			p.open[len(p.open)-1] = int32(at)
			continue
		case stringTail:
			lit.add(p.stringPart(at, 1, 1))
			p.advance()
			p.open = p.open[:len(p.open)-1]
		default:
			p.unexpected(`"}"`)
		}
		break
	}
	p.leave()
	p.mode = old
}

// add appends text, if there is any.
func (s *StringLit) add(text string) {
	if text != "" {
		s.Parts = append(s.Parts, StringPart{Text: text})
	}
}

// stringPart returns the text of the token i without the given numbers of
// bytes at its ends, and with its escapes resolved. It must be UTF-8.
func (p *parser) stringPart(i, before, after int) string {
	text := p.text(i)
	out := p.unescape(text[before:len(text)-after], int(p.toks[i].start)+before)
	if !utf8.ValidString(out) {
		p.warn(diag.Diagnostic{
			Code: BadEscape, Span: p.span(i), Message: "the escapes in the string make no UTF-8 text",
			Help: `bytes that are no text stand in b"…"`,
		})
	}
	return out
}

// unescape resolves the escapes of s, which stands at the offset at.
func (p *parser) unescape(s string, at int) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); {
		if s[i] != '\\' {
			out.WriteByte(s[i])
			i++
			continue
		}
		text, n := escape(s[i:])
		if text == "" {
			p.warn(diag.Diagnostic{
				Code: BadEscape, Span: source.Span{Start: p.pos(at + i), End: p.pos(at + i + n)},
				Message: quote(s[i:i+n]) + " is no escape",
				Help:    "for a backslash type \\\\; a raw string, in `…`, has no escapes",
			})
		}
		out.WriteString(text)
		i += n
	}
	return out.String()
}

// escape resolves the escape at the beginning of s and returns its length; the
// text is empty if it is none.
func escape(s string) (text string, n int) {
	if len(s) < 2 {
		return "", len(s)
	}
	switch s[1] {
	case '\'', '$':
		return s[1:2], 2
	}
	c, multibyte, rest, err := strconv.UnquoteChar(s, '"')
	if err != nil {
		_, n := utf8.DecodeRuneInString(s[1:])
		return "", 1 + n
	}
	if !multibyte && c < 256 && len(s)-len(rest) == 4 {
		return string([]byte{byte(c)}), 4
	}
	return string(c), len(s) - len(rest)
}

// plain reads a string that the compiler itself reads, so that no ${} may
// stand in it; what says what it is.
func (p *parser) plain(what string) *StringLit {
	switch p.kind() {
	case stringLit, rawString:
		return p.stringLit()
	case stringHead:
		lit := p.stringLit()
		if !p.panicking {
			p.warn(diag.Diagnostic{
				Code: NotPlain, Span: lit.Span(), Message: fmt.Sprintf("%s is fixed when the program is compiled and holds no ${}", what),
				Help: `type "\${" for a text that holds "${"`,
			})
		}
		return lit
	}
	p.unexpected(what + " in quotes")
	return nil
}
