package lang

import (
	"strings"

	"github.com/flow-lang/flowc/lang/diag"
)

// Explanations returns the long text of each code of this package, in order of
// the codes. Before is a whole program that gets the code, After the same
// program without the mistake.
func Explanations() []diag.Explanation {
	return append(explainText(), explainGrammar()...)
}

// in puts declarations into a whole program.
func in(lines ...string) string { return "pipeline example\n\n" + strings.Join(lines, "\n") + "\n" }

// explainText is about the codes L00xx.
func explainText() []diag.Explanation {
	return []diag.Explanation{
		{
			Code: BadCharacter, Title: "a character has no meaning",
			Text: "Program text is made of names, literals, the operators and brackets of the language, and comments.\n" +
				"Other characters may stand in strings and comments only. Names are made of the letters `a` to `z` and\n" +
				"`A` to `Z`, digits and `_`; a comment begins with `//`; strings stand in double quotes.",
			Before: in("# Adds one.", "func next(n: int) -> int = n + 1"),
			After:  in("// Adds one.", "func next(n: int) -> int = n + 1"),
		},
		{
			Code: ControlCharacter, Title: "a control character stands in the text",
			Text: "Tabs and line ends are the only control characters that a program may hold. A NUL means that the file\n" +
				"is no text, or text in another encoding than UTF-8. In a string, write such a character as an escape.",
			Before: in("func bell() -> string = \"\a\""),
			After:  in(`func bell() -> string = "\a"`),
		},
		{
			Code: NotUTF8, Title: "the file is not UTF-8",
			Text: "Programs are UTF-8. A byte was found that cannot stand in UTF-8 where it does; most likely the file\n" +
				"was saved in an older encoding. Save it as UTF-8. Bytes that are no text are written `b\"\\xff\"`.",
			Before: in("func name() -> string = \"caf\xe9\""),
			After:  in(`func name() -> string = "café"`),
		},
		{
			Code: BidiCharacter, Title: "a character changes the direction of writing",
			Text: "Some characters of Unicode make an editor show text in another order than the compiler reads it, so\n" +
				"that a program can look harmless and do something else (CVE-2021-42574). They are refused everywhere,\n" +
				"comments and strings included. Write one as an escape in a string if you need it.",
			Before: in("func mark() -> string = \"\u202e\""),
			After:  in(`func mark() -> string = "\u202e"`),
		},
		{
			Code: UnclosedString, Title: "a string does not end",
			Text: "A string in double quotes ends on the line where it begins. Text of several lines stands in\n" +
				"backquotes, or has `\\n` where a line ends.",
			Before: in(`func greeting() -> string = "hello`),
			After:  in(`func greeting() -> string = "hello"`),
		},
		{
			Code: UnclosedInterpolation, Title: "a ${ in a string is not closed",
			Text: "`${` in a string begins an expression, whose text stands there when the program runs. It ends with\n" +
				"`}`. Where the text itself shall hold `${`, write `\\${`.",
			Before: in(`func greeting(name: string) -> string = "hello ${name"`),
			After:  in(`func greeting(name: string) -> string = "hello ${name}"`),
		},
		{
			Code: BadEscape, Title: "a backslash begins no escape",
			Text: "In a string a backslash begins one of Go's escapes: `\\n`, `\\t`, `\\\\`, `\\\"`, `\\x41`, `\\u00e9` and so\n" +
				"on, or `\\${`. A backslash itself is written `\\\\`; a raw string, in backquotes, has no escapes. The\n" +
				"escapes of a string must make UTF-8 text; those of bytes, `b\"…\"`, need not.",
			Before: in(`func path() -> string = "C:\programs"`),
			After:  in("func path() -> string = `C:\\programs`"),
		},
		{
			Code: BadNumber, Title: "a word that begins with a digit is no number",
			Text: "Numbers are written `12`, `1_000_000`, `0xff`, `2.5`, `1e-3`, and decimals `12.50d`, with at most 38\n" +
				"digits. Underscores stand between digits only, a number does not begin with 0, and names do not begin\n" +
				"with a digit.",
			Before: in("func big() -> int = 1__000"),
			After:  in("func big() -> int = 1_000"),
		},
		{
			Code: BadDuration, Title: "a duration is not written as one",
			Text: "A duration is made of whole numbers with the units `us`, `ms`, `s`, `m`, `h` and `d`: `5s`, `1h30m`,\n" +
				"`7d`. It has no point: one and a half seconds are `1s500ms`. Months and years are no units, for they\n" +
				"are not equally long. The longest duration is about 292277 years.",
			Before: in("func pause() -> duration = 1.5s"),
			After:  in("func pause() -> duration = 1s500ms"),
		},
		{
			Code: BadTimestamp, Title: "a timestamp is not written as one",
			Text: "A timestamp is written as RFC 3339 has it, with a date, a time, and `Z` or an offset:\n" +
				"`t\"2024-05-01T12:00:00Z\"`, `t\"2024-05-01T14:00:00+02:00\"`. It lies in the years 1 to 9999. A date\n" +
				"alone is `date(\"2024-05-01\")`.",
			Before: in(`func begin() -> timestamp = t"2024-05-01"`),
			After:  in(`func begin() -> timestamp = t"2024-05-01T00:00:00Z"`),
		},
		{
			Code: BlockComment, Title: "comments begin with //",
			Text:   "There are no comments of the form `/* … */`. Begin each line of a comment with `//`.",
			Before: in("/* Adds one. */", "func next(n: int) -> int = n + 1"),
			After:  in("// Adds one.", "func next(n: int) -> int = n + 1"),
		},
	}
}
