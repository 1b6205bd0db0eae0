package oracle

import (
	"encoding/json"
	"math/big"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/flow-lang/flowc/typecheck/types"
)

func (c builtinCall) listMethod(name string) any {
	vs := c.args[0].([]any)
	switch name {
	case "len":
		return int64(len(vs))
	case "first", "last":
		if len(vs) == 0 {
			return none
		}
		return some(vs[map[string]int{"first": 0, "last": len(vs) - 1}[name]])
	case "map", "filter", "any", "all", "sort_by", "fold":
		return c.lambdaMethod(name, vs)
	case "sum":
		return c.sum(vs)
	case "min", "max":
		if len(vs) == 0 {
			return none
		}
		return some(extreme(name, vs, elemOf(c.x.Args[0].Type())))
	case "contains":
		return has(c.args[1], vs, c.x.Args[0].Type())
	case "append":
		return append(append([]any{}, vs...), c.args[1])
	case "slice":
		a, b := c.bounds(len(vs))
		return append([]any{}, vs[a:b]...)
	case "join":
		texts := make([]string, len(vs))
		for i, v := range vs {
			texts[i] = v.(string)
		}
		return strings.Join(texts, c.args[1].(string))
	default:
		panic("oracle: no list method " + name)
	}
}

// lambdaMethod is a method with a lambda.
func (c builtinCall) lambdaMethod(name string, vs []any) any {
	if name == "fold" {
		total := c.args[1]
		for _, v := range vs {
			total = c.apply(c.x.Lambdas[2], total, v)
		}
		return total
	}
	out, kept, holding := make([]any, len(vs)), []any{}, 0
	for i, v := range vs {
		out[i] = c.apply(c.x.Lambdas[1], v)
		holds, _ := out[i].(bool)
		if holds {
			kept = append(kept, v)
			holding++
		}
		if name == "any" && holds || name == "all" && !holds {
			break // what comes after may fail
		}
	}
	switch name {
	case "map":
		return out
	case "filter":
		return kept
	case "any":
		return holding > 0
	case "all":
		return holding == len(vs)
	default:
		return sorted(vs, out, c.x.Lambdas[1].Body.Type())
	}
}

// sorted orders vs by what is given for each of them.
func sorted(vs, by []any, t types.Type) []any {
	order := make([]int, len(vs))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(i, j int) bool { return compare(by[order[i]], by[order[j]], t) < 0 })
	out := make([]any, len(vs))
	for i, j := range order {
		out[i] = vs[j]
	}
	return out
}

// sum adds up from the left, each step in the type of the elements.
func (c builtinCall) sum(vs []any) any {
	switch t := c.x.T.(type) {
	case *types.Decimal:
		total := decimal{new(big.Int), t.Scale}
		for _, v := range vs {
			total = scaled(new(big.Rat).Add(total.rat(), v.(decimal).rat()), t, c.x.Pos())
		}
		return total
	}
	if types.Is(c.x.T, types.Float) || types.Is(c.x.T, types.Float32) {
		total := any(0.0)
		for _, v := range vs {
			total = narrow(total.(float64)+v.(float64), c.x.T)
		}
		return total
	}
	total := int64(0)
	for _, v := range vs {
		total = whole(new(big.Int).Add(big.NewInt(total), big.NewInt(v.(int64))), c.x.T, c.x.Pos())
	}
	return total
}

func (c builtinCall) setMethod(name string) any {
	s := c.args[0].(set)
	if name == "len" {
		return int64(len(s))
	}
	return append([]any{}, s...)
}

func (c builtinCall) mapMethod(name string) any {
	d := c.args[0].(dict)
	out := make([]any, len(d))
	for i, e := range d {
		out[i] = e.value
		if name == "keys" {
			out[i] = e.key
		}
	}
	if name == "len" {
		return int64(len(out))
	}
	return out
}

func day(days int64) time.Time { return time.Unix(days*86400, 0).UTC() }

// part is a part of a time as its zone shows it.
func part(t time.Time, name string) any {
	switch name {
	case "year":
		return int64(t.Year())
	case "month":
		return int64(t.Month())
	case "day":
		return int64(t.Day())
	case "hour":
		return int64(t.Hour())
	case "minute":
		return int64(t.Minute())
	case "second":
		return int64(t.Second())
	case "weekday":
		return int64((t.Weekday()+6)%7) + 1
	case "date":
		midnight := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
		return midnight.Unix() / 86400
	default:
		panic("oracle: a time has no " + name)
	}
}

func (c builtinCall) timestampMethod(name string) any {
	us := c.args[0].(int64)
	t := time.UnixMicro(us).UTC()
	if field, ok := strings.CutPrefix(name, "in_zone."); ok {
		zone, err := time.LoadLocation(c.args[1].(string))
		if err != nil {
			fail(c.x.Pos(), err.Error())
		}
		if y := t.In(zone).Year(); y < 1 || y > 9999 {
			fail(c.x.Pos(), "outside the years 1 to 9999")
		}
		return part(t.In(zone), field)
	}
	switch name {
	case "truncate":
		return c.truncate(us, c.args[1].(int64))
	case "unix_ms":
		return floorDiv(us, 1000).Int64()
	default:
		return part(t, name)
	}
}

// floorDiv is the greatest whole number not above a/b, for positive b.
func floorDiv(a, b int64) *big.Int { return new(big.Int).Div(big.NewInt(a), big.NewInt(b)) }

func (c builtinCall) truncate(us, d int64) any {
	if d <= 0 {
		fail(c.x.Pos(), "truncate to a length that is not positive")
	}
	return whole(new(big.Int).Mul(floorDiv(us, d), big.NewInt(d)), c.x.T, c.x.Pos())
}

// decoded reads JSON text as Go has it.
func decoded(text string) any {
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		panic("oracle: " + err.Error())
	}
	return v
}

// jsonAt looks into a JSON value by a path.
func jsonAt(text, path string) any {
	for _, step := range jsonStep.FindAllStringSubmatch(path, -1) {
		var inner any
		if step[2] != "" {
			inner = jsonElement(text, step[2])
		} else {
			inner = jsonField(text, step[1])
		}
		o := inner.(option)
		if !o.ok {
			return none
		}
		text = string(o.v.(jsonText))
	}
	return some(jsonText(text))
}

func jsonField(text, name string) any {
	var fields map[string]json.RawMessage
	if json.Unmarshal([]byte(text), &fields) != nil {
		return none
	}
	inner, ok := fields[name]
	return option{ok, jsonText(inner)}.tidy()
}

func jsonElement(text, index string) any {
	list, ok := jsonList(text).(option).v.([]any)
	i, err := strconv.Atoi(index)
	if !ok || err != nil || i >= len(list) {
		return none
	}
	return some(list[i])
}

func jsonList(text string) any {
	var elems []json.RawMessage
	if text == "null" || json.Unmarshal([]byte(text), &elems) != nil {
		return none
	}
	out := make([]any, len(elems))
	for i, e := range elems {
		out[i] = jsonText(e)
	}
	return some(out)
}
