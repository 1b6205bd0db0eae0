package client

import (
	_ "embed"
	"fmt"
	"go/format"
	"go/token"
	"strconv"
	"strings"

	"github.com/flow-lang/flowc/rt/evolve"
	"github.com/flow-lang/flowc/typecheck/types"
)

//go:embed prelude.go.txt
var goPrelude string

// goTaken are the names of the prelude, which types of a program do not get.
var goTaken = []string{"Client", "Options", "Error", "Row", "Entry", "Range", "Pair", "New"}

// goWriter writes a client in Go.
type goWriter struct {
	*model
	strings.Builder
	names []string
}

func (w *goWriter) line(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }

// golang writes the client in Go.
func (m *model) golang() ([]byte, error) {
	w := &goWriter{model: m}
	w.names = m.namesIn(goName, goTaken...)
	pkg := strings.ToLower(goName(m.pipeline))
	if token.IsKeyword(pkg) {
		pkg += "client"
	}
	w.WriteString(strings.NewReplacer("// Package prelude", "// Package "+pkg, "package prelude", "package "+pkg).Replace(goPrelude))
	for i, t := range m.named {
		w.declare(w.names[i], t)
	}
	for _, q := range m.states {
		w.methods(q)
	}
	return format.Source([]byte(w.String()))
}

// goName makes an exported name.
func goName(name string) string { return evolve.Methods(name).Type }

// goField makes the name of a field, with the words in one case that Go has so.
func goField(name string) string {
	words := strings.Split(name, "_")
	for i, w := range words {
		switch up := strings.ToUpper(w); up {
		case "API", "HTTP", "ID", "IP", "JSON", "SQL", "TTL", "UID", "URI", "URL", "UUID":
			words[i] = up
		}
	}
	return goName(strings.Join(words, "_"))
}

// typeOf writes a type.
func (w *goWriter) typeOf(t types.Type) string {
	switch t := t.(type) {
	case *types.Basic:
		return map[types.Kind]string{
			types.Bool: "bool", types.Int32: "int32", types.Int: "int64", types.Float32: "float32", types.Float: "float64",
			types.String: "string", types.Bytes: "[]byte", types.Timestamp: "time.Time", types.Duration: "string",
			types.Date: "string", types.UUID: "string", types.JSON: "json.RawMessage",
		}[t.Kind]
	case *types.Decimal:
		return "json.Number"
	case *types.Option:
		return "*" + w.typeOf(t.Elem)
	case *types.List:
		return "[]" + w.typeOf(t.Elem)
	case *types.Set:
		return "[]" + w.typeOf(t.Elem)
	case *types.Map:
		if kind(t.Key) == types.String {
			return "map[string]" + w.typeOf(t.Value)
		}
		return "[]Pair[" + w.typeOf(t.Key) + ", " + w.typeOf(t.Value) + "]"
	default:
		return w.names[w.index(t)]
	}
}

// declare writes a type that has a name.
func (w *goWriter) declare(name string, t types.Type) {
	switch t := t.(type) {
	case *types.Record:
		w.line("\n// %s is a record of the program.\ntype %s struct {", name, name)
		var taken []string
		for i := range t.Fields {
			f := &t.Fields[i]
			w.line("%s %s `json:%s` // %s", pick(goField(f.Name), &taken), w.typeOf(f.Type), strconv.Quote(wireName(f)), f.Type)
		}
		w.line("}")
	case *types.Enum:
		w.line("\n// %s is an enum of the program.\ntype %s string\n\n// The symbols of %s.\nconst (", name, name, name)
		var taken []string
		for _, s := range t.Symbols {
			w.line("%s %s = %s", pick(name+goName(s.Name), &taken), name, strconv.Quote(s.Name))
		}
		w.line(")")
	case *types.Union:
		w.union(name, t)
	}
}

