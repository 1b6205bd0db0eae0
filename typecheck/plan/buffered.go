package plan

import "github.com/flow-lang/flowc/typecheck/ir"

// buffered reports whether anything in op can fail after an emit: a handler
// that fails is undone whole, so its emits must then wait for its end.
func (e *Effects) buffered(op *ir.Operator) bool {
	w := &emitWalk{effects: e}
	for _, h := range op.Handlers {
		w.stmts(h.Body, false)
	}
	for _, f := range op.Helpers {
		w.stmts(f.Body, false)
	}
	return w.failed
}

// emitWalk follows the paths through a handler. Its methods take whether
// something may have been emitted before, and return whether something may
// have been emitted after.
type emitWalk struct {
	effects *Effects
	failed  bool // something can fail after an emit
}

// stmts also returns whether control never comes to the end of the list.
func (w *emitWalk) stmts(list []ir.Stmt, emitted bool) (after, leaves bool) {
	for _, s := range list {
		emitted, leaves = w.stmt(s, emitted)
		if leaves {
			break
		}
	}
	return emitted, leaves
}

func (w *emitWalk) stmt(s ir.Stmt, emitted bool) (after, leaves bool) {
	switch s := s.(type) {
	case *ir.IfStmt:
		emitted = w.node(s.Cond, emitted)
		return w.branches(emitted, s.Then, s.Else)
	case *ir.IfLetStmt:
		emitted = w.node(s.X, emitted)
		return w.branches(emitted, s.Then, s.Else)
	case *ir.MatchStmt:
		emitted = w.node(s.X, emitted)
		var arms [][]ir.Stmt
		for _, a := range s.Arms {
			arms = append(arms, a.Stmts)
		}
		return w.branches(emitted, arms...)
	case *ir.For:
		return w.loop(s.Body, w.node(s.X, emitted)), false
	case *ir.ForState:
		if s.Range != nil {
			for _, e := range []ir.Expr{s.Range.From, s.Range.To} {
				if e != nil {
					emitted = w.node(e, emitted)
				}
			}
		}
		return w.loop(s.Body, emitted), false
	case *ir.While:
		emitted = w.node(s.Cond, emitted)
		emitted = w.loop(s.Body, emitted)
		return w.node(s.Cond, emitted), false
	case *ir.Emit:
		emitted = w.node(s.Value, emitted)
		if s.AtTime != nil {
			w.node(s.AtTime, emitted)
		}
		return true, false
	case *ir.Send:
		for _, e := range []ir.Expr{s.Key, s.Value, s.After} {
			if e != nil {
				emitted = w.node(e, emitted)
			}
		}
		if s.After != nil && emitted {
			w.failed = true // the time may lie past the year 9999
		}
		return true, false
	case *ir.FailStmt:
		w.node(s, emitted)
		return emitted, true
	case *ir.Return:
		if s.Value != nil {
			emitted = w.node(s.Value, emitted)
		}
		return emitted, true
	case *ir.Drop:
		return emitted, true
	default:
		return w.node(s, emitted), false
	}
}

func (w *emitWalk) branches(emitted bool, lists ...[]ir.Stmt) (after, leaves bool) {
	leaves = len(lists) > 0
	for _, list := range lists {
		got, left := w.stmts(list, emitted)
		if !left {
			after, leaves = after || got, false
		}
	}
	return after, leaves
}

// loop goes through the body twice, so that an emit comes before a mistake of
// the next round. What a round that is left early has emitted counts, too.
func (w *emitWalk) loop(body []ir.Stmt, emitted bool) bool {
	emits := w.effects.ofAll(body).emits
	w.stmts(body, emitted)
	w.stmts(body, emitted || emits)
	return emitted || emits
}

// node judges what has no paths of its own.
func (w *emitWalk) node(n ir.Node, emitted bool) bool {
	got := w.effects.of(n)
	if got.fails && (emitted || got.emits) {
		w.failed = true
	}
	return emitted || got.emits
}
