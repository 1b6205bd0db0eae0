package client

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"

	"github.com/flow-lang/flowc/typecheck/types"
)

//go:embed prelude.ts
var tsPrelude string

// tsTaken are the names that types of a program do not get: those of the prelude,
// and of what the code uses of the language.
var tsTaken = strings.Fields(`Options Range FlowError Timestamp Duration Day Decimal Json Query Read Text Asker Client
	Array Map Promise AsyncGenerator Uint8Array Error Date Object String Number BigInt JSON Record Symbol Set`)

// tsWriter writes a client in TypeScript.
type tsWriter struct {
	*model
	strings.Builder
	names []string
}

func (w *tsWriter) line(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }

// typescript writes the client in TypeScript.
func (m *model) typescript() []byte {
	w := &tsWriter{model: m}
	w.names = m.namesIn(goName, tsTaken...)
	w.WriteString(tsPrelude)
	for i, t := range m.named {
		w.declare(w.names[i], t)
	}
	w.line("\n/** Asks the pipeline %s that serves at a URL such as http://127.0.0.1:8080. */", m.pipeline)
	w.line("export class Client {\n  private readonly a: Asker;\n  private readonly base: string;\n  private readonly o: Options;")
	w.line("  constructor(base: string, o: Options = {}, consistency = 'latest') {\n    this.base = base;\n    this.o = o;\n    this.a = new Asker(base, o, consistency);\n  }\n")
	w.line("  /** A client that asks for what no crash can take back: the state as of the last checkpoint. */\n  checkpointed(): Client { return new Client(this.base, this.o, 'checkpointed'); }")
	for _, q := range m.states {
		w.methods(q)
	}
	w.line("}")
	return []byte(w.String())
}

// typeOf writes a type.
func (w *tsWriter) typeOf(t types.Type) string {
	switch t := t.(type) {
	case *types.Basic:
		return map[types.Kind]string{
			types.Bool: "boolean", types.Int32: "number", types.Int: "bigint", types.Float32: "number", types.Float: "number",
			types.String: "string", types.Bytes: "Uint8Array", types.Timestamp: "Timestamp", types.Duration: "Duration",
			types.Date: "Day", types.UUID: "string", types.JSON: "unknown",
		}[t.Kind]
	case *types.Decimal:
		return "Decimal"
	case *types.Option:
		return w.typeOf(t.Elem) + " | null"
	case *types.List:
		return "Array<" + w.typeOf(t.Elem) + ">"
	case *types.Set:
		return "Array<" + w.typeOf(t.Elem) + ">"
	case *types.Map:
		if kind(t.Key) == types.String {
			return "Map<string, " + w.typeOf(t.Value) + ">"
		}
		return "Array<[" + w.typeOf(t.Key) + ", " + w.typeOf(t.Value) + "]>"
	default:
		return w.names[w.index(t)]
	}
}

// read writes the function that reads a type.
func (w *tsWriter) read(t types.Type) string {
	switch t := t.(type) {
	case *types.Basic:
		switch t.Kind {
		case types.Int:
			return "int"
		case types.Int32, types.Float32, types.Float:
			return "float"
		case types.Bytes:
			return "bytes"
		}
		return "same<" + w.typeOf(t) + ">"
	case *types.Decimal:
		return "decimal"
	case *types.Option:
		return "option(" + w.read(t.Elem) + ")"
	case *types.List:
		return "list(" + w.read(t.Elem) + ")"
	case *types.Set:
		return "list(" + w.read(t.Elem) + ")"
	case *types.Map:
		if kind(t.Key) == types.String {
			return "dict(" + w.read(t.Value) + ")"
		}
		return "pairs(" + w.read(t.Key) + ", " + w.read(t.Value) + ")"
	default:
		return "read" + w.names[w.index(t)]
	}
}

// text writes the function that makes a text of a URL of a key.
func (w *tsWriter) text(t types.Type) string {
	switch t := t.(type) {
	case *types.Record:
		return "((k: " + w.typeOf(t) + ") => " + w.json("k", t) + ")"
	case *types.Enum:
		return "plain"
	}
	switch {
	case kind(t) == types.Bytes:
		return "inBase64"
	case plainText(t):
		return "plain"
	}
	return "digits"
}

// json writes the expression that makes JSON of a key, or of a part of one.
func (w *tsWriter) json(of string, t types.Type) string {
	switch t := t.(type) {
	case *types.Record:
		parts := make([]string, len(t.Fields))
		for i := range t.Fields {
			name := strconv.Quote(wireName(&t.Fields[i]))
			parts[i] = strconv.Quote(name+":") + " + " + w.json(of+"["+name+"]", t.Fields[i].Type)
		}
		return "'{' + " + strings.Join(parts, " + ',' + ") + " + '}'"
	case *types.Decimal:
		return of
	}
	switch kind(t) {
	case types.Int, types.Int32, types.Bool:
		return "String(" + of + ")"
	case types.Bytes:
		return "JSON.stringify(base64(" + of + "))"
	}
	return "JSON.stringify(" + of + ")"
}

