package doc

import (
	"strings"

	"github.com/flow-lang/flowc/lang"
)

// Declarations returns the entries of what a file declares for others: records,
// enums, unions, functions, operators, aggregates and fragments.
func Declarations(file *lang.File) []Entry {
	w := &reader{file}
	var all []Entry
	for _, d := range file.Decls {
		if e, ok := w.entry(d); ok {
			e.illustrate()
			all = append(all, e)
		}
	}
	return all
}

// A reader takes text out of a file that was parsed without a mistake.
type reader struct{ file *lang.File }

func (w *reader) entry(d lang.Decl) (Entry, bool) {
	switch d := d.(type) {
	case *lang.RecordDecl:
		return Entry{Kind: "record", Name: d.Name.Text, Signature: "record " + d.Name.Text + types(d.TypeParams), Doc: prose(d.Doc), Members: w.fields(d.Fields)}, true
	case *lang.EnumDecl:
		return Entry{Kind: "enum", Name: d.Name.Text, Signature: w.text(d), Doc: prose(d.Doc)}, true
	case *lang.UnionDecl:
		return Entry{Kind: "union", Name: d.Name.Text, Signature: w.text(d), Doc: prose(d.Doc)}, true
	case *lang.FuncDecl:
		e := Entry{Kind: "function", Name: d.Name.Text, Doc: prose(d.Doc), Parameters: w.parameters(d.Params)}
		e.Signature = "func " + d.Name.Text + types(d.TypeParams) + signature(e.Parameters) + w.result(d.Result)
		return e, true
	case *lang.ExternDecl:
		return Entry{Kind: "function", Name: d.Name.Text, Signature: w.text(d), Doc: prose(d.Doc), Parameters: w.parameters(d.Params)}, true
	case *lang.OperatorDecl:
		return w.operator(d), true
	case *lang.AggregateDecl:
		e := Entry{Kind: "aggregate", Name: d.Name.Text, Doc: prose(d.Doc), Parameters: w.parameters(d.Params)}
		e.Signature = "aggregate " + d.Name.Text + types(d.TypeParams) + signature(e.Parameters) + w.result(d.ResultType)
		e.Example = "agg: " + d.Name.Text + "()"
		if len(d.Params) > 0 {
			e.Example = "agg: r => " + d.Name.Text + "(" + strings.Join(arguments(e.Parameters, "r."), ", ") + ")"
		}
		return e, true
	case *lang.FragmentDecl:
		e := Entry{Kind: "fragment", Name: d.Name.Text, Doc: prose(d.Doc), Parameters: w.parameters(d.Params)}
		e.Signature = "fragment " + d.Name.Text + types(d.TypeParams) + signature(e.Parameters) + w.result(d.Result)
		return e, true
	default:
		return Entry{}, false
	}
}

// operator lists what an operator takes, gives and holds. The example is a
// stream that uses it.
func (w *reader) operator(d *lang.OperatorDecl) Entry {
	e := Entry{Kind: "operator", Name: d.Name.Text, Doc: prose(d.Doc), Parameters: w.parameters(d.Params)}
	e.Signature = "operator " + d.Name.Text + types(d.TypeParams)
	if len(d.Params) > 0 {
		e.Signature += signature(e.Parameters)
	}
	var others []string // inputs but for the first
	first, held, outs := "", false, ""
	for _, m := range d.Members {
		switch m := m.(type) {
		case *lang.InDecl:
			if first == "" {
				first = m.Name.Text
			} else {
				others = append(others, m.Name.Text+": "+m.Name.Text)
			}
		case *lang.OutDecl:
			if m.Name != nil {
				outs += ", ." + m.Name.Text
			}
		case *lang.StateDecl, *lang.TimerDecl:
			held = true
		default:
			continue
		}
		e.Members = append(e.Members, w.text(m))
	}
	call := d.Name.Text
	if args := append(others, arguments(required(e.Parameters), "x.")...); len(args) > 0 {
		call += "(" + strings.Join(args, ", ") + ")"
	}
	e.Example = "stream out = " + first + " |> " + call
	if held {
		e.Example += ` uid "` + strings.ReplaceAll(d.Name.Text, "_", "-") + `"`
	}
	return e
}

