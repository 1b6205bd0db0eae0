package plan

import (
	"fmt"
	"strings"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// Dump writes the plan as text, a task after the other: what is fused to it,
// what each output is handed to, and what was found out about the code. It is
// for goldens, and the same plan gives the same text.
func Dump(g *Graph) string {
	d := &dumper{graph: g}
	for _, s := range g.Sources {
		d.source(s)
	}
	for _, s := range g.Steps {
		if s.Task != nil {
			key := "no key"
			if s.IR.Op.Key != nil {
				key = s.IR.Op.Key.String()
			}
			d.line("shard %s by %s%s", name(s), key, d.traits(s))
			d.outputs(s)
			d.fused(s.Task)
		}
	}
	d.unused()
	return d.out.String()
}

type dumper struct {
	graph *Graph
	out   strings.Builder
}

func (d *dumper) line(format string, args ...any) { fmt.Fprintf(&d.out, format+"\n", args...) }

func (d *dumper) source(s *Source) {
	serial := ""
	if s.Serial {
		serial = ", serial"
	}
	d.line("lane %s%s", s.IR.Name, serial)
	d.handed("", s.Out)
	d.handed("on malformed ", s.OnMalformed)
	d.handed("on error ", s.OnError)
	d.fused(s.Task)
}

func (d *dumper) fused(t *Task) {
	for _, s := range t.Fused {
		d.line("  step %s%s", name(s), d.traits(s))
		d.outputs(s)
	}
}

func (d *dumper) outputs(s *Step) {
	for i, out := range s.Outs {
		label := ""
		if n := s.IR.Op.Outs[i].Name; n != "" {
			label = n + " "
		}
		d.handed(label, out)
	}
	for _, e := range s.Sends {
		waits := ""
		if e.Waits {
			waits = ", may wait"
		}
		d.line("    sends ~> %s.%s%s", name(e.Step), e.Input().Name, waits)
	}
	d.handed("on error ", s.OnError)
}

// handed lists what an output is handed to.
func (d *dumper) handed(label string, targets []Target) {
	for _, t := range targets {
		switch t := t.(type) {
		case StepTarget:
			d.line("    %s-> %s.%s", label, name(t.Step), t.Step.IR.Op.Ins[t.In].Name)
		case EdgeTarget:
			d.line("    %s=> %s.%s by %s", label, name(t.Edge.Step), t.Edge.Input().Name, keyText(t.Edge))
		case SinkTarget:
			d.line("    %s-> sink %s", label, t.Sink.IR.UID)
		}
	}
}

// keyText names the fields that are the key of an edge.
func keyText(e *Edge) string {
	if e.Input().Kind == ir.Plain {
		return "no key"
	}
	if e.Path == nil {
		return "a computed key"
	}
	t := e.Input().Elem
	var fields []string
	for _, i := range e.Path {
		f := t.(*types.Record).Fields[i]
		fields, t = append(fields, f.Name), f.Type
	}
	return strings.Join(fields, ".")
}

// name is the step's operator with the stream that it makes.
func name(s *Step) string {
	if outs := s.IR.Outputs; len(outs) > 0 && outs[0] != nil {
		return s.IR.Op.Name + "(" + outs[0].Name + ")"
	}
	return s.IR.Op.Name
}

// traits says what the code of a step can do.
func (d *dumper) traits(s *Step) string {
	list := ""
	for _, t := range []struct {
		is   bool
		name string
	}{
		{d.graph.Effects.Fails(s.IR.Op), "fails"},
		{s.Buffered, "waits with its emits"},
		{d.graph.Effects.ReadsParams(s.IR.Op), "reads parameters"},
		{d.graph.Effects.ReadsWatermark(s.IR.Op), "reads the watermark"},
	} {
		if t.is {
			list += ", " + t.name
		}
	}
	return list
}

// unused lists the fields of sources' records that nobody reads.
func (d *dumper) unused() {
	seen := map[*types.Record]bool{}
	for _, s := range d.graph.Sources {
		r, ok := s.IR.Out.Elem.(*types.Record)
		if !ok || seen[r] {
			continue
		}
		seen[r] = true
		for i, f := range r.Fields {
			if !d.graph.Uses.Field(r, i) {
				d.line("unused %s.%s", r, f.Name)
			}
		}
	}
}
