package compat

import "github.com/flow-lang/flowc/rt/evolve"

var ofSteps = []explained{
	{evolve.KeyReads, "The key has another type and every saved key is a key of it as it stands. Keys stay where they are.", example{user: "int32"}, example{user: "int"}},
	{evolve.KeyBreaks, "No saved key would be found again under a key of another type. Say how old keys become new ones:\n" +
		"`rekey \"sums\" from string as old => parse_int(old) ?? 0`. Or give the step another uid and retire the old one.", example{}, example{key: "p.n"}},
	{evolve.KeyMeaning, "Keys have the same type and are made of something else, so saved state would go on with other records. If it may, say\n" +
		"so with the reason: `accept \"sums/key\" // …`. Else give the step another uid.", example{}, example{key: "p.user.lower()"}},
	{evolve.KeyByHand, "The program says how old keys become new ones. A restore refuses if two keys become the same one.", example{}, example{key: "p.n", rest: "rekey \"sums\" from string as old => parse_int(old) ?? 0"}},
	{evolve.RekeyMismatch, "The rekey takes another type than that of the saved keys. Write the type that was.", example{}, example{key: "p.n", rest: "rekey \"sums\" from bool as old => if old { 1 } else { 0 }"}},
	{evolve.StepRenamed, "The step has another uid and keeps its state, because it says which uid it had.", example{}, example{step: "sums uid \"totals\" was \"sums\""}},
	{evolve.ParamChanged, "The argument gives saved state its meaning (its parameter says `shapes state`): a pane of an hour is no pane of two.\n" +
		"The bytes can be read, and mean something else. If that is all right, say so with the reason:\n" +
		"`accept \"sums/size\" // …`. Else give the step another uid.", example{}, example{step: "sums(size: 2h) uid \"sums\""}},
	{evolve.MessageGone, "Messages on their way are part of a snapshot, and the input that they go to is gone. Let them arrive first, or say\n" +
		"that they may be dropped: `retired \"sums/m\" // …`.", example{types: "record Note { n: int }", state: "in  m: Note message\nstate total: value<int> forever\non m { total = m.n }"}, example{}},
	{evolve.MessageClosed, "The step takes messages that no saved step sent.", example{}, example{types: "record Note { n: int }", state: "in  m: Note message\nstate total: value<int> forever\non m { total = m.n }"}},
	{evolve.DelayedRead, "A message that a remote function delays is saved as the function wrote it, and read as the input says when it is due.\n" +
		"The input reads other messages now: another format, another name of their type, or a field that they do not have. If\n" +
		"none waits, or it may be refused when it is due, say so with the reason: `accept \"sums/m\" // …`. Else take the new ones\n" +
		"at an input of a step of their own, and let the old ones arrive first.",
		heard(`message`), heard(`message "type.googleapis.com/shop.Note" protobuf`)},
	{evolve.TimerAdded, "The timer is new and set for no key until a handler sets it.", example{}, state("state total: value<int> forever\ntimer idle: event time\non idle { clear }")},
	{evolve.TimerRemoved, "The timer is gone, and where it is set that is dropped. If that is meant, say so with the reason:\n" +
		"`retired \"sums/idle\" // …`. If it has another name now, the new one says so with `was`.", state("state total: value<int> forever\ntimer idle: event time\non idle { clear }"), example{}},
	{evolve.TimerRenamed, "The timer has another name and stays set, because the declaration says what it was called.",
		state("state total: value<int> forever\ntimer idle: event time\non idle { clear }"), state("state total: value<int> forever\ntimer silent: event time was \"idle\"\non silent { clear }")},
	{evolve.TimerClock, "The times for which the timer is set are times of another clock. Give the new timer another name and retire the old one.",
		state("state total: value<int> forever\ntimer idle: event time\non idle { clear }"), state("state total: value<int> forever\ntimer idle: processing time\non idle { clear }")},
	{evolve.TimerFamily, "One timer for each key is no family of timers, in which each has an index. Give the new one another name and retire\n" +
		"the old one.", state("state total: value<int> forever\ntimer idle: event time\non idle { clear }"), state("state total: value<int> forever\ntimer idle[int]: event time\non idle[w] { clear }")},
}

var ofPrograms = []explained{
	{evolve.SourceAdded, "No saved source has its uid, so it is read from its beginning.", example{}, example{rest: "source more: Point = jsonl(\"more.jsonl\")\nsink more to jsonl(stdout)"}},
	{evolve.SourceRemoved, "How far the source was read is dropped; if it comes back, it begins anew. If that is meant, say so with the reason:\n" +
		"`retired \"more\" // …`.", example{rest: "source more: Point = jsonl(\"more.jsonl\")\nsink more to jsonl(stdout)"}, example{}},
	{evolve.SourceMoved, "The saved position is one of another file or topic, where it means something else. If the new place has the same\n" +
		"records at the same positions, say so with the reason: `accept \"points/from\" // …`. Else give the source another name.",
		example{}, example{from: "jsonl(\"other.jsonl\")"}},
	{evolve.SinkRemoved, "The sink kept how far it had written, to write each record once, and that is dropped. If that is meant, say so with the\n" +
		"reason: `retired \"copy\" // …`.", example{rest: "sink out to jsonl(\"out.jsonl\") uid \"copy\""}, example{}},
	{evolve.SinkChanged, "Nothing of it is saved that could be lost.", example{}, example{rest: "sink out to jsonl(\"out.jsonl\") uid \"copy\""}},
	{evolve.GroupsChanged, "Keys go to key groups by their hash, and there is another number of groups now. A restore hashes every key again.", example{}, example{rest: "key_groups 128"}},
	{evolve.AckOfNothing, "The line says that a consequence is meant, and there is none (any more). Such a line would hide the next change of that\n" +
		"kind. Take it out once the change has been released.", example{}, example{rest: "retired \"sums/last\" // it was released"}},
	{evolve.IgnoreUnused, "A comment `// flowc:ignore CODE until DATE \"reason\"` silences a finding on the next line. There is none, or the comment\n" +
		"is not written so. Take it out, or mend it.", example{}, example{rest: "// flowc:ignore C0202 until 2999-12-31 \"not yet\""}},
	{evolve.IgnoreIsOver, "The date of the comment has passed. Mend what it silences, or give it another date with the reason.", example{}, example{rest: "// flowc:ignore C0202 until 2001-12-31 \"not yet\""}},
}

// heard is an example with a step that takes messages of a remote function.
func heard(message string) example {
	return example{
		types: "record Note { n: int }\n\nremote judge: Point -> Point {\n  type     \"shop/judge\"\n  endpoint \"http://localhost:8000/statefun\"\n}",
		state: "in  m: Note " + message + "\nstate total: value<int> forever\non m { total = m.n }",
		rest:  "stream judged = points |> judge(key: p => p.user) uid \"judged\"\nsink judged to jsonl(\"judged.jsonl\")",
	}
}
