package typecheck

import (
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/typecheck/ir"
)

// entryTimer checks the declaration of a timer that follows the entries of a map
// or sorted state: timer end[s, v in open]: event time at v.last + gap.
func (o *operatorCheck) entryTimer(m *lang.TimerDecl, t *ir.Timer) bool {
	switch {
	case m.EntryState == nil:
		return false // the grammar has reported it
	case m.At == nil:
		o.add(mistake(NoValue, m.Span(), "the timer %s does not say when it fires", m.Name.Text).
			help("add the time: event time at %s + 5m", m.EntryKey.Text))
		return false
	}
	b := o.scope.find(m.EntryState.Text)
	if b == nil || b.kind != stateName || !isInvalid(b.state.Elem) && !isMap(b.state) {
		names := o.scope.visible(func(b *binding) bool { return b.kind == stateName && isMap(b.state) })
		msg := mistake(UnknownName, m.EntryState.Span(), "%q is no state with entries", m.EntryState.Text).meant(m.EntryState.Text, names)
		if b != nil {
			msg = msg.note(b.span, "%s is declared here", b.name)
		}
		o.add(msg.help("name a state of the kind map or sorted"))
		return false
	}
	b.used = true
	if isInvalid(b.state.Elem) {
		return false
	}
	if b.state.Broadcast {
		o.add(mistake(StateAccess, m.EntryState.Span(), "the entries of broadcast state have no timers").
			note(b.span, "%s is declared here", b.name).help("follow the entries of a state that belongs to a key"))
		return false
	}
	st := b.state
	t.State, t.IndexType = st, st.MapKey
	k := o.coder(&frame{kind: pureCode, what: "the time of an entry's timer"}).inner()
	t.Key = k.local(m.EntryKey, st.MapKey, constLocal, "a loop's name")
	if m.EntryValue != nil {
		t.Value = k.local(m.EntryValue, entryValue(st), constLocal, "a loop's name")
	}
	t.At = k.value(m.At, timestampType, "the time of "+m.Name.Text)
	return !isInvalid(t.At.Type())
}

// brokenTimer enters a timer whose mistake is reported, so that its uses are not.
func (o *operatorCheck) brokenTimer(name *lang.Ident) {
	t := &ir.Timer{Name: name.Text, IndexType: invalidType, Pos: name.Pos, Index: len(o.op.Timers)}
	o.op.Timers = append(o.op.Timers, t)
	o.bind(name, &binding{kind: timerName, what: "a timer", timer: t})
}
