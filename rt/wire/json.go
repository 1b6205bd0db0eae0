package wire

import (
	"strconv"

	"github.com/flow-lang/flowc/rt/value"
)

// Dec decodes one JSON value, usually a record that stands on a line of its
// own. It is strict: what RFC 8259 does not allow is malformed, and so are
// lone surrogates, invalid UTF-8, nesting beyond [MaxDepth], numbers that do
// not fit, and names that appear twice where the caller asks.
//
// The first mistake sticks: after it every method returns zero or false, so a
// parser looks at [Dec.Err] once, at the end. Strings and names are views into
// the line, or, if they held escapes, into memory that is never used again;
// they are valid for as long as the line's bytes stay as they are.
//
// Inside an object the position is always at the byte before the next name: the
// opening brace or the end of the last value. [Dec.Key] speculates on which name
// comes next and consumes nothing if it is wrong; [Dec.NextKey] takes any. After
// either, exactly one value must be read. See the example for the parser of a
// whole record.
//
// A Dec is used by one goroutine at a time. The zero Dec is ready for Reset.
type Dec struct {
	line   []byte
	pos    int
	depth  int
	sep    byte // what must stand at pos if another member follows
	err    *Malformed
	text   chunk
	recent value.Recent // of the timestamps
	// inside is where the object at pos goes on behind its first member, which Type
	// has read; 0 if it has not.
	inside int
}

// Reset begins a new line, without its line end.
func (d *Dec) Reset(line []byte) {
	d.line, d.pos, d.depth, d.err, d.inside = line, 0, 0, nil, 0
	if len(line) == 0 || line[0] <= ' ' {
		d.pos = d.space(0)
	}
}

// Err returns the first mistake, or nil; compare it with nil before it becomes
// an error.
func (d *Dec) Err() *Malformed { return d.err }

// End reports whether the whole line was read without a mistake; only white
// space may follow the value.
func (d *Dec) End() bool {
	if d.pos == len(d.line) {
		return d.err == nil
	}
	if i := d.space(d.pos); i < len(d.line) {
		d.fail(i, "unexpected "+quote(view(d.line[i:]))+" after the value")
	}
	return d.err == nil
}

// space returns the index of the first byte from i on that is no white space.
func (d *Dec) space(i int) int {
	for i < len(d.line) {
		switch d.line[i] {
		case ' ', '\t', '\n', '\r':
			i++
		default:
			return i
		}
	}
	return i
}

// BeginObject begins to read an object. Its members are read until EndObject
// returns true or NextKey false.
func (d *Dec) BeginObject() bool { return d.begin('{', "object") }

// BeginList begins to read a list. Its elements are read until NextElem
// returns false.
func (d *Dec) BeginList() bool { return d.begin('[', "list") }

func (d *Dec) begin(open byte, what string) bool {
	if d.pos >= len(d.line) || d.line[d.pos] != open {
		return d.isNo(what)
	}
	if d.depth == MaxDepth {
		return d.failField(": nested deeper than " + strconv.Itoa(MaxDepth))
	}
	d.depth++
	d.sep = open
	if d.inside > 0 {
		d.pos, d.sep, d.inside = d.inside, ',', 0
	}
	return true
}

// Key reports whether the next member's name is the one that quoted gives, in
// its JSON form with the colon, such as `"user":`. If so the position is at its
// value; if not nothing is consumed.
func (d *Dec) Key(quoted string) bool {
	if rest := d.line[d.pos:]; len(quoted)+1 < len(rest) && rest[0] == d.sep && rest[len(quoted)+1] > ' ' &&
		samePrefix(rest[1:], quoted) {
		d.pos += len(quoted) + 1
		d.sep = ','
		return true
	}
	return d.keySpaced(quoted)
}

// samePrefix reports whether text begins with prefix, which is not longer. Most
// names are compared in one or two words, without a call.
func samePrefix(text []byte, prefix string) bool {
	p := bytesOf(prefix)
	text = text[:len(p)]
	switch {
	case len(p) > 16 || len(p) < 4:
		return string(text) == prefix
	case len(p) >= 8:
		return load64(text) == load64(p) && load64(text[len(text)-8:]) == load64(p[len(p)-8:])
	}
	return load32(text) == load32(p) && load32(text[len(text)-4:]) == load32(p[len(p)-4:])
}

