package compat

import "github.com/flow-lang/flowc/rt/evolve"

// stats is an example with one state of a record type.
func stats(fields string) example {
	return example{types: "record Stats {\n  " + fields + "\n}", state: "state stats: value<Stats> forever"}
}

// value is an example with one state of a type.
func value(t string) example { return example{state: "state x: value<" + t + "> forever"} }

// phase is an example with a state of an enum.
func phase(symbols string) example {
	return example{types: "enum Phase { " + symbols + " }", state: "state phase: value<Phase> forever"}
}

// event is an example with a state of a union.
func event(members string) example {
	return example{
		types: "record A { x: int }\nrecord B { y: string }\nrecord C { z: bool }\nunion Event = " + members,
		state: "state event: value<Event> forever",
	}
}

var ofTypes = []explained{
	{evolve.Same, "Nothing about the state differs between the two programs: not its place, its type, its retention, nor what gives it\n" +
		"its meaning. Layout, comments, names of locals, stateless steps and the order of declarations do not show.", example{}, example{rest: "// a comment"}},
	{evolve.SameBytes, "The type is another one, and every saved value is a value of it as it stands: `int32` and `int` share their\n" +
		"encoding, as do `string` and `bytes`, and a decimal may get more digits before the point. Nothing is converted.", value("int32"), value("int")},
	{evolve.Widens, "Every value of the old type is one of the new type, in another form. Values are converted when they are read,\n" +
		"without a loss. Going back is another change: look at what `--direction full` says of it.", value("int32"), value("float")},
	{evolve.Narrows, "Some values of the old type have no place in the new one: a large `int` in an `int32`, text that is no `uuid`.\n" +
		"A restore looks at all saved values first. If one does not fit it refuses before anything has changed, and names the\n" +
		"step, the state, the key and the value.", value("int"), value("int32")},
	{evolve.NoConversion, "No rule makes values of the new type out of old ones, because there is more than one way to. Say which:\n" +
		"`state x: value<int> forever migrate from string as old => parse_int(old) ?? 0`. Or keep the old state and give the new\n" +
		"one another name.", value("string"), value("int")},
	{evolve.NowOptional, "The value may be `none` from now on. Old values are all there.", stats("n: int"), stats("n: int?")},
	{evolve.NoneHasDefault, "The value is always there from now on. Where an old one is `none`, the field's default stands in its place.", stats("n: int?"), stats("n: int = 0")},
	{evolve.NoneMustNotBe, "The value is always there from now on, and nothing says what stands for `none`. A restore refuses if an old value\n" +
		"is `none`. A default for the field says what stands for it: `n: int = 0`.", stats("n: int?"), stats("n: int")},
	{evolve.NowInUnion, "What was a record is now one of several. Old values are the member of their name.", func() example { e := event("B | A"); e.state = "state event: value<A> forever"; return e }(), event("B | A")},
	{evolve.MemberAppended, "The union has one more member, behind the others. Old values keep theirs.", event("A | B"), event("A | B | C")},
	{evolve.MembersMoved, "A union is saved with the place of the member, and members have other places now. Values are converted by the\n" +
		"names of their members.", event("A | B"), event("B | A")},
	{evolve.MemberRemoved, "A member is gone. A restore refuses if an old value is one.", event("A | B"), event("A")},
	{evolve.ListToSet, "A set knows neither the order of its elements nor how often each was added, so both are given up.", value("list<int>"), value("set<int>")},
	{evolve.SetToList, "The elements become a list in their own order.", value("set<int>"), value("list<int>")},
	{evolve.FieldsReordered, "A record is saved field by field, in the order of its declaration, and that order is another one now. Fields are\n" +
		"found by their names.", stats("a: int\n  b: string"), stats("b: string\n  a: int")},
	{evolve.FieldDefault, "Old values have no value for the new field and get its default. A default that is changed later does not change\n" +
		"values that have been written.", stats("n: int"), stats("n: int\n  unit: string = \"C\"")},
	{evolve.FieldOptional, "Old values have no value for the new field: it is `none` in them until it is written.", stats("n: int"), stats("n: int\n  unit: string?")},
	{evolve.FieldMissing, "Old values have no value for the new field, and it has neither a default nor a `?`. Give it one of them. If it is\n" +
		"an old field under another name, say so: `total: int was \"n\"`.", stats("n: int"), stats("n: int\n  unit: string")},
	{evolve.FieldRemoved, "What the field holds is given up when a value is written again. If that is meant, say so with the reason:\n" +
		"`retired \"sums/stats.unit\" // nobody reads it`. If the field has another name now, the new one says so with `was`.",
		stats("n: int\n  unit: string"), stats("n: int")},
	{evolve.FieldRenamed, "The field has another name and keeps its values, because the declaration says what it was called.", stats("n: int"), stats("count: int was \"n\"")},
	{evolve.SymbolAppended, "The enum has more symbols. Old values keep theirs.", phase("off, on"), phase("off, on, broken")},
	{evolve.SymbolsMoved, "An enum is saved as the place of its symbol, and symbols have other places now. Values are converted by name.\n" +
		"New symbols at the end, and values are read as they are.", phase("off, on"), phase("on, off")},
	{evolve.SymbolRenamed, "The symbol has another name and keeps its values, because the declaration says what it was called.", phase("off, on"), phase("off, running was \"on\"")},
	{evolve.SymbolRemoved, "A symbol is gone. A restore refuses if an old value has it. If it has another name now, say so: `running was \"on\"`.", phase("off, on, broken"), phase("off, on")},
	{evolve.KeysMayMeet, "Two keys of a map, or elements of a set, may become the same one by the conversion, such as two texts of one\n" +
		"`uuid`. A restore refuses if two do.", example{state: "state m: map<string, int> forever"}, example{state: "state m: map<uuid, int> forever"}},
}
