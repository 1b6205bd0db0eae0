package lang_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/lang/source"
)

// oneWay are fields that every program has in one way.
var oneWay = strings.Fields(`
	File.Name File.Kind File.Decls File.Comments File.Pipeline OperatorDecl.Members UnionDecl.Members EnumDecl.Symbols
	FuncTypeExpr.Params StringLit.Parts BlockExpr.Stmts TestDecl.Steps WireExpr.Steps MatchExpr.Arms MatchStmt.Arms
	RemoteDecl.Members RemoteDecl.Clauses AltPattern.Alts Comment.Text`)

// TestEveryProductionIsReached holds the programs that tests of the parser and
// the formatter read to the grammar: each kind of node of the syntax tree must
// occur in them, and each part that a node may have or lack must be there once
// and missing once.
func TestEveryProductionIsReached(t *testing.T) {
	t.Parallel()
	c := coverage{kinds: map[string]bool{}, with: map[string]bool{}, without: map[string]bool{}}
	for name, text := range corpus(t) {
		c.file(name, text)
	}
	paths, err := filepath.Glob(filepath.Join("..", "golden", "parse", "*.txtar"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no goldens (%v)", err)
	}
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		c.file("in.flow", string(archive.Files[0].Data))
	}
	for _, kind := range nodeKinds(t) {
		if !c.kinds[kind] {
			t.Errorf("no program has a %s", kind)
		}
	}
	for part := range c.with {
		if !c.without[part] && !slices.Contains(oneWay, part) && mayLack(part) {
			t.Errorf("no program lacks the part %s", part)
		}
	}
	for part := range c.without {
		if !c.with[part] && !slices.Contains(oneWay, part) {
			t.Errorf("no program has the part %s", part)
		}
	}
}

// mayLack reports whether a part can be missing: one that is nil or false.
func mayLack(part string) bool { return optional[part] }

// nodeKinds lists the nodes that ast.go declares.
func nodeKinds(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "ast.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok || !spec.Name.IsExported() {
			return true
		}
		if s, ok := spec.Type.(*ast.StructType); ok && slices.ContainsFunc(s.Fields.List, isRange) {
			kinds = append(kinds, spec.Name.Name)
		}
		return true
	})
	return slices.DeleteFunc(kinds, func(k string) bool { return k == "BadExpr" }) // of programs with a mistake
}

func isRange(f *ast.Field) bool {
	id, ok := f.Type.(*ast.Ident)
	return ok && len(f.Names) == 0 && id.Name == "Range"
}

// coverage is what occurs in programs; a part is "Node.Field".
type coverage struct{ kinds, with, without map[string]bool }

func (c *coverage) file(name, text string) {
	var report diag.List
	file := lang.Parse(name, text, &report)
	if !report.HasErrors() {
		c.node(reflect.ValueOf(file))
	}
}

func (c *coverage) node(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			c.node(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			c.node(v.Index(i))
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[source.Span]() || v.Type() == reflect.TypeFor[lang.Range]() || v.Type() == reflect.TypeFor[source.Pos]() {
			return
		}
		c.kinds[v.Type().Name()] = true
		for i := range v.NumField() {
			if f := v.Field(i); f.CanInterface() {
				c.part(v.Type().Name()+"."+v.Type().Field(i).Name, f)
				c.node(f)
			}
		}
	}
}

// part notes whether a part is there: a node, an element, or a word.
func (c *coverage) part(name string, f reflect.Value) {
	there := false
	switch f.Kind() {
	case reflect.Pointer, reflect.Interface:
		there = !f.IsNil()
	case reflect.Slice:
		there = f.Len() > 0
	case reflect.Bool:
		there = f.Bool()
	default:
		return
	}
	if there {
		c.with[name] = true
	} else {
		c.without[name] = true
	}
}
