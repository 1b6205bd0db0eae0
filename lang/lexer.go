package lang

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/lang/source"
)

// lexer cuts program text into tokens. It knows nothing of the grammar but one
// thing: where a ${ in a string began, the string goes on after its }.
type lexer struct {
	name   string
	text   string
	report *diag.List

	at       int
	lines    []int32 // offsets at which the lines begin
	toks     []token
	comments []Comment
	first    bool // no token yet on this line
	space    bool
	interps  []interp
	badLine  int32 // the last line that had a bad character
	errors   int
	full     bool // there are more tokens than there may be
}

// interp is a ${ that has not been closed.
type interp struct {
	start  int32 // where the ${ stands
	braces int   // braces opened since
}

// lex returns all tokens of text, the last of kind eof, or one more than there may
// be. Nothing of the text is lost but white space and comments, which go to
// l.comments.
func lex(name, text string, report *diag.List) *lexer {
	l := &lexer{name: name, text: text, report: report, first: true}
	l.lines = make([]int32, 1, strings.Count(text, "\n")+1)
	l.toks = make([]token, 0, min(len(text)/4, maxTokens)+1)
	l.comments = make([]Comment, 0, strings.Count(text, "//"))
	if strings.HasPrefix(text, "\ufeff") {
		l.at = len("\ufeff")
	}
	for len(l.toks) <= maxTokens && l.next() {
	}
	l.full = len(l.toks) > maxTokens
	l.add(eof, l.at)
	return l
}

// next reads one token, comment or piece of white space; false at the end.
func (l *lexer) next() bool {
	if l.at >= len(l.text) {
		return false
	}
	c := l.text[l.at]
	switch {
	case c == '\n':
		l.at++
		l.newLine()
		l.first, l.space = true, true
	case c == ' ' || c == '\t' || c == '\r':
		l.at++
		l.space = true
	case isLetter(c):
		l.word()
	case isDigit(c):
		l.number()
	case c == '"':
		l.string(l.at, l.at+1, stringLit, stringHead)
	case c == '`':
		l.raw()
	case c == '/' && l.peek(1) == '/':
		l.comment()
	case c == '/' && l.peek(1) == '*':
		l.blockComment()
	default:
		l.punctuation()
	}
	return true
}

// peek returns the byte n after the current one, or 0.
func (l *lexer) peek(n int) byte {
	if l.at+n < len(l.text) {
		return l.text[l.at+n]
	}
	return 0
}

// add appends a token that reaches from start to l.at.
func (l *lexer) add(k kind, start int) {
	l.toks = append(l.toks, token{
		kind: k, first: l.first, space: l.space, start: int32(start), end: int32(l.at),
		nl:   l.first && k != step && k != dot && k != dotdot && k != questionDot && k != coalesce,
		line: int32(len(l.lines)),
	})
	l.first, l.space = false, false
}

// newLine records that a line begins at l.at.
func (l *lexer) newLine() { l.lines = append(l.lines, int32(l.at)) }

// word reads a name, or b"…" or t"…".
func (l *lexer) word() {
	start := l.at
	for l.at < len(l.text) && (isLetter(l.text[l.at]) || isDigit(l.text[l.at])) {
		l.at++
	}
	if l.at < len(l.text) && l.text[l.at] >= utf8.RuneSelf {
		l.foreignWord(start)
		return
	}
	if l.at == start+1 && l.peek(0) == '"' {
		switch l.text[start] {
		case 'b':
			l.string(start, l.at+1, bytesLit, bytesLit)
			return
		case 't':
			l.string(start, l.at+1, timestampLit, timestampLit)
			return
		}
	}
	if len(l.interps) > 0 && l.first && l.beginsDecl(start) {
		l.interps = l.interps[:0]
	}
	l.add(ident, start)
}

