package codegen

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// encoderFunc is a generated function that appends a record to a buffer.
type encoderFunc struct {
	name  string
	fails bool // it takes the Fault, and behind it, if it is loose, a place
	loose bool // it is for what is no struct, whose fields have places
}

// call appends the record behind r to b. What is loose has no place of its own: it
// is shown, with what has failed, or compared.
func (e encoderFunc) call(b, r *jen.Statement, fault func() *jen.Statement) *jen.Statement {
	args := []jen.Code{b, r}
	if e.fails {
		args = append(args, fault())
	}
	if e.fails && e.loose {
		args = append(args, jen.Lit(0))
	}
	return jen.Id(e.name).Call(args...)
}

// rowEncoder returns the function that writes a row of a sink.
func (g *generator) rowEncoder(c *ir.Connector, elem types.Type) encoderFunc {
	if c.Name == "csv" {
		return g.csvAppender(c, elem.(*types.Record))
	}
	return g.jsonFunc(elem, jsonLine)
}

// encoderParams lists b []byte, r *T and, if it can fail, f *value.Fault; what is
// no field of a struct takes the place of a mistake, too.
func (g *generator) encoderParams(elem types.Type, fails bool) []jen.Code {
	params := []jen.Code{jen.Id("b").Index().Byte(), jen.Id("r").Op("*").Add(g.goType(elem))}
	if fails {
		params = append(params, jen.Id("f").Op("*").Qual(valuePath, "Fault"))
		if !isStruct(elem) {
			params = append(params, jen.Id("at").Qual(valuePath, "Pos"))
		}
	}
	return params
}

// appender returns the function that appends a record as JSON:
//
//	// appendAlert appends a record as JSON.
//	func appendAlert(b []byte, r *Alert, f *value.Fault) []byte {
//		b = append(b, `{"sensor":`...)
//		b = wire.AppendString(b, r.Sensor)
//		b = append(b, `,"temp":`...)
//		b = wire.AppendFloat(b, r.Temp, f, at10x3)
//		b = append(b, '}')
//		return b
//	}
func (g *generator) appender(t types.Type) encoderFunc { return g.jsonFunc(t, jsonWhole) }

// shower returns the function that appends a record as a message shows it: the
// fields that the program reads, as the others were not kept.
func (g *generator) shower(t types.Type) encoderFunc {
	if g.usedWhole(t) {
		return g.jsonFunc(t, jsonWhole)
	}
	return g.jsonFunc(t, jsonUsed)
}

// jsonForm is a form in which a record is appended as JSON.
type jsonForm struct{ prefix, suffix, doc string }

var (
	jsonWhole = jsonForm{"append", "", "appends a record as JSON"}
	jsonLine  = jsonForm{"append", "Line", "appends a record as a line of JSON"}
	jsonUsed  = jsonForm{"show", "", "appends the fields of a record that the program reads"}
)

func (g *generator) jsonFunc(t types.Type, form jsonForm) encoderFunc {
	e := encoderFunc{fails: failsAsJSON(t), loose: !isStruct(t)}
	want := form.prefix + g.typeWord(t) + form.suffix
	key := form.prefix + " " + g.typeKey(t) + " " + form.suffix
	e.name = g.helpers.named(g, key, want, func(name string) {
		w := &jsonWriter{g: g, pruned: form == jsonUsed, loose: !isStruct(t)}
		w.whole(operand{code: jen.Id("r"), prec: precPrimary, t: t, stable: true, pointer: true})
		if form == jsonLine {
			w.text("\n")
		}
		g.encode.add(comment("%s %s.", name, form.doc).
			Func().Id(name).Params(g.encoderParams(t, e.fails)...).Index().Byte().Block(append(w.out, jen.Return(w.last()))...))
	})
	return e
}

