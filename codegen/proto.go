package codegen

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/types"
)

// Records as protocol buffers, for remote functions: fields are numbered from 1
// in the order of their declaration, whole numbers are int64 or int32, times and
// durations int64 of µs, dates int32 of days, enums their numbers, JSON its text, an
// optional field is one that may be left out, and a list a repeated field.

// protoKind is how values of a kind stand in a protocol buffer.
type protoKind struct {
	put, take string   // of package remote: Put… and the method of Message
	plain     string   // the Go type that Put… takes, if it is another
	wire      string   // the wire type of a number; "" of others
	absent    jen.Code // what a field is that is left out, if it is not the zero value
}

var protoKinds = map[types.Kind]protoKind{
	types.Bool:      {put: "Bool", take: "Bool", wire: "Varint"},
	types.Int32:     {put: "Int32", take: "Int32", wire: "Varint"},
	types.Int:       {put: "Int", take: "Int", wire: "Varint"},
	types.Float32:   {put: "Float32", take: "Float32", wire: "Fixed32"},
	types.Float:     {put: "Float", take: "Float", wire: "Fixed64"},
	types.String:    {put: "Text", take: "Text"},
	types.Bytes:     {put: "Bytes", take: "Bytes"},
	types.Timestamp: {put: "Int", take: "Timestamp", plain: "int64", wire: "Varint"},
	types.Duration:  {put: "Int", take: "Duration", plain: "int64", wire: "Varint"},
	types.Date:      {put: "Int32", take: "Date", plain: "int32", wire: "Varint"},
	types.JSON:      {put: "Text", take: "JSON", plain: "string", absent: jen.Lit("null")},
}

// protoOf is how values of a type stand there; of an enum it is what stands for
// its number.
func protoOf(t types.Type) protoKind {
	switch t := t.(type) {
	case *types.Enum:
		return protoKinds[types.Int32]
	case *types.Basic:
		if kind, ok := protoKinds[t.Kind]; ok {
			return kind
		}
	case *types.Record:
		return protoKind{}
	}
	panic(fmt.Sprintf("codegen: no protocol buffer of %s", t))
}

// toProto names the function that appends a record:
//
//	// appendGreetingProto appends a record as a protocol buffer.
//	func appendGreetingProto(b []byte, r *Greeting) []byte {
//		b = remote.PutText(b, 1, r.Name)
//		return b
//	}
func (g *generator) toProto(t *types.Record) *jen.Statement {
	want := "append" + g.typeWord(t) + "Proto"
	return jen.Id(g.helpers.named(g, "proto to "+g.typeKey(t), want, func(name string) {
		var body []jen.Code
		for i, f := range t.Fields {
			body = append(body, g.putProto(i+1, jen.Id("r").Dot(g.record(t).fields[i]), f.Type))
		}
		g.encode.add(comment("%s appends a record as a protocol buffer.", name).
			Func().Id(name).Params(jen.Id("b").Index().Byte(), jen.Id("r").Op("*").Add(g.goType(t))).Index().Byte().
			Block(append(body, jen.Return(jen.Id("b")))...))
	}))
}

func (g *generator) putProto(number int, v *jen.Statement, t types.Type) jen.Code {
	switch t := t.(type) {
	case *types.Option:
		return jen.If(v.Clone().Dot("OK")).Block(g.putOne(number, v.Clone().Dot("V"), t.Elem, true))
	case *types.List:
		return jen.For(jen.Id("i").Op(":=").Range().Add(v.Clone())).Block(g.putOne(number, v.Clone().Index(jen.Id("i")), t.Elem, true))
	default:
		return g.putOne(number, v, t, false)
	}
}

// putOne appends one value; one that is zero is left out unless it is said to be
// there.
func (g *generator) putOne(number int, v *jen.Statement, t types.Type, there bool) jen.Code {
	b := jen.Id("b").Op("=")
	if r, ok := t.(*types.Record); ok {
		inner := jen.Func().Params(jen.Id("b").Index().Byte()).Index().Byte().Block(jen.Return(g.toProto(r).Call(jen.Id("b"), jen.Op("&").Add(v))))
		return b.Qual(remotePath, "PutMessage").Call(jen.Id("b"), jen.Lit(number), inner)
	}
	kind := protoOf(t)
	if enum, ok := t.(*types.Enum); ok {
		v = jen.Id(g.numberOfEnum(enum)).Call(v)
	} else if kind.plain != "" {
		v = jen.Id(kind.plain).Call(v)
	}
	return b.Qual(remotePath, "Put"+kind.put).Call(jen.Id("b"), jen.Lit(number), v, jen.Lit(there))
}

