package typecheck

import (
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/typecheck/ir"
)

// timerOf reports whether e names a timer, or a member of a timer family.
func (k *coder) timerOf(e lang.Expr) (*binding, lang.Expr, bool) {
	var index lang.Expr
	if ix, ok := e.(*lang.IndexExpr); ok {
		e, index = ix.X, ix.Index
	}
	id, ok := e.(*lang.IdentExpr)
	if !ok {
		return nil, nil, false
	}
	b := k.scope.find(id.Name)
	if b == nil || b.kind != timerName {
		return nil, nil, false
	}
	b.used = true
	return b, index, true
}

// timerIndex checks the index of a timer family; nil for a plain timer. ok is
// false if the use of the timer is wrong.
func (k *coder) timerIndex(e lang.Node, b *binding, index lang.Expr) (ir.Expr, bool) {
	t := b.timer.IndexType
	switch {
	case k.frame.kind == pureCode || k.frame.kind == keyCode:
		k.add(mistake(StateAccess, e.Span(), "%q is a timer, and %s cannot use it", b.name, k.frame.what).
			note(b.span, "%s is declared here", b.name).help("use it in a handler"))
		return nil, false
	case k.frame.in != nil && k.frame.op.op.Key != nil && k.frame.in.Kind == ir.Broadcast:
		k.add(mistake(StateAccess, e.Span(), "%q belongs to a key, and the handler of %s has none", b.name, k.frame.in.Name).
			note(b.span, "%s is declared here", b.name).help("set it in a handler of an input with a key"))
		return nil, false
	case t == nil && index == nil:
		return nil, true
	case t == nil:
		k.expr(index, nil)
		k.add(mistake(BadOperands, e.Span(), "%q is one timer and has no index", b.name).
			note(b.span, "%s is declared here", b.name).help("declare a family: timer %s[timestamp]: event time", b.name))
		return nil, false
	case index == nil:
		k.add(mistake(BadOperands, e.Span(), "%q is a family of timers and wants an index", b.name).
			note(b.span, "%s is declared here", b.name).help("write %s[…]", b.name))
		return nil, false
	}
	return k.value(index, t, "the index of "+b.name), true
}

// timerField reads idle.at.
func (k *coder) timerField(e *lang.FieldExpr, b *binding, index lang.Expr) ir.Expr {
	i, ok := k.timerIndex(e, b, index)
	if !ok {
		return invalid(e.Span())
	}
	if e.Name.Text != "at" {
		m := mistake(UnknownField, e.Name.Span(), "a timer has nothing called %q", e.Name.Text).
			meant(e.Name.Text, []string{"at", "set", "cancel"})
		if e.Name.Text == "set" || e.Name.Text == "cancel" {
			m.Help = "call it: " + b.name + "." + e.Name.Text + "(…)"
		}
		k.add(m.help("it has .at, .set(t) and .cancel()"))
		return invalid(e.Span())
	}
	return &ir.TimerAt{Base: base(optionOf(timestampType), e.Span()), Timer: b.timer, Index: i}
}

// effect checks a call that is a statement by itself: idle.set(t) and
// idle.cancel(). ok is false if e is another call.
func (k *coder) effect(e *lang.CallExpr) (out []ir.Stmt, ok bool) {
	f, isField := e.Fun.(*lang.FieldExpr)
	if !isField {
		return nil, false
	}
	if f, ok := k.changes(e); ok {
		return k.change(e, f), true
	}
	b, index, isTimer := k.timerOf(f.X)
	if !isTimer {
		return nil, false
	}
	i, good := k.timerIndex(f, b, index)
	at := ir.StmtBase{At: e.Pos}
	switch {
	case b.timer.State != nil && (f.Name.Text == "set" || f.Name.Text == "cancel"):
		k.looseArgs(e.Args)
		k.add(mistake(Misplaced, e.Span(), "%s follows the entries of %s by itself", b.name, b.timer.State.Name).
			note(b.span, "%s is declared here", b.name).help("write or remove the entry: %s[…]", b.timer.State.Name))
	case f.Name.Text == "set" && len(e.Args) == 1:
		to := k.value(e.Args[0].Value, timestampType, "the time of a timer")
		if good {
			out = []ir.Stmt{&ir.TimerSet{StmtBase: at, Timer: b.timer, Index: i, To: to}}
		}
	case f.Name.Text == "cancel" && len(e.Args) == 0:
		if good {
			out = []ir.Stmt{&ir.TimerCancel{StmtBase: at, Timer: b.timer, Index: i}}
		}
	case f.Name.Text == "set" || f.Name.Text == "cancel":
		want := map[string]int{"set": 1, "cancel": 0}[f.Name.Text]
		k.add(mistake(WrongArguments, e.Span(), "%s takes %s, not %d", f.Name.Text, count(want, "argument"), len(e.Args)).
			help("write %s.set(time + 1h) or %s.cancel()", b.name, b.name))
	default:
		k.timerField(f, b, index)
		if f.Name.Text == "at" {
			k.add(mistake(NotCallable, e.Span(), "%s.at is a value and is not called", b.name).help("leave out the parentheses"))
		}
	}
	return out, true
}

// isEffect reports an effect that stands where a value is wanted.
func (k *coder) isEffect(e *lang.CallExpr) bool {
	f, ok := e.Fun.(*lang.FieldExpr)
	if !ok {
		return false
	}
	_, _, timer := k.timerOf(f.X)
	if _, changes := k.changes(e); !timer && !changes {
		return false
	}
	if out, _ := k.effect(e); len(out) > 0 {
		k.add(mistake(NoValue, e.Span(), "%s gives no value", f.Name.Text).help("write it as a statement of its own"))
	}
	return true
}
