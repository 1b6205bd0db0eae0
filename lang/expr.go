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
	n := p.typeArgsAhead()
	if recordName(x) == nil || p.mode.closing || n == 0 {
		return
	}
	if after := p.kindAt(n + 1); after == lbrace || after == lparen && n == 2 {
		p.fail(p.typeArgsMistake(n, "type arguments do not stand in an expression"))
	}
}

// typeArgsAhead returns how many tokens after the next one, a "<" right after a
// name, the ">" stands that closes names; 0 if none does.
func (p *parser) typeArgsAhead() int {
	if p.kind() != less || p.toks[p.i].space || p.kindAt(1) != ident {
		return 0
	}
	n := 2
	for p.kindAt(n) == comma && p.kindAt(n+1) == ident {
		n += 2
	}
	if p.kindAt(n) != greater {
		return 0
	}
	return n
}

// typeArgsMistake says that type arguments, up to the ">" that typeArgsAhead has
// found, have no place where they stand.
func (p *parser) typeArgsMistake(n int, message string) diag.Diagnostic {
	return diag.Diagnostic{
		Code: TypeArguments, Span: source.Span{Start: p.startOf(p.i), End: p.endOf(p.i + n)},
		Message: message, Help: "leave them out: they are inferred",
	}
}
