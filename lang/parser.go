package lang

import (
	"fmt"

	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/lang/source"
)

// The limits of a program. They exist so that no text can exhaust the stack of
// the compiler, its memory or the patience of who calls it; none of them is near
// what a person writes.
const (
	maxTokens = 100_000 // words and signs in one file

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
	spoilt    int             // index of the token after the last number that is none; 0 if there is none
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
// be read in spite of them is in the result, which is never nil. Nodes in it
// have all the parts that they must have; an expression that could not be read
// is a BadExpr.
//
// Text that is not UTF-8, holds a NUL or has too many tokens is not read at all.
// name is only used for positions.
func Parse(name, text string, report *diag.List) *File {
	file := &File{Name: name, Text: text}
	if !checkText(name, text, report) {
		return file.unread()
	}
	l := lex(name, text, report)
	file.Comments = l.comments
	p := &parser{file: file, report: report, toks: l.toks, lines: l.lines, errors: l.errors, mode: mode{newlines: true}}
	file.Range = Range{Pos: p.pos(0), EndPos: p.pos(len(text))}
	if l.full {
		return p.tooLong()
	}
	p.parseFile()
	return file
}

// tooLong refuses a file of which the lexer has not read all: for its length, or
// where it goes beyond another limit, for that. No other mistake is one for sure.
func (p *parser) tooLong() *File {
	last := len(p.toks) - 2 // before the end
	refused := diag.Diagnostic{
		Code: TooLong, Span: p.span(last), Message: fmt.Sprintf("the file has more than %d words and signs", maxTokens),
		Help: "part the program into a pipeline and libraries that it imports",
	}
	report := p.report
	p.report = &diag.List{}
	p.parseFile()
	for _, d := range p.report.Sorted() {
		if d.Code == TooDeep || d.Code == TooLong {
			refused = d
			break
		}
	}
	report.Add(refused)
	p.file.Kind, p.file.Pipeline, p.file.Doc, p.file.Decls, p.file.Comments = PipelineFile, nil, nil, nil, nil
	return p.file.unread()
}

// unread is a file of which nothing is known but its name and text.
func (f *File) unread() *File {
	f.Pos = source.Pos{Filename: f.Name, Line: 1, Column: 1}
	f.EndPos = f.Pos
	return f
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
