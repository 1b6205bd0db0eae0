package typecheck

import (
	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/ir"
)

// checkBroadcast checks what the handlers of broadcast inputs do: every shard
// runs them, so they write broadcast state and do nothing else; and no other
// handler writes it. Helpers count as part of the handlers that call them.
func (o *operatorCheck) checkBroadcast() {
	for _, h := range o.op.Handlers {
		b := &broadcastCheck{o, h, map[*ir.Func]bool{}}
		ir.InspectAll(h.Body, b.visit)
	}
}

// broadcastCheck goes through one handler and the helpers that it calls.
type broadcastCheck struct {
	*operatorCheck
	handler *ir.Handler
	entered map[*ir.Func]bool
}

func (b *broadcastCheck) visit(n ir.Node) bool {
	if call, ok := n.(*ir.Call); ok && call.Func.Op != nil && !b.entered[call.Func] {
		b.entered[call.Func] = true
		ir.InspectAll(call.Func.Body, b.visit)
	}
	if b.handler.In != nil && b.handler.In.Kind == ir.Broadcast {
		b.inside(n)
	} else if s, ok := n.(ir.Stmt); ok {
		if st := changedBy(s); st != nil && st.Broadcast {
			b.add(mistake(StateAccess, at(s.Pos()), "broadcast state is written by handlers of broadcast inputs only").
				note(at(st.Pos), "%s is declared here", st.Name).note(b.caller(s), "the handler is here").
				help("write it where a broadcast input is handled: in rules: T broadcast, and on rules { … }"))
		}
	}
	return true
}

// inside reports what a broadcast input's handler may not do.
func (b *broadcastCheck) inside(n ir.Node) {
	in := b.handler.In
	wrong := func(pos source.Pos, what, help string) {
		b.add(mistake(StateAccess, at(pos), "the handler of %s %s, and every shard runs it", in.Name, what).
			note(at(in.Pos), "%s is a broadcast input", in.Name).help("%s", help))
	}
	switch n := n.(type) {
	case *ir.Emit:
		wrong(n.Pos(), "emits a record", "keep what it says in broadcast state, and emit where another input's record comes")
	case *ir.Send:
		wrong(n.Pos(), "sends a message", "keep what it says in broadcast state, and send where another input's record comes")
	case *ir.ClearAll:
		wrong(n.Pos(), "clears the state of a key", "name the state: clear x")
	case *ir.Drop, *ir.FailStmt:
	case ir.Stmt:
		if st := changedBy(n); st != nil && !st.Broadcast && b.inHelper(n) {
			wrong(n.Pos(), "writes "+st.Name+", which belongs to a key", "write broadcast state only")
		}
	}
}

// inHelper reports whether a statement stands in a helper: what a handler itself
// does to the state of a key is reported where it is checked.
func (b *broadcastCheck) inHelper(s ir.Stmt) bool {
	return len(b.entered) > 0 && b.caller(s).Start.IsValid()
}

// caller is where the handler is that calls the helper of s; nowhere if s stands
// in the handler itself.
func (b *broadcastCheck) caller(s ir.Stmt) source.Span {
	own := false
	ir.InspectAll(b.handler.Body, func(n ir.Node) bool {
		own = own || n == ir.Node(s)
		return !own
	})
	if own {
		return source.Span{}
	}
	return at(b.handler.Pos)
}

// changedBy returns the state that a statement changes, nil if it changes none.
func changedBy(s ir.Stmt) *ir.State {
	if c, ok := s.(*ir.StateClear); ok {
		return c.State
	}
	if st, _ := writeOf(s); st != nil {
		return st
	}
	st, _ := removalOf(s)
	return st
}
