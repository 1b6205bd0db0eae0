package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/flow-lang/flowc/cmd/flowc/internal/gobuild"
	"github.com/flow-lang/flowc/cmd/flowc/internal/load"
	"github.com/flow-lang/flowc/codegen"
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// externs looks up the Go functions that the program at path calls, in the
// module of the go.mod beside it or above it. What is missing or does not fit is
// reported. Without such functions the module is nil.
func externs(path string, prog *ir.Program, report *diag.List) (*gobuild.User, map[string]codegen.GoFunc, error) {
	var user *gobuild.User
	found := map[string]codegen.GoFunc{}
	for _, fn := range prog.Funcs {
		if fn.Extern == nil {
			continue
		}
		if user == nil {
			var err error
			if user, err = gobuild.FindUser(filepath.Dir(path)); err != nil {
				return nil, nil, err
			}
		}
		if user == nil {
			report.Add(externMistake(fn, fmt.Sprintf("the package %q is in no Go module: there is no go.mod beside the program or above it", fn.Extern.Package),
				"make one there: go mod init example.com/app"))
			return nil, nil, nil
		}
		if got, ok := externFunc(user, fn, report); ok {
			found[fn.Extern.Package+"."+fn.Extern.Symbol] = got
		}
	}
	return user, found, nil
}

// externFunc looks up one function and reports why it cannot be called.
func externFunc(user *gobuild.User, fn *ir.Func, report *diag.List) (codegen.GoFunc, bool) {
	x := fn.Extern
	got, err := user.Lookup(x.Package, x.Symbol)
	switch {
	case errors.Is(err, gobuild.ErrOtherModule):
		report.Add(externMistake(fn, fmt.Sprintf("the package %q does not belong to the module %s", x.Package, user.Path),
			fmt.Sprintf("its packages are called %s/…; a function of another module is called by one of them", user.Path)))
	case errors.Is(err, gobuild.ErrNoPackage):
		report.Add(externMistake(fn, fmt.Sprintf("there is no Go package %q in %s", x.Package, user.Dir),
			fmt.Sprintf("it would be the folder %s", filepath.Join(user.Dir, filepath.FromSlash(strings.TrimPrefix(strings.TrimPrefix(x.Package, user.Path), "/"))))))
	case errors.Is(err, gobuild.ErrNoFunction):
		report.Add(externMistake(fn, fmt.Sprintf("the Go package %q has no function called %s", x.Package, x.Symbol), "declare it: "+wantedGo(fn)))
	case err != nil:
		report.Add(externMistake(fn, fmt.Sprintf("the Go package %q cannot be read: %v", x.Package, err), "see what \"go vet ./...\" says there"))
	case !fits(fn, got):
		report.Add(externMistake(fn, fmt.Sprintf("the Go function %s has other parameters or results than %s", x.Symbol, fn.Name), "declare it: "+wantedGo(fn)))
	default:
		return codegen.GoFunc{Name: got.Package, Context: got.Context, Error: got.Error}, true
	}
	return codegen.GoFunc{}, false
}

func externMistake(fn *ir.Func, message, help string) diag.Diagnostic {
	at := fn.Extern.Pos
	return diag.Diagnostic{
		Code: load.ExternMissing, Span: source.Span{Start: at, End: at}, Message: message, Help: help,
	}
}

// fits compares what can be told without knowing the user's own types.
func fits(fn *ir.Func, got gobuild.Func) bool {
	if len(got.Params) != len(fn.Params) {
		return false
	}
	for i, p := range fn.Params {
		if !sameGo(goText(p.Type), got.Params[i]) {
			return false
		}
	}
	return sameGo(goText(fn.Result), got.Result)
}

