package codegen

import (
	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/plan"
	"github.com/flow-lang/flowc/typecheck/types"
)

// laneCode is a lane of a source as a Go type.
type laneCode struct {
	*node
	source    *plan.Source
	elem      types.Type // a record or a union
	out       *outlet
	malformed *outlet // for the policy "to"
	rows      string  // package variable with the format of CSV; "" for JSON
	decoder   string  // field
}

// nameLane gives the lane its names.
func (g *generator) nameLane(s *plan.Source) {
	n := &laneCode{node: g.newNode(unexported(s.IR.Name), &g.sources), source: s, elem: s.IR.Out.Elem}
	for _, name := range []string{"Block", "Overlong", "decode", "malformed"} {
		n.members.pick(name)
	}
	if s.IR.Connector.Name == "csv" {
		n.rows = g.names.pick(unexported(s.IR.Name) + "Rows")
	}
	g.lanes[s] = n
}

// record is what the rows of CSV hold, which are no unions.
func (n *laneCode) record() *types.Record { return n.elem.(*types.Record) }

// writeLane declares the lane:
//
//	// readings decodes the source at temperature.flow:18:1 and runs the steps fused to it.
//	type readings struct {
//		t     *rt.Task
//		d     wire.Dec
//		jumps *rt.Sender[Reading]
//	}
//
//	// Block handles the rows of a block.
//	func (s *readings) Block(b *rt.Block) {
//		latest := value.MinTime
//		var r Reading
//		…
//		b.Max = latest
//	}
func (g *generator) writeLane(n *laneCode) {
	n.out = n.outlet("emit", n.source.IR.Out, n.source.Out, n.elem)
	if n.source.IR.OnMalformed.Action == ir.To {
		n.malformed = n.outlet("emitMalformed", n.source.IR.OnMalformed.To, n.source.OnMalformed, n.source.IR.OnMalformed.To.Elem)
	}
	if n.rows != "" {
		n.decoder = n.field("d", jen.Op("*").Qual(wirePath, "CSV"), func(*wiring) jen.Code {
			return jen.Qual(wirePath, "NewCSV").Call(jen.Op("&").Id(n.rows))
		})
		n.writeRowsFormat()
		n.writeCSVBlock()
		n.writeCSVDecode()
	} else {
		n.decoder = n.field("d", jen.Qual(wirePath, "Dec"), nil)
		n.writeJSONBlock()
	}
	if n.malformed != nil {
		n.writeMalformed()
	}
	n.declare(comment("%s decodes the source at %s and runs the steps fused to it.", n.name, where(n.source.IR.Pos)))
}

// blockDecl writes the method that takes a block; loop is the loop over its
// rows.
func (n *laneCode) blockDecl(loop ...jen.Code) {
	var body []jen.Code
	if n.source.IR.EventTime != nil {
		body = append(body, jen.Id("latest").Op(":=").Qual(valuePath, "MinTime"))
	}
	body = append(body, jen.Var().Id("r").Add(n.g.goType(n.elem)))
	body = append(body, loop...)
	if n.source.IR.EventTime != nil {
		body = append(body, jen.Id("b").Dot("Max").Op("=").Id("latest"))
	}
	n.addMethod(comment("Block handles the rows of a block.").
		Func().Params(n.receiver()).Id("Block").Params(jen.Id("b").Op("*").Qual(rtPath, "Block")).Block(body...))
}

// writeJSONBlock goes through the lines of a block.
func (n *laneCode) writeJSONBlock() {
	d := func() *jen.Statement { return self(n.decoder) }
	bad := n.badRow(jen.Id("line"), jen.Id("row"), d().Dot("Err").Call())
	body := []jen.Code{
		jen.Var().Id("row").Index().Byte(),
		jen.List(jen.Id("row"), jen.Id("rest")).Op("=").Qual(wirePath, "NextLine").Call(jen.Id("rest")),
		jen.If(jen.Qual(wirePath, "IsBlank").Call(jen.Id("row"))).Block(jen.Continue()),
		d().Dot("Reset").Call(jen.Id("row")),
		jen.Id(n.g.structReader(n.elem)).Call(jen.Op("&").Add(d()), jen.Op("&").Id("r")),
		jen.If(jen.Op("!").Add(d()).Dot("End").Call()).Block(bad...),
	}
	n.blockDecl(
		jen.Id("line").Op(":=").Id("b").Dot("Line"),
		jen.For(
			jen.Id("rest").Op(":=").Id("b").Dot("Bytes"),
			jen.Len(jen.Id("rest")).Op(">").Lit(0),
			jen.Id("line").Op("++"),
		).Block(append(body, n.handle()...)...),
	)
}

