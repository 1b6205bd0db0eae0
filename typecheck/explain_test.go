package typecheck_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/typecheck"
)

// check parses and checks one file without imports.
func check(text string) (*diag.List, string) {
	var report diag.List
	file := lang.Parse("app.flow", text, &report)
	typecheck.Check(typecheck.Files{Main: file}, &report)
	var b strings.Builder
	diag.Text(&b, report.Sorted(), map[string]string{"app.flow": text}, false)
	return &report, b.String()
}

func TestExplanationsShowTheirCode(t *testing.T) {
	t.Parallel()
	for _, e := range typecheck.Explanations() {
		t.Run(string(e.Code), func(t *testing.T) {
			t.Parallel()
			report, text := check(e.Before)
			if !slices.ContainsFunc(report.Sorted(), func(d diag.Diagnostic) bool { return d.Code == e.Code }) {
				t.Errorf("the program before does not give %s:\n%s\n%s", e.Code, e.Before, text)
			}
			for _, d := range report.Sorted() {
				if d.Code != e.Code {
					t.Errorf("the program before gives %s too:\n%s", d.Code, text)
				}
			}
			if report, text := check(e.After); len(report.Sorted()) > 0 {
				t.Errorf("the program after is not mended:\n%s\n%s", e.After, text)
			}
			if len(e.Text) < 100 || e.Title == "" {
				t.Errorf("the text of %s is too short", e.Code)
			}
		})
	}
}

// codes lists the constants that codes.go declares.
func codes(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("codes.go")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, line := range strings.Split(string(text), "\n") {
		if _, code, ok := strings.Cut(line, "diag.Code = "); ok {
			out = append(out, strings.Trim(code, "\""))
		}
	}
	return out
}

func TestEveryCodeIsExplained(t *testing.T) {
	t.Parallel()
	explained := map[string]bool{}
	for _, e := range typecheck.Explanations() {
		if explained[string(e.Code)] {
			t.Errorf("%s is explained twice", e.Code)
		}
		explained[string(e.Code)] = true
	}
	for _, code := range codes(t) {
		if !explained[code] {
			t.Errorf("%s has no explanation", code)
		}
	}
}

func TestEveryCodeHasAGolden(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob(filepath.Join("..", "golden", "check", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, p := range paths {
		text, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	for _, code := range codes(t) {
		if !strings.Contains(all.String(), "["+code+"]") {
			t.Errorf("%s has no case in golden/check", code)
		}
	}
}
