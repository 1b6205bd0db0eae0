package client

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/flow-lang/flowc/rt/evolve"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// Languages are those that clients are written in.
var Languages = []string{"go", "ts", "python"}

// Write returns the client of a program in a language, and the name of its file.
// The error says that the program has nothing to ask for.
func Write(prog *ir.Program, lang string) (name string, text []byte, err error) {
	m := modelOf(prog)
	if len(m.states) == 0 {
		return "", nil, fmt.Errorf("%s has no state that can be asked for", prog.Name)
	}
	switch lang {
	case "go":
		text, err = m.golang()
		return "client.go", text, err
	case "ts":
		return "client.ts", m.typescript(), nil
	case "python":
		return "client.py", m.python(), nil
	default:
		panic("client: the language " + lang)
	}
}

// model is what a program has for its clients.
type model struct {
	pipeline string
	states   []*queried
	named    []types.Type // records, enums and unions that answers hold, in the order of their first use
	about    []string     // what each of named is called, before a language has its say
}

// queried is a state that can be asked for.
type queried struct {
	state *ir.State
	names evolve.MethodNames
	key   types.Type // nil if the state is the same for all keys
	fixed bool       // the step has no key: the one that there is is false
	shown types.Type // of a value, an element, or the value of an entry; nil of a set
	entry types.Type // of the key of an entry; nil if there are no entries
}

func modelOf(prog *ir.Program) *model {
	m := &model{pipeline: prog.Name}
	for _, step := range prog.Steps {
		for _, st := range step.Op.States {
			if st.Queryable == "" {
				continue
			}
			q := &queried{state: st, names: m.methodNames(st.Queryable), key: step.Op.Key, shown: st.Shown()}
			switch {
			case st.Broadcast:
				q.key = nil
			case q.key == nil:
				q.fixed, q.key = true, types.Of(types.Bool)
			}
			switch st.Kind {
			case ir.ListState:
				q.entry = types.Of(types.Int)
			case ir.SetState:
				q.entry = st.Elem
			case ir.MapState, ir.SortedState:
				q.entry = st.MapKey
			}
			m.add(q.key, q.names.Type+"Key")
			m.add(q.entry, q.names.Type+"Entry")
			m.add(q.shown, q.names.Type+"Value")
			m.states = append(m.states, q)
		}
	}
	return m
}

// methodNames returns names of methods that no other state has.
func (m *model) methodNames(queryable string) evolve.MethodNames {
	names := evolve.Methods(queryable)
	for n := 2; m.taken(names); n++ {
		names = evolve.Methods(queryable + "-" + strconv.Itoa(n))
	}
	return names
}

// taken reports whether another state has methods of these names. What is unlike in
// TypeScript or Python is so in Go.
func (m *model) taken(names evolve.MethodNames) bool {
	for _, q := range m.states {
		for _, suffix := range []string{"", "Of", "All", "Entry", "Keys"} {
			if strings.EqualFold(q.names.Type+suffix, names.Type) || strings.EqualFold(names.Type+suffix, q.names.Type) {
				return true
			}
		}
	}
	return names.Type == "Checkpointed" || names.Type == "Close"
}

// add takes note of the types inside t that have names, or get one: about says
// what it is.
func (m *model) add(t types.Type, about string) {
	switch t := t.(type) {
	case *types.Option:
		m.add(t.Elem, about)
	case *types.List:
		m.add(t.Elem, about)
	case *types.Set:
		m.add(t.Elem, about)
	case *types.Map:
		m.add(t.Key, about+"Key")
		m.add(t.Value, about)
	case *types.Enum:
		m.name(t, t.Name)
	case *types.Record:
		if t.Name != "" {
			about = t.Name
			for _, a := range t.Args {
				about += "_" + a.String()
			}
		}
		if m.name(t, about) {
			for _, f := range t.Fields {
				m.add(f.Type, about+"_"+f.Name)
			}
		}
	case *types.Union:
		if m.name(t, t.Name) {
			for _, member := range t.Members {
				m.add(member, about)
			}
		}
	}
}

// name gives t a name, and reports whether it had none.
func (m *model) name(t types.Type, about string) bool {
	if m.index(t) >= 0 {
		return false
	}
	m.named, m.about = append(m.named, t), append(m.about, about)
	return true
}

func (m *model) index(t types.Type) int {
	return slices.IndexFunc(m.named, func(o types.Type) bool { return types.Identical(o, t) })
}

// namesIn gives each of the named types a name of a language: made by form, and
// none of those that are taken.
func (m *model) namesIn(form func(string) string, taken ...string) []string {
	names := make([]string, len(m.about))
	for i, about := range m.about {
		names[i] = pick(form(about), &taken)
	}
	return names
}

// pick returns want, or want with the first number that makes it free, and takes
// it.
func pick(want string, taken *[]string) string {
	name := want
	for n := 2; slices.Contains(*taken, name); n++ {
		name = want + strconv.Itoa(n)
	}
	*taken = append(*taken, name)
	return name
}

// kind is the kind of a scalar type; Invalid of any other.
func kind(t types.Type) types.Kind {
	if b, ok := t.(*types.Basic); ok {
		return b.Kind
	}
	return types.Invalid
}

// plainText reports whether a value stands in a URL as the text that JSON has
// between quotes.
func plainText(t types.Type) bool {
	switch kind(t) {
	case types.String, types.Bytes, types.Timestamp, types.Duration, types.Date, types.UUID:
		return true
	}
	_, enum := t.(*types.Enum)
	return enum
}

// wireName is what a field is called in JSON.
func wireName(f *types.Field) string {
	if f.Wire != "" {
		return f.Wire
	}
	return f.Name
}

// says is the comment on a state: its doc, or what it is.
func (q *queried) says() string {
	if len(q.state.Doc) > 0 {
		return strings.Join(strings.Fields(strings.Join(q.state.Doc, " ")), " ")
	}
	return "the state " + q.state.Name
}
