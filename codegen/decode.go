package codegen

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// decoders maps scalar kinds to the methods of wire.Dec and wire.CSV.
var decoders = map[types.Kind]string{
	types.Bool: "Bool", types.Int32: "Int32", types.Int: "Int", types.Float32: "Float32", types.Float: "Float",
	types.String: "String", types.Bytes: "Bytes", types.Timestamp: "Timestamp", types.Duration: "Duration",
	types.Date: "Date", types.UUID: "UUID", types.JSON: "Raw",
}

// maxSpeculated is how many fields a record may have for its decoder to expect
// them in order and to note what it has seen in one word.
const maxSpeculated = 64

// reader returns the function that reads a record from JSON:
//
//	// readBid reads a record, whose fields mostly come in declared order.
//	func readBid(d *wire.Dec, r *Bid) {
//		*r = Bid{}
//		if !d.BeginObject() {
//			return
//		}
//		seen := uint64(0)
//		if d.Key(`"auction":`) {
//			seen |= bidAuction
//			r.Auction = d.Int()
//		}
//		…
//		if !d.EndObject() {
//			seen = readBidRest(d, r, seen)
//		}
//		if missing := bidRequired &^ seen; missing != 0 {
//			d.Missing(missing, bidFields[:]...)
//		}
//	}
//
// A second function takes the fields that come otherwise.
func (g *generator) reader(r *types.Record) string {
	want := "read" + g.record(r).name
	return g.helpers.named(g, want, want, func(name string) {
		d := &jsonReader{g: g, record: r, names: g.record(r)}
		d.bits = make([]string, len(r.Fields))
		d.rest = g.names.pick(name + "Rest")
		base := unexported(d.names.name)
		for i := range r.Fields {
			d.bits[i] = g.names.pick(base + d.names.fields[i])
		}
		d.required, d.list = g.names.pick(base+"Required"), g.names.pick(base+"Fields")
		d.write(name)
	})
}

// jsonReader writes the decoder of one record.
type jsonReader struct {
	g              *generator
	record         *types.Record
	names          *recordName
	bits           []string // constant of each field
	required, list string
	rest           string
}

// words is how many words the fields that were seen take.
func (d *jsonReader) words() int { return (len(d.record.Fields) + maxSpeculated - 1) / maxSpeculated }

func (d *jsonReader) write(name string) {
	g := d.g
	body := []jen.Code{
		jen.Op("*").Id("r").Op("=").Add(d.defaults()),
		jen.If(jen.Op("!").Id("d").Dot("BeginObject").Call()).Block(jen.Return()),
	}
	if d.words() > 1 {
		d.writeWide(name, body)
		return
	}
	body = append(body, jen.Id("seen").Op(":=").Uint64().Call(jen.Lit(0)))
	for i, f := range d.record.Fields {
		key := quoteJSON(f.Wire) + ":"
		read := append([]jen.Code{jen.Id("seen").Op("|=").Id(d.bits[i])}, d.field(i)...)
		body = append(body, jen.If(jen.Id("d").Dot("Key").Call(rawLit(key))).Block(read...))
	}
	body = append(body,
		jen.If(jen.Op("!").Id("d").Dot("EndObject").Call()).Block(
			jen.Id("seen").Op("=").Id(d.rest).Call(jen.Id("d"), jen.Id("r"), jen.Id("seen")),
		),
	)
	if d.anyRequired() {
		body = append(body, jen.If(jen.Id("missing").Op(":=").Id(d.required).Op("&^").Id("seen"), jen.Id("missing").Op("!=").Lit(0)).
			Block(jen.Id("d").Dot("Missing").Call(jen.Id("missing"), jen.Id(d.list).Index(jen.Op(":")).Op("..."))))
	}
	d.writeBits()
	g.decode.add(
		comment("%s reads a record, whose fields mostly come in declared order.", name).
			Func().Id(name).Params(d.params()...).Block(body...),
		d.restDecl(),
	)
}

