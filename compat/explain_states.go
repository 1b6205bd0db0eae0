package compat

import "github.com/flow-lang/flowc/rt/evolve"

// state is an example with one member in its operator.
func state(declaration string) example { return example{state: declaration} }

var ofStates = []explained{
	{evolve.StateAdded, "The state is new: no saved one has its name, and it says of none that it was it. It is empty for every key.\n" +
		"If it is an old state under another name, say so: `was \"old\"`.", example{}, state("state total: value<int> forever\nstate last: value<int> forever")},
	{evolve.StateRemoved, "The program no longer has the state, so what is saved of it is dropped. If that is meant, say so with the reason:\n" +
		"`retired \"sums/last\" // nobody reads it`, or for one start with `--allow-dropped sums/last`. If the state has another\n" +
		"name now, or moved to another step, the new one says so: `was \"last\"`, `was \"sums/last\"`.",
		state("state total: value<int> forever\nstate last: value<int> forever"), example{}},
	{evolve.StateRenamed, "The state has another name and keeps what it holds, because the declaration says what it was called.", example{}, state("state sum: value<int> forever was \"total\"")},
	{evolve.StateMoved, "The state belonged to another step and keeps what it holds, because its declaration names step and state.\n" +
		"Both steps must have keys of one type.",
		example{}, example{step: "sums uid \"others\"", state: "state total: value<int> forever was \"sums/total\""}},
	{evolve.CellToEntries, "What was one value becomes the entries of a collection, each on its own from now on. An empty value becomes\n" +
		"nothing at all.", state("state xs: value<list<int>> forever"), state("state xs: list<int> forever")},
	{evolve.EntriesToCell, "All entries of a key become one value, which is read and written whole from now on.", state("state m: map<string, int> forever"), state("state m: value<map<string, int>> forever")},
	{evolve.MapToSorted, "The entries are the same; what differs is whether they can be walked in order.", state("state m: map<string, int> forever"), state("state m: sorted<string, int> forever")},
	{evolve.ValueToList, "The saved value becomes the first element of the list.", state("state x: value<int> forever"), state("state x: list<int> forever")},
	{evolve.ListToSorted, "The elements become entries under their places in the list: 0, 1, 2 and so on.", state("state xs: list<string> forever"), state("state xs: sorted<int, string> forever")},
	{evolve.ValueToAgg, "The value has the shape of what the aggregate folds: its one part, or a record with a field for each part. It\n" +
		"becomes what was folded so far.", state("state n: value<int> forever"), state("state n: aggregate<(p: Point) => count()> forever")},
	{evolve.InitialChanged, "The initial value stands for keys that have none saved. Saved values stay what they are.", state("state n: value<int> = 0 forever"), state("state n: value<int> = 1 forever")},
	{evolve.KindChanged, "No rule makes one kind of state out of the other, because there is more than one way to. Say which, from the\n" +
		"whole old state of a key to the whole new one: `migrate from value<int> as old => set([old])`. Or give the new state\n" +
		"another name.", state("state x: value<int> forever"), state("state x: set<int> forever")},
	{evolve.BroadcastMoved, "A state for each key and a state that every shard has whole do not become each other. Give the new one another\n" +
		"name, and say that the old one is retired.", state("state m: map<string, int> forever"), example{
		types: "record Rule { name: string, n: int }\nsource rules: Rule = jsonl(\"rules.jsonl\")",
		state: "in  r: Rule broadcast\nstate m: broadcast map<string, int>\non r { m[r.name] = r.n }", step: "sums(r: rules) uid \"sums\"",
	}},
	{evolve.TTLAdded, "Nobody wrote down when old entries were written. They count as written at the watermark of the step when it is\n" +
		"restored (with processing time, or where there has been no watermark, at the restore), so that none vanishes at once.", state("state x: value<int> forever"), state("state x: value<int> ttl 1h after write")},
	{evolve.TTLChanged, "Entries keep the time at which they were written, and live longer or shorter from there. So it is with \"by watermark\"\n" +
		"that is added or left out: a record that is ahead of the watermark ends nothing any more, or does again.", state("state x: value<int> ttl 1h after write"), state("state x: value<int> ttl 2h after write")},
	{evolve.TTLMeaning, "The saved time of an entry is that of another access, or of another clock. If it may count as the new one, say so\n" +
		"with the reason: `accept \"sums/x.ttl\" // …`.", state("state x: value<int> ttl 1h after write"), state("state x: value<int> ttl 1h after read")},
	{evolve.QueryableMoved, "Saved state is the same. Clients that ask for the old name get an error, and\n" +
		"typed clients lose the methods that are named after it: write them anew with flowc client.", state("state x: value<int> forever queryable \"x\""), state("state x: value<int> forever queryable \"newest\"")},
	{evolve.MigratesByHand, "The program says how old values become new ones, and what was saved is what it takes. An expression can fail for a\n" +
		"value; the restore then refuses before anything has changed.", state("state x: value<string> forever"), state("state x: value<int> forever migrate from string as old => parse_int(old) ?? 0")},
	{evolve.MigrateMismatch, "The migration takes another type than the one that was saved. Write the type that was.", state("state x: value<string> forever"), state("state x: value<int> forever migrate from bool as old => if old { 1 } else { 0 }")},
	{evolve.QueryAnswers, "What becomes of saved state is said beside this. Clients that ask for the state look for a field that is gone, or\n" +
		"get values of another type, or a symbol or member that they do not know. Write typed clients anew with flowc\n" +
		"client, deploy them with the program, and say that they are with the reason: `accept \"sums/x.queryable\" // …`. A\n" +
		"restore asks for no such line.", state("state x: value<int> forever queryable \"x\""), state("state x: value<float> forever queryable \"x\"")},
	{evolve.QueryGrows, "What becomes of saved state is said beside this. Clients that ask for the state get fields that they do not know, and\n" +
		"pass over; typed clients that are written anew with flowc client have them.",
		placed("x: int"), placed("x: int, y: int = 0")},
	{evolve.NameType, "Values of dynamic state bring their types with them, and a value that is read as another type fails its record. A\n" +
		"savepoint lists which names it holds, of which types; without one the names count that stand in the old program.\n" +
		"So does the type that values are read as whose names are made at run time.\n" +
		"Read the name as what it is, or give the new value another name.",
		named(`known.set("seen", p.n)`), named(`known.set("seen", (known.get<string>("seen") ?? "") + "x")`)},
	{evolve.NameLooked, "The program reads a name of which nobody knows what may be saved under it: names are made at run time, and a lock\n" +
		"or a program does not list them. The restore looks at each value before anything is changed, and refuses one that\n" +
		"the program could not read. A check against a savepoint knows.",
		named(`known.set(p.user, p.n)`), named(`known.set(p.user, known.get<int>("last") ?? p.n)`)},
}

