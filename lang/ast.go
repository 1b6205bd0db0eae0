package lang

import "github.com/flow-lang/flowc/lang/source"

// Range is embedded in every node and records the text the node came from.
type Range struct {
	Pos    source.Pos // first byte of the node
	EndPos source.Pos // first byte after the node
}

// Span returns the text of the node.
func (r Range) Span() source.Span { return source.Span{Start: r.Pos, End: r.EndPos} }

// Node is any piece of syntax.
type Node interface{ Span() source.Span }

// Ident is a name as written.
type Ident struct {
	Range
	Text string
}

// Name is a possibly qualified name: "Reading" or "w.Reading".
type Name struct {
	Range
	Qualifier *Ident // nil if there is none
	Ident     *Ident
}

// File is one parsed file of program text.
type File struct {
	Range
	Name     string // as given to Parse
	Text     string
	Kind     FileKind
	Pipeline *Ident   // the name after "pipeline" or "library"; nil if it is missing
	Doc      []string // the comment lines above the first declaration, without "//"
	Decls    []Decl
	Comments []Comment  // every comment of the file in order, for the formatter
	header   source.Pos // of the word "pipeline" or "library"
}

// FileKind tells a program from a library.
type FileKind int

// The kinds of file.
const (
	PipelineFile FileKind = iota
	LibraryFile
)

// Comment is one "//" comment with its two slashes.
type Comment struct {
	Text         string
	Offset, Line int32 // of where it begins, as in source.Pos; it ends on the same line
}

// start is where the comment begins, without its file and column.
func (c *Comment) start() source.Pos { return source.Pos{Offset: int(c.Offset), Line: int(c.Line)} }

// end is where it ends, as start.
func (c *Comment) end() source.Pos {
	return source.Pos{Offset: int(c.Offset) + len(c.Text), Line: int(c.Line)}
}

// Decl is one top-level declaration.
//
//sumtype:decl
type Decl interface {
	Node
	decl()
}

// The declarations. Doc holds the comment lines directly above, without "//".
type (
	// ImportDecl: import "lib/weather.flow" as w
	ImportDecl struct {
		Range
		Path *StringLit
		As   *Ident // nil if there is none
	}

	// RecordDecl: record Reading { sensor: string … }
	RecordDecl struct {
		Range
		Doc        []string
		Name       *Ident
		TypeParams []*Ident
		Fields     []*FieldDecl
	}

	// EnumDecl: enum Level { low, mid = 7 was "middle" }
	EnumDecl struct {
		Range
		Doc     []string
		Name    *Ident
		Symbols []*EnumSymbol
	}

	// UnionDecl: union Event = Bid | Auction
	UnionDecl struct {
		Range
		Doc     []string
		Name    *Ident
		Members []*TypeExpr
	}

	// FuncDecl: func fahrenheit(c: float) -> float = c * 1.8 + 32.0, or with a
	// block; also a helper inside an operator, where Result may be missing.
	FuncDecl struct {
		Range
		Doc        []string
		Name       *Ident
		TypeParams []*Ident
		Params     []*ParamDecl
		Result     *TypeExpr // nil if the function gives no value
		Expr       Expr      // exactly one of Expr and Body is set
		Body       *Block
	}

	// ExternDecl: extern [async] func geo(ip: string) -> string? = go "example.com/geo".Lookup
	ExternDecl struct {
		Range
		Doc     []string
		Async   bool
		Name    *Ident
		Params  []*ParamDecl
		Result  *TypeExpr
		Package *StringLit
		Symbol  *Ident
	}

	// SourceDecl: source readings: Reading = csv("…") { event time at }
	SourceDecl struct {
		Range
		Doc       []string
		Name      *Ident
		Type      *TypeExpr
		Connector *CallExpr // stdin alone is a CallExpr without arguments
		Clauses   []SourceClause
		UID       *StringLit // nil if there is none
	}

	// SinkDecl: sink alerts to jsonl(stdout) exactly once uid "audit"
	SinkDecl struct {
		Range
		Doc         []string
		Stream      Expr // a stream's name, or one of its named outputs
		Connector   *CallExpr
		ExactlyOnce bool
		UID         *StringLit
		OnError     *PolicyClause
		Clauses     []SourceClause // the clauses of its block, if it has one
	}

	// StreamDecl: stream alerts = readings |> jumps(threshold: 1.7) uid "jumps"
	StreamDecl struct {
		Range
		Doc  []string
		Name *Ident
		Wire *WireExpr
	}

	// FragmentDecl: fragment clean(s: stream<Raw>) -> stream<Clean> = s |> …
	FragmentDecl struct {
		Range
		Doc        []string
		Name       *Ident
		TypeParams []*Ident
		Params     []*ParamDecl
		Result     *TypeExpr
		Wire       *WireExpr
	}

	// OperatorDecl: operator NAME<T>(params) { … }
	OperatorDecl struct {
		Range
		Doc        []string
		Name       *Ident
		TypeParams []*Ident
		Params     []*ParamDecl
		Members    []Member
	}

	// AggregateDecl: aggregate NAME(x: T) -> R { state …; add { … }; merge other { … }; result = … }
	AggregateDecl struct {
		Range
		Doc        []string
		Name       *Ident
		TypeParams []*Ident
		Params     []*ParamDecl
		ResultType *TypeExpr
		States     []*StateDecl
		Add        *Block
		MergeName  *Ident
		Merge      *Block
		Result     Expr
		Funcs      []*FuncDecl
	}

	// RemoteDecl: remote greeter: GreetRequest -> Greeting { type "…" … }
	RemoteDecl struct {
		Range
		Doc      []string
		Name     *Ident
		In, Out  *TypeExpr
		Settings []*RemoteSetting
		States   []*StateDecl
	}

	// RetiredDecl: retired "uid/state"
	RetiredDecl struct {
		Range
		Doc  []string
		Path *StringLit
	}

	// AcceptDecl: accept "uid/PARAMETER"
	AcceptDecl struct {
		Range
		Doc  []string
		Path *StringLit
	}

	// RekeyDecl: rekey "uid" from OLD as old => expr merge (a, b) => expr
	RekeyDecl struct {
		Range
		UID   *StringLit
		From  *TypeExpr
		As    *Ident
		Expr  Expr
		Merge *LambdaExpr // nil if there is none
	}

	// TestDecl: test "…" { … }
	TestDecl struct {
		Range
		Name  *StringLit
		Steps []TestStep
	}

	// SettingDecl is a line that sets something for the whole program:
	// key_groups 128
	SettingDecl struct {
		Range
		Name  *Ident
		Value Expr
	}
)

