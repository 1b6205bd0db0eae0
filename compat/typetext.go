package compat

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/flow-lang/flowc/rt/schema"
)

// typeWriter writes types as text that typeReader reads: as in Flow, with named
// types by their names. It collects what the names stand for.
type typeWriter struct {
	names map[string]string       // definition, for each name that is written
	types map[string]*schema.Type // by the name that is written
	order []string
}

func newTypeWriter() *typeWriter {
	return &typeWriter{names: map[string]string{}, types: map[string]*schema.Type{}}
}

// text writes t.
func (w *typeWriter) text(t *schema.Type) string {
	switch t.Shape {
	case schema.Option:
		return w.text(t.Elem) + "?"
	case schema.ListOf, schema.SetOf:
		return string(t.Shape) + "<" + w.text(t.Elem) + ">"
	case schema.MapOf:
		return "map<" + w.text(t.Key) + ", " + w.text(t.Elem) + ">"
	case schema.Decimal:
		return fmt.Sprintf("decimal(%d, %d)", t.Precision, t.Scale)
	case schema.Record:
		if t.Name == "" {
			return "{ " + w.fields(t) + " }"
		}
		return w.named(t)
	case schema.Accumulator:
		return "aggregate { " + w.fields(t) + " }"
	case schema.Enum, schema.Union:
		return w.named(t)
	case schema.Ref:
		return nameText(t.Name)
	}
	return string(t.Shape)
}

// named notes what a name stands for. Two types of one name, which two libraries
// may have, are told apart by a number.
func (w *typeWriter) named(t *schema.Type) string {
	definition := definitionOf(t)
	name := t.Name
	for n := 2; ; n++ {
		known, taken := w.names[name]
		if !taken {
			w.names[name], w.types[name] = definition, t
			w.order = append(w.order, name)
			w.parts(t)
			return nameText(name)
		}
		if known == definition {
			return nameText(name)
		}
		name = fmt.Sprintf("%s~%d", t.Name, n)
	}
}

// parts notes the named types inside a named type.
func (w *typeWriter) parts(t *schema.Type) {
	for i := range t.Fields {
		w.text(&t.Fields[i].Type)
	}
	for i := range t.Members {
		w.text(&t.Members[i])
	}
}

// definitionOf is what a named type says of itself, with the types in it by their
// names.
func definitionOf(t *schema.Type) string {
	var b strings.Builder
	for i := range t.Fields {
		f := &t.Fields[i]
		fmt.Fprintf(&b, "%s: %s", f.Name, f.Type.String())
		if f.Default != nil {
			b.WriteString(" = " + *f.Default)
		}
		b.WriteByte('\n')
	}
	for _, s := range t.Symbols {
		fmt.Fprintf(&b, "%s = %d\n", s.Name, s.Value)
	}
	for i := range t.Members {
		b.WriteString(t.Members[i].String() + "\n")
	}
	return b.String()
}

// lines are the parts of a named type, one a line.
func (w *typeWriter) lines(t *schema.Type) []string {
	var out []string
	for i := range t.Fields {
		out = append(out, w.field(&t.Fields[i])+fieldWas(t, i))
	}
	for i, s := range t.Symbols {
		out = append(out, fmt.Sprintf("%s = %d%s", s.Name, s.Value, symbolWas(t, i)))
	}
	for i := range t.Members {
		out = append(out, w.text(&t.Members[i]))
	}
	return out
}

func nameText(name string) string {
	for i, c := range name {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || i > 0 && (c >= '0' && c <= '9' || c == '.' || c == '~')
		if !letter {
			return strconv.Quote(name)
		}
	}
	return name
}

func (w *typeWriter) fields(t *schema.Type) string {
	out := make([]string, len(t.Fields))
	for i := range t.Fields {
		out[i] = w.field(&t.Fields[i]) + fieldWas(t, i)
	}
	return strings.Join(out, ", ")
}

// field writes a field, or a part of an aggregate: total: sum("_.n") { … }.
func (w *typeWriter) field(f *schema.Field) string {
	text := f.Name + ": "
	if f.Part != nil {
		args := make([]string, len(f.Part.Args))
		for i, a := range f.Part.Args {
			args[i] = strconv.Quote(a.Now)
		}
		text += nameText(f.Part.Func) + "(" + strings.Join(args, ", ") + ") "
		if f.Part.Empty {
			text += "empty "
		}
	}
	text += w.text(&f.Type)
	if f.Default != nil {
		text += " = " + strconv.Quote(*f.Default)
	}
	return text
}

// typeReader reads types. names say what the names stand for.
type typeReader struct {
	rest   string
	define func(name string) (*schema.Type, error)
}

var errType = errors.New("no type")

func (r *typeReader) space() string {
	r.rest = strings.TrimLeft(r.rest, " ")
	return r.rest
}

func (r *typeReader) next(token string) bool {
	rest, ok := strings.CutPrefix(r.space(), token)
	if ok {
		r.rest = rest
	}
	return ok
}

