package codegen_test

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	gotypes "go/types"
	"strconv"
	"strings"
	"testing"
)

// hostileNames mean something to Go, to the generated code, or to nobody.
var hostileNames = strings.Fields(`init main func type len string error nil _ __ map range go chan select switch case
	default struct interface package import const var true false iota append cap make new panic recover print any
	rt value wire state file schema math strings slices s c m id f t p cells due mark key hash params Pipeline b d
	r seen latest line row rest int64 float64 bool byte min max clear describe readR appendR`)

// reservedNames are words that Flow itself keeps for something else, or takes
// offence at, in one of the places below.
var reservedNames = map[string]bool{"true": true, "false": true, "var": true, "_": true, "__": true, "key": true}

// hostileTexts would be code if they got out of their quotes.
var hostileTexts = []string{
	"`", "\"", "\\", "\n", "\r\n", "*/ func init() {} /*", "//go:embed x", "\n//line x.go:1\n", "`+panic(1)+`",
	"\u2028", "\u202e", "\x00", "\ufeff", "%s%d", "${", "'", "\\\"; panic(1); \"", "-- in.go --", "#cgo LDFLAGS: -lx", "é😀",
}

// program uses the names as everything that has a name in Go, and the texts as
// everything that is a text.
func program(name, text string) string {
	// Names of different kinds share a scope in Flow, so each has its letter.
	quoted := strings.ReplaceAll(strconv.QuoteToASCII(text), "${", `\${`)
	return fmt.Sprintf(`// %[3]s
pipeline x%[1]s

enum E%[1]s { %[1]s, other }

record R%[1]s {
  %[1]s: string json %[2]s
  n: int = 3
  e: E%[1]s
}

func f%[1]s(%[1]s: int) -> int {
  let x = %[1]s + 1
  return x
}

source %[1]s_in: R%[1]s = jsonl("a")

operator op%[1]s(%[1]s_p: string = %[2]s) {
  in  in%[1]s: R%[1]s key in%[1]s.%[1]s
  out R%[1]s
  out o%[1]s: R%[1]s
  state st%[1]s: value<string> = %[2]s forever
  timer ti%[1]s: event time
  on in%[1]s {
    let l%[1]s = st%[1]s
    ti%[1]s.set(time)
    st%[1]s = %[1]s_p
    if f%[1]s(in%[1]s.n) > 2 { fail %[2]s }
    emit R%[1]s { %[1]s: "${l%[1]s}" + %[2]s, n: 1, e: E%[1]s.other }
    emit o%[1]s in%[1]s
  }
  on ti%[1]s { clear }
}

stream st = %[1]s_in |> op%[1]s uid "u"

sink st to jsonl(%[2]s)
sink st.o%[1]s to csv("b")
`, name, quoted, strings.NewReplacer("\n", " ", "\r", " ", "\x00", " ", "\u202e", " ", "\ufeff", " ").Replace(text))
}

// TestHostilePrograms holds generated code to what Audit lets pass, to Go's
// type checker, and to the texts of the program.
func TestHostilePrograms(t *testing.T) {
	t.Parallel()
	imports := &cache{importer.ForCompiler(token.NewFileSet(), "source", nil), map[string]*gotypes.Package{}}
	for i, name := range hostileNames {
		if reservedNames[name] {
			name = "x" + name
		}
		text := hostileTexts[i%len(hostileTexts)]
		files := generate(t, "hostile/case.flow", program(name, text))
		typecheckGo(t, imports, name, files)
		if i < len(hostileTexts) && !holdsText(t, files, text) {
			t.Errorf("%s: the text %q is not in the code as it was", name, text)
		}
	}
}

// cache asks for each package once, as finding it costs a run of the go command.
type cache struct {
	from gotypes.Importer
	seen map[string]*gotypes.Package
}

// Import returns the package of that path.
func (c *cache) Import(path string) (*gotypes.Package, error) {
	if p := c.seen[path]; p != nil {
		return p, nil
	}
	p, err := c.from.Import(path)
	c.seen[path] = p
	return p, err
}

// parseGo parses the files of the package.
func parseGo(t *testing.T, files map[string][]byte) (*token.FileSet, []*ast.File) {
	t.Helper()
	set := token.NewFileSet()
	var list []*ast.File
	for name, text := range files {
		if name == "cmd/main.go" {
			continue
		}
		f, err := parser.ParseFile(set, name, text, 0)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, f)
	}
	return set, list
}

func typecheckGo(t *testing.T, imports gotypes.Importer, name string, files map[string][]byte) {
	t.Helper()
	set, list := parseGo(t, files)
	config := gotypes.Config{Importer: imports, Error: func(err error) { t.Errorf("%s: %v", name, err) }}
	_, _ = config.Check("pipeline", set, list, nil) // errors came to the function above
}

// holdsText reports whether text is a string constant of the code.
func holdsText(t *testing.T, files map[string][]byte, text string) bool {
	t.Helper()
	_, list := parseGo(t, files)
	found := false
	for _, f := range list {
		ast.Inspect(f, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				got, err := strconv.Unquote(lit.Value)
				found = found || err == nil && got == text
			}
			return true
		})
	}
	return found
}
