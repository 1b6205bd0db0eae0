// Package schema describes the state of a job: which steps hold state, under
// which uids and keys, of which kinds and types, for how long, and which timers
// they set.
//
// The compiler writes the description, the lock file stores it, a savepoint
// carries it, the runtime restores by it, and compat compares two of them. The
// package imports nothing, so that all of them can share it; it describes and
// never reads or writes state itself.
package schema

// The ladder of versions of the description. A version is never renumbered.
const (
	// Version1 is the first: value state, timers, retention.
	Version1 = 1

	// Version2 adds what gives state its meaning: keys as text, parameters that
	// shape state, the parts of aggregates, initial values, migrations, and what
	// the program acknowledges.
	Version2 = 2

	// Latest is what the compiler writes.
	Latest = Version2
)

// DefaultKeyGroups is the number of key groups of a program that says nothing.
const DefaultKeyGroups = 1024

// Job describes a program.
type Job struct {
	Version   int        `json:"version"`
	Pipeline  string     `json:"pipeline"`
	KeyGroups int        `json:"key_groups,omitempty"` // 0 means DefaultKeyGroups
	Sources   []Source   `json:"sources,omitempty"`
	Operators []Operator `json:"operators,omitempty"` // steps that hold state or timers, in source order
	Sinks     []Sink     `json:"sinks,omitempty"`
	Retired   []string   `json:"retired,omitempty"`  // "uid", "uid/state" or "uid/state.field" that may be lost
	Accepted  []string   `json:"accepted,omitempty"` // "uid/parameter" whose meaning may change
	Held      []Held     `json:"held,omitempty"`     // what a savepoint of the program has of dynamic state; nil where none was looked at
}

// Holds returns what a savepoint has of a dynamic state, nil if nobody has looked.
func (j *Job) Holds(uid, state string) *Held {
	for i := range j.Held {
		if j.Held[i].UID == uid && j.Held[i].State == state {
			return &j.Held[i]
		}
	}
	return nil
}

// OperatorAt returns the index of the operator with a uid; -1 if there is none.
func (j *Job) OperatorAt(uid string) int {
	for i := range j.Operators {
		if j.Operators[i].UID == uid {
			return i
		}
	}
	return -1
}

// Operator returns the operator with a uid; nil if there is none.
func (j *Job) Operator(uid string) *Operator {
	if i := j.OperatorAt(uid); i >= 0 {
		return &j.Operators[i]
	}
	return nil
}

// Source returns the source with a uid; nil if there is none.
func (j *Job) Source(uid string) *Source {
	for i := range j.Sources {
		if j.Sources[i].UID == uid {
			return &j.Sources[i]
		}
	}
	return nil
}

// Sink returns the sink with a uid; nil if there is none.
func (j *Job) Sink(uid string) *Sink {
	for i := range j.Sinks {
		if j.Sinks[i].UID == uid {
			return &j.Sinks[i]
		}
	}
	return nil
}

// Held is what a savepoint has of one dynamic state.
type Held struct {
	UID   string      `json:"uid"`
	State string      `json:"state"`
	Names []HeldNamed `json:"names,omitempty"` // by name and type, the first of them if there are very many
	More  int64       `json:"more,omitempty"`  // entries whose names come behind those that are listed
}

// HeldNamed are the values that have one name and one type.
type HeldNamed struct {
	Name    string `json:"name"`
	Type    Type   `json:"type"`
	Entries int64  `json:"entries"`
}

// Of returns what is held under a name. whole is false if there may be more, which
// is not listed.
func (h *Held) Of(name string) (list []HeldNamed, whole bool) {
	for i := range h.Names {
		if h.Names[i].Name == name {
			list = append(list, h.Names[i])
		}
	}
	return list, h.More == 0 || len(h.Names) > 0 && name < h.Names[len(h.Names)-1].Name
}

