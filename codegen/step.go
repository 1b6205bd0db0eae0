package codegen

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/plan"
	"github.com/flow-lang/flowc/typecheck/types"
)

// stepCode is a step as a Go type: a fused one, or the shard of a keyed one.
type stepCode struct {
	*node
	step    *plan.Step
	op      *ir.Operator
	inputs  []string // method that takes a record, by index of Op.Ins
	bodies  map[*ir.Handler]string
	helpers map[*ir.Func]string
	outs    []*outlet // by index of Op.Outs
	failure *failure
	values  map[*ir.Local]string // fields that hold the operator's parameters
	// literals are parameters that are constants of time, and have no field: Go
	// divides by a constant faster.
	literals map[*ir.Local]*ir.IntConst
	pending  *pending                 // what waits for the end of the handler; nil if nothing does
	dropped  string                   // field that says that a helper has dropped the record; "" if none does
	keyed    *keyedCode               // of a keyed step, nil for a fused one
	calls    *callsCode               // of a step that waits for a function, nil of others
	aggOps   map[*ir.Aggregate]string // fields with the operations on sets and maps inside aggregates
}

// nameStep gives the step its names.
func (g *generator) nameStep(s *plan.Step) {
	op := s.IR.Op
	want := unexported(op.Name)
	if op.Library != "" && len(s.IR.Outputs) > 0 && s.IR.Outputs[0] != nil {
		want = unexported(s.IR.Outputs[0].Name) + exported(op.Name)
	}
	n := &stepCode{
		node: g.newNode(want, &g.operators), step: s, op: op,
		bodies: map[*ir.Handler]string{}, helpers: map[*ir.Func]string{}, values: map[*ir.Local]string{},
		literals: map[*ir.Local]*ir.IntConst{},
	}
	for _, p := range op.Params {
		if v, ok := p.Value.(*ir.IntConst); ok && types.Is(v.T, types.Duration) && op.Calls == nil {
			n.literals[p.Local] = v
		}
	}
	for _, in := range op.Ins {
		verb := "on"
		if s.Keyed() {
			verb = "handle"
		}
		n.inputs = append(n.inputs, n.members.pick(verb+exported(in.Name)))
	}
	for _, h := range op.Handlers {
		n.bodies[h] = n.members.pick(bodyName(h))
	}
	for _, f := range op.Helpers {
		n.helpers[f] = n.members.pick(unexported(f.Name))
	}
	if s.Keyed() {
		n.nameKeyed()
	}
	if op.Calls != nil {
		n.nameCalls()
	}
	g.steps[s] = n
}

// bodyName names the method that holds what the user has written.
func bodyName(h *ir.Handler) string {
	if h.In != nil {
		return "run" + exported(h.In.Name)
	}
	return "run" + exported(h.Timer.Name)
}

// title names the step in messages: after its stream, or else its operator.
func (n *stepCode) title() string {
	if outs := n.step.IR.Outputs; len(outs) > 0 && outs[0] != nil && outs[0].Name != "" {
		return outs[0].Name
	}
	return n.op.Name
}

// writeStep declares the step.
func (g *generator) writeStep(n *stepCode) {
	for _, p := range n.op.Params {
		if n.literals[p.Local] != nil {
			continue
		}
		n.values[p.Local] = n.field(unexported(p.Local.Name), g.goType(p.Local.Type), func(w *wiring) jen.Code { return w.constant(p) })
	}
	if n.keyed != nil && n.op.Remote == nil {
		n.addState()
	}
	if n.calls != nil {
		n.addCalls()
	}
	for i, out := range n.op.Outs {
		name := "emit"
		if out.Name != "" {
			name += exported(out.Name)
		}
		n.outs = append(n.outs, n.outlet(name, n.step.IR.Outputs[i], n.step.Outs[i], out.Elem))
	}
	if n.op.Remote != nil {
		n.writeRemote()
		n.declare(comment("%s is one shard of the step at %s.", n.name, where(n.step.IR.Pos)))
		return
	}
	if n.step.Buffered {
		n.addPending()
	}
	n.addDropped()
	if n.fails() {
		n.failure = n.newFailure(n.title(), n.step.IR.OnError, n.step.OnError)
		if n.op.Library != "" {
			n.failure.at = n.step.IR.Pos
		}
	}
	if n.keyed != nil {
		n.writeKeyed()
	} else {
		n.writeFused()
	}
	for _, f := range n.g.graph.Effects.Called(n.op) {
		n.writeHelper(f)
	}
	if n.pending != nil {
		n.writeFlush()
	}
	what := "step"
	if n.keyed != nil {
		what = "shard of the step"
	}
	n.declare(comment("%s is one %s at %s.", n.name, what, where(n.step.IR.Pos)))
}

