package statefun

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
)

// Import returns the program of a module file that has a name, with what has no
// counterpart. It has the functions that the module names, and besides those that are
// given, as namespace/name. An error says that the text is no module; an
// [UnknownFunction] that it has no endpoint for one of them.
func Import(name string, text []byte, functions []string) (program string, remarks []Remark, err error) {
	all, err := read(text)
	if err != nil {
		return "", nil, err
	}
	w := &writer{application: understand(all), taken: map[string]bool{}}
	for _, name := range []string{"filter", "given", "jsonl", "map", "nothing", "param", "union"} {
		w.taken[name] = true // by the language, or below
	}
	if err := w.functions(functions); err != nil {
		return "", nil, err
	}
	w.write()
	slices.SortStableFunc(w.remarks, func(a, b Remark) int { return a.Line - b.Line })
	var mistakes diag.List
	program, ok := lang.FormatSource(name, w.head(name)+w.text.String(), &mistakes)
	if !ok {
		panic(fmt.Sprintf("statefun: the program is none: %v\n%s", mistakes, w.text.String()))
	}
	return program, w.remarks, nil
}

// UnknownFunction is a function for which a module has no endpoint.
type UnknownFunction string

// Error says so.
func (f UnknownFunction) Error() string {
	return fmt.Sprintf("there is no endpoint for the function %q", string(f))
}

// function is a function of the program.
type function struct {
	typename string
	name     string // of the declaration
	at       *endpoint
	inputs   []*source
}

// source is a topic with the name of its stream.
type source struct {
	topic
	stream string
}

// writer writes the program.
type writer struct {
	*application
	taken   map[string]bool
	called  []*function
	sources []*source
	text    strings.Builder
}

func (w *writer) line(format string, args ...any) { fmt.Fprintf(&w.text, format+"\n", args...) }

// functions finds those that endpoints name, those that topics lead to, and those
// that are given.
func (w *writer) functions(given []string) error {
	for i := range w.topics {
		w.sources = append(w.sources, &source{w.topics[i], w.pick(w.topics[i].name)})
	}
	for i := range w.endpoints {
		if e := &w.endpoints[i]; !strings.HasSuffix(e.functions, "/*") {
			w.function(e.functions, e)
		}
	}
	for _, s := range w.sources {
		for _, target := range s.targets {
			if !typeName.MatchString(target) || strings.HasSuffix(target, "*") {
				w.remark(s.line, "the target %q of %s is left out: it is namespace/name", target, s.name)
			} else if e := w.served(target); e == nil {
				w.remark(s.line, "the target %s of %s is left out: the module has no endpoint for it", target, s.name)
			} else {
				f := w.function(target, e)
				f.inputs = append(f.inputs, s)
			}
		}
	}
	for _, typename := range given {
		var e *endpoint
		if typeName.MatchString(typename) && !strings.HasSuffix(typename, "*") {
			e = w.served(typename)
		}
		if e == nil {
			return UnknownFunction(typename)
		}
		w.function(typename, e)
	}
	for i := range w.endpoints {
		if e := &w.endpoints[i]; strings.HasSuffix(e.functions, "/*") {
			w.remark(e.line, "the functions %s at %s are those that an ingress leads to; name each other one by --function", e.functions, e.url)
		}
	}
	for _, f := range w.called {
		if w.requests {
			s := &source{topic{name: f.typename, kind: playground, value: "io.statefun.types/string"}, w.pick("for " + f.name)}
			w.sources = append(w.sources, s)
			f.inputs = append(f.inputs, s)
		}
	}
	return nil
}

func (w *writer) function(typename string, e *endpoint) *function {
	for _, f := range w.called {
		if f.typename == typename {
			return f
		}
	}
	f := &function{typename: typename, name: w.pick(typename[strings.LastIndexByte(typename, '/')+1:]), at: e}
	w.called = append(w.called, f)
	return f
}

// pick makes a name of the program of any text.
func (w *writer) pick(text string) string {
	name := ident(text)
	for n := 2; w.taken[name]; n++ {
		name = fmt.Sprintf("%s_%d", ident(text), n)
	}
	w.taken[name] = true
	return name
}

// ident makes a name of a text, which is no word of the language.
func ident(text string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(text) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9' && b.Len() > 0:
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "_"):
			b.WriteByte('_')
		}
	}
	name := strings.Trim(b.String(), "_")
	var mistakes diag.List
	if _, ok := lang.FormatSource("", "pipeline p\n\nsource "+name+": int = jsonl(stdin)\n", &mistakes); !ok {
		return "my_" + name
	}
	return name
}

// oneLine makes a line of a text that may come to be a comment.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// quoted writes a text of the program.
func quoted(text string) string { return strings.ReplaceAll(strconv.Quote(text), "$", "\\$") }

// head is what stands above the declarations.
func (w *writer) head(name string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "// The application of %s, whose functions are called where they are.\n", oneLine(name))
	if len(w.remarks) > 0 {
		b.WriteString("//\n// What differs:\n")
	}
	for _, r := range w.remarks {
		fmt.Fprintf(&b, "// - line %d: %s.\n", r.Line, oneLine(r.Text))
	}
	fmt.Fprintf(&b, "pipeline %s\n\n", ident(strings.TrimSuffix(strings.TrimSuffix(name, ".yaml"), ".yml")))
	return b.String()
}

