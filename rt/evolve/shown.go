package evolve

import (
	"strconv"
	"strings"
)

// shown writes the text of an expression as people read it: "…" stands for what the
// text has a number for, as it is too long, and a function that is called has its name
// alone.
func shown(text string) string {
	var out strings.Builder
	for text != "" {
		size := 1
		switch {
		case isNumber(text):
			size = numberLength
			if !strings.HasSuffix(out.String(), ")") {
				out.WriteString("…")
			}
		case text[0] == '"':
			if quoted, err := strconv.QuotedPrefix(text); err == nil && !strings.Contains(quoted, "${") {
				size = len(quoted)
			}
			out.WriteString(text[:size])
		default:
			out.WriteByte(text[0])
		}
		text = text[size:]
	}
	return out.String()
}

// becomes says what an expression was and is now, which as they are shown may look the
// same.
func becomes(from, to string) string {
	if from == to {
		return "is " + to + " as before, which is computed in another way now"
	}
	return "was " + from + " and is now " + to
}

// numberLength is how long "#0a1b2c3d" is.
const numberLength = 9

// isNumber reports whether a text begins with the number of what it does not say.
func isNumber(text string) bool {
	return len(text) >= numberLength && text[0] == '#' && strings.Trim(text[1:numberLength], "0123456789abcdef") == ""
}
