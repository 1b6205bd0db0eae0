package avro

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"unicode/utf8"
	"unsafe"

	"github.com/flow-lang/flowc/rt/value"
)

// Reader reads Avro binary from memory. The first mistake ends it: from then on
// all it reads is zero, and [Reader.Close] says what was wrong. So generated code
// looks once for a whole value.
//
// What it returns shares no memory with the input.
type Reader struct {
	data  []byte
	at    int   // next byte
	empty int   // elements of no bytes that have been announced
	err   error // the first mistake
}

// mostEmpty is how many elements that take no bytes one input may have: records
// without fields, which no length bounds.
const mostEmpty = 1 << 20

// NewReader returns a reader of a value.
func NewReader(data []byte) *Reader { return &Reader{data: data} }

// Reset makes r a reader of another value.
func (r *Reader) Reset(data []byte) { *r = Reader{data: data} }

// Failed reports whether a mistake was found.
func (r *Reader) Failed() bool { return r.err != nil }

// Len returns how many bytes have not been read.
func (r *Reader) Len() int { return len(r.data) - r.at }

// Closes reports whether all has been read, without a mistake.
func (r *Reader) Closes() bool { return r.err == nil && r.at == len(r.data) }

// Close returns the first mistake, which may be that bytes are left.
func (r *Reader) Close() error {
	if r.err == nil && r.at != len(r.data) {
		r.Fail("%d bytes are left after the value", len(r.data)-r.at)
	}
	return r.err
}

// Fail notes a mistake at the byte that is next, unless there is one already.
func (r *Reader) Fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("byte %d: %s", r.at, fmt.Sprintf(format, args...))
		r.at = len(r.data)
	}
}

// take returns the next n bytes, or nil if there are not so many.
func (r *Reader) take(n int64, what string) []byte {
	if r.err != nil {
		return nil
	}
	if n < 0 || n > int64(len(r.data)-r.at) {
		r.Fail("%s of %d bytes, but %d are left", what, n, len(r.data)-r.at)
		return nil
	}
	b := r.data[r.at : r.at+int(n)]
	r.at += int(n)
	return b
}

// Int reads a long.
func (r *Reader) Int() int64 {
	if r.at < len(r.data) && r.data[r.at] < 0x80 { // a number of one byte
		b := r.data[r.at]
		r.at++
		return int64(b>>1) ^ -int64(b&1)
	}
	v, n := binary.Varint(r.data[r.at:])
	if n <= 0 {
		if n == 0 {
			r.Fail("the value ends within a number")
		} else {
			r.Fail("a number of more than 64 bits")
		}
		return 0
	}
	r.at += n
	return v
}

// Int32 reads an int.
func (r *Reader) Int32() int32 {
	v := r.Int()
	if v < math.MinInt32 || v > math.MaxInt32 {
		r.Fail("%d does not fit 32 bits", v)
		return 0
	}
	return int32(v)
}

// Duration reads a long that is a duration.
func (r *Reader) Duration() value.Duration { return value.Duration(r.Int()) }

// Bool reads a boolean.
func (r *Reader) Bool() bool {
	b := r.take(1, "a boolean")
	if b == nil {
		return false
	}
	if b[0] > 1 {
		r.Fail("%d is no boolean", b[0])
		return false
	}
	return b[0] == 1
}

// Float32 reads a float.
func (r *Reader) Float32() float32 {
	b := r.take(4, "a float")
	if b == nil {
		return 0
	}
	return math.Float32frombits(binary.LittleEndian.Uint32(b))
}

// Float reads a double.
func (r *Reader) Float() float64 {
	b := r.take(8, "a double")
	if b == nil {
		return 0
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(b))
}

// view reads bytes or a string without a copy.
func (r *Reader) view(what string) []byte { return r.take(r.Int(), what) }

// Bytes reads bytes.
func (r *Reader) Bytes() []byte {
	b := r.view("bytes")
	if len(b) == 0 {
		return nil
	}
	return append(make([]byte, 0, len(b)), b...)
}

// View reads a string that is a view of the input. It is checked to be UTF-8.
func (r *Reader) View() string {
	b := r.view("a string")
	if !ascii(b) && !utf8.Valid(b) {
		r.Fail("a string that is not UTF-8")
		return ""
	}
	return unsafe.String(unsafe.SliceData(b), len(b))
}

// Short returns the string that data is, as a view, if it is one of less than 64 bytes
// that are all ASCII, as most keys are, and nothing else.
func Short(data []byte) (s string, ok bool) {
	if len(data) == 0 || len(data) > 64 || int(data[0]) != 2*(len(data)-1) || !ascii(data[1:]) {
		return "", false
	}
	return unsafe.String(unsafe.SliceData(data[1:]), len(data)-1), true
}

// ascii reports whether all bytes are ASCII, as those of most texts are.
func ascii(b []byte) bool {
	const high = 0x8080808080808080
	for len(b) >= 8 {
		if binary.LittleEndian.Uint64(b)&high != 0 {
			return false
		}
		b = b[8:]
	}
	all := byte(0)
	for _, c := range b {
		all |= c
	}
	return all < utf8.RuneSelf
}

// ViewBytes reads bytes as a view of the input.
func (r *Reader) ViewBytes() []byte { return r.view("bytes") }

// Text reads a string.
func (r *Reader) Text() string { return string([]byte(r.View())) }

