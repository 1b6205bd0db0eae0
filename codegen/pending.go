package codegen

import (
	"github.com/dave/jennifer/jen"
)

// pending is where a step keeps what its handler has emitted until the handler
// has ended without a mistake.
type pending struct {
	lists []string             // field, by index of Op.Outs; "" if nobody reads the output
	order string               // field with the outputs in the order of the emits; "" if there is one
	flush string               // method
	sends map[*edgeCode]string // field with the messages for an input
}

// addPending adds the fields.
func (n *stepCode) addPending() {
	p := &pending{flush: n.members.pick("flush"), sends: map[*edgeCode]string{}}
	several := 0
	for i, out := range n.op.Outs {
		name := ""
		if len(n.outs[i].targets) > 0 {
			several++
			name = n.field("out"+exported0(out.Name), jen.Index().Qual(rtPath, "Emitted").Types(n.g.goType(out.Elem)), nil)
		}
		p.lists = append(p.lists, name)
	}
	if several > 1 {
		p.order = n.field("order", jen.Index().Uint8(), nil)
	}
	for _, e := range n.step.Sends {
		code := n.g.edges[e]
		p.sends[code] = n.field(code.want+"s", jen.Index().Qual(rtPath, "Emitted").Types(code.elem()), nil)
	}
	n.pending = p
}

// exported0 is exported, of which nothing comes of nothing.
func exported0(name string) string {
	if name == "" {
		return ""
	}
	return exported(name)
}

// keep appends a record to what waits.
func (n *stepCode) keep(c *coder, out int, v operand, meta *jen.Statement) {
	list := n.pending.lists[out]
	if list == "" {
		discarded(c, v)
		return
	}
	emitted := jen.Qual(rtPath, "Emitted").Types(n.g.goType(n.op.Outs[out].Elem)).
		Values(jen.Id("Rec").Op(":").Add(v.value()), jen.Id("Meta").Op(":").Add(meta))
	c.add(self(list).Op("=").Append(self(list), emitted))
	if n.pending.order != "" {
		c.add(self(n.pending.order).Op("=").Append(self(n.pending.order), jen.Lit(out)))
	}
}

// dropPending forgets what waits.
func (n *stepCode) dropPending() []jen.Code {
	if n.pending == nil {
		return nil
	}
	var code []jen.Code
	for _, list := range append(append(n.pending.lists, n.pending.order), n.sendLists()...) {
		if list != "" {
			code = append(code, self(list).Op("=").Add(self(list)).Index(jen.Op(":").Lit(0)))
		}
	}
	return code
}

// writeFlush declares the method that passes on what has waited, in the order
// of the emits:
//
//	// flush passes on what the handler has emitted.
//	func (s *ratio) flush() {
//		for i := range s.out {
//			s.ratiosSink.write(&s.out[i].Rec, s.out[i].Meta)
//		}
//		s.out = s.out[:0]
//	}
func (n *stepCode) writeFlush() {
	p := n.pending
	var body []jen.Code
	if p.order == "" {
		for i, list := range p.lists {
			if list != "" {
				body = append(body, jen.For(jen.Id("i").Op(":=").Range().Add(self(list))).Block(n.pass(i, "i")...))
			}
		}
	} else {
		body = n.flushInOrder()
	}
	body = append(body, n.flushSends()...)
	n.addMethod(comment("%s passes on what the handler has emitted.", p.flush).
		Func().Params(n.receiver()).Id(p.flush).Params().Block(append(body, n.dropPending()...)...))
}

// flushInOrder goes through several outputs at once.
func (n *stepCode) flushInOrder() []jen.Code {
	p := n.pending
	var cases []jen.Code
	var counters []jen.Code
	for i, list := range p.lists {
		if list == "" {
			continue
		}
		next := "next" + exported(list)
		counters = append(counters, jen.Id(next))
		cases = append(cases, jen.Case(jen.Lit(i)).Block(append(n.pass(i, next), jen.Id(next).Op("++"))...))
	}
	return []jen.Code{
		jen.Var().List(counters...).Int(),
		jen.For(jen.Id("_").Op(",").Id("out").Op(":=").Range().Add(self(p.order))).Block(jen.Switch(jen.Id("out")).Block(cases...)),
	}
}

// pass passes on one record that has waited.
func (n *stepCode) pass(out int, index string) []jen.Code {
	c := n.g.newCoder("i")
	item := jen.Id("e")
	c.add(item.Clone().Op(":=").Op("&").Add(self(n.pending.lists[out])).Index(jen.Id(index)))
	rec := operand{code: item.Clone().Dot("Rec"), prec: precPrimary, t: n.op.Outs[out].Elem, stable: true, addressable: true}
	n.outs[out].emit(c, rec, item.Clone().Dot("Meta"))
	return c.body()
}