// usedWhole reports whether every field inside t is in use.
func (g *generator) usedWhole(t types.Type) bool {
	switch t := t.(type) {
	case *types.Record:
		for _, f := range t.Fields {
			if !g.usedWhole(f.Type) {
				return false
			}
		}
		return g.graph.Uses.All(t)
	case *types.Union:
		for _, m := range t.Members {
			if !g.usedWhole(m) {
				return false
			}
		}
	case *types.Option:
		return g.usedWhole(t.Elem)
	case *types.List:
		return g.usedWhole(t.Elem)
	case *types.Map:
		return g.usedWhole(t.Value)
	}
	return true
}

// failsAsJSON reports whether a value of t may be one that JSON has no text
// for: a float may be no number.
func failsAsJSON(t types.Type) bool {
	switch t := t.(type) {
	case *types.Basic:
		return t.Kind == types.Float || t.Kind == types.Float32
	case *types.Option:
		return failsAsJSON(t.Elem)
	case *types.List:
		return failsAsJSON(t.Elem)
	case *types.Map:
		return failsAsJSON(t.Value)
	case *types.Union:
		for _, m := range t.Members {
			if failsAsJSON(m) {
				return true
			}
		}
	case *types.Record:
		for _, f := range t.Fields {
			if failsAsJSON(f.Type) {
				return true
			}
		}
	}
	return false
}

// jsonWriter writes statements that append JSON to b. What is known text is
// gathered, so that it is appended in one piece.
type jsonWriter struct {
	g      *generator
	out    []jen.Code
	known  strings.Builder
	pruned bool
	loose  bool // values stand in no field: at is the place of their mistakes
	depth  int  // of loops
}

// inner returns a writer for statements inside others.
func (w *jsonWriter) inner(loops int) *jsonWriter {
	return &jsonWriter{g: w.g, pruned: w.pruned, loose: w.loose, depth: w.depth + loops}
}

// whole writes the value that a function is for.
func (w *jsonWriter) whole(v operand) {
	switch t := v.t.(type) {
	case *types.Record:
		w.record(t, v)
	case *types.Union:
		w.union(t, v)
	default:
		if v.pointer { // what is ranged over or indexed wants the value
			v = operand{code: jen.Parens(v.value()), prec: precPrimary, t: v.t, stable: true, addressable: true}
		}
		w.value(v, source.Pos{})
	}
}

// place writes the place of a mistake.
func (w *jsonWriter) place(at source.Pos) *jen.Statement {
	if w.loose {
		return jen.Id("at")
	}
	return w.g.at(at)
}

func (w *jsonWriter) text(s string) { w.known.WriteString(s) }

// flush appends the text that was gathered.
func (w *jsonWriter) flush() {
	s := w.known.String()
	if s == "" {
		return
	}
	w.known.Reset()
	w.set(jen.Append(jen.Id("b"), rawLit(s).Op("...")))
}

// last returns the buffer with the text that was gathered.
func (w *jsonWriter) last() jen.Code {
	if w.known.Len() == 0 {
		return jen.Id("b")
	}
	return jen.Append(jen.Id("b"), rawLit(w.known.String()).Op("..."))
}

// set writes b = code.
func (w *jsonWriter) set(code jen.Code) { w.out = append(w.out, jen.Id("b").Op("=").Add(code)) }

// add writes b = code after the text before it.
func (w *jsonWriter) add(code jen.Code) {
	w.flush()
	w.set(code)
}

// record writes the fields in declared order.
func (w *jsonWriter) record(r *types.Record, v operand) {
	w.text("{")
	w.fields(r, v, true)
	w.text("}")
}

// fields writes the fields of a record; first says that nothing stands before
// them.
func (w *jsonWriter) fields(r *types.Record, v operand, first bool) {
	names := w.g.record(r)
	for i, f := range r.Fields {
		if uses := w.g.graph.Uses; w.pruned && !uses.Field(r, i) || !uses.Held(r, i) {
			continue
		}
		if !first {
			w.text(",")
		}
		first = false
		w.text(quoteJSON(f.Wire) + ":")
		w.value(operand{code: v.base().Dot(names.fields[i]), prec: precPrimary, t: f.Type, stable: true, addressable: true}, f.Origin.Start)
	}
}

