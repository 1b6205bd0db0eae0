package lang

import "slices"

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
