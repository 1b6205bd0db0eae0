package codegen

import (
	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// addFamily adds the field with the operations on a family of timers:
//
//	close: state.NewWholeFamilies[value.Timestamp](journal, due, perTenMinutesClose)
//	ends:  state.NewFamilies[string](journal, due, perTenMinutesEnds, state.Ordered[string]())
func (n *stepCode) addFamily(t *timerCode) {
	n.needJournal()
	index, whole := n.g.entryType(t.timer.IndexType), wholeIndex(t.timer)
	t.family = n.field(t.field, jen.Op("*").Qual(statePath, whole+"Families").Types(index), func(w *wiring) jen.Code {
		queue := w.due
		if t.timer.Processing {
			queue = w.clock
		}
		families := "Families"
		if t.timer.State != nil {
			families = "EntryTimers"
		}
		args := []jen.Code{jen.Id(w.journal), jen.Id(queue), jen.Id(t.number)}
		if whole == "" {
			args = append(args, n.g.orderOf(t.timer.IndexType))
		}
		return jen.Qual(statePath, "New"+whole+families).Types(index).Call(args...)
	})
}

// wholeIndex begins the names in package state of what families have whose
// indexes are whole numbers; it is "" for others.
func wholeIndex(t *ir.Timer) string {
	switch kindOf(t.IndexType) {
	case types.Int, types.Int32, types.Timestamp, types.Duration, types.Date:
		return "Whole"
	default:
		return ""
	}
}

// wireState declares the variables that several fields of a keyed step refer to.
func (n *stepCode) wireState(w *wiring) {
	k := n.keyed
	if k == nil {
		return
	}
	declare := func(want string, value jen.Code) string {
		name := w.names.pick(want)
		w.body = append(w.body, jen.Id(name).Op(":=").Add(value))
		return name
	}
	if k.due != "" || k.clock != "" || k.saver != "" {
		w.cells = declare("cells", n.newTable())
	}
	if k.journal != "" {
		w.journal = declare("journal", jen.Qual(statePath, "NewJournal").Call())
	}
	for _, t := range k.timers {
		switch {
		case t.family == "":
		case t.timer.Processing && w.clock == "":
			w.clock = declare("clock", n.newQueue(w, ""))
		case !t.timer.Processing && w.due == "":
			w.due = declare("due", n.newQueue(w, ""))
		}
	}
}

// timerType is the type of a timer's field in the cell.
func (n *stepCode) timerType(t *timerCode) *jen.Statement {
	if !t.alone() {
		return n.timersType(t.timer)
	}
	return jen.Qual(statePath, "Timer")
}

// timersType is timerType for a family.
func (n *stepCode) timersType(t *ir.Timer) *jen.Statement {
	if whole := wholeIndex(t); whole != "" {
		return jen.Qual(statePath, whole+"Timers")
	}
	return jen.Qual(statePath, "Timers").Types(n.g.entryType(t.IndexType))
}

// familyCall calls an operation on a family of the key.
func (c *coder) familyCall(t *ir.Timer, name string, args ...jen.Code) *jen.Statement {
	code := c.op.keyed.timers[t.Index]
	return self(code.family).Dot(name).Call(append([]jen.Code{jen.Op("&").Add(c.cellField(code.field))}, args...)...)
}

// indexOf writes the index of a timer that has been evaluated.
func (c *coder) indexOf(t *ir.Timer, v operand) *jen.Statement {
	v.t = t.IndexType
	return c.g.entryKey(v)
}

// setFamily sets the timer with an index.
func (c *coder) setFamily(s *ir.TimerSet) {
	v := c.checked(s.Index, s.To)
	c.add(c.familyCall(s.Timer, "Set", c.here.id.Clone(), c.indexOf(s.Timer, v[0]), v[1].value()))
}

// cancelFamily cancels the timer with an index.
func (c *coder) cancelFamily(s *ir.TimerCancel) {
	c.add(c.familyCall(s.Timer, "Cancel", c.here.id.Clone(), c.indexOf(s.Timer, c.checked(s.Index)[0])))
}

// familyAt reads when the timer with an index is set for.
func (c *coder) familyAt(e *ir.TimerAt) operand {
	index := c.expr(e.Index)
	if s := e.Timer.State; s != nil && s.TTL != nil {
		if !index.stable {
			index = c.temp("index", index)
		}
		at := c.temp("at", call(c.familyCall(e.Timer, "At", c.indexOf(e.Timer, index)), e.T))
		lives := c.operation(s, "Lives", c.keyOf(s, index))
		c.add(jen.If(jen.Op("!").Add(lives)).Block(at.value().Op("=").Add(c.g.zero(e.T))))
		return at
	}
	return call(c.familyCall(e.Timer, "At", c.indexOf(e.Timer, index)), e.T)
}

// dispatchFamily hands the entry e of a queue to the handler of a family:
//
//	if index, ok := s.close.Fires(&cell.close, e); ok {
//		s.onClose(e.ID, cell, index, rt.Meta{Time: e.At, Mark: s.mark})
//	}
func (n *stepCode) dispatchFamily(i int, meta *jen.Statement) jen.Code {
	t := n.keyed.timers[i]
	fires := self(t.family).Dot("Fires").Call(jen.Op("&").Id("cell").Dot(t.field), jen.Id("e"))
	return jen.If(jen.List(jen.Id("index"), jen.Id("ok")).Op(":=").Add(fires), jen.Id("ok")).Block(
		self(n.keyed.fire[i]).Call(jen.Id("e").Dot("ID"), jen.Id("cell"), n.g.fromEntryKey(t.timer.IndexType, jen.Id("index")), meta.Clone()),
	)
}

// firedParams lists what the method for a timer is given first.
func (n *stepCode) firedParams(i int) []jen.Code {
	params := []jen.Code{jen.Id("id").Uint32(), jen.Id("cell").Op("*").Id(n.keyed.cell)}
	if t := n.keyed.timers[i].timer; t.IndexType != nil {
		params = append(params, jen.Id("index").Add(n.g.goType(t.IndexType)))
	}
	return params
}