// fromProto names the function that reads a record.
func (g *generator) fromProto(t *types.Record) *jen.Statement {
	want := "read" + g.typeWord(t) + "Proto"
	return jen.Id(g.helpers.named(g, "proto from "+g.typeKey(t), want, func(name string) {
		var absent, cases []jen.Code
		for i, f := range t.Fields {
			place := func() *jen.Statement { return jen.Id("v").Dot(g.record(t).fields[i]) }
			if basic, ok := f.Type.(*types.Basic); ok && protoOf(basic).absent != nil {
				absent = append(absent, place().Op("=").Add(protoOf(basic).absent))
			}
			cases = append(cases, jen.Case(jen.Lit(i+1)).Block(g.takeProto(place(), f.Type)))
		}
		g.decode.add(comment("%s reads a record from a protocol buffer.", name).
			Func().Id(name).Params(jen.Id("b").Index().Byte()).Params(jen.Id("v").Add(g.goType(t)), jen.Id("err").Error()).Block(append(absent,
			jen.Id("m").Op(":=").Qual(remotePath, "NewMessage").Call(jen.Id("b")),
			jen.For(jen.Id("m").Dot("Next").Call()).Block(jen.Switch(jen.Id("m").Dot("Field").Call()).Block(cases...)),
			jen.Return(jen.Id("v"), jen.Id("m").Dot("Err").Call()))...))
	}))
}

func (g *generator) takeProto(place *jen.Statement, t types.Type) jen.Code {
	switch t := t.(type) {
	case *types.Option:
		return place.Op("=").Qual(valuePath, "Some").Call(g.takeOne(t.Elem))
	case *types.List:
		add := place.Clone().Op("=").Append(place.Clone(), g.takeOne(t.Elem))
		if wire := protoOf(t.Elem).wire; wire != "" {
			return jen.For(jen.Range().Id("m").Dot("Elements").Call(jen.Qual(remotePath, wire))).Block(add)
		}
		return add
	default:
		return place.Op("=").Add(g.takeOne(t))
	}
}

func (g *generator) takeOne(t types.Type) *jen.Statement {
	if r, ok := t.(*types.Record); ok {
		return jen.Qual(remotePath, "Inner").Call(jen.Id("m"), g.fromProto(r))
	}
	read := jen.Id("m").Dot(protoOf(t).take).Call()
	if enum, ok := t.(*types.Enum); ok {
		return jen.Id(g.enumOfNumber(enum)).Call(jen.Id("m"), read)
	}
	return read
}

// numberOfEnum names the function that gives the number of a symbol.
func (g *generator) numberOfEnum(t *types.Enum) string {
	return g.helpers.named(g, "proto number "+g.typeKey(t), "number"+g.typeWord(t), func(name string) {
		var cases []jen.Code
		for i, s := range t.Symbols {
			cases = append(cases, jen.Case(jen.Id(g.enum(t).symbols[i])).Block(jen.Return(jen.Lit(int(s.Number)))))
		}
		g.encode.add(comment("%s returns the number of a symbol.", name).
			Func().Id(name).Params(jen.Id("v").Add(g.goType(t))).Int32().Block(jen.Switch(jen.Id("v")).Block(cases...), jen.Return(jen.Lit(0))))
	})
}

// enumOfNumber names the function that turns a number into a symbol.
func (g *generator) enumOfNumber(t *types.Enum) string {
	return g.helpers.named(g, "proto enum "+g.typeKey(t), "proto"+g.typeWord(t), func(name string) {
		var cases []jen.Code
		for i := range t.Symbols {
			symbol := jen.Id(g.enum(t).symbols[i])
			cases = append(cases, jen.Case(jen.Lit(int(t.Symbols[i].Number))).Block(jen.Return(symbol)))
		}
		g.decode.add(comment("%s returns the symbol of a number.", name).
			Func().Id(name).Params(jen.Id("m").Op("*").Qual(remotePath, "Message"), jen.Id("n").Int32()).Params(jen.Id("v").Add(g.goType(t))).Block(
			jen.Switch(jen.Id("n")).Block(cases...),
			jen.Id("m").Dot("Fail").Call(jen.Lit("a number that is no symbol of "+t.Name)),
			jen.Return(jen.Id("v"))))
	})
}
