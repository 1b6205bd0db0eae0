package typecheck

import (
	"slices"
	"strings"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// connector describes what a source or sink can be connected to.
type connector struct {
	name string
	args []connectorArg
	doc  string
}

// example is a path for both sources and sinks.
func (d *connector) example() string {
	if d.name == "parquet" {
		return "events/"
	}
	return "events." + d.name
}

// connectorArg is an argument of a connector. The first one may stand without
// its name.
type connectorArg struct {
	name      string
	t         types.Type
	source    bool // a source takes it
	sink      bool // a sink takes it
	needed    bool
	streaming bool // may also be stdin (of a source) or stdout (of a sink)
	constant  bool // must be known at compile time
	doc       string
}

// The words that stand in the place of a path.
const (
	stdin  = "stdin"
	stdout = "stdout"
)

// connectors lists the connectors that the compiler knows.
func connectors() []connector {
	path := connectorArg{name: "path", t: stringType, source: true, sink: true, needed: true, streaming: true,
		doc: "a file, a glob, a folder that ends in /, stdin or stdout"}
	common := []connectorArg{
		{name: "partitions", t: intType, source: true, constant: true, doc: "how many files of a glob are read at once"},
		{name: "follow", t: boolType, source: true, constant: true, doc: "wait for more at the end of the file"},
		{name: "max_record", t: intType, source: true, constant: true, doc: "the longest record in bytes; longer ones are malformed"},
		{name: "overwrite", t: boolType, sink: true, constant: true, doc: "write into a folder that holds parts of an earlier run"},
	}
	packed := slices.DeleteFunc(slices.Clone(common), func(a connectorArg) bool { return a.name == "follow" })
	file := path
	file.streaming, file.doc = false, "a file, a glob or a folder that ends in /"
	layout := []connectorArg{
		{name: "delimiter", t: stringType, source: true, sink: true, constant: true, doc: "the one character between cells"},
		{name: "header", t: boolType, source: true, sink: true, constant: true, doc: "whether the first row names the columns"},
		{name: "time layout", t: stringType, source: true, sink: true, constant: true, doc: "how timestamps are written, as 2006-01-02 15:04"},
	}
	return []connector{
		{name: "csv", doc: "rows of comma-separated cells", args: append(append([]connectorArg{path}, layout...), common...)},
		{name: "jsonl", doc: "one JSON object a line", args: append([]connectorArg{path}, common...)},
		{name: "avro", doc: "object container files of Avro", args: append([]connectorArg{file}, packed...)},
		{name: "parquet", doc: "files of Parquet, which a sink writes into a folder", args: append([]connectorArg{file}, packed...)},
	}
}

// laterConnectors are connectors of the language that this compiler does not have.
var laterConnectors = map[string]bool{
	"kafka": true, "nats": true, "postgres": true, "http": true, "generate": true, "go": true,
}

// connect checks a source's or sink's connector; nil if it is wrong.
func (c *checker) connect(m *module, e *lang.CallExpr, sink bool) *ir.Connector {
	name := qualifiedName(e.Fun)
	if name == nil || name.Qualifier != nil {
		c.add(mistake(UnknownConnector, e.Span(), "a connector is wanted here").help("write csv(\"…\") or jsonl(\"…\")"))
		return nil
	}
	desc := c.connectorCalled(name, sink)
	if desc == nil {
		return nil
	}
	out := &ir.Connector{Name: desc.name, Args: map[string]ir.Expr{}, Pos: e.Pos}
	k := &coder{c, &frame{kind: pureCode, what: "the argument of a connector"}, &scope{mod: m}}
	names := desc.argNames(sink)
	slots, ok := k.arrangeConnector(e, desc, names, sink)
	for i, n := range names {
		arg := desc.arg(n)
		switch {
		case slots[i] != nil:
			v := k.connectorValue(slots[i].Value, arg, desc, sink)
			ok = ok && !isInvalid(v.Type())
			out.Args[n] = v
		case arg.needed && ok:
			c.add(mistake(WrongArguments, e.Span(), "%s needs %s", desc.name, arg.doc).help("write %s(\"…\")", desc.name))
			ok = false
		}
	}
	if !ok {
		return nil
	}
	return out
}

// connectorCalled finds a connector by name, nil if there is none. stdin and
// stdout alone are no format.
func (c *checker) connectorCalled(name *lang.Name, sink bool) *connector {
	text := name.Ident.Text
	var names []string
	for _, d := range connectors() {
		if d.name == text {
			return &d
		}
		names = append(names, d.name)
	}
	switch {
	case laterConnectors[text]:
		c.add(mistake(Unsupported, name.Span(), "this version of flowc has no connector %s", text).help("it has %s", list(names)))
	case text == stdin || text == stdout:
		c.add(mistake(UnknownConnector, name.Span(), "%s has no format of its own", text).help("write jsonl(%s) or csv(%s)", text, text))
	default:
		c.add(mistake(UnknownConnector, name.Span(), "unknown connector %q", text).once().meant(text, names).help("there are %s", list(names)))
	}
	return nil
}

// argNames names the arguments that a source, or a sink, takes.
func (d *connector) argNames(sink bool) []string {
	var names []string
	for _, a := range d.args {
		if sink && a.sink || !sink && a.source {
			names = append(names, a.name)
		}
	}
	return names
}

func (d *connector) arg(name string) connectorArg {
	for _, a := range d.args {
		if a.name == name {
			return a
		}
	}
	return connectorArg{}
}

// arrangeConnector brings the arguments into order: the first may stand without
// a name, all others have one.
func (k *coder) arrangeConnector(e *lang.CallExpr, desc *connector, names []string, sink bool) ([]*lang.Arg, bool) {
	slots, good := make([]*lang.Arg, len(names)), true
	side := "source"
	if sink {
		side = "sink"
	}
	for n, a := range e.Args {
		i := indexOf(names, a.Label)
		switch {
		case a.Label == "" && n == 0:
			i = 0
		case a.Label == "":
			k.add(mistake(WrongArguments, a.Span(), "only the path of %s stands without a name", desc.name).help("name it: %s: …", names[min(n, len(names)-1)]))
			good = false
			continue
		case i < 0:
			m := mistake(UnknownArgument, a.LabelSpan, "a %s of %s has no argument %q", side, desc.name, a.Label).meant(a.Label, names)
			if clause := lang.ClauseFor(a.Label); clause != "" && !sink {
				m = m.help("it is no argument and stands in braces behind the source: { %s }", clause)
			}
			k.add(m.help("%s", listed("argument", names)))
			good = false
			continue
		}
		if slots[i] != nil {
			k.add(mistake(DuplicateName, a.Span(), "the argument %q is given twice", names[i]).
				note(slots[i].Span(), "it is given here first").help("leave out one of the two"))
			good = false
			continue
		}
		slots[i] = a
	}
	return slots, good
}

// connectorValue checks one argument. The words stdin and stdout, which stand
// without quotes, become the path ir.StdPath, which no text may name.
func (k *coder) connectorValue(e lang.Expr, arg connectorArg, desc *connector, sink bool) ir.Expr {
	if id, ok := e.(*lang.IdentExpr); ok && arg.streaming && (id.Name == stdin || id.Name == stdout) {
		want := stdin
		if sink {
			want = stdout
		}
		if id.Name != want {
			k.add(mistake(WrongArguments, e.Span(), "%s cannot be used here", id.Name).help("write %s", want))
			return invalid(e.Span())
		}
		return &ir.StringConst{Base: base(stringType, e.Span()), Value: ir.StdPath}
	}
	v := folded(k.value(e, arg.t, "the argument "+arg.name))
	if isInvalid(v.Type()) {
		return v
	}
	if arg.constant && !isConstant(v) {
		k.add(mistake(NotConstant, e.Span(), "the argument %s must be a constant", arg.name).help("write a literal"))
		return invalid(e.Span())
	}
	if path, ok := v.(*ir.StringConst); ok && sink && desc.name == "parquet" && arg.name == "path" && !strings.HasSuffix(path.Value, "/") {
		k.add(mistake(BadConstant, e.Span(), "a file of Parquet is whole or none, and cannot be cut back after a crash").
			help("write part files into a folder: parquet(%q)", strings.TrimSuffix(path.Value, ".parquet")+"/"))
		return invalid(e.Span())
	}
	return k.connectorLimits(v, e, arg)
}

// connectorLimits checks what the type of an argument does not say.
func (k *coder) connectorLimits(v ir.Expr, e lang.Expr, arg connectorArg) ir.Expr {
	switch c := v.(type) {
	case *ir.StringConst:
		bad := len(c.Value) != 1 || c.Value == "\"" || c.Value == "\n" || c.Value == "\r" || c.Value[0] >= 0x80
		if arg.name == "delimiter" && bad {
			k.add(mistake(BadConstant, e.Span(), "%q is no delimiter", c.Value).help("write one character, such as \";\" or \"\\t\""))
			return invalid(e.Span())
		}
		if arg.name == "path" && (c.Value == "" || c.Value == ir.StdPath) {
			k.add(mistake(BadConstant, e.Span(), "%q is no path", c.Value).help("name a file, or write stdin or stdout without quotes"))
			return invalid(e.Span())
		}
	case *ir.IntConst:
		if (arg.name == "partitions" || arg.name == "max_record") && c.Value < 1 {
			k.add(mistake(NumberRange, e.Span(), "%s must be at least 1", arg.name).help("write 1 or more"))
			return invalid(e.Span())
		}
	}
	return v
}
