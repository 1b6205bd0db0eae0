package lang

import (
	"slices"
	"strings"

	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/lang/source"
)

// The limits of a program. They exist so that no text can exhaust the stack of
// the compiler; none of them is near what a person writes.
const (
	maxDepth  = 200   // of brackets, blocks, unary operators, lambdas, ifs and type arguments in each other
	maxChain  = 10000 // operators, steps or "else if" in one chain
	maxErrors = 100   // messages about one file
	maxBack   = 100   // tokens that are read again after a bracket was not closed
)

// parser reads the tokens of one file.
//
// After a mistake the parser is panicking: then it sees the end of the file
// wherever it looks, so that all functions return without a further message,
// up to the nearest list (of declarations, members, statements, fields, arms)
// that can go on with its next item; see recover.
type parser struct {
	file   *File
	report *diag.List
	toks   []token
	lines  []int32
	i      int // index of the next token
	begin  int // index of the first token of the statement, member or field that is read

	mode      mode
	depth     int
	open      []int32         // indexes of the brackets that are open
	lost      int             // how many brackets are open up to the one reported as not closed; 0 if none is
	suspect   int             // index of a "{" whose "}" stands further to the left; 0 if there is none
	outs      map[string]bool // named outputs of the operator that is read
	panicking bool
	fatal     bool // no list of this declaration may go on
	mistakes  int  // in this declaration
	errors    int  // in the file
}

// mode is what the text around says about how to read an expression.
type mode struct {
	newlines bool // line ends count: directly in braces and at the top level
	head     bool // in the head of if, while, for or match
	closing  bool // directly inside aggregate<…>, where ">" ends it
}

// Parse reads the program text of one file. Mistakes go to report; what could
// be read in spite of them is in the result, which is never nil.
//
// Text that is not UTF-8 or holds a NUL is not read at all. name is only used
// for positions.
func Parse(name, text string, report *diag.List) *File {
	file := &File{Name: name, Text: text}
	if !checkText(name, text, report) {
		file.Pos = source.Pos{Filename: name, Line: 1, Column: 1}
		file.EndPos = file.Pos
		return file
	}
	l := lex(name, text, report)
	file.Comments = l.comments
	p := &parser{file: file, report: report, toks: l.toks, lines: l.lines, errors: l.errors, mode: mode{newlines: true}}
	file.Range = Range{Pos: p.pos(0), EndPos: p.pos(len(text))}
	p.parseFile()
	return file
}

// kind returns the kind of the next token.
func (p *parser) kind() kind {
	if p.panicking {
		return eof
	}
	return p.toks[p.i].kind
}

// kindAt returns the kind of the token n after the next one.
func (p *parser) kindAt(n int) kind {
	if p.panicking || p.i+n >= len(p.toks) {
		return eof
	}
	return p.toks[p.i+n].kind
}

// advance consumes the next token. It never goes beyond the end of the file.
func (p *parser) advance() {
	if !p.panicking && p.toks[p.i].kind != eof {
		p.i++
	}
}

// text returns the text of the token with index i.
func (p *parser) text(i int) string {
	t := p.toks[i]
	return p.file.Text[t.start:t.end]
}

// isWord reports whether the next token is the word w.
func (p *parser) isWord(w string) bool { return p.wordAt(0, w) }

// wordAt reports whether the token n after the next one is the word w.
func (p *parser) wordAt(n int, w string) bool { return p.kindAt(n) == ident && p.text(p.i+n) == w }

// lineEnds reports whether a line end that counts stands before the next token.
func (p *parser) lineEnds() bool { return p.lineEndsAt(0) }

// lineEndsAt is lineEnds for the token n after the next one.
func (p *parser) lineEndsAt(n int) bool {
	return p.panicking || p.mode.newlines && p.i+n < len(p.toks) && p.toks[p.i+n].nl
}

// acceptWord consumes the word w if it comes next on this line.
func (p *parser) acceptWord(w string) bool {
	if !p.isWord(w) || p.lineEnds() {
		return false
	}
	p.advance()
	return true
}

// accept consumes the next token if it is of kind k and on this line.
func (p *parser) accept(k kind) bool {
	if p.kind() != k || p.lineEnds() {
		return false
	}
	p.advance()
	return true
}

// expect consumes a token of kind k, on whatever line, or reports that it is
// missing.
func (p *parser) expect(k kind) bool {
	if p.kind() != k {
		p.unexpected(k.String())
		return false
	}
	p.advance()
	return true
}

// expectWord is expect for the word w.
func (p *parser) expectWord(w string) bool {
	if !p.isWord(w) {
		p.unexpected(`"` + w + `"`)
		return false
	}
	p.advance()
	return true
}

// name consumes a name; what says which, for the message if there is none.
func (p *parser) name(what string) *Ident {
	if p.kind() != ident {
		p.unexpected(what)
		return nil
	}
	start := p.i
	p.advance()
	return &Ident{Range: p.rangeOf(start), Text: p.text(start)}
}

