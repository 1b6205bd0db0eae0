package oracle

import (
	"github.com/flow-lang/flowc/typecheck/ir"
)

// flow says how a statement ended.
type flow int

const (
	goOn    flow = iota
	leave        // return
	dropped      // the handler, also from a helper
	breakOut
	nextRound
)

// run runs a handler's body.
func (f *frame) run(body []ir.Stmt) { f.block(body) }

// block runs statements until one of them leaves; the value is that of a
// return.
func (f *frame) block(body []ir.Stmt) (flow, any) {
	for _, s := range body {
		if w, v := f.stmt(s); w != goOn {
			return w, v
		}
	}
	return goOn, nil
}

// stmt runs a statement. A block inside an expression that control leaves
// unwinds to here.
func (f *frame) stmt(s ir.Stmt) (w flow, v any) {
	defer func() {
		r := recover()
		u, ok := r.(unwound)
		switch {
		case ok && u.frame == f:
			w, v = u.flow, u.value
		case r != nil:
			panic(r)
		}
	}()
	return f.plainStmt(s)
}

// unwound ends the statement of a frame from inside an expression.
type unwound struct {
	frame *frame
	flow  flow
	value any
}

func (f *frame) plainStmt(s ir.Stmt) (flow, any) {
	switch s := s.(type) {
	case *ir.Let:
		f.locals[s.Local] = f.eval(s.Value)
	case *ir.Assign:
		f.locals[s.Local] = f.eval(s.Value)
	case *ir.StateSet, *ir.StateClear, *ir.ClearAll, *ir.TimerSet, *ir.TimerCancel:
		f.change(s)
	case *ir.ForState:
		return f.loopState(s)
	case *ir.IfStmt:
		if f.eval(s.Cond).(bool) {
			return f.block(s.Then)
		}
		return f.block(s.Else)
	case *ir.IfLetStmt:
		if o := f.eval(s.X).(option); o.ok {
			f.locals[s.Bind] = o.v
			return f.block(s.Then)
		}
		return f.block(s.Else)
	case *ir.MatchStmt:
		if arm := f.arm(f.eval(s.X), s.X.Type(), s.Arms); arm != nil {
			return f.block(arm.Stmts)
		}
	case *ir.For:
		return f.loop(s)
	case *ir.While:
		for f.eval(s.Cond).(bool) {
			if w, v := f.block(s.Body); w == leave || w == dropped {
				return w, v
			} else if w == breakOut {
				break
			}
		}
	case *ir.Emit:
		f.emit(s)
	case *ir.Send:
		f.sendMessage(s)
	case *ir.Drop:
		return dropped, nil
	case *ir.FailStmt:
		fail(s.Pos(), f.eval(s.Reason).(string))
	case *ir.Return:
		if s.Value == nil {
			return leave, nil
		}
		return leave, f.eval(s.Value)
	case *ir.Break:
		return breakOut, nil
	case *ir.Continue:
		return nextRound, nil
	case *ir.ExprStmt:
		f.eval(s.X)
	default:
		f.changeEntry(s)
	}
	return goOn, nil
}

// loop runs over a list, set or map as it was at the beginning.
func (f *frame) loop(s *ir.For) (flow, any) {
	for _, e := range elements(f.eval(s.X)) {
		if s.Key != nil {
			f.locals[s.Key] = e.key
		}
		f.locals[s.Value] = e.value
		if w, v := f.block(s.Body); w == leave || w == dropped {
			return w, v
		} else if w == breakOut {
			break
		}
	}
	return goOn, nil
}

func (f *frame) emit(s *ir.Emit) {
	e := emitted{rec: f.eval(s.Value), time: f.at.time}
	for i, o := range f.step.ir.Op.Outs {
		if o == s.Out {
			e.out = i
		}
	}
	if s.AtTime != nil {
		e.time = f.eval(s.AtTime).(int64)
	}
	f.eff.emits = append(f.eff.emits, e)
}

// change runs a statement that changes state or timers.
func (f *frame) change(s ir.Stmt) {
	switch s := s.(type) {
	case *ir.StateSet:
		f.set(s.State, f.eval(s.Value))
	case *ir.StateClear:
		delete(f.home(s.State).values, s.State)
		delete(f.home(s.State).items, s.State)
	case *ir.ClearAll:
		f.cell.items = map[*ir.State][]*item{}
		f.cell.values = map[*ir.State]*slot{}
		f.cell.timers = map[timerID]int64{}
	case *ir.TimerSet:
		id := f.timer(s.Timer, s.Index)
		f.cell.timers[id] = f.eval(s.To).(int64)
	case *ir.TimerCancel:
		delete(f.cell.timers, f.timer(s.Timer, s.Index))
	}
}

func (f *frame) set(st *ir.State, v any) {
	now := f.accessTime(st.TTL)
	c := f.home(st)
	old := c.values[st]
	if old == nil {
		c.values[st] = &slot{v, now, now, now}
		return
	}
	c.values[st] = &slot{v, max(old.written, now), old.created, max(old.read, now)}
}

// accessTime is when a state is read or written, for its ttl: the time of the
// record, which may lie before the watermark.
func (f *frame) accessTime(t *ir.TTL) int64 {
	if t != nil && t.Processing {
		return f.m.now
	}
	return f.at.time
}

func (f *frame) timer(t *ir.Timer, index ir.Expr) timerID {
	if index == nil {
		return timerID{timer: t}
	}
	return timerID{t, keyText(f.eval(index), t.IndexType)}
}
