package gen

import (
	"fmt"
	"strings"

	"github.com/flow-lang/flowc/typecheck/types"
)

// expr writes an expression of exactly the type t. Whatever does not bind
// tighter than every operator stands in parentheses.
func (g *generator) expr(s *scope, t types.Type, depth int) string {
	if depth <= 0 || !s.budgeted() || g.chance(1, 5) {
		return g.leaf(s, t)
	}
	if g.chance(1, 5) {
		if text := g.lookUp(s, t); text != "" {
			return text
		}
	}
	if g.chance(1, 4) {
		if text := g.anyways(s, t, depth-1); text != "" {
			return text
		}
	}
	switch t := t.(type) {
	case *types.Option:
		return g.optionExpr(s, t, depth-1)
	case *types.List:
		return g.listExpr(s, t, depth-1)
	case *types.Set:
		return "set([" + g.expr(s, t.Elem, depth-1) + ", " + g.expr(s, t.Elem, depth-1) + "])"
	case *types.Map:
		return fmt.Sprintf("[%s: %s, %s: %s]", g.expr(s, t.Key, depth-1), g.expr(s, t.Value, depth-1),
			g.expr(s, t.Key, depth-1), g.expr(s, t.Value, depth-1))
	case *types.Record:
		return g.recordExpr(s, t, depth-1)
	case *types.Decimal:
		return g.decimalExpr(s, t, depth-1)
	case *types.Union:
		return g.unionOf(t, g.expr(s, one(g, t.Members...), depth-1))
	case *types.Basic:
		return g.scalar(s, t.Kind, depth-1)
	default:
		return g.leaf(s, t)
	}
}

// anyways writes an expression of a form that gives any type; "" if the one
// picked is not possible here.
func (g *generator) anyways(s *scope, t types.Type, depth int) string {
	switch g.IntN(11) {
	case 0:
		return fmt.Sprintf("(if %s { %s } else { %s })", g.expr(s, boolT, depth), g.expr(s, t, depth), g.expr(s, t, depth))
	case 1:
		return g.ifLet(s, t, depth)
	case 2, 3:
		return g.match(s, t, depth)
	case 4:
		if !isOption(t) {
			return fmt.Sprintf("(%s ?? %s)", g.expr(s, optionOf(t), depth), g.expr(s, t, depth))
		}
	case 5:
		if isOption(t) {
			return ""
		}
		return fmt.Sprintf("%s[%s]", g.expr(s, listOf(t), depth), g.smallInt(s, depth))
	case 6:
		return g.call(s, t, depth)
	case 7:
		return g.fold(s, t, depth)
	case 8:
		if isOrdered(t) {
			return fmt.Sprintf("%s(%s, %s)", one(g, "min", "max"), g.expr(s, t, depth), g.expr(s, t, depth))
		}
	case 9:
		return g.fieldOf(s, t, depth)
	default:
		g.declare("pick", "func pick<T>(c: bool, a: T, b: T) -> T = if c { a } else { b }")
		return fmt.Sprintf("pick(%s, %s, %s)", g.expr(s, boolT, depth), g.expr(s, t, depth), g.expr(s, t, depth))
	}
	return ""
}

// smallInt is an index that mostly fits a short list.
func (g *generator) smallInt(s *scope, depth int) string {
	if g.chance(1, 4) {
		return g.expr(s, intT, depth)
	}
	return one(g, "0", "0", "1", "2")
}

func (g *generator) ifLet(s *scope, t types.Type, depth int) string {
	of := g.someType(isOption)
	if of == nil || g.chance(1, 2) {
		of = optionOf(one(g, intT, stringT, floatT))
	}
	name := g.fresh("some")
	inner := s.inner().add(name, of.(*types.Option).Elem)
	return fmt.Sprintf("(if let %s = %s { %s } else { %s })", name, g.expr(s, of, depth), g.expr(inner, t, depth), g.expr(s, t, depth))
}

// match writes a match over some value.
func (g *generator) match(s *scope, t types.Type, depth int) string {
	of := one(g, g.pool...)
	if !g.matchable(of) {
		of = one(g, g.enums...)
	}
	arms := g.arms(s, of, func(s *scope) string { return g.expr(s, t, depth-1) })
	return fmt.Sprintf("(match %s {\n%s})", g.expr(s, of, depth), lines(arms))
}

func (g *generator) matchable(t types.Type) bool {
	switch t := t.(type) {
	case *types.Enum, *types.Union:
		return true
	case *types.Basic:
		return t.Kind == types.Bool || t.Kind == types.Int || t.Kind == types.String || t.Kind == types.Int32
	case *types.Option:
		_, union := t.Elem.(*types.Union) // which is matched when it is there
		return !union && g.matchable(t.Elem)
	}
	return false
}

