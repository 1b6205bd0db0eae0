package flowc_test

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/flow-lang/flowc"

// mayImport says, for each package, which other packages of this module it may
// import. It is a statement of policy: when the build breaks, change the
// import, not this table. A name that ends in /... stands for all packages
// below it, and an entry that ends so is for all of them.
//
// Nothing under rt may import the compiler: a job does not carry it.
var mayImport = map[string][]string{
	"":                          {},
	"lang/source":               {},
	"lang/diag":                 {"lang/source"},
	"lang":                      {"lang/source", "lang/diag"},
	"stdlib":                    {},
	"stdlib/models":             {"rt"},
	"stdlib/models/service":     {},
	"typecheck/types":           {"lang/source"},
	"typecheck/ir":              {"lang/source", "typecheck/types"},
	"typecheck":                 {"lang", "lang/source", "lang/diag", "typecheck/types", "typecheck/ir", "stdlib"},
	"typecheck/plan":            {"lang/source", "typecheck/types", "typecheck/ir", "rt/schema"},
	"typecheck/rig":             {"lang/source", "typecheck/types", "typecheck/ir"},
	"codegen":                   {"lang/source", "typecheck/types", "typecheck/ir", "typecheck/plan", "typecheck/rig", "rt/schema"},
	"codegen/graph":             {"typecheck/types", "typecheck/ir", "typecheck/plan", "rt/schema"},
	"compat":                    {"lang/source", "lang/diag", "rt/schema", "rt/evolve", "typecheck/ir", "typecheck/types"},
	"rt/schema":                 {},
	"rt/value":                  {},
	"rt/heap":                   {},
	"rt/vfs":                    {},
	"rt/vfs/bucket":             {"rt/vfs"},
	"rt/evolve":                 {"rt/value", "rt/schema", "rt/state", "rt/avro"},
	"rt/dynamic":                {"rt/value", "rt/schema", "rt/avro", "rt/evolve"},
	"rt/remote":                 {"rt", "rt/heap", "rt/value", "rt/wire", "rt/schema", "rt/avro", "rt/state", "rt/dynamic"},
	"rt/wire":                   {"rt/value"},
	"rt/avro":                   {"rt/value", "rt/wire", "rt/schema"},
	"rt/state":                  {"rt/value", "rt/avro"},
	"rt/savepoint":              {"rt/value", "rt/wire", "rt/avro", "rt/schema", "rt/state", "rt/vfs"},
	"rt/state/pebblestore":      {"rt/state", "rt/value"},
	"rt/state/memstore":         {"rt/state", "rt/value"},
	"rt/state/statetest":        {"rt/avro", "rt/state", "rt/value"},
	"rt/checkpoint":             {"rt/value", "rt/vfs", "rt/state", "rt/schema", "rt/evolve"},
	"rt":                        {"rt/heap", "rt/avro", "rt/evolve", "rt/checkpoint", "rt/savepoint", "rt/value", "rt/wire", "rt/vfs", "rt/state", "rt/schema"},
	"rt/serve":                  {"rt", "rt/value", "rt/wire", "rt/schema", "rt/avro"},
	"rt/serve/certificate":      {},
	"rt/serve/metrics":          {"rt", "rt/serve", "rt/value"},
	"rt/connector/file":         {"rt", "rt/value", "rt/wire", "rt/avro", "rt/schema", "rt/vfs"},
	"rt/connector/file/zst":     {"rt/connector/file"},
	"rt/connector/file/parquet": {"rt/connector/file", "rt/avro", "rt/schema"},
	"rt/embed":                  {"rt", "rt/schema"},
	"rt/rig":                    {"rt", "rt/state", "rt/state/memstore", "rt/value", "rt/vfs"},
	"rt/sim":                    {"rt", "rt/checkpoint", "rt/value", "rt/wire", "rt/vfs", "rt/state", "rt/schema"},
	"cmd/flowc":                 {"cmd/flowc/internal/cli"},
	"cmd/flowc/internal/...":    {"", "compat", "rt/schema", "rt/evolve", "rt/state", "rt/avro", "rt/savepoint", "rt/vfs", "rt/vfs/bucket", "rt/connector/file/parquet", "lang", "lang/source", "lang/diag", "typecheck", "typecheck/ir", "typecheck/types", "typecheck/plan", "typecheck/rig", "codegen", "codegen/graph", "stdlib", "cmd/flowc/internal/..."},
	"oracle":                    {"lang/source", "typecheck/types", "typecheck/ir"},
	"oracle/...":                {"lang", "lang/source", "lang/diag", "typecheck", "typecheck/types", "typecheck/ir", "oracle", "oracle/...", "rt", "rt/rig", "rt/state/...", "rt/value", "rt/vfs"},
	"golden":                    {},
	"reliability":               {},
	"reliability/page":          {"reliability"},
	"golden/gen/...":            {"rt", "rt/...", "golden/gen/..."},
	"bench":                     {"bench/nexmark/event", "rt/serve/certificate"},
	"bench/hand/...":            {"bench/hand/..."},
	"bench/nexmark":             {"bench/nexmark/event"},
	"bench/nexmark/event":       {},
	"bench/nexmark/naive":       {"bench/nexmark/event"},
	"examples/data":             {},
}

