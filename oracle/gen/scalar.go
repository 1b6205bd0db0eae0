package gen

import (
	"fmt"

	"github.com/flow-lang/flowc/typecheck/types"
)

// scalar writes an operation that gives a scalar.
func (g *generator) scalar(s *scope, k types.Kind, depth int) string {
	e := func(t types.Type) string { return g.expr(s, t, depth) }
	switch k {
	case types.Bool:
		return g.boolExpr(s, depth)
	case types.Int:
		return g.intExpr(s, depth)
	case types.Int32:
		return one(g, g.arithmetic(e(int32T), e(int32T)), "(-"+e(int32T)+")", "abs("+e(int32T)+")")
	case types.Float:
		return g.floatExpr(s, depth)
	case types.Float32:
		return one(g, g.arithmetic(e(float32T), e(float32T)), "(-"+e(float32T)+")", "abs("+e(float32T)+")", "floor("+e(float32T)+")", "round("+e(float32T)+", 1)")
	case types.String:
		return g.stringExpr(s, depth)
	case types.Bytes:
		return one(g, e(stringT)+".bytes", "sha256("+e(bytesT)+")", e(stringT)+".bytes")
	case types.Timestamp:
		return g.timestampExpr(s, depth)
	case types.Duration:
		return g.durationExpr(s, depth)
	case types.Date:
		return one(g, e(timestampT)+".date", e(timestampT)+`.in_zone("America/New_York").date`)
	case types.JSON:
		return g.jsonExpr(s, depth)
	default:
		return g.leaf(s, types.Of(k))
	}
}

func (g *generator) arithmetic(a, b string) string {
	return fmt.Sprintf("(%s %s %s)", a, one(g, "+", "-", "*", "/", "%", "+", "-", "*"), b)
}

func (g *generator) boolExpr(s *scope, depth int) string {
	e := func(t types.Type) string { return g.expr(s, t, depth) }
	switch g.IntN(10) {
	case 0, 1, 2:
		if t := g.someType(isOrdered); t != nil {
			return fmt.Sprintf("(%s %s %s)", e(t), one(g, "<", "<=", ">", ">="), e(t))
		}
	case 3, 4:
		if t := g.someType(isComparable); t != nil {
			return fmt.Sprintf("(%s %s %s)", e(t), one(g, "==", "!="), e(t))
		}
	case 5:
		return fmt.Sprintf("(%s %s %s)", e(boolT), one(g, "&&", "||"), e(boolT))
	case 6:
		return "(!" + e(boolT) + ")"
	case 7:
		return g.membership(s, depth)
	case 8:
		x := g.fresh("x")
		elem := one(g, intT, stringT, floatT)
		return fmt.Sprintf("%s.%s(%s => %s)", e(listOf(elem)), one(g, "any", "all"), x, g.expr(s.forLambda().add(x, elem), boolT, depth))
	}
	return g.textTest(s, depth)
}

func (g *generator) membership(s *scope, depth int) string {
	k := g.keyType()
	of := listOf(k)
	if g.has.Collections {
		of = one[types.Type](g, of, &types.Set{Elem: k}, &types.Map{Key: k, Value: intT})
	}
	if _, list := of.(*types.List); list && g.chance(1, 2) {
		return fmt.Sprintf("%s.contains(%s)", g.expr(s, of, depth), g.expr(s, k, depth))
	}
	return fmt.Sprintf("(%s in %s)", g.expr(s, k, depth), g.expr(s, of, depth))
}

func (g *generator) textTest(s *scope, depth int) string {
	e := func(t types.Type) string { return g.expr(s, t, depth) }
	switch g.IntN(5) {
	case 0:
		return e(floatT) + ".is_nan"
	case 1:
		return e(stringT) + one(g, ".matches(`[0-9]+`)", `.matches("^a|ü$")`)
	case 2:
		if o := g.someType(isOption); o != nil && isComparable(o) {
			return fmt.Sprintf("(%s %s none)", e(o), one(g, "==", "!="))
		}
	}
	return fmt.Sprintf("%s.%s(%s)", e(stringT), one(g, "contains", "starts_with", "ends_with"), e(stringT))
}

func (g *generator) intExpr(s *scope, depth int) string {
	e := func(t types.Type) string { return g.expr(s, t, depth) }
	switch g.IntN(12) {
	case 0, 1, 2, 3:
		return g.arithmetic(e(intT), e(intT))
	case 4:
		return one(g, "(-"+e(intT)+")", "abs("+e(intT)+")")
	case 5:
		return "int(" + one(g, e(floatT), e(intT)) + ")"
	case 6:
		return e(stringT) + ".len"
	case 7:
		part := one(g, "year", "month", "day", "hour", "minute", "second", "weekday", "unix_ms")
		if part != "unix_ms" && g.chance(1, 3) {
			return fmt.Sprintf("%s.in_zone(%s).%s", e(timestampT), one(g, `"Europe/Berlin"`, `"Asia/Kolkata"`, `"UTC"`), part)
		}
		return e(timestampT) + "." + part
	case 8:
		if !g.has.Collections {
			return one(g, e(listOf(stringT)), e(bytesT)) + ".len"
		}
		return one(g, e(listOf(stringT)), e(bytesT), e(&types.Set{Elem: g.keyType()}), e(&types.Map{Key: g.keyType(), Value: intT})) + ".len"
	case 9:
		return e(listOf(intT)) + ".sum()"
	case 10:
		return fmt.Sprintf("(%s / %s)", e(durationT), e(durationT))
	default:
		return e(dateT) + one(g, ".year", ".month", ".day", ".weekday")
	}
}

