// Package plan turns the checked program into the graph of tasks that runs it.
//
// In goes an [ir.Program], out comes a [Graph]: which steps are fused into
// which task, where records change their shard, what each record is handed to,
// which fields of records anyone reads, and what each handler can do (fail,
// write, emit). It knows no syntax and no Go, and it never fails: what the
// checker let pass can be planned.
//
// A task is a lane of a source or a shard of a keyed step, with all the steps
// fused to it. Chains break at keyed steps only, so a stateless step belongs to
// every task that reaches it. Streams flow one way: a step stands after the
// steps that feed it, which makes the graph free of cycles.
package plan

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// Graph is a program as tasks and what flows between them.
type Graph struct {
	Program *ir.Program
	Sources []*Source
	Steps   []*Step // upstream before downstream
	Sinks   []*Sink
	Uses    *Uses
	Effects *Effects

	edges []*Edge
}

// Source is a source with what its records are handed to.
type Source struct {
	IR          *ir.Source
	Out         []Target
	OnMalformed []Target // what the policy "to" delivers to
	OnError     []Target // the same, for the event time
	// Serial asks for one lane that takes the blocks in order, because a step
	// fused to the source reads the watermark.
	Serial bool
	Task   *Task
}

// Step is an operator applied to streams.
type Step struct {
	IR      *ir.Step
	Outs    [][]Target // by index of Op.Outs
	Sends   []*Edge    // message inputs that it sends to, in order of the program
	OnError []Target   // what the policy "to" delivers to
	// Buffered says that what the handlers emit has to wait for their end,
	// because something after an emit can fail.
	Buffered bool
	// Task is the task that a keyed step heads; nil for a fused one.
	Task *Task
}

// Keyed reports whether the step heads a task: it holds its records by key, or
// has state without one, which is one for all records and lies in one shard.
func (s *Step) Keyed() bool {
	op := s.IR.Op
	return op.Key != nil || len(op.States)+len(op.Timers) > 0 ||
		slices.ContainsFunc(op.Ins, func(in *ir.In) bool { return in.Kind == ir.Broadcast })
}

// Sink is a sink.
type Sink struct {
	IR      *ir.Sink
	OnError []Target
}

// Target is what a record is handed to.
//
//sumtype:decl
type Target interface{ target() }

type (
	// StepTarget is a step fused to the task at hand.
	StepTarget struct {
		Step *Step
		In   int // index in Op.Ins
	}
	// EdgeTarget is an input of a keyed step, in the same or another shard.
	EdgeTarget struct{ Edge *Edge }
	// SinkTarget is a sink.
	SinkTarget struct{ Sink *Sink }
)

func (StepTarget) target() {}
func (EdgeTarget) target() {}
func (SinkTarget) target() {}

// Edge is an input of a keyed step.
type Edge struct {
	Step *Step
	In   int // index in Op.Ins
	// Path names the fields of the record that lead to its key, and is nil if
	// the key is computed. A computed key travels with the record, as does the key
	// that a message is sent to. A broadcast input has no key, nor has that of a
	// step without keys.
	Path []int
	// Waits says that some messages wait for a processing time.
	Waits bool
}

// Input returns the declaration of the edge's input.
func (e *Edge) Input() *ir.In { return e.Step.IR.Op.Ins[e.In] }

// Task is a lane of a source or a shard of a keyed step. Exactly one of Source
// and Step is set.
type Task struct {
	Source *Source
	Step   *Step
	Fused  []*Step // upstream before downstream
	Edges  []*Edge // that the task sends to, in order of the program
	Sinks  []*Sink // that it writes to, in order of the program
}

// Build plans a checked program.
func Build(p *ir.Program) *Graph {
	b := &builder{
		graph: &Graph{Program: p, Effects: effectsOf(p)},
		edges: map[*ir.Step][]*Edge{},
	}
	b.nodes()
	b.connect()
	b.tasks()
	b.graph.Uses = usesOf(b.graph)
	return b.graph
}

type builder struct {
	graph   *Graph
	edges   map[*ir.Step][]*Edge    // by index of Op.Ins; nil for inputs without key
	order   map[any]int             // of steps and sinks in the program
	readers map[*ir.Stream][]Target // what reads a stream
}

