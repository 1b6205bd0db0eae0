package typecheck

import (
	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/ir"
)

// cellChange is what a path has done to a state so far.
type cellChange int

const (
	untouched cellChange = iota
	written              // and not cleared since
	cleared              // and not written since
	lost                 // an entry stays without its timer, and its key is no longer known
)

// timerChange is what a path has done to a timer so far.
type timerChange int

const (
	unknown  timerChange = iota // as it was when the handler began
	armed                       // set
	disarmed                    // fired or cancelled
)

// pathState is what is known at one place of a path. There are nine different
// pairs of cell and armed, so that the states at a place are few however many
// paths lead there; the other fields describe one path of each pair.
type pathState struct {
	cell  cellChange
	armed timerChange
	write source.Pos // where the state was written last
	stop  source.Pos // where a return or drop ended the path; nowhere if none did
	trail *trail
}

// trail lists the decisions of a path, the last one first.
type trail struct {
	branch
	before *trail
}

// branch is a decision that a path took, with the statements that it chose from.
type branch struct {
	pos   source.Pos
	text  string
	sides [2][]ir.Stmt
}

// maxBranches bounds how many decisions a message names, maxLooked how many are
// looked at to find them.
const (
	maxBranches = 3
	maxLooked   = 50
)

// leaks reports whether the state may stay without a timer at the end of p. A
// handler begins with the promise that what is there has its timer set.
func (p pathState) leaks() bool {
	switch p.cell {
	case written:
		return p.armed != armed
	case untouched:
		return p.armed == disarmed
	case lost:
		return true
	default:
		return false
	}
}

// end is where the path ended: at a return or drop, or else its last write, or
// else where its handler begins.
func (p pathState) end(handler source.Pos) source.Pos {
	switch {
	case p.stop.IsValid():
		return p.stop
	case p.write.IsValid():
		return p.write
	default:
		return handler
	}
}

// decisions lists the last decisions of the path that matter, in order.
func (a *pathAnalysis) decisions(p pathState) []branch {
	var out []branch
	looked := 0
	for t := p.trail; t != nil && len(out) < maxBranches && looked < maxLooked; t = t.before {
		looked++
		if a.decides(t.sides[0]) || a.decides(t.sides[1]) {
			out = append([]branch{t.branch}, out...)
		}
	}
	return out
}

// paths holds one path for each pair of cell and armed, in the order in which
// they were found.
type paths []pathState

// add puts p in unless a path of its pair is there.
func (ps paths) add(p pathState) paths {
	for _, q := range ps {
		if q.cell == p.cell && q.armed == p.armed {
			return ps
		}
	}
	return append(ps[:len(ps):len(ps)], p)
}

func (ps paths) join(qs paths) paths {
	for _, q := range qs {
		ps = ps.add(q)
	}
	return ps
}

// each is ps with every path changed by f.
func (ps paths) each(f func(*pathState)) paths {
	var out paths
	for _, p := range ps {
		f(&p)
		out = out.add(p)
	}
	return out
}

// exits are the paths that leave a list of statements before its end.
type exits struct {
	returned, dropped, broken, continued paths
}

// pathAnalysis follows what handlers do to one state and one timer, or to one
// entry of the state and its timer of a family.
type pathAnalysis struct {
	state  *ir.State
	timer  *ir.Timer
	names  *indexNames
	entry  string     // of the entry, as indexNames writes its key; "" for all of the state
	active []*ir.Func // helpers that are being walked
	calls  map[callKey]callResult
	out    exits
}

// handler returns the paths through a handler that do not fail; a handler that
// fails is undone.
func (a *pathAnalysis) handler(body []ir.Stmt, begin pathState) paths {
	a.out = exits{}
	end := a.stmts(body, paths{begin})
	return end.join(a.out.returned).join(a.out.dropped)
}

func (a *pathAnalysis) stmts(list []ir.Stmt, ps paths) paths {
	for _, s := range list {
		if len(ps) == 0 {
			return nil
		}
		ps = a.stmt(s, ps)
	}
	return ps
}

func (a *pathAnalysis) stmt(s ir.Stmt, ps paths) paths {
	if change := a.changeOf(s); change != nil {
		return a.children(s, ps).each(change)
	}
	switch s := s.(type) {
	case *ir.Return:
		ps = a.expr(s.Value, ps)
		a.out.returned = a.out.returned.join(ps.each(stopAt(s.At)))
		return nil
	case *ir.Drop:
		a.out.dropped = a.out.dropped.join(ps.each(stopAt(s.At)))
		return nil
	case *ir.FailStmt:
		a.expr(s.Reason, ps)
		return nil
	case *ir.Break:
		a.out.broken = a.out.broken.join(ps)
		return nil
	case *ir.Continue:
		a.out.continued = a.out.continued.join(ps)
		return nil
	default:
		return a.branching(s, ps)
	}
}

func stopAt(pos source.Pos) func(*pathState) {
	return func(p *pathState) { p.stop = pos }
}

