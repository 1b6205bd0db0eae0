package lang

import "github.com/flow-lang/flowc/lang/diag"

// head reads the expression in the head of if, while, for or match.
func (p *parser) head() Expr {
	old := p.mode
	p.mode.head = true
	x := p.expr()
	if p.kind() == assign && !p.lineEnds() {
		p.fail(diag.Diagnostic{
			Code: AssignmentInExpression, Span: p.span(p.i), Message: assignmentMessage,
			Help: `type "==" to compare`,
		})
	}
	p.mode = old
	return x
}

// ifExpr reads if and if let with all its else branches. A chain of them is
// read in a loop, for it may be long.
func (p *parser) ifExpr() Expr {
	p.enter()
	defer p.leave()
	first := &IfExpr{}
	parts := []*IfExpr{first}
	starts := []int{p.i}
	for cur := first; ; {
		p.ifPart(cur)
		if !p.hasElse() || !p.chain(len(parts)) {
			break
		}
		p.advance()
		if !p.isWord("if") {
			cur.Else = p.block()
			break
		}
		next := &IfExpr{}
		starts = append(starts, p.i)
		parts = append(parts, next)
		cur.Else = &Block{Stmts: []Stmt{&ExprStmt{X: next}}}
		cur = next
	}
	for i := len(parts) - 1; i >= 0; i-- {
		parts[i].Range = p.rangeOf(starts[i])
		if i > 0 {
			els := parts[i-1].Else
			els.Range = parts[i].Range
			els.Stmts[0].(*ExprStmt).Range = parts[i].Range
		}
	}
	return first
}

// ifPart reads one if with its condition and first block.
func (p *parser) ifPart(x *IfExpr) {
	p.advance()
	if p.isWord("let") && p.kindAt(1) == ident {
		p.advance()
		x.Let = p.newName("a name")
		p.expect(assign)
	}
	x.Cond = p.head()
	x.Then = p.block()
}

// hasElse reports whether else comes next; one that begins a line is an error.
func (p *parser) hasElse() bool {
	if !p.isWord("else") {
		return false
	}
	if p.lineEnds() && (p.kindAt(1) == lbrace || p.wordAt(1, "if")) {
		p.warn(diag.Diagnostic{
			Code: ElseOnNewLine, Span: p.span(p.i), Message: `"else" begins a line, and so belongs to no "if"`,
			Help: `type "} else {" on one line`,
		})
		return true
	}
	return !p.lineEnds()
}

// matchExpr reads match e { Pattern => body … }.
func (p *parser) matchExpr() Expr {
	at := p.i
	p.advance()
	m := &MatchExpr{X: p.head()}
	p.items(true, func() {
		arm := &MatchArm{}
		start := p.i
		arm.Patterns = append(arm.Patterns, p.pattern())
		for p.kind() == bar && !p.panicking {
			p.advance()
			arm.Patterns = append(arm.Patterns, p.pattern())
		}
		p.expect(fatArrow)
		arm.Body = p.armBody()
		arm.Range = p.rangeOf(start)
		m.Arms = append(m.Arms, arm)
	})
	m.Range = p.rangeOf(at)
	return m
}

// armBody reads what stands after "=>" of a match arm: a block, or an
// expression.
func (p *parser) armBody() Expr {
	if p.kind() == lbrace && !p.beginsRecord(1) {
		at := p.i
		b := p.block()
		return &BlockExpr{Range: p.rangeOf(at), Block: b}
	}
	return p.expr()
}

// statementAsValue reports a statement that begins with the next word, where a
// value must stand.
func (p *parser) statementAsValue(word string) {
	d := diag.Diagnostic{Code: StatementAsValue, Span: p.span(p.i), Message: quote(word) + " is a statement and gives no value"}
	if p.i > 0 && p.toks[p.i-1].kind == fatArrow {
		d.Help = "put it in braces: => { " + word + " … }"
	}
	p.fail(d)
}
