package lang

import "github.com/flow-lang/flowc/lang/diag"

// parseFile reads the header and all declarations.
func (p *parser) parseFile() {
	p.header()
	for {
		p.skipSemis()
		if p.kind() == eof && !p.panicking || p.errors >= maxErrors {
			return
		}
		start := p.i
		p.begin = start
		d := p.decl()
		if d != nil && !p.panicking {
			p.endDecl()
		}
		if d != nil {
			p.file.Decls = append(p.file.Decls, d)
		}
		if t := p.toks[p.i]; p.mistakes > 0 && (t.kind.closes() || p.startOf(p.i).Column > p.startOf(start).Column) {
			p.panicking = true // it belongs to the declaration with the mistake
		}
		p.nextDecl(start)
	}
}

// header reads "pipeline NAME" or "library NAME".
func (p *parser) header() {
	start := p.i
	p.file.Doc = p.doc()
	switch {
	case p.isWord("pipeline"):
	case p.isWord("library"):
		p.file.Kind = LibraryFile
	default:
		p.noHeader()
		return
	}
	p.file.header = p.startOf(start)
	p.advance()
	if p.file.Pipeline = p.name("the name of the " + p.text(start)); p.file.Pipeline != nil {
		p.endDecl()
	}
	p.nextDecl(start)
}

// noHeader reports that the file has no header, and goes on as if it had one.
func (p *parser) noHeader() {
	d := diag.Diagnostic{
		Code: NoHeader, Span: p.span(p.i), Message: `the file begins with neither "pipeline NAME" nor "library NAME"`,
		Help: `type "pipeline NAME" above the first declaration`,
	}
	if p.kind() == ident {
		word := p.text(p.i)
		guess := diag.DidYouMean(word, []string{"pipeline", "library"})
		if guess != "" && !isDeclWord(word) {
			d.Help = guess
		}
	}
	p.warn(d)
	if p.declAt(p.i) || p.kind() == eof {
		p.mistakes = 0
		return
	}
	p.panicking = true
	p.nextDecl(p.i)
}

// endDecl checks that a declaration ends with its line.
func (p *parser) endDecl() {
	if !p.lineEnds() && p.kind() != eof && p.kind() != semi {
		p.unexpected("the end of the line")
	}
}

// nextDecl makes ready for the declaration after the one that began with the
// token start. After a mistake it skips to the next line that begins one.
func (p *parser) nextDecl(start int) {
	if p.panicking {
		depth, column := len(p.open), p.startOf(start).Column
		if p.i == start {
			depth = p.step(depth)
		}
		for p.toks[p.i].kind != eof && !p.declBegins(depth, column) {
			depth = p.step(depth)
		}
	}
	p.panicking, p.fatal = false, false
	p.mistakes, p.depth, p.lost, p.suspect = 0, 0, 0, 0
	p.open = p.open[:0]
	p.mode = mode{newlines: true}
}

// step skips the next token and returns how many brackets are open after it.
func (p *parser) step(depth int) int {
	t := p.toks[p.i]
	if t.kind != eof {
		p.i++
	}
	switch {
	case t.kind.opens():
		return depth + 1
	case t.kind.closes():
		return max(depth-1, 0)
	}
	return depth
}

// declBegins reports whether a declaration begins at the next token, if depth
// brackets are open and the declaration before began in the given column.
func (p *parser) declBegins(depth, column int) bool {
	t := p.toks[p.i]
	if !t.first || t.kind != ident || p.startOf(p.i).Column > column {
		return false
	}
	return depth == 0 || p.declAt(p.i)
}
