package compat_test

import (
	"fmt"
	"slices"
	"strings"
)

// changed is a program with some changes, and what they are.
func (d dice) changed(old *programM) (*programM, []string) {
	p := old.copy()
	var done []string
	for range pick(d, 1, 1, 1, 2, 2, 3, 4) {
		if what := d.mutate(p); what != "" {
			done = append(done, what)
		}
	}
	return p, done
}

func (d dice) mutate(p *programM) string {
	c := pick(d, p.decls...)
	s := pick(d, p.steps...)
	switch n := d.IntN(20); {
	case n < 7:
		switch c.what {
		case "enum":
			return d.mutateEnum(p, c)
		case "union":
			return d.mutateUnion(p, c)
		}
		return d.mutateRecord(p, c)
	case n < 14:
		return d.mutateState(p, s)
	case n < 16 && len(s.timers) > 0:
		return d.mutateTimer(p, s)
	case n < 19:
		return d.mutateStep(p, s)
	}
	return d.mutateProgram(p)
}

func shuffle[T any](d dice, list []T) {
	d.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
}

func (d dice) mutateRecord(p *programM, c *decl) string {
	at := 0
	if len(c.fields) > 0 {
		at = d.IntN(len(c.fields))
	}
	switch n := d.IntN(8); {
	case n <= 1 || len(c.fields) == 0:
		f := d.fieldM(p)
		if p.mayBeKey(&ty{name: c.name}) {
			f.t = &ty{name: pick(d, "string", "int")}
			f.deflt = d.deflt(p, f.t)
		}
		c.fields = slices.Insert(c.fields, at, f)
		return "add a field"
	case n == 2 && len(c.fields) > 1:
		c.fields = slices.Delete(c.fields, at, at+1)
		return "remove a field"
	case n == 3:
		f := &c.fields[at]
		if d.chance(3, 4) {
			f.was = append([]string{f.name}, f.was...)
		}
		f.name = p.fresh("f")
		return "rename a field"
	case n == 4:
		shuffle(d, c.fields)
		return "reorder fields"
	case n == 5:
		return d.renameDecl(p, c)
	}
	f := &c.fields[at]
	key := p.mayBeKey(&ty{name: c.name})
	f.t = d.otherType(p, f.t)
	if key && !p.mayBeKey(f.t) {
		f.t = &ty{name: pick(d, "string", "int", "int32", "bytes")}
	}
	if f.deflt != "" || d.chance(1, 4) {
		f.deflt = d.deflt(p, f.t)
	}
	return "change a field's type"
}

// renameDecl gives a record another name wherever it stands.
func (d dice) renameDecl(p *programM, c *decl) string {
	old, name := c.name, p.fresh("Z")
	var in func(t *ty)
	in = func(t *ty) {
		if t == nil {
			return
		}
		if t.name == old {
			t.name = name
		}
		for _, a := range t.args {
			in(a)
		}
	}
	for _, other := range p.decls {
		for i := range other.fields {
			in(other.fields[i].t)
		}
		for i := range other.members {
			if other.members[i] == old {
				other.members[i] = name
			}
		}
	}
	for _, s := range p.steps {
		s.key, s.message = copyOf(s.key), copyOf(s.message)
		in(s.key)
		in(s.message)
		for _, st := range s.states {
			st.key = copyOf(st.key)
			in(st.key)
			in(st.t)
		}
		for _, t := range s.timers {
			t.index = copyOf(t.index)
			in(t.index)
		}
	}
	c.name = name
	return "rename a record"
}

func copyOf(t *ty) *ty {
	if t == nil {
		return nil
	}
	return t.copy()
}