// fails reports whether any handler can fail. A call that is waited for may take
// too long, whatever it does.
func (n *stepCode) fails() bool {
	if n.op.Calls != nil {
		return true
	}
	for _, h := range n.op.Handlers {
		if n.g.graph.Effects.HandlerFails(h) {
			return true
		}
	}
	return false
}

// addDropped adds the field by which a helper that drops tells its caller.
func (n *stepCode) addDropped() {
	for _, f := range n.op.Helpers {
		if n.g.graph.Effects.FuncDrops(f) {
			n.dropped = n.field("dropped", jen.Bool(), nil)
			return
		}
	}
}

// coder returns a coder for a handler or helper of the step.
func (n *stepCode) coder(body []ir.Stmt, taken ...string) *coder {
	c := n.g.newCoder(taken...)
	c.op = n
	ir.InspectAll(body, c.countReads)
	for local, field := range n.values {
		c.vars[local] = variable{code: self(field)}
	}
	for local, v := range n.literals {
		c.vars[local] = variable{alias: v}
	}
	if n.g.graph.Effects.ReadsParams(n.op) {
		c.params = n.needParams()
	}
	if n.g.graph.Effects.Fails(n.op) {
		c.fault = n.needFault()
	}
	c.leave = func() []jen.Code { return []jen.Code{jen.Return()} }
	c.bail = c.leave
	c.here.meta = jen.Id("m")
	return c
}

// writeFused declares the handlers of a step that holds nothing: each takes a
// record and hands on what becomes of it.
//
//	// onP handles a record of the input p.
//	func (s *ratio) onP(r *Pair, m rt.Meta) {
//		…
//	}
//
// Where emits wait for the end, what the user has written is a method of its
// own, so that it may end at several places.
func (n *stepCode) writeFused() {
	for i, in := range n.op.Ins {
		h := handlerOf(n.op, in)
		param := n.paramName(h)
		taken := []string{param, "m"}
		c := n.coder(h.Body, taken...)
		c.bindParam(h, param)
		fails := n.g.graph.Effects.HandlerFails(h)
		if n.pending == nil {
			if fails {
				c.bail = func() []jen.Code {
					return c.block(func() {
						n.failure.code(c, jen.Id(param), in.Elem, jen.Id("m"))
						c.add(jen.Return())
					})
				}
			}
			c.stmts(h.Body)
			n.addMethod(n.handlerDecl(n.inputs[i], in, param, c.body()))
			continue
		}
		c.stmts(h.Body)
		outer := n.g.newCoder(taken...)
		outer.add(self(n.bodies[h]).Call(jen.Id(param), jen.Id("m")))
		n.finish(outer, jen.Id(param), in.Elem, fails)
		n.addMethod(n.handlerDecl(n.inputs[i], in, param, outer.body()))
		n.addMethod(comment("%s does what the program says at %s.", n.bodies[h], where(h.Pos)).
			Func().Params(n.receiver()).Id(n.bodies[h]).Params(jen.Id(param).Op("*").Add(n.g.goType(in.Elem)), jen.Id("m").Qual(rtPath, "Meta")).
			Block(c.body()...))
	}
}

