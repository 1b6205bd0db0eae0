package evolve

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flow-lang/flowc/rt/schema"
)

// Resolve says what becomes of the state of old under new. dropped are paths as
// in "retired" that are acknowledged for this once.
func Resolve(old, new *schema.Job, dropped []string, hooks Hooks) *Plan {
	r := &resolver{
		plan:    &Plan{Old: old, New: new, routes: map[source]*route{}},
		hooks:   hooks,
		claimed: map[source]string{},
		keys:    map[[2]int]*keyed2{},
		moves:   map[[2]int]bool{},
		tell:    tellerOf(new),
	}
	r.plan.formers = matchSteps(old, new)
	r.states = matchStates(old, new, r.plan.formers)
	r.timers = matchTimers(old, new, r.plan.formers)
	r.operators()
	r.gone()
	r.sources()
	r.sinks()
	if groups(old) != groups(new) {
		r.change(Change{
			Rule: GroupsChanged, What: OfProgram, Old: fmt.Sprint(groups(old)), New: fmt.Sprint(groups(new)),
			Message: fmt.Sprintf("the program had %d key groups and has %d, so keys are hashed again", groups(old), groups(new)),
		})
	}
	r.acknowledge(dropped)
	return r.plan
}

func groups(j *schema.Job) int {
	if j.KeyGroups == 0 {
		return schema.DefaultKeyGroups
	}
	return j.KeyGroups
}

// source names a state or timer of the old program by its places.
type source struct{ op, state int }

// keyed2 is what becomes of the keys of one step under another.
type keyed2 struct {
	node   *node
	byHand bool   // the program says how keys that node has converted become new ones, by hook
	by     string // the same as text
	to     *typ   // what they become
	merges bool   // the program puts together what keys have that become one
	hook   func(dst, old []byte) ([]byte, error)
}

// same reports whether keys stay as they are.
func (k *keyed2) same() bool { return k.node == nil || k.node.same && !k.byHand }

type resolver struct {
	plan    *Plan
	hooks   Hooks
	claimed map[source]string // old states and timers that go on, and as what
	keys    map[[2]int]*keyed2
	states  map[source]source // of the new program, by place: the old one that it was
	timers  map[source]source // the same of timers
	tell    *teller
	moves   map[[2]int]bool // steps of which something has moved from the one to the other
}

func (r *resolver) change(c Change) { r.plan.Changes = append(r.plan.Changes, c) }

// operators judges the steps of the new program, one after another.
func (r *resolver) operators() {
	for i := range r.plan.New.Operators {
		r.operator(i)
	}
}

// operator judges one step.
func (r *resolver) operator(at int) {
	op := &r.plan.New.Operators[at]
	from := r.plan.formers[at]
	about := Change{What: OfStep, UID: op.UID}
	if from >= 0 {
		old := &r.plan.Old.Operators[from]
		about.OldUID = old.UID
		if old.UID != op.UID {
			c := about
			c.Rule, c.Old, c.New = StepRenamed, old.UID, op.UID
			c.Message = fmt.Sprintf("the step %s is now called %s", quoted(old.UID), quoted(op.UID))
			r.change(c)
		}
		r.key(from, at)
		r.keyMeaning(old, op, about)
		r.params(old, op, about)
		r.messages(from, at, about)
	}
	for i := range op.States {
		r.state(at, from, i)
	}
	for i := range op.Timers {
		r.timer(at, from, i)
	}
}

