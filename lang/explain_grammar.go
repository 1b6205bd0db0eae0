package lang

import (
	"strings"

	"github.com/flow-lang/flowc/lang/diag"
)

// explainGrammar is about the codes L01xx.
func explainGrammar() []diag.Explanation {
	return append([]diag.Explanation{
		{
			Code: Unexpected, Title: "a word or sign cannot stand where it does",
			Text: "The message names what was found and what could stand there instead. When the end of a line was not\n" +
				"expected, something is missing at its end; a newline ends a statement unless the next line begins with\n" +
				"`|>`, `.`, `?.` or `??`, or brackets are open.",
			Before: in("record Click { user string }"),
			After:  in("record Click { user: string }"),
		},
		{
			Code: Unclosed, Title: "a bracket is not closed",
			Text: "Each `(`, `[`, `{` and `<` of a type needs its counterpart. The message points at the bracket that is\n" +
				"open, as far as the layout of the program tells; the note points at the text before which it should\n" +
				"have been closed.",
			Before: in("func f(n: int) -> int = abs(n", "", "func g(n: int) -> int = n"),
			After:  in("func f(n: int) -> int = abs(n)", "", "func g(n: int) -> int = n"),
		},
		{
			Code: TooDeep, Title: "the program is nested too deeply",
			Text: "Brackets, blocks, unary operators, lambdas, `if`s and type arguments may stand in each other 200 deep.\n" +
				"A chain of operators, of steps or of `else if` may be much longer. Give names to the inner parts with\n" +
				"`let`, or move them to functions.",
			Before: in("func f() -> int = " + strings.Repeat("(", 201) + "1" + strings.Repeat(")", 201)),
			After:  in("func f() -> int = 1"),
		},
		{
			Code: TooLong, Title: "a chain or a file is too long",
			Text: "A chain of operators, of calls, of steps or of `else if` may have 10000 links. Give names to its parts\n" +
				"with `let`, or move them to functions.\n\n" +
				"A file may have 100000 words and signs. Put declarations that belong together into files that begin with\n" +
				"`library NAME`, and import them.",
			Before: in("func f() -> int = 1" + strings.Repeat(" + 1", 10_001)),
			After:  in("func f() -> int = 10002"),
		},
		{
			Code: TooManyMistakes, Title: "there are more mistakes than can be told",
			Text: "Of a file at most a hundred mistakes of the text and its grammar are told. So many have most often one\n" +
				"cause: mend the first of them, and look again.",
			Before: in(strings.Repeat("§\n", 100)),
			After:  in(),
		},
		{
			Code: NoHeader, Title: "the file has no header",
			Text: "A file begins with `pipeline NAME`, or with `library NAME` if it only holds declarations that pipelines\n" +
				"import. Only comments may stand before it.",
			Before: "record Click { user: string }\n",
			After:  in("record Click { user: string }"),
		},
		{
			Code: UnknownDecl, Title: "a line begins no declaration",
			Text: "Outside of all braces stand declarations only. Each begins with a word such as `record`, `source`,\n" +
				"`operator`, `stream` or `sink`. Statements stand in the handlers of operators and in functions; `uid`\n" +
				"and other clauses of a step stand at the end of its line.",
			Before: in("recrod Click { user: string }"),
			After:  in("record Click { user: string }"),
		},
		{
			Code: UnknownMember, Title: "a line has no meaning in its block",
			Text: "Each kind of block holds lines of its own: an operator `in`, `out`, `state`, `timer`, `on`, `func`,\n" +
				"`type` and `require`; an aggregate `state`, `add`, `merge`, `result` and `func`; a source `event time`,\n" +
				"`watermark` and `on`; a test `expect`, `watermark`, `advance`, `let`, and streams that are fed.",
			Before: in("operator o {", "  in  n: int", "  emit n", "}"),
			After:  in("operator o {", "  in  n: int", "  out int", "  on n { emit n }", "}"),
		},
	}, explainExpressions()...)
}