func (*ImportDecl) decl()    {}
func (*RecordDecl) decl()    {}
func (*EnumDecl) decl()      {}
func (*UnionDecl) decl()     {}
func (*FuncDecl) decl()      {}
func (*ExternDecl) decl()    {}
func (*SourceDecl) decl()    {}
func (*SinkDecl) decl()      {}
func (*StreamDecl) decl()    {}
func (*FragmentDecl) decl()  {}
func (*OperatorDecl) decl()  {}
func (*AggregateDecl) decl() {}
func (*RemoteDecl) decl()    {}
func (*RetiredDecl) decl()   {}
func (*AcceptDecl) decl()    {}
func (*RekeyDecl) decl()     {}
func (*TestDecl) decl()      {}
func (*SettingDecl) decl()   {}

// FieldDecl is a field of a record: name: type = default was "old" json "wire"
type FieldDecl struct {
	Range
	Doc     []string
	Name    *Ident
	Type    *TypeExpr
	Default Expr         // nil if there is none
	Was     []*StringLit // former names
	JSON    *StringLit   // name on the wire; nil if it is Name
}

// EnumSymbol is a symbol of an enum, with its number and former names.
type EnumSymbol struct {
	Range
	Name   *Ident
	Number *IntLit // nil if it counts on from the symbol before
	Was    []*StringLit
}

// ParamDecl is a parameter of a function, operator, fragment or aggregate.
type ParamDecl struct {
	Range
	Name        *Ident
	Type        *TypeExpr
	ShapesState bool
	Default     Expr // nil if there is none
}

// TypeExpr is a type as written. Exactly one of the shapes is set: Name (with
// Args), Record, Func, If or Agg; Optional counts the question marks after it.
type TypeExpr struct {
	Range
	Name     *Name
	Args     []*TypeExpr  // list<int>, Window<K, R>
	Numbers  []*IntLit    // decimal(18, 2)
	Record   []*FieldDecl // { a: int, b: string }: an anonymous record, or a group
	IsRecord bool         // tells "{}" from no record
	Func     *FuncTypeExpr
	If       *TypeIf     // if kind == left { A? } else { A }
	Agg      *LambdaExpr // aggregate<(r: Reading) => { n: count() }>: Name is "aggregate"
	Optional int
}

