package lang

// testDecl reads test "…" { … }.
func (p *parser) testDecl() Decl {
	at := p.i
	p.advance()
	d := &TestDecl{Name: p.plain("the name of the test")}
	p.items(false, func() {
		if s := p.testStep(); s != nil {
			d.Steps = append(d.Steps, s)
		}
	})
	d.Range = p.rangeOf(at)
	if d.Name == nil {
		return nil
	}
	return d
}

// testStep reads one line of a test; nil after a mistake.
func (p *parser) testStep() TestStep {
	at := p.i
	switch {
	case p.kind() == ident && p.kindAt(1) == feed:
		s := &TestFeed{Stream: p.name("a stream")}
		p.advance()
		s.Value = p.expr()
		s.Range = p.rangeOf(at)
		return s
	case p.isWord("watermark"):
		p.advance()
		s := &TestWatermark{At: p.expr()}
		s.Range = p.rangeOf(at)
		return s
	case p.isWord("advance"):
		p.advance()
		s := &TestClock{By: p.expr()}
		s.Range = p.rangeOf(at)
		return s
	case p.isWord("expect"):
		return p.testExpect()
	case p.isWord("let"), p.isWord("var"):
		if let, ok := p.letStmt().(*LetStmt); ok {
			return &TestLet{Range: let.Range, Let: let}
		}
		return nil
	}
	p.unknownMember("a test", "expect", "watermark", "advance", "let")
	return nil
}

// testExpect reads expect STREAM == v or expect state "uid/state"[key] == v,
// where a second bracket names an entry.
func (p *parser) testExpect() TestStep {
	at := p.i
	p.advance()
	s := &TestExpect{}
	if p.isWord("state") && (p.kindAt(1) == stringLit || p.kindAt(1) == rawString) {
		p.advance()
		s.State = p.plain("a state")
		old := p.bracket(lbrack)
		s.Key = p.expr()
		p.close(rbrack, old, "")
		if p.kind() == lbrack {
			old := p.bracket(lbrack)
			s.Entry = p.expr()
			p.close(rbrack, old, "")
		}
	} else {
		s.X = p.binary(bindIn)
	}
	s.Op = "=="
	switch p.kind() {
	case equal:
		p.advance()
	case notEqual:
		s.Op = "!="
		p.advance()
	default:
		p.unexpected(`"==" or "!="`)
	}
	s.Want = p.expr()
	s.Range = p.rangeOf(at)
	return s
}
