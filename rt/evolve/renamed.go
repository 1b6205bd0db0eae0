package evolve

import (
	"slices"

	"github.com/flow-lang/flowc/rt/schema"
)

// renaming says which old thing each new one is, by what the new program says: all
// names at once, as the old program had them. So x was "y" beside y was "x" swaps the
// two, and b was "a" beside c was "b" moves both on.
type renaming struct {
	own   []int   // by new thing: the old one of its name, -1 for none
	was   [][]int // by new thing: the old ones of its former names, the first preferred
	olds  int
	match []int // what comes out
	owner []int // by old thing: the new one that it is, -1 for none
}

// renamed matches things by their names. called finds the old thing of a name that the
// new one at that place may be, -1 if there is none; former are the former names that
// the old thing at that place had already: what was done is not done again.
func renamed(names []string, was [][]string, olds int, called func(i int, name string) int, former func(j int) []string) []int {
	r := &renaming{olds: olds, own: make([]int, len(names)), was: make([][]int, len(names))}
	for i, name := range names {
		r.own[i] = called(i, name)
		for _, w := range was[i] {
			j := called(i, w)
			if j >= 0 && j != r.own[i] && (r.own[i] < 0 || !slices.Contains(former(r.own[i]), w)) {
				r.was[i] = append(r.was[i], j)
			}
		}
	}
	return r.resolve()
}

// resolve gives each thing its own name if nothing else is to have it, and then
// former names: those that nobody has, those that go on to another thing in a
// chain, and those that go round.
func (r *renaming) resolve() []int {
	r.match, r.owner = make([]int, len(r.own)), make([]int, r.olds)
	for j := range r.owner {
		r.owner[j] = -1
	}
	for i, j := range r.own {
		if r.match[i] = -1; j >= 0 && r.owner[j] < 0 {
			r.match[i], r.owner[j] = j, i
		}
	}
	for i := range r.match {
		for _, j := range r.was[i] {
			if r.match[i] < 0 && r.owner[j] < 0 {
				r.match[i], r.owner[j] = j, i
			}
		}
	}
	for i := range r.match {
		if r.match[i] < 0 {
			r.push(i, -1, map[int]bool{})
		}
	}
	for i := range r.match {
		if r.match[i] >= 0 && r.match[i] == r.own[i] {
			r.push(i, r.own[i], map[int]bool{})
		}
	}
	return r.match
}

// push gives i a former name of it, whose owner by name takes one of its own in
// turn, and so on, up to a name that nobody has or, if end is not -1, to the old
// thing end. It reports whether that was possible.
func (r *renaming) push(i, end int, seen map[int]bool) bool {
	for _, j := range r.was[i] {
		if seen[j] {
			continue
		}
		seen[j] = true
		k := r.owner[j]
		free := k < 0 && end < 0 || j == end
		if free || k >= 0 && j != end && r.match[k] == r.own[k] && r.push(k, end, seen) {
			r.match[i], r.owner[j] = j, i
			return true
		}
	}
	return false
}

// matchFields says for each new field which old one it is, -1 for none.
func matchFields(old, new *typ) []int {
	names, was := make([]string, len(new.fields)), make([][]string, len(new.fields))
	for i := range new.fields {
		names[i], was[i] = new.fields[i].Name, new.fields[i].Was
	}
	return renamed(names, was, len(old.fields), func(i int, name string) int {
		return slices.IndexFunc(old.fields, func(f field) bool { return f.Name == name && samePart(f.Part, new.fields[i].Part) })
	}, func(j int) []string { return old.fields[j].Was })
}

// matchSymbols says for each old symbol of an enum which new one it is, -1 for
// none.
func matchSymbols(old, new *typ) []int {
	names, was := make([]string, len(new.Symbols)), make([][]string, len(new.Symbols))
	for i := range new.Symbols {
		names[i], was[i] = new.Symbols[i].Name, new.Symbols[i].Was
	}
	match := renamed(names, was, len(old.Symbols), func(_ int, name string) int {
		return slices.IndexFunc(old.Symbols, func(s schema.Symbol) bool { return s.Name == name })
	}, func(j int) []string { return old.Symbols[j].Was })
	return inverse(match, len(old.Symbols))
}

// inverse turns a match round.
func inverse(match []int, olds int) []int {
	out := make([]int, olds)
	for j := range out {
		out[j] = slices.Index(match, j)
	}
	return out
}

// matchSteps says for each step of the new program which old one it is, -1 for none.
func matchSteps(old, new *schema.Job) []int {
	names, was := make([]string, len(new.Operators)), make([][]string, len(new.Operators))
	for i := range new.Operators {
		names[i], was[i] = new.Operators[i].UID, new.Operators[i].Was
	}
	return renamed(names, was, len(old.Operators), func(_ int, uid string) int {
		return slices.IndexFunc(old.Operators, func(o schema.Operator) bool { return o.UID == uid })
	}, func(j int) []string { return old.Operators[j].Was })
}

// matchStates says for each state of the new program which old one it is, by their
// places. A former name is one in the step that it is in, or "uid/state".
func matchStates(old, new *schema.Job, formers []int) map[source]source {
	var olds, news []source
	for op := range old.Operators {
		for i := range old.Operators[op].States {
			olds = append(olds, source{op, i})
		}
	}
	var names []string
	var was [][]string
	for op := range new.Operators {
		for i := range new.Operators[op].States {
			s := &new.Operators[op].States[i]
			news, names, was = append(news, source{op, i}), append(names, s.Name), append(was, s.Was)
		}
	}
	match := renamed(names, was, len(olds), func(i int, name string) int {
		at := formers[news[i].op]
		if uid, state, moved := cutState(name); moved {
			name = state
			at = slices.IndexFunc(old.Operators, func(o schema.Operator) bool { return o.UID == uid })
		}
		if at < 0 {
			return -1
		}
		return slices.Index(olds, source{at, stateCalled(&old.Operators[at], name)})
	}, func(j int) []string { return old.Operators[olds[j].op].States[olds[j].state].Was })
	out := map[source]source{}
	for i, j := range match {
		if j >= 0 {
			out[news[i]] = olds[j]
		}
	}
	return out
}

// matchTimers says for each timer of a new step which one of the old step it is, -1
// for none. The timers of entries are derived from them and have nothing saved.
func matchTimers(old, new *schema.Operator) []int {
	names, was := make([]string, len(new.Timers)), make([][]string, len(new.Timers))
	for i := range new.Timers {
		names[i], was[i] = new.Timers[i].Name, new.Timers[i].Was
	}
	return renamed(names, was, len(old.Timers), func(i int, name string) int {
		if new.Timers[i].Entry != "" {
			return -1
		}
		return slices.IndexFunc(old.Timers, func(t schema.Timer) bool { return t.Name == name && t.Entry == "" })
	}, func(j int) []string { return old.Timers[j].Was })
}
