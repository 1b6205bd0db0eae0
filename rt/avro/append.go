package avro

import (
	"encoding/binary"
	"math"

	"github.com/flow-lang/flowc/rt/value"
)

// AppendBool appends a boolean.
func AppendBool(dst []byte, v bool) []byte {
	if v {
		return append(dst, 1)
	}
	return append(dst, 0)
}

// AppendInt appends an int or a long, which are written alike, or the position of
// a symbol of an enum.
func AppendInt[T ~int | ~int64 | ~int32 | ~uint16 | ~uint8](dst []byte, v T) []byte {
	return binary.AppendVarint(dst, int64(v))
}

// AppendFloat32 appends a float.
func AppendFloat32(dst []byte, v float32) []byte {
	return binary.LittleEndian.AppendUint32(dst, math.Float32bits(v))
}

// AppendFloat appends a double.
func AppendFloat(dst []byte, v float64) []byte {
	return binary.LittleEndian.AppendUint64(dst, math.Float64bits(v))
}

// AppendString appends a string, which must be UTF-8.
func AppendString[T ~string](dst []byte, v T) []byte {
	return append(binary.AppendVarint(dst, int64(len(v))), v...)
}

// AppendBytes appends bytes.
func AppendBytes(dst, v []byte) []byte {
	return append(binary.AppendVarint(dst, int64(len(v))), v...)
}

// AppendDecimal appends the units of a decimal as bytes: two's complement, the
// most significant first, as few as hold them.
func AppendDecimal(dst []byte, v value.Decimal) []byte {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(v.Hi))
	binary.BigEndian.PutUint64(b[8:], v.Lo)
	sign := byte(v.Hi >> 63)
	from := 0
	for from < 15 && b[from] == sign && b[from+1]&0x80 == sign&0x80 {
		from++
	}
	return AppendBytes(dst, b[from:])
}

// AppendUUID appends a fixed of 16 bytes.
func AppendUUID(dst []byte, v value.UUID) []byte { return append(dst, v[:]...) }

// AppendOption appends a union of null and a value.
func AppendOption[T any](dst []byte, v value.Option[T], each func([]byte, T) []byte) []byte {
	if !v.OK {
		return append(dst, 0)
	}
	return each(append(dst, 2), v.V)
}

// AppendList appends an array.
func AppendList[T any](dst []byte, v []T, each func([]byte, T) []byte) []byte {
	dst = AppendCount(dst, len(v))
	for i := range v {
		dst = each(dst, v[i])
	}
	return append(dst, 0)
}

// AppendMap appends a map, which has keys of type string, or an array of pairs.
// Both are written alike.
func AppendMap[K, V any](dst []byte, v value.Map[K, V], key func([]byte, K) []byte, each func([]byte, V) []byte) []byte {
	dst = AppendCount(dst, len(v.Keys))
	for i := range v.Keys {
		dst = each(key(dst, v.Keys[i]), v.Values[i])
	}
	return append(dst, 0)
}

// AppendCount begins an array or a map of n elements, which follow; [AppendEnd]
// ends it.
func AppendCount(dst []byte, n int) []byte {
	if n == 0 {
		return dst
	}
	return binary.AppendVarint(dst, int64(n))
}

// AppendEnd ends an array or a map.
func AppendEnd(dst []byte) []byte { return append(dst, 0) }

// AppendBranch appends which branch of a union comes.
func AppendBranch(dst []byte, branch int) []byte { return binary.AppendVarint(dst, int64(branch)) }
