package reliability_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/flow-lang/flowc/reliability"
)

// mutant is a mistake in the source of a package that a test must find.
type mutant struct {
	name  string
	class int // of the known bugs of other engines, as the documentation numbers them
	file  string
	was   string // stands once in the file
	is    string
	test  []string // package, then arguments of its test
	slow  bool     // only where there is time
}

var (
	damage    = []string{"./rt/checkpoint", "-run", "Damage|Format"}
	rules     = []string{"./rt/evolve"}
	generated = []string{"./oracle", "-run", "TestGeneratedCodeAgrees", "-programs", "12"}
)

// mutants are of the classes that the simulator has no part in: what is decided
// before a job begins, and the code that flowc writes.
var mutants = []mutant{
	{name: "fields are matched by their place", class: 19, test: rules, file: "rt/evolve/renamed.go",
		was: "if called, _ := of(&olds[j]); called == name && (may == nil || may(&olds[j], &news[i])) {",
		is:  "if j == min(i, len(olds)-1) {"},
	{name: "every symbol was the first", class: 19, test: rules, file: "rt/evolve/renamed.go",
		was: "match := matched(old.Symbols, new.Symbols, func(s *schema.Symbol) (string, []string) { return s.Name, s.Was }, nil)",
		is:  "match := make([]int, len(new.Symbols))"},
	{name: "the name that a field had is not looked for", class: 19, test: rules, file: "rt/evolve/renamed.go",
		was: "names[i], was[i] = of(&news[i])", is: "names[i], _ = of(&news[i])"},
	{name: "a product is a sum", class: 21, test: generated, slow: true, file: "codegen/ops.go",
		was: `ir.Sub: "SubInt", ir.Mul: "MulInt"`, is: `ir.Sub: "SubInt", ir.Mul: "AddInt"`},
	{name: "a comparison leaves its operands without parentheses", class: 21, test: generated, slow: true, file: "codegen/ops.go",
		was: "ir.Add: precAdd, ir.Sub: precAdd, ir.Mul: precMul,", is: "ir.Add: precMul, ir.Sub: precMul, ir.Mul: precMul,"},
	{name: "a timer waits for a watermark that is later than it", class: 21, test: generated, slow: true, file: "codegen/keyed.go",
		was: `Dot("Next").Call().Op("<=").Id("m")`, is: `Dot("Next").Call().Op("<").Id("m")`},
	{name: "the hash of a file is not compared", class: 22, test: damage, file: "rt/checkpoint/log.go",
		was: "case hash != f.SHA256:", is: "case hash == \"\":"},
	{name: "the checksum of a checkpoint is not compared", class: 22, test: damage, file: "rt/checkpoint/manifest.go",
		was: "string(want[:len(want)-1]) != string(line) {", is: "len(want) == 0 {"},
	{name: "a checkpoint may be another than its marker names", class: 22, test: damage, file: "rt/checkpoint/log.go",
		was: "case sum(entry) != want:", is: "case sum(entry) == \"\":"},
	{name: "a checkpoint may have the name of another", class: 22, test: damage, file: "rt/checkpoint/log.go",
		was: "if err == nil && m.Number != number {", is: "if err == nil && m.Number < 0 {"},
	{name: "a checkpoint of a later format is read", class: 22, test: damage, file: "rt/checkpoint/manifest.go",
		was: "if version > latest {", is: "if version < 0 {"},
}

// TestMutantsOfSourcesAreFound puts each mistake into the source and runs a test
// that must fail then.
func TestMutantsOfSourcesAreFound(t *testing.T) {
	t.Parallel()
	all, found := 0, 0
	for i, m := range mutants {
		if i%reliability.Size(len(mutants), 1, 1) != 0 || m.slow && reliability.Tier() != "long" {
			continue
		}
		all++
		t.Run(m.name, func(t *testing.T) {
			out, err := m.run(t)
			switch {
			case err == nil:
				t.Errorf("nobody notices it:\n%s", out)
			case strings.Contains(out, "[build failed]") || !strings.Contains(out, "--- FAIL"):
				t.Errorf("it is no mutant: %v\n%s", err, out)
			default:
				found++
			}
		})
	}
	reliability.Note(t, "T2 sources", all-found, reliability.Count{Name: "mutants", N: int64(all)}, reliability.Count{Name: "found", N: int64(found)})
}

// run runs the test of a mutant, whose source is laid over that of the module.
func (m *mutant) run(t *testing.T) (string, error) {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(root, filepath.FromSlash(m.file))
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), m.was); n != 1 {
		t.Fatalf("%s has %q %d times: the mutant has to be written anew", m.file, m.was, n)
	}
	dir := t.TempDir()
	changed, overlay := filepath.Join(dir, "changed.go"), filepath.Join(dir, "overlay.json")
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{path: changed}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(changed, []byte(strings.Replace(string(text), m.was, m.is, 1)), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(overlay, replace, 0o666); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", append([]string{"test", "-vet=off", "-count=1", "-timeout", "20m", "-overlay", overlay}, m.test...)...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "FLOW_TIER=quick", "FLOW_RELIABILITY=")
	out, err := cmd.CombinedOutput()
	return string(out), err
}
