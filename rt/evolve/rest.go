package evolve

import (
	"fmt"
	"slices"

	"github.com/flow-lang/flowc/rt/schema"
)

// timer judges one timer of a step of the new program, which was timer i of the step
// from, -1 for none. The timers of entries are
// derived from them and have nothing saved.
func (r *resolver) timer(at, from, index, i int) {
	op := &r.plan.New.Operators[at]
	t := &op.Timers[index]
	if t.Entry != "" {
		return
	}
	about := Change{What: OfTimer, UID: op.UID, State: t.Name, New: t.String()}
	if from < 0 || i < 0 {
		about.Rule, about.Message = TimerAdded, fmt.Sprintf("the timer %s is new, and set for no key", t.Name)
		r.change(about)
		return
	}
	old := &r.plan.Old.Operators[from].Timers[i]
	src := source{from, len(r.plan.Old.Operators[from].States) + i}
	r.claimed[src] = op.UID + "/" + t.Name
	about.OldUID, about.OldName, about.Old = r.plan.Old.Operators[from].UID, old.Name, old.String()
	j := &judge{about: about, noun: "the index"}
	rt := &route{
		op: at, state: len(op.States) + index, kind: entries, uid: op.UID, name: t.Name, oldUID: about.OldUID, oldName: old.Name,
		key: r.key(from, at), oldKey: link(r.plan.Old.Operators[from].Key), timer: true,
	}
	if old.Name != t.Name {
		j.add(TimerRenamed, "", old.Name, t.Name, fmt.Sprintf("the timer %s is now called %s", quoted(old.Name), quoted(t.Name)), "")
	}
	switch {
	case old.Processing != t.Processing:
		rt.kind = useless
		j.add(TimerClock, "", old.String(), t.String(), fmt.Sprintf("the timer %s is on another clock, so its saved times mean nothing", t.Name),
			"give the timer another name, and retire the old one")
	case (old.Index == nil) != (t.Index == nil):
		rt.kind = useless
		j.add(TimerFamily, "", old.String(), t.String(), fmt.Sprintf("%s was %s and is %s", t.Name, family(old), family(t)),
			"give the timer another name, and retire the old one")
	case t.Index != nil:
		rt.sub = j.keys(link(old.Index), link(t.Index), "")
	}
	r.plan.routes[src] = rt
	r.took(j, about)
}

func family(t *schema.Timer) string {
	if t.Index == nil {
		return "one timer"
	}
	return "a family of timers"
}

// gone reports what the new program does not have any more.
func (r *resolver) gone() {
	for at := range r.plan.Old.Operators {
		old := &r.plan.Old.Operators[at]
		now := slices.Index(r.plan.formers, at)
		about := Change{UID: old.UID, OldUID: old.UID}
		if now >= 0 {
			about.UID = r.plan.New.Operators[now].UID
		}
		for i := range old.States {
			s := &old.States[i]
			if r.taken(source{at, i}) {
				continue
			}
			c := about
			c.Rule, c.What, c.State, c.OldName, c.Old = StateRemoved, OfState, s.Name, s.Name, stateText(s)
			c.Message = fmt.Sprintf("the state %s is dropped: the program no longer has it", s.Name)
			c.Message += heldText(r.plan.Old.Holds(old.UID, s.Name))
			if s.Queryable != "" {
				c.Message += fmt.Sprintf("; typed clients lose %s", Methods(s.Queryable))
			}
			r.meant(&c, old, now, s)
			r.droppable(&c)
			r.change(c)
		}
		for i := range old.Timers {
			t := &old.Timers[i]
			if t.Entry != "" || r.taken(source{at, len(old.States) + i}) {
				continue
			}
			c := about
			c.Rule, c.What, c.State, c.OldName, c.Old = TimerRemoved, OfTimer, t.Name, t.Name, t.String()
			c.Message = fmt.Sprintf("the timer %s is dropped where it is set: the program no longer has it", t.Name)
			if now < 0 {
				r.stepMeant(&c, old)
			}
			r.droppable(&c)
			r.change(c)
		}
		if in := old.Messages(); in != nil && now < 0 {
			r.messageGone(in, about)
		}
	}
}

// meant asks whether something new is what is gone, under another name.
func (r *resolver) meant(c *Change, old *schema.Operator, now int, s *schema.State) {
	if now < 0 {
		r.stepMeant(c, old)
		return
	}
	op := &r.plan.New.Operators[now]
	for i := range op.States {
		n := &op.States[i]
		if r.fresh(op.UID, n.Name) && alike(s, n) {
			c.Help = fmt.Sprintf("if it is %s now, say so: state %s … was %s", quoted(n.Name), n.Name, quoted(s.Name))
			c.Mends = append(c.Mends, Mend{Title: "it is " + quoted(n.Name) + " now", Kind: AddWas, UID: op.UID, State: n.Name, Text: s.Name})
			return
		}
	}
}