func (d *jsonReader) params() []jen.Code {
	return []jen.Code{jen.Id("d").Op("*").Qual(wirePath, "Dec"), jen.Id("r").Op("*").Id(d.names.name)}
}

// defaults writes the record with the defaults of fields that may be missing.
func (d *jsonReader) defaults() *jen.Statement { return d.g.defaultRecord(d.record) }

// defaultRecord writes a record of which every field has its default, or zero.
func (g *generator) defaultRecord(r *types.Record) *jen.Statement {
	names := g.record(r)
	var fields []jen.Code
	for i, f := range r.Fields {
		if e, ok := f.Default.(ir.Expr); ok && g.graph.Uses.Held(r, i) {
			c := g.newCoder()
			v := c.expr(e)
			v.t = f.Type
			fields = append(fields, jen.Id(names.fields[i]).Op(":").Add(v.value()))
		}
	}
	return jen.Id(names.name).Values(fields...)
}

// isRequired reports whether a field must stand in every row.
func isRequired(f types.Field) bool { return f.Default == nil && !isOption(f.Type) }

func (d *jsonReader) anyRequired() bool {
	for _, f := range d.record.Fields {
		if isRequired(f) {
			return true
		}
	}
	return false
}

// writeBits declares a bit for each field, those that must not be missing, and
// the names for messages.
func (d *jsonReader) writeBits() {
	fields := d.record.Fields
	if len(fields) == 0 {
		return
	}
	defs := make([]jen.Code, 0, len(fields)+2)
	var required *jen.Statement
	list := make([]jen.Code, len(fields))
	for i, f := range fields {
		def := jen.Id(d.bits[i])
		if i == 0 {
			def = def.Uint64().Op("=").Lit(1).Op("<<").Iota()
		}
		defs = append(defs, def)
		list[i] = jen.Lit(f.Wire)
		if !isRequired(f) {
			continue
		}
		if required == nil {
			required = jen.Id(d.bits[i])
		} else {
			required = required.Op("|").Id(d.bits[i])
		}
	}
	if required == nil {
		d.g.decode.add(comment("The fields of %s.", d.names.name).Const().Defs(defs...))
		return
	}
	defs = append(defs, jen.Line().Id(d.required).Op("=").Add(required))
	d.g.decode.add(
		comment("The fields of %s, and those that must not be missing.", d.names.name).Const().Defs(defs...),
		jen.Var().Id(d.list).Op("=").Index(jen.Op("...")).String().Values(list...),
	)
}

// restDecl declares the function that reads fields in any order.
func (d *jsonReader) restDecl() jen.Code {
	params := append(d.params(), jen.Id("seen").Uint64())
	var cases []jen.Code
	for i, f := range d.record.Fields {
		read := jen.If(jen.Id("field").Op("=").Id(d.bits[i]), jen.Id("seen").Op("&").Id("field").Op("==").Lit(0)).Block(d.field(i)...)
		cases = append(cases, jen.Case(jen.Lit(f.Wire)).Block(read))
	}
	cases = append(cases, jen.Default().Block(jen.Id("d").Dot("Skip").Call()))
	return comment("%s reads the fields that did not come in order.", d.rest).
		Func().Id(d.rest).Params(params...).Uint64().Block(
		jen.For().Block(
			jen.List(jen.Id("name"), jen.Id("ok")).Op(":=").Id("d").Dot("NextKey").Call(),
			jen.If(jen.Op("!").Id("ok")).Block(jen.Return(jen.Id("seen"))),
			jen.Id("field").Op(":=").Uint64().Call(jen.Lit(0)),
			jen.Switch(jen.String().Call(jen.Id("name"))).Block(cases...),
			jen.If(jen.Id("seen").Op("&").Id("field").Op("!=").Lit(0)).Block(jen.Id("d").Dot("Twice").Call()),
			jen.Id("seen").Op("|=").Id("field"),
		),
	)
}

