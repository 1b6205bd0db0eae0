package lang

import "github.com/flow-lang/flowc/lang/diag"

// The codes of mistakes in the text, found while it is cut into words.
const (
	// BadCharacter occurs where a character stands that has no meaning there:
	//
	//	let n = 3 § 4
	BadCharacter diag.Code = "L0001"

	// ControlCharacter occurs when the text holds a NUL or another control
	// character that is no tab and no line end.
	ControlCharacter diag.Code = "L0002"

	// NotUTF8 occurs when the text is not UTF-8.
	NotUTF8 diag.Code = "L0003"

	// BidiCharacter occurs when the text holds a character that changes the
	// direction of writing, by which a program can look other than it is.
	BidiCharacter diag.Code = "L0004"

	// UnclosedString occurs when a string does not end on its line.
	UnclosedString diag.Code = "L0005"

	// UnclosedInterpolation occurs when a ${ in a string has no }.
	UnclosedInterpolation diag.Code = "L0006"

	// BadEscape occurs when a backslash in a string begins no escape:
	//
	//	"C:\program"
	BadEscape diag.Code = "L0007"

	// BadNumber occurs when a word that begins with a digit is no number:
	//
	//	let n = 12abc
	BadNumber diag.Code = "L0008"

	// BadDuration occurs when a duration has an unknown unit, a point, or is
	// too long.
	BadDuration diag.Code = "L0009"

	// BadTimestamp occurs when t"…" holds no timestamp.
	BadTimestamp diag.Code = "L0010"

	// BlockComment occurs where a comment is written /* … */.
	BlockComment diag.Code = "L0011"
)

// The codes of mistakes in the grammar.
const (
	// Unexpected occurs where a word or sign stands that cannot stand there.
	Unexpected diag.Code = "L0101"

	// Unclosed occurs when a bracket is not closed.
	Unclosed diag.Code = "L0102"

	// TooDeep occurs when brackets, blocks, unary operators, lambdas, ifs and
	// type arguments are nested deeper than 200.
	TooDeep diag.Code = "L0103"

	// TooLong occurs when a chain of operators, steps or "else if" has more
	// than 10000 links, or a file more than 100000 words and signs.
	TooLong diag.Code = "L0104"

	// TooManyMistakes occurs in place of the hundredth mistake of a file.
	TooManyMistakes diag.Code = "L0105"

	// NoHeader occurs when a file begins neither with "pipeline NAME" nor with
	// "library NAME".
	NoHeader diag.Code = "L0106"

	// UnknownDecl occurs at the top level when a line begins with a word that
	// begins no declaration.
	UnknownDecl diag.Code = "L0107"

	// UnknownMember occurs in an operator, an aggregate, a source or another
	// block of clauses, when a line begins with a word that has no meaning
	// there.
	UnknownMember diag.Code = "L0108"

	// ChainedComparison occurs when comparisons are chained:
	//
	//	0 < x < 10
	ChainedComparison diag.Code = "L0109"

	// TypeArguments occurs when type arguments stand in an expression, other
	// than after .get of dynamic state.
	TypeArguments diag.Code = "L0110"

	// ElseOnNewLine occurs when "else" begins a line.
	ElseOnNewLine diag.Code = "L0111"

	// ForeignOperator occurs where an operator of another language stands:
	//
	//	if a and b { … }
	ForeignOperator diag.Code = "L0112"

	// Repeated occurs when a clause stands twice where it may stand once.
	Repeated diag.Code = "L0113"

	// AssignmentInExpression occurs where "=" stands for "==".
	AssignmentInExpression diag.Code = "L0114"

	// NotPlain occurs when a string that is read by the compiler, such as a
	// uid, holds a ${}.
	NotPlain diag.Code = "L0115"

	// ReservedName occurs when a keyword of expressions, such as none or
	// match, is given to something as its name.
	ReservedName diag.Code = "L0116"

	// StatementAsValue occurs when a statement stands where a value must.
	StatementAsValue diag.Code = "L0117"
)