// fresh reports whether a state was judged as new.
func (r *resolver) fresh(uid, name string) bool {
	return slices.ContainsFunc(r.plan.Changes, func(c Change) bool { return c.Rule == StateAdded && c.UID == uid && c.State == name })
}

// alike reports whether one state could have been the other.
func alike(old, new *schema.State) bool {
	j := &judge{}
	j.kinds(old, new, &route{})
	return old.Broadcast == new.Broadcast && j.worst() <= Migrates
}

// stepMeant asks whether a new step is one that is gone.
func (r *resolver) stepMeant(c *Change, old *schema.Operator) {
	for i := range r.plan.New.Operators {
		op := &r.plan.New.Operators[i]
		if r.plan.formers[i] < 0 && op.Name == old.Name && (op.Key == nil) == (old.Key == nil) {
			c.Help = fmt.Sprintf("if the step %s is it under another uid, say so: uid %s was %s", quoted(op.UID), quoted(op.UID), quoted(old.UID))
			c.Mends = append(c.Mends, Mend{Title: "the step is " + quoted(op.UID) + " now", Kind: AddWas, UID: op.UID, Text: old.UID})
			return
		}
	}
}

// sources holds the sources against each other.
func (r *resolver) sources() {
	for i := range r.plan.New.Sources {
		s := &r.plan.New.Sources[i]
		c := Change{What: OfSource, UID: s.UID, New: place(s.Connector, s.From)}
		at := slices.IndexFunc(r.plan.Old.Sources, func(o schema.Source) bool { return o.UID == s.UID })
		switch {
		case at < 0:
			c.Rule, c.Message = SourceAdded, fmt.Sprintf("the source %s is new, and starts at its beginning", s.UID)
		default:
			old := &r.plan.Old.Sources[at]
			c.OldUID, c.Old = old.UID, place(old.Connector, old.From)
			if c.Rule, c.Message = Same, "unchanged"; c.Old != c.New {
				c.Rule = SourceMoved
				c.Message = fmt.Sprintf("the source %s read %s and reads %s, where its saved position means something else", s.UID, c.Old, c.New)
				c.Ack = s.UID + "/from"
				acceptable(&c, goesOn)
			}
		}
		r.change(c)
	}
	for i := range r.plan.Old.Sources {
		old := &r.plan.Old.Sources[i]
		if slices.ContainsFunc(r.plan.New.Sources, func(s schema.Source) bool { return s.UID == old.UID }) {
			continue
		}
		r.lost(Change{
			Rule: SourceRemoved, What: OfSource, UID: old.UID, OldUID: old.UID, Old: place(old.Connector, old.From),
			Message: fmt.Sprintf("the source %s is gone, and how far it was read is dropped", old.UID),
		})
	}
}

// place says where a source or sink is.
func place(connector, where string) string {
	if where == "" {
		return connector
	}
	return connector + "(" + where + ")"
}

// lost reports a source or sink that is gone.
func (r *resolver) lost(c Change) {
	c.Ack = c.UID
	line := "retired " + quoted(c.Ack)
	c.Help = "say that it is meant, with the reason: " + line + " // …"
	c.Mends = append(c.Mends, Mend{Title: "say that it is meant", Kind: AddLine, Text: line})
	r.change(c)
}

// sinks holds the sinks against each other. A sink that keeps a position can lose
// it; the others have nothing saved.
func (r *resolver) sinks() {
	for i := range r.plan.New.Sinks {
		s := &r.plan.New.Sinks[i]
		c := Change{What: OfSink, UID: s.UID, New: place(s.Connector, s.To), Rule: Same, Message: "unchanged"}
		at := slices.IndexFunc(r.plan.Old.Sinks, func(o schema.Sink) bool { return o.UID == s.UID })
		switch {
		case at < 0:
			c.Rule, c.Message = SinkChanged, fmt.Sprintf("the sink %s is new", s.UID)
		default:
			old := &r.plan.Old.Sinks[at]
			if c.OldUID, c.Old = old.UID, place(old.Connector, old.To); c.Old != c.New {
				c.Rule, c.Message = SinkChanged, fmt.Sprintf("the sink %s wrote %s and writes %s, from its beginning", s.UID, c.Old, c.New)
			}
		}
		r.change(c)
	}
	for i := range r.plan.Old.Sinks {
		old := &r.plan.Old.Sinks[i]
		if slices.ContainsFunc(r.plan.New.Sinks, func(s schema.Sink) bool { return s.UID == old.UID }) {
			continue
		}
		c := Change{What: OfSink, UID: old.UID, OldUID: old.UID, Old: place(old.Connector, old.To)}
		if !old.Keeps {
			c.Rule, c.Message = SinkChanged, fmt.Sprintf("the sink %s is gone", old.UID)
			r.change(c)
			continue
		}
		c.Rule, c.Message = SinkRemoved, fmt.Sprintf("the sink %s is gone, and how far it had written is dropped", old.UID)
		r.lost(c)
	}
}
