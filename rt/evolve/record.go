package evolve

import (
	"fmt"

	"github.com/flow-lang/flowc/rt/schema"
)

// records judges two records, or two accumulators.
func (j *judge) records(old, new *typ, path string) run {
	match := matchFields(old, new)
	slots := make([]slot, len(new.fields))
	kept := make([]bool, len(old.fields))
	for i, m := range match {
		f := &new.fields[i]
		slots[i].from = m
		if m >= 0 {
			kept[m] = true
			slots[i].node = j.field(old, m, f, under(path, f.Name))
		}
	}
	for i, m := range match {
		if m < 0 {
			slots[i].fresh = j.added(old, kept, &new.fields[i], under(path, new.fields[i].Name))
		}
	}
	for m := range old.fields {
		if !kept[m] {
			j.removed(old, new, match, m, path)
		}
	}
	if !inOrder(slots) {
		rule, what := FieldsReordered, "fields"
		if new.Shape == schema.Accumulator {
			rule, what = PartsReordered, "parts"
		}
		j.add(rule, path, old.order(), new.order(), "the "+what+" stand in another order", "")
	}
	return recorded(old, slots)
}

// order names the fields.
func (t *typ) order() string {
	text := ""
	for i := range t.fields {
		if i > 0 {
			text += ", "
		}
		text += t.fields[i].Name
	}
	return text
}

// field judges a field that both records have.
func (j *judge) field(old *typ, m int, f *field, path string) *node {
	if was := old.fields[m].Name; was != f.Name {
		j.add(FieldRenamed, path, was, f.Name, fmt.Sprintf("the field %s is now called %s", quoted(was), quoted(f.Name)), "")
	}
	var instead []byte
	if f.Default != nil && old.fields[m].typ.Shape == schema.Option && f.typ.Shape != schema.Option {
		instead, _ = Literal(f.typ, *f.Default)
	}
	was := j.was
	defer func() { j.was = was }()
	j.was = old.fields[m].typ.String()
	return j.types(old.fields[m].typ, f.typ, path, instead)
}

// added judges a field that old values do not have, and returns its value.
func (j *judge) added(old *typ, kept []bool, f *field, path string) []byte {
	text := f.String()
	if f.Part != nil {
		return j.partAdded(old, f, path, text)
	}
	switch {
	case f.Default != nil:
		b, err := Literal(f.typ, *f.Default)
		if err == nil {
			j.add(FieldDefault, path, "", text, fmt.Sprintf("the field %s is new, and %s in old values", quoted(f.Name), *f.Default), j.meant(old, kept, f, path))
			return b
		}
		j.add(FieldMissing, path, "", text, fmt.Sprintf("the default of the new field %s cannot be worked out: %v", quoted(f.Name), err), "write a constant")
	case f.typ.Shape == schema.Option:
		j.add(FieldOptional, path, "", text, fmt.Sprintf("the field %s is new, and none in old values", quoted(f.Name)), j.meant(old, kept, f, path))
		return []byte{0}
	default:
		zero := zeroText(f.typ)
		mends := []Mend{{Title: "make it optional", Kind: AddOption, What: OfState, UID: j.about.UID, State: j.about.State, Path: path}}
		help := fmt.Sprintf("make it optional: %s: %s?", f.Name, f.typ)
		if zero != "" {
			help = fmt.Sprintf("give it a default: %s: %s = %s", f.Name, f.typ, zero)
			mends = append([]Mend{{Title: "give it a default", Kind: AddDefault, What: OfState, UID: j.about.UID, State: j.about.State, Path: path, Text: zero}}, mends...)
		}
		if meant := j.meant(old, kept, f, path); meant != "" {
			help = meant + "; or " + help
		}
		j.add(FieldMissing, path, "", text, fmt.Sprintf("the field %s is new, and old values have no value for it", quoted(f.Name)), help, mends...)
	}
	return nil
}

// String writes the field as it is declared.
func (f *field) String() string {
	text := f.Name + ": " + f.typ.String()
	if f.Part != nil {
		return f.Name + ": " + f.Part.String()
	}
	if f.Default != nil {
		text += " = " + *f.Default
	}
	return text
}

// meant asks whether a new field is an old one under another name.
func (j *judge) meant(old *typ, kept []bool, f *field, path string) string {
	for m := range old.fields {
		if !kept[m] && fits(old.fields[m].typ, f.typ) {
			return fmt.Sprintf("if it is the field %s under another name, say so: %s: %s was %s", quoted(old.fields[m].Name), f.Name, f.typ, quoted(old.fields[m].Name))
		}
	}
	return ""
}

// fits reports whether every value of old becomes one of new without a loss.
func fits(old, new *typ) bool {
	j := &judge{}
	j.types(old, new, "", nil)
	return j.worst() <= Migrates
}

