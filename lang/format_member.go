package lang

import (
	"sort"

	"github.com/flow-lang/flowc/lang/source"
)

func (f *formatter) operatorDecl(d *OperatorDecl) *doc {
	lo := d.Name.EndPos
	head := concat(text("operator " + d.Name.Text + typeParams(d.TypeParams)))
	if n := len(d.Params); n > 0 {
		last := d.Params[n-1].EndPos
		head = concat(head, f.params(lo, f.paren(last).Offset, d.Params))
		lo = f.paren(last)
	}
	items := make([]item, len(d.Members))
	for i, m := range d.Members {
		items[i] = item{start: m.Span().Start, end: m.Span().End, documented: true, build: func(*doc) *doc { return f.member(m) }}
	}
	return concat(head, text(" "), f.braces(lo, d.EndPos, items, ";"))
}

// paren returns the place of the first ")" from p on that is no part of a
// comment.
func (f *formatter) paren(p source.Pos) source.Pos {
	for p.Offset < len(f.file.Text) && f.file.Text[p.Offset] != ')' {
		switch f.file.Text[p.Offset] {
		case '/':
			p.Offset = endOfLine(f.file.Text, p.Offset)
			continue
		case '\n':
			p.Line++
		}
		p.Offset++
	}
	return p
}

// member lays out a line or block of an operator.
func (f *formatter) member(m Member) *doc {
	switch m := m.(type) {
	case *InDecl:
		return f.inDecl(m)
	case *OutDecl:
		if m.Name != nil {
			return concat(text("out "+m.Name.Text+": "), f.typeExpr(m.Type))
		}
		return concat(text("out "), f.typeExpr(m.Type))
	case *StateDecl:
		return f.stateDecl(m, nil)
	case *TimerDecl:
		return f.timerDecl(m)
	case *HandlerDecl:
		head := "on " + m.Name.Text
		if m.Index != nil {
			head += "[" + m.Index.Text + "]"
		}
		return concat(text(head+" "), f.block(m.Body))
	case *TypeAliasDecl:
		return concat(text("type "+m.Name.Text+" = "), f.typeExpr(m.Type))
	case *RequireDecl:
		return concat(text("require "), f.expr(m.Cond), text(", "), f.src(m.Message))
	case *PolicyClause:
		return text(policy(m))
	case *FuncDecl:
		return f.funcDecl(m)
	default:
		panic("lang: unknown member of an operator")
	}
}

// inDecl lays out an input; its name stands below those of the outputs.
func (f *formatter) inDecl(d *InDecl) *doc {
	out := concat(text("in  "+d.Name.Text+": "), f.typeExpr(d.Type))
	switch {
	case d.Key != nil:
		return concat(out, text(" key "), f.expr(d.Key))
	case d.Kind == BroadcastIn:
		return concat(out, text(" broadcast"))
	case d.Kind == MessageIn:
		out = concat(out, text(" message"))
		if d.Wire != nil {
			out = concat(out, f.labelled(d.Wire))
		}
	}
	return out
}

// stateDecl lays out a state with its clauses in the order in which they stand.
func (f *formatter) stateDecl(d *StateDecl, pad *doc) *doc {
	out := concat(text("state"), pad, text(" "+d.Name.Text+": "))
	if d.Broadcast {
		out = concat(out, text("broadcast "))
	}
	out = concat(out, f.typeExpr(d.Type))
	if d.Init != nil {
		out = concat(out, text(" = "), f.expr(d.Init))
	}
	type clause struct {
		at  int
		doc *doc
	}
	var clauses []clause
	if c := d.Retention; c != nil {
		clauses = append(clauses, clause{c.Pos.Offset, f.retention(c)})
	}
	if c := d.Queryable; c != nil {
		clauses = append(clauses, clause{c.Pos.Offset, concat(text("queryable "), f.src(c))})
	}
	if c := d.QueryableAs; c != nil {
		clauses = append(clauses, clause{c.Pos.Offset, text("queryable " + c.Text)})
	}
	for _, c := range d.Was {
		clauses = append(clauses, clause{c.Pos.Offset, concat(text("was "), f.src(c))})
	}
	if c := d.Migrate; c != nil {
		from := concat(text("migrate from "), f.typeExpr(c.From), text(" as "+c.As.Text+" => "), f.expr(c.Expr))
		clauses = append(clauses, clause{c.Pos.Offset, from})
	}
	sort.Slice(clauses, func(i, j int) bool { return clauses[i].at < clauses[j].at })
	for _, c := range clauses {
		out = concat(out, text(" "), c.doc)
	}
	return out
}

