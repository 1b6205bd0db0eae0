package lang

import "unicode"

// pattern reads what an arm of match looks for. After a mistake it is a
// WildcardPattern.
func (p *parser) pattern() Pattern {
	at := p.i
	switch p.kind() {
	case number, minus, stringLit, rawString, stringHead, bytesLit, timestampLit:
		return p.literalPattern()
	case ident:
	default:
		p.unexpected("a pattern")
		return &WildcardPattern{Range{Pos: p.startOf(at), EndPos: p.startOf(at)}}
	}
	switch p.text(at) {
	case "_":
		p.advance()
		return &WildcardPattern{p.rangeOf(at)}
	case "none":
		p.advance()
		return &NonePattern{p.rangeOf(at)}
	case "true", "false":
		// An operand would take the word for a lambda's parameter, because of the
		// "=>" that follows.
		p.advance()
		return &LiteralPattern{Range: p.rangeOf(at), Value: &BoolLit{Range: p.rangeOf(at), Value: p.text(at) == "true"}}
	}
	return p.namePattern()
}

// literalPattern reads a literal, with its sign if it has one.
func (p *parser) literalPattern() Pattern {
	at := p.i
	if p.kind() == stringHead {
		lit := p.plain("a pattern")
		return &LiteralPattern{Range: p.rangeOf(at), Value: lit}
	}
	var x Expr
	if p.kind() == minus {
		p.advance()
		if p.kind() != number {
			p.unexpected("a number")
		}
		x = &UnaryExpr{Op: "-", X: p.operand(), Range: p.rangeOf(at)}
	} else {
		x = p.operand()
	}
	return &LiteralPattern{Range: p.rangeOf(at), Value: x}
}

// namePattern reads an enum's symbol, a union's member with or without a name,
// or a name that binds the value.
func (p *parser) namePattern() Pattern {
	at := p.i
	first := p.name("a name")
	if p.kind() != dot {
		if p.kind() == ident && !p.lineEnds() {
			t := &Name{Range: first.Range, Ident: first}
			return &MemberPattern{Type: t, Bind: p.name("a name"), Range: p.rangeOf(at)}
		}
		if unicode.IsUpper(rune(first.Text[0])) {
			return &MemberPattern{Range: p.rangeOf(at), Type: &Name{Range: first.Range, Ident: first}}
		}
		return &BindPattern{Range: p.rangeOf(at), Name: first}
	}
	p.advance()
	second := p.name("the symbol of an enum")
	if second == nil {
		return &WildcardPattern{p.rangeOf(at)}
	}
	if p.kind() == dot {
		t := &Name{Range: p.rangeOf(at), Qualifier: first, Ident: second}
		p.advance()
		if symbol := p.name("the symbol of an enum"); symbol != nil {
			return &EnumPattern{Range: p.rangeOf(at), Type: t, Symbol: symbol}
		}
		return &WildcardPattern{p.rangeOf(at)}
	}
	if p.kind() == ident && !p.lineEnds() {
		t := &Name{Range: p.rangeOf(at), Qualifier: first, Ident: second}
		return &MemberPattern{Type: t, Bind: p.name("a name"), Range: p.rangeOf(at)}
	}
	return &EnumPattern{Range: p.rangeOf(at), Type: &Name{Range: first.Range, Ident: first}, Symbol: second}
}
