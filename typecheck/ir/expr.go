package ir

import (
	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/types"
)

// Base is embedded in every expression: its type and place.
type Base struct {
	T  types.Type
	At source.Pos
}

// Type returns the type of the expression's value.
func (b Base) Type() types.Type { return b.T }

// Pos returns where the expression begins, or, for an operation that can fail,
// where its operator stands.
func (b Base) Pos() source.Pos { return b.At }

// Expr is a typed expression. Its operands have exactly the types that its
// operation wants: the checker has put a Convert wherever a value widens.
//
//sumtype:decl
type Expr interface {
	Type() types.Type
	Pos() source.Pos
	expr()
}

// Op names a unary or binary operation.
type Op string

// The operations. Comparison, arithmetic and logic are those of the operands'
// type; both operands of a binary one have the same type, save for time
// arithmetic (timestamp ± duration, timestamp − timestamp, duration × int,
// duration ÷ int, duration ÷ duration, duration % duration) and Has.
const (
	Add Op = "+"
	Sub Op = "-"
	Mul Op = "*"
	Div Op = "/"
	Rem Op = "%"
	Eq  Op = "=="
	Ne  Op = "!="
	Lt  Op = "<"
	Le  Op = "<="
	Gt  Op = ">"
	Ge  Op = ">="
	And Op = "&&"
	Or  Op = "||"
	Not Op = "!"
	Neg Op = "neg"
	Has Op = "in"
)

type (
	// BoolConst is true or false.
	BoolConst struct {
		Base
		Value bool
	}
	// IntConst is an int, int32, timestamp, duration or date (by its type).
	IntConst struct {
		Base
		Value int64
	}
	// FloatConst is a float or float32.
	FloatConst struct {
		Base
		Value float64
	}
	// StringConst is a string.
	StringConst struct {
		Base
		Value string
	}
	// BytesConst is bytes or a uuid (16 of them).
	BytesConst struct {
		Base
		Value []byte
	}
	// DecimalConst is a decimal with its digits as text, such as "12.50".
	DecimalConst struct {
		Base
		Value string
	}
	// EnumConst is a symbol of the enum that is its type.
	EnumConst struct {
		Base
		Symbol int // index
	}
	// NoneConst is none of the option that is its type.
	NoneConst struct{ Base }

	// LocalRef reads a local, parameter or handler's record.
	LocalRef struct {
		Base
		Local *Local
	}
	// ParamRef reads a param("…") or env("…").
	ParamRef struct {
		Base
		Param *Param
	}
	// FieldOf reads a field of a record.
	FieldOf struct {
		Base
		X     Expr
		Index int
	}
	// Unary is Neg or Not.
	Unary struct {
		Base
		Op Op
		X  Expr
	}
	// Binary is an operation on two values. At is the operator's place.
	Binary struct {
		Base
		Op   Op
		X, Y Expr
	}
	// Convert widens without loss: int32 to int, float32 to float, T to T?, a
	// record to a nominal or anonymous one of the same fields, a member to its union.
	Convert struct {
		Base
		X Expr
	}
	// Coalesce is x ?? y: X is an option, Y of the expression's type.
	Coalesce struct {
		Base
		X, Y Expr
	}
	// OptionalMap is e?.f and the like: if X holds a value, it is bound to Bind and
	// Body is the result; otherwise none. Body's type is Elem or an option,
	// which flattens.
	OptionalMap struct {
		Base
		X    Expr
		Bind *Local
		Body Expr
	}
	// RecordLit makes a record; Fields are in declared order, defaults filled in.
	RecordLit struct {
		Base
		Fields []Expr
	}
	// With copies a record with some fields changed.
	With struct {
		Base
		X      Expr
		Fields []FieldValue
	}
	// ListLit makes a list.
	ListLit struct {
		Base
		Elems []Expr
	}
	// SetLit makes a set of a list's elements.
	SetLit struct {
		Base
		Elems []Expr
	}
	// MapLit makes a map; a later entry replaces an earlier one of the same key.
	MapLit struct {
		Base
		Keys, Values []Expr
	}
	// Index is xs[i] of a list (fails outside) or m[k] of a map value (an option).
	Index struct {
		Base
		X, Index Expr
	}
	// Interp is a string put together: text and values turned to text.
	Interp struct {
		Base
		Parts []InterpPart
	}
	// Call calls a pure function or, in an operator, a helper.
	Call struct {
		Base
		Func *Func
		Args []Expr
	}
	// Builtin calls a built-in function or method by its name: "abs", "min",
	// "string", "parse_int", or with its receiver's kind: "string.upper",
	// "list.len", "timestamp.truncate". The receiver is the first argument. A
	// lambda argument stands in Lambdas, under its argument's index, and Args holds
	// nil there. A part of a time in a zone is "timestamp.in_zone.hour" and so on,
	// with the zone's name as second argument.
	Builtin struct {
		Base
		Name    string
		Args    []Expr
		Lambdas map[int]*Lambda
		Reads   Property
	}
	// If chooses between two values.
	If struct {
		Base
		Cond       Expr
		Then, Else Expr
	}
	// IfLet binds what X holds and gives Then, or gives Else.
	IfLet struct {
		Base
		X          Expr
		Bind       *Local
		Then, Else Expr
	}
	// Match gives the first arm that fits. It is exhaustive.
	Match struct {
		Base
		X    Expr
		Arms []*Arm
	}
	// Do runs statements and then gives Value; an inlined lambda is one, too.
	// Value is nil if its type is Never: control leaves the statements.
	Do struct {
		Base
		Body  []Stmt
		Value Expr
	}

	// Key is the current key.
	Key struct{ Base }
	// Time is the event time of the record, or the time the timer was set for.
	Time struct{ Base }
	// Watermark is the current watermark.
	Watermark struct{ Base }
	// Now is the processing time.
	Now struct{ Base }
	// StateGet reads a value state: its type is Elem if it has an initial
	// value, else Elem?.
	StateGet struct {
		Base
		State *State
	}
	// TimerAt is when the timer is set for, a timestamp?. Index is nil unless
	// it is a family.
	TimerAt struct {
		Base
		Timer *Timer
		Index Expr
	}
)

