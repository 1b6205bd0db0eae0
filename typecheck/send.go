package typecheck

import (
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/ir"
)

// sending is a send whose step is looked up when all steps are known.
type sending struct {
	op    *operatorCheck
	stmt  *ir.Send
	uid   *lang.StringLit
	key   source.Span
	value source.Span
}

// send checks send "uid"[key] v after d. The step is looked up later, for the
// streams that feed it may stand below.
func (k *coder) send(s *lang.SendStmt) []ir.Stmt {
	if !k.inOperator(s, "send") {
		k.expr(s.Key, nil)
		k.expr(s.Value, nil)
		return nil
	}
	out := &ir.Send{StmtBase: ir.StmtBase{At: s.Pos}}
	out.Key = k.needsValue(k.expr(s.Key, nil), s.Key.Span(), "the key of a message")
	out.Value = k.needsValue(k.expr(s.Value, nil), s.Value.Span(), "a message")
	if s.After != nil {
		out.After = k.value(s.After, durationType, "the time after \"after\"")
	}
	k.sends = append(k.sends, &sending{k.frame.op, out, s.UID, s.Key.Span(), s.Value.Span()})
	return []ir.Stmt{out}
}

// checkSends finds the step that each send means.
func (c *checker) checkSends() {
	for _, s := range c.sends {
		if s.op.facts.step != nil { // of an operator that no step uses nothing is known
			c.checkSend(s)
		}
	}
}

func (c *checker) checkSend(s *sending) {
	uid := constantText(s.uid)
	var to *stepInfo
	for _, info := range c.steps {
		if info.step.UID == uid && uid != "" {
			to = info
		}
	}
	if to == nil {
		c.add(mistake(UnknownName, s.uid.Span(), "no step has the uid %q", uid).meant(uid, sortedKeys(c.allUIDs())).
			help("write the uid of a step with a message input"))
		return
	}
	in := messageInput(to.step.Op)
	if in == nil {
		c.add(mistake(MissingInput, s.uid.Span(), "the step %q takes no messages", uid).
			note(to.span, "the step is here").help("give its operator a message input: in m: T message"))
		return
	}
	op := to.step.Op
	if op.Key == nil || isInvalid(op.Key) || isInvalid(in.Elem) {
		return
	}
	elem, origin := in.Elem, in
	if op.Remote != nil { // it takes what its stream has, encoded
		elem, origin = op.Ins[0].Elem, op.Ins[0]
	}
	key, value := fit(s.stmt.Key, op.Key, s.key), fit(s.stmt.Value, elem, s.value)
	if key == nil {
		c.add(mistake(TypeMismatch, s.key, "the key of the step %q is %s, not %s", uid, op.Key, describe(s.stmt.Key.Type())).
			note(to.span, "the step is here").help("send to a key of type %s", op.Key))
	}
	if value == nil {
		c.add(mistake(TypeMismatch, s.value, "the step %q takes messages of type %s, not %s", uid, elem, describe(s.stmt.Value.Type())).
			note(at(origin.Pos), "%s is declared here", origin.Name).help("send a %s", elem))
	}
	s.stmt.To, s.stmt.In, s.stmt.Key, s.stmt.Value = to.step, in, key, value
}

// messageInput returns the input of op that takes messages, nil if it has none.
func messageInput(op *ir.Operator) *ir.In {
	for _, in := range op.Ins {
		if in.Kind == ir.Message {
			return in
		}
	}
	return nil
}

// checkMessageInputs checks that there is one message input at most, and that
// the operator has keys that messages can be sent to.
func (o *operatorCheck) checkMessageInputs() {
	first := messageInput(o.op)
	for _, in := range o.op.Ins {
		if in.Kind != ir.Message {
			continue
		}
		if in != first {
			o.add(mistake(DuplicateName, at(in.Pos), "the operator %s has two message inputs", o.op.Name).
				note(at(first.Pos), "the first is here").help("make one of a union of both"))
		}
		if o.op.Key == nil && !o.badKey {
			o.add(mistake(MissingInput, at(in.Pos), "messages are sent to keys, and %s has none", o.op.Name).
				help("give another input a key: in x: T key x.id"))
			return
		}
	}
}
