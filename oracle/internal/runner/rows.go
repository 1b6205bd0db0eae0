package runner

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ByKey groups rows by their field k, which is the first: the order within a key
// is part of the language, that between keys is not. Rows without the field
// stand under "" and are sorted.
func ByKey(rows []string) map[string][]string {
	out := map[string][]string{}
	for _, row := range rows {
		key := keyOf(row)
		if key == "" {
			row = masked(row)
		}
		out[key] = append(out[key], row)
	}
	slices.Sort(out[""])
	return out
}

// keyOf is the text of a row's field k, "" if it has none.
func keyOf(row string) string {
	rest, ok := strings.CutPrefix(row, `{"k":`)
	if !ok {
		return ""
	}
	depth, quoted := 0, false
	for i := 0; i < len(rest); i++ {
		switch c := rest[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case depth == 0 && (c == ',' || c == '}'):
			return rest[:i]
		case c == '}' || c == ']':
			depth--
		}
	}
	return ""
}

// masked hides what the language leaves open in a failed record: the words of
// the reason, unless the program itself has given them.
func masked(row string) string {
	if !strings.HasPrefix(row, `{"record":`) {
		return row
	}
	var f struct {
		Record   json.RawMessage `json:"record"`
		Reason   string          `json:"reason"`
		Position string          `json:"position"`
	}
	if json.Unmarshal([]byte(row), &f) != nil || f.Position == "" {
		return row
	}
	if !strings.HasPrefix(f.Reason, "fail:") {
		f.Reason = "…"
	}
	return fmt.Sprintf("%s at %s: %s", f.Record, f.Position, f.Reason)
}

// same reports whether two runs that came to their end gave the same.
func same(a, b Result) bool {
	if a.Trouble+b.Trouble != "" || a.Failure != nil || b.Failure != nil {
		return false
	}
	return maps.EqualFunc(a.Sinks, b.Sinks, func(x, y []string) bool {
		return slices.Equal(x, y) || maps.EqualFunc(ByKey(x), ByKey(y), slices.Equal[[]string])
	})
}
