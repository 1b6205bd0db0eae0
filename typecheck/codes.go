package typecheck

import "github.com/flow-lang/flowc/lang/diag"

// Names.
const (
	// UnknownName occurs when an expression or a member names something that nothing declares.
	UnknownName diag.Code = "T0101"
	// UnknownType occurs when a type's name is declared nowhere.
	UnknownType diag.Code = "T0102"
	// UnknownField occurs when a value has no field, property, method or symbol of that name.
	UnknownField diag.Code = "T0103"
	// UnknownArgument occurs when an argument is given for a parameter that is not there.
	UnknownArgument diag.Code = "T0104"
	// DuplicateName occurs when one name is given twice where it may stand once.
	DuplicateName diag.Code = "T0105"
	// ReservedName occurs when a local is called key where key is the current key.
	ReservedName diag.Code = "T0106"
	// ImportMissing occurs when an imported file is not there.
	ImportMissing diag.Code = "T0107"
	// ImportCycle occurs when a file imports itself, maybe through others.
	ImportCycle diag.Code = "T0108"
	// UnusedName occurs when something is declared and never used.
	UnusedName diag.Code = "T0109"
	// NameStyle occurs when a name is not written as names of its kind are.
	NameStyle diag.Code = "T0110"
)

// Types.
const (
	// TypeMismatch occurs when a value has another type than its place.
	TypeMismatch diag.Code = "T0201"
	// BadOperands occurs when an operation does not work on the values that it is given.
	BadOperands diag.Code = "T0202"
	// NotOptional occurs when a value that is never none is asked whether it is.
	NotOptional diag.Code = "T0203"
	// OptionUnread occurs when an optional value is used as if it were there.
	OptionUnread diag.Code = "T0204"
	// NumberRange occurs when a number lies outside of what its place can hold.
	NumberRange diag.Code = "T0205"
	// MissingField occurs when a record is written without all its fields.
	MissingField diag.Code = "T0206"
	// NeedsType occurs when a type does not follow from what is written.
	NeedsType diag.Code = "T0207"
	// BadTypeArguments occurs when a type is given arguments that it does not take.
	BadTypeArguments diag.Code = "T0208"
	// RecursiveType occurs when a record contains itself.
	RecursiveType diag.Code = "T0209"
	// NotAType occurs when a type's place names something that is none.
	NotAType diag.Code = "T0210"
	// NotAValue occurs when a value's place names something that is none.
	NotAValue diag.Code = "T0211"
	// NotCallable occurs when something that is no function is called.
	NotCallable diag.Code = "T0212"
	// WrongArguments occurs when a call has too many or too few arguments.
	WrongArguments diag.Code = "T0213"
	// NotConstant occurs when something that must be known at compile time is not.
	NotConstant diag.Code = "T0214"
	// BadConstant occurs when a text that is checked at compile time is not what it should be.
	BadConstant diag.Code = "T0215"
	// MissingCase occurs when a match does not say what happens to some values.
	MissingCase diag.Code = "T0216"
	// UnreachableArm occurs when an arm of a match is never reached.
	UnreachableArm diag.Code = "T0217"
	// NoValue occurs when a value is wanted where none is given.
	NoValue diag.Code = "T0218"
)

// Statements.
const (
	// AssignConstant occurs when a name that keeps its value is assigned.
	AssignConstant diag.Code = "T0301"
	// AssignField occurs when a field of a record is assigned.
	AssignField diag.Code = "T0302"
	// NotAssignable occurs when something that is no name is assigned.
	NotAssignable diag.Code = "T0303"
	// Misplaced occurs when something stands where it means nothing.
	Misplaced diag.Code = "T0304"
	// UnusedValue occurs when an expression is a statement and does nothing.
	UnusedValue diag.Code = "T0305"
	// TooLarge occurs when a program grows beyond bounds: by lambdas put in place, or by records inside records.
	TooLarge diag.Code = "T0306"
)

// Streams and operators.
const (
	// UnknownStream occurs when a stream's name is declared nowhere.
	UnknownStream diag.Code = "S0101"
	// UnknownOperator occurs when a step names an operator that is declared nowhere.
	UnknownOperator diag.Code = "S0102"
	// UnknownOutput occurs when a step has no output of that name.
	UnknownOutput diag.Code = "S0103"
	// UnknownConnector occurs when a source or sink names a connector that is not there.
	UnknownConnector diag.Code = "S0104"
	// StreamCycle occurs when a stream or fragment feeds itself.
	StreamCycle diag.Code = "S0105"
	// MissingInput occurs when an input has no stream, or an operator no input.
	MissingInput diag.Code = "S0106"
	// MissingHandler occurs when an input or a timer has no handler.
	MissingHandler diag.Code = "S0107"
	// KeyType occurs when a type that cannot be a key is used as one.
	KeyType diag.Code = "S0108"
	// KeysDiffer occurs when two inputs of an operator have keys of different types.
	KeysDiffer diag.Code = "S0109"
	// StateAccess occurs when state or a timer is used where its key is not known.
	StateAccess diag.Code = "S0110"
	// RequireFailed occurs when a requirement of an operator does not hold at a step.
	RequireFailed diag.Code = "S0111"
	// ExactlyOnceStdout occurs when standard output is to be written exactly once.
	ExactlyOnceStdout diag.Code = "S0112"
	// ParamDiffers occurs when a parameter of the program has two types or defaults.
	ParamDiffers diag.Code = "S0113"
	// UnreadStream occurs when a stream is made and nobody reads it.
	UnreadStream diag.Code = "S0114"
	// Unsupported occurs at a connector of the language that this version does not have.
	Unsupported diag.Code = "S0115"
	// StuckWatermark occurs when a step waits for event time that cannot rise.
	StuckWatermark diag.Code = "S0116"
	// CannotWait occurs when an async function is called where nothing waits for it.
	CannotWait diag.Code = "S0117"
	// OrderKept occurs when answers may not come in any order, as a step asks for.
	OrderKept diag.Code = "S0118"
)

// Uids.
const (
	// MissingUID occurs when a step that holds state has no uid.
	MissingUID diag.Code = "S0201"
	// DuplicateUID occurs when a uid is given twice.
	DuplicateUID diag.Code = "S0202"
	// SinkUID occurs when the second sink of a stream has no uid.
	SinkUID diag.Code = "S0203"
	// BadUID occurs when a uid is made of characters that it may not have.
	BadUID diag.Code = "S0204"
)

// Retention.
const (
	// UnboundedState occurs when state may grow for ever.
	UnboundedState diag.Code = "R0101"
)