// Property is set of what is read from its receiver as a field is, without
// parentheses.
type Property bool

// FieldValue is a field of With.
type FieldValue struct {
	Index int
	Value Expr
}

// InterpPart is a piece of an Interp; Expr is nil for text.
type InterpPart struct {
	Text string
	Expr Expr
}

// Arm is an arm of a match. An arm without patterns fits everything.
type Arm struct {
	Patterns []Pattern
	Bind     *Local // the value, or the member of a union; nil if not named
	Body     Expr   // of an expression
	Stmts    []Stmt // of a statement
	At       source.Pos
}

// Pattern is one thing that an arm fits.
//
//sumtype:decl
type Pattern interface{ pattern() }

type (
	// AnyPattern fits everything.
	AnyPattern struct{}
	// NonePattern fits none.
	NonePattern struct{}
	// SomePattern fits what is not none; Bind then has the element's type.
	SomePattern struct{}
	// ConstPattern fits a value equal to a constant (an enum's symbol included).
	ConstPattern struct{ Value Expr }
	// MemberPattern fits a member of a union.
	MemberPattern struct{ Member int }
)

func (AnyPattern) pattern()    {}
func (NonePattern) pattern()   {}
func (SomePattern) pattern()   {}
func (ConstPattern) pattern()  {}
func (MemberPattern) pattern() {}

func (*BoolConst) expr()    {}
func (*IntConst) expr()     {}
func (*FloatConst) expr()   {}
func (*StringConst) expr()  {}
func (*BytesConst) expr()   {}
func (*DecimalConst) expr() {}
func (*EnumConst) expr()    {}
func (*NoneConst) expr()    {}
func (*LocalRef) expr()     {}
func (*ParamRef) expr()     {}
func (*FieldOf) expr()      {}
func (*Unary) expr()        {}
func (*Binary) expr()       {}
func (*Convert) expr()      {}
func (*Coalesce) expr()     {}
func (*OptionalMap) expr()  {}
func (*RecordLit) expr()    {}
func (*With) expr()         {}
func (*ListLit) expr()      {}
func (*SetLit) expr()       {}
func (*MapLit) expr()       {}
func (*Index) expr()        {}
func (*Interp) expr()       {}
func (*Call) expr()         {}
func (*Builtin) expr()      {}
func (*If) expr()           {}
func (*IfLet) expr()        {}
func (*Match) expr()        {}
func (*Do) expr()           {}
func (*Key) expr()          {}
func (*Time) expr()         {}
func (*Watermark) expr()    {}
func (*Now) expr()          {}
func (*StateGet) expr()     {}
func (*TimerAt) expr()      {}

