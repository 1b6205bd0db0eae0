package gen

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/flow-lang/flowc/typecheck/types"
)

// literal writes a constant of type t that has this type wherever it stands:
// what takes its type from its place is the result of a function.
func (g *generator) literal(t types.Type) string {
	switch t := t.(type) {
	case *types.Option:
		if g.chance(1, 2) {
			return g.typed("none_", t, "none")
		}
		return g.some(t, g.literal(t.Elem))
	case *types.List:
		if g.chance(1, 4) {
			return g.typed("empty_", t, "[]")
		}
		return "[" + g.literals(t.Elem) + "]"
	case *types.Set:
		if g.chance(1, 4) {
			return g.typed("empty_", t, "set([])")
		}
		return "set([" + g.literals(t.Elem) + "])"
	case *types.Map:
		if g.chance(1, 4) {
			return g.typed("empty_", t, "[:]")
		}
		entries := make([]string, 1+g.IntN(3))
		for i := range entries {
			entries[i] = g.literal(t.Key) + ": " + g.literal(t.Value)
		}
		return "[" + strings.Join(entries, ", ") + "]"
	case *types.Record:
		fields := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			fields[i] = f.Name + ": " + g.literal(f.Type)
		}
		return "(" + t.Name + " { " + strings.Join(fields, ", ") + " })"
	case *types.Enum:
		return t.Name + "." + one(g, t.Symbols...).Name
	case *types.Decimal:
		return g.decimalLiteral(t)
	case *types.Union:
		return g.unionOf(t, g.literal(one(g, t.Members...)))
	}
	text := g.rawLiteral(t)
	switch {
	case types.Is(t, types.Int32), types.Is(t, types.Float32):
		name := mangled(t) + "_of"
		g.declare(name, fmt.Sprintf("func %s(x: %s) -> %s = x", name, t, t))
		return name + "(" + text + ")"
	case strings.HasPrefix(text, "-"):
		return "(" + text + ")"
	}
	return text
}

func (g *generator) literals(t types.Type) string {
	elems := make([]string, 1+g.IntN(4))
	for i := range elems {
		elems[i] = g.literal(t)
	}
	return strings.Join(elems, ", ")
}

// typed is a call of a function that gives text, whose type is not known by
// itself, as a t.
func (g *generator) typed(prefix string, t types.Type, text string) string {
	name := prefix + mangled(t)
	g.declare(name, fmt.Sprintf("func %s() -> %s = %s", name, t, text))
	return name + "()"
}

// some turns a T into a T?.
func (g *generator) some(t *types.Option, text string) string {
	name := "some_" + mangled(t.Elem)
	g.declare(name, fmt.Sprintf("func %s(x: %s) -> %s = x", name, t.Elem, t))
	return name + "(" + text + ")"
}

func (g *generator) declare(name, text string) {
	if !g.helpers[name] {
		g.helpers[name] = true
		g.values.WriteString(text + "\n\n")
	}
}

// rawLiteral writes a constant of a scalar type as it stands where its type is
// wanted.
func (g *generator) rawLiteral(t types.Type) string {
	switch t.(*types.Basic).Kind {
	case types.Bool:
		return one(g, "true", "false")
	case types.Int:
		return g.intLiteral(math.MinInt64, math.MaxInt64, 1<<32, 4611686018427387904)
	case types.Int32:
		return g.intLiteral(math.MinInt32, math.MaxInt32, 1<<30, 46341)
	case types.Float:
		return g.floatLiteral("1e308", "-1e308", "5e-324", "1e21", "9007199254740993.0", "0.1", "1e-7")
	case types.Float32:
		return g.floatLiteral("3e38", "-3e38", "1e-45", "16777216.0", "0.1", "1e21")
	case types.String:
		return g.stringLiteral()
	case types.Bytes:
		return one(g, `b""`, `b"\x00\xff"`, `b"abc"`, `b"a\nb"`)
	case types.Timestamp:
		return one(g, `t"2024-05-01T12:00:00Z"`, `t"1969-12-31T23:59:59.999999Z"`, `t"1970-01-01T00:00:00Z"`,
			`t"0001-01-01T00:00:00Z"`, `t"9999-12-31T23:59:59.999999Z"`, `t"2024-02-29T23:00:00+02:00"`, `t"2024-03-31T01:00:00Z"`)
	case types.Duration:
		return one(g, "0s", "1us", "-1us", "5s", "1h30m", "7d", "-2h", "36500d", "250ms", "1d1us")
	case types.Date:
		return one(g, `date("2024-02-29")`, `date("1969-12-31")`, `date("0001-01-01")`, `date("9999-12-31")`, `date("1970-01-01")`)
	case types.UUID:
		return one(g, `uuid("123e4567-e89b-12d3-a456-426614174000")`, `uuid("00000000-0000-0000-0000-000000000000")`,
			`uuid("FFFFFFFF-ffff-ffff-ffff-ffffffffffff")`)
	case types.JSON:
		return "to_json(" + one(g, "1", `"x"`, "true", "[1, 2]", `{ a: 1, b: [{ n: 2.5 }] }`) + ")"
	default:
		panic("gen: no literal of " + t.String())
	}
}

func (g *generator) intLiteral(least, most int64, others ...int64) string {
	if g.chance(1, 12) {
		return strconv.FormatInt(one(g, append(others, least, most)...), 10)
	}
	if g.chance(1, 12) {
		return one(g, "0xff", "1_000", "0x7f")
	}
	return strconv.FormatInt(one[int64](g, 0, 1, -1, 2, 3, 5, 7, 10, -3, 100, 60), 10)
}

func (g *generator) floatLiteral(edges ...string) string {
	if g.chance(1, 8) {
		return one(g, edges...)
	}
	return one(g, "0.0", "1.0", "-1.0", "2.5", "0.5", "-0.25", "3.0", "100.0", "1e3", "2.675", "0.2")
}

func (g *generator) stringLiteral() string {
	return one(g, `""`, `"a"`, `"b"`, `"Grüße"`, `"😀é"`, `"a b"`, `"12"`, `"-7"`, `"2.5"`, "`raw \\t`", `"\t\"\\\n"`, `"\u00e9"`,
		`"\${x}"`, `" x "`, `"a,b"`, `"2024-05-01 12:30"`)
}
