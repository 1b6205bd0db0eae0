package typecheck

import (
	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// The rule on retention: state of a key that has more values than a bool or an
// enum must end, by a ttl, by a timer, or on the word of the author that it
// need not.
//
// A timer bounds a state if its handler clears the state on every path, and if
// every path of any handler that writes the state also sets the timer. Both are
// questions about paths, which paths.go walks.

// checkRetention checks every operator that was made concrete.
func (c *checker) checkRetention() {
	for _, f := range c.facts {
		if f.broken {
			continue // what could not be understood may be what bounds it
		}
		for _, st := range f.op.States {
			if c.mayGrow(f, st) {
				c.checkBound(f, st)
			}
		}
	}
}

// mayGrow reports whether there may be more and more cells of st.
func (c *checker) mayGrow(f *operatorFacts, st *ir.State) bool {
	return !isInvalid(st.Elem) && !st.Broadcast && !st.Forever && st.TTL == nil &&
		endless(f.op, st) != nil
}

// endless is the type whose values have no end and each have state of their
// own: of the entries' keys, or of the operator's key; nil if neither is.
func endless(op *ir.Operator, st *ir.State) types.Type {
	for _, t := range []types.Type{entryKey(st), op.Key} {
		if t != nil && !isInvalid(t) && !types.IsBounded(t) {
			return t
		}
	}
	return nil
}

// entryKey is the type of the keys of a map and of the elements of a set, nil
// of other states.
func entryKey(st *ir.State) types.Type {
	switch {
	case isMap(st) || st.Kind == ir.DynamicState:
		return st.MapKey
	case st.Kind == ir.SetState:
		return st.Elem
	default:
		return nil
	}
}

// checkBound looks for a timer that bounds st and reports st if there is none.
func (c *checker) checkBound(f *operatorFacts, st *ir.State) {
	best := firstWrite(f.op, st)
	if best == nil {
		return // never written
	}
	near := false
	for _, t := range f.op.Timers {
		own := handlerOf(f.op, t)
		if own == nil || !clearsSomewhere(own.Body, st) {
			continue
		}
		l := findLeak(f.op, st, own)
		if t.IndexType != nil && entryKey(st) != nil && l != nil {
			l = findEntryLeak(f.op, st, own)
		}
		if l == nil {
			return
		}
		if !near || nearer(l, best, st) {
			near = true
			if !l.write.IsValid() {
				l.write = best.write
			}
			best = l
		}
	}
	c.reportLeak(f, st, best)
}

// nearer reports whether l is told rather than best: of the timer that follows
// the entries of st, or else where only setting the timer is missing.
func nearer(l, best *leak, st *ir.State) bool {
	if own := l.timer.State == st; own != (best.timer.State == st) {
		return own
	}
	return best.inHandler && !l.inHandler
}

// reportLeak names the path on which a state stays, and the three mends.
func (c *checker) reportLeak(f *operatorFacts, st *ir.State, l *leak) {
	m := mistake(UnboundedState, f.spans[st], "the state %q may grow for ever: there is no end of keys of type %s, and nothing removes %s", st.Name, endless(f.op, st), removed(st))
	if l.write.IsValid() {
		m = m.note(at(l.write), "%s is written here", st.Name)
	}
	for _, b := range l.branches {
		m = m.note(at(b.pos), "%s", b.text)
	}
	switch {
	case l.timer == nil:
		m = m.note(at(l.end), "this path sets no timer that clears it")
	case l.inHandler:
		m = m.note(at(l.end), "this path through the handler of %s does not clear it", l.timer.Name)
	default:
		m = m.note(at(l.end), "this path does not set %s, which clears it", l.timer.Name)
	}
	switch {
	case f.retained[st]:
		if !f.asked { // one clause is for all its states
			f.asked = true
			c.add(m.stepMends(f))
		}
		return
	case l.inHandler && entryKey(st) != nil && l.timer.IndexType != nil:
		m = m.help("remove the entry on this path, too: %s.remove(…); or add \"ttl 30d\" to the declaration of %s, or say \"forever\"", st.Name, st.Name)
	}
	c.add(m.mends(st, l.timer))
}

// mends offers what bounds a state of a user's operator.
func (m message) mends(st *ir.State, t *ir.Timer) message {
	name := "idle"
	if t != nil {
		name = t.Name
	}
	if entryKey(st) != nil && (t == nil || t.IndexType != nil) {
		if t == nil {
			name = "close"
		}
		return m.help("add \"ttl 30d\" to the declaration of %s, or set a timer that removes the entry on this path (%s[…].set(time + 1h) with on %s[k] { %s.remove(k) }), or say \"forever\"",
			st.Name, name, name, st.Name)
	}
	return m.help("add \"ttl 30d\" to the declaration of %s, or set a timer that clears it on this path (%s.set(time + 1h) with on %s { clear }), or say \"forever\"",
		st.Name, name, name)
}

// stepMends offers what bounds a state that takes its retention from the step.
func (m message) stepMends(f *operatorFacts) message {
	if f.step != nil {
		m.Notes = nil
		m = m.note(f.spans[f.op.States[0]], "%s declares it: retention step", f.op.Name)
		m.Span = f.step.span
		uid := f.step.step.UID
		if uid == "" {
			uid = kebab(f.op.Name)
		}
		return m.help("say how long it is kept, after the step's uid: uid %q ttl 30d, or uid %q forever; a timer cannot be added here", uid, uid)
	}
	return m
}

// leak is a path on which a state stays although nothing will remove it.
type leak struct {
	write     source.Pos // where the state is written on it; nowhere if it is not
	end       source.Pos // where it ends, or begins if it runs to the end of its handler
	timer     *ir.Timer  // the timer that comes nearest to bounding it, or nil
	inHandler bool       // whether it is a path of that timer's handler
	branches  []branch   // what was decided on the way
}

// findLeak returns a path on which the timer of the handler own does not bound
// st; nil if it does.
func findLeak(op *ir.Operator, st *ir.State, own *ir.Handler) *leak {
	a := newPathAnalysis(st, own.Timer, "")
	for _, p := range a.handler(own.Body, pathState{armed: disarmed}) {
		if p.cell != cleared {
			return &leak{write: p.write, end: p.end(own.Pos), timer: own.Timer, inHandler: true, branches: a.decisions(p)}
		}
	}
	for _, h := range op.Handlers {
		if h == own {
			continue
		}
		for _, p := range a.handler(h.Body, pathState{}) {
			if p.leaks() {
				return &leak{write: p.write, end: p.end(h.Pos), timer: own.Timer, branches: a.decisions(p)}
			}
		}
	}
	return nil
}

func handlerOf(op *ir.Operator, t *ir.Timer) *ir.Handler {
	for _, h := range op.Handlers {
		if h.Timer == t {
			return h
		}
	}
	return nil
}

// firstWrite returns the first place that writes st as a leak; nil if nothing does.
func firstWrite(op *ir.Operator, st *ir.State) *leak {
	var out *leak
	look := func(body []ir.Stmt) {
		ir.InspectAll(body, func(n ir.Node) bool {
			if s, ok := n.(ir.Stmt); ok && out == nil {
				if of, _ := writeOf(s); of == st {
					out = &leak{write: s.Pos(), end: s.Pos()}
				}
			}
			return out == nil
		})
	}
	for _, h := range op.Handlers {
		look(h.Body)
	}
	for _, f := range op.Helpers {
		look(f.Body)
	}
	return out
}

// clearsSomewhere reports whether the statements clear st on any path.
func clearsSomewhere(body []ir.Stmt, st *ir.State) bool {
	found := false
	ir.InspectAll(body, func(n ir.Node) bool {
		switch s := n.(type) {
		case *ir.ClearAll:
			found = true
		case *ir.StateClear:
			found = found || s.State == st
		case *ir.Call:
			found = found || s.Func.Op != nil && !s.Func.Recursive && clearsSomewhere(s.Func.Body, st)
		case ir.Stmt:
			of, _ := removalOf(s)
			found = found || of != nil && of == st
		}
		return !found
	})
	return found
}
