package evolve

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/value"
)

// ErrCorrupt is the error of bytes that are no value of the described type.
var ErrCorrupt = errors.New("the bytes are no value of the type they are said to have")

func corrupt(t *typ, why string) error {
	return fmt.Errorf("%w: %s: %s", ErrCorrupt, t.String(), why)
}

// maxDepth is how deep values may lie in values. A program cannot be nested
// deeper than 200, but a record that holds itself can be a long chain.
const maxDepth = 10_000

// maxEmpty is how many elements a list may have that take no bytes at all, as
// records without fields do: for any other type the bytes are the bound.
const maxEmpty = 1 << 20

// takeLong reads a number.
func takeLong(t *typ, src []byte) (int64, []byte, error) {
	n, size := binary.Varint(src)
	if size <= 0 {
		return 0, nil, corrupt(t, "a number that does not end")
	}
	return n, src[size:], nil
}

func appendLong(dst []byte, n int64) []byte { return binary.AppendVarint(dst, n) }

// takeBytes reads what has its length before it.
func takeBytes(t *typ, src []byte) (b, rest []byte, err error) {
	n, rest, err := takeLong(t, src)
	if err != nil {
		return nil, nil, err
	}
	if n < 0 || n > int64(len(rest)) {
		return nil, nil, corrupt(t, "a length beyond the end")
	}
	return rest[:n], rest[n:], nil
}

func appendBytes[T []byte | string](dst []byte, b T) []byte {
	return append(appendLong(dst, int64(len(b))), b...)
}

// take reads so many bytes.
func take(t *typ, src []byte, n int) (b, rest []byte, err error) {
	if len(src) < n {
		return nil, nil, corrupt(t, "it ends too early")
	}
	return src[:n], src[n:], nil
}

// takeBlock reads the head of a block of an array or map: how many elements
// follow, 0 at the end.
func takeBlock(t *typ, src []byte) (n int64, rest []byte, err error) {
	n, rest, err = takeLong(t, src)
	if err == nil && n < 0 {
		if n == math.MinInt64 {
			return 0, nil, corrupt(t, "a block of too many elements")
		}
		n = -n
		_, rest, err = takeLong(t, rest) // the size of the block in bytes
	}
	if err != nil {
		return 0, nil, err
	}
	if n > int64(len(rest)) && n > maxEmpty {
		return 0, nil, corrupt(t, "a block of more elements than bytes")
	}
	return n, rest, nil
}

// each calls visit for the bytes of each element of an array or map, and returns
// what stands behind it. skip skips one element.
func each(t *typ, src []byte, skip func(src []byte) ([]byte, error), visit func(elem []byte) error) ([]byte, error) {
	for {
		n, rest, err := takeBlock(t, src)
		if err != nil || n == 0 {
			return rest, err
		}
		for range n {
			after, err := skip(rest)
			if err != nil {
				return nil, err
			}
			if err := visit(rest[:len(rest)-len(after)]); err != nil {
				return nil, err
			}
			rest = after
		}
		src = rest
	}
}

// skip returns what stands behind one value of type t.
func (t *typ) skip(src []byte, depth int) ([]byte, error) {
	if depth > maxDepth {
		return nil, corrupt(t, "it is nested too deep")
	}
	var err error
	switch t.Shape {
	case schema.Bool:
		_, src, err = take(t, src, 1)
	case schema.Int32, schema.Int, schema.Timestamp, schema.Duration, schema.Date, schema.Enum:
		_, src, err = takeLong(t, src)
	case schema.Float32:
		_, src, err = take(t, src, 4)
	case schema.Float:
		_, src, err = take(t, src, 8)
	case schema.String, schema.Bytes, schema.JSON, schema.Decimal:
		_, src, err = takeBytes(t, src)
	case schema.UUID:
		_, src, err = take(t, src, 16)
	case schema.Option:
		var some bool
		if some, src, err = t.takeOption(src); some {
			return t.elem.skip(src, depth+1)
		}
	case schema.Union:
		var i int
		if i, src, err = t.takeIndex(src, len(t.members)); err == nil {
			return t.members[i].skip(src, depth+1)
		}
	case schema.ListOf, schema.SetOf, schema.MapOf:
		return t.skipAll(src, depth)
	case schema.Record, schema.Accumulator:
		for i := range t.fields {
			if src, err = t.fields[i].typ.skip(src, depth+1); err != nil {
				return nil, err
			}
		}
	default:
		return nil, corrupt(t, "no such type")
	}
	return src, err
}

