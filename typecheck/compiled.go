package typecheck

import (
	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/ir"
)

// laterState names the kind of s if this version checks it and does not compile
// it; "" if it compiles it.
func laterState(s *ir.State) string {
	if s.Kind == ir.DynamicState {
		return "state of the kind " + s.Kind.String()
	}
	return ""
}

// refuseLater reports what the checked program uses and this version does not
// compile, each kind of thing once.
func (c *checker) refuseLater() {
	r := &refusal{checker: c, seen: map[string]bool{}}
	for _, s := range c.steps {
		r.step = s
		r.operator(s.step.Op)
	}
}

// refusal reports each kind of thing once.
type refusal struct {
	*checker
	seen map[string]bool
	step *stepInfo // that is looked at; nil before the first
}

func (r *refusal) report(what string, span source.Span) {
	if r.step != nil && r.step.step.Op.Library != "" {
		span = r.step.span // the library's text is not the user's
	}
	if what != "" && !r.seen[what] {
		r.seen[what] = true
		r.unsupported(span, what)
	}
}

func (r *refusal) operator(op *ir.Operator) {
	for _, s := range op.States {
		r.report(laterState(s), at(s.Pos))
	}
}