// named is an example with dynamic state.
func named(body string) example {
	return example{state: "state known: dynamic forever", body: body}
}

// placed is an example with a queryable state of records.
func placed(fields string) example {
	return example{types: "record Place { " + fields + " }", state: "state at: value<Place> forever queryable \"place\""}
}

// agg is an example with an aggregate.
func agg(parts string) example {
	return example{state: "state a: aggregate<(p: Point) => { " + parts + " }> forever"}
}

var ofAggregates = []explained{
	{evolve.PartAdded, "A part of an aggregate is known by its name, its function and its argument, and this one is new. It starts empty,\n" +
		"while the other parts go on: a count that is added counts from now on, for keys that have been there for long.", agg("n: count()"), agg("n: count(), total: sum(p.n)")},
	{evolve.PartNeedsValue, "The part is new and starts empty, and its function has no result of nothing. It could be asked for one before\n" +
		"anything was added. Say what it is then, `most: max(p.n) ?? 0`, or keep the old aggregate and add the new one as another state.", agg("n: count()"), agg("n: count(), most: max(p.n)")},
	{evolve.PartRemoved, "What the part has folded is given up. If that is meant, say so with the reason: `retired \"sums/a.total\" // …`.", agg("n: count(), total: sum(p.n)"), agg("n: count()")},
	{evolve.PartsReordered, "The parts stand in another order, and are found by their names.", agg("n: count(), total: sum(p.n)"), agg("total: sum(p.n), n: count()")},
	{evolve.PartReplaced, "The part has the name of an old one and folds something else, by another function or from another argument. What the\n" +
		"old one has folded is dropped, and the new one starts empty. If that is meant, say so with the reason:\n" +
		"`retired \"sums/a.total\" // …`.", agg("n: count(), total: sum(p.n)"), agg("n: count(), total: sum(p.n * 2)")},
}
