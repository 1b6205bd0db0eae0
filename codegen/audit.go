package codegen

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Audit reads generated files and refuses anything that the generator has no
// reason to write: other packages, an init function, directives, cgo. It is the
// last guard against program text that becomes code.
func Audit(files map[string][]byte, opts Options) error { return audit(files, opts, nil) }

// audit is Audit of a program whose Go functions stand in the packages externs:
// one file may import them.
func audit(files map[string][]byte, opts Options, externs map[string]bool) error {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := auditFile(name, files[name], opts, externs); err != nil {
			return fmt.Errorf("the generated file %s is refused: %w", name, err)
		}
	}
	return nil
}

func auditFile(name string, text []byte, opts Options, externs map[string]bool) error {
	if !strings.HasPrefix(string(text), Header+"\n") {
		return fmt.Errorf("it does not begin with %q", Header)
	}
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	for _, group := range f.Comments {
		for _, c := range group.List {
			if err := auditComment(c.Text); err != nil {
				return fmt.Errorf("%s: %w", set.Position(c.Pos()), err)
			}
		}
	}
	for _, spec := range f.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return err
		}
		if name == ExternsFile && (externs[path] || path == "context" || path == "time") {
			continue
		}
		if _, ok := imports[path]; !ok && !(name == "cmd/main.go" && path == opts.ImportPath) {
			return fmt.Errorf("it imports %q", path)
		}
		if spec.Name != nil && imports[path] != "_" {
			return fmt.Errorf("it imports %q under another name", path)
		}
	}
	for _, d := range f.Decls {
		if err := auditDecl(d); err != nil {
			return fmt.Errorf("%s: %w", set.Position(d.Pos()), err)
		}
	}
	return nil
}

// auditComment lets line comments in plain ASCII pass, and no directive.
func auditComment(text string) error {
	if !strings.HasPrefix(text, "// ") {
		return fmt.Errorf("a comment that is none of ours: %.40q", text)
	}
	for _, r := range text {
		if r < ' ' || r > '~' {
			return fmt.Errorf("a comment with %q", r)
		}
	}
	return nil
}

func auditDecl(d ast.Decl) error {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Name.Name == "init" || d.Body == nil {
			return fmt.Errorf("a function called %s", d.Name.Name)
		}
		return nil
	case *ast.GenDecl:
		if d.Tok == token.TYPE {
			return auditTypes(d)
		}
		return nil
	default:
		return fmt.Errorf("a declaration of kind %T", d)
	}
}

// auditTypes refuses struct tags.
func auditTypes(d *ast.GenDecl) error {
	var found error
	ast.Inspect(d, func(n ast.Node) bool {
		if f, ok := n.(*ast.Field); ok && f.Tag != nil {
			found = fmt.Errorf("a struct tag %s", f.Tag.Value)
		}
		return found == nil
	})
	return found
}
