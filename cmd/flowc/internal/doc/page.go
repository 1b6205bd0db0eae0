package doc

import (
	"fmt"
	"strings"

	"github.com/flow-lang/flowc/codegen/graph"
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/plan"
)

// Library files and pipelines have the same page, but that a library has no
// graph, parameters, sources, steps and sinks.

// Page writes a file of Flow as a page of Markdown: what its author wrote about
// it, what it declares, and what runs. prog is the checked program, nil of a
// library.
func Page(file *lang.File, prog *ir.Program) string {
	p := &page{}
	title := file.Name
	if file.Pipeline != nil {
		title = file.Pipeline.Text
	}
	p.line("# %s", plain(title))
	p.text(prose(file.Doc))
	if prog != nil {
		d := graph.Of(plan.Build(prog))
		p.fence("mermaid", string(d.Mermaid()))
		p.params(prog.Params)
		p.running(d)
	}
	p.declared(Declarations(file))
	return p.out.String()
}

type page struct{ out strings.Builder }

func (p *page) line(format string, args ...any) { fmt.Fprintf(&p.out, format+"\n", args...) }

// text writes what an author wrote, which is Markdown already, but that two
// spaces before a line are enough for code.
func (p *page) text(doc string) {
	if doc == "" {
		return
	}
	p.line("")
	for l := range strings.Lines(doc) {
		l = strings.TrimRight(l, "\n")
		if strings.HasPrefix(l, "  ") {
			l = "    " + strings.TrimSpace(l)
		}
		p.line("%s", l)
	}
}

// fence writes text as it is, between fences that it does not hold.
func (p *page) fence(kind, text string) {
	marks := "```"
	for strings.Contains(text, marks) {
		marks += "`"
	}
	p.line("\n%s%s\n%s\n%s", marks, kind, strings.TrimRight(text, "\n"), marks)
}

// table writes rows below a head; nothing if there are none.
func (p *page) table(head []string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	p.line("\n| %s |", strings.Join(head, " | "))
	p.line("|%s", strings.Repeat("---|", len(head)))
	for _, r := range rows {
		p.line("| %s |", strings.Join(r, " | "))
	}
}

func (p *page) params(list []*ir.Param) {
	var rows [][]string
	for _, q := range list {
		word, value := "param", ""
		if q.Env {
			word = "env"
		}
		if q.Default != nil {
			value = code(plan.FlowText(q.Default))
		}
		rows = append(rows, []string{code(q.Name), word, code(q.Type.String()), value})
	}
	if len(rows) > 0 {
		p.line("\n## Parameters")
		p.table([]string{"name", "from", "type", "default"}, rows)
	}
}

// running writes what runs: sources, steps, sinks.
func (p *page) running(d *graph.Document) {
	for i, title := range []string{"Sources", "Steps", "Sinks"} {
		nodes := [][]graph.Node{d.SourceNodes(), d.StepNodes(), d.SinkNodes()}[i]
		if len(nodes) == 0 {
			continue
		}
		p.line("\n## %s", title)
		for _, n := range nodes {
			p.line("\n### %s", plain(n.Title))
			p.text(n.Doc)
			var rows [][]string
			for _, r := range n.Rows {
				rows = append(rows, []string{r.Label, code(r.Text)})
			}
			p.table([]string{"", ""}, rows)
		}
	}
}

// declared writes the declarations by kind.
func (p *page) declared(all []Entry) {
	for _, k := range kinds {
		first := true
		for i := range all {
			e := &all[i]
			if e.Kind != k.kind {
				continue
			}
			if first {
				p.line("\n## %s", k.title)
				first = false
			}
			p.line("\n### %s", plain(e.Name))
			p.text(e.Doc)
			p.fence("flow fragment", e.declaration())
		}
	}
}

// code writes text as code within a cell of a table.
func code(text string) string {
	if text == "" {
		return ""
	}
	text = strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "|", `\|`)
	marks := "`"
	for strings.Contains(text, marks) {
		marks += "`"
	}
	if len(marks) > 1 {
		return marks + " " + text + " " + marks
	}
	return marks + text + marks
}

// plain writes a name so that nothing in it is Markdown.
func plain(name string) string {
	var b strings.Builder
	for _, r := range name {
		if strings.ContainsRune("\\`*_{}[]<>()#+-.!|&~", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
