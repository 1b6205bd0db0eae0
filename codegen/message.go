package codegen

import (
	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/plan"
)

// writeMessage declares what travels to a message input:
//
//	// reminderRMessage is a message with the key that it is sent to.
//	type reminderRMessage struct {
//		Key string
//		Rec Remind
//		Due value.Timestamp // it waits until then
//	}
func (e *edgeCode) writeMessage() {
	fields := []jen.Code{
		jen.Id("Key").Add(e.g.goType(e.edge.KeyOf())),
		jen.Id("Rec").Add(e.g.goType(e.edge.Input().Elem)),
	}
	if e.due != "" {
		fields = append(fields, jen.Id(e.due).Qual(valuePath, "Timestamp").Comment("it waits until then"))
	}
	e.g.operators.add(comment("%s is a message with the key that it is sent to.", e.pair).Type().Id(e.pair).Struct(fields...))
}

// messageEdges declares the variables for the edges of messages, which tasks
// refer to that stand before them.
func (g *generator) messageEdges(names *graphNames, scope *nameScope) (code []jen.Code) {
	for _, e := range g.graph.Edges() {
		edge := g.edges[e]
		if !edge.message() {
			continue
		}
		name := scope.pick(edge.want)
		names.edges[edge] = name
		declaration := jen.Null()
		names.declared = append(names.declared, func() {
			if names.used[name] {
				declaration.Var().Id(name).Op("*").Qual(rtPath, "Edge").Types(edge.elem())
			}
		})
		code = append(code, declaration)
	}
	return code
}

// send sends a message, or keeps it until the handler has ended:
//
//	message := reminderRMessage{Key: o.ID, Rec: Remind{Text: "please pay"}, Due: due}
//	s.toReminderR.Send(value.HashString(message.Key), &message, m)
func (n *stepCode) send(c *coder, s *ir.Send) {
	e := n.g.edges[n.g.graph.EdgeTo(s)]
	list := []ir.Expr{s.Key, s.Value}
	if s.After != nil {
		list = append(list, s.After)
	}
	fails := false
	for _, x := range list {
		fails = fails || n.g.graph.Effects.CanFail(x)
	}
	v := c.values(list)
	if fails {
		for i, name := range []string{"to", "message", "after"}[:len(v)] {
			if !v[i].stable {
				v[i] = c.temp(name, v[i])
			}
		}
		c.checkFault()
	}
	v[0].t = e.edge.KeyOf()
	var rec *jen.Statement
	if op := e.edge.Step.IR.Op; op.Remote != nil {
		v[1].t = op.Ins[0].Elem
		rec = n.remoteMessage(c, e, v[1])
	} else {
		v[1].t = e.edge.Input().Elem
		rec = v[1].value()
	}
	fields := []jen.Code{jen.Id("Key").Op(":").Add(v[0].value()), jen.Id("Rec").Op(":").Add(rec)}
	switch {
	case s.After != nil:
		due := c.names.pick("due")
		c.add(jen.Id(due).Op(":=").Add(c.fault.Clone()).Dot("AddTime").Call(n.needTask().Dot("Now").Call(), v[2].value(), n.g.at(s.After.Pos())))
		c.checkFault()
		fields = append(fields, jen.Id(e.due).Op(":").Id(due))
	case e.due != "":
		fields = append(fields, jen.Id(e.due).Op(":").Qual(valuePath, "MinTime"))
	}
	message := jen.Id(e.pair).Values(fields...)
	if n.pending != nil {
		to := self(n.pending.sends[e])
		c.add(to.Clone().Op("=").Append(to, jen.Qual(rtPath, "Emitted").Types(e.elem()).
			Values(jen.Id("Rec").Op(":").Add(message), jen.Id("Meta").Op(":").Add(c.here.meta.Clone()))))
		return
	}
	name := c.names.pick("message")
	c.add(jen.Id(name).Op(":=").Add(message))
	c.add(n.sendMessage(e, jen.Id(name), c.here.meta.Clone()))
}

// sendMessage sends the message that lies in a variable.
func (n *stepCode) sendMessage(e *edgeCode, message, meta *jen.Statement) jen.Code {
	key := operand{code: message.Clone().Dot("Key"), prec: precPrimary, t: e.edge.KeyOf(), stable: true, addressable: true}
	return self(n.link(plan.EdgeTarget{Edge: e.edge})).Dot("Send").Call(n.g.hashOf(key), jen.Op("&").Add(message.Clone()), meta)
}

// sendLists are the fields with messages that wait for the handler to end, in
// order of the inputs.
func (n *stepCode) sendLists() (lists []string) {
	for _, e := range n.step.Sends {
		lists = append(lists, n.pending.sends[n.g.edges[e]])
	}
	return lists
}

// flushSends sends the messages that have waited for the handler to end.
func (n *stepCode) flushSends() (code []jen.Code) {
	for _, e := range n.step.Sends {
		edge := n.g.edges[e]
		list := self(n.pending.sends[edge])
		code = append(code, jen.For(jen.Id("i").Op(":=").Range().Add(list)).Block(
			jen.Id("e").Op(":=").Op("&").Add(list).Index(jen.Id("i")),
			n.sendMessage(edge, jen.Id("e").Dot("Rec"), jen.Id("e").Dot("Meta")),
		))
	}
	return code
}

// messageEdge returns the edge of the step's message input, nil if it has none.
func (n *stepCode) messageEdge() *edgeCode {
	for i, in := range n.op.Ins {
		if in.Kind == ir.Message {
			return n.edge(i)
		}
	}
	return nil
}

// addWaiting adds the field with the messages that wait for a time.
func (n *stepCode) addWaiting(e *edgeCode) {
	n.keyed.waiting = n.field("waiting", jen.Qual(statePath, "Waiting").Types(e.elem()), nil)
}

// waitForDue puts a message aside that waits for a time. It outlives its block,
// so its text is copied.
func (n *stepCode) waitForDue(e *edgeCode) jen.Code {
	rec := jen.Id("in").Dot("Recs").Index(jen.Id("i"))
	c := n.g.newCoder("in", "i", "m")
	message := c.names.pick("message")
	c.add(jen.Id(message).Op(":=").Add(rec.Clone()))
	for _, part := range e.parts() {
		if hasText(part.t) {
			place := operand{code: jen.Id(message).Dot(part.field), prec: precPrimary, t: part.t, addressable: true}
			c.add(place.value().Op("=").Add(n.g.clone(c, place)))
		}
	}
	c.add(
		self(n.keyed.waiting).Dot("Add").Call(jen.Id(message).Dot(e.due), jen.Id("m").Dot("Time"), jen.Id("in").Dot("Hash").Index(jen.Id("i")), jen.Id(message)),
		jen.Continue(),
	)
	return jen.If(rec.Clone().Dot(e.due).Op(">").Add(n.needTask()).Dot("Now").Call()).Block(c.body()...)
}
