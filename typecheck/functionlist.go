package typecheck

import (
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// isFunctionList reports whether t is the type of a parameter that is a list of
// functions.
func isFunctionList(t types.Type) bool {
	l, ok := t.(*types.List)
	if !ok {
		return false
	}
	_, ok = l.Elem.(*types.Func)
	return ok
}

// functionsArgument checks an argument that is a list of functions.
func (w *wiring) functionsArgument(a *stepArgs, i int, p *lang.ParamDecl, t *types.List) bool {
	arg := a.slots[i].Value
	if b := w.functionsNamed(arg); b != nil {
		b.used = true
		a.lists[i] = b.list
		return true
	}
	lit, ok := arg.(*lang.ListLit)
	if !ok || len(lit.Elems) == 0 {
		w.add(mistake(TypeMismatch, arg.Span(), "the argument %s is a list of functions", p.Name.Text).
			note(p.Name.Span(), "%s is declared here", p.Name.Text).help("write %s: [x => …, x => …]", p.Name.Text))
		return false
	}
	f := a.found.substitute(w.checker, t.Elem).(*types.Func)
	for _, e := range lit.Elems {
		cl := w.closure(e, f, "an element of "+p.Name.Text)
		if cl == nil {
			return false
		}
		open := w.open(cl, e.Span())
		if open == nil || !a.found.unify(t.Elem.(*types.Func).Result, open.Body.Type()) {
			return false
		}
		a.lists[i] = append(a.lists[i], cl)
	}
	return true
}

// functionsNamed returns the list of functions that the name e stands for, nil
// if it is none.
func (k *coder) functionsNamed(e lang.Expr) *binding {
	id, ok := e.(*lang.IdentExpr)
	if !ok {
		return nil
	}
	if b := k.scope.find(id.Name); b != nil && b.kind == functionList {
		return b
	}
	return nil
}

// callNth calls one of a list of functions: steps[i](x). Which one is decided
// when it runs, unless i is a constant; there is a branch for each.
func (k *coder) callNth(e *lang.CallExpr, f *lang.IndexExpr, b *binding) ir.Expr {
	b.used = true
	index := k.value(f.Index, intType, "the index of "+b.name)
	nth := func(i int) ir.Expr {
		return k.callClosure(e, &binding{kind: lambdaParam, name: b.name, span: b.span, closure: b.list[i]})
	}
	if n, ok := index.(*ir.IntConst); ok && n.Value >= 0 && n.Value < int64(len(b.list)) {
		return nth(int(n.Value))
	}
	at := &ir.Local{Name: "i", Type: intType, Pos: f.Index.Span().Start}
	var out ir.Expr = &ir.Do{Base: base(neverType, f.Index.Span()), Body: []ir.Stmt{&ir.FailStmt{
		StmtBase: ir.StmtBase{At: f.Index.Span().Start},
		Reason:   &ir.StringConst{Base: base(stringType, f.Index.Span()), Value: "the index is outside of " + b.name},
	}}}
	for i := len(b.list) - 1; i >= 0; i-- {
		v := nth(i)
		if isInvalid(v.Type()) {
			return v
		}
		cond := &ir.Binary{
			Base: base(boolType, f.Index.Span()), Op: ir.Eq,
			X: &ir.LocalRef{Base: base(intType, f.Index.Span()), Local: at},
			Y: &ir.IntConst{Base: base(intType, f.Index.Span()), Value: int64(i)},
		}
		out = &ir.If{Base: base(v.Type(), e.Span()), Cond: cond, Then: v, Else: out}
	}
	let := &ir.Let{StmtBase: ir.StmtBase{At: f.Index.Span().Start}, Local: at, Value: index}
	return &ir.Do{Base: base(out.Type(), e.Span()), Body: []ir.Stmt{let}, Value: out}
}