// arms writes arms that take every value of type of.
func (g *generator) arms(s *scope, of types.Type, body func(*scope) string) []string {
	var out []string
	arm := func(pattern string, s *scope) { out = append(out, pattern+" => "+body(s)) }
	elem := of
	option, isOption := of.(*types.Option)
	if isOption {
		arm("none", s)
		elem = option.Elem
		if g.chance(1, 2) {
			name := g.fresh("held")
			arm(name, s.inner().add(name, elem))
			return out
		}
	}
	switch t := elem.(type) {
	case *types.Enum:
		n := len(t.Symbols)
		if n > 2 && g.chance(1, 2) {
			arm(t.Name+"."+t.Symbols[0].Name+" | "+t.Name+"."+t.Symbols[1].Name, s)
			for _, sym := range t.Symbols[2:] {
				arm(t.Name+"."+sym.Name, s)
			}
			return out
		}
		for _, sym := range t.Symbols[:1+g.IntN(n-1)] {
			arm(t.Name+"."+sym.Name, s)
		}
	case *types.Union:
		for _, m := range t.Members[:1+g.IntN(len(t.Members)-1)] {
			name := g.fresh("held")
			arm(m.Name+" "+name, s.inner().add(name, m))
		}
	case *types.Basic:
		for _, p := range g.patterns(t.Kind) {
			arm(p, s)
		}
		if t.Kind == types.Bool && g.chance(1, 2) && len(out) > 0 {
			return out
		}
	}
	if g.chance(1, 2) && !isOption {
		name := g.fresh("other")
		arm(name, s.inner().add(name, of))
		return out
	}
	arm("_", s)
	return out
}

func (g *generator) patterns(k types.Kind) []string {
	switch k {
	case types.Bool:
		return []string{"true", "false"}
	case types.String:
		return one(g, []string{`"a"`}, []string{`""`, `"b"`}, []string{`"a" | "Grüße"`})
	default:
		return one(g, []string{"0"}, []string{"1", "2 | 3"}, []string{"0 | 1", "100"})
	}
}

// call calls a declared function that gives a t; "" if there is none.
func (g *generator) call(s *scope, t types.Type, depth int) string {
	var fit []function
	for _, f := range g.funcs[:s.calls] {
		if types.Identical(f.result, t) {
			fit = append(fit, f)
		}
	}
	if s.op != nil && !s.lambda {
		for _, f := range s.op.helpers {
			if f.result != nil && types.Identical(f.result, t) {
				fit = append(fit, f)
			}
		}
	}
	if len(fit) == 0 {
		return ""
	}
	f := one(g, fit...)
	return f.name + "(" + g.args(s, f.params, depth) + ")"
}

func (g *generator) args(s *scope, ts []types.Type, depth int) string {
	args := make([]string, len(ts))
	for i, t := range ts {
		args[i] = g.expr(s, t, depth)
	}
	return strings.Join(args, ", ")
}

func (g *generator) fold(s *scope, t types.Type, depth int) string {
	elem := one(g, intT, stringT, t)
	if isOption(elem) {
		elem = intT
	}
	total, x := g.fresh("total"), g.fresh("x")
	inner := s.forLambda().add(total, t).add(x, elem)
	return fmt.Sprintf("%s.fold(%s, (%s, %s) => %s)", g.expr(s, listOf(elem), depth), g.expr(s, t, depth), total, x, g.expr(inner, t, depth))
}

// forLambda is the scope of a lambda inside s.
func (s *scope) forLambda() *scope {
	n := s.inner()
	n.lambda = true
	return n
}

// fieldOf reads a field of a record made for the purpose.
func (g *generator) fieldOf(s *scope, t types.Type, depth int) string {
	for _, r := range g.records {
		for _, f := range r.Fields {
			if types.Identical(f.Type, t) {
				return g.expr(s, r, depth-1) + "." + f.Name
			}
		}
	}
	return ""
}

func (g *generator) optionExpr(s *scope, t *types.Option, depth int) string {
	switch g.IntN(6) {
	case 0:
		return g.some(t, g.expr(s, t.Elem, depth))
	case 1:
		return g.expr(s, listOf(t.Elem), depth) + one(g, ".first", ".last")
	case 2:
		if isOrdered(t.Elem) {
			return g.expr(s, listOf(t.Elem), depth) + one(g, ".min()", ".max()")
		}
	case 3:
		if !g.has.Collections {
			break
		}
		key := g.keyType()
		return fmt.Sprintf("%s[%s]", g.expr(s, &types.Map{Key: key, Value: t.Elem}, depth), g.expr(s, key, depth))
	case 4:
		for _, r := range g.records {
			for _, f := range r.Fields {
				if types.Identical(f.Type, t) || types.Identical(f.Type, t.Elem) {
					return g.expr(s, optionOf(r), depth) + "?." + f.Name
				}
			}
		}
	}
	if b, ok := t.Elem.(*types.Basic); ok {
		return g.scalarOption(s, t, b.Kind, depth)
	}
	return g.some(t, g.expr(s, t.Elem, depth))
}

