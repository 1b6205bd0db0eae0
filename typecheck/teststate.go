package typecheck

import (
	"sort"
	"strings"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// asked checks what a test looks at, and returns it with the type that it has;
// nil if there is no such state.
func (t *testCheck) asked(s *lang.TestExpect) (*ir.Asked, types.Type) {
	step, st := t.stateCalled(constantText(s.State), s.State.Span())
	if st == nil {
		t.loose(s.Key)
		if s.Entry != nil {
			t.loose(s.Entry)
		}
		return nil, invalidType
	}
	a := &ir.Asked{Step: step, State: st}
	entry := s.Entry
	if st.Broadcast {
		if !isMap(st) || entry != nil {
			t.add(mistake(StateAccess, s.State.Span(), "of broadcast state a test sees the entries of maps, by their key").
				help("write state %q[…]", constantText(s.State)))
			return nil, invalidType
		}
		entry = s.Key
	} else {
		a.Key = t.value(s.Key, step.Op.Key, "the key of "+step.UID)
	}
	if entry == nil {
		return a, t.wholeType(s, st)
	}
	if !isMap(st) {
		t.add(mistake(StateAccess, entry.Span(), "the state %s has no entries: it is a %s", st.Name, st.Kind).
			help("leave out the second bracket"))
		return nil, invalidType
	}
	a.Entry = t.value(entry, st.MapKey, "an entry of "+st.Name)
	if st.Agg != nil {
		return a, optionOf(st.Agg.Result.Type())
	}
	if st.Group != nil {
		return nil, t.noWhole(s, "an entry that is a group")
	}
	return a, optionOf(st.Value)
}

// wholeType is the type of all that a key holds in a state.
func (t *testCheck) wholeType(s *lang.TestExpect, st *ir.State) types.Type {
	switch st.Kind {
	case ir.ValueState:
		if st.Init != nil {
			return st.Elem
		}
		return optionOf(st.Elem)
	case ir.ListState:
		return &types.List{Elem: st.Elem}
	case ir.SetState:
		return &types.Set{Elem: st.Elem}
	case ir.AggregateState:
		return optionOf(st.Agg.Result.Type())
	case ir.MapState, ir.SortedState:
		if st.Agg == nil && st.Group == nil {
			return &types.Map{Key: st.MapKey, Value: st.Value}
		}
		return t.noWhole(s, "a "+st.Kind.String()+" of aggregates or groups as a whole")
	default:
		return t.noWhole(s, "state of the kind "+st.Kind.String())
	}
}

// noWhole reports what a test cannot compare.
func (t *testCheck) noWhole(s *lang.TestExpect, what string) types.Type {
	t.add(mistake(StateAccess, s.State.Span(), "a test cannot compare %s", what).
		help("name one entry of aggregates: state %q[…][…]; or expect what the step emits", constantText(s.State)))
	return invalidType
}

// stateCalled finds the state "uid/name".
func (t *testCheck) stateCalled(path string, span source.Span) (*ir.Step, *ir.State) {
	var known []string
	for _, s := range t.prog.Steps {
		if s.UID == "" {
			continue
		}
		for _, st := range s.Op.States {
			name := s.UID + "/" + st.Name
			if name == path {
				return s, st
			}
			known = append(known, name)
		}
	}
	sort.Strings(known)
	m := mistake(UnknownName, span, "no step has the state %q", path).meant(path, known)
	if len(known) == 0 {
		m = m.help("no step of the program holds state")
	} else {
		m = m.help("write \"uid/state\": %s", strings.Join(known, ", "))
	}
	t.add(m)
	return nil, nil
}
