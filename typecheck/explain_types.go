package typecheck

import "github.com/flow-lang/flowc/lang/diag"

func explainTypes() []diag.Explanation {
	return []diag.Explanation{
		{
			Code: TypeMismatch, Title: "a value has another type than its place",
			Text: "Values are not converted behind your back where that could lose something. By itself only `int32` becomes `int`, `float32` becomes `float`, a `T` becomes a `T?`, " +
				"and an anonymous record becomes a named one with the same fields. For all else there are functions: `float(x)`, `int(x)`, `string(x)`, `parse_int(s)`.",
			Before: withOutput("stream out = readings |> filter(r => r.temp)"),
			After:  withOutput("stream out = readings |> filter(r => r.temp > 0.0)"),
		},
		{
			Code: BadOperands, Title: "an operation does not work on these values",
			Text: "Arithmetic and comparison want two values of one type. An `int` and a `float` do not mix: say `float(n)`. To a timestamp a duration is added, not a number. " +
				"An optional value is taken apart first, with `if let` or `??`.",
			Before: withMap("r.temp * 2"),
			After:  withMap("r.temp * 2.0"),
		},
		{
			Code: NotOptional, Title: "a value that is never none is asked whether it is",
			Text:   "`??`, `?.` and `if let` are for optional values, whose type ends in `?`. Where a value is always there they would hide a misunderstanding.",
			Before: withMap("r.sensor ?? \"unknown\""),
			After:  withMap("r.note ?? \"unknown\""),
		},
		{
			Code: OptionUnread, Title: "an optional value is used as if it were there",
			Text: "There is no null in Flow: a value that may be missing has a type that ends in `?`, and must be looked into before it is used. " +
				"`x?.f` is none where x is none, `x ?? d` says what stands for none, `if let v = x { … } else { … }` and `match` take both cases apart.",
			Before: withMap("r.note.len"),
			After:  withMap("r.note?.len ?? 0"),
		},
		{
			Code: NumberRange, Title: "a number does not fit",
			Text: "A literal must fit the type of its place: `int32` ends at 2147483647, `int` at 9223372036854775807. Some places have narrower bounds, such as `key_groups` or the length of a ttl; " +
				"the message names them.",
			Before: withMap("9223372036854775808"),
			After:  withMap("9223372036854775807"),
		},
		{
			Code: MissingField, Title: "a record is written without all its fields",
			Text: "A record's literal names every field that has no default, also optional ones: `note: none` says that it was not forgotten. " +
				"To change a few fields of a record that is there, use `r with { temp: 3.0 }`.",
			Before: withOutput("stream out = readings |> map(r => Reading { sensor: r.sensor, at: r.at, temp: 0.0 })"),
			After:  withOutput("stream out = readings |> map(r => Reading { sensor: r.sensor, at: r.at, temp: 0.0, note: none })"),
		},
		{
			Code: NeedsType, Title: "a type does not follow from what is written",
			Text:   "The type of a local or a field follows from its value. `none`, `[]` and `[:]` alone do not say of what; a function always says what it gives. Write the type.",
			Before: withHandler("    var low = none\n    if r.temp < 0.0 { low = r.temp }\n    if low == none { emit r }"),
			After:  withHandler("    var low: float? = none\n    if r.temp < 0.0 { low = r.temp }\n    if low == none { emit r }"),
		},
		{
			Code: BadTypeArguments, Title: "a type is given arguments that it does not take",
			Text: "`list` and `set` take one type, `map` two, `decimal` a precision from 1 to 38 and a scale; records take as many as they declare; all others take none. " +
				"A type is optional once at most.",
			Before: withOutput("record Tag { names: list }\n\nstream out = readings |> map(r => Tag { names: [r.sensor] })"),
			After:  withOutput("record Tag { names: list<string> }\n\nstream out = readings |> map(r => Tag { names: [r.sensor] })"),
		},
		{
			Code: RecursiveType, Title: "a record contains itself",
			Text:   "A record holds its fields inside it, so one that held itself would have no end. Refer to the other record by its key, and keep the two apart.",
			Before: "pipeline app\n\nrecord Node {\n  name:   string\n  parent: Node?\n}\n\nsource nodes: Node = jsonl(\"nodes.jsonl\")\n\nsink nodes to jsonl(stdout)\n",
			After:  "pipeline app\n\nrecord Node {\n  name:   string\n  parent: string?\n}\n\nsource nodes: Node = jsonl(\"nodes.jsonl\")\n\nsink nodes to jsonl(stdout)\n",
		},
		{
			Code: NotAType, Title: "a type's place names something that is none",
			Text:   "A stream, a function or an operator is not the type of a value. What flows over a stream has a type: name that.",
			Before: withOutput("operator passed {\n  in  r: readings\n  out Reading\n  on r { emit r }\n}\n\nstream out = readings |> passed"),
			After:  withOutput("operator passed {\n  in  r: Reading\n  out Reading\n  on r { emit r }\n}\n\nstream out = readings |> passed"),
		},
		{
			Code: NotAValue, Title: "a value's place names something that is none",
			Text: "Streams, types, operators, timers and functions are no values: they cannot be kept, compared or passed on. A function is called, an enum is named with a symbol. " +
				"A lambda is an argument of an operator or a method, and nothing else.",
			Before: withMap("r.sensor == readings"),
			After:  withMap("r.sensor == \"a\""),
		},
	}
}
