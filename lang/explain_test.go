package lang_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
)

// declaredCodes returns the codes that codes.go declares, in order.
func declaredCodes(t *testing.T) []diag.Code {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "codes.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var codes []diag.Code
	ast.Inspect(file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && strings.HasPrefix(lit.Value, `"L`) {
			code, _ := strconv.Unquote(lit.Value)
			codes = append(codes, diag.Code(code))
		}
		return true
	})
	return codes
}

func TestEveryCodeIsExplained(t *testing.T) {
	t.Parallel()
	var explained []diag.Code
	for _, e := range lang.Explanations() {
		explained = append(explained, e.Code)
	}
	if diff := cmp.Diff(declaredCodes(t), explained); diff != "" {
		t.Errorf("codes (-declared +explained):\n%s", diff)
	}
}

func TestExplanations(t *testing.T) {
	t.Parallel()
	for _, e := range lang.Explanations() {
		t.Run(string(e.Code), func(t *testing.T) {
			t.Parallel()
			if !slices.Contains(codes(e.Before), e.Code) {
				t.Errorf("Before gives %v", codes(e.Before))
			}
			if got := codes(e.After); len(got) > 0 {
				t.Errorf("After gives %v", got)
			}
			if e.Title == "" || e.Text == "" || strings.HasSuffix(e.Title, ".") {
				t.Errorf("title %q, text %q", e.Title, e.Text)
			}
		})
	}
}

func TestEveryCodeHasAGolden(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("../golden/parse/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(data)
	}
	for _, code := range declaredCodes(t) {
		if !strings.Contains(all.String(), "["+string(code)+"]") {
			t.Errorf("no golden has %s", code)
		}
	}
}
