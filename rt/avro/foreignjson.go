package avro

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/value"
	"github.com/flow-lang/flowc/rt/wire"
)

// AppendJSON reads a value of the schema and appends it as JSON in the data
// format of the language, as a reader of values of type t expects it: fields and
// symbols have the names that t gives them now, those that t does not have are
// left out, and a number of milliseconds becomes a timestamp where the schema
// calls it one. names is t with the names that fields have in JSON. Where the
// two do not fit, the value is written as it is, for the reader to refuse.
//
// What has been appended is worth nothing if the reader has failed.
func (f *Foreign) AppendJSON(dst []byte, r *Reader, t, names *schema.Type) []byte {
	return f.append(dst, r, t, names, 0)
}

func (f *Foreign) append(dst []byte, r *Reader, t, names *schema.Type, depth int) []byte {
	if depth > 4*MaxDepth {
		r.Fail("a value that is nested more than %d deep", 4*MaxDepth)
	}
	if r.err != nil {
		return dst
	}
	if shapeOf(t) == schema.Option {
		t, names = t.Elem, names.Elem
	}
	switch f.kind {
	case "union":
		return f.branch(dst, r, t, names, depth)
	case "record":
		if f.flow == "option" && len(f.fields) == 1 {
			return f.fields[0].of.append(dst, r, t, names, depth+1)
		}
		if shapeOf(t) == schema.Union && f.membersIn() {
			return f.member(dst, r, t, names, depth)
		}
		return append(f.appendFields(append(dst, '{'), r, t, names, depth, true), '}')
	case "array":
		return f.list(dst, r, t, names, depth)
	case "map":
		return f.mapping(dst, r, t, names, depth)
	case "enum":
		return wire.AppendString(dst, symbolNow(t, f.symbols[r.Branch(len(f.symbols))]))
	case "bytes":
		return f.bytes(dst, r, r.view("bytes"), t)
	case "fixed":
		return f.bytes(dst, r, r.take(int64(f.size), "a fixed"), t)
	default:
		return f.scalar(dst, r, t)
	}
}

// shapeOf is the shape of a type, "" of none.
func shapeOf(t *schema.Type) schema.TypeName {
	if t == nil {
		return ""
	}
	return t.Shape
}

func (f *Foreign) scalar(dst []byte, r *Reader, t *schema.Type) []byte {
	want := shapeOf(t)
	switch f.kind {
	case "null":
		return append(dst, "null"...)
	case "boolean":
		return wire.AppendBool(dst, r.Bool())
	case "int":
		if f.logical == "date" && want != schema.Int && want != schema.Int32 {
			return wire.AppendDate(dst, r.Date())
		}
		return wire.AppendInt(dst, int64(r.Int32()))
	case "long":
		return f.long(dst, r, want)
	case "float":
		v := r.Float32()
		if name := oddFloat(float64(v)); name != "" {
			return append(dst, name...)
		}
		if want == schema.Float {
			return value.AppendFloat(dst, float64(v))
		}
		return value.AppendFloat32(dst, v)
	case "double":
		v := r.Float()
		if name := oddFloat(v); name != "" {
			return append(dst, name...)
		}
		return value.AppendFloat(dst, v)
	default: // "string"
		switch {
		case f.flow == "json":
			return wire.AppendJSON(dst, r.JSON())
		case want == schema.Bytes:
			return wire.AppendBytes(dst, r.view("a string"))
		case want == schema.Enum:
			return wire.AppendString(dst, symbolNow(t, r.View()))
		}
		return wire.AppendString(dst, r.View())
	}
}

