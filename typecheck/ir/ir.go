// Package ir is the checked program: every name resolved, every type known,
// every generic operator made concrete, every lambda put in its place. It holds
// no syntax beyond positions and no Go.
//
// The checker writes it; the plan and the reference interpreter read it.
package ir

import (
	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/types"
)

// Program is a checked pipeline.
type Program struct {
	Name      string
	Pos       source.Pos // of the name
	Doc       []string
	Files     []string        // every file of program text that it consists of: the pipeline's first, those of the standard library last
	Own       int             // how many of Files are not of the standard library
	Records   []*types.Record // all that are used, nominal and anonymous, in source order
	Enums     []*types.Enum
	Unions    []*types.Union
	Funcs     []*Func  // pure functions that are used, in source order
	Params    []*Param // every param("…") and env("…"), by name
	Sources   []*Source
	Steps     []*Step // a step stands after the steps that feed it
	Sinks     []*Sink
	Tests     []*Test
	KeyGroups int // 0 means the default, 1024

	Retired  []*Acknowledgement // retired "uid/state", in source order
	Accepted []*Acknowledgement // accept "uid/parameter", in source order
}

// Acknowledgement is a line that says that a consequence for saved state is
// meant.
type Acknowledgement struct {
	Path string
	Doc  []string
	Span source.Span
}

// Param is a value given at start: param("least", 10), or env("BROKERS").
type Param struct {
	Name    string
	Type    types.Type
	Default Expr // constant; nil for env without default
	Env     bool
	Pos     source.Pos // where it stands first
}

// Stream is what flows over one output.
type Stream struct {
	Name string // for people: the declared name, or one made from the step's
	Elem types.Type
	Pos  source.Pos
	// One of Source and Step says where it comes from, unless Failed is set.
	Source *Source
	Step   *Step
	Out    int // index in Step.Op.Outs
	// Failed is set for a stream of Failed<T> records that policies fill.
	Failed bool
}

// Connector is a source's or sink's connector with its arguments, checked
// against the connector's description.
type Connector struct {
	Name string          // csv, jsonl, …
	Args map[string]Expr // by argument name; "path" is the first positional one
	Pos  source.Pos
}

// StdPath is the path of a connector that stands for standard input or output.
// The checker refuses it as a path in quotes.
const StdPath = "-"

// Source reads records.
type Source struct {
	Name        string
	UID         string
	Doc         []string
	Connector   *Connector
	Out         *Stream
	EventTime   *Lambda // nil if the records have none
	Lag         int64   // µs
	Idle        int64   // µs; 0 means never
	OnMalformed Policy
	OnError     Policy // of EventTime
	Pos         source.Pos
}

// Sink writes records.
type Sink struct {
	Name        string // the stream's name
	UID         string
	Doc         []string
	Connector   *Connector
	In          *Stream
	ExactlyOnce bool
	OnError     Policy
	Pos         source.Pos
}

// PolicyAction says what happens to a record that fails.
type PolicyAction int

// The actions.
const (
	Fail PolicyAction = iota
	Skip
	To
)

// Policy is an error policy.
type Policy struct {
	Action PolicyAction
	To     *Stream // for To: the stream of failed records
}

// Step is an operator applied to streams.
type Step struct {
	UID     string // "" if it holds no state and was given none
	WasUID  []string
	Name    string // the operator's name
	Doc     []string
	Op      *Operator // made concrete for this step alone
	Inputs  []*Stream // one for each of Op.Ins that is no message input
	Outputs []*Stream // one for each of Op.Outs; nil where nobody reads it
	OnError Policy
	Rekey   *Rekey // nil if keys stay what they are
	Pos     source.Pos
}

// Operator is one use of an operator: type parameters replaced, function
// parameters inlined, compile-time conditions decided.
type Operator struct {
	Name     string
	Key      types.Type // nil if no input has a key
	Params   []*OpParam // value parameters; function parameters are gone
	Shaping  []*Shaping // what is left of those that shape state
	Ins      []*In
	Outs     []*Out
	States   []*State
	Timers   []*Timer
	Handlers []*Handler
	Helpers  []*Func // may read and write state
	Calls    *Calls  // nil unless its handler waits for a function
	Pos      source.Pos
	// Library names the file of the standard library it comes from, "" for a user's.
	Library string
	Remote  *Remote // of a remote function, else nil
}

// Calls says that the one handler of an operator waits for a function: its first
// statement is a Let that calls it, and the others are done when it has answered.
// The records that wait are saved as Pending.
type Calls struct {
	Let     *Let
	Pending *State // map<int, Awaited<T>>: the record, its time, and the watermark that it saw
	// Value parameters of the operator; a nil one stands for zero.
	Capacity, Timeout, Ordered, Retries, Backoff, MaxBackoff, Cache, CacheTTL *OpParam
	Default                                                                   *OpParam // an option: what stands for the result when no call has gone well; nil if nothing does
	Key                                                                       *Lambda  // to a string: answers for records with the same are taken in their order; nil if there is none
	// Keeps says that the answers are taken in the order of the records whatever
	// Ordered is, because state behind the operator depends on it.
	Keeps bool
}

