package gen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flow-lang/flowc/typecheck/types"
)

// operator is an operator that is being written.
type operator struct {
	name   string
	key    types.Type // nil if it is stateless
	outs   []output
	states []string // names
	timers []timer
	held   []*held

	collections []*collection
	entryTimers []entryTimer

	helpers []function // a result of nil means none
	rearms  string     // the state that counts how often timers set themselves
}

// output is an output; the name of the main one is "".
type output struct {
	name string
	elem *types.Record
}

type timer struct {
	name    string
	index   types.Type // of a family, or the key of an entry
	entries *held      // whose entries it follows; nil for others

	processing bool // it is in processing time
}

// keyed writes an operator with a key over records of type in, whose field k,
// if it has one, is the key of the step before.
func (g *generator) keyed(in *types.Record, again bool) *operator {
	op := &operator{name: g.fresh("op")}
	keyText := "r.k"
	if again || g.chance(2, 3) {
		op.key = in.Fields[0].Type
	} else {
		op.key = g.keyType()
		s := &scope{budget: g.budget(10), pure: true, calls: len(g.funcs)}
		keyText = g.expr(s.add("r", in), op.key, 2)
	}
	g.outputs(op)
	s := &scope{budget: g.budget(60), op: op, noTimes: !g.timed, calls: len(g.funcs)}
	s.vars = append(s.vars, variable{text: "key", t: op.key})
	params := g.operatorParams(s)
	var b strings.Builder
	states := g.statesOf(s) + g.collectionsOf(s, in)
	if len(op.collections) > 0 {
		op.outs = append(op.outs, output{"probe", g.probeRecord(op.key)})
	}
	fmt.Fprintf(&b, "operator %s%s {\n  in r: %s key %s\n%s%s", op.name, params, in.Name, keyText, g.outDecls(op), states)
	b.WriteString(g.heldOf(op, in))
	b.WriteString(g.timersOf(s))
	b.WriteString(g.helpersOf(s))
	body := s.inner().add("r", in)
	fmt.Fprintf(&b, "  on r {\n%s  }\n", lines(strings.SplitAfter(g.limits(op)+g.handler(body), "\n")))
	b.WriteString(lines(g.timerHandlers(s)))
	b.WriteString(g.entryHandlers(s))
	g.ops.WriteString(b.String() + "}\n\n")
	return op
}

// timerHandlers writes the handlers of the timers, but for those of collections.
func (g *generator) timerHandlers(s *scope) []string {
	var out []string
	for _, t := range s.op.timers {
		body := s.inner()
		body.budget, body.timer = g.budget(40), true
		head := t.name
		if t.index != nil {
			name := g.fresh("w")
			head += "[" + name + "]"
			body.add(name, t.index)
		}
		first := ""
		if t.entries != nil {
			first = t.entries.name + ".remove(" + strings.TrimSuffix(head[len(t.name)+1:], "]") + ")\n"
		}
		out = append(out, fmt.Sprintf("on %s {\n%s}", head, lines(strings.SplitAfter(first+g.handler(body), "\n"))))
	}
	return out
}

// stateless writes an operator without key, which may have state all the same.
func (g *generator) stateless(in *types.Record) *operator {
	op := &operator{name: g.fresh("op")}
	g.outputs(op)
	op.outs[0].elem = g.outRecord(in.Fields[0].Type)
	s := &scope{budget: g.budget(50), op: op, noTimes: !g.timed, calls: len(g.funcs)}
	params := g.operatorParams(s)
	for i := range op.outs {
		op.outs[i].elem = g.outRecord(in.Fields[0].Type)
	}
	states := ""
	if g.chance(1, 3) {
		states = g.statesOf(s)
	}
	helpers := g.helpersOf(s)
	body := s.inner().add("r", in)
	g.ops.WriteString(fmt.Sprintf("operator %s%s {\n  in r: %s\n%s%s%s  on r {\n%s  }\n}\n\n", op.name, params, in.Name, g.outDecls(op),
		states, helpers, lines(strings.SplitAfter(g.handler(body), "\n"))))
	return op
}

// outputs gives op its outputs; the key is the field k of their records.
func (g *generator) outputs(op *operator) {
	op.outs = []output{{"", g.outRecord(op.key)}}
	for range g.few(3) {
		op.outs = append(op.outs, output{g.fresh("side"), g.outRecord(op.key)})
	}
}

