package lang

import (
	"strings"
	"unicode/utf8"

	"github.com/flow-lang/flowc/lang/source"
)

// expr lays out an expression.
func (f *formatter) expr(x Expr) *doc {
	switch x := x.(type) {
	case *BadExpr, *BoolLit, *IntLit, *FloatLit, *DecimalLit, *StringLit, *BytesLit, *TimestampLit, *DurationLit:
		return f.src(x)
	case *NoneLit:
		return text("none")
	case *IdentExpr:
		return text(x.Name)
	case *ListLit:
		return f.list("[", "]", x.Pos, x.EndPos.Offset, f.exprItems(x.Elems))
	case *MapLit:
		return f.mapLit(x)
	case *RecordLit:
		return f.recordLit(x)
	case *FieldExpr:
		op := "."
		if x.Optional {
			op = "?."
		}
		return concat(f.expr(x.X), text(op+x.Name.Text))
	case *CallExpr:
		return f.call(x)
	case *IndexExpr:
		return concat(f.expr(x.X), text("["), f.expr(x.Index), text("]"))
	case *RangeExpr:
		return f.rangeExpr(x)
	case *WithExpr:
		return concat(f.expr(x.X), text(" with "), f.fieldInits(x.X.Span().End, x.EndPos, x.Fields))
	case *UnaryExpr:
		return concat(text(x.Op), f.expr(x.X))
	case *BinaryExpr:
		return f.binary(x)
	case *ParenExpr:
		return concat(text("("), f.expr(x.X), text(")"))
	case *IfExpr:
		return f.ifExpr(x)
	case *MatchExpr:
		return f.matchExpr(x)
	case *LambdaExpr:
		return f.lambda(x)
	case *BlockExpr:
		return f.block(x.Block)
	default:
		panic("lang: unknown expression")
	}
}

// exprItems makes items of expressions.
func (f *formatter) exprItems(xs []Expr) []item {
	items := make([]item, len(xs))
	for i, x := range xs {
		s := x.Span()
		items[i] = item{start: s.Start, end: s.End, build: func(*doc) *doc { return f.expr(x) }}
	}
	return items
}

func (f *formatter) mapLit(x *MapLit) *doc {
	if len(x.Entries) == 0 {
		return text("[:]")
	}
	items := make([]item, len(x.Entries))
	for i, e := range x.Entries {
		items[i] = item{start: e.Pos, end: e.EndPos, build: func(*doc) *doc {
			return concat(f.expr(e.Key), text(": "), f.expr(e.Value))
		}}
	}
	return f.list("[", "]", x.Pos, x.EndPos.Offset, items)
}

func (f *formatter) recordLit(x *RecordLit) *doc {
	if x.Type == nil {
		return f.fieldInits(x.Pos, x.EndPos, x.Fields)
	}
	return concat(text(name(x.Type)+" "), f.fieldInits(x.Type.EndPos, x.EndPos, x.Fields))
}

// name returns a name as it is written.
func name(n *Name) string {
	if n.Qualifier != nil {
		return n.Qualifier.Text + "." + n.Ident.Text
	}
	return n.Ident.Text
}

// fieldInits lays out the fields of a record literal, whose values stand below
// each other if each has a line of its own.
func (f *formatter) fieldInits(lo, end source.Pos, fields []*FieldInit) *doc {
	items := make([]item, len(fields))
	for i, fi := range fields {
		items[i] = item{
			start: fi.Pos, end: fi.EndPos, width: utf8.RuneCountInString(fi.Name.Text),
			build: func(pad *doc) *doc { return concat(text(fi.Name.Text+": "), pad, f.expr(fi.Value)) },
		}
	}
	return f.braces(lo, end, items, ",")
}

func (f *formatter) call(x *CallExpr) *doc {
	fun := f.expr(x.Fun)
	if x.TypeArgs != nil {
		fun = concat(fun, f.types(x.TypeArgs))
	}
	return concat(fun, f.args(x.Fun.Span().End, x.EndPos.Offset, x.Args))
}

// args lays out arguments with their parentheses.
func (f *formatter) args(lo source.Pos, hi int, args []*Arg) *doc {
	items := make([]item, len(args))
	for i, a := range args {
		items[i] = item{start: a.Pos, end: a.EndPos, build: func(*doc) *doc {
			if a.Label == "" {
				return f.expr(a.Value)
			}
			return concat(text(a.Label+": "), f.expr(a.Value))
		}}
	}
	return f.list("(", ")", lo, hi, items)
}

func (f *formatter) rangeExpr(x *RangeExpr) *doc {
	out := concat()
	if x.From != nil {
		out = concat(f.expr(x.From))
	}
	if x.To == nil {
		return concat(out, text(".."))
	}
	return concat(out, text(".."), f.expr(x.To))
}

