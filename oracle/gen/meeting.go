package gen

import (
	"fmt"
	"strings"

	"github.com/flow-lang/flowc/typecheck/types"
)

// meet wires a step to which several streams come. All come from the one source,
// over steps without a key, so that the order of their records is promised.
func (g *generator) meet() {
	switch g.IntN(4) {
	case 0:
		g.splitAndUnite()
	case 1:
		g.join()
	default:
		g.gather()
	}
}

// branch declares a stream of some of the source's records.
func (g *generator) branch() (string, *types.Record) {
	elem, steps := g.simpleSteps(g.event, nil)
	s := (&scope{budget: g.budget(8), pure: true, calls: len(g.funcs)}).add("r", elem)
	steps = append(steps, fmt.Sprintf("filter(r => %s) on error skip", g.expr(s, boolT, 1)))
	name := g.fresh("branch")
	fmt.Fprintf(&g.wiring, "stream %s = events\n", name)
	for _, s := range steps {
		fmt.Fprintf(&g.wiring, "  |> %s\n", s)
	}
	g.wiring.WriteString("\n")
	return name, elem
}

// splitAndUnite parts the source's records, brings some together again, and
// keeps state of those.
func (g *generator) splitAndUnite() {
	s := (&scope{budget: g.budget(12), pure: true, calls: len(g.funcs)}).add("r", g.event)
	parts := g.fresh("parts")
	fmt.Fprintf(&g.wiring, "stream %s = events\n  |> split(hot: r => %s, cold: r => %s)%s\n\n", parts, g.expr(s, boolT, 2), g.expr(s, boolT, 2), g.skipped())
	for _, out := range []string{"", ".hot", ".cold"} {
		g.sink(parts+out, parts+strings.ReplaceAll(out, ".", "-"))
	}
	united := one(g, "union("+parts+")", "union("+parts+".cold)", "union("+parts+".cold, "+parts+")")
	op := g.keyed(g.event, true)
	g.stream(parts+".hot", []string{united, g.use(op)}, op)
}

// join adds a join of two streams by their keys.
func (g *generator) join() {
	left, le := g.branch()
	right, re := g.branch()
	kind := one(g, "inner", "left", "right", "full")
	step := ""
	switch uid := fmt.Sprintf(" uid %q", g.fresh("JOIN")); {
	case !g.timed || g.chance(1, 3):
		kind = one(g, "inner", "left")
		step = "temporal_join(%s)" + uid + " forever"
	case g.chance(1, 2):
		step = "window_join(%s, size: " + one(g, "5m", "1h") + one(g, "", ", lateness: 30s") + ")" + uid
	default:
		step = "interval_join(%s, between: " + one(g, "0s..10m", "-5m..5m", "-1h..0s") + ")" + uid
	}
	step = fmt.Sprintf(step, fmt.Sprintf("right: %s, on: (a, b) => a.k == b.k, kind: %s", right, kind))
	key := map[string]string{"inner": "left.k", "left": "left.k", "right": "right.k"}[kind]
	if key == "" {
		key = "left?.k ?? w.right?.k ?? " + g.literal(g.event.Fields[0].Type)
	}
	fields := append(joined("left", le, kind == "right" || kind == "full"), joined("right", re, kind == "left" || kind == "full")...)
	_, steps := g.shown(le, []string{step + g.skipped()}, key, fields)
	g.stream(left, steps, nil)
}

// joined lists what there is to see of one side of a join.
func joined(side string, elem *types.Record, lacking bool) []types.Field {
	var out []types.Field
	for _, f := range elem.Fields[:min(len(elem.Fields), 4)] {
		path, t := side+"."+f.Name, f.Type
		if lacking {
			if path = side + "?." + f.Name; !isOption(t) {
				t = optionOf(t)
			}
		}
		out = append(out, types.Field{Name: path, Type: t})
	}
	return out
}

