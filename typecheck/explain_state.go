package typecheck

import "github.com/flow-lang/flowc/lang/diag"

func explainState() []diag.Explanation {
	counted := func(state, clause string) string {
		return withOutput("operator counted {\n  in  r: Reading key r.sensor\n  out { n: int }\n\n  state n: value<int> = 0" + state + "\n\n  on r {\n    n += 1\n    emit { n: n }\n  }\n}\n\n" +
			"stream out = readings |> counted" + clause)
	}
	twice := func(second string) string {
		return withReadings("operator counted {\n  in  r: Reading key r.sensor\n  out Reading\n\n  state n: value<int> = 0 forever\n\n  on r {\n    n += 1\n    if n < 9 { emit r }\n  }\n}\n\n" +
			"stream once = readings |> counted uid \"counted\"\nstream out = once |> counted uid \"" + second + "\"\n\nsink out to jsonl(stdout)")
	}
	return []diag.Explanation{
		{
			Code: MissingUID, Title: "a step that holds state has no uid",
			Text: "State finds its owner by the step's uid after the program has changed: when steps are renamed, reordered or put between others, the uid stays. " +
				"So every step that holds state or timers is given one, once and for ever. The message proposes one.",
			Before: counted(" forever", ""),
			After:  counted(" forever", " uid \"counted\""),
		},
		{
			Code: DuplicateUID, Title: "a uid is given twice",
			Text: "Two steps with one uid would both own the saved state of that name. Sources, steps and sinks have a space of uids each. " +
				"A fragment that is used twice is given a uid at each use, which stands before those inside it.",
			Before: twice("counted"),
			After:  twice("counted-again"),
		},
		{
			Code: SinkUID, Title: "the second sink of a stream has no uid",
			Text:   "The uid of a sink is the name of its stream, by which a restart knows how much each sink has written. A second sink of the same stream needs another one.",
			Before: withReadings("sink readings to jsonl(\"a.jsonl\")\nsink readings to jsonl(\"b.jsonl\")"),
			After:  withReadings("sink readings to jsonl(\"a.jsonl\")\nsink readings to jsonl(\"b.jsonl\") uid \"readings-b\""),
		},
		{
			Code: BadUID, Title: "a uid has characters that it may not have",
			Text:   "A uid is made of letters, digits, `-`, `_` and `.`, and begins with a letter or digit; it names files and metrics. A `/` parts the uid of a fragment from those inside it.",
			Before: counted(" forever", " uid \"counted readings\""),
			After:  counted(" forever", " uid \"counted-readings\""),
		},
		{
			Code: UnboundedState, Title: "state may grow for ever",
			Text: "State is kept for each key, and most keys have no end: users, sensors, orders. A job that never forgets runs until its disk is full. So the declaration says how long state is kept:\n\n" +
				"- `ttl 30d`: it is forgotten 30 days after it was last written (or `after read`, `after create`);\n" +
				"- by a timer: each path through a handler that writes the state sets a timer, and each path through the timer's handler clears the state;\n" +
				"- `forever`: it is meant to grow.\n\n" +
				"A key that is a `bool` or an enum has few values and needs none of these. The message names the path on which the state stays: a `return`, a `drop`, a loop that runs zero times, or a branch may lead past the timer.",
			Before: counted("", " uid \"counted\""),
			After:  counted(" ttl 30d", " uid \"counted\""),
		},
	}
}
