package flowc_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

// TestOtherSystems: the compiler and the pipelines that it writes are for other
// systems too. Their sources are checked as there; nothing is compiled, which
// would take minutes.
func TestOtherSystems(t *testing.T) {
	t.Parallel()
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, system := range []string{"darwin", "windows"} {
		t.Run(system, func(t *testing.T) {
			pkgs, err := packages.Load(&packages.Config{
				Mode: packages.NeedName | packages.NeedCompiledGoFiles | packages.NeedImports | packages.NeedDeps |
					packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesSizes,
				Env:       append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0"),
				ParseFile: parseIn(root),
			}, "./rt/...", "./cmd/...")
			if err != nil {
				t.Fatal(err)
			}
			packages.Visit(pkgs, nil, func(p *packages.Package) {
				if !strings.HasPrefix(p.PkgPath, module) {
					return
				}
				for _, err := range p.Errors {
					t.Errorf("%s: %v", p.PkgPath, err)
				}
			})
			if len(pkgs) < 20 {
				t.Errorf("only %d packages were looked at", len(pkgs))
			}
		})
	}
}

// parseIn returns what reads a file; of packages outside of root, whose mistakes
// are not looked at, without what functions do.
func parseIn(root string) func(*token.FileSet, string, []byte) (*ast.File, error) {
	return func(fset *token.FileSet, name string, text []byte) (*ast.File, error) {
		file, err := parser.ParseFile(fset, name, text, parser.SkipObjectResolution)
		if file == nil || strings.HasPrefix(name, root) {
			return file, err
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				f.Body = nil
			}
		}
		return file, err
	}
}