// binary lays out a chain of operators that bind equally, broken after each of
// them if it is too long.
func (f *formatter) binary(x *BinaryExpr) *doc {
	level := precedence(x.Op)
	var parts []*doc
	add := func(op string, y Expr) {
		parts = append(parts, text(" "+op), line(" "), f.expr(y))
	}
	if x.Op == "??" {
		first := x.X
		for {
			y, ok := x.Y.(*BinaryExpr)
			if !ok || y.Op != "??" {
				add("??", x.Y)
				return group(f.expr(first), nest(parts...))
			}
			add("??", y.X)
			x = y
		}
	}
	chain := []*BinaryExpr{x}
	for {
		y, ok := x.X.(*BinaryExpr)
		if !ok || precedence(y.Op) != level {
			break
		}
		chain, x = append(chain, y), y
	}
	for i := len(chain) - 1; i >= 0; i-- {
		add(chain[i].Op, chain[i].Y)
	}
	return group(f.expr(x.X), nest(parts...))
}

// precedence returns how tightly an operator binds.
func precedence(op string) int {
	switch op {
	case "??":
		return bindCoalesce
	case "||":
		return bindOr
	case "&&":
		return bindAnd
	case "in":
		return bindIn
	case "+", "-":
		return bindAdd
	case "*", "/", "%":
		return bindMul
	default:
		return bindCompare
	}
}

// ifExpr lays out if with all its branches: all on one line, or each block
// broken.
func (f *formatter) ifExpr(x *IfExpr) *doc {
	var parts []*doc
	broken := false
	block := func(b *Block) {
		d := f.block(b)
		broken = broken || d.broken
		if d.kind == groupDoc { // its lines end where those of the whole do
			d = concat(d.kids...)
		}
		parts = append(parts, d)
	}
	for x != nil {
		parts = append(parts, text("if "))
		if x.Let != nil {
			parts = append(parts, text("let "+x.Let.Text+" = "))
		}
		parts = append(parts, f.head(x.Cond), text(" "))
		block(x.Then)
		if x.Else == nil {
			break
		}
		parts = append(parts, text(" else "))
		next := elseIf(x.Else)
		if next == nil {
			block(x.Else)
		}
		x = next
	}
	g := group(parts...)
	g.broken, g.brackets = g.broken || broken, true
	return g
}

// elseIf returns the if that els stands for in "else if", or nil if els is a
// block.
func elseIf(els *Block) *IfExpr {
	if len(els.Stmts) != 1 {
		return nil
	}
	s, ok := els.Stmts[0].(*ExprStmt)
	if !ok || s.Pos.Offset != els.Pos.Offset {
		return nil
	}
	x, _ := s.X.(*IfExpr)
	return x
}

// matchExpr lays out match: one arm a line, unless the author has all on one.
func (f *formatter) matchExpr(x *MatchExpr) *doc {
	items := make([]item, len(x.Arms))
	for i, arm := range x.Arms {
		patterns := make([]string, len(arm.Patterns))
		for j, p := range arm.Patterns {
			patterns[j] = f.pattern(p)
		}
		head := strings.Join(patterns, " | ")
		_, block := arm.Body.(*BlockExpr)
		width := utf8.RuneCountInString(head)
		if block {
			width = 0
		}
		items[i] = item{start: arm.Pos, end: arm.EndPos, width: width, build: func(pad *doc) *doc {
			return concat(text(head), pad, text(" => "), f.expr(arm.Body))
		}}
	}
	return concat(text("match "), f.head(x.X), text(" "), f.braces(x.X.Span().End, x.EndPos, items, ";"))
}

// pattern returns a pattern as text.
func (f *formatter) pattern(p Pattern) string {
	switch p := p.(type) {
	case *WildcardPattern:
		return "_"
	case *NonePattern:
		return "none"
	case *LiteralPattern:
		if u, ok := p.Value.(*UnaryExpr); ok {
			return u.Op + f.src(u.X).text
		}
		return f.src(p).text
	case *BindPattern:
		return p.Name.Text
	case *EnumPattern:
		return name(p.Type) + "." + p.Symbol.Text
	case *MemberPattern:
		if p.Bind == nil {
			return name(p.Type)
		}
		return name(p.Type) + " " + p.Bind.Text
	default:
		panic("lang: unknown pattern")
	}
}

func (f *formatter) lambda(x *LambdaExpr) *doc {
	if len(x.Params) == 1 && x.Params[0].Type == nil {
		return concat(text(x.Params[0].Name.Text+" => "), f.expr(x.Body))
	}
	out := concat(text("("))
	for i, p := range x.Params {
		if i > 0 {
			out = concat(out, text(", "))
		}
		out = concat(out, text(p.Name.Text))
		if p.Type != nil {
			out = concat(out, text(": "), f.typeExpr(p.Type))
		}
	}
	return concat(out, text(") => "), f.expr(x.Body))
}
