package lang

import (
	"strings"

	"github.com/flow-lang/flowc/lang/diag"
)

// decl reads one declaration; nil if nothing of it can be used.
func (p *parser) decl() Decl {
	if p.kind() != ident {
		p.unexpected("a declaration")
		return nil
	}
	doc := p.doc()
	switch p.text(p.i) {
	case "import":
		return p.importDecl()
	case "record":
		return p.recordDecl(doc)
	case "enum":
		return p.enumDecl(doc)
	case "union":
		return p.unionDecl(doc)
	case "func":
		return orNil(p.funcDecl(doc))
	case "extern":
		return p.externDecl(doc)
	case "source":
		return p.sourceDecl(doc)
	case "sink":
		return p.sinkDecl(doc)
	case "stream":
		return p.streamDecl(doc)
	case "fragment":
		return p.fragmentDecl(doc)
	case "operator":
		return p.operatorDecl(doc)
	case "aggregate":
		return p.aggregateDecl(doc)
	case "remote":
		return p.remoteDecl(doc)
	}
	return p.otherDecl(doc)
}

// orNil keeps a nil *FuncDecl from becoming a Decl that is not nil.
func orNil(d *FuncDecl) Decl {
	if d == nil {
		return nil
	}
	return d
}

// otherDecl reads the declarations that are about saved state, tests and
// settings.
func (p *parser) otherDecl(doc []string) Decl {
	at := p.i
	switch p.text(at) {
	case "retired":
		p.advance()
		if path := p.plain("what is retired"); path != nil {
			return &RetiredDecl{Range: p.rangeOf(at), Doc: doc, Path: path}
		}
		return nil
	case "accept":
		p.advance()
		if path := p.plain("what is accepted"); path != nil {
			return &AcceptDecl{Range: p.rangeOf(at), Doc: doc, Path: path}
		}
		return nil
	case "rekey":
		return p.rekeyDecl()
	case "test":
		return p.testDecl()
	case "key_groups":
		name := p.name("a setting")
		value := p.expr()
		return &SettingDecl{Range: p.rangeOf(at), Name: name, Value: value}
	}
	p.unknownDecl()
	return nil
}

// unknownDecl reports a word that begins no declaration.
func (p *parser) unknownDecl() {
	w := p.text(p.i)
	d := diag.Diagnostic{
		Code: UnknownDecl, Span: p.span(p.i), Message: quote(w) + " begins no declaration",
		Help: diag.DidYouMean(w, declWords[2:]),
	}
	switch w {
	case "pipeline", "library":
		d.Message, d.Help = "a second "+quote(w)+": a file has one header", "leave this line out"
	case "uid", "was", "ttl", "forever":
		d = standsAlone(w, d.Span)
	case "type", "struct", "class":
		d.Help = `did you mean "record"?`
	case "def", "function", "fn", "fun":
		d.Help = `did you mean "func"?`
	case "state", "timer", "on", "in", "out", "emit":
		d.Help = `it stands inside of an operator; is a "}" above too many?`
	case "const", "let", "var":
		d.Help = "a constant is a function without parameters: func NAME() -> TYPE = VALUE"
	}
	if d.Help == "" && p.toks[p.i+1].kind == lparen && len(p.file.Decls) > 0 {
		if _, ok := p.file.Decls[len(p.file.Decls)-1].(*StreamDecl); ok {
			d.Help = `if it is a step of the stream above, type "|> ` + w + `(…)"`
		}
	}
	if d.Help == "" {
		d.Help = "a declaration begins with one of " + list(declWords[2:])
	}
	p.fail(d)
}