// nodes makes the sources, steps, sinks and edges.
func (b *builder) nodes() {
	g := b.graph
	for _, s := range g.Program.Sources {
		g.Sources = append(g.Sources, &Source{IR: s})
	}
	for _, s := range g.Program.Steps {
		step := &Step{IR: s, Buffered: g.Effects.buffered(s.Op)}
		g.Steps = append(g.Steps, step)
		edges := make([]*Edge, len(s.Op.Ins))
		for i, in := range s.Op.Ins {
			if !step.Keyed() {
				continue
			}
			edges[i] = &Edge{Step: step, In: i}
			if in.Kind == ir.Keyed {
				edges[i].Path = fieldPath(in.Key)
			}
			g.edges = append(g.edges, edges[i])
		}
		b.edges[s] = edges
	}
	for _, s := range g.Program.Sinks {
		g.Sinks = append(g.Sinks, &Sink{IR: s})
	}
}

// fieldPath returns the fields by which key reads its parameter, and nil if it
// does anything else. Names that an inlined lambda gives to values are looked
// through.
func fieldPath(key *ir.Lambda) []int {
	var path []int
	named := map[*ir.Local]ir.Expr{}
	e := key.Body
	for {
		switch x := e.(type) {
		case *ir.FieldOf:
			path = append([]int{x.Index}, path...)
			e = x.X
		case *ir.LocalRef:
			if x.Local == key.Params[0] {
				return path
			}
			if e = named[x.Local]; e == nil {
				return nil
			}
		case *ir.Do:
			for _, s := range x.Body {
				let, ok := s.(*ir.Let)
				if !ok || let.Local.Var {
					return nil
				}
				named[let.Local] = let.Value
			}
			e = x.Value
		default:
			return nil
		}
	}
}

// connect finds what each stream is handed to.
func (b *builder) connect() {
	g := b.graph
	b.index()
	for _, s := range g.Sources {
		s.Out = b.readers[s.IR.Out]
		s.OnMalformed = b.policy(s.IR.OnMalformed)
		s.OnError = b.policy(s.IR.OnError)
	}
	for _, s := range g.Steps {
		for _, out := range s.IR.Outputs {
			s.Outs = append(s.Outs, b.readers[out])
		}
		s.OnError = b.policy(s.IR.OnError)
		b.sends(s)
	}
	for _, s := range g.Sinks {
		s.OnError = b.policy(s.IR.OnError)
	}
}

// sends finds the message inputs that a step sends to.
func (b *builder) sends(s *Step) {
	to := map[*ir.In]bool{}
	if s.IR.Op.Remote != nil {
		for _, e := range b.graph.edges {
			if e.Input().Kind == ir.Message && types.Is(e.Step.IR.Op.Key, types.String) {
				to[e.Input()] = true
			}
		}
	}
	note := func(n ir.Node) bool {
		if send, ok := n.(*ir.Send); ok {
			to[send.In] = true
			e := b.graph.EdgeTo(send)
			e.Waits = e.Waits || send.After != nil
		}
		return true
	}
	for _, h := range s.IR.Op.Handlers {
		ir.InspectAll(h.Body, note)
	}
	for _, f := range b.graph.Effects.Called(s.IR.Op) {
		ir.InspectAll(f.Body, note)
	}
	if len(to) == 0 {
		return
	}
	for _, e := range b.graph.edges {
		if to[e.Input()] {
			s.Sends = append(s.Sends, e)
		}
	}
}

// indexOf returns the index in Ins of the n-th input that a stream is wired to.
func indexOf(op *ir.Operator, n int) int {
	for i, in := range op.Ins {
		if in.Kind == ir.Message {
			continue
		}
		if n == 0 {
			return i
		}
		n--
	}
	panic("plan: a step has more streams than inputs")
}

func (b *builder) policy(p ir.Policy) []Target {
	if p.Action != ir.To {
		return nil
	}
	return b.readers[p.To]
}

