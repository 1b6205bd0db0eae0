package plan

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// ConstText writes a constant scalar as the value of a parameter is given on
// the command line: a string as it is, all else as in Flow without quotes.
func ConstText(e ir.Expr) string {
	switch e := e.(type) {
	case *ir.BoolConst:
		return strconv.FormatBool(e.Value)
	case *ir.IntConst:
		return wholeText(e)
	case *ir.FloatConst:
		return strconv.FormatFloat(e.Value, 'g', -1, 64)
	case *ir.StringConst:
		return e.Value
	case *ir.BytesConst:
		return uuidText(e.Value)
	case *ir.DecimalConst:
		return strings.TrimSuffix(FlowText(e), "d")
	case *ir.EnumConst:
		return e.T.(*types.Enum).Symbols[e.Symbol].Name
	case *ir.Convert:
		return ConstText(e.X)
	default:
		panic(fmt.Sprintf("plan: no constant %T", e))
	}
}

// wholeText writes an int, timestamp, duration or date.
func wholeText(e *ir.IntConst) string {
	b, _ := e.T.(*types.Basic)
	switch {
	case b == nil:
	case b.Kind == types.Timestamp:
		return time.UnixMicro(e.Value).UTC().Format(time.RFC3339Nano)
	case b.Kind == types.Date:
		return time.Unix(e.Value*86400, 0).UTC().Format(time.DateOnly)
	case b.Kind == types.Duration:
		return durationText(e.Value)
	}
	return strconv.FormatInt(e.Value, 10)
}

// durationText writes a duration as a literal of Flow.
func durationText(micros int64) string {
	if micros == 0 {
		return "0s"
	}
	var b strings.Builder
	rest := uint64(micros)
	if micros < 0 {
		b.WriteByte('-')
		rest = -rest
	}
	for _, u := range []struct {
		length uint64
		name   string
	}{{86400e6, "d"}, {3600e6, "h"}, {60e6, "m"}, {1e6, "s"}, {1e3, "ms"}, {1, "us"}} {
		if n := rest / u.length; n > 0 {
			fmt.Fprintf(&b, "%d%s", n, u.name)
			rest -= n * u.length
		}
	}
	return b.String()
}

// uuidText writes a uuid in groups of 8-4-4-4-12 digits.
func uuidText(u []byte) string {
	if len(u) != 16 {
		return string(u)
	}
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}

// FlowText writes a constant as a literal of Flow.
func FlowText(e ir.Expr) string {
	switch e := e.(type) {
	case *ir.StringConst:
		return strconv.Quote(e.Value)
	case *ir.FloatConst:
		return floatText(e.Value)
	case *ir.IntConst:
		return literalText(e)
	case *ir.BytesConst:
		if types.Is(e.T, types.UUID) {
			return "uuid(" + strconv.Quote(uuidText(e.Value)) + ")"
		}
		return "b" + strconv.Quote(string(e.Value))
	case *ir.DecimalConst:
		return e.Value + "d"
	case *ir.EnumConst:
		t := e.T.(*types.Enum)
		return t.Name + "." + t.Symbols[e.Symbol].Name
	case *ir.NoneConst:
		return "none"
	case *ir.Convert:
		return FlowText(e.X)
	case *ir.ListLit:
		return "[" + flowTexts(e.Elems) + "]"
	case *ir.SetLit:
		return "set([" + flowTexts(e.Elems) + "])"
	case *ir.RecordLit:
		return recordText(e)
	case *ir.MapLit:
		return mapText(e)
	default:
		return ConstText(e)
	}
}

func flowTexts(list []ir.Expr) string {
	texts := make([]string, len(list))
	for i, e := range list {
		texts[i] = FlowText(e)
	}
	return strings.Join(texts, ", ")
}

func mapText(e *ir.MapLit) string {
	if len(e.Keys) == 0 {
		return "[:]"
	}
	texts := make([]string, len(e.Keys))
	for i := range e.Keys {
		texts[i] = FlowText(e.Keys[i]) + ": " + FlowText(e.Values[i])
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

func recordText(e *ir.RecordLit) string {
	r := e.T.(*types.Record)
	texts := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		texts[i] = r.Fields[i].Name + ": " + FlowText(f)
	}
	return "{ " + strings.Join(texts, ", ") + " }"
}

// literalText writes an int, timestamp, duration or date as a literal.
func literalText(e *ir.IntConst) string {
	switch {
	case types.Is(e.T, types.Timestamp):
		return "t" + strconv.Quote(wholeText(e))
	case types.Is(e.T, types.Date):
		return "date(" + strconv.Quote(wholeText(e)) + ")"
	default:
		return wholeText(e)
	}
}

// floatText writes a float with a point or an exponent.
func floatText(x float64) string {
	s := strconv.FormatFloat(x, 'g', -1, 64)
	if math.IsInf(x, 0) || math.IsNaN(x) || strings.ContainsAny(s, ".e") {
		return s
	}
	return s + ".0"
}