// Stmt is a checked statement.
//
//sumtype:decl
type Stmt interface {
	Pos() source.Pos
	stmt()
}

// StmtBase is embedded in every statement.
type StmtBase struct{ At source.Pos }

// Pos returns where the statement begins.
func (b StmtBase) Pos() source.Pos { return b.At }

type (
	// Let declares a local.
	Let struct {
		StmtBase
		Local *Local
		Value Expr
	}
	// Assign gives a var a new value.
	Assign struct {
		StmtBase
		Local *Local
		Value Expr
	}
	// StateSet writes a value state.
	StateSet struct {
		StmtBase
		State *State
		Value Expr
	}
	// StateClear empties one state.
	StateClear struct {
		StmtBase
		State *State
	}
	// ClearAll empties all state and timers of the key.
	ClearAll struct{ StmtBase }
	// TimerSet sets a timer; Index is nil unless it is a family.
	TimerSet struct {
		StmtBase
		Timer *Timer
		Index Expr
		To    Expr
	}
	// TimerCancel cancels a timer.
	TimerCancel struct {
		StmtBase
		Timer *Timer
		Index Expr
	}
	// IfStmt chooses between statements.
	IfStmt struct {
		StmtBase
		Cond       Expr
		Then, Else []Stmt
	}
	// IfLetStmt binds what X holds and runs Then, or runs Else.
	IfLetStmt struct {
		StmtBase
		X          Expr
		Bind       *Local
		Then, Else []Stmt
	}
	// MatchStmt runs the first arm that fits.
	MatchStmt struct {
		StmtBase
		X    Expr
		Arms []*Arm
	}
	// For runs Body for each element of a list, set or map value.
	For struct {
		StmtBase
		Key, Value *Local // Key is nil but for maps
		X          Expr
		Body       []Stmt
	}
	// While runs Body as long as Cond holds.
	While struct {
		StmtBase
		Cond Expr
		Body []Stmt
	}
	// Emit gives a record to an output. At is nil for the time of the cause.
	Emit struct {
		StmtBase
		Out    *Out
		Value  Expr
		AtTime Expr
	}
	// Send sends a message to the key Key of the step To, whose message input In
	// takes it. After is how long it waits, in processing time; nil if it does not.
	Send struct {
		StmtBase
		To         *Step
		In         *In
		Key, Value Expr
		After      Expr
	}
	// Drop ends the handler; what it did before stays.
	Drop struct{ StmtBase }
	// FailStmt fails the record.
	FailStmt struct {
		StmtBase
		Reason Expr
	}
	// Return leaves a function, or a handler (Value is nil there).
	Return struct {
		StmtBase
		Value Expr
	}
	// Break leaves the innermost loop.
	Break struct{ StmtBase }
	// Continue begins the innermost loop's next round.
	Continue struct{ StmtBase }
	// ExprStmt calls a helper for its effect.
	ExprStmt struct {
		StmtBase
		X Expr
	}
)

func (*Let) stmt()         {}
func (*Assign) stmt()      {}
func (*StateSet) stmt()    {}
func (*StateClear) stmt()  {}
func (*ClearAll) stmt()    {}
func (*TimerSet) stmt()    {}
func (*TimerCancel) stmt() {}
func (*IfStmt) stmt()      {}
func (*IfLetStmt) stmt()   {}
func (*MatchStmt) stmt()   {}
func (*For) stmt()         {}
func (*While) stmt()       {}
func (*Emit) stmt()        {}
func (*Send) stmt()        {}
func (*Drop) stmt()        {}
func (*FailStmt) stmt()    {}
func (*Return) stmt()      {}
func (*Break) stmt()       {}
func (*Continue) stmt()    {}
func (*ExprStmt) stmt()    {}
