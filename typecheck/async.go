package typecheck

import (
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// Functions that are waited for
//
// A function that is declared async takes its time: it asks somebody else. Code
// that handles records never waits, so such a function is called only in a lambda
// that is given for a parameter of a type such as async (T) -> R. Operators of the
// library take such; their handler begins with a let that calls it, and what
// stands behind it is done when the answer is there.

// mayWait reports whether a parameter that is an async function may be called.
func (k *coder) mayWait() bool {
	return k.frame.async || k.frame.kind == handlerCode && k.frame.op.op.Library != ""
}

// cannotWait reports an async function in a place that does not wait.
func (k *coder) cannotWait(span source.Span, name, why string, declared source.Span) {
	k.add(mistake(CannotWait, span, "%s is an async function, and %s", name, why).
		note(declared, "%s is declared here", name).
		help("let a step of its own call it: … |> async(x => %s(…), capacity: 100, timeout: 10s) uid \"…\"", name))
}

// named returns a closure that is the name of a function, nil if that is waited
// for where what does not wait.
func (k *coder) named(cl *closure, what string) *closure {
	if cl.fn.isAsync() && !cl.async {
		k.cannotWait(cl.span, cl.fn.name, what+" is none", cl.fn.span)
		return nil
	}
	return cl
}

// findCalls notes what the operator's handler waits for.
func (o *operatorCheck) findCalls() {
	async := o.asyncParam()
	if async == nil {
		return
	}
	if o.op.Library == "" {
		o.add(mistake(CannotWait, async.Span(), "%s is an async function, and the handlers of an operator cannot wait for it", async.Name.Text).
			help("write a fragment: fragment %s(s: stream<…>, …) -> stream<…> = s |> async(x => %s(x)) uid \"…\"", o.op.Name, async.Name.Text))
		return
	}
	calls := &ir.Calls{Pending: o.op.States[0]}
	if len(o.op.Handlers) == 1 && len(o.op.Handlers[0].Body) > 0 {
		calls.Let, _ = o.op.Handlers[0].Body[0].(*ir.Let)
	}
	if calls.Let == nil {
		return // a mistake in the function that was given
	}
	for name, field := range map[string]**ir.OpParam{
		"capacity": &calls.Capacity, "timeout": &calls.Timeout, "ordered": &calls.Ordered, "retries": &calls.Retries,
		"backoff": &calls.Backoff, "max_backoff": &calls.MaxBackoff, "cache": &calls.Cache, "cache_ttl": &calls.CacheTTL, "default": &calls.Default,
	} {
		for _, p := range o.op.Params {
			if p.Local.Name == name {
				*field = p
			}
		}
	}
	if d := calls.Default; d != nil {
		if _, none := d.Value.(*ir.NoneConst); none {
			calls.Default = nil
		}
	}
	o.op.Calls = calls
}

// asyncParam returns the first parameter that is an async function, nil if none
// is.
func (o *operatorCheck) asyncParam() *lang.ParamDecl {
	for _, p := range o.decl.Params {
		if p.Type != nil && p.Type.Func != nil && p.Type.Func.Async {
			return p
		}
	}
	return nil
}

// keyCalls notes the key within which answers keep their order, if the step gives
// one.
func (o *operatorCheck) keyCalls(w *wiring, a *stepArgs) {
	if o.op.Calls == nil {
		return
	}
	for i, p := range o.decl.Params {
		if p.Name.Text != "key" || a.slots[i] == nil || a.lambdas[i] == nil {
			continue
		}
		l := w.open(a.lambdas[i], a.slots[i].Value.Span())
		if l == nil {
			continue
		}
		if t := l.Body.Type(); !isInvalid(t) && !types.CanBeKey(t) {
			w.badKey(l.bodySpan, t, "the key of answers")
			continue
		}
		o.op.Calls.Key = &l.Lambda
	}
}

// keepOrder finds the steps that wait for answers in no order although state
// behind them depends on the order of the records, as that of a key does. They
// take the answers in order all the same, and it is said so.
func (c *checker) keepOrder() {
	for _, s := range c.steps {
		calls := s.step.Op.Calls
		if calls == nil || calls.Key != nil {
			continue
		}
		if is, ok := calls.Ordered.Value.(*ir.BoolConst); ok && is.Value {
			continue
		}
		behind := c.stateBehind(s.step, map[*ir.Step]bool{})
		if behind == nil {
			continue
		}
		calls.Keeps = true
		if _, constant := calls.Ordered.Value.(*ir.BoolConst); constant {
			c.add(warning(OrderKept, s.span, "the answers are taken in the order of the records, since the state of %s behind it depends on that", behind.step.Name).
				note(behind.span, "its state is that of this step").
				help("say within which key the order matters: key: x => x.user, or leave out \"ordered: false\""))
		}
	}
}

// stateBehind returns the first step that s leads to whose state may depend on
// the order of records, nil if none does.
func (c *checker) stateBehind(s *ir.Step, seen map[*ir.Step]bool) *stepInfo {
	seen[s] = true
	for _, next := range c.steps {
		if seen[next.step] || !reads(next.step, s) {
			continue
		}
		if stateful(next.step.Op) && next.step.Op.Calls == nil {
			return next
		}
		if found := c.stateBehind(next.step, seen); found != nil {
			return found
		}
	}
	return nil
}

// reads reports whether a step takes an output of another.
func reads(s, from *ir.Step) bool {
	for _, in := range s.Inputs {
		if in.Step == from {
			return true
		}
	}
	return false
}
