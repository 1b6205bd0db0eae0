package codegen

import (
	"reflect"
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/plan"
	"github.com/flow-lang/flowc/typecheck/types"
)

// csvArgs are the arguments of csv that are known at compile time.
type csvArgs struct {
	delimiter byte
	header    bool
	layout    string // of timestamps; "" for RFC 3339
}

func csvOptions(c *ir.Connector) csvArgs {
	args := csvArgs{delimiter: ',', header: true}
	if d, ok := c.Args["delimiter"].(*ir.StringConst); ok {
		args.delimiter = d.Value[0]
	}
	if h, ok := c.Args["header"].(*ir.BoolConst); ok {
		args.header = h.Value
	}
	if l, ok := c.Args["time layout"].(*ir.StringConst); ok {
		args.layout = l.Value
	}
	return args
}

// csvFormat writes how rows of CSV lie in a file:
//
//	wire.CSVFormat{Delimiter: ',', Columns: []wire.Column{{Name: "sensor"}}}
func (g *generator) csvFormat(c *ir.Connector, r *types.Record) *jen.Statement {
	args := csvOptions(c)
	var columns []jen.Code
	for _, f := range r.Fields {
		column := []jen.Code{jen.Id("Name").Op(":").Lit(f.Name)}
		if !isRequired(f) {
			column = append(column, jen.Id("Optional").Op(":").True())
		}
		columns = append(columns, jen.Values(column...))
	}
	fields := []jen.Code{
		jen.Id("Delimiter").Op(":").LitByte(args.delimiter),
		jen.Id("Columns").Op(":").Index().Qual(wirePath, "Column").Add(multiLine(columns...)),
	}
	if args.layout != "" {
		fields = append(fields, jen.Id("Layout").Op(":").Lit(args.layout))
	}
	return jen.Qual(wirePath, "CSVFormat").Add(multiLine(fields...))
}

// plainFormat writes the format of a connector whose rows are JSON to the
// generated code: file.JSON{}, or file.Avro or parquet.Format with the type of the
// rows.
func plainFormat(c *ir.Connector, t types.Type) *jen.Statement {
	var format *jen.Statement
	switch c.Name {
	case "avro":
		format = jen.Qual(filePath, "Avro")
	case "parquet":
		format = jen.Qual(parquetPath, "Format")
	default:
		return jen.Qual(filePath, "JSON").Values()
	}
	typ, names := plan.TypeOf(t), plan.TypeOf(t)
	called := jen.Nil()
	if wireNames(t, &names) {
		called = literalOf(reflect.ValueOf(&names))
	}
	return format.Call(literalOf(reflect.ValueOf(&typ)), called)
}

// wireNames gives the fields in the description s of t the names that they have
// in JSON, and reports whether any has another there.
func wireNames(t types.Type, s *schema.Type) (others bool) {
	switch t := t.(type) {
	case *types.Option:
		return wireNames(t.Elem, s.Elem)
	case *types.List:
		return wireNames(t.Elem, s.Elem)
	case *types.Set:
		return wireNames(t.Elem, s.Elem)
	case *types.Map:
		keys := wireNames(t.Key, s.Key)
		return wireNames(t.Value, s.Elem) || keys
	case *types.Record:
		for i, f := range t.Fields {
			s.Fields[i].Name = f.Wire
			others = wireNames(f.Type, &s.Fields[i].Type) || others || f.Wire != f.Name
		}
	case *types.Union:
		for i, m := range t.Members {
			others = wireNames(m, &s.Members[i]) || others
		}
	}
	return others
}

// sourceConnector writes file.Source{…}.
func (g *generator) sourceConnector(s *plan.Source) jen.Code {
	c := s.IR.Connector
	format := plainFormat(c, s.IR.Out.Elem)
	if c.Name == "csv" {
		format = jen.Qual(filePath, "CSV").Values(
			jen.Id("Header").Op(":").Lit(csvOptions(c).header), jen.Id("Rows").Op(":").Op("&").Id(g.lanes[s].rows))
	}
	fields := append(g.pathAndFormat(c, format), g.numbers(c, "partitions", "Partitions", "max_record", "MaxRecord")...)
	return jen.Qual(filePath, "Source").Values(append(fields, g.flags(c, "follow", "Follow")...)...)
}

// sinkConnector writes file.Sink{…}.
func (g *generator) sinkConnector(s *plan.Sink) jen.Code {
	c := s.IR.Connector
	format := plainFormat(c, s.IR.In.Elem)
	if c.Name == "csv" {
		rows := g.csvFormat(c, s.IR.In.Elem.(*types.Record))
		format = jen.Qual(filePath, "CSV").Values(
			jen.Id("Header").Op(":").Lit(csvOptions(c).header), jen.Id("Rows").Op(":").Op("&").Add(rows))
	}
	return jen.Qual(filePath, "Sink").Values(append(g.pathAndFormat(c, format), g.flags(c, "overwrite", "Overwrite")...)...)
}

func (g *generator) pathAndFormat(c *ir.Connector, format jen.Code) []jen.Code {
	w := &wiring{g: g}
	return []jen.Code{jen.Id("Path").Op(":").Add(w.expr(c.Args["path"])), jen.Id("Format").Op(":").Add(format)}
}

// namesZst reports whether a path of the program ends in .zst, or, if computed is
// set, might.
func (g *generator) namesZst(computed bool) bool {
	might := func(c *ir.Connector) bool {
		switch path := c.Args["path"].(type) {
		case *ir.StringConst:
			return strings.HasSuffix(path.Value, ".zst")
		case nil:
			return false
		default:
			return computed
		}
	}
	return slices.ContainsFunc(g.graph.Sources, func(s *plan.Source) bool { return might(s.IR.Connector) }) ||
		slices.ContainsFunc(g.graph.Sinks, func(s *plan.Sink) bool { return might(s.IR.Connector) })
}

// numbers writes the whole-number arguments that are given; names holds the
// argument and the field in turn.
func (g *generator) numbers(c *ir.Connector, names ...string) []jen.Code {
	var fields []jen.Code
	for i := 0; i < len(names); i += 2 {
		if n, ok := c.Args[names[i]].(*ir.IntConst); ok {
			fields = append(fields, jen.Id(names[i+1]).Op(":").Lit(int(n.Value)))
		}
	}
	return fields
}

// flags writes the boolean arguments that are true.
func (g *generator) flags(c *ir.Connector, names ...string) []jen.Code {
	var fields []jen.Code
	for i := 0; i < len(names); i += 2 {
		if b, ok := c.Args[names[i]].(*ir.BoolConst); ok && b.Value {
			fields = append(fields, jen.Id(names[i+1]).Op(":").True())
		}
	}
	return fields
}
