package typecheck

import (
	"strings"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// sourceInfo is a source with the place of its uid.
type sourceInfo struct {
	source *ir.Source
	span   source.Span
}

// sinkInfo is a sink with the place of its uid, or of its stream's name.
type sinkInfo struct {
	sink  *ir.Sink
	span  source.Span
	given bool // whether the uid was written
}

// checkSources checks every source of the pipeline.
func (c *checker) checkSources() {
	for _, e := range c.main.order {
		if d, ok := e.decl.(*lang.SourceDecl); ok {
			c.checkSource(e, d)
		}
	}
}

func (c *checker) checkSource(e *entry, d *lang.SourceDecl) {
	s := &ir.Source{Name: e.name, UID: e.name, Doc: d.Doc, Pos: d.Name.Pos}
	info := &sourceInfo{s, d.Name.Span()}
	if d.UID != nil {
		s.UID, info.span = constantText(d.UID), d.UID.Span()
	}
	elem := c.valueType(&scope{mod: c.main}, d.Type)
	elem = c.rowType(d.Type.Span(), elem)
	s.Out = &ir.Stream{Name: e.name, Elem: elem, Pos: d.Name.Pos, Source: s}
	s.Connector = c.connect(c.main, d.Connector, false)
	c.csvRows(s.Connector, elem, d.Type.Span())
	c.sourceClauses(s, d.Clauses)
	e.wire = &wired{main: s.Out, op: e.name}
	if isInvalid(elem) {
		e.wire = &wired{bad: true}
	}
	c.sources = append(c.sources, info)
	c.prog.Sources = append(c.prog.Sources, s)
}

// rowType checks that a source gives, or a sink takes, records.
func (c *checker) rowType(span source.Span, t types.Type) types.Type {
	switch t.(type) {
	case *types.Record, *types.Union:
		return t
	}
	if !isInvalid(t) {
		c.add(mistake(TypeMismatch, span, "a stream to or from outside has records, not %s", t).
			help("put the value into a record: map(x => { value: x })"))
	}
	return invalidType
}

// csvRows checks that the records fit cells.
func (c *checker) csvRows(conn *ir.Connector, t types.Type, span source.Span) {
	if conn == nil || conn.Name != "csv" {
		return
	}
	r, ok := t.(*types.Record)
	if !ok {
		if !isInvalid(t) {
			c.add(mistake(TypeMismatch, span, "the rows of csv are records, and %s is a union", t).help("use jsonl"))
		}
		return
	}
	for _, f := range r.Fields {
		switch elemOf(f.Type).(type) {
		case *types.Basic, *types.Decimal, *types.Enum:
			continue
		}
		c.add(mistake(TypeMismatch, span, "a cell of csv holds one value, and the field %s of %s is %s", f.Name, r, f.Type).
			note(f.Origin, "%s is declared here", f.Name).help("use jsonl, or give the parts fields of their own"))
	}
}

// sourceClauses checks the block of a source.
func (c *checker) sourceClauses(s *ir.Source, clauses []lang.SourceClause) {
	seen := map[string]source.Span{}
	once := func(what string, n lang.Node) bool {
		if old, twice := seen[what]; twice {
			c.add(mistake(DuplicateName, n.Span(), "%q stands twice", what).note(old, "the first is here").help("leave out one of the two"))
			return false
		}
		seen[what] = n.Span()
		return true
	}
	for _, cl := range clauses {
		switch cl := cl.(type) {
		case *lang.EventTimeClause:
			if once("event time", cl) {
				s.EventTime = c.eventTime(cl, s.Out.Elem)
			}
		case *lang.WatermarkClause:
			if once("watermark", cl) {
				s.Lag = c.constantDuration(cl.Lag, "the lag")
				s.Idle = c.constantDuration(cl.Idle, "the time after which a source is idle")
			}
		case *lang.PolicyClause:
			if !once("on "+cl.On, cl) {
				continue
			}
			if cl.On == "malformed" {
				s.OnMalformed = c.policy(cl, stringType)
			} else {
				s.OnError = c.policy(cl, s.Out.Elem)
			}
		}
	}
}

// eventTime checks event time at, and event time r => r.at.
func (c *checker) eventTime(cl *lang.EventTimeClause, elem types.Type) *ir.Lambda {
	if isInvalid(elem) {
		return nil
	}
	k := &coder{c, &frame{kind: pureCode, what: "an event time"}, &scope{mod: c.main}}
	id, ok := cl.Expr.(*lang.IdentExpr)
	if !ok {
		f := &types.Func{Params: []types.Type{elem}, Result: timestampType}
		cl2 := k.closure(cl.Expr, f, "an event time")
		if cl2 == nil {
			return nil
		}
		if l := k.open(cl2, cl.Expr.Span()); l != nil {
			return &l.Lambda
		}
		return nil
	}
	r, isRecord := elem.(*types.Record)
	if !isRecord {
		c.add(mistake(TypeMismatch, id.Span(), "%s has no fields", elem).help("write a lambda: event time e => match e { … }"))
		return nil
	}
	l := &ir.Local{Name: "r", Type: elem, Pos: id.Pos}
	i := r.FieldIndex(id.Name)
	if i < 0 {
		k.unknownField(&lang.Ident{Range: id.Range, Text: id.Name}, r)
		return nil
	}
	field := &ir.FieldOf{Base: base(r.Fields[i].Type, id.Span()), X: &ir.LocalRef{Base: base(elem, id.Span()), Local: l}, Index: i}
	body := k.convert(field, timestampType, id.Span(), "the event time")
	return &ir.Lambda{Params: []*ir.Local{l}, Body: body, Pos: id.Pos}
}

// constantDuration checks a duration that must be known at compile time; it
// gives 0 if e is nil.
func (c *checker) constantDuration(e lang.Expr, what string) int64 {
	if e == nil {
		return 0
	}
	k := &coder{c, &frame{kind: pureCode, what: "a watermark"}, &scope{mod: c.main}}
	v := k.constantOf(e, durationType, what)
	d, ok := v.(*ir.IntConst)
	if !ok {
		return 0
	}
	if d.Value < 0 {
		c.add(mistake(NumberRange, e.Span(), "%s cannot be negative", what).help("write 0s or more"))
		return 0
	}
	return d.Value
}

// checkSinks checks every sink of the pipeline.
func (c *checker) checkSinks() {
	for _, d := range c.main.file.Decls {
		if d, ok := d.(*lang.SinkDecl); ok {
			c.checkSink(d)
		}
	}
	c.drain()
}

// sinkStream resolves what a sink writes; nil if that is wrong. Its policies
// are noted once.
func (c *checker) sinkStream(d *lang.SinkDecl) *ir.Stream {
	if s, known := c.sinkStreams[d]; known {
		return s
	}
	k := &coder{c, &frame{kind: pureCode, what: "a sink"}, &scope{mod: c.main}}
	w := &wiring{coder: k}
	out := w.streamRef(d.Stream)
	s := w.mainOf(out, d.Stream.Span())
	c.sinkStreams[d] = s
	return s
}

func (c *checker) checkSink(d *lang.SinkDecl) {
	name := streamText(d.Stream)
	sink := &ir.Sink{Name: name, UID: name, Doc: d.Doc, ExactlyOnce: d.ExactlyOnce, Pos: d.Stream.Span().Start}
	info := &sinkInfo{sink: sink, span: d.Stream.Span()}
	if d.UID != nil {
		sink.UID, info.span, info.given = constantText(d.UID), d.UID.Span(), true
	}
	sink.In = c.sinkStream(d)
	sink.Connector = c.connect(c.main, d.Connector, true)
	if sink.In != nil {
		t := c.rowType(d.Stream.Span(), sink.In.Elem)
		c.csvRows(sink.Connector, t, d.Stream.Span())
	}
	c.sinkClauses(sink, d)
	if d.ExactlyOnce && toStdout(sink.Connector) {
		c.add(mistake(ExactlyOnceStdout, d.Connector.Span(), "standard output cannot be written exactly once: what was printed cannot be taken back").
			help("leave out \"exactly once\", or write to a file"))
	}
	if sink.In == nil || sink.Connector == nil {
		return
	}
	c.sinks = append(c.sinks, info)
	c.prog.Sinks = append(c.prog.Sinks, sink)
}

func toStdout(conn *ir.Connector) bool {
	if conn == nil {
		return false
	}
	path, ok := conn.Args["path"].(*ir.StringConst)
	return ok && path.Value == ir.StdPath
}

// sinkClauses checks the policies of a sink.
func (c *checker) sinkClauses(sink *ir.Sink, d *lang.SinkDecl) {
	policies := policiesOf(d)
	for _, cl := range d.Clauses {
		if p, ok := cl.(*lang.PolicyClause); !ok {
			c.add(mistake(Misplaced, cl.Span(), "a sink has no %s", strings.TrimSpace(clauseName(cl))).help("it stands at the source"))
		} else if p.On == "malformed" {
			c.add(mistake(Misplaced, p.Span(), "a sink has no malformed input").help("write on error %s", p.Action))
			return
		}
	}
	if len(policies) == 0 || sink.In == nil {
		return
	}
	if len(policies) > 1 {
		c.add(mistake(DuplicateName, policies[1].Span(), "the sink has two error policies").
			note(policies[0].Span(), "the first is here").help("leave out one of the two"))
	}
	sink.OnError = c.policy(policies[0], sink.In.Elem)
}

func clauseName(cl lang.SourceClause) string {
	if _, ok := cl.(*lang.WatermarkClause); ok {
		return "watermark"
	}
	return "event time"
}