// index lists what reads each stream: steps first, then sinks, both in order of
// the program.
func (b *builder) index() {
	b.readers, b.order = map[*ir.Stream][]Target{}, map[any]int{}
	for i, s := range b.graph.Steps {
		b.order[s] = i
	}
	for i, s := range b.graph.Sinks {
		b.order[s] = i
	}
	for _, step := range b.graph.Steps {
		for n, in := range step.IR.Inputs {
			i := indexOf(step.IR.Op, n)
			var t Target = StepTarget{step, i}
			if edge := b.edges[step.IR][i]; edge != nil {
				t = EdgeTarget{edge}
			}
			b.readers[in] = append(b.readers[in], t)
		}
	}
	for _, sink := range b.graph.Sinks {
		b.readers[sink.IR.In] = append(b.readers[sink.IR.In], SinkTarget{sink})
	}
	delete(b.readers, nil) // nothing is handed to an input that is wired to nothing
}

// tasks finds for each task what is fused to it.
func (b *builder) tasks() {
	for _, s := range b.graph.Sources {
		s.Task = b.task(&Task{Source: s}, s.Out, s.OnMalformed, s.OnError)
		s.Serial = b.readsWatermark(s.Task.Fused)
	}
	for _, s := range b.graph.Steps {
		if s.Keyed() {
			s.Task = b.task(&Task{Step: s}, append([][]Target{s.OnError, edgeTargets(s.Sends)}, s.Outs...)...)
		}
	}
}

// task fills in what can be reached from roots without a change of task.
func (b *builder) task(t *Task, roots ...[]Target) *Task {
	r := &reached{map[*Step]bool{}, map[*Edge]bool{}, map[*Sink]bool{}, nil}
	for _, list := range roots {
		r.follow(list)
	}
	for _, s := range slices.Backward(r.order) {
		t.Fused = append(t.Fused, s)
	}
	for e := range r.edges {
		t.Edges = append(t.Edges, e)
	}
	slices.SortFunc(t.Edges, func(x, y *Edge) int {
		return cmp.Or(cmp.Compare(b.order[x.Step], b.order[y.Step]), cmp.Compare(x.In, y.In))
	})
	for s := range r.sinks {
		t.Sinks = append(t.Sinks, s)
	}
	slices.SortFunc(t.Sinks, func(x, y *Sink) int { return cmp.Compare(b.order[x], b.order[y]) })
	return t
}

func (b *builder) readsWatermark(steps []*Step) bool {
	for _, s := range steps {
		if b.graph.Effects.ReadsWatermark(s.IR.Op) {
			return true
		}
	}
	return false
}

// reached collects what a record can come to within one task.
type reached struct {
	steps map[*Step]bool
	edges map[*Edge]bool
	sinks map[*Sink]bool
	order []*Step // each after all that it feeds
}

func (r *reached) follow(list []Target) {
	for _, t := range list {
		switch t := t.(type) {
		case StepTarget:
			r.step(t.Step)
		case EdgeTarget:
			if !r.edges[t.Edge] {
				r.edges[t.Edge] = true
				r.follow(t.Edge.Step.OnError) // of a key that cannot be computed
			}
		case SinkTarget:
			if !r.sinks[t.Sink] {
				r.sinks[t.Sink] = true
				r.follow(t.Sink.OnError)
			}
		default:
			panic(fmt.Sprintf("plan: no such target %T", t))
		}
	}
}

func (r *reached) step(s *Step) {
	if r.steps[s] {
		return
	}
	r.steps[s] = true
	for _, out := range s.Outs {
		r.follow(out)
	}
	r.follow(edgeTargets(s.Sends))
	r.follow(s.OnError)
	r.order = append(r.order, s)
}

func edgeTargets(edges []*Edge) (list []Target) {
	for _, e := range edges {
		list = append(list, EdgeTarget{e})
	}
	return list
}

// EdgeTo returns the message input that a message is sent to.
func (g *Graph) EdgeTo(s *ir.Send) *Edge {
	for _, e := range g.edges {
		if e.Step.IR == s.To && e.Input() == s.In {
			return e
		}
	}
	panic("plan: a message is sent to a step that takes none")
}

// KeyOf returns the type that e's key has.
func (e *Edge) KeyOf() types.Type { return e.Step.KeyType() }

// KeyType returns the type of the step's keys. A step without keys has false as
// its only one.
func (s *Step) KeyType() types.Type {
	if s.IR.Op.Key == nil {
		return types.Of(types.Bool)
	}
	return s.IR.Op.Key
}

// Edges returns the inputs of all keyed steps, in order of the program.
func (g *Graph) Edges() []*Edge { return g.edges }