// FuncTypeExpr is the type of a function parameter: (T, U) -> K, or
// async (T) -> K
type FuncTypeExpr struct {
	Range
	Async  bool
	Params []*TypeExpr
	Result *TypeExpr
}

// TypeIf is a type that is chosen at compile time.
type TypeIf struct {
	Range
	Cond       Expr
	Then, Else *TypeExpr
}

// WireExpr is a stream's wiring: a head, and the steps it passes through.
// Without steps the head alone stands for the stream (stream bad = good.bad).
type WireExpr struct {
	Range
	Head  Expr // a stream's name, a named output, or a step applied as a call
	Steps []*StepExpr
	// The clauses after a head that is itself a step: enrich(orders) uid "e".
	Clauses StepClauses
}

// StepExpr is one "|> operator(args) uid "…" …".
type StepExpr struct {
	Range
	Op      *Name
	Args    []*Arg
	HasArgs bool // whether parentheses stand there
	Clauses StepClauses
}

// StepClauses are the clauses after a step.
type StepClauses struct {
	UID       *StringLit
	Was       []*StringLit // former uids
	Retention *RetentionClause
	OnError   *PolicyClause
}

// Arg is an argument of a call or a step. Label is its name, which may be
// several words joined by one space ("time layout"), or "" if it has none.
type Arg struct {
	Range
	Label     string
	LabelSpan source.Span
	Value     Expr
}

// SourceClause is a line in the block of a source (or sink).
//
//sumtype:decl
type SourceClause interface {
	Node
	sourceClause()
}

type (
	// EventTimeClause: event time at, or event time r => r.at
	EventTimeClause struct {
		Range
		Expr Expr // an IdentExpr that names a field, or a LambdaExpr
	}
	// WatermarkClause: watermark lag 5s, idle after 1m
	WatermarkClause struct {
		Range
		Lag  Expr // nil if there is none
		Idle Expr // nil if there is none
	}
	// PolicyClause: on malformed to NAME, on error skip, on error fail
	PolicyClause struct {
		Range
		On     string // "malformed" or "error"
		Action string // "fail", "skip" or "to"
		To     *Ident // for "to"
	}
)

func (*EventTimeClause) sourceClause() {}
func (*WatermarkClause) sourceClause() {}
func (*PolicyClause) sourceClause()    {}

// Member is one line or block inside an operator.
//
//sumtype:decl
type Member interface {
	Node
	member()
}

type (
	// InDecl: in a: A key a.id, in rules: Rule broadcast, in m: Credit message,
	// in m: Credit message "type.googleapis.com/shop.Credit" protobuf
	InDecl struct {
		Range
		Doc  []string
		Name *Ident
		Type *TypeExpr
		Key  Expr // nil if there is none
		Kind InKind
		Wire *Arg // of messages: the type that remote functions give them, labelled protobuf or json; nil if there is none
	}

	// OutDecl: out Good, out bad: Bad
	OutDecl struct {
		Range
		Doc  []string
		Name *Ident // nil for the main output
		Type *TypeExpr
	}

	// StateDecl: state last: value<float> = 0.0 ttl 1h after write queryable "x"
	StateDecl struct {
		Range
		Doc         []string
		Name        *Ident
		Broadcast   bool
		Type        *TypeExpr // value<T>, list<T>, map<K, V>, sorted<K, V>, set<K>, aggregate<…>, dynamic
		Init        Expr      // nil if there is none
		Retention   *RetentionClause
		Queryable   *StringLit
		QueryableAs *Ident // the operator's parameter that holds the name, instead of Queryable
		Was         []*StringLit
		Migrate     *MigrateClause
	}

	// TimerDecl: timer idle: event time, timer close[timestamp]: processing time,
	// timer end[s, v in open]: event time at v.last + gap
	TimerDecl struct {
		Range
		Doc        []string
		Name       *Ident
		IndexType  *TypeExpr // of a family; nil if it is none
		EntryKey   *Ident    // of an entry timer; nil if it is none
		EntryValue *Ident    // nil if it is not named
		EntryState *Ident
		Processing bool // processing time instead of event time
		At         Expr // of an entry timer
		Was        []*StringLit
	}

	// HandlerDecl: on r { … }, on idle { … }, on close[w] { … }
	HandlerDecl struct {
		Range
		Doc   []string
		Name  *Ident
		Index *Ident // nil if there is none
		Body  *Block
	}

	// TypeAliasDecl: type L = if kind in [right, full] { A? } else { A }
	TypeAliasDecl struct {
		Range
		Name *Ident
		Type *TypeExpr
	}

	// RequireDecl: require every <= size, "every must not be longer than size"
	RequireDecl struct {
		Range
		Cond    Expr
		Message *StringLit
	}
)

