// Package golden runs tests whose inputs and expected outputs stand in one
// text file each.
//
// A case is a txtar archive. Its comment says in one sentence what it is about;
// the files in it are the inputs, but for those whose names begin with "want/",
// which are the expected outputs. "go test PACKAGE -update" writes the outputs
// that a test produced over the expected ones: look at the difference before
// you commit it.
package golden

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "write what the tests give over what they want")

// Outcome is what a case produced: text by name, without "want/". An empty text
// counts as none.
type Outcome map[string]string

// Run makes a parallel subtest of each *.txtar in the folder dir of this
// package. A case fails when run gives an output that the file does not want,
// or does not give one that it wants.
func Run(t *testing.T, dir string, run func(inputs map[string]string) Outcome) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root(t), "golden", dir, "*.txtar"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases in golden/%s (%v)", dir, err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			t.Parallel()
			runCase(t, path, run)
		})
	}
}

func runCase(t *testing.T, path string, run func(map[string]string) Outcome) {
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	inputs, want := map[string]string{}, Outcome{}
	var files []txtar.File
	for _, f := range archive.Files {
		if name, ok := strings.CutPrefix(f.Name, "want/"); ok {
			want[name] = string(f.Data)
			continue
		}
		inputs[f.Name] = string(f.Data)
		files = append(files, f)
	}
	got := run(inputs)
	maps.DeleteFunc(got, func(_, text string) bool { return text == "" })
	for name, text := range got {
		if !strings.HasSuffix(text, "\n") {
			got[name] = text + "\n"
		}
	}
	if *update {
		for _, name := range slices.Sorted(maps.Keys(got)) {
			files = append(files, txtar.File{Name: "want/" + name, Data: []byte(got[name])})
		}
		archive.Files = files
		if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", filepath.Base(path), diff)
	}
}

// root returns the folder of go.mod above the package under test.
func root(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("no go.mod above the package under test")
		}
		dir = up
	}
}
