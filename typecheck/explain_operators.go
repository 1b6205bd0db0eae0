package typecheck

import "github.com/flow-lang/flowc/lang/diag"

func explainOperators() []diag.Explanation {
	keyed := func(key, body string) string {
		return withOutput("operator counted {\n  in  r: Reading key " + key + "\n  out { n: int }\n\n  state n: value<int> = 0 forever\n\n  on r {\n" +
			body + "\n  }\n}\n\nstream out = readings |> counted uid \"counted\"")
	}
	both := func(second string) string {
		return withReadings("operator merged {\n  in  a: Reading key a.sensor\n  in  b: Reading key " + second + "\n  out { n: int }\n\n  state n: value<int> = 0 forever\n\n" +
			"  on a { n += 1; emit { n: n } }\n  on b { n += 1; emit { n: n } }\n}\n\nstream out = readings |> merged(b: readings) uid \"merged\"\n\nsink out to jsonl(stdout)")
	}
	limited := func(low, high string) string {
		return withOutput("operator between(low: int shapes state, high: int shapes state) {\n  require low < high, \"low must be less than high\"\n  in  r: Reading\n  out Reading\n" +
			"  on r { if r.temp > float(low) && r.temp < float(high) { emit r } }\n}\n\nstream out = readings |> between(low: " + low + ", high: " + high + ")")
	}
	return []diag.Explanation{
		{
			Code: MissingInput, Title: "an input has no stream",
			Text:   "The stream on the left of `|>` is an operator's first input; all others are given by name: `orders |> enrich(customers: people)`. An operator has one input at least.",
			Before: withOutput("operator merged {\n  in  a: Reading\n  in  b: Reading\n  out Reading\n  on a { emit a }\n  on b { emit b }\n}\n\nstream out = readings |> merged"),
			After:  withOutput("operator merged {\n  in  a: Reading\n  in  b: Reading\n  out Reading\n  on a { emit a }\n  on b { emit b }\n}\n\nstream out = readings |> merged(b: readings)"),
		},
		{
			Code: MissingHandler, Title: "an input or a timer has no handler",
			Text:   "Each input and each timer has one handler: `on r { … }`. An input without one would swallow its records, a timer without one would fire for nothing.",
			Before: withOutput("operator passed {\n  in  a: Reading\n  in  b: Reading\n  out Reading\n  on a { emit a }\n}\n\nstream out = readings |> passed(b: readings)"),
			After:  withOutput("operator passed {\n  in  a: Reading\n  in  b: Reading\n  out Reading\n  on a { emit a }\n  on b { drop }\n}\n\nstream out = readings |> passed(b: readings)"),
		},
		{
			Code: KeyType, Title: "a type cannot be a key",
			Text: "Two keys are equal or not, exactly and for ever, and they have an order. Floats are not exact: two that print alike may differ in their last bit. " +
				"Optional values, collections and json cannot be keys either. Keys are `bool`, whole numbers, decimals, strings, bytes, times, uuids, enums, and records of these.",
			Before: keyed("r.temp", "    n += 1\n    emit { n: n }"),
			After:  keyed("int(r.temp)", "    n += 1\n    emit { n: n }"),
		},
		{
			Code: KeysDiffer, Title: "inputs of an operator have different keys",
			Text:   "All keyed inputs of an operator share its state, key by key, so their keys have one type. Convert one of them, such as with `string(x)`, or use two operators.",
			Before: both("b.at"),
			After:  both("b.sensor"),
		},
		{
			Code: StateAccess, Title: "state is used where its key is not known",
			Text: "State belongs to a key. It can be read and written in the handlers of inputs that have a key, and of timers; not in the key's own expression, and not in a lambda of the step. " +
				"Broadcast state is written by broadcast inputs and read everywhere.",
			Before: withOutput("operator counted {\n  in  r: Reading key r.sensor\n  out { n: int }\n\n  state m: value<int> = 0 forever\n  state n: value<int> = m forever\n\n  on r {\n    m += 1\n    n += m\n    emit { n: n }\n  }\n}\n\nstream out = readings |> counted uid \"counted\""),
			After:  keyed("r.sensor", "    n += 1\n    emit { n: n }"),
		},
		{
			Code: RequireFailed, Title: "a requirement of an operator does not hold",
			Text:   "An operator says with `require` what its arguments must be; the message is the operator's own. Change the arguments of the step.",
			Before: limited("20", "10"),
			After:  limited("10", "20"),
		},
		{
			Code: CannotWait, Title: "an async function is called where nothing waits for it",
			Text: "A function that is declared `extern async func` takes its time: it asks a service or a disk. What handles records does not wait, or one slow answer would stop all others. " +
				"So such a function is called only in the lambda of a step that waits: `async`, or `lookup_join`. They make many calls at once, keep the order, time out, try again, and save the records that wait in every checkpoint.",
			Before: withOutput(asyncNote + "stream out = readings |> map(r => { note: note_of(r.sensor) })"),
			After:  withOutput(asyncNote + "stream out = readings |> async(r => { note: note_of(r.sensor) }, capacity: 100, timeout: 2s) uid \"notes\""),
		},
		{
			Code: OrderKept, Title: "answers are taken in order although the step allows any",
			Text: "With `ordered: false` a step gives answers as they come. Where state behind it belongs to a key, that would mix up the records of a key, so that the state depended on which call was faster. " +
				"The step then keeps the order of all records, which costs speed where some calls are slow. Say within which key the order matters, by a text: the answers for records of one key keep their order, and others pass them by. Or leave out `ordered: false`.",
			Before: withOutput(asyncNote + "stream out = readings |> async(r => { sensor: r.sensor, note: note_of(r.sensor) }, ordered: false) uid \"notes\"\n" +
				"  |> running(key: n => n.sensor, agg: count()) uid \"counts\" forever"),
			After: withOutput(asyncNote + "stream out = readings |> async(r => { sensor: r.sensor, note: note_of(r.sensor) }, ordered: false, key: r => r.sensor) uid \"notes\"\n" +
				"  |> running(key: n => n.sensor, agg: count()) uid \"counts\" forever"),
		},
		{
			Code: Unsupported, Title: "this version has no such connector",
			Text: "Sources and sinks of this version are files: `csv` and `jsonl`, plain, packed or followed as they grow, on standard input and output, `avro` and `parquet`. The language names more connectors, such as `kafka`, which this version does not have. " +
				"Let another program bring the records: `jsonl(stdin)` reads what a pipe gives it.",
			Before: withOutput("source others: Reading = kafka(\"readings\")\n\nstream out = union(readings, others)"),
			After:  withOutput("source others: Reading = jsonl(stdin)\n\nstream out = union(readings, others)"),
		},
	}
}

// asyncNote declares a function that takes its time.
const asyncNote = "extern async func note_of(sensor: string) -> string = go \"example.com/app/notes\".Of\n\n"
