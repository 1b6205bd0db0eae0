package evolve

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/value"
)

// Default returns the Avro binary of a constant of Flow, such as the default of a
// field.
func Default(t *schema.Type, text string) ([]byte, error) { return Literal(link(t), text) }

// Literal is [Default] for a linked type.
func Literal(t *typ, text string) ([]byte, error) {
	p := &literals{rest: text}
	out, err := p.value(nil, t, 0)
	if err == nil && p.space() != "" {
		err = errors.New("something stands behind it")
	}
	if err != nil {
		return nil, fmt.Errorf("%s is no constant of type %s: %w", text, t, err)
	}
	return out, nil
}

// literals reads the constants that the compiler writes.
type literals struct{ rest string }

// space skips white space and returns what follows.
func (p *literals) space() string {
	p.rest = strings.TrimLeft(p.rest, " \t\n")
	return p.rest
}

// next takes the token if it comes next.
func (p *literals) next(token string) bool {
	rest, ok := strings.CutPrefix(p.space(), token)
	if ok {
		p.rest = rest
	}
	return ok
}

func (p *literals) expect(token string) error {
	if !p.next(token) {
		return fmt.Errorf("%q is missing", token)
	}
	return nil
}

// word takes what stands before the next mark of punctuation.
func (p *literals) word() string {
	s := p.space()
	n := strings.IndexAny(s, ",]}):[({\" \t\n")
	if n < 0 {
		n = len(s)
	}
	p.rest = s[n:]
	return s[:n]
}

// quoted takes a string in quotes.
func (p *literals) quoted() (string, error) {
	prefix, err := strconv.QuotedPrefix(p.space())
	if err != nil {
		return "", errors.New("no string in quotes")
	}
	p.rest = p.rest[len(prefix):]
	return strconv.Unquote(prefix)
}

// inside takes before"…"after, such as date("…").
func (p *literals) inside(before, after string) (string, error) {
	if err := p.expect(before); err != nil {
		return "", err
	}
	s, err := p.quoted()
	if err != nil {
		return "", err
	}
	return s, p.expect(after)
}

var errNoValue = errors.New("no such value")

// value appends the constant that comes next.
func (p *literals) value(dst []byte, t *typ, depth int) ([]byte, error) {
	if depth > 200 || !t.whole() {
		return nil, errNoValue
	}
	switch t.Shape {
	case schema.Option:
		if p.next("none") {
			return append(dst, 0), nil
		}
		return p.value(append(dst, 2), t.elem, depth+1)
	case schema.ListOf, schema.SetOf, schema.MapOf:
		return p.elements(dst, t, depth)
	case schema.Record:
		return p.record(dst, t, depth)
	case schema.Union:
		return p.member(dst, t, depth)
	case schema.String, schema.JSON:
		s, err := p.quoted()
		return appendBytes(dst, s), err
	case schema.Bytes:
		s, err := p.inside("b", "")
		return appendBytes(dst, s), err
	case schema.UUID:
		s, err := p.inside("uuid(", ")")
		u, ok := value.ParseUUID(s)
		return append(dst, u[:]...), checked(err, ok)
	case schema.Timestamp:
		s, err := p.inside("t", "")
		at, ok := value.ParseRFC3339(s)
		return appendLong(dst, int64(at)), checked(err, ok)
	case schema.Date:
		s, err := p.inside("date(", ")")
		d, ok := value.ParseDate(s)
		return appendLong(dst, int64(d)), checked(err, ok)
	}
	return plain(dst, t, p.word())
}

func checked(err error, ok bool) error {
	if err == nil && !ok {
		return errNoValue
	}
	return err
}

// plain appends a constant that is one word.
func plain(dst []byte, t *typ, word string) ([]byte, error) {
	switch t.Shape {
	case schema.Bool:
		switch word {
		case "true":
			return append(dst, 1), nil
		case "false":
			return append(dst, 0), nil
		}
	case schema.Int32, schema.Int:
		bits := 64
		if t.Shape == schema.Int32 {
			bits = 32
		}
		n, err := strconv.ParseInt(word, 10, bits)
		return appendLong(dst, n), err
	case schema.Float32:
		x, err := strconv.ParseFloat(word, 32)
		return appendFloat32(dst, float32(x)), err
	case schema.Float:
		x, err := strconv.ParseFloat(word, 64)
		return appendFloat(dst, x), err
	case schema.Duration:
		d, ok := value.ParseDuration(word)
		return appendLong(dst, int64(d)), checked(nil, ok)
	case schema.Decimal:
		d, _, ok := value.ParseDecimal(strings.TrimSuffix(word, "d"), t.Precision, t.Scale)
		return appendDecimal(dst, d), checked(nil, ok)
	case schema.Enum:
		name := word[strings.LastIndexByte(word, '.')+1:]
		i := slices.IndexFunc(t.Symbols, func(s schema.Symbol) bool { return s.Name == name })
		return appendLong(dst, int64(i)), checked(nil, i >= 0)
	}
	return nil, errNoValue
}

// elements appends a list, set or map.
func (p *literals) elements(dst []byte, t *typ, depth int) ([]byte, error) {
	set := t.Shape == schema.SetOf
	if set && p.expect("set(") != nil || !p.next("[") {
		return nil, errNoValue
	}
	var all []entry
	if !p.next(":") {
		for n := 0; !p.startsWith("]"); n++ {
			if n > 0 && !p.next(",") {
				return nil, errNoValue
			}
			e, err := p.element(t, depth)
			if err != nil {
				return nil, err
			}
			all = append(all, e)
		}
	}
	if !p.next("]") || set && !p.next(")") {
		return nil, errNoValue
	}
	if key := t.key; key != nil || set {
		if set {
			key = t.elem
		}
		slices.SortStableFunc(all, func(a, b entry) int { return compare(key, a.key, b.key) })
		all = slices.CompactFunc(all, func(a, b entry) bool { return compare(key, a.key, b.key) == 0 })
	}
	if len(all) > 0 {
		dst = appendLong(dst, int64(len(all)))
	}
	for _, e := range all {
		dst = append(append(dst, e.key...), e.value...)
	}
	return append(dst, 0), nil
}

func (p *literals) startsWith(token string) bool { return strings.HasPrefix(p.space(), token) }

func (p *literals) element(t *typ, depth int) (e entry, err error) {
	if t.key == nil {
		e.key, err = p.value(nil, t.elem, depth+1)
		return e, err
	}
	if e.key, err = p.value(nil, t.key, depth+1); err == nil {
		err = p.expect(":")
	}
	if err == nil {
		e.value, err = p.value(nil, t.elem, depth+1)
	}
	return e, err
}

// record appends a record, whose fields stand in order.
func (p *literals) record(dst []byte, t *typ, depth int) ([]byte, error) {
	err := p.expect("{")
	for i := range t.fields {
		if err == nil && i > 0 {
			err = p.expect(",")
		}
		if err == nil {
			err = p.expect(t.fields[i].Name)
		}
		if err == nil {
			err = p.expect(":")
		}
		if err == nil {
			dst, err = p.value(dst, t.fields[i].typ, depth+1)
		}
	}
	if err == nil {
		err = p.expect("}")
	}
	return dst, err
}

// member appends the first member of a union that the record is one of.
func (p *literals) member(dst []byte, t *typ, depth int) ([]byte, error) {
	start := p.rest
	for i, m := range t.members {
		p.rest = start
		if out, err := p.record(appendLong(dst, int64(i)), m, depth+1); err == nil {
			return out, nil
		}
	}
	return nil, errNoValue
}
