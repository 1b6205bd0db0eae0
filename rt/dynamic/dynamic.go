// Package dynamic holds values in state whose types are known only when they are
// written: each is Avro binary with the description of its type beside it.
//
// Generated code writes and reads them by a [Type], which refuses a value of
// another type. A value of the same declared type as it once was, such as a record
// that has gained a field since, is converted by the rules of package evolve.
package dynamic

import (
	"encoding/json"
	"fmt"
	"sync"
	"unique"

	"github.com/flow-lang/flowc/rt/avro"
	"github.com/flow-lang/flowc/rt/evolve"
	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/value"
)

// Value is a value with the description of its type. Neither changes once it is
// made.
type Value struct {
	Schema string // a schema.Type as JSON, as [Describe] writes it
	Data   []byte // Avro binary
}

// Pack appends a value as it is saved: a schema.DynamicValue.
func Pack(b []byte, v Value) []byte {
	return avro.AppendBytes(avro.AppendString(b, v.Schema), v.Data)
}

// Unpack reads a value that was saved. Descriptions that are the same share
// their memory.
func Unpack(r *avro.Reader) Value {
	return Value{Schema: unique.Make(r.Text()).Value(), Data: r.Bytes()}
}

// Describe writes the description of a type.
func Describe(t *schema.Type) string {
	text, err := json.Marshal(t)
	if err != nil {
		panic(err) // a Type is plain data
	}
	return string(text)
}

// Parse reads the description of a type. An error says that it is none.
func Parse(text string) (*schema.Type, error) {
	t := &schema.Type{}
	if err := json.Unmarshal([]byte(text), t); err != nil {
		return nil, fmt.Errorf("the description of a value's type: %w", err)
	}
	if err := avro.Check(t); err != nil {
		return nil, fmt.Errorf("the description of a value's type: %w", err)
	}
	return t, nil
}

// AppendJSON appends a value as JSON. A value that is damaged is shown as null,
// with the fault told.
func AppendJSON(b []byte, v *Value, f *value.Fault, at value.Pos) []byte {
	t, err := Parse(v.Schema)
	if err == nil {
		in := avro.NewReader(v.Data)
		out := avro.AppendJSON(b, t, in)
		if err = in.Close(); err == nil {
			return out
		}
	}
	f.Fail(at, err.Error())
	return append(b, "null"...)
}

// Type writes and reads the values of one type of the program. It may be used by
// any goroutine.
type Type[T any] struct {
	schema string
	pack   func([]byte, T) []byte
	read   func(*avro.Reader) T
	ways   sync.Map // from the description of another type to its *way
}

// way is how values of a former type are read.
type way struct {
	convert func(dst, src []byte) ([]byte, error)
	refused string // why they are not; "" if they are
}

// Of returns the type that a description names, with the functions that append
// and read its values as Avro.
func Of[T any](schema string, pack func([]byte, T) []byte, read func(*avro.Reader) T) *Type[T] {
	return &Type[T]{schema: schema, pack: pack, read: read}
}

// Value returns v with the description of its type. It shares no memory with v.
func (t *Type[T]) Value(v T) Value { return Value{Schema: t.schema, Data: t.pack(nil, v)} }

// Get reads what has a name: v, nil if nothing has. A value of another type is a
// fault at that place.
func (t *Type[T]) Get(v *Value, name string, f *value.Fault, at value.Pos) value.Option[T] {
	if v == nil {
		return value.Option[T]{}
	}
	data := v.Data
	if v.Schema != t.schema {
		w := t.way(v.Schema)
		if w.refused != "" {
			f.Fail(at, fmt.Sprintf("what is called %q %s", name, w.refused))
			return value.Option[T]{}
		}
		var err error
		if data, err = w.convert(nil, data); err != nil {
			f.Fail(at, fmt.Sprintf("what is called %q: %s", name, err))
			return value.Option[T]{}
		}
	}
	in := avro.NewReader(data)
	got := t.read(in)
	if err := in.Close(); err != nil {
		f.Fail(at, fmt.Sprintf("what is called %q is damaged: %s", name, err))
		return value.Option[T]{}
	}
	return value.Some(got)
}

// way finds how values of another description are read.
func (t *Type[T]) way(other string) *way {
	if w, ok := t.ways.Load(other); ok {
		return w.(*way)
	}
	w := t.find(other)
	t.ways.Store(other, w)
	return w
}

func (t *Type[T]) find(other string) *way {
	was, err := Parse(other)
	if err != nil {
		return &way{refused: "is damaged: " + err.Error()}
	}
	now, err := Parse(t.schema)
	if err != nil {
		panic(err) // it comes from generated code
	}
	if !evolve.SameDeclared(was, now) {
		return &way{refused: fmt.Sprintf("is of type %s, not %s", was, now)}
	}
	convert, why := evolve.Former(was, now)
	if why != "" {
		return &way{refused: fmt.Sprintf("is a former %s: %s", now, why)}
	}
	return &way{convert: convert}
}
