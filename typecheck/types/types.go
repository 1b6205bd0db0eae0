// Package types says what a value, a record, a stream and a key of Flow is.
//
// A Type is immutable once the checker has filled it. Named types (records,
// enums, unions) are compared by identity; all others by structure, with
// [Identical].
package types

import (
	"fmt"
	"strings"

	"github.com/flow-lang/flowc/lang/source"
)

// Type is the type of a value, as a programmer of Flow would write it.
//
//sumtype:decl
type Type interface {
	// String writes the type as in Flow source text.
	String() string
	isType()
}

// Kind names a scalar type.
type Kind int

// The scalar kinds. Invalid is the type of what is reported already: it fits
// everything, so that one mistake gives one message. Never is the type of an
// expression that gives no value because control leaves it.
const (
	Invalid Kind = iota
	Never
	Bool
	Int32
	Int
	Float32
	Float
	String
	Bytes
	Timestamp
	Duration
	Date
	UUID
	JSON
	None // the type of the literal none before it meets a T?
	Unit // of a call that gives no value
)

var kindNames = [...]string{
	"invalid", "never", "bool", "int32", "int", "float32", "float", "string", "bytes",
	"timestamp", "duration", "date", "uuid", "json", "none", "nothing",
}

// String returns the kind's name in Flow.
func (k Kind) String() string { return kindNames[k] }

type (
	// Basic is a scalar type.
	Basic struct{ Kind Kind }

	// Decimal is decimal(Precision, Scale), 1 <= Precision <= 38 and
	// 0 <= Scale <= Precision.
	Decimal struct{ Precision, Scale int }

	// Option is Elem?. Elem is never an Option itself.
	Option struct{ Elem Type }

	// List is list<Elem>.
	List struct{ Elem Type }

	// Set is set<Elem>.
	Set struct{ Elem Type }

	// Map is map<Key, Value>.
	Map struct{ Key, Value Type }

	// Record is a nominal record, or an anonymous one if Name is empty. A
	// generic record has one Record for each list of arguments.
	Record struct {
		Name   string // qualified if it comes from an import with a name
		Args   []Type // type arguments, if it is generic
		Fields []Field
		Origin source.Span // its declaration, or the literal that made it
		Doc    []string
	}

	// Enum is an enum with at least one symbol.
	Enum struct {
		Name    string
		Symbols []Symbol
		Origin  source.Span
		Doc     []string
	}

	// Union is a tagged union of records.
	Union struct {
		Name    string
		Members []*Record
		Origin  source.Span
		Doc     []string
	}

	// Stream is stream<Elem>, the type of a wired stream.
	Stream struct{ Elem Type }

	// Func is the type of a lambda parameter. It is no type of a value.
	Func struct {
		Async  bool // it is waited for
		Params []Type
		Result Type
	}

	// Aggregate is aggregate<In, Result>: the type of a parameter that takes an
	// aggregate, and of an accumulator that is read from state. It is no type of a
	// value that can be kept.
	Aggregate struct {
		In     Type // of what is added
		Result Type
		Of     any // the *ir.Aggregate of an accumulator; nil of a parameter
	}

	// Range is range<Elem>, the type of a parameter with two bounds. It is no type
	// of a value.
	Range struct{ Elem Type }

	// Equality is equality<Left, Right, Key>, the type of a parameter that is the
	// condition of a join. It is no type of a value.
	Equality struct{ Left, Right, Key Type }

	// Param is a type parameter of a generic declaration.
	Param struct{ Name string }
)

// Field is a field of a record. Default is nil if there is none; what it
// holds belongs to the checker.
type Field struct {
	Name    string
	Type    Type
	Wire    string   // name in JSON; Name unless renamed
	Was     []string // former names
	Default any      // an ir.Expr that is constant, or nil
	Origin  source.Span
	Doc     []string
}

// Symbol is a symbol of an enum.
type Symbol struct {
	Name   string
	Number int32
	Was    []string
	Origin source.Span
}

func (*Basic) isType()   {}
func (*Decimal) isType() {}
func (*Option) isType()  {}
func (*List) isType()    {}
func (*Set) isType()     {}
func (*Map) isType()     {}
func (*Record) isType()  {}
func (*Enum) isType()    {}
func (*Union) isType()   {}
func (*Stream) isType()  {}
func (*Func) isType()    {}
func (*Param) isType()   {}

