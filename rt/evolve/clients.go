package evolve

import (
	"fmt"
	"strings"

	"github.com/flow-lang/flowc/rt/schema"
)

// queries judges what clients that ask for a state will see. Saved state stays
// what it is, whatever that is.
func (j *judge) queries(was, s *schema.State, oldKey, key *schema.Type) {
	switch methods := Methods(was.Queryable); {
	case was.Queryable == "" && s.Queryable == "":
	case was.Queryable == "":
		j.add(QueryableMoved, "", "", s.Queryable, fmt.Sprintf("the state can be queried as %s", quoted(s.Queryable)), "")
	case s.Queryable == "":
		j.add(QueryableMoved, "", was.Queryable, "", fmt.Sprintf("the state can be queried no longer as %s: typed clients lose the methods %s", quoted(was.Queryable), methods), "")
	case was.Queryable != s.Queryable:
		j.add(QueryableMoved, "", was.Queryable, s.Queryable,
			fmt.Sprintf("the state was queried as %s and is as %s: what typed clients call %s becomes %s", quoted(was.Queryable), quoted(s.Queryable), methods, Methods(s.Queryable)), "")
	default:
		j.answers(was, s, oldKey, key, methods)
	}
}

// answers holds what clients were told against what they will be. A client that
// was written before reads on where answers only have more than they had; a field
// that it looks for, and a value of a type that it does not expect, it gets wrong.
func (j *judge) answers(was, s *schema.State, oldKey, key *schema.Type, methods MethodNames) {
	shown, shows := was.Type, s.Type
	if was.Result != nil && s.Result != nil { // of an aggregate, unless one was locked by a flowc that did not say it
		shown, shows = was.Result, s.Result
	}
	told, before := &telling{}, string(was.Kind)
	if shown != nil {
		before = link(shown).String()
	}
	if was.Kind != s.Kind {
		told.lost = []string{fmt.Sprintf("the state was a %s and is a %s", was.Kind, s.Kind)}
	} else {
		told.parts("the key", oldKey, key)
		told.parts("the key of an entry", was.MapKey, s.MapKey)
		told.parts("the value", shown, shows)
	}
	switch {
	case len(told.lost) > 0:
		c := j.add(QueryAnswers, "", before, strings.Join(told.lost, ", "), fmt.Sprintf("clients that query %s read it wrongly: %s; typed clients must be written anew for the methods %s",
			quoted(s.Queryable), strings.Join(told.lost, ", "), methods), "")
		c.Ack = c.UID + "/" + c.State + ".queryable"
		acceptable(c, "deploy the clients with the program, and")
	case len(told.more) > 0:
		j.add(QueryGrows, "", before, strings.Join(told.more, ", "), fmt.Sprintf("queries of %s answer with more: %s; typed clients that are written anew have it in the methods %s",
			quoted(s.Queryable), strings.Join(told.more, ", "), methods), "")
	}
}

// telling compares what clients were told with what they will be.
type telling struct {
	lost []string // what they look for and do not find as it was
	more []string // what they do not know
	open pairs
}

// parts compares two types where there may be none.
func (t *telling) parts(called string, old, new *schema.Type) {
	switch {
	case old == nil && new == nil:
	case old == nil || new == nil:
		t.lost = append(t.lost, called+" comes or goes")
	default:
		t.types(called, link(old), link(new), "")
	}
}

// types compares two types, of what is called noun or, below it, of a field.
func (t *telling) types(noun string, old, new *typ, path string) {
	if !t.open.enter(old, new) {
		return
	}
	defer t.open.leave()
	switch {
	case !old.whole() || !new.whole():
	case old.Shape == schema.Option && new.Shape != schema.Option:
		t.types(noun, old.elem, new, path) // who expects none can do without
		return
	case !sameKind(old, new):
		t.lost = append(t.lost, fmt.Sprintf("%s was %s and is %s", called(noun, path), old, new))
		return
	}
	if old.elem != nil && new.elem != nil {
		t.types(noun, old.elem, new.elem, path)
	}
	if old.key != nil && new.key != nil {
		t.types(noun, old.key, new.key, path)
	}
	for _, f := range old.fields {
		if i := fieldCalled(new, f.Name); i >= 0 {
			t.types(noun, f.typ, new.fields[i].typ, under(path, f.Name))
		} else {
			t.lost = append(t.lost, fmt.Sprintf("the field %s is gone", quoted(under(path, f.Name))))
		}
	}
	for _, f := range new.fields {
		if fieldCalled(old, f.Name) < 0 {
			t.more = append(t.more, fmt.Sprintf("the field %s", quoted(under(path, f.Name))))
		}
	}
	t.choices(noun, old, new, path)
}

// choices compares the symbols of enums and the members of unions: one that a
// client does not know is a value that it cannot read, one that is gone never comes.
func (t *telling) choices(noun string, old, new *typ, path string) {
	for _, s := range new.Symbols {
		if symbolCalled(old, s.Name) < 0 {
			t.lost = append(t.lost, fmt.Sprintf("%s may be %s", called(noun, path), s.Name))
		}
	}
	for j, m := range new.members {
		i := old.Tagged(new.Tag(j))
		if i < 0 {
			t.lost = append(t.lost, fmt.Sprintf("%s may be a %s", called(noun, path), m.Name))
			continue
		}
		t.types(noun, old.members[i], m, path)
	}
}

// MethodNames are what a typed client calls the method that asks for a state; its
// other methods begin so.
type MethodNames struct {
	Type   string // LastTemperature: in Go, and in the names of types
	Camel  string // lastTemperature: in TypeScript
	Snaked string // last_temperature: in Python
}

// Methods returns the names of the methods for the state that is queryable by a
// name. Letters and digits of ASCII make words; all else parts them.
func Methods(queryable string) MethodNames {
	words := strings.FieldsFunc(queryable, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
	if len(words) == 0 || words[0][0] >= '0' && words[0][0] <= '9' {
		words = append([]string{"state"}, words...)
	}
	var n MethodNames
	for i, w := range words {
		title := strings.ToUpper(w[:1]) + w[1:]
		n.Type += title
		if i == 0 {
			n.Camel = strings.ToLower(w[:1]) + w[1:]
			n.Snaked = strings.ToLower(w)
		} else {
			n.Camel += title
			n.Snaked += "_" + strings.ToLower(w)
		}
	}
	return n
}

// String names the methods for a message.
func (n MethodNames) String() string {
	if n.Camel == n.Snaked {
		return fmt.Sprintf("%s (Go) and %s (TypeScript, Python)", n.Type, n.Camel)
	}
	return fmt.Sprintf("%s (Go), %s (TypeScript) and %s (Python)", n.Type, n.Camel, n.Snaked)
}
