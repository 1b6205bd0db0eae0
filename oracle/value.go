package oracle

import (
	"bytes"
	"cmp"
	"fmt"
	"sort"
	"strings"

	"github.com/flow-lang/flowc/typecheck/types"
)

// The values: bool; int64 for every whole number, timestamp, duration and date;
// float64 (a float32 is one that fits); decimal; string; []byte for bytes and
// uuid; jsonText; option; []any for a record (its fields) and for a list; set and
// dict; symbol for an enum; member for a union.
type (
	option struct {
		ok bool
		v  any
	}
	jsonText string
	set      []any   // in order
	dict     []entry // in order of the keys
	entry    struct{ key, value any }
	symbol   int // index in the enum's declaration
	member   struct {
		index int
		rec   any
	}
)

var none = option{}

func some(v any) option { return option{true, v} }

// compare orders two values of an ordered type t: less than 0, 0, or more.
func compare(a, b any, t types.Type) int {
	switch t := t.(type) {
	case nil:
		return 0
	case *types.Enum:
		return cmp.Compare(t.Symbols[a.(symbol)].Number, t.Symbols[b.(symbol)].Number)
	case *types.Record:
		for i, f := range t.Fields {
			if c := compare(a.([]any)[i], b.([]any)[i], f.Type); c != 0 {
				return c
			}
		}
		return 0
	}
	switch a := a.(type) {
	case bool:
		return compareBools(a, b.(bool))
	case int64:
		return cmp.Compare(a, b.(int64))
	case float64:
		return cmp.Compare(a, b.(float64))
	case decimal:
		return a.rat().Cmp(b.(decimal).rat())
	case string:
		return strings.Compare(a, b.(string))
	case []byte:
		return bytes.Compare(a, b.([]byte))
	default:
		panic(fmt.Sprintf("oracle: %s has no order", t))
	}
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}

// equal reports whether two values of type t are equal; floats as IEEE says.
func equal(a, b any, t types.Type) bool {
	switch t := t.(type) {
	case *types.Option:
		x, y := a.(option), b.(option)
		return x.ok == y.ok && (!x.ok || equal(x.v, y.v, t.Elem))
	case *types.Record:
		for i, f := range t.Fields {
			if !equal(a.([]any)[i], b.([]any)[i], f.Type) {
				return false
			}
		}
		return true
	case *types.List:
		return equalLists(a.([]any), b.([]any), t.Elem)
	case *types.Set:
		return equalLists(a.(set), b.(set), t.Elem)
	case *types.Map:
		return equalDicts(a.(dict), b.(dict), t)
	case *types.Union:
		x, y := a.(member), b.(member)
		return x.index == y.index && equal(x.rec, y.rec, t.Members[x.index])
	}
	switch x := a.(type) {
	case []byte:
		return bytes.Equal(x, b.([]byte))
	case decimal:
		return x.rat().Cmp(b.(decimal).rat()) == 0
	}
	return a == b
}

func equalLists(a, b []any, elem types.Type) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !equal(a[i], b[i], elem) {
			return false
		}
	}
	return true
}

func equalDicts(a, b dict, t *types.Map) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !equal(a[i].key, b[i].key, t.Key) || !equal(a[i].value, b[i].value, t.Value) {
			return false
		}
	}
	return true
}

// makeSet puts elements in order and drops repeats.
func makeSet(elems []any, elem types.Type) set {
	out := set{}
	for _, e := range elems {
		i := sort.Search(len(out), func(i int) bool { return compare(out[i], e, elem) >= 0 })
		if i < len(out) && compare(out[i], e, elem) == 0 {
			continue
		}
		out = append(out[:i], append(set{e}, out[i:]...)...)
	}
	return out
}

// put returns d with k bound to v.
func (d dict) put(k, v any, t types.Type) dict {
	i := sort.Search(len(d), func(i int) bool { return compare(d[i].key, k, t) >= 0 })
	out := append(dict{}, d[:i]...)
	out = append(out, entry{k, v})
	if i < len(d) && compare(d[i].key, k, t) == 0 {
		i++
	}
	return append(out, d[i:]...)
}

// get returns what k is bound to.
func (d dict) get(k any, t types.Type) option {
	for _, e := range d {
		if compare(e.key, k, t) == 0 {
			return some(e.value)
		}
	}
	return none
}

// elements are the pairs that a loop sees: of a list and a set the values.
func elements(v any) []entry {
	var out []entry
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			out = append(out, entry{nil, e})
		}
	case set:
		for _, e := range v {
			out = append(out, entry{nil, e})
		}
	case dict:
		return v
	}
	return out
}

// keyText is a text that equal keys share and different keys do not.
func keyText(v any, t types.Type) string {
	if t == nil {
		return ""
	}
	return toJSON(v, t)
}

// parseKey reads what keyText wrote.
func parseKey(text string, t types.Type) any {
	v, reason := parseValue(text, t)
	if reason != "" {
		panic("oracle: " + reason)
	}
	return v
}

// failedIsJSON reports whether the record field of a stream of failures is json.
func failedIsJSON(elem types.Type) bool {
	r := elem.(*types.Record)
	return types.Is(r.Fields[0].Type, types.JSON)
}
