package oracle_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/flow-lang/flowc/oracle/gen"
)

// vetted is how many generated programs go vet sees.
const vetted = 6

// TestGeneratedCodeIsVetClean holds the Go of generated programs to go vet, in a
// module of their own, as vet wants files where they seem to lie.
func TestGeneratedCodeIsVetClean(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name string, text []byte) {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, text, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", fmt.Appendf(nil, "module vetted\n\ngo 1.25\n\nrequire github.com/flow-lang/flowc v0.0.0\n\nreplace github.com/flow-lang/flowc => %s\n", moduleRoot(t)))
	for i := range uint64(vetted) {
		p := gen.New(*seed+i, 0, gen.All())
		pkg := fmt.Sprintf("p%d", i)
		files, err := generate(p.Text, "vetted/"+pkg)
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", p.Seed, err, p.Text)
		}
		for name, text := range files {
			write(pkg+"/"+name, text)
		}
	}
	cmd := exec.Command("go", "vet", "-mod=mod", "./...")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("go vet: %v\n%s", err, out)
	}
}