// quoteJSON writes s as a JSON string.
func quoteJSON(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		panic(err) // a string can always be encoded
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// rawLit writes a string that mostly has quotes in it: between backquotes if it
// can stand there.
func rawLit(s string) *jen.Statement {
	if len(s) > 1 && strconv.CanBackquote(s) {
		return jen.Op("`" + s + "`")
	}
	return jen.Lit(s)
}

// value writes one value; at is the place that a mistake in it has.
func (w *jsonWriter) value(v operand, at source.Pos) {
	switch t := v.t.(type) {
	case *types.Basic:
		w.scalar(t.Kind, v, at)
	case *types.Enum:
		w.text(`"`)
		w.add(jen.Append(jen.Id("b"), v.base().Dot("String").Call().Op("...")))
		w.text(`"`)
	case *types.Decimal:
		w.add(jen.Qual(wirePath, "AppendDecimal").Call(jen.Id("b"), v.value(), scaleOf(t)))
	case *types.Option:
		w.option(v, at)
	case *types.List:
		w.list(t.Elem, v, at)
	case *types.Set:
		w.list(t.Elem, v, at)
	case *types.Map:
		w.mapping(t, v, at)
	case *types.Record, *types.Union:
		w.nested(t, v)
	default:
		panic(fmt.Sprintf("codegen: no JSON of %s", v.t))
	}
}

// appendFuncs are the functions of package wire by kind.
var appendFuncs = map[types.Kind]string{
	types.Bool: "AppendBool", types.Int: "AppendInt", types.String: "AppendString", types.Bytes: "AppendBytes",
	types.Timestamp: "AppendTimestamp", types.Duration: "AppendDuration", types.Date: "AppendDate", types.UUID: "AppendUUID",
	types.JSON: "AppendJSON",
}

func (w *jsonWriter) scalar(k types.Kind, v operand, at source.Pos) {
	b := jen.Id("b")
	switch k {
	case types.Int32:
		w.add(jen.Qual(wirePath, "AppendInt").Call(b, jen.Int64().Call(v.value())))
	case types.Float:
		w.add(jen.Qual(wirePath, "AppendFloat").Call(b, v.value(), jen.Id("f"), w.place(at)))
	case types.Float32:
		w.add(jen.Qual(wirePath, "AppendFloat32").Call(b, v.value(), jen.Id("f"), w.place(at)))
	default:
		w.add(jen.Qual(wirePath, appendFuncs[k]).Call(b, v.value()))
	}
}

// option writes null for none. The text before it is written in both branches.
func (w *jsonWriter) option(v operand, at source.Pos) {
	before := w.known.String()
	w.known.Reset()
	inner := w.inner(0)
	inner.text(before)
	inner.value(held(v), at)
	inner.flush()
	none := &jsonWriter{g: w.g}
	none.text(before + "null")
	none.flush()
	w.out = append(w.out, jen.If(v.base().Dot("OK")).Block(inner.out...).Else().Block(none.out...))
}

// loopNames are the variables of a loop over what is written.
func (w *jsonWriter) loopNames() (index, item string) {
	return fmt.Sprintf("i%d", w.depth), fmt.Sprintf("item%d", w.depth)
}

// comma parts an element from the one before it.
func (w *jsonWriter) comma(index string) {
	w.out = append(w.out, jen.If(jen.Id(index).Op(">").Lit(0)).Block(jen.Id("b").Op("=").Append(jen.Id("b"), jen.LitRune(','))))
}

func (w *jsonWriter) list(elem types.Type, v operand, at source.Pos) {
	w.text("[")
	w.flush()
	i, item := w.loopNames()
	inner := w.inner(1)
	inner.comma(i)
	inner.value(operand{code: jen.Id(item), prec: precPrimary, t: elem, stable: true, addressable: true}, at)
	inner.flush()
	w.out = append(w.out, jen.For(jen.List(jen.Id(i), jen.Id(item)).Op(":=").Range().Add(v.value())).Block(inner.out...))
	w.text("]")
}

// nested writes a struct inside another by its own function.
func (w *jsonWriter) nested(t types.Type, v operand) {
	form := jsonWhole
	if w.pruned && !w.g.usedWhole(t) {
		form = jsonUsed
	}
	e := w.g.jsonFunc(t, form)
	w.add(e.call(jen.Id("b"), pointer(v), func() *jen.Statement { return jen.Id("f") }))
}

// csvAppender returns the function that appends a record as a row of CSV.
func (g *generator) csvAppender(conn *ir.Connector, r *types.Record) encoderFunc {
	opts := csvOptions(conn)
	e := encoderFunc{}
	key := fmt.Sprintf("csv %s %q %q", g.record(r).name, opts.delimiter, opts.layout)
	e.name = g.helpers.named(g, key, "append"+g.record(r).name+"Row", func(name string) {
		w := &csvWriter{g: g, opts: opts}
		w.out = append(w.out, jen.Id("start").Op(":=").Len(jen.Id("b")))
		names := g.record(r)
		for i, f := range r.Fields {
			if i > 0 {
				w.set(jen.Append(jen.Id("b"), jen.LitRune(rune(opts.delimiter))))
			}
			w.value(operand{code: jen.Id("r").Dot(names.fields[i]), prec: precPrimary, t: f.Type, stable: true, addressable: true})
		}
		w.out = append(w.out, jen.Return(jen.Qual(wirePath, "AppendRowEnd").Call(jen.Id("b"), jen.Id("start"))))
		g.encode.add(comment("%s appends a record as a row of CSV.", name).
			Func().Id(name).Params(g.encoderParams(r, false)...).Index().Byte().Block(w.out...))
	})
	return e
}

// csvWriter writes statements that append cells to b.
type csvWriter struct {
	g    *generator
	opts csvArgs
	out  []jen.Code
}

func (w *csvWriter) set(code jen.Code) { w.out = append(w.out, jen.Id("b").Op("=").Add(code)) }

// value writes one cell; none is an empty one.
func (w *csvWriter) value(v operand) {
	b := jen.Id("b")
	switch t := v.t.(type) {
	case *types.Option:
		inner := &csvWriter{g: w.g, opts: w.opts}
		inner.value(held(v))
		w.out = append(w.out, jen.If(v.base().Dot("OK")).Block(inner.out...))
	case *types.Enum:
		w.set(jen.Append(b, v.base().Dot("String").Call().Op("...")))
	case *types.Decimal:
		w.set(jen.Qual(valuePath, "AppendDecimal").Call(b, v.value(), scaleOf(t)))
	case *types.Basic:
		w.scalar(t.Kind, v)
	default:
		panic(fmt.Sprintf("codegen: no cell of %s", v.t))
	}
}

func (w *csvWriter) scalar(k types.Kind, v operand) {
	b := jen.Id("b")
	switch k {
	case types.String, types.JSON:
		text := v.value()
		if k == types.JSON {
			text = jen.String().Call(text)
		}
		w.set(jen.Qual(wirePath, "AppendCell").Call(b, text, jen.LitRune(rune(w.opts.delimiter))))
	case types.Bytes:
		w.set(jen.Append(b, jen.Qual(valuePath, "Base64").Call(v.value()).Op("...")))
	case types.Bool:
		w.set(jen.Qual("strconv", "AppendBool").Call(b, v.value()))
	case types.Int:
		w.set(jen.Qual("strconv", "AppendInt").Call(b, v.value(), jen.Lit(10)))
	case types.Int32:
		w.set(jen.Qual("strconv", "AppendInt").Call(b, jen.Int64().Call(v.value()), jen.Lit(10)))
	case types.Timestamp:
		if w.opts.layout != "" {
			text := jen.Qual(valuePath, "FormatLayout").Call(v.value(), jen.Lit(w.opts.layout))
			w.set(jen.Qual(wirePath, "AppendCell").Call(b, text, jen.LitRune(rune(w.opts.delimiter))))
			return
		}
		w.set(jen.Qual(valuePath, "AppendTimestamp").Call(b, v.value()))
	default:
		w.set(jen.Qual(valuePath, "Append"+exported(k.String())).Call(b, v.value()))
	}
}
