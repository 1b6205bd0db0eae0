package evolve

import (
	"fmt"
	"strings"

	"github.com/flow-lang/flowc/rt/schema"
)

// A judge holds one old value against one new type: it collects the changes and
// makes the converter.
type judge struct {
	about   Change // what every change is about
	noun    string // what the value is called: "the value", "the key"
	changes []Change
	open    []openPair
	was     string // the old type of the field that is looked at, or the kind and types of the state; "" if none can be written
	from    string // how a migration from the saved state begins, "" if there is none
	fromAll string // the same of all entries of a key, for those whose own keys do not fit
}

// openPair is a pair of types whose converter is being made: a type that holds
// itself comes back to it.
type openPair struct {
	old, new *typ
	node     *node
}

// What is judged of a state: a single value, and the key of an entry.
const (
	valueNoun = "the value"
	entryNoun = "the key of the entries"
)

// add judges one change by a rule.
func (j *judge) add(rule RuleID, path, old, new, message, help string, mends ...Mend) *Change {
	c := j.about
	c.Rule, c.Path, c.Old, c.New, c.Message, c.Help, c.Mends = rule, path, old, new, message, help, mends
	if rule.Rule().Verdict == MigratesLosing || rule.Rule().Verdict == Dropped {
		c.Ack = c.Where()
		c.losable()
	}
	j.changes = append(j.changes, c)
	return &j.changes[len(j.changes)-1]
}

// worst is the worst verdict so far.
func (j *judge) worst() Verdict {
	worst := Unchanged
	for i := range j.changes {
		worst = max(worst, j.changes[i].Verdict())
	}
	return worst
}

// called names what stands at path.
func (j *judge) called(path string) string {
	return called(j.noun, path)
}

// said are the changes in words.
func (j *judge) said() string {
	said := make([]string, len(j.changes))
	for i := range j.changes {
		said[i] = j.changes[i].Message
	}
	return strings.Join(said, ", ")
}

// called names what stands at path in what is called noun.
func called(noun, path string) string {
	if path == "" {
		return noun
	}
	return "the field " + quoted(path)
}

func quoted(s string) string { return `"` + s + `"` }

