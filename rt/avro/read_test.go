package avro_test

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/flow-lang/flowc/rt/avro"
	"github.com/flow-lang/flowc/rt/value"
)

// TestPrimitives holds the bytes to those of the Avro specification, and reads
// them back.
func TestPrimitives(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		got  []byte
		want string
		read func(*avro.Reader) any
		back any
	}{
		{"zero", avro.AppendInt(nil, 0), "\x00", func(r *avro.Reader) any { return r.Int() }, int64(0)},
		{"minus one", avro.AppendInt(nil, -1), "\x01", func(r *avro.Reader) any { return r.Int() }, int64(-1)},
		{"sixty-four", avro.AppendInt(nil, 64), "\x80\x01", func(r *avro.Reader) any { return r.Int32() }, int32(64)},
		{"least", avro.AppendInt(nil, math.MinInt64), "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", func(r *avro.Reader) any { return r.Int() }, int64(math.MinInt64)},
		{"true", avro.AppendBool(nil, true), "\x01", func(r *avro.Reader) any { return r.Bool() }, true},
		{"float", avro.AppendFloat32(nil, 1), "\x00\x00\x80\x3f", func(r *avro.Reader) any { return r.Float32() }, float32(1)},
		{"double", avro.AppendFloat(nil, -2), "\x00\x00\x00\x00\x00\x00\x00\xc0", func(r *avro.Reader) any { return r.Float() }, -2.0},
		{"string", avro.AppendString(nil, "foo"), "\x06foo", func(r *avro.Reader) any { return r.Text() }, "foo"},
		{"long string", avro.AppendString(nil, "foo bar über"), "\x1afoo bar \xc3\xbcber", func(r *avro.Reader) any { return r.Text() }, "foo bar über"},
		{"bytes", avro.AppendBytes(nil, []byte{1, 2}), "\x04\x01\x02", func(r *avro.Reader) any { return r.Bytes() }, []byte{1, 2}},
		{"decimal zero", avro.AppendDecimal(nil, value.Decimal{}), "\x02\x00", func(r *avro.Reader) any { return r.Decimal(38) }, value.Decimal{}},
		{"decimal 128", avro.AppendDecimal(nil, value.DecimalOf(128)), "\x04\x00\x80", func(r *avro.Reader) any { return r.Decimal(3) }, value.DecimalOf(128)},
		{"decimal -128", avro.AppendDecimal(nil, value.DecimalOf(-128)), "\x02\x80", func(r *avro.Reader) any { return r.Decimal(3) }, value.DecimalOf(-128)},
		{"long decimal", []byte("\x24\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfe"), "\x24\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfe", func(r *avro.Reader) any { return r.Decimal(1) }, value.DecimalOf(-2)},
		{"uuid", avro.AppendUUID(nil, value.UUID{1, 15: 2}), "\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02", func(r *avro.Reader) any { return r.UUID() }, value.UUID{1, 15: 2}},
		{"none", avro.AppendOption(nil, value.Option[int64]{}, avro.AppendInt), "\x00", func(r *avro.Reader) any { return avro.ReadOption(r, (*avro.Reader).Int) }, value.Option[int64]{}},
		{"some", avro.AppendOption(nil, value.Some(int64(3)), avro.AppendInt), "\x02\x06", func(r *avro.Reader) any { return avro.ReadOption(r, (*avro.Reader).Int) }, value.Some(int64(3))},
		{"array", avro.AppendList(nil, []int64{3, 27}, avro.AppendInt), "\x04\x06\x36\x00", func(r *avro.Reader) any { return avro.ReadList(r, 1, (*avro.Reader).Int) }, []int64{3, 27}},
		{"array in blocks with sizes", []byte("\x01\x02\x06\x01\x02\x36\x00"), "\x01\x02\x06\x01\x02\x36\x00", func(r *avro.Reader) any { return avro.ReadList(r, 1, (*avro.Reader).Int) }, []int64{3, 27}},
		{"empty array", avro.AppendList(nil, nil, avro.AppendInt[int64]), "\x00", func(r *avro.Reader) any { return avro.ReadList(r, 1, (*avro.Reader).Int) }, []int64(nil)},
		{
			"map in another order", []byte("\x04\x02b\x04\x02a\x02\x00"), "\x04\x02b\x04\x02a\x02\x00",
			func(r *avro.Reader) any {
				return avro.ReadMap(r, 2, strings.Compare, (*avro.Reader).Text, (*avro.Reader).Int)
			},
			value.Map[string, int64]{Keys: []string{"a", "b"}, Values: []int64{1, 2}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if string(tt.got) != tt.want {
				t.Errorf("bytes %x, want %x", tt.got, tt.want)
			}
			r := avro.NewReader(tt.got)
			back := tt.read(r)
			if err := r.Close(); err != nil || !reflect.DeepEqual(back, tt.back) {
				t.Errorf("read back %v, %v, want %v", back, err, tt.back)
			}
			for n := range tt.got {
				short := avro.NewReader(tt.got[:n])
				tt.read(short)
				if short.Close() == nil {
					t.Errorf("the first %d of %d bytes are read without an error", n, len(tt.got))
				}
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	var list, set, maps = func(r *avro.Reader) { avro.ReadList(r, 1, (*avro.Reader).Int) },
		func(r *avro.Reader) { avro.ReadSet(r, 1, value.CompareBools, (*avro.Reader).Bool) },
		func(r *avro.Reader) {
			avro.ReadMap(r, 2, strings.Compare, (*avro.Reader).Text, (*avro.Reader).Int)
		}
	tests := []struct {
		name, in, want string
		read           func(*avro.Reader)
	}{
		{"long number", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "byte 0: a number of more than 64 bits", func(r *avro.Reader) { r.Int() }},
		{"wide number", "\x80\x80\x80\x80\x20", "byte 5: 4294967296 does not fit 32 bits", func(r *avro.Reader) { r.Int32() }},
		{"boolean", "\x02", "byte 1: 2 is no boolean", func(r *avro.Reader) { r.Bool() }},
		{"negative length", "\x01", "byte 1: a string of -1 bytes, but 0 are left", func(r *avro.Reader) { r.Text() }},
		{"huge length", "\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01", "byte 10: bytes of 9223372036854775807 bytes, but 0 are left", func(r *avro.Reader) { r.Bytes() }},
		{"text", "\x02\xff", "byte 2: a string that is not UTF-8", func(r *avro.Reader) { r.Text() }},
		{"text that begins well", "\x14foo bar \xc3b", "byte 11: a string that is not UTF-8", func(r *avro.Reader) { r.Text() }},
		{"text that ends well", "\x14foo \xc3 bar ", "byte 11: a string that is not UTF-8", func(r *avro.Reader) { r.Text() }},
		{"json", "\x02{", "byte 2: a json value whose text is no JSON", func(r *avro.Reader) { r.JSON() }},
		{"huge count", "\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01\x00", "byte 10: 9223372036854775807 elements, but 1 bytes are left", list},
		{"least count", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x00\x00", "byte 11: -9223372036854775808 elements, but 1 bytes are left", list},
		{"elements of no bytes", "\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01\x00", "byte 10: more than 1048576 elements of no bytes", func(r *avro.Reader) {
			avro.ReadList(r, 0, func(*avro.Reader) struct{} { return struct{}{} })
		}},
		{"branch", "\x04", "byte 1: branch or symbol 2 of 2", func(r *avro.Reader) { r.Some() }},
		{"decimal of nothing", "\x00", "byte 1: a decimal of no bytes", func(r *avro.Reader) { r.Decimal(38) }},
		{"decimal of too much", "\x04\x7f\xff", "byte 3: a decimal of more than 4 digits", func(r *avro.Reader) { r.Decimal(4) }},
		{"year 10000", string(avro.AppendInt(nil, value.MaxTime+1)), "byte 9: a timestamp outside the years 1 to 9999", func(r *avro.Reader) { r.Timestamp() }},
		{"date", string(avro.AppendInt(nil, value.MaxDate+1)), "byte 4: a date outside the years 1 to 9999", func(r *avro.Reader) { r.Date() }},
		{"left over", "\x00\x00", "byte 1: 1 bytes are left after the value", func(r *avro.Reader) { r.Int() }},
		{"element twice", "\x04\x01\x01\x00", "byte 4: a set with an element that comes twice", set},
		{"key twice", "\x04\x02a\x00\x02a\x00\x00", "byte 8: a map with a key that comes twice", maps},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := avro.NewReader([]byte(tt.in))
			tt.read(r)
			if err := r.Close(); err == nil || err.Error() != tt.want {
				t.Errorf("error %v, want %s", err, tt.want)
			}
		})
	}
}
