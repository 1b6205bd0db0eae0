package typecheck

import (
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// Collections in state are read and changed in place, entry by entry, and are
// no values. So code that names one is recognized by its shape: the state, an
// entry of it, a range of its entries, or a part of the group in an entry.

// collectionType resolves list<T>, set<K>, map<K, V> and sorted<K, V>.
func (o *operatorCheck) collectionType(t *lang.TypeExpr, st *ir.State, kind ir.StateKind) {
	switch kind {
	case ir.ListState:
		st.Elem = o.valueType(o.scope, t.Args[0])
	case ir.SetState:
		st.Elem = o.stateKey(t.Args[0], "an element of a set")
	default:
		st.MapKey = o.stateKey(t.Args[0], "a key of a map")
		o.entryType(t.Args[1], st)
		if !isInvalid(st.MapKey) && (st.Value == nil || !isInvalid(st.Value)) {
			st.Elem = nil
		}
	}
	if st.Elem == nil || !isInvalid(st.Elem) {
		st.Kind = kind
	}
}

// stateKey resolves the type of the keys or elements of a collection.
func (o *operatorCheck) stateKey(e *lang.TypeExpr, what string) types.Type {
	t := o.valueType(o.scope, e)
	if !isInvalid(t) && !types.CanBeKey(t) {
		o.checker.badKey(e.Span(), t, what)
		return invalidType
	}
	return t
}

// entryType resolves what the entries of a map or sorted state hold.
func (o *operatorCheck) entryType(e *lang.TypeExpr, st *ir.State) {
	if e.IsRecord && e.Optional == 0 {
		o.group(e, st)
		return
	}
	if plainTypeName(e) == "aggregate" {
		if st.Agg = o.aggregateType(e); st.Agg == nil {
			st.Value = invalidType
		}
		return
	}
	st.Value = o.stateValue(e, "an entry that is not there is none already", "write %s, and remove the entry to have none")
}

// isCollection reports whether st is read and changed in place.
func isCollection(st *ir.State) bool { return st.Kind != ir.ValueState }

// isMap reports whether st has entries with keys.
func isMap(st *ir.State) bool { return st.Kind == ir.MapState || st.Kind == ir.SortedState }

// entryValue is the type of what an entry of a map reads as: its value, or a
// view of its group or accumulator.
func entryValue(st *ir.State) types.Type {
	switch {
	case st.Group != nil:
		return st.Group.View
	case st.Agg != nil:
		return viewOf(st.Agg)
	default:
		return st.Value
	}
}

// collection is a place in state as written.
type collection struct {
	b     *binding
	state *ir.State
	entry bool    // whether an index stands there that is no range
	key   ir.Expr // of the entry; nil if it is wrong
	rng   *ir.Range
	part  int // of the entry's group, or -1
	span  source.Span
	wrong bool // its mistake is reported already
}

// place is where the collection lies.
func (c *collection) place() ir.Place { return ir.Place{State: c.state, Key: c.key, Part: c.part} }

// whole reports whether the state itself was named.
func (c *collection) whole() bool { return !c.entry && c.rng == nil }

// collectionNamed returns the collection that the name e stands for, nil if it
// is none.
func (k *coder) collectionNamed(e lang.Expr) *binding {
	id, ok := e.(*lang.IdentExpr)
	if !ok || id.Name == "key" && k.frame.hasKeyWord() {
		return nil
	}
	b := k.scope.find(id.Name)
	if b == nil || b.kind != stateName || !isCollection(b.state) {
		return nil
	}
	return b
}

// collection recognizes a place in state, and checks its index; nil if e is
// something else.
func (k *coder) collection(e lang.Expr) *collection {
	switch e := e.(type) {
	case *lang.ParenExpr:
		return k.collection(e.X)
	case *lang.IdentExpr:
		if b := k.collectionNamed(e); b != nil {
			b.used = true
			return &collection{b: b, state: b.state, part: -1, span: e.Span(), wrong: !k.mayTouch(e, b)}
		}
	case *lang.IndexExpr:
		if b := k.collectionNamed(e.X); b != nil {
			return k.entryOrRange(e, b)
		}
	case *lang.FieldExpr:
		ix, ok := e.X.(*lang.IndexExpr)
		if !ok || e.Optional {
			return nil
		}
		b := k.collectionNamed(ix.X)
		if b == nil || b.state.Group == nil {
			return nil
		}
		part := partIndex(b.state.Group, e.Name.Text)
		if _, isRange := ix.Index.(*lang.RangeExpr); part < 0 || isRange {
			return nil
		}
		c := k.entryOrRange(ix, b)
		c.part, c.span = part, e.Span()
		return c
	}
	return nil
}

// entryOrRange checks m[k] and m[a..b].
func (k *coder) entryOrRange(e *lang.IndexExpr, b *binding) *collection {
	b.used = true
	st := b.state
	c := &collection{b: b, state: st, part: -1, span: e.Span(), wrong: !k.mayTouch(e, b)}
	r, isRange := e.Index.(*lang.RangeExpr)
	switch {
	case isRange:
		c.rng = k.stateRange(r, st)
		if st.Kind != ir.SortedState {
			k.add(mistake(BadOperands, e.Span(), "only a sorted state has ranges, and %s is %s", st.Name, kindOfState(st)).
				note(b.span, "%s is declared here", st.Name).help("declare it as sorted<K, V>"))
			c.wrong = true
		}
		c.wrong = c.wrong || c.rng == nil
	case !isMap(st):
		k.expr(e.Index, nil)
		m := mistake(BadOperands, e.Span(), "%s is %s and has no entries to read by index", st.Name, kindOfState(st)).
			note(b.span, "%s is declared here", st.Name)
		switch st.Kind {
		case ir.SetState:
			m = m.help("write … in %s", st.Name)
		case ir.DynamicState:
			m = m.help("say which type it has: %s.get<int>(…)", st.Name)
		}
		k.add(m.help("loop over it, or declare a map"))
		c.entry, c.wrong = true, true
	default:
		c.entry = true
		c.key = k.value(e.Index, st.MapKey, "the key of "+st.Name)
		c.wrong = c.wrong || isInvalid(c.key.Type())
	}
	return c
}

// stateRange checks the bounds of a range; nil if one is wrong.
func (k *coder) stateRange(r *lang.RangeExpr, st *ir.State) *ir.Range {
	out := &ir.Range{}
	good := true
	bound := func(e lang.Expr, what string) ir.Expr {
		if e == nil {
			return nil
		}
		if !isMap(st) {
			k.expr(e, nil)
			return nil
		}
		v := k.value(e, st.MapKey, what)
		good = good && !isInvalid(v.Type())
		return v
	}
	out.From = bound(r.From, "the beginning of a range of "+st.Name)
	out.To = bound(r.To, "the end of a range of "+st.Name)
	if !good {
		return nil
	}
	return out
}

// kindOfState names the kind of st in a message.
func kindOfState(st *ir.State) string {
	switch st.Kind {
	case ir.ListState:
		return "a list"
	case ir.MapState:
		return "a map"
	case ir.SortedState:
		return "a sorted map"
	case ir.SetState:
		return "a set"
	case ir.AggregateState:
		return "an aggregate"
	case ir.DynamicState:
		return "dynamic state"
	default:
		return "a value"
	}
}

// noCollectionValue reports a collection that stands where a value is wanted.
func (k *coder) noCollectionValue(span source.Span, b *binding) {
	st := b.state
	m := mistake(NotAValue, span, "%q is %s in state, no value", st.Name, kindOfState(st)).note(b.span, "%s is declared here", st.Name)
	switch st.Kind {
	case ir.DynamicState:
		m = mistake(NotAValue, span, "%q is dynamic state, no value", st.Name).note(b.span, "%s is declared here", st.Name).
			help("read what has a name: %s.get<int>(\"name\"), or the names: %s.names", st.Name, st.Name)
	case ir.AggregateState:
		m = m.help("read %s.result", st.Name)
	case ir.ListState:
		m = m.help("loop over it, or read %s.len or %s.values", st.Name, st.Name)
	case ir.SetState:
		m = m.help("loop over it, ask whether … in %s, or read %s.len or %s.values", st.Name, st.Name, st.Name)
	default:
		m = m.help("read an entry: %s[…], loop over it, or read %s.len, %s.keys or %s.values", st.Name, st.Name, st.Name, st.Name)
	}
	k.add(m)
}

// readEntry reads m[k]: an option of what the entry holds.
func (k *coder) readEntry(e *lang.IndexExpr, c *collection) ir.Expr {
	switch {
	case c.wrong:
		return invalid(e.Span())
	case c.rng != nil:
		k.add(mistake(NotAValue, e.Span(), "a range of entries is no value").
			help("loop over it, or read its .first, .last or .len"))
		return invalid(e.Span())
	}
	return &ir.EntryGet{Base: base(optionOf(entryValue(c.state)), e.Span()), Place: c.place()}
}

// collectionField reads xs.len, m.keys, m[a..b].first and the like; ok is false
// if e is an ordinary field.
func (k *coder) collectionField(e *lang.FieldExpr) (v ir.Expr, ok bool) {
	if e.Optional {
		return nil, false
	}
	x := e.X
	if ix, isIndex := x.(*lang.IndexExpr); isIndex {
		b := k.collectionNamed(ix.X)
		_, isRange := ix.Index.(*lang.RangeExpr)
		if b == nil || !isRange && (b.state.Agg == nil || e.Name.Text != "result") {
			return nil, false
		}
	} else if k.collectionNamed(x) == nil && !k.namesAggregatePart(x) {
		return nil, false
	}
	c := k.collection(x)
	if c == nil {
		return nil, false
	}
	if c.wrong {
		return invalid(e.Span()), true
	}
	if v := k.property(e, c); v != nil {
		return v, true
	}
	k.unknownProperty(e, c)
	return invalid(e.Span()), true
}

// property reads a property of a collection, nil if it has none of that name.
func (k *coder) property(e *lang.FieldExpr, c *collection) ir.Expr {
	st, at := c.state, e.Name.Span()
	if agg := c.aggregate(); agg != nil && e.Name.Text == "result" {
		return &ir.AggResult{Base: base(optionOf(agg.Result.Type()), at), Place: c.place(), Range: c.rng}
	}
	switch name := e.Name.Text; {
	case c.entry || st.Kind == ir.AggregateState:
	case st.Kind == ir.DynamicState:
		if name == "names" {
			return &ir.StateKeys{Base: base(&types.List{Elem: st.MapKey}, at), State: st}
		}
	case name == "len":
		return &ir.StateLen{Base: base(intType, at), State: st, Range: c.rng}
	case (name == "first" || name == "last") && st.Kind == ir.SortedState:
		pair := k.anonymousRecord([]types.Field{
			{Name: "key", Wire: "key", Type: st.MapKey}, {Name: "value", Wire: "value", Type: entryValue(st)},
		}, c.b.span)
		return &ir.StateEnd{Base: base(optionOf(pair), at), State: st, Range: c.rng, Last: name == "last"}
	case c.rng != nil:
	case name == "keys" && isMap(st):
		return &ir.StateKeys{Base: base(&types.List{Elem: st.MapKey}, at), State: st}
	case name == "values" && isMap(st) && st.Value != nil:
		return &ir.StateKeys{Base: base(&types.List{Elem: st.Value}, at), State: st, Values: true}
	case name == "values" && !isMap(st):
		return &ir.StateKeys{Base: base(&types.List{Elem: st.Elem}, at), State: st, Values: true}
	}
	return nil
}

// aggregate is what the place accumulates, nil if it does not.
func (c *collection) aggregate() *ir.Aggregate {
	switch {
	case c.part >= 0:
		return c.state.Group.Parts[c.part].Agg
	case c.state.Kind == ir.AggregateState || c.entry || c.rng != nil:
		return c.state.Agg
	}
	return nil
}

// unknownProperty reports that a collection has nothing called like e.
func (k *coder) unknownProperty(e *lang.FieldExpr, c *collection) {
	names := properties(c)
	m := mistake(UnknownField, e.Name.Span(), "%s has nothing called %q", inState(c.state), e.Name.Text)
	if c.rng != nil {
		m = mistake(UnknownField, e.Name.Span(), "a range of entries has nothing called %q", e.Name.Text)
	}
	m = m.note(c.b.span, "%s is declared here", c.state.Name).meant(e.Name.Text, names)
	for _, name := range changesOf(c) {
		if name == e.Name.Text {
			m.Help = "call it: " + c.state.Name + "." + name + "(…)"
		}
	}
	if c.state.Kind == ir.MapState && (e.Name.Text == "first" || e.Name.Text == "last") {
		m.Help = "declare it as sorted<K, V>, which has .first and .last"
	}
	k.add(m.help("it has %s", list(names)))
}

// properties names what a collection can be asked for.
func properties(c *collection) []string {
	var names []string
	if c.aggregate() != nil {
		names = append(names, "result")
	}
	switch {
	case c.state.Kind == ir.AggregateState || c.part >= 0:
	case c.state.Kind == ir.DynamicState:
		names = append(names, "names")
	case c.rng != nil:
		names = append(names, "first", "last", "len")
	case c.state.Kind == ir.SortedState:
		names = append(names, "first", "keys", "last", "len")
	case c.state.Kind == ir.MapState:
		names = append(names, "keys", "len")
	default:
		names = append(names, "len", "values")
	}
	if c.whole() && isMap(c.state) && c.state.Value != nil {
		names = append(names, "values")
	}
	return names
}

// stateElements is a collection on the right of "in"; nil if e is none.
func (k *coder) stateElements(e lang.Expr) ir.Expr {
	b := k.collectionNamed(e)
	if b == nil || b.state.Kind == ir.AggregateState {
		return nil
	}
	b.used = true
	if !k.mayTouch(e, b) {
		return invalid(e.Span())
	}
	st := b.state
	if isMap(st) || st.Kind == ir.DynamicState {
		return &ir.StateKeys{Base: base(&types.List{Elem: st.MapKey}, e.Span()), State: st}
	}
	return &ir.StateKeys{Base: base(&types.List{Elem: st.Elem}, e.Span()), State: st, Values: true}
}

// stateMembership is x in y where y lists the keys or elements of a collection
// that can be asked for one of them; nil if it is another value.
func stateMembership(x, y ir.Expr, span source.Span) ir.Expr {
	keys, ok := y.(*ir.StateKeys)
	if !ok || keys.State.Kind == ir.ListState || isMap(keys.State) && keys.Values {
		return nil
	}
	elem := keys.T.(*types.List).Elem
	if x = fit(x, elem, span); x == nil {
		return nil
	}
	return &ir.EntryHas{Base: base(boolType, span), State: keys.State, Key: x}
}

// forState checks a loop over a collection or a range of one; nil if it loops
// over something else.
func (k *coder) forState(s *lang.ForStmt) ir.Stmt {
	ix, isIndex := s.In.(*lang.IndexExpr)
	if isIndex {
		if _, isRange := ix.Index.(*lang.RangeExpr); !isRange {
			return nil
		}
	}
	c := k.collection(s.In)
	if c == nil {
		return nil
	}
	st := c.state
	out := &ir.ForState{StmtBase: ir.StmtBase{At: s.Pos}, State: st, Range: c.rng}
	body := k.loop()
	var key, value types.Type = st.MapKey, st.Elem
	switch {
	case c.wrong:
		key, value = invalidType, invalidType
	case st.Kind == ir.AggregateState || st.Kind == ir.DynamicState:
		k.noCollectionValue(s.In.Span(), c.b)
		key, value = invalidType, invalidType
	case isMap(st):
		value = entryValue(st)
	}
	switch {
	case isMap(st) && s.Key == nil:
		k.add(mistake(BadOperands, s.Value.Span(), "a loop over %s names the key and the value", kindOfState(st)).
			help("write for k, %s in …", s.Value.Text))
	case isMap(st):
		out.Key = body.local(s.Key, key, constLocal, "a loop's name")
	case s.Key != nil:
		k.add(mistake(BadOperands, s.Key.Span(), "a loop over %s names one thing, the element", kindOfState(st)).
			help("write for %s in …", s.Value.Text))
		body.local(s.Key, invalidType, constLocal, "a loop's name")
	}
	out.Value = body.local(s.Value, value, constLocal, "a loop's name")
	out.Body = body.stmts(s.Body.Stmts)
	return out
}
