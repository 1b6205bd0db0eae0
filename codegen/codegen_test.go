package codegen_test

import (
	"flag"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/codegen"
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/typecheck"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/plan"
	"github.com/flow-lang/flowc/typecheck/rig"
)

var update = flag.Bool("update", false, "write what the generator gives over what is there")

// genDir holds a folder per case: case.flow and the Go that comes of it. They
// are packages of this module, so that building the module compiles them.
var genDir = filepath.Join("..", "golden", "gen")

// check parses and checks a program that stands alone and must be right.
func check(t *testing.T, name, text string) *ir.Program {
	t.Helper()
	var report diag.List
	file := lang.Parse(name, text, &report)
	program := typecheck.Check(typecheck.Files{Main: file, Tests: true}, &report)
	if report.HasErrors() {
		for _, d := range report.Sorted() {
			t.Errorf("%s: %s[%s]", d.Span, d.Message, d.Code)
		}
		t.FailNow()
	}
	return program
}

// generate turns a program into Go.
func generate(t *testing.T, name, text string) map[string][]byte {
	t.Helper()
	importPath := "github.com/flow-lang/flowc/golden/gen/" + filepath.Base(filepath.Dir(name))
	mounted := &rig.Rig{Program: check(t, filepath.Base(name), text)}
	if len(mounted.Program.Tests) > 0 {
		mounted = rig.Mount(mounted.Program)
	}
	files, err := codegen.Generate(plan.Build(mounted.Program), codegen.Options{ImportPath: importPath, Tests: mounted.Tests})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestGolden(t *testing.T) {
	t.Parallel()
	cases, err := filepath.Glob(filepath.Join(genDir, "*", "case.flow"))
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases in %s (%v)", genDir, err)
	}
	for _, path := range cases {
		dir := filepath.Dir(path)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			got := generate(t, path, string(text))
			if filepath.Base(dir) != "temperature" {
				delete(got, "cmd/main.go") // one command is enough to look at and to link
			}
			if *update {
				write(t, dir, got)
				return
			}
			if diff := cmp.Diff(asText(read(t, dir)), asText(got)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", dir, diff)
			}
		})
	}
}

func asText(files map[string][]byte) map[string]string {
	out := map[string]string{}
	for name, text := range files {
		out[name] = string(text)
	}
	return out
}

// read returns the Go files under dir.
func read(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		text, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		files[filepath.ToSlash(name)] = text
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// write replaces the Go files under dir.
func write(t *testing.T, dir string, files map[string][]byte) {
	t.Helper()
	for name := range read(t, dir) {
		if files[name] == nil {
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, files[name], 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSameInputSameBytes(t *testing.T) {
	t.Parallel()
	path := filepath.Join(genDir, "types", "case.flow")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := asText(generate(t, path, string(text)))
	for range 5 {
		if diff := cmp.Diff(want, asText(generate(t, path, string(text)))); diff != "" {
			t.Fatalf("the second time (-first +second):\n%s", diff)
		}
	}
}