// outRecord declares a record with a key and some more.
func (g *generator) outRecord(key types.Type) *types.Record {
	if key == nil {
		return nil
	}
	fields := append([]types.Field{{Name: "k", Type: key}}, g.fields(1+g.IntN(3))...)
	r := g.makeRecord(g.fresh("Out"), fields)
	g.pool = g.pool[:len(g.pool)-1]
	return r
}

func (g *generator) outDecls(op *operator) string {
	var b strings.Builder
	for _, o := range op.outs {
		if o.name == "" {
			fmt.Fprintf(&b, "  out %s\n", o.elem.Name)
			continue
		}
		fmt.Fprintf(&b, "  out %s: %s\n", o.name, o.elem.Name)
	}
	return b.String()
}

func (g *generator) operatorParams(s *scope) string {
	if g.chance(1, 2) {
		return ""
	}
	name := g.fresh("q")
	t := one(g, intT, stringT, floatT, durationT)
	s.add(name, t)
	return fmt.Sprintf("(%s: %s = %s)", name, t, g.rawLiteral(t))
}

// statesOf declares states and makes them known.
func (g *generator) statesOf(s *scope) string {
	var b strings.Builder
	for range 1 + g.few(3) {
		name, t := g.fresh("st"), g.anyType()
		if o, ok := t.(*types.Option); ok {
			t = o.Elem
		}
		s.op.states = append(s.op.states, name)
		fmt.Fprintf(&b, "  state %s: value<%s>", name, t)
		if g.chance(1, 2) {
			b.WriteString(" = " + g.literal(t))
			s.addVar(name, t)
		} else {
			s.vars = append(s.vars, variable{name, optionOf(t), t})
		}
		b.WriteString(g.retention(s.op) + "\n")
	}
	return b.String()
}

func (g *generator) retention(op *operator) string {
	switch {
	case (op.key == nil || types.IsBounded(op.key)) && g.chance(1, 2):
		return ""
	case g.timed && g.chance(1, 3):
		return " ttl " + one(g, "1h", "1m", "5s", "1us") + g.accessed()
	default:
		return " forever"
	}
}

// accessed says what a life counts from, and by which time.
func (g *generator) accessed() string {
	return one(g, "", " after write", " after read", " after create") + one(g, "", "", " by watermark", " processing time")
}

// timersOf declares timers. Those in processing time never fire where it stands
// still, and are set, cancelled and looked at all the same.
func (g *generator) timersOf(s *scope) string {
	op := s.op
	var b strings.Builder
	n := g.few(3)
	if g.size <= small && g.has.Families {
		n = 1
	}
	for range n {
		t := timer{name: g.fresh("tm"), processing: g.chance(1, 4)}
		if !g.timed && !t.processing {
			continue
		}
		index, domain := "", "event time"
		if g.has.Families && g.mostly(1, 3) {
			t.index = one(g, intT, timestampT, stringT)
			index = "[" + t.index.String() + "]"
		} else {
			s.vars = append(s.vars, variable{text: t.name + ".at", t: optionOf(timestampT)})
		}
		if t.processing {
			domain = "processing time"
		}
		op.timers = append(op.timers, t)
		fmt.Fprintf(&b, "  timer %s%s: %s\n", t.name, index, domain)
	}
	if len(op.timers)+len(op.entryTimers) > 0 {
		op.rearms = g.fresh("again")
		fmt.Fprintf(&b, "  state %s: value<int> = 0 forever\n", op.rearms)
	}
	return b.String()
}

// helpersOf declares functions of the operator, which may do what a handler
// does.
func (g *generator) helpersOf(s *scope) string {
	var b strings.Builder
	for range g.few(3) {
		f := function{name: g.fresh("help")}
		body := s.inner()
		body.budget, body.helper = g.budget(25), true
		var params []string
		for range g.few(3) {
			name, t := g.fresh("a"), g.anyType()
			f.params = append(f.params, t)
			params = append(params, name+": "+t.String())
			body.add(name, t)
		}
		head := fmt.Sprintf("func %s(%s)", f.name, strings.Join(params, ", "))
		if g.chance(1, 2) {
			f.result = g.anyType()
			body.result = f.result
			head += " -> " + f.result.String()
		}
		stmts := g.stmts(body, 1+g.few(3))
		if f.result != nil {
			stmts = append(stmts, "return "+g.expr(body, f.result, 2))
		}
		b.WriteString(lines([]string{head + " {\n" + lines(stmts) + "}"}))
		s.op.helpers = append(s.op.helpers, f)
	}
	return b.String()
}

