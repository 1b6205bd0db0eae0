package typecheck

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// checkUnusedOperators checks the operators without type and function
// parameters that no step uses, so that a library's mistakes are found where it
// is written.
func (c *checker) checkUnusedOperators() {
	for _, m := range c.userModules() {
		for _, e := range m.order {
			d, ok := e.decl.(*lang.OperatorDecl)
			if ok && !e.checked && len(d.TypeParams) == 0 {
				c.checkAlone(e, d)
			}
		}
	}
	c.drain()
}

// checkAlone checks an operator with parameters of which only the types are
// known. One whose shape depends on an argument waits for a step.
func (c *checker) checkAlone(e *entry, d *lang.OperatorDecl) {
	sc := &scope{mod: e.mod}
	var ps []*ir.OpParam
	for _, p := range d.Params {
		t := c.resolve(sc, p.Type)
		_, function := t.(*types.Func)
		_, enum := t.(*types.Enum)
		if function || enum || !isValueType(t) || isInvalid(t) {
			return
		}
		l := &ir.Local{Name: p.Name.Text, Type: t, Pos: p.Name.Pos}
		sc.bind(&binding{kind: operatorParam, name: l.Name, span: p.Name.Span(), what: "a parameter", local: l})
		ps = append(ps, &ir.OpParam{Local: l, Value: invalid(p.Span())})
	}
	k := &coder{c, &frame{kind: pureCode, what: "a step"}, sc}
	c.operator(e, sc, ps, nil, k)
}

// warnUnused warns of declarations, locals and streams that nothing uses.
func (c *checker) warnUnused() {
	if c.report.HasErrors() {
		return // what uses them may be what is wrong
	}
	for _, e := range c.main.order {
		if e.used || e.applied > 0 || e.wire.servesItself() {
			continue
		}
		switch e.decl.(type) {
		case nil, *lang.SourceDecl, *lang.StreamDecl:
			c.add(warning(UnreadStream, e.span, "nobody reads the stream %s", e.name).
				help("write it: sink %s to jsonl(\"%s.jsonl\"), or leave it out", e.name, e.name))
		case *lang.FuncDecl, *lang.OperatorDecl, *lang.FragmentDecl, *lang.EnumDecl, *lang.UnionDecl, *lang.RecordDecl, *lang.AggregateDecl:
			c.add(warning(UnusedName, e.span, "%s is declared and never used", strings.TrimPrefix(strings.TrimPrefix(e.kindOf(), "a "), "an ")+" "+e.name).
				help("leave it out"))
		}
	}
	c.warnLate()
	c.warnStuck()
	c.warnImports()
	c.warnLocals()
}

// servesItself reports whether a stream is of use though nobody reads it: its last
// step has no main output, or state that clients ask for.
func (w *wired) servesItself() bool {
	if w == nil || w.bad {
		return false
	}
	if w.main == nil {
		return true
	}
	return w.main.Step != nil && slices.ContainsFunc(w.main.Step.Op.States, func(s *ir.State) bool { return s.Queryable != "" })
}

// warnLate warns of records that come too late for a step of the library, which
// nobody reads and nobody has waived.
func (c *checker) warnLate() {
	for _, s := range c.steps {
		if s.entry == nil || s.entry.mod.library == "" {
			continue
		}
		var names []string
		for i, out := range s.step.Op.Outs {
			if strings.HasPrefix(out.Name, "late") && s.step.Outputs[i] == nil && !s.waived[out.Name] {
				names = append(names, out.Name)
			}
		}
		if len(names) == 0 {
			continue
		}
		stream, where := s.stream, ""
		if !s.last {
			stream, where = "s", fmt.Sprintf(" of a stream s that ends with %s", s.step.Name)
		}
		c.add(warning(UnreadStream, s.span, "nobody reads the records that come too late for %s", s.step.Name).
			help("read %s.%s%s; or say that they may go: %s(…, %s: drop)",
				stream, names[0], where, s.step.Name, strings.Join(names, ": drop, ")))
	}
}

