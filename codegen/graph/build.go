package graph

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/plan"
)

// Of describes a plan.
func Of(g *plan.Graph) *Document {
	job := plan.Schema(g)
	b := &builder{
		doc: &Document{
			Version: Version, Pipeline: g.Program.Name,
			Sources: []Source{}, Steps: []Step{}, Sinks: []Sink{}, Edges: []Edge{}, Tasks: []Task{},
		},
		steps: map[*plan.Step]string{},
	}
	for i, s := range g.Sources {
		b.source(s, job.Sources[i].Type)
	}
	b.identify(g.Steps)
	operators := job.Operators
	for _, s := range g.Steps {
		var held schema.Operator
		if plan.HoldsState(s.IR.Op) {
			held, operators = operators[0], operators[1:]
		}
		b.step(s, held)
	}
	for i, s := range g.Sinks {
		b.sink(s, job.Sinks[i].Type)
	}
	b.connect(g)
	b.tasks(g)
	return b.doc
}

type builder struct {
	doc   *Document
	steps map[*plan.Step]string // IDs
}

// identify gives each step its ID. Steps without uid may stand at one place in
// the text, when a fragment is used twice: they are numbered.
func (b *builder) identify(steps []*plan.Step) {
	seen := map[string]int{}
	for _, s := range steps {
		id := "step/" + s.IR.UID
		if s.IR.UID == "" {
			id += s.IR.Name + "@" + s.IR.Pos.String()
		}
		seen[id]++
		if n := seen[id]; n > 1 {
			id = fmt.Sprintf("%s#%d", id, n)
		}
		b.steps[s] = id
	}
}

func sourceID(s *plan.Source) string { return "source/" + s.IR.UID }
func sinkID(s *plan.Sink) string     { return "sink/" + s.IR.UID }

func (b *builder) source(s *plan.Source, t schema.Type) {
	out := Source{
		ID: sourceID(s), UID: s.IR.UID, Name: s.IR.Name, Doc: joined(s.IR.Doc), Position: s.IR.Pos.String(),
		Connector: connectorOf(s.IR.Connector), Type: t, EventTime: s.IR.EventTime != nil, InOrder: s.Serial,
		OnMalformed: policyOf(s.IR.OnMalformed), OnError: policyOf(s.IR.OnError),
	}
	if out.EventTime {
		out.Lag = duration(s.IR.Lag)
	}
	if s.IR.Idle > 0 {
		out.Idle = duration(s.IR.Idle)
	}
	b.doc.Sources = append(b.doc.Sources, out)
}

func (b *builder) step(s *plan.Step, held schema.Operator) {
	op := s.IR.Op
	out := Step{
		ID: b.steps[s], UID: s.IR.UID, Name: s.IR.Name, Doc: joined(s.IR.Doc), Position: s.IR.Pos.String(),
		Library: op.Library != "", Inputs: []Input{}, Outputs: []Output{},
		Timers: held.Timers, OnError: policyOf(s.IR.OnError),
	}
	if op.Key != nil {
		out.Key = op.Key.String()
	}
	for _, p := range op.Params {
		out.Arguments = append(out.Arguments, Argument{p.Local.Name, plan.Shown(p.Value)})
	}
	for i, st := range held.States {
		out.States = append(out.States, State{st, declaration(&st, op, op.States[i])})
	}
	for _, in := range op.Ins {
		input := Input{Name: in.Name, Type: in.Elem.String()}
		input.Message = in.Kind == ir.Message
		if in.Key != nil {
			input.Key = plan.Shown(in.Key.Body)
		}
		out.Inputs = append(out.Inputs, input)
	}
	for i, o := range s.IR.Outputs {
		if o != nil {
			out.Outputs = append(out.Outputs, Output{op.Outs[i].Name, o.Name, o.Elem.String()})
		}
	}
	b.doc.Steps = append(b.doc.Steps, out)
}

// declaration writes a state as in Flow. A ttl that a parameter of the operator
// gives is no constant, which the schema does not have.
func declaration(s *schema.State, op *ir.Operator, state *ir.State) string {
	text := s.String()
	if state.TTL != nil && s.Retention.TTL == 0 {
		bare := *s
		bare.Retention = schema.Retention{}
		text = bare.String() + " ttl " + plan.Shown(state.TTL.For, op.Params...) + " after " + string(s.Retention.After)
		switch {
		case state.TTL.Processing:
			text += " processing time"
		case state.TTL.Watermark:
			text += " by watermark"
		}
	}
	if s.Queryable != "" {
		text += " queryable " + quoted(s.Queryable)
	}
	return text
}