// branching follows the statements that hold others.
func (a *pathAnalysis) branching(s ir.Stmt, ps paths) paths {
	switch s := s.(type) {
	case *ir.IfStmt:
		ps = a.expr(s.Cond, ps)
		sides := [2][]ir.Stmt{s.Then, s.Else}
		yes := a.stmts(s.Then, a.holding(s.Cond, true, took(ps, branch{s.At, "this condition holds", sides})))
		return yes.join(a.stmts(s.Else, a.holding(s.Cond, false, took(ps, branch{s.At, "this condition does not hold", sides}))))
	case *ir.IfLetStmt:
		ps = a.expr(s.X, ps)
		sides := [2][]ir.Stmt{s.Then, s.Else}
		yes := a.stmts(s.Then, a.bound(a.finding(s.X, true, took(ps, branch{s.At, "there is a value here", sides})), s.Bind, s.X))
		return yes.join(a.stmts(s.Else, a.finding(s.X, false, took(ps, branch{s.At, "there is no value here", sides}))))
	case *ir.MatchStmt:
		ps = a.expr(s.X, ps)
		var out paths
		for _, arm := range s.Arms {
			out = out.join(a.stmts(arm.Stmts, took(a.bound(a.matching(s.X, arm, ps), arm.Bind, nil), branch{arm.At, "this arm is taken", [2][]ir.Stmt{arm.Stmts}})))
		}
		return out
	case *ir.For:
		return a.loop(s.Body, nil, a.expr(s.X, ps), s.Key, s.Value)
	case *ir.ForState:
		if s.Range != nil {
			ps = a.expr(s.Range.To, a.expr(s.Range.From, ps))
		}
		if ps = a.loop(s.Body, nil, ps, s.Key, s.Value); a.empties(s) {
			ps = ps.each(absent)
		}
		return ps
	case *ir.While:
		return a.loop(s.Body, s.Cond, ps)
	case *ir.Let:
		return a.bound(a.expr(s.Value, ps), s.Local, s.Value)
	case *ir.Assign:
		return a.bound(a.expr(s.Value, ps), s.Local, nil)
	case *ir.Emit:
		return a.expr(s.AtTime, a.expr(s.Value, ps))
	case *ir.ExprStmt:
		return a.expr(s.X, ps)
	default:
		return a.children(s, ps)
	}
}

// took notes a decision.
func took(ps paths, b branch) paths {
	return ps.each(func(p *pathState) { p.trail = &trail{b, p.trail} })
}

// decides reports whether the statements touch the state or the timer, also by
// a helper, so that it matters whether a path takes them.
func (a *pathAnalysis) decides(list []ir.Stmt) bool { return a.touches(list, nil) }

// touches is decides; seen are the helpers that were looked into, nil outside of
// them.
func (a *pathAnalysis) touches(list []ir.Stmt, seen map[*ir.Func]bool) bool {
	inside := seen != nil
	if !inside {
		seen = map[*ir.Func]bool{}
	}
	found := false
	ir.InspectAll(list, func(n ir.Node) bool {
		switch s := n.(type) {
		case *ir.Return:
			found = found || !inside // one of a helper ends nothing else
		case *ir.StateClear, *ir.ClearAll, *ir.Drop:
			found = true
		case *ir.Call:
			if s.Func.Op != nil && !seen[s.Func] {
				seen[s.Func] = true
				found = found || a.touches(s.Func.Body, seen)
			}
		case *ir.TimerSet:
			found = found || s.Timer == a.timer
		case *ir.TimerCancel:
			found = found || s.Timer == a.timer
		case ir.Stmt:
			st, _ := writeOf(s)
			removed, _ := removalOf(s)
			found = found || st != nil && st == a.state || removed != nil && removed == a.state
		}
		return !found
	})
	return found
}

// loop follows a body that runs any number of times, also none. Each round
// gives the names in binds other values.
func (a *pathAnalysis) loop(body []ir.Stmt, cond ir.Expr, ps paths, binds ...*ir.Local) paths {
	outer := a.out
	a.out.broken, a.out.continued = nil, nil
	ps = a.expr(cond, ps)
	for {
		begin := ps
		for _, l := range binds {
			begin = a.bound(begin, l, nil)
		}
		again := a.stmts(body, begin)
		again = a.expr(cond, again.join(a.out.continued))
		grown := ps.join(again)
		if len(grown) == len(ps) {
			break
		}
		ps = grown
	}
	if always, ok := cond.(*ir.BoolConst); ok && always.Value {
		ps = nil // only a break leads out
	}
	ps = ps.join(a.out.broken)
	a.out.broken, a.out.continued = outer.broken, outer.continued
	return ps
}

