package lang

// block lays out statements in braces.
func (f *formatter) block(b *Block) *doc {
	items := make([]item, len(b.Stmts))
	for i, s := range b.Stmts {
		items[i] = item{start: s.Span().Start, end: s.Span().End, build: func(*doc) *doc { return f.stmt(s) }}
	}
	return f.braces(b.Pos, b.EndPos, items, ";")
}

// stmt lays out a statement.
func (f *formatter) stmt(s Stmt) *doc {
	switch s := s.(type) {
	case *LetStmt:
		return f.letStmt(s)
	case *AssignStmt:
		return concat(f.expr(s.Target), f.value(s.Op, s.Value))
	case *ExprStmt:
		return f.expr(s.X)
	case *ForStmt:
		names := s.Value.Text
		if s.Key != nil {
			names = s.Key.Text + ", " + names
		}
		return concat(text("for "+names+" in "), f.head(s.In), text(" "), f.block(s.Body))
	case *WhileStmt:
		return concat(text("while "), f.head(s.Cond), text(" "), f.block(s.Body))
	case *EmitStmt:
		return f.emitStmt(s)
	case *ClearStmt:
		if s.State != nil {
			return text("clear " + s.State.Text)
		}
		return text("clear")
	case *DropStmt:
		return text("drop")
	case *FailStmt:
		return concat(text("fail "), f.expr(s.Reason))
	case *ReturnStmt:
		if s.Value == nil {
			return text("return")
		}
		return concat(text("return "), f.expr(s.Value))
	case *BreakStmt:
		return text("break")
	case *ContinueStmt:
		return text("continue")
	case *SendStmt:
		out := concat(text("send "), f.src(s.UID), text("["), f.expr(s.Key), text("] "), f.expr(s.Value))
		if s.After != nil {
			out = concat(out, text(" after "), f.expr(s.After))
		}
		return out
	default:
		panic("lang: unknown statement")
	}
}

func (f *formatter) letStmt(s *LetStmt) *doc {
	word := "let "
	if s.Var {
		word = "var "
	}
	out := concat(text(word + s.Name.Text))
	if s.Type != nil {
		out = concat(out, text(": "), f.typeExpr(s.Type))
	}
	return concat(out, f.value("=", s.Value))
}

func (f *formatter) emitStmt(s *EmitStmt) *doc {
	out := concat(text("emit "))
	if s.Out != nil {
		out = concat(out, text(s.Out.Text+" "))
	}
	out = concat(out, f.expr(s.Value))
	if s.At != nil {
		out = concat(out, text(" at "), f.expr(s.At))
	}
	return out
}

// testStep lays out a line of a test.
func (f *formatter) testStep(s TestStep) *doc {
	switch s := s.(type) {
	case *TestFeed:
		return concat(text(s.Stream.Text+" <- "), f.expr(s.Value))
	case *TestWatermark:
		return concat(text("watermark "), f.expr(s.At))
	case *TestClock:
		return concat(text("advance "), f.expr(s.By))
	case *TestLet:
		return f.letStmt(s.Let)
	case *TestExpect:
		if s.State != nil {
			out := concat(text("expect state "), f.src(s.State), text("["), f.expr(s.Key), text("]"))
			if s.Entry != nil {
				out = concat(out, text("["), f.expr(s.Entry), text("]"))
			}
			return concat(out, text(" "+s.Op+" "), f.expr(s.Want))
		}
		return concat(text("expect "), f.expr(s.X), text(" "+s.Op+" "), f.expr(s.Want))
	default:
		panic("lang: unknown step of a test")
	}
}
