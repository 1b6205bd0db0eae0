package codegen

import (
	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/plan"
)

// sinkCode is a sink as a Go type.
type sinkCode struct {
	*node
	sink *plan.Sink
}

// nameSink gives the sink its names.
func (g *generator) nameSink(s *plan.Sink) {
	n := &sinkCode{node: g.newNode(unexported(s.IR.Name)+"Sink", &g.encode), sink: s}
	n.members.pick("write")
	g.sinks[s] = n
}

// writeSink declares the sink:
//
//	// alertsSink encodes what the sink at clicks.flow:51:1 writes.
//	type alertsSink struct {
//		rows *rt.Rows
//	}
//
//	// write encodes one record.
//	func (s *alertsSink) write(r *Alert, m rt.Meta) {
//		s.rows.End(appendAlert(s.rows.Begin(), r))
//	}
//
// A record that cannot be encoded, as JSON knows no NaN, fails. One that has failed
// already is written with null in such places, for it has nowhere else to go.
func (g *generator) writeSink(n *sinkCode) {
	name := n.field("rows", jen.Op("*").Qual(rtPath, "Rows"), func(w *wiring) jen.Code { return w.rows(n.sink) })
	rows := func() *jen.Statement { return self(name) }
	elem := n.sink.IR.In.Elem
	encode := g.rowEncoder(n.sink.IR.Connector, elem)
	row := encode.call(rows().Dot("Begin").Call(), jen.Id("r"), n.needFault)
	c := g.newCoder("r", "m", "b")
	if encode.fails && n.takesFailed() {
		c.add(jen.Id("b").Op(":=").Add(row))
		c.add(n.needFault().Dot("Take").Call())
		row = jen.Id("b")
	} else if encode.fails {
		failure := n.newFailure(n.sink.IR.Name, n.sink.IR.OnError, n.sink.OnError)
		failure.method = "Unwritten"
		c.add(jen.Id("b").Op(":=").Add(row))
		c.add(jen.If(n.needFault().Dot("Failed").Call()).Block(c.block(func() {
			failure.code(c, jen.Id("r"), elem, jen.Id("m"))
			c.add(jen.Return())
		})...))
		row = jen.Id("b")
	}
	c.add(rows().Dot("End").Call(row))
	n.addMethod(comment("write encodes one record.").
		Func().Params(n.receiver()).Id("write").Params(g.recordParams(elem)...).Block(c.body()...))
	n.declare(comment("%s encodes what the sink at %s writes.", n.name, where(n.sink.IR.Pos)))
}

// takesFailed reports whether the sink writes records that have failed as lines of
// JSON, and does not say what becomes of those that it cannot write.
func (n *sinkCode) takesFailed() bool {
	s := n.sink.IR
	return s.In.Failed && s.Connector.Name == "jsonl" && s.OnError.Action == ir.Fail
}