// beginsDecl reports whether the word from start to l.at looks like the first
// of a declaration: then a ${ before it was not closed.
func (l *lexer) beginsDecl(start int) bool {
	if start != int(l.lines[len(l.lines)-1]) || !isDeclWord(l.text[start:l.at]) {
		return false
	}
	rest := strings.TrimLeft(l.text[l.at:], " \t")
	return len(rest) < len(l.text)-l.at && rest != "" && (isLetter(rest[0]) || rest[0] == '"')
}

// foreignWord reads a word that has letters beyond ASCII.
func (l *lexer) foreignWord(start int) {
	for l.at < len(l.text) {
		r, n := utf8.DecodeRuneInString(l.text[l.at:])
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r) && r != '_' {
			break
		}
		l.at += n
	}
	if l.at == start {
		l.stray()
		return
	}
	l.fail(BadCharacter, start, l.at, quote(l.text[start:l.at])+" is no name",
		"names are made of the letters a to z and A to Z, digits and _")
	l.add(bad, start)
}

// number reads everything that can belong to one literal that begins with a
// digit; whether it is one, and of what type, is found out by the parser.
func (l *lexer) number() {
	start := l.at
	hex := l.text[l.at] == '0' && (l.peek(1) == 'x' || l.peek(1) == 'X')
	l.alphanumeric()
	if !hex && l.peek(0) == '.' && isDigit(l.peek(1)) {
		l.at++
		l.alphanumeric()
	}
	last := l.text[l.at-1] | 0x20
	if !hex && last == 'e' && (l.peek(0) == '-' || l.peek(0) == '+') && isDigit(l.peek(1)) {
		l.at++
		l.alphanumeric()
	}
	l.add(number, start)
}

func (l *lexer) alphanumeric() {
	for l.at < len(l.text) && (isLetter(l.text[l.at]) || isDigit(l.text[l.at])) {
		l.at++
	}
}

// string reads the rest of a string from at on. It is of kind whole if it ends
// with a quote, and of kind part if it goes on after a ${; for literals without
// ${} the two are equal.
func (l *lexer) string(start, at int, whole, part kind) {
	for l.at = at; l.at < len(l.text); l.at++ {
		switch c := l.text[l.at]; {
		case c == '"':
			l.at++
			l.add(whole, start)
			return
		case c == '\\' && l.peek(1) != '\n' && l.peek(1) != 0:
			l.at++
		case c == '$' && l.peek(1) == '{' && whole != part:
			l.interps = append(l.interps, interp{start: int32(l.at)})
			l.at += 2
			l.add(part, start)
			return
		case c == '\n':
			l.unended(start)
			return
		}
	}
	l.unended(start)
}

const unclosedInterpolation = `"${" is not closed in its string`

// unended reports a string that its line does not end. If it began inside of a
// ${, the quote was most likely meant to end the string around it.
func (l *lexer) unended(start int) {
	if n := len(l.interps); n > 0 {
		open := int(l.interps[n-1].start)
		l.fail(UnclosedInterpolation, open, open+2, unclosedInterpolation,
			`type "}" after the expression, or "\${" if the text is meant to hold "${"`)
		l.interps = l.interps[:0]
	} else {
		l.fail(UnclosedString, start, start+1, "the string does not end on its line",
			"type \" where it ends; a text of several lines stands in `…`")
	}
	l.add(badString, start)
}

// raw reads `…`, which may have several lines.
func (l *lexer) raw() {
	start, line, known := l.at, int32(len(l.lines)), len(l.lines)
	for l.at++; l.at < len(l.text) && l.text[l.at] != '`'; l.at++ {
		if l.text[l.at] == '\n' {
			l.lines = append(l.lines, int32(l.at+1))
		}
	}
	if l.at >= len(l.text) {
		l.lines = l.lines[:known]
		l.fail(UnclosedString, start, start+1, "the raw string does not end", "type ` where it ends")
		l.at = endOfLine(l.text, start)
		l.add(badString, start)
		return
	}
	l.at++
	l.add(rawString, start)
	l.toks[len(l.toks)-1].line = line
}

