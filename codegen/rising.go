package codegen

import (
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// Two kinds of entry timers cost less than a family:
//
// A timer rises if its times come in the order of the entries' keys, and its
// handler takes its entry out: then the first entry tells which timer of the key is
// the next one, and no more than its time is held in the cell.
//
// A timer rides with the next one declared if both are due at the same times, and
// its handler does nothing but look at its entry and emit, as that of a window whose
// lateness is nothing: then it runs when the other one fires, just before it.

// nameTimers finds out which timers rise and which ride.
func (n *stepCode) nameTimers() {
	timers := n.keyed.timers
	for i := range timers {
		if n.rises(timers[i].timer) {
			timers[i].end = n.members.pick(timers[i].field + "At")
			timers[i].arm = n.members.pick("arm" + exported(timers[i].field))
			if s := timers[i].timer.State; s.Kind == ir.MapState && !s.Broadcast {
				n.g.few[s] = true
			}
		}
		if i > 0 && !n.hasTTL() {
			timers[i-1].rides, timers[i-1].chance = n.rides(timers[i-1].timer, timers[i].timer)
		}
	}
}

// rises reports whether an entry timer does.
func (n *stepCode) rises(t *ir.Timer) bool {
	return t.State != nil && !t.Processing && t.State.TTL == nil && wholeIndex(t) != "" &&
		n.staysSet(t) && !n.isAsked(t) && rising(t.At, t)
}

// isAsked reports whether the program asks when a timer is due.
func (n *stepCode) isAsked(t *ir.Timer) bool {
	asks := false
	look := func(m ir.Node) bool {
		at, ok := m.(*ir.TimerAt)
		asks = asks || ok && at.Timer == t
		return !asks
	}
	for _, h := range n.op.Handlers {
		ir.InspectAll(h.Body, look)
	}
	for _, f := range n.op.Helpers {
		ir.InspectAll(f.Body, look)
	}
	return asks
}

// rising reports whether the time of a timer does not fall when its key rises: it is
// the key, or that truncated, and some more or less than it.
func rising(at ir.Expr, t *ir.Timer) bool {
	switch e := at.(type) {
	case *ir.LocalRef:
		return e.Local == t.Key
	case *ir.Builtin:
		return e.Name == "timestamp.truncate" && rising(e.Args[0], t) && isFixed(e.Args[1], t)
	case *ir.Binary:
		return (e.Op == ir.Add || e.Op == ir.Sub) && types.Is(e.T, types.Timestamp) && rising(e.X, t) && isFixed(e.Y, t)
	}
	return false
}

// isFixed reports whether a part of a timer's time is the same for all entries.
func isFixed(part ir.Expr, t *ir.Timer) bool {
	fixed := true
	ir.Inspect(part, func(n ir.Node) bool {
		switch n := n.(type) {
		case *ir.IntConst, *ir.ParamRef, *ir.Binary, *ir.Unary, *ir.Builtin, *ir.FieldOf:
		case *ir.LocalRef:
			fixed = fixed && n.Local != t.Key && n.Local != t.Value
		default:
			fixed = false
		}
		return fixed
	})
	return fixed
}

// rides reports whether t rides with next, and whether it does so by chance: with
// the parameters that the step has and not with others.
func (n *stepCode) rides(t, next *ir.Timer) (rides, chance bool) {
	if t.State == nil || t.State != next.State || t.Processing || next.Processing || t.State.TTL != nil || n.isAsked(t) {
		return false, false
	}
	h, last := timerHandler(n.op, t), timerHandler(n.op, next)
	if h == nil || last == nil || n.g.graph.Effects.HandlerFails(last) || !n.onlyShows(h) || !n.onlyRemoves(last) {
		return false, false
	}
	same := func(x, y term) bool { return x.op == y.op && sameTerm(x.e, y.e, t, next) }
	a, b := n.terms(t.At), n.terms(next.At)
	nothing := func(t term) bool {
		v := n.literal(t.e)
		return v != nil && v.Value == 0 && types.Is(v.Type(), types.Duration)
	}
	if slices.EqualFunc(a, b, same) {
		return true, false
	}
	rides = slices.EqualFunc(slices.DeleteFunc(a, nothing), slices.DeleteFunc(b, nothing), same)
	return rides, rides
}

// onlyShows reports whether a timer's handler does nothing but look at its entry
// and emit.
func (n *stepCode) onlyShows(h *ir.Handler) bool {
	shows := true
	ir.InspectAll(h.Body, func(m ir.Node) bool {
		switch m := m.(type) {
		case *ir.EntryGet:
			ref, ok := m.Place.Key.(*ir.LocalRef)
			shows = shows && ok && ref.Local == h.Param && m.Place.State == h.Timer.State
		case *ir.AggResult:
			if m.View == nil {
				ref, ok := m.Place.Key.(*ir.LocalRef)
				shows = shows && ok && ref.Local == h.Param && m.Place.State == h.Timer.State && m.Range == nil
			}
		case *ir.Emit, *ir.Let, *ir.IfStmt, *ir.IfLetStmt, *ir.For, *ir.Key, *ir.Time, *ir.LocalRef, *ir.FieldOf, *ir.RecordLit,
			*ir.Binary, *ir.Unary, *ir.Builtin, *ir.Convert, *ir.IntConst, *ir.BoolConst, *ir.FloatConst, *ir.StringConst, *ir.NoneConst,
			*ir.EnumConst, *ir.ParamRef, *ir.If, *ir.IfLet, *ir.Coalesce, *ir.OptionalMap, *ir.Do, *ir.ListLit:
		default:
			shows = false
		}
		return shows
	})
	return shows
}

// onlyRemoves reports whether a timer's handler takes its entry out, and that is all.
func (n *stepCode) onlyRemoves(h *ir.Handler) bool {
	if len(h.Body) != 1 {
		return false
	}
	r, ok := h.Body[0].(*ir.EntryRemove)
	if !ok || r.State != h.Timer.State {
		return false
	}
	ref, ok := r.Key.(*ir.LocalRef)
	return ok && ref.Local == h.Param
}

// term is what is added to a time, or taken from it; the first is the time.
type term struct {
	op ir.Op
	e  ir.Expr
}

// terms takes a time apart.
func (n *stepCode) terms(e ir.Expr) []term {
	b, ok := e.(*ir.Binary)
	if !ok || b.Op != ir.Add && b.Op != ir.Sub || !types.Is(b.T, types.Timestamp) || !types.Is(b.Y.Type(), types.Duration) {
		return []term{{ir.Add, e}}
	}
	return append(n.terms(b.X), term{b.Op, b.Y})
}

// literal returns the constant that e is, also by way of a parameter; nil if it is
// none.
func (n *stepCode) literal(e ir.Expr) *ir.IntConst {
	if ref, ok := e.(*ir.LocalRef); ok && n != nil && n.literals[ref.Local] != nil {
		return n.literals[ref.Local]
	}
	v, _ := e.(*ir.IntConst)
	return v
}

func (c *coder) literal(e ir.Expr) *ir.IntConst { return c.op.literal(e) }

// sameTerm reports whether parts of the times of two timers are the same for the
// same entry.
func sameTerm(x, y ir.Expr, t, u *ir.Timer) bool {
	switch x := x.(type) {
	case *ir.LocalRef:
		y, ok := y.(*ir.LocalRef)
		return ok && (x.Local == y.Local || x.Local == t.Key && y.Local == u.Key || x.Local == t.Value && y.Local == u.Value)
	case *ir.FieldOf:
		y, ok := y.(*ir.FieldOf)
		return ok && x.Index == y.Index && sameTerm(x.X, y.X, t, u)
	case *ir.IntConst:
		y, ok := y.(*ir.IntConst)
		return ok && x.Value == y.Value
	}
	return false
}

// rider returns the handler that runs just before h, nil if there is none.
func (n *stepCode) rider(h *ir.Handler) *ir.Handler {
	if h.Timer == nil || h.Timer.Index == 0 || !n.keyed.timers[h.Timer.Index-1].rides {
		return nil
	}
	return timerHandler(n.op, n.op.Timers[h.Timer.Index-1])
}

// runRider runs the handler that rides with h. It changes nothing, so that there is
// nothing to undo when it fails but what it has emitted.
func (n *stepCode) runRider(c *coder, h *ir.Handler, key operand) {
	rider := n.rider(h)
	if rider == nil {
		return
	}
	run := c.block(func() {
		c.add(self(n.bodies[rider]).Call(n.bodyArgs(rider, nil, key)...))
		if n.g.graph.Effects.HandlerFails(rider) {
			c.add(jen.If(n.needFault().Dot("Failed").Call()).Block(c.block(func() {
				c.add(n.dropPending()...)
				n.failure.code(c, nil, nil, jen.Id("m"))
			})...))
		}
	})
	if n.keyed.timers[rider.Timer.Index].chance {
		// It has fired by itself, with other parameters, where its time was past at the restore.
		run = []jen.Code{jen.If(jen.Id("m").Dot("Time").Op(">").Add(self(n.keyed.past))).Block(run...)}
	}
	c.add(run...)
}

// armNext arms the timer of the entry that is the first after the handler of one.
func (n *stepCode) armNext(c *coder, h *ir.Handler) {
	if h.Timer == nil || !n.keyed.timers[h.Timer.Index].rises() {
		return
	}
	c.add(self(n.keyed.timers[h.Timer.Index].arm).Call(jen.Op("&").Id("c"), jen.Id("id"), jen.Id("m").Dot("Time")))
}

// dispatchFirst hands the entry e of a queue to the handler of a timer that rises:
//
//	if s.due.Fires(&cell.free, e) {
//		if index, end, ok := s.panes.FirstEnd(&cell.panes, e.At, s.freeAt); ok && end == e.At {
//			s.onFree(e.ID, cell, index, rt.Meta{Time: e.At, Mark: s.mark})
//		} else {
//			s.armFree(cell, e.ID, e.At)
//			s.keep(e.ID, cell) // when its next timer is due has changed
//		}
//	}
func (n *stepCode) dispatchFirst(i int, meta *jen.Statement) jen.Code {
	t := &n.keyed.timers[i]
	at := jen.Id("e").Dot("At")
	first := n.firstEnd(t, jen.Id("cell"), at)
	return jen.If(n.queue(t.timer).Dot("Fires").Call(jen.Op("&").Id("cell").Dot(t.field), jen.Id("e"))).Block(
		jen.If(jen.List(jen.Id("index"), jen.Id("end"), jen.Id("ok")).Op(":=").Add(first), jen.Id("ok").Op("&&").Id("end").Op("==").Add(at.Clone())).Block(
			self(n.keyed.fire[i]).Call(jen.Id("e").Dot("ID"), jen.Id("cell"), n.g.fromEntryKey(t.timer.IndexType, jen.Id("index")), meta.Clone()),
		).Else().Block(
			self(t.arm).Call(jen.Id("cell"), jen.Id("e").Dot("ID"), at.Clone()),
			self(n.keyed.keep).Call(jen.Id("e").Dot("ID"), jen.Id("cell")),
		),
	)
}

// firstEnd looks for the first entry that ends at a time or after it.
func (n *stepCode) firstEnd(t *timerCode, cell, at *jen.Statement) *jen.Statement {
	s := n.stateOf(t.timer.State)
	return self(s.ops).Dot("FirstEnd").Call(jen.Op("&").Add(cell).Dot(s.value), at.Clone(), self(t.end))
}

// writeRising declares what a timer that rises needs:
//
//	// freeAt tells when the timer free of an entry fires.
//	func (s *totals) freeAt(w value.Timestamp) value.Timestamp { … }
//
//	// armFree sets the timer free to that of the first entry that is due at a time or after it.
//	func (s *totals) armFree(c *totalsCell, id uint32, at value.Timestamp) {
//		if _, end, ok := s.panes.FirstEnd(&c.panes, at, s.freeAt); ok {
//			s.due.SetFirst(&c.free, id, totalsFree, end)
//		}
//	}
func (n *stepCode) writeRising(t *timerCode) {
	timer := t.timer
	c := n.coder(nil, "key")
	ir.Inspect(timer.At, c.countReads)
	c.bindTo(timer.Key, operand{code: jen.Id("key"), prec: precPrimary, t: timer.State.MapKey, stable: true, addressable: true})
	if n.g.graph.Effects.CanFail(timer.At) {
		c.fault = n.needFault()
		c.leave = func() []jen.Code { // what was set once has such a time
			return []jen.Code{c.fault.Clone().Dot("Take").Call(), jen.Return(jen.Qual(valuePath, "MaxTime"))}
		}
		c.bail = c.leave
	}
	c.add(jen.Return(c.checked(timer.At)[0].value()))
	stamp := jen.Qual(valuePath, "Timestamp")
	n.addMethod(comment("%s tells when the timer %s of an entry fires.", t.end, safeName(timer.Name)).
		Func().Params(n.receiver()).Id(t.end).Params(jen.Id("key").Add(n.g.entryType(timer.State.MapKey))).Add(stamp.Clone()).Block(c.body()...))
	n.addMethod(comment("%s sets the timer %s to that of the first entry that is due at a time or after it.", t.arm, safeName(timer.Name)).
		Func().Params(n.receiver()).Id(t.arm).
		Params(jen.Id("c").Op("*").Id(n.keyed.cell), jen.Id("id").Uint32(), jen.Id("at").Add(stamp.Clone())).Block(
		jen.If(jen.List(jen.Id("_"), jen.Id("end"), jen.Id("ok")).Op(":=").Add(n.firstEnd(t, jen.Id("c"), jen.Id("at"))), jen.Id("ok")).Block(
			n.queue(timer).Dot("SetFirst").Call(jen.Op("&").Id("c").Dot(t.field), jen.Id("id"), jen.Id(t.number), jen.Id("end")),
		)))
}
