package lang

// typeExpr reads a type. After a mistake the result is nil.
func (p *parser) typeExpr() *TypeExpr {
	at := p.i
	t := &TypeExpr{}
	switch {
	case p.kind() == lbrace:
		t.IsRecord = true
		t.Record = p.fieldDecls()
	case p.kind() == lparen || p.isWord("async") && p.kindAt(1) == lparen:
		t.Func = p.funcType()
	case p.isWord("if") && p.kindAt(1) == ident:
		t.If = p.typeIf()
	case p.kind() == ident:
		p.namedType(t)
	default:
		p.unexpected("a type")
	}
	t.Range = p.rangeOf(at)
	if p.i > at && p.toks[p.i-1].kind == less {
		t.EndPos = p.startOf(p.i)
	}
	for !p.lineEnds() && (p.kind() == question || p.kind() == coalesce) {
		t.Optional += int(p.toks[p.i].end - p.toks[p.i].start)
		p.advance()
		t.Range = p.rangeOf(at)
	}
	if p.panicking {
		return nil
	}
	return t
}

// namedType reads a name with its type arguments.
func (p *parser) namedType(t *TypeExpr) {
	t.Name = p.qualified("a type")
	if t.Name == nil {
		return
	}
	switch {
	case p.kind() == less && !p.lineEnds() && t.Name.Ident.Text == "aggregate" && p.beginsAggregate():
		p.aggregateType(t)
	case p.kind() == less && !p.lineEnds():
		t.Args = p.typeArgs()
	case p.kind() == lparen && !p.lineEnds() && t.Name.Ident.Text == "decimal":
		p.decimalArgs(t)
	}
}

// qualified reads NAME or NAME.NAME.
func (p *parser) qualified(what string) *Name {
	at := p.i
	first := p.name(what)
	if first == nil {
		return nil
	}
	n := &Name{Ident: first}
	if p.kind() == dot {
		p.advance()
		n.Qualifier = first
		if n.Ident = p.name(what); n.Ident == nil {
			return nil
		}
	}
	n.Range = p.rangeOf(at)
	return n
}

// angle consumes "<" and returns the mode to hand to closeAngle.
func (p *parser) angle() mode {
	old := p.mode
	p.open = append(p.open, int32(p.i))
	p.advance()
	p.mode = mode{}
	p.enter()
	return old
}

// closeAngle consumes ">", which may be the first half of ">=".
func (p *parser) closeAngle(old mode, also string) {
	p.leave()
	p.mode = old
	switch {
	case p.panicking:
		return
	case p.kind() == greater:
		p.advance()
	case p.kind() == greaterEqual:
		p.cut(assign)
	default:
		p.unexpected(also + `">"`)
		return
	}
	p.open = p.open[:max(len(p.open)-1, 0)]
}

// typeArgs reads <T, U>.
func (p *parser) typeArgs() []*TypeExpr {
	old := p.angle()
	var args []*TypeExpr
	for {
		if t := p.typeExpr(); t != nil {
			args = append(args, t)
		}
		if p.kind() != comma {
			break
		}
		p.advance()
	}
	p.closeAngle(old, `"," or `)
	return args
}

// beginsAggregate reports whether the "<" that comes next begins an aggregate
// written out, as a lambda.
func (p *parser) beginsAggregate() bool {
	return p.kindAt(1) == ident && p.kindAt(2) == fatArrow ||
		p.kindAt(1) == lparen && p.kindAt(2) == ident && (p.kindAt(3) == colon || p.kindAt(3) == rparen && p.kindAt(4) == fatArrow)
}

// aggregateType reads aggregate<(r: Reading) => { n: count() }>.
func (p *parser) aggregateType(t *TypeExpr) {
	old := p.angle()
	p.mode.closing = true
	t.Agg = p.lambda()
	p.closeAngle(old, "")
}

// decimalArgs reads the (p, s) of decimal(p, s).
func (p *parser) decimalArgs(t *TypeExpr) {
	old := p.bracket(lparen)
	for {
		if n := p.intOnly("a number of digits"); n != nil {
			t.Numbers = append(t.Numbers, n)
		}
		if p.kind() != comma {
			break
		}
		p.advance()
	}
	p.close(rparen, old, `"," or `)
}