func (*InDecl) member()        {}
func (*OutDecl) member()       {}
func (*StateDecl) member()     {}
func (*TimerDecl) member()     {}
func (*HandlerDecl) member()   {}
func (*TypeAliasDecl) member() {}
func (*RequireDecl) member()   {}
func (*PolicyClause) member()  {}
func (*FuncDecl) member()      {}

// InKind tells the kinds of input apart.
type InKind int

// The kinds of input.
const (
	PlainIn     InKind = iota // with a key or without
	BroadcastIn               // every shard sees every record
	MessageIn                 // fed by send
)

// RetentionClause says how long state is kept.
type RetentionClause struct {
	Range
	Forever        bool
	Step           bool   // "retention step": taken from the step that uses the operator
	TTL            Expr   // nil unless "ttl"
	After          string // "write" (the default), "read" or "create"
	ProcessingTime bool
	Watermark      bool // "by watermark": the watermark alone ends it, not the time of a record that is ahead
}

// MigrateClause: migrate from TYPE as old => expr
type MigrateClause struct {
	Range
	From *TypeExpr
	As   *Ident
	Expr Expr
}

// RemoteSetting is a line of a remote function's block: max 1000 in flight.
type RemoteSetting struct {
	Range
	Name   *Ident
	Values []*Arg // timeout call 1m, connect 10s: labelled; endpoint "…": one without label
}

// Block is statements in braces. As an expression its value is that of its
// last statement, which then is an ExprStmt.
type Block struct {
	Range
	Stmts []Stmt
}

// Stmt is one statement.
//
//sumtype:decl
type Stmt interface {
	Node
	stmt()
}

type (
	// LetStmt: let x: int = e, or var x = e
	LetStmt struct {
		Range
		Var   bool
		Name  *Ident
		Type  *TypeExpr // nil if it is inferred
		Value Expr
	}
	// AssignStmt: target op value, where Op is "=", "+=", "-=", "*=", "/=" or "%="
	AssignStmt struct {
		Range
		Target Expr // any expression; the checker says what can be assigned
		Op     string
		Value  Expr
	}
	// ExprStmt is an expression for its effect, or a block's value.
	ExprStmt struct {
		Range
		X Expr
	}
	// ForStmt: for x in xs { … }, for k, v in m { … }
	ForStmt struct {
		Range
		Key   *Ident // nil unless two names stand there
		Value *Ident
		In    Expr
		Body  *Block
	}
	// WhileStmt: while cond { … }
	WhileStmt struct {
		Range
		Cond Expr
		Body *Block
	}
	// EmitStmt: emit v, emit bad v, emit v at t
	EmitStmt struct {
		Range
		Out   *Ident // nil for the main output
		Value Expr
		At    Expr // nil if there is none
	}
	// ClearStmt: clear, clear x
	ClearStmt struct {
		Range
		State *Ident // nil for all of the key
	}
	// DropStmt: drop
	DropStmt struct{ Range }
	// FailStmt: fail "reason"
	FailStmt struct {
		Range
		Reason Expr
	}
	// ReturnStmt: return, return e
	ReturnStmt struct {
		Range
		Value Expr // nil if there is none
	}
	// BreakStmt: break
	BreakStmt struct{ Range }
	// ContinueStmt: continue
	ContinueStmt struct{ Range }
	// SendStmt: send "accounts"[t.to] Credit { … } after 10m
	SendStmt struct {
		Range
		UID   *StringLit
		Key   Expr
		Value Expr
		After Expr // nil if there is none
	}
)