// doc returns the comment lines directly above the next token, without their
// slashes and the space after them; without those that speak to flowc.
func (p *parser) doc() []string {
	if p.panicking || !p.beginsLine() {
		return nil
	}
	line := int(p.toks[p.i].line)
	lo, hi := 0, len(p.file.Comments)
	for lo < hi { // the first comment that begins at or after the token
		mid := (lo + hi) / 2
		if p.file.Comments[mid].Offset < p.toks[p.i].start {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	last := lo
	for lo > 0 && int(p.file.Comments[lo-1].Line) == line-1 && p.ownLine(p.file.Comments[lo-1]) {
		lo--
		line--
	}
	var doc []string
	for _, c := range p.file.Comments[lo:last] {
		text := strings.TrimPrefix(strings.TrimPrefix(c.Text, "//"), " ")
		if !strings.HasPrefix(text, "flowc:") {
			doc = append(doc, text)
		}
	}
	return doc
}

// beginsLine reports whether nothing but separators stands before the next
// token on its line.
func (p *parser) beginsLine() bool {
	i := p.i
	for !p.toks[i].first && (p.toks[i-1].kind == semi || p.toks[i-1].kind == comma) {
		i--
	}
	return p.toks[i].first
}

// ownLine reports whether nothing but white space and separators stands before
// c on its line.
func (p *parser) ownLine(c Comment) bool {
	begin := int(p.lines[c.Line-1])
	return strings.Trim(strings.TrimPrefix(p.file.Text[begin:c.Offset], "\ufeff"), " \t\r,;") == ""
}

func (p *parser) importDecl() Decl {
	at := p.i
	p.advance()
	d := &ImportDecl{Path: p.plain("the path of a library")}
	if p.acceptWord("as") {
		d.As = p.name("a name")
	}
	d.Range = p.rangeOf(at)
	if d.Path == nil {
		return nil
	}
	return d
}

func (p *parser) recordDecl(doc []string) Decl {
	at := p.i
	p.advance()
	d := &RecordDecl{Doc: doc, Name: p.name("the name of the record")}
	d.TypeParams = p.typeParams()
	d.Fields = p.fieldDecls()
	d.Range = p.rangeOf(at)
	if d.Name == nil {
		return nil
	}
	return d
}

func (p *parser) enumDecl(doc []string) Decl {
	at := p.i
	p.advance()
	d := &EnumDecl{Doc: doc, Name: p.name("the name of the enum")}
	mistakes := p.mistakes
	p.items(true, func() {
		start := p.i
		s := &EnumSymbol{Name: p.name("the name of a symbol")}
		if s.Name == nil {
			return
		}
		if p.accept(assign) {
			s.Number = p.intOnly("the number of the symbol")
		}
		for p.acceptWord("was") {
			s.Was = appendLit(s.Was, p.plain("a former name"))
		}
		s.Range = p.rangeOf(start)
		d.Symbols = append(d.Symbols, s)
	})
	d.Range = p.rangeOf(at)
	if d.Name == nil {
		return nil
	}
	if len(d.Symbols) == 0 && p.mistakes == mistakes {
		p.warn(diag.Diagnostic{Code: Unexpected, Span: d.Name.Span(), Message: "the enum has no symbols", Help: "name one or more: enum " + d.Name.Text + " { low, high }"})
	}
	return d
}

func (p *parser) unionDecl(doc []string) Decl {
	at := p.i
	p.advance()
	d := &UnionDecl{Doc: doc, Name: p.name("the name of the union")}
	p.expect(assign)
	for {
		if t := p.typeExpr(); t != nil {
			d.Members = append(d.Members, t)
		}
		if !p.accept(bar) {
			break
		}
	}
	d.Range = p.rangeOf(at)
	if d.Name == nil {
		return nil
	}
	return d
}

// funcDecl reads a function, or a helper of an operator.
func (p *parser) funcDecl(doc []string) *FuncDecl {
	at := p.i
	p.advance()
	d := &FuncDecl{Doc: doc, Name: p.name("the name of the function")}
	d.TypeParams = p.typeParams()
	if p.kind() != lparen {
		p.unexpected(`"("`)
	}
	d.Params = p.params()
	if p.kind() == arrow {
		p.advance()
		d.Result = p.typeExpr()
	}
	switch {
	case p.kind() == assign:
		p.advance()
		d.Expr = p.expr()
	case p.kind() == lbrace:
		d.Body = p.block()
	default:
		p.unexpected(`"=" and an expression, or a block`)
	}
	d.Range = p.rangeOf(at)
	if d.Name == nil || d.Expr == nil && d.Body == nil {
		return nil
	}
	return d
}

func (p *parser) externDecl(doc []string) Decl {
	at := p.i
	p.advance()
	d := &ExternDecl{Doc: doc}
	if p.isWord("async") {
		p.advance()
		d.Async = true
	}
	p.expectWord("func")
	d.Name = p.name("the name of the function")
	if p.kind() != lparen {
		p.unexpected(`"("`)
	}
	d.Params = p.params()
	p.expect(arrow)
	d.Result = p.typeExpr()
	p.expect(assign)
	p.expectWord("go")
	d.Package = p.plain("the path of a Go package")
	p.expect(dot)
	d.Symbol = p.name("the name of a Go function")
	d.Range = p.rangeOf(at)
	if p.panicking {
		return nil
	}
	return d
}

func (p *parser) rekeyDecl() Decl {
	at := p.i
	p.advance()
	d := &RekeyDecl{UID: p.plain("the uid of a step")}
	p.expectWord("from")
	d.From = p.typeExpr()
	p.expectWord("as")
	d.As = p.newName("a name for the old key")
	p.expect(fatArrow)
	d.Expr = p.expr()
	if p.isWord("merge") {
		p.advance()
		if p.kind() == lparen && p.beginsLambda() {
			d.Merge = p.lambda()
		} else {
			p.unexpected("a function of two values, as in (a, b) => a + b")
		}
	}
	d.Range = p.rangeOf(at)
	if p.panicking {
		return nil
	}
	return d
}
