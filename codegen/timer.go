package codegen

import (
	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
)

// newTable makes the table of cells.
func (n *stepCode) newTable() *jen.Statement {
	return jen.Qual(statePath, "New"+n.tableName()).Types(jen.Id(n.keyed.cell)).Call()
}

// newQueue makes a queue of timers, which asks the table for the order of keys
// where times are equal. One that families wait in, too, is in a variable.
func (n *stepCode) newQueue(w *wiring, variable string) jen.Code {
	if variable != "" {
		return jen.Id(variable)
	}
	return jen.Qual(statePath, "NewQueue").Call(jen.Id(w.cells))
}

// writeTimers declares what fires timers: Advance for event time, Clock for
// processing time, and a method for each timer.
func (n *stepCode) writeTimers() {
	k := n.keyed
	if k.mark != "" {
		n.writeAdvance()
	}
	if k.clock != "" || k.waiting != "" {
		n.writeClock()
	}
	for i, t := range n.op.Timers {
		n.writeFire(i, t)
	}
}

// writeAdvance declares:
//
//	// Advance fires the event-time timers that are due at mark.
//	func (s *temperatureJumps) Advance(mark value.Timestamp) {
//		for s.due.Due(mark) {
//			e := s.due.Pop()
//			s.mark = max(s.mark, e.At-1)
//			s.fire(e, rt.Meta{Time: e.At, Mark: s.mark})
//		}
//		s.mark = max(s.mark, mark)
//	}
//
// While the watermark rises it passes through the times of the timers: what
// one at t emits carries t - 1 µs until all at t have fired.
func (n *stepCode) writeAdvance() {
	k := n.keyed
	if k.due == "" {
		n.addMethod(comment("Advance takes note of the watermark.").
			Func().Params(n.receiver()).Id("Advance").Params(jen.Id("mark").Qual(valuePath, "Timestamp")).
			Block(self(k.mark).Op("=").Max(self(k.mark), jen.Id("mark"))))
		return
	}
	before := jen.Id("e").Dot("At").Op("-").Lit(1)
	body := append([]jen.Code{
		jen.Id("e").Op(":=").Add(self(k.due)).Dot("Pop").Call(),
		self(k.mark).Op("=").Max(self(k.mark), before),
	}, n.dispatch(false)...)
	all := []jen.Code{
		jen.For(self(k.due).Dot("Due").Call(jen.Id("mark"))).Block(body...),
		self(k.mark).Op("=").Max(self(k.mark), jen.Id("mark")),
	}
	if k.past != "" {
		all = append(all, self(k.past).Op("=").Qual(statePath, "Always"))
	}
	n.addMethod(comment("Advance fires the event-time timers that are due at mark.").
		Func().Params(n.receiver()).Id("Advance").Params(jen.Id("mark").Qual(valuePath, "Timestamp")).Block(all...))
}

// writeClock declares the method that fires processing-time timers. A handler
// may have set an event-time timer in the past, which is due then.
func (n *stepCode) writeClock() {
	k := n.keyed
	timers, messages := self(k.clock).Dot("Next").Call(), self(k.waiting).Dot("Next").Call()
	var body []jen.Code
	if k.clock != "" {
		body = append([]jen.Code{jen.Id("e").Op(":=").Add(self(k.clock)).Dot("Pop").Call()}, n.dispatch(true)...)
	}
	due := func(of string) *jen.Statement { return self(of).Dot("Due").Call(jen.Id("now")) }
	turn, first := due(k.clock), []jen.Code{timers} // whether there is a turn of the loop, and when the first is
	what, count := "fires the processing-time timers that are due", self(k.clock).Dot("Len").Call()
	switch {
	case k.clock == "":
		body, turn, first = n.deliverWaiting(), messages.Clone().Op("<=").Id("now"), []jen.Code{messages}
		what, count = "delivers the messages whose time has come", self(k.waiting).Dot("Len").Call()
	case k.waiting != "":
		body = append([]jen.Code{jen.If(messages.Clone().Op("<=").Add(timers)).Block(append(n.deliverWaiting(), jen.Continue())...)}, body...)
		turn, first = turn.Op("||").Add(messages.Clone()).Op("<=").Id("now"), []jen.Code{timers, messages}
		what, count = "fires the timers and delivers the messages whose processing time has come,", count.Op("+").Add(self(k.waiting)).Dot("Len").Call()
	}
	if k.due != "" {
		body = append(body, self("Advance").Call(self(k.mark)))
	}
	n.addMethod(comment("Clock %s and returns when the next one is.", what).
		Func().Params(n.receiver()).Id("Clock").Params(jen.Id("now").Qual(valuePath, "Timestamp")).Qual(valuePath, "Timestamp").Block(
		jen.For(turn).Block(body...),
		jen.Return(jen.Min(append(first, jen.Qual(valuePath, "MaxTime"))...)),
	))
	n.addMethod(comment("Waiting returns how many wait for a processing time.").
		Func().Params(n.receiver()).Id("Waiting").Params().Int().Block(jen.Return(count)))
}

