package remote

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/flow-lang/flowc/rt/value"
)

// What generated code writes and reads protocol buffers with. A value that is zero
// is left out unless it is said to be there.

// AddressOf returns the address of a function's type and a key.
func AddressOf(typename, id string) Address { return addressOf(typename, id) }

// Wait returns a duration of the program as one of Go.
func Wait(d value.Duration) time.Duration { return time.Duration(d) * time.Microsecond }

// Name returns the name of the value's type without its namespace.
func (r *Record) Name() string {
	_, name, _ := cutType(r.Type)
	return name
}

// Message returns the name of the value's type without its namespace and its
// package: that of example/shop.Order, or type.googleapis.com/shop.Order, is Order.
func (r *Record) Message() string {
	name := r.Name()
	return name[strings.LastIndexByte(name, '.')+1:]
}

// Text returns a value that is text: of the SDKs' type for it, or as it is.
func (r *Record) Text() (string, error) {
	if r.Type == TypeString {
		return ReadString(r.Value)
	}
	m := &message{data: r.Value, wire: wireBytes}
	text := m.text()
	return text, m.err
}

// PutBool appends a field that is true or false.
func PutBool(b []byte, field int, v, there bool) []byte {
	if !v && there {
		return append(appendTag(b, field, wireVarint), 0)
	}
	return appendFlag(b, field, v)
}

// PutInt appends an int64.
func PutInt(b []byte, field int, v int64, there bool) []byte {
	if v == 0 && there {
		return append(appendTag(b, field, wireVarint), 0)
	}
	return appendNumber(b, field, v)
}

// PutInt32 appends an int32.
func PutInt32(b []byte, field int, v int32, there bool) []byte {
	return PutInt(b, field, int64(v), there)
}

// PutFloat appends a double.
func PutFloat(b []byte, field int, v float64, there bool) []byte {
	if bits := math.Float64bits(v); bits != 0 || there {
		return binary.LittleEndian.AppendUint64(appendTag(b, field, wireFixed64), bits)
	}
	return b
}

// PutFloat32 appends a float.
func PutFloat32(b []byte, field int, v float32, there bool) []byte {
	if bits := math.Float32bits(v); bits != 0 || there {
		return binary.LittleEndian.AppendUint32(appendTag(b, field, wireFixed32), bits)
	}
	return b
}

// PutText appends a string.
func PutText(b []byte, field int, v string, there bool) []byte {
	if v == "" && there {
		return append(appendTag(b, field, wireBytes), 0)
	}
	return appendText(b, field, v)
}

// PutBytes appends bytes.
func PutBytes(b []byte, field int, v []byte, there bool) []byte {
	if len(v) == 0 && there {
		return append(appendTag(b, field, wireBytes), 0)
	}
	return appendText(b, field, v)
}

// PutMessage appends a message, which write appends.
func PutMessage(b []byte, field int, write func([]byte) []byte) []byte {
	return appendMessage(b, field, write)
}

// Message reads the fields of a protocol buffer. The first mistake ends it.
type Message struct{ of message }

// NewMessage returns a reader of a message.
func NewMessage(b []byte) *Message { return &Message{message{rest: b}} }

// Next reads the next field; it returns false when there is none.
func (m *Message) Next() bool { return m.of.next() }

// Field returns the number of the field at hand.
func (m *Message) Field() int { return m.of.field }

// Err returns the first mistake.
func (m *Message) Err() error { return m.of.err }

// Fail notes a mistake.
func (m *Message) Fail(reason string) {
	if m.of.err == nil {
		m.of.err = errors.New(reason)
	}
}

// Bool reads a field that is true or false.
func (m *Message) Bool() bool { return m.of.number() != 0 }

// Int reads an int64.
func (m *Message) Int() int64 { return m.of.number() }

// Int32 reads an int32.
func (m *Message) Int32() int32 {
	v := m.of.number()
	if v < math.MinInt32 || v > math.MaxInt32 {
		m.Fail("a number of more than 32 bits")
	}
	return int32(v)
}

// Float reads a double.
func (m *Message) Float() float64 {
	m.want(wireFixed64)
	return math.Float64frombits(m.of.num)
}

// Float32 reads a float.
func (m *Message) Float32() float32 {
	m.want(wireFixed32)
	return math.Float32frombits(uint32(m.of.num))
}

func (m *Message) want(wire int) {
	if m.of.wire != wire {
		m.Fail("a field of another type")
	}
}

// Text reads a string.
func (m *Message) Text() string { return m.of.text() }

// JSON reads a string that is the text of a JSON value.
func (m *Message) JSON() value.JSON {
	text := m.of.text()
	if !json.Valid([]byte(text)) {
		m.Fail("a text that is no JSON")
	}
	return value.JSON(text)
}

// Bytes reads bytes, which are a view of the message.
func (m *Message) Bytes() []byte { return m.of.bytes() }

// Timestamp reads an int64 of µs since 1970.
func (m *Message) Timestamp() value.Timestamp {
	t := value.Timestamp(m.of.number())
	if t < value.MinTime || t > value.MaxTime {
		m.Fail("a time outside the years 1 to 9999")
	}
	return t
}

// Date reads an int32 of days since 1970.
func (m *Message) Date() value.Date {
	d := value.Date(m.Int32())
	if d < value.MinDate || d > value.MaxDate {
		m.Fail("a date outside the years 1 to 9999")
	}
	return d
}

// Duration reads an int64 of µs.
func (m *Message) Duration() value.Duration { return value.Duration(m.of.number()) }

// The wire types of numbers.
const (
	Varint  = wireVarint  // Bool, Int, Int32
	Fixed64 = wireFixed64 // Float
	Fixed32 = wireFixed32 // Float32
)

// Elements goes through the elements of a list of numbers of a wire type, of which
// a field has one, or several that are packed. Each is then the value of the field.
func (m *Message) Elements(wire int) func(yield func() bool) {
	return func(yield func() bool) {
		if m.of.wire == wireBytes {
			m.of.packed(wire, yield)
		} else {
			yield()
		}
	}
}

// Want refuses a value of another type than the program says.
func (r *Record) Want(typename string) error {
	if r.Type != typename {
		return fmt.Errorf("the value is of type %s, not %s", r.Type, typename)
	}
	return nil
}

// Inner reads a message within a message.
func Inner[T any](m *Message, read func([]byte) (T, error)) T {
	v, err := read(m.of.bytes())
	if err != nil {
		m.Fail(err.Error())
	}
	return v
}