// OpParam is a value parameter with its argument.
type OpParam struct {
	Local       *Local
	Value       Expr // of the step; reads no record
	ShapesState bool
}

// Shaping is a function parameter that shapes state, with the function that is its
// argument. A list of functions is one that gives a list.
type Shaping struct {
	Name string
	Func *Lambda
}

// InKind tells the kinds of input apart.
type InKind int

// The kinds of input.
const (
	Plain InKind = iota // per shard, or stateless
	Keyed
	Broadcast
	Message
)

// In is an input.
type In struct {
	Name string
	Kind InKind
	Elem types.Type
	Key  *Lambda // of a keyed input: the record to its key
	Wire *Wire   // of messages: as what remote functions send them; nil means as JSON, whatever they call it
	Pos  source.Pos
}

// Out is an output. The main one has the name "".
type Out struct {
	Name string
	Elem types.Type
	Pos  source.Pos
}

// StateKind names the shapes of state.
type StateKind int

// The state kinds.
const (
	ValueState StateKind = iota
	ListState
	MapState
	SortedState
	SetState
	AggregateState
	DynamicState
)

var stateKindNames = [...]string{"value", "list", "map", "sorted", "set", "aggregate", "dynamic"}

// String returns the kind as it is written in a declaration.
func (k StateKind) String() string { return stateKindNames[k] }

// TTLAfter says which access a ttl counts from.
type TTLAfter int

// The accesses.
const (
	AfterWrite TTLAfter = iota
	AfterRead
	AfterCreate
)

// TTL is a time to live. Nil means none.
type TTL struct {
	For        Expr // a duration; reads no record
	After      TTLAfter
	Processing bool // processing time instead of event time
	Watermark  bool // the watermark alone, not the later of it and the handler's time
}

// State is a declared state.
type State struct {
	Name      string
	Kind      StateKind
	Elem      types.Type // of value, list and set
	MapKey    types.Type // of map and sorted
	Value     types.Type // of map and sorted
	Group     *Group     // of map and sorted, if their value is a group
	Agg       *Aggregate // of aggregate, and of map and sorted if their value is one
	Broadcast bool
	Init      Expr // of value; nil if a read gives an option
	TTL       *TTL
	Forever   bool
	Queryable string // external name, or ""
	Was       []string
	Migrate   *Migrate // nil if there is none
	Pos       source.Pos
	Doc       []string
	Index     int // in Operator.States
}

// Migrate makes new values of a state out of saved ones of another type.
type Migrate struct {
	Kind  StateKind // of the saved state
	Whole bool      // Func takes and gives all of a key's state as one value, not single values
	Func  *Func     // of what was saved; its body is one Return
}

// Rekey makes keys of a step out of saved ones of another type.
type Rekey struct {
	Func  *Func // of the old key
	Merge *Func // of two values of the step's one state; nil if keys must not meet
	Pos   source.Pos
}

// Expr returns what a function with "= expr" gives.
func (f *Func) Expr() Expr { return f.Body[0].(*Return).Value }

// Timer is a declared timer.
type Timer struct {
	Name       string
	IndexType  types.Type // of a family or an entry timer, nil if it is neither
	Processing bool
	Was        []string
	Pos        source.Pos
	Index      int // in Operator.Timers

	// State is the map or sorted state whose entries an entry timer follows, nil
	// of other timers: each write of an entry sets it to At, removing the entry
	// cancels it. At reads Key, the entry's key, and Value, the entry's value or
	// view; Value is nil if the declaration does not name it.
	State      *State
	Key, Value *Local
	At         Expr
}

// Handler is the code for one input or one timer.
type Handler struct {
	In    *In    // exactly one of In
	Timer *Timer // and Timer is set
	Param *Local // the record, or the index of a timer family; nil for a plain timer
	Body  []Stmt
	Pos   source.Pos
}

// Local is a name inside a function or handler.
type Local struct {
	Name string
	Type types.Type
	Var  bool // assigned after its declaration
	Pos  source.Pos
}

// Lambda is a function that stands where it is used.
type Lambda struct {
	Params []*Local
	Body   Expr
	Pos    source.Pos
}

// Func is a pure function, or a helper of an operator.
type Func struct {
	Name   string // qualified if it comes from an import with a name
	Doc    []string
	Params []*Local
	Result types.Type // Unit if there is none
	Body   []Stmt     // a function with "= expr" has one Return
	Pos    source.Pos
	// Recursive is set when it can reach itself: calls then count their depth.
	Recursive bool
	// Op is the operator that a helper belongs to, nil for a pure function.
	Op *Operator
	// Extern is the Go function that it stands for; nil if it is written in Flow.
	Extern *Extern
}

// Extern is a function of the user's own Go module.
type Extern struct {
	Package string // its import path
	Symbol  string
	Async   bool       // it takes its time, and is called outside of the shard
	Pos     source.Pos // of the path in the declaration
}
