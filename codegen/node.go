package codegen

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/plan"
	"github.com/flow-lang/flowc/typecheck/types"
)

// node is a Go type that handles records inside a task: a lane, a step, a sink,
// or the sender to an edge. All hold the task, what they pass records on to, and
// what they need besides.
type node struct {
	g       *generator
	name    string // of the Go type
	members *nameScope
	file    *file // where it is declared

	embedded jen.Code // nil if nothing is
	fields   []jen.Code
	inits    []initFunc
	links    []link
	taps     []tapOf
	methods  []jen.Code

	task, fault, params bool // which fields that many types have it needs
}

// initFunc gives a field and what it holds to begin with.
type initFunc func(w *wiring) (field string, value jen.Code)

// link is a field that leads to what records are passed on to.
type link struct {
	target any // *plan.Step, *plan.Sink or *plan.Edge
	field  string
}

// newNode begins a Go type that is called want, if that is free.
func (g *generator) newNode(want string, f *file) *node {
	return &node{g: g, name: g.names.pick(want), members: newNames(nil, "t", "f", "p", "init"), file: f}
}

// needTask gives the type its task.
func (n *node) needTask() *jen.Statement {
	n.task = true
	return self("t")
}

// needFault gives the type the fault of its task.
func (n *node) needFault() *jen.Statement {
	n.fault = true
	return self("f")
}

// needParams gives the type the parameters given at start.
func (n *node) needParams() *jen.Statement {
	n.params, n.g.wiresParams = true, true
	return self("p")
}

// common lists the fields that every type has if it needs them.
func (n *node) common() (fields []jen.Code, inits []initFunc) {
	add := func(need bool, name string, t, value *jen.Statement) {
		if need {
			fields = append(fields, jen.Id(name).Op("*").Add(t))
			inits = append(inits, func(*wiring) (string, jen.Code) { return name, value })
		}
	}
	add(n.task, "t", jen.Qual(rtPath, "Task"), jen.Id("t"))
	add(n.fault, "f", jen.Qual(valuePath, "Fault"), jen.Id("t").Dot("Fault").Call())
	add(n.params, "p", jen.Id("params"), jen.Id("p"))
	return fields, inits
}

// allInits lists what the fields hold to begin with.
func (n *node) allInits() []initFunc {
	_, inits := n.common()
	return append(inits, n.inits...)
}

// field adds a field to the type; value is what it holds to begin with, nil for
// zero.
func (n *node) field(want string, t jen.Code, value func(w *wiring) jen.Code) string {
	name := n.members.pick(want)
	n.fields = append(n.fields, jen.Id(name).Add(t))
	if value != nil {
		n.inits = append(n.inits, func(w *wiring) (string, jen.Code) { return name, value(w) })
	}
	return name
}

// link returns the field that leads to a target, and adds it first if it is not
// there yet.
func (n *node) link(t plan.Target) string {
	var key any
	var want string
	var typ *jen.Statement
	switch t := t.(type) {
	case plan.StepTarget:
		s := n.g.steps[t.Step]
		key, want, typ = t.Step, s.name, jen.Op("*").Id(s.name)
	case plan.SinkTarget:
		s := n.g.sinks[t.Sink]
		key, want, typ = t.Sink, s.name, jen.Op("*").Id(s.name)
	case plan.EdgeTarget:
		e := n.g.edges[t.Edge]
		key, want, typ = t.Edge, e.want, e.linkType()
	default:
		panic(fmt.Sprintf("codegen: no such target %T", t))
	}
	for _, l := range n.links {
		if l.target == key {
			return l.field
		}
	}
	field := n.field(want, typ, func(w *wiring) jen.Code { return w.instance(key) })
	n.links = append(n.links, link{key, field})
	return field
}

// outlet is where a node passes on the records of one output.
type outlet struct {
	node    *node
	targets []plan.Target
	elem    types.Type
	tap     *tap   // nil if nothing shows the records
	method  string // of the node, if there are several targets
}