// skipAll skips an array or map.
func (t *typ) skipAll(src []byte, depth int) ([]byte, error) {
	for {
		n, rest, err := takeBlock(t, src)
		if err != nil || n == 0 {
			return rest, err
		}
		for range n {
			if t.key != nil {
				if rest, err = t.key.skip(rest, depth+1); err != nil {
					return nil, err
				}
			}
			if rest, err = t.elem.skip(rest, depth+1); err != nil {
				return nil, err
			}
		}
		src = rest
	}
}

// takeOption reads whether an optional value is there.
func (t *typ) takeOption(src []byte) (some bool, rest []byte, err error) {
	i, rest, err := t.takeIndex(src, 2)
	return i == 1, rest, err
}

// takeIndex reads the position of a symbol or member, of which there are n.
func (t *typ) takeIndex(src []byte, n int) (int, []byte, error) {
	i, rest, err := takeLong(t, src)
	if err == nil && (i < 0 || i >= int64(n)) {
		err = corrupt(t, "a position that it does not have")
	}
	return int(i), rest, err
}

// takeDecimal reads the units of a decimal.
func (t *typ) takeDecimal(src []byte) (value.Decimal, []byte, error) {
	b, rest, err := takeBytes(t, src)
	if err == nil && len(b) > 16 {
		// Longer than 128 bits only by repeated signs.
		for _, c := range b[:len(b)-16] {
			if c != byte(int8(b[len(b)-16])>>7) {
				return value.Decimal{}, nil, corrupt(t, "more than 128 bits")
			}
		}
		b = b[len(b)-16:]
	}
	if err != nil || len(b) == 0 {
		return value.Decimal{}, rest, err
	}
	var full [16]byte
	fill := byte(int8(b[0]) >> 7)
	for i := range full {
		full[i] = fill
	}
	copy(full[16-len(b):], b)
	return value.Decimal{Hi: int64(binary.BigEndian.Uint64(full[:8])), Lo: binary.BigEndian.Uint64(full[8:])}, rest, nil
}

// appendDecimal writes the units of a decimal in as few bytes as hold them.
func appendDecimal(dst []byte, d value.Decimal) []byte {
	var full [16]byte
	binary.BigEndian.PutUint64(full[:8], uint64(d.Hi))
	binary.BigEndian.PutUint64(full[8:], d.Lo)
	b := full[:]
	for len(b) > 1 && (b[0] == 0 && b[1] < 0x80 || b[0] == 0xff && b[1] >= 0x80) {
		b = b[1:]
	}
	return appendBytes(dst, b)
}

func takeFloat32(t *typ, src []byte) (float32, []byte, error) {
	b, rest, err := take(t, src, 4)
	if err != nil {
		return 0, nil, err
	}
	return math.Float32frombits(binary.LittleEndian.Uint32(b)), rest, nil
}

func takeFloat(t *typ, src []byte) (float64, []byte, error) {
	b, rest, err := take(t, src, 8)
	if err != nil {
		return 0, nil, err
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(b)), rest, nil
}

func appendFloat32(dst []byte, x float32) []byte {
	return binary.LittleEndian.AppendUint32(dst, math.Float32bits(x))
}

func appendFloat(dst []byte, x float64) []byte {
	return binary.LittleEndian.AppendUint64(dst, math.Float64bits(x))
}