// long appends a long, which may stand for a time.
func (f *Foreign) long(dst []byte, r *Reader, want schema.TypeName) []byte {
	if want == schema.Int || want == schema.Int32 {
		return wire.AppendInt(dst, r.Int())
	}
	v := r.Int()
	switch f.logical {
	case "timestamp-millis", "local-timestamp-millis":
		if v > int64(value.MaxTime)/1000 || v < int64(value.MinTime)/1000 {
			r.Fail("a timestamp outside the years 1 to 9999")
			return dst
		}
		v *= 1000
	case "timestamp-nanos", "local-timestamp-nanos":
		v = floorDiv(v, 1000)
	case "timestamp-micros", "local-timestamp-micros":
	default:
		if f.flow == "duration" || want == schema.Duration {
			return wire.AppendDuration(dst, value.Duration(v))
		}
		return wire.AppendInt(dst, v)
	}
	if at := value.Timestamp(v); at >= value.MinTime && at <= value.MaxTime {
		return wire.AppendTimestamp(dst, at)
	}
	r.Fail("a timestamp outside the years 1 to 9999")
	return dst
}

// floorDiv divides downwards.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// bytes appends bytes, which may be a decimal, a uuid or a text.
func (f *Foreign) bytes(dst []byte, r *Reader, b []byte, t *schema.Type) []byte {
	if r.err != nil {
		return dst
	}
	want := shapeOf(t)
	switch {
	case f.logical == "decimal" && want != schema.Bytes:
		return wire.AppendDecimal(dst, r.decimal(b, 38), f.scale)
	case len(b) == 16 && f.kind == "fixed" && (f.logical == "uuid" || want == schema.UUID) && want != schema.Bytes:
		return wire.AppendUUID(dst, value.UUID(b))
	case want == schema.String:
		if !utf8.Valid(b) {
			r.Fail("bytes that are to be a string and are not UTF-8")
			return dst
		}
		return wire.AppendString(dst, string(b))
	default:
		return wire.AppendBytes(dst, b)
	}
}

// branch appends the branch of a union that comes. A record among several is
// called by its name, if t is a union.
func (f *Foreign) branch(dst []byte, r *Reader, t, names *schema.Type, depth int) []byte {
	b := f.branches[r.Branch(len(f.branches))]
	if b.kind != "record" || b.flow == "option" || shapeOf(t) != schema.Union {
		return b.append(dst, r, t, names, depth+1)
	}
	tag, m, mNames := memberNow(t, names, b.name)
	if m == nil && b.membersIn() {
		return b.append(dst, r, t, names, depth+1)
	}
	dst = wire.AppendString(append(dst, `{"$type":`...), tag)
	return append(b.appendFields(dst, r, m, mNames, depth, false), '}')
}

// membersIn reports whether a record holds the members of a union: each a record
// that may be null.
func (f *Foreign) membersIn() bool {
	for _, field := range f.fields {
		of := field.of
		if of.kind != "union" || len(of.branches) != 2 || of.branches[0].kind != "null" || of.branches[1].kind != "record" {
			return false
		}
	}
	return len(f.fields) > 0
}

// member appends the member that such a record holds, which is the last one if it
// holds several, and null if it holds none.
func (f *Foreign) member(dst []byte, r *Reader, t, names *schema.Type, depth int) []byte {
	before := len(dst)
	dst = append(dst, "null"...)
	for _, field := range f.fields {
		if !r.Some() {
			continue
		}
		tag, m, mNames := memberNow(t, names, field.name)
		dst = wire.AppendString(append(dst[:before], `{"$type":`...), tag)
		dst = append(field.of.branches[1].appendFields(dst, r, m, mNames, depth+1, false), '}')
	}
	return dst
}

// memberNow finds the member of a union that is called by a name, and what it is
// called in JSON; one that is unknown keeps its name. A record that came to the
// program that wrote it by an import has the import's name and "_" before its own.
func memberNow(t, names *schema.Type, name string) (tag string, m, mNames *schema.Type) {
	i := t.Tagged(name)
	for j := 0; i < 0 && j < len(t.Members); j++ {
		if name == legal(t.Members[j].Name) {
			i = j
		}
	}
	for j := 0; i < 0 && j < len(t.Members); j++ {
		if strings.HasSuffix(name, "_"+t.Tag(j)) {
			i = j
		}
	}
	if i < 0 {
		return name, nil, nil
	}
	return t.Tag(i), &t.Members[i], &names.Members[i]
}

