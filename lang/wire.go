package lang

import (
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/lang/source"
)

func (p *parser) streamDecl(doc []string) Decl {
	at := p.i
	p.advance()
	d := &StreamDecl{Doc: doc, Name: p.name("the name of the stream")}
	if !p.expect(assign) {
		return nil
	}
	d.Wire = p.wire()
	d.Range = p.rangeOf(at)
	if d.Name == nil {
		return nil
	}
	return d
}

func (p *parser) fragmentDecl(doc []string) Decl {
	at := p.i
	p.advance()
	d := &FragmentDecl{Doc: doc, Name: p.name("the name of the fragment")}
	d.TypeParams = p.typeParams()
	if p.kind() != lparen {
		p.unexpected(`"("`)
	}
	d.Params = p.params()
	p.expect(arrow)
	d.Result = p.typeExpr()
	p.expect(assign)
	if p.panicking {
		return nil
	}
	d.Wire = p.wire()
	d.Range = p.rangeOf(at)
	return d
}

// wire reads a stream's name, or a step applied to streams, and the steps
// after it.
func (p *parser) wire() *WireExpr {
	at := p.i
	w := &WireExpr{Head: p.postfix(p.operand())}
	w.Clauses = p.stepClauses()
	for p.kind() == step && p.chain(len(w.Steps)+1) {
		p.advance()
		start := p.i
		s := &StepExpr{Op: p.qualified("the name of an operator")}
		p.noTypeArgs()
		if p.kind() == lparen && !p.lineEnds() {
			s.Args, s.HasArgs = p.args(), true
		}
		s.Clauses = p.stepClauses()
		s.Range = p.rangeOf(start)
		if s.Op != nil {
			w.Steps = append(w.Steps, s)
		}
	}
	w.Range = p.rangeOf(at)
	return w
}

// noTypeArgs refuses type arguments of a step, and goes on behind them.
func (p *parser) noTypeArgs() {
	n := p.typeArgsAhead()
	if n == 0 || p.panicking {
		return
	}
	p.warn(p.typeArgsMistake(n, "a step has no type arguments"))
	for range n + 1 {
		p.advance()
	}
}

// stepClauses reads the clauses after a step, in any order.
func (p *parser) stepClauses() StepClauses {
	var c StepClauses
	for p.kind() == ident {
		if p.lineEnds() && !p.clauseAlone() {
			return c
		}
		switch p.text(p.i) {
		case "uid":
			p.once(c.UID != nil)
			p.advance()
			c.UID = p.plain("a uid")
		case "was":
			p.advance()
			c.Was = appendLit(c.Was, p.plain("a former uid"))
		case "ttl", "forever":
			p.once(c.Retention != nil)
			c.Retention = p.retention()
		case "on":
			p.once(c.OnError != nil)
			c.OnError = p.policy()
		default:
			return c
		}
	}
	return c
}

// clauseAlone reports a clause of a step that stands on the next line, where it is
// read all the same.
func (p *parser) clauseAlone() bool {
	if !isStepClause(p.text(p.i)) || p.panicking {
		return false
	}
	p.warn(standsAlone(p.text(p.i), p.span(p.i)))
	return true
}

// isStepClause reports whether a clause of a step begins with w, and no declaration.
func isStepClause(w string) bool { return w == "uid" || w == "was" || w == "ttl" || w == "forever" }

func standsAlone(w string, span source.Span) diag.Diagnostic {
	return diag.Diagnostic{
		Code: UnknownDecl, Span: span, Message: quote(w) + " stands alone on its line",
		Help: "put it at the end of the line above: it belongs to a step there",
	}
}

// once reports the clause that comes next if it stood there already.
func (p *parser) once(again bool) {
	if again && !p.panicking {
		p.warn(diag.Diagnostic{
			Code: Repeated, Span: p.span(p.i), Message: quote(p.text(p.i)) + " stands here a second time",
			Help: "leave one of the two out",
		})
	}
}

// policy reads on error fail, on malformed skip or on error to NAME; nil after
// a mistake.
func (p *parser) policy() *PolicyClause {
	at := p.i
	p.advance()
	c := &PolicyClause{On: "error"}
	if p.isWord("malformed") {
		c.On = "malformed"
	}
	p.expectOneOf("error", "malformed")
	switch {
	case p.isWord("fail"), p.isWord("skip"):
		c.Action = p.text(p.i)
		p.advance()
	case p.isWord("to"):
		p.advance()
		c.Action, c.To = "to", p.name("the name of a stream")
	default:
		p.unexpected(`"fail", "skip" or "to NAME"`)
	}
	c.Range = p.rangeOf(at)
	if p.panicking {
		return nil
	}
	return c
}

// expectOneOf consumes one of two words.
func (p *parser) expectOneOf(a, b string) {
	if !p.isWord(a) && !p.isWord(b) {
		p.unexpected(quote(a) + " or " + quote(b))
		return
	}
	p.advance()
}

// retention reads forever, retention step, or ttl d with what it counts from.
func (p *parser) retention() *RetentionClause {
	at := p.i
	c := &RetentionClause{}
	switch p.text(at) {
	case "forever":
		p.advance()
		c.Forever = true
	case "retention":
		p.advance()
		c.Step = p.expectWord("step")
		if p.isWord("by") {
			p.byWatermark(c)
		}
	default:
		p.ttl(c)
	}
	c.Range = p.rangeOf(at)
	return c
}

