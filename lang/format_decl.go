package lang

import (
	"strings"
	"unicode/utf8"

	"github.com/flow-lang/flowc/lang/source"
)

// decl lays out a declaration.
func (f *formatter) decl(d Decl) *doc {
	switch d := d.(type) {
	case *ImportDecl:
		if d.As != nil {
			return concat(text("import "), f.src(d.Path), text(" as "+d.As.Text))
		}
		return concat(text("import "), f.src(d.Path))
	case *RecordDecl:
		return concat(text("record "+d.Name.Text+typeParams(d.TypeParams)+" "), f.fieldDecls(d.Name.EndPos, d.EndPos, d.Fields))
	case *EnumDecl:
		return f.enumDecl(d)
	case *UnionDecl:
		return f.unionDecl(d)
	case *FuncDecl:
		return f.funcDecl(d)
	case *ExternDecl:
		return f.externDecl(d)
	case *SourceDecl:
		return f.sourceDecl(d)
	case *SinkDecl:
		return f.sinkDecl(d)
	case *StreamDecl:
		return concat(text("stream "+d.Name.Text+" = "), f.wire(d.Wire))
	case *FragmentDecl:
		params := f.params(d.Name.EndPos, d.Result.Pos.Offset, d.Params)
		return concat(text("fragment "+d.Name.Text+typeParams(d.TypeParams)), params, text(" -> "), f.typeExpr(d.Result), text(" = "), f.wire(d.Wire))
	case *OperatorDecl:
		return f.operatorDecl(d)
	case *AggregateDecl:
		return f.aggregateDecl(d)
	case *RemoteDecl:
		return f.remoteDecl(d)
	case *RetiredDecl:
		return concat(text("retired "), f.src(d.Path))
	case *AcceptDecl:
		return concat(text("accept "), f.src(d.Path))
	case *RekeyDecl:
		return f.rekeyDecl(d)
	case *TestDecl:
		return concat(text("test "), f.src(d.Name), text(" "), f.testSteps(d))
	case *SettingDecl:
		return concat(text(d.Name.Text+" "), f.expr(d.Value))
	default:
		panic("lang: unknown declaration")
	}
}

func (f *formatter) testSteps(d *TestDecl) *doc {
	items := make([]item, len(d.Steps))
	for i, s := range d.Steps {
		items[i] = item{start: s.Span().Start, end: s.Span().End, build: func(*doc) *doc { return f.testStep(s) }}
	}
	return f.braces(d.Name.EndPos, d.EndPos, items, ";")
}

func (f *formatter) enumDecl(d *EnumDecl) *doc {
	items := make([]item, len(d.Symbols))
	for i, s := range d.Symbols {
		items[i] = item{start: s.Pos, end: s.EndPos, build: func(*doc) *doc {
			out := concat(text(s.Name.Text))
			if s.Number != nil {
				out = concat(out, text(" = "), f.src(s.Number))
			}
			return f.was(out, s.Was)
		}}
	}
	return concat(text("enum "+d.Name.Text+" "), f.braces(d.Name.EndPos, d.EndPos, items, fieldSep))
}

// was adds former names to a layout.
func (f *formatter) was(out *doc, names []*StringLit) *doc {
	for _, w := range names {
		out = concat(out, text(" was "), f.src(w))
	}
	return out
}

// unionDecl lays out a union, broken after "|" if it is long.
func (f *formatter) unionDecl(d *UnionDecl) *doc {
	members := []*doc{line(" ")}
	for i, m := range d.Members {
		if i > 0 {
			members = append(members, text(" |"), line(" "))
		}
		members = append(members, f.typeExpr(m))
	}
	return group(text("union "+d.Name.Text+" ="), nest(members...))
}

// funcDecl lays out a function. An expression that has no room beside the head
// stands below it.
func (f *formatter) funcDecl(d *FuncDecl) *doc {
	hi := d.Pos
	switch {
	case d.Result != nil:
		hi = d.Result.Pos
	case d.Body != nil:
		hi = d.Body.Pos
	default:
		hi = d.Expr.Span().Start
	}
	out := concat(text("func "+d.Name.Text+typeParams(d.TypeParams)), f.params(d.Name.EndPos, hi.Offset, d.Params))
	if d.Result != nil {
		out = concat(out, text(" -> "), f.typeExpr(d.Result))
	}
	if d.Body != nil {
		return concat(out, text(" "), f.block(d.Body))
	}
	return concat(out, f.value("=", d.Expr))
}

func (f *formatter) externDecl(d *ExternDecl) *doc {
	word := "extern func "
	if d.Async {
		word = "extern async func "
	}
	return concat(
		text(word+d.Name.Text), f.params(d.Name.EndPos, d.Result.Pos.Offset, d.Params), text(" -> "),
		f.typeExpr(d.Result), text(" = go "), f.src(d.Package), text("."+d.Symbol.Text),
	)
}

func (f *formatter) sourceDecl(d *SourceDecl) *doc {
	out := concat(text("source "+d.Name.Text+": "), f.typeExpr(d.Type), text(" = "), f.connector(d.Connector))
	if d.UID != nil {
		out = concat(out, text(" uid "), f.src(d.UID))
	}
	return f.clauses(out, d.Connector.EndPos, d.EndPos, d.Clauses)
}

func (f *formatter) sinkDecl(d *SinkDecl) *doc {
	out := concat(text("sink "), f.expr(d.Stream), text(" to "), f.connector(d.Connector))
	if d.ExactlyOnce {
		out = concat(out, text(" exactly once"))
	}
	if d.UID != nil {
		out = concat(out, text(" uid "), f.src(d.UID))
	}
	if d.OnError != nil {
		out = concat(out, text(" "+policy(d.OnError)))
	}
	return f.clauses(out, d.Connector.EndPos, d.EndPos, d.Clauses)
}

