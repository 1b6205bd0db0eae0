package client

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/flow-lang/flowc/typecheck/types"
)

//go:embed prelude.py
var pyPrelude string

// pyTaken are the names that types of a program do not get.
var pyTaken = strings.Fields(`FlowError Range Client Any Callable Generic Optional TypeVar Union AsyncIterator Sequence
	None True False Exception ValueError KeyError TypeError OSError`)

// pyKeywords are the words that are no names in Python, and those of the class
// that a name would hide.
var pyKeywords = strings.Fields(`and as assert async await break class continue def del elif else except finally for from
	global if import in is lambda nonlocal not or pass raise return try while with yield checkpointed self key keys within entry`)

// pyWriter writes a client in Python.
type pyWriter struct {
	*model
	strings.Builder
	names []string
}

func (w *pyWriter) line(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }

// python writes the client in Python.
func (m *model) python() []byte {
	w := &pyWriter{model: m}
	w.names = m.namesIn(goName, pyTaken...)
	w.WriteString(pyPrelude)
	for i, t := range m.named {
		w.declare(w.names[i], t)
	}
	w.line("\n\nclass Client:\n    \"\"\"Asks the pipeline %s that serves at a URL such as http://127.0.0.1:8080.\n", m.pipeline)
	w.line("    timeout is of a request, in seconds; retries are of a request that was not answered, or was\n    told to wait; a page has so many rows or entries, 1 to 1000. tls has the certificates of https.\n    \"\"\"\n")
	w.line("    def __init__(self, base: str, *, token: str = \"\", timeout: float = 10.0, retries: int = 4, page: int = 500, tls: Optional[ssl.SSLContext] = None, consistency: str = \"latest\"):")
	w.line("        self._of = {\"base\": base, \"token\": token, \"timeout\": timeout, \"retries\": retries, \"page\": page, \"tls\": tls}\n        self._a = _Asker(**self._of, consistency=consistency)  # type: ignore[arg-type]\n")
	w.line("    def checkpointed(self) -> Client:\n        \"\"\"A client that asks for what no crash can take back: the state as of the last checkpoint.\"\"\"\n        return Client(**self._of, consistency=\"checkpointed\")  # type: ignore[arg-type]")
	for _, q := range m.states {
		w.methods(q)
	}
	return []byte(w.String())
}

// pyName is a name of a field or method.
func pyName(name string) string {
	if slices.Contains(pyKeywords, name) {
		return name + "_"
	}
	return name
}

// typeOf writes a type.
func (w *pyWriter) typeOf(t types.Type) string {
	switch t := t.(type) {
	case *types.Basic:
		return map[types.Kind]string{
			types.Bool: "bool", types.Int32: "int", types.Int: "int", types.Float32: "float", types.Float: "float",
			types.String: "str", types.Bytes: "bytes", types.Timestamp: "datetime.datetime", types.Duration: "str",
			types.Date: "datetime.date", types.UUID: "uuid.UUID", types.JSON: "Any",
		}[t.Kind]
	case *types.Decimal:
		return "decimal.Decimal"
	case *types.Option:
		return "Optional[" + w.typeOf(t.Elem) + "]"
	case *types.List:
		return "list[" + w.typeOf(t.Elem) + "]"
	case *types.Set:
		return "list[" + w.typeOf(t.Elem) + "]"
	case *types.Map:
		if kind(t.Key) == types.String {
			return "dict[str, " + w.typeOf(t.Value) + "]"
		}
		return "list[tuple[" + w.typeOf(t.Key) + ", " + w.typeOf(t.Value) + "]]"
	default:
		return w.names[w.index(t)]
	}
}

// read writes the function that reads a type.
func (w *pyWriter) read(t types.Type) string {
	switch t := t.(type) {
	case *types.Basic:
		switch t.Kind {
		case types.Float32, types.Float:
			return "float"
		case types.Bytes:
			return "base64.b64decode"
		case types.Timestamp:
			return "_timestamp"
		case types.Date:
			return "datetime.date.fromisoformat"
		case types.UUID:
			return "uuid.UUID"
		case types.JSON:
			return "_json"
		}
		return "_same"
	case *types.Decimal:
		return "decimal.Decimal"
	case *types.Option:
		return "_option(" + w.read(t.Elem) + ")"
	case *types.List:
		return "_list(" + w.read(t.Elem) + ")"
	case *types.Set:
		return "_list(" + w.read(t.Elem) + ")"
	case *types.Map:
		if kind(t.Key) == types.String {
			return "_dict(" + w.read(t.Value) + ")"
		}
		return "_pairs(" + w.read(t.Key) + ", " + w.read(t.Value) + ")"
	case *types.Enum:
		return w.names[w.index(t)]
	default:
		return "_read_" + w.names[w.index(t)]
	}
}

// text writes the function that makes a text of a URL of a key.
func (w *pyWriter) text(t types.Type) string {
	switch kind(t) {
	case types.Bytes:
		return "_bytes_text"
	case types.Timestamp:
		return "_timestamp_text"
	case types.String, types.Duration, types.Date, types.UUID, types.Int, types.Int32:
		return "_plain"
	}
	if _, enum := t.(*types.Enum); enum {
		return "_enum"
	}
	return "_as_json"
}