// expr follows what happens while an expression is worked out: blocks inside it
// and calls of helpers.
func (a *pathAnalysis) expr(e ir.Expr, ps paths) paths {
	if e == nil || len(ps) == 0 || !acts(e) {
		return ps
	}
	switch e := e.(type) {
	case *ir.Do:
		return a.expr(e.Value, a.stmts(e.Body, ps))
	case *ir.If:
		ps = a.expr(e.Cond, ps)
		return a.expr(e.Then, a.holding(e.Cond, true, ps)).join(a.expr(e.Else, a.holding(e.Cond, false, ps)))
	case *ir.IfLet:
		ps = a.expr(e.X, ps)
		return a.expr(e.Then, a.bound(a.finding(e.X, true, ps), e.Bind, e.X)).join(a.expr(e.Else, a.finding(e.X, false, ps)))
	case *ir.Match:
		ps = a.expr(e.X, ps)
		var out paths
		for _, arm := range e.Arms {
			out = out.join(a.expr(arm.Body, a.bound(ps, arm.Bind, nil)))
		}
		return out
	case *ir.Coalesce:
		ps = a.expr(e.X, ps)
		return ps.join(a.expr(e.Y, ps))
	case *ir.OptionalMap:
		ps = a.expr(e.X, ps)
		return ps.join(a.expr(e.Body, a.bound(ps, e.Bind, nil)))
	case *ir.Binary:
		return a.binary(e, ps)
	case *ir.Call:
		for _, arg := range e.Args {
			ps = a.expr(arg, ps)
		}
		return a.call(e, ps)
	default:
		return a.children(e, ps)
	}
}

// binary follows an operation. A chain such as a + b + c leans to the left and
// may be very long, so it is walked and not recursed into.
func (a *pathAnalysis) binary(e *ir.Binary, ps paths) paths {
	chain := []*ir.Binary{e}
	for left, ok := e.X.(*ir.Binary); ok; left, ok = left.X.(*ir.Binary) {
		chain = append(chain, left)
	}
	ps = a.expr(chain[len(chain)-1].X, ps)
	for i := len(chain) - 1; i >= 0; i-- {
		after := a.expr(chain[i].Y, ps)
		if op := chain[i].Op; op == ir.And || op == ir.Or {
			after = ps.join(after)
		}
		ps = after
	}
	return ps
}

// acts reports whether statements that do something, or calls of helpers, stand
// inside e.
func acts(e ir.Expr) bool {
	found := false
	ir.Inspect(e, func(n ir.Node) bool {
		switch n := n.(type) {
		case *ir.Let:
		case ir.Stmt:
			found = true
		case *ir.Call:
			found = found || n.Func.Op != nil
		}
		return !found
	})
	return found
}

// children follows the expressions directly inside a node, in their order.
func (a *pathAnalysis) children(n ir.Node, ps paths) paths {
	ir.Inspect(n, func(c ir.Node) bool {
		if c == n {
			return true
		}
		if e, ok := c.(ir.Expr); ok {
			ps = a.expr(e, ps)
		}
		return false
	})
	return ps
}

// callKey is a helper and what is known when it is called; its result is worked
// out once, so that helpers that call helpers cost no more than they are long.
type callKey struct {
	fn    *ir.Func
	cell  cellChange
	armed timerChange
	args  string // which of its parameters stand for the entry's key
}

// callResult is how a call goes on, and how it may end the handler.
type callResult struct{ end, dropped paths }

// call follows a helper.
func (a *pathAnalysis) call(e *ir.Call, ps paths) paths {
	fn := e.Func
	if fn.Op == nil {
		return ps
	}
	args := a.names.pass(fn, e.Args)
	var end paths
	for _, p := range ps {
		r := a.result(callKey{fn, p.cell, p.armed, args})
		end = end.join(r.end.each(p.precede))
		a.out.dropped = a.out.dropped.join(r.dropped.each(p.precede))
	}
	return end
}

// precede puts what p knows before what was found in a helper.
func (p pathState) precede(q *pathState) {
	if !q.write.IsValid() {
		q.write = p.write
	}
	if q.trail == nil {
		q.trail = p.trail
	}
}

// result walks a helper. One that calls itself may run any number of times, so
// that nothing is known after the inner call but that it may have written.
func (a *pathAnalysis) result(k callKey) callResult {
	if r, known := a.calls[k]; known {
		return r
	}
	begin := pathState{cell: k.cell, armed: k.armed}
	for _, f := range a.active {
		if f == k.fn {
			r := paths{begin}
			if pos := writesIn(k.fn, a.state); pos.IsValid() {
				r = r.add(pathState{cell: written, armed: unknown, write: pos})
			}
			return callResult{end: r}
		}
	}
	a.active = append(a.active, k.fn)
	outer := a.out
	a.out = exits{}
	end := a.stmts(k.fn.Body, paths{begin})
	r := callResult{end.join(a.out.returned.each(stopAt(source.Pos{}))), a.out.dropped}
	a.out = outer
	a.active = a.active[:len(a.active)-1]
	a.calls[k] = r
	return r
}

// writesIn returns where fn itself writes st, nowhere if it does not.
func writesIn(fn *ir.Func, st *ir.State) source.Pos {
	var pos source.Pos
	ir.InspectAll(fn.Body, func(n ir.Node) bool {
		if s, ok := n.(ir.Stmt); ok && !pos.IsValid() {
			if of, _ := writeOf(s); of == st {
				pos = s.Pos()
			}
		}
		return true
	})
	return pos
}
