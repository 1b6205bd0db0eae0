package codegen

import (
	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// writeLoad declares the method that loads the cell of a record's key, runs what
// the user has written on a copy, and keeps the copy unless that failed:
//
//	// onR handles one record of the input r.
//	func (s *temperatureJumps) onR(hash uint64, r *Reading, m rt.Meta) {
//		id, cell := s.cells.At(hash, r.Sensor)
//		c := *cell
//		s.runR(&c, id, r, m)
//		if s.f.Failed() {
//			s.keep(id, cell)
//			s.t.Failed("alerts", appendReading(nil, r), rt.PolicyFail)
//			return
//		}
//		s.keep(id, &c)
//	}
func (n *stepCode) writeLoad(i int, in *ir.In) {
	h := handlerOf(n.op, in)
	param := newNames(n.g.names, "hash", "m", "id", "cell", "c", "key", "shared", receiver).pick(unexported(h.Param.Name))
	record := operand{code: jen.Id(param), prec: precPrimary, t: in.Elem, stable: true, pointer: true}
	edge := n.edge(i)
	key := edge.keyVar()
	params := []jen.Code{jen.Id("hash").Uint64()}
	if edge.pair != "" {
		params = append(params, jen.Id("key").Add(n.g.goType(n.step.KeyType())))
	} else if !edge.plain() {
		key = edge.keyIn(record)
	}
	params = append(params, jen.Id(param).Op("*").Add(n.g.goType(in.Elem)), jen.Id("m").Qual(rtPath, "Meta"))
	c := n.g.newCoder(param, "hash", "m", "id", "cell", "c", "key")
	held := n.g.tableKey(key)
	if edge.plain() {
		held = jen.Lit(0)
	}
	c.add(jen.List(jen.Id("id"), jen.Id("cell")).Op(":=").Add(self(n.keyed.cells)).Dot("At").Call(jen.Id("hash"), held))
	c.add(n.owes(jen.Id("id")))
	n.writeRun(c, h, jen.Id(param), in.Elem, key)
	n.addMethod(comment("%s handles one record of the input %s.", n.keyed.on[i], safeName(in.Name)).
		Func().Params(n.receiver()).Id(n.keyed.on[i]).Params(params...).Block(c.body()...))

	body := n.coder(h.Body, param, "m", "id", "c", "key")
	body.bindParam(h, param)
	body.here.key = key.value()
	n.writeBody(body, h, jen.Id(param).Op("*").Add(n.g.goType(in.Elem)))
}

// writeRun writes the part of a handler around what the user has written: from
// the cell to the end.
func (n *stepCode) writeRun(c *coder, h *ir.Handler, record *jen.Statement, t types.Type, key operand) {
	k := n.keyed
	c.add(jen.Id("c").Op(":=").Op("*").Id("cell"))
	if k.watermark != "" {
		mark := jen.Id("m").Dot("Mark")
		if h.Timer != nil && !h.Timer.Processing {
			// What a timer at t leaves due sees t, too.
			mark = jen.Max(self(k.watermark), jen.Id("m").Dot("Time"), jen.Id("m").Dot("Mark"))
		}
		c.add(self(k.watermark).Op("=").Add(mark))
	}
	n.hideShared(c)
	if n.expires(false) {
		c.add(n.endCell(n.eventNow(), n.markNow(), n.needTask().Dot("Now").Call()))
	}
	n.begin(c, true)
	n.skipEnded(c, h)
	n.runRider(c, h, key)
	c.add(self(n.bodies[h]).Call(n.bodyArgs(h, record, key)...))
	if n.g.graph.Effects.HandlerFails(h) {
		failed := c.block(func() {
			n.endJournal(c, "Rollback")
			n.showShared(c)
			c.add(self(k.keep).Call(jen.Id("id"), jen.Id("cell")))
			c.add(n.dropPending()...)
			n.failure.code(c, record, t, jen.Id("m"))
			c.add(jen.Return())
		})
		c.add(jen.If(n.needFault().Dot("Failed").Call()).Block(failed...))
	}
	// What is emitted may show the key, which goes when the cell is empty.
	if n.pending != nil {
		c.add(self(n.pending.flush).Call())
	}
	n.showShared(c)
	n.armNext(c, h)
	c.add(self(k.keep).Call(jen.Id("id"), jen.Op("&").Id("c")))
	n.endJournal(c, "Commit")
}

// bodyArgs lists what the body of a handler is called with.
func (n *stepCode) bodyArgs(h *ir.Handler, record *jen.Statement, key operand) []jen.Code {
	args := []jen.Code{jen.Op("&").Id("c")}
	if n.needsID() {
		args = append(args, jen.Id("id"))
	}
	if n.passesKey(h) {
		args = append(args, key.value())
	}
	if record != nil {
		args = append(args, record.Clone())
	}
	if h.Timer != nil && h.Param != nil {
		args = append(args, jen.Id("index"))
	}
	return append(args, jen.Id("m"))
}

// writeBody declares the method with what the user has written. record is the
// parameter for it, nil for a timer.
func (n *stepCode) writeBody(c *coder, h *ir.Handler, record jen.Code) {
	params := []jen.Code{jen.Id("c").Op("*").Id(n.keyed.cell)}
	c.here.cell, c.here.id = jen.Id("c"), jen.Id("id")
	if n.needsID() {
		params = append(params, jen.Id("id").Uint32())
	}
	if n.passesKey(h) {
		params = append(params, jen.Id("key").Add(n.g.goType(n.step.KeyType())))
		c.here.key = jen.Id("key")
	}
	if record != nil {
		params = append(params, record)
	}
	c.stmts(h.Body)
	n.addMethod(comment("%s does what the program says at %s.", n.bodies[h], where(h.Pos)).
		Func().Params(n.receiver()).Id(n.bodies[h]).Params(append(params, jen.Id("m").Qual(rtPath, "Meta"))...).Block(c.body()...))
}

// needsID reports whether handlers want the number of the cell: timers do.
func (n *stepCode) needsID() bool { return len(n.op.Timers) > 0 }

// passesKey reports whether the key comes to the body as a parameter: where it
// is used and cannot be read from the record.
func (n *stepCode) passesKey(h *ir.Handler) bool {
	if !n.usesKey(h) {
		return false
	}
	if h.Timer != nil || n.helpersUseKey() {
		return true
	}
	for i, in := range n.op.Ins {
		if in == h.In {
			return n.edge(i).pair != ""
		}
	}
	return false
}

// usesKey reports whether a handler, or a helper, reads the current key.
func (n *stepCode) usesKey(h *ir.Handler) bool { return readsKey(h.Body) || n.helpersUseKey() }

func (n *stepCode) helpersUseKey() bool {
	for _, f := range n.op.Helpers {
		if readsKey(f.Body) {
			return true
		}
	}
	return false
}

func readsKey(body []ir.Stmt) bool {
	found := false
	ir.InspectAll(body, func(n ir.Node) bool {
		if _, ok := n.(*ir.Key); ok {
			found = true
		}
		return true
	})
	return found
}