// explainExpressions is about mistakes in and around expressions.
func explainExpressions() []diag.Explanation {
	return []diag.Explanation{
		{
			Code: ChainedComparison, Title: "comparisons do not chain",
			Text: "`a < b < c` would compare the bool `a < b` with `c`. Join two comparisons with `&&`; to compare two\n" +
				"bools, put the comparison in parentheses.",
			Before: in("func small(n: int) -> bool = 0 < n < 10"),
			After:  in("func small(n: int) -> bool = 0 < n && n < 10"),
		},
		{
			Code: TypeArguments, Title: "type arguments stand in an expression",
			Text: "The type arguments of functions and records are inferred from what they are applied to, and are not\n" +
				"written in expressions. The one exception is `.get` of dynamic state: `d.get<int>(\"name\")`. To give a\n" +
				"type where the value does not, write `let x: list<int> = []`.",
			Before: in("func pair(a: int) -> Pair<int> = Pair<int> { a: a }"),
			After:  in("func pair(a: int) -> Pair<int> = Pair { a: a }"),
		},
		{
			Code: ElseOnNewLine, Title: "else begins a line",
			Text: "A newline ends a statement, so an `else` on the next line belongs to no `if`. It stands on the line of\n" +
				"the brace that closes the block before it.",
			Before: in("func sign(n: int) -> int {", "  if n < 0 { return -1 }", "  else { return 1 }", "}"),
			After:  in("func sign(n: int) -> int {", "  if n < 0 { return -1 } else { return 1 }", "}"),
		},
		{
			Code: ForeignOperator, Title: "an operator of another language stands here",
			Text: "The operators are `??`, `||`, `&&`, `== != < <= > >=`, `in`, `+ -`, `* / %`, and before an operand `!`\n" +
				"and `-`. Where other languages have words or other signs for them, the message says which to type.",
			Before: in("func both(a: bool, b: bool) -> bool = a and b"),
			After:  in("func both(a: bool, b: bool) -> bool = a && b"),
		},
		{
			Code: Repeated, Title: "a clause stands twice",
			Text: "A step has one uid and one retention, a state one retention and one external name, a source one uid,\n" +
				"and so on. Only `was` may stand more than once.",
			Before: in(`stream b = a |> count uid "count" uid "counts"`),
			After:  in(`stream b = a |> count uid "count"`),
		},
		{
			Code: AssignmentInExpression, Title: "= stands for ==",
			Text: "`=` gives a variable or a state a new value, and is a statement. Values are compared with `==`.\n" +
				"Arguments have their names before a colon: `f(size: 3)`.",
			Before: in("func one(n: int) -> bool {", "  if n = 1 { return true }", "  return false", "}"),
			After:  in("func one(n: int) -> bool {", "  if n == 1 { return true }", "  return false", "}"),
		},
		{
			Code: NotPlain, Title: "a fixed text holds a ${}",
			Text: "Uids, names of saved state, paths of imports and the names of tests are fixed when the program is\n" +
				"compiled: saved state finds its owner by them. So nothing can be put into them when it runs.",
			Before: in(`stream b = a |> count uid "count-${1}"`),
			After:  in(`stream b = a |> count uid "count-1"`),
		},
		{
			Code: ReservedName, Title: "a keyword cannot be a name here",
			Text: "`true`, `false`, `none`, `if` and `match` mean something wherever an expression stands. A local, a\n" +
				"parameter, an input or a state of such a name could never be read, so they are refused as names\n" +
				"there. A field may be called so.",
			Before: in("func f(match: int) -> int = 1"),
			After:  in("func f(game: int) -> int = 1"),
		},
		{
			Code: StatementAsValue, Title: "a statement stands where a value must",
			Text: "`emit`, `clear`, `fail`, `send`, `return`, `let` and `var` are statements and give no value. In an arm\n" +
				"of `match` that does something, put the statement in braces.",
			Before: in("operator o {", "  in  n: int", "  out int", "  on n {", "    match n {", "      1 => emit n", "      _ => {}", "    }", "  }", "}"),
			After:  in("operator o {", "  in  n: int", "  out int", "  on n {", "    match n {", "      1 => { emit n }", "      _ => {}", "    }", "  }", "}"),
		},
	}
}
