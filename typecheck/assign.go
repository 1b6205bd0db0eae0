package typecheck

import (
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// assign checks an assignment: only a var and a state take one.
func (k *coder) assign(s *lang.AssignStmt) []ir.Stmt {
	if out, ok := k.assignEntry(s); ok {
		return out
	}
	target, ok := s.Target.(*lang.IdentExpr)
	if !ok {
		k.notAssignable(s)
		k.expr(s.Value, nil)
		return nil
	}
	b := k.scope.find(target.Name)
	if b == nil {
		k.ident(target)
		k.expr(s.Value, nil)
		return nil
	}
	switch b.kind {
	case varLocal:
		v := k.assigned(s, &ir.LocalRef{Base: base(b.local.Type, target.Span()), Local: b.local}, b.local.Type)
		return []ir.Stmt{&ir.Assign{StmtBase: ir.StmtBase{At: s.Pos}, Local: b.local, Value: v}}
	case stateName:
		return k.assignState(s, b)
	}
	k.expr(s.Value, nil)
	k.constantName(s, b)
	return nil
}

// constantName reports an assignment to a name that keeps its value.
func (k *coder) constantName(s *lang.AssignStmt, b *binding) {
	b.used = true
	m := mistake(AssignConstant, s.Target.Span(), "%q is %s and cannot be assigned", b.name, b.what).
		note(b.span, "%s is declared here", b.name)
	if b.what == "a local" {
		m = m.help("declare it with var: var %s = …", b.name)
	}
	if b.kind == timerName {
		m = m.help("set it: %s.set(…)", b.name)
	}
	k.add(m.help("keep the new value under another name: let new_%s = …", b.name))
}

// notAssignable reports an assignment to something that is no name.
func (k *coder) notAssignable(s *lang.AssignStmt) {
	field, ok := s.Target.(*lang.FieldExpr)
	if !ok {
		if ix, index := s.Target.(*lang.IndexExpr); index && isInvalid(k.expr(ix.X, nil).Type()) {
			return
		}
		k.expr(s.Target, nil)
		k.add(mistake(NotAssignable, s.Target.Span(), "only a variable or a state can be assigned").
			help("put a name on the left"))
		return
	}
	x := k.expr(field.X, nil)
	if isInvalid(x.Type()) {
		return
	}
	name := "r"
	if id, ok := field.X.(*lang.IdentExpr); ok {
		name = id.Name
	}
	k.add(mistake(AssignField, s.Target.Span(), "the field %q cannot be assigned: values are immutable", field.Name.Text).
		help("copy the record: let changed = %s with { %s: … }", name, field.Name.Text))
}

// assigned checks the value of an assignment to something that now reads as old.
func (k *coder) assigned(s *lang.AssignStmt, old ir.Expr, t types.Type) ir.Expr {
	if s.Op == "=" {
		return k.value(s.Value, t, "the value of "+s.Target.(*lang.IdentExpr).Name)
	}
	op := s.Op[:len(s.Op)-1]
	e := &lang.BinaryExpr{Range: s.Range, Op: op, OpSpan: s.Span(), X: s.Target, Y: s.Value}
	y := k.expr(s.Value, old.Type())
	v := k.combine(e, old, y)
	return k.convert(v, t, s.Value.Span(), "the value of "+s.Target.(*lang.IdentExpr).Name)
}

// assignState checks x = v and x += v of a value state.
func (k *coder) assignState(s *lang.AssignStmt, b *binding) []ir.Stmt {
	b.used = true
	st := b.state
	if !k.mayWrite(s, b) {
		k.expr(s.Value, st.Elem)
		return nil
	}
	if s.Op != "=" && st.Init == nil && !isInvalid(st.Elem) {
		k.expr(s.Value, st.Elem)
		k.add(mistake(BadOperands, s.Span(), "%q may have no value yet, so %q has nothing to start from", st.Name, s.Op).
			note(b.span, "%s is declared here", st.Name).
			help("give it an initial value: state %s: value<%s> = %s", st.Name, st.Elem, types.Sample(st.Elem)))
		return nil
	}
	old := &ir.StateGet{Base: base(st.Elem, s.Target.Span()), State: st}
	if s.Op == "=" {
		if _, none := s.Value.(*lang.NoneLit); none {
			k.add(mistake(TypeMismatch, s.Value.Span(), "a state is not set to none").
				note(b.span, "%s is declared here", st.Name).help("write clear %s", st.Name))
			return nil
		}
	}
	v := k.assigned(s, old, st.Elem)
	return []ir.Stmt{&ir.StateSet{StmtBase: ir.StmtBase{At: s.Pos}, State: st, Value: v}}
}

// readState reads a state by its name.
func (k *coder) readState(e lang.Node, b *binding) ir.Expr {
	st := b.state
	if isInvalid(st.Elem) || !k.mayTouch(e, b) {
		return invalid(e.Span())
	}
	if isCollection(st) {
		k.noCollectionValue(e.Span(), b)
		return invalid(e.Span())
	}
	t := st.Elem
	if st.Init == nil {
		t = optionOf(t)
	}
	return &ir.StateGet{Base: base(t, e.Span()), State: st}
}

// mayTouch reports whether the state's cell is there to be read: that of a key
// is not, where there is no key.
func (k *coder) mayTouch(e lang.Node, b *binding) bool {
	if k.frame.kind == keyCode || k.frame.kind == pureCode {
		k.add(mistake(StateAccess, e.Span(), "%q is state, and %s cannot read it", b.name, k.frame.what).
			note(b.span, "%s is declared here", b.name).help("read it in a handler"))
		return false
	}
	in := k.frame.in
	if in == nil || b.state.Broadcast || in.Kind == ir.Keyed || in.Kind == ir.Message || k.frame.op.op.Key == nil {
		return true
	}
	k.add(mistake(StateAccess, e.Span(), "%q belongs to a key, and the handler of %s has none", b.name, in.Name).
		note(b.span, "%s is declared here", b.name).
		help("make the state broadcast, or give the input a key"))
	return false
}

// mayWrite reports whether the code may change the state.
func (k *coder) mayWrite(e lang.Node, b *binding) bool {
	if !k.mayTouch(e, b) || !k.inOperator(e, "=") {
		return false
	}
	return true
}

// clear checks clear and clear x.
func (k *coder) clear(s *lang.ClearStmt) []ir.Stmt {
	if !k.inOperator(s, "clear") {
		return nil
	}
	at := ir.StmtBase{At: s.Pos}
	if s.State == nil && k.frame.op.aggregate {
		k.add(mistake(Misplaced, s.Span(), "an aggregate clears its states by name").help("write clear and the name of a state"))
		return nil
	}
	if s.State == nil {
		return []ir.Stmt{&ir.ClearAll{StmtBase: at}}
	}
	b := k.scope.find(s.State.Text)
	if b == nil || b.kind != stateName {
		names := k.scope.visible(func(b *binding) bool { return b.kind == stateName })
		m := mistake(UnknownName, s.State.Span(), "%q is no state", s.State.Text).meant(s.State.Text, names)
		if b != nil && b.kind == timerName {
			m = m.help("a timer is cancelled: %s.cancel()", b.name)
		}
		k.add(m.help("clear alone empties all state of the key"))
		return nil
	}
	b.used = true
	if isInvalid(b.state.Elem) || !k.mayWrite(s, b) {
		return nil
	}
	return []ir.Stmt{&ir.StateClear{StmtBase: at, State: b.state}}
}

// emit checks emit v, emit bad v and emit v at t.
func (k *coder) emit(s *lang.EmitStmt) []ir.Stmt {
	if !k.inOperator(s, "emit") {
		k.expr(s.Value, nil)
		return nil
	}
	op := k.frame.op
	name := ""
	if s.Out != nil {
		name = s.Out.Text
	}
	out := op.out(name)
	if out == nil {
		k.unknownOut(s, name)
		k.expr(s.Value, nil)
		return nil
	}
	what := "the main output"
	if name != "" {
		what = "the output " + name
	}
	stmt := &ir.Emit{StmtBase: ir.StmtBase{At: s.Pos}, Out: out}
	v := k.expr(s.Value, out.Elem)
	if stmt.Value = fit(v, out.Elem, s.Value.Span()); stmt.Value == nil {
		m := mistake(TypeMismatch, s.Value.Span(), "%s takes %s, not %s", what, describe(out.Elem), describe(v.Type())).
			note(at(out.Pos), "the output is declared here")
		k.add(k.mismatchHelp(m, v.Type(), out.Elem))
		stmt.Value = invalid(s.Value.Span())
	}
	if s.At != nil {
		stmt.AtTime = k.value(s.At, timestampType, "the time after \"at\"")
	}
	return []ir.Stmt{stmt}
}

func (k *coder) unknownOut(s *lang.EmitStmt, name string) {
	op := k.frame.op
	if name == "" {
		m := mistake(UnknownOutput, s.Span(), "%s has no main output", op.op.Name).note(at(op.op.Pos), "%s is declared here", op.op.Name)
		if len(op.op.Outs) > 0 {
			m = m.help("name the output: emit %s …, or declare one: out T", op.op.Outs[0].Name)
		}
		k.add(m.help("declare one: out T"))
		return
	}
	k.add(mistake(UnknownOutput, s.Out.Span(), "%s has no output %q", op.op.Name, name).
		note(at(op.op.Pos), "%s is declared here", op.op.Name).
		meant(name, op.outNames()).help("declare it: out %s: T", name))
}
