package lang

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/lang/source"
)

// checkText refuses what no program text may hold. It reports whether the text
// can be read in spite of that.
func checkText(name, text string, report *diag.List) bool {
	line, begin := 1, 0
	fail := func(code diag.Code, at, n int, message, help string) {
		start := source.Pos{Filename: name, Offset: at, Line: line, Column: at - begin + 1}
		end := start
		end.Offset += n
		end.Column += n
		report.Add(diag.Diagnostic{Code: code, Span: source.Span{Start: start, End: end}, Message: message, Help: help})
	}
	found := 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '\n':
			line, begin = line+1, i+1
		case c == 0:
			fail(ControlCharacter, i, 1, "the file holds a NUL byte", "is it a program, and saved as UTF-8?")
			return false
		case c < ' ' && c != '\t' && c != '\r' || c == 0x7f:
			if found++; found <= maxErrors {
				fail(ControlCharacter, i, 1, fmt.Sprintf("the text holds the control character U+%04X", c), "write it as an escape in a string")
			}
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRuneInString(text[i:])
			if r == utf8.RuneError && n == 1 {
				fail(NotUTF8, i, 1, fmt.Sprintf("the byte 0x%02x is no part of UTF-8 text", c), "save the file as UTF-8")
				return false
			}
			if strings.ContainsRune(bidi, r) {
				if found++; found <= maxErrors {
					fail(BidiCharacter, i, n, fmt.Sprintf("the text holds the character U+%04X, which changes the direction of writing", r),
						fmt.Sprintf(`write \u%04x in a string, so that the program reads as it runs`, r))
				}
			}
			i += n - 1
		}
	}
	return true
}

// bidi are the characters that make text look other than it is. Source:
// Boucher and Anderson, "Trojan Source: Invisible Vulnerabilities", 2021.
const bidi = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