// warnImports warns of imports whose names nothing uses.
func (c *checker) warnImports() {
	for _, m := range c.userModules() {
		for _, d := range m.file.Decls {
			d, ok := d.(*lang.ImportDecl)
			if !ok || d.Path == nil {
				continue
			}
			used := d.As != nil && m.used[d.As.Text]
			if of := c.modules[importPath(m.file, d)]; d.As == nil && of != nil {
				for _, e := range of.order {
					used = used || e.used || e.applied > 0
				}
			}
			if !used {
				c.add(warning(UnusedName, d.Path.Span(), "nothing of %q is used", constantText(d.Path)).help("leave the import out"))
			}
		}
	}
}

// warnLocals warns of locals that no use of their code reads: an operator's code
// is checked for each step, a lambda's for each call.
func (c *checker) warnLocals() {
	used := map[source.Pos]bool{}
	var found []*binding
	for _, m := range c.userModules() {
		if m.chosen {
			continue // what a branch left out uses is not known
		}
		for _, b := range m.bindings {
			used[b.span.Start] = used[b.span.Start] || b.used
			found = append(found, b)
		}
	}
	sort.SliceStable(found, func(i, j int) bool { return found[i].span.Start.Offset < found[j].span.Start.Offset })
	for _, b := range found {
		if used[b.span.Start] || b.quiet || strings.HasPrefix(b.name, "_") {
			continue
		}
		m := warning(UnusedName, b.span, "%s is never used", strings.TrimPrefix(strings.TrimPrefix(b.what, "a "), "an ")+" "+b.name)
		switch b.kind {
		case constLocal, varLocal:
			m = m.help("leave it out, or call it _")
		default:
			m = m.help("leave it out")
		}
		c.add(m)
	}
}

// warnNames warns of names that are not written as names of their kind are.
func (c *checker) warnNames() {
	for _, m := range c.userModules() {
		for _, e := range m.order {
			switch d := e.decl.(type) {
			case *lang.RecordDecl:
				c.typeName(d.Name)
				for _, f := range d.Fields {
					c.valueName(f.Name, func(name string) string {
						return name + ": … json \"" + f.Name.Text + "\""
					})
				}
			case *lang.EnumDecl, *lang.UnionDecl:
				c.typeName(&lang.Ident{Range: lang.Range{Pos: e.span.Start, EndPos: e.span.End}, Text: e.name})
			default:
				c.valueName(&lang.Ident{Range: lang.Range{Pos: e.span.Start, EndPos: e.span.End}, Text: e.name}, func(name string) string { return name })
			}
		}
	}
}

func (c *checker) typeName(n *lang.Ident) {
	if n.Text == "" {
		return
	}
	if first := n.Text[0]; first >= 'A' && first <= 'Z' && !strings.Contains(n.Text, "_") {
		return
	}
	var parts []string
	for _, p := range strings.Split(n.Text, "_") {
		if p != "" {
			parts = append(parts, strings.ToUpper(p[:1])+p[1:])
		}
	}
	c.add(warning(NameStyle, n.Span(), "the type %q is not written as types are", n.Text).help("write %s", strings.Join(parts, "")))
}

// valueName warns of a name that is not in snake_case; mend says what to type.
func (c *checker) valueName(n *lang.Ident, mend func(string) string) {
	if strings.ToLower(n.Text) == n.Text {
		return
	}
	out := ""
	for i, r := range n.Text {
		upper := r >= 'A' && r <= 'Z'
		if upper && i > 0 && n.Text[i-1] != '_' && !(n.Text[i-1] >= 'A' && n.Text[i-1] <= 'Z') {
			out += "_"
		}
		out += strings.ToLower(string(r))
	}
	c.add(warning(NameStyle, n.Span(), "the name %q is not written as names are", n.Text).help("write %s", mend(out)))
}
