package scaffold_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/cmd/flowc/internal/scaffold"
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
)

func TestName(t *testing.T) {
	t.Parallel()
	for folder, want := range map[string]string{
		"alerts":       "alerts",
		"Heat Alerts":  "heat_alerts",
		"2024.visits-": "visits",
		"日本":           "events",
		"/":            "events",
		"":             "events",
	} {
		if diff := cmp.Diff(want, scaffold.Name(folder)); diff != "" {
			t.Errorf("Name(%q) (-want +got):\n%s", folder, diff)
		}
	}
}

// TestFilesOfAnyFolder holds programs with names of all kinds, words of Flow
// among them, to the one layout.
func TestFilesOfAnyFolder(t *testing.T) {
	t.Parallel()
	for _, folder := range []string{"alerts", "pipeline", "record", "source", "if", "true", "none", "stdin", strings.Repeat("long", 40)} {
		name := scaffold.Name(folder)
		program := scaffold.Files(name)[0]
		var found diag.List
		got, _ := lang.FormatSource(program.Path, program.Text, &found)
		for _, d := range found.Sorted() {
			t.Errorf("%s: %s", d.Span, d.Message)
		}
		if diff := cmp.Diff(program.Text, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", program.Path, diff)
		}
	}
}
