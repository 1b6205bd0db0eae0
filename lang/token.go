package lang

// kind tells tokens apart.
type kind uint8

// The kinds of token. Words are all ident: which of them is a keyword depends
// on where it stands.
const (
	eof       kind = iota
	bad            // characters that belong to no token; reported by the lexer
	badString      // a string that does not end; reported by the lexer
	ident
	number       // any literal that begins with a digit
	stringLit    // "…" without ${}
	stringHead   // "…${
	stringMid    // }…${
	stringTail   // }…"
	rawString    // `…`
	bytesLit     // b"…"
	timestampLit // t"…"

	lparen
	rparen
	lbrack
	rbrack
	lbrace
	rbrace
	comma
	semi
	colon
	dot
	dotdot
	question
	questionDot
	coalesce // ??
	assign
	addAssign
	subAssign
	mulAssign
	divAssign
	modAssign
	equal
	notEqual
	less
	lessEqual
	greater
	greaterEqual
	not
	plus
	minus
	star
	slash
	percent
	and
	or
	bar      // |
	step     // |>
	arrow    // ->
	fatArrow // =>
	feed     // <-
)

// spelling is the text of each kind that has only one.
var spelling = [...]string{
	lparen: "(", rparen: ")", lbrack: "[", rbrack: "]", lbrace: "{", rbrace: "}",
	comma: ",", semi: ";", colon: ":", dot: ".", dotdot: "..", question: "?",
	questionDot: "?.", coalesce: "??", assign: "=", addAssign: "+=", subAssign: "-=",
	mulAssign: "*=", divAssign: "/=", modAssign: "%=", equal: "==", notEqual: "!=",
	less: "<", lessEqual: "<=", greater: ">", greaterEqual: ">=", not: "!", plus: "+",
	minus: "-", star: "*", slash: "/", percent: "%", and: "&&", or: "||", bar: "|",
	step: "|>", arrow: "->", fatArrow: "=>", feed: "<-",
}

// String returns the token's text if it has only one, else what it is.
func (k kind) String() string {
	switch k {
	case eof:
		return "the end of the file"
	case ident:
		return "a name"
	case number:
		return "a number"
	case stringLit, stringHead, stringMid, stringTail, rawString:
		return "a string"
	case bytesLit:
		return "bytes"
	case timestampLit:
		return "a timestamp"
	case bad, badString:
		return "a bad token"
	default:
		return `"` + spelling[k] + `"`
	}
}

// token is one piece of program text. It is kept small: a file of a megabyte
// may have a million of them.
type token struct {
	kind  kind
	first bool // first on its line
	nl    bool // first on its line, and does not go on with the line before
	space bool // white space or a comment stands before it
	start int32
	end   int32
	line  int32 // of start, from 1
}

// opens reports whether k is an opening bracket.
func (k kind) opens() bool { return k == lparen || k == lbrack || k == lbrace || k == stringHead }

// closes reports whether k is a closing bracket.
func (k kind) closes() bool { return k == rparen || k == rbrack || k == rbrace || k == stringTail }