// connector lays out a connector, whose parentheses are left out if they are
// empty.
func (f *formatter) connector(c *CallExpr) *doc {
	if len(c.Args) == 0 {
		return f.expr(c.Fun)
	}
	return f.call(c)
}

// clauses adds the block of a source or sink, if it has one.
func (f *formatter) clauses(out *doc, lo, end source.Pos, clauses []SourceClause) *doc {
	if len(clauses) == 0 {
		return out
	}
	items := make([]item, len(clauses))
	for i, c := range clauses {
		items[i] = item{start: c.Span().Start, end: c.Span().End, build: func(*doc) *doc { return f.clause(c) }}
	}
	if last := clauses[len(clauses)-1].Span().End; f.file.Text[end.Offset-1] != '}' {
		end = f.closing(last)
	}
	return concat(out, text(" "), f.braces(lo, end, items, ";"))
}

// closing returns the place after the first "}" from p on that is no part of a
// comment.
func (f *formatter) closing(p source.Pos) source.Pos {
	for p.Offset < len(f.file.Text) {
		switch c := f.file.Text[p.Offset]; {
		case c == '}':
			p.Offset++
			return p
		case c == '/':
			p.Offset = endOfLine(f.file.Text, p.Offset)
			continue
		case c == '\n':
			p.Line++
		}
		p.Offset++
	}
	return p
}

func (f *formatter) clause(c SourceClause) *doc {
	switch c := c.(type) {
	case *EventTimeClause:
		return concat(text("event time "), f.expr(c.Expr))
	case *PolicyClause:
		return text(policy(c))
	case *WatermarkClause:
		out := concat(text("watermark"))
		if c.Lag != nil {
			out = concat(out, text(" lag "), f.expr(c.Lag))
		}
		if c.Lag != nil && c.Idle != nil {
			out = concat(out, text(","))
		}
		if c.Idle != nil {
			out = concat(out, text(" idle after "), f.expr(c.Idle))
		}
		return out
	default:
		panic("lang: unknown clause")
	}
}

func policy(c *PolicyClause) string {
	if c.To != nil {
		return "on " + c.On + " to " + c.To.Text
	}
	return "on " + c.On + " " + c.Action
}

// wire lays out a stream's wiring: on one line if the author has it there and
// it fits, else one step a line.
func (f *formatter) wire(w *WireExpr) *doc {
	head := concat(f.expr(w.Head), f.stepClauses(w.Clauses))
	if len(w.Steps) == 0 {
		return head
	}
	items := make([]item, len(w.Steps))
	for i, s := range w.Steps {
		items[i] = item{start: s.Pos, end: s.EndPos, build: func(*doc) *doc {
			out := concat(text("|> " + name(s.Op)))
			if s.HasArgs {
				out = concat(out, f.args(s.Op.EndPos, stepArgsEnd(s).Offset, s.Args))
			}
			return concat(out, f.stepClauses(s.Clauses))
		}}
	}
	lo := w.Head.Span().End
	docs := f.rows(lo, w.EndPos.Offset, items, "")
	g := group(head, nest(docs...))
	for _, s := range w.Steps {
		g.broken = g.broken || f.stepBreaks(lo, s.Pos)
		lo = s.EndPos
	}
	return g
}

// stepBreaks reports whether the author broke the line before a step, whose
// name stands at next.
func (f *formatter) stepBreaks(prev, next source.Pos) bool {
	return strings.Contains(f.file.Text[prev.Offset:next.Offset], "\n")
}

// stepArgsEnd returns where the clauses of a step begin, or the step ends.
func stepArgsEnd(s *StepExpr) source.Pos {
	end := s.EndPos
	before := func(p source.Pos) {
		if p.Offset < end.Offset {
			end = p
		}
	}
	c := s.Clauses
	if c.UID != nil {
		before(c.UID.Pos)
	}
	for _, w := range c.Was {
		before(w.Pos)
	}
	if c.Retention != nil {
		before(c.Retention.Pos)
	}
	if c.OnError != nil {
		before(c.OnError.Pos)
	}
	return end
}

func (f *formatter) stepClauses(c StepClauses) *doc {
	out := concat()
	if c.UID != nil {
		out = concat(text(" uid "), f.src(c.UID))
	}
	out = f.was(out, c.Was)
	if c.Retention != nil {
		out = concat(out, text(" "), f.retention(c.Retention))
	}
	if c.OnError != nil {
		out = concat(out, text(" "+policy(c.OnError)))
	}
	return out
}

func (f *formatter) retention(c *RetentionClause) *doc {
	switch {
	case c.Forever:
		return text("forever")
	case c.Step:
		return text("retention step")
	}
	out := concat(text("ttl "), f.expr(c.TTL))
	if c.After != "write" {
		out = concat(out, text(" after "+c.After))
	}
	if c.ProcessingTime {
		out = concat(out, text(" processing time"))
	}
	return out
}

func (f *formatter) rekeyDecl(d *RekeyDecl) *doc {
	out := concat(
		text("rekey "), f.src(d.UID), text(" from "), f.typeExpr(d.From), text(" as "+d.As.Text+" => "), f.expr(d.Expr),
	)
	if d.Merge != nil {
		out = concat(out, text(" merge "), f.lambda(d.Merge))
	}
	return out
}

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
