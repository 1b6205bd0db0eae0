package codegen

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// recordName is a record with its names in Go.
type recordName struct {
	record *types.Record
	name   string
	fields []string
}

// enumName is an enum with its names in Go.
type enumName struct {
	name    string
	symbols []string
	texts   string // the table of the symbols' texts
}

// nameTypes gives names to the types of the program: the nominal ones in source
// order, then the anonymous ones after the streams that carry them.
func (g *generator) nameTypes() {
	for _, r := range g.program.Records {
		if r.Name != "" {
			g.record(r)
		}
	}
	for _, e := range g.program.Enums {
		g.enum(e)
	}
	for _, u := range g.program.Unions {
		g.unionOf(u)
	}
	for _, s := range g.program.Sources {
		g.nameElem(s.Out)
	}
	for _, s := range g.program.Steps {
		for _, out := range s.Outputs {
			g.nameElem(out)
		}
	}
	for _, r := range g.program.Records {
		g.record(r)
	}
}

// nameElem names an anonymous record after the stream s.
func (g *generator) nameElem(s *ir.Stream) {
	if s == nil {
		return
	}
	if r, ok := s.Elem.(*types.Record); ok && r.Name == "" {
		g.recordCalled(r, exported(s.Name)+"Record")
	}
}

// record returns the names of r, and gives them first if it has none yet.
func (g *generator) record(r *types.Record) *recordName {
	name := exported(r.Name)
	for _, a := range r.Args {
		name += g.typeWord(a)
	}
	if r.Name == "" {
		name = "Record"
		for i, f := range r.Fields {
			if i < 3 {
				name += exported(f.Name)
			}
		}
	}
	return g.recordCalled(r, name)
}

func (g *generator) recordCalled(r *types.Record, name string) *recordName {
	for i := range g.recordNames {
		if types.Identical(g.recordNames[i].record, r) {
			return g.recordNames[i]
		}
	}
	names := &recordName{record: r, name: g.names.pick(name)}
	fields := newNames(nil)
	for _, f := range r.Fields {
		names.fields = append(names.fields, fields.pick(exported(f.Name)))
	}
	g.recordNames = append(g.recordNames, names)
	return names
}

// typeWord turns a type into a word that can be part of a Go name.
func (g *generator) typeWord(t types.Type) string {
	switch t := t.(type) {
	case *types.Record:
		return g.record(t).name
	case *types.Enum:
		return g.enum(t).name
	case *types.Option:
		return "Optional" + g.typeWord(t.Elem)
	case *types.List:
		return "List" + g.typeWord(t.Elem)
	case *types.Set:
		return "Set" + g.typeWord(t.Elem)
	case *types.Map:
		return "Map" + g.typeWord(t.Key) + g.typeWord(t.Value)
	case *types.Union:
		return g.unionOf(t).name
	case *types.Decimal:
		return fmt.Sprintf("Decimal%dx%d", t.Precision, t.Scale)
	default:
		return exported(t.String())
	}
}

// typeKey turns a type into a text that no other type has.
func (g *generator) typeKey(t types.Type) string {
	switch t := t.(type) {
	case *types.Option:
		return g.typeKey(t.Elem) + "?"
	case *types.List:
		return "list<" + g.typeKey(t.Elem) + ">"
	case *types.Set:
		return "set<" + g.typeKey(t.Elem) + ">"
	case *types.Map:
		return "map<" + g.typeKey(t.Key) + ", " + g.typeKey(t.Value) + ">"
	case *types.Record, *types.Enum, *types.Union:
		return g.typeWord(t)
	default:
		return t.String()
	}
}

func (g *generator) enum(e *types.Enum) *enumName {
	if n := g.enumNames[e]; n != nil {
		return n
	}
	n := &enumName{name: g.names.pick(exported(e.Name))}
	for _, s := range e.Symbols {
		n.symbols = append(n.symbols, g.names.pick(n.name+exported(s.Name)))
	}
	n.texts = g.names.pick(unexported(n.name) + "Texts")
	g.enumNames[e] = n
	return n
}

// basicTypes are the scalar types in Go; a name with a capital is one of
// package value.
var basicTypes = map[types.Kind]string{
	types.Bool: "bool", types.Int32: "int32", types.Int: "int64", types.Float32: "float32", types.Float: "float64",
	types.String: "string", types.Timestamp: "Timestamp", types.Duration: "Duration", types.Date: "Date",
	types.UUID: "UUID", types.JSON: "JSON",
}

// goType writes t as a Go type.
func (g *generator) goType(t types.Type) *jen.Statement {
	switch t := t.(type) {
	case *types.Basic:
		if t.Kind == types.Bytes {
			return jen.Index().Byte()
		}
		return goScalar(t)
	case *types.Option:
		return jen.Qual(valuePath, "Option").Types(g.goType(t.Elem))
	case *types.Decimal:
		return jen.Qual(valuePath, "Decimal")
	case *types.List:
		return jen.Index().Add(g.goType(t.Elem))
	case *types.Set:
		return jen.Index().Add(g.goType(t.Elem))
	case *types.Map:
		return jen.Qual(valuePath, "Map").Types(g.goType(t.Key), g.goType(t.Value))
	case *types.Union:
		return jen.Id(g.unionOf(t).name)
	case *types.Record:
		return jen.Id(g.record(t).name)
	case *types.Aggregate:
		return jen.Id(g.accumulator(t.Of.(*ir.Aggregate)).name)
	case *types.Enum:
		return jen.Id(g.enum(t).name)
	default:
		panic(fmt.Sprintf("codegen: no Go type for %T", t))
	}
}