// required leaves out the parameters that have a default.
func required(all []Parameter) []Parameter {
	var out []Parameter
	for _, p := range all {
		if p.Default == "" {
			out = append(out, p)
		}
	}
	return out
}

// arguments makes up an argument for each parameter. field stands before names
// of fields.
func arguments(all []Parameter, field string) []string {
	var out []string
	for _, p := range all {
		text := field + p.Name
		switch {
		case field == "r.": // of an aggregate: without a name
		case strings.HasPrefix(p.Type, "("):
			text = p.Name + ": " + lambda(p)
		case strings.HasPrefix(p.Type, "aggregate"):
			text = p.Name + ": count()"
		case strings.HasPrefix(p.Type, "equality"):
			text = p.Name + ": (a, b) => a.id == b.id"
		case strings.HasPrefix(p.Type, "range"):
			text = p.Name + ": 0s..1h"
		case strings.HasPrefix(p.Type, "duration"):
			text = p.Name + ": 1h"
		case strings.HasPrefix(p.Type, "int"):
			text = p.Name + ": 10"
		default:
			text = p.Name + ": " + p.Name
		}
		out = append(out, text)
	}
	return out
}

// lambda makes up a function of the type that p has.
func lambda(p Parameter) string {
	_, result, _ := strings.Cut(p.Type, "-> ")
	switch {
	case result == "bool":
		return "x => x.n > 0"
	case strings.HasPrefix(result, "list<"):
		return "x => x.items"
	default:
		return "x => x." + p.Name
	}
}

// parameters describes parameters as written.
func (w *reader) parameters(list []*lang.ParamDecl) []Parameter {
	var out []Parameter
	for _, p := range list {
		q := Parameter{Name: p.Name.Text}
		if p.Type != nil {
			q.Type = w.text(p.Type)
		}
		if p.ShapesState {
			q.Type += " shapes state"
		}
		if p.Default != nil {
			q.Default = w.text(p.Default)
		}
		out = append(out, q)
	}
	return out
}

func (w *reader) fields(list []*lang.FieldDecl) []string {
	var out []string
	for _, f := range list {
		out = append(out, w.text(f))
	}
	return out
}

func (w *reader) result(t *lang.TypeExpr) string {
	if t == nil {
		return ""
	}
	return " -> " + w.text(t)
}

// text returns the text of a node on one line, without comments.
func (w *reader) text(n lang.Node) string {
	span := n.Span()
	from, to := span.Start.Offset, span.End.Offset
	var b strings.Builder
	for _, c := range w.file.Comments {
		if start, end := int(c.Offset), int(c.Offset)+len(c.Text); start >= from && end <= to {
			b.WriteString(w.file.Text[from:start])
			from = end
		}
	}
	b.WriteString(w.file.Text[from:to])
	return strings.Join(strings.Fields(b.String()), " ")
}

// types writes type parameters.
func types(names []*lang.Ident) string {
	if len(names) == 0 {
		return ""
	}
	list := make([]string, len(names))
	for i, n := range names {
		list[i] = n.Text
	}
	return "<" + strings.Join(list, ", ") + ">"
}

// signature writes parameters in parentheses.
func signature(all []Parameter) string {
	list := make([]string, len(all))
	for i, p := range all {
		list[i] = p.Name
		if p.Type != "" {
			list[i] += ": " + p.Type
		}
		if p.Default != "" {
			list[i] += " = " + p.Default
		}
	}
	return "(" + strings.Join(list, ", ") + ")"
}

// prose is a doc comment as text.
func prose(doc []string) string { return strings.TrimSpace(strings.Join(doc, "\n")) }