// key judges the keys of one step under another, once.
func (r *resolver) key(from, at int) *keyed2 {
	if k := r.keys[[2]int{from, at}]; k != nil {
		return k
	}
	old, op := &r.plan.Old.Operators[from], &r.plan.New.Operators[at]
	k := &keyed2{to: link(op.Key)}
	r.keys[[2]int{from, at}] = k
	about := Change{What: OfKey, UID: op.UID, OldUID: old.UID}
	switch {
	case old.Key == nil && op.Key == nil:
		return k
	case old.Key == nil || op.Key == nil:
		about.Rule, about.Old, about.New = KeyBreaks, keyText(old.Key), keyText(op.Key)
		about.Message = fmt.Sprintf("the step had %s and has %s", keyText(old.Key), keyText(op.Key))
		about.Help = "give the step another uid, and retire the old one"
		r.change(about)
		return k
	}
	j := &judge{about: about, noun: "the key"}
	k.node = j.types(link(old.Key), link(op.Key), "", nil)
	about.Old, about.New = keyText(old.Key), keyText(op.Key)
	switch {
	case rekeyed(old, op):
		r.rekey(k, old, op, about)
	case k.node.same && len(j.changes) == 0:
	case k.node.same && j.worst() <= ReadsAsIs:
		about.Rule, about.Message = KeyReads, fmt.Sprintf("the key was %s and is read as %s", old.Key, op.Key)
		if about.Old == about.New {
			about.Message = fmt.Sprintf("the key %s has changed and is read as it is: %s", old.Key, j.said())
		}
		r.change(about)
	case op.Rekey != nil:
		r.rekey(k, old, op, about)
	default:
		about.Rule = KeyBreaks
		about.Message = fmt.Sprintf("the key was %s and is %s, so that no saved key would be found again", old.Key, op.Key)
		if about.Old == about.New {
			about.Message = fmt.Sprintf("the key %s has changed: %s, so that no saved key would be found again", old.Key, j.said())
		}
		about.Help = "say how old keys become new ones: " + r.tell.from("rekey "+quoted(op.UID), r.tell.text(link(old.Key)))
		r.change(about)
	}
	return k
}

func keyText(t *schema.Type) string {
	if t == nil {
		return "no key"
	}
	return "key " + t.String()
}

// rekeyed reports whether the new program changes keys of the very type that was
// saved. One that the old program has changed in the same way is not changed
// again.
func rekeyed(old, op *schema.Operator) bool {
	return op.Rekey != nil && sameShape(old.Key, &op.Rekey.From) && !(RekeyRepeatable(old) && sameSaid(old.Rekey.By, old.Rekey.Was, op.Rekey.By, op.Rekey.Was))
}

// RekeyRepeatable is [Repeatable] of what a step says of its keys.
func RekeyRepeatable(op *schema.Operator) bool {
	return op.Rekey != nil && sameShape(op.Key, &op.Rekey.From)
}

// rekey takes the program's own way from old keys to new ones.
func (r *resolver) rekey(k *keyed2, old, op *schema.Operator, about Change) {
	j := &judge{about: about, noun: "the key"}
	k.node = j.types(link(old.Key), link(&op.Rekey.From), "", nil)
	if j.worst() > Migrates {
		about.Rule = RekeyMismatch
		about.Message = fmt.Sprintf("the saved key is %s, and rekey takes %s", old.Key, op.Rekey.From.String())
		if old.Key.String() == op.Rekey.From.String() {
			about.Message = fmt.Sprintf("rekey takes %s as it is now, and the saved key is as it was", old.Key)
		}
		about.Help = "write " + r.tell.from("rekey "+quoted(op.UID), r.tell.text(link(old.Key)))
		r.change(about)
		return
	}
	k.byHand, k.by, k.hook = true, op.Rekey.By, r.hooks.Rekey[op.UID]
	k.merges = op.Rekey.Merges
	about.Rule = KeyByHand
	about.Message = fmt.Sprintf("the key was %s and becomes %s by %s", old.Key, op.Key, shown(op.Rekey.By))
	r.change(about)
}

// keyMeaning holds the key expressions against each other: by the name of their
// input, else in order.
func (r *resolver) keyMeaning(old, op *schema.Operator, about Change) {
	was, is := keyedInputs(old), keyedInputs(op)
	for i, in := range is {
		at := slices.IndexFunc(was, func(o schema.Input) bool { return o.Name == in.Name })
		if at < 0 && i < len(was) && !slices.ContainsFunc(is, func(n schema.Input) bool { return n.Name == was[i].Name }) {
			at = i
		}
		if at < 0 || sameText(was[at].Key, in.Key) {
			continue
		}
		// Keys of another type are found nowhere, whatever they are made of.
		if k := r.keys[r.pairOf(old, op)]; k != nil && (k.node == nil || !k.same()) {
			continue
		}
		r.otherRecords(about, &was[at], &in)
	}
}

