package typecheck

import (
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// changesOf names the methods that change a collection.
func changesOf(c *collection) []string {
	switch {
	case c.aggregate() != nil && c.rng == nil:
		return []string{"add", "merge"}
	case c.part >= 0 && c.state.Group.Parts[c.part].Kind == ir.ListState:
		return []string{"append"}
	case c.entry || c.rng != nil:
		return nil
	}
	switch c.state.Kind {
	case ir.ListState:
		return []string{"append"}
	case ir.MapState:
		return []string{"remove"}
	case ir.SortedState:
		return []string{"remove", "remove_before"}
	case ir.SetState:
		return []string{"add", "remove"}
	case ir.DynamicState:
		return []string{"remove", "set"}
	default:
		return nil
	}
}

// changes reports whether e calls a method on a place in state, so that it is a
// statement and no value.
func (k *coder) changes(e *lang.CallExpr) (*lang.FieldExpr, bool) {
	f, ok := e.Fun.(*lang.FieldExpr)
	if !ok || f.Optional {
		return nil, false
	}
	x := f.X
	if p, ok := x.(*lang.ParenExpr); ok {
		x = p.X
	}
	if b := k.collectionNamed(x); b != nil {
		return f, !readsDynamic(b, f)
	}
	if part, ok := x.(*lang.FieldExpr); ok && !part.Optional {
		ix, ok := part.X.(*lang.IndexExpr)
		if !ok {
			return nil, false
		}
		b := k.collectionNamed(ix.X)
		return f, b != nil && b.state.Group != nil && partIndex(b.state.Group, part.Name.Text) >= 0 &&
			b.state.Group.Parts[partIndex(b.state.Group, part.Name.Text)].Kind != ir.ValueState
	}
	ix, ok := x.(*lang.IndexExpr)
	if !ok {
		return nil, false
	}
	b := k.collectionNamed(ix.X)
	_, isRange := ix.Index.(*lang.RangeExpr)
	return f, b != nil && (b.state.Agg != nil || isRange)
}

// change checks xs.append(v), m.remove(k), a.add(v) and the like.
func (k *coder) change(e *lang.CallExpr, f *lang.FieldExpr) []ir.Stmt {
	c := k.collection(f.X)
	known := indexOf(changesOf(c), f.Name.Text) >= 0
	if known && f.Name.Text == "set" && c.state.Kind == ir.DynamicState {
		return k.setDynamic(e, c)
	}
	if c.wrong || !known || len(e.Args) != 1 || e.Args[0].Label != "" {
		k.looseArgs(e.Args)
		switch {
		case c.wrong:
		case !known:
			k.unknownChange(f, c)
		default:
			k.add(mistake(WrongArguments, e.Span(), "%s takes one argument, not %d", f.Name.Text, len(e.Args)).
				help("write %s(…)", f.Name.Text))
		}
		return nil
	}
	if !k.mayWrite(e, c.b) {
		k.looseArgs(e.Args)
		return nil
	}
	if c.part >= 0 && !k.makesEntry(e, c) {
		return nil
	}
	s := k.changeBy(e, f.Name.Text, c, ir.StmtBase{At: e.Pos})
	if s == nil {
		return nil
	}
	return []ir.Stmt{s}
}

// changeBy makes the statement of a change that exists.
func (k *coder) changeBy(e *lang.CallExpr, name string, c *collection, at ir.StmtBase) ir.Stmt {
	st, arg := c.state, e.Args[0].Value
	if agg := c.aggregate(); agg != nil {
		return k.accumulate(arg, name, c, agg, at)
	}
	elem := st.Elem
	if c.part >= 0 {
		elem = st.Group.Parts[c.part].Elem
	}
	if (isMap(st) || st.Kind == ir.DynamicState) && c.part < 0 {
		elem = st.MapKey
	}
	v := k.value(arg, elem, "the argument of "+name)
	switch {
	case isInvalid(v.Type()):
		return nil
	case name == "append":
		return &ir.Append{StmtBase: at, Place: c.place(), Value: v}
	case name == "add":
		return &ir.SetAdd{StmtBase: at, State: st, Value: v}
	case name == "remove":
		return &ir.EntryRemove{StmtBase: at, State: st, Key: v}
	default:
		return &ir.RemoveBefore{StmtBase: at, State: st, Key: v}
	}
}

// unknownChange reports a method that a collection does not have.
func (k *coder) unknownChange(f *lang.FieldExpr, c *collection) {
	for _, name := range properties(c) {
		if name == f.Name.Text {
			k.add(mistake(NotCallable, f.Name.Span(), "%q is a value and is not called", name).help("leave out the parentheses"))
			return
		}
	}
	names := changesOf(c)
	m := mistake(UnknownField, f.Name.Span(), "%s has no method %q", inState(c.state), f.Name.Text).
		note(c.b.span, "%s is declared here", c.state.Name).meant(f.Name.Text, names)
	switch {
	case c.rng != nil:
		m = m.help("a range is read only: .first, .last, .len")
	case c.state.Kind == ir.MapState && f.Name.Text == "remove_before":
		m = m.help("declare it as sorted<K, V>")
	case isMap(c.state) && (f.Name.Text == "add" || f.Name.Text == "set" || f.Name.Text == "put"):
		m = m.help("write %s[…] = …", c.state.Name)
	case isMap(c.state) && f.Name.Text == "get":
		m = m.help("write %s[…], which is none where there is no entry", c.state.Name)
	case isMap(c.state) && (f.Name.Text == "contains_key" || f.Name.Text == "has" || f.Name.Text == "contains"),
		c.state.Kind == ir.SetState && (f.Name.Text == "has" || f.Name.Text == "contains"):
		m = m.help("write … in %s", c.state.Name)
	case f.Name.Text == "clear":
		m = m.help("write clear %s", c.state.Name)
	}
	k.add(m.help("it has %s", list(names)))
}

// assignEntry checks m[k] = v, m[k].part = v, and the same with += and so on;
// ok is false if the target is no place in state.
func (k *coder) assignEntry(s *lang.AssignStmt) (out []ir.Stmt, ok bool) {
	c := k.collection(s.Target)
	if c == nil {
		return nil, false
	}
	what := "the value of " + c.state.Name
	t := k.assignable(s, c)
	switch {
	case t == nil:
		k.expr(s.Value, c.reads())
		return nil, true
	case !k.mayWrite(s, c.b) || c.part >= 0 && !k.makesEntry(s, c):
		k.expr(s.Value, t)
		return nil, true
	}
	var v ir.Expr
	if s.Op == "=" {
		v = k.value(s.Value, t, what)
	} else if v = k.updated(s, c, t); v == nil {
		return nil, true
	}
	if isInvalid(v.Type()) {
		return nil, true
	}
	return []ir.Stmt{&ir.EntrySet{StmtBase: ir.StmtBase{At: s.Pos}, Place: c.place(), Value: v}}, true
}

// reads is the type that a place reads as, nil if it is no value.
func (c *collection) reads() types.Type {
	switch {
	case c.part >= 0:
		return partType(c.state.Group.Parts[c.part])
	case c.entry && isMap(c.state):
		return entryValue(c.state)
	}
	return nil
}

// assignable returns the type of what the place takes by "=", nil if it takes
// nothing, which is reported.
func (k *coder) assignable(s *lang.AssignStmt, c *collection) types.Type {
	st := c.state
	wrong := func(what, help string, args ...any) types.Type {
		k.add(mistake(NotAssignable, s.Target.Span(), "%s", what).note(c.b.span, "%s is declared here", st.Name).help(help, args...))
		return nil
	}
	switch {
	case c.wrong:
		return nil
	case st.Kind == ir.DynamicState:
		return wrong("dynamic state cannot be assigned", "set what has a name: %s.set(\"name\", …); clear %s empties it", st.Name, st.Name)
	case c.rng != nil:
		return wrong("a range of entries cannot be assigned", "assign each entry: %s[…] = …", st.Name)
	case c.whole():
		return wrong("the whole of "+kindOfState(st)+" in state cannot be assigned", "%s", assignHelp(st))
	case c.part >= 0 && st.Group.Parts[c.part].Kind == ir.ListState:
		return wrong("a list in state cannot be assigned", "append to it: %s[…].%s.append(…)", st.Name, st.Group.Parts[c.part].Name)
	case c.aggregate() != nil:
		return wrong("an aggregate cannot be assigned", "add to it: .add(…)")
	case c.part >= 0:
		return st.Group.Parts[c.part].Elem
	case st.Group != nil && !onlyValues(st.Group):
		return wrong("an entry with lists or aggregates is not written whole", "write its parts: %s[…].%s", st.Name, st.Group.Parts[0].Name)
	}
	return entryValue(st)
}

// assignHelp says how a collection is written.
func assignHelp(st *ir.State) string {
	switch st.Kind {
	case ir.ListState:
		return st.Name + ".append(…) adds an element, clear " + st.Name + " empties it"
	case ir.SetState, ir.AggregateState:
		return st.Name + ".add(…) adds to it, clear " + st.Name + " empties it"
	default:
		return "write an entry: " + st.Name + "[…] = …; clear " + st.Name + " empties it"
	}
}

// updated is what m[k] += v and m[k].part += v write; nil if they have nothing
// to start from, which is reported.
func (k *coder) updated(s *lang.AssignStmt, c *collection, t types.Type) ir.Expr {
	get := &ir.EntryGet{Base: base(optionOf(entryValue(c.state)), s.Target.Span()), Place: ir.Place{State: c.state, Key: c.key, Part: -1}}
	var start ir.Expr
	if c.part >= 0 {
		start = c.state.Group.Parts[c.part].Init
	}
	op := s.Op[:len(s.Op)-1]
	if start == nil {
		k.expr(s.Value, t)
		k.add(mistake(BadOperands, s.Span(), "the entry may not be there yet, so %q has nothing to start from", s.Op).
			note(c.b.span, "%s is declared here", c.state.Name).
			help("say what stands for none: %s[…] = (%s[…] ?? %s) %s …", c.state.Name, c.state.Name, types.Sample(t), op))
		return nil
	}
	bind := &ir.Local{Name: "v", Type: c.state.Group.View, Pos: s.Pos}
	field := &ir.FieldOf{Base: base(t, s.Target.Span()), X: &ir.LocalRef{Base: base(bind.Type, s.Target.Span()), Local: bind}, Index: c.part}
	var old ir.Expr = &ir.OptionalMap{Base: base(optionOf(t), s.Target.Span()), X: get, Bind: bind, Body: field}
	if _, option := t.(*types.Option); !option {
		old = &ir.Coalesce{Base: base(t, s.Target.Span()), X: old, Y: start}
	}
	e := &lang.BinaryExpr{Range: s.Range, Op: op, OpSpan: s.Span(), X: s.Target, Y: s.Value}
	return k.convert(k.combine(e, old, k.expr(s.Value, t)), t, s.Value.Span(), "the value of "+c.state.Group.Parts[c.part].Name)
}
