package codegen_test

import (
	"go/importer"
	"go/token"
	gotypes "go/types"
	"os"
	"path/filepath"
	"testing"

	"github.com/flow-lang/flowc/codegen"
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/typecheck"
	"github.com/flow-lang/flowc/typecheck/plan"
)

// TestEveryProgramThatPassesTheChecker turns the programs that other tests
// have into Go, and type-checks that: no error of the Go compiler may ever reach
// a user.
func TestEveryProgramThatPassesTheChecker(t *testing.T) {
	t.Parallel()
	texts := map[string]string{}
	for _, e := range typecheck.Explanations() {
		texts["mended "+string(e.Code)] = e.After
	}
	paths, err := filepath.Glob(filepath.Join("..", "lang", "testdata", "corpus", "*.flow"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no corpus (%v)", err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		texts[filepath.Base(path)] = string(text)
	}
	imports := &cache{importer.ForCompiler(token.NewFileSet(), "source", nil), map[string]*gotypes.Package{}}
	passed := 0
	for name, text := range texts {
		var report diag.List
		file := lang.Parse("case.flow", text, &report)
		if file.Kind == lang.LibraryFile {
			continue
		}
		program := typecheck.Check(typecheck.Files{Main: file}, &report)
		if report.HasErrors() || len(program.Sources) == 0 {
			continue // a piece of a program, or one that uses what comes later
		}
		passed++
		files, err := codegen.Generate(plan.Build(program), codegen.Options{ImportPath: "x/y"})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		typecheckGo(t, imports, name, files)
	}
	if passed < 50 {
		t.Errorf("only %d programs passed the checker", passed)
	}
}