// JSON reads a string that is the text of a JSON value.
func (r *Reader) JSON() value.JSON {
	b := r.view("a string")
	if r.err == nil && !(utf8.Valid(b) && json.Valid(b)) {
		r.Fail("a json value whose text is no JSON")
		return ""
	}
	return value.JSON(b)
}

// Timestamp reads a long that is a timestamp.
func (r *Reader) Timestamp() value.Timestamp {
	v := value.Timestamp(r.Int())
	if v < value.MinTime || v > value.MaxTime {
		r.Fail("a timestamp outside the years 1 to 9999")
		return 0
	}
	return v
}

// Date reads an int that is a date.
func (r *Reader) Date() value.Date {
	v := value.Date(r.Int32())
	if v < value.MinDate || v > value.MaxDate {
		r.Fail("a date outside the years 1 to 9999")
		return 0
	}
	return v
}

// UUID reads a fixed of 16 bytes.
func (r *Reader) UUID() (v value.UUID) {
	copy(v[:], r.take(16, "a uuid"))
	return v
}

// Decimal reads bytes that are a decimal of at most so many digits.
func (r *Reader) Decimal(digits int) value.Decimal {
	return r.decimal(r.view("a decimal"), digits)
}

// decimal returns the decimal that bytes are.
func (r *Reader) decimal(b []byte, digits int) value.Decimal {
	if r.err != nil {
		return value.Decimal{}
	}
	if len(b) == 0 {
		r.Fail("a decimal of no bytes")
		return value.Decimal{}
	}
	sign := byte(int8(b[0]) >> 7)
	for len(b) > 16 && b[0] == sign && b[1]&0x80 == sign&0x80 {
		b = b[1:] // others may write more bytes than are needed
	}
	if len(b) > 16 {
		r.Fail("a decimal of %d bytes", len(b))
		return value.Decimal{}
	}
	var full [16]byte
	for i := range full[:16-len(b)] {
		full[i] = sign
	}
	copy(full[16-len(b):], b)
	v := value.Decimal{Hi: int64(binary.BigEndian.Uint64(full[:8])), Lo: binary.BigEndian.Uint64(full[8:])}
	if !v.Fits(digits) {
		r.Fail("a decimal of more than %d digits", digits)
		return value.Decimal{}
	}
	return v
}

// Branch reads which of n branches of a union, or symbols of an enum, comes.
func (r *Reader) Branch(n int) int {
	v := r.Int()
	if v < 0 || v >= int64(n) {
		r.Fail("branch or symbol %d of %d", v, n)
		return 0
	}
	return int(v)
}

// Some reads whether an option holds a value.
func (r *Reader) Some() bool { return r.Branch(2) == 1 }

// Block begins the next block of an array or a map, whose elements take at least
// so many bytes each, and returns how many elements follow; 0 ends it:
//
//	for n := r.Block(1); n > 0; n = r.Block(1) {
//		for range n {
//			list = append(list, r.Int())
//		}
//	}
func (r *Reader) Block(least int) int {
	n := r.Int()
	if n < 0 {
		n = -n
		r.Int() // bytes of the block, for those who skip it
	}
	if r.err != nil || n == 0 {
		return 0
	}
	if least == 0 {
		r.empty += int(min(uint64(n), mostEmpty+1))
		if uint64(n) > mostEmpty || r.empty > mostEmpty {
			r.Fail("more than %d elements of no bytes", mostEmpty)
			return 0
		}
		return int(n)
	}
	if uint64(n) > uint64(r.Len()/least) {
		r.Fail("%d elements, but %d bytes are left", n, r.Len())
		return 0
	}
	return int(n)
}

// ReadOption reads a union of null and a value.
func ReadOption[T any](r *Reader, each func(*Reader) T) value.Option[T] {
	if !r.Some() {
		return value.Option[T]{}
	}
	return value.Some(each(r))
}

// ReadList reads an array whose elements take at least so many bytes each.
func ReadList[T any](r *Reader, least int, each func(*Reader) T) []T {
	var list []T
	for n := r.Block(least); n > 0; n = r.Block(least) {
		for ; n > 0 && !r.Failed(); n-- {
			list = append(list, each(r))
		}
	}
	return list
}

// ReadSet reads an array as a set, whatever its order. An element that comes
// twice is a mistake.
func ReadSet[K any](r *Reader, least int, compare func(a, b K) int, each func(*Reader) K) []K {
	list := ReadList(r, least, each)
	n := len(list)
	if list = value.SetOf(compare, list...); len(list) != n {
		r.Fail("a set with an element that comes twice")
	}
	return list
}

// ReadMap reads a map or an array of pairs, whatever their order. A key that comes
// twice is a mistake. A pair takes at least so many bytes.
func ReadMap[K, V any](r *Reader, least int, compare func(a, b K) int, key func(*Reader) K, each func(*Reader) V) value.Map[K, V] {
	var keys []K
	var values []V
	for n := r.Block(least); n > 0; n = r.Block(least) {
		for ; n > 0 && !r.Failed(); n-- {
			keys = append(keys, key(r))
			values = append(values, each(r))
		}
	}
	m, repeated := value.NewMap(compare, keys, values)
	if repeated >= 0 {
		r.Fail("a map with a key that comes twice")
	}
	return m
}