// otherRecords reports keys of the same type that are made of something else.
func (r *resolver) otherRecords(c Change, was, in *schema.Input) {
	c.Rule, c.What, c.State = KeyMeaning, OfKey, ""
	from, to := shown(was.Key.Now), shown(in.Key.Now)
	c.Old, c.New = "key "+from, "key "+to
	c.Message = fmt.Sprintf("the key of %s %s, so saved state belongs to other records", in.Name, becomes(from, to))
	c.Ack = c.UID + "/key"
	acceptable(&c, goesOn)
	r.change(c)
}

// movedMeaning holds the keys of a step against those of another one, from which a
// state or timer has moved to it. Their inputs may be others, so that one key that
// both have is enough.
func (r *resolver) movedMeaning(from, at int) {
	old, op := &r.plan.Old.Operators[from], &r.plan.New.Operators[at]
	was, is := keyedInputs(old), keyedInputs(op)
	if r.moves[[2]int{from, at}] || len(was) == 0 || len(is) == 0 || !r.key(from, at).same() {
		return
	}
	r.moves[[2]int{from, at}] = true
	for i := range is {
		if slices.ContainsFunc(was, func(o schema.Input) bool { return sameText(o.Key, is[i].Key) }) {
			return
		}
	}
	named := max(slices.IndexFunc(was, func(o schema.Input) bool { return o.Name == is[0].Name }), 0)
	r.otherRecords(Change{UID: op.UID, OldUID: old.UID}, &was[named], &is[0])
}

func (r *resolver) pairOf(old, op *schema.Operator) [2]int {
	return [2]int{r.plan.Old.OperatorAt(old.UID), r.plan.New.OperatorAt(op.UID)}
}

func keyedInputs(op *schema.Operator) []schema.Input {
	var out []schema.Input
	for _, in := range op.Inputs {
		if in.Key != nil {
			out = append(out, in)
		}
	}
	return out
}

// goesOn is when a change of meaning may be acknowledged.
const goesOn = "if the state may go on with the new meaning,"

// acceptable adds how a change is acknowledged that "accept" names, and when.
func acceptable(c *Change, when string) {
	line := "accept " + quoted(c.Ack)
	c.Help = when + " say so with the reason: " + line + " // …"
	c.Mends = append(c.Mends, Mend{Title: "say that it is meant", Say: c.Help, Kind: AddLine, Text: line})
}

// params holds the arguments that shape state against each other.
func (r *resolver) params(old, op *schema.Operator, about Change) {
	for _, p := range op.Params {
		i := slices.IndexFunc(old.Params, func(o schema.Param) bool { return o.Name == p.Name })
		if i < 0 || sameSaid(old.Params[i].Value, old.Params[i].Was, p.Value, p.Was) {
			continue
		}
		c := about
		c.Rule, c.What, c.State, c.OldName = ParamChanged, OfParam, p.Name, p.Name
		c.Old, c.New = shown(old.Params[i].Value), shown(p.Value)
		c.Message = fmt.Sprintf("%s %s, so saved state means something else", p.Name, becomes(c.Old, c.New))
		c.Ack = op.UID + "/" + p.Name
		acceptable(&c, goesOn)
		r.change(c)
	}
}

// messages judges what is on its way to a step.
func (r *resolver) messages(from, at int, about Change) {
	old, op := &r.plan.Old.Operators[from], &r.plan.New.Operators[at]
	was, in := old.Messages(), op.Messages()
	goesOn := was != nil && in != nil && was.Name == in.Name
	if in != nil {
		c := about
		c.What, c.State, c.New = OfMessage, in.Name, "message "+in.Message.String()
		if goesOn {
			r.message(from, at, c)
		} else {
			c.Rule, c.Message = MessageClosed, fmt.Sprintf("the input %s takes messages and is new", in.Name)
			r.change(c)
		}
	}
	if was != nil && !goesOn {
		r.messageGone(was, about)
	}
}

// message judges the messages to an input that both programs have.
func (r *resolver) message(from, at int, c Change) {
	old, op := &r.plan.Old.Operators[from], &r.plan.New.Operators[at]
	was, in := old.Messages(), op.Messages()
	c.OldName, c.Old = was.Name, "message "+was.Message.String()
	j := &judge{about: c, noun: "a message"}
	n := j.types(link(was.Message), link(in.Message), "", nil)
	src := source{from, len(old.States) + len(old.Timers)}
	r.claimed[src] = op.UID + "/" + in.Name
	r.plan.routes[src] = &route{
		op: at, state: len(op.States) + len(op.Timers), kind: entries, uid: op.UID, name: in.Name, oldUID: old.UID, oldName: was.Name,
		key: r.key(from, at), oldKey: link(old.Key), message: true, val: waiting(was, in, n),
	}
	r.took(j, c)
	r.delayed(was, in, c)
}