// sameGo reports whether a type of a Go function may be the wanted one. A name
// that is not Go's own may stand for any type but a scalar.
func sameGo(want, got string) bool {
	for want != "" && got != "" && want != "…" {
		if want == got {
			return true
		}
		if strings.HasPrefix(want, "*") && strings.HasPrefix(got, "*") {
			want, got = want[1:], got[1:]
			continue
		}
		if strings.HasPrefix(want, "[]") && strings.HasPrefix(got, "[]") {
			want, got = want[2:], got[2:]
			continue
		}
		// A []byte or [16]byte may have a name, such as json.RawMessage.
		return strings.HasPrefix(want, "[") && named.MatchString(got) && !plain[got]
	}
	return want == "…" && got != "" && !strings.ContainsAny(got, "*[,") && !plain[got]
}

// named is the name of a type.
var named = regexp.MustCompile(`^([a-zA-Z_]\w*\.)?[A-Z]\w*$`)

var plain = map[string]bool{
	"bool": true, "int": true, "int8": true, "int16": true, "int32": true, "int64": true, "uint": true, "uint8": true,
	"uint16": true, "uint32": true, "uint64": true, "float32": true, "float64": true, "string": true, "error": true, "any": true,
	"time.Time": true, "time.Duration": true,
}

// goText writes the type in Go of a value that a user's function takes or gives;
// "…" stands for a struct.
func goText(t types.Type) string {
	switch t := t.(type) {
	case *types.Option:
		return "*" + goText(t.Elem)
	case *types.List:
		return "[]" + goText(t.Elem)
	case *types.Basic:
		return goScalars[t.Kind]
	}
	return "…"
}

var goScalars = map[types.Kind]string{
	types.Bool: "bool", types.Int32: "int32", types.Int: "int64", types.Float32: "float32", types.Float: "float64",
	types.String: "string", types.Bytes: "[]uint8", types.JSON: "[]uint8", types.Timestamp: "time.Time",
	types.Date: "time.Time", types.Duration: "time.Duration", types.UUID: "[16]uint8",
}

// wantedGo writes the Go function that would do.
func wantedGo(fn *ir.Func) string {
	var params []string
	free := "the error may be left out, and a context.Context may come first"
	if fn.Extern.Async {
		params = append(params, "ctx context.Context")
		free = "the context, which ends when the call times out, and the error may be left out"
	}
	for _, p := range fn.Params {
		params = append(params, p.Name+" "+shownGo(p.Type))
	}
	return fmt.Sprintf("func %s(%s) (%s, error); %s", fn.Extern.Symbol, strings.Join(params, ", "), shownGo(fn.Result), free)
}

// shownGo is goText as people write it.
func shownGo(t types.Type) string {
	text := strings.ReplaceAll(goText(t), "uint8", "byte")
	if !strings.Contains(text, "…") {
		return text
	}
	for {
		switch u := t.(type) {
		case *types.Option:
			t = u.Elem
			continue
		case *types.List:
			t = u.Elem
			continue
		}
		return strings.Replace(text, "…", "a struct with the exported fields of "+t.String(), 1)
	}
}

// externError explains what the go command found where generated code calls a
// user's.
func externError(e *gobuild.ExternError, code map[string][]byte) error {
	if e.Line == 0 {
		return &failure{fmt.Errorf("the Go module of the program does not build:\n%s", e.Said), "mend it until \"go build ./...\" is silent there"}
	}
	lines := strings.Split(string(code[codegen.ExternsFile]), "\n")
	for i := min(e.Line, len(lines)) - 1; i >= 0; i-- {
		if name, place, ok := strings.Cut(strings.TrimPrefix(lines[i], "// "), " calls the Go function that stands at "); ok {
			return &failure{
				fmt.Errorf("%s: what the Go function gives or takes does not fit %s", strings.TrimSuffix(place, "."), name),
				"the fields of a Go struct are called as in the record, with a capital letter, and have the Go types that docs/language.md lists",
			}
		}
	}
	return &bugError{fmt.Sprintf("line %d of %s does not compile", e.Line, codegen.ExternsFile)}
}
