package remote

import (
	"encoding/binary"
	"fmt"
	"math"
)

// The types of single values that all SDKs know: messages with one field.
const (
	TypeBool   = "io.statefun.types/bool"
	TypeInt    = "io.statefun.types/int"    // 32 bits
	TypeLong   = "io.statefun.types/long"   // 64 bits
	TypeFloat  = "io.statefun.types/float"  // 32 bits
	TypeDouble = "io.statefun.types/double" // 64 bits
	TypeString = "io.statefun.types/string"
)

// AppendBool, AppendInt32, AppendInt, AppendFloat32, AppendFloat and AppendString
// append a single value.
func AppendBool(b []byte, v bool) []byte { return appendFlag(b, 1, v) }

// AppendInt32 appends a TypeInt.
func AppendInt32(b []byte, v int32) []byte {
	if v == 0 {
		return b
	}
	return binary.LittleEndian.AppendUint32(appendTag(b, 1, wireFixed32), uint32(v))
}

// AppendInt appends a TypeLong.
func AppendInt(b []byte, v int64) []byte {
	if v == 0 {
		return b
	}
	return binary.LittleEndian.AppendUint64(appendTag(b, 1, wireFixed64), uint64(v))
}

// AppendFloat32 appends a TypeFloat.
func AppendFloat32(b []byte, v float32) []byte {
	return binary.LittleEndian.AppendUint32(appendTag(b, 1, wireFixed32), math.Float32bits(v))
}

// AppendFloat appends a TypeDouble.
func AppendFloat(b []byte, v float64) []byte {
	return binary.LittleEndian.AppendUint64(appendTag(b, 1, wireFixed64), math.Float64bits(v))
}

// AppendString appends a TypeString.
func AppendString(b []byte, v string) []byte { return appendText(b, 1, v) }

// single reads the one field of a single value; it is zero if it is missing.
func single(b []byte, wire int) (num uint64, data []byte, err error) {
	m := &message{rest: b}
	for m.next() {
		if m.field != 1 {
			continue
		}
		if m.wire != wire {
			return 0, nil, fmt.Errorf("the value is of wire type %d, not %d", m.wire, wire)
		}
		num, data = m.num, m.data
	}
	return num, data, m.err
}

// ReadBool reads a TypeBool.
func ReadBool(b []byte) (bool, error) {
	n, _, err := single(b, wireVarint)
	return n != 0, err
}

// ReadInt32 reads a TypeInt.
func ReadInt32(b []byte) (int32, error) {
	n, _, err := single(b, wireFixed32)
	return int32(uint32(n)), err
}

// ReadInt reads a TypeLong.
func ReadInt(b []byte) (int64, error) {
	n, _, err := single(b, wireFixed64)
	return int64(n), err
}

// ReadFloat32 reads a TypeFloat.
func ReadFloat32(b []byte) (float32, error) {
	n, _, err := single(b, wireFixed32)
	return math.Float32frombits(uint32(n)), err
}

// ReadFloat reads a TypeDouble.
func ReadFloat(b []byte) (float64, error) {
	n, _, err := single(b, wireFixed64)
	return math.Float64frombits(n), err
}

// ReadString reads a TypeString.
func ReadString(b []byte) (string, error) {
	_, data, err := single(b, wireBytes)
	m := message{wire: wireBytes, data: data, err: err, field: 1}
	text := m.text()
	return text, m.err
}