// finish passes on what has waited, or deals with the failure.
func (n *stepCode) finish(c *coder, r *jen.Statement, elem types.Type, fails bool) {
	if fails {
		failed := c.block(func() {
			c.add(n.dropPending()...)
			n.failure.code(c, r, elem, jen.Id("m"))
			c.add(jen.Return())
		})
		c.add(jen.If(n.needFault().Dot("Failed").Call()).Block(failed...))
	}
	c.add(self(n.pending.flush).Call())
}

// handlerDecl writes the method that takes a record.
func (n *stepCode) handlerDecl(name string, in *ir.In, param string, body []jen.Code) jen.Code {
	return comment("%s handles a record of the input %s.", name, safeName(in.Name)).
		Func().Params(n.receiver()).Id(name).
		Params(jen.Id(param).Op("*").Add(n.g.goType(in.Elem)), jen.Id("m").Qual(rtPath, "Meta")).
		Block(body...)
}

// handlerOf returns the handler of an input.
func handlerOf(op *ir.Operator, in *ir.In) *ir.Handler {
	for _, h := range op.Handlers {
		if h.In == in {
			return h
		}
	}
	panic(fmt.Sprintf("codegen: the input %s of %s has no handler", in.Name, op.Name))
}

// paramName names the record of a handler after its input.
func (n *stepCode) paramName(h *ir.Handler) string {
	return newNames(n.g.names, "m", receiver).pick(unexported(h.Param.Name))
}

// bindParam makes the record known under the handler's parameter.
func (c *coder) bindParam(h *ir.Handler, name string) {
	c.vars[h.Param] = variable{code: jen.Id(name), pointer: true}
}

// stmt writes the statements that only handlers and helpers have.
func (n *stepCode) stmt(c *coder, s ir.Stmt) {
	switch s := s.(type) {
	case *ir.Emit:
		n.emit(c, s)
	case *ir.Send:
		n.send(c, s)
	case *ir.StateSet, *ir.StateClear, *ir.ClearAll, *ir.TimerSet, *ir.TimerCancel:
		n.stateStmt(c, s)
	default:
		n.changeCollection(c, s)
	}
}

// emit passes a record on, or keeps it until the handler has ended.
func (n *stepCode) emit(c *coder, s *ir.Emit) {
	i := 0
	for n.op.Outs[i] != s.Out {
		i++
	}
	list := []ir.Expr{s.Value}
	if s.AtTime != nil {
		list = append(list, s.AtTime)
	}
	fails := c.g.graph.Effects.CanFail(s.Value) || c.g.graph.Effects.CanFail(s.AtTime)
	v := c.values(list)
	if fails {
		if !v[0].stable {
			v[0] = c.temp(n.outs[i].word(), v[0])
		}
		if len(v) > 1 && !v[1].stable {
			v[1] = c.temp("at", v[1])
		}
		c.checkFault()
	}
	meta := c.here.meta.Clone()
	if len(v) > 1 {
		meta = jen.Qual(rtPath, "Meta").Values(jen.Id("Time").Op(":").Add(v[1].value()), jen.Id("Mark").Op(":").Add(meta.Dot("Mark")))
	}
	if n.pending != nil {
		n.keep(c, i, v[0], meta)
		return
	}
	n.outs[i].emit(c, v[0], meta)
}

// writeHelper declares a helper of the operator as a method.
func (n *stepCode) writeHelper(f *ir.Func) {
	params, taken := n.helperParams(f)
	c := n.coder(f.Body, taken...)
	c.helper = true
	if !types.Is(f.Result, types.Unit) {
		c.result = f.Result
	}
	c.leaveFunction()
	for _, p := range f.Params {
		params = append(params, c.param(p))
	}
	n.atHandInHelper(c)
	c.stmts(f.Body)
	c.endFunction()
	decl := comment("%s is the helper at %s.", n.helpers[f], where(f.Pos)).
		Func().Params(n.receiver()).Id(n.helpers[f]).Params(params...)
	if c.result != nil {
		decl = decl.Add(n.g.goType(c.result))
	}
	n.addMethod(decl.Block(c.body()...))
}