// otherType is a type that is near another.
func (d dice) otherType(p *programM, t *ty) *ty {
	out := t.copy()
	if u := p.unionOf(t.name); u != "" && d.chance(1, 3) {
		out.name = u
		return out
	}
	near := map[string][]string{
		"bool": {"json"}, "int32": {"int", "float", "float32", "decimal", "json"}, "int": {"int32", "float", "decimal"},
		"float32": {"float"}, "float": {"float32", "json"}, "decimal": {"decimal", "int", "json"}, "string": {"bytes", "uuid", "json"},
		"bytes": {"string", "uuid"}, "date": {"timestamp", "json"}, "uuid": {"string", "bytes"}, "json": {"string"}, "list": {"set"}, "set": {"list"},
		"timestamp": {"json"}, "duration": {"json"},
	}
	switch n := d.IntN(5); {
	case n == 0:
		out.opt = !out.opt
	case n <= 2 && len(t.args) > 0:
		i := d.IntN(len(t.args))
		out.args[i] = d.otherType(p, t.args[i])
		if (t.name == "set" || t.name == "map" && i == 0) && !p.mayBeKey(out.args[i]) {
			out.args[i] = d.keyType(p)
		}
	case n <= 4 && len(near[t.name]) > 0:
		out.name = pick(d, near[t.name]...)
		if out.name == "set" && !p.mayBeKey(out.args[0]) {
			out.name = "list"
		}
		if out.name == "decimal" {
			out.p = 4 + d.IntN(30)
			out.s = d.IntN(4)
		}
	default:
		return d.typ(p, 1)
	}
	return out
}

// unionOf is a union that a record is a member of, "" if there is none.
func (p *programM) unionOf(name string) string {
	for _, u := range p.decls {
		if slices.Contains(u.members, name) {
			return u.name
		}
	}
	return ""
}

func (d dice) mutateEnum(p *programM, c *decl) string {
	at := d.IntN(len(c.symbols))
	switch n := d.IntN(6); {
	case n == 0:
		c.symbols = append(c.symbols, symbolM{name: p.fresh("y")})
		return "append a symbol"
	case n == 1:
		c.symbols = slices.Insert(c.symbols, at, symbolM{name: p.fresh("y")})
		return "insert a symbol"
	case n == 2 && len(c.symbols) > 1:
		c.symbols = slices.Delete(c.symbols, at, at+1)
		return "remove a symbol"
	case n == 3:
		shuffle(d, c.symbols)
		return "reorder symbols"
	case n == 4:
		for i := range c.symbols {
			c.symbols[i].number = 10 * (i + 1)
		}
		c.symbols[at].number = 5 + 10*d.IntN(6)
		return "number symbols"
	}
	s := &c.symbols[at]
	if d.chance(3, 4) {
		s.was = append([]string{s.name}, s.was...)
	}
	s.name = p.fresh("y")
	return "rename a symbol"
}

func (d dice) mutateUnion(p *programM, c *decl) string {
	at := d.IntN(len(c.members))
	switch n := d.IntN(3); {
	case n == 0:
		for _, r := range p.decls {
			if r.what == "record" && !slices.Contains(c.members, r.name) {
				if d.chance(1, 2) {
					c.members = append(c.members, r.name)
				} else {
					c.members = slices.Insert(c.members, at, r.name)
				}
				return "add a member"
			}
		}
		return ""
	case n == 1 && len(c.members) > 1:
		c.members = slices.Delete(c.members, at, at+1)
		return "remove a member"
	}
	shuffle(d, c.members)
	return "reorder members"
}

func (d dice) mutateState(p *programM, s *stepM) string {
	if len(s.states) == 0 {
		s.states = append(s.states, d.state(p))
		return "add a state"
	}
	at := d.IntN(len(s.states))
	st := s.states[at]
	switch d.IntN(12) {
	case 0:
		s.states = slices.Insert(s.states, at, d.state(p))
		return "add a state"
	case 1:
		s.states = slices.Delete(s.states, at, at+1)
		return "remove a state"
	case 2:
		if d.chance(3, 4) {
			st.was = append([]string{st.name}, st.was...)
		}
		st.name = p.fresh("s")
		return "rename a state"
	case 3:
		to := pick(d, p.steps...)
		if to == s {
			shuffle(d, s.states)
			return "reorder states"
		}
		s.states = slices.Delete(s.states, at, at+1)
		st.was = append([]string{s.uid + "/" + st.name}, st.was...)
		to.states = append(to.states, st)
		return "move a state"
	case 4:
		st.ttl = d.ttl()
		return "change a ttl"
	case 5:
		st.queryable = pick(d, "", p.fresh("q"))
		return "change a queryable"
	case 6, 7:
		return d.mutateKind(p, st)
	case 8:
		return d.byHand(p, st)
	case 9:
		if st.kind == "value" {
			st.init = d.deflt(p, st.t)
			if st.init == "none" {
				st.init = ""
			}
			return "change an initial value"
		}
	case 10:
		if st.kind == "aggregate" {
			return d.mutateParts(p, st)
		}
		if d.chance(1, 4) {
			st.broadcast = !st.broadcast
			return "change broadcast"
		}
	}
	return d.mutateStateType(p, st)
}