func (w *goWriter) union(name string, t *types.Union) {
	w.line("\n// %s is a union of the program: one of its members is not nil.\ntype %s struct {", name, name)
	for _, m := range t.Members {
		w.line("%s *%s", w.typeOf(m), w.typeOf(m))
	}
	w.line("}\n\n// UnmarshalJSON reads the member that $type names.\nfunc (u *%s) UnmarshalJSON(text []byte) error {", name)
	w.line("var tag struct{ Type string `json:\"$type\"` }\nif err := json.Unmarshal(text, &tag); err != nil { return err }\n*u = %s{}\nswitch tag.Type {", name)
	for i, m := range t.Members {
		w.line("case %s:\nreturn json.Unmarshal(text, &u.%s)", strconv.Quote(t.Tag(i)), w.typeOf(m))
	}
	w.line("default:\nreturn fmt.Errorf(\"%s has no member %%q\", tag.Type)\n}\n}", name)
}

// text writes the expression that makes a text of a URL of a key.
func (w *goWriter) text(t types.Type) string {
	switch {
	case kind(t) == types.String, kind(t) == types.Duration, kind(t) == types.Date, kind(t) == types.UUID:
		return "plain"
	case kind(t) == types.Invalid && plainText(t):
		return "plain" // an enum
	default:
		return "asJSON"
	}
}

// methods writes the methods for a state.
func (w *goWriter) methods(q *queried) {
	name, at := q.names.Type, strconv.Quote(q.state.Queryable)
	keyArg, key := "", "nil"
	if q.key != nil && !q.fixed {
		keyArg, key = ", key "+w.typeOf(q.key), w.text(q.key)+"(key)"
	} else if q.fixed {
		key = `plain("false")`
	}
	if q.entry == nil {
		v := w.typeOf(q.shown)
		w.line("\n// %s asks for %s. found is false if the key has nothing.", name, q.says())
		w.line("func (c *Client) %s(ctx context.Context%s) (value %s, found bool, err error) {\nreturn one[%s](ctx, c, %s, %s)\n}", name, keyArg, v, v, at, key)
		if q.key != nil && !q.fixed {
			k := w.typeOf(q.key)
			w.line("\n// %sOf asks for several keys, and gives a row for each in their order.", name)
			w.line("func (c *Client) %sOf(ctx context.Context, keys ...%s) ([]Row[%s, %s], error) {\nreturn several[%s, %s](ctx, c, %s, %s[%s], keys)\n}", name, k, k, v, k, v, at, w.text(q.key), k)
			w.line("\n// %sAll lists keys in no special order, with what they have, a page at a time.", name)
			w.line("func (c *Client) %sAll(ctx context.Context, within Range[%s]) iter.Seq2[Row[%s, %s], error] {\nreturn rows[%s, %s](ctx, c, %s, %s[%s], within)\n}", name, k, k, v, k, v, at, w.text(q.key), k)
		}
		return
	}
	e, v := w.typeOf(q.entry), "struct{}"
	if q.shown != nil {
		v = w.typeOf(q.shown)
	}
	w.line("\n// %s lists the entries of %s in the order of their keys, a page at a time; none if the\n// key has nothing.", name, q.says())
	w.line("func (c *Client) %s(ctx context.Context%s, within Range[%s]) iter.Seq2[Entry[%s, %s], error] {\nreturn entries[%s, %s](ctx, c, %s, %s, %s[%s], within)\n}", name, keyArg, e, e, v, e, v, at, key, w.text(q.entry), e)
	w.line("\n// %sEntry asks for one entry.", name)
	w.line("func (c *Client) %sEntry(ctx context.Context%s, entry %s) (value %s, found bool, err error) {\nreturn oneEntry[%s, %s](ctx, c, %s, %s, %s(entry))\n}", name, keyArg, e, v, e, v, at, key, w.text(q.entry))
	if q.key != nil && !q.fixed {
		k := w.typeOf(q.key)
		w.line("\n// %sKeys lists the keys that have entries, in no special order, a page at a time.", name)
		w.line("func (c *Client) %sKeys(ctx context.Context, within Range[%s]) iter.Seq2[%s, error] {\nreturn keys[%s](ctx, c, %s, %s[%s], within)\n}", name, k, k, k, at, w.text(q.key), k)
	}
}
