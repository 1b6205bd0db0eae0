package lang

import (
	"slices"

	"github.com/flow-lang/flowc/lang/diag"
)

// block reads statements in braces.
func (p *parser) block() *Block {
	at := p.i
	b := &Block{}
	p.items(false, func() {
		if s := p.stmt(); s != nil {
			b.Stmts = append(b.Stmts, s)
		}
	})
	b.Range = p.rangeOf(at)
	return b
}

// stmtAt reports whether the next word is the keyword of a statement here, and
// not a name: what follows a name would be an assignment or a field.
func (p *parser) stmtAt() bool {
	if p.kind() != ident || p.lineEndsAt(1) {
		return p.kind() == ident
	}
	switch p.kindAt(1) {
	case assign, addAssign, subAssign, mulAssign, divAssign, modAssign, dot, questionDot:
		return false
	}
	return true
}

// beginsStmt reports whether a statement stands where a value must.
func (p *parser) beginsStmt() bool {
	if p.kind() != ident || p.lineEndsAt(1) {
		return false
	}
	switch p.text(p.i) {
	case "emit", "fail", "return", "send", "let", "var", "clear":
	default:
		return false
	}
	switch p.kindAt(1) {
	case ident:
		return !slices.Contains(clauseWords[:], p.text(p.i+1))
	case number, stringLit, stringHead, rawString, bytesLit, timestampLit:
		return true
	}
	return false
}

// clauseWords are the words that may stand after an expression on its line.
var clauseWords = [...]string{
	"with", "in", "at", "after", "uid", "was", "ttl", "forever", "on", "to", "key", "broadcast", "message", "migrate",
	"queryable", "retention", "processing", "by", "merge", "json",
}

// stmt reads one statement; nil if nothing of it can be used.
func (p *parser) stmt() Stmt {
	at := p.i
	if !p.stmtAt() {
		return p.exprStmt()
	}
	switch p.text(at) {
	case "let", "var":
		return p.letStmt()
	case "for":
		return p.forStmt()
	case "while":
		p.advance()
		s := &WhileStmt{Cond: p.head()}
		s.Body = p.block()
		s.Range = p.rangeOf(at)
		return s
	case "emit":
		return p.emitStmt()
	case "send":
		return p.sendStmt()
	case "clear":
		p.advance()
		s := &ClearStmt{}
		if p.kind() == ident && !p.lineEnds() {
			s.State = p.name("the name of a state")
		}
		s.Range = p.rangeOf(at)
		return s
	case "fail":
		p.advance()
		s := &FailStmt{Reason: p.expr()}
		s.Range = p.rangeOf(at)
		return s
	case "return":
		p.advance()
		s := &ReturnStmt{}
		if !p.lineEnds() && p.kind() != rbrace && p.kind() != semi {
			s.Value = p.expr()
		}
		s.Range = p.rangeOf(at)
		return s
	}
	return p.wordStmt()
}

// wordStmt reads a statement of one word, or an expression.
func (p *parser) wordStmt() Stmt {
	at := p.i
	if p.kindAt(1) != rbrace && p.kindAt(1) != semi && !p.lineEndsAt(1) {
		return p.exprStmt()
	}
	switch p.text(at) {
	case "drop":
		p.advance()
		return &DropStmt{p.rangeOf(at)}
	case "break":
		p.advance()
		return &BreakStmt{p.rangeOf(at)}
	case "continue":
		p.advance()
		return &ContinueStmt{p.rangeOf(at)}
	}
	return p.exprStmt()
}

// exprStmt reads an expression or an assignment.
func (p *parser) exprStmt() Stmt {
	at := p.i
	x := p.expr()
	if !p.lineEnds() {
		switch p.kind() {
		case assign, addAssign, subAssign, mulAssign, divAssign, modAssign:
			op := p.text(p.i)
			p.advance()
			value := p.expr()
			return &AssignStmt{Range: p.rangeOf(at), Target: x, Op: op, Value: value}
		}
	}
	return &ExprStmt{Range: p.rangeOf(at), X: x}
}

// letStmt reads let x: T = e or var x = e.
func (p *parser) letStmt() Stmt {
	at := p.i
	s := &LetStmt{Var: p.isWord("var")}
	p.advance()
	s.Name = p.newName("a name")
	if s.Name == nil {
		return nil
	}
	if p.kind() == colon {
		p.advance()
		s.Type = p.typeExpr()
	}
	p.expect(assign)
	s.Value = p.expr()
	s.Range = p.rangeOf(at)
	return s
}

// forStmt reads for x in xs { … } or for k, v in m { … }.
func (p *parser) forStmt() Stmt {
	at := p.i
	p.advance()
	s := &ForStmt{Value: p.newName("a name")}
	if p.kind() == comma {
		p.advance()
		s.Key, s.Value = s.Value, p.newName("a name")
	}
	p.expectWord("in")
	s.In = p.head()
	s.Body = p.block()
	s.Range = p.rangeOf(at)
	if s.Value == nil {
		return nil
	}
	return s
}

// emitStmt reads emit v, emit bad v, emit v at t. The word after emit names an
// output if the operator declares one so; two words one after the other can
// mean nothing else either.
func (p *parser) emitStmt() Stmt {
	at := p.i
	p.advance()
	s := &EmitStmt{}
	if p.kind() == ident && (p.outs[p.text(p.i)] || p.kindAt(1) == ident && !p.lineEndsAt(1) && !p.joins(1)) {
		s.Out = p.name("an output")
		if p.lineEnds() || p.kind() == rbrace || p.kind() == semi || p.isWord("at") {
			p.fail(diag.Diagnostic{
				Code: Unexpected, Span: s.Out.Span(), Message: quote(s.Out.Text) + " names an output, and a value is missing after it",
				Help: "type emit " + s.Out.Text + " VALUE",
			})
		}
	}
	s.Value = p.expr()
	if p.acceptWord("at") {
		s.At = p.expr()
	}
	s.Range = p.rangeOf(at)
	return s
}

// joins reports whether the word n tokens after the next one goes on with the
// expression before it.
func (p *parser) joins(n int) bool {
	return p.wordAt(n, "at") || p.wordAt(n, "in") || p.wordAt(n, "with") && p.kindAt(n+1) == lbrace
}

// sendStmt reads send "uid"[key] v after d.
func (p *parser) sendStmt() Stmt {
	at := p.i
	p.advance()
	s := &SendStmt{UID: p.plain("the uid of a step")}
	old := p.bracket(lbrack)
	s.Key = p.expr()
	p.close(rbrack, old, "")
	s.Value = p.expr()
	if p.acceptWord("after") {
		s.After = p.expr()
	}
	s.Range = p.rangeOf(at)
	if s.UID == nil {
		return nil
	}
	return s
}

// newName reads a name that is being declared, and that must not be a keyword
// of expressions, for it could never be read again.
func (p *parser) newName(what string) *Ident {
	n := p.name(what)
	if n == nil {
		return nil
	}
	switch n.Text {
	case "true", "false", "none", "if", "match":
		p.warn(diag.Diagnostic{
			Code: ReservedName, Span: n.Span(), Message: quote(n.Text) + " is a keyword and cannot be a name here",
			Help: "choose another name, such as " + quote(n.Text+"_"),
		})
	}
	return n
}
