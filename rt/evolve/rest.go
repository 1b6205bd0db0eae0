package evolve

import (
	"fmt"
	"slices"

	"github.com/flow-lang/flowc/rt/schema"
)

// timer judges one timer of a step of the new program. from is the step that it was,
// -1 for none. The timers of entries are derived from them and have nothing saved.
func (r *resolver) timer(at, from, index int) {
	op := &r.plan.New.Operators[at]
	t := &op.Timers[index]
	if t.Entry != "" {
		return
	}
	about := Change{What: OfTimer, UID: op.UID, State: t.Name, New: t.String()}
	was, ok := r.timers[source{at, index}]
	if !ok {
		about.Rule, about.Message = TimerAdded, fmt.Sprintf("the timer %s is new, and set for no key", t.Name)
		r.change(about)
		return
	}
	step := &r.plan.Old.Operators[was.op]
	old := &step.Timers[was.state]
	src := source{was.op, len(step.States) + was.state}
	r.claimed[src] = op.UID + "/" + t.Name
	about.OldUID, about.OldName, about.Old = step.UID, old.Name, old.String()
	j := &judge{about: about, noun: "the index"}
	rt := &route{
		op: at, state: len(op.States) + index, kind: entries, uid: op.UID, name: t.Name, oldUID: about.OldUID, oldName: old.Name,
		key: r.key(was.op, at), oldKey: link(step.Key), timer: true,
	}
	if was.op != from {
		r.movedMeaning(was.op, at)
		j.add(TimerRenamed, "", about.Old, about.New, fmt.Sprintf("the timer was %s/%s", step.UID, old.Name), "")
	} else if old.Name != t.Name {
		j.add(TimerRenamed, "", old.Name, t.Name, fmt.Sprintf("the timer %s is now called %s", quoted(old.Name), quoted(t.Name)), "")
	}
	switch {
	case old.Processing != t.Processing:
		rt.kind = useless
		j.add(TimerClock, "", old.String(), t.String(), fmt.Sprintf("the timer %s is on another clock, so its saved times mean nothing", t.Name), renameTimer)
	case (old.Index == nil) != (t.Index == nil):
		rt.kind = useless
		j.add(TimerFamily, "", old.String(), t.String(), fmt.Sprintf("%s was %s and is %s", t.Name, family(old), family(t)), renameTimer)
	case t.Index != nil:
		rt.sub = j.keys(link(old.Index), link(t.Index), "")
	}
	r.plan.routes[src] = rt
	r.took(j, about)
}

// renameTimer is the way out for a timer that cannot go on.
const renameTimer = "give the timer another name, and retire the old one"

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
			r.meantTimer(&c, old, now, t)
			r.droppable(&c)
			r.change(c)
		}
		if in := old.Messages(); in != nil && now < 0 {
			r.messageGone(in, about)
		}
	}
}

// meant asks whether something new is what is gone, under another name or in another
// step.
func (r *resolver) meant(c *Change, old *schema.Operator, now int, s *schema.State) {
	r.elsewhere(c, old, now, "state", func(op *schema.Operator) (names []string) {
		for i := range op.States {
			if n := &op.States[i]; r.fresh(StateAdded, op.UID, n.Name) && alike(s, n) {
				names = append(names, n.Name)
			}
		}
		return names
	})
}

// meantTimer is meant of a timer.
func (r *resolver) meantTimer(c *Change, old *schema.Operator, now int, t *schema.Timer) {
	r.elsewhere(c, old, now, "timer", func(op *schema.Operator) (names []string) {
		for i := range op.Timers {
			n := &op.Timers[i]
			same := n.Processing == t.Processing && (n.Index == nil) == (t.Index == nil) && (t.Index == nil || fits(link(t.Index), link(n.Index)))
			if same && r.fresh(TimerAdded, op.UID, n.Name) {
				names = append(names, n.Name)
			}
		}
		return names
	})
}

// elsewhere asks whether something new is what is gone. like names what could be it: in
// the step itself, or, if it has its name, in one that has keys of the same type.
func (r *resolver) elsewhere(c *Change, old *schema.Operator, now int, word string, like func(*schema.Operator) []string) {
	if now < 0 && r.stepMeant(c, old) {
		return
	}
	say := func(op *schema.Operator, name, what, was string) {
		c.Help = fmt.Sprintf("if it is %s now, say so: %s %s … was %s", what, word, name, quoted(was))
		c.Mends = append(c.Mends, Mend{Title: "it is " + what + " now", Kind: AddWas, What: c.What, UID: op.UID, State: name, Text: was, Say: c.Help})
	}
	if now >= 0 {
		op := &r.plan.New.Operators[now]
		if names := like(op); len(names) > 0 {
			say(op, names[0], quoted(names[0]), c.OldName)
			return
		}
	}
	for i := range r.plan.New.Operators {
		op := &r.plan.New.Operators[i]
		if i == now || (op.Key == nil) != (old.Key == nil) || op.Key != nil && !sameBytes(link(old.Key), link(op.Key)) {
			continue
		}
		if slices.Contains(like(op), c.OldName) {
			say(op, c.OldName, "in the step "+quoted(op.UID), old.UID+"/"+c.OldName)
			return
		}
	}
}

