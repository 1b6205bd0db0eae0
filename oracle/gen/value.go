package gen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flow-lang/flowc/typecheck/types"
)

// decimals are the decimal types of programs that have any.
var decimals = []*types.Decimal{{Precision: 12, Scale: 2}, {Precision: 7, Scale: 4}, {Precision: 38, Scale: 3}}

// makeValues adds a decimal and a union to the pool, now and then.
func (g *generator) makeValues() {
	if g.has.Decimals && g.mostly(1, 2) {
		d := one(g, decimals...)
		g.pool = append(g.pool, d, d)
	}
	if !g.has.Unions || !g.mostly(1, 2) {
		return
	}
	g.makeRecord(g.fresh("Rec"), g.fields(g.IntN(3)))
	members := slices.Clone(g.records)
	u := &types.Union{Name: g.fresh("Either"), Members: members}
	names := make([]string, len(members))
	for i, m := range members {
		names[i] = m.Name
	}
	fmt.Fprintf(&g.decls, "union %s = %s\n\n", u.Name, strings.Join(names, " | "))
	g.pool = append(g.pool, u, u)
}

// decimalLiteral writes a constant that fits t with its whole scale.
func (g *generator) decimalLiteral(t *types.Decimal) string {
	whole := one(g, "0", "1", "2", "9", "100")
	if g.chance(1, 8) {
		whole = strings.Repeat("9", t.Precision-t.Scale)
	}
	fraction := fmt.Sprintf("%0*d", t.Scale, one(g, 0, 5, 50, 1))
	name := mangled(t)
	g.declare(name, fmt.Sprintf("func %s(x: %s) -> %s = x", name, t, t))
	return fmt.Sprintf("%s(%s%s.%sd)", name, one(g, "", "", "-"), whole, fraction[len(fraction)-t.Scale:])
}

// decimalExpr writes an operation that gives a t. Operations give 38 digits, of
// which a function leaves as many as t has, or fails.
func (g *generator) decimalExpr(s *scope, t *types.Decimal, depth int) string {
	e := func(t types.Type) string { return g.expr(s, t, depth) }
	fit := "fit_" + mangled(t)
	g.declare(fit, fmt.Sprintf("func %s(x: decimal(38, %d)) -> %s = x", fit, t.Scale, t))
	switch g.IntN(8) {
	case 0, 1:
		return fmt.Sprintf("%s(%s %s %s)", fit, e(t), one(g, "+", "-", "%"), e(t))
	case 2, 3:
		return fmt.Sprintf("%s(round(%s %s %s, %d))", fit, e(t), one(g, "*", "/"), e(t), t.Scale)
	case 4:
		return one(g, "(-"+e(t)+")", "abs("+e(t)+")", "floor("+e(t)+")", "ceil("+e(t)+")")
	case 5:
		return fit + "(" + e(listOf(t)) + ".sum())"
	case 6:
		return fmt.Sprintf("%s(decimal(%s))", fit, e(intT))
	default:
		// Rounding to known digits may give fewer than t has.
		return fmt.Sprintf("%s(round(%s, %s) + 0.%sd)", fit, e(t), g.smallInt(s, depth), strings.Repeat("0", t.Scale))
	}
}

// unionOf turns a record into the union t.
func (g *generator) unionOf(t *types.Union, text string) string {
	name := "as_" + t.Name
	g.declare(name, fmt.Sprintf("func %s(x: %s) -> %s = x", name, t.Name, t.Name))
	return name + "(" + text + ")"
}

// decimalValue writes a decimal as JSON.
func (g *generator) decimalValue(t *types.Decimal, few bool) string {
	if !few && g.chance(1, 10) {
		return strings.Repeat("9", t.Precision-t.Scale) + "." + strings.Repeat("9", t.Scale)
	}
	return one(g, "0", "1", "-1.5", "2.50", "1e1", "0.01", "-0.0", "12.3400000")
}

// unionValue writes a union as JSON, with its type first or last.
func (g *generator) unionValue(t *types.Union) string {
	m := one(g, t.Members...)
	record := g.record(m, false)
	record = record[1 : len(record)-1]
	tag := `"$type":` + quoted(m.Name)
	switch {
	case record == "":
		return "{" + tag + "}"
	case g.chance(1, 4):
		return "{" + record + "," + tag + "}"
	default:
		return "{" + tag + "," + record + "}"
	}
}
