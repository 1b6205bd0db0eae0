package flowc_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
)

// buildFlowc builds flowc once for all tests of this package and returns the
// folder that holds it.
var buildFlowc = sync.OnceValues(func() (string, error) {
	dir := filepath.Join(scratch, "bin")
	cmd := exec.Command("go", "build", "-o", filepath.Join(dir, "flowc"), "./cmd/flowc")
	cmd.Stderr = os.Stderr
	return dir, cmd.Run()
})

// scratch is a folder of this run of the tests.
var scratch string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "flowc-test-")
	if err != nil {
		panic(err)
	}
	scratch = dir
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// flowc returns the path of a flowc built from this tree.
func flowc(t *testing.T) string {
	t.Helper()
	dir, err := buildFlowc()
	if err != nil {
		t.Fatalf("go build ./cmd/flowc: %v", err)
	}
	return filepath.Join(dir, "flowc")
}

// workspace returns a fresh folder that holds a copy of examples, so that what
// a program writes does not land in the tree.
func workspace(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "examples"), os.DirFS("examples")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestFormatted: the Flow of the house is laid out by its own formatter.
func TestFormatted(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"stdlib/*.flow", "examples/*.flow", "examples/*/*.flow", "bench/*.flow", "bench/nexmark/*.flow"} {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: no files (%v)", pattern, err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			var report diag.List
			if got, ok := lang.FormatSource(name, string(text), &report); !ok || got != string(text) {
				t.Errorf("%s: flowc fmt -w changes it", name)
			}
		}
	}
}
