package codegen

import (
	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
)

// Entry timers are families whose index is the key of an entry: writing the
// entry sets the timer, removing it cancels it.

// entryTimers lists the timers that follow the entries of a state.
func (c *coder) entryTimers(s *ir.State) []*ir.Timer {
	var list []*ir.Timer
	for _, t := range c.op.op.Timers {
		if t.State == s {
			list = append(list, t)
		}
	}
	return list
}

// armEntry sets the timers of the entry with a key that has just been written.
// entry points at it; if it is nil, the entry is looked up where a time depends
// on its value.
func (c *coder) armEntry(s *ir.State, key operand, entry *jen.Statement) {
	for _, t := range c.entryTimers(s) {
		ir.Inspect(t.At, c.countReads)
		c.bindTo(t.Key, key)
		if t.Value != nil && c.reads[t.Value] > 0 {
			if entry == nil {
				name := c.names.pick("entry")
				c.add(jen.Id(name).Op(":=").Add(c.operation(s, "View", c.keyOf(s, key))))
				entry = jen.Id(name)
			}
			c.vars[t.Value] = variable{code: entry, pointer: true}
			if s.Group != nil {
				c.vars[t.Value] = variable{code: entry, pointer: true, group: s}
			}
		}
		at := c.checked(t.At)[0]
		c.add(c.familyCall(t, "Set", c.here.id.Clone(), c.indexOf(t, key), at.value()))
	}
}

// cancelEntry cancels the timers of the entry with a key.
func (c *coder) cancelEntry(s *ir.State, key operand) {
	for _, t := range c.entryTimers(s) {
		c.add(c.familyCall(t, "Cancel", c.here.id.Clone(), c.indexOf(t, key)))
	}
}

// cancelBefore cancels the timers of the entries before a key.
func (c *coder) cancelBefore(s *ir.State, key operand) {
	timers := c.entryTimers(s)
	if len(timers) == 0 {
		return
	}
	before := jen.Qual(statePath, "Before").Call(c.keyOf(s, key))
	old := jen.Id(c.names.pick("old"))
	body := c.block(func() {
		for _, t := range timers {
			c.add(c.familyCall(t, "Cancel", c.here.id.Clone(), old.Clone()))
		}
	})
	c.add(jen.For(old.Clone().Op(":=").Range().Add(c.operation(s, "Range", before))).Block(body...))
}

// cancelAll cancels the timers of all entries.
func (c *coder) cancelAll(s *ir.State) {
	for _, t := range c.entryTimers(s) {
		c.add(c.familyCall(t, "Clear"))
	}
}
