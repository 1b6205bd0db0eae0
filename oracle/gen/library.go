package gen

import (
	"fmt"
	"strings"

	"github.com/flow-lang/flowc/typecheck/types"
)

// libraryStep adds a step of the standard library that has a state, behind
// records with the field k, and what turns its records into such again.
func (g *generator) libraryStep(elem *types.Record, steps []string) (*types.Record, []string) {
	s := (&scope{budget: g.budget(10), pure: true, calls: len(g.funcs)}).add("r", elem)
	uid := fmt.Sprintf(" uid %q", g.fresh("LIB"))
	kept := uid + one(g, " forever", " forever", " ttl 2h")
	if !g.timed {
		kept = uid + " forever"
	}
	e := func(t types.Type) string { return g.expr(s, t, 2) }
	switch n := g.IntN(14); {
	case n == 0:
		return elem, append(steps, "latest(key: r => r.k)"+kept+g.skipped())
	case n == 1:
		of := g.someType(isComparable)
		if of == nil {
			of = intT
		}
		return elem, append(steps, fmt.Sprintf("changes(key: r => r.k, of: r => %s)%s%s", e(of), kept, g.skipped()))
	case n == 2 && g.timed:
		return elem, append(steps, fmt.Sprintf("dedupe(key: r => r.k, within: %s)%s%s", one(g, "1m", "1h", "1d"), uid, g.skipped()))
	case n == 3 && g.timed:
		return elem, append(steps, fmt.Sprintf("throttle(n: %d, per: %s, key: r => r.k, late: drop)%s%s", 1+g.IntN(3), one(g, "1m", "1h"), uid, g.skipped()))
	case n == 4:
		agg := g.aggregate(elem, false)
		step := fmt.Sprintf("running(key: r => r.k, agg: %s)%s%s", lambda(agg), kept, g.skipped())
		return g.shown(elem, append(steps, step), "key", []types.Field{{Name: "value", Type: agg.result}})
	case n == 5 || !g.timed:
		// The key stays: under another one, records of several keys would meet, in
		// an order that nothing promises.
		return elem, append(steps, fmt.Sprintf("flat_map(r => %s.map(x => x with { k: r.k }))%s", e(listOf(elem)), g.skipped()))
	case n == 6:
		by := one(g, intT, stringT, timestampT)
		step := fmt.Sprintf("top(n: %d, key: r => r.k, by: r => %s, per: %s%s)%s%s", 1+g.IntN(3), e(by), one(g, "10m", "1h"), g.lateness(), uid, g.skipped())
		return g.shown(elem, append(steps, step), "key", windowFields(listOf(elem)))
	case n == 9:
		step := fmt.Sprintf("pattern(key: r => r.k, steps: [r => %s, r => %s%s], within: %s%s)%s%s", e(boolT), e(boolT),
			one(g, "", ", r => true"), one(g, "10m", "1h"), one(g, "", ", strict: true"), uid, g.skipped())
		return g.shown(elem, append(steps, step), "key", windowFields(listOf(elem)))
	default:
		return g.window(elem, steps, uid)
	}
}

// window adds a step that gathers the records of spans of time.
func (g *generator) window(elem *types.Record, steps []string, uid string) (*types.Record, []string) {
	kind := one(g, "tumbling", "tumbling", "sliding", "cumulative", "count_window", "session")
	agg := g.aggregate(elem, kind == "sliding" || kind == "cumulative" || kind == "session")
	args := map[string]string{
		"tumbling":     "size: " + one(g, "5m", "1h"),
		"sliding":      one(g, "size: 10m, every: 5m", "size: 15m, every: 10m", "size: 1h, every: 1h"),
		"session":      "gap: " + one(g, "1m", "10m"),
		"cumulative":   one(g, "step: 5m, size: 15m", "step: 1h, size: 1h"),
		"count_window": fmt.Sprintf("n: %d", 1+g.IntN(4)),
	}[kind]
	if kind == "count_window" {
		uid += " forever"
	} else {
		args += g.lateness()
	}
	step := fmt.Sprintf("%s(%s, key: r => r.k, agg: %s)%s%s", kind, args, lambda(agg), uid, g.skipped())
	return g.shown(elem, append(steps, step), "key", windowFields(agg.result))
}

