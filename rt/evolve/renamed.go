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

// matched is renamed of two lists. of tells the name of a thing and its former ones;
// may, if it is not nil, whether an old thing of the right name may be a new one.
func matched[T any](olds, news []T, of func(*T) (name string, was []string), may func(old, new *T) bool) []int {
	names, was := make([]string, len(news)), make([][]string, len(news))
	for i := range news {
		names[i], was[i] = of(&news[i])
	}
	return renamed(names, was, len(olds), func(i int, name string) int {
		for j := range olds {
			if called, _ := of(&olds[j]); called == name && (may == nil || may(&olds[j], &news[i])) {
				return j
			}
		}
		return -1
	}, func(j int) []string { _, was := of(&olds[j]); return was })
}

// matchFields says for each new field which old one it is, -1 for none.
func matchFields(old, new *typ) []int {
	return matched(old.fields, new.fields, func(f *field) (string, []string) { return f.Name, f.Was },
		func(o, n *field) bool { return samePart(o.Part, n.Part) })
}

// matchSymbols says for each old symbol of an enum which new one it is, -1 for
// none.
func matchSymbols(old, new *typ) []int {
	match := matched(old.Symbols, new.Symbols, func(s *schema.Symbol) (string, []string) { return s.Name, s.Was }, nil)
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
	return matched(old.Operators, new.Operators, func(o *schema.Operator) (string, []string) { return o.UID, o.Was }, nil)
}

// matchStates says for each state of the new program which old one it is, by their
// places.
func matchStates(old, new *schema.Job, formers []int) map[source]source {
	return matchInSteps(old, new, formers, func(o *schema.Operator) []schema.State { return o.States },
		func(s *schema.State) (string, []string) { return s.Name, s.Was }, func(_, _ *schema.State) bool { return true })
}

// matchTimers is matchStates of timers. Those of entries are derived from them and
// have nothing saved.
func matchTimers(old, new *schema.Job, formers []int) map[source]source {
	return matchInSteps(old, new, formers, func(o *schema.Operator) []schema.Timer { return o.Timers },
		func(t *schema.Timer) (string, []string) { return t.Name, t.Was },
		func(o, n *schema.Timer) bool { return o.Entry == "" && n.Entry == "" })
}

// matchInSteps matches what steps have. A former name is one in the step that it is
// in, or "uid/name".
func matchInSteps[T any](
	old, new *schema.Job, formers []int, list func(*schema.Operator) []T, of func(*T) (name string, was []string), may func(old, new *T) bool,
) map[source]source {
	var olds, news []source
	var was [][]string
	var names []string
	for op := range old.Operators {
		for i := range list(&old.Operators[op]) {
			olds = append(olds, source{op, i})
		}
	}
	for op := range new.Operators {
		for i, t := range list(&new.Operators[op]) {
			name, former := of(&t)
			news, names, was = append(news, source{op, i}), append(names, name), append(was, former)
		}
	}
	match := renamed(names, was, len(olds), func(i int, name string) int {
		at := formers[news[i].op]
		if uid, inside, moved := cutState(name); moved {
			name = inside
			at = old.OperatorAt(uid)
		}
		if at < 0 {
			return -1
		}
		n := &list(&new.Operators[news[i].op])[news[i].state]
		return slices.IndexFunc(olds, func(src source) bool {
			if src.op != at {
				return false
			}
			o := &list(&old.Operators[at])[src.state]
			called, _ := of(o)
			return called == name && may(o, n)
		})
	}, func(j int) []string {
		_, former := of(&list(&old.Operators[olds[j].op])[olds[j].state])
		return former
	})
	out := map[source]source{}
	for i, j := range match {
		if j >= 0 {
			out[news[i]] = olds[j]
		}
	}
	return out
}