// confined names the third-party modules and the only packages that may
// import them. A module that is not here may not be imported at all.
var confined = map[string][]string{
	"github.com/dave/jennifer":         {"codegen"},
	"github.com/spf13/cobra":           {"cmd/flowc/internal/cli"},
	"github.com/spf13/pflag":           {"cmd/flowc/internal/cli"},
	"go.yaml.in/yaml":                  {"cmd/flowc/internal/statefun"},
	"golang.org/x/term":                {"cmd/flowc/internal/cli"},
	"github.com/cockroachdb/pebble":    {"rt/state/pebblestore", "bench/hand/pebble"},
	"github.com/parquet-go/parquet-go": {"rt/connector/file/parquet"},
	"github.com/prometheus":            {"rt/serve/metrics"},
	"gocloud.dev":                      {"rt/vfs/bucket"},
	"github.com/klauspost/compress":    {"rt/connector/file/zst"},
	"github.com/google/go-cmp":         {"golden", "rt/state/statetest"},
	"github.com/rogpeppe/go-internal":  {"golden"},
}

// The stages from text to Go are functions of what they are given: no file,
// network, clock or chance.
var (
	pure   = []string{"lang/source", "lang/diag", "lang", "typecheck/types", "typecheck/ir", "typecheck", "typecheck/plan", "typecheck/rig", "codegen", "codegen/graph", "compat", "rt/schema", "rt/value", "rt/wire", "rt/avro", "rt/state", "rt/evolve"}
	impure = []string{"os", "net", "net/http", "os/exec", "math/rand", "math/rand/v2", "crypto/rand", "io/ioutil", "unsafe"}
)

// unsafeUsers may import unsafe all the same: views of bytes as strings, and
// cells that stay where they are.
var unsafeUsers = []string{"rt/value", "rt/wire", "rt/avro", "rt/state"}

func TestImports(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-f", "{{.ImportPath}}{{range .Imports}} {{.}}{{end}}", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		from := within(words[0])
		allowed, known := lookUp(mayImport, from)
		if !known {
			t.Errorf("package %q is missing from mayImport", from)
		}
		for _, to := range words[1:] {
			checkImport(t, from, to, allowed)
		}
	}
}

// TestArchitectureNamesEveryPackage holds the page to the table.
func TestArchitectureNamesEveryPackage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	for pkg := range mayImport {
		name, all := strings.CutSuffix(pkg, "/...")
		if pkg == "" || all && strings.Contains(name, "/") {
			continue // the root, and what belongs to the package above
		}
		if !strings.Contains(string(page), "`"+name+"`") {
			t.Errorf("ARCHITECTURE.md does not name %s", name)
		}
	}
}

// checkImport reports the import of to by the package from of this module.
func checkImport(t *testing.T, from, to string, allowed []string) {
	t.Helper()
	first, _, _ := strings.Cut(to, "/")
	switch {
	case to == module || strings.HasPrefix(to, module+"/"):
		if !slices.ContainsFunc(allowed, func(a string) bool { return covers(a, within(to)) }) {
			t.Errorf("%s imports %s, which the policy does not allow", from, within(to))
		}
	case strings.Contains(first, "."):
		for name, users := range confined {
			if to == name || strings.HasPrefix(to, name+"/") {
				if !slices.Contains(users, from) {
					t.Errorf("%s imports %s, which only %s may", from, to, strings.Join(users, ", "))
				}
				return
			}
		}
		t.Errorf("%s imports %s, a module that confined does not name", from, to)
	case slices.Contains(pure, from) && slices.Contains(impure, to):
		if to != "unsafe" || !slices.Contains(unsafeUsers, from) {
			t.Errorf("%s imports %s, but is to be a function of what it is given", from, to)
		}
	}
}

// within returns the path of a package of this module below its root.
func within(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, module), "/")
}

// covers reports whether the table's name stands for the package.
func covers(name, pkg string) bool {
	if all, ok := strings.CutSuffix(name, "..."); ok {
		return strings.HasPrefix(pkg, all)
	}
	return name == pkg
}

// lookUp finds the entry of pkg: its own, or the one for all below a folder.
func lookUp(table map[string][]string, pkg string) (allowed []string, ok bool) {
	if allowed, ok = table[pkg]; ok {
		return allowed, true
	}
	for name, allowed := range table {
		if strings.HasSuffix(name, "/...") && covers(name, pkg) {
			return allowed, true
		}
	}
	return nil, false
}
