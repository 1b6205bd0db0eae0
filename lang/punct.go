package lang

// punct returns the operator, bracket or separator that begins with c and may
// go on with d, and its length; 0 if there is none.
func punct(c, d byte) (kind, int) {
	switch c {
	case '(':
		return lparen, 1
	case ')':
		return rparen, 1
	case '[':
		return lbrack, 1
	case ']':
		return rbrack, 1
	case '{':
		return lbrace, 1
	case '}':
		return rbrace, 1
	case ',':
		return comma, 1
	case ';':
		return semi, 1
	case ':':
		return colon, 1
	case '.':
		return longer(d, '.', dotdot, dot)
	case '?':
		if d == '.' {
			return questionDot, 2
		}
		return longer(d, '?', coalesce, question)
	case '&':
		if d == '&' {
			return and, 2
		}
		return eof, 0
	case '|':
		if d == '>' {
			return step, 2
		}
		return longer(d, '|', or, bar)
	default:
		return comparison(c, d)
	}
}

// comparison is punct for what "=" may end or begin.
func comparison(c, d byte) (kind, int) {
	switch c {
	case '=':
		if d == '>' {
			return fatArrow, 2
		}
		return longer(d, '=', equal, assign)
	case '!':
		return longer(d, '=', notEqual, not)
	case '<':
		if d == '-' {
			return feed, 2
		}
		return longer(d, '=', lessEqual, less)
	case '>':
		return longer(d, '=', greaterEqual, greater)
	case '+':
		return longer(d, '=', addAssign, plus)
	case '-':
		if d == '>' {
			return arrow, 2
		}
		return longer(d, '=', subAssign, minus)
	case '*':
		return longer(d, '=', mulAssign, star)
	case '/':
		return longer(d, '=', divAssign, slash)
	case '%':
		return longer(d, '=', modAssign, percent)
	default:
		return eof, 0
	}
}

// longer chooses two if the next byte is next, else one.
func longer(d, next byte, two, one kind) (kind, int) {
	if d == next {
		return two, 2
	}
	return one, 1
}
