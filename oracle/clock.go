package oracle

import (
	"cmp"
	"slices"

	"github.com/flow-lang/flowc/typecheck/ir"
)

// coming is what waits for a processing time: a message or a timer.
type coming struct {
	at      int64
	step    *step
	message int  // index in machine.later; len of that for a timer, which comes behind
	timer   *due // nil for a message
}

// pass lets processing time go by. What it brings about comes one after the
// other, each at its time: by step, and in a step messages before timers.
func (m *machine) pass(by int64) {
	if m.in.Clock == nil {
		return
	}
	end := m.now + by
	for {
		next, ok := m.nextComing(end)
		if !ok {
			break
		}
		m.now = max(m.now, next.at)
		if next.timer != nil {
			next.step.fire(*next.timer)
		} else {
			msg := m.later[next.message]
			m.later = slices.Delete(m.later, next.message, next.message+1)
			m.receive(msg)
		}
		m.fireDue()
	}
	m.now = end
}

// nextComing returns what comes first, until a time.
func (m *machine) nextComing(until int64) (coming, bool) {
	var all []coming
	for i, msg := range m.later {
		all = append(all, coming{at: msg.due, step: m.stepOf(msg.to), message: i})
	}
	for _, s := range m.steps {
		var timers []due
		for _, c := range s.cells {
			for id, at := range c.timers {
				if id.timer.Processing {
					timers = append(timers, due{at, s, c, id})
				}
			}
		}
		if d, ok := earliest(timers); ok {
			all = append(all, coming{at: d.at, step: s, message: len(m.later), timer: &d})
		}
	}
	all = slices.DeleteFunc(all, func(c coming) bool { return c.at > until })
	if len(all) == 0 {
		return coming{}, false
	}
	return slices.MinFunc(all, func(a, b coming) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.step.order, b.step.order), cmp.Compare(a.message, b.message))
	}), true
}

func (m *machine) stepOf(s *ir.Step) *step {
	return m.steps[slices.IndexFunc(m.steps, func(of *step) bool { return of.ir == s })]
}

// post puts messages on their way.
func (m *machine) post(sent []message) {
	for _, s := range sent {
		if s.due > m.now {
			m.later = append(m.later, s)
		} else {
			m.messages = append(m.messages, s)
		}
	}
}

// receive hands a message to its handler.
func (m *machine) receive(msg message) {
	m.stepOf(msg.to).receive(msg.in, msg.rec, meta{time: msg.time}, func(*frame) any { return msg.key })
}