// write writes the declarations.
func (w *writer) write() {
	w.records()
	for _, s := range w.sources {
		if s.kind == playground {
			w.line("// Requests to %s.", s.name)
			w.line("source %s: Incoming = jsonl(param(%s, %s))\n", s.stream, quoted(s.stream), quoted(s.stream+".jsonl"))
			continue
		}
		w.remark(s.line, "%s is read from JSON lines, such as {\"key\": \"id\", \"value\": \"AAE=\"} with the value in base64: this flowc has no connector for %s, so what consumes it writes these lines to the file of the parameter, or to a source that takes its place", s.name, s.kind)
		w.line("// The %s %q of the ingress %s.", map[string]string{"Kafka": "topic", "Kinesis": "stream"}[s.kind], s.name, oneLine(s.ingress))
		w.comments(s.facts)
		file := w.pick(s.stream + " in")
		w.line("source %s: Read = jsonl(param(%s, %s))", file, quoted(s.stream), quoted(s.stream+".jsonl"))
		w.line("stream %s = %s |> map(r => Incoming { type: %s, key: r.key, value: r.value })\n", s.stream, file, quoted(s.value))
	}
	for _, f := range w.called {
		w.remoteFunction(f)
	}
	w.steps()
	for _, e := range w.egresses {
		w.sink(e)
	}
}

// records declares those that the rest needs.
func (w *writer) records() {
	if len(w.topics) > 0 {
		w.line("// What an ingress reads: the id of an address, and the value as it is.")
		w.line("record Read {\n  key:   string\n  value: bytes\n}\n")
	}
	if len(w.sources)+len(w.called) > 0 {
		w.line("// What comes for a function: a value with the name of its type.")
		w.line("record Incoming {\n  type:  string\n  key:   string\n  value: bytes\n}\n")
	}
	if len(w.called) > 0 {
		w.line("// What functions give to egresses.")
		w.line("record Outgoing {\n  egress: string\n  topic:  string\n  key:    string\n  value:  bytes\n}\n")
	}
}

func (w *writer) comments(facts []string) {
	for _, f := range facts {
		w.line("// %s", oneLine(f))
	}
}

func (w *writer) remoteFunction(f *function) {
	w.line("remote %s: Incoming -> Outgoing {", f.name)
	w.line("type %s", quoted(f.typename))
	w.line("endpoint %s", quoted(f.at.url))
	if len(f.inputs) > 0 {
		w.line("argument %s value", quoted(f.inputs[0].value))
	} else {
		w.line("argument \"io.statefun.types/string\" value")
	}
	for _, file := range f.at.files {
		w.line("%s", file)
	}
	if len(f.at.timeouts) > 0 {
		w.line("timeout %s", strings.Join(f.at.timeouts, ", "))
	}
	w.line("}\n")
}

// steps applies the functions to their topics.
func (w *writer) steps() {
	var outs []string
	for _, f := range w.called {
		input := ""
		for i, s := range f.inputs {
			if i == 0 {
				input = s.stream
			} else {
				input += " |> union(" + s.stream + ")"
			}
		}
		if input == "" {
			if len(w.sources) == 0 {
				w.line("// No ingress of the module leads anywhere.")
				w.line("source nothing: Incoming = jsonl(stdin)\n")
				w.sources = append(w.sources, &source{stream: "nothing"})
			}
			w.line("// Only other functions send to %s.", f.typename)
			input = w.sources[0].stream + " |> filter(r => false)"
		}
		out := w.pick("of " + f.name)
		w.line("stream %s = %s |> %s(key: r => r.key) uid %s\n", out, input, f.name, quoted(f.name))
		outs = append(outs, out)
	}
	if len(outs) == 0 {
		w.remark(1, "there is no function that could be called: the program has no steps")
		return
	}
	if len(w.egresses) == 0 {
		w.line("sink %s to jsonl(param(\"given\", \"given.jsonl\"))\n", outs[0])
		return
	}
	w.line("stream given = %s", outs[0])
	if len(outs) > 1 {
		w.line("|> union(%s)", strings.Join(outs[1:], ", "))
	}
	w.line("")
}

func (w *writer) sink(e egress) {
	if len(w.called) == 0 {
		return
	}
	if e.kind == playground {
		w.remark(e.line, "what is given to the playground is written as JSON lines with the record of topic and payload as the value, in base64")
	} else {
		w.remark(e.line, "what is given to %s is written as JSON lines with topic, key, and value in base64: this flowc has no connector for %s, so what produces it reads them", e.id, e.kind)
	}
	name := w.pick("to " + e.id[strings.LastIndexByte(e.id, '/')+1:])
	w.line("// The egress %s to %s.", oneLine(e.id), e.kind)
	w.comments(e.facts)
	w.line("stream %s = given |> filter(o => o.egress == %s)\n", name, quoted(e.id))
	w.line("sink %s to jsonl(param(%s, %s))\n", name, quoted(name), quoted(name+".jsonl"))
}
