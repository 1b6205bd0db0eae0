package typecheck

import (
	"strings"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// stateKinds are the kinds of state with how many types they are made of.
var stateKinds = map[string]struct {
	kind ir.StateKind
	args int
}{
	"value": {ir.ValueState, 1}, "list": {ir.ListState, 1}, "map": {ir.MapState, 2}, "sorted": {ir.SortedState, 2},
	"set": {ir.SetState, 1}, "aggregate": {ir.AggregateState, 1}, "dynamic": {ir.DynamicState, 0},
}

// state checks the declaration of a state.
func (o *operatorCheck) state(m *lang.StateDecl) {
	st := &ir.State{Name: m.Name.Text, Pos: m.Name.Pos, Doc: m.Doc, Broadcast: m.Broadcast, Index: len(o.op.States), Elem: invalidType}
	o.facts.spans[st] = m.Name.Span()
	o.stateType(m, st)
	if m.Init != nil {
		o.initial(m, st)
	}
	o.retention(m, st)
	st.Queryable = o.queryableName(m)
	for _, w := range m.Was {
		st.Was = append(st.Was, constantText(w))
	}
	if m.Migrate != nil {
		o.migrate(m, st)
	}
	o.op.States = append(o.op.States, st)
	o.bind(m.Name, &binding{kind: stateName, what: "a state", state: st})
}

// queryableName returns the name by which clients ask for a state, or "". It may
// be given by a parameter.
func (o *operatorCheck) queryableName(m *lang.StateDecl) string {
	switch {
	case m.Queryable != nil:
		return constantText(m.Queryable)
	case m.QueryableAs == nil:
		return ""
	}
	b := o.scope.find(m.QueryableAs.Text)
	if b == nil || b.kind != operatorParam || b.local == nil || !types.Is(b.local.Type, types.String) {
		o.add(mistake(NotConstant, m.QueryableAs.Span(), "%q is no parameter that holds a name", m.QueryableAs.Text).
			help("write the name in quotes, or declare the parameter: %s: string shapes state", m.QueryableAs.Text))
		return ""
	}
	if b.konst == nil {
		return "" // the argument is no literal, which has been said
	}
	return b.konst.text
}

// stateType resolves value<T>, list<T>, map<K, V> and the other kinds. A state
// whose type is wrong keeps the invalid type as Elem and is then left alone.
func (o *operatorCheck) stateType(m *lang.StateDecl, st *ir.State) {
	t := m.Type
	name := ""
	if t.Name != nil && t.Name.Qualifier == nil && t.Name.Ident != nil {
		name = t.Name.Ident.Text
	}
	k, known := stateKinds[name]
	switch {
	case !known || t.Optional > 0:
		kinds := sortedKeys(stateKinds)
		m := mistake(UnknownType, t.Span(), "%q is no kind of state", name).meant(name, kinds)
		if ours, _, _ := strings.Cut(elsewhere[name], "<"); indexOf(kinds, ours) >= 0 {
			m = m.help("write %s", elsewhere[name])
		}
		if elem := o.quietType(t); elem != nil {
			m = m.help("one value for each key is value<%s>", elem)
		}
		o.add(m.help("one value for each key is value<T>"))
	case k.kind == ir.DynamicState:
		o.dynamic(t, st)
	case k.kind == ir.AggregateState:
		if st.Agg = o.aggregateType(t); st.Agg != nil {
			st.Kind, st.Elem = k.kind, nil
		}
	case len(t.Args) != k.args:
		o.typeArgumentCount(t, k.args)
	case k.kind == ir.ValueState:
		st.Elem = o.stateValue(t.Args[0], "a value without initial value is optional already", "write value<%s>, and clear it to have none")
	default:
		o.collectionType(t, st, k.kind)
	}
}

// stateValue resolves the type of what a state holds, which is never optional:
// what is not there is none. why and help say so.
func (o *operatorCheck) stateValue(e *lang.TypeExpr, why, help string) types.Type {
	t := o.valueType(o.scope, e)
	opt, ok := t.(*types.Option)
	if !ok {
		return t
	}
	o.add(mistake(BadTypeArguments, e.Span(), "%s", why).help(help, opt.Elem))
	return opt.Elem
}

// quietType names a type in a help if it is an ordinary one.
func (o *operatorCheck) quietType(t *lang.TypeExpr) types.Type {
	if t.Name == nil || t.Name.Ident == nil || len(t.Args) > 0 {
		return nil
	}
	return scalars[t.Name.Ident.Text]
}

// initial checks the value that a state has before it is written.
func (o *operatorCheck) initial(m *lang.StateDecl, st *ir.State) {
	if st.Kind != ir.ValueState {
		o.add(mistake(Misplaced, m.Init.Span(), "only a value has an initial value: %s begins empty", st.Name).help("leave it out"))
		return
	}
	if _, none := m.Init.(*lang.NoneLit); none { // which it is without one, and is read as
		if len(m.Type.Args) == 1 && m.Type.Args[0].Optional > 0 {
			return // which has been said
		}
		o.add(mistake(TypeMismatch, m.Init.Span(), "a value without initial value is none already").help("leave it out"))
		return
	}
	k := o.coder(&frame{kind: pureCode, what: "an initial value"})
	st.Init = k.value(m.Init, st.Elem, "the initial value of "+st.Name)
}

// retention checks what the declaration says about how long state is kept.
func (o *operatorCheck) retention(m *lang.StateDecl, st *ir.State) {
	r := m.Retention
	switch {
	case r == nil:
	case o.aggregate:
		o.add(mistake(Misplaced, r.Span(), "the state of an aggregate is kept as long as the aggregate").help("leave it out"))
	case r.Forever:
		st.Forever = true
	case r.Step:
		o.stepRetention(r, st)
	case r.TTL != nil:
		st.TTL = o.ttl(r, o.coder(&frame{kind: pureCode, what: "a ttl"}))
		if st.Broadcast && st.TTL.After == ir.AfterRead {
			o.add(mistake(Misplaced, r.Span(), "each shard reads broadcast state by itself, so its ttl cannot count from there").
				help("count from the write: ttl … after write"))
		}
	}
}

// stepRetention takes the retention from the clause after the step's uid.
func (o *operatorCheck) stepRetention(r *lang.RetentionClause, st *ir.State) {
	o.asksStep = true
	o.facts.retained[st] = true
	given := o.stepClause
	switch {
	case given == nil:
	case given.Forever:
		st.Forever = true
	case given.TTL != nil:
		st.TTL = o.ttl(given, o.stepCoder)
		st.TTL.Watermark = (st.TTL.Watermark || r.Watermark) && !st.TTL.Processing
	}
}

// ttl checks ttl 1h after write.
func (o *operatorCheck) ttl(r *lang.RetentionClause, k *coder) *ir.TTL {
	out := &ir.TTL{For: k.value(r.TTL, durationType, "a ttl"), Processing: r.ProcessingTime, Watermark: r.Watermark}
	if r.ProcessingTime && r.Watermark {
		o.add(mistake(Misplaced, r.Span(), "a ttl counts by one clock").help("leave out \"processing time\" or \"by watermark\""))
	}
	if c, ok := out.For.(*ir.IntConst); ok && c.Value <= 0 {
		o.add(mistake(NumberRange, r.TTL.Span(), "a ttl is longer than nothing").help("write ttl 1h, or leave the state out"))
	}
	switch r.After {
	case "read":
		out.After = ir.AfterRead
	case "create":
		out.After = ir.AfterCreate
	}
	return out
}

// timer checks the declaration of a timer.
func (o *operatorCheck) timer(m *lang.TimerDecl) {
	t := &ir.Timer{Name: m.Name.Text, Processing: m.Processing, Pos: m.Name.Pos, Index: len(o.op.Timers)}
	if m.EntryKey == nil && m.At != nil {
		o.add(mistake(Misplaced, m.At.Span(), "only the timer of an entry has a time of its own").
			note(m.Name.Span(), "%s follows no state", m.Name.Text).help("set it in a handler: %s.set(…)", m.Name.Text))
	}
	if m.EntryKey != nil && !o.entryTimer(m, t) {
		o.brokenTimer(m.Name)
		return
	}
	if m.IndexType != nil {
		t.IndexType = o.valueType(o.scope, m.IndexType)
		if !isInvalid(t.IndexType) && !types.CanBeKey(t.IndexType) {
			o.checker.badKey(m.IndexType.Span(), t.IndexType, "the index of a timer")
			t.IndexType = invalidType
		}
	}
	for _, w := range m.Was {
		t.Was = append(t.Was, constantText(w))
	}
	if in := o.inputCalled(t.Name); in != nil {
		o.duplicate(m.Name, at(in.Pos))
		return
	}
	o.op.Timers = append(o.op.Timers, t)
	o.bind(m.Name, &binding{kind: timerName, what: "a timer", timer: t, used: t.State != nil}) // writes of the entry use it
}