// lambda is an aggregate as an argument, whose parameter's type is known.
func lambda(agg *folded) string {
	_, body, _ := strings.Cut(agg.text, " => ")
	return "r => " + body
}

func windowFields(value types.Type) []types.Field {
	return []types.Field{{Name: "start", Type: timestampT}, {Name: "end", Type: timestampT}, {Name: "value", Type: value}}
}

func (g *generator) lateness() string {
	return one(g, "", ", lateness: 1h", ", lateness: 30s", ", late: drop")
}

func (g *generator) skipped() string { return one(g, " on error skip", "", " on error skip") }

// shown maps records whose key is called otherwise to ones with the field k.
func (g *generator) shown(elem *types.Record, steps []string, key string, from []types.Field) (*types.Record, []string) {
	fields := []types.Field{{Name: "k", Type: elem.Fields[0].Type}}
	values := []string{"k: w." + key}
	add := func(path string, t types.Type) {
		name := fmt.Sprintf("f%d", len(fields))
		fields = append(fields, types.Field{Name: name, Type: t})
		value := "w." + path
		if types.Is(t, types.Float) || types.Is(t, types.Float32) {
			value = g.finite(t) + "(" + value + ")"
		}
		values = append(values, name+": "+value)
	}
	for _, f := range from {
		r, ok := f.Type.(*types.Record)
		if !ok || r.Name != "" {
			add(f.Name, f.Type)
			continue
		}
		for _, inner := range r.Fields {
			add(f.Name+"."+inner.Name, inner.Type)
		}
	}
	out := g.makeRecord(g.fresh("Out"), fields)
	g.pool = g.pool[:len(g.pool)-1]
	return out, append(steps, fmt.Sprintf("map(w => %s { %s }) on error skip", out.Name, strings.Join(values, ", ")))
}

// generic writes an operator over any record, which is given functions of it,
// and the step that uses it.
func (g *generator) generic(elem *types.Record, steps []string) []string {
	name, of := g.fresh("gen"), one(g, intT, stringT, boolT, durationT)
	s := (&scope{budget: g.budget(8), pure: true, calls: len(g.funcs)}).add("r", elem)
	limit := 1 + g.IntN(3)
	fmt.Fprintf(&g.ops, `operator %[1]s<T, K>(key: (T) -> K, of: (T) -> %[2]s, most: int shapes state = %[3]d, mode: bool shapes state = false) {
  require most > 0, "most must be above nothing"
  type Kept = if mode { T } else { %[2]s }
  in x: T key key(x)
  out T
  out rest: T
  state last: value<Kept> forever
  state seen: value<int> = 0 forever
  on x {
    seen += 1
    if mode {
      last = x
    } else {
      if let l = last { if l == of(x) { drop } }
      last = of(x)
    }
    if seen %% (most + 1) == 0 { emit rest x } else { emit x }
  }
}

`, name, of, limit)
	return append(steps, fmt.Sprintf("%s(key: r => r.k, of: r => %s%s) uid %q%s", name, g.expr(s, of, 2),
		one(g, "", ", most: 2", ", mode: true", ", most: 3, mode: true"), strings.ToUpper(name), g.skipped()))
}

// fragment gives steps a name and uses them by it.
func (g *generator) fragment(from, to *types.Record, steps []string) []string {
	if len(steps) == 0 {
		return steps
	}
	name := g.fresh("piece")
	fmt.Fprintf(&g.wiring, "fragment %s(s: stream<%s>) -> stream<%s> = s\n", name, from.Name, to.Name)
	for _, s := range steps {
		fmt.Fprintf(&g.wiring, "  |> %s\n", s)
	}
	g.wiring.WriteString("\n")
	return []string{fmt.Sprintf("%s uid %q", name, strings.ToUpper(name))}
}
