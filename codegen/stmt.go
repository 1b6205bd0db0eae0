package codegen

import (
	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// stmts writes a list of statements, without those that control never comes to.
func (c *coder) stmts(list []ir.Stmt) {
	for i, s := range list {
		c.armsLater = i+1 < len(list) && writesAgain(s, list[i+1])
		c.stmt(s)
		c.armsLater = false
		if leaves(c.out) {
			return
		}
	}
}

func (c *coder) stmt(s ir.Stmt) {
	switch s := s.(type) {
	case *ir.Let:
		c.let(s)
	case *ir.Assign:
		c.assign(s)
	case *ir.IfStmt:
		cond := c.condition(s.Cond)
		c.branch(cond, func() { c.stmts(s.Then) }, func() { c.stmts(s.Else) })
	case *ir.IfLetStmt:
		c.ifLet(s.X, s.Bind, nodes(s.Then), func() { c.stmts(s.Then) }, func() { c.stmts(s.Else) })
	case *ir.MatchStmt:
		c.match(s.X, s.Arms, func(a *ir.Arm) { c.stmts(a.Stmts) })
	case *ir.For:
		c.forIn(s)
	case *ir.While:
		c.while(s)
	case *ir.Return:
		c.returnStmt(s)
	case *ir.Break:
		c.jump(jen.Break(), c.loopLabel(true))
	case *ir.Continue:
		c.jump(jen.Continue(), c.loopLabel(false))
	case *ir.ExprStmt:
		c.exprStmt(s)
	case *ir.FailStmt:
		v := c.expr(s.Reason)
		c.add(c.fault.Clone().Dot("Fail").Call(c.g.at(s.At), v.value()))
		c.goOut(c.bail())
	case *ir.Drop:
		c.drop()
	default:
		c.op.stmt(c, s)
	}
}

// goOut writes statements of which the last leaves.
func (c *coder) goOut(code []jen.Code) {
	c.add(code[:len(code)-1]...)
	c.add(statement{Code: code[len(code)-1], leaves: true, returns: true})
}

func (c *coder) jump(word, label *jen.Statement) {
	if label != nil {
		word = word.Add(label)
	}
	c.add(statement{Code: word, leaves: true})
}

// drop ends the handler; what it did before stays.
func (c *coder) drop() {
	if c.helper {
		c.add(self(c.op.dropped).Op("=").True())
	}
	c.goOut(c.leave())
}

// let declares a local. What is only another name for something that does not
// change needs no variable.
func (c *coder) let(s *ir.Let) {
	if ref, ok := s.Value.(*ir.LocalRef); ok && !ref.Local.Var && !s.Local.Var {
		c.vars[s.Local] = c.vars[ref.Local]
		return
	}
	if c.reads[s.Local] == 0 && !s.Local.Var {
		c.into(s.Value, discarded)
		c.checkAfter(s.Value)
		return
	}
	name := c.names.pick(unexported(s.Local.Name))
	if chooses(s.Value) {
		c.declareVar(name, jen.Var().Id(name).Add(c.g.goType(s.Local.Type)))
		c.into(s.Value, assignTo(jen.Id(name)))
	} else {
		v := c.expr(s.Value)
		v.t = s.Local.Type
		c.declareVar(name, c.declare(name, v))
	}
	c.vars[s.Local] = variable{code: jen.Id(name)}
	c.checkAfter(s.Value)
}

// chooses reports whether e is a statement in Go.
func chooses(e ir.Expr) bool {
	switch e := e.(type) {
	case *ir.If, *ir.IfLet, *ir.Match, *ir.OptionalMap:
		return true
	case *ir.Do:
		return chooses(e.Value)
	}
	return false
}

func (c *coder) assign(s *ir.Assign) {
	if ref, ok := s.Value.(*ir.LocalRef); ok && ref.Local == s.Local {
		return
	}
	target := c.vars[s.Local]
	c.into(s.Value, assignTo(target.code))
	c.checkAfter(s.Value)
}

// returnStmt returns from a function, or ends a handler.
func (c *coder) returnStmt(s *ir.Return) {
	if s.Value == nil {
		c.goOut(c.leave())
		return
	}
	if c.result == nil {
		c.into(s.Value, discarded)
		c.goOut(c.leave())
		return
	}
	c.into(s.Value, returned)
}

// exprStmt evaluates an expression for what it does: a helper's effect, or the
// mistake that it can make.
func (c *coder) exprStmt(s *ir.ExprStmt) {
	if call, ok := s.X.(*ir.Call); ok {
		v := c.call(call)
		c.add(v.code)
		c.afterCall(call.Func)
		return
	}
	c.into(s.X, discarded)
	c.checkAfter(s.X)
}

// afterCall leaves if the helper has failed or dropped the record.
func (c *coder) afterCall(f *ir.Func) {
	effects := c.g.graph.Effects
	if effects.FuncFails(f) {
		c.checkFault()
	}
	if effects.FuncDrops(f) {
		left := c.leave()
		if !c.helper {
			left = append([]jen.Code{self(c.op.dropped).Op("=").False()}, left...)
		}
		c.add(jen.If(self(c.op.dropped)).Block(left...))
	}
}

// while writes for cond { … }. A condition that needs statements is evaluated
// at the beginning of each round.
func (c *coder) while(s *ir.While) {
	var cond operand
	before := c.block(func() {
		cond = c.expr(s.Cond)
		if c.g.graph.Effects.CanFail(s.Cond) {
			held := c.temp("more", cond)
			c.checkFault()
			cond = held
		}
	})
	body, label := c.loop(func() {
		if len(before) > 0 {
			c.add(before...)
			c.add(jen.If(jen.Op("!").Add(cond.in(precUnary))).Block(jen.Break()))
		}
		c.stmts(s.Body)
	})
	if len(before) > 0 {
		c.add(label, jen.For().Block(body...))
		return
	}
	c.add(label, jen.For(cond.head()).Block(body...))
}

// loop writes the body of a loop and returns its label, which is empty if
// nothing jumps to it.
func (c *coder) loop(write func()) (body []jen.Code, label *jen.Statement) {
	l := &loop{}
	c.loops = append(c.loops, l)
	body = c.block(write)
	c.loops = c.loops[:len(c.loops)-1]
	if l.label == "" {
		return body, jen.Null()
	}
	return body, jen.Id(l.label).Op(":")
}

// forIn writes a loop over a list, a set or a map. A range of integers is
// counted and never made.
func (c *coder) forIn(s *ir.For) {
	if b, ok := s.X.(*ir.Builtin); ok && b.Name == "range" {
		c.forRange(s, b)
		return
	}
	if _, ok := s.X.Type().(*types.Map); ok {
		c.forMap(s)
		return
	}
	x := c.beforeLoop("list", c.expr(s.X), s.X)
	item := ""
	if c.reads[s.Value] > 0 || s.Value.Var {
		item = c.names.pick(unexported(s.Value.Name))
		c.vars[s.Value] = variable{code: jen.Id(item)}
	}
	body, label := c.loop(func() {
		if item != "" {
			c.loopVar(item)
		}
		c.stmts(s.Body)
	})
	head := jen.Range().Add(x.head())
	if item != "" {
		head = jen.Id("_").Op(",").Id(item).Op(":=").Add(head)
	}
	c.add(label, jen.For(head).Block(body...))
}

// beforeLoop evaluates what a loop runs over. If that can fail it goes into a
// variable, so that the mistake is seen before the first round.
func (c *coder) beforeLoop(name string, v operand, e ir.Expr) operand {
	if !c.g.graph.Effects.CanFail(e) {
		return v
	}
	held := c.temp(name, v)
	c.checkFault()
	return held
}

// forRange writes for i := a; i < b; i++ { … }.
func (c *coder) forRange(s *ir.For, b *ir.Builtin) {
	v := c.values(b.Args)
	start, end := c.beforeLoop("start", v[0], b.Args[0]), v[1]
	if !end.stable {
		end = c.temp("end", end)
	}
	c.checkAfter(b.Args[1])
	i := c.names.pick(unexported(s.Value.Name))
	c.vars[s.Value] = variable{code: jen.Id(i)}
	start.t = s.Value.Type
	body, label := c.loop(func() { c.stmts(s.Body) })
	c.add(label, jen.For(c.declare(i, start), jen.Id(i).Op("<").Add(end.in(precAdd)), jen.Id(i).Op("++")).Block(body...))
}
