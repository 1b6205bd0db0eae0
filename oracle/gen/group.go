package gen

import (
	"fmt"
	"strings"

	"github.com/flow-lang/flowc/typecheck/types"
)

// collection is a state whose entries are groups or aggregates, or one aggregate.
type collection struct {
	name  string
	kind  string     // map, sorted or aggregate
	key   types.Type // of the entries of a map
	agg   *aggregate // of an aggregate, and of entries that are one
	parts []part     // of entries that are groups
	timed bool       // a timer follows its entries
}

// part is a part of a group: a value, a list of them, or an aggregate.
type part struct {
	name string
	t    types.Type // of a value and of the elements of a list
	list bool
	agg  *aggregate
}

// aggregate is what records are folded into.
type aggregate struct {
	text   string // r => …
	result types.Type
}

// entryTimer follows the entries of a collection.
type entryTimer struct {
	name string
	of   *collection
}

func (c *collection) isMap() bool { return c.kind == "map" || c.kind == "sorted" }

// collectionsOf declares collections and the timers of their entries, over
// records of type in.
func (g *generator) collectionsOf(s *scope, in *types.Record) string {
	if !g.has.Groups {
		return ""
	}
	var b strings.Builder
	n := g.few(4)
	if g.size <= small {
		n = 1
	}
	for range n {
		c := &collection{name: g.fresh("co"), kind: one(g, "map", "map", "sorted", "sorted", "aggregate")}
		fmt.Fprintf(&b, "  state %s: %s", c.name, g.collectionType(c, in))
		if g.timed && g.chance(1, 3) {
			b.WriteString(" ttl " + one(g, "1h", "1m", "5s", "1us") + g.accessed())
		} else {
			b.WriteString(" forever")
		}
		b.WriteString("\n")
		s.op.collections = append(s.op.collections, c)
		if g.timed && c.isMap() && g.chance(1, 2) {
			b.WriteString(g.entryTimersOf(s.op, c))
		}
	}
	return b.String()
}

// collectionType makes up the type of c.
func (g *generator) collectionType(c *collection, in *types.Record) string {
	if c.kind == "aggregate" {
		c.agg = g.accumulated(in)
		return "aggregate<" + c.agg.text + ">"
	}
	if c.key = g.keyType(); g.timed && g.chance(1, 2) {
		c.key = timestampT
	}
	value := ""
	if g.chance(1, 3) {
		c.agg = g.accumulated(in)
		value = "aggregate<" + c.agg.text + ">"
	} else {
		value = g.group(c, in)
	}
	return fmt.Sprintf("%s<%s, %s>", c.kind, c.key, value)
}

// group makes up the parts of the entries of c.
func (g *generator) group(c *collection, in *types.Record) string {
	var texts []string
	kinds := 3
	if g.chance(1, 3) {
		kinds = 1 // values only, which can be written whole
	}
	for i := range 1 + g.few(4) {
		p := part{name: fmt.Sprintf("p%d", i)}
		text := ""
		switch g.IntN(kinds) {
		case 0:
			p.t = g.anyType()
			if text = p.t.String(); !isOption(p.t) || g.chance(1, 2) { // else it begins as none
				text += " = " + g.literal(p.t)
			}
			if types.Is(p.t, types.Timestamp) && g.timed && g.chance(1, 2) {
				text = "timestamp = time"
			}
		case 1:
			p.t, p.list = g.anyType(), true
			text = "list<" + p.t.String() + ">"
		default:
			p.agg = g.accumulated(in)
			text = "aggregate<" + p.agg.text + ">"
		}
		texts = append(texts, p.name+": "+text)
		c.parts = append(c.parts, p)
	}
	return "{ " + strings.Join(texts, ", ") + " }"
}

// accumulated makes up an aggregate over records of type in.
func (g *generator) accumulated(in *types.Record) *aggregate {
	s := (&scope{budget: g.budget(8), pure: true, calls: len(g.funcs)}).add("x", in)
	value := func(t types.Type) string { return g.expr(s, t, 2) }
	ordered := func() types.Type { return one(g, intT, floatT, stringT, timestampT, durationT) }
	a := &aggregate{result: intT}
	text := ""
	if len(g.aggs) > 0 && g.chance(1, 4) {
		d := one(g, g.aggs...)
		return &aggregate{text: fmt.Sprintf("(x: %s) => %s(%s)", in.Name, d.name, value(d.param)), result: d.result}
	}
	switch g.IntN(9) {
	case 0:
		text = "count()"
	case 1:
		a.result = one(g, intT, durationT, floatT)
		text = "sum(" + value(a.result) + ")"
	case 2:
		a.result = ordered()
		text = one(g, "min(", "max(") + value(a.result) + ")"
	case 3:
		a.result = g.stored()
		text = one(g, "first(", "last(") + value(a.result) + ")"
	case 4:
		a.result = g.stored()
		text = one(g, "min_by(", "max_by(") + value(a.result) + ", " + value(ordered()) + ")"
	case 5:
		t := g.anyType()
		a.result = listOf(t)
		text = "collect(" + value(t) + ")"
	case 6, 7:
		text = one(g, "count_distinct(", "approx_distinct(") + value(g.keyType()) + ")"
	default:
		t := ordered()
		a.result = listOf(t)
		text = "top_k(" + value(t) + ", " + one(g, "1", "2", "3") + ")"
	}
	a.text = fmt.Sprintf("(x: %s) => %s", in.Name, text)
	return a
}