func (d dice) mutateStateType(p *programM, st *stateM) string {
	if st.kind == "aggregate" {
		return d.mutateParts(p, st)
	}
	if st.key != nil && d.chance(1, 2) {
		st.key = d.otherType(p, st.key)
		if !p.mayBeKey(st.key) {
			st.key = d.keyType(p)
		}
		return "change a map's key"
	}
	st.t = d.otherType(p, st.t)
	if st.kind == "set" && !p.mayBeKey(st.t) {
		st.t = d.keyType(p)
	}
	if st.init != "" {
		st.init = d.deflt(p, st.t)
	}
	if st.init == "none" {
		st.init = ""
	}
	return "change a state's type"
}

func (d dice) mutateKind(p *programM, st *stateM) string {
	st.init = ""
	if st.kind == "value" && (st.t.name == "int" || st.t.name == "int32") && d.chance(1, 2) {
		st.kind, st.t, st.broadcast = "aggregate", nil, false
		st.parts = []partM{{"only", pick(d, "count()", "sum(r.k_int)", "last(r.k_int)")}}
		return "make a value an aggregate"
	}
	collection := st.t != nil && !st.t.opt
	switch {
	case st.kind == "value" && collection && slices.Contains([]string{"list", "set", "map"}, st.t.name) && d.chance(3, 4):
		st.kind = st.t.name
		if st.kind == "map" {
			st.key = st.t.args[0]
			st.kind = pick(d, "map", "sorted")
		}
		st.t = st.t.args[len(st.t.args)-1]
		return "spread a value"
	case st.kind == "value" && d.chance(1, 3):
		st.kind = "list"
		return "make a value a list"
	case st.kind == "list" && d.chance(1, 3) && p.mayBeKey(st.t):
		st.kind = "set"
		return "make a list a set"
	case st.kind == "list" && d.chance(1, 3):
		st.kind, st.key = "sorted", &ty{name: "int"}
		return "make a list sorted"
	case (st.kind == "map" || st.kind == "sorted") && d.chance(1, 3):
		st.kind = map[string]string{"map": "sorted", "sorted": "map"}[st.kind]
		return "sort a map, or not"
	case st.kind == "list" || st.kind == "set":
		st.kind, st.t = "value", &ty{name: st.kind, args: []*ty{st.t}}
		return "gather a collection"
	case st.kind == "map" || st.kind == "sorted":
		st.kind, st.t, st.key = "value", &ty{name: "map", args: []*ty{st.key, st.t}}, nil
		return "gather a map"
	}
	st.kind = pick(d, "value", "list", "set", "map", "aggregate")
	d.fill(p, st)
	if st.kind == "aggregate" {
		st.broadcast = false
	}
	return "change a kind"
}

func (d dice) mutateParts(p *programM, st *stateM) string {
	at := d.IntN(len(st.parts))
	switch n := d.IntN(4); {
	case n == 0:
		st.parts = slices.Insert(st.parts, at, d.partM(p))
		return "add a part"
	case n == 1 && len(st.parts) > 1:
		st.parts = slices.Delete(st.parts, at, at+1)
		return "remove a part"
	case n == 2:
		shuffle(d, st.parts)
		return "reorder parts"
	}
	st.parts[at].call = d.partM(p).call
	return "change a part"
}

