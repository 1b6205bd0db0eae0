package oracle_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/flow-lang/flowc/codegen"
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/oracle/internal/runner"
	"github.com/flow-lang/flowc/typecheck"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/plan"
)

// compile checks a program. An error is its first mistake.
func compile(text string) (*ir.Program, error) {
	var report diag.List
	prog := typecheck.Check(typecheck.Files{Main: lang.Parse("generated.flow", text, &report)}, &report)
	return prog, firstError(&report, func(diag.Code) bool { return false })
}

// interpret is compile for the oracle alone, which knows more of the language
// than the code generator does.
func interpret(text string) (*ir.Program, error) {
	var report diag.List
	prog := typecheck.Check(typecheck.Files{Main: lang.Parse("generated.flow", text, &report)}, &report)
	return prog, firstError(&report, func(c diag.Code) bool { return c == typecheck.Unsupported })
}

// firstError is the first mistake whose code does not pass.
func firstError(report *diag.List, passes func(diag.Code) bool) error {
	for _, d := range report.Sorted() {
		if d.Severity == diag.Error && !passes(d.Code) {
			return fmt.Errorf("%s: %s", d.Span, d.Message)
		}
	}
	return nil
}

// generate writes a program's Go; a panic of the generator is an error.
func generate(text, importPath string) (files map[string][]byte, err error) {
	prog, err := compile(text)
	if err != nil {
		return nil, err
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("codegen panics: %v", r)
		}
	}()
	return codegen.Generate(plan.Build(prog), codegen.Options{ImportPath: importPath})
}

// merged is how many programs become one package. More have little more in common,
// and the compiler needs memory for all at once.
const merged = 25

// generateInto writes a program's Go as a part of a package of several programs:
// what it declares ends with the suffix.
func generateInto(pkg, text, suffix string) (map[string][]byte, error) {
	files, err := generate(text, batchPath+"/"+pkg)
	if err != nil {
		return nil, err
	}
	maps.DeleteFunc(files, func(name string, _ []byte) bool {
		return filepath.Dir(name) != "." || !strings.HasSuffix(name, ".go")
	})
	return merge(files, pkg, suffix)
}

// batch is a binary of many programs.
type batch struct {
	binary string
	broken map[int]error // programs that did not become Go
}

// batchPath is where the generated packages seem to lie. They are laid over the
// module by the go command's -overlay, so that they need no module of their own.
const batchPath = "github.com/flow-lang/flowc/oracle/internal/batch"

// build compiles programs into one binary in a folder of the test. Optimised as
// those of users they take longer.
func build(t *testing.T, programs []string, optimised bool) *batch {
	t.Helper()
	dir := t.TempDir()
	b := &batch{binary: filepath.Join(dir, "batch"), broken: map[int]error{}}
	root := moduleRoot(t)
	overlay := map[string]string{}
	lay := func(name string, text []byte) {
		file := filepath.Join(dir, strings.ReplaceAll(name, "/", "-"))
		if err := os.WriteFile(file, text, 0o666); err != nil {
			t.Fatal(err)
		}
		overlay[filepath.Join(root, "oracle", "internal", "batch", filepath.FromSlash(name))] = file
	}
	var main, list bytes.Buffer
	for i, text := range programs {
		pkg, id := fmt.Sprintf("m%d", i/merged), fmt.Sprintf("p%d", i)
		files, err := generateInto(pkg, text, "_"+id)
		if err != nil {
			b.broken[i] = err
			fmt.Fprintf(&list, "nil,\n")
			continue
		}
		for name, text := range files {
			lay(pkg+"/"+id+"-"+name, text)
		}
		if line := fmt.Sprintf("import %q\n", batchPath+"/"+pkg); !strings.Contains(main.String(), line) {
			main.WriteString(line)
		}
		fmt.Fprintf(&list, "%s.Pipeline_%s,\n", pkg, id)
	}
	fmt.Fprintf(&main, "func main() { runner.Main([]func() rt.Spec{\n%s}) }\n", list.String())
	lay("main.go", []byte("package main\nimport \"github.com/flow-lang/flowc/oracle/internal/runner\"\nimport \"github.com/flow-lang/flowc/rt\"\n"+main.String()))
	lay("overlay.json", marshal(t, map[string]any{"Replace": overlay}))
	args := []string{"build", "-overlay", filepath.Join(dir, "overlay.json"), "-ldflags=-s -w", "-o", b.binary}
	if !optimised {
		args = append(args, "-gcflags="+batchPath+"/...=-l -dwarf=false")
	}
	cmd := exec.Command("go", append(args, batchPath)...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOGC=off", "GOMEMLIMIT=1GiB") // a quarter less time, as the compiler's heaps are small
	if out, err := cmd.CombinedOutput(); err != nil {
		b.blame(t, out, len(programs))
	}
	return b
}

// blame finds the programs whose Go does not compile.
func (b *batch) blame(t *testing.T, out []byte, n int) {
	t.Helper()
	for i := range n {
		for line := range strings.Lines(string(out)) {
			if strings.Contains(line, fmt.Sprintf("-p%d-", i)) || strings.Contains(line, fmt.Sprintf("%cp%d-", filepath.Separator, i)) {
				b.broken[i] = errors.Join(b.broken[i], errors.New(strings.TrimSpace(line)))
			}
		}
	}
	if len(b.broken) == 0 {
		t.Fatalf("go build: %s", out)
	}
}

func marshal(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func moduleRoot(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// run runs tasks and returns what each gave. When the process dies, the task at
// hand gets the blame and the ones after it are run by another.
func (b *batch) run(t *testing.T, tasks []runner.Task) []runner.Result {
	t.Helper()
	out := make([]runner.Result, len(tasks))
	for from := 0; from < len(tasks); {
		rest := slices.Clone(tasks[from:])
		for i := from; rest[0].Rows == nil && i > 0 && tasks[i-1].Program == rest[0].Program; i-- {
			rest[0].Rows = tasks[i-1].Rows
		}
		cmd := exec.Command(b.binary)
		cmd.Stdin = bytes.NewReader(marshal(t, rest))
		cmd.Env = append(os.Environ(), "GOGC=400")
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		done := receive(t, stdout, out[from:])
		if err := cmd.Wait(); err != nil && done < len(tasks)-from {
			out[from+done] = runner.Result{Trouble: fmt.Sprintf("the process died: %v\n%s", err, stderr.String())}
			done++
		}
		from += done
	}
	return out
}

// receive reads results and returns how many came.
func receive(t *testing.T, in io.Reader, out []runner.Result) (done int) {
	t.Helper()
	d := json.NewDecoder(bufio.NewReader(in))
	for {
		var r runner.Result
		err := d.Decode(&r)
		switch {
		case err != nil:
			return done
		case !r.Started:
			out[r.Task] = r
			done = r.Task + 1
		}
	}
}