// Text is an expression as text that says what it means and not how it is
// written: layout, names of locals and redundant parentheses do not show.
type Text struct {
	Now string   `json:"now"`
	Was []string `json:"was,omitempty"` // the same under former names of the fields it reads, the latest first
}

// Source describes a source.
type Source struct {
	UID       string `json:"uid"`
	Name      string `json:"name"`
	Type      Type   `json:"type"`           // of its records
	Connector string `json:"connector"`      // csv, jsonl, …
	From      string `json:"from,omitempty"` // what it reads there, as text: a path, a topic
}

// Sink describes a sink.
type Sink struct {
	UID       string `json:"uid"`
	Name      string `json:"name"` // of the stream it writes
	Type      Type   `json:"type"`
	Connector string `json:"connector"`
	To        string `json:"to,omitempty"`             // what it writes there, as text
	Keeps     bool   `json:"keeps_position,omitempty"` // a snapshot holds how far it has written
}

// Operator describes the state of one step.
type Operator struct {
	UID    string   `json:"uid"`
	Was    []string `json:"was,omitempty"` // former uids
	Name   string   `json:"name"`          // of the operator
	Key    *Type    `json:"key,omitempty"` // nil if it has no key
	Inputs []Input  `json:"inputs,omitempty"`
	Params []Param  `json:"params,omitempty"` // those that shape state
	States []State  `json:"states,omitempty"`
	Timers []Timer  `json:"timers,omitempty"`
	Rekey  *Rekey   `json:"rekey,omitempty"` // nil if keys stay what they are
}

// Input describes an input with a key, or one for messages.
type Input struct {
	Name    string `json:"name"`
	Key     *Text  `json:"key,omitempty"`     // of a record, which it calls "_"; nil of messages
	Message *Type  `json:"message,omitempty"` // of messages, which a snapshot holds while they are on their way
	Wire    *Wire  `json:"wire,omitempty"`    // how remote functions write the messages; nil is JSON of any name
}

// Wire says how remote functions write messages. A message that a function delays is
// saved as it was written.
type Wire struct {
	Type     string   `json:"type,omitempty"` // the only type name that is taken; "" for any
	Protobuf bool     `json:"protobuf,omitempty"`
	Names    []string `json:"names,omitempty"` // of fields that JSON calls otherwise: "path name"
}

// Delays reports whether the step is a remote function, which may delay messages: the
// compiler gives it a state for them.
func (o *Operator) Delays() bool {
	for i := range o.States {
		s := &o.States[i]
		if s.Name != "delayed" || s.Kind != Sorted {
			continue
		}
		for j := range s.Type.Fields {
			if s.Type.Fields[j].Name == "to_type" {
				return true
			}
		}
	}
	return false
}

// MessageTurn is what tells the messages to one key that wait from each other:
// when they are due, and their turn among those that are due then.
func MessageTurn() *Type {
	return &Type{Shape: Record, Fields: []Field{{Name: "due", Type: Type{Shape: Timestamp}}, {Name: "turn", Type: Type{Shape: Int}}}}
}

// WaitingMessage is what is saved of a message that waits: the event time of who
// sent it, and what was sent.
func (in *Input) WaitingMessage() *Type {
	return &Type{Shape: Record, Fields: []Field{{Name: "time", Type: Type{Shape: Timestamp}}, {Name: "message", Type: *in.Message}}}
}

// Messages returns the input for messages, nil if there is none.
func (o *Operator) Messages() *Input {
	for i := range o.Inputs {
		if o.Inputs[i].Message != nil {
			return &o.Inputs[i]
		}
	}
	return nil
}

// DynamicValue is what is saved of a value in dynamic state: the Type of the
// value as JSON, and the value as Avro binary.
func DynamicValue() *Type {
	return &Type{Shape: Record, Name: "Dynamic", Fields: []Field{{Name: "type", Type: Type{Shape: String}}, {Name: "value", Type: Type{Shape: Bytes}}}}
}