// outlet returns the outlet for a stream, nil of an output that nobody reads, and
// what it is handed to. If that are several, a method called want passes a record
// to all of them:
//
//	// emit passes a record on.
//	func (s *readings) emit(r *Reading, m rt.Meta) {
//		s.hot.onR(r, m)
//		s.allSink.write(r, m)
//	}
func (n *node) outlet(want string, s *ir.Stream, targets []plan.Target, elem types.Type) *outlet {
	o := &outlet{node: n, targets: targets, elem: elem, tap: n.tap(s, targets)}
	for _, t := range targets {
		n.link(t)
	}
	if len(targets) < 2 {
		return o
	}
	o.method = n.members.pick(want)
	record := operand{code: jen.Id("r"), prec: precPrimary, t: elem, pointer: true}
	var body []jen.Code
	if o.tap != nil {
		body = append(body, o.tap.code(record))
	}
	for _, t := range targets {
		body = append(body, o.hand(t, record, jen.Id("m")))
	}
	n.addMethod(comment("%s passes a record on.", o.method).
		Func().Params(n.receiver()).Id(o.method).Params(n.g.recordParams(elem)...).Block(body...))
	return o
}

// receiver writes s *name.
func (n *node) receiver() *jen.Statement { return jen.Id(receiver).Op("*").Id(n.name) }

// recordParams writes r *T, m rt.Meta.
func (g *generator) recordParams(elem types.Type) []jen.Code {
	return []jen.Code{jen.Id("r").Op("*").Add(g.goType(elem)), jen.Id("m").Qual(rtPath, "Meta")}
}

// hand hands the record v to one target. For an edge it lies in a variable.
func (o *outlet) hand(t plan.Target, v operand, meta *jen.Statement) jen.Code {
	field := self(o.node.link(t))
	switch t := t.(type) {
	case plan.StepTarget:
		return field.Dot(o.node.g.steps[t.Step].inputs[t.In]).Call(pointer(v), meta)
	case plan.SinkTarget:
		return field.Dot("write").Call(pointer(v), meta)
	case plan.EdgeTarget:
		return o.node.g.edges[t.Edge].send(field, v, meta)
	default:
		panic(fmt.Sprintf("codegen: no such target %T", t))
	}
}

// emit writes the statements that pass v on.
func (o *outlet) emit(c *coder, v operand, meta *jen.Statement) {
	if len(o.targets) == 0 {
		discarded(c, v)
		return
	}
	if !v.pointer && !v.addressable && (o.readsKey() || o.tap != nil || !v.lit) {
		v = c.temp(o.word(), v)
	}
	if o.method != "" {
		c.add(self(o.method).Call(pointer(v), meta))
		return
	}
	if o.tap != nil {
		c.add(o.tap.code(v))
	}
	c.add(o.hand(o.targets[0], v, meta))
}

// word names a variable for a record of the output.
func (o *outlet) word() string {
	if r, ok := o.elem.(*types.Record); ok && r.Name != "" {
		return unexported(o.node.g.record(r).name)
	}
	return "out"
}

// readsKey reports whether passing a record on reads its key.
func (o *outlet) readsKey() bool {
	if len(o.targets) != 1 {
		return false
	}
	_, edge := o.targets[0].(plan.EdgeTarget)
	return edge
}

// addMethod adds a method, which will stand below the type.
func (n *node) addMethod(method jen.Code) { n.methods = append(n.methods, method) }

// declare writes the Go type and its methods.
func (n *node) declare(doc *jen.Statement) {
	fields, _ := n.common()
	if n.embedded != nil {
		fields = append([]jen.Code{n.embedded, jen.Line()}, fields...)
	}
	n.file.add(doc.Type().Id(n.name).Struct(append(fields, n.fields...)...))
	n.file.add(n.methods...)
}

