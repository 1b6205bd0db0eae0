package evolve

import (
	"slices"
	"strings"

	"github.com/flow-lang/flowc/rt/schema"
)

// A teller writes saved types so that the new program can name them behind "from": a
// name stands for what the new program declares, and that may be another type by now.
type teller struct {
	declared map[string]*typ // by the new program, as far as its description says
	beside   []string        // declarations that what was written needs
}

// tellerOf knows the types that a program declares.
func tellerOf(job *schema.Job) *teller {
	t := &teller{declared: map[string]*typ{}}
	for i := range job.Operators {
		op := &job.Operators[i]
		t.note(link(op.Key))
		if op.Rekey != nil {
			t.note(link(&op.Rekey.From))
		}
		for k := range op.Inputs {
			t.note(link(op.Inputs[k].Message))
		}
		for k := range op.Timers {
			t.note(link(op.Timers[k].Index))
		}
		for k := range op.States {
			s := &op.States[k]
			t.note(link(s.MapKey))
			t.note(link(s.Type))
			if s.Migrate != nil {
				t.note(link(s.Migrate.Type))
			}
		}
	}
	return t
}

func (t *teller) note(of *typ) {
	if of == nil {
		return
	}
	if of.Name != "" && (of.Shape == schema.Record || of.Shape == schema.Enum || of.Shape == schema.Union) {
		if t.declared[of.Name] != nil {
			return
		}
		t.declared[of.Name] = of
	}
	t.note(of.key)
	t.note(of.elem)
	for i := range of.fields {
		t.note(of.fields[i].typ)
	}
	for _, m := range of.members {
		t.note(m)
	}
}

// from begins a help that names a saved type: word and the type, as the program can
// write it.
func (t *teller) from(word, of string) string {
	text := word + " from " + of + " as old => …"
	if len(t.beside) > 0 {
		text += ", with " + strings.Join(t.beside, " and ")
		t.beside = nil
	}
	return text
}

// text writes a saved type.
func (t *teller) text(of *typ) string { return t.within(of, nil) }

func (t *teller) within(of *typ, around []*typ) string {
	if of == nil || !of.whole() || slices.Contains(around, of) {
		return "…"
	}
	switch of.Shape {
	case schema.Option:
		return t.within(of.elem, around) + "?"
	case schema.ListOf, schema.SetOf:
		return string(of.Shape) + "<" + t.within(of.elem, around) + ">"
	case schema.MapOf:
		return "map<" + t.within(of.key, around) + ", " + t.within(of.elem, around) + ">"
	case schema.Enum:
		return t.enum(of)
	case schema.Record:
		if is := t.declared[of.Name]; of.Name != "" && is != nil && sameBytes(of, is) {
			return of.Name
		}
		fields := make([]string, len(of.fields))
		for i := range of.fields {
			fields[i] = of.fields[i].Name + ": " + t.within(of.fields[i].typ, append(around, of))
		}
		return "{ " + strings.Join(fields, ", ") + " }"
	}
	return of.String()
}

// enum names an enum of the same symbols, which has to be declared if there is none.
func (t *teller) enum(of *typ) string {
	names := []string{of.Name}
	for name, is := range t.declared {
		if is.Shape == schema.Enum {
			names = append(names, name)
		}
	}
	slices.Sort(names[1:])
	for _, name := range names {
		if is := t.declared[name]; is != nil && is.Shape == schema.Enum && slices.EqualFunc(of.Symbols, is.Symbols, func(a, b schema.Symbol) bool { return a.Name == b.Name }) {
			return name
		}
	}
	if t.declared[of.Name] == nil {
		return of.Name
	}
	symbols := make([]string, len(of.Symbols))
	for i := range of.Symbols {
		symbols[i] = of.Symbols[i].Name
	}
	name := "Old" + of.Name
	if text := "enum " + name + " { " + strings.Join(symbols, ", ") + " }"; !slices.Contains(t.beside, text) {
		t.beside = append(t.beside, text)
	}
	return name
}

// kind writes a kind of state with its types.
func (t *teller) kind(s *schema.State) string {
	if s.Type == nil {
		return string(s.Kind)
	}
	if s.MapKey != nil {
		return string(s.Kind) + "<" + t.text(link(s.MapKey)) + ", " + t.text(link(s.Type)) + ">"
	}
	return string(s.Kind) + "<" + t.text(link(s.Type)) + ">"
}
