package lang

import "github.com/flow-lang/flowc/lang/diag"

// FormatWidth is Format for lines of another width: narrow lines break where
// wide ones seldom do.
var FormatWidth = formatWidth

// Tokens returns the offsets at which the tokens of a text begin and end.
func Tokens(text string) [][2]int {
	var out [][2]int
	var report diag.List
	for _, t := range lex("", text, &report).toks {
		if t.kind != eof {
			out = append(out, [2]int{int(t.start), int(t.end)})
		}
	}
	return out
}
