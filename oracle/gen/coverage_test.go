package gen_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/oracle/gen"
	"github.com/flow-lang/flowc/stdlib"
	"github.com/flow-lang/flowc/typecheck"
)

// covering is how many programs must have everything between them.
const covering = 1000

// notMade are kinds of nodes of the syntax tree that no generated program has,
// with why.
var notMade = map[string]string{
	"Comment":       "TestFormatKeepsCommentsAndThePlan puts them in",
	"ImportDecl":    "a program is one file; typecheck has modules",
	"ExternDecl":    "needs a Go module beside the program; codegen has them",
	"RemoteDecl":    remote,
	"RemoteSetting": remote,
	"SettingDecl":   remote,
	"RetiredDecl":   evolution,
	"AcceptDecl":    evolution,
	"RekeyDecl":     evolution,
	"MigrateClause": evolution,
	"TestDecl":      rig,
	"TestFeed":      rig,
	"TestWatermark": rig,
	"TestClock":     rig,
	"TestExpect":    rig,
	"TestLet":       rig,
}

const (
	container = "holds rows in a form of its own; rt/connector/file has it"
	outside   = "calls what is outside of the program; codegen and rt have it"
	remote    = "is served by another process"
	evolution = "is about a program and one before it; compat has them"
	rig       = "is run by flowc test"
)

// notCalled are built-in words and operators of the library that no generated
// program has, with why.
var notCalled = map[string]string{
	"env":             "is read where the job starts, of what the test does not set",
	"hash64":          "the language does not lay down its value",
	"sample":          "chooses by hash64",
	"queryable":       "gives nothing but what a server answers",
	"async":           outside,
	"avro":            container,
	"parquet":         container,
	"lookup_join":     outside,
	"approx_quantile": "gives an estimate; codegen holds it to its bounds",
	"avg_decimal":     "is what avg of a decimal becomes",
	"top_by":          "is what top is made of",
}

var word = regexp.MustCompile(`[a-z]\w*`)

// TestEveryConstructIsMade holds the generator to the grammar, to the built-in
// words, and to the operators of the library.
func TestEveryConstructIsMade(t *testing.T) {
	t.Parallel()
	kinds, names := map[string]bool{}, map[string]bool{}
	for i := range uint64(covering) {
		var report diag.List
		text := gen.New(i+1, 0, gen.All()).Text
		note(reflect.ValueOf(lang.Parse("generated.flow", text, &report)), kinds)
		for _, name := range word.FindAllString(text, -1) {
			names[name] = true
		}
	}
	for _, kind := range nodeKinds(t) {
		if made, why := kinds[kind], notMade[kind]; made == (why != "") {
			t.Errorf("a %s is made: %v; why not: %q", kind, made, why)
		}
	}
	for _, name := range words(t) {
		last := name[strings.LastIndex(name, ".")+1:]
		if made, why := names[last], notCalled[name]; made == (why != "") {
			t.Errorf("%s is used: %v; why not: %q", name, made, why)
		}
	}
}

// words lists the built-in words and what the library has.
func words(t *testing.T) []string {
	t.Helper()
	all := map[string]bool{}
	for _, w := range typecheck.Words() {
		all[w.Name] = true
	}
	for _, text := range stdlib.Files() {
		var report diag.List
		for _, d := range lang.Parse("lib.flow", text, &report).Decls {
			switch d := d.(type) {
			case *lang.OperatorDecl:
				all[d.Name.Text] = true
			case *lang.AggregateDecl:
				all[d.Name.Text] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// note collects the kinds of nodes below v.
func note(v reflect.Value, kinds map[string]bool) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			note(v.Elem(), kinds)
		}
	case reflect.Slice:
		for i := range v.Len() {
			note(v.Index(i), kinds)
		}
	case reflect.Struct:
		kinds[v.Type().Name()] = true
		for i := range v.NumField() {
			if f := v.Field(i); f.CanInterface() {
				note(f, kinds)
			}
		}
	}
}

// nodeKinds lists the nodes that the syntax tree has, but for that of a mistake.
func nodeKinds(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "..", "lang", "ast.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		if s, ok := spec.Type.(*ast.StructType); ok && len(s.Fields.List) > 0 && len(s.Fields.List[0].Names) == 0 && spec.Name.Name != "BadExpr" {
			kinds = append(kinds, spec.Name.Name)
		}
		return true
	})
	return kinds
}
