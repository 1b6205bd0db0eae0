package codegen_test

import (
	"fmt"
	"go/importer"
	"go/token"
	gotypes "go/types"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/flow-lang/flowc/codegen"
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/oracle/gen"
	"github.com/flow-lang/flowc/typecheck"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/plan"
)

// madeUp is how many generated programs become Go here; the differential test
// of package oracle also runs them.
const madeUp = 30

// callsNothing has steps that wait for functions, of which none is called.
const callsNothing = `pipeline app
record Number { n: int }
source numbers: Number = jsonl(stdin)
stream same = numbers |> async(x => x, capacity: 2) uid "same" on error skip
stream texts = same |> lookup_join(x => "${x.n}", kind: left) uid "texts"
sink texts to jsonl(stdout)
`

// TestEveryProgramThatPassesTheChecker turns the programs that other tests
// have, and some that are made up, into Go, and type-checks that: no error of
// the Go compiler may ever reach a user. The same program gives the same bytes
// again.
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
	for _, pattern := range []string{"*.txtar", "kept/*.txtar"} {
		paths, err := filepath.Glob(filepath.Join("..", "oracle", "testdata", filepath.FromSlash(pattern)))
		if err != nil || len(paths) == 0 {
			t.Fatalf("no programs for the oracle (%v)", err)
		}
		for _, path := range paths {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range archive.Files {
				if f.Name == "program.flow" {
					texts[filepath.Base(path)] = string(f.Data)
				}
			}
		}
	}
	for seed := range uint64(madeUp) {
		texts[fmt.Sprint("seed ", seed)] = gen.New(seed, 0, gen.All()).Text
	}
	texts["what is waited for cannot fail"] = callsNothing
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
		if slices.ContainsFunc(program.Funcs, func(f *ir.Func) bool { return f.Extern != nil }) {
			continue // whose Go packages are not there; TestExterns has its own
		}
		passed++
		files, err := codegen.Generate(plan.Build(program), codegen.Options{ImportPath: "x/y"})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		again, err := codegen.Generate(plan.Build(program), codegen.Options{ImportPath: "x/y"})
		if diff := cmp.Diff(asText(files), asText(again)); err != nil || diff != "" {
			t.Errorf("%s: the second time (-first +second):\n%s%v", name, diff, err)
		}
		typecheckGo(t, imports, name, files)
	}
	if passed < 120 {
		t.Errorf("only %d programs passed the checker", passed)
	}
}
