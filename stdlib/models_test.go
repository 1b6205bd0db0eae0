package stdlib_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/flow-lang/flowc/codegen"
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/reliability"
	"github.com/flow-lang/flowc/typecheck"
	"github.com/flow-lang/flowc/typecheck/plan"
)

var (
	modelsFlag = flag.Int("models", 0, "how many random inputs each model of an operator gets; 0 means what the tier says")
	modelsRun  = flag.String("models.run", "", "which tests of package models")
)

const modelsPath = "github.com/flow-lang/flowc/stdlib/models"

// asked are the functions of package service.
var asked = map[string]codegen.GoFunc{
	modelsPath + "/service.Answer": {Name: "service", Error: true},
	modelsPath + "/service.Steady": {Name: "service", Error: true},
	modelsPath + "/service.Find":   {Name: "service", Error: true},
	modelsPath + "/service.Used":   {Name: "service"},
}

// TestModels compiles the programs of models/testdata, lays them over package
// models, and runs its tests.
func TestModels(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	programs, err := filepath.Glob(filepath.Join("models", "testdata", "*.flow"))
	if err != nil || len(programs) == 0 {
		t.Fatalf("no programs (%v)", err)
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	overlay := map[string]string{}
	lay := func(name string, text []byte) {
		file := filepath.Join(dir, strings.ReplaceAll(name, "/", "-"))
		if err := os.WriteFile(file, text, 0o666); err != nil {
			t.Fatal(err)
		}
		overlay[filepath.Join(here, "models", filepath.FromSlash(name))] = file
	}
	var imports, list strings.Builder
	for _, path := range programs {
		name := strings.TrimSuffix(filepath.Base(path), ".flow")
		for file, text := range generateModel(t, path, modelsPath+"/"+name) {
			if filepath.Dir(file) == "." && strings.HasSuffix(file, ".go") {
				lay(name+"/"+file, text)
			}
		}
		fmt.Fprintf(&imports, "import %sprogram %q\n", name, modelsPath+"/"+name)
		fmt.Fprintf(&list, "%q: %sprogram.Pipeline,\n", name, name)
	}
	lay("programs.go", []byte("package models\nimport \"github.com/flow-lang/flowc/rt\"\n"+imports.String()+
		"var Programs = map[string]func() rt.Spec{\n"+list.String()+"}\n"))
	text, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		t.Fatal(err)
	}
	lay("overlay.json", text)
	args := []string{
		"test", "-overlay", filepath.Join(dir, "overlay.json"),
		"-v", "-vet=off", "-timeout=24h", "-run=" + *modelsRun,
	}
	if reliability.Tier() != "long" {
		args = append(args, "-gcflags="+modelsPath+"/...=-l -dwarf=false") // compiled sooner, and slower
	}
	if reliability.Tier() != "quick" {
		args = append(args, "-count=1") // what is noted is noted each time
	}
	args = append(args, modelsPath)
	if *modelsFlag > 0 {
		args = append(args, fmt.Sprintf("-models=%d", *modelsFlag)) // last: with it, go test keeps no result
	}
	out, err := exec.Command("go", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("go test: %v\n%s", err, out)
	}
	t.Logf("%s", out)
}

// generateModel turns a program into Go.
func generateModel(t *testing.T, path, importPath string) map[string][]byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var report diag.List
	prog := typecheck.Check(typecheck.Files{Main: lang.Parse(path, string(text), &report)}, &report)
	if found := report.Sorted(); len(found) > 0 && slices.ContainsFunc(found, func(d diag.Diagnostic) bool { return d.Severity == diag.Error }) {
		t.Fatalf("%s: %v", path, found)
	}
	files, err := codegen.Generate(plan.Build(prog), codegen.Options{ImportPath: importPath, Externs: asked})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