// writeCSVBlock goes through the rows of a block.
func (n *laneCode) writeCSVBlock() {
	d := func() *jen.Statement { return self(n.decoder) }
	bad := n.badRow(d().Dot("Line").Call(), d().Dot("Raw").Call(), d().Dot("Err").Call())
	body := []jen.Code{
		self("decode").Call(jen.Op("&").Id("r")),
		jen.If(d().Dot("Err").Call().Op("!=").Nil()).Block(bad...),
	}
	n.blockDecl(
		d().Dot("Reset").Call(jen.Id("b").Dot("Bytes"), jen.Id("b").Dot("Columns"), jen.Id("b").Dot("Line")),
		jen.For(d().Dot("Next").Call()).Block(append(body, n.handle()...)...),
	)
}

// badRow deals with a row that is no record, and goes on with the next.
func (n *laneCode) badRow(line, raw, err *jen.Statement) []jen.Code {
	if n.malformed != nil {
		return []jen.Code{self("malformed").Call(jen.Id("b"), line, raw, err), jen.Continue()}
	}
	stopped := jen.Op("!").Add(n.needTask()).Dot("Malformed").Call(jen.Id("b"), line, raw, err)
	return []jen.Code{jen.If(stopped).Block(jen.Return()), jen.Continue()}
}

// writeMalformed declares the method that sends rows that are no records to the
// stream for them, and the one that does so with rows that are too long.
func (n *laneCode) writeMalformed() {
	record := n.malformed.elem.(*types.Record)
	names := n.g.record(record)
	position := jen.Id("b").Dot("Path").Op("+").Lit(":").Op("+").Qual("strconv", "Itoa").Call(jen.Id("line"))
	c := n.g.newCoder("b", "line", "raw", "err")
	n.malformed.emit(c, operand{
		code: jen.Id(names.name).Values(
			jen.Id(names.fields[0]).Op(":").String().Call(jen.Id("raw")),
			jen.Id(names.fields[1]).Op(":").Id("err").Dot("Error").Call(),
			jen.Id(names.fields[2]).Op(":").Add(position),
		), prec: precPrimary, t: record, lit: true,
	}, n.arrivalMeta())
	block := func() *jen.Statement { return jen.Id("b").Op("*").Qual(rtPath, "Block") }
	n.addMethod(comment("malformed sends a row that is no record to the stream for such rows.").
		Func().Params(n.receiver()).Id("malformed").
		Params(block(), jen.Id("line").Int(), jen.Id("raw").Index().Byte(), jen.Err().Error()).Block(c.body()...))
	n.addMethod(comment("Overlong does the same with a row that is longer than rows may be.").
		Func().Params(n.receiver()).Id("Overlong").Params(block()).
		Block(self("malformed").Call(jen.Id("b"), jen.Id("b").Dot("Line"), jen.Id("b").Dot("Bytes"), jen.Id("b").Dot("Overlong"))))
}

// arrivalMeta is the times of a record that has no event time.
func (n *laneCode) arrivalMeta() *jen.Statement {
	return jen.Qual(rtPath, "Meta").Values(
		jen.Id("Time").Op(":").Id("b").Dot("Arrival"), jen.Id("Mark").Op(":").Qual(valuePath, "MinTime"))
}

// handle passes on the record r.
func (n *laneCode) handle() []jen.Code {
	c := n.g.newCoder("b", "r", "row", "rest", "line", "latest", "m", "err")
	c.add(jen.Id("b").Dot("Records").Op("++"))
	record := operand{code: jen.Id("r"), prec: precPrimary, t: n.elem, stable: true, addressable: true}
	if n.source.IR.EventTime == nil {
		n.pass(c, record, n.arrivalMeta())
		return c.body()
	}
	at := n.eventTime(c, record)
	mark := jen.Id("latest")
	if n.source.Serial {
		mark = jen.Id("b").Dot("Mark").Call(jen.Id("latest"))
	} else if lag := n.source.IR.Lag; lag != 0 {
		lagCode := c.durationConst(&ir.IntConst{Base: ir.Base{T: types.Of(types.Duration)}, Value: lag})
		mark = mark.Op("-").Qual(valuePath, "Timestamp").Call(lagCode.code)
	}
	c.add(jen.Id("latest").Op("=").Max(jen.Id("latest"), at.value()))
	n.pass(c, record, jen.Qual(rtPath, "Meta").Values(jen.Id("Time").Op(":").Add(at.value()), jen.Id("Mark").Op(":").Add(mark)))
	return c.body()
}

