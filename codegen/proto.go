package codegen

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/types"
)

// Records as protocol buffers, for remote functions: fields are numbered from 1
// in the order of their declaration, whole numbers are int64 or int32, times and
// durations int64 of µs, an optional field is one that may be left out, and a list
// a repeated field.

// protoWords are the words for types of fields in names of package remote.
var protoWords = map[types.Kind]string{
	types.Bool: "Bool", types.Int32: "Int32", types.Int: "Int", types.Float32: "Float32", types.Float: "Float", types.String: "Text", types.Bytes: "Bytes",
	types.Timestamp: "Int", types.Duration: "Int", types.Date: "Int32", types.JSON: "Text",
}

// protoWord is that of a type, with the Go type that package remote has for it;
// "" of a record.
func protoWord(t types.Type) (word string, plain *jen.Statement) {
	switch t := t.(type) {
	case *types.Enum:
		return "Int32", jen.Int32()
	case *types.Record:
		return "", nil
	case *types.Basic:
		switch t.Kind {
		case types.Timestamp, types.Duration:
			plain = jen.Int64()
		case types.Date:
			plain = jen.Int32()
		case types.JSON:
			plain = jen.String()
		}
		return protoWords[t.Kind], plain
	default:
		panic(fmt.Sprintf("codegen: no protocol buffer of %s", t))
	}
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
	word, plain := protoWord(t)
	if enum, ok := t.(*types.Enum); ok {
		v = jen.Id(g.numberOfEnum(enum)).Call(v)
	} else if plain != nil {
		v = plain.Call(v)
	}
	return b.Qual(remotePath, "Put"+word).Call(jen.Id("b"), jen.Lit(number), v, jen.Lit(there))
}

// fromProto names the function that reads a record.
func (g *generator) fromProto(t *types.Record) *jen.Statement {
	want := "read" + g.typeWord(t) + "Proto"
	return jen.Id(g.helpers.named(g, "proto from "+g.typeKey(t), want, func(name string) {
		var cases []jen.Code
		for i, f := range t.Fields {
			cases = append(cases, jen.Case(jen.Lit(i+1)).Block(g.takeProto(jen.Id("v").Dot(g.record(t).fields[i]), f.Type)))
		}
		g.decode.add(comment("%s reads a record from a protocol buffer.", name).
			Func().Id(name).Params(jen.Id("b").Index().Byte()).Params(jen.Id("v").Add(g.goType(t)), jen.Id("err").Error()).Block(
			jen.Id("m").Op(":=").Qual(remotePath, "NewMessage").Call(jen.Id("b")),
			jen.For(jen.Id("m").Dot("Next").Call()).Block(jen.Switch(jen.Id("m").Dot("Field").Call()).Block(cases...)),
			jen.Return(jen.Id("v"), jen.Id("m").Dot("Err").Call())))
	}))
}

func (g *generator) takeProto(place *jen.Statement, t types.Type) jen.Code {
	switch t := t.(type) {
	case *types.Option:
		return place.Op("=").Qual(valuePath, "Some").Call(g.takeOne(t.Elem))
	case *types.List:
		return place.Clone().Op("=").Append(place.Clone(), g.takeOne(t.Elem))
	default:
		return place.Op("=").Add(g.takeOne(t))
	}
}

func (g *generator) takeOne(t types.Type) *jen.Statement {
	if r, ok := t.(*types.Record); ok {
		return jen.Qual(remotePath, "Inner").Call(jen.Id("m"), g.fromProto(r))
	}
	word, plain := protoWord(t)
	read := jen.Id("m").Dot(word).Call()
	if enum, ok := t.(*types.Enum); ok {
		return jen.Id(g.enumOfNumber(enum)).Call(jen.Id("m"), read)
	}
	if plain != nil {
		return g.goType(t).Call(read)
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
