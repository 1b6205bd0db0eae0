package typecheck

import "github.com/flow-lang/flowc/lang/diag"

func explainValues() []diag.Explanation {
	enum := "enum Level { low, high }\n\nfunc level(t: float) -> Level = if t > 20.0 { Level.high } else { Level.low }\n\n"
	return []diag.Explanation{
		{
			Code: NotCallable, Title: "something that is no function is called",
			Text:   "Functions, methods and parameters that are functions are called. Fields and properties such as `.len` are read without parentheses, records are written with braces, and operators are applied to streams with `|>`.",
			Before: withMap("r.sensor.len()"),
			After:  withMap("r.sensor.len"),
		},
		{
			Code: WrongArguments, Title: "a call has too many or too few arguments",
			Text:   "A call gives an argument for every parameter that has no default, by place or by name. A step gives its inputs first and then the operator's parameters.",
			Before: withMap("max(r.temp)"),
			After:  withMap("max(r.temp, 0.0)"),
		},
		{
			Code: NotConstant, Title: "something must be known at compile time",
			Text: "The default of a field or of `param`, an argument that decides what state looks like, the arguments of a connector beside its path, and a regular expression are read by the compiler, " +
				"so they must be literals.",
			Before: withMap("r.sensor.matches(r.note ?? \"\")"),
			After:  withMap("r.sensor.matches(\"^[a-z]+$\")"),
		},
		{
			Code: BadConstant, Title: "a text that is checked at compile time is wrong",
			Text:   "`date(\"…\")`, `uuid(\"…\")`, regular expressions (RE2), delimiters and paths are checked when the program is compiled, so that they cannot fail at three in the morning.",
			Before: withMap("date(\"2024-02-30\")"),
			After:  withMap("date(\"2024-02-29\")"),
		},
		{
			Code: MissingCase, Title: "a match misses a case",
			Text: "A match says what happens to every value: each symbol of an enum, each member of a union, none and what is not none. Other types end with `_`. " +
				"When a symbol is added later, the compiler finds every match that must know it.",
			Before: withOutput(enum + "stream out = readings |> map(r => { v: match level(r.temp) { Level.low => \"calm\" } })"),
			After:  withOutput(enum + "stream out = readings |> map(r => { v: match level(r.temp) { Level.low => \"calm\", Level.high => \"warm\" } })"),
		},
		{
			Code: UnreachableArm, Title: "no value comes to this arm of a match",
			Text:   "The arms of a match are tried in order. An arm behind `_`, or behind another of the same case, is never taken: it stands too late, or repeats one.",
			Before: withOutput(enum + "stream out = readings |> map(r => { v: match level(r.temp) { _ => \"calm\", Level.high => \"warm\" } })"),
			After:  withOutput(enum + "stream out = readings |> map(r => { v: match level(r.temp) { Level.high => \"warm\", _ => \"calm\" } })"),
		},
		{
			Code: NoValue, Title: "a value is wanted where none is given",
			Text: "An `if` or a block that is used for its value must give one in every case: an `if` has an `else`, a block ends with an expression, and every path through a function returns. " +
				"A call that gives nothing has no value.",
			Before: withReadings("func sign(x: float) -> int {\n  if x > 0.0 { return 1 }\n  if x < 0.0 { return -1 }\n}\n\nstream out = readings |> map(r => { v: sign(r.temp) })\n\nsink out to jsonl(stdout)"),
			After:  withReadings("func sign(x: float) -> int {\n  if x > 0.0 { return 1 }\n  if x < 0.0 { return -1 }\n  return 0\n}\n\nstream out = readings |> map(r => { v: sign(r.temp) })\n\nsink out to jsonl(stdout)"),
		},
	}
}
