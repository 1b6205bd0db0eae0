package oracle_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/flow-lang/flowc/oracle"
)

// TestConformance runs programs whose results people wrote down. A case holds
// program.flow, the rows of each source as in/NAME, and the rows of each sink as
// want/UID; a folder sorted/ instead of want/ means that the order between rows
// is open.
func TestConformance(t *testing.T) {
	t.Parallel()
	cases, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases (%v)", err)
	}
	for _, name := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			runCase(t, txtar.Parse(text))
		})
	}
}

func runCase(t *testing.T, archive *txtar.Archive) {
	var program string
	in := oracle.Input{Rows: map[string][]string{}}
	want, sorted := map[string][]string{}, map[string]bool{}
	for _, f := range archive.Files {
		rows := slices.Collect(strings.Lines(string(f.Data)))
		for i := range rows {
			rows[i] = strings.TrimSuffix(rows[i], "\n")
		}
		kind, name, _ := strings.Cut(f.Name, "/")
		switch kind {
		case "program.flow":
			program = string(f.Data)
		case "in":
			in.Rows[name] = rows
		case "want":
			want[name] = rows
		case "sorted":
			want[name], sorted[name] = rows, true
		}
	}
	prog, err := interpret(program)
	if err != nil {
		t.Fatal(err)
	}
	out, err := oracle.Run(prog, in)
	if stopped, ok := want["error"]; ok {
		if diff := cmp.Diff(strings.Join(stopped, "\n"), errText(err)); diff != "" {
			t.Errorf("the error (-want +got):\n%s", diff)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	for name, rows := range want {
		got := out.Sinks[name]
		if sorted[name] {
			slices.Sort(got)
			slices.Sort(rows)
		}
		if diff := cmp.Diff(rows, got); diff != "" {
			t.Errorf("sink %s (-want +got):\n%s", name, diff)
		}
	}
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