func (*Aggregate) isType() {}
func (*Range) isType()     {}
func (*Equality) isType()  {}

// String returns the name of the kind.
func (t *Basic) String() string { return t.Kind.String() }

// String returns decimal(p, s).
func (t *Decimal) String() string { return fmt.Sprintf("decimal(%d, %d)", t.Precision, t.Scale) }

// String returns T?.
func (t *Option) String() string { return t.Elem.String() + "?" }

// String returns list<T>.
func (t *List) String() string { return "list<" + t.Elem.String() + ">" }

// String returns set<T>.
func (t *Set) String() string { return "set<" + t.Elem.String() + ">" }

// String returns map<K, V>.
func (t *Map) String() string { return "map<" + t.Key.String() + ", " + t.Value.String() + ">" }

// String returns the record's name, or its fields if it has none.
func (t *Record) String() string {
	if t.Name != "" {
		return t.Name + typeList(t.Args)
	}
	fields := make([]string, len(t.Fields))
	for i, f := range t.Fields {
		fields[i] = f.Name + ": " + f.Type.String()
	}
	return "{ " + strings.Join(fields, ", ") + " }"
}

// String returns the enum's name.
func (t *Enum) String() string { return t.Name }

// String returns the union's name.
func (t *Union) String() string { return t.Name }

// Tag is what the member i is called outside of the program: its own name, without
// that of the import it comes by, unless two members are called so.
func (t *Union) Tag(i int) string {
	tag := t.Members[i].Unqualified()
	for j, m := range t.Members {
		if j != i && m.Unqualified() == tag {
			return t.Members[i].Name
		}
	}
	return tag
}

// Unqualified is the record's name as it is declared.
func (t *Record) Unqualified() string { return t.Name[strings.LastIndexByte(t.Name, '.')+1:] }

// Unqualified is the union's name as it is declared.
func (t *Union) Unqualified() string { return t.Name[strings.LastIndexByte(t.Name, '.')+1:] }

// String returns stream<T>.
func (t *Stream) String() string { return "stream<" + t.Elem.String() + ">" }

// String returns (A, B) -> R.
func (t *Func) String() string {
	params := make([]string, len(t.Params))
	for i, p := range t.Params {
		params[i] = p.String()
	}
	text := "(" + strings.Join(params, ", ") + ") -> " + t.Result.String()
	if t.Async {
		text = "async " + text
	}
	return text
}

// String returns aggregate<T, R>.
func (t *Aggregate) String() string { return "aggregate" + typeList([]Type{t.In, t.Result}) }

// String returns range<T>.
func (t *Range) String() string { return "range" + typeList([]Type{t.Elem}) }

// String returns equality<A, B, K>.
func (t *Equality) String() string { return "equality" + typeList([]Type{t.Left, t.Right, t.Key}) }

// String returns the parameter's name.
func (t *Param) String() string { return t.Name }

func typeList(args []Type) string {
	if len(args) == 0 {
		return ""
	}
	names := make([]string, len(args))
	for i, a := range args {
		names[i] = a.String()
	}
	return "<" + strings.Join(names, ", ") + ">"
}

// Of returns the scalar type of kind k. Types of one kind are Identical, not
// equal as pointers.
func Of(k Kind) Type { return &Basic{Kind: k} }

// Is reports whether t is the scalar type k.
func Is(t Type, k Kind) bool {
	b, ok := t.(*Basic)
	return ok && b.Kind == k
}