func (g *generator) floatExpr(s *scope, depth int) string {
	e := func(t types.Type) string { return g.expr(s, t, depth) }
	switch g.IntN(9) {
	case 0, 1, 2:
		return g.arithmetic(e(floatT), e(floatT))
	case 3:
		return one(g, "(-"+e(floatT)+")", "abs("+e(floatT)+")", "floor("+e(floatT)+")", "ceil("+e(floatT)+")")
	case 4:
		return fmt.Sprintf("round(%s, %s)", e(floatT), one(g, "0", "1", "2", "-1", "5"))
	case 5:
		return one(g, "sqrt", "exp", "ln", "log10", "sin", "cos", "tan") + "(" + e(floatT) + ")"
	case 6:
		return fmt.Sprintf("%s(%s, %s)", one(g, "pow", "atan2", "hypot"), e(floatT), one(g, e(floatT), "pi"))
	case 7:
		return e(listOf(floatT)) + ".sum()"
	default:
		return "float(" + e(one(g, intT, int32T, float32T)) + ")"
	}
}

func (g *generator) stringExpr(s *scope, depth int) string {
	e := func(t types.Type) string { return g.expr(s, t, depth) }
	switch g.IntN(11) {
	case 0, 1:
		return g.cut(g.interpolated(s, depth))
	case 2:
		return g.cut(fmt.Sprintf("%s + %s", e(stringT), e(stringT)))
	case 3:
		return e(stringT) + one(g, ".upper()", ".lower()", ".trim()")
	case 4:
		return g.cut(fmt.Sprintf("%s.replace(%s, %s)", e(stringT), one(g, `"a"`, `"é"`, e(stringT)), e(stringT)))
	case 5:
		return fmt.Sprintf("%s.slice(%s, %s)", e(stringT), one(g, "0", "0", "1"), g.smallInt(s, depth))
	case 6:
		return fmt.Sprintf("%s.pad_left(%d, %s)", e(stringT), g.IntN(12), one(g, `"0"`, `"é-"`, `""`))
	case 7:
		return g.cut(fmt.Sprintf("%s.join(%s)", e(listOf(stringT)), one(g, `"-"`, `""`, e(stringT))))
	case 8:
		if t := g.someType(hasText); t != nil {
			return g.cut("string(" + e(t) + ")")
		}
	case 9:
		return g.cut(one(g, "hex", "base64") + "(" + e(bytesT) + ")")
	}
	return fmt.Sprintf("(%s.capture(`([a-z])(\\d*)`) ?? [\"\"])[0]", e(stringT))
}

// cut shortens what could grow: a state that is set to twice itself at each
// record would soon fill the machine.
func (g *generator) cut(text string) string {
	g.declare("cut", "func cut(s: string) -> string = if s.len > 60 { s.slice(0, 60) } else { s }")
	return "cut(" + text + ")"
}

func (g *generator) interpolated(s *scope, depth int) string {
	text := `"`
	for range 1 + g.IntN(3) {
		t := g.someType(hasText)
		if t == nil {
			t = intT
		}
		text += one(g, "", "x=", " ", "é", `\t`) + "${" + g.expr(s, t, depth) + "}"
	}
	return text + one(g, "", "!", "$") + `"`
}

func (g *generator) timestampExpr(s *scope, depth int) string {
	e := func(t types.Type) string { return g.expr(s, t, depth) }
	switch g.IntN(4) {
	case 0, 1:
		return fmt.Sprintf("(%s %s %s)", e(timestampT), one(g, "+", "-"), e(durationT))
	case 2:
		return fmt.Sprintf("%s.truncate(%s)", e(timestampT), one(g, "1h", "7d", "5s", e(durationT)))
	default:
		return fmt.Sprintf("(%s + %s)", e(durationT), e(timestampT))
	}
}

func (g *generator) durationExpr(s *scope, depth int) string {
	e := func(t types.Type) string { return g.expr(s, t, depth) }
	switch g.IntN(7) {
	case 0:
		return fmt.Sprintf("(%s %s %s)", e(durationT), one(g, "+", "-", "%"), e(durationT))
	case 1:
		return fmt.Sprintf("(%s - %s)", e(timestampT), e(timestampT))
	case 2:
		return fmt.Sprintf("(%s %s %s)", e(durationT), one(g, "*", "/"), e(intT))
	case 3:
		return fmt.Sprintf("(%s * %s)", e(intT), e(durationT))
	case 4:
		return one(g, "(-"+e(durationT)+")", "abs("+e(durationT)+")")
	case 5:
		return fmt.Sprintf("gcd(%s, %s)", e(durationT), e(durationT))
	default:
		return e(listOf(durationT)) + ".sum()"
	}
}

func (g *generator) jsonExpr(s *scope, depth int) string {
	e := func(t types.Type) string { return g.expr(s, t, depth) }
	if g.chance(1, 3) {
		return fmt.Sprintf("(%s.at(%s) ?? %s)", e(jsonT), one(g, `"a"`, `"b[0]"`, `"b[0].n"`, `"x.y"`), e(jsonT))
	}
	t := one(g, intT, stringT, boolT, listOf(intT), listOf(stringT), durationT, timestampT)
	return "to_json(" + e(t) + ")"
}