// declare writes a type that has a name, and the function that reads it.
func (w *pyWriter) declare(name string, t types.Type) {
	switch t := t.(type) {
	case *types.Record:
		w.record(name, t)
	case *types.Enum:
		w.line("\n\nclass %s(enum.Enum):\n    \"\"\"An enum of the program.\"\"\"\n", name)
		for _, s := range t.Symbols {
			w.line("    %s = %s", pyName(s.Name), strconv.Quote(s.Name))
		}
	case *types.Union:
		var members, reads []string
		for i, m := range t.Members {
			members = append(members, strconv.Quote(w.typeOf(m)))
			reads = append(reads, fmt.Sprintf("%s: %s", strconv.Quote(t.Tag(i)), w.read(m)))
		}
		w.line("\n\n%s = Union[%s]  # a union of the program\n\n\ndef _read_%s(v: Any) -> Any:", name, strings.Join(members, ", "), name)
		w.line("    return {%s}[v[\"$type\"]](v)", strings.Join(reads, ", "))
	}
}

func (w *pyWriter) record(name string, t *types.Record) {
	w.line("\n\n@dataclasses.dataclass(frozen=True)\nclass %s:\n    \"\"\"A record of the program.\"\"\"\n", name)
	var taken, wire, args []string
	for i := range t.Fields {
		f := &t.Fields[i]
		own := pick(pyName(f.Name), &taken)
		w.line("    %s: %s  # %s", own, w.typeOf(f.Type), f.Type)
		at := strconv.Quote(wireName(f))
		if own != wireName(f) {
			wire = append(wire, strconv.Quote(own)+": "+at)
		}
		get := "v[" + at + "]"
		if _, option := f.Type.(*types.Option); option {
			get = "v.get(" + at + ")"
		}
		args = append(args, fmt.Sprintf("%s=%s(%s)", own, w.read(f.Type), get))
	}
	if len(t.Fields) == 0 {
		w.line("    pass")
	}
	if wire != nil {
		w.line("\n\n%s._wire = {%s}  # type: ignore[attr-defined]", name, strings.Join(wire, ", "))
	}
	w.line("\n\ndef _read_%s(v: Any) -> %s:\n    return %s(%s)", name, name, name, strings.Join(args, ", "))
}

// methods writes the methods for a state.
func (w *pyWriter) methods(q *queried) {
	name, at := pyName(q.names.Snaked), strconv.Quote(q.state.Queryable)
	says := strings.ReplaceAll(strings.ReplaceAll(q.says(), `\`, `\\`), `"`, "'")
	keyed := q.key != nil && !q.fixed
	param, key := "", "None"
	switch {
	case q.fixed:
		key = `"false"`
	case keyed:
		param, key = ", key: "+w.typeOf(q.key), w.text(q.key)+"(key)"
	}
	if q.entry == nil {
		v, read := w.typeOf(q.shown), w.read(q.shown)
		w.line("\n    async def %s(self%s) -> Optional[%s]:\n        \"\"\"Asks for %s; None if the key has nothing.\"\"\"\n        return await self._a.one(%s, %s, %s)", name, param, v, says, at, key, read)
		if keyed {
			k, text := w.typeOf(q.key), w.text(q.key)
			w.line("\n    async def %s_of(self, keys: Sequence[%s]) -> list[tuple[%s, Optional[%s]]]:\n        \"\"\"Asks for several keys; None stands for what a key does not have.\"\"\"\n        return await self._a.several(%s, keys, %s, %s)", name, k, k, v, at, text, read)
			w.line("\n    def %s_all(self, within: Range[%s] = Range()) -> AsyncIterator[tuple[%s, %s]]:\n        \"\"\"Lists keys in no special order, with what they have, a page at a time.\"\"\"\n        return self._a.rows(%s, within, %s, %s, %s)", name, k, k, v, at, text, w.read(q.key), read)
		}
		return
	}
	e, text, entry := w.typeOf(q.entry), w.text(q.entry), w.read(q.entry)
	v, read := "bool", "lambda _: True"
	if q.shown != nil {
		v, read = w.typeOf(q.shown), w.read(q.shown)
	}
	w.line("\n    def %s(self%s, within: Range[%s] = Range()) -> AsyncIterator[tuple[%s, %s]]:\n        \"\"\"Lists the entries of %s in the order of their keys, a page at a time.\"\"\"\n        return self._a.entries(%s, %s, within, %s, %s, %s)", name, param, e, e, v, says, at, key, text, entry, read)
	w.line("\n    async def %s_entry(self%s, entry: %s) -> Optional[%s]:\n        \"\"\"Asks for one entry; None if there is none.\"\"\"\n        return await self._a.entry(%s, %s, %s(entry), %s)", name, param, e, v, at, key, text, read)
	if keyed {
		k := w.typeOf(q.key)
		w.line("\n    def %s_keys(self, within: Range[%s] = Range()) -> AsyncIterator[%s]:\n        \"\"\"Lists the keys that have entries, in no special order, a page at a time.\"\"\"\n        return self._a.keys(%s, within, %s, %s)", name, k, k, at, w.text(q.key), w.read(q.key))
	}
}