// Identical reports whether a and b are the same type. Invalid is identical to
// nothing but itself.
func Identical(a, b Type) bool {
	switch a := a.(type) {
	case *Basic:
		b, ok := b.(*Basic)
		return ok && a.Kind == b.Kind
	case *Decimal:
		b, ok := b.(*Decimal)
		return ok && *a == *b
	case *Option:
		b, ok := b.(*Option)
		return ok && Identical(a.Elem, b.Elem)
	case *List:
		b, ok := b.(*List)
		return ok && Identical(a.Elem, b.Elem)
	case *Set:
		b, ok := b.(*Set)
		return ok && Identical(a.Elem, b.Elem)
	case *Map:
		b, ok := b.(*Map)
		return ok && Identical(a.Key, b.Key) && Identical(a.Value, b.Value)
	case *Stream:
		b, ok := b.(*Stream)
		return ok && Identical(a.Elem, b.Elem)
	case *Record:
		b, ok := b.(*Record)
		return ok && identicalRecords(a, b)
	case *Func:
		b, ok := b.(*Func)
		return ok && a.Async == b.Async && identicalLists(a.Params, b.Params) && Identical(a.Result, b.Result)
	case *Aggregate:
		b, ok := b.(*Aggregate)
		return ok && a.Of == b.Of && Identical(a.In, b.In) && Identical(a.Result, b.Result)
	case *Range:
		b, ok := b.(*Range)
		return ok && Identical(a.Elem, b.Elem)
	case *Equality:
		b, ok := b.(*Equality)
		return ok && Identical(a.Left, b.Left) && Identical(a.Right, b.Right) && Identical(a.Key, b.Key)
	case *Enum, *Union, *Param:
		return a == b
	default:
		panic(fmt.Sprintf("types: no such type %T", a))
	}
}

// identicalRecords compares named records by declaration and arguments, and
// anonymous ones by their fields in order.
func identicalRecords(a, b *Record) bool {
	if a == b {
		return true
	}
	if a.Name != b.Name {
		return false
	}
	if a.Name != "" {
		return a.Origin == b.Origin && identicalLists(a.Args, b.Args)
	}
	if len(a.Fields) != len(b.Fields) {
		return false
	}
	for i, f := range a.Fields {
		if f.Name != b.Fields[i].Name || !Identical(f.Type, b.Fields[i].Type) {
			return false
		}
	}
	return true
}

func identicalLists(a, b []Type) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !Identical(a[i], b[i]) {
			return false
		}
	}
	return true
}

// CanBeKey reports whether values of t may be keys: their equality must be
// exact and their order total, so floats, options, collections and JSON may not.
func CanBeKey(t Type) bool {
	switch t := t.(type) {
	case *Basic:
		switch t.Kind {
		case Bool, Int32, Int, String, Bytes, Timestamp, Duration, Date, UUID, Invalid:
			return true
		}
		return false
	case *Decimal, *Enum:
		return true
	case *Record:
		for _, f := range t.Fields {
			if !CanBeKey(f.Type) {
				return false
			}
		}
		return len(t.Fields) > 0
	default:
		return false
	}
}

// IsBounded reports whether a key of type t has so few values that state over
// it needs no retention: bool and enums.
func IsBounded(t Type) bool {
	_, enum := t.(*Enum)
	return enum || Is(t, Bool)
}

// Parts returns the types that values of t hold directly: of an element, of key and
// value, of members, of fields, in their order.
func Parts(t Type) []Type {
	switch t := t.(type) {
	case *Option:
		return []Type{t.Elem}
	case *List:
		return []Type{t.Elem}
	case *Set:
		return []Type{t.Elem}
	case *Map:
		return []Type{t.Key, t.Value}
	case *Union:
		parts := make([]Type, len(t.Members))
		for i, m := range t.Members {
			parts[i] = m
		}
		return parts
	case *Record:
		parts := make([]Type, len(t.Fields))
		for i, f := range t.Fields {
			parts[i] = f.Type
		}
		return parts
	}
	return nil
}

// FieldIndex returns the index of the field called name, or -1.
func (t *Record) FieldIndex(name string) int {
	for i := range t.Fields {
		if t.Fields[i].Name == name {
			return i
		}
	}
	return -1
}

// SymbolIndex returns the index of the symbol called name, or -1.
func (t *Enum) SymbolIndex(name string) int {
	for i := range t.Symbols {
		if t.Symbols[i].Name == name {
			return i
		}
	}
	return -1
}

// Sample is a short literal of type t for a help, "…" where there is none.
func Sample(t Type) string {
	if b, ok := t.(*Basic); ok {
		switch b.Kind {
		case Bool:
			return "false"
		case Int, Int32:
			return "0"
		case Float, Float32:
			return "0.0"
		case String:
			return "\"\""
		case Duration:
			return "0s"
		}
	}
	if d, ok := t.(*Decimal); ok {
		return "0." + strings.Repeat("0", max(1, d.Scale)) + "d"
	}
	return "…"
}