// writeWide declares the decoder of a record with more fields than a word has
// bits: it reads them in any order and notes them in a table.
func (d *jsonReader) writeWide(name string, body []jen.Code) {
	fields := d.record.Fields
	names, required := make([]jen.Code, len(fields)), make([]jen.Code, len(fields))
	var cases []jen.Code
	for i, f := range fields {
		names[i], required[i] = jen.Lit(f.Wire), jen.Lit(isRequired(f))
		read := jen.If(jen.Id("field").Op("=").Lit(i), jen.Op("!").Id("seen").Index(jen.Lit(i))).Block(d.field(i)...)
		cases = append(cases, jen.Case(jen.Lit(f.Wire)).Block(read))
	}
	cases = append(cases, jen.Default().Block(jen.Id("d").Dot("Skip").Call(), jen.Continue()))
	body = append(body,
		jen.Var().Id("seen").Index(jen.Lit(len(fields))).Bool(),
		jen.For().Block(
			jen.List(jen.Id("name"), jen.Id("ok")).Op(":=").Id("d").Dot("NextKey").Call(),
			jen.If(jen.Op("!").Id("ok")).Block(jen.Break()),
			jen.Id("field").Op(":=").Lit(0),
			jen.Switch(jen.String().Call(jen.Id("name"))).Block(cases...),
			jen.If(jen.Id("seen").Index(jen.Id("field"))).Block(jen.Id("d").Dot("Twice").Call()),
			jen.Id("seen").Index(jen.Id("field")).Op("=").True(),
		),
		jen.For(jen.List(jen.Id("i"), jen.Id("need")).Op(":=").Range().Id(d.required)).Block(
			jen.If(jen.Id("need").Op("&&").Op("!").Id("seen").Index(jen.Id("i"))).Block(
				jen.Id("d").Dot("Missing").Call(jen.Lit(1), jen.Id(d.list).Index(jen.Id("i"))),
			),
		),
	)
	d.g.decode.add(
		jen.Var().Id(d.list).Op("=").Index(jen.Op("...")).String().Values(names...),
		jen.Var().Id(d.required).Op("=").Index(jen.Op("...")).Bool().Values(required...),
		comment("%s reads a record.", name).Func().Id(name).Params(d.params()...).Block(body...),
	)
}

// field reads one field. One that nobody uses is checked and not kept.
func (d *jsonReader) field(i int) []jen.Code {
	f := d.record.Fields[i]
	target := jen.Id("r").Dot(d.names.fields[i])
	if !d.g.graph.Uses.Field(d.record, i) {
		target = nil
	}
	return d.g.readInto(target, f.Type, f.Default != nil)
}

// readInto reads a value of type t from d into target, or checks it only if
// target is nil. hasDefault says that target may hold a default, which null
// replaces.
func (g *generator) readInto(target *jen.Statement, t types.Type, hasDefault bool) []jen.Code {
	switch t := t.(type) {
	case *types.Option:
		return g.readOption(target, t, hasDefault)
	case *types.Record, *types.Union:
		if target == nil {
			// A struct of its own is needed, as its fields are read into it.
			return []jen.Code{
				jen.Var().Id("unused").Add(g.goType(t)),
				jen.Id(g.structReader(t)).Call(jen.Id("d"), jen.Op("&").Id("unused")),
			}
		}
		return []jen.Code{jen.Id(g.structReader(t)).Call(jen.Id("d"), jen.Op("&").Add(target))}
	}
	if target == nil {
		if b, ok := t.(*types.Basic); ok && b.Kind == types.String {
			return []jen.Code{jen.Id("d").Dot("SkipString").Call()}
		}
		return []jen.Code{jen.Id("_").Op("=").Add(g.readValue(t))}
	}
	read := g.readValue(t)
	return []jen.Code{target.Clone().Op("=").Add(read)}
}