// goScalar writes a scalar type but bytes.
func goScalar(t types.Type) *jen.Statement {
	name, ok := basicTypes[kindOf(t)]
	if !ok {
		panic(fmt.Sprintf("codegen: a value of type %s", t))
	}
	if isUpper(name[0]) {
		return jen.Qual(valuePath, name)
	}
	return jen.Id(name)
}

// zero writes the zero value of t.
func (g *generator) zero(t types.Type) *jen.Statement {
	switch t := t.(type) {
	case *types.Basic:
		switch t.Kind {
		case types.Bool:
			return jen.False()
		case types.String, types.JSON:
			return jen.Lit("")
		case types.Bytes:
			return jen.Nil()
		case types.UUID:
			return g.goType(t).Values()
		}
		return jen.Lit(0)
	case *types.List, *types.Set:
		return jen.Nil()
	case *types.Enum:
		return jen.Lit(0)
	default:
		return g.goType(t).Values()
	}
}

// hasText reports whether values of t hold memory that may be a view into a
// block: strings, bytes and JSON.
func hasText(t types.Type) bool {
	switch t := t.(type) {
	case *types.Basic:
		return t.Kind == types.String || t.Kind == types.Bytes || t.Kind == types.JSON
	case *types.Option:
		return hasText(t.Elem)
	case *types.Record:
		for _, f := range t.Fields {
			if hasText(f.Type) {
				return true
			}
		}
		return false
	case *types.Union:
		for _, m := range t.Members {
			if hasText(m) {
				return true
			}
		}
		return false
	case *types.Set:
		return hasText(t.Elem)
	case *types.Map:
		return hasText(t.Key) || hasText(t.Value)
	case *types.List:
		return true
	default:
		return false
	}
}

// comparable reports whether == of Go compares values of t as Flow does.
func comparable(t types.Type) bool {
	switch t := t.(type) {
	case *types.Basic:
		return t.Kind != types.Bytes
	case *types.Option:
		return comparable(t.Elem)
	case *types.Record:
		for _, f := range t.Fields {
			if !comparable(f.Type) {
				return false
			}
		}
		return true
	case *types.Union:
		for _, m := range t.Members {
			if !comparable(m) {
				return false
			}
		}
		return true
	case *types.Enum, *types.Decimal:
		return true
	default:
		return false
	}
}

// writeRecords declares the types of the program.
func (g *generator) writeRecords() {
	// Declaring a record may name others, which stand at the end then.
	for i := 0; i < len(g.recordNames); i++ {
		g.records.add(g.recordDecl(g.recordNames[i]))
	}
	for _, u := range g.unionNames {
		g.records.add(g.unionDecls(u)...)
	}
	for _, e := range g.program.Enums {
		g.records.add(g.enumDecls(e)...)
	}
}

// recordDecl declares the Go struct for a record:
//
//	// Click is declared at clicks.flow:1:1.
//	type Click struct {
//		User string // user
//	}
//
// Fields keep the order of the flow source, so that the two read side by side. Those
// that no value holds are left out.
func (g *generator) recordDecl(n *recordName) jen.Code {
	var fields []jen.Code
	for i, f := range n.record.Fields {
		if g.graph.Uses.Held(n.record, i) {
			fields = append(fields, jen.Id(n.fields[i]).Add(g.goType(f.Type)).Comment(safeName(f.Name)))
		}
	}
	doc := comment("%s is declared at %s.", n.name, where(n.record.Origin.Start))
	switch {
	case !n.record.Origin.Start.IsValid():
		doc = comment("%s is a record that the language itself declares.", n.name)
	case n.record.Name == "":
		doc = comment("%s is the record made at %s.", n.name, where(n.record.Origin.Start))
	}
	return doc.Type().Id(n.name).Struct(fields...)
}

// enumDecls declares the Go type for an enum:
//
//	// Level is declared at levels.flow:3:1.
//	type Level uint8
//
//	// The symbols of Level.
//	const (
//		LevelLow Level = iota // low
//		LevelMid              // mid
//	)
//
//	var levelTexts = [...]string{"low", "mid"}
//
//	// String returns the symbol.
//	func (l Level) String() string { return levelTexts[l] }
//
// Symbols stand in the order of their numbers, so that Go's < is Flow's order.
func (g *generator) enumDecls(e *types.Enum) []jen.Code {
	n := g.enum(e)
	base := "uint8"
	if len(e.Symbols) > 1<<8 {
		base = "uint16"
	}
	symbols, texts := make([]jen.Code, len(e.Symbols)), make([]jen.Code, len(e.Symbols))
	for rank, i := range byNumber(e) {
		s := e.Symbols[i]
		symbols[rank] = jen.Id(n.symbols[i]).Comment(safeName(s.Name))
		if rank == 0 {
			symbols[rank] = jen.Id(n.symbols[i]).Id(n.name).Op("=").Iota().Comment(safeName(s.Name))
		}
		texts[rank] = jen.Lit(s.Name)
	}
	return []jen.Code{
		comment("%s is declared at %s.", n.name, where(e.Origin.Start)).Type().Id(n.name).Id(base),
		comment("The symbols of %s.", n.name).Const().Defs(symbols...),
		jen.Var().Id(n.texts).Op("=").Index(jen.Op("...")).String().Values(texts...),
		comment("String returns the symbol.").
			Func().Params(jen.Id("e").Id(n.name)).Id("String").Params().String().
			Block(jen.Return(jen.Id(n.texts).Index(jen.Id("e")))),
	}
}

// byNumber lists the symbols of e, as indexes, in the order of their numbers.
func byNumber(e *types.Enum) []int {
	order := make([]int, len(e.Symbols))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(e.Symbols[i].Number, e.Symbols[j].Number) })
	return order
}
