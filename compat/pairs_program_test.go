package compat_test

import (
	"fmt"
	"slices"
	"strings"
)

// ty is a type as it is written.
type ty struct {
	name string // of a basic type, a declared type, or list, set, map, decimal
	args []*ty
	p, s int // of a decimal
	opt  bool
}

func (t *ty) String() string {
	text := t.name
	switch {
	case t.name == "decimal":
		text = fmt.Sprintf("decimal(%d, %d)", t.p, t.s)
	case len(t.args) > 0:
		var args []string
		for _, a := range t.args {
			args = append(args, a.String())
		}
		text += "<" + strings.Join(args, ", ") + ">"
	}
	if t.opt {
		text += "?"
	}
	return text
}

func (t *ty) copy() *ty {
	out := *t
	out.args = nil
	for _, a := range t.args {
		out.args = append(out.args, a.copy())
	}
	return &out
}

// decl is a declared type.
type decl struct {
	what    string // enum, record, union
	name    string
	fields  []fieldM
	symbols []symbolM
	members []string
}

type fieldM struct {
	name  string
	t     *ty
	deflt string
	was   []string
}

type symbolM struct {
	name   string
	number int // 0 means the next one
	was    []string
}

type stateM struct {
	name, kind string
	key, t     *ty
	parts      []partM // of an aggregate
	ttl        string  // forever or ttl …
	init       string
	queryable  string
	was        []string
	broadcast  bool
	migrate    string // from TYPE
	made       string // the constant that it makes
}

type partM struct{ name, call string }

type timerM struct {
	name       string
	processing bool
	index      *ty
	was        []string
}

type stepM struct {
	name, uid string
	was       []string
	key       *ty
	alt       bool // another expression for the key
	size      string
	states    []*stateM
	timers    []*timerM
	message   *ty
	rekey     string
}

// programM is a program, as far as saved state is about it.
type programM struct {
	groups int
	from   string // what the source reads
	decls  []*decl
	steps  []*stepM
	acks   []string // lines at the top level
	made   int      // names that were made
}

func clone[T any](list []*T) []*T {
	var out []*T
	for _, x := range list {
		c := *x
		out = append(out, &c)
	}
	return out
}

func (p *programM) copy() *programM {
	out := *p
	out.decls, out.steps = clone(p.decls), clone(p.steps)
	for _, d := range out.decls {
		d.fields, d.symbols, d.members = slices.Clone(d.fields), slices.Clone(d.symbols), slices.Clone(d.members)
		for i := range d.fields {
			d.fields[i].t = d.fields[i].t.copy()
		}
	}
	for _, s := range out.steps {
		s.states, s.timers = clone(s.states), clone(s.timers)
		for _, st := range s.states {
			st.parts = slices.Clone(st.parts)
			if st.t != nil {
				st.t = st.t.copy()
			}
		}
	}
	out.acks = nil
	return &out
}

func (p *programM) fresh(prefix string) string {
	p.made++
	return fmt.Sprintf("%s%d", prefix, p.made)
}

func (p *programM) decl(name string) *decl {
	for _, d := range p.decls {
		if d.name == name {
			return d
		}
	}
	return nil
}

func wasText(was []string) string {
	text := ""
	for _, w := range was {
		text += fmt.Sprintf(" was %q", w)
	}
	return text
}

// basics are the types that a field of an event may be a key by.
var basics = []string{"bool", "int32", "int", "string", "bytes", "timestamp", "duration", "date", "uuid"}

// text writes the program.
func (p *programM) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "pipeline generated\nkey_groups %d\n", p.groups)
	for _, d := range p.decls {
		b.WriteString(d.text())
	}
	b.WriteString("record Event {\n")
	for _, t := range basics {
		fmt.Fprintf(&b, "  k_%s: %s\n  alt_%s: %s\n", t, t, t, t)
	}
	for _, d := range p.decls {
		if d.what == "enum" {
			fmt.Fprintf(&b, "  k_%s: %s\n  alt_%s: %s\n", d.name, d.name, d.name, d.name)
		}
	}
	fmt.Fprintf(&b, "  x: float\n}\nsource events: Event = jsonl(%q) uid \"events\"\n", p.from)
	for _, s := range p.steps {
		p.step(&b, s)
	}
	for _, a := range p.acks {
		b.WriteString(a + "\n")
	}
	return b.String()
}

