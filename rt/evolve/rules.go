package evolve

// RuleID names a rule for ever.
type RuleID string

// Rule judges one kind of change.
type Rule struct {
	ID      RuleID
	Title   string // one line, no full stop
	Verdict Verdict
	Always  bool // a finding whatever the verdict
}

// The rules. A number is never given again.
const (
	Same RuleID = "C0001"

	SameBytes       RuleID = "C0101"
	Widens          RuleID = "C0102"
	Narrows         RuleID = "C0103"
	NoConversion    RuleID = "C0104"
	NowOptional     RuleID = "C0105"
	NoneHasDefault  RuleID = "C0106"
	NoneMustNotBe   RuleID = "C0107"
	NowInUnion      RuleID = "C0108"
	MemberAppended  RuleID = "C0109"
	MembersMoved    RuleID = "C0110"
	MemberRemoved   RuleID = "C0111"
	ListToSet       RuleID = "C0112"
	SetToList       RuleID = "C0113"
	FieldsReordered RuleID = "C0114"
	FieldDefault    RuleID = "C0115"
	FieldOptional   RuleID = "C0116"
	FieldMissing    RuleID = "C0117"
	FieldRemoved    RuleID = "C0118"
	FieldRenamed    RuleID = "C0119"
	SymbolAppended  RuleID = "C0120"
	SymbolsMoved    RuleID = "C0121"
	SymbolRenamed   RuleID = "C0122"
	SymbolRemoved   RuleID = "C0123"
	KeysMayMeet     RuleID = "C0124"

	StateAdded      RuleID = "C0201"
	StateRemoved    RuleID = "C0202"
	StateRenamed    RuleID = "C0203"
	StateMoved      RuleID = "C0204"
	CellToEntries   RuleID = "C0205"
	EntriesToCell   RuleID = "C0206"
	MapToSorted     RuleID = "C0207"
	ValueToList     RuleID = "C0208"
	ListToSorted    RuleID = "C0209"
	ValueToAgg      RuleID = "C0210"
	InitialChanged  RuleID = "C0211"
	KindChanged     RuleID = "C0212"
	BroadcastMoved  RuleID = "C0213"
	TTLAdded        RuleID = "C0214"
	TTLChanged      RuleID = "C0215"
	TTLMeaning      RuleID = "C0216"
	QueryableMoved  RuleID = "C0217"
	MigratesByHand  RuleID = "C0218"
	MigrateMismatch RuleID = "C0219"
	QueryAnswers    RuleID = "C0220"
	NameType        RuleID = "C0221"
	NameLooked      RuleID = "C0222"
	QueryGrows      RuleID = "C0223"

	PartAdded      RuleID = "C0301"
	PartNeedsValue RuleID = "C0302"
	PartRemoved    RuleID = "C0303"
	PartsReordered RuleID = "C0304"
	PartReplaced   RuleID = "C0305"

	KeyReads      RuleID = "C0401"
	KeyBreaks     RuleID = "C0402"
	KeyMeaning    RuleID = "C0403"
	KeyByHand     RuleID = "C0404"
	RekeyMismatch RuleID = "C0405"

	StepRenamed   RuleID = "C0501"
	ParamChanged  RuleID = "C0502"
	MessageGone   RuleID = "C0503"
	MessageClosed RuleID = "C0504"
	DelayedRead   RuleID = "C0505"

	TimerAdded   RuleID = "C0601"
	TimerRemoved RuleID = "C0602"
	TimerRenamed RuleID = "C0603"
	TimerClock   RuleID = "C0604"
	TimerFamily  RuleID = "C0605"

	SourceAdded   RuleID = "C0701"
	SourceRemoved RuleID = "C0702"
	SourceMoved   RuleID = "C0703"
	SinkRemoved   RuleID = "C0704"
	SinkChanged   RuleID = "C0705"
	GroupsChanged RuleID = "C0706"

	AckOfNothing RuleID = "C0901"
	IgnoreUnused RuleID = "C0902"
	IgnoreIsOver RuleID = "C0903"
)

// OfClients reports whether the rule is about who asks for state, and not about what
// is saved.
func (id RuleID) OfClients() bool {
	return id == QueryableMoved || id == QueryAnswers || id == QueryGrows
}

// Rules returns all rules, by their ids.
func Rules() []Rule { return append([]Rule(nil), rules...) }

