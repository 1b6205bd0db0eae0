package statefun_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/flow-lang/flowc/cmd/flowc/internal/statefun"
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
)

// FuzzImport: whatever a file holds, it is refused or comes to be a program that
// can be parsed.
func FuzzImport(f *testing.F) {
	paths, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(paths) == 0 {
		f.Fatalf("%d modules: %v", len(paths), err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte("kind: io.statefun.endpoints.v1/http\nspec: {functions: a/match, urlPathTemplate: \"http://x/${y}\\n\\\"\"}\n"))
	f.Add([]byte("kind: a\\nb\n---\nkind: io.statefun.kafka.v1/egress\nspec: {id: \"\\n}\"}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		program, _, err := statefun.Import("module.yaml", text, nil)
		if err != nil {
			return
		}
		var mistakes diag.List
		lang.Parse("module.flow", program, &mistakes)
		if mistakes.HasErrors() {
			t.Errorf("%v\n%s", mistakes, program)
		}
	})
}
