package typecheck

import "github.com/flow-lang/flowc/lang/diag"

// Explanations returns the long text of every code that this package gives, in
// order of code. Each shows a whole program that gets the code, and the same
// program mended.
func Explanations() []diag.Explanation {
	var all []diag.Explanation
	all = append(all, explainNames()...)
	all = append(all, explainTypes()...)
	all = append(all, explainValues()...)
	all = append(all, explainStatements()...)
	all = append(all, explainStreams()...)
	all = append(all, explainOperators()...)
	return append(all, explainState()...)
}

// withReadings is a program that begins with a source of readings.
func withReadings(rest string) string {
	return `pipeline app

record Reading {
  sensor: string
  at:     timestamp
  temp:   float
  note:   string?
}

source readings: Reading = jsonl("readings.jsonl")

` + rest + "\n"
}

// withOutput is withReadings whose stream out goes to standard output.
func withOutput(rest string) string {
	return withReadings(rest + "\n\nsink out to jsonl(stdout)")
}

// withHandler is a program with one operator, whose handler of a reading r does
// what body says.
func withHandler(body string) string {
	return withOutput(`operator checked {
  in  r: Reading
  out Reading

  on r {
` + body + `
  }
}

stream out = readings |> checked`)
}

// withMap is a program that maps readings to records with one field, v.
func withMap(value string) string {
	return withOutput("stream out = readings |> map(r => { v: " + value + " })")
}
