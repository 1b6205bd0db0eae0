package remote

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"unicode/utf8"
)

// The encoding of protocol buffers, as far as the protocol needs it.

// The wire types of fields.
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
	wireFixed32 = 5
)

func appendTag(b []byte, field, wire int) []byte {
	return binary.AppendUvarint(b, uint64(field)<<3|uint64(wire))
}

// appendText appends a field that is text or bytes, unless it is empty.
func appendText[T string | []byte](b []byte, field int, v T) []byte {
	if len(v) == 0 {
		return b
	}
	b = binary.AppendUvarint(appendTag(b, field, wireBytes), uint64(len(v)))
	return append(b, v...)
}

func appendFlag(b []byte, field int, v bool) []byte {
	if !v {
		return b
	}
	return append(appendTag(b, field, wireVarint), 1)
}

func appendNumber(b []byte, field int, v int64) []byte {
	if v == 0 {
		return b
	}
	return binary.AppendUvarint(appendTag(b, field, wireVarint), uint64(v))
}

// appendHead begins a field that is a message of n bytes.
func appendHead(b []byte, field, n int) []byte {
	return binary.AppendUvarint(appendTag(b, field, wireBytes), uint64(n))
}

// sizeUvarint returns the bytes of a number, sizeText those of a field that is
// text or bytes, unless it is empty, and sizeMessage those of one that is a message.
func sizeUvarint(v uint64) int { return (bits.Len64(v|1) + 6) / 7 }

func sizeText(field, n int) int {
	if n == 0 {
		return 0
	}
	return sizeMessage(field, n)
}

func sizeMessage(field, n int) int {
	return sizeUvarint(uint64(field)<<3) + sizeUvarint(uint64(n)) + n
}

// appendMessage appends a field that is a message, which write appends. Its
// length, which comes first, is known last.
func appendMessage(b []byte, field int, write func([]byte) []byte) []byte {
	b = appendTag(b, field, wireBytes)
	const room = 5 // bytes of a length below 4 GiB
	at := len(b)
	b = write(append(b, make([]byte, room)...))
	n := len(b) - at - room
	size := binary.PutUvarint(b[at:], uint64(n))
	copy(b[at+size:], b[at+room:])
	return b[:at+size+n]
}

// uvarint reads a number, most of which are of one byte, as [binary.Uvarint] does.
func uvarint(b []byte) (uint64, int) {
	if len(b) > 0 && b[0] < 0x80 {
		return uint64(b[0]), 1
	}
	return binary.Uvarint(b)
}

var errCut = errors.New("the message ends within a field")

// message reads the fields of a message one by one.
type message struct {
	rest  []byte
	field int
	wire  int
	num   uint64 // of a number
	data  []byte // of a field with a length: a view
	err   error
}

// next reads a field; it returns false at the end, and at a mistake.
func (m *message) next() bool {
	if len(m.rest) == 0 || m.err != nil {
		return false
	}
	tag, n := uvarint(m.rest)
	if n <= 0 || tag>>3 == 0 || tag>>3 > 1<<29-1 {
		m.err = errors.New("a field without a number")
		return false
	}
	m.rest = m.rest[n:]
	m.field, m.wire = int(tag>>3), int(tag&7)
	return m.take()
}

// take reads the value of the field at hand.
func (m *message) take() bool {
	m.num, m.data = 0, nil
	n := 0
	switch m.wire {
	case wireVarint:
		m.num, n = uvarint(m.rest)
		if n <= 0 {
			m.err = errCut
			return false
		}
		m.rest = m.rest[n:]
	case wireFixed64:
		if len(m.rest) < 8 {
			m.err = errCut
			return false
		}
		m.num, m.rest = binary.LittleEndian.Uint64(m.rest), m.rest[8:]
	case wireFixed32:
		if len(m.rest) < 4 {
			m.err = errCut
			return false
		}
		m.num, m.rest = uint64(binary.LittleEndian.Uint32(m.rest)), m.rest[4:]
	case wireBytes:
		size, n := uvarint(m.rest)
		if n <= 0 || size > uint64(len(m.rest)-n) {
			m.err = errCut
			return false
		}
		m.data, m.rest = m.rest[n:n+int(size)], m.rest[n+int(size):]
	default:
		m.err = fmt.Errorf("a field of wire type %d", m.wire)
		return false
	}
	return true
}

// packed goes through numbers of a wire type that are packed into the field at
// hand, each of which is then the value of the field.
func (m *message) packed(wire int, yield func() bool) {
	rest := m.rest
	m.rest, m.wire = m.data, wire
	for len(m.rest) > 0 && m.take() && yield() {
	}
	m.rest = rest
}

// bytes is the value of a field that is bytes or a message.
func (m *message) bytes() []byte {
	if m.wire != wireBytes && m.err == nil {
		m.err = fmt.Errorf("field %d is of wire type %d, not bytes", m.field, m.wire)
	}
	return m.data
}

// text is the value of a field that is text.
func (m *message) text() string {
	b := m.bytes()
	if !utf8.Valid(b) && m.err == nil {
		m.err = fmt.Errorf("field %d is no UTF-8", m.field)
	}
	return string(b)
}

// number is the value of a field that is a number or a flag.
func (m *message) number() int64 {
	if m.wire != wireVarint && m.err == nil {
		m.err = fmt.Errorf("field %d is of wire type %d, not a number", m.field, m.wire)
	}
	return int64(m.num)
}

// textLike is text, which is likely to be the same as before.
func (m *message) textLike(before string) string {
	if b := m.bytes(); len(b) == len(before) && string(b) == before {
		return before
	}
	return m.text()
}

// inner returns a reader of a message within one. Who has read it hands it to
// [message.end].
func (m *message) inner() message { return message{rest: m.bytes(), err: m.err} }

// end takes over what was wrong with a message within one.
func (m *message) end(in *message) {
	if m.err == nil {
		m.err = in.err
	}
}
