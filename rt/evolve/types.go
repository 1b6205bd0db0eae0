package evolve

import (
	"slices"

	"github.com/flow-lang/flowc/rt/schema"
)

// typ is a schema.Type whose references are followed, so that a type that holds
// itself is a cycle.
type typ struct {
	*schema.Type
	key, elem *typ
	fields    []field
	members   []*typ
}

type field struct {
	*schema.Field
	typ *typ
}

// link follows the references of t. A reference to nothing, which only a damaged
// description has, stays one, and nothing fits it.
func link(t *schema.Type) *typ {
	if t == nil {
		return nil
	}
	return (&linker{}).link(t)
}

type linker struct{ around []*typ }

func (l *linker) link(t *schema.Type) *typ {
	if t.Shape == schema.Ref {
		for i := len(l.around) - 1; i >= 0; i-- {
			if l.around[i].Name == t.Name {
				return l.around[i]
			}
		}
	}
	out := &typ{Type: t}
	if (t.Shape == schema.Record || t.Shape == schema.Union) && t.Name != "" {
		l.around = append(l.around, out)
		defer func() { l.around = l.around[:len(l.around)-1] }()
	}
	if t.Key != nil {
		out.key = l.link(t.Key)
	}
	if t.Elem != nil {
		out.elem = l.link(t.Elem)
	}
	for i := range t.Fields {
		out.fields = append(out.fields, field{&t.Fields[i], l.link(&t.Fields[i].Type)})
	}
	for i := range t.Members {
		out.members = append(out.members, l.link(&t.Members[i]))
	}
	return out
}

// whole reports whether every part that the shape needs is there: a description
// may come from a damaged file.
func (t *typ) whole() bool {
	switch t.Shape {
	case schema.Option, schema.ListOf, schema.SetOf:
		return t.elem != nil
	case schema.MapOf:
		return t.key != nil && t.elem != nil
	case schema.Enum:
		return len(t.Symbols) > 0
	case schema.Union:
		return len(t.members) > 0
	case schema.Decimal:
		return t.Precision >= 1 && t.Precision <= 38 && t.Scale >= 0 && t.Scale <= t.Precision
	case schema.Ref:
		return false
	}
	return true
}

// isRecord reports whether t is saved as a record.
func (t *typ) isRecord() bool { return t.Shape == schema.Record || t.Shape == schema.Accumulator }

func fieldCalled(t *typ, name string) int {
	for i := range t.fields {
		if t.fields[i].Name == name {
			return i
		}
	}
	return -1
}

// samePart reports whether two parts of an aggregate fold the same.
// symbolCalled returns the index of the symbol of an enum with a name, -1 if there is none.
func symbolCalled(t *typ, name string) int {
	return slices.IndexFunc(t.Symbols, func(s schema.Symbol) bool { return s.Name == name })
}

// pairs are the types that are being compared: a type that holds itself is met again.
type pairs [][2]*typ

// enter reports whether a pair is not being compared yet, and takes note of it if so.
func (p *pairs) enter(old, new *typ) bool {
	if slices.Contains(*p, [2]*typ{old, new}) {
		return false
	}
	*p = append(*p, [2]*typ{old, new})
	return true
}

// leave takes back the last pair.
func (p *pairs) leave() { *p = (*p)[:len(*p)-1] }

// sameKind reports whether two types have one shape, and decimals their digits; their
// parts may differ.
func sameKind(old, new *typ) bool {
	return old.Shape == new.Shape && old.Precision == new.Precision && old.Scale == new.Scale
}

func samePart(old, new *schema.Part) bool {
	if old == nil || new == nil {
		return old == new
	}
	if old.Func != new.Func || len(old.Args) != len(new.Args) {
		return false
	}
	for i := range old.Args {
		if !sameText(&old.Args[i], &new.Args[i]) {
			return false
		}
	}
	return true
}

// sameSaid is sameText of texts that stand by themselves.
func sameSaid(old string, oldWas []string, new string, newWas []string) bool {
	return sameText(&schema.Text{Now: old, Was: oldWas}, &schema.Text{Now: new, Was: newWas})
}