// failure writes what happens to a record whose handler has failed. record is
// the record as JSON, nil for a timer; whole is a pointer to it, nil likewise.
type failure struct {
	node   *node
	step   string // as messages name it
	method string // of the task, that stops the job or counts the record
	policy ir.Policy
	out    *outlet    // for the policy "to"
	at     source.Pos // of a step whose operator is of the library
}

// newFailure returns the failure of a node under a policy.
func (n *node) newFailure(step string, policy ir.Policy, targets []plan.Target) *failure {
	f := &failure{node: n, step: step, method: "Failed", policy: policy}
	if policy.Action == ir.To {
		f.out = n.outlet("emitFailed", policy.To, targets, policy.To.Elem)
	}
	return f
}

// code deals with the fault of a record, to which r points; r is nil for a
// timer. elem is its type.
func (f *failure) code(c *coder, r *jen.Statement, elem types.Type, meta *jen.Statement) {
	if f.at.IsValid() {
		c.add(f.node.needFault().Dot("CalledAt").Call(f.node.g.at(f.at)))
	}
	policy, shown := "PolicySkip", jen.Nil()
	switch f.policy.Action {
	case ir.To:
		f.deliver(c, r, elem, meta)
		return
	case ir.Fail:
		policy = "PolicyFail"
		if r != nil {
			shown = f.node.encoded(f.node.g.shower(elem), r)
		}
	default:
		shown = f.shownIfNoted(c, r, elem)
	}
	c.add(f.node.needTask().Dot(f.method).Call(jen.Lit(f.step), shown, jen.Qual(rtPath, policy)))
}

// shownIfNoted returns the JSON of a record that the job goes on without, which is
// written only if the job remembers the error.
func (f *failure) shownIfNoted(c *coder, r *jen.Statement, elem types.Type) *jen.Statement {
	if r == nil {
		return jen.Nil()
	}
	shown := c.names.pick("shown")
	c.add(jen.Var().Id(shown).Index().Byte())
	c.add(jen.If(f.node.needTask().Dot("Notes").Call()).Block(
		jen.Id(shown).Op("=").Add(f.node.encoded(f.node.g.shower(elem), r))))
	return jen.Id(shown)
}

// encoded writes the JSON of a record into new memory.
func (n *node) encoded(by encoderFunc, r *jen.Statement) *jen.Statement {
	return by.call(jen.Nil(), r, n.needFault)
}

// deliver writes a Failed record and passes it on. The text of the record is
// written before the fault is taken, as a record that cannot be written whole
// adds nothing to the reason.
func (f *failure) deliver(c *coder, r *jen.Statement, elem types.Type, meta *jen.Statement) {
	n := f.node
	record := f.policy.To.Elem.(*types.Record)
	names := n.g.record(record)
	var what, shown *jen.Statement
	switch {
	case r == nil:
		what, shown = jen.Lit("null"), jen.Nil()
	case types.Is(record.Fields[0].Type, types.JSON) && !types.Is(elem, types.JSON):
		text := c.names.pick("text")
		c.add(jen.Id(text).Op(":=").Add(n.encoded(n.g.appender(elem), r)))
		what, shown = jen.Qual(valuePath, "JSON").Call(jen.Id(text)), jen.Id(text)
	default:
		what, shown = jen.Op("*").Add(r), f.shownIfNoted(c, r, elem)
	}
	reason, position := c.names.pick("reason"), c.names.pick("position")
	c.add(jen.List(jen.Id(reason), jen.Id(position)).Op(":=").Add(n.needTask()).Dot("TakeFault").Call(shown))
	f.out.emit(c, operand{
		code: jen.Id(names.name).Values(
			jen.Id(names.fields[0]).Op(":").Add(what),
			jen.Id(names.fields[1]).Op(":").Id(reason),
			jen.Id(names.fields[2]).Op(":").Id(position),
		),
		prec: precPrimary, t: record, lit: true,
	}, meta)
}
