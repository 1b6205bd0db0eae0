package codegen

import (
	"fmt"
	"strconv"

	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// destination takes the value of an expression: it is assigned, or returned.
type destination func(c *coder, v operand)

// assignTo assigns the value to a variable.
func assignTo(name *jen.Statement) destination {
	return func(c *coder, v operand) {
		if text := name.GoString(); text != v.value().GoString() {
			c.add(name.Clone().Op("=").Add(v.value()))
		}
	}
}

// returned returns the value from the function.
func returned(c *coder, v operand) {
	c.add(statement{Code: jen.Return(v.value()), leaves: true, returns: true})
}

// discarded evaluates the value for the mistakes it can make.
func discarded(c *coder, v operand) {
	if !v.untyped {
		c.add(jen.Id("_").Op("=").Add(v.typed(c.g)))
	}
}

// into writes e and gives its value to dst. What chooses between values becomes
// a statement, each of whose branches gives its own value to dst.
func (c *coder) into(e ir.Expr, dst destination) {
	switch e := e.(type) {
	case *ir.If:
		cond := c.condition(e.Cond)
		c.branch(cond, func() { c.into(e.Then, dst) }, func() { c.into(e.Else, dst) })
	case *ir.IfLet:
		c.ifLet(e.X, e.Bind, []ir.Node{e.Then}, func() { c.into(e.Then, dst) }, func() { c.into(e.Else, dst) })
	case *ir.OptionalMap:
		c.ifLet(e.X, e.Bind, []ir.Node{e.Body}, func() { c.optionalBody(e, dst) }, func() {
			dst(c, operand{code: c.g.goType(e.T).Values(), prec: precPrimary, t: e.T, lit: true})
		})
	case *ir.Match:
		c.match(e.X, e.Arms, func(a *ir.Arm) { c.into(a.Body, dst) })
	case *ir.Coalesce:
		c.intoCoalesce(e, dst)
	case *ir.Do:
		c.stmts(e.Body)
		if e.Value != nil {
			c.into(e.Value, dst)
		}
	default:
		dst(c, c.expr(e))
	}
}

// optionalBody gives the body of e?.f as an option.
func (c *coder) optionalBody(e *ir.OptionalMap, dst destination) {
	if _, flat := e.Body.Type().(*types.Option); flat {
		c.into(e.Body, dst)
		return
	}
	c.into(e.Body, func(c *coder, v operand) { dst(c, c.some(v, e.T)) })
}

// some wraps a value into an option.
func (c *coder) some(v operand, t types.Type) operand {
	return call(jen.Qual(valuePath, "Some").Call(v.typed(c.g)), t)
}

// condition evaluates a condition and leaves if that failed, so that neither
// branch runs then.
func (c *coder) condition(e ir.Expr) *jen.Statement {
	v := c.expr(e)
	if !c.g.graph.Effects.CanFail(e) {
		return v.head()
	}
	held := c.temp("yes", v)
	c.checkFault()
	return held.code
}

// statement is a statement of which the code around it wants to know more.
type statement struct {
	jen.Code
	isIf   bool
	leaves bool // control never comes to the statement after it
	// returns says that Go knows it, too: a function may end with it.
	returns bool
}

// leaves reports whether control never comes to the end of a block.
func leaves(block []jen.Code) bool {
	s, ok := last(block)
	return ok && s.leaves
}

// returns reports whether a function may end with block.
func returns(block []jen.Code) bool {
	s, ok := last(block)
	return ok && s.returns
}

func last(block []jen.Code) (statement, bool) {
	if len(block) == 0 {
		return statement{}, false
	}
	s, ok := block[len(block)-1].(statement)
	return s, ok
}

// branch writes if cond { then } else { otherwise }.
func (c *coder) branch(cond *jen.Statement, then, otherwise func()) {
	yes, no := c.block(then), c.block(otherwise)
	switch {
	case len(yes) == 0 && len(no) == 0:
		c.add(jen.Id("_").Op("=").Add(cond))
	case len(no) == 0:
		c.add(statement{Code: jen.If(cond).Block(yes...), isIf: true})
	case len(yes) == 0:
		c.add(statement{Code: jen.If(jen.Op("!").Parens(cond)).Block(no...), isIf: true})
	case leaves(yes):
		c.add(statement{Code: jen.If(cond).Block(yes...), isIf: true})
		c.add(no...)
	default:
		c.add(statement{
			Code: jen.If(cond).Block(yes...).Else().Add(elseBlock(no)),
			isIf: true,
		})
	}
}

// elseBlock writes else { if … } as else if ….
func elseBlock(no []jen.Code) jen.Code {
	if len(no) == 1 {
		if s, ok := no[0].(statement); ok && s.isIf {
			return s.Code
		}
	}
	return jen.Block(no...)
}

// ifLet runs then, whose code is body, with bind as what the option e holds, or
// otherwise.
func (c *coder) ifLet(e ir.Expr, bind *ir.Local, body []ir.Node, then, otherwise func()) {
	if get, ok := e.(*ir.EntryGet); ok && get.Place.State.Group != nil {
		c.ifEntry(get, bind, body, then, otherwise)
		return
	}
	if get, ok := e.(*ir.StateGet); ok && get.State.Init == nil && !isOption(get.State.Elem) {
		c.branch(c.op.hasState(c, get.State), func() {
			c.bindCopy(bind, c.op.stateValue(c, get.State))
			then()
		}, otherwise)
		return
	}
	v := c.expr(e)
	if !v.stable {
		v = c.temp("found", v)
	}
	c.checkAfter(e)
	c.branch(v.base().Dot("OK"), func() {
		c.bindTo(bind, held(v))
		then()
	}, otherwise)
}

// held is what a stable option holds.
func held(v operand) operand {
	return operand{
		code: v.base().Dot("V"), prec: precPrimary, t: v.t.(*types.Option).Elem,
		stable: true, addressable: v.addressable || v.pointer,
	}
}

// bindTo makes a stable value known under the name of a local.
func (c *coder) bindTo(bind *ir.Local, v operand) {
	switch {
	case bind == nil:
	case bind.Var, v.untyped: // a constant would get another type where it is read
		c.bindCopy(bind, v)
	default:
		c.vars[bind] = variable{code: v.code, pointer: v.pointer}
	}
}

// bindCopy copies a value into a variable for a local that is read.
func (c *coder) bindCopy(bind *ir.Local, v operand) {
	if bind == nil || c.reads[bind] == 0 && !bind.Var {
		return
	}
	name := c.names.pick(unexported(bind.Name))
	c.declareVar(name, c.declare(name, v))
	c.vars[bind] = variable{code: jen.Id(name)}
}

func isOption(t types.Type) bool {
	_, ok := t.(*types.Option)
	return ok
}

// coalesce gives what the option holds, or another value.
func (c *coder) coalesce(e *ir.Coalesce) operand {
	var x, y operand
	rest := c.block(func() { y = c.expr(e.Y) })
	_, flat := e.T.(*types.Option)
	if len(rest) == 0 && y.stable && !flat {
		v := c.values([]ir.Expr{e.X})
		x = v[0]
		return call(x.base().Dot("Or").Call(y.value()), e.T)
	}
	name := c.variable("v", e.T)
	c.intoCoalesce(e, assignTo(name))
	return operand{code: name, prec: precPrimary, t: e.T, stable: true, addressable: true}
}

func (c *coder) intoCoalesce(e *ir.Coalesce, dst destination) {
	v := c.expr(e.X)
	if !v.stable {
		v = c.temp("found", v)
	}
	c.branch(v.base().Dot("OK"), func() {
		if isOption(e.T) {
			dst(c, v)
			return
		}
		dst(c, held(v))
	}, func() { c.into(e.Y, dst) })
}

// match runs the body of the first arm that fits the value of e. The checker
// has seen to it that one does, so the last needs no test.
func (c *coder) match(e ir.Expr, arms []*ir.Arm, body func(*ir.Arm)) {
	v := c.expr(e)
	if !v.stable {
		v = c.temp("v", v)
	}
	c.checkAfter(e)
	arms = untilWildcard(arms)
	if len(arms) > 2 && switchable(v.t, arms) {
		c.matchSwitch(v, arms, body)
		return
	}
	c.matchChain(v, arms, body)
}

// untilWildcard leaves out the arms after the first that fits everything.
func untilWildcard(arms []*ir.Arm) []*ir.Arm {
	for i, a := range arms {
		if fitsAll(a) {
			return arms[:i+1]
		}
	}
	return arms
}

func fitsAll(a *ir.Arm) bool {
	for _, p := range a.Patterns {
		if _, any := p.(ir.AnyPattern); any {
			return true
		}
	}
	return len(a.Patterns) == 0
}

// switchable reports whether a Go switch over constants can choose the arm.
func switchable(t types.Type, arms []*ir.Arm) bool {
	_, union := t.(*types.Union)
	if _, record := t.(*types.Record); record || isOption(t) || !union && !comparable(t) {
		return false
	}
	for _, a := range arms[:len(arms)-1] {
		for _, p := range a.Patterns {
			switch p.(type) {
			case ir.ConstPattern, ir.MemberPattern:
			default:
				return false
			}
		}
	}
	return true
}

// matchSwitch writes switch v { case …: … default: … }.
func (c *coder) matchSwitch(v operand, arms []*ir.Arm, body func(*ir.Arm)) {
	c.enterSwitch(1)
	defer c.enterSwitch(-1)
	var cases []jen.Code
	seen := map[string]bool{}
	all := true
	for i, a := range arms {
		block := c.block(func() {
			c.bindTo(a.Bind, c.matched(v, a))
			body(a)
		})
		all = all && returns(block)
		if i == len(arms)-1 {
			cases = append(cases, jen.Default().Block(block...))
			continue
		}
		if tests := c.newTests(v, a, seen); len(tests) > 0 {
			cases = append(cases, jen.Case(tests...).Block(block...))
		}
	}
	head := v.head()
	if _, union := v.t.(*types.Union); union {
		head = c.memberTag(v)
	}
	c.add(statement{Code: jen.Switch(head).Block(cases...), leaves: all, returns: all})
}

// newTests lists the constants of an arm that no arm before has tested: Go
// refuses a constant that stands twice.
func (c *coder) newTests(v operand, a *ir.Arm, seen map[string]bool) []jen.Code {
	var tests []jen.Code
	for _, p := range a.Patterns {
		if m, ok := p.(ir.MemberPattern); ok {
			tests = append(tests, jen.Id(c.g.unionOf(v.t.(*types.Union)).tags[m.Member]))
			continue
		}
		v := c.expr(p.(ir.ConstPattern).Value)
		if text := v.code.GoString(); !seen[text] {
			seen[text] = true
			tests = append(tests, v.value())
		}
	}
	return tests
}

// matchChain writes if … else if … else ….
func (c *coder) matchChain(v operand, arms []*ir.Arm, body func(*ir.Arm)) {
	a := arms[0]
	run := func() {
		c.bindTo(a.Bind, c.matched(v, a))
		body(a)
	}
	if len(arms) == 1 {
		run()
		return
	}
	c.branch(c.fits(v, a), run, func() { c.matchChain(v, arms[1:], body) })
}

// fits tests whether v fits one of the patterns of an arm.
func (c *coder) fits(v operand, a *ir.Arm) *jen.Statement {
	var test *jen.Statement
	for _, p := range a.Patterns {
		var one *jen.Statement
		switch p := p.(type) {
		case ir.NonePattern:
			one = jen.Op("!").Add(v.base().Dot("OK"))
		case ir.SomePattern:
			one = v.base().Dot("OK")
		case ir.ConstPattern:
			one = c.fitsConst(v, p.Value)
		case ir.MemberPattern:
			one = c.fitsMember(v, p.Member)
		default:
			panic(fmt.Sprintf("codegen: no such pattern %T", p))
		}
		if test == nil {
			test = one
		} else {
			test = test.Op("||").Add(one)
		}
	}
	return test
}

func (c *coder) fitsConst(v operand, e ir.Expr) *jen.Statement {
	k := c.expr(e)
	if isOption(v.t) && !isOption(k.t) {
		return v.base().Dot("OK").Op("&&").Add(c.equal(held(v), k).value())
	}
	return c.equal(v, k).value()
}

// enterSwitch notes that a Go switch begins or ends, as a break inside means
// the switch and not the loop.
func (c *coder) enterSwitch(n int) {
	if len(c.loops) > 0 {
		c.loops[len(c.loops)-1].switches += n
	}
}

// loopLabel returns the label of the innermost loop if a jump needs it.
func (c *coder) loopLabel(isBreak bool) *jen.Statement {
	l := c.loops[len(c.loops)-1]
	if !isBreak || l.switches == 0 {
		return nil
	}
	if l.label == "" {
		l.label = c.names.pick("loop" + strconv.Itoa(len(c.loops)))
	}
	return jen.Id(l.label)
}
