package gen

import (
	"fmt"
	"strings"

	"github.com/flow-lang/flowc/typecheck/types"
)

// held is a state that is more than one value.
type held struct {
	name  string
	kind  string     // list, map, sorted, set or aggregate
	key   types.Type // of an entry, or the element of a set
	value types.Type // of an entry or element; nil where an aggregate stands
	agg   *folded    // of the state, or of each entry
	timed bool       // a timer follows the entries
}

// folded is an aggregate that is written out.
type folded struct {
	over   *types.Record
	text   string
	result types.Type
}

// most is how many entries a state may have before a handler clears it, so that
// no program takes long.
const most = 12

// heldOf declares collections and aggregates in state.
func (g *generator) heldOf(op *operator, in *types.Record) string {
	if !g.has.Held || !g.mostly(2, 3) {
		return ""
	}
	var b strings.Builder
	for range 1 + g.few(2) {
		h := &held{name: g.fresh("held"), kind: one(g, "list", "map", "sorted", "set", "aggregate", "map", "sorted")}
		h.value = g.stored()
		if h.kind != "list" && h.kind != "aggregate" {
			h.key = g.keyType()
			if g.timed && g.chance(1, 3) {
				h.key = timestampT
			}
		}
		if h.kind == "aggregate" || h.key != nil && h.kind != "set" && g.chance(1, 3) {
			h.agg, h.value = g.aggregate(in, h.kind == "sorted"), nil
		}
		op.held = append(op.held, h)
		b.WriteString(g.declareHeld(op, h))
	}
	return b.String()
}

// stored is a type that a state may hold.
func (g *generator) stored() types.Type {
	t := g.anyType()
	if o, ok := t.(*types.Option); ok {
		return o.Elem
	}
	return t
}

func (g *generator) declareHeld(op *operator, h *held) string {
	of := ""
	switch {
	case h.kind == "aggregate":
		of = h.agg.text
	case h.kind == "list":
		of = h.value.String()
	case h.kind == "set":
		of = h.key.String()
	case h.agg != nil:
		of = h.key.String() + ", aggregate<" + h.agg.text + ">"
	default:
		of = h.key.String() + ", " + h.value.String()
	}
	text := fmt.Sprintf("  state %s: %s<%s>", h.name, h.kind, of)
	at := h.follows(g)
	if at == "" || g.chance(1, 2) {
		return text + g.heldRetention(op, h) + "\n"
	}
	h.timed = true
	t := timer{name: g.fresh("end"), index: h.key, entries: h}
	op.timers = append(op.timers, t)
	return text + one(g, "", " forever") + fmt.Sprintf("\n  timer %s[%s in %s]: event time at %s\n", t.name, strings.TrimSuffix("k, "+at[:1], ", k"), h.name, at)
}

// follows is the time of a timer that follows the entries of h; "" if there can
// be none.
func (h *held) follows(g *generator) string {
	if !g.timed || h.key == nil || h.kind == "set" {
		return ""
	}
	after := one(g, " + 10m", " + 5s", " - 1m", " + 2h")
	switch {
	case types.Is(h.key, types.Timestamp):
		return "k" + after
	case h.value != nil && types.Is(h.value, types.Timestamp):
		return "v" + after
	}
	return ""
}

func (g *generator) heldRetention(op *operator, h *held) string {
	if h.key != nil && !types.IsBounded(h.key) && types.IsBounded(op.key) {
		return one(g, " forever", " ttl 1h")
	}
	return g.retention(op)
}

// aggregate writes an aggregate over a record. What is merged over ranges does
// not depend on how it is grouped.
func (g *generator) aggregate(over *types.Record, merged bool) *folded {
	f := &folded{over: over}
	var body string
	if g.chance(1, 2) {
		body, f.result = g.aggregateCall(over, merged)
	} else {
		r := &types.Record{}
		var parts []string
		for i := range 1 + g.few(3) {
			text, t := g.aggregateCall(over, merged)
			name := fmt.Sprintf("g%d", i)
			parts = append(parts, name+": "+text)
			r.Fields = append(r.Fields, types.Field{Name: name, Type: t})
		}
		body, f.result = "{ "+strings.Join(parts, ", ")+" }", r
	}
	f.text = fmt.Sprintf("(r: %s) => %s", over.Name, body)
	return f
}