// scalarOption is what reads text or JSON.
func (g *generator) scalarOption(s *scope, t *types.Option, k types.Kind, depth int) string {
	json := g.has.JSON && g.mostly(1, 3)
	switch {
	case k == types.Int && json:
		return g.expr(s, jsonT, depth) + one(g, `.as_int`, `.at("a")?.as_int`, `.at("b[0].n")?.as_int`)
	case k == types.Int && g.chance(1, 2):
		return g.expr(s, stringT, depth) + ".index_of(" + g.expr(s, stringT, depth) + ")"
	case k == types.Int:
		return "parse_int(" + g.expr(s, stringT, depth) + ")"
	case k == types.Float && json:
		return g.expr(s, jsonT, depth) + ".as_float"
	case k == types.Float:
		return "parse_float(" + g.expr(s, stringT, depth) + ")"
	case k == types.String && json:
		return g.expr(s, jsonT, depth) + one(g, ".as_string", `.at("name")?.as_string`)
	case k == types.Bool && json:
		return g.expr(s, jsonT, depth) + ".as_bool"
	case k == types.Timestamp:
		return "parse_timestamp(" + g.expr(s, stringT, depth) + `, "2006-01-02 15:04")`
	default:
		return g.some(t, g.expr(s, t.Elem, depth))
	}
}

func (g *generator) listExpr(s *scope, t *types.List, depth int) string {
	n := g.IntN(9)
	if types.Is(t.Elem, types.JSON) && g.chance(1, 3) {
		n = 8
	}
	switch n {
	case 0, 1:
		return "[" + g.expr(s, t.Elem, depth) + ", " + g.expr(s, t.Elem, depth) + "]"
	case 2:
		from := one(g, intT, stringT, t.Elem)
		if isOption(from) {
			from = intT
		}
		x := g.fresh("x")
		return fmt.Sprintf("%s.map(%s => %s)", g.expr(s, listOf(from), depth), x, g.expr(s.forLambda().add(x, from), t.Elem, depth))
	case 3:
		x := g.fresh("x")
		return fmt.Sprintf("%s.filter(%s => %s)", g.expr(s, t, depth), x, g.expr(s.forLambda().add(x, t.Elem), boolT, depth))
	case 4:
		x := g.fresh("x")
		by := one(g, intT, stringT, intT)
		return fmt.Sprintf("%s.sort_by(%s => %s)", g.expr(s, t, depth), x, g.expr(s.forLambda().add(x, t.Elem), by, depth))
	case 5:
		return fmt.Sprintf("%s.append(%s)", g.expr(s, t, depth), g.expr(s, t.Elem, depth))
	case 6:
		return fmt.Sprintf("%s.slice(%s, %s)", g.expr(s, t, depth), one(g, "0", "0", "1"), g.smallInt(s, depth))
	case 7:
		if !g.has.Collections {
			return g.leaf(s, t)
		}
		if types.CanBeKey(t.Elem) {
			return one(g, g.expr(s, &types.Set{Elem: t.Elem}, depth)+".values", g.expr(s, &types.Map{Key: t.Elem, Value: intT}, depth)+".keys")
		}
		return g.expr(s, &types.Map{Key: g.keyType(), Value: t.Elem}, depth) + ".values"
	default:
		if types.Is(t.Elem, types.Int) {
			return fmt.Sprintf("range(%s, %d)", one(g, "0", "1", "-2"), g.IntN(5))
		}
		if types.Is(t.Elem, types.JSON) {
			return "(" + g.expr(s, jsonT, depth) + one(g, ".as_list ?? ", `.at("b")?.as_list ?? `) + g.typed("empty_", t, "[]") + ")"
		}
		if types.Is(t.Elem, types.String) {
			return fmt.Sprintf("%s.split(%s)", g.expr(s, stringT, depth), one(g, `","`, `" "`, `""`, `"é"`))
		}
		return g.leaf(s, t)
	}
}

func (g *generator) recordExpr(s *scope, t *types.Record, depth int) string {
	if len(t.Fields) > 0 && g.chance(1, 3) {
		f := one(g, t.Fields...)
		return fmt.Sprintf("(%s with { %s: %s })", g.expr(s, t, depth), f.Name, g.expr(s, f.Type, depth))
	}
	return "(" + g.recordLiteral(s, t, depth) + ")"
}

// recordLiteral writes R { … }, now and then without a field that has a default.
func (g *generator) recordLiteral(s *scope, t *types.Record, depth int) string {
	var fields []string
	for _, f := range t.Fields {
		if f.Default != nil && g.chance(1, 2) {
			continue
		}
		fields = append(fields, f.Name+": "+g.expr(s, f.Type, depth))
	}
	return t.Name + " { " + strings.Join(fields, ", ") + " }"
}