// removed judges a field that is gone.
func (j *judge) removed(old, new *typ, match []int, m int, path string) {
	f := &old.fields[m]
	path = under(path, f.Name)
	if f.Part != nil {
		j.partRemoved(new, f, path)
		return
	}
	help := ""
	var mends []Mend
	for i, from := range match {
		if from < 0 && fits(f.typ, new.fields[i].typ) {
			name := new.fields[i].Name
			help = fmt.Sprintf("if %s is the same field under another name, say so: %s: %s was %s", quoted(name), name, new.fields[i].typ, quoted(f.Name))
			mends = append(mends, Mend{
				Title: "it is " + quoted(name) + " now", Say: help, Kind: AddWas, What: OfState, UID: j.about.UID, State: j.about.State, Path: under(parent(path), name), Text: f.Name,
			})
			break
		}
	}
	j.add(FieldRemoved, path, f.String(), "", fmt.Sprintf("the field %s is gone, and what it holds is given up", quoted(f.Name)), help, mends...)
}

func parent(path string) string {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '.' {
			return path[:i]
		}
	}
	return ""
}

// partAdded judges a part of an aggregate that nothing was added to yet.
func (j *judge) partAdded(old *typ, f *field, path, text string) []byte {
	fresh := freshPart(f)
	before := fieldCalled(old, f.Name)
	switch {
	case !f.Part.Empty:
		help := fmt.Sprintf("say what it is of nothing: %s(…) ?? DEFAULT; or keep the aggregate as it was, and fold the new part in a state of its own", f.Part.Func)
		j.add(PartNeedsValue, path, "", text, fmt.Sprintf("the part %s is new, and %s of nothing has no result", quoted(f.Name), f.Part.Func), help,
			Mend{Title: "say what it is of nothing", Kind: AddFallback, What: OfState, UID: j.about.UID, State: j.about.State, Path: path})
	case before >= 0:
		j.add(PartAdded, path, old.fields[before].String(), text, fmt.Sprintf("the part %s folds something else, and starts empty", quoted(f.Name)), "")
	default:
		j.add(PartAdded, path, "", text, fmt.Sprintf("the part %s is new, and starts empty", quoted(f.Name)), "")
	}
	return fresh
}

// partRemoved judges a part of an aggregate that is gone.
func (j *judge) partRemoved(new *typ, f *field, path string) {
	if i := fieldCalled(new, f.Name); i >= 0 {
		j.add(PartReplaced, path, f.String(), new.fields[i].String(),
			fmt.Sprintf("the part %s was %s and is now %s, so what it has folded is dropped", quoted(f.Name), f.Part, new.fields[i].Part), "")
		return
	}
	j.add(PartRemoved, path, f.String(), "", fmt.Sprintf("the part %s is gone, and what it has folded is given up", quoted(f.Name)), "")
}

// freshPart is a part that nothing was added to. A sum of nothing is zero.
func freshPart(f *field) []byte {
	var out []byte
	for i := range f.typ.fields {
		s := &f.typ.fields[i]
		switch {
		case s.Default != nil:
			b, err := Literal(s.typ, *s.Default)
			if err != nil {
				return nil
			}
			out = append(out, b...)
		case s.typ.Shape == schema.Option && f.Part.Func == "sum" && zero(s.typ.elem) != nil:
			out = append(appendLong(out, 1), zero(s.typ.elem)...)
		default:
			out = append(out, empty(s.typ)...)
		}
	}
	return out
}

// empty is none, or a collection without elements; nil for other types.
func empty(t *typ) []byte {
	switch t.Shape {
	case schema.Option, schema.ListOf, schema.SetOf, schema.MapOf:
		return []byte{0}
	}
	return nil
}

// zero is the number 0, nil for what is no number.
func zero(t *typ) []byte {
	switch t.Shape {
	case schema.Int32, schema.Int, schema.Duration:
		return []byte{0}
	case schema.Float32:
		return make([]byte, 4)
	case schema.Float:
		return make([]byte, 8)
	case schema.Decimal:
		return []byte{2, 0}
	}
	return nil
}

// zeroText is a plain value of a type as Flow text, "" if there is none.
func zeroText(t *typ) string {
	switch t.Shape {
	case schema.Bool:
		return "false"
	case schema.Int32, schema.Int:
		return "0"
	case schema.Float32, schema.Float:
		return "0.0"
	case schema.Decimal:
		return "0.0d"
	case schema.String:
		return `""`
	case schema.Duration:
		return "0s"
	case schema.ListOf:
		return "[]"
	case schema.MapOf:
		return "[:]"
	case schema.Enum:
		return t.Name + "." + t.Symbols[0].Name
	}
	return ""
}
