package typecheck

import (
	"fmt"
	"strings"
	"testing"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
)

// TestWords holds every built-in word to a sentence about it and an example
// that the checker takes.
func TestWords(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	lets, connections := "", ""
	for _, w := range Words() {
		if seen[string(w.Kind)+" "+w.Name] {
			t.Errorf("%s stands there twice", w.Name)
		}
		seen[string(w.Kind)+" "+w.Name] = true
		_, own, ok := strings.Cut(w.Name, ".")
		if !ok {
			own = w.Name
		}
		if !strings.HasPrefix(w.Doc, own+" ") || !strings.HasSuffix(w.Doc, ".") {
			t.Errorf("the doc of %s is no sentence about it: %q", w.Name, w.Doc)
		}
		if !strings.Contains(w.Signature, own) || !strings.Contains(w.Example, own) {
			t.Errorf("%s stands neither in its signature %q nor in its example %q", w.Name, w.Signature, w.Example)
		}
		if w.Kind == ConnectorWord {
			connections += fmt.Sprintf("source %s_in: R = %s\nsink %s_in to %s\n", w.Name, w.Example, w.Name, w.Example)
		} else {
			lets += fmt.Sprintf("    let x%d = %s // %s\n", len(seen), w.Example, w.Name)
		}
	}
	for name := range examples {
		if !seen["function "+name] && !seen["method "+name] && !seen["property "+name] {
			t.Errorf("there is an example of %s, which is no word", name)
		}
	}
	for _, name := range specialNames {
		if !seen["function "+name] {
			t.Errorf("%s is missing", name)
		}
	}
	checkExamples(t, lets, connections)
}

// checkExamples checks a program with all examples: those of expressions in
// lines that begin with let, those of connectors in declarations.
func checkExamples(t *testing.T, lets, connections string) {
	t.Helper()
	text := "pipeline example\nrecord R { x: int }\n" + connections +
		"source s: R = jsonl(\"in.jsonl\")\noperator o {\n  in  r: R\n  out R\n  on r {\n" + lets + "    emit r\n  }\n}\n" +
		"stream out = s |> o\nsink out to jsonl(\"out.jsonl\")\n"
	var report diag.List
	Check(Files{Main: lang.Parse("in.flow", text, &report)}, &report)
	for _, d := range report.Sorted() {
		if d.Severity == diag.Error {
			t.Errorf("%s: %s\n%s", d.Span, d.Message, strings.Split(text, "\n")[d.Span.Start.Line-1])
		}
	}
}
