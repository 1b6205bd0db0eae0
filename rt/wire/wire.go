// Package wire reads and writes the rows of a pipeline's input and output: JSON
// lines and CSV.
//
// It holds the primitives; the parser and the encoder of a record are generated
// and know its fields. A decoder works on bytes that its caller owns and gives
// views into them, so a row costs no allocation; whoever keeps a string longer
// than the bytes live copies it. Encoders append to the caller's buffer. What a
// row says is never trusted: anything that is no record of the type is
// [Malformed], with a reason in the words of the program's author.
//
// Nothing here reads files, starts goroutines, or panics on any input.
package wire

import (
	"encoding/binary"
	"math/bits"
	"strconv"
	"unicode/utf8"
	"unsafe"
)

// MaxRecord is the length in bytes from which a record is malformed. The reader
// that cuts input into records applies it.
const MaxRecord = 16 << 20

// MaxDepth is how deep objects and lists may be nested in a JSON record.
const MaxDepth = 64

// Malformed says why a row is no record of its type.
type Malformed struct {
	Reason string // one clause, naming the field or column where there is one
	Offset int    // byte of the row where it was noticed, from 0
}

// Error returns the reason.
func (m *Malformed) Error() string { return m.Reason }

// view returns a string that shares b's bytes.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// bytesOf returns the bytes of s, which must not be changed.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// load64 reads eight bytes, least significant first.
func load64(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }

// load32 reads four bytes, least significant first.
func load32(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }

// Eight bytes at once: the same byte in each of them, and the top bits.
const (
	each = 0x0101010101010101
	tops = 0x8080808080808080
)

// specials marks, by their top bits, the bytes of x that end a run of plain
// text in JSON: a quote, a backslash, a control character, or a byte beyond
// ASCII. Only the lowest mark is certain: a borrow may set marks above it.
func specials(x uint64) uint64 {
	// With this bit turned, a quote stands right behind the control characters, and
	// a space is not there any more.
	const turned = '"' ^ ' '
	low := (x ^ turned*each) - (' '+1)*each
	slash := (x ^ '\\'*each) - each
	return (low | slash | x) & tops
}

// firstMark returns the index of the byte with the lowest mark.
func firstMark(marks uint64) int { return bits.TrailingZeros64(marks) >> 3 }

// quote writes text from a row into a reason, cut to a length that a person
// reads.
func quote(text string) string { return strconv.Quote(cut(text)) }

// cut returns text, or its beginning if it is long.
func cut(text string) string {
	const most = 40
	if len(text) <= most {
		return text
	}
	n := most
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n] + "…"
}

// A chunk holds text that had to be decoded. What it has given out is never
// overwritten: a full chunk is left to the garbage collector.
type chunk struct{ free []byte }

// reserve returns an empty slice with room for n bytes, which is taken by
// keep.
func (c *chunk) reserve(n int) []byte {
	const size = 4096
	if cap(c.free) < n {
		c.free = make([]byte, 0, max(n, size))
	}
	return c.free[:0]
}

// keep takes used, which was appended to what reserve gave, out of the chunk.
func (c *chunk) keep(used []byte) []byte {
	c.free = used[len(used):]
	return used[:len(used):len(used)]
}
