package lang

import (
	"strings"

	"github.com/flow-lang/flowc/lang/diag"
)

// hint completes the message about the next token where a word or sign of
// another language stands, or one that is misspelt.
func (p *parser) hint(d *diag.Diagnostic, want string) {
	w := p.text(p.i)
	if message, help := p.foreign(w); help != "" {
		d.Code, d.Message, d.Help = ForeignOperator, message, help
		return
	}
	if d.Help = p.clauseHint(want); d.Help != "" {
		return
	}
	if d.Help = p.wordHint(want); d.Help != "" {
		return
	}
	switch k := p.kind(); {
	case k == assign && strings.Contains(want, `")"`) && p.afterOperand():
		d.Code, d.Message, d.Help = AssignmentInExpression, assignmentMessage, `type "==" to compare`
	case k == assign && want == "the end of the line" && p.afterOperand():
		d.Help = `"=" gives a value to a name at the beginning of a line; type "==" to compare`
	case k == ident && p.i > 0 && p.toks[p.i-1].kind == number && unitOf(w) != "":
		d.Help = "a duration is one word: " + p.text(p.i-1) + unitOf(w)
	case k == comma && want == quote(")"):
		d.Help = "several values together are a record: { a: …, b: … }"
	case k == colon && strings.HasPrefix(want, `"=" and an expression`):
		d.Help = `the type of the result stands behind "->": func f(x: int) -> int = …`
	case k == dotdot:
		d.Help = "the numbers from a to b, without b, are range(a, b)"
	case (k == stringLit || k == rawString || k == stringHead) && want == "the name of a field":
		d.Help = `a map is written in brackets: ["a": 1]`
	case k == step:
		d.Help = "an argument is a stream's name: stream part = … |> …"
	case k == arrow && p.afterOperand():
		d.Help = `a lambda is written with "=>": x => …`
	case k == bar:
		d.Help = `steps are wired with "|>", and "or" is "||"`
	case k == lbrace:
		d.Help = p.braceHint()
	case k == ident && want == colon.String() && isTypeWord(p.text(p.i-1)):
		d.Help = "the name stands first, then a colon and the type: " + w + ": " + p.text(p.i-1)
	case k == ident && want == colon.String():
		d.Help = "a colon stands between the two: " + p.text(p.i-1) + ": " + w
	case k == ident && want == "the end of the line" && isDeclWord(w):
		d.Help = quote(w) + " begins a declaration: put it on a line of its own, outside of others"
	case k == ident && strings.HasSuffix(want, "in quotes"):
		d.Help = `put it in quotes: "` + w + `"`
	case k == ident && want == "the end of the line" && isMemberWord(w):
		d.Help = "put it on a line of its own, or a \";\" before it"
	case k == ident:
		d.Help = diag.DidYouMean(w, quotedWords(want))
	}
	if p.i == p.begin && d.Help == "" {
		d.Help = lineHint(w)
	}
}

// wordHint says what stands in Flow for a statement or a sign that other languages
// have, the first word of which was read as a value.
func (p *parser) wordHint(want string) string {
	if p.i == 0 {
		return ""
	}
	k, before := p.kind(), p.text(p.i-1)
	switch {
	case k == lparen && before == "for" && want == "a name":
		return "write for i in range(0, n) { … }, or while"
	case want != "the end of the line":
		return ""
	case k == comma && p.i+1 < len(p.toks) && isMemberWord(p.text(p.i+1)):
		return "put " + p.text(p.i+1) + " on a line of its own, or a \";\" for the comma"
	case p.text(p.i) == "as" && p.afterOperand():
		return "a value is converted by a function: float(…), int(…), string(…)"
	case p.i != p.begin+1:
		return ""
	}
	switch before {
	case "switch", "case":
		return "write match x { 1 => { … }, _ => { … } }"
	case "throw", "raise":
		return "write fail \"…\""
	case "const", "val", "auto":
		return "write let"
	case "try":
		return "a mistake of a record goes by the step's policy: on error skip, or on error to NAME"
	case "yield":
		return "write emit"
	}
	return ""
}

const assignmentMessage = `"=" assigns a value and does not stand in an expression`

// unitOf returns the letters of the unit of time that w means, "" if it means none.
func unitOf(w string) string {
	for _, u := range units {
		if w == u.name {
			return w
		}
	}
	switch strings.TrimSuffix(w, "s") {
	case "microsecond", "micro":
		return "us"
	case "millisecond", "milli":
		return "ms"
	case "second", "sec":
		return "s"
	case "minute", "min":
		return "m"
	case "hour", "hr":
		return "h"
	case "day":
		return "d"
	}
	return ""
}

// isTypeWord reports whether w is the name of a scalar.
func isTypeWord(w string) bool {
	switch w {
	case "bool", "int", "int32", "float", "float32", "string", "bytes", "timestamp", "duration", "date", "uuid", "json":
		return true
	}
	return false
}

// isMemberWord reports whether a member of an operator, or a statement, begins
// with w.
func isMemberWord(w string) bool {
	switch w {
	case "in", "out", "state", "timer", "on", "func", "emit", "let", "var", "if", "for", "while", "match", "send", "clear", "drop", "fail", "return", "event", "watermark":
		return true
	}
	return false
}

// foreign returns the message and help for an operator of another language that
// stands at the next token or just before it.
func (p *parser) foreign(w string) (message, help string) {
	before := ""
	if p.i > 0 {
		before = p.text(p.i - 1)
	}
	after := p.afterOperand()
	switch {
	case w == "and" && after:
		return there("and"), `type "&&"`
	case w == "or" && after:
		return there("or"), `type "||"`
	case w == "is" && after:
		return there("is"), `type "=="`
	case before == "not" && p.kind() != assign:
		return there("not"), `type "!"`
	case w == "=" && (before == "==" || before == "!=") && !p.toks[p.i].space:
		return there(before + "="), `type "` + before + `"`
	case (w == "+" || w == "-") && before == w && !p.toks[p.i].space:
		return there(w + w), `type "` + w + `= 1"`
	case w == "*" && before == "*" && !p.toks[p.i].space:
		return there("**"), `type "pow(a, b)"`
	case w == "?" && after:
		return there("?"), `type "if a { b } else { c }"`
	}
	return "", ""
}

func there(op string) string { return "there is no operator " + quote(op) }

// afterOperand reports whether the token before the next one ends an operand.
func (p *parser) afterOperand() bool {
	if p.i == 0 {
		return false
	}
	switch p.toks[p.i-1].kind {
	case ident, number, stringLit, stringTail, rawString, bytesLit, timestampLit, rparen, rbrack:
		return true
	}
	return false
}

// quotedWords returns the words that stand in quotes in s.
func quotedWords(s string) []string {
	var words []string
	for i, part := range strings.Split(s, `"`) {
		if i%2 == 1 && part != "" && isLetter(part[0]) {
			words = append(words, part)
		}
	}
	return words
}

// braceHint says what to do about a "{" after an empty block: the braces were
// meant as a record.
func (p *parser) braceHint() string {
	if p.i >= 3 && p.toks[p.i-1].kind == rbrace && p.toks[p.i-2].kind == lbrace && p.toks[p.i-3].kind == ident {
		return "put the record " + p.text(p.i-3) + " {} in parentheses"
	}
	return ""
}

// lineHint says what to do about a line that begins with word, where the line
// before should have gone on.
func lineHint(word string) string {
	switch word {
	case "|", "&&", "||", "+", "-", "*", "/", "%", "==", "!=", "<", ">", "<=", ">=", "in", "with", "=", "=>", "->":
		return quote(word) + " must stand at the end of the line before"
	}
	return ""
}
