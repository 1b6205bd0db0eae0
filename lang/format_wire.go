package lang

import (
	"strings"

	"github.com/flow-lang/flowc/lang/source"
)

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
		if f.stepBreaks(lo, s.Pos) {
			g = broken(g)
		}
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
	case c.Step && c.Watermark:
		return text("retention step by watermark")
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
	if c.Watermark {
		out = concat(out, text(" by watermark"))
	}
	return out
}
