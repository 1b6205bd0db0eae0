package typecheck_test

import (
	"strings"
	"testing"

	"github.com/flow-lang/flowc/golden"
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/typecheck"
	"github.com/flow-lang/flowc/typecheck/ir"
)

// onlyLater reports whether nothing is wrong but that a part of the language is
// not compiled yet.
func onlyLater(report *diag.List) bool {
	for _, d := range report.Sorted() {
		if d.Severity == diag.Error && d.Code != typecheck.Unsupported {
			return false
		}
	}
	return true
}

// TestCheck holds the checker to the cases in golden/check. A case whose name in
// the archive is in.flow gives its diagnostics, and the program if there is
// nothing wrong with it; other files are imports.
func TestCheck(t *testing.T) {
	golden.Run(t, "check", func(inputs map[string]string) golden.Outcome {
		var report diag.List
		files := typecheck.Files{Imports: map[string]*lang.File{}}
		for name, text := range inputs {
			file := lang.Parse(name, text, &report)
			if name == "in.flow" {
				files.Main = file
				continue
			}
			files.Imports[name] = file
		}
		out := golden.Outcome{}
		if files.Main.Kind == lang.LibraryFile {
			typecheck.CheckLibrary(files, &report)
		} else {
			prog := typecheck.Check(files, &report)
			if onlyLater(&report) {
				if dump := ir.Dump(prog); !strings.Contains(dump, "invalid") {
					out["ir"] = dump
				}
			}
		}
		var b strings.Builder
		diag.Text(&b, report.Sorted(), inputs, false)
		out["diagnostics"] = b.String()
		return out
	})
}
