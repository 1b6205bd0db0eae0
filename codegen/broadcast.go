package codegen

import (
	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
)

// writeBroadcast declares the method that runs the handler of a broadcast input,
// which has no key and changes what the shard holds for all keys:
//
//	// onR handles one record of the input r.
//	func (s *priced) onR(r *Rate, m rt.Meta) {
//		before := s.shared
//		s.runR(r, m)
//		if s.f.Failed() {
//			s.journal.Rollback()
//			s.shared = before
//			if s.t.Index() > 0 {
//				s.f.Take()
//				return
//			}
//			s.t.Failed("priced_orders", appendRate(nil, r), rt.PolicyFail)
//			return
//		}
//		s.journal.Commit()
//	}
func (n *stepCode) writeBroadcast(i int, in *ir.In) {
	k, h := n.keyed, handlerOf(n.op, in)
	param := newNames(n.g.names, "m", "before", "shared", receiver).pick(unexported(h.Param.Name))
	record := jen.Id(param).Op("*").Add(n.g.goType(in.Elem))
	c := n.g.newCoder(param, "m", "before")
	fails := n.g.graph.Effects.HandlerFails(h)
	c.add(n.owesShared())
	if k.watermark != "" {
		c.add(self(k.watermark).Op("=").Id("m").Dot("Mark"))
	}
	if fails && k.shared != "" {
		c.add(jen.Id("before").Op(":=").Add(self(k.shared)))
	}
	writes := in.Kind == ir.Broadcast // others only read what all keys share
	switch {
	case !writes:
		n.hideShared(c)
	case n.expires(true):
		c.add(n.endShared(n.eventNow(), n.markNow(), n.needTask().Dot("Now").Call()))
	}
	n.begin(c, false)
	c.add(self(n.bodies[h]).Call(jen.Id(param), jen.Id("m")))
	if fails {
		failed := c.block(func() {
			n.endJournal(c, "Rollback")
			c.add(n.dropPending()...)
			if k.shared != "" {
				c.add(self(k.shared).Op("=").Id("before")) // also what was hidden
			}
			if writes { // every shard fails at it, and one of them tells
				c.add(jen.If(n.needTask().Dot("Index").Call().Op(">").Lit(0)).Block(n.needFault().Dot("Take").Call(), jen.Return()))
			}
			n.failure.code(c, jen.Id(param), in.Elem, jen.Id("m"))
			c.add(jen.Return())
		})
		c.add(jen.If(n.needFault().Dot("Failed").Call()).Block(failed...))
	}
	if n.pending != nil {
		c.add(self(n.pending.flush).Call())
	}
	if !writes {
		n.showShared(c)
	}
	n.endJournal(c, "Commit")
	n.addMethod(n.handlerDecl(k.on[i], in, param, c.body()))

	body := n.coder(h.Body, param, "m")
	body.bindParam(h, param)
	body.here.cell, body.here.id, body.here.key = jen.Nil(), jen.Lit(0), n.g.zero(n.step.KeyType())
	body.stmts(h.Body)
	n.addMethod(comment("%s does what the program says at %s.", n.bodies[h], where(h.Pos)).
		Func().Params(n.receiver()).Id(n.bodies[h]).Params(record, jen.Id("m").Qual(rtPath, "Meta")).Block(body.body()...))
}

// What a ttl has ended of the state that all keys share is hidden from a handler
// that only reads it, and shown again after it: records of other keys may be
// earlier, and which of them share a shard is chance.

// hideShared hides what has ended from the handler that follows.
func (n *stepCode) hideShared(c *coder) {
	if n.expires(true) {
		c.add(jen.Id("shared").Op(":=").Add(self(n.keyed.shared)), n.endShared(n.eventNow(), n.markNow(), n.needTask().Dot("Now").Call()))
	}
}

// showShared takes that back.
func (n *stepCode) showShared(c *coder) {
	if n.expires(true) {
		c.add(self(n.keyed.shared).Op("=").Id("shared"))
	}
}

// endShared forgets what has ended at a time, by the watermark, or by the clock.
func (n *stepCode) endShared(at, mark, now jen.Code) jen.Code {
	return n.callExpire(true, jen.Op("&").Add(self(n.keyed.shared)), at, mark, now)
}

// sweepShared forgets what the watermark has ended for all records.
func (n *stepCode) sweepShared() []jen.Code {
	code := n.sweepCollections(true)
	if n.expires(true) {
		code = append(code, n.endShared(jen.Id("mark"), jen.Id("mark"), jen.Id("now")))
	}
	return code
}
