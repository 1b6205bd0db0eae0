package typecheck

import (
	"slices"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/ir"
)

// wired is what a stream's name or a step stands for: a main output and named
// ones.
type wired struct {
	main *ir.Stream // nil if there is none
	outs map[string]*ir.Stream
	// missing says of named outputs that the step's arguments leave out which would
	// bring them.
	missing map[string]string
	bad     bool // its mistake is reported already
	op      string
	span    source.Span // of the operator that has no main output
}

// wiring is a piece of wiring while it is checked.
type wiring struct {
	*coder
	name   string // of the stream that it makes
	prefix string // of the uids inside a fragment: "front/"
	inside string // the fragment's name, or ""
}

// checkStreams checks the wiring of every stream.
func (c *checker) checkStreams() {
	for _, e := range c.main.order {
		if _, ok := e.decl.(*lang.StreamDecl); ok {
			c.wireOf(e)
		}
	}
	c.drain()
}

// wireOf returns what a stream's name stands for. It is worked out at its first
// use, so that streams may stand in any order.
func (c *checker) wireOf(e *entry) *wired {
	if e.wire != nil {
		return e.wire
	}
	if e.wiring {
		c.add(mistake(StreamCycle, e.span, "the stream %s feeds itself", e.name).
			help("a stream is made from streams before it; to keep what was seen, use state"))
		e.wire = &wired{bad: true}
		return e.wire
	}
	e.wiring = true
	var w *wired
	switch d := e.decl.(type) {
	case *lang.StreamDecl:
		k := &coder{c, &frame{kind: pureCode, what: "the argument of a step"}, &scope{mod: e.mod}}
		w = (&wiring{coder: k, name: e.name}).wire(d.Wire)
	case nil:
		w = c.resolveFailed(e)
	default:
		w = &wired{bad: true}
	}
	e.wiring = false
	if e.wire == nil {
		e.wire = w
	}
	return e.wire
}

// wire checks a head and the steps that it passes through.
func (w *wiring) wire(e *lang.WireExpr) *wired {
	last := len(e.Steps) == 0
	out := w.head(e, last)
	for i, s := range e.Steps {
		left := w.mainOf(out, s.Op.Span())
		last = i == len(e.Steps)-1
		out = w.step(&stepUse{left: left, bad: left == nil, op: s.Op, args: s.Args, clauses: &s.Clauses, span: s.Span(), last: last})
	}
	return out
}

// mainOf returns the main output of out, nil if it has none.
func (w *wiring) mainOf(out *wired, span source.Span) *ir.Stream {
	if out.main != nil {
		w.read(out.main)
		return out.main
	}
	if !out.bad {
		names := sortedKeys(out.outs)
		m := mistake(UnknownOutput, span, "%s has no main output", out.op).note(out.span, "%s is declared here", out.op)
		if len(names) > 0 {
			m = m.help("name the output: give the stream a name s, and read s.%s", names[0])
		}
		w.add(m.help("declare one: out T"))
	}
	return nil
}

// read notes that somebody reads a stream.
func (c *checker) read(s *ir.Stream) {
	if s.Step != nil {
		s.Step.Outputs[s.Out] = s
	}
	if s.Failed {
		c.failed[s.Name].read = true
	}
}

// head checks where a wiring begins: a stream, or a step applied as a call.
func (w *wiring) head(e *lang.WireExpr, last bool) *wired {
	call, ok := e.Head.(*lang.CallExpr)
	if !ok {
		out := w.streamRef(e.Head)
		if e.Clauses.UID != nil {
			w.add(mistake(Misplaced, e.Clauses.UID.Span(), "a stream has no uid, only its steps have").help("leave it out"))
		}
		return out
	}
	name := qualifiedName(call.Fun)
	if name == nil {
		w.add(mistake(UnknownOperator, call.Fun.Span(), "a wiring begins with a stream or with an operator applied to one").
			help("write readings |> filter(r => …)"))
		return &wired{bad: true}
	}
	return w.step(&stepUse{op: name, args: call.Args, clauses: &e.Clauses, span: call.Span(), last: last})
}

// streamRef resolves a stream's name, or one of its named outputs.
func (w *wiring) streamRef(e lang.Expr) *wired {
	switch e := e.(type) {
	case *lang.IdentExpr:
		return w.streamCalled(e)
	case *lang.ParenExpr:
		return w.streamRef(e.X)
	case *lang.FieldExpr:
		of := w.streamRef(e.X)
		if of.bad {
			return of
		}
		if s := of.outs[e.Name.Text]; s != nil && !e.Optional {
			return &wired{main: s}
		}
		m := mistake(UnknownOutput, e.Name.Span(), "%s has no output %q", streamText(e.X), e.Name.Text).meant(e.Name.Text, sortedKeys(of.outs))
		if step := before(of.main, e.Name.Text); step != nil {
			m = m.help("%s, further up, has it: make a stream of its own of what ends with that step, and read .%s of it", step.Name, e.Name.Text)
		}
		if why := of.missing[e.Name.Text]; why != "" {
			m = m.help("%s", why)
		}
		if len(of.outs) == 0 {
			m = m.help("it has the main output only: write %s", streamText(e.X))
		}
		w.add(m.help("%s", listed("output", sortedKeys(of.outs))))
	case *lang.BadExpr:
	default:
		w.add(mistake(UnknownStream, e.Span(), "a stream's name is wanted here").help("name a source or a stream"))
	}
	return &wired{bad: true}
}

// before returns the nearest step on the way to s that has a named output, nil if
// none has.
func before(s *ir.Stream, name string) *ir.Step {
	for s != nil && s.Step != nil {
		if slices.ContainsFunc(s.Step.Op.Outs, func(o *ir.Out) bool { return o.Name == name }) {
			return s.Step
		}
		if len(s.Step.Inputs) == 0 {
			return nil
		}
		s = s.Step.Inputs[0]
	}
	return nil
}

// streamText writes a stream's name as it stands in the program.
func streamText(e lang.Expr) string {
	switch e := e.(type) {
	case *lang.IdentExpr:
		return e.Name
	case *lang.FieldExpr:
		return streamText(e.X) + "." + e.Name.Text
	case *lang.ParenExpr:
		return streamText(e.X)
	}
	return "it"
}

func (w *wiring) streamCalled(e *lang.IdentExpr) *wired {
	if b := w.scope.find(e.Name); b != nil {
		b.used = true
		if b.stream != nil {
			return b.stream
		}
		w.add(mistake(UnknownStream, e.Span(), "%q is %s, no stream", e.Name, b.what).
			note(b.span, "%s is declared here", b.name).help("its type would be stream<T>"))
		return &wired{bad: true}
	}
	own := w.scope.mod.lookup(e.Name)
	if own == nil {
		names := append(w.scope.mod.candidates((*entry).isStream), w.scope.visible(func(b *binding) bool { return b.stream != nil })...)
		w.add(mistake(UnknownStream, e.Span(), "unknown stream %q", e.Name).once().meant(e.Name, names).
			help("declare it: source %s: T = …, or stream %s = …", e.Name, e.Name))
		return &wired{bad: true}
	}
	own.used = true
	if !own.isStream() {
		m := mistake(UnknownStream, e.Span(), "%q is %s, no stream", e.Name, own.kindOf()).note(own.span, "%s is declared here", own.name)
		if own.isOperator() {
			m = m.help("apply it to a stream: … |> %s", e.Name)
		}
		w.add(m.meant(e.Name, w.scope.mod.candidates((*entry).isStream)).help("name a source or a stream"))
		return &wired{bad: true}
	}
	return w.wireOf(own)
}