func (d *decl) text() string {
	var parts []string
	switch d.what {
	case "union":
		return fmt.Sprintf("union %s = %s\n", d.name, strings.Join(d.members, " | "))
	case "enum":
		for _, s := range d.symbols {
			text := s.name
			if s.number > 0 {
				text += fmt.Sprintf(" = %d", s.number)
			}
			parts = append(parts, text+wasText(s.was))
		}
	default:
		for _, f := range d.fields {
			text := f.name + ": " + f.t.String()
			if f.deflt != "" {
				text += " = " + f.deflt
			}
			parts = append(parts, text+wasText(f.was))
		}
	}
	return fmt.Sprintf("%s %s { %s }\n", d.what, d.name, strings.Join(parts, ", "))
}

func (p *programM) step(b *strings.Builder, s *stepM) {
	out := strings.ReplaceAll(s.uid, "-", "_")
	fmt.Fprintf(b, "operator %s(size: duration shapes state) {\n  in r: Event key %s\n", s.name, p.keyExpr(s.key, s.alt))
	if s.message != nil {
		fmt.Fprintf(b, "  in m: %s message\n", s.message)
	}
	if slices.ContainsFunc(s.states, func(st *stateM) bool { return st.broadcast }) {
		b.WriteString("  in all: Event broadcast\n")
	}
	b.WriteString("  out Event\n")
	for _, st := range s.states {
		fmt.Fprintf(b, "  %s\n", st.text())
	}
	for _, t := range s.timers {
		clock := "event time"
		if t.processing {
			clock = "processing time"
		}
		index := ""
		if t.index != nil {
			index = "[" + t.index.String() + "]"
		}
		fmt.Fprintf(b, "  timer %s%s: %s%s\n", t.name, index, clock, wasText(t.was))
	}
	b.WriteString("  on r { emit r }\n")
	if s.message != nil {
		b.WriteString("  on m {}\n")
	}
	wired := "events |> " + s.name
	if slices.ContainsFunc(s.states, func(st *stateM) bool { return st.broadcast }) {
		b.WriteString("  on all {}\n")
		wired = s.name
	}
	for _, t := range s.timers {
		if t.index != nil {
			fmt.Fprintf(b, "  on %s[_] {}\n", t.name)
		} else {
			fmt.Fprintf(b, "  on %s {}\n", t.name)
		}
	}
	args := "size: " + s.size
	if wired == s.name {
		args = "r: events, all: events, " + args
	}
	fmt.Fprintf(b, "}\nstream s_%s = %s(%s) uid %q%s\nsink s_%s to jsonl(\"%s.jsonl\")\n", out, wired, args, s.uid, wasText(s.was), out, out)
	if s.rekey != "" {
		fmt.Fprintf(b, "rekey %q %s\n", s.uid, s.rekey)
	}
}

func (s *stateM) text() string {
	var of string
	switch s.kind {
	case "aggregate":
		var parts []string
		for _, p := range s.parts {
			parts = append(parts, p.name+": "+p.call)
		}
		of = "(r: Event) => { " + strings.Join(parts, ", ") + " }"
	case "map", "sorted":
		of = s.key.String() + ", " + s.t.String()
	default:
		of = s.t.String()
	}
	if s.kind == "map" || s.kind == "sorted" || s.kind == "value" {
		of = strings.TrimSuffix(of, "?") // an entry that is not there is none already
	}
	text := fmt.Sprintf("state %s: %s<%s>", s.name, s.kind, of)
	if s.broadcast {
		text = fmt.Sprintf("state %s: broadcast %s<%s>", s.name, s.kind, of)
	}
	if s.init != "" {
		text += " = " + s.init
	}
	if s.broadcast {
		text += " " + strings.ReplaceAll(s.ttl, "read", "write")
	} else {
		text += " " + s.ttl
	}
	if s.queryable != "" {
		text += fmt.Sprintf(" queryable %q", s.queryable)
	}
	text += wasText(s.was)
	if s.migrate != "" {
		text += " migrate from " + s.migrate + " as old => " + s.made
	}
	return text
}