// Param is an argument that gives state its meaning.
type Param struct {
	Name  string   `json:"name"`
	Value string   `json:"value"`         // as Flow text
	Was   []string `json:"was,omitempty"` // the same, as in Text
}

// Rekey says how the keys of a former key type become keys of this one.
type Rekey struct {
	From   Type     `json:"from"`
	By     string   `json:"by"`               // the expression, as text
	Was    []string `json:"was,omitempty"`    // the same, as in Text
	Merges bool     `json:"merges,omitempty"` // values of keys that meet are merged
}

// Migrate says how a state of a former type becomes one of this type.
type Migrate struct {
	Kind  Kind     `json:"kind"`            // of the former state
	Whole bool     `json:"whole,omitempty"` // Type is that of all of a key's state as one value, not of a single value
	Type  *Type    `json:"type"`
	By    string   `json:"by"`            // the expression, as text
	Was   []string `json:"was,omitempty"` // the same, as in Text
}

// Kind is the shape of a state.
type Kind string

// The kinds of state.
const (
	Value     Kind = "value"
	List      Kind = "list"
	Map       Kind = "map"
	Sorted    Kind = "sorted"
	Set       Kind = "set"
	Aggregate Kind = "aggregate"
	Dynamic   Kind = "dynamic" // a map from names to values that bring their types with them, see DynamicValue
)

// State describes one state.
type State struct {
	Name      string    `json:"name"`
	Was       []string  `json:"was,omitempty"` // former names
	Kind      Kind      `json:"kind"`
	Type      *Type     `json:"type,omitempty"`    // of value, list and set: the element; of map and sorted: the value; of aggregate: the accumulator
	MapKey    *Type     `json:"map_key,omitempty"` // of map and sorted
	Broadcast bool      `json:"broadcast,omitempty"`
	Retention Retention `json:"retention"`
	Queryable string    `json:"queryable,omitempty"` // external name, or ""
	Result    *Type     `json:"result,omitempty"`    // of an aggregate that is queryable: what answers show
	Initial   *string   `json:"initial,omitempty"`   // of value, as text; nil if there is none
	Migrate   *Migrate  `json:"migrate,omitempty"`
	Names     []Named   `json:"names,omitempty"` // of dynamic: those that the program writes out, by name and type
	Made      []Named   `json:"made,omitempty"`  // of dynamic: without a name, the types of values whose names are worked out at run time
}

// Named is a name in dynamic state that stands in the program.
type Named struct {
	Name   string `json:"name,omitempty"`
	Type   Type   `json:"type"`                 // that it is read or written as
	Reads  bool   `json:"reads,omitempty"`      // it is read, not only written
	Remote bool   `json:"remote,omitempty"`     // a remote function reads it, and encodes it by a type name of its own
	TTL    int64  `json:"ttl_micros,omitempty"` // µs, of a value of a remote function; 0 means none
}

// After says which access a time to live counts from.
type After string

// The accesses.
const (
	AfterWrite  After = "write"
	AfterRead   After = "read"
	AfterCreate After = "create"
)

// Retention says how long a state lives. The zero Retention is: until a timer
// clears it.
type Retention struct {
	Forever    bool  `json:"forever,omitempty"`
	TTL        int64 `json:"ttl_micros,omitempty"`      // µs; 0 means none, or with After that of a parameter
	After      After `json:"after,omitempty"`           // of a ttl
	Processing bool  `json:"processing_time,omitempty"` // the ttl counts processing time, not event time
	Watermark  bool  `json:"by_watermark,omitempty"`    // what counts in event time ends by the watermark alone
}

// Timer describes one timer, or a family of them.
type Timer struct {
	Name       string   `json:"name"`
	Was        []string `json:"was,omitempty"`
	Index      *Type    `json:"index,omitempty"` // of a family; nil if it is none
	Processing bool     `json:"processing_time,omitempty"`
	Entry      string   `json:"entry,omitempty"` // the state whose entries it follows, "" if it is set by hand
}

