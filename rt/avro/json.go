package avro

import (
	"fmt"
	"math"

	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/value"
	"github.com/flow-lang/flowc/rt/wire"
)

// AppendJSON reads a value of type t, which has passed [Check], and appends it as
// JSON in the data format of the language. NaN and the infinities, which JSON
// does not have, become strings. What has been appended is worth nothing if the
// reader has failed.
func AppendJSON(dst []byte, t *schema.Type, r *Reader) []byte {
	if r.err != nil {
		return dst
	}
	switch t.Shape {
	case schema.Bool:
		return wire.AppendBool(dst, r.Bool())
	case schema.Int32:
		return wire.AppendInt(dst, int64(r.Int32()))
	case schema.Int:
		return wire.AppendInt(dst, r.Int())
	case schema.Float32:
		v := r.Float32()
		if name := oddFloat(float64(v)); name != "" {
			return append(dst, name...)
		}
		return value.AppendFloat32(dst, v)
	case schema.Float:
		v := r.Float()
		if name := oddFloat(v); name != "" {
			return append(dst, name...)
		}
		return value.AppendFloat(dst, v)
	case schema.String:
		return wire.AppendString(dst, r.View())
	case schema.Bytes:
		return wire.AppendBytes(dst, r.ViewBytes())
	case schema.Timestamp:
		return wire.AppendTimestamp(dst, r.Timestamp())
	case schema.Duration:
		return wire.AppendDuration(dst, r.Duration())
	case schema.Date:
		return wire.AppendDate(dst, r.Date())
	case schema.UUID:
		return wire.AppendUUID(dst, r.UUID())
	case schema.JSON:
		return wire.AppendJSON(dst, r.JSON())
	case schema.Decimal:
		return wire.AppendDecimal(dst, r.Decimal(t.Precision), t.Scale)
	case schema.Option:
		if !r.Some() {
			return append(dst, "null"...)
		}
		return AppendJSON(dst, t.Elem, r)
	case schema.ListOf, schema.SetOf:
		return appendList(dst, t, r)
	case schema.MapOf:
		return appendMapping(dst, t, r)
	case schema.Record, schema.Accumulator:
		return append(appendFields(append(dst, '{'), t, r, true), '}')
	case schema.Enum:
		return wire.AppendString(dst, t.Symbols[r.Branch(len(t.Symbols))].Name)
	case schema.Union:
		i := r.Branch(len(t.Members))
		dst = wire.AppendString(append(dst, `{"$type":`...), t.Tag(i))
		return append(appendFields(dst, &t.Members[i], r, false), '}')
	default:
		panic(fmt.Sprintf("avro: a value of the shape %q", t.Shape))
	}
}

// oddFloat names a float that JSON does not have, as a JSON string.
func oddFloat(v float64) string {
	switch {
	case math.IsNaN(v):
		return `"NaN"`
	case math.IsInf(v, 1):
		return `"Infinity"`
	case math.IsInf(v, -1):
		return `"-Infinity"`
	}
	return ""
}

func appendFields(dst []byte, t *schema.Type, r *Reader, first bool) []byte {
	for i := range t.Fields {
		if i > 0 || !first {
			dst = append(dst, ',')
		}
		dst = append(wire.AppendString(dst, t.Fields[i].Name), ':')
		dst = AppendJSON(dst, &t.Fields[i].Type, r)
	}
	return dst
}

func appendList(dst []byte, t *schema.Type, r *Reader) []byte {
	dst = append(dst, '[')
	least, first := Least(t.Elem), true
	for n := r.Block(least); n > 0; n = r.Block(least) {
		for ; n > 0 && !r.Failed(); n-- {
			if !first {
				dst = append(dst, ',')
			}
			first = false
			dst = AppendJSON(dst, t.Elem, r)
		}
	}
	return append(dst, ']')
}

// appendMapping appends a map: an object if its keys are strings, else a list of
// pairs.
func appendMapping(dst []byte, t *schema.Type, r *Reader) []byte {
	open, between, done, end := "[", ",", "]", "]"
	if t.Key.Shape == schema.String {
		open, between, done, end = "", ":", "", "}"
		dst = append(dst, '{')
	} else {
		dst = append(dst, '[')
	}
	least, first := Least(t.Key)+Least(t.Elem), true
	for n := r.Block(least); n > 0; n = r.Block(least) {
		for ; n > 0 && !r.Failed(); n-- {
			if !first {
				dst = append(dst, ',')
			}
			first = false
			dst = append(AppendJSON(append(dst, open...), t.Key, r), between...)
			dst = append(AppendJSON(dst, t.Elem, r), done...)
		}
	}
	return append(dst, end...)
}