// waiting converts what is saved of a message: the time of who sent it, and the
// message, which n converts.
func waiting(was, in *schema.Input, n *node) *node {
	out := &node{old: link(was.WaitingMessage()), new: link(in.WaitingMessage()), same: n.same}
	out.run = recorded(out.old, []slot{{from: 0, node: &node{old: out.old.fields[0].typ, new: out.new.fields[0].typ, same: true}}, {from: 1, node: n}})
	return out
}

// messageGone reports messages that nobody takes any more.
func (r *resolver) messageGone(was *schema.Input, c Change) {
	c.Rule, c.What, c.State, c.OldName, c.Old = MessageGone, OfMessage, was.Name, was.Name, "message "+was.Message.String()
	c.Message = fmt.Sprintf("messages on their way to the input %s are dropped, for it is gone", was.Name)
	r.droppable(&c)
	r.change(c)
}

// took takes over the changes of a judge; if there is none, the thing is
// unchanged.
func (r *resolver) took(j *judge, c Change) {
	if len(j.changes) == 0 {
		c.Rule, c.Message = Same, "unchanged"
		r.change(c)
		return
	}
	r.plan.Changes = append(r.plan.Changes, j.changes...)
}

// droppable adds how the loss of a whole thing is acknowledged.
func (r *resolver) droppable(c *Change) {
	c.Ack = c.UID + "/" + c.State
	c.losable()
}

// losable adds that the loss of what Ack names may be meant.
func (c *Change) losable() {
	line := "retired " + quoted(c.Ack)
	say := "say that it is meant, with the reason: " + line + " // …"
	if c.Help == "" {
		c.Help = say
	}
	c.Mends = append(c.Mends, Mend{Title: "say that it is meant", Say: say, Kind: AddLine, Text: line})
}

// retirements are the paths of which one has to be retired for a loss: what is
// lost, by its place in the new program or in the old one, or, of what is dropped
// whole, its step.
func retirements(c *Change) []string {
	paths := []string{c.Ack}
	if c.OldUID != "" && c.OldName != "" {
		old := c.OldUID + "/" + c.OldName
		if c.Path != "" {
			old += "." + c.Path
		}
		paths = append(paths, old)
	}
	if c.Verdict() == Dropped && c.Path == "" {
		paths = append(paths, c.UID, c.OldUID)
	}
	return paths
}

// acknowledge marks the changes that the program acknowledges, and reports lines
// that acknowledge nothing.
func (r *resolver) acknowledge(dropped []string) {
	used := map[string]bool{}
	all := append(append([]string(nil), r.plan.New.Retired...), dropped...)
	for i := range r.plan.Changes {
		c := &r.plan.Changes[i]
		switch {
		case c.Ack == "" || !c.Finding():
		case c.Verdict() == MeaningChanged || c.Rule.Rule().Always:
			c.Acknowledged = slices.Contains(r.plan.New.Accepted, c.Ack)
			used["accept "+c.Ack] = true
		default:
			for _, path := range retirements(c) {
				c.Acknowledged = c.Acknowledged || slices.Contains(all, path)
				used["retired "+path] = true
			}
		}
	}
	report := func(word string, paths []string) {
		for _, p := range paths {
			if used[word+" "+p] {
				continue
			}
			uid, rest := p, ""
			if i := strings.LastIndexByte(p, '/'); i >= 0 {
				uid, rest = p[:i], p[i+1:]
			}
			r.change(Change{
				Rule: AckOfNothing, What: OfProgram, UID: uid, State: rest, New: word + " " + quoted(p),
				Message: fmt.Sprintf("%s %s acknowledges nothing: there is no such change", word, quoted(p)),
				Help:    "take the line out",
				Mends:   []Mend{{Title: "take the line out", Kind: RemoveLine, Text: p, Clear: true}},
			})
		}
	}
	report("retired", r.plan.New.Retired)
	report("accept", r.plan.New.Accepted)
}