// deliverWaiting hands the message whose turn it is to its handler.
func (n *stepCode) deliverWaiting() []jen.Code {
	k := n.keyed
	message := jen.Id("d")
	var on string
	for i, in := range n.op.Ins {
		if in.Kind == ir.Message {
			on = k.on[i]
		}
	}
	meta := jen.Qual(rtPath, "Meta").Values(jen.Id("Time").Op(":").Add(message.Clone()).Dot("Time"), jen.Id("Mark").Op(":").Add(self(k.mark)))
	return []jen.Code{
		message.Clone().Op(":=").Add(self(k.waiting)).Dot("Pop").Call(),
		self(on).Call(message.Clone().Dot("Hash"), message.Clone().Dot("Rec").Dot("Key"), jen.Op("&").Add(message.Clone()).Dot("Rec").Dot("Rec"), meta),
	}
}

// dispatch hands the entry e of a queue to the handler of its timer, unless the
// timer has been cancelled or set for another time.
func (n *stepCode) dispatch(processing bool) []jen.Code {
	k := n.keyed
	queue, cell := self(k.due), jen.Id("cell")
	if processing {
		queue = self(k.clock)
	}
	meta := jen.Qual(rtPath, "Meta").Values(jen.Id("Time").Op(":").Id("e").Dot("At"), jen.Id("Mark").Op(":").Add(self(k.mark)))
	var cases []jen.Code
	var only jen.Code
	for i, t := range k.timers {
		if t.timer.Processing != processing || t.rides {
			continue
		}
		if t.rises() {
			only = n.dispatchFirst(i, meta)
			cases = append(cases, jen.Case(jen.Id(t.number)).Block(only))
			continue
		}
		if t.family != "" {
			only = n.dispatchFamily(i, meta)
			cases = append(cases, jen.Case(jen.Id(t.number)).Block(only))
			continue
		}
		only = jen.If(queue.Clone().Dot("Fires").Call(jen.Op("&").Id("cell").Dot(t.field), jen.Id("e"))).Block(
			self(k.fire[i]).Call(jen.Id("e").Dot("ID"), jen.Id("cell"), meta.Clone()),
		)
		cases = append(cases, jen.Case(jen.Id(t.number)).Block(only))
	}
	load := cell.Op(":=").Add(self(k.cells)).Dot("Cell").Call(jen.Id("e").Dot("ID"))
	owes := n.owes(jen.Id("e").Dot("ID"))
	if len(cases) == 1 {
		return []jen.Code{load, owes, only}
	}
	return []jen.Code{load, owes, jen.Switch(jen.Id("e").Dot("Timer")).Block(cases...)}
}

// writeFire declares the method that runs the handler of a timer.
func (n *stepCode) writeFire(i int, t *ir.Timer) {
	k := n.keyed
	h := timerHandler(n.op, t)
	if h == nil {
		n.addMethod(n.fireDecl(i).Block(self(k.keep).Call(jen.Id("id"), jen.Id("cell"))))
		return
	}
	if !k.timers[i].rides {
		n.writeFired(i, h)
	}
	body := n.coder(h.Body, "m", "id", "c", "key", "index")
	var index jen.Code
	if h.Param != nil {
		body.vars[h.Param] = variable{code: jen.Id("index")}
		index = jen.Id("index").Add(n.g.goType(h.Param.Type))
	}
	n.writeBody(body, h, index)
}

// writeFired declares the method that runs a handler for a timer that has fired.
func (n *stepCode) writeFired(i int, h *ir.Handler) {
	k := n.keyed
	c := n.g.newCoder("id", "cell", "m", "c", "key", "index")
	key := operand{code: jen.Id("key"), prec: precPrimary, t: n.step.KeyType(), stable: true}
	rider := n.rider(h)
	if n.usesKey(h) || rider != nil && n.usesKey(rider) {
		c.add(jen.Id("key").Op(":=").Add(n.g.fromTableKey(n.step.KeyType(), self(k.cells).Dot("Key").Call(jen.Id("id")))))
	}
	n.writeRun(c, h, nil, nil, key)
	n.addMethod(n.fireDecl(i).Block(c.body()...))
	if k.timers[i].rises() {
		n.writeRising(&k.timers[i])
	}
}

// fireDecl begins the declaration of the method for a timer.
func (n *stepCode) fireDecl(i int) *jen.Statement {
	k := n.keyed
	return comment("%s runs when the timer %s fires.", k.fire[i], safeName(k.timers[i].timer.Name)).
		Func().Params(n.receiver()).Id(k.fire[i]).
		Params(append(n.firedParams(i), jen.Id("m").Qual(rtPath, "Meta"))...)
}

// timerHandler returns the handler of a timer, nil if it has none.
func timerHandler(op *ir.Operator, t *ir.Timer) *ir.Handler {
	for _, h := range op.Handlers {
		if h.Timer == t {
			return h
		}
	}
	return nil
}
