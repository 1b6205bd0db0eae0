package typecheck

import (
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// blockValue checks a block for the value of its last expression. A block that
// control leaves before its end has the type never, and a Do without a value.
func (k *coder) blockValue(b *lang.Block, want types.Type) ir.Expr {
	n := len(b.Stmts)
	if n > 0 {
		if _, fails := b.Stmts[n-1].(*lang.FailStmt); fails && k.frame.instead != nil {
			return valueAfter(k.stmts(b.Stmts[:n-1]), k.frame.instead, b)
		}
		if last, ok := b.Stmts[n-1].(*lang.ExprStmt); ok {
			body := k.stmts(b.Stmts[:n-1])
			return valueAfter(body, k.expr(last.X, want), b)
		}
	}
	body := k.stmts(b.Stmts)
	if leaves(body) {
		return &ir.Do{Base: base(neverType, b.Span()), Body: body}
	}
	k.add(mistake(NoValue, b.Span(), "the block has no value").help("end it with an expression"))
	return invalid(b.Span())
}

// valueAfter is the value of a block that does something first.
func valueAfter(body []ir.Stmt, v ir.Expr, b *lang.Block) ir.Expr {
	if len(body) == 0 {
		return v
	}
	return &ir.Do{Base: base(v.Type(), b.Span()), Body: body, Value: v}
}

// ifExpr checks an if that is used for its value.
func (k *coder) ifExpr(e *lang.IfExpr, want types.Type) ir.Expr {
	if v := k.decided(e); v != nil {
		return k.chosenBranch(e, v.bool, want)
	}
	var bind *ir.Local
	cond := k.condition(e)
	then := k.inner()
	if e.Let != nil {
		bind = then.local(e.Let, elemOf(cond.Type()), constLocal, "a local")
	}
	if e.Else == nil {
		then.blockValue(e.Then, want)
		k.add(mistake(NoValue, e.Span(), "an if without else has no value").help("add else { … }"))
		return invalid(e.Span())
	}
	var a, b ir.Expr
	if want == nil && takesType(lastValue(e.Then)) {
		b = k.inner().blockValue(e.Else, nil)
		a = then.blockValue(e.Then, hintOf(nil, b))
	} else {
		a = then.blockValue(e.Then, want)
		b = k.inner().blockValue(e.Else, hintOf(want, a))
	}
	t := k.meet([]ir.Expr{a, b}, want)
	if t == nil {
		k.branchesDiffer(valueSpan(e.Else), a, b, "the if gives")
		return invalid(e.Span())
	}
	if isInvalid(cond.Type()) {
		return invalid(e.Span())
	}
	a, b = fit(a, t, valueSpan(e.Then)), fit(b, t, valueSpan(e.Else))
	if e.Let != nil {
		return &ir.IfLet{Base: base(t, e.Span()), X: cond, Bind: bind, Then: a, Else: b}
	}
	return &ir.If{Base: base(t, e.Span()), Cond: cond, Then: a, Else: b}
}

// condition checks what an if looks at: a bool, or an option for "if let".
func (k *coder) condition(e *lang.IfExpr) ir.Expr {
	if e.Let == nil {
		return k.value(e.Cond, boolType, "the condition")
	}
	x := k.expr(e.Cond, nil)
	if _, ok := x.Type().(*types.Option); !ok && !isInvalid(x.Type()) {
		k.add(mistake(NotOptional, e.Cond.Span(), "\"if let\" looks into an optional value, and %s is never none", describe(x.Type())).
			help("write let %s = …", e.Let.Text))
		return invalid(e.Cond.Span())
	}
	return x
}

// decided evaluates a condition on parameters that are known at compile time;
// nil if it is not one.
func (k *coder) decided(e *lang.IfExpr) *constant {
	if e.Let != nil {
		if v := k.fold(e.Cond); v != nil && v.kind == noneConstant && v.chosen {
			k.scope.mod.chosen = true
			return &constant{kind: boolConstant, chosen: true}
		}
		return nil
	}
	if v := k.fold(e.Cond); v != nil && v.kind == boolConstant && v.chosen {
		k.scope.mod.chosen = true
		return v
	}
	return nil
}

func (k *coder) chosenBranch(e *lang.IfExpr, then bool, want types.Type) ir.Expr {
	b := e.Else
	if then {
		b = e.Then
	}
	if b == nil {
		k.add(mistake(NoValue, e.Span(), "an if without else has no value").help("add else { … }"))
		return invalid(e.Span())
	}
	return k.inner().blockValue(b, want)
}

// meet returns the type of several values of which one is chosen.
func (k *coder) meet(vs []ir.Expr, want types.Type) types.Type {
	t := vs[0].Type()
	for _, v := range vs[1:] {
		if t = join(t, v.Type()); t == nil {
			break
		}
	}
	if t != nil || hasFree(want) {
		return t
	}
	for _, v := range vs {
		if !fitsType(v.Type(), want) {
			return nil
		}
	}
	return want
}

func (k *coder) branchesDiffer(span source.Span, first, other ir.Expr, what string) {
	m := mistake(TypeMismatch, span, "%s %s in one branch and %s in another", what, describe(first.Type()), describe(other.Type())).
		note(at(first.Pos()), "the first branch is %s", describe(first.Type()))
	k.add(m.help("give both the same type"))
}

// hintOf is the type that another branch is wanted to have beside v, which was
// checked with want.
func hintOf(want types.Type, v ir.Expr) types.Type {
	if want == nil && !isInvalid(v.Type()) && !types.Is(v.Type(), types.Never) {
		return v.Type()
	}
	return want
}

// takesType reports whether e has a type only from what is beside it: an empty list
// or map.
func takesType(e lang.Expr) bool {
	switch e := e.(type) {
	case *lang.ListLit:
		return len(e.Elems) == 0
	case *lang.MapLit:
		return len(e.Entries) == 0
	case *lang.ParenExpr:
		return takesType(e.X)
	}
	return false
}

// lastValue is the expression at the end of a block, nil if there is none.
func lastValue(b *lang.Block) lang.Expr {
	if n := len(b.Stmts); n > 0 {
		if last, ok := b.Stmts[n-1].(*lang.ExprStmt); ok {
			return last.X
		}
	}
	return nil
}

// valueSpan is the text that gives a block its value.
func valueSpan(b *lang.Block) source.Span {
	if n := len(b.Stmts); n > 0 {
		return b.Stmts[n-1].Span()
	}
	return b.Span()
}

// matchExpr checks a match that is used for its value.
func (k *coder) matchExpr(e *lang.MatchExpr, want types.Type) ir.Expr {
	x := k.matched(e)
	m := newMatching(k, e, x.Type())
	out := &ir.Match{X: x}
	var bodies []*coder
	for _, a := range e.Arms {
		body := k.inner()
		bodies = append(bodies, body)
		out.Arms = append(out.Arms, m.arm(body, a))
	}
	hint := want
	for _, empty := range []bool{false, true} { // what has no type of its own comes last
		for i, a := range e.Arms {
			if (want == nil && takesType(a.Body)) == empty {
				out.Arms[i].Body = bodies[i].expr(a.Body, hint)
				hint = hintOf(hint, out.Arms[i].Body)
			}
		}
	}
	var values []ir.Expr
	var spans []source.Span
	for i, a := range e.Arms {
		values, spans = append(values, out.Arms[i].Body), append(spans, a.Body.Span())
	}
	m.finish()
	if len(values) == 0 || isInvalid(x.Type()) {
		return invalid(e.Span())
	}
	t := k.meet(values, want)
	if t == nil {
		first, other := k.firstDifference(values)
		k.branchesDiffer(spans[other], values[first], values[other], "the match gives")
		return invalid(e.Span())
	}
	for i, a := range out.Arms {
		a.Body = fit(a.Body, t, spans[i])
	}
	out.Base = base(t, e.Span())
	return out
}

// firstDifference finds two values without a common type.
func (k *coder) firstDifference(vs []ir.Expr) (first, other int) {
	for i := range vs {
		for j := i + 1; j < len(vs); j++ {
			if join(vs[i].Type(), vs[j].Type()) == nil {
				return i, j
			}
		}
	}
	return 0, len(vs) - 1
}

// matched checks the value that a match takes apart.
func (k *coder) matched(e *lang.MatchExpr) ir.Expr {
	x := k.expr(e.X, nil)
	return k.needsValue(x, e.X.Span(), "what is matched")
}