// comment reads to the end of the line.
func (l *lexer) comment() {
	start := l.at
	l.at = endOfLine(l.text, start)
	text := strings.TrimRight(l.text[start:l.at], " \t\r")
	at := l.pos(start)
	l.comments = append(l.comments, Comment{Text: text, Offset: int32(at.Offset), Line: int32(at.Line)})
	l.space = true
}

// blockComment refuses /* … */ and skips it.
func (l *lexer) blockComment() {
	l.fail(BlockComment, l.at, l.at+2, `comments of the form "/* … */" do not exist`,
		`begin each line of the comment with "//"`)
	end := strings.Index(l.text[l.at+2:], "*/")
	if end < 0 {
		end = len(l.text)
	} else {
		end += l.at + 4
	}
	for ; l.at < end; l.at++ {
		if l.text[l.at] == '\n' {
			l.lines = append(l.lines, int32(l.at+1))
			l.first = true
		}
	}
	l.space = true
}

// punctuation reads an operator, bracket or separator: the longest that fits.
func (l *lexer) punctuation() {
	start := l.at
	k, n := punct(l.text[l.at], l.peek(1))
	if n == 0 {
		l.foreignWord(start)
		return
	}
	l.at += n
	if top := len(l.interps) - 1; top >= 0 {
		switch {
		case k == lbrace:
			l.interps[top].braces++
		case k == rbrace && l.interps[top].braces > 0:
			l.interps[top].braces--
		case k == rbrace:
			l.interps = l.interps[:top]
			l.string(start, l.at, stringTail, stringMid)
			return
		}
	}
	l.add(k, start)
}

// stray reports characters that begin no token, all of one run at once.
func (l *lexer) stray() {
	start := l.at
	help := ""
	if l.text[l.at] == '#' {
		help = `a comment begins with "//"`
		l.at = endOfLine(l.text, l.at)
	}
	switch l.text[start] {
	case '\'':
		help = `a string stands in double quotes: "…"`
	case '&':
		help = `type "&&"`
	}
	for l.at < len(l.text) && l.text[l.at] != '\n' {
		r, n := utf8.DecodeRuneInString(l.text[l.at:])
		if l.at > start && (r < utf8.RuneSelf && (isLetter(byte(r)) || isDigit(byte(r)) || strings.ContainsRune(" \t\r\"`/", r)) || unicode.IsLetter(r)) {
			break
		}
		if k, _ := punct(byte(min(r, 127)), 0); l.at > start && k != eof {
			break
		}
		l.at += n
	}
	r, _ := utf8.DecodeRuneInString(l.text[start:])
	l.fail(BadCharacter, start, start+utf8.RuneLen(r), quote(string(r))+" has no meaning here", help)
	l.add(bad, start)
}

// fail reports a mistake in the text from start to end; of stray characters
// only the first of a line.
func (l *lexer) fail(code diag.Code, start, end int, message, help string) {
	if line := int32(len(l.lines)); code == BadCharacter {
		if l.badLine == line {
			return
		}
		l.badLine = line
	}
	l.errors++
	addUpTo(l.report, l.errors, diag.Diagnostic{
		Code: code, Message: message, Help: help,
		Span: source.Span{Start: l.pos(start), End: l.pos(end)},
	})
}

// pos returns the place of an offset on the current line or an earlier one.
func (l *lexer) pos(offset int) source.Pos { return position(l.name, l.lines, offset) }

// position finds the line of offset, given the offsets where lines begin.
func position(name string, lines []int32, offset int) source.Pos {
	lo, hi := 0, len(lines)
	for hi-lo > 1 {
		mid := (lo + hi) / 2
		if int(lines[mid]) <= offset {
			lo = mid
		} else {
			hi = mid
		}
	}
	return source.Pos{Filename: name, Offset: offset, Line: lo + 1, Column: offset - int(lines[lo]) + 1}
}

// endOfLine returns the offset of the line feed that ends the line of at.
func endOfLine(text string, at int) int {
	if n := strings.IndexByte(text[at:], '\n'); n >= 0 {
		return at + n
	}
	return len(text)
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
