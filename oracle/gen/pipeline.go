package gen

import (
	"fmt"
	"strings"

	"github.com/flow-lang/flowc/typecheck/types"
)

// pipeline writes the whole program.
func (g *generator) pipeline() {
	g.timed = g.chance(3, 4)
	g.makeTypes()
	g.source()
	g.makeFuncs()
	g.makeAggregates()
	g.ledger = g.has.Messages && g.mostly(1, 2)
	for range 1 + g.few(3)/2 {
		g.chain()
	}
	if g.has.Meetings && g.mostly(1, 3) {
		g.meet()
	}
	if g.ledger {
		g.makeLedger()
	}
}

// source declares the records that are read and where from.
func (g *generator) source() {
	fields := []types.Field{{Name: "k", Type: g.keyType()}, {Name: "at", Type: timestampT}}
	fields = append(fields, g.fields(1+g.few(5))...)
	if g.csv = g.chance(1, 8) && fitCells(fields); g.csv {
		for i := range fields {
			fields[i].Wire = ""
		}
	}
	g.event = g.makeRecord("Event", fields)
	clauses := []string{}
	if g.timed {
		clauses = append(clauses, one(g, "event time at", "event time at", "event time e => e.at"))
		if g.chance(2, 3) {
			clauses = append(clauses, "watermark lag "+one(g, "0s", "5s", "1h"))
		}
	}
	switch g.IntN(8) {
	case 0:
		g.strict = true
	case 1:
		clauses = append(clauses, "on malformed to broken")
	default:
		clauses = append(clauses, "on malformed skip")
	}
	connector := `jsonl("in.jsonl")`
	if g.csv {
		g.delimiter, g.header = one(g, ",", ",", ";", "\t"), g.chance(3, 4)
		connector = `csv("in.jsonl"` + map[string]string{";": `, delimiter: ";"`, "\t": `, delimiter: "\t"`}[g.delimiter]
		if !g.header {
			connector += ", header: false"
		}
		connector += ")"
	}
	fmt.Fprintf(&g.wiring, "source events: Event = %s {\n%s}\n\n", connector, lines(clauses))
	if clauses := strings.Join(clauses, ""); strings.HasSuffix(clauses, "broken") {
		g.sink("broken", "broken")
	}
}

// sink writes a stream to a file that is called as its uid.
func (g *generator) sink(stream, uid string) {
	policy := ""
	if g.chance(1, 6) {
		policy = " on error skip"
	}
	fmt.Fprintf(&g.wiring, "sink %s to jsonl(\"%s.jsonl\") uid %q%s\n\n", stream, uid, uid, policy)
	g.sinks = append(g.sinks, uid)
}

// chain wires some steps behind the source, and sinks behind them.
func (g *generator) chain() {
	wire, elem := "events", g.event
	var steps []string
	elem, steps = g.simpleSteps(elem, steps)
	if g.chance(1, 3) {
		op := g.stateless(elem)
		wire = g.stream(wire, append(steps, g.use(op)), op)
		elem, steps = op.outs[0].elem, nil
	}
	keyed := g.few(3)
	if g.size <= small && (g.has.Families || g.has.Held || g.has.Groups) {
		keyed = 1
	}
	for n := range keyed {
		op := g.keyed(elem, n > 0)
		wire = g.stream(wire, append(steps, g.use(op)), op)
		elem, steps = op.outs[0].elem, nil
		if g.chance(1, 3) {
			elem, steps = g.simpleSteps(elem, steps)
		}
	}
	if g.has.Library && g.mostly(1, 2) {
		_, steps = g.more(elem, steps)
	}
	if len(steps) > 0 || wire == "events" {
		g.stream(wire, append(steps, "filter(r => true)"), nil)
	}
}

// more adds steps that others have written, and gives steps a name.
func (g *generator) more(elem *types.Record, steps []string) (*types.Record, []string) {
	from := elem
	var own []string
	for range 1 + g.few(2) {
		if g.chance(1, 5) {
			own = g.generic(elem, own)
			continue
		}
		elem, own = g.libraryStep(elem, own)
	}
	if g.chance(1, 3) {
		own = g.fragment(from, elem, own)
	}
	return elem, append(steps, own...)
}

// stream declares a stream of steps, with sinks for it and the outputs of op.
func (g *generator) stream(from string, steps []string, op *operator) string {
	name := g.fresh("s")
	fmt.Fprintf(&g.wiring, "stream %s = %s\n", name, from)
	for _, s := range steps {
		fmt.Fprintf(&g.wiring, "  |> %s\n", s)
	}
	g.wiring.WriteString("\n")
	g.sink(name, name)
	if op == nil {
		return name
	}
	for _, o := range op.outs[1:] {
		g.sink(name+"."+o.name, name+"-"+o.name)
	}
	if strings.Contains(steps[len(steps)-1], "on error to ") {
		_, failed, _ := strings.Cut(steps[len(steps)-1], "on error to ")
		g.sink(failed, failed)
	}
	return name
}

// use applies op.
func (g *generator) use(op *operator) string {
	text := op.name
	if op.key != nil || len(op.states) > 0 {
		text += fmt.Sprintf(" uid %q", strings.ToUpper(op.name))
	}
	return text + g.policy()
}

// policy is what happens to records that fail: mostly they go on another way,
// because a job that stops shows nothing more.
func (g *generator) policy() string {
	switch g.IntN(8) {
	case 0:
		return ""
	case 1, 2, 3:
		return " on error skip"
	default:
		return " on error to " + g.fresh("failed")
	}
}

// simpleSteps adds filters and maps that keep the field k.
func (g *generator) simpleSteps(elem *types.Record, steps []string) (*types.Record, []string) {
	for range g.few(3) {
		s := (&scope{budget: g.budget(25), pure: true, calls: len(g.funcs)}).add("r", elem)
		policy := one(g, " on error skip", "", " on error skip")
		if g.chance(1, 2) {
			steps = append(steps, fmt.Sprintf("filter(r => %s)%s", g.expr(s, boolT, exprDepth), policy))
			continue
		}
		out := g.outRecord(elem.Fields[0].Type)
		fields := []string{"k: r.k"}
		for _, f := range out.Fields[1:] {
			value := g.expr(s, f.Type, exprDepth)
			if types.Is(f.Type, types.Float) || types.Is(f.Type, types.Float32) {
				value = g.finite(f.Type) + "(" + value + ")"
			}
			fields = append(fields, f.Name+": "+value)
		}
		steps = append(steps, fmt.Sprintf("map(r => %s { %s })%s", out.Name, strings.Join(fields, ", "), policy))
		elem = out
	}
	return elem, steps
}
