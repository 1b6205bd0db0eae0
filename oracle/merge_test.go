package oracle_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
)

// merge renames what the files of a generated package declare, by a suffix, so
// that many such packages are one: the Go compiler then compiles a generic
// function once for all of them that have it over the same types, which is most
// of what it does. Files keep their names and lines.
func merge(files map[string][]byte, pkg, suffix string) (map[string][]byte, error) {
	set := token.NewFileSet()
	parsed := map[string]*ast.File{}
	declared := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		f, err := parser.ParseFile(set, name, files[name], parser.ParseComments)
		if err != nil {
			return nil, err
		}
		parsed[name] = f
		for name := range f.Scope.Objects {
			declared[name] = true
		}
	}
	out := map[string][]byte{}
	for name, f := range parsed {
		out[name] = spliced(files[name], set.File(f.Pos()), f, pkg, suffix, declared)
	}
	return out, nil
}

// spliced writes a file with the suffix behind each name that is declared.
func spliced(text []byte, file *token.File, f *ast.File, pkg, suffix string, declared map[string]bool) []byte {
	ends := map[int]bool{}
	note := func(id *ast.Ident) { ends[file.Offset(id.End())] = true }
	for _, id := range f.Unresolved {
		if declared[id.Name] {
			note(id)
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && id.Obj != nil && f.Scope.Lookup(id.Name) == id.Obj {
			note(id)
		}
		return true
	})
	ast.Inspect(f, func(n ast.Node) bool { // the fields of a literal are no names of the package
		if lit, ok := n.(*ast.CompositeLit); ok {
			for _, e := range lit.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok {
					if id, ok := kv.Key.(*ast.Ident); ok {
						delete(ends, file.Offset(id.End()))
					}
				}
			}
		}
		return true
	})
	out := fmt.Appendf(slices.Clone(text[:file.Offset(f.Name.Pos())]), "%s", pkg)
	from := file.Offset(f.Name.End())
	for _, at := range slices.Sorted(maps.Keys(ends)) {
		out = append(append(out, text[from:at]...), suffix...)
		from = at
	}
	return append(out, text[from:]...)
}