var rules = []Rule{
	{Same, "the state is unchanged", Unchanged, false},

	{SameBytes, "another type with the same bytes", ReadsAsIs, false},
	{Widens, "a type that holds every old value", Migrates, false},
	{Narrows, "a type that may not hold every old value", MigratesChecked, false},
	{NoConversion, "a type that old values do not become", Breaks, false},
	{NowOptional, "a value that may now be none", Migrates, false},
	{NoneHasDefault, "an optional value that is now always there, with a default", Migrates, false},
	{NoneMustNotBe, "an optional value that is now always there, without a default", MigratesChecked, false},
	{NowInUnion, "a record that is now a member of a union", Migrates, false},
	{MemberAppended, "a union with one more member at its end", ReadsAsIs, false},
	{MembersMoved, "a union whose members stand in another order", Migrates, false},
	{MemberRemoved, "a union that lost a member", MigratesChecked, false},
	{ListToSet, "a list that is now a set", MigratesLosing, false},
	{SetToList, "a set that is now a list", Migrates, false},
	{FieldsReordered, "fields in another order", Migrates, false},
	{FieldDefault, "a new field with a default", Migrates, false},
	{FieldOptional, "a new optional field", Migrates, false},
	{FieldMissing, "a new field that old values have no value for", Breaks, false},
	{FieldRemoved, "a field that is given up", MigratesLosing, false},
	{FieldRenamed, "a renamed field", ReadsAsIs, false},
	{SymbolAppended, "an enum with one more symbol", ReadsAsIs, false},
	{SymbolsMoved, "an enum whose symbols stand in another order", Migrates, false},
	{SymbolRenamed, "a renamed symbol", ReadsAsIs, false},
	{SymbolRemoved, "an enum that lost a symbol", MigratesChecked, false},
	{KeysMayMeet, "keys of a map or set of which two may become one", MigratesChecked, false},

	{StateAdded, "a new state", StartsEmpty, false},
	{StateRemoved, "a state that nobody has any more", Dropped, false},
	{StateRenamed, "a renamed state", Unchanged, false},
	{StateMoved, "a state that moved from another step", Unchanged, false},
	{CellToEntries, "a collection that was one value", Migrates, false},
	{EntriesToCell, "one value that was a collection", Migrates, false},
	{MapToSorted, "a map that is now sorted, or the other way round", Migrates, false},
	{ValueToList, "a list that was a value", Migrates, false},
	{ListToSorted, "a sorted state that was a list", Migrates, false},
	{ValueToAgg, "an aggregate that was a value", Migrates, false},
	{InitialChanged, "another initial value, or none any more", ReadsAsIs, false},
	{KindChanged, "another kind of state", Breaks, false},
	{BroadcastMoved, "a state that is for each key no longer, or now", Breaks, false},
	{TTLAdded, "a time to live that was not there", Migrates, false},
	{TTLChanged, "a time to live that is gone, longer or shorter, or that another time ends", ReadsAsIs, false},
	{TTLMeaning, "a time to live that counts from something else", MeaningChanged, false},
	{QueryableMoved, "another name for queries", Unchanged, false},
	{MigratesByHand, "a migration that the program gives", MigratesChecked, false},
	{MigrateMismatch, "a migration from another type than the saved one", Breaks, false},
	{QueryAnswers, "queries whose clients read them wrongly", Unchanged, true},
	{NameType, "a name of dynamic state that is read as another type", Breaks, false},
	{NameLooked, "a name of dynamic state whose saved values are looked at", MigratesChecked, false},
	{QueryGrows, "queries that answer with more", Unchanged, false},

	{PartAdded, "a new part of an aggregate", Partial, false},
	{PartNeedsValue, "a new part of an aggregate without a result of nothing", Breaks, false},
	{PartRemoved, "a part of an aggregate that is given up", MigratesLosing, false},
	{PartsReordered, "parts of an aggregate in another order", Migrates, false},
	{PartReplaced, "a part of an aggregate that folds something else", Dropped, false},

	{KeyReads, "another type of key with the same bytes", ReadsAsIs, false},
	{KeyBreaks, "another type of key", Breaks, false},
	{KeyMeaning, "another key for the same records", MeaningChanged, false},
	{KeyByHand, "keys that the program turns into new ones", MigratesChecked, false},
	{RekeyMismatch, "a rekey from another type than the saved one", Breaks, false},

	{StepRenamed, "a step with another uid", Unchanged, false},
	{ParamChanged, "another argument that shapes state", MeaningChanged, false},
	{MessageGone, "messages on their way to an input that is gone", Dropped, false},
	{MessageClosed, "a new input for messages", StartsEmpty, false},
	{DelayedRead, "messages that remote functions have delayed are read otherwise", MeaningChanged, false},

	{TimerAdded, "a new timer", StartsEmpty, false},
	{TimerRemoved, "a timer that is gone", Dropped, false},
	{TimerRenamed, "a renamed timer", Unchanged, false},
	{TimerClock, "a timer on another clock", Breaks, false},
	{TimerFamily, "a timer that is now one of a family, or the other way round", Breaks, false},

	{SourceAdded, "a new source", StartsEmpty, false},
	{SourceRemoved, "a source that is gone", Dropped, false},
	{SourceMoved, "a source that reads somewhere else", MeaningChanged, false},
	{SinkRemoved, "a sink that is gone and knew how far it had written", Dropped, false},
	{SinkChanged, "a sink that is new, gone or writes somewhere else", Unchanged, false},
	{GroupsChanged, "another number of key groups", Migrates, false},

	{AckOfNothing, "an acknowledgement of nothing", Unchanged, true},
	{IgnoreUnused, "an exception that silences nothing", Unchanged, true},
	{IgnoreIsOver, "an exception whose time is over", Unchanged, true},
}

// Rule returns the rule with the id, which must be one.
func (id RuleID) Rule() *Rule {
	for i := range rules {
		if rules[i].ID == id {
			return &rules[i]
		}
	}
	panic("evolve: no rule " + string(id))
}
