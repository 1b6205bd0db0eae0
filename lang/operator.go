package lang

// operatorDecl reads an operator with its members.
func (p *parser) operatorDecl(doc []string) Decl {
	at := p.i
	p.advance()
	d := &OperatorDecl{Doc: doc, Name: p.name("the name of the operator")}
	d.TypeParams = p.typeParams()
	d.Params = p.params()
	p.outs = p.namedOuts()
	p.items(false, func() {
		if m := p.member(); m != nil {
			d.Members = append(d.Members, m)
		}
	})
	p.outs = nil
	d.Range = p.rangeOf(at)
	if d.Name == nil {
		return nil
	}
	return d
}

// namedOuts looks ahead for the named outputs of the operator whose "{" comes
// next: what "emit" means in it depends on them.
func (p *parser) namedOuts() map[string]bool {
	if p.kind() != lbrace {
		return nil
	}
	outs := map[string]bool{}
	depth := 0
	for i := p.i; i+2 < len(p.toks); i++ {
		t := p.toks[i]
		switch {
		case t.kind.opens():
			depth++
		case t.kind.closes():
			if depth--; depth == 0 {
				return outs
			}
		case i > p.i && t.first && p.startOf(i).Column == 1 && p.declAt(i):
			return outs
		case depth == 1 && t.kind == ident && p.toks[i+1].kind == ident && p.toks[i+2].kind == colon && p.text(i) == "out":
			outs[p.text(i+1)] = true
		}
	}
	return outs
}

// member reads one line or block of an operator; nil if nothing of it can be
// used.
func (p *parser) member() Member {
	doc := p.doc()
	at := p.i
	if p.kind() == ident {
		switch p.text(at) {
		case "in":
			return p.inDecl(doc)
		case "out":
			return p.outDecl(doc)
		case "state":
			if s := p.stateDecl(doc); s != nil {
				return s
			}
			return nil
		case "timer":
			return p.timerDecl(doc)
		case "on":
			return p.onMember(doc)
		case "func":
			if f := p.funcDecl(doc); f != nil {
				return f
			}
			return nil
		case "type":
			return p.typeAlias()
		case "require":
			return p.requireDecl()
		}
	}
	p.unknownMember("an operator", "in", "out", "state", "timer", "on", "func", "type", "require")
	return nil
}

// inDecl reads in a: A key a.id, in r: R broadcast, in m: M message, in m: M
// message "namespace/name" protobuf.
func (p *parser) inDecl(doc []string) Member {
	at := p.i
	p.advance()
	d := &InDecl{Doc: doc, Name: p.newName("the name of the input")}
	p.expect(colon)
	d.Type = p.typeExpr()
	switch {
	case p.acceptWord("key"):
		d.Key = p.expr()
	case p.acceptWord("broadcast"):
		d.Kind = BroadcastIn
	case p.acceptWord("message"):
		d.Kind = MessageIn
		switch k := p.kind(); {
		case p.lineEnds():
		case k == stringLit || k == rawString || k == stringHead:
			d.Wire = p.labelled()
		}
	case !p.lineEnds() && p.kind() == ident:
		p.unexpected(`"key", "broadcast" or "message"`)
	}
	d.Range = p.rangeOf(at)
	if d.Name == nil || d.Type == nil {
		return nil
	}
	return d
}

// outDecl reads out T or out name: T.
func (p *parser) outDecl(doc []string) Member {
	at := p.i
	p.advance()
	d := &OutDecl{Doc: doc}
	if p.kind() == ident && p.kindAt(1) == colon {
		d.Name = p.newName("the name of the output")
		p.advance()
	}
	d.Type = p.typeExpr()
	d.Range = p.rangeOf(at)
	if d.Type == nil {
		return nil
	}
	return d
}

// stateDecl reads state x: value<T> = init and its clauses, in any order.
func (p *parser) stateDecl(doc []string) *StateDecl {
	at := p.i
	p.advance()
	d := &StateDecl{Doc: doc, Name: p.newName("the name of the state")}
	p.expect(colon)
	if p.isWord("broadcast") && p.kindAt(1) == ident {
		p.advance()
		d.Broadcast = true
	}
	d.Type = p.typeExpr()
	if d.Name == nil || d.Type == nil {
		return nil
	}
	if p.accept(assign) {
		d.Init = p.expr()
	}
	for p.kind() == ident && !p.lineEnds() && p.stateClause(d) {
	}
	d.Range = p.rangeOf(at)
	return d
}

