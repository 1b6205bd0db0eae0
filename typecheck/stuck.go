package typecheck

import "github.com/flow-lang/flowc/typecheck/ir"

// warnStuck warns of steps whose event-time timers wait for a watermark that
// cannot rise before the input ends, since records that reach them come from a
// source without event time.
func (c *checker) warnStuck() {
	for _, s := range c.steps {
		timer := eventTimer(s.step.Op)
		if timer == nil {
			continue
		}
		timeless := timelessSource(s.step, map[*ir.Step]bool{})
		if timeless == nil {
			continue
		}
		m := warning(StuckWatermark, s.span, "%s waits for event time, which never rises before the input ends: records reach it from the source %s, which has none",
			s.step.Name, timeless.Name).
			note(at(timeless.Pos), "%s is declared here", timeless.Name).
			help("name the field of the time in the block of %s: event time FIELD", timeless.Name)
		if s.step.Op.Library == "" {
			m = m.note(at(timer.Pos), "the timer %s waits for it", timer.Name)
		}
		c.add(m)
	}
}

// eventTimer returns the first timer of event time, or nil.
func eventTimer(op *ir.Operator) *ir.Timer {
	for _, t := range op.Timers {
		if !t.Processing {
			return t
		}
	}
	return nil
}

// timelessSource returns a source without event time whose records reach a step
// by an input that holds its watermark back, or nil.
func timelessSource(s *ir.Step, seen map[*ir.Step]bool) *ir.Source {
	if seen[s] {
		return nil
	}
	seen[s] = true
	streams := s.Inputs
	for _, in := range s.Op.Ins {
		if in.Kind == ir.Message {
			continue // no stream is wired to it
		}
		from := streams[0]
		streams = streams[1:]
		switch {
		case from == nil || in.Kind == ir.Broadcast:
		case from.Source != nil && from.Source.EventTime == nil:
			return from.Source
		case from.Step != nil:
			if found := timelessSource(from.Step, seen); found != nil {
				return found
			}
		}
	}
	return nil
}
