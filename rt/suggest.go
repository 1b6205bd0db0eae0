package rt

import (
	"fmt"
	"strings"
)

// unknown says that there is no flag, command or parameter of that name, and
// names the one that is likely meant.
func unknown(what, name string, known []string) error {
	text := fmt.Sprintf("unknown %s %q", what, name)
	if near := Nearest(name, known); near != "" {
		text += fmt.Sprintf(": did you mean %q?", near)
	} else if len(known) > 0 {
		text += ": there are " + strings.Join(known, ", ")
	} else if what == "parameter" {
		text += ": the program has none"
	}
	return &UsageError{text}
}

// Nearest returns the known name with the fewest edits to name, if they are
// few for its length; "" if there is none.
func Nearest(name string, known []string) string {
	best, least := "", max(1, len(name)/3)+1
	for _, k := range known {
		if d := edits(name, k); d < least {
			best, least = k, d
		}
	}
	return best
}

// edits returns the Levenshtein distance of two names.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