// sameText reports whether two expressions mean the same, under the old names of
// fields that were renamed in either.
func sameText(old, new *schema.Text) bool {
	for _, a := range append([]string{old.Now}, old.Was...) {
		for _, b := range append([]string{new.Now}, new.Was...) {
			if a == b {
				return true
			}
		}
	}
	return false
}

// sameOrder reports whether the numbers of an enum's symbols, by which keys are
// sorted, still have one order.
func sameOrder(old, new *typ, match []int) bool {
	for i := range match {
		for k := range i {
			if match[i] >= 0 && match[k] >= 0 &&
				(old.Symbols[i].Value < old.Symbols[k].Value) != (new.Symbols[match[i]].Value < new.Symbols[match[k]].Value) {
				return false
			}
		}
	}
	return true
}

// memberMatch says for each old member of a union which new one it is, -1 for
// none: the one of its name, or else, since a record may be renamed, the first
// one left that has fields of the same names and shapes.
func memberMatch(old, new *typ) []int {
	match := make([]int, len(old.members))
	taken := make([]bool, len(new.members))
	for i, m := range old.members {
		match[i] = -1
		for j, n := range new.members {
			if m.Name == n.Name && !taken[j] {
				match[i], taken[j] = j, true
				break
			}
		}
	}
	for i, m := range old.members {
		for j, n := range new.members {
			if match[i] < 0 && !taken[j] && sameFields(m, n) {
				match[i], taken[j] = j, true
			}
		}
	}
	return match
}

func sameFields(a, b *typ) bool {
	if len(a.fields) != len(b.fields) {
		return false
	}
	for i := range a.fields {
		if a.fields[i].Name != b.fields[i].Name || a.fields[i].Type.Shape != b.fields[i].Type.Shape {
			return false
		}
	}
	return true
}

// sameBytes reports whether every value of old is, byte for byte, the value of
// new that the rules turn it into.
func sameBytes(old, new *typ) bool { return (&comparer{}).same(old, new) }

// comparer compares types that may hold themselves: a pair that is being
// compared counts as the same until a difference is found.
type comparer struct{ open pairs }

func (c *comparer) same(old, new *typ) bool {
	if !c.open.enter(old, new) {
		return true
	}
	switch {
	case !old.whole() || !new.whole():
		return false
	case old.isRecord() && new.isRecord():
		return old.Shape == new.Shape && c.sameRecord(old, new)
	case old.Shape != new.Shape:
		return sharesBytes(old.Shape, new.Shape)
	}
	switch old.Shape {
	case schema.Decimal:
		return old.Scale == new.Scale && old.Precision <= new.Precision
	case schema.Option, schema.ListOf, schema.SetOf:
		return c.same(old.elem, new.elem)
	case schema.MapOf:
		return c.same(old.key, new.key) && c.same(old.elem, new.elem)
	case schema.Enum:
		match := matchSymbols(old, new)
		return inPlace(match) && sameOrder(old, new, match)
	case schema.Union:
		return c.sameUnion(old, new)
	}
	return true
}

func (c *comparer) sameRecord(old, new *typ) bool {
	if len(old.fields) != len(new.fields) || !inPlace(matchFields(old, new)) {
		return false
	}
	for i := range old.fields {
		if !c.same(old.fields[i].typ, new.fields[i].typ) {
			return false
		}
	}
	return true
}

func (c *comparer) sameUnion(old, new *typ) bool {
	match := make([]int, len(old.members))
	for i := range old.members {
		match[i] = -1
		if i < len(new.members) && old.members[i].Name == new.members[i].Name {
			match[i] = i
		}
	}
	if !inPlace(match) {
		match = memberMatch(old, new)
	}
	if !inPlace(match) {
		return false
	}
	for i := range old.members {
		if !c.same(old.members[i], new.members[i]) {
			return false
		}
	}
	return true
}

func inPlace(match []int) bool {
	for i, m := range match {
		if m != i {
			return false
		}
	}
	return true
}

// sharesBytes reports whether values of one scalar are values of another as they
// stand.
func sharesBytes(old, new schema.TypeName) bool {
	switch old {
	case schema.Int32:
		return new == schema.Int
	case schema.String:
		return new == schema.Bytes
	case schema.JSON:
		return new == schema.String || new == schema.Bytes
	}
	return false
}