// ttl reads ttl 1h after write processing time, or by watermark.
func (p *parser) ttl(c *RetentionClause) {
	p.advance()
	c.TTL, c.After = p.expr(), "write"
	for !p.lineEnds() {
		switch {
		case p.isWord("after"):
			p.advance()
			switch {
			case p.isWord("write"), p.isWord("read"), p.isWord("create"):
				c.After = p.text(p.i)
				p.advance()
			default:
				p.unexpected(`"write", "read" or "create"`)
			}
		case p.isWord("processing"):
			p.advance()
			c.ProcessingTime = p.expectWord("time")
		case p.isWord("by"):
			p.byWatermark(c)
		default:
			return
		}
	}
}

// byWatermark reads by watermark.
func (p *parser) byWatermark(c *RetentionClause) {
	p.advance()
	c.Watermark = p.expectWord("watermark")
}

func (p *parser) sourceDecl(doc []string) Decl {
	at := p.i
	p.advance()
	d := &SourceDecl{Doc: doc, Name: p.name("the name of the source")}
	p.expect(colon)
	d.Type = p.typeExpr()
	p.expect(assign)
	d.Connector = p.connector()
	if d.Name == nil || d.Type == nil || d.Connector == nil {
		return nil
	}
	for !p.panicking && !p.lineEnds() {
		switch {
		case p.isWord("uid"):
			p.once(d.UID != nil)
			p.advance()
			d.UID = p.plain("a uid")
			continue
		case p.kind() == lbrace:
			d.Clauses = append(d.Clauses, p.clauses()...)
			continue
		}
		break
	}
	d.Range = p.rangeOf(at)
	return d
}

func (p *parser) sinkDecl(doc []string) Decl {
	at := p.i
	p.advance()
	d := &SinkDecl{Doc: doc}
	if p.kind() != ident {
		p.unexpected("the name of a stream")
		return nil
	}
	d.Stream = p.postfix(p.operand())
	p.expectWord("to")
	d.Connector = p.connector()
	if p.panicking {
		return nil
	}
	for !p.panicking && !p.lineEnds() {
		switch {
		case p.isWord("exactly"):
			p.once(d.ExactlyOnce)
			p.advance()
			d.ExactlyOnce = p.expectWord("once")
		case p.isWord("uid"):
			p.once(d.UID != nil)
			p.advance()
			d.UID = p.plain("a uid")
		case p.isWord("on"):
			p.once(d.OnError != nil)
			d.OnError = p.policy()
		case p.kind() == lbrace:
			d.Clauses = append(d.Clauses, p.clauses()...)
		default:
			d.Range = p.rangeOf(at)
			return d
		}
	}
	d.Range = p.rangeOf(at)
	return d
}

// connector reads csv("…", delimiter: ";"), or a name alone; nil after a
// mistake.
func (p *parser) connector() *CallExpr {
	at := p.i
	name := p.name("the name of a connector, such as csv or jsonl")
	if name == nil {
		return nil
	}
	c := &CallExpr{Fun: &IdentExpr{Range: name.Range, Name: name.Text}}
	if p.kind() == lparen && !p.lineEnds() {
		c.Args = p.args()
	}
	c.Range = p.rangeOf(at)
	return c
}

const clauseBlock = "the block of a source or sink"

// clauses reads the block of a source or sink.
func (p *parser) clauses() []SourceClause {
	var out []SourceClause
	p.items(false, func() {
		at := p.i
		switch {
		case p.isWord("event"):
			p.advance()
			p.expectWord("time")
			x := p.expr()
			out = append(out, &EventTimeClause{Range: p.rangeOf(at), Expr: x})
		case p.isWord("watermark"):
			out = append(out, p.watermark())
		case p.isWord("on"):
			if c := p.policy(); c != nil {
				out = append(out, c)
			}
		default:
			p.unknownMember(clauseBlock, "event", "watermark", "on")
		}
	})
	return out
}

const lagOrIdle = `"lag" or "idle after"`

// watermark reads watermark lag 5s, idle after 1m.
func (p *parser) watermark() *WatermarkClause {
	at := p.i
	p.advance()
	c := &WatermarkClause{}
	for {
		switch {
		case p.isWord("lag"):
			p.once(c.Lag != nil)
			p.advance()
			c.Lag = p.expr()
		case p.isWord("idle"):
			p.once(c.Idle != nil)
			p.advance()
			p.expectWord("after")
			c.Idle = p.expr()
		default:
			p.unexpected(lagOrIdle)
		}
		if !p.accept(comma) {
			break
		}
	}
	c.Range = p.rangeOf(at)
	return c
}

// unknownMember reports a word that has no meaning in the block where it
// stands; words are those that have one.
func (p *parser) unknownMember(where string, words ...string) {
	if p.kind() != ident {
		p.unexpected(`"}" or one of ` + list(words))
		return
	}
	w := p.text(p.i)
	d := diag.Diagnostic{
		Code: UnknownMember, Span: p.span(p.i), Message: quote(w) + " has no meaning in " + where,
		Help: diag.DidYouMean(w, words),
	}
	if clause := ClauseFor(w); d.Help == "" && where == clauseBlock && clause != "" {
		d.Help = "write it so: " + clause
	}
	if d.Help == "" && where == "an operator" && p.toks[p.i+1].kind == lbrace {
		d.Help = "a handler begins with on: on " + w + " { … }"
	}
	if d.Help == "" {
		d.Help = "what can stand here: " + list(words)
	}
	p.fail(d)
}

// list joins words for a message.
func list(words []string) string {
	out := ""
	for i, w := range words {
		if i > 0 {
			out += ", "
		}
		out += w
	}
	return out
}