// keyExpr is an expression over an event of a type that may be a key.
func (p *programM) keyExpr(t *ty, alt bool) string {
	prefix := "r.k_"
	if alt {
		prefix = "r.alt_"
	}
	if d := p.decl(t.name); d != nil && d.what == "record" {
		var parts []string
		for _, f := range d.fields {
			parts = append(parts, f.name+": "+p.keyExpr(f.t, alt))
		}
		return d.name + " { " + strings.Join(parts, ", ") + " }"
	}
	return prefix + t.name
}

// mayBeKey reports whether a type may be the key of a step that an event has.
func (p *programM) mayBeKey(t *ty) bool { return p.keyed(t, 0) }

func (p *programM) keyed(t *ty, depth int) bool {
	if t.opt || depth > 3 || slices.Contains([]string{"list", "set", "map", "json", "float", "float32", "decimal"}, t.name) {
		return false
	}
	d := p.decl(t.name)
	if d == nil {
		return true
	}
	return d.what == "enum" || d.what == "record" && len(d.fields) > 0 && !slices.ContainsFunc(d.fields, func(f fieldM) bool { return !p.keyed(f.t, depth+1) })
}

// programs are made by dice.

func (d dice) scalar() *ty {
	name := pick(d, "bool", "int32", "int", "int", "float32", "float", "string", "string", "bytes", "timestamp", "duration", "date", "uuid", "json", "decimal")
	t := &ty{name: name}
	if name == "decimal" {
		t.p = 4 + d.IntN(30)
		t.s = d.IntN(4)
	}
	return t
}

// keyType makes a type that may be the key of a map.
func (d dice) keyType(p *programM) *ty {
	for range 20 {
		t := d.scalar()
		if d.chance(1, 3) && len(p.decls) > 0 {
			t = &ty{name: pick(d, p.decls...).name}
		}
		if p.mayBeKey(t) {
			return t
		}
	}
	return &ty{name: "string"}
}

func (d dice) typ(p *programM, depth int) *ty {
	var t *ty
	switch n := d.IntN(10); {
	case n < 4 || depth > 2:
		t = d.scalar()
	case n < 7 && len(p.decls) > 0:
		t = &ty{name: pick(d, p.decls...).name}
	case n == 7:
		t = &ty{name: "list", args: []*ty{d.typ(p, depth+1)}}
	case n == 8:
		t = &ty{name: "set", args: []*ty{d.keyType(p)}}
	default:
		t = &ty{name: "map", args: []*ty{d.keyType(p), d.typ(p, depth+1)}}
	}
	t.opt = d.chance(1, 5)
	return t
}

// deflt makes a constant of a type, "" if this test has none.
func (d dice) deflt(p *programM, t *ty) string {
	if t.opt && d.chance(1, 2) {
		return "none"
	}
	switch t.name {
	case "bool":
		return pick(d, "true", "false")
	case "int32", "int":
		return pick(d, "0", "-1", "7", "2000000000")
	case "float", "float32":
		return pick(d, "0.0", "0.5", "-2.25")
	case "string":
		return pick(d, `""`, `"x"`, `"a \"quoted\" one"`)
	case "duration":
		return pick(d, "0s", "5s", "1h30m")
	case "list":
		return "[]"
	case "map":
		return "[:]"
	case "decimal":
		if t.s > 0 {
			return pick(d, "0.0d", "1.5d")
		}
		return ""
	}
	if e := p.decl(t.name); e != nil && e.what == "enum" {
		return e.name + "." + pick(d, e.symbols...).name
	}
	return ""
}

func (d dice) fieldM(p *programM) fieldM {
	f := fieldM{name: p.fresh("f"), t: d.typ(p, 1)}
	if d.chance(1, 2) {
		f.deflt = d.deflt(p, f.t)
	}
	return f
}

