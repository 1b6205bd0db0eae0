package lang

// decl lays out a declaration.
func (f *formatter) decl(d Decl) *doc {
	switch d := d.(type) {
	case *ImportDecl:
		if d.As != nil {
			return concat(text("import "), f.src(d.Path), text(" as "+d.As.Text))
		}
		return concat(text("import "), f.src(d.Path))
	case *RecordDecl:
		return concat(text("record "+d.Name.Text+typeParams(d.TypeParams)+" "), f.fieldDecls(d.Name.EndPos, d.EndPos, d.Fields))
	case *EnumDecl:
		return f.enumDecl(d)
	case *UnionDecl:
		return f.unionDecl(d)
	case *FuncDecl:
		return f.funcDecl(d)
	case *ExternDecl:
		return f.externDecl(d)
	case *SourceDecl:
		return f.sourceDecl(d)
	case *SinkDecl:
		return f.sinkDecl(d)
	case *StreamDecl:
		return concat(text("stream "+d.Name.Text+" = "), f.wire(d.Wire))
	case *FragmentDecl:
		params := f.params(d.Name.EndPos, d.Result.Pos.Offset, d.Params)
		return concat(text("fragment "+d.Name.Text+typeParams(d.TypeParams)), params, text(" -> "), f.typeExpr(d.Result), text(" = "), f.wire(d.Wire))
	case *OperatorDecl:
		return f.operatorDecl(d)
	case *AggregateDecl:
		return f.aggregateDecl(d)
	case *RemoteDecl:
		return f.remoteDecl(d)
	case *RetiredDecl:
		return concat(text("retired "), f.src(d.Path))
	case *AcceptDecl:
		return concat(text("accept "), f.src(d.Path))
	case *RekeyDecl:
		return f.rekeyDecl(d)
	case *TestDecl:
		return concat(text("test "), f.src(d.Name), text(" "), f.testSteps(d))
	case *SettingDecl:
		return concat(text(d.Name.Text+" "), f.expr(d.Value))
	default:
		panic("lang: unknown declaration")
	}
}

func (f *formatter) testSteps(d *TestDecl) *doc {
	items := make([]item, len(d.Steps))
	for i, s := range d.Steps {
		items[i] = item{start: s.Span().Start, end: s.Span().End, build: func(*doc) *doc { return f.testStep(s) }}
	}
	return f.braces(d.Name.EndPos, d.EndPos, items, ";")
}

func (f *formatter) enumDecl(d *EnumDecl) *doc {
	items := make([]item, len(d.Symbols))
	for i, s := range d.Symbols {
		items[i] = item{start: s.Pos, end: s.EndPos, build: func(*doc) *doc {
			out := concat(text(s.Name.Text))
			if s.Number != nil {
				out = concat(out, text(" = "), f.src(s.Number))
			}
			return f.was(out, s.Was)
		}}
	}
	return concat(text("enum "+d.Name.Text+" "), f.braces(d.Name.EndPos, d.EndPos, items, fieldSep))
}

// was adds former names to a layout.
func (f *formatter) was(out *doc, names []*StringLit) *doc {
	for _, w := range names {
		out = concat(out, text(" was "), f.src(w))
	}
	return out
}

// unionDecl lays out a union, broken after "|" if it is long.
func (f *formatter) unionDecl(d *UnionDecl) *doc {
	members := []*doc{line(" ")}
	for i, m := range d.Members {
		if i > 0 {
			members = append(members, text(" |"), line(" "))
		}
		members = append(members, f.typeExpr(m))
	}
	return group(text("union "+d.Name.Text+" ="), nest(members...))
}

// funcDecl lays out a function. An expression that has no room beside the head
// stands below it.
func (f *formatter) funcDecl(d *FuncDecl) *doc {
	hi := d.Pos
	switch {
	case d.Result != nil:
		hi = d.Result.Pos
	case d.Body != nil:
		hi = d.Body.Pos
	default:
		hi = d.Expr.Span().Start
	}
	out := concat(text("func "+d.Name.Text+typeParams(d.TypeParams)), f.params(d.Name.EndPos, hi.Offset, d.Params))
	if d.Result != nil {
		out = concat(out, text(" -> "), f.typeExpr(d.Result))
	}
	if d.Body != nil {
		return concat(out, text(" "), f.block(d.Body))
	}
	return concat(out, f.value("=", d.Expr))
}

func (f *formatter) externDecl(d *ExternDecl) *doc {
	word := "extern func "
	if d.Async {
		word = "extern async func "
	}
	return concat(
		text(word+d.Name.Text), f.params(d.Name.EndPos, d.Result.Pos.Offset, d.Params), text(" -> "),
		f.typeExpr(d.Result), text(" = go "), f.src(d.Package), text("."+d.Symbol.Text),
	)
}

func (f *formatter) rekeyDecl(d *RekeyDecl) *doc {
	out := concat(
		text("rekey "), f.src(d.UID), text(" from "), f.typeExpr(d.From), text(" as "+d.As.Text+" => "), f.expr(d.Expr),
	)
	if d.Merge != nil {
		out = concat(out, text(" merge "), f.lambda(d.Merge))
	}
	return out
}