// stateClause reads one clause; false if none comes next.
func (p *parser) stateClause(d *StateDecl) bool {
	switch p.text(p.i) {
	case "ttl", "forever", "retention":
		p.once(d.Retention != nil)
		d.Retention = p.retention()
	case "queryable":
		p.once(d.Queryable != nil || d.QueryableAs != nil)
		p.advance()
		if p.kind() == ident {
			d.QueryableAs = p.name("a parameter")
			return true
		}
		d.Queryable = p.plain("the name that clients use")
	case "was":
		p.advance()
		d.Was = appendLit(d.Was, p.plain("a former name"))
	case "migrate":
		p.once(d.Migrate != nil)
		d.Migrate = p.migrate()
	default:
		p.unexpected(`"ttl", "forever", "queryable", "was", "migrate" or the end of the line`)
		return false
	}
	return true
}

// migrate reads migrate from TYPE as old => expr; nil after a mistake.
func (p *parser) migrate() *MigrateClause {
	at := p.i
	p.advance()
	c := &MigrateClause{}
	p.expectWord("from")
	c.From = p.typeExpr()
	p.expectWord("as")
	c.As = p.newName("a name for the old value")
	p.expect(fatArrow)
	c.Expr = p.expr()
	c.Range = p.rangeOf(at)
	if c.From == nil || c.As == nil {
		return nil
	}
	return c
}

// timerDecl reads timer idle: event time, timer close[timestamp]: …, or
// timer end[s, v in open]: event time at v.last + gap.
func (p *parser) timerDecl(doc []string) Member {
	at := p.i
	p.advance()
	d := &TimerDecl{Doc: doc, Name: p.newName("the name of the timer")}
	if p.kind() == lbrack {
		p.timerIndex(d)
	}
	p.expect(colon)
	d.Processing = p.isWord("processing")
	p.expectOneOf("event", "processing")
	p.expectWord("time")
	if p.acceptWord("at") {
		d.At = p.expr()
	}
	for p.acceptWord("was") {
		d.Was = appendLit(d.Was, p.plain("a former name"))
	}
	d.Range = p.rangeOf(at)
	if p.panicking {
		return nil
	}
	return d
}

// timerIndex reads the index of a timer family or entry timer.
func (p *parser) timerIndex(d *TimerDecl) {
	old := p.bracket(lbrack)
	if p.kind() == ident && (p.kindAt(1) == comma || p.wordAt(1, "in")) {
		d.EntryKey = p.newName("a name for the entry's key")
		if p.accept(comma) {
			d.EntryValue = p.newName("a name for the entry's value")
		}
		p.expectWord("in")
		d.EntryState = p.name("the name of a state")
	} else {
		d.IndexType = p.typeExpr()
	}
	p.close(rbrack, old, "")
}

// onMember reads a handler, or on error … for the whole operator.
func (p *parser) onMember(doc []string) Member {
	if p.wordAt(1, "error") && p.kindAt(2) == ident {
		if c := p.policy(); c != nil {
			return c
		}
		return nil
	}
	at := p.i
	p.advance()
	d := &HandlerDecl{Doc: doc, Name: p.name("the name of an input or timer")}
	if p.kind() == lbrack {
		old := p.bracket(lbrack)
		d.Index = p.newName("a name for the timer's index")
		p.close(rbrack, old, "")
	}
	d.Body = p.block()
	d.Range = p.rangeOf(at)
	if d.Name == nil {
		return nil
	}
	return d
}

// typeAlias reads type L = T.
func (p *parser) typeAlias() Member {
	at := p.i
	p.advance()
	d := &TypeAliasDecl{Name: p.name("the name of the type")}
	p.expect(assign)
	d.Type = p.typeExpr()
	d.Range = p.rangeOf(at)
	if d.Name == nil || d.Type == nil {
		return nil
	}
	return d
}

