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
		if old, now := answered(was, s, oldKey), answered(s, was, key); old != now {
			j.add(QueryAnswers, "", old, now,
				fmt.Sprintf("queries of %s answer with other types than before: typed clients must be written anew for the methods %s", quoted(s.Queryable), methods), "")
		}
	}
}

// answered describes the types of what a state answers. Of an aggregate that is
// the result, unless other was locked by a flowc that did not say it.
func answered(s, other *schema.State, key *schema.Type) string {
	shown := s.Type
	if s.Result != nil && other.Result != nil {
		shown = s.Result
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s by ", s.Kind)
	for i, t := range []*schema.Type{key, s.MapKey, shown} {
		if i > 0 {
			b.WriteString(", ")
		}
		describe(&b, t)
	}
	return b.String()
}

// describe writes a type with all its parts, which have no former names and
// defaults here.
func describe(b *strings.Builder, t *schema.Type) {
	if t == nil {
		b.WriteString("nothing")
		return
	}
	fmt.Fprintf(b, "%s %s", t.Shape, t.Name)
	if t.Precision > 0 {
		fmt.Fprintf(b, "(%d, %d)", t.Precision, t.Scale)
	}
	for _, part := range []*schema.Type{t.Key, t.Elem} {
		if part != nil {
			b.WriteByte('<')
			describe(b, part)
			b.WriteByte('>')
		}
	}
	for i := range t.Fields {
		fmt.Fprintf(b, "{%s: ", t.Fields[i].Name)
		describe(b, &t.Fields[i].Type)
		b.WriteByte('}')
	}
	for i := range t.Members {
		b.WriteByte('|')
		describe(b, &t.Members[i])
	}
	for _, s := range t.Symbols {
		b.WriteString(" " + s.Name)
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