// intOnly reads a whole number; nil after a mistake.
func (p *parser) intOnly(what string) *IntLit {
	if p.kind() == number {
		at := p.i
		if lit, ok := p.numberLit().(*IntLit); ok {
			return lit
		}
		p.i = at
	}
	p.unexpected(what)
	return nil
}

// funcType reads (T, U) -> K, or async (T, U) -> K.
func (p *parser) funcType() *FuncTypeExpr {
	at := p.i
	f := &FuncTypeExpr{Async: p.isWord("async")}
	if f.Async {
		p.advance()
	}
	old := p.bracket(lparen)
	for p.kind() != rparen && !p.panicking {
		if t := p.typeExpr(); t != nil {
			f.Params = append(f.Params, t)
		}
		if !p.accept(comma) {
			break
		}
	}
	p.close(rparen, old, `"," or `)
	p.expect(arrow)
	f.Result = p.typeExpr()
	f.Range = p.rangeOf(at)
	return f
}

// typeIf reads if c { T } else { U }.
func (p *parser) typeIf() *TypeIf {
	at := p.i
	p.enter()
	defer p.leave()
	p.advance()
	t := &TypeIf{Cond: p.head()}
	t.Then = p.bracedType()
	p.expectWord("else")
	if p.isWord("if") {
		inner := p.i
		t.Else = &TypeExpr{If: p.typeIf()}
		t.Else.Range = p.rangeOf(inner)
	} else {
		t.Else = p.bracedType()
	}
	t.Range = p.rangeOf(at)
	return t
}

// bracedType reads { T }.
func (p *parser) bracedType() *TypeExpr {
	old := p.bracket(lbrace)
	t := p.typeExpr()
	p.close(rbrace, old, "")
	return t
}

// typeParams reads <T, K> after the name of a declaration, if it stands there.
func (p *parser) typeParams() []*Ident {
	if p.kind() != less {
		return nil
	}
	old := p.angle()
	var names []*Ident
	for {
		if n := p.name("the name of a type parameter"); n != nil {
			names = append(names, n)
		}
		if p.kind() != comma {
			break
		}
		p.advance()
	}
	p.closeAngle(old, `"," or `)
	return names
}

// fieldDecls reads the fields of a record in braces.
func (p *parser) fieldDecls() []*FieldDecl {
	var fields []*FieldDecl
	p.items(true, func() {
		at := p.i
		f := &FieldDecl{Doc: p.doc(), Name: p.name("the name of a field")}
		p.expect(colon)
		f.Type = p.typeExpr()
		if p.accept(assign) {
			f.Default = p.expr()
		}
		for !p.panicking && !p.lineEnds() {
			switch {
			case p.acceptWord("was"):
				f.Was = appendLit(f.Was, p.plain("a former name"))
			case p.isWord("json"):
				p.once(f.JSON != nil)
				p.advance()
				f.JSON = p.plain("the name in JSON")
			default:
				goto done
			}
		}
	done:
		f.Range = p.rangeOf(at)
		if f.Name != nil && f.Type != nil {
			fields = append(fields, f)
		}
	})
	return fields
}

// appendLit appends a string that could be read.
func appendLit(to []*StringLit, lit *StringLit) []*StringLit {
	if lit == nil {
		return to
	}
	return append(to, lit)
}

// params reads the parameters of a function, operator, fragment or aggregate,
// if they stand here.
func (p *parser) params() []*ParamDecl {
	if p.kind() != lparen {
		return nil
	}
	old := p.bracket(lparen)
	var params []*ParamDecl
	for p.kind() != rparen && !p.panicking {
		at := p.i
		d := &ParamDecl{Name: p.newName("the name of a parameter")}
		p.expect(colon)
		d.Type = p.typeExpr()
		if p.isWord("shapes") {
			p.advance()
			d.ShapesState = p.expectWord("state")
		}
		if p.kind() == assign {
			p.advance()
			d.Default = p.rangeOrExpr()
		}
		d.Range = p.rangeOf(at)
		if d.Name != nil && d.Type != nil {
			params = append(params, d)
		}
		if !p.accept(comma) {
			break
		}
	}
	p.close(rparen, old, `"," or `)
	return params
}