// pos returns the place of an offset.
func (p *parser) pos(offset int) source.Pos { return position(p.file.Name, p.lines, offset) }

// startOf returns where the token with index i begins.
func (p *parser) startOf(i int) source.Pos {
	t := p.toks[i]
	return source.Pos{
		Filename: p.file.Name, Offset: int(t.start), Line: int(t.line),
		Column: int(t.start-p.lines[t.line-1]) + 1,
	}
}

// endOf returns the place after the token with index i.
func (p *parser) endOf(i int) source.Pos {
	t := p.toks[i]
	if t.kind == rawString {
		return p.pos(int(t.end))
	}
	at := p.startOf(i)
	at.Offset += int(t.end - t.start)
	at.Column += int(t.end - t.start)
	return at
}

// rangeOf returns the range from the token with index start to the last one
// consumed.
func (p *parser) rangeOf(start int) Range { return p.rangeFrom(p.startOf(start)) }

// rangeFrom returns the range from start to the last token consumed.
func (p *parser) rangeFrom(start source.Pos) Range {
	if p.i == 0 {
		return Range{Pos: start, EndPos: start}
	}
	end := p.endOf(p.i - 1)
	if end.Offset < start.Offset {
		end = start
	}
	return Range{Pos: start, EndPos: end}
}

// enter counts one level of nesting and reports whether the limit still holds.
// Every enter wants a leave.
func (p *parser) enter() bool {
	p.depth++
	if p.depth <= maxDepth {
		return true
	}
	if !p.panicking {
		p.fail(diag.Diagnostic{
			Code: TooDeep, Span: p.span(p.i), Message: "the program is nested deeper than 200 levels here",
			Help: "name the inner parts with let, or move them to functions",
		})
	}
	p.fatal = true
	return false
}

func (p *parser) leave() { p.depth-- }

// chain reports whether a chain may have n links.
func (p *parser) chain(n int) bool {
	if n <= maxChain {
		return true
	}
	p.fail(diag.Diagnostic{
		Code: TooLong, Span: p.span(p.i), Message: "the chain has more than 10000 links",
		Help: "name its parts with let, or move them to functions",
	})
	p.fatal = true
	return false
}

// bracket consumes an opening bracket of kind k and sets the mode for what is
// in it. It returns the mode to hand to close, which must follow.
func (p *parser) bracket(k kind) mode {
	old := p.mode
	at := p.i
	if p.expect(k) {
		p.open = append(p.open, int32(at))
	}
	p.mode = mode{newlines: k == lbrace}
	p.enter()
	return old
}

// close consumes the closing bracket k, or reports that it is missing; also
// names what else could stand there.
func (p *parser) close(k kind, old mode, also string) {
	p.leave()
	p.mode = old
	if p.panicking {
		return
	}
	if p.kind() != k {
		p.mode.newlines = k == rbrace
		p.unexpected(also + k.String())
		p.mode = old
		return
	}
	if n := len(p.open) - 1; n >= 0 {
		if open := int(p.open[n]); p.suspect == 0 && p.toks[p.i].first && p.startOf(p.i).Column < p.indent(open) {
			p.suspect = open
		}
		p.open = p.open[:n]
	}
	p.advance()
}

// indent returns the column of the first token on the line of the token i.
func (p *parser) indent(i int) int {
	for !p.toks[i].first {
		i--
	}
	return p.startOf(i).Column
}

// items reads what stands between "{" and "}", one item after the other, each
// ended by a line end, a semicolon, the brace, or, where commas is set, a
// comma. After a mistake it goes on with the next item.
func (p *parser) items(commas bool, item func()) {
	old, begin := p.bracket(lbrace), p.begin
	base, column := len(p.open), p.startOf(p.i).Column
	for p.skipSemis(); p.kind() != rbrace && p.kind() != eof && !p.atDecl(); p.skipSemis() {
		start := p.i
		if p.mistakes > 0 && p.toks[start].first && p.startOf(start).Column > column {
			p.skipLine() // it belongs to the item with the mistake
			continue
		}
		p.begin = start
		item()
		p.endItem(commas)
		if !p.recover(base, start) {
			break
		}
		if p.i == start {
			p.i++
		}
	}
	p.begin = begin
	p.close(rbrace, old, "")
}

// skipLine consumes the rest of the line.
func (p *parser) skipLine() {
	for p.i++; !p.toks[p.i].first && p.toks[p.i].kind != eof; p.i++ {
	}
}

// skipSemis consumes the semicolons before an item.
func (p *parser) skipSemis() {
	for p.kind() == semi {
		p.advance()
	}
}