// requireDecl reads require c, "text".
func (p *parser) requireDecl() Member {
	at := p.i
	p.advance()
	d := &RequireDecl{Cond: p.expr()}
	p.expect(comma)
	d.Message = p.plain("the message")
	d.Range = p.rangeOf(at)
	if d.Message == nil {
		return nil
	}
	return d
}

// aggregateDecl reads an aggregate: its state, how a value is added and how
// another aggregate is merged, and its result.
func (p *parser) aggregateDecl(doc []string) Decl {
	at := p.i
	p.advance()
	d := &AggregateDecl{Doc: doc, Name: p.name("the name of the aggregate")}
	d.TypeParams = p.typeParams()
	d.Params = p.params()
	p.expect(arrow)
	d.ResultType = p.typeExpr()
	p.items(false, func() { p.aggregateMember(d) })
	d.Range = p.rangeOf(at)
	if d.Name == nil || d.ResultType == nil {
		return nil
	}
	return d
}

func (p *parser) aggregateMember(d *AggregateDecl) {
	doc := p.doc()
	switch {
	case p.isWord("state"):
		if s := p.stateDecl(doc); s != nil {
			d.States = append(d.States, s)
		}
	case p.isWord("add"):
		p.once(d.Add != nil)
		p.advance()
		d.Add = p.block()
	case p.isWord("merge"):
		p.once(d.Merge != nil)
		p.advance()
		if d.MergeName = p.newName("a name for the other aggregate"); d.MergeName != nil {
			d.Merge = p.block()
		}
	case p.isWord("result"):
		p.once(d.Result != nil)
		p.advance()
		p.expect(assign)
		d.Result = p.expr()
	case p.isWord("func"):
		if f := p.funcDecl(doc); f != nil {
			d.Funcs = append(d.Funcs, f)
		}
	default:
		p.unknownMember("an aggregate", "state", "add", "merge", "result", "func")
	}
}

// remoteDecl reads a remote function with its settings and state.
func (p *parser) remoteDecl(doc []string) Decl {
	at := p.i
	p.advance()
	d := &RemoteDecl{Doc: doc, Name: p.name("the name of the remote function")}
	p.expect(colon)
	d.In = p.typeExpr()
	p.expect(arrow)
	d.Out = p.typeExpr()
	p.items(false, func() {
		if p.isWord("state") {
			if s := p.stateDecl(p.doc()); s != nil {
				d.States = append(d.States, s)
			}
			return
		}
		if s := p.remoteSetting(); s != nil {
			d.Settings = append(d.Settings, s)
		}
	})
	d.Range = p.rangeOf(at)
	if d.Name == nil || d.In == nil || d.Out == nil {
		return nil
	}
	return d
}

// remoteSetting reads timeout call 1m, connect 10s or max 1000 in flight, in
// which the words stand behind the value.
func (p *parser) remoteSetting() *RemoteSetting {
	at := p.i
	s := &RemoteSetting{Name: p.name("a setting")}
	for {
		s.Values = append(s.Values, p.labelled())
		if !p.accept(comma) {
			break
		}
	}
	s.Range = p.rangeOf(at)
	if s.Name == nil {
		return nil
	}
	return s
}

// labelled reads a value with words before or behind it.
func (p *parser) labelled() *Arg {
	at := p.i
	a := &Arg{}
	if p.kind() == ident && p.kindAt(1) != dot && p.kindAt(1) != lparen && !p.lineEndsAt(1) && p.kindAt(1) != rbrace {
		p.label(a, p.name("a setting"))
	}
	a.Value = p.binary(bindAdd)
	for p.kind() == ident && !p.lineEnds() {
		p.label(a, p.name("a setting"))
	}
	a.Range = p.rangeOf(at)
	return a
}

// label adds a word to the label of a.
func (p *parser) label(a *Arg, word *Ident) {
	if word == nil {
		return
	}
	if a.Label == "" {
		a.Label, a.LabelSpan = word.Text, word.Span()
		return
	}
	a.Label += " " + word.Text
	a.LabelSpan.End = word.EndPos
}