func (*LetStmt) stmt()      {}
func (*AssignStmt) stmt()   {}
func (*ExprStmt) stmt()     {}
func (*ForStmt) stmt()      {}
func (*WhileStmt) stmt()    {}
func (*EmitStmt) stmt()     {}
func (*ClearStmt) stmt()    {}
func (*DropStmt) stmt()     {}
func (*FailStmt) stmt()     {}
func (*ReturnStmt) stmt()   {}
func (*BreakStmt) stmt()    {}
func (*ContinueStmt) stmt() {}
func (*SendStmt) stmt()     {}

// Expr is one expression. if, if let and match stand here also where they are
// statements: then they are the X of an ExprStmt.
//
//sumtype:decl
type Expr interface {
	Node
	expr()
}

type (
	// BadExpr stands where an expression could not be read; its mistake is
	// reported already.
	BadExpr struct{ Range }
	// BoolLit: true, false
	BoolLit struct {
		Range
		Value bool
	}
	// IntLit: 12, 1_000_000, 0xff
	IntLit struct {
		Range
		Text  string // as written
		Value uint64 // without sign; see Overflow
		// Overflow is set when the digits do not fit 64 bits.
		Overflow bool
	}
	// FloatLit: 2.5, 1e-3
	FloatLit struct {
		Range
		Text  string
		Value float64
	}
	// DecimalLit: 12.50d
	DecimalLit struct {
		Range
		Text string // digits and point, without underscores and the d
	}
	// StringLit: "text ${expr}", `raw`
	StringLit struct {
		Range
		Parts []StringPart // none for ""
	}
	// BytesLit: b"\x00"
	BytesLit struct {
		Range
		Value []byte
	}
	// TimestampLit: t"2024-05-01T12:00:00Z"
	TimestampLit struct {
		Range
		Micros int64 // since the Unix epoch
	}
	// DurationLit: 5s, 1h30m
	DurationLit struct {
		Range
		Text   string
		Micros int64
	}
	// NoneLit: none
	NoneLit struct{ Range }
	// ListLit: [1, 2]
	ListLit struct {
		Range
		Elems []Expr
	}
	// MapLit: ["a": 1], [:]
	MapLit struct {
		Range
		Entries []*MapEntry
	}
	// RecordLit: Alert { sensor: r.sensor }, { a: 1 }
	RecordLit struct {
		Range
		Type   *Name // nil for an anonymous record
		Fields []*FieldInit
	}
	// IdentExpr is a name: of a local, parameter, state, function, enum, stream …
	IdentExpr struct {
		Range
		Name string
	}
	// FieldExpr: x.f, x?.f. A qualified name is parsed as one, too.
	FieldExpr struct {
		Range
		X        Expr
		Optional bool
		Name     *Ident
	}
	// CallExpr: f(a, b), x.method(a), d.get<int>("name")
	CallExpr struct {
		Range
		Fun      Expr
		TypeArgs []*TypeExpr // only after .get
		Args     []*Arg
	}
	// IndexExpr: xs[i], m[k]
	IndexExpr struct {
		Range
		X, Index Expr
	}
	// RangeExpr: a..b inside an index or as an argument; either may be missing
	// inside an index.
	RangeExpr struct {
		Range
		From, To Expr
	}
	// WithExpr: r with { temp: 3.0 }
	WithExpr struct {
		Range
		X      Expr
		Fields []*FieldInit
	}
	// UnaryExpr: !x, -x
	UnaryExpr struct {
		Range
		Op string
		X  Expr
	}
	// BinaryExpr: x + y and so on; Op is the operator as written.
	BinaryExpr struct {
		Range
		Op     string
		OpSpan source.Span
		X, Y   Expr
	}
	// ParenExpr: (x)
	ParenExpr struct {
		Range
		X Expr
	}
	// IfExpr: if c { a } else if d { b } else { e }, if let x = e { … }
	IfExpr struct {
		Range
		Let  *Ident // nil unless "if let"
		Cond Expr   // the condition, or what "if let" looks into
		Then *Block
		Else *Block // nil if there is none; "else if" is a Block of one ExprStmt
	}
	// MatchExpr: match e { Pattern => … }
	MatchExpr struct {
		Range
		X    Expr
		Arms []*MatchArm
	}
	// LambdaExpr: x => e, (a, b) => e, (r: Reading) => e
	LambdaExpr struct {
		Range
		Params []*LambdaParam
		Body   Expr
	}
	// BlockExpr is a block where an expression stands: an arm "=> { … }" of match.
	BlockExpr struct {
		Range
		Block *Block
	}
)

