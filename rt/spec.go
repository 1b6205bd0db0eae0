package rt

import (
	"github.com/flow-lang/flowc/rt/evolve"
	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/value"
)

// Spec describes a program to the runtime.
type Spec struct {
	Name   string       // of the pipeline
	Doc    string       // the comment on the pipeline, "" if it has none
	Files  []string     // files of program text, by the file index of a value.Pos
	Own    int          // how many of Files are the program's; the others are the standard library's
	Hash   string       // of the program text, for the version command; may be empty
	Flowc  string       // version of the compiler, for the version command; may be empty
	Lock   string       // epoch of the lock that it was built with, for the version command; may be empty
	Params []Param      // values given at start
	Job    schema.Job   // uids, states, timers
	Wire   func(*Graph) // connects sinks, stages and sources, the last first
	Hooks  evolve.Hooks // what the program itself does with saved state of older types
}

// Place writes a place of the program text as file:line:column, or "" if it is
// none.
func (s *Spec) Place(at value.Pos) string { return place(s.Files, at) }

// ParamType names the type of a parameter.
type ParamType string

// The types of parameters.
const (
	BoolParam      ParamType = "bool"
	Int32Param     ParamType = "int32"
	IntParam       ParamType = "int"
	Float32Param   ParamType = "float32"
	FloatParam     ParamType = "float"
	StringParam    ParamType = "string"
	TimestampParam ParamType = "timestamp"
	DurationParam  ParamType = "duration"
	DateParam      ParamType = "date"
	UUIDParam      ParamType = "uuid"
	DecimalParam   ParamType = "decimal"
	EnumParam      ParamType = "enum"
)

// Param is a value that is given at start.
type Param struct {
	Name     string
	Type     ParamType
	Default  string // as text, in the form that --param takes
	Required bool   // there is no default
	Env      bool   // it is read from the environment, not from --param

	Precision, Scale int      // of a decimal
	Symbols          []string // of an enum, in order of declaration
}

// Policy says what happens to a record that fails.
type Policy int

// The policies. A policy that sends failed records to a stream is generated
// code and never comes here.
const (
	PolicyFail Policy = iota // the job stops
	PolicySkip               // the record is counted and left out
)

// SourceSpec describes a source.
type SourceSpec struct {
	UID         string
	Name        string
	Pos         value.Pos // of its declaration
	Connector   SourceConnector
	EventTime   bool           // Block.Max is set by its lanes
	Lag         value.Duration // watermark lag, not negative
	Idle        value.Duration // a partition is idle after it; 0 means never
	OnMalformed Policy
	// Serial asks for one lane that takes blocks in order, with Block.Base and
	// Block.Cap known, for chains that read the watermark.
	Serial bool
}

// StageSpec describes a keyed stage.
type StageSpec struct {
	UID  string
	Name string // of the step, for messages
	Pos  value.Pos
}

// SinkSpec describes a sink.
type SinkSpec struct {
	UID       string
	Name      string
	Pos       value.Pos
	Connector SinkConnector
}