// appendFields appends the fields of a record that t has.
func (f *Foreign) appendFields(dst []byte, r *Reader, t, names *schema.Type, depth int, first bool) []byte {
	for _, field := range f.fields {
		to, toNames, name := fieldNow(t, names, field.name)
		before := len(dst)
		if !first {
			dst = append(dst, ',')
		}
		dst = append(wire.AppendString(dst, name), ':')
		dst = field.of.append(dst, r, to, toNames, depth+1)
		if to == nil && shapeOf(t) == schema.Record {
			dst = dst[:before]
			continue
		}
		first = false
	}
	return dst
}

// fieldNow finds the field of t that is called by a name or was, and what it is
// called in JSON.
func fieldNow(t, names *schema.Type, name string) (to, toNames *schema.Type, now string) {
	if shapeOf(t) != schema.Record {
		return nil, nil, name
	}
	at := slices.IndexFunc(t.Fields, func(f schema.Field) bool { return f.Name == name })
	if at < 0 {
		at = slices.IndexFunc(t.Fields, func(f schema.Field) bool { return slices.Contains(f.Was, name) })
	}
	if at < 0 {
		return nil, nil, name
	}
	return &t.Fields[at].Type, &names.Fields[at].Type, names.Fields[at].Name
}

// symbolNow is what t calls a symbol that may have a former name.
func symbolNow(t *schema.Type, name string) string {
	if shapeOf(t) != schema.Enum || slices.ContainsFunc(t.Symbols, func(s schema.Symbol) bool { return s.Name == name }) {
		return name
	}
	for _, s := range t.Symbols {
		if slices.Contains(s.Was, name) {
			return s.Name
		}
	}
	return name
}

func (f *Foreign) list(dst []byte, r *Reader, t, names *schema.Type, depth int) []byte {
	var elem, elemNames, key, keyNames *schema.Type
	switch shapeOf(t) {
	case schema.ListOf, schema.SetOf:
		elem, elemNames = t.Elem, names.Elem
	case schema.MapOf:
		key, keyNames, elem, elemNames = t.Key, names.Key, t.Elem, names.Elem
	}
	pairs := f.elem.kind == "record" && len(f.elem.fields) == 2 && (f.flow == "map" || key != nil)
	dst = append(dst, '[')
	first := true
	for n := r.Block(f.elem.least); n > 0; n = r.Block(f.elem.least) {
		for ; n > 0 && !r.Failed(); n-- {
			if !first {
				dst = append(dst, ',')
			}
			first = false
			if !pairs {
				dst = f.elem.append(dst, r, elem, elemNames, depth+1)
				continue
			}
			dst = append(f.elem.fields[0].of.append(append(dst, '['), r, key, keyNames, depth+1), ',')
			dst = append(f.elem.fields[1].of.append(dst, r, elem, elemNames, depth+1), ']')
		}
	}
	return append(dst, ']')
}

func (f *Foreign) mapping(dst []byte, r *Reader, t, names *schema.Type, depth int) []byte {
	var elem, elemNames *schema.Type
	if shapeOf(t) == schema.MapOf {
		elem, elemNames = t.Elem, names.Elem
	}
	dst = append(dst, '{')
	first := true
	for n := r.Block(1 + f.elem.least); n > 0; n = r.Block(1 + f.elem.least) {
		for ; n > 0 && !r.Failed(); n-- {
			if !first {
				dst = append(dst, ',')
			}
			first = false
			dst = append(wire.AppendString(dst, r.View()), ':')
			dst = f.elem.append(dst, r, elem, elemNames, depth+1)
		}
	}
	return append(dst, '}')
}
