package gen

import (
	"fmt"
	"strings"

	"github.com/flow-lang/flowc/typecheck/types"
)

const exprDepth = 3

// makeFuncs declares functions that call those before them.
func (g *generator) makeFuncs() {
	for range g.few(5) {
		f := function{name: g.fresh("fn"), result: g.anyType()}
		s := &scope{budget: g.budget(40), pure: true, result: f.result, calls: len(g.funcs)}
		var params []string
		for range g.few(4) {
			name, t := g.fresh("a"), g.anyType()
			f.params = append(f.params, t)
			params = append(params, name+": "+t.String())
			s.add(name, t)
		}
		head := fmt.Sprintf("func %s(%s) -> %s", f.name, strings.Join(params, ", "), f.result)
		switch g.IntN(4) {
		case 0:
			g.values.WriteString(head + " = " + g.expr(s, f.result, exprDepth) + "\n\n")
		case 1:
			g.recursive(f)
			continue
		default:
			body := g.stmts(s, 1+g.few(4))
			body = append(body, one(g, "return ", "")+g.expr(s, f.result, 2))
			g.values.WriteString(head + " {\n" + lines(body) + "}\n\n")
		}
		g.funcs = append(g.funcs, f)
	}
}

// recursive declares a function that calls itself a few times.
func (g *generator) recursive(f function) {
	f.params = []types.Type{intT, f.result}
	n, v := g.fresh("n"), g.fresh("v")
	s := &scope{budget: g.budget(20), pure: true, calls: len(g.funcs)}
	s.add(v, f.result)
	next := g.expr(s, f.result, 2)
	g.values.WriteString(fmt.Sprintf("func %s(%s: int, %s: %s) -> %s = if %s <= 0 || %s > 20 { %s } else { %s(%s - 1, %s) }\n\n",
		f.name, n, v, f.result, f.result, n, n, v, f.name, n, next))
	g.funcs = append(g.funcs, f)
}

// stmts writes n statements; what they declare is known in s from then on.
func (g *generator) stmts(s *scope, n int) []string {
	var out []string
	for range n {
		if !s.budgeted() {
			break
		}
		out = append(out, g.stmt(s))
	}
	return out
}

func (g *generator) stmt(s *scope) string {
	if s.op != nil && g.chance(1, 2) {
		if text := g.effect(s); text != "" {
			return text
		}
	}
	nested := s.depth < 3
	switch k := g.IntN(12); {
	case k < 4:
		return g.let(s)
	case k < 6:
		if text := g.assign(s); text != "" {
			return text
		}
	case k == 6 && nested:
		return g.ifStmt(s)
	case k == 7 && nested:
		of := g.someType(isOption)
		if of == nil {
			of = optionOf(intT)
		}
		name := g.fresh("some")
		text := fmt.Sprintf("if let %s = %s {\n%s}", name, g.head(s, of), g.block(s.inner().add(name, of.(*types.Option).Elem)))
		return text + g.orElse(s)
	case k == 8 && nested:
		of := one(g, g.pool...)
		if !g.matchable(of) {
			of = one(g, g.enums...)
		}
		arms := g.arms(s.inner(), of, func(s *scope) string { return "{\n" + g.block(s.inner()) + "}" })
		return fmt.Sprintf("match %s {\n%s}", g.head(s, of), lines(arms))
	case k == 9 && nested && s.loops < 2:
		return g.loop(s)
	case k == 10 && nested && s.loops < 2:
		return g.while(s)
	case k == 11:
		return g.leave(s)
	}
	return g.let(s)
}

// head is an expression in the head of a statement, where a record would be
// taken for its block: those stand in parentheses anyway.
func (g *generator) head(s *scope, t types.Type) string { return g.expr(s, t, 2) }

func (g *generator) block(s *scope) string { return lines(g.stmts(s, 1+g.few(3))) }