// keySpaced is Key where white space stands between the tokens.
func (d *Dec) keySpaced(quoted string) bool {
	i := d.pos
	if i+2 < len(d.line) && d.line[i+1] == '"' && d.line[i+2] != quoted[1] {
		return false // without space, and another name
	}
	if i = d.space(i); i >= len(d.line) || d.line[i] != d.sep {
		return false
	}
	i = d.space(i + 1)
	n := i + len(quoted) - 1
	if n >= len(d.line) || string(d.line[i:n]) != quoted[:len(quoted)-1] {
		return false
	}
	n = d.space(n)
	if n >= len(d.line) || d.line[n] != ':' {
		return false
	}
	if n = d.space(n + 1); n >= len(d.line) {
		return false
	}
	d.pos, d.sep = n, ','
	return true
}

// EndObject reports whether the object ends here, and then consumes its end.
func (d *Dec) EndObject() bool {
	if d.pos < len(d.line) && d.line[d.pos] == '}' {
		d.pos++
		d.depth--
		return true
	}
	return d.endSpaced('}')
}

// endSpaced is EndObject after white space and of empty objects; the same for
// lists.
func (d *Dec) endSpaced(closing byte) bool {
	i := d.space(d.pos)
	if d.sep != ',' && i < len(d.line) {
		i = d.space(i + 1)
	}
	if i >= len(d.line) || d.line[i] != closing {
		return false
	}
	d.pos, d.sep = i+1, ','
	d.depth--
	return true
}

// NextKey returns the next member's name and leaves the position at its value.
// ok is false at the end of the object, which is then consumed, and after a
// mistake. name is valid for as long as the line is.
func (d *Dec) NextKey() (name []byte, ok bool) {
	b, i := d.line, uint(d.pos)
	if i+1 >= uint(len(b)) || b[i] != d.sep || b[i+1] != '"' {
		return d.nextKeySpaced()
	}
	i += 2
	start := i
	for ; i+8 <= uint(len(b)); i += 8 {
		if marks := specials(load64(b[i:])); marks != 0 {
			i += uint(firstMark(marks))
			break
		}
	}
	if i+2 >= uint(len(b)) || b[i] != '"' || b[i+1] != ':' || b[i+2] <= ' ' {
		return d.nextKeySpaced()
	}
	d.pos, d.sep = int(i+2), ','
	return b[start:i], true
}

// nextKeySpaced is NextKey at the end, where white space stands between the
// tokens, and for any name.
func (d *Dec) nextKeySpaced() (name []byte, ok bool) {
	if d.endSpaced('}') {
		return nil, false
	}
	i := d.space(d.pos)
	if i >= len(d.line) || d.line[i] != d.sep {
		d.expected(i, ", or }")
		return nil, false
	}
	i = d.space(i + 1)
	if i >= len(d.line) || d.line[i] != '"' {
		d.expected(i, "a field name")
		return nil, false
	}
	d.pos = i
	name = bytesOf(d.String())
	if i = d.space(d.pos); i >= len(d.line) || d.line[i] != ':' {
		d.expected(i, ":")
		return nil, false
	}
	if i = d.space(i + 1); i >= len(d.line) {
		d.expected(i, "a value")
		return nil, false
	}
	d.pos, d.sep = i, ','
	return name, true
}

// NextElem reports whether the list has another element and leaves the
// position at it. At the end of the list, which is then consumed, and after a
// mistake it returns false.
func (d *Dec) NextElem() bool {
	if d.endSpaced(']') {
		return false
	}
	i := d.space(d.pos)
	if i >= len(d.line) || d.line[i] != d.sep {
		return d.expected(i, ", or ]")
	}
	if i = d.space(i + 1); i >= len(d.line) {
		return d.expected(i, "a value")
	}
	d.pos, d.sep = i, ','
	return true
}

// Null reports whether the value is null, and then consumes it.
func (d *Dec) Null() bool {
	return d.pos < len(d.line) && d.line[d.pos] == 'n' && d.literal("null")
}

// Bool reads true or false.
func (d *Dec) Bool() bool {
	if d.literal("true") {
		return true
	}
	if !d.literal("false") {
		d.isNo("bool")
	}
	return false
}

// literal consumes word if the value is it.
func (d *Dec) literal(word string) bool {
	n := d.pos + len(word)
	if n > len(d.line) || string(d.line[d.pos:n]) != word || n < len(d.line) && !endsToken(d.line[n]) {
		return false
	}
	d.pos = n
	return true
}

// endsToken reports whether c may follow a number or a word.
func endsToken(c byte) bool {
	switch c {
	case ',', '}', ']', ' ', '\t', '\n', '\r':
		return true
	}
	return false
}

// Raw reads any value and returns its text as it stands.
func (d *Dec) Raw() value.JSON {
	start := d.pos
	if !d.Skip() {
		return ""
	}
	return value.JSON(view(d.line[start:d.pos]))
}
