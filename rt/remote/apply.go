package remote

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
	"github.com/flow-lang/flowc/rt/wire"
)

// apply does what a reply says: messages, delayed ones, output, and changes of
// state, in this order. All is looked at before anything is done, so that a reply
// that cannot be done whole leaves no trace.
func (f *Function) apply(a *live, r *reply, now value.Timestamp) error {
	c := f.reopen(a.id)
	m, end := f.taken(a.n, &c)
	if err := f.check(&c, r); err != nil {
		return err
	}
	for i := range r.egress {
		err := f.given.read(&r.egress[i])
		if err == nil {
			err = f.spec.Program.Give(&f.given, m)
		}
		if err != nil {
			f.spec.Program.Flush(false)
			return fmt.Errorf("what %s gives to the egress %s, of type %s: %w", f.spec.Type, r.egress[i].egress, r.egress[i].argument.Type, err)
		}
	}
	self := f.self
	self.ID = f.cells.Key(a.id)
	for i := range r.messages {
		o := &r.messages[i]
		if err := f.spec.Program.Send(&o.target, &self, &o.argument, m); err != nil {
			f.spec.Program.Flush(false)
			return fmt.Errorf("the message of %s to %s: %w", f.spec.Type, o.target.Type(), err)
		}
	}
	for i := range r.delayed {
		f.delay(a.id, &c, &r.delayed[i], m, now)
	}
	f.spec.Program.Flush(true)
	f.change(&c, r, now)
	f.pending.RemoveBefore(&c.pending, end)
	f.keep(a.id, &c)
	f.tidy()
	f.done(a, a.n)
	return nil
}

// taken returns the times of what comes of the first n invocations of an address:
// that of the latest, and the watermark that those behind have been told. end is
// the number behind the last of them.
func (f *Function) taken(n int, c *cell) (m rt.Meta, end int64) {
	m = rt.Meta{Time: value.MinTime, Mark: f.first.mark}
	for number, p := range f.pending.All(&c.pending) {
		if n--; n < 0 {
			break
		}
		m.Time, end = max(m.Time, p.time), number+1
	}
	return m, end
}

// check looks whether a reply can be done.
func (f *Function) check(c *cell, r *reply) error {
	target := func(o *outgoing) error {
		if slices.Contains(f.spec.Targets, o.target.Type()) {
			return nil
		}
		return fmt.Errorf("the message of %s to %s: %w: there are %s", f.spec.Type, o.target.Type(), ErrNoTarget, strings.Join(f.spec.Targets, ", "))
	}
	for i := range r.messages {
		if err := target(&r.messages[i]); err != nil {
			return err
		}
	}
	tokens := map[string]bool{}
	for i := range r.delayed {
		d := &r.delayed[i]
		if d.cancel {
			tokens[d.token] = false
			continue
		}
		if err := target(&d.outgoing); err != nil {
			return err
		}
		if d.token == "" {
			continue
		}
		live, said := tokens[d.token]
		if !said {
			_, live = f.tokened(c, d.token)
		}
		if live {
			return fmt.Errorf("%s delays two messages with the cancellation token %q", f.spec.Type, d.token)
		}
		tokens[d.token] = true
	}
	for i := range r.mutated {
		s := f.specs[r.mutated[i].name]
		if s == nil {
			return fmt.Errorf("%s changes the value %q, which it has not declared", f.spec.Type, r.mutated[i].name)
		}
		if v := &r.mutated[i].value; !r.mutated[i].remove && s.typename != "" && v.Type != s.typename {
			return fmt.Errorf("%s writes the value %q of type %s, which is %s", f.spec.Type, s.name, v.Type, s.typename)
		}
	}
	return nil
}

// tokened finds the delayed message of an address with a token.
func (f *Function) tokened(c *cell, token string) (number int64, ok bool) {
	for n, d := range f.delayed.All(&c.delayed) {
		if d.token == token {
			return n, true
		}
	}
	return 0, false
}

// delay has a message wait, or cancels one.
func (f *Function) delay(id uint32, c *cell, d *delayedCall, m rt.Meta, now value.Timestamp) {
	if d.cancel {
		if n, ok := f.tokened(c, d.token); ok {
			f.delayed.Remove(&c.delayed, n)
			f.dead++
		}
		return
	}
	w := delayedMessage{
		due: min(now+value.Timestamp(d.delay)*1000, value.MaxTime), token: d.token,
		toType: d.target.Type(), toID: d.target.ID, argument: d.argument, time: m.Time,
	}
	w.argument.Value = bytes.Clone(w.argument.Value)
	n := int64(0)
	if last := f.delayed.Last(&c.delayed, state.Span[int64]{}); last.OK {
		n = last.V.Key + 1
	}
	f.delayed.Put(&c.delayed, n, w)
	f.wait(id, n, w.due)
}

// change changes values, and has those live longer that live from each call.
func (f *Function) change(c *cell, r *reply, now value.Timestamp) {
	for _, name := range f.names {
		s := f.specs[name]
		switch {
		case f.ended(c, name, now):
			f.values.Remove(&c.values, name)
			f.ends.Remove(&c.ends, name)
		case s.mode == afterInvoke && f.values.Has(&c.values, name):
			f.ends.Put(&c.ends, name, endOf(s, now))
		}
	}
	for i := range r.mutated {
		m := &r.mutated[i]
		s := f.specs[m.name]
		if m.remove || !m.value.Has {
			f.values.Remove(&c.values, m.name)
			f.ends.Remove(&c.ends, m.name)
			continue
		}
		f.values.Put(&c.values, m.name, typed{name: m.value.Type, data: bytes.Clone(m.value.Value)})
		if s.mode != never && s.after > 0 {
			f.ends.Put(&c.ends, m.name, endOf(s, now))
		} else {
			f.ends.Remove(&c.ends, m.name)
		}
	}
}

func endOf(s *valueSpec, now value.Timestamp) value.Timestamp {
	return min(now+value.Timestamp(s.after), value.MaxTime)
}

// shown is a value as JSON: as it is, as text, or by its size.
func shown(v *TypedValue) value.JSON {
	if json.Valid(v.Value) {
		return value.JSON(v.Value)
	}
	text := fmt.Sprintf("%d bytes of type %s", len(v.Value), v.Type)
	if v.Type == TypeString {
		if held, err := ReadString(v.Value); err == nil {
			text = held
		}
	}
	return value.JSON(wire.AppendString(nil, text))
}
