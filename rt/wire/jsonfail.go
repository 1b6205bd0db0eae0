package wire

import (
	"math/bits"
	"strconv"
	"unicode/utf8"
)

// fail records a mistake at a byte of the line, unless there is one already,
// and makes the line end there, so that nothing more is read.
func (d *Dec) fail(offset int, reason string) bool {
	if d.err == nil {
		d.err = &Malformed{Reason: reason, Offset: offset}
	}
	d.line, d.pos, d.sep = nil, 0, 0
	return false
}

// failField records a mistake of the field at the position: the reason stands
// after its name.
func (d *Dec) failField(reason string) bool {
	if d.err != nil {
		return false
	}
	if path := pathTo(d.line, d.pos); path != "" {
		return d.fail(d.pos, "field "+path+reason)
	}
	return d.fail(d.pos, "the value"+reason)
}

// failString records a mistake in the text of a string.
func (d *Dec) failString(offset int, reason string) {
	if path := pathTo(d.line, d.pos); path != "" {
		reason += " in field " + path
	}
	d.fail(offset, reason)
}

// isNo records that the value at the position is no typ.
func (d *Dec) isNo(typ string) bool {
	if d.err != nil {
		return false
	}
	path := pathTo(d.line, d.pos)
	switch {
	case d.pos >= len(d.line):
		return d.fail(d.pos, "the line ends where a value should stand")
	case path == "":
		return d.fail(d.pos, quote(view(d.line[d.pos:]))+" is no JSON "+typ)
	}
	return d.fail(d.pos, "field "+path+": "+token(d.line, d.pos)+" is no "+typ)
}

// doesNotFit records that the number at the position does not fit typ.
func (d *Dec) doesNotFit(typ string) {
	if d.err == nil {
		d.failField(": " + token(d.line, d.pos) + " does not fit " + typ)
	}
}

// expected records that another token should stand at offset.
func (d *Dec) expected(offset int, what string) bool {
	if d.err != nil {
		return false
	}
	after := ""
	if path := pathTo(d.line, d.pos); path != "" {
		after = " after field " + path
	}
	return d.fail(offset, "expected "+what+after+", found "+token(d.line, offset))
}

// Twice records that the field whose value comes next appeared before.
func (d *Dec) Twice() { d.failField(" appears twice") }

// Missing records that fields of the object that just ended are missing: names
// lists the fields, and the lowest bit set in missing is the index of one that
// is not there.
func (d *Dec) Missing(missing uint64, names ...string) {
	if d.err != nil || missing == 0 {
		return
	}
	path := pathTo(d.line, d.pos)
	if path != "" {
		path += "."
	}
	d.fail(d.pos, "field "+path+names[bits.TrailingZeros64(missing)]+" is missing")
}

// NoSymbol records that text, which was just read, is no symbol of enum.
func (d *Dec) NoSymbol(text, enum string) {
	d.failField(": " + quote(text) + " is no " + enum)
}

// Refuse records that the value that was just read is wrong: the reason stands
// after the field's name and a colon.
func (d *Dec) Refuse(reason string) { d.failField(": " + reason) }

// token shows what stands at offset, for a person.
func token(line []byte, offset int) string {
	if offset >= len(line) {
		return "the end of the line"
	}
	switch c := line[offset]; c {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		if end, met := scanString(line, offset+1); met&(metControl|metEnd) == 0 {
			return quote(view(line[offset+1 : end]))
		}
		return quote(view(line[offset:]))
	case ',', ':', '}', ']':
		return string(rune(c))
	}
	end := offset
	for end < len(line) && !endsToken(line[end]) && line[end] != '"' {
		end++
	}
	if text := view(line[offset:end]); isPlain(text) {
		return cut(text)
	}
	return quote(view(line[offset:end]))
}

// isPlain reports whether text may stand in a reason without quotes.
func isPlain(text string) bool {
	for i := 0; i < len(text); i++ {
		if c := text[i]; c <= ' ' || c >= 0x7f {
			return false
		}
	}
	return text != ""
}

// A level is an object or a list that a position lies in.
type level struct {
	list  bool
	index int    // of the element, in a list
	name  []byte // of the member, in an object, as it stands
}

// pathTo returns the path of the field that contains offset, such as
// items[2].price, or "" outside fields. The line is valid JSON up to offset.
//
// It reads the line again from its beginning, so that decoders need not keep
// track of where they are.
func pathTo(line []byte, offset int) string {
	var levels []level
	name := false // whether the next string is a member's name
	for i := 0; i < min(offset, len(line)); i++ {
		switch line[i] {
		case '{', '[':
			levels = append(levels, level{list: line[i] == '['})
			name = line[i] == '{'
		case '}', ']':
			levels = levels[:max(len(levels)-1, 0)]
		case ',':
			if n := len(levels) - 1; n >= 0 {
				levels[n].index++
				name = !levels[n].list
				levels[n].name = nil
			}
		case '"':
			end, _ := scanString(line, i+1)
			if name && len(levels) > 0 {
				levels[len(levels)-1].name = line[i+1 : min(end, len(line))]
				name = false
			}
			i = end
		}
	}
	return joinPath(levels)
}

// joinPath writes the levels from the outermost in.
func joinPath(levels []level) string {
	var path []byte
	for _, l := range levels {
		switch {
		case l.list:
			path = append(path, '[')
			path = strconv.AppendInt(path, int64(l.index), 10)
			path = append(path, ']')
		case l.name != nil:
			if len(path) > 0 {
				path = append(path, '.')
			}
			if utf8.Valid(l.name) {
				path = append(path, cut(view(l.name))...)
			} else {
				path = append(path, quote(view(l.name))...)
			}
		}
	}
	return string(path)
}
