// Package statefun has what hand-written programs need of the request-reply
// protocol of Stateful Functions 3: fields of protocol buffers, in and out.
package statefun

import (
	"encoding/binary"
	"errors"
)

// Numbers of fields.
const (
	Invocations = 100 // of a request: the batch
	Target      = 1   // of a batch
	Invocation  = 3   // of a batch, again and again
	Argument    = 2   // of an invocation, a typed value
	Result      = 100 // of a reply
	Egress      = 4   // of a result, again and again
)

// ErrMessage says that bytes are no message.
var ErrMessage = errors.New("statefun: no message")

// Fields calls each for every field with a length.
func Fields(b []byte, each func(field int, data []byte) error) error {
	for len(b) > 0 {
		tag, n := binary.Uvarint(b)
		if n <= 0 {
			return ErrMessage
		}
		size, m := binary.Uvarint(b[n:])
		if m <= 0 {
			return ErrMessage
		}
		b = b[n+m:]
		if tag&7 == 0 {
			continue // a number, which has been read
		}
		if tag&7 != 2 || size > uint64(len(b)) {
			return ErrMessage
		}
		if err := each(int(tag>>3), b[:size]); err != nil {
			return err
		}
		b = b[size:]
	}
	return nil
}

// Append appends a field with a length.
func Append[T string | []byte](b []byte, field int, data T) []byte {
	b = binary.AppendUvarint(b, uint64(field)<<3|2)
	return append(binary.AppendUvarint(b, uint64(len(data))), data...)
}

// AppendTyped appends a value with its type.
func AppendTyped[T string | []byte](b []byte, typename string, value T) []byte {
	b = Append(b, 1, typename)
	b = append(b, 2<<3, 1) // there is one
	return Append(b, 3, value)
}