func (g *generator) let(s *scope) string {
	t := g.anyType()
	name := g.fresh("v")
	value := g.expr(s, t, exprDepth)
	typed := ""
	if g.chance(1, 4) {
		typed = ": " + t.String()
	}
	if g.chance(1, 3) {
		s.addVar(name, t)
		return fmt.Sprintf("var %s%s = %s", name, typed, value)
	}
	s.add(name, t)
	return fmt.Sprintf("let %s%s = %s", name, typed, value)
}

func (g *generator) assign(s *scope) string {
	vars := s.where(func(v variable) bool { return v.set != nil })
	if len(vars) == 0 || s.lambda {
		return ""
	}
	v := one(g, vars...)
	op := "="
	if b, ok := v.set.(*types.Basic); ok && types.Identical(v.t, v.set) {
		switch b.Kind {
		case types.Int, types.Float, types.Int32, types.Float32:
			op = one(g, "=", "+=", "-=", "*=")
		case types.Duration:
			op = one(g, "=", "+=")
		case types.String:
			if g.chance(1, 3) {
				return v.text + " += " + g.stringLiteral()
			}
		}
	}
	return fmt.Sprintf("%s %s %s", v.text, op, g.expr(s, v.set, exprDepth))
}

func (g *generator) ifStmt(s *scope) string {
	text := fmt.Sprintf("if %s {\n%s}", g.head(s, boolT), g.block(s.inner()))
	if g.chance(1, 4) {
		text += fmt.Sprintf(" else if %s {\n%s}", g.head(s, boolT), g.block(s.inner()))
	}
	return text + g.orElse(s)
}

func (g *generator) orElse(s *scope) string {
	if g.chance(1, 2) {
		return ""
	}
	return fmt.Sprintf(" else {\n%s}", g.block(s.inner()))
}

func (g *generator) loop(s *scope) string {
	if g.chance(1, 3) {
		if text := g.walk(s); text != "" {
			return text
		}
	}
	body := s.inner()
	body.loops++
	if m := g.someType(func(t types.Type) bool { _, ok := t.(*types.Map); return ok }); m != nil && g.chance(1, 3) {
		k, v := g.fresh("k"), g.fresh("v")
		text := g.head(s, m)
		body.add(k, m.(*types.Map).Key).add(v, m.(*types.Map).Value)
		return fmt.Sprintf("for %s, %s in %s {\n%s}", k, v, text, g.block(body))
	}
	elem, x := one(g, intT, stringT, floatT), g.fresh("x")
	var of types.Type = listOf(elem)
	if g.has.Collections && types.CanBeKey(elem) && g.chance(1, 4) {
		of = &types.Set{Elem: elem}
	}
	text := g.head(s, of)
	return fmt.Sprintf("for %s in %s {\n%s}", x, text, g.block(body.add(x, elem)))
}

func (g *generator) while(s *scope) string {
	i := g.fresh("i")
	body := s.inner()
	body.loops++
	body.add(i, intT)
	return fmt.Sprintf("var %s = 0\nwhile %s < %d && %s {\n  %s += 1\n%s}", i, i, 1+g.IntN(4), g.head(s, boolT), i, g.block(body))
}

// leave ends a loop, a handler or a function, under a condition that holds now
// and then.
func (g *generator) leave(s *scope) string {
	var ways []string
	if s.loops > 0 {
		ways = append(ways, "break", "continue")
	}
	if s.result != nil {
		ways = append(ways, "return "+g.expr(s, s.result, 2))
	} else {
		ways = append(ways, "return")
	}
	if s.op != nil {
		ways = append(ways, "drop")
	}
	if g.chance(1, 3) {
		ways = append(ways, "fail "+one(g, `"fail: no"`, `"fail: ${`+g.expr(s, intT, 1)+`}"`))
	}
	return fmt.Sprintf("if %s {\n  %s\n}", g.head(s, boolT), one(g, ways...))
}
