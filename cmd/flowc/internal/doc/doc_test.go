package doc_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/cmd/flowc/internal/doc"
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
)

// TestLibrary holds every word that programs have to a sentence, and the
// examples of operators and aggregates to the grammar.
func TestLibrary(t *testing.T) {
	t.Parallel()
	for _, e := range doc.Library() {
		_, own, ok := strings.Cut(e.Name, ".")
		if !ok {
			own = e.Name
		}
		if s := e.Summary(); !strings.HasPrefix(s, own+" ") || !strings.HasSuffix(s, ".") || strings.Contains(s, "\n") {
			t.Errorf("the doc of the %s %s begins with no sentence about it: %q", e.Kind, e.Name, s)
		}
		text := "pipeline example\n" + e.Example + "\n"
		switch e.Kind {
		case "aggregate":
			text = "pipeline example\nstream out = x |> running(" + e.Example + ")\n"
		case "operator":
		default:
			continue
		}
		var found diag.List
		lang.Parse("example.flow", text, &found)
		for _, d := range found.Sorted() {
			t.Errorf("%s: %s: %s\n%s", e.Name, d.Span, d.Message, text)
		}
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	all := []doc.Entry{{Name: "map"}, {Name: "list.map"}, {Name: "mapped"}}
	for name, want := range map[string][]string{
		"map":      {"map", "list.map"},
		"list.map": {"list.map"},
		"list":     nil,
		"":         nil,
	} {
		var got []string
		for _, e := range doc.Find(all, name) {
			got = append(got, e.Name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Find(%q) (-want +got):\n%s", name, diff)
		}
	}
}

// TestPageOfHostileNames holds a page to its shape: text of the program opens no
// cell, fence or heading.
func TestPageOfHostileNames(t *testing.T) {
	t.Parallel()
	var found diag.List
	file := lang.Parse("lib.flow", "library l_i_b\n\n// It ends a fence: ```\n// | and begins a table.\nrecord R {\n  x: string = \"```\\n# no heading\" // `\n}\n", &found)
	want := `# l\_i\_b

## Records

### R

It ends a fence: ` + "```" + `
| and begins a table.

` + "````flow fragment" + `
record R {
  x: string = "` + "```" + `\n# no heading"
}
` + "````" + `
`
	if diff := cmp.Diff(want, doc.Page(file, nil)); diff != "" {
		t.Errorf("Page (-want +got):\n%s", diff)
	}
}
