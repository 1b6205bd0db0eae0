package lang

import (
	"slices"
	"strings"

	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/lang/source"
)

// fail reports a mistake and begins the panic.
func (p *parser) fail(d diag.Diagnostic) {
	if p.panicking {
		return
	}
	p.warn(d)
	p.panicking = true
}

// warn reports a mistake after which the parser can go on as if it were none.
func (p *parser) warn(d diag.Diagnostic) {
	p.mistakes++
	p.errors++
	addUpTo(p.report, p.errors, d)
}

// addUpTo adds the n-th mistake of a file, unless there are too many.
func addUpTo(report *diag.List, n int, d diag.Diagnostic) {
	switch {
	case n < maxErrors:
		report.Add(d)
	case n == maxErrors:
		report.Add(diag.Diagnostic{
			Code: TooManyMistakes, Span: d.Span, Message: "there are more mistakes than can be told",
			Help: "mend the ones above first",
		})
	}
}

// span returns the text of the token with index i.
func (p *parser) span(i int) source.Span {
	s := source.Span{Start: p.startOf(i), End: p.endOf(i)}
	if k := p.toks[i].kind; k == stringMid || k == stringTail { // only its "}"
		s.End = s.Start
		s.End.Offset++
		s.End.Column++
	}
	return s
}

// unexpected reports that the next token is none of want.
func (p *parser) unexpected(want string) {
	if p.panicking {
		return
	}
	t := p.toks[p.i]
	if t.kind == bad || t.kind == badString {
		p.mistakes++
		p.panicking = true
		return
	}
	if n := len(p.open); n > 0 && p.toks[p.open[n-1]].kind == stringHead && p.badStringFollows() {
		p.mistakes++
		p.panicking = true
		return
	}
	if p.spoilt > 0 && p.spoilt == p.i { // what was joined to a number is missing here
		p.mistakes++
		p.panicking = true
		return
	}
	if i := p.openHere(t); i >= 0 {
		p.unclosed(i)
		return
	}
	d := diag.Diagnostic{Code: Unexpected, Span: p.span(p.i)}
	switch got := p.describe(t); {
	case t.kind == eof, p.lineEnds() && p.i > p.begin:
		if t.kind != eof {
			got = "end of the line"
			if want != lbrace.String() { // a block begins nowhere else
				d.Help = lineHint(p.text(p.i))
			}
		}
		if p.i > 0 {
			end := p.endOf(p.i - 1)
			d.Span = source.Span{Start: end, End: end}
		}
		d.Message = "unexpected " + got + ", expected " + want
	default:
		d.Message = "unexpected " + got + ", expected " + want
		p.hint(&d, want)
	}
	p.fail(d)
}

// openHere returns the index of the bracket that is the reason why t, the next
// token, is unexpected, for it should have been closed before; -1 if none is.
// It goes back to the token before which it should have been.
func (p *parser) openHere(t token) int {
	if len(p.open) == 0 {
		return -1
	}
	last := int(p.open[len(p.open)-1])
	k := p.toks[last].kind
	switch {
	case t.kind == eof || p.atDecl():
		return last
	case k != lbrace && t.first && p.startOf(p.i).Column == 1 && p.declAt(p.i):
		return last
	case t.kind.closes():
		if closer(k) != p.text(p.i)[:1] && p.closesOuter(p.text(p.i)[:1]) {
			return last
		}
		return -1
	}
	begin := p.i // the first token of the line that should stand outside of the bracket
	if p.begin > last && p.i-p.begin <= maxBack && (k == lbrace || p.suspect > 0) {
		begin = p.begin
	}
	sameLine := !p.toks[last+1].first
	if (sameLine || p.suspect > 0) && p.toks[begin].first && p.startOf(begin).Column <= p.indent(last) {
		p.i = begin
		return last
	}
	return -1
}

// closesOuter reports whether one of the open brackets is closed by the given
// one.
func (p *parser) closesOuter(bracket string) bool {
	return slices.ContainsFunc(p.open, func(i int32) bool { return closer(p.toks[i].kind) == bracket })
}

// unclosed reports that the bracket with index i is not closed.
func (p *parser) unclosed(i int) {
	t := p.toks[i]
	isString := t.kind == stringHead || t.kind == stringMid
	far := p.toks[p.i].kind == eof || p.startOf(p.i).Column == 1 && p.declAt(p.i)
	if far && p.mistakes > 0 || p.spoilt > i && p.startOf(p.spoilt).Line == p.startOf(i).Line { // brackets may have been skipped with what was wrong
		p.panicking = true
		return
	}
	if p.suspect > 0 && t.kind == lbrace {
		i = p.suspect
	}
	d := diag.Diagnostic{Code: Unclosed, Span: p.span(i)}
	if isString {
		at := p.pos(int(t.end) - 2)
		d.Span, d.Code = source.Span{Start: at, End: p.endOf(i)}, UnclosedInterpolation
		d.Message, d.Help = unclosedInterpolation, `type "}" after the expression`
	} else {
		d.Message = `"` + p.text(i) + `" is not closed`
		d.Help = `type "` + closer(t.kind) + `" where it ends`
	}
	where := "still open here"
	switch {
	case p.toks[p.i].kind == eof:
		where = "still open at the end of the file"
	case p.declAt(p.i):
		where = "still open where this declaration begins"
	}
	d.Notes = []diag.Note{{Span: p.span(p.i), Message: where}}
	p.lost = len(p.open)
	p.fail(d)
}

// badStringFollows reports whether the lexer found a string on this line that
// does not end: then it has reported the ${ before it, too.
func (p *parser) badStringFollows() bool {
	for i := p.i; i < len(p.toks) && p.toks[i].line == p.toks[p.i].line; i++ {
		if p.toks[i].kind == badString {
			return true
		}
	}
	return false
}

// closer is the bracket that closes k.
func closer(k kind) string {
	switch k {
	case lparen:
		return ")"
	case lbrack:
		return "]"
	case less:
		return ">"
	default:
		return "}"
	}
}

// describe names a token in a message.
func (p *parser) describe(t token) string {
	switch t.kind {
	case eof:
		return "end of the file"
	case stringLit, stringHead, rawString:
		return "string"
	case stringMid, stringTail:
		return `"}"`
	default:
		return quote(p.file.Text[t.start:t.end])
	}
}

// quote puts the user's words in quotes, on one line and not too long.
func quote(s string) string {
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		s = s[:i] + "…"
	}
	if r := []rune(s); len(r) > 40 {
		s = string(r[:40]) + "…"
	}
	return `"` + s + `"`
}
