package lang

// hint says what to type instead of the token that comes next, where a word or
// sign of another language stands; "" if there is nothing sure to say.
func (p *parser) hint() string {
	switch w := p.text(p.i); w {
	case "and":
		return `type "&&"`
	case "or":
		return `type "||"`
	case "not":
		return `type "!"`
	case "is":
		return `type "=="`
	case "null", "nil", "None":
		return `type "none"`
	case "{":
		return p.braceHint()
	case "=":
		return `"=" assigns; type "==" to compare`
	case "|":
		return `steps are wired with "|>", and "or" is "||"`
	case ":":
		if p.i > 0 && p.toks[p.i-1].kind == ident {
			return "a type or label does not stand here"
		}
	}
	return ""
}

// braceHint is hint for a "{" after an empty block: the braces were meant as a
// record.
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