// gather adds an operator with several inputs, of which one may be broadcast.
func (g *generator) gather() {
	op := &operator{name: g.fresh("op"), key: g.event.Fields[0].Type}
	g.outputs(op)
	s := &scope{budget: g.budget(60), op: op, noTimes: !g.timed, calls: len(g.funcs)}
	s.vars = append(s.vars, variable{text: "key", t: op.key})
	var heads, args, handlers []string
	first := ""
	elems := map[string]*types.Record{}
	for i := range 2 + g.few(2) {
		from, elem := g.branch()
		name := g.fresh("r")
		elems[name] = elem
		heads = append(heads, fmt.Sprintf("in %s: %s key %s.k", name, elem.Name, name))
		if i == 0 {
			first = from
			continue
		}
		args = append(args, name+": "+from)
	}
	shared := ""
	if g.chance(2, 3) {
		from, elem := g.branch()
		name := g.fresh("rule")
		heads = append(heads, fmt.Sprintf("in %s: %s broadcast", name, elem.Name))
		args = append(args, name+": "+from)
		decls, handler := g.broadcast(s, name, elem)
		shared, handlers = decls, append(handlers, handler)
	}
	params := g.operatorParams(s)
	states := g.statesOf(s) + g.heldOf(op, g.event) + g.timersOf(s)
	helpers := g.helpersOf(s)
	for i, head := range heads {
		name, _, _ := strings.Cut(strings.TrimPrefix(head, "in "), ":")
		elem := elems[name]
		if elem == nil {
			continue // the broadcast one
		}
		body := s.inner().add(name, elem)
		body.budget = g.budget(40)
		limits := ""
		if i == 0 {
			limits = g.limits(op)
		}
		handlers = append(handlers, fmt.Sprintf("on %s {\n%s}", name, lines(strings.SplitAfter(limits+g.handler(body), "\n"))))
	}
	handlers = append(handlers, g.timerHandlers(s)...)
	fmt.Fprintf(&g.ops, "operator %s%s {\n%s%s%s%s%s%s}\n\n", op.name, params, lines(heads), g.outDecls(op), shared, states, helpers, lines(handlers))
	use := fmt.Sprintf("%s(%s) uid %q%s", op.name, strings.Join(args, ", "), strings.ToUpper(op.name), g.policy())
	g.stream(first, []string{use}, op)
}

// broadcast declares state that all keys share and the handler that writes it,
// and makes known to s what can be read of it.
func (g *generator) broadcast(s *scope, name string, elem *types.Record) (decls, handler string) {
	inside := (&scope{budget: g.budget(25), calls: len(g.funcs)}).add(name, elem)
	writes := g.stmts(inside, g.IntN(3))
	e := func(t types.Type) string { return g.expr(inside, t, 2) }
	var b strings.Builder
	for range 1 + g.few(3) {
		st, t := g.fresh("sh"), g.stored()
		ttl := ""
		if g.timed {
			ttl = one(g, "", "", " ttl 1h", " ttl 5s after create")
		}
		k := g.keyType()
		switch g.IntN(5) {
		case 0:
			fmt.Fprintf(&b, "  state %s: broadcast value<%s>%s\n", st, t, ttl)
			s.vars = append(s.vars, variable{text: st, t: optionOf(t)})
			writes = append(writes, st+" = "+e(t))
		case 1:
			fmt.Fprintf(&b, "  state %s: broadcast value<%s> = %s%s\n", st, t, g.literal(t), ttl)
			s.vars = append(s.vars, variable{text: st, t: t})
			writes = append(writes, st+" = "+e(t), fmt.Sprintf("if %s { clear %s }", e(boolT), st))
		case 2:
			fmt.Fprintf(&b, "  state %s: broadcast %s<%s, %s>%s\n", st, one(g, "map", "sorted"), k, t, ttl)
			s.vars = append(s.vars, variable{text: st + "[" + g.literal(k) + "]", t: optionOf(t)}, variable{text: st + ".len", t: intT}, variable{text: st + ".keys", t: listOf(k)})
			writes = append(writes, st+"["+e(k)+"] = "+e(t), fmt.Sprintf("if %s { %s.remove(%s) }", e(boolT), st, e(k)))
		case 3:
			fmt.Fprintf(&b, "  state %s: broadcast set<%s>%s\n", st, k, ttl)
			s.vars = append(s.vars, variable{text: "(" + g.literal(k) + " in " + st + ")", t: boolT}, variable{text: st + ".len", t: intT})
			writes = append(writes, st+".add("+e(k)+")")
		default:
			agg := g.aggregate(elem, false)
			fmt.Fprintf(&b, "  state %s: broadcast aggregate<%s>%s\n", st, agg.text, ttl)
			s.vars = append(s.vars, variable{text: st + ".result", t: optionOf(agg.result)})
			writes = append(writes, st+".add("+name+")")
		}
	}
	return b.String(), fmt.Sprintf("on %s {\n%s}", name, lines(writes))
}
