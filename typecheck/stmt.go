package typecheck

import (
	"fmt"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// block checks the statements of a block in a scope of their own.
func (k *coder) block(b *lang.Block) []ir.Stmt {
	if b == nil {
		return nil
	}
	return k.inner().stmts(b.Stmts)
}

func (k *coder) stmts(list []lang.Stmt) []ir.Stmt {
	var out []ir.Stmt
	for _, s := range list {
		out = append(out, k.stmt(s)...)
	}
	return out
}

// stmt checks one statement. It gives several where a compile-time condition
// leaves a whole block, and none where it leaves nothing.
func (k *coder) stmt(s lang.Stmt) []ir.Stmt {
	at := ir.StmtBase{At: s.Span().Start}
	one := func(s ir.Stmt) []ir.Stmt { return []ir.Stmt{s} }
	switch s := s.(type) {
	case *lang.LetStmt:
		return one(k.let(s))
	case *lang.AssignStmt:
		return k.assign(s)
	case *lang.ExprStmt:
		return k.exprStmt(s)
	case *lang.ForStmt:
		return one(k.forStmt(s))
	case *lang.WhileStmt:
		cond := k.value(s.Cond, boolType, "the condition")
		return one(&ir.While{StmtBase: at, Cond: cond, Body: k.loop().stmts(s.Body.Stmts)})
	case *lang.EmitStmt:
		return k.emit(s)
	case *lang.ClearStmt:
		return k.clear(s)
	case *lang.DropStmt:
		if !k.inOperator(s, "drop") {
			return nil
		}
		return one(&ir.Drop{StmtBase: at})
	case *lang.FailStmt:
		return one(&ir.FailStmt{StmtBase: at, Reason: k.value(s.Reason, stringType, "the reason")})
	case *lang.ReturnStmt:
		return k.returnStmt(s)
	case *lang.BreakStmt:
		k.inLoop(s, "break")
		return one(&ir.Break{StmtBase: at})
	case *lang.ContinueStmt:
		k.inLoop(s, "continue")
		return one(&ir.Continue{StmtBase: at})
	case *lang.SendStmt:
		return k.send(s)
	default:
		panic(fmt.Sprintf("typecheck: no such statement %T", s))
	}
}

// inOperator reports a statement that stands outside an operator.
func (k *coder) inOperator(s lang.Node, word string) bool {
	inside := (k.frame.kind == handlerCode || k.frame.kind == helperCode) && !k.frame.lambda
	if inside && !(k.frame.op.aggregate && (word == "drop" || word == "emit" || word == "send")) {
		return true
	}
	k.add(mistake(Misplaced, s.Span(), "%q stands in %s, and only an operator's handlers can do that", word, k.frame.what).
		help("functions are pure: return a value and let the handler act on it"))
	return false
}

func (k *coder) inLoop(s lang.Node, word string) {
	if k.frame.loops == 0 {
		k.add(mistake(Misplaced, s.Span(), "%q stands outside of a loop", word).help("to leave a handler or function, write return"))
	}
}

// let checks let x = e and var x = e.
func (k *coder) let(s *lang.LetStmt) ir.Stmt {
	kind, what := constLocal, "a local"
	if s.Var {
		kind, what = varLocal, "a variable"
	}
	var v ir.Expr
	var t types.Type
	if s.Type != nil {
		t = k.valueType(k.scope, s.Type)
		v = k.value(s.Value, t, "the value of "+s.Name.Text)
	} else {
		v = k.needsValue(k.expr(s.Value, nil), s.Value.Span(), s.Name.Text)
		if s.Var {
			v = roomy(v)
		}
		t = v.Type()
	}
	if old := k.scope.names[s.Name.Text]; old != nil && s.Name.Text != "_" {
		k.duplicate(s.Name, old.span)
	}
	return &ir.Let{StmtBase: ir.StmtBase{At: s.Pos}, Local: k.local(s.Name, t, kind, what), Value: v}
}

// exprStmt checks an expression that stands for its effect.
func (k *coder) exprStmt(s *lang.ExprStmt) []ir.Stmt {
	at := ir.StmtBase{At: s.Pos}
	switch e := s.X.(type) {
	case *lang.IfExpr:
		return k.ifStmt(e)
	case *lang.MatchExpr:
		return []ir.Stmt{k.matchStmt(e)}
	case *lang.BlockExpr:
		return k.block(e.Block)
	case *lang.CallExpr:
		if out, ok := k.effect(e); ok {
			return out
		}
	case *lang.BadExpr:
		return nil
	}
	v := k.expr(s.X, nil)
	if call, ok := v.(*ir.Call); ok && (call.Func.Op != nil || types.Is(call.T, types.Unit)) {
		return []ir.Stmt{&ir.ExprStmt{StmtBase: at, X: v}}
	}
	if !isInvalid(v.Type()) {
		k.unusedValue(s, v)
	}
	return nil
}

// unusedValue reports an expression whose value goes nowhere.
func (k *coder) unusedValue(s *lang.ExprStmt, v ir.Expr) {
	m := mistake(UnusedValue, s.Span(), "the value of this expression is not used")
	if b, ok := s.X.(*lang.BinaryExpr); ok && b.Op == "==" {
		m = m.help("to assign, write =")
	}
	if k.frame.result != nil && !types.Is(k.frame.result, types.Unit) && fitsType(v.Type(), k.frame.result) {
		m = m.help("write return before it")
	}
	if op := k.frame.op; op != nil && len(op.op.Outs) > 0 && fitsType(v.Type(), op.op.Outs[0].Elem) && op.op.Outs[0].Name == "" {
		m = m.help("pass it on: emit …")
	}
	k.add(m.help("keep it: let x = …"))
}

func (k *coder) ifStmt(e *lang.IfExpr) []ir.Stmt {
	if v := k.decided(e); v != nil {
		if v.bool {
			return k.block(e.Then)
		}
		return k.block(e.Else)
	}
	at := ir.StmtBase{At: e.Pos}
	cond := k.condition(e)
	then := k.inner()
	if e.Let == nil {
		return []ir.Stmt{&ir.IfStmt{StmtBase: at, Cond: cond, Then: then.stmts(e.Then.Stmts), Else: k.block(e.Else)}}
	}
	bind := then.local(e.Let, elemOf(cond.Type()), constLocal, "a local")
	return []ir.Stmt{&ir.IfLetStmt{StmtBase: at, X: cond, Bind: bind, Then: then.stmts(e.Then.Stmts), Else: k.block(e.Else)}}
}

func (k *coder) matchStmt(e *lang.MatchExpr) ir.Stmt {
	x := k.matched(e)
	m := newMatching(k, e, x.Type())
	out := &ir.MatchStmt{StmtBase: ir.StmtBase{At: e.Pos}, X: x}
	for _, a := range e.Arms {
		body := k.inner()
		arm := m.arm(body, a)
		if b, ok := a.Body.(*lang.BlockExpr); ok {
			arm.Stmts = body.stmts(b.Block.Stmts)
		} else {
			arm.Stmts = body.exprStmt(&lang.ExprStmt{Range: lang.Range{Pos: a.Body.Span().Start, EndPos: a.Body.Span().End}, X: a.Body})
		}
		out.Arms = append(out.Arms, arm)
	}
	m.finish()
	return out
}

// forStmt checks a loop over a list, set or map.
func (k *coder) forStmt(s *lang.ForStmt) ir.Stmt {
	if out := k.forState(s); out != nil {
		return out
	}
	out := &ir.For{StmtBase: ir.StmtBase{At: s.Pos}, X: k.expr(s.In, nil)}
	body := k.loop()
	var key, value types.Type = invalidType, invalidType
	pairs := false
	switch t := out.X.Type().(type) {
	case *types.List:
		value = t.Elem
	case *types.Set:
		value = t.Elem
	case *types.Map:
		key, value, pairs = t.Key, t.Value, true
	default:
		if !isInvalid(out.X.Type()) {
			k.add(mistake(BadOperands, s.In.Span(), "%s has no elements to loop over", describe(out.X.Type())).
				help("loop over a list, a set, a map or range(a, b)"))
		}
		pairs = s.Key != nil
	}
	switch {
	case pairs && s.Key == nil:
		k.add(mistake(BadOperands, s.Value.Span(), "a loop over a map names the key and the value").
			help("write for k, %s in …", s.Value.Text))
	case !pairs && s.Key != nil:
		k.add(mistake(BadOperands, s.Key.Span(), "a loop over %s names one thing, the element", describe(out.X.Type())).
			help("write for %s in …", s.Value.Text))
		body.local(s.Key, invalidType, constLocal, "a loop's name")
	case pairs:
		out.Key = body.local(s.Key, key, constLocal, "a loop's name")
	}
	out.Value = body.local(s.Value, value, constLocal, "a loop's name")
	out.Body = body.stmts(s.Body.Stmts)
	return out
}

func (k *coder) returnStmt(s *lang.ReturnStmt) []ir.Stmt {
	out := &ir.Return{StmtBase: ir.StmtBase{At: s.Pos}}
	want := k.frame.result
	switch {
	case want == nil || k.frame.lambda: // a lambda, a key: there is nothing to return from
		k.add(mistake(Misplaced, s.Span(), "there is no function to return from in %s", k.frame.what).
			help("the value of the expression is the result"))
	case types.Is(want, types.Unit) && s.Value != nil:
		k.expr(s.Value, nil)
		k.add(mistake(TypeMismatch, s.Value.Span(), "%s gives no value", k.frame.what).
			help("write return alone, or emit the value"))
	case !types.Is(want, types.Unit) && s.Value == nil:
		k.add(mistake(NoValue, s.Span(), "%s gives %s, and this return has no value", k.frame.what, want).
			help("write return %s", types.Sample(want)))
	case s.Value != nil:
		out.Value = k.value(s.Value, want, "the result")
	}
	return []ir.Stmt{out}
}

// leaves reports whether control never comes to the end of the statements.
func leaves(list []ir.Stmt) bool {
	for _, s := range list {
		if leavesAt(s) {
			return true
		}
	}
	return false
}

func leavesAt(s ir.Stmt) bool {
	switch s := s.(type) {
	case *ir.Return, *ir.Drop, *ir.FailStmt, *ir.Break, *ir.Continue:
		return true
	case *ir.IfStmt:
		return leaves(s.Then) && leaves(s.Else)
	case *ir.IfLetStmt:
		return leaves(s.Then) && leaves(s.Else)
	case *ir.MatchStmt:
		for _, a := range s.Arms {
			if !leaves(a.Stmts) {
				return false
			}
		}
		return len(s.Arms) > 0
	case *ir.While:
		always, ok := s.Cond.(*ir.BoolConst)
		return ok && always.Value && !breaks(s.Body)
	}
	return false
}

// breaks reports whether a break leaves the loop that the statements stand in.
func breaks(list []ir.Stmt) bool {
	for _, s := range list {
		switch s := s.(type) {
		case *ir.Break:
			return true
		case *ir.IfStmt:
			if breaks(s.Then) || breaks(s.Else) {
				return true
			}
		case *ir.IfLetStmt:
			if breaks(s.Then) || breaks(s.Else) {
				return true
			}
		case *ir.MatchStmt:
			for _, a := range s.Arms {
				if breaks(a.Stmts) {
					return true
				}
			}
		}
	}
	return false
}
