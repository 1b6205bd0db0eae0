package codegen

import (
	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// callsCode is what a step has that waits for a function.
type callsCode struct {
	calls                        string // field with the *rt.Calls
	call, answered, failed, keep string // methods
	key                          string // method; "" if answers have no order within a key
	caches                       map[*ir.Call]string
}

// callsMethods are the names that methods have which rt calls.
var callsMethods = []string{"Caller"}

// nameCalls gives the names that a step needs that waits for a function.
func (n *stepCode) nameCalls() {
	for _, name := range callsMethods {
		n.members.pick(name)
	}
	n.calls = &callsCode{
		call: n.members.pick("call"), answered: n.members.pick("answered"), failed: n.members.pick("failed"),
		keep: n.members.pick("keepPending"), caches: map[*ir.Call]string{},
	}
	if n.op.Calls.Key != nil {
		n.calls.key = n.members.pick("keyOf")
	}
}

// answerType is the type of what the step waits for.
func (n *stepCode) answerType() types.Type { return n.op.Calls.Let.Local.Type }

// callTypes are the types that rt's Calls has for the step.
func (n *stepCode) callTypes() []jen.Code {
	return []jen.Code{n.g.goType(n.op.Ins[0].Elem), n.g.goType(n.answerType())}
}

// addCalls adds the fields of a step that waits for a function.
func (n *stepCode) addCalls() {
	calls := n.op.Calls
	n.calls.calls = n.field("calls", jen.Op("*").Qual(rtPath, "Calls").Types(n.callTypes()...), nil)
	n.needTask()
	if calls.Cache == nil {
		return
	}
	ir.Inspect(calls.Let.Value, func(node ir.Node) bool {
		if call, ok := node.(*ir.Call); ok && call.Func.Extern != nil && call.Func.Extern.Async {
			made := jen.Qual(rtPath, "NewCache").Types(n.g.goType(call.T))
			n.calls.caches[call] = n.field(n.g.funcNames[call.Func]+"Cache", jen.Op("*").Qual(rtPath, "Cache").Types(n.g.goType(call.T)), func(w *wiring) jen.Code {
				return made.Clone().Call(jen.Id("t"), w.constant(calls.Cache), w.constant(calls.CacheTTL))
			})
		}
		return true
	})
}

// writeCalls declares what a step needs that waits for a function: the call, what
// is done with an answer, and what with a record that gets none.
func (n *stepCode) writeCalls() {
	in, h := n.op.Ins[0], n.op.Handlers[0]
	record := jen.Op("*").Add(n.g.goType(in.Elem))
	param := newNames(n.g.names, "ctx", "f", "m", "answer", receiver).pick(unexported(h.Param.Name))
	x := jen.Id(param).Add(record)
	meta := jen.Id("m").Qual(rtPath, "Meta")

	n.addMethod(comment("%s takes a batch of the input %s.", n.inputs[0], safeName(in.Name)).
		Func().Params(n.receiver()).Id(n.inputs[0]).Params(jen.Id("in").Op("*").Qual(rtPath, "Batch").Types(n.g.goType(in.Elem))).
		Block(self(n.calls.calls).Dot("Take").Call(jen.Id("in"))))
	n.writeCaller(in)

	c := n.coder(h.Body[:1], param, "ctx", "f")
	c.bindParam(h, param)
	c.fault, c.ctx, c.result = jen.Id("f"), jen.Id("ctx"), n.answerType()
	c.leaveFunction()
	c.into(n.op.Calls.Let.Value, returned)
	c.endFunction()
	n.addMethod(comment("%s calls what the program says at %s, outside of the shard.", n.calls.call, where(h.Body[0].Pos())).
		Func().Params(n.receiver()).Id(n.calls.call).
		Params(jen.Id("ctx").Qual("context", "Context"), jen.Id("f").Op("*").Qual(valuePath, "Fault"), x).
		Add(n.g.goType(n.answerType())).Block(c.body()...))

	if n.calls.key != "" {
		n.writeCallKey(record)
	}

	c = n.coder(h.Body[1:], param, "answer", "m")
	c.bindParam(h, param)
	c.vars[n.op.Calls.Let.Local] = variable{code: jen.Id("answer"), pointer: true}
	c.bail = func() []jen.Code {
		return c.block(func() {
			n.failure.code(c, jen.Id(param), in.Elem, jen.Id("m"))
			c.add(jen.Return())
		})
	}
	c.stmts(h.Body[1:])
	n.addMethod(comment("%s does what the program says at %s when there is an answer.", n.calls.answered, where(h.Pos)).
		Func().Params(n.receiver()).Id(n.calls.answered).Params(x.Clone(), jen.Id("answer").Op("*").Add(n.g.goType(n.answerType())), meta).
		Block(c.body()...))

	c = n.coder(nil, param, "m")
	n.failure.code(c, jen.Id(param), in.Elem, jen.Id("m"))
	n.addMethod(comment("%s deals with a record that gets no answer.", n.calls.failed).
		Func().Params(n.receiver()).Id(n.calls.failed).Params(x.Clone(), meta.Clone()).Block(c.body()...))
	n.writePending()
}

// writeCaller declares the method that makes the calls:
//
//	// Caller returns what makes the calls of the shard.
//	func (s *profilesAsync) Caller() rt.Caller {
//		s.calls = rt.NewCalls(s.t, rt.CallSpec[Visit, Profile]{…})
//		return s.calls
//	}
func (n *stepCode) writeCaller(in *ir.In) {
	calls := n.op.Calls
	fields := []jen.Code{jen.Id("At").Op(":").Add(n.g.position(n.step.IR.Pos))}
	add := func(name string, value jen.Code) { fields = append(fields, jen.Id(name).Op(":").Add(value)) }
	for _, f := range []struct {
		name  string
		param *ir.OpParam
	}{
		{"Capacity", calls.Capacity}, {"Timeout", calls.Timeout}, {"Ordered", calls.Ordered},
		{"Retries", calls.Retries}, {"BackOff", calls.Backoff}, {"MaxWait", calls.MaxBackoff},
	} {
		switch {
		case f.name == "Ordered" && calls.Keeps:
			add(f.name, jen.True().Comment("the state of a step behind it depends on the order"))
		default:
			add(f.name, self(n.values[f.param.Local]))
		}
	}
	if n.calls.key != "" {
		add("Key", self(n.calls.key))
	}
	add("Call", self(n.calls.call))
	add("Give", self(n.calls.answered))
	add("Fail", self(n.calls.failed))
	if hasText(in.Elem) {
		add("Own", n.g.helpers.own(n.g, in.Elem))
	}
	body := []jen.Code{jen.Id("spec").Op(":=").Qual(rtPath, "CallSpec").Types(n.callTypes()...).Add(multiLine(fields...))}
	if d := calls.Default; d != nil {
		value := self(n.values[d.Local])
		instead := value.Clone()
		if !isOption(n.answerType()) {
			instead = value.Clone().Dot("V")
		}
		body = append(body, jen.If(value.Clone().Dot("OK")).Block(
			jen.Id("spec").Dot("Instead").Op("=").Func().Params(jen.Op("*").Add(n.g.goType(in.Elem))).Add(n.g.goType(n.answerType())).
				Block(jen.Return(instead)),
		))
	}
	body = append(body,
		self(n.calls.calls).Op("=").Qual(rtPath, "NewCalls").Call(n.needTask(), jen.Id("spec")),
		jen.Return(self(n.calls.calls)),
	)
	n.addMethod(comment("Caller returns what makes the calls of the shard.").
		Func().Params(n.receiver()).Id("Caller").Params().Qual(rtPath, "Caller").Block(body...))
}

// writeCallKey declares the method that hashes the key within which answers keep
// their order.
func (n *stepCode) writeCallKey(record *jen.Statement) {
	key := n.op.Calls.Key
	c := n.g.newCoder("f", "r")
	ir.Inspect(key.Body, c.countReads)
	c.vars[key.Params[0]] = variable{code: jen.Id("r"), pointer: true}
	if n.g.graph.Effects.CanFail(key.Body) {
		c.add(jen.Id("f").Op(":=").Op("&").Qual(valuePath, "Fault").Values().Comment("what cannot be computed has one key"))
		c.fault = jen.Id("f")
		c.bail = func() []jen.Code { return []jen.Code{jen.Return(jen.Lit(0))} }
	}
	if n.g.graph.Effects.ExprReadsParams(key.Body) {
		c.params = n.needParams()
	}
	c.into(key.Body, func(c *coder, v operand) {
		c.add(statement{Code: jen.Return(c.g.hashOf(v)), leaves: true, returns: true})
	})
	n.addMethod(comment("%s hashes the key at %s.", n.calls.key, where(key.Pos)).
		Func().Params(n.receiver()).Id(n.calls.key).Params(jen.Id("r").Add(record.Clone())).Uint64().Block(c.body()...))
}

// pendingFields names the Go fields of what is saved of a record under way: the
// record, its time, and the watermark that it saw.
func (n *stepCode) pendingFields() (name string, fields []string) {
	r := n.g.record(n.op.Calls.Pending.Value.(*types.Record))
	return r.name, r.fields
}

// writePending declares the method that makes the state of what is under way,
// before a snapshot:
//
//	// keepPending makes state of the records under way.
//	func (s *profilesAsync) keepPending() {
//		id, cell := s.cells.At(0, 0)
//		if s.cells.Owes(id) {
//			s.saver.Give(s, id)
//		}
//		c := *cell
//		s.pending.Clear(&c.pending)
//		s.calls.Pending(func(number int64, x *Visit, m rt.Meta) {
//			s.pending.Put(&c.pending, number, RecordTimeWatermark{*x, m.Time, m.Mark})
//		})
//		s.keep(id, &c)
//		s.journal.Commit()
//	}
func (n *stepCode) writePending() {
	k := n.keyed
	s := n.stateOf(n.op.Calls.Pending)
	handle := jen.Op("&").Id("c").Dot(s.value)
	name, fields := n.pendingFields()
	entry := jen.Id(name).Values(
		jen.Id(fields[0]).Op(":").Op("*").Id("x"),
		jen.Id(fields[1]).Op(":").Id("m").Dot("Time"),
		jen.Id(fields[2]).Op(":").Id("m").Dot("Mark"),
	)
	n.snapshot("makes state of the records under way.", n.calls.keep, nil, nil,
		jen.List(jen.Id("id"), jen.Id("cell")).Op(":=").Add(self(k.cells)).Dot("At").Call(jen.Lit(0), jen.Lit(0)),
		n.owes(jen.Id("id")),
		jen.Id("c").Op(":=").Op("*").Id("cell"),
		self(s.ops).Dot("Clear").Call(handle),
		self(n.calls.calls).Dot("Pending").Call(jen.Func().Params(
			jen.Id("number").Int64(), jen.Id("x").Op("*").Add(n.g.goType(n.op.Ins[0].Elem)), jen.Id("m").Qual(rtPath, "Meta"),
		).Block(self(s.ops).Dot("Put").Call(handle.Clone(), jen.Id("number"), entry))),
		self(k.keep).Call(jen.Id("id"), jen.Op("&").Id("c")),
		self(k.journal).Dot("Commit").Call(),
	)
}

// restorePending writes what puts records back that were under way.
func (n *stepCode) restorePending() jen.Code {
	s := n.stateOf(n.op.Calls.Pending)
	_, fields := n.pendingFields()
	e := jen.Id("e")
	meta := jen.Qual(rtPath, "Meta").Values(jen.Id("Time").Op(":").Add(e.Clone()).Dot(fields[1]), jen.Id("Mark").Op(":").Add(e.Clone()).Dot(fields[2]))
	return jen.For(jen.Id("id").Op(":=").Range().Add(self(n.keyed.cells)).Dot("IDs").Call()).Block(
		jen.Id("c").Op(":=").Add(self(n.keyed.cells)).Dot("Cell").Call(jen.Id("id")),
		jen.For(jen.List(jen.Id("number"), e).Op(":=").Range().Add(self(s.ops)).Dot("All").Call(jen.Op("&").Id("c").Dot(s.value))).Block(
			self(n.calls.calls).Dot("Restore").Call(jen.Id("number"), e.Clone().Dot(fields[0]), meta),
		),
	)
}

// callAsync writes the call of an async function, through the step's cache if it
// has one.
func (c *coder) callAsync(e *ir.Call, values []operand) operand {
	cache := c.op.calls.caches[e]
	for i, v := range values {
		if cache != "" && !v.stable { // it is looked up, and asked with
			values[i] = c.temp("v", v)
		}
	}
	args := []jen.Code{c.ctx.Clone(), c.fault.Clone(), c.g.at(e.Pos())}
	for i, v := range values {
		args = append(args, c.argument(e.Func.Params[i].Type, v))
	}
	made := jen.Id(c.g.funcNames[e.Func]).Call(args...)
	if cache == "" {
		return call(made, e.T)
	}
	key := c.names.pick("asked")
	c.add(jen.Var().Id(key).Index().Byte())
	for i, v := range values {
		c.add(jen.Id(key).Op("=").Add(c.g.pack(e.Func.Params[i].Type)).Call(jen.Id(key), v.typed(c.g)))
	}
	return c.temp("found", call(self(cache).Dot("Get").Call(c.ctx.Clone(), jen.Id(key), c.fault.Clone(),
		jen.Func().Params().Add(c.g.goType(e.T)).Block(jen.Return(made))), e.T))
}