func (f *formatter) timerDecl(d *TimerDecl) *doc {
	out := concat(text("timer " + d.Name.Text))
	switch {
	case d.IndexType != nil:
		out = concat(out, text("["), f.typeExpr(d.IndexType), text("]"))
	case d.EntryValue != nil:
		out = concat(out, text("["+d.EntryKey.Text+", "+d.EntryValue.Text+" in "+d.EntryState.Text+"]"))
	case d.EntryKey != nil:
		out = concat(out, text("["+d.EntryKey.Text+" in "+d.EntryState.Text+"]"))
	}
	if d.Processing {
		out = concat(out, text(": processing time"))
	} else {
		out = concat(out, text(": event time"))
	}
	if d.At != nil {
		out = concat(out, text(" at "), f.expr(d.At))
	}
	return f.was(out, d.Was)
}

// aggregateDecl lays out an aggregate, its parts in the order in which they
// stand.
func (f *formatter) aggregateDecl(d *AggregateDecl) *doc {
	head := concat(
		text("aggregate "+d.Name.Text+typeParams(d.TypeParams)), f.params(d.Name.EndPos, d.ResultType.Pos.Offset, d.Params),
		text(" -> "), f.typeExpr(d.ResultType), text(" "),
	)
	var items []item
	for _, s := range d.States {
		items = append(items, item{start: s.Pos, end: s.EndPos, documented: true, build: func(*doc) *doc { return f.stateDecl(s, nil) }})
	}
	if b := d.Add; b != nil {
		items = append(items, item{start: b.Pos, end: b.EndPos, build: func(*doc) *doc { return concat(text("add "), f.block(b)) }})
	}
	if b := d.Merge; b != nil {
		items = append(items, item{start: d.MergeName.Pos, end: b.EndPos, build: func(*doc) *doc {
			return concat(text("merge "+d.MergeName.Text+" "), f.block(b))
		}})
	}
	if x := d.Result; x != nil {
		items = append(items, item{start: x.Span().Start, end: x.Span().End, build: func(*doc) *doc { return concat(text("result = "), f.expr(x)) }})
	}
	for _, fn := range d.Funcs {
		items = append(items, item{start: fn.Pos, end: fn.EndPos, documented: true, build: func(*doc) *doc { return f.funcDecl(fn) }})
	}
	sort.Slice(items, func(i, j int) bool { return items[i].start.Offset < items[j].start.Offset })
	return concat(head, f.braces(d.ResultType.EndPos, d.EndPos, items, ";"))
}

// remoteDecl lays out a remote function.
func (f *formatter) remoteDecl(d *RemoteDecl) *doc {
	var items []item
	for _, s := range d.Settings {
		items = append(items, item{start: s.Pos, end: s.EndPos, width: len(s.Name.Text), build: func(pad *doc) *doc { return f.setting(s, pad) }})
	}
	for _, s := range d.States {
		items = append(items, item{start: s.Pos, end: s.EndPos, width: len("state"), documented: true, build: func(pad *doc) *doc { return f.stateDecl(s, pad) }})
	}
	sort.Slice(items, func(i, j int) bool { return items[i].start.Offset < items[j].start.Offset })
	head := concat(text("remote "+d.Name.Text+": "), f.typeExpr(d.In), text(" -> "), f.typeExpr(d.Out), text(" "))
	return concat(head, f.braces(d.Out.EndPos, d.EndPos, items, ";"))
}

// setting lays out a setting of a remote function, whose words stand before or
// behind its values as the author has them.
func (f *formatter) setting(s *RemoteSetting, pad *doc) *doc {
	out := concat(text(s.Name.Text), pad)
	for i, v := range s.Values {
		if i > 0 {
			out = concat(out, text(","))
		}
		out = concat(out, f.labelled(v))
	}
	return out
}

// labelled lays out a value with words before or behind it, and a space before.
func (f *formatter) labelled(v *Arg) *doc {
	switch {
	case v.Label == "":
		return concat(text(" "), f.expr(v.Value))
	case v.LabelSpan.Start.Offset < v.Value.Span().Start.Offset:
		return concat(text(" "+v.Label+" "), f.expr(v.Value))
	default:
		return concat(text(" "), f.expr(v.Value), text(" "+v.Label))
	}
}