// byHand says how old values become new ones.
func (d dice) byHand(p *programM, st *stateM) string {
	if st.kind == "aggregate" || st.t.opt {
		return ""
	}
	from := st.t.String()
	if d.chance(1, 4) {
		from = d.typ(p, 1).String()
	}
	to := d.scalar()
	made := d.deflt(p, to)
	if made == "" || to.name == "decimal" || st.kind == "set" && !p.mayBeKey(to) {
		return ""
	}
	st.migrate, st.made, st.t, st.init = from, made, to, ""
	return "migrate by hand"
}

func (d dice) mutateTimer(p *programM, s *stepM) string {
	at := d.IntN(len(s.timers))
	t := s.timers[at]
	switch d.IntN(5) {
	case 0:
		s.timers = slices.Insert(s.timers, at, d.timer(p))
		return "add a timer"
	case 1:
		s.timers = slices.Delete(s.timers, at, at+1)
		return "remove a timer"
	case 2:
		if d.chance(3, 4) {
			t.was = append([]string{t.name}, t.was...)
		}
		t.name = p.fresh("t")
		return "rename a timer"
	case 3:
		if d.chance(1, 3) {
			t.processing = !t.processing
			return "change a timer's clock"
		}
	}
	if t.index == nil {
		t.index = d.keyType(p)
		return "make a family of a timer"
	}
	t.index = d.otherType(p, t.index)
	if !p.mayBeKey(t.index) {
		t.index = d.keyType(p)
	}
	return "change a timer's index"
}

func (d dice) mutateStep(p *programM, s *stepM) string {
	switch d.IntN(8) {
	case 0, 1:
		if d.chance(3, 4) {
			s.was = append([]string{s.uid}, s.was...)
		}
		s.uid = p.fresh("u-")
		return "rename a step"
	case 2:
		old := s.key
		s.key = d.stepKey(p)
		if old.name == "string" && d.chance(1, 2) {
			s.key = &ty{name: pick(d, "bytes", "int")}
		}
		switch from := old.String() + " " + s.key.String(); {
		case s.key.name == "string" && old.name != "string" && d.chance(1, 2):
			s.rekey = `from bool as old => "${old}"`
		case from == "int string" && d.chance(3, 4):
			s.rekey = `from int as old => "${old}"`
		case from == "string int" && d.chance(3, 4):
			s.rekey = `from string as old => old.len`
			if len(s.states) == 1 && s.states[0].kind == "value" && len(s.timers) == 0 && !s.states[0].broadcast {
				if made := d.deflt(p, s.states[0].t); made != "" {
					s.rekey += " merge (a, b) => " + made
				}
			}
		}
		return "change a step's key"
	case 3:
		if s.key.name == "string" && d.chance(1, 2) {
			s.rekey = `from string as old => "${old}x"`
			return "change the keys"
		}
		s.alt = !s.alt
		return "change a key's meaning"
	case 4:
		s.size = pick(d, "1h", "3h")
		return "change a parameter"
	case 5:
		if s.message == nil {
			s.message = d.typ(p, 0)
			return "take messages"
		}
		if d.chance(1, 4) {
			s.message = nil
			return "take no messages"
		}
		s.message = d.otherType(p, s.message)
		return "change messages"
	case 6:
		s.timers = append(s.timers, d.timer(p))
		return "add a timer"
	}
	s.name = p.fresh("op")
	return "rename an operator"
}

func (d dice) mutateProgram(p *programM) string {
	switch n := d.IntN(6); {
	case n == 0:
		p.steps = append(p.steps, d.step(p))
		return "add a step"
	case n == 1 && len(p.steps) > 1:
		at := d.IntN(len(p.steps))
		p.steps = slices.Delete(p.steps, at, at+1)
		return "remove a step"
	case n == 2:
		shuffle(d, p.steps)
		return "reorder steps"
	case n == 3:
		shuffle(d, p.decls)
		return "reorder declarations"
	case n == 4:
		p.groups = pick(d, 8, 16, 32)
		return "change the key groups"
	}
	p.from = "other.jsonl"
	return "move the source"
}

// acknowledge adds lines that say that losses are meant.
func (p *programM) acknowledge(lines []string) {
	slices.Sort(lines)
	for _, l := range slices.Compact(lines) {
		p.acks = append(p.acks, fmt.Sprintf("%s // it is meant", strings.TrimSpace(l)))
	}
}
