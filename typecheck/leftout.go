package typecheck

import (
	"slices"

	"github.com/flow-lang/flowc/typecheck/ir"
)

// leaveOut takes out of an operator what only a parameter that is none would have
// put to use: timers that nothing sets and whose handlers do nothing, named outputs
// to which nothing goes, and the parameter. For a step that does not ask for them it
// is as if they had not been declared.
func (o *operatorCheck) leaveOut() {
	if len(o.leavesOut) == 0 {
		return
	}
	set, given := map[*ir.Timer]bool{}, map[*ir.Out]bool{}
	visit := func(n ir.Node) bool {
		switch n := n.(type) {
		case *ir.TimerSet:
			set[n.Timer] = true
		case *ir.Emit:
			given[n.Out] = true
		}
		return true
	}
	empty := map[*ir.Timer]bool{}
	for _, h := range o.op.Handlers {
		ir.InspectAll(h.Body, visit)
		if h.Timer != nil && h.Timer.State == nil && len(h.Body) == 0 {
			empty[h.Timer] = true
		}
	}
	for _, f := range o.op.Helpers {
		ir.InspectAll(f.Body, visit)
	}
	idle := func(t *ir.Timer) bool { return t != nil && empty[t] && !set[t] }
	o.op.Handlers = slices.DeleteFunc(o.op.Handlers, func(h *ir.Handler) bool { return idle(h.Timer) })
	o.op.Timers = slices.DeleteFunc(o.op.Timers, idle)
	for i, t := range o.op.Timers {
		t.Index = i
	}
	o.missing = map[string]string{}
	o.op.Outs = slices.DeleteFunc(o.op.Outs, func(out *ir.Out) bool {
		if out.Name == "" || given[out] {
			return false
		}
		o.missing[out.Name] = o.leavesOut[0].name
		return true
	})
	o.op.Params = slices.DeleteFunc(o.op.Params, func(p *ir.OpParam) bool {
		return slices.ContainsFunc(o.leavesOut, func(b *binding) bool { return b.local == p.Local && !b.read })
	})
}
