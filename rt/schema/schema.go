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

	// Latest is what the compiler writes.
	Latest = Version1
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
}

// Source describes a source.
type Source struct {
	UID       string `json:"uid"`
	Name      string `json:"name"`
	Type      Type   `json:"type"`      // of its records
	Connector string `json:"connector"` // csv, jsonl, …
}

// Sink describes a sink.
type Sink struct {
	UID       string `json:"uid"`
	Name      string `json:"name"` // of the stream it writes
	Type      Type   `json:"type"`
	Connector string `json:"connector"`
}

// Operator describes the state of one step.
type Operator struct {
	UID    string   `json:"uid"`
	Was    []string `json:"was,omitempty"` // former uids
	Name   string   `json:"name"`          // of the operator
	Key    *Type    `json:"key,omitempty"` // nil if it has no key
	States []State  `json:"states,omitempty"`
	Timers []Timer  `json:"timers,omitempty"`
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
	Dynamic   Kind = "dynamic"
)

// State describes one state.
type State struct {
	Name      string    `json:"name"`
	Was       []string  `json:"was,omitempty"` // former names
	Kind      Kind      `json:"kind"`
	Type      *Type     `json:"type,omitempty"`    // of value, list and set: the element; of map and sorted: the value
	MapKey    *Type     `json:"map_key,omitempty"` // of map and sorted
	Broadcast bool      `json:"broadcast,omitempty"`
	Retention Retention `json:"retention"`
	Queryable string    `json:"queryable,omitempty"` // external name, or ""
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
	TTL        int64 `json:"ttl_micros,omitempty"`      // µs; 0 means none
	After      After `json:"after,omitempty"`           // of a ttl
	Processing bool  `json:"processing_time,omitempty"` // the ttl counts processing time, not event time
}

// Timer describes one timer, or a family of them.
type Timer struct {
	Name       string   `json:"name"`
	Was        []string `json:"was,omitempty"`
	Index      *Type    `json:"index,omitempty"` // of a family; nil if it is none
	Processing bool     `json:"processing_time,omitempty"`
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
)

// Type describes a type. Only the parts that its shape has are set.
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

// Field is a field of a record.
type Field struct {
	Name    string   `json:"name"`
	Was     []string `json:"was,omitempty"` // former names
	Type    Type     `json:"type"`
	Default *string  `json:"default,omitempty"` // as Flow text; nil if there is none
}

// Symbol is a value of an enum.
type Symbol struct {
	Name  string `json:"name"`
	Value int32  `json:"value"`
}
