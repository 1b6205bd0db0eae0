package graph_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/codegen/graph"
	"github.com/flow-lang/flowc/golden"
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/typecheck"
	"github.com/flow-lang/flowc/typecheck/plan"
)

// describe describes a program that must be right.
func describe(t *testing.T, text string) *graph.Document {
	t.Helper()
	var report diag.List
	program := typecheck.Check(typecheck.Files{Main: lang.Parse("in.flow", text, &report)}, &report)
	for _, d := range report.Sorted() {
		if d.Severity == diag.Error {
			t.Fatalf("%s: %s", d.Span, d.Message)
		}
	}
	return graph.Of(plan.Build(program))
}

func TestForms(t *testing.T) {
	t.Parallel()
	golden.Run(t, "graph", func(inputs map[string]string) golden.Outcome {
		d := describe(t, inputs["in.flow"])
		data, err := d.JSON()
		if err != nil {
			t.Fatal(err)
		}
		return golden.Outcome{"json": string(data), "dot": string(d.DOT()), "mermaid": string(d.Mermaid())}
	})
}

// TestNamesAtEdges: an edge out of a named output has the name at its beginning, and
// messages that go both ways an arrow at both ends.
func TestNamesAtEdges(t *testing.T) {
	t.Parallel()
	picture := string(describe(t, `pipeline p
record R { x: int }
source s: R = jsonl("in.jsonl")
operator one {
  in  r: R key r.x
  in  m: R message
  out R
  out refused: R
  on r { send "b"[r.x] r; emit refused r }
  on m { emit m }
}
operator two {
  in  r: R key r.x
  in  m: R message
  out R
  on r { emit r }
  on m { send "a"[m.x] m }
}
stream a = s |> one uid "a"
stream b = a.refused |> two uid "b"
sink a to jsonl("a.jsonl")
sink b to jsonl("b.jsonl")
`).SVG())
	if n := strings.Count(picture, ">refused</text>"); n != 1 {
		t.Errorf("the name of the output stands %d times at its edge", n)
	}
	if n := strings.Count(picture, `"head message"`); n != 2 {
		t.Errorf("the messages have %d heads, not one at each end", n)
	}
}

// hostile is text that would end a string, an element or a line of every form.
const hostile = "a\"b'c<d>&e]]>\\n|{}#;--\\u0001\\u202e`"

// TestHostileText puts it wherever text of a program comes into a graph.
func TestHostileText(t *testing.T) {
	t.Parallel()
	quoted := strings.ReplaceAll(hostile, `"`, `\"`)
	d := describe(t, `pipeline p
record R { x: int }
// <script>alert(1)</script>
source s: R = jsonl("`+quoted+`")
operator o(text: string) {
  in  r: R key r.x
  out R
  state n: value<int> = 0 forever queryable "`+quoted+`"
  on r { n += 1; if n > text.len { emit r } }
}
stream out = s |> o(text: "`+quoted+`") uid "o"
sink out to jsonl("out`+quoted+`")
`)
	path := d.Sources[0].Connector.Arguments[0].Value
	if !strings.Contains(path, "<d>&e]]>") {
		t.Fatalf("the path came without its bad characters: %q", path)
	}
	elements := wellFormed(t, d.SVG())
	for name := range elements {
		if !strings.Contains(" svg title style rect text g path ", " "+name+" ") {
			t.Errorf("the SVG has an element %s", name)
		}
	}
	data, err := d.JSON()
	var back graph.Document
	if err := errors.Join(err, json.Unmarshal(data, &back)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(path, back.Sources[0].Connector.Arguments[0].Value); diff != "" {
		t.Errorf("the path in JSON (-want +got):\n%s", diff)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(d.DOT())), "\n") {
		if n := strings.Count(strings.ReplaceAll(line, `\\`, ""), `"`) - strings.Count(strings.ReplaceAll(line, `\\`, ""), `\"`); n%2 != 0 {
			t.Errorf("a line of DOT has an odd number of quotes: %s", line)
		}
	}
	if strings.Contains(string(d.Mermaid()), "<d>") {
		t.Error("text stands in Mermaid as it is")
	}
}

// wellFormed reads all of an SVG and returns its elements.
func wellFormed(t *testing.T, data []byte) map[string]bool {
	t.Helper()
	elements := map[string]bool{}
	dec := xml.NewDecoder(strings.NewReader(string(data)))
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return elements
		}
		if err != nil {
			t.Fatalf("%v in %s", err, data)
		}
		if e, ok := token.(xml.StartElement); ok {
			elements[e.Name.Local] = true
		}
	}
}
