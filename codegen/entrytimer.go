package codegen

import (
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
)

// Entry timers are families whose index is the key of an entry: writing the
// entry sets the timer, removing it cancels it.

// entryTimers lists the timers that follow the entries of a state, and do not ride
// with others.
func (c *coder) entryTimers(s *ir.State) []*ir.Timer {
	var list []*ir.Timer
	for _, t := range c.op.keyed.timers {
		if t.timer.State == s && !t.rides {
			list = append(list, t.timer)
		}
	}
	return list
}

// changed is an entry that a handler changes.
type changed struct {
	at    *jen.Statement // pointer to it
	fresh *jen.Statement // variable that says whether it was made; nil if that is not known
}

// armEntry sets the timers of the entry with a key that has just been written.
// If it is not at hand, it is looked up where a time depends on its value.
func (c *coder) armEntry(s *ir.State, key operand, entry changed) {
	var once []jen.Code
	for _, t := range c.entryTimers(s) {
		if entry.fresh == nil || !c.op.staysSet(t) {
			if !c.armsLater {
				c.setTimer(t, key, &entry)
			}
			continue
		}
		once = append(once, c.block(func() { c.setTimer(t, key, &entry) })...)
	}
	if len(once) > 0 {
		c.add(jen.If(entry.fresh.Clone()).Block(once...))
	}
}

// writesAgain reports whether two statements in a row write the same entry, and
// the second does not ask for its timers: then it is enough that it sets them.
func writesAgain(first, second ir.Stmt) bool {
	a, b := written(first), written(second)
	if a == nil || b == nil || a.State != b.State {
		return false
	}
	one, ok1 := a.Key.(*ir.LocalRef)
	two, ok2 := b.Key.(*ir.LocalRef)
	if !ok1 || !ok2 || one.Local != two.Local || one.Local.Var {
		return false
	}
	asks := false
	ir.Inspect(second, func(n ir.Node) bool {
		switch n := n.(type) {
		case *ir.TimerAt:
			asks = true
		case *ir.Call:
			asks = asks || n.Func.Op != nil
		}
		return !asks
	})
	return !asks
}

// written returns the entry that a statement writes, or a part of it; nil if it
// writes none.
func written(s ir.Stmt) *ir.Place {
	switch s := s.(type) {
	case *ir.EntrySet:
		return &s.Place
	case *ir.Append:
		return &s.Place
	case *ir.AggAdd:
		return &s.Place
	case *ir.AggMerge:
		return &s.Place
	}
	return nil
}

// setTimer sets one timer of an entry.
func (c *coder) setTimer(t *ir.Timer, key operand, entry *changed) {
	s := t.State
	ir.Inspect(t.At, c.countReads)
	c.bindTo(t.Key, key)
	if t.Value != nil && c.reads[t.Value] > 0 {
		if entry.at == nil {
			name := c.names.pick("entry")
			c.add(jen.Id(name).Op(":=").Add(c.operation(s, "View", c.keyOf(s, key))))
			entry.at = jen.Id(name)
		}
		c.vars[t.Value] = variable{code: entry.at, pointer: true}
		if s.Group != nil {
			c.vars[t.Value] = variable{code: entry.at, pointer: true, group: s}
		}
	}
	at := c.checked(t.At)[0]
	c.add(c.setEntry(t, c.here.id.Clone(), key, at.value()))
}

// setEntry sets the timer of the entry with a key.
func (c *coder) setEntry(t *ir.Timer, id jen.Code, key operand, at jen.Code) jen.Code {
	if code := c.op.keyed.timers[t.Index]; code.rises() {
		return c.op.queue(t).Dot("SetFirst").Call(jen.Op("&").Add(c.cellField(code.field)), id, jen.Id(code.number), at)
	}
	return c.familyCall(t, "Set", id, c.indexOf(t, key), at)
}

// families lists the timers of a state's entries of which each is held.
func (c *coder) families(s *ir.State) []*ir.Timer {
	return slices.DeleteFunc(c.entryTimers(s), func(t *ir.Timer) bool { return c.op.keyed.timers[t.Index].rises() })
}