// endItem checks that an item ends where it should.
func (p *parser) endItem(commas bool) {
	switch {
	case p.panicking || p.kind() == rbrace || p.kind() == eof || p.kind() == semi || p.toks[p.i].nl && p.kind() != comma:
	case commas && p.kind() == comma:
		p.advance()
	case commas:
		p.unexpected(`",", "}" or the end of the line`)
	default:
		p.unexpected("the end of the line")
	}
}

// recover ends the panic after a mistake in the item that began with the token
// start: it skips to where the list with base brackets around it can go on. It
// reports whether it can; if not, the parser goes on panicking, and the list
// around tries.
func (p *parser) recover(base, start int) bool {
	switch {
	case !p.panicking:
		return true
	case p.fatal || p.errors >= maxErrors || p.lost > 0 && base >= p.lost:
		return false
	case p.toks[start].first && p.startOf(start).Column > 1:
		outer := 0
		if base > 0 {
			outer = p.indent(int(p.open[base-1]))
		}
		return p.skipByLayout(p.startOf(start).Column, outer) && p.resume(base)
	default:
		return p.skipByBrackets(base, start) && p.resume(base)
	}
}

// skipByLayout skips what stands further in than the given column, where the
// item with the mistake began, or is a closing bracket there: the next item is
// the first line no further in, but further in than outer, the line of the
// list's bracket, and the list ends with a bracket further out. All other
// brackets do not count, for what is wrong may be just one of them. It reports
// whether the list goes on.
func (p *parser) skipByLayout(column, outer int) bool {
	for ; p.toks[p.i].kind != eof; p.i++ {
		t := p.toks[p.i]
		if !t.first {
			continue
		}
		switch here := p.startOf(p.i).Column; {
		case here == 1 && p.declAt(p.i):
			return false
		case here < column:
			return t.kind.closes() || here > outer
		case here == column && !t.kind.closes() && t.nl && p.i > p.begin:
			return true
		}
	}
	return false
}

// skipByBrackets skips to the end of the item with the mistake, which began
// with the token start in the middle of a line: a line end, a semicolon, or the
// brace that closes the list, outside of all brackets of the item.
func (p *parser) skipByBrackets(base, start int) bool {
	braces, others := 0, 0
	for _, i := range p.open[min(base, len(p.open)):] {
		if p.toks[i].kind == lbrace {
			braces++
		} else {
			others++
		}
	}
	for ; p.toks[p.i].kind != eof; p.i++ {
		t := p.toks[p.i]
		switch {
		case t.first && p.startOf(p.i).Column == 1 && p.declAt(p.i):
			return false
		case braces <= 0 && others <= 0 && p.i > start && (t.kind == semi || t.nl && !t.kind.closes()):
			return true
		case t.kind == lbrace:
			braces++
		case t.kind == rbrace:
			if braces--; braces < 0 {
				return true
			}
			others = 0
		case t.kind.opens():
			others++
		case t.kind.closes():
			others = max(others-1, 0)
		}
	}
	return false
}

// resume ends the panic in the list that has base open brackets around it.
func (p *parser) resume(base int) bool {
	p.panicking, p.lost = false, 0
	p.open = p.open[:min(base, len(p.open))]
	return true
}

// atDecl reports whether a declaration begins at the left margin here, which
// inside of braces means that one of them is not closed.
func (p *parser) atDecl() bool {
	t := p.toks[p.i]
	return !p.panicking && t.first && t.kind == ident && p.startOf(p.i).Column == 1 && p.text(p.i) != "func" && p.declAt(p.i)
}

// declAt reports whether the token i and the next look like the beginning of a
// declaration.
func (p *parser) declAt(i int) bool {
	if p.toks[i].kind != ident || !isDeclWord(p.text(i)) || i+1 >= len(p.toks) || p.toks[i+1].first {
		return false
	}
	switch next := p.toks[i+1]; next.kind {
	case stringLit:
		return true
	case ident:
		return !slices.Contains(clauseWords[:5], p.text(i+1))
	default:
		return false
	}
}

// declWords are the words that begin a declaration. (key_groups, which sets
// something for the whole program, is none: it may be a field's name.)
var declWords = [...]string{
	"pipeline", "library", "import", "record", "enum", "union", "func", "extern", "source", "sink", "stream",
	"fragment", "operator", "aggregate", "remote", "retired", "accept", "rekey", "test",
}

func isDeclWord(w string) bool { return slices.Contains(declWords[:], w) }

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
	if i := p.openHere(t); i >= 0 {
		p.unclosed(i)
		return
	}
	d := diag.Diagnostic{Code: Unexpected, Span: p.span(p.i)}
	switch got := p.describe(t); {
	case t.kind == eof, p.lineEnds() && p.i > p.begin:
		if t.kind != eof {
			got, d.Help = "end of the line", lineHint(p.text(p.i))
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
	if far && p.mistakes > 0 { // brackets may have been skipped with what was wrong
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