// fresh reports whether a state or timer was judged as new.
func (r *resolver) fresh(rule RuleID, uid, name string) bool {
	return slices.ContainsFunc(r.plan.Changes, func(c Change) bool { return c.Rule == rule && c.UID == uid && c.State == name })
}

// alike reports whether one state could have been the other.
func alike(old, new *schema.State) bool {
	j := &judge{}
	j.kinds(old, new, &route{})
	return old.Broadcast == new.Broadcast && j.worst() <= Migrates
}

// stepMeant asks whether a new step is one that is gone.
func (r *resolver) stepMeant(c *Change, old *schema.Operator) bool {
	for i := range r.plan.New.Operators {
		op := &r.plan.New.Operators[i]
		if r.plan.formers[i] < 0 && op.Name == old.Name && (op.Key == nil) == (old.Key == nil) {
			c.Help = fmt.Sprintf("if the step %s is it under another uid, say so: uid %s was %s", quoted(op.UID), quoted(op.UID), quoted(old.UID))
			c.Mends = append(c.Mends, Mend{Title: "the step is " + quoted(op.UID) + " now", Kind: AddWas, What: OfStep, UID: op.UID, Text: old.UID, Say: c.Help})
			return true
		}
	}
	return false
}

// sources holds the sources against each other.
func (r *resolver) sources() {
	for i := range r.plan.New.Sources {
		s := &r.plan.New.Sources[i]
		c := Change{What: OfSource, UID: s.UID, New: place(s.Connector, s.From)}
		switch old := r.plan.Old.Source(s.UID); {
		case old == nil:
			c.Rule, c.Message = SourceAdded, fmt.Sprintf("the source %s is new, and starts at its beginning", s.UID)
		default:
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
		if r.plan.New.Source(old.UID) != nil {
			continue
		}
		at := place(old.Connector, old.From)
		r.lost("source", calledNow(end{old.UID, at}, sourcesOf(r.plan.Old), sourcesOf(r.plan.New)), Change{
			Rule: SourceRemoved, What: OfSource, UID: old.UID, OldUID: old.UID, Old: at,
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

// end is a source or a sink.
type end struct{ uid, place string }

func sourcesOf(j *schema.Job) []end {
	var list []end
	for i := range j.Sources {
		list = append(list, end{j.Sources[i].UID, place(j.Sources[i].Connector, j.Sources[i].From)})
	}
	return list
}

func sinksOf(j *schema.Job) []end {
	var list []end
	for i := range j.Sinks {
		list = append(list, end{j.Sinks[i].UID, place(j.Sinks[i].Connector, j.Sinks[i].To)})
	}
	return list
}

// calledNow is the uid of what is new among the ends of a program and in the place of one
// that is gone, "" if nothing is.
func calledNow(gone end, old, new []end) string {
	for _, e := range new {
		if e.place == gone.place && !slices.ContainsFunc(old, func(o end) bool { return o.uid == e.uid }) {
			return e.uid
		}
	}
	return ""
}

// lost reports a source or sink that is gone, and what it may be called now.
func (r *resolver) lost(word, now string, c Change) {
	c.Ack = c.UID
	if now != "" {
		c.Help = fmt.Sprintf("if it is the %s %s now, give that its uid: %s %s … uid %s", word, quoted(now), word, now, quoted(c.UID))
	}
	c.losable()
	r.change(c)
}

// sinks holds the sinks against each other. A sink that keeps a position can lose
// it; the others have nothing saved.
func (r *resolver) sinks() {
	for i := range r.plan.New.Sinks {
		s := &r.plan.New.Sinks[i]
		c := Change{What: OfSink, UID: s.UID, New: place(s.Connector, s.To), Rule: Same, Message: "unchanged"}
		switch old := r.plan.Old.Sink(s.UID); {
		case old == nil:
			c.Rule, c.Message = SinkChanged, fmt.Sprintf("the sink %s is new", s.UID)
		default:
			if c.OldUID, c.Old = old.UID, place(old.Connector, old.To); c.Old != c.New {
				c.Rule, c.Message = SinkChanged, fmt.Sprintf("the sink %s wrote %s and writes %s, from its beginning", s.UID, c.Old, c.New)
			}
		}
		r.change(c)
	}
	for i := range r.plan.Old.Sinks {
		old := &r.plan.Old.Sinks[i]
		if r.plan.New.Sink(old.UID) != nil {
			continue
		}
		c := Change{What: OfSink, UID: old.UID, OldUID: old.UID, Old: place(old.Connector, old.To)}
		if !old.Keeps {
			c.Rule, c.Message = SinkChanged, fmt.Sprintf("the sink %s is gone", old.UID)
			r.change(c)
			continue
		}
		c.Rule, c.Message = SinkRemoved, fmt.Sprintf("the sink %s is gone, and how far it had written is dropped", old.UID)
		r.lost("sink", calledNow(end{old.UID, c.Old}, sinksOf(r.plan.Old), sinksOf(r.plan.New)), c)
	}
}