// staysSet reports whether the timer of an entry is set for the same time as long
// as there is the entry, so that only the first write need set it: the time
// depends on the key alone, and the handler ends the entry and cannot fail.
func (n *stepCode) staysSet(t *ir.Timer) bool {
	if !n.endsEntry(t) || n.g.graph.Effects.HandlerFails(timerHandler(n.op, t)) {
		return false
	}
	stays := true
	ir.Inspect(t.At, func(n ir.Node) bool {
		ref, ok := n.(*ir.LocalRef)
		stays = stays && !(ok && t.Value != nil && ref.Local == t.Value)
		return stays
	})
	return stays
}

// endsEntry reports whether there is no entry any more when its timer has fired and
// the handler has not failed: it ends with removing the entry, if it is there.
func (n *stepCode) endsEntry(t *ir.Timer) bool {
	h := timerHandler(n.op, t)
	if h == nil || len(h.Body) == 0 {
		return false
	}
	own := func(s *ir.State, key ir.Expr) bool {
		ref, ok := key.(*ir.LocalRef)
		return ok && s == t.State && ref.Local == h.Param
	}
	var removes func(list []ir.Stmt) bool
	removes = func(list []ir.Stmt) bool {
		if len(list) == 0 {
			return false
		}
		switch s := list[len(list)-1].(type) {
		case *ir.EntryRemove:
			return own(s.State, s.Key)
		case *ir.IfLetStmt:
			e, ok := s.X.(*ir.EntryGet)
			return ok && e.Place.Part < 0 && own(e.Place.State, e.Place.Key) && len(s.Else) == 0 && removes(s.Then)
		case *ir.IfStmt:
			e, ok := s.Cond.(*ir.EntryHas)
			return ok && own(e.State, e.Key) && len(s.Else) == 0 && removes(s.Then)
		}
		return false
	}
	return removes(h.Body) && !leavesEarly(n, h.Body)
}

// leavesEarly reports whether code may end before its last statement.
func leavesEarly(n *stepCode, body []ir.Stmt) bool {
	found := false
	ir.InspectAll(body, func(m ir.Node) bool {
		switch m := m.(type) {
		case *ir.Return, *ir.Drop:
			found = true
		case *ir.Call:
			found = found || m.Func.Op != nil && n.g.graph.Effects.FuncDrops(m.Func)
		}
		return !found
	})
	return found
}

// skipEnded leaves the method that runs the timer of an entry if a ttl has ended
// the entry.
func (n *stepCode) skipEnded(c *coder, h *ir.Handler) {
	if h.Timer == nil || h.Timer.State == nil || h.Timer.State.TTL == nil {
		return
	}
	s := h.Timer.State
	code := n.stateOf(s)
	index := c.keyOf(s, operand{code: jen.Id("index"), prec: precPrimary, t: s.MapKey, stable: true})
	lives := self(code.ops).Dot("Lives").Call(jen.Op("&").Id("c").Dot(code.value), index)
	c.add(jen.If(jen.Op("!").Add(lives)).Block(c.block(func() {
		n.showShared(c)
		c.add(self(n.keyed.keep).Call(jen.Id("id"), jen.Op("&").Id("c")))
		n.endJournal(c, "Commit")
		c.add(jen.Return())
	})...))
}

// cancelEntry cancels the timers of the entry with a key.
func (c *coder) cancelEntry(s *ir.State, key operand) {
	for _, t := range c.families(s) {
		c.add(c.familyCall(t, "Cancel", c.here.id.Clone(), c.indexOf(t, key)))
	}
}

// cancelBefore cancels the timers of the entries before a key.
func (c *coder) cancelBefore(s *ir.State, key operand) {
	timers := c.families(s)
	if len(timers) == 0 {
		return
	}
	before := jen.Qual(statePath, "Before").Call(c.keyOf(s, key))
	old := jen.Id(c.names.pick("old"))
	body := c.block(func() {
		for _, t := range timers {
			c.add(c.familyCall(t, "Cancel", c.here.id.Clone(), old.Clone()))
		}
	})
	c.add(jen.For(old.Clone().Op(":=").Range().Add(c.operation(s, "Range", before))).Block(body...))
}

// cancelAll cancels the timers of all entries.
func (c *coder) cancelAll(s *ir.State) {
	for _, t := range c.families(s) {
		c.add(c.familyCall(t, "Clear"))
	}
}