// aggregateCall writes the call of an aggregate over r.
func (g *generator) aggregateCall(over *types.Record, merged bool) (string, types.Type) {
	s := (&scope{budget: g.budget(6), pure: true, calls: 0}).add("r", over)
	e := func(t types.Type) string { return g.expr(s, t, 1) }
	any, number := g.stored(), one(g, intT, intT, floatT)
	ordered := g.someType(isOrdered)
	if ordered == nil {
		ordered = intT
	}
	if len(g.aggs) > 0 && g.chance(1, 5) {
		d := one(g, g.aggs...)
		return d.name + "(" + e(d.param) + ")", d.result
	}
	switch n := g.IntN(12); {
	case n == 0:
		return "count()", intT
	case n == 1 && !merged:
		return "sum(" + e(number) + ")", number
	case n == 2 && !merged:
		if d := g.someType(isDecimal); d != nil && g.chance(1, 2) {
			return "avg(" + e(d) + ")", &types.Decimal{Precision: 38, Scale: 6}
		}
		return "avg(" + e(number) + ")", floatT
	case n == 3:
		return one(g, "first", "last") + "(" + e(any) + ")", any
	case n == 4:
		return "collect(" + e(any) + ").slice(0, 1)", listOf(any)
	case n == 5:
		return fmt.Sprintf("%s(%s, %s)", one(g, "min_by", "max_by"), e(any), e(ordered)), any
	case n == 6:
		return fmt.Sprintf("top_k(%s, %d)", e(ordered), 1+g.IntN(3)), listOf(ordered)
	case n == 7 && !merged:
		return "stddev(" + e(floatT) + ")", floatT
	case n == 8 && !merged:
		return fmt.Sprintf("(sum(%s) / count())", e(intT)), intT
	case n < 3: // which parts are merged first may not show: those of ints that are no edges do not overflow on the way
		return fmt.Sprintf("sum((%s) %% 1000)", e(intT)), intT
	default:
		return one(g, "min", "max") + "(" + e(ordered) + ")", ordered
	}
}

// limits clears what has grown too large.
func (g *generator) limits(op *operator) string {
	var b strings.Builder
	for _, h := range op.held {
		if h.kind != "aggregate" {
			fmt.Fprintf(&b, "if %s.len > %d { clear %s }\n", h.name, most, h.name)
		}
	}
	return b.String()
}

// change writes a statement that changes a state; "" if the one picked may not
// be changed here.
func (g *generator) change(s *scope) string {
	if len(s.op.held) == 0 {
		return ""
	}
	h := one(g, s.op.held...)
	if h.timed && (s.timer || s.helper) {
		return "" // it could go on for ever
	}
	if g.chance(1, 12) {
		return "clear " + h.name
	}
	name, keyed := h.name, h.key != nil && h.kind != "set"
	if keyed {
		name += "[" + g.entryKey(s, h) + "]"
	}
	switch {
	case keyed && h.kind == "sorted" && g.chance(1, 8):
		return h.name + ".remove_before(" + g.entryKey(s, h) + ")"
	case h.key != nil && g.chance(1, 6):
		return h.name + ".remove(" + g.entryKey(s, h) + ")"
	case h.agg != nil:
		return name + ".add(" + g.expr(s, h.agg.over, 1) + ")"
	case keyed:
		return name + " = " + g.expr(s, h.value, 2)
	case h.kind == "set":
		return h.name + ".add(" + g.entryKey(s, h) + ")"
	default:
		return h.name + ".append(" + g.expr(s, h.value, 2) + ")"
	}
}

