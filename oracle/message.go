package oracle

import "github.com/flow-lang/flowc/typecheck/ir"

// message is a record on its way to a key of another step.
type message struct {
	to   *ir.Step
	in   *ir.In
	key  any
	rec  any
	time int64
	due  int64 // processing time at which it comes
}

// sendMessage keeps a message back until the handler has succeeded.
func (f *frame) sendMessage(s *ir.Send) {
	m := message{s.To, s.In, f.eval(s.Key), f.eval(s.Value), f.at.time, f.m.now}
	if s.After != nil {
		after := f.eval(s.After).(int64)
		if due := f.m.now + after; due < minTime || due > maxTime {
			fail(s.After.Pos(), "the message is for a time outside the years 1 to 9999")
		}
		m.due = f.m.now + max(after, 0)
	}
	f.eff.sends = append(f.eff.sends, m)
}

// deliverMessages handles the messages on their way, also those that are sent
// meanwhile, in the order in which they were sent.
func (m *machine) deliverMessages() {
	for len(m.messages) > 0 {
		next := m.messages[0]
		m.messages = m.messages[1:]
		m.receive(next)
	}
}
