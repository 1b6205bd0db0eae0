package typecheck

import "github.com/flow-lang/flowc/lang/diag"

func explainNames() []diag.Explanation {
	return []diag.Explanation{
		{
			Code: UnknownName, Title: "a name is declared nowhere",
			Text: "Every name in an expression is a local, a parameter, an input's record, a state or a function, and must be declared where it is used. " +
				"Most often it is misspelt, or declared in another block: a local lives until the end of its block.",
			Before: withMap("r.temp > limitt"),
			After:  withMap("r.temp > 20.0"),
		},
		{
			Code: UnknownType, Title: "a type is declared nowhere",
			Text: "A type is a scalar (`bool int32 int float32 float decimal string bytes timestamp duration date uuid json`), a collection " +
				"(`list<T> set<K> map<K, V>`), or a record, enum or union that the program declares or imports. Imported types stand behind the import's name: `w.Reading`.",
			Before: withOutput("operator passed {\n  in  r: Readings\n  out Reading\n  on r { emit r }\n}\n\nstream out = readings |> passed"),
			After:  withOutput("operator passed {\n  in  r: Reading\n  out Reading\n  on r { emit r }\n}\n\nstream out = readings |> passed"),
		},
		{
			Code: UnknownField, Title: "a value has nothing of that name",
			Text: "What stands behind a point is a field of a record, a property or method of a value such as `.len`, or a symbol of an enum. " +
				"The message lists what there is.",
			Before: withMap("r.temprature"),
			After:  withMap("r.temp"),
		},
		{
			Code: UnknownArgument, Title: "an argument has no parameter",
			Text:   "A named argument must name a parameter, or an input, of what it is given to. Connectors list their arguments in the same way.",
			Before: "pipeline app\n\nrecord Row { a: string }\n\nsource rows: Row = csv(\"rows.csv\", delimeter: \";\")\n\nsink rows to jsonl(stdout)\n",
			After:  "pipeline app\n\nrecord Row { a: string }\n\nsource rows: Row = csv(\"rows.csv\", delimiter: \";\")\n\nsink rows to jsonl(stdout)\n",
		},
		{
			Code: DuplicateName, Title: "a name is given twice",
			Text: "Declarations of one file share one space of names, whatever they declare; so do the fields of a record, the parameters of a function and the names of an operator. " +
				"A name that stands for two things would make one of them unreachable.",
			Before: withReadings("stream warm = readings |> filter(r => r.temp > 20.0)\nstream warm = readings |> filter(r => r.temp > 30.0)\n\nsink warm to jsonl(stdout)"),
			After:  withReadings("stream warm = readings |> filter(r => r.temp > 20.0)\nstream hot = warm |> filter(r => r.temp > 30.0)\n\nsink hot to jsonl(stdout)"),
		},
		{
			Code: ReservedName, Title: "no local may be called key here",
			Text:   "In the handlers of an operator `key` is always the current key, so that a reader need not look for a local of that name. Use another name.",
			Before: withOutput("operator loud {\n  in  r: Reading key r.sensor\n  out Reading\n  on r {\n    let key = 3\n    emit r with { sensor: key.upper() }\n  }\n}\n\nstream out = readings |> loud"),
			After:  withOutput("operator loud {\n  in  r: Reading key r.sensor\n  out Reading\n  on r {\n    let loud = r.sensor.upper()\n    emit r with { sensor: loud }\n  }\n}\n\nstream out = readings |> loud"),
		},
		{
			Code: ImportMissing, Title: "an imported file is not there",
			Text: "The path of an import is relative to the folder of the file that imports. It may not leave the folder of the program, or its root if a file `flow.mod` marks one. " +
				"The mended program below does without the import.",
			Before: "pipeline app\n\nimport \"lib/no_such_file.flow\"\n\nrecord Row { a: string }\n\nsource rows: Row = jsonl(\"rows.jsonl\")\n\nsink rows to jsonl(stdout)\n",
			After:  "pipeline app\n\nrecord Row { a: string }\n\nsource rows: Row = jsonl(\"rows.jsonl\")\n\nsink rows to jsonl(stdout)\n",
		},
		{
			Code: ImportCycle, Title: "a file imports itself",
			Text: "Files that import each other in a circle have no order in which they could be understood. Put what both need into a third file that imports neither. " +
				"The example imports itself directly; a circle through other files is refused in the same way.",
			Before: "pipeline app\n\nimport \"app.flow\"\n\nrecord Row { a: string }\n\nsource rows: Row = jsonl(\"rows.jsonl\")\n\nsink rows to jsonl(stdout)\n",
			After:  "pipeline app\n\nrecord Row { a: string }\n\nsource rows: Row = jsonl(\"rows.jsonl\")\n\nsink rows to jsonl(stdout)\n",
		},
		{
			Code: UnusedName, Title: "something is declared and never used",
			Text: "A declaration, a local, a parameter, a state or an import that nothing uses is often the trace of a mistake: the wrong name was used somewhere else. " +
				"It is a warning. A local that must be there and is not needed is called `_`, or begins with `_`.",
			Before: withHandler("    let limit = 20.0\n    if r.temp > 20.5 { emit r }"),
			After:  withHandler("    let limit = 20.0\n    if r.temp > limit { emit r }"),
		},
		{
			Code: NameStyle, Title: "a name is not written as names of its kind are",
			Text: "By convention the names of types are written like `UpperCamel` and all others like `snake_case`. It is a warning. " +
				"A field whose name in JSON is another keeps that name with `json \"userId\"`.",
			Before: "pipeline app\n\nrecord Row { userId: string }\n\nsource rows: Row = jsonl(\"rows.jsonl\")\n\nsink rows to jsonl(stdout)\n",
			After:  "pipeline app\n\nrecord Row { user_id: string json \"userId\" }\n\nsource rows: Row = jsonl(\"rows.jsonl\")\n\nsink rows to jsonl(stdout)\n",
		},
	}
}
