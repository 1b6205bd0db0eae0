package typecheck

import (
	"fmt"
	"strings"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
)

// union and split have as many inputs or outputs as a step gives them. They are
// written in Flow for each step, and checked as the rest of the library is.

var writtenOperators = map[string]bool{"union": true, "split": true}

// written returns the operator that is written for a step, nil if its arguments
// are wrong.
func (w *wiring) written(u *stepUse) *entry {
	streams := len(u.args)
	if u.left != nil || u.bad {
		streams++
	}
	text := unionText(max(streams, 2))
	if u.op.Ident.Text == "split" {
		if text = w.splitText(u); text == "" {
			return nil
		}
	}
	name := "stdlib/" + u.op.Ident.Text + ".flow"
	var report diag.List
	m := newModule(lang.Parse(name, "library "+u.op.Ident.Text+"\n"+text, &report), nil)
	if report.HasErrors() {
		w.add(mistake(WrongArguments, u.op.Span(), "an output of split cannot be called so: %s", report.Sorted()[0].Message).
			help("give the arguments other names"))
		return nil
	}
	m.library, m.std = name, w.std
	w.declare(m)
	return m.names[u.op.Ident.Text]
}

// unionText writes an operator that gives the records of so many streams.
func unionText(streams int) string {
	var ins, handlers strings.Builder
	for i := range streams {
		fmt.Fprintf(&ins, "  in x%d: T\n", i+1)
		fmt.Fprintf(&handlers, "  on x%d { emit x%d }\n", i+1, i+1)
	}
	return "operator union<T> {\n" + ins.String() + "  out T\n" + handlers.String() + "}\n"
}

// splitText writes an operator with an output for each argument, which takes the
// records for which the argument is the first that holds; "" if the arguments
// are none of it, which is reported.
func (w *wiring) splitText(u *stepUse) string {
	var params, outs, body strings.Builder
	record, seen := "x", map[string]bool{}
	for _, a := range u.args {
		if a.Label == "" || strings.Contains(a.Label, " ") || seen[a.Label] {
			w.add(mistake(WrongArguments, a.Span(), "each argument of split has a name, which is that of its output").
				help("write split(hot: r => r.temp > 30.0, cold: r => r.temp < 0.0)"))
			w.loseArgs(u.args)
			return ""
		}
		seen[a.Label] = true
		fmt.Fprintf(&params, "%s: (T) -> bool, ", a.Label)
		fmt.Fprintf(&outs, "  out %s: T\n", a.Label)
	}
	for seen[record] {
		record += "x"
	}
	for _, a := range u.args {
		fmt.Fprintf(&body, "    if %s(%s) {\n      emit %s %s\n      return\n    }\n", a.Label, record, a.Label, record)
	}
	return fmt.Sprintf("operator split<T>(%s) {\n  in  %s: T\n  out T\n%s  on %s {\n%s    emit %s\n  }\n}\n",
		params.String(), record, outs.String(), record, body.String(), record)
}
