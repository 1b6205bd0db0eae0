package lang

import (
	"strings"
	"unicode/utf8"

	"github.com/flow-lang/flowc/lang/source"
)

// typeParams returns <T, K>, or nothing.
func typeParams(names []*Ident) string {
	if len(names) == 0 {
		return ""
	}
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = n.Text
	}
	return "<" + strings.Join(out, ", ") + ">"
}

// params lays out parameters with their parentheses.
func (f *formatter) params(lo source.Pos, hi int, params []*ParamDecl) *doc {
	items := make([]item, len(params))
	for i, p := range params {
		items[i] = item{start: p.Pos, end: p.EndPos, build: func(*doc) *doc {
			out := concat(text(p.Name.Text+": "), f.typeExpr(p.Type))
			if p.ShapesState {
				out = concat(out, text(" shapes state"))
			}
			if p.Default != nil {
				out = concat(out, text(" = "), f.expr(p.Default))
			}
			return out
		}}
	}
	return f.list("(", ")", lo, hi, items)
}

// fieldDecls lays out the fields of a record with their types below each other.
func (f *formatter) fieldDecls(lo, end source.Pos, fields []*FieldDecl) *doc {
	items := make([]item, len(fields))
	for i, d := range fields {
		items[i] = item{start: d.Pos, end: d.EndPos, documented: true, width: utf8.RuneCountInString(d.Name.Text), build: func(pad *doc) *doc {
			out := concat(text(d.Name.Text+": "), pad, f.typeExpr(d.Type))
			if d.Default != nil {
				out = concat(out, text(" = "), f.expr(d.Default))
			}
			out = f.was(out, d.Was)
			if d.JSON != nil {
				out = concat(out, text(" json "), f.src(d.JSON))
			}
			return out
		}}
	}
	return f.braces(lo, end, items, fieldSep)
}

// fieldSep parts the fields of a record on one line; on lines of their own they
// need nothing.
const fieldSep = ",?"

// typeExpr lays out a type.
func (f *formatter) typeExpr(t *TypeExpr) *doc {
	var out *doc
	switch {
	case t.IsRecord:
		out = f.fieldDecls(t.Pos, f.recordTypeEnd(t), t.Record)
	case t.Func != nil:
		out = f.funcType(t.Func)
	case t.If != nil:
		out = f.typeIf(t.If)
	case t.Agg != nil:
		out = concat(text("aggregate<"), f.lambda(t.Agg), text(">"))
	case len(t.Numbers) > 0:
		numbers := make([]string, len(t.Numbers))
		for i, n := range t.Numbers {
			numbers[i] = n.Text
		}
		out = text(name(t.Name) + "(" + strings.Join(numbers, ", ") + ")")
	default:
		out = text(name(t.Name))
		if len(t.Args) > 0 {
			out = concat(out, f.types(t.Args))
		}
	}
	if t.Optional > 0 {
		out = concat(out, text(strings.Repeat("?", t.Optional)))
	}
	return out
}

// recordTypeEnd returns the place after the "}" of a record type, before the
// question marks.
func (f *formatter) recordTypeEnd(t *TypeExpr) source.Pos {
	end := t.EndPos
	if t.Optional > 0 {
		n := strings.LastIndexByte(f.file.Text[:end.Offset], '}') + 1
		end.Line -= strings.Count(f.file.Text[n:end.Offset], "\n")
		end.Offset = n
	}
	return end
}

// types lays out type arguments.
func (f *formatter) types(types []*TypeExpr) *doc {
	out := concat(text("<"))
	for i, t := range types {
		if i > 0 {
			out = concat(out, text(", "))
		}
		out = concat(out, f.typeExpr(t))
	}
	return concat(out, text(">"))
}

func (f *formatter) funcType(t *FuncTypeExpr) *doc {
	out := concat(text("("))
	if t.Async {
		out = concat(text("async ("))
	}
	for i, p := range t.Params {
		if i > 0 {
			out = concat(out, text(", "))
		}
		out = concat(out, f.typeExpr(p))
	}
	return concat(out, text(") -> "), f.typeExpr(t.Result))
}

func (f *formatter) typeIf(t *TypeIf) *doc {
	out := concat(text("if "), f.expr(t.Cond), text(" { "), f.typeExpr(t.Then), text(" } else "))
	if t.Else.If != nil {
		return concat(out, f.typeIf(t.Else.If))
	}
	return concat(out, text("{ "), f.typeExpr(t.Else), text(" }"))
}