// declare writes a type that has a name, and the function that reads it. The
// fields of a record are called as in JSON.
func (w *tsWriter) declare(name string, t types.Type) {
	switch t := t.(type) {
	case *types.Record:
		w.line("\n/** A record of the program. */\nexport interface %s {", name)
		for i := range t.Fields {
			w.line("  %s: %s; // %s", strconv.Quote(wireName(&t.Fields[i])), w.typeOf(t.Fields[i].Type), t.Fields[i].Type)
		}
		w.line("}\nfunction read%s(v: Json): %s {\n  return {", name, name)
		for i := range t.Fields {
			at := strconv.Quote(wireName(&t.Fields[i]))
			w.line("    %s: %s(v[%s]),", at, w.read(t.Fields[i].Type), at)
		}
		w.line("  };\n}")
	case *types.Enum:
		var symbols []string
		for _, s := range t.Symbols {
			symbols = append(symbols, strconv.Quote(s.Name))
		}
		w.line("\n/** An enum of the program. */\nexport type %s = %s;\nconst read%s = (v: Json): %s => v;", name, strings.Join(symbols, " | "), name, name)
	case *types.Union:
		var members []string
		for i, m := range t.Members {
			members = append(members, fmt.Sprintf("({ \"$type\": %s } & %s)", strconv.Quote(t.Tag(i)), w.typeOf(m)))
		}
		w.line("\n/** A union of the program. */\nexport type %s = %s;\nfunction read%s(v: Json): %s {\n  switch (v.$type) {", name, strings.Join(members, " | "), name, name)
		for i, m := range t.Members {
			w.line("    case %s: return { \"$type\": %[1]s, ...%s(v) };", strconv.Quote(t.Tag(i)), w.read(m))
		}
		w.line("    default: throw new Error('%s has no member ' + v.$type);\n  }\n}", name)
	}
}

// methods writes the methods for a state.
func (w *tsWriter) methods(q *queried) {
	name, at := q.names.Camel, strconv.Quote(q.state.Queryable)
	says := strings.ReplaceAll(q.says(), "*/", "* /")
	keyed := q.key != nil && !q.fixed
	param, key := "", "undefined"
	switch {
	case q.fixed:
		key = "'false'"
	case keyed:
		param, key = "key: "+w.typeOf(q.key), w.text(q.key)+"(key)"
	}
	if q.entry == nil {
		v, read := w.typeOf(q.shown), w.read(q.shown)
		w.line("\n  /** Asks for %s. */\n  %s(%s): Promise<%s | undefined> { return this.a.one(%s, %s, %s); }", says, name, param, v, at, key, read)
		if keyed {
			k, text := w.typeOf(q.key), w.text(q.key)
			w.line("\n  /** Asks for several keys; undefined stands for what a key does not have. */")
			w.line("  %sOf(keys: Array<%s>): Promise<Array<[%s, %s | undefined]>> { return this.a.several(%s, keys, %s, %s); }", name, k, k, v, at, text, read)
			w.line("\n  /** Lists keys in no special order, with what they have, a page at a time. */")
			w.line("  %sAll(within: Range<%s> = {}): AsyncGenerator<[%s, %s]> { return this.a.rows(%s, within, %s, %s, %s); }", name, k, k, v, at, text, w.read(q.key), read)
		}
		return
	}
	e, text, entry := w.typeOf(q.entry), w.text(q.entry), w.read(q.entry)
	v, read := "true", "() => true as const"
	if q.shown != nil {
		v, read = w.typeOf(q.shown), w.read(q.shown)
	}
	comma := ""
	if param != "" {
		comma = ", "
	}
	w.line("\n  /** Lists the entries of %s in the order of their keys, a page at a time. */", says)
	w.line("  %s(%s%swithin: Range<%s> = {}): AsyncGenerator<[%s, %s]> { return this.a.entries<%s, %s>(%s, %s, within, %s, %s, %s); }", name, param, comma, e, e, v, e, v, at, key, text, entry, read)
	w.line("\n  /** Asks for one entry. */")
	w.line("  %sEntry(%s%sentry: %s): Promise<%s | undefined> { return this.a.entry<%s>(%s, %s, %s(entry), %s); }", name, param, comma, e, v, v, at, key, text, read)
	if keyed {
		k := w.typeOf(q.key)
		w.line("\n  /** Lists the keys that have entries, in no special order, a page at a time. */")
		w.line("  %sKeys(within: Range<%s> = {}): AsyncGenerator<%s> { return this.a.keys(%s, within, %s, %s); }", name, k, k, at, w.text(q.key), w.read(q.key))
	}
}
