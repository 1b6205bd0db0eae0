package lang

import (
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/lang/source"
)

// The binding of binary operators, loosest first.
const (
	bindNone = iota
	bindCoalesce
	bindOr
	bindAnd
	bindCompare
	bindIn
	bindAdd
	bindMul
)

// binding returns how tightly the operator that comes next binds; bindNone if
// there is no operator here.
func (p *parser) binding() int {
	if p.lineEnds() {
		return bindNone
	}
	switch p.kind() {
	case coalesce:
		return bindCoalesce
	case or:
		return bindOr
	case and:
		return bindAnd
	case greater, greaterEqual:
		if p.mode.closing {
			return bindNone
		}
		return bindCompare
	case equal, notEqual, less, lessEqual, feed:
		return bindCompare
	case ident:
		if p.isWord("in") {
			return bindIn
		}
	case plus, minus:
		return bindAdd
	case star, slash, percent:
		return bindMul
	}
	return bindNone
}

// expr reads an expression; after a mistake the result is a BadExpr or holds
// one. It is never nil.
func (p *parser) expr() Expr { return p.binary(bindCoalesce) }

// binary reads operators that bind at least as tightly as least, by precedence
// climbing.
func (p *parser) binary(least int) Expr {
	x := p.unary()
	for n := 1; ; n++ {
		b := p.binding()
		if b == bindNone || b < least || !p.chain(n) {
			return x
		}
		if b == bindCoalesce {
			x = p.coalesceChain(x)
			continue
		}
		op, span := p.operator()
		y := p.binary(b + 1)
		x = &BinaryExpr{Range: p.rangeFrom(x.Span().Start), Op: op, OpSpan: span, X: x, Y: y}
		if b == bindCompare && p.binding() == bindCompare {
			p.chained(x)
		}
	}
}

// coalesceChain reads the rest of x ?? y ?? z, which groups to the right.
func (p *parser) coalesceChain(x Expr) Expr {
	parts, spans := []Expr{x}, []source.Span{}
	for p.binding() == bindCoalesce && p.chain(len(parts)) {
		_, span := p.operator()
		spans = append(spans, span)
		parts = append(parts, p.binary(bindOr))
	}
	last := len(parts) - 1
	out := parts[last]
	end := out.Span().End
	for i := last - 1; i >= 0; i-- {
		r := Range{Pos: parts[i].Span().Start, EndPos: end}
		out = &BinaryExpr{Range: r, Op: "??", OpSpan: spans[i], X: parts[i], Y: out}
	}
	return out
}

// operator consumes a binary operator. "<-" is "<" and the sign of what follows.
func (p *parser) operator() (string, source.Span) {
	at := p.startOf(p.i)
	if p.kind() == feed {
		p.cut(minus)
		return "<", source.Span{Start: at, End: p.startOf(p.i)}
	}
	p.advance()
	return p.text(p.i - 1), source.Span{Start: at, End: p.endOf(p.i - 1)}
}

// cut consumes the first byte of the next token, whose rest is of kind rest.
func (p *parser) cut(rest kind) {
	t := &p.toks[p.i]
	t.kind, t.first, t.nl, t.space = rest, false, false, false
	t.start++
}

// chained reports x < y < z, of which x < y is read.
func (p *parser) chained(x Expr) {
	p.fail(diag.Diagnostic{
		Code: ChainedComparison, Span: p.span(p.i), Message: "comparisons do not chain",
		Notes: []diag.Note{{Span: x.Span(), Message: "this is a comparison already, so its value is a bool"}},
		Help:  `join two comparisons with "&&", as in "a < b && b < c"`,
	})
}

// unary reads ! and - before an operand.
func (p *parser) unary() Expr {
	if k := p.kind(); k != not && k != minus {
		return p.postfix(p.operand())
	}
	at := p.i
	p.advance()
	p.enter()
	x := p.unary()
	p.leave()
	return &UnaryExpr{Range: p.rangeOf(at), Op: p.text(at), X: x}
}