func (*BadExpr) expr()      {}
func (*BoolLit) expr()      {}
func (*IntLit) expr()       {}
func (*FloatLit) expr()     {}
func (*DecimalLit) expr()   {}
func (*StringLit) expr()    {}
func (*BytesLit) expr()     {}
func (*TimestampLit) expr() {}
func (*DurationLit) expr()  {}
func (*NoneLit) expr()      {}
func (*ListLit) expr()      {}
func (*MapLit) expr()       {}
func (*RecordLit) expr()    {}
func (*IdentExpr) expr()    {}
func (*FieldExpr) expr()    {}
func (*CallExpr) expr()     {}
func (*IndexExpr) expr()    {}
func (*RangeExpr) expr()    {}
func (*WithExpr) expr()     {}
func (*UnaryExpr) expr()    {}
func (*BinaryExpr) expr()   {}
func (*ParenExpr) expr()    {}
func (*IfExpr) expr()       {}
func (*MatchExpr) expr()    {}
func (*LambdaExpr) expr()   {}
func (*BlockExpr) expr()    {}

// StringPart is a piece of a string literal: text (Expr is nil) or ${Expr}.
type StringPart struct {
	Text string // with its escapes resolved
	Expr Expr
}

// MapEntry is one key and value of a MapLit.
type MapEntry struct {
	Range
	Key, Value Expr
}

// FieldInit is one "name: value" of a record literal or with.
type FieldInit struct {
	Range
	Name  *Ident
	Value Expr
}

// LambdaParam is a lambda's parameter.
type LambdaParam struct {
	Range
	Name *Ident
	Type *TypeExpr // nil if it is inferred
}

// MatchArm is one "pattern => body". Body is a BlockExpr where a block stands.
type MatchArm struct {
	Range
	Patterns []Pattern // parted by "|"
	Body     Expr
}

// Pattern is what an arm of match looks for.
//
//sumtype:decl
type Pattern interface {
	Node
	pattern()
}

type (
	// WildcardPattern: _
	WildcardPattern struct{ Range }
	// NonePattern: none
	NonePattern struct{ Range }
	// LiteralPattern: 12, "a", true, -1, t"…"
	LiteralPattern struct {
		Range
		Value Expr
	}
	// BindPattern: a bare lower-case name, which binds the value.
	BindPattern struct {
		Range
		Name *Ident
	}
	// EnumPattern: Level.low, w.Level.low
	EnumPattern struct {
		Range
		Type   *Name
		Symbol *Ident
	}
	// MemberPattern: Bid b, Bid _; Bind is nil for "Bid" alone.
	MemberPattern struct {
		Range
		Type *Name
		Bind *Ident
	}
)

func (*WildcardPattern) pattern() {}
func (*NonePattern) pattern()     {}
func (*LiteralPattern) pattern()  {}
func (*BindPattern) pattern()     {}
func (*EnumPattern) pattern()     {}
func (*MemberPattern) pattern()   {}

// TestStep is one line of a test block.
//
//sumtype:decl
type TestStep interface {
	Node
	testStep()
}

type (
	// TestFeed: readings <- { … }
	TestFeed struct {
		Range
		Stream *Ident
		Value  Expr
	}
	// TestWatermark: watermark t"…"
	TestWatermark struct {
		Range
		At Expr
	}
	// TestClock: advance 5m — processing time goes on.
	TestClock struct {
		Range
		By Expr
	}
	// TestExpect: expect alerts == […], expect state "uid/last"["a"] == none,
	// expect state "uid/counts"["a"]["k"] == 3
	TestExpect struct {
		Range
		State *StringLit // nil for a stream
		Key   Expr       // of a state
		Entry Expr       // of a map or sorted state: the key of one entry; nil for all of it
		X     Expr       // what is compared, for a stream
		Op    string     // "==" or "!="
		Want  Expr
	}
	// TestLet: let x = e
	TestLet struct {
		Range
		Let *LetStmt
	}
)

func (*TestFeed) testStep()      {}
func (*TestWatermark) testStep() {}
func (*TestClock) testStep()     {}
func (*TestExpect) testStep()    {}
func (*TestLet) testStep()       {}
