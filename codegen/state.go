package codegen

import (
	"fmt"
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// stateOf returns the names of a state.
func (n *stepCode) stateOf(s *ir.State) *stateCode { return &n.keyed.states[s.Index] }

// cellField selects a field of the cell at hand.
func (c *coder) cellField(name string) *jen.Statement { return c.here.cell.Clone().Dot(name) }

// hasState writes whether a state without initial value holds one.
func (n *stepCode) hasState(c *coder, s *ir.State) *jen.Statement {
	n.readState(c, s)
	return c.stateField(s, n.stateOf(s).has)
}

// stateValue reads the field of a state.
func (n *stepCode) stateValue(c *coder, s *ir.State) operand {
	return operand{code: c.stateField(s, n.stateOf(s).value), prec: precPrimary, t: s.Elem, addressable: true}
}

// readState renews what is to live on after it was read.
func (n *stepCode) readState(c *coder, s *ir.State) {
	if s.TTL == nil || s.TTL.After != ir.AfterRead {
		return
	}
	code := n.stateOf(s)
	at := c.stateField(s, code.at)
	c.add(jen.If(c.stateField(s, code.has)).Block(
		at.Clone().Op("=").Max(at, n.ttlTime(c, s)),
	))
}

// ttlTime is the time that a ttl counts from.
func (n *stepCode) ttlTime(c *coder, s *ir.State) *jen.Statement {
	if s.TTL.Processing {
		return n.needTask().Dot("Now").Call()
	}
	return c.here.meta.Clone().Dot("Time")
}

// atHand reads what a handler has at hand.
func (c *coder) atHand(e ir.Expr) operand {
	switch e := e.(type) {
	case *ir.Key:
		return operand{code: c.here.key.Clone(), prec: precPrimary, t: e.T, stable: true}
	case *ir.Time:
		return operand{code: c.here.meta.Clone().Dot("Time"), prec: precPrimary, t: e.T, stable: true}
	case *ir.Watermark:
		if c.op.keyed != nil {
			return operand{code: self(c.op.keyed.watermark), prec: precPrimary, t: e.T, stable: true}
		}
		return operand{code: c.here.meta.Clone().Dot("Mark"), prec: precPrimary, t: e.T, stable: true}
	case *ir.Now:
		return operand{code: c.op.needTask().Dot("Now").Call(), prec: precPrimary, t: e.T, stable: true}
	case *ir.StateGet:
		return c.op.getState(c, e)
	case *ir.TimerAt:
		if e.Index != nil {
			return c.familyAt(e)
		}
		return call(c.cellField(c.op.keyed.timers[e.Timer.Index].field).Dot("Get").Call(), e.T)
	default:
		panic(fmt.Sprintf("codegen: no such expression %T", e))
	}
}

// getState reads a value state: with its initial value, or as an option.
func (n *stepCode) getState(c *coder, e *ir.StateGet) operand {
	n.readState(c, e.State)
	code := n.stateOf(e.State)
	switch {
	case code.own != "":
		return call(c.stateField(e.State, code.own).Call(), e.T)
	case code.get != "":
		return call(self(code.get).Call(c.holder(e.State)), e.T)
	case e.State.Init != nil || isOption(e.State.Elem):
		return n.stateValue(c, e.State)
	default:
		return operand{
			code: c.g.goType(e.T).Values(
				jen.Id("V").Op(":").Add(c.stateField(e.State, code.value)),
				jen.Id("OK").Op(":").Add(c.stateField(e.State, code.has)),
			),
			prec: precPrimary, t: e.T, lit: true,
		}
	}
}

// stateStmt writes a statement that changes state or timers.
func (n *stepCode) stateStmt(c *coder, s ir.Stmt) {
	switch s := s.(type) {
	case *ir.StateSet:
		n.setState(c, s)
	case *ir.StateClear:
		if s.State.Kind == ir.AggregateState {
			c.add(c.handle(s.State).Op("=").Add(n.g.handleType(s.State)).Values())
			return
		}
		if isCollection(s.State) {
			c.cancelAll(s.State)
			c.add(c.operation(s.State, "Clear"))
			return
		}
		code := n.stateOf(s.State)
		c.add(jen.List(c.stateField(s.State, code.value), c.stateField(s.State, code.has)).Op("=").List(c.g.zero(s.State.Elem), jen.False()))
	case *ir.ClearAll:
		n.clearAll(c)
	case *ir.TimerSet:
		if s.Index != nil {
			c.setFamily(s)
			return
		}
		t := n.keyed.timers[s.Timer.Index]
		v := c.expr(s.To)
		if c.g.graph.Effects.CanFail(s.To) {
			if !v.stable {
				v = c.temp("due", v)
			}
			c.checkFault()
		}
		c.add(n.queue(s.Timer).Dot("Set").Call(jen.Op("&").Add(c.cellField(t.field)), c.here.id.Clone(), jen.Id(t.number), v.value()))
	case *ir.TimerCancel:
		if s.Index != nil {
			c.cancelFamily(s)
			return
		}
		c.add(n.queue(s.Timer).Dot("Cancel").Call(jen.Op("&").Add(c.cellField(n.keyed.timers[s.Timer.Index].field))))
	default:
		panic(fmt.Sprintf("codegen: no such statement %T", s))
	}
}

// queue is the queue that a timer waits in.
func (n *stepCode) queue(t *ir.Timer) *jen.Statement {
	if t.Processing {
		return self(n.keyed.clock)
	}
	return self(n.keyed.due)
}

// setState writes a value. What is stored outlives the block that its text may
// be a view into, so text is copied.
func (n *stepCode) setState(c *coder, s *ir.StateSet) {
	code := n.stateOf(s.State)
	v := c.expr(s.Value)
	if c.g.graph.Effects.CanFail(s.Value) {
		if !v.stable {
			v = c.temp(code.value, v)
		}
		c.checkFault()
	}
	v.t = s.State.Elem
	stored := v.value()
	if !owned(s.Value) {
		stored = c.g.clone(c, v)
	}
	if code.set != "" {
		c.add(self(code.set).Call(c.holder(s.State), stored, n.ttlTime(c, s.State)))
		return
	}
	if field := c.stateField(s.State, code.value); field.GoString() != stored.GoString() {
		c.add(jen.List(field, c.stateField(s.State, code.has)).Op("=").List(stored, jen.True()))
		return
	}
	c.add(c.stateField(s.State, code.has).Op("=").True())
}

// owned reports whether the text of a value is in memory of its own.
func owned(e ir.Expr) bool {
	switch e := e.(type) {
	case *ir.StringConst, *ir.BytesConst, *ir.NoneConst, *ir.StateGet, *ir.EntryGet, *ir.StateEnd:
		return true
	case *ir.Convert:
		return owned(e.X)
	case *ir.Interp:
		return len(e.Parts) > 1
	}
	return !hasText(e.Type())
}

// clearAll empties the cell and cancels its timers.
func (n *stepCode) clearAll(c *coder) {
	for _, t := range n.keyed.timers {
		if t.rides {
			continue
		}
		if t.family != "" {
			c.add(c.familyCall(t.timer, "Clear"))
			continue
		}
		c.add(n.queue(t.timer).Dot("Cancel").Call(jen.Op("&").Add(c.cellField(t.field))))
	}
	var kept []jen.Code
	for _, t := range n.keyed.timers {
		if t.rides {
			continue
		}
		kept = append(kept, jen.Id(t.field).Op(":").Add(c.cellField(t.field)))
	}
	c.add(jen.Op("*").Add(c.here.cell.Clone()).Op("=").Id(n.keyed.cell).Values(kept...))
}

// writeAccess declares the methods that read a state with its initial value and
// write one with a ttl.
func (n *stepCode) writeAccess(s *stateCode) {
	cell := jen.Id("c").Op("*").Id(n.keyed.cell)
	if s.state.Broadcast {
		cell = jen.Id("c").Op("*").Id(n.keyed.sharedType)
	}
	field := func(name string) *jen.Statement { return jen.Id("c").Dot(name) }
	if s.get != "" {
		c := n.coder(nil, "c")
		initial := c.expr(s.state.Init)
		c.add(jen.Return(initial.value()))
		n.addMethod(comment("%s reads the state %s.", s.get, safeName(s.state.Name)).
			Func().Params(n.receiver()).Id(s.get).Params(cell).Add(n.g.goType(s.state.Elem)).
			Block(append([]jen.Code{jen.If(field(s.has)).Block(jen.Return(field(s.value)))}, c.body()...)...))
	}
	if s.set == "" {
		return
	}
	newer := jen.Op("!").Add(field(s.has))
	if s.state.TTL.After != ir.AfterCreate {
		newer = newer.Op("||").Id("at").Op(">").Add(field(s.at))
	}
	n.addMethod(comment("%s writes the state %s at a time from which its ttl counts.", s.set, safeName(s.state.Name)).
		Func().Params(n.receiver()).Id(s.set).
		Params(cell.Clone(), jen.Id("v").Add(n.g.goType(s.state.Elem)), jen.Id("at").Qual(valuePath, "Timestamp")).
		Block(
			jen.If(newer).Block(field(s.at).Op("=").Id("at")),
			jen.List(field(s.value), field(s.has)).Op("=").List(jen.Id("v"), jen.True()),
		))
}

// endCell forgets what has ended of the cell c at a time, by the watermark, or by the
// clock.
func (n *stepCode) endCell(at, mark, now jen.Code) jen.Code {
	return n.callExpire(false, jen.Op("&").Id("c"), at, mark, now)
}

// callExpire calls what writeExpire declares.
func (n *stepCode) callExpire(shared bool, holder, at, mark, now jen.Code) jen.Code {
	name := n.keyed.expire
	if shared {
		name = n.keyed.expireShared
	}
	if !n.endsByMark(shared) {
		return self(name).Call(holder, at, now)
	}
	return self(name).Call(holder, at, mark, now)
}

// endsByMark reports whether a ttl that counts by the watermark alone ends all of
// some state of a key, or of all keys.
func (n *stepCode) endsByMark(shared bool) bool {
	return slices.ContainsFunc(n.op.States, func(s *ir.State) bool { return wholeTTL(s) && s.TTL.Watermark && s.Broadcast == shared })
}

// writeExpire declares the method that forgets what a ttl has ended; it takes the
// watermark, too, if that alone ends something:
//
//	// expire forgets what a ttl has ended at a time, or by the clock.
//	func (s *deduplicated) expire(c *deduplicatedCell, at, now value.Timestamp) {
//		if c.hasSeen && value.Since(at, c.seenAt) >= s.seenTTL {
//			c.seen, c.hasSeen = false, false
//		}
//	}
func (n *stepCode) writeExpire(shared bool) {
	var body []jen.Code
	name, holder := n.keyed.expire, n.keyed.cell
	if shared {
		name, holder = n.keyed.expireShared, n.keyed.sharedType
	}
	for _, s := range n.keyed.states {
		if !wholeTTL(s.state) || s.state.Broadcast != shared {
			continue
		}
		by := "at"
		switch {
		case s.state.TTL.Processing:
			by = "now"
		case s.state.TTL.Watermark:
			by = "mark"
		}
		age := jen.Qual(valuePath, "Since").Call(jen.Id(by), jen.Id("c").Dot(s.at))
		has := jen.Id("c").Dot(s.has)
		ended := jen.List(jen.Id("c").Dot(s.value), jen.Id("c").Dot(s.has)).Op("=")
		if isCollection(s.state) {
			has = jen.Id("c").Dot(s.value).Dot("added")
			ended = jen.Id("c").Dot(s.value).Op("=").Add(n.g.handleType(s.state)).Values()
		} else {
			ended = ended.List(n.g.zero(s.state.Elem), jen.False())
		}
		body = append(body, jen.If(has.Op("&&").Add(age).Op(">=").Add(self(s.lifetime))).Block(ended))
	}
	times := jen.List(jen.Id("at"), jen.Id("now"))
	if n.endsByMark(shared) {
		times = jen.List(jen.Id("at"), jen.Id("mark"), jen.Id("now"))
	}
	n.addMethod(comment("%s forgets what a ttl has ended at a time, or by the clock.", name).
		Func().Params(n.receiver()).Id(name).
		Params(jen.Id("c").Op("*").Id(holder), times.Qual(valuePath, "Timestamp")).
		Block(body...))
}

// writeSweep declares the method by which rt has a few cells looked at in each
// step, so that what nobody asks for any more is forgotten, too.
func (n *stepCode) writeSweep() {
	k := n.keyed
	var look []jen.Code
	if n.ownState() {
		look = append(look, jen.Id("c").Op(":=").Op("*").Id("cell"))
	}
	if n.expires(false) {
		look = append(look, n.endCell(jen.Id("mark"), jen.Id("mark"), jen.Id("now")))
	}
	look = append(append(look, n.sweepCollections(false)...), jen.Return(n.emptyCell()))
	n.addMethod(comment("Sweep looks at some cells and forgets what a ttl has ended.").
		Func().Params(n.receiver()).Id("Sweep").
		Params(jen.List(jen.Id("mark"), jen.Id("now")).Qual(valuePath, "Timestamp"), jen.Id("budget").Int()).
		Block(append(n.sweepShared(), self(k.cells).Dot("Sweep").Call(
			jen.Id("budget"),
			jen.Func().Params(jen.Id("id").Uint32(), jen.Id("cell").Op("*").Id(k.cell)).Bool().Block(look...),
		))...))
}

// ownState reports whether keys have any state or timers of their own.
func (n *stepCode) ownState() bool {
	for _, s := range n.op.States {
		if !s.Broadcast {
			return true
		}
	}
	return len(n.op.Timers) > 0
}

// emptyCell writes whether the cell c holds nothing any more.
func (n *stepCode) emptyCell() *jen.Statement {
	var empty *jen.Statement
	and := func(test *jen.Statement) {
		if empty == nil {
			empty = test
		} else {
			empty = empty.Op("&&").Add(test)
		}
	}
	for _, s := range n.keyed.states {
		switch {
		case s.state.Broadcast:
		case isCollection(s.state):
			and(jen.Id("c").Dot(s.value).Dot("Empty").Call())
		default:
			and(jen.Op("!").Id("c").Dot(s.has))
		}
	}
	for _, t := range n.keyed.timers {
		if t.rides || t.rises() {
			continue // there are entries as long as it is set
		}
		if t.family != "" {
			and(jen.Id("c").Dot(t.field).Dot("Empty").Call())
			continue
		}
		and(jen.Op("!").Id("c").Dot(t.field).Dot("IsSet").Call())
	}
	if empty == nil {
		return jen.True()
	}
	return empty
}

// helperParams lists what every helper is given first, and the names that are
// taken in it.
func (n *stepCode) helperParams(f *ir.Func) (params []jen.Code, taken []string) {
	if n.keyed != nil {
		params = append(params, jen.Id("c").Op("*").Id(n.keyed.cell))
		if n.needsID() {
			params = append(params, jen.Id("id").Uint32())
		}
		if n.helpersUseKey() {
			params = append(params, jen.Id("key").Add(n.g.goType(n.step.KeyType())))
		}
	}
	return append(params, jen.Id("m").Qual(rtPath, "Meta")), []string{"c", "id", "key", "m"}
}

// helperArgs lists the arguments for helperParams.
func (n *stepCode) helperArgs(c *coder, f *ir.Func) []jen.Code {
	var args []jen.Code
	if n.keyed != nil {
		args = append(args, c.here.cell.Clone())
		if n.needsID() {
			args = append(args, c.here.id.Clone())
		}
		if n.helpersUseKey() {
			args = append(args, c.here.key.Clone())
		}
	}
	return append(args, c.here.meta.Clone())
}

// atHandInHelper tells the coder what a helper has at hand.
func (n *stepCode) atHandInHelper(c *coder) {
	c.here = scope{cell: jen.Id("c"), id: jen.Id("id"), key: jen.Id("key"), meta: jen.Id("m")}
}

// clone copies the text of a value into memory of its own.
func (g *generator) clone(c *coder, v operand) *jen.Statement {
	if !hasText(v.t) {
		return v.value()
	}
	switch kindOf(v.t) {
	case types.String:
		return jen.Qual("strings", "Clone").Call(v.value())
	case types.JSON:
		return jen.Qual(valuePath, "JSON").Call(jen.Qual("strings", "Clone").Call(jen.String().Call(v.value())))
	case types.Bytes:
		return jen.Qual("bytes", "Clone").Call(v.value())
	default:
		return g.helpers.clone(g, v.t).Call(v.value())
	}
}