func (d dice) ttl() string {
	return pick(d, "forever", "forever", "forever", "ttl 1h after write", "ttl 2h after write", "ttl 1h after read", "ttl 1h after create", "ttl 1h after write processing time", "ttl 1h by watermark", "ttl 1h after read by watermark")
}

func (d dice) partM(p *programM) partM {
	return partM{p.fresh("p"), pick(d, "count()", "sum(r.k_int)", "sum(r.x)", "max(r.x)", "min(r.k_string)", "avg(r.x)", "last(r.k_int)", "count_distinct(r.k_int)")}
}

func (d dice) state(p *programM) *stateM {
	s := &stateM{name: p.fresh("s"), ttl: d.ttl(), kind: pick(d, "value", "value", "value", "list", "set", "map", "sorted", "aggregate")}
	d.fill(p, s)
	if d.chance(1, 8) {
		s.queryable = p.fresh("q")
	}
	if d.chance(1, 12) && s.kind != "aggregate" && !strings.Contains(s.ttl, "read") {
		s.broadcast = true
	}
	return s
}

// fill gives a state what its kind needs.
func (d dice) fill(p *programM, s *stateM) {
	s.t, s.key, s.parts, s.init = nil, nil, nil, ""
	switch s.kind {
	case "aggregate":
		for range 1 + d.IntN(3) {
			s.parts = append(s.parts, d.partM(p))
		}
		return
	case "set":
		s.t = d.keyType(p)
		return
	case "map", "sorted":
		s.key = d.keyType(p)
	}
	s.t = d.typ(p, 0)
	if s.kind == "value" {
		s.t.opt = false
	}
	if s.kind == "value" && d.chance(1, 3) {
		s.init = d.deflt(p, s.t)
	}
	if s.kind == "value" && s.init == "none" {
		s.init = ""
	}
}

func (d dice) timer(p *programM) *timerM {
	t := &timerM{name: p.fresh("t"), processing: d.chance(1, 3)}
	if d.chance(1, 2) {
		t.index = d.keyType(p)
	}
	return t
}

func (d dice) step(p *programM) *stepM {
	s := &stepM{name: p.fresh("op"), uid: p.fresh("u-"), key: d.stepKey(p), size: pick(d, "1h", "2h")}
	for range 1 + d.IntN(4) {
		s.states = append(s.states, d.state(p))
	}
	for range d.IntN(3) {
		s.timers = append(s.timers, d.timer(p))
	}
	if d.chance(1, 4) {
		s.message = d.typ(p, 0)
	}
	return s
}

func (d dice) stepKey(p *programM) *ty {
	if d.chance(1, 3) {
		for _, c := range p.decls {
			if t := (&ty{name: c.name}); c.what != "union" && p.mayBeKey(t) && d.chance(1, 2) {
				return t
			}
		}
	}
	return &ty{name: pick(d, "string", "string", "int", "int32", "bytes", "uuid")}
}

// program makes a program.
func (d dice) program() *programM {
	p := &programM{groups: 16, from: "in.jsonl"}
	e := &decl{what: "enum", name: p.fresh("E")}
	for range 2 + d.IntN(3) {
		e.symbols = append(e.symbols, symbolM{name: p.fresh("y")})
	}
	p.decls = append(p.decls, e)
	// A record that may be a key, and others.
	k := &decl{what: "record", name: p.fresh("K")}
	for range 1 + d.IntN(3) {
		k.fields = append(k.fields, fieldM{name: p.fresh("f"), t: &ty{name: pick(d, "string", "int", "int32", "bool", e.name)}})
	}
	p.decls = append(p.decls, k)
	for range 1 + d.IntN(3) {
		r := &decl{what: "record", name: p.fresh("R")}
		for range 1 + d.IntN(4) {
			r.fields = append(r.fields, d.fieldM(p))
		}
		p.decls = append(p.decls, r)
	}
	u := &decl{what: "union", name: p.fresh("U")}
	for _, r := range p.decls[1:] {
		if d.chance(2, 3) {
			u.members = append(u.members, r.name)
		}
	}
	if len(u.members) > 1 {
		p.decls = append(p.decls, u)
	}
	for range 1 + d.IntN(3) {
		p.steps = append(p.steps, d.step(p))
	}
	return p
}