// pass hands the record on unless nobody reads it.
func (n *laneCode) pass(c *coder, record operand, meta *jen.Statement) {
	if len(n.out.targets) > 0 {
		n.out.emit(c, record, meta)
	}
}

// eventTime evaluates the event time of the record.
func (n *laneCode) eventTime(c *coder, record operand) operand {
	l := n.source.IR.EventTime
	ir.Inspect(l.Body, c.countReads)
	c.vars[l.Params[0]] = variable{code: record.code}
	if n.g.graph.Effects.ExprReadsParams(l.Body) {
		c.params = n.needParams()
	}
	fails := n.g.graph.Effects.CanFail(l.Body)
	if fails {
		c.fault = n.needFault()
		failure := n.newFailure(n.source.IR.Name, n.source.IR.OnError, n.source.OnError)
		meta := n.arrivalMeta()
		c.bail = func() []jen.Code {
			return c.block(func() {
				failure.code(c, pointer(record), n.elem, meta)
				c.add(jen.Continue())
			})
		}
	}
	at := c.expr(l.Body)
	if !at.stable || fails {
		at = c.temp("at", at)
	}
	if fails {
		c.checkFault()
	}
	return at
}

// writeRowsFormat declares the format of the source's rows of CSV.
func (n *laneCode) writeRowsFormat() {
	n.g.sources.add(comment("%s says how the rows of %s lie in a file.", n.rows, n.name).
		Var().Id(n.rows).Op("=").Add(n.g.csvFormat(n.source.IR.Connector, n.record())))
}

// writeCSVDecode declares the method that reads the row at hand:
//
//	// decode reads the row at hand.
//	func (s *readings) decode(r *Reading) {
//		d := s.d
//		*r = Reading{}
//		r.Sensor = d.String(0)
//		r.At = d.Timestamp(1)
//	}
func (n *laneCode) writeCSVDecode() {
	record := n.record()
	names := n.g.record(record)
	body := []jen.Code{
		jen.Id("d").Op(":=").Add(self(n.decoder)),
		jen.Op("*").Id("r").Op("=").Add(n.g.defaultRecord(record)),
	}
	for i, f := range record.Fields {
		target := jen.Id("r").Dot(names.fields[i])
		if !n.g.graph.Uses.Field(record, i) {
			target = jen.Id("_")
		}
		body = append(body, n.cell(i, f, target))
	}
	n.addMethod(comment("decode reads the row at hand.").
		Func().Params(n.receiver()).Id("decode").Params(jen.Id("r").Op("*").Id(names.name)).Block(body...))
}

// cell reads one cell. An empty one is none, or the default of a field that is
// no string.
func (n *laneCode) cell(i int, f types.Field, target *jen.Statement) jen.Code {
	t := f.Type
	some := func(v *jen.Statement) *jen.Statement { return v }
	if o, ok := t.(*types.Option); ok {
		t = o.Elem
		some = func(v *jen.Statement) *jen.Statement { return jen.Qual(valuePath, "Some").Call(v) }
	}
	read := target.Op("=").Add(some(n.readCell(i, t)))
	if isRequired(f) {
		return read
	}
	return jen.If(jen.Op("!").Id("d").Dot("Empty").Call(jen.Lit(i))).Block(read)
}

func (n *laneCode) readCell(i int, t types.Type) *jen.Statement {
	switch t := t.(type) {
	case *types.Enum:
		return jen.Id(n.g.enumCell(t)).Call(jen.Id("d"), jen.Lit(i))
	case *types.Decimal:
		return jen.Id("d").Dot("Decimal").Call(jen.Lit(i), jen.Lit(t.Precision), jen.Lit(t.Scale))
	case *types.Basic:
		if t.Kind == types.JSON {
			return jen.Id("d").Dot("JSON").Call(jen.Lit(i))
		}
		return jen.Id("d").Dot(decoders[t.Kind]).Call(jen.Lit(i))
	}
	panic("codegen: the checker lets only scalars into cells")
}

// enumCell returns the function that reads a symbol from a cell.
func (g *generator) enumCell(e *types.Enum) string {
	want := "read" + g.enum(e).name + "Cell"
	return g.helpers.named(g, want, want, func(name string) {
		g.decode.add(comment("%s reads a symbol from a cell.", name).
			Func().Id(name).Params(jen.Id("d").Op("*").Qual(wirePath, "CSV"), jen.Id("field").Int()).Id(g.enum(e).name).
			Block(g.symbolSwitch(e, jen.Id("d").Dot("String").Call(jen.Id("field")),
				jen.Id("d").Dot("NoSymbol").Call(jen.Id("field"), jen.Id("text"), jen.Lit(e.Name)))...))
	})
}
