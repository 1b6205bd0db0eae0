package lang

import "github.com/flow-lang/flowc/lang/source"

// operand reads what an expression begins with.
func (p *parser) operand() Expr {
	at := p.i
	switch p.kind() {
	case number:
		return p.numberLit()
	case stringLit, stringHead, rawString:
		return p.stringLit()
	case bytesLit:
		return p.bytesLit()
	case timestampLit:
		return p.timestampLit()
	case badString:
		p.advance()
		return &BadExpr{p.rangeOf(at)}
	case lbrack:
		return p.listOrMap()
	case lbrace:
		if p.mode.head && !p.beginsRecord(1) {
			break // the block, before which the expression is missing
		}
		fields := p.fieldInits()
		return &RecordLit{Range: p.rangeOf(at), Fields: fields}
	case lparen:
		if p.beginsLambda() {
			return p.lambda()
		}
		return p.paren()
	case ident:
		return p.wordOperand()
	}
	p.unexpected("an expression")
	return &BadExpr{Range{Pos: p.startOf(at), EndPos: p.startOf(at)}}
}

// wordOperand reads an operand that begins with a word.
func (p *parser) wordOperand() Expr {
	at := p.i
	if p.kindAt(1) == fatArrow {
		return p.lambda()
	}
	if t := p.toks[at]; t.first && len(p.open) > 0 && p.startOf(at).Column == 1 && p.declAt(at) {
		p.unexpected("an expression")
		return &BadExpr{Range{Pos: p.startOf(at), EndPos: p.startOf(at)}}
	}
	switch w := p.text(at); w {
	case "if":
		return p.ifExpr()
	case "match":
		return p.matchExpr()
	case "true", "false":
		p.advance()
		return &BoolLit{Range: p.rangeOf(at), Value: w == "true"}
	case "none":
		p.advance()
		return &NoneLit{p.rangeOf(at)}
	default:
		if p.beginsStmt() {
			p.statementAsValue(w)
			p.advance()
			return &BadExpr{p.rangeOf(at)}
		}
		p.advance()
		return &IdentExpr{Range: p.rangeOf(at), Name: w}
	}
}

// paren reads (x).
func (p *parser) paren() Expr {
	at := p.i
	old := p.bracket(lparen)
	x := p.expr()
	p.close(rparen, old, "")
	return &ParenExpr{Range: p.rangeOf(at), X: x}
}

// listOrMap reads [1, 2], ["a": 1] or [:].
func (p *parser) listOrMap() Expr {
	at := p.i
	old := p.bracket(lbrack)
	if p.kind() == colon && p.kindAt(1) == rbrack {
		p.advance()
		p.close(rbrack, old, "")
		return &MapLit{Range: p.rangeOf(at)}
	}
	var elems []Expr
	var entries []*MapEntry
	for p.kind() != rbrack && !p.panicking {
		x := p.expr()
		if len(elems) == 0 && p.accept(colon) || len(entries) > 0 && p.expect(colon) {
			v := p.expr()
			entries = append(entries, &MapEntry{Range: p.rangeFrom(x.Span().Start), Key: x, Value: v})
		} else {
			elems = append(elems, x)
		}
		if !p.accept(comma) {
			break
		}
	}
	p.close(rbrack, old, `"," or `)
	if len(entries) > 0 {
		return &MapLit{Range: p.rangeOf(at), Entries: entries}
	}
	return &ListLit{Range: p.rangeOf(at), Elems: elems}
}

// index reads [i] or a range, of which both ends may be missing.
func (p *parser) index() Expr {
	old := p.bracket(lbrack)
	at := p.i
	var x Expr
	if p.kind() != dotdot {
		x = p.expr()
	}
	if p.kind() == dotdot {
		p.advance()
		var to Expr
		if p.kind() != rbrack {
			to = p.expr()
		}
		x = &RangeExpr{Range: p.rangeOf(at), From: x, To: to}
	}
	p.close(rbrack, old, "")
	return x
}

// args reads the arguments of a call or step, with their parentheses.
func (p *parser) args() []*Arg {
	old := p.bracket(lparen)
	var args []*Arg
	for p.kind() != rparen && !p.panicking {
		args = append(args, p.arg())
		if !p.accept(comma) {
			break
		}
	}
	p.close(rparen, old, `"," or `)
	return args
}

// arg reads one argument, which may have a name of several words.
func (p *parser) arg() *Arg {
	at := p.i
	a := &Arg{}
	words := 0
	for p.kindAt(words) == ident {
		words++
	}
	if words > 0 && p.kindAt(words) == colon {
		a.LabelSpan = source.Span{Start: p.startOf(at), End: p.endOf(at + words - 1)}
		for i := range words {
			if i > 0 {
				a.Label += " "
			}
			a.Label += p.text(at + i)
		}
		for range words + 1 {
			p.advance()
		}
	}
	a.Value = p.rangeOrExpr()
	a.Range = p.rangeOf(at)
	return a
}

// rangeOrExpr reads an expression or a..b.
func (p *parser) rangeOrExpr() Expr {
	x := p.expr()
	if p.kind() != dotdot {
		return x
	}
	p.advance()
	to := p.expr()
	return &RangeExpr{Range: p.rangeFrom(x.Span().Start), From: x, To: to}
}

// fieldInits reads { a: 1, b: "x" }.
func (p *parser) fieldInits() []*FieldInit {
	var fields []*FieldInit
	p.items(true, func() {
		at := p.i
		name := p.name("the name of a field")
		if name == nil || !p.expect(colon) {
			return
		}
		x := p.expr()
		fields = append(fields, &FieldInit{Range: p.rangeOf(at), Name: name, Value: x})
	})
	return fields
}

// beginsLambda reports whether the "(" that comes next begins a lambda's
// parameters.
func (p *parser) beginsLambda() bool {
	switch {
	case p.kindAt(1) == rparen:
		return true
	case p.kindAt(1) != ident:
		return false
	case p.kindAt(2) == colon || p.kindAt(2) == comma:
		return true
	default:
		return p.kindAt(2) == rparen && p.kindAt(3) == fatArrow
	}
}

// lambda reads x => e or (a, b: int) => e.
func (p *parser) lambda() *LambdaExpr {
	at := p.i
	l := &LambdaExpr{}
	if p.kind() == lparen {
		old := p.bracket(lparen)
		for p.kind() != rparen && !p.panicking {
			if param := p.lambdaParam(); param.Name != nil {
				l.Params = append(l.Params, param)
			}
			if !p.accept(comma) {
				break
			}
		}
		p.close(rparen, old, `"," or `)
	} else {
		l.Params = append(l.Params, p.lambdaParam())
	}
	p.expect(fatArrow)
	p.enter()
	l.Body = p.expr()
	p.leave()
	l.Range = p.rangeOf(at)
	return l
}

func (p *parser) lambdaParam() *LambdaParam {
	at := p.i
	param := &LambdaParam{Name: p.newName("the name of a parameter")}
	if p.kind() == colon {
		p.advance()
		param.Type = p.typeExpr()
	}
	param.Range = p.rangeOf(at)
	return param
}
