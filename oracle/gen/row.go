package gen

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/flow-lang/flowc/typecheck/types"
)

// row writes a line of input: mostly a record, now and then something else.
func (g *generator) row(i int) string {
	g.line = i
	if i == 0 {
		g.clock = time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC).UnixMicro()
	}
	if g.csv {
		return g.csvRow(i)
	}
	if g.broken() {
		return g.malformed()
	}
	return g.record(g.event, true)
}

// broken says whether a row is malformed. Where that stops the job it comes late,
// as nothing is seen of what comes after.
func (g *generator) broken() bool {
	if g.strict {
		return g.late() && g.chance(1, 50)
	}
	return g.chance(1, 25)
}

// late reports whether the row is one of the last.
func (g *generator) late() bool { return g.line > g.rows*9/10 }

func (g *generator) malformed() string {
	whole := g.record(g.event, true)
	return one(g, "not json", "{", whole+"x", whole[:len(whole)/2], "[]", "null", `{"k":{"k":[]}}`, "5", strings.Replace(whole, `"k":`, `"k":[],"k":`, 1))
}

// record writes a record as JSON; the event's own fields come from few keys
// and a clock that goes forwards, mostly.
func (g *generator) record(r *types.Record, event bool) string {
	var out []string
	for i, f := range r.Fields {
		name := f.Name
		if f.Wire != "" {
			name = f.Wire
		}
		switch {
		case event && f.Name == "at":
			out = append(out, quoted(name)+":"+quoted(g.eventTime()))
		case event && i == 0:
			out = append(out, quoted(name)+":"+g.value(f.Type, true))
		case (isOption(f.Type) || f.Default != nil) && g.chance(1, 6):
			// a missing field
		default:
			out = append(out, quoted(name)+":"+g.value(f.Type, false))
		}
	}
	if event && g.chance(1, 20) {
		out = append(out, `"unknown":{"x":[1,null,"y"]}`)
	}
	if event && g.chance(1, 10) {
		g.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	}
	return "{" + strings.Join(out, ",") + "}"
}

func (g *generator) eventTime() string {
	const second = 1_000_000
	t := g.clock
	switch g.IntN(12) {
	case 0:
		t -= int64(g.IntN(7200)) * second
	case 1:
		g.clock += 3600 * second
		t = g.clock
	case 2: // the same time again
	case 3:
		g.clock += int64(g.IntN(second))
		t = g.clock
	default:
		g.clock += int64(g.IntN(120)) * second
		t = g.clock
	}
	if g.chance(1, 300) {
		return one(g, "0001-01-01T00:00:00Z", "1969-12-31T23:59:59.999999Z")
	}
	if g.late() && g.chance(1, 300) { // all that comes after is late
		return "9999-12-31T23:59:59.999999Z"
	}
	return time.UnixMicro(t).UTC().Format("2006-01-02T15:04:05.999999Z07:00")
}

// quoted writes a JSON string.
func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// value writes a value as JSON; few asks for one of a handful.
func (g *generator) value(t types.Type, few bool) string {
	switch t := t.(type) {
	case *types.Option:
		if g.chance(1, 3) {
			return "null"
		}
		return g.value(t.Elem, few)
	case *types.List:
		return "[" + g.several(func() string { return g.value(t.Elem, false) }) + "]"
	case *types.Set:
		return "[" + g.several(func() string { return g.value(t.Elem, true) }) + "]"
	case *types.Map:
		return g.mapValue(t)
	case *types.Enum:
		return quoted(one(g, t.Symbols...).Name)
	case *types.Record:
		return g.record(t, false)
	case *types.Decimal:
		return g.decimalValue(t, few)
	case *types.Union:
		return g.unionValue(t)
	}
	return g.scalarValue(t.(*types.Basic).Kind, few)
}

func (g *generator) several(elem func() string) string {
	out := make([]string, g.IntN(4))
	for i := range out {
		out[i] = elem()
	}
	return strings.Join(out, ",")
}

func (g *generator) mapValue(t *types.Map) string {
	seen := map[string]bool{}
	var out []string
	text := types.Is(t.Key, types.String)
	for range g.IntN(4) {
		k := g.value(t.Key, true)
		if seen[k] {
			continue
		}
		seen[k] = true
		if text {
			out = append(out, k+":"+g.value(t.Value, false))
		} else {
			out = append(out, "["+k+","+g.value(t.Value, false)+"]")
		}
	}
	if text {
		return "{" + strings.Join(out, ",") + "}"
	}
	return "[" + strings.Join(out, ",") + "]"
}

func (g *generator) scalarValue(k types.Kind, few bool) string {
	n := g.IntN(3)
	if !few && g.chance(1, 4) {
		n = g.IntN(1000)
	}
	switch k {
	case types.Bool:
		return one(g, "true", "false")
	case types.Int:
		if !few && g.chance(1, 12) {
			return one(g, "9223372036854775807", "-9223372036854775808", "4294967296", "-0")
		}
		return strconv.Itoa(n * one(g, 1, 1, -1))
	case types.Int32:
		if !few && g.chance(1, 12) {
			return one(g, "2147483647", "-2147483648")
		}
		return strconv.Itoa(n * one(g, 1, 1, -1))
	case types.Float, types.Float32:
		return one(g, "0", "1", "2.5", "-0.5", "1e3", "0.1", "-0.0", "123.456", "1e-7", "3e20", strconv.Itoa(n))
	case types.String:
		if few {
			return one(g, `"a"`, `"b"`, `"ü"`)
		}
		return one(g, `"a"`, `"b"`, `""`, `"Grüße"`, `"\ud83d\ude00é"`, `"a\tb\"c\\"`, `"12"`, `"2.5"`, `"x y"`, `"2024-05-01 12:30"`, `"\u0041"`)
	case types.Bytes:
		return one(g, `""`, `"AP8="`, `"YWJj"`)
	case types.Timestamp:
		return one(g, `"2024-05-01T12:00:00Z"`, `"1969-12-31T23:59:59.999999Z"`, `"2024-05-01T14:00:00.5+02:00"`, fmt.Sprintf(`"2024-05-01T12:00:%02dZ"`, n%60))
	case types.Duration:
		return one(g, `"0s"`, `"5s"`, `"1h30m"`, `"-2m"`, `"1d1us"`, fmt.Sprintf(`"%dms"`, n+1))
	case types.Date:
		return one(g, `"2024-02-29"`, `"1969-12-31"`, fmt.Sprintf(`"2024-05-%02d"`, n%28+1))
	case types.UUID:
		return fmt.Sprintf(`"123e4567-e89b-12d3-a456-%012d"`, n)
	default:
		return one(g, "1", `"x"`, "null", `{"a":1,"b":[{"n":2}],"name":"y"}`, "[]", "[1,[2]]", "2.5", "true", `{"name":null}`)
	}
}