func (b *builder) sink(s *plan.Sink, t schema.Type) {
	out := Sink{
		ID: sinkID(s), UID: s.IR.UID, Name: s.IR.Name, Doc: joined(s.IR.Doc), Position: s.IR.Pos.String(),
		Connector: connectorOf(s.IR.Connector), Type: t, Guarantee: "at least once", OnError: policyOf(s.IR.OnError),
	}
	if s.IR.ExactlyOnce {
		out.Guarantee = "exactly once"
	}
	b.doc.Sinks = append(b.doc.Sinks, out)
}

// connect lists the edges, in order of the nodes they come from.
func (b *builder) connect(g *plan.Graph) {
	for _, s := range g.Sources {
		b.edges(sourceID(s), s.IR.Out, Records, s.Out)
		b.edges(sourceID(s), s.IR.OnMalformed.To, Malformed, s.OnMalformed)
		b.edges(sourceID(s), s.IR.OnError.To, Failed, s.OnError)
	}
	for i, s := range g.Steps {
		for i, out := range s.Outs {
			b.edges(b.steps[s], s.IR.Outputs[i], Records, out)
		}
		b.edges(b.steps[s], s.IR.OnError.To, Failed, s.OnError)
		for _, e := range s.Sends {
			in := e.Input()
			b.doc.Edges = append(b.doc.Edges, Edge{
				From: b.steps[s], To: b.steps[e.Step], Input: in.Name, Type: in.Elem.String(), Kind: Message, Carries: Records,
			})
			step := &b.doc.Steps[i]
			step.Sends = append(step.Sends, Send{To: e.Step.IR.UID, Type: in.Elem.String()})
		}
	}
	for _, s := range g.Sinks {
		b.edges(sinkID(s), s.IR.OnError.To, Failed, s.OnError)
	}
}

func (b *builder) edges(from string, stream *ir.Stream, what Carries, to []plan.Target) {
	for _, t := range to {
		e := Edge{From: from, Stream: stream.Name, Type: stream.Elem.String(), Carries: what}
		switch t := t.(type) {
		case plan.StepTarget:
			e.To, e.Input, e.Kind = b.steps[t.Step], t.Step.IR.Op.Ins[t.In].Name, Fused
		case plan.EdgeTarget:
			e.To, e.Input, e.Kind = b.steps[t.Edge.Step], t.Edge.Input().Name, Exchange
			if t.Edge.Input().Kind == ir.Broadcast {
				e.Kind = Broadcast
			}
		case plan.SinkTarget:
			e.To, e.Kind = sinkID(t.Sink), Write
		default:
			panic(fmt.Sprintf("graph: no such target %T", t))
		}
		b.doc.Edges = append(b.doc.Edges, e)
	}
}

func (b *builder) tasks(g *plan.Graph) {
	for _, s := range g.Sources {
		b.task(sourceID(s), s.Task)
	}
	for _, s := range g.Steps {
		if s.Task != nil {
			b.task(b.steps[s], s.Task)
		}
	}
}

func (b *builder) task(head string, t *plan.Task) {
	out := Task{Head: head, Fused: []string{}}
	for _, s := range t.Fused {
		out.Fused = append(out.Fused, b.steps[s])
	}
	b.doc.Tasks = append(b.doc.Tasks, out)
}

func connectorOf(c *ir.Connector) Connector {
	out := Connector{Name: c.Name, Arguments: []Argument{}}
	for _, name := range slices.Sorted(maps.Keys(c.Args)) {
		out.Arguments = append(out.Arguments, Argument{name, connectorValue(c.Args[name])})
	}
	return out
}

// connectorValue is an argument of a connector as in Flow.
func connectorValue(e ir.Expr) string {
	if s, ok := e.(*ir.StringConst); ok && s.Value == ir.StdPath {
		return ir.StdPath
	}
	return plan.Shown(e)
}

func policyOf(p ir.Policy) string {
	switch p.Action {
	case ir.Skip:
		return "skip"
	case ir.To:
		return "to " + p.To.Name
	default:
		return "fail"
	}
}

func joined(doc []string) string {
	lines := make([]string, len(doc))
	for i, l := range doc {
		lines[i] = strings.TrimSpace(l)
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}
