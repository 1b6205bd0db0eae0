package oracle

import "github.com/flow-lang/flowc/typecheck/ir"

// message is a record on its way to a key of another step.
type message struct {
	to   *ir.Step
	in   *ir.In
	key  any
	rec  any
	time int64
}

// sendMessage keeps a message back until the handler has succeeded. One that
// waits never comes: the processing time stands still.
func (f *frame) sendMessage(s *ir.Send) {
	m := message{s.To, s.In, f.eval(s.Key), f.eval(s.Value), f.at.time}
	if s.After != nil {
		after := f.eval(s.After).(int64)
		if due := f.m.in.Now + after; due < minTime || due > maxTime {
			fail(s.After.Pos(), "the message is for a time outside the years 1 to 9999")
		}
		if after > 0 {
			return
		}
	}
	f.eff.sends = append(f.eff.sends, m)
}

// deliverMessages handles the messages on their way, also those that are sent
// meanwhile, in the order in which they were sent.
func (m *machine) deliverMessages() {
	for len(m.messages) > 0 {
		next := m.messages[0]
		m.messages = m.messages[1:]
		for _, s := range m.steps {
			if s.ir == next.to {
				s.receive(next.in, next.rec, meta{time: next.time}, func(*frame) any { return next.key })
			}
		}
	}
}