// handler writes the body of a handler, which mostly emits something at its end.
func (g *generator) handler(s *scope) string {
	stmts := g.stmts(s, 1+g.few(6))
	if g.chance(5, 6) {
		stmts = append(stmts, g.emit(s))
	}
	if g.chance(5, 6) {
		stmts = append(stmts, g.probe(s)...)
	}
	return lines(stmts)
}

// effect writes a statement that only operators know; "" if the one picked is
// not possible here.
func (g *generator) effect(s *scope) string {
	op := s.op
	switch g.IntN(15 + min(3*len(op.collections), 7)) {
	case 10, 11, 12, 13:
		return g.change(s)
	case 0, 1, 2:
		return g.emit(s)
	case 3, 4:
		return g.assignState(s)
	case 5:
		if len(op.states) > 0 && g.chance(1, 2) {
			return "clear " + one(g, op.states...)
		}
		if op.key != nil && !s.timer && !s.helper && g.chance(1, 3) {
			return "clear"
		}
	case 6, 7, 8:
		return g.timerEffect(s)
	case 14:
		if g.ledger {
			return g.sendNote(s)
		}
	case 9:
		var fit []function
		for _, f := range op.helpers {
			if f.result == nil {
				fit = append(fit, f)
			}
		}
		if len(fit) > 0 && s.depth < 3 {
			f := one(g, fit...)
			return f.name + "(" + g.args(s, f.params, 2) + ")"
		}
	default:
		return g.changeCollection(s)
	}
	return ""
}

func (g *generator) emit(s *scope) string {
	outs := s.op.outs
	if len(s.op.collections) > 0 {
		outs = outs[:len(outs)-1] // the last shows the collections
	}
	o := one(g, outs...)
	var fields []string
	for _, f := range o.elem.Fields {
		if f.Name == "k" {
			fields = append(fields, "k: "+g.keyOf(s))
			continue
		}
		value := g.expr(s, f.Type, 2)
		if types.Is(f.Type, types.Float) || types.Is(f.Type, types.Float32) {
			value = g.finite(f.Type) + "(" + value + ")"
		}
		fields = append(fields, f.Name+": "+value)
	}
	text := "emit "
	if o.name != "" {
		text += o.name + " "
	}
	text += o.elem.Name + " { " + strings.Join(fields, ", ") + " }"
	if g.timed && g.chance(1, 8) {
		text += " at " + g.expr(s, timestampT, 2)
	}
	return text
}

// keyOf is what stands in the field k of an output: the key, or that of the
// record.
func (g *generator) keyOf(s *scope) string {
	if s.op.key != nil {
		return "key"
	}
	if s.helper {
		return g.literal(s.op.outs[0].elem.Fields[0].Type)
	}
	return "r.k"
}

// finite is a function that gives what JSON can write.
func (g *generator) finite(t types.Type) string {
	name := "finite_" + mangled(t)
	g.declare(name, fmt.Sprintf("func %s(x: %s) -> %s = if x > -1e30 && x < 1e30 { x } else { 0.5 }", name, t, t))
	return name
}

func (g *generator) assignState(s *scope) string {
	vars := s.where(func(v variable) bool { return v.set != nil && slices.Contains(s.op.states, v.text) })
	if len(vars) == 0 {
		return ""
	}
	v := one(g, vars...)
	return v.text + " = " + g.expr(s, v.set, exprDepth)
}

func (g *generator) timerEffect(s *scope) string {
	if len(s.op.timers) == 0 || s.helper {
		return ""
	}
	t := one(g, s.op.timers...)
	if t.entries != nil {
		return "" // nobody sets it
	}
	name := t.name
	if t.index != nil {
		name += "[" + g.expr(s, t.index, 1) + "]"
	}
	if g.chance(1, 5) {
		return name + ".cancel()"
	}
	if t.processing {
		return name + ".set(now() + " + one(g, "1h", "1m") + ")"
	}
	at := one(g, "time", "time", "watermark", g.expr(s, timestampT, 2)) + one(g, " + ", " + ", " - ") + one(g, "1m", "10s", "1h", "0s", g.literal(durationT))
	set := fmt.Sprintf("%s.set(%s)", name, at)
	if s.timer {
		return fmt.Sprintf("if %s < 3 {\n  %s += 1\n  %s\n}", s.op.rearms, s.op.rearms, set)
	}
	return set
}
