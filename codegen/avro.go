package codegen

import (
	"fmt"
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// What state holds is saved as Avro binary. For each type there is a function
// that appends a value and one that reads it: of scalars they are those of
// package avro, of all else functions that are written once:
//
//	// packReading appends a value as Avro.
//	func packReading(b []byte, v Reading) []byte {
//		b = avro.AppendString(b, v.Sensor)
//		b = avro.AppendInt(b, v.At)
//		return b
//	}
//
//	// unpackReading reads a value from Avro.
//	func unpackReading(r *avro.Reader) (v Reading) {
//		v.Sensor = r.Text()
//		v.At = r.Timestamp()
//		return v
//	}

// avroAppend and avroRead are the functions of package avro for scalars.
var (
	avroAppend = map[types.Kind]string{
		types.Bool: "AppendBool", types.Int32: "AppendInt", types.Int: "AppendInt", types.Float32: "AppendFloat32", types.Float: "AppendFloat",
		types.String: "AppendString", types.Bytes: "AppendBytes", types.Timestamp: "AppendInt", types.Duration: "AppendInt",
		types.Date: "AppendInt", types.UUID: "AppendUUID", types.JSON: "AppendString",
	}
	avroRead = map[types.Kind]string{
		types.Bool: "Bool", types.Int32: "Int32", types.Int: "Int", types.Float32: "Float32", types.Float: "Float",
		types.String: "Text", types.Bytes: "Bytes", types.Timestamp: "Timestamp", types.Duration: "Duration",
		types.Date: "Date", types.UUID: "UUID", types.JSON: "JSON",
	}
)

// pack writes the function that appends a value of type t as Avro.
func (g *generator) pack(t types.Type) *jen.Statement {
	switch t := t.(type) {
	case *types.Basic:
		return jen.Qual(avroPath, avroAppend[t.Kind])
	case *types.Decimal:
		return jen.Qual(avroPath, "AppendDecimal")
	case *types.Enum:
		if plainEnum(t) {
			return jen.Qual(avroPath, "AppendInt")
		}
	}
	want := "pack" + g.typeWord(t)
	return jen.Id(g.helpers.named(g, "pack "+g.typeKey(t), want, func(name string) {
		g.declarePack(name, g.goType(t), g.packBody(t))
	}))
}

func (g *generator) declarePack(name string, t jen.Code, body []jen.Code) {
	g.avro.add(comment("%s appends a value as Avro.", name).
		Func().Id(name).Params(jen.Id("b").Index().Byte(), jen.Id("v").Add(t)).Index().Byte().Block(body...))
}

// packed appends one value to b.
func (g *generator) packed(t types.Type, v *jen.Statement) jen.Code {
	return jen.Id("b").Op("=").Add(g.pack(t)).Call(jen.Id("b"), v)
}

func (g *generator) packBody(t types.Type) []jen.Code {
	b, v := jen.Id("b"), jen.Id("v")
	call := func(name string, each ...jen.Code) []jen.Code {
		return []jen.Code{jen.Return(jen.Qual(avroPath, name).Call(append([]jen.Code{b, v}, each...)...))}
	}
	switch t := t.(type) {
	case *types.Option:
		return call("AppendOption", g.pack(t.Elem))
	case *types.List:
		return call("AppendList", g.pack(t.Elem))
	case *types.Set:
		return call("AppendList", g.pack(t.Elem))
	case *types.Map:
		return call("AppendMap", g.pack(t.Key), g.pack(t.Value))
	case *types.Enum:
		return []jen.Code{jen.Return(jen.Qual(avroPath, "AppendBranch").Call(b, rankTable(byNumber(t)).Index(v)))}
	case *types.Record:
		var body []jen.Code
		for i, f := range t.Fields {
			body = append(body, g.packed(f.Type, v.Clone().Dot(g.record(t).fields[i])))
		}
		return append(body, jen.Return(b))
	case *types.Union:
		return []jen.Code{
			g.members(t, v, func(i int, field operand) []jen.Code {
				branch := jen.Qual(avroPath, "AppendBranch").Call(b, jen.Lit(i))
				return []jen.Code{jen.Id("b").Op("=").Add(g.pack(field.t)).Call(branch, field.value())}
			}),
			jen.Return(b),
		}
	default:
		panic(fmt.Sprintf("codegen: no Avro of %s", t))
	}
}

// plainEnum reports whether the symbols of an enum are declared in the order of
// their numbers, which is that of their constants in Go. Saved is the position of
// the declaration.
func plainEnum(e *types.Enum) bool { return slices.IsSorted(byNumber(e)) }

// rankTable writes a table by which a constant becomes a position or the other
// way round.
func rankTable(to []int) *jen.Statement {
	var list []jen.Code
	for _, n := range to {
		list = append(list, jen.Lit(n))
	}
	return jen.Index(jen.Op("...")).Int().Values(list...)
}

// unpack writes the function that reads a value of type t from Avro.
func (g *generator) unpack(t types.Type) *jen.Statement {
	if t, ok := t.(*types.Basic); ok {
		return jen.Parens(jen.Op("*").Qual(avroPath, "Reader")).Dot(avroRead[t.Kind])
	}
	want := "unpack" + g.typeWord(t)
	return jen.Id(g.helpers.named(g, "unpack "+g.typeKey(t), want, func(name string) {
		g.declareUnpack(name, g.goType(t), g.unpackBody(t))
	}))
}

func (g *generator) declareUnpack(name string, t jen.Code, body []jen.Code) {
	g.avro.add(comment("%s reads a value from Avro.", name).
		Func().Id(name).Params(jen.Id("r").Op("*").Qual(avroPath, "Reader")).Params(jen.Id("v").Add(t)).Block(body...))
}

// unpacked reads a value of type t from the reader r.
func (g *generator) unpacked(t types.Type, r *jen.Statement) *jen.Statement {
	if t, ok := t.(*types.Basic); ok {
		return r.Dot(avroRead[t.Kind]).Call()
	}
	return g.unpack(t).Call(r)
}

func (g *generator) unpackBody(t types.Type) []jen.Code {
	r := jen.Id("r")
	call := func(name string, args ...jen.Code) []jen.Code {
		return []jen.Code{jen.Return(jen.Qual(avroPath, name).Call(append([]jen.Code{r}, args...)...))}
	}
	switch t := t.(type) {
	case *types.Decimal:
		return []jen.Code{jen.Return(r.Dot("Decimal").Call(jen.Lit(t.Precision)))}
	case *types.Enum:
		read := r.Dot("Branch").Call(jen.Lit(len(t.Symbols)))
		if !plainEnum(t) {
			ranks := make([]int, len(t.Symbols))
			for rank, i := range byNumber(t) {
				ranks[i] = rank
			}
			read = rankTable(ranks).Index(read)
		}
		return []jen.Code{jen.Return(g.goType(t).Call(read))}
	case *types.Option:
		return call("ReadOption", g.unpack(t.Elem))
	case *types.List:
		return call("ReadList", jen.Lit(leastBytes(t.Elem)), g.unpack(t.Elem))
	case *types.Set:
		return call("ReadSet", jen.Lit(leastBytes(t.Elem)), g.compareFunc(t.Elem), g.unpack(t.Elem))
	case *types.Map:
		return call("ReadMap", jen.Lit(leastBytes(t.Key)+leastBytes(t.Value)), g.compareFunc(t.Key), g.unpack(t.Key), g.unpack(t.Value))
	case *types.Record:
		var body []jen.Code
		for i, f := range t.Fields {
			body = append(body, jen.Id("v").Dot(g.record(t).fields[i]).Op("=").Add(g.unpacked(f.Type, jen.Id("r"))))
		}
		return append(body, jen.Return(jen.Id("v")))
	case *types.Union:
		n := g.unionOf(t)
		var cases []jen.Code
		for i, m := range t.Members {
			cases = append(cases, jen.Case(jen.Id(n.tags[i])).Block(
				jen.Id("v").Dot(n.fields[i]).Op("=").Add(g.unpacked(m, jen.Id("r"))),
			))
		}
		return []jen.Code{
			jen.Id("v").Dot(n.tag).Op("=").Id(n.member).Call(r.Dot("Branch").Call(jen.Lit(len(t.Members)))),
			jen.Switch(jen.Id("v").Dot(n.tag)).Block(cases...),
			jen.Return(jen.Id("v")),
		}
	default:
		panic(fmt.Sprintf("codegen: no Avro of %s", t))
	}
}

// leastBytes is the number of bytes that a value of t takes at least, by which
// readers bound the length of lists.
func leastBytes(t types.Type) int {
	switch t := t.(type) {
	case *types.Basic:
		switch t.Kind {
		case types.Float32:
			return 4
		case types.Float:
			return 8
		case types.UUID:
			return 16
		}
		return 1
	case *types.Decimal:
		return 2
	case *types.Record:
		n := 0
		for _, f := range t.Fields {
			n += leastBytes(f.Type)
		}
		return n
	default:
		return 1
	}
}

// packEntryKey and unpackEntryKey are for keys of type t as a collection holds
// them.
func (g *generator) packEntryKey(t types.Type) *jen.Statement {
	switch {
	case !textEntry(t):
		return g.pack(t)
	case types.Is(t, types.Bytes):
		return jen.Qual(avroPath, "AppendString") // which is written alike
	}
	want := "pack" + g.typeWord(t) + "Key"
	return jen.Id(g.helpers.named(g, "pack key "+g.typeKey(t), want, func(name string) {
		g.declarePack(name, jen.String(), []jen.Code{
			jen.Return(g.pack(t).Call(jen.Id("b"), g.fromEntryKey(t, jen.Id("v")))),
		})
	}))
}

func (g *generator) unpackEntryKey(t types.Type) *jen.Statement {
	if !textEntry(t) {
		return g.unpack(t)
	}
	want := "unpack" + g.typeWord(t) + "Key"
	return jen.Id(g.helpers.named(g, "unpack key "+g.typeKey(t), want, func(name string) {
		read := operand{code: g.unpacked(t, jen.Id("r")), prec: precPrimary, t: t}
		g.declareUnpack(name, jen.String(), []jen.Code{jen.Return(g.entryKey(read))})
	}))
}

// packEntry and unpackEntry are for the values of a map; they are nil of a set.
func (g *generator) packEntry(s *ir.State) *jen.Statement {
	switch {
	case s.Kind == ir.SetState:
		return jen.Nil()
	case s.Kind == ir.DynamicState:
		return jen.Qual(dynamicPath, "Pack")
	case s.Agg != nil:
		return g.packAccumulator(s.Agg)
	case s.Group != nil:
		return g.packGroup(s)
	default:
		return g.pack(s.Value)
	}
}

func (g *generator) unpackEntry(s *ir.State) *jen.Statement {
	switch {
	case s.Kind == ir.SetState:
		return jen.Nil()
	case s.Kind == ir.DynamicState:
		return jen.Qual(dynamicPath, "Unpack")
	case s.Agg != nil:
		return g.unpackAccumulator(s.Agg)
	case s.Group != nil:
		return g.unpackGroup(s)
	default:
		return g.unpack(s.Value)
	}
}

// packGroup writes the function for an entry that is a group.
func (g *generator) packGroup(s *ir.State) *jen.Statement {
	code := g.group(s)
	if code.record {
		return g.pack(s.Group.View)
	}
	return jen.Id(g.helpers.named(g, "pack group "+code.name, "pack"+exported(code.name), func(name string) {
		var body []jen.Code
		for i, p := range s.Group.Parts {
			field := jen.Id("v").Dot(code.fields[i])
			switch p.Kind {
			case ir.ListState:
				body = append(body, jen.Id("b").Op("=").Qual(avroPath, "AppendList").Call(jen.Id("b"), field.Dot("Items").Call(), g.pack(p.Elem)))
			case ir.AggregateState:
				body = append(body, g.packOptional(field.Clone().Dot("added"), g.packAccumulator(p.Agg), field))
			default:
				body = append(body, g.packed(p.Elem, field))
			}
		}
		g.declarePack(name, jen.Id(code.name), append(body, jen.Return(jen.Id("b"))))
	}))
}

func (g *generator) unpackGroup(s *ir.State) *jen.Statement {
	code := g.group(s)
	if code.record {
		return g.unpack(s.Group.View)
	}
	return jen.Id(g.helpers.named(g, "unpack group "+code.name, "unpack"+exported(code.name), func(name string) {
		var body []jen.Code
		for i, p := range s.Group.Parts {
			field := jen.Id("v").Dot(code.fields[i])
			switch p.Kind {
			case ir.ListState:
				items := jen.Qual(avroPath, "ReadList").Call(jen.Id("r"), jen.Lit(leastBytes(p.Elem)), g.unpack(p.Elem))
				body = append(body, field.Op("=").Qual(statePath, "ListOf").Call(items))
			case ir.AggregateState:
				body = append(body, jen.If(jen.Id("r").Dot("Some").Call()).Block(field.Op("=").Add(g.unpackAccumulator(p.Agg)).Call(jen.Id("r"))))
			default:
				body = append(body, field.Op("=").Add(g.unpacked(p.Elem, jen.Id("r"))))
			}
		}
		g.declareUnpack(name, jen.Id(code.name), append(body, jen.Return(jen.Id("v"))))
	}))
}

// packOptional appends a union of null and a value.
func (g *generator) packOptional(has, pack, v *jen.Statement) jen.Code {
	some := jen.Qual(avroPath, "AppendBranch").Call(jen.Id("b"), jen.Lit(1))
	return jen.If(has).Block(
		jen.Id("b").Op("=").Add(pack).Call(some, v),
	).Else().Block(
		jen.Id("b").Op("=").Qual(avroPath, "AppendBranch").Call(jen.Id("b"), jen.Lit(0)),
	)
}