// postfix reads what may follow an operand: . ?. () [] with {…}.
func (p *parser) postfix(x Expr) Expr {
	for n := 1; !p.lineEnds() && p.chain(n); n++ {
		start := x.Span().Start
		switch p.kind() {
		case dot, questionDot:
			optional := p.kind() == questionDot
			p.advance()
			name := p.name("the name of a field or method")
			if name == nil {
				return x
			}
			x = &FieldExpr{Range: p.rangeFrom(start), X: x, Optional: optional, Name: name}
		case lparen:
			args := p.args()
			x = &CallExpr{Range: p.rangeFrom(start), Fun: x, Args: args}
		case lbrack:
			index := p.index()
			x = &IndexExpr{Range: p.rangeFrom(start), X: x, Index: index}
		case lbrace:
			lit := p.namedRecord(x)
			if lit == nil {
				return x
			}
			x = lit
		case less:
			call := p.typedCall(x)
			if call == nil {
				return x
			}
			x = call
		case ident:
			if !p.isWord("with") || p.kindAt(1) != lbrace {
				return x
			}
			p.advance()
			fields := p.fieldInits()
			x = &WithExpr{Range: p.rangeFrom(start), X: x, Fields: fields}
		default:
			return x
		}
	}
	return x
}

// namedRecord reads the fields of Alert { … } if the "{" that comes next
// begins them; x is the name before it. Otherwise it returns nil.
func (p *parser) namedRecord(x Expr) Expr {
	name := recordName(x)
	if name == nil || !p.beginsRecord(1) && (p.kindAt(1) != rbrace || p.mode.head) {
		return nil
	}
	fields := p.fieldInits()
	return &RecordLit{Range: p.rangeFrom(x.Span().Start), Type: name, Fields: fields}
}

// beginsRecord reports whether "NAME :" comes n tokens after the next one.
func (p *parser) beginsRecord(n int) bool {
	return p.kindAt(n) == ident && p.kindAt(n+1) == colon
}

// recordName returns x as the name of a record, or nil if it is none.
func recordName(x Expr) *Name {
	switch x := x.(type) {
	case *IdentExpr:
		return &Name{Range: x.Range, Ident: &Ident{Range: x.Range, Text: x.Name}}
	case *FieldExpr:
		if of, ok := x.X.(*IdentExpr); ok && !x.Optional {
			return &Name{Range: x.Range, Qualifier: &Ident{Range: of.Range, Text: of.Name}, Ident: x.Name}
		}
	}
	return nil
}

// typedCall reads the type arguments and arguments of d.get<int>("name"). It
// returns nil if "<" is a comparison here, and reports type arguments that
// stand elsewhere.
func (p *parser) typedCall(x Expr) Expr {
	field, isField := x.(*FieldExpr)
	if p.toks[p.i].space || !isField || field.Name.Text != "get" {
		p.refuseTypeArgs(x)
		return nil
	}
	types := p.typeArgs()
	args := p.args()
	return &CallExpr{Range: p.rangeFrom(x.Span().Start), Fun: x, TypeArgs: types, Args: args}
}

// refuseTypeArgs reports list<int>(…) and Window<K, R> { … }: a "<" right after
// a name, names, and a ">" before what is called or filled. Where it does not,
// "<" is a comparison.
func (p *parser) refuseTypeArgs(x Expr) {
	if recordName(x) == nil || p.toks[p.i].space || p.mode.closing || p.kindAt(1) != ident {
		return
	}
	n := 2
	for p.kindAt(n) == comma && p.kindAt(n+1) == ident {
		n += 2
	}
	after := p.kindAt(n + 1)
	if p.kindAt(n) != greater || after != lbrace && (after != lparen || n > 2) {
		return
	}
	p.fail(diag.Diagnostic{
		Code: TypeArguments, Span: source.Span{Start: p.startOf(p.i), End: p.endOf(p.i + n)},
		Message: "type arguments do not stand in an expression", Help: "leave them out: they are inferred",
	})
}

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