// entryKey is the key of an entry, mostly one of few.
func (g *generator) entryKey(s *scope, h *held) string {
	if types.Is(h.key, types.Timestamp) && g.chance(2, 3) {
		return "time.truncate(" + one(g, "1m", "1h", "1d") + ")"
	}
	return g.expr(s, h.key, 1)
}

// walk writes a loop over a state; "" if there is none.
func (g *generator) walk(s *scope) string {
	if s.op == nil || len(s.op.held) == 0 {
		return ""
	}
	h := one(g, s.op.held...)
	body := s.inner()
	body.loops++
	x := g.fresh("x")
	switch {
	case h.kind == "aggregate", h.agg != nil:
		return ""
	case h.kind == "list":
		body.add(x, h.value)
	case h.kind == "set":
		body.add(x, h.key)
	default:
		v := g.fresh("v")
		body.add(x, h.key).add(v, h.value)
		x += ", " + v
	}
	return fmt.Sprintf("for %s in %s {\n%s}", x, g.ranged(s, h), g.block(body))
}

// ranged is a state, or a range of one that is sorted.
func (g *generator) ranged(s *scope, h *held) string {
	if h.kind != "sorted" || g.chance(1, 3) {
		return h.name
	}
	from, to := g.entryKey(s, h), g.entryKey(s, h)
	return h.name + one(g, "["+from+".."+to+"]", "["+from+"..]", "[.."+to+"]", "[..]")
}

// lookUp reads a t from the states; "" if none of them has one.
func (g *generator) lookUp(s *scope, t types.Type) string {
	if s.op == nil || len(s.op.held) == 0 {
		return ""
	}
	h := one(g, s.op.held...)
	option, isOption := t.(*types.Option)
	list, isList := t.(*types.List)
	switch {
	case types.Is(t, types.Int) && h.kind != "aggregate":
		return g.ranged(s, h) + ".len"
	case types.Is(t, types.Bool) && h.key != nil:
		return "(" + g.entryKey(s, h) + " in " + h.name + ")"
	case isList && h.kind == "list" && types.Identical(list.Elem, h.value):
		return h.name + ".values"
	case isList && h.key != nil && types.Identical(list.Elem, h.key):
		return h.name + map[string]string{"set": ".values"}[h.kind] + map[bool]string{true: ".keys"}[h.kind != "set"]
	case isList && h.key != nil && h.kind != "set" && h.value != nil && types.Identical(list.Elem, h.value):
		return h.name + ".values"
	case isOption && h.agg != nil:
		return g.resultOf(s, h, option.Elem)
	case isOption && h.kind == "sorted" && types.Identical(option.Elem, h.key):
		return g.ranged(s, h) + one(g, ".first", ".last") + "?.key"
	case isOption && h.kind == "sorted" && h.value != nil && types.Identical(option.Elem, h.value) && g.chance(1, 2):
		return g.ranged(s, h) + one(g, ".first", ".last") + "?.value"
	case isOption && h.key != nil && h.kind != "set" && h.value != nil && types.Identical(option.Elem, h.value):
		return h.name + "[" + g.entryKey(s, h) + "]"
	}
	return ""
}

// resultOf reads the result of an aggregate, or a field of it, as a t?.
func (g *generator) resultOf(s *scope, h *held, t types.Type) string {
	name := h.name
	switch {
	case h.kind == "sorted" && g.chance(1, 2):
		name = h.name + "[" + g.entryKey(s, h) + "..]"
	case h.key != nil:
		name += "[" + g.entryKey(s, h) + "]"
	}
	if types.Identical(t, h.agg.result) {
		return name + ".result"
	}
	if r, ok := h.agg.result.(*types.Record); ok && r.Name == "" {
		for _, f := range r.Fields {
			if types.Identical(f.Type, t) {
				return name + ".result?." + f.Name
			}
		}
	}
	return ""
}