func (r *typeReader) expect(token string) error {
	if !r.next(token) {
		return fmt.Errorf("%q is missing before %q", token, r.rest)
	}
	return nil
}

// name takes a name, in quotes or not.
func (r *typeReader) name() (string, error) {
	if strings.HasPrefix(r.space(), `"`) {
		return r.quoted()
	}
	n := 0
	for n < len(r.rest) && strings.IndexByte(" <>(){},:?=[]\"", r.rest[n]) < 0 {
		n++
	}
	if n == 0 {
		return "", fmt.Errorf("a name is missing before %q", r.rest)
	}
	name := r.rest[:n]
	r.rest = r.rest[n:]
	return name, nil
}

func (r *typeReader) quoted() (string, error) {
	prefix, err := strconv.QuotedPrefix(r.space())
	if err != nil {
		return "", fmt.Errorf("text in quotes is missing before %q", r.rest)
	}
	r.rest = r.rest[len(prefix):]
	return strconv.Unquote(prefix)
}

func (r *typeReader) number() (int, error) {
	word, err := r.name()
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(word)
}

var scalarShapes = map[string]bool{
	"bool": true, "int32": true, "int": true, "float32": true, "float": true, "string": true, "bytes": true,
	"timestamp": true, "duration": true, "date": true, "uuid": true, "json": true,
}

const deepest = 200

// read takes one type.
func (r *typeReader) read(depth int) (*schema.Type, error) {
	if depth > deepest {
		return nil, errors.New("a type is nested too deep")
	}
	t, err := r.one(depth)
	for err == nil && r.next("?") {
		t = &schema.Type{Shape: schema.Option, Elem: t}
	}
	return t, err
}

func (r *typeReader) one(depth int) (*schema.Type, error) {
	if r.next("{") {
		return r.record(schema.Record, depth)
	}
	quoted := strings.HasPrefix(r.space(), `"`)
	name, err := r.name()
	if err != nil {
		return nil, err
	}
	switch {
	case quoted:
	case scalarShapes[name]:
		return &schema.Type{Shape: schema.TypeName(name)}, nil
	case (name == "list" || name == "set") && r.next("<"):
		elem, err := r.read(depth + 1)
		if err == nil {
			err = r.expect(">")
		}
		return &schema.Type{Shape: schema.TypeName(name), Elem: elem}, err
	case name == "map" && r.next("<"):
		return r.mapType(depth)
	case name == "decimal" && r.next("("):
		return r.decimal()
	case name == "aggregate" && r.next("{"):
		return r.record(schema.Accumulator, depth)
	}
	if r.define == nil {
		return nil, errType
	}
	return r.define(name)
}

func (r *typeReader) mapType(depth int) (*schema.Type, error) {
	key, err := r.read(depth + 1)
	if err == nil {
		err = r.expect(",")
	}
	if err != nil {
		return nil, err
	}
	elem, err := r.read(depth + 1)
	if err == nil {
		err = r.expect(">")
	}
	return &schema.Type{Shape: schema.MapOf, Key: key, Elem: elem}, err
}

func (r *typeReader) decimal() (*schema.Type, error) {
	p, err := r.number()
	if err == nil {
		err = r.expect(",")
	}
	if err != nil {
		return nil, err
	}
	s, err := r.number()
	if err == nil {
		err = r.expect(")")
	}
	return &schema.Type{Shape: schema.Decimal, Precision: p, Scale: s}, err
}

func (r *typeReader) record(shape schema.TypeName, depth int) (*schema.Type, error) {
	t := &schema.Type{Shape: shape}
	for !r.next("}") {
		if len(t.Fields) > 0 {
			if err := r.expect(","); err != nil {
				return nil, err
			}
		}
		f, err := r.field(shape == schema.Accumulator, depth)
		if err != nil {
			return nil, err
		}
		t.Fields = append(t.Fields, f)
	}
	return t, nil
}

// field takes a field, or a part of an aggregate.
func (r *typeReader) field(part bool, depth int) (schema.Field, error) {
	name, err := r.name()
	if err == nil {
		err = r.expect(":")
	}
	if err != nil {
		return schema.Field{}, err
	}
	f := schema.Field{Name: name}
	if part {
		if f.Part, err = r.part(); err != nil {
			return f, err
		}
	}
	t, err := r.read(depth + 1)
	if err != nil {
		return f, err
	}
	f.Type = *t
	if r.next("=") {
		text, err := r.quoted()
		if err != nil {
			return f, err
		}
		f.Default = &text
	}
	f.Was, err = r.was()
	return f, err
}

func (r *typeReader) part() (*schema.Part, error) {
	name, err := r.name()
	if err == nil {
		err = r.expect("(")
	}
	if err != nil {
		return nil, err
	}
	p := &schema.Part{Func: name}
	for !r.next(")") {
		if len(p.Args) > 0 {
			if err := r.expect(","); err != nil {
				return nil, err
			}
		}
		arg, err := r.quoted()
		if err != nil {
			return nil, err
		}
		p.Args = append(p.Args, schema.Text{Now: arg})
	}
	p.Empty = r.next("empty ")
	return p, nil
}