// readOption reads null as none.
func (g *generator) readOption(target *jen.Statement, t *types.Option, hasDefault bool) []jen.Code {
	null := jen.Id("d").Dot("Null").Call()
	if target == nil {
		return []jen.Code{jen.If(jen.Op("!").Add(null)).Block(g.readInto(nil, t.Elem, false)...)}
	}
	var read []jen.Code
	if isStruct(t.Elem) {
		read = append(g.readInto(target.Clone().Dot("V"), t.Elem, false), target.Clone().Dot("OK").Op("=").True())
	} else {
		read = []jen.Code{target.Clone().Op("=").Qual(valuePath, "Some").Call(g.readValue(t.Elem))}
	}
	if hasDefault {
		none := target.Clone().Op("=").Add(g.zero(t))
		return []jen.Code{jen.If(null).Block(none).Else().Block(read...)}
	}
	return []jen.Code{jen.If(jen.Op("!").Add(null)).Block(read...)}
}

// readValue reads a value as an expression.
func (g *generator) readValue(t types.Type) *jen.Statement {
	switch t := t.(type) {
	case *types.Basic:
		return jen.Id("d").Dot(decoders[t.Kind]).Call()
	case *types.Decimal:
		return jen.Id("d").Dot("Decimal").Call(jen.Lit(t.Precision), jen.Lit(t.Scale))
	case *types.Enum:
		return jen.Id(g.enumReader(t)).Call(jen.Id("d"))
	case *types.List:
		return jen.Id(g.listReader(t)).Call(jen.Id("d"))
	case *types.Set:
		return jen.Qual(wirePath, "ReadSet").Call(jen.Id("d"), g.readFunc(t.Elem), g.compareFunc(t.Elem))
	case *types.Map:
		return g.readMap(t)
	default:
		panic(fmt.Sprintf("codegen: no reading of %s", t))
	}
}

// enumReader returns the function that reads a symbol.
func (g *generator) enumReader(e *types.Enum) string {
	want := "read" + g.enum(e).name
	return g.helpers.named(g, want, want, func(name string) {
		g.decode.add(comment("%s reads a symbol.", name).
			Func().Id(name).Params(jen.Id("d").Op("*").Qual(wirePath, "Dec")).Id(g.enum(e).name).
			Block(g.symbolSwitch(e, jen.Id("d").Dot("String").Call(),
				jen.Id("d").Dot("NoSymbol").Call(jen.Id("text"), jen.Lit(e.Name)))...))
	})
}

// symbolSwitch returns the symbol that a text names.
func (g *generator) symbolSwitch(e *types.Enum, text, unknown jen.Code) []jen.Code {
	n := g.enum(e)
	var cases []jen.Code
	for i, s := range e.Symbols {
		cases = append(cases, jen.Case(jen.Lit(s.Name)).Block(jen.Return(jen.Id(n.symbols[i]))))
	}
	return []jen.Code{
		jen.Id("text").Op(":=").Add(text),
		jen.Switch(jen.Id("text")).Block(cases...),
		unknown,
		jen.Return(jen.Lit(0)),
	}
}

// listReader returns the function that reads a list.
func (g *generator) listReader(t *types.List) string {
	want := "read" + g.typeWord(t)
	return g.helpers.named(g, "read "+g.typeKey(t), want, func(name string) {
		var body []jen.Code
		item := jen.Id("item")
		if _, simple := t.Elem.(*types.Basic); simple {
			body = []jen.Code{jen.Id("list").Op("=").Append(jen.Id("list"), g.readValue(t.Elem))}
		} else {
			body = append([]jen.Code{jen.Var().Id("item").Add(g.goType(t.Elem))}, g.readInto(item, t.Elem, false)...)
			body = append(body, jen.Id("list").Op("=").Append(jen.Id("list"), item.Clone()))
		}
		g.decode.add(comment("%s reads a list.", name).
			Func().Id(name).Params(jen.Id("d").Op("*").Qual(wirePath, "Dec")).Params(jen.Id("list").Add(g.goType(t))).Block(
			jen.If(jen.Op("!").Id("d").Dot("BeginList").Call()).Block(jen.Return(jen.Nil())),
			jen.For(jen.Id("d").Dot("NextElem").Call()).Block(body...),
			jen.Return(jen.Id("list")),
		))
	})
}
