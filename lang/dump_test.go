package lang_test

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/source"
)

// dump prints a tree as nested parentheses: the type of each node and its
// fields, without those that are empty and without places and comments.
func dump(file *lang.File) string {
	var out strings.Builder
	word := "pipeline"
	if file.Kind == lang.LibraryFile {
		word = "library"
	}
	out.WriteString("(" + word)
	for _, line := range file.Doc {
		fmt.Fprintf(&out, " %q", line)
	}
	if file.Pipeline != nil {
		out.WriteString(" " + file.Pipeline.Text)
	}
	out.WriteString(")\n")
	for _, d := range file.Decls {
		dumpValue(&out, reflect.ValueOf(d), 0)
		out.WriteString("\n")
	}
	return out.String()
}

func dumpValue(out *strings.Builder, v reflect.Value, depth int) {
	switch x := v.Interface().(type) {
	case *lang.Ident:
		out.WriteString(x.Text)
		return
	case *lang.Name:
		if x.Qualifier != nil {
			out.WriteString(x.Qualifier.Text + ".")
		}
		out.WriteString(x.Ident.Text)
		return
	case *lang.IdentExpr:
		out.WriteString(x.Name)
		return
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		dumpValue(out, v.Elem(), depth)
	case reflect.Struct:
		dumpStruct(out, v, depth)
	case reflect.Slice:
		out.WriteString("[")
		for i := range v.Len() {
			if i > 0 && !ownLine(v.Index(i), depth) {
				out.WriteString(" ")
			}
			dumpValue(out, v.Index(i), depth)
		}
		out.WriteString("]")
	case reflect.String:
		fmt.Fprintf(out, "%q", v.String())
	default:
		fmt.Fprint(out, v.Interface())
	}
}

// ownLine reports whether v begins a line: a statement or member does.
func ownLine(v reflect.Value, depth int) bool {
	switch v.Interface().(type) {
	case lang.Stmt, lang.Member, *lang.MatchArm, *lang.FieldDecl, lang.TestStep:
		return depth > 0
	}
	return false
}

func dumpStruct(out *strings.Builder, v reflect.Value, depth int) {
	t := v.Type()
	if ownLine(v.Addr(), depth) {
		out.WriteString("\n" + strings.Repeat("  ", depth))
	}
	out.WriteString("(" + t.Name())
	for i := range t.NumField() {
		f := v.Field(i)
		if t.Field(i).Type == reflect.TypeFor[lang.Range]() || t.Field(i).Type == reflect.TypeFor[source.Span]() {
			continue
		}
		if f.IsZero() || f.Kind() == reflect.Slice && f.Len() == 0 {
			continue
		}
		name := t.Field(i).Name
		if name == strings.ToUpper(name) {
			name = strings.ToLower(name)
		}
		out.WriteString(" " + strings.ToLower(name[:1]) + name[1:] + ":")
		dumpValue(out, f, depth+1)
	}
	out.WriteString(")")
}