// entryTimersOf declares timers of the entries of c, where their times can be
// said.
func (g *generator) entryTimersOf(op *operator, c *collection) string {
	var b strings.Builder
	for range 1 + g.few(2) {
		var at []string
		if types.Is(c.key, types.Timestamp) {
			at = append(at, "k")
		}
		for _, p := range c.parts {
			switch {
			case p.agg == nil && !p.list && types.Is(p.t, types.Timestamp):
				at = append(at, "v."+p.name, "v."+p.name)
			case p.agg != nil && types.Is(p.agg.result, types.Timestamp):
				at = append(at, "(v."+p.name+`.result ?? t"2024-05-01T12:00:00Z")`)
			}
		}
		if len(at) == 0 {
			return b.String()
		}
		t := entryTimer{name: g.fresh("et"), of: c}
		time := one(g, at...) + one(g, "", " + 5m", " + 1h", " + 10s", " - 1m")
		names := "k"
		if strings.Contains(time, "v.") || g.chance(1, 4) {
			names = "k, v"
		}
		fmt.Fprintf(&b, "  timer %s[%s in %s]: event time at %s\n", t.name, names, c.name, time)
		op.entryTimers = append(op.entryTimers, t)
		c.timed = true
	}
	return b.String()
}

// entryHandlers writes the handlers of the timers of entries, which mostly
// remove the entry.
func (g *generator) entryHandlers(s *scope) string {
	var b strings.Builder
	for _, t := range s.op.entryTimers {
		body := s.inner()
		body.budget, body.timer = g.budget(30), true
		name := g.fresh("w")
		body.add(name, t.of.key)
		text := g.handler(body)
		if g.chance(3, 4) {
			text += "  " + t.of.name + ".remove(" + name + ")\n"
		}
		fmt.Fprintf(&b, "  on %s[%s] {\n%s  }\n", t.name, name, lines(strings.SplitAfter(text, "\n")))
	}
	return b.String()
}

// groupKey writes a key of type t that other places are likely to write, too.
func (g *generator) groupKey(s *scope, t types.Type) string {
	if types.Is(t, types.Timestamp) && !s.noTimes && g.chance(2, 3) {
		return one(g, "time", "time", "watermark") + one(g, ".truncate(1m)", ".truncate(1h)", "")
	}
	if g.chance(1, 5) {
		return g.expr(s, t, 1)
	}
	name := "few_" + mangled(t)
	g.declare(name, fmt.Sprintf("func %s(i: int) -> %s = if i == 0 { %s } else if i == 1 { %s } else { %s }",
		name, t, g.literal(t), g.literal(t), g.literal(t)))
	return name + "(" + one(g, "0", "0", "1", g.leaf(s, intT)) + ")"
}

// entryRange writes a range of keys of type t.
func (g *generator) entryRange(s *scope, t types.Type) string {
	from, to := g.groupKey(s, t), g.groupKey(s, t)
	if types.Is(t, types.Timestamp) && g.chance(1, 2) {
		return from + " - 1h.." + to
	}
	return one(g, from+".."+to, from+"..", ".."+to, "..")
}

// changeCollection writes a statement that changes a collection, or looks into
// one; "" if the one picked is not possible here.
func (g *generator) changeCollection(s *scope) string {
	if len(s.op.collections) == 0 {
		return ""
	}
	c := one(g, s.op.collections...)
	if g.chance(1, 4) && s.depth < 3 {
		return g.lookInto(s, c)
	}
	text := g.changeMap(s, c)
	switch {
	case text == "" || !c.timed || !s.timer && !s.helper:
		return text
	case s.helper:
		return "" // a timer may call it, which may then never end
	}
	return fmt.Sprintf("if %s < 3 {\n  %s += 1\n%s}", s.op.rearms, s.op.rearms, lines([]string{text}))
}

func (g *generator) changeMap(s *scope, c *collection) string {
	if g.chance(1, 12) {
		return "clear " + c.name
	}
	if c.kind == "aggregate" {
		return g.accumulate(s, c.name, "")
	}
	key := g.groupKey(s, c.key)
	switch g.IntN(10) {
	case 0:
		return fmt.Sprintf("%s.remove(%s)", c.name, key)
	case 1:
		if c.kind == "sorted" {
			return fmt.Sprintf("%s.remove_before(%s)", c.name, key)
		}
	}
	entry := c.name + "[" + key + "]"
	if c.agg != nil {
		return g.accumulate(s, entry, c.name+"["+g.groupKey(s, c.key)+"]")
	}
	return g.changePart(s, c, entry)
}

// changePart writes a change of a part of an entry.
func (g *generator) changePart(s *scope, c *collection, entry string) string {
	var fields []string
	for _, p := range c.parts {
		if p.agg != nil || p.list {
			fields = nil
			break
		}
		fields = append(fields, p.name+": "+g.expr(s, p.t, 1))
	}
	if len(fields) > 0 && g.chance(1, 2) {
		return entry + " = { " + strings.Join(fields, ", ") + " }"
	}
	p := one(g, c.parts...)
	place := entry + "." + p.name
	switch {
	case p.agg != nil:
		return g.accumulate(s, place, c.name+"["+g.groupKey(s, c.key)+"]?."+p.name)
	case p.list:
		return place + ".append(" + g.expr(s, p.t, 2) + ")"
	case types.Is(p.t, types.Int) && g.chance(1, 3):
		return place + one(g, " += ", " -= ") + g.leaf(s, intT)
	}
	return place + " = " + g.expr(s, p.t, 2)
}

// accumulate adds the record to an aggregate, or merges another one. A timer has
// no record.
func (g *generator) accumulate(s *scope, place, other string) string {
	record := !s.timer && !s.helper
	if other != "" && (!record || g.chance(1, 4)) {
		name := g.fresh("other")
		return fmt.Sprintf("if let %s = %s {\n  %s.merge(%s)\n}", name, other, place, name)
	}
	if !record {
		return ""
	}
	return place + ".add(r)"
}
