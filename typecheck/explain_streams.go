package typecheck

import "github.com/flow-lang/flowc/lang/diag"

func explainStreams() []diag.Explanation {
	return []diag.Explanation{
		{
			Code: UnknownStream, Title: "a stream is declared nowhere",
			Text:   "A stream is a source, the result of `stream NAME = …`, or the name behind `on error to` or `on malformed to`. Named outputs are read as `name.output`.",
			Before: withReadings("sink reading to jsonl(stdout)"),
			After:  withReadings("sink readings to jsonl(stdout)"),
		},
		{
			Code: UnknownOperator, Title: "an operator is declared nowhere",
			Text:   "A step applies an operator or a fragment: one that the program declares or imports, or one of the standard library such as `filter` and `map`. A function is applied to each record by `map(f)`.",
			Before: withOutput("stream out = readings |> fliter(r => r.temp > 0.0)"),
			After:  withOutput("stream out = readings |> filter(r => r.temp > 0.0)"),
		},
		{
			Code: UnknownOutput, Title: "there is no output of that name",
			Text:   "An operator declares its outputs: `out T` is the main one, for which the step's name stands, `out bad: T` a named one, written with `emit bad v` and read as `name.bad`.",
			Before: withHandler("    if r.temp < 0.0 { emit cold r } else { emit r }"),
			After:  withHandler("    if r.temp >= 0.0 { emit r }"),
		},
		{
			Code: UnknownConnector, Title: "there is no connector of that name",
			Text:   "A source or sink names a connector, which is also the format: `csv(\"file.csv\")`, `jsonl(\"file.jsonl\")`. Standard input and output take the place of the path: `jsonl(stdin)`, `csv(stdout)`.",
			Before: withReadings("sink readings to json(stdout)"),
			After:  withReadings("sink readings to jsonl(stdout)"),
		},
		{
			Code: StreamCycle, Title: "a stream feeds itself",
			Text:   "Streams are wired without circles, so that every record comes to an end. To remember what was seen, use an operator with state.",
			Before: withOutput("stream out = back |> filter(r => r.temp > 0.0)\nstream back = out |> filter(r => r.temp < 9.0)"),
			After:  withOutput("stream back = readings |> filter(r => r.temp < 9.0)\nstream out = back |> filter(r => r.temp > 0.0)"),
		},
		{
			Code: ExactlyOnceStdout, Title: "standard output is to be written exactly once",
			Text:   "Exactly once means that what a crash leaves half done is taken back or finished. What was printed to standard output cannot be taken back. Write to a file or a folder, or leave `exactly once` out.",
			Before: withReadings("sink readings to jsonl(stdout) exactly once"),
			After:  withReadings("sink readings to jsonl(\"out.jsonl\") exactly once"),
		},
		{
			Code: ParamDiffers, Title: "a parameter has two types or defaults",
			Text:   "`param(\"name\", default)` may be used in several places, and is one value, given once at start. So all its uses must agree on its type and default.",
			Before: withOutput("stream out = readings |> filter(r => r.temp > param(\"least\", 10.0)) |> filter(r => r.temp < param(\"least\", 20.0))"),
			After:  withOutput("stream out = readings |> filter(r => r.temp > param(\"least\", 10.0)) |> filter(r => r.temp < param(\"most\", 20.0))"),
		},
		{
			Code: UnreadStream, Title: "nobody reads a stream",
			Text:   "A stream that no sink and no other stream reads is computed for nothing, and what it finds is lost. It is a warning. This includes the streams behind `on error to`.",
			Before: withReadings("stream warm = readings |> filter(r => r.temp > 20.0)\n\nsink readings to jsonl(stdout)"),
			After:  withReadings("stream warm = readings |> filter(r => r.temp > 20.0)\n\nsink warm to jsonl(stdout)"),
		},
		{
			Code: StuckWatermark, Title: "a step waits for event time that never rises",
			Text:   "A watermark is the least over all sources whose records reach a step, and a source without `event time` has none. So windows, joins and timers behind it wait until the input ends, and what they hold grows until then. It is a warning, since a file that ends may be read so. A broadcast input without event time holds nothing back.",
			Before: withHours(""),
			After:  withHours(" {\n  event time at\n}"),
		},
	}
}

// withHours is a program that counts readings by the hour; block is that of
// their source.
func withHours(block string) string {
	return `pipeline app

record Reading {
  sensor: string
  at:     timestamp
}

source readings: Reading = jsonl("readings.jsonl")` + block + `

stream hours = readings |> tumbling(size: 1h, key: r => r.sensor, agg: count(), late: drop) uid "hours"

sink hours to jsonl(stdout)
`
}
