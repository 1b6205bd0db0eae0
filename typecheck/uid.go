package typecheck

import (
	"fmt"
	"strings"

	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/ir"
)

// checkUIDs checks that every stateful step has a uid, and that none is given
// twice. Sources, steps and sinks have a space of uids each.
func (c *checker) checkUIDs() {
	c.checkStepUIDs()
	c.checkSourceUIDs()
	c.checkSinkUIDs()
	c.checkQueryable()
}

// stateful reports whether op holds anything that must survive a restart.
func stateful(op *ir.Operator) bool { return len(op.States) > 0 || len(op.Timers) > 0 }

func (c *checker) checkStepUIDs() {
	taken := map[string]source.Span{}
	for _, s := range c.steps {
		if s.step.UID == "" && !s.uidSpan.Start.IsValid() {
			continue
		}
		if !c.goodUID(s.uidSpan, strings.TrimPrefix(s.step.UID, s.prefix)) {
			continue
		}
		if first, twice := taken[s.step.UID]; twice {
			c.add(mistake(DuplicateUID, s.uidSpan, "two steps have the uid %q, so their saved state would have two owners", s.step.UID).
				note(first, "the first is here").help("%s", duplicateHelp(s, c.proposal(s, c.allUIDs()))))
			continue
		}
		taken[s.step.UID] = s.uidSpan
	}
	all := c.allUIDs()
	for _, s := range c.steps {
		if s.step.UID != "" || s.uidSpan.Start.IsValid() || !stateful(s.step.Op) {
			continue
		}
		uid := c.proposal(s, all)
		all[uid] = true
		c.add(mistake(MissingUID, s.span, "the step %s holds state and has no uid", s.step.Name).
			note(s.entry.span, "%s is declared here", s.step.Name).
			help("name its state for ever: uid %q", uid))
	}
}

// duplicateHelp says what to type where a uid is taken.
func duplicateHelp(s *stepInfo, proposal string) string {
	if s.inside != "" {
		return "give each use of the fragment a uid of its own: " + s.inside + " uid \"…\""
	}
	return fmt.Sprintf("write uid %q", proposal)
}

// allUIDs returns the uids that steps have.
func (c *checker) allUIDs() map[string]bool {
	all := map[string]bool{}
	for _, s := range c.steps {
		all[s.step.UID] = true
	}
	return all
}

// proposal makes a uid that is free: of the operator's name, or of the stream's
// and the operator's.
func (c *checker) proposal(s *stepInfo, taken map[string]bool) string {
	uid := kebab(s.step.Name)
	if taken[s.prefix+uid] || c.stepsOf(s.entry) > 1 {
		uid = kebab(s.stream + "-" + s.step.Name)
	}
	free := uid
	for n := 2; taken[s.prefix+free]; n++ {
		free = fmt.Sprintf("%s-%d", uid, n)
	}
	return free
}

// stepsOf counts the steps that use an operator.
func (c *checker) stepsOf(e *entry) int {
	n := 0
	for _, s := range c.steps {
		if s.entry == e {
			n++
		}
	}
	return n
}

// kebab writes a name as uids are written: visits-in-a-row.
func kebab(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "-", ".", "-").Replace(name))
}

// goodUID checks what a uid is made of: a "/" would look like the uid of a step
// inside a fragment.
func (c *checker) goodUID(span source.Span, uid string) bool {
	for i, r := range uid {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !letter && (i == 0 || r != '-' && r != '_' && r != '.') {
			c.add(mistake(BadUID, span, "%q is no uid", uid).help("use letters, digits, \"-\", \"_\" and \".\": uid %q", fixedUID(uid)))
			return false
		}
	}
	if uid == "" || len(uid) > 200 {
		c.add(mistake(BadUID, span, "a uid has 1 to 200 letters").help("name what the step is for: uid \"last-readings\""))
		return false
	}
	return true
}

// fixedUID leaves of a uid what may stand there.
func fixedUID(uid string) string {
	out := strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.' {
			return r
		}
		return '-'
	}, uid), "-")
	if out == "" {
		return "step"
	}
	return out
}

func (c *checker) checkSourceUIDs() {
	taken := map[string]source.Span{}
	for _, s := range c.sources {
		if !c.goodUID(s.span, s.source.UID) {
			continue
		}
		if first, twice := taken[s.source.UID]; twice {
			c.add(mistake(DuplicateUID, s.span, "two sources have the uid %q", s.source.UID).
				note(first, "the first is here").help("give one of the two another uid"))
			continue
		}
		taken[s.source.UID] = s.span
	}
}

// checkQueryable finds names that two states would answer to.
func (c *checker) checkQueryable() {
	taken := map[string]*stepInfo{}
	for _, s := range c.steps {
		for _, st := range s.step.Op.States {
			first := taken[st.Queryable]
			switch {
			case st.Queryable == "":
			case first == nil:
				taken[st.Queryable] = s
			default:
				c.add(mistake(DuplicateName, s.span, "two states are queryable as %q", st.Queryable).
					note(first.span, "the first is in this step").help("clients ask by this name: give one of the two another, as a parameter if an operator is used twice"))
			}
		}
	}
}

func (c *checker) checkSinkUIDs() {
	taken := map[string]*sinkInfo{}
	for _, s := range c.sinks {
		if s.given && !c.goodUID(s.span, s.sink.UID) {
			continue
		}
		first := taken[s.sink.UID]
		switch {
		case first == nil:
			taken[s.sink.UID] = s
		case s.given || first.given:
			c.add(mistake(DuplicateUID, s.span, "two sinks have the uid %q", s.sink.UID).
				note(first.span, "the first is here").help("give one of the two another uid"))
		default:
			c.add(mistake(SinkUID, s.span, "the second sink of %s needs a uid", s.sink.Name).
				note(first.span, "the first sink is here").help("add uid %q", kebab(s.sink.Name)+"-2"))
		}
	}
}
