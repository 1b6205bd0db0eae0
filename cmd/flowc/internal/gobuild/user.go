package gobuild

import (
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// A User is the Go module that a program's own functions stand in.
type User struct {
	Path string // of the module
	Dir  string // the folder of its go.mod
	mod  modFile
	sum  []byte // its go.sum
}

// FindUser returns the module of the go.mod in dir or in the nearest folder
// above it, or nil if there is none.
func FindUser(dir string) (*User, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	for {
		text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil {
			return readUser(dir, string(text))
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		above := filepath.Dir(dir)
		if above == dir {
			return nil, nil
		}
		dir = above
	}
}

func readUser(dir, text string) (*User, error) {
	u := &User{Dir: dir, mod: parseMod(text)}
	for line := range strings.Lines(text) {
		if words := strings.Fields(line); len(words) >= 2 && words[0] == "module" {
			u.Path = strings.Trim(words[1], `"`)
		}
	}
	if u.Path == "" {
		return nil, fmt.Errorf("%s names no module", filepath.Join(dir, "go.mod"))
	}
	sum, err := os.ReadFile(filepath.Join(dir, "go.sum"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	u.sum = sum
	return u, nil
}

// addTo makes a go.mod require the module, where it stands, and what it requires.
func (u *User) addTo(mod *strings.Builder) {
	fmt.Fprintf(mod, "\nrequire %s v0.0.0\n\nreplace %s => %s\n", u.Path, u.Path, strconv.Quote(u.Dir))
	for _, r := range u.mod.requires {
		fmt.Fprintf(mod, "\nrequire %s %s\n", r.path, r.version)
	}
}

// A Func is a Go function as its source declares it.
type Func struct {
	Package string // the name of its package, as the clause says
	Context bool   // it takes a context.Context first
	Error   bool   // it gives an error last
	Params  []string
	Result  string // as Go; "" if it gives nothing besides an error
}

// Errors of Lookup, besides those of reading files.
var (
	ErrOtherModule = errors.New("it is no package of the module")
	ErrNoPackage   = errors.New("there is no such package")
	ErrNoFunction  = errors.New("there is no such function in it")
)

// Lookup reads the declaration of a function of a package of the module.
func (u *User) Lookup(pkg, name string) (Func, error) {
	rel, ok := strings.CutPrefix(pkg+"/", u.Path+"/")
	if !ok {
		return Func{}, ErrOtherModule
	}
	dir := filepath.Join(u.Dir, filepath.FromSlash(rel))
	found, err := build.Default.ImportDir(dir, 0)
	if err != nil {
		return Func{}, fmt.Errorf("%w: %s holds no Go files", ErrNoPackage, dir)
	}
	set := token.NewFileSet()
	for _, file := range found.GoFiles {
		f, err := parser.ParseFile(set, filepath.Join(dir, file), nil, parser.SkipObjectResolution)
		if err != nil {
			return Func{}, err
		}
		for _, d := range f.Decls {
			if d, ok := d.(*ast.FuncDecl); ok && d.Recv == nil && d.Name.Name == name && d.Type.TypeParams == nil {
				return declared(found.Name, d.Type), nil
			}
		}
	}
	return Func{}, ErrNoFunction
}

// declared reads a function's type.
func declared(pkg string, t *ast.FuncType) Func {
	f := Func{Package: pkg, Params: written(t.Params)}
	if len(f.Params) > 0 && f.Params[0] == "context.Context" {
		f.Context, f.Params = true, f.Params[1:]
	}
	results := written(t.Results)
	if n := len(results); n > 0 && results[n-1] == "error" {
		f.Error, results = true, results[:n-1]
	}
	f.Result = strings.Join(results, ", ")
	return f
}

// written lists the types of fields as Go text, one for each name.
func written(list *ast.FieldList) (texts []string) {
	if list == nil {
		return nil
	}
	for _, f := range list.List {
		for range max(len(f.Names), 1) {
			texts = append(texts, typeText(f.Type))
		}
	}
	return texts
}

// typeText writes a type as in its source, as far as an interface with Flow
// needs; any other type is written "…".
func typeText(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.Ident:
		if x.Name == "byte" {
			return "uint8"
		}
		return x.Name
	case *ast.SelectorExpr:
		return typeText(x.X) + "." + x.Sel.Name
	case *ast.StarExpr:
		return "*" + typeText(x.X)
	case *ast.ArrayType:
		if x.Len == nil {
			return "[]" + typeText(x.Elt)
		}
		if n, ok := x.Len.(*ast.BasicLit); ok {
			return "[" + n.Value + "]" + typeText(x.Elt)
		}
	}
	return "…"
}

// An ExternError says that what a program says of its Go functions does not fit
// them.
type ExternError struct {
	Line int    // in the generated file that calls them
	Said string // what Go says of the user's own module; "" if Line is set
}

func (e *ExternError) Error() string { return "the Go code of the program does not fit it" }
