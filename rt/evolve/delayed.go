package evolve

import (
	"fmt"
	"slices"

	"github.com/flow-lang/flowc/rt/schema"
)

// delayed judges messages to an input that remote functions of the old program have
// delayed: they are saved as the functions wrote them, and read when they are due.
func (r *resolver) delayed(was, in *schema.Input, c Change) {
	if !slices.ContainsFunc(r.plan.Old.Operators, func(o schema.Operator) bool { return o.Delays() }) {
		return
	}
	why := unreadable(was, in)
	if why == "" {
		return
	}
	c.Rule, c.Message = DelayedRead, fmt.Sprintf("messages that a remote function has delayed are saved as it wrote them, and would be refused when they are due: %s", why)
	c.Old, c.New = c.Old+wired(was.Wire), c.New+wired(in.Wire)
	c.Ack = c.UID + "/" + c.State
	acceptable(&c, "if none waits, or it may be refused,")
	r.change(c)
}

// wired shows how functions write messages, as Flow text.
func wired(w *schema.Wire) string {
	switch {
	case w == nil || w.Type == "":
		return ""
	case w.Protobuf:
		return " " + quoted(w.Type) + " protobuf"
	}
	return " " + quoted(w.Type)
}

// unreadable says why in does not read what functions wrote for was; "" if it does.
func unreadable(was, in *schema.Input) string {
	var old, new schema.Wire
	if was.Wire != nil {
		old = *was.Wire
	}
	if in.Wire != nil {
		new = *in.Wire
	}
	switch {
	case old.Protobuf && !new.Protobuf:
		return "they are protocol buffers, and JSON is read"
	case new.Protobuf && !old.Protobuf:
		return "they are JSON, and protocol buffers are read"
	case new.Type != "" && new.Type != old.Type && old.Type == "":
		return fmt.Sprintf("they may be of any name, and %s is taken", quoted(new.Type))
	case new.Type != "" && new.Type != old.Type:
		return fmt.Sprintf("they are of type %s, and %s is taken", quoted(old.Type), quoted(new.Type))
	case !slices.Equal(old.Names, new.Names):
		return "fields have other names in JSON"
	}
	return (&reading{protobuf: new.Protobuf}).why("the message", link(was.Message), link(in.Message), "")
}

// reading holds the type that values were written by against that which they are
// read by, as JSON or as protocol buffers: neither knows which program wrote it.
type reading struct {
	protobuf bool
	open     pairs
}

// why says what cannot be read, of what is called noun or, below it, of a field; "" if
// all can.
func (r *reading) why(noun string, old, new *typ, path string) string {
	if !old.whole() || !new.whole() || !r.open.enter(old, new) {
		return ""
	}
	defer r.open.leave()
	switch {
	case !r.protobuf && new.Shape == schema.Option && old.Shape != schema.Option: // a zero that is left out would be none
		return r.why(noun, old, new.elem, path)
	case old.Shape == schema.Int32 && new.Shape == schema.Int:
		return ""
	case !sameKind(old, new):
		return fmt.Sprintf("%s was %s and is %s", called(noun, path), old, new)
	case old.isRecord():
		return r.records(old, new, path)
	}
	for i, s := range old.Symbols {
		if at := symbolCalled(new, s.Name); at < 0 || r.protobuf && at != i {
			return fmt.Sprintf("%s may be %s", called(noun, path), s.Name)
		}
	}
	for j, m := range old.members {
		i := new.Tagged(old.Tag(j))
		if i < 0 {
			return fmt.Sprintf("%s may be a %s", called(noun, path), m.Name)
		}
		if why := r.records(m, new.members[i], under(path, m.Name)); why != "" {
			return why
		}
	}
	if old.key != nil {
		if why := r.why(noun, old.key, new.key, path); why != "" {
			return why
		}
	}
	if old.elem != nil {
		return r.why(noun, old.elem, new.elem, path)
	}
	return ""
}

// records compares records: JSON has the names of fields, and a protocol buffer their
// order.
func (r *reading) records(old, new *typ, path string) string {
	for i, f := range new.fields {
		at, field := fieldCalled(old, f.Name), under(path, f.Name)
		if r.protobuf {
			if i >= len(old.fields) {
				break // left out, which is its zero
			}
			if at = i; old.fields[i].Name != f.Name && !slices.Contains(f.Was, old.fields[i].Name) {
				return called("", field) + " has the number of another"
			}
		}
		switch {
		case at >= 0:
			if why := r.why("", old.fields[at].typ, f.typ, field); why != "" {
				return why
			}
		case f.Default == nil && f.typ.Shape != schema.Option:
			return called("", field) + " is not in them"
		}
	}
	return ""
}
