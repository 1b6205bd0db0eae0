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
	read := &reading{protobuf: new.Protobuf}
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
	return read.why("the message", link(was.Message), link(in.Message), "")
}

// reading holds the type that values were written by against that which they are
// read by, as JSON or as protocol buffers: neither knows which program wrote it.
type reading struct {
	protobuf bool
	open     [][2]*typ
}

// why says what cannot be read; "" if all can.
func (r *reading) why(called string, old, new *typ, path string) string {
	if path != "" {
		called = "the field " + quoted(path)
	}
	if slices.Contains(r.open, [2]*typ{old, new}) || !old.whole() || !new.whole() {
		return ""
	}
	r.open = append(r.open, [2]*typ{old, new})
	defer func() { r.open = r.open[:len(r.open)-1] }()
	switch {
	case !r.protobuf && new.Shape == schema.Option && old.Shape != schema.Option: // a zero that is left out would be none
		return r.why(called, old, new.elem, path)
	case old.Shape == schema.Int32 && new.Shape == schema.Int:
		return ""
	case old.Shape != new.Shape || old.Precision != new.Precision || old.Scale != new.Scale:
		return fmt.Sprintf("%s was %s and is %s", called, old, new)
	case old.isRecord():
		return r.records(old, new, path)
	}
	for i, s := range old.Symbols {
		at := slices.IndexFunc(new.Symbols, func(n schema.Symbol) bool { return n.Name == s.Name })
		if at < 0 || r.protobuf && at != i {
			return fmt.Sprintf("%s may be %s", called, s.Name)
		}
	}
	for _, m := range old.members {
		i := slices.IndexFunc(new.members, func(n *typ) bool { return n.Name == m.Name })
		if i < 0 {
			return fmt.Sprintf("%s may be a %s", called, m.Name)
		}
		if why := r.records(m, new.members[i], under(path, m.Name)); why != "" {
			return why
		}
	}
	if old.key != nil {
		if why := r.why(called, old.key, new.key, path); why != "" {
			return why
		}
	}
	if old.elem != nil {
		return r.why(called, old.elem, new.elem, path)
	}
	return ""
}

// records compares records: JSON has the names of fields, and a protocol buffer their
// order.
func (r *reading) records(old, new *typ, path string) string {
	for i, f := range new.fields {
		at, called := fieldCalled(old, f.Name), "the field "+quoted(under(path, f.Name))
		if r.protobuf {
			if i >= len(old.fields) {
				break // left out, which is its zero
			}
			if at = i; old.fields[i].Name != f.Name && !slices.Contains(f.Was, old.fields[i].Name) {
				return called + " has the number of another"
			}
		}
		switch {
		case at >= 0:
			if why := r.why(called, old.fields[at].typ, f.typ, under(path, f.Name)); why != "" {
				return why
			}
		case f.Default == nil && f.typ.Shape != schema.Option:
			return called + " is not in them"
		}
	}
	return ""
}
