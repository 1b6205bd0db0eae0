package typecheck

import (
	"go/token"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// extern makes fn stand for the Go function that d names. Whether that exists
// and fits is found where Go's own files can be read.
func (c *checker) extern(d *lang.ExternDecl, fn *ir.Func) {
	path := constantText(d.Package)
	fn.Extern = &ir.Extern{Package: path, Symbol: d.Symbol.Text, Async: d.Async, Pos: d.Package.Span().Start}
	if !isImportPath(path) {
		c.add(mistake(BadConstant, d.Package.Span(), "%q is no path of a Go package", path).
			help("write the path that Go code would import: \"example.com/app/geo\""))
	}
	if !token.IsExported(d.Symbol.Text) || !token.IsIdentifier(d.Symbol.Text) {
		c.add(mistake(BadConstant, d.Symbol.Span(), "a Go package shows no other one a function called %s", d.Symbol.Text).
			help("in Go the name of such a function begins with a capital letter"))
	}
	for i, p := range fn.Params {
		if why := notForGo(p.Type); why != "" {
			c.add(mistake(TypeMismatch, d.Params[i].Type.Span(), "%s cannot be given to Go", why).
				help("Go takes numbers, texts, times, and lists and records of them"))
		}
	}
	if why := notForGo(fn.Result); why != "" && !isInvalid(fn.Result) {
		c.add(mistake(TypeMismatch, d.Result.Span(), "%s cannot be taken from Go", why).
			help("take a record, or a number or text to make it from"))
	}
}

// isImportPath reports whether path may stand in an import of Go code: plain
// letters, in elements that a slash parts.
func isImportPath(path string) bool {
	if path == "" || path[0] == '/' || path[len(path)-1] == '/' {
		return false
	}
	before := byte('/')
	for i := range len(path) {
		c := path[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '~':
		case c == '.' || c == '/':
			if before == '/' {
				return false
			}
		default:
			return false
		}
		before = c
	}
	return true
}

// notForGo names the part of a type that has no counterpart in a user's Go code;
// "" if there is none.
func notForGo(t types.Type) string {
	switch t := t.(type) {
	case *types.Option:
		return notForGo(t.Elem)
	case *types.List:
		return notForGo(t.Elem)
	case *types.Record:
		for _, f := range t.Fields {
			if why := notForGo(f.Type); why != "" {
				return why
			}
		}
		return ""
	case *types.Basic:
		return ""
	case *types.Enum:
		return "a value of an enum"
	case *types.Union:
		return "a value of a union"
	case *types.Map, *types.Set:
		return "a " + t.String()
	default:
		return "a value of type " + t.String()
	}
}