// TypeName names the shape of a type.
type TypeName string

// The shapes. The scalars have no further parts.
const (
	Bool      TypeName = "bool"
	Int32     TypeName = "int32"
	Int       TypeName = "int"
	Float32   TypeName = "float32"
	Float     TypeName = "float"
	String    TypeName = "string"
	Bytes     TypeName = "bytes"
	Timestamp TypeName = "timestamp"
	Duration  TypeName = "duration"
	Date      TypeName = "date"
	UUID      TypeName = "uuid"
	JSON      TypeName = "json"
	Decimal   TypeName = "decimal" // with Precision and Scale
	Option    TypeName = "option"  // of Elem
	ListOf    TypeName = "list"    // of Elem
	SetOf     TypeName = "set"     // of Elem
	MapOf     TypeName = "map"     // from Key to Elem
	Record    TypeName = "record"  // Name, Fields
	Enum      TypeName = "enum"    // Name, Symbols
	Union     TypeName = "union"   // Name, Members
	Ref       TypeName = "ref"     // Name, of a record or union that encloses it

	// Accumulator is what an aggregate has folded so far: a record of its parts,
	// each of which is a record of the states of its function. A state of an
	// aggregate and an entry of a map exist only when something was added; within
	// a group an accumulator is optional, and none until something is added.
	Accumulator TypeName = "aggregate" // Fields, with Part
)

// Type describes a type. Only the parts that its shape has are set.
//
// A value is saved as Avro binary: a decimal as bytes of its unscaled number, a
// set as an array, a map with keys of type string as a map and any other as an
// array of pairs, an option as a union of null and its element, an enum by the
// position of its symbol, a union by that of its member.
type Type struct {
	Shape     TypeName `json:"shape"`
	Name      string   `json:"name,omitempty"` // of a record, enum or union; "" if a record is anonymous
	Precision int      `json:"precision,omitempty"`
	Scale     int      `json:"scale,omitempty"`
	Key       *Type    `json:"key,omitempty"`
	Elem      *Type    `json:"elem,omitempty"`
	Fields    []Field  `json:"fields,omitempty"`
	Symbols   []Symbol `json:"symbols,omitempty"`
	Members   []Type   `json:"members,omitempty"`
}

// Tag is what the member i of a union is called outside of the program: its own
// name, without that of the import it comes by, unless two members are called so.
func (t *Type) Tag(i int) string {
	tag := unqualified(t.Members[i].Name)
	for j := range t.Members {
		if j != i && unqualified(t.Members[j].Name) == tag {
			return t.Members[i].Name
		}
	}
	return tag
}

// Tagged returns the position of the member of a union that is called by a name, as
// it is outside of the program or in it; -1 if there is none.
func (t *Type) Tagged(name string) int {
	for i := range t.Members {
		if name == t.Members[i].Name || name == t.Tag(i) {
			return i
		}
	}
	return -1
}

func unqualified(name string) string {
	for i := len(name); i > 0; i-- {
		if name[i-1] == '.' {
			return name[i:]
		}
	}
	return name
}

// Field is a field of a record.
type Field struct {
	Name    string   `json:"name"`
	Was     []string `json:"was,omitempty"` // former names
	Type    Type     `json:"type"`
	Default *string  `json:"default,omitempty"` // as Flow text; nil if there is none
	Part    *Part    `json:"part,omitempty"`    // of an accumulator's field
}

// Part says what a part of an aggregate folds.
type Part struct {
	Func  string `json:"func"`
	Args  []Text `json:"args,omitempty"`  // of a record, which they call "_"
	Empty bool   `json:"empty,omitempty"` // its result can be asked for when nothing was added
}

// Symbol is a value of an enum.
type Symbol struct {
	Name  string   `json:"name"`
	Value int32    `json:"value"`
	Was   []string `json:"was,omitempty"` // former names
}