func under(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// types judges one type against another and returns what converts its values. If
// a part breaks, that is among the changes and the converter must not be used.
// instead is what stands for none where the new type has no none, nil if there
// is nothing.
func (j *judge) types(old, new *typ, path string, instead []byte) *node {
	for _, o := range j.open {
		if o.old == old && o.new == new {
			return o.node
		}
	}
	n := &node{old: old, new: new}
	j.open = append(j.open, openPair{old, new, n})
	n.run = j.run(old, new, path, instead)
	n.same = n.run == nil || sameBytes(old, new)
	j.open = j.open[:len(j.open)-1]
	return n
}

// run makes the converter of a pair; nil if the bytes stay as they are.
func (j *judge) run(old, new *typ, path string, instead []byte) run {
	switch {
	case !old.whole() || !new.whole():
		return j.breaks(old, new, path)
	case old.Shape == schema.Option && new.Shape == schema.Option:
		return optional(old, new, j.types(old.elem, new.elem, path, nil))
	case new.Shape == schema.Option:
		j.add(NowOptional, path, old.String(), new.String(), j.called(path)+" may now be none", "")
		return wrapped(1, j.types(old, new.elem, path, nil))
	case old.Shape == schema.Option:
		return j.unwrapped(old, new, path, instead)
	case old.Shape == schema.Union && new.Shape == schema.Union:
		return j.unions(old, new, path)
	case new.Shape == schema.Union:
		return j.intoUnion(old, new, path)
	case old.isRecord() && old.Shape == new.Shape:
		return j.records(old, new, path)
	case old.Shape == schema.Enum && new.Shape == schema.Enum:
		return j.enums(old, new, path)
	}
	return j.collections(old, new, path)
}

// collections judges lists, sets and maps, and what is left: scalars.
func (j *judge) collections(old, new *typ, path string) run {
	switch (pair{old.Shape, new.Shape}) {
	case pair{schema.ListOf, schema.ListOf}:
		return listed(old, j.types(old.elem, new.elem, path, nil))
	case pair{schema.ListOf, schema.SetOf}:
		j.add(ListToSet, path, old.String(), new.String(), j.called(path)+" becomes a set, which gives up order and repeats", "")
		return keyed(old, new, j.types(old.elem, new.elem, path, nil), nil, true)
	case pair{schema.SetOf, schema.ListOf}:
		j.add(SetToList, path, old.String(), new.String(), j.called(path)+" becomes a list, in the order of its values", "")
		return listed(old, j.types(old.elem, new.elem, path, nil))
	case pair{schema.SetOf, schema.SetOf}:
		key := j.keys(old.elem, new.elem, path)
		if key.same {
			return nil
		}
		return keyed(old, new, key, nil, false)
	case pair{schema.MapOf, schema.MapOf}:
		key, val := j.keys(old.key, new.key, path), j.types(old.elem, new.elem, path, nil)
		if key.same {
			return mapped(old, key, val)
		}
		return keyed(old, new, key, val, false)
	}
	if old.Shape == new.Shape && old.Shape != schema.Decimal {
		return nil
	}
	return j.scalars(old, new, path)
}

func (j *judge) scalars(old, new *typ, path string) run {
	if old.Shape == schema.Decimal && new.Shape == schema.Decimal && old.Precision == new.Precision && old.Scale == new.Scale {
		return nil
	}
	s, ok := scalarOf(old, new)
	if !ok {
		return j.breaks(old, new, path)
	}
	said := map[RuleID]string{
		SameBytes: "%s was %s and is read as %s",
		Widens:    "%s was %s and becomes %s",
		Narrows:   "%s was %s and becomes %s where it fits",
	}[s.rule]
	j.add(s.rule, path, old.String(), new.String(), fmt.Sprintf(said, j.called(path), old, new), "")
	if s.run == nil {
		return nil
	}
	return s.run(old, new)
}

// breaks says that there is no conversion, and how the program can give one.
func (j *judge) breaks(old, new *typ, path string) run {
	help := ""
	var mends []Mend
	switch {
	case j.about.What == OfState:
		help = j.migration(path)
		if j.was != "" {
			mends = append(mends, Mend{Title: "go back to the old type", Kind: InsteadType, What: OfState, UID: j.about.UID, State: j.about.State, Path: path, Text: j.was})
		}
	case j.about.What == OfTimer:
		help = renameTimer
	case j.about.What == OfMessage:
		help = "let the messages on their way arrive first, or take them at an input of another name"
	}
	j.add(NoConversion, path, old.String(), new.String(), fmt.Sprintf("%s was %s, and no rule makes %s of it", j.called(path), old, new), help, mends...)
	return broken(old, new)
}

// migration says how the program can convert what no rule does.
func (j *judge) migration(path string) string {
	from := j.from
	if j.noun == entryNoun && j.fromAll != "" {
		from = j.fromAll
	}
	switch {
	case from == "" && path == "":
		return "give the state another name, and retire the old one"
	case from == "":
		return "give the new field another name"
	case path == "":
		return "say how it becomes one: " + from
	}
	return "say how the whole becomes the new one: " + from + "; or give the new field another name"
}

// broken is the converter of what cannot be converted.
func broken(old, new *typ) run {
	return func(_, src []byte, _ int) ([]byte, []byte, error) {
		return nil, nil, misfit(old, new, src, "no rule converts it")
	}
}

// keys judges the keys of a set or map. Keys that are converted with a loss could
// meet; the only one-to-one conversions are those without a check, and those
// whose check keeps two values apart.
func (j *judge) keys(old, new *typ, path string) *node {
	noun := j.noun
	if path == "" && noun == valueNoun {
		j.noun = entryNoun
	}
	n := j.types(old, new, path, nil)
	j.noun = noun
	if !n.same && mayMeet(old, new) {
		j.add(KeysMayMeet, path, old.String(), new.String(), "two keys that become the same are refused", "")
	}
	return n
}

// mayMeet reports whether two values of old may become one of new.
func mayMeet(old, new *typ) bool {
	switch {
	case old.Shape == schema.String && new.Shape == schema.UUID:
		return true // capitals, and a uuid without hyphens
	case old.isRecord() && new.isRecord():
		match := matchFields(old, new)
		kept := map[int]bool{}
		for i, m := range match {
			if m >= 0 {
				kept[m] = true
				if mayMeet(old.fields[m].typ, new.fields[i].typ) {
					return true
				}
			}
		}
		return len(kept) < len(old.fields)
	}
	return false
}

func (j *judge) unwrapped(old, new *typ, path string, instead []byte) run {
	elem := func() *node { return j.types(old.elem, new, path, nil) }
	if instead != nil {
		j.add(NoneHasDefault, path, old.String(), new.String(), j.called(path)+" is never none now, and its default stands for none", "")
		return unwrapped(old, new, elem(), instead)
	}
	help, mends := "", []Mend(nil)
	if path != "" {
		help = "a default for the field stands for none"
	}
	j.add(NoneMustNotBe, path, old.String(), new.String(), j.called(path)+" is never none now, so none must not be among the old values", help, mends...)
	return unwrapped(old, new, elem(), nil)
}

func (j *judge) enums(old, new *typ, path string) run {
	match := matchSymbols(old, new)
	var gone, renamed []string
	moved := false
	for i, m := range match {
		switch {
		case m < 0:
			gone = append(gone, old.Symbols[i].Name)
		case old.Symbols[i].Name != new.Symbols[m].Name:
			renamed = append(renamed, old.Symbols[i].Name+" is now "+new.Symbols[m].Name)
		}
		moved = moved || m >= 0 && m != i
	}
	moved = moved || !sameOrder(old, new, match)
	added := len(new.Symbols) - (len(match) - len(gone))
	was, is := symbols(old), symbols(new)
	if len(gone) > 0 {
		j.add(SymbolRemoved, path, was, is, fmt.Sprintf("%s must not be among the values of %s, which has lost it", strings.Join(gone, ", "), new.Name),
			"a renamed symbol says so: NAME was "+quoted(gone[0]))
	}
	if len(renamed) > 0 {
		j.add(SymbolRenamed, path, was, is, "of "+new.Name+", "+strings.Join(renamed, ", "), "")
	}
	if moved {
		j.add(SymbolsMoved, path, was, is, "the symbols of "+new.Name+" stand in another order", "")
	}
	if added > 0 {
		j.add(SymbolAppended, path, was, is, new.Name+" has more symbols", "")
	}
	if len(gone) == 0 && !moved {
		return nil
	}
	return enumerated(old, new, match)
}

func symbols(t *typ) string {
	names := make([]string, len(t.Symbols))
	for i, s := range t.Symbols {
		names[i] = s.Name
	}
	return t.Name + " { " + strings.Join(names, ", ") + " }"
}

func (j *judge) unions(old, new *typ, path string) run {
	match := memberMatch(old, new)
	nodes := make([]*node, len(match))
	var gone []string
	moved, kept := false, 0
	for i, m := range match {
		if m < 0 {
			gone = append(gone, old.members[i].Name)
			continue
		}
		kept++
		moved = moved || m != i
		nodes[i] = j.types(old.members[i], new.members[m], path, nil)
	}
	was, is := members(old), members(new)
	if len(gone) > 0 {
		j.add(MemberRemoved, path, was, is, fmt.Sprintf("%s must not be among the values of %s, which has lost it", strings.Join(gone, ", "), new.Name), "")
	}
	if moved {
		j.add(MembersMoved, path, was, is, "the members of "+new.Name+" stand in another order", "")
	}
	if len(new.members) > kept && !moved {
		j.add(MemberAppended, path, was, is, new.Name+" has more members", "")
	}
	return united(old, new, match, nodes)
}

func members(t *typ) string {
	names := make([]string, len(t.members))
	for i, m := range t.members {
		names[i] = m.Name
	}
	return t.Name + " = " + strings.Join(names, " | ")
}

func (j *judge) intoUnion(old, new *typ, path string) run {
	for i, m := range new.members {
		if old.Shape == schema.Record && m.Name == old.Name {
			j.add(NowInUnion, path, old.String(), new.String(), fmt.Sprintf("%s was %s and is now one of %s", j.called(path), old, new), "")
			return wrapped(i, j.types(old, m, path, nil))
		}
	}
	return j.breaks(old, new, path)
}
