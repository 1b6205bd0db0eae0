package avro_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/flow-lang/flowc/rt/avro"
	"github.com/flow-lang/flowc/rt/schema"
)

func of(shape schema.TypeName) schema.Type { return schema.Type{Shape: shape} }

func some(t schema.Type) schema.Type { return schema.Type{Shape: schema.Option, Elem: &t} }

func listOf(t schema.Type) schema.Type { return schema.Type{Shape: schema.ListOf, Elem: &t} }

func setOf(t schema.Type) schema.Type { return schema.Type{Shape: schema.SetOf, Elem: &t} }

func mapOf(k, v schema.Type) schema.Type { return schema.Type{Shape: schema.MapOf, Key: &k, Elem: &v} }

func record(name string, fields ...schema.Field) schema.Type {
	return schema.Type{Shape: schema.Record, Name: name, Fields: fields}
}

func field(name string, t schema.Type) schema.Field { return schema.Field{Name: name, Type: t} }

var (
	str    = of(schema.String)
	num    = of(schema.Int)
	amount = schema.Type{Shape: schema.Decimal, Precision: 18, Scale: 2}
	level  = schema.Type{Shape: schema.Enum, Name: "Level", Symbols: []schema.Symbol{{Name: "high", Value: 7}, {Name: "low", Value: 2}}}
	bid    = record("Bid", field("price", num), field("by", some(str)))
	off    = record("Off")
	event  = schema.Type{Shape: schema.Union, Name: "Event", Members: []schema.Type{bid, off}}
)

// values are of all types, as JSON in the form that comes back.
var values = []struct {
	name string
	t    schema.Type
	json []string
}{
	{"bool", of(schema.Bool), []string{"true", "false"}},
	{"int32", of(schema.Int32), []string{"0", "-2147483648", "2147483647"}},
	{"int", num, []string{"0", "-9223372036854775808", "9223372036854775807"}},
	{"float32", of(schema.Float32), []string{"0.5", "1e+21", `"NaN"`, `"Infinity"`}},
	{"float", of(schema.Float), []string{"-0", "2.5", "1e+21", "5e-324", `"NaN"`, `"-Infinity"`}},
	{"string", str, []string{`""`, `"a\"b\\ü\n"`}},
	{"bytes", of(schema.Bytes), []string{`""`, `"AAH/"`}},
	{"timestamp", of(schema.Timestamp), []string{`"2024-05-01T12:00:00Z"`, `"0001-01-01T00:00:00Z"`, `"9999-12-31T23:59:59.999999Z"`}},
	{"duration", of(schema.Duration), []string{`"0s"`, `"1d2h"`, `"-2s500ms"`}},
	{"date", of(schema.Date), []string{`"2024-05-01"`, `"0001-01-01"`, `"9999-12-31"`}},
	{"uuid", of(schema.UUID), []string{`"00112233-4455-6677-8899-aabbccddeeff"`}},
	{"json", of(schema.JSON), []string{`{"a":[1,2.50,{"b":null}]}`, "3"}},
	{"decimal", amount, []string{"0.00", "-12.50", "9999999999999999.99"}},
	{"option", some(num), []string{"null", "3"}},
	{"list", listOf(some(str)), []string{"[]", `["a",null,"b"]`}},
	{"set", setOf(str), []string{"[]", `["a","b"]`}},
	{"set of an enum", setOf(level), []string{`["low","high"]`}},
	{"map", mapOf(str, listOf(num)), []string{"{}", `{"a":[1],"b":[]}`}},
	{"map of pairs", mapOf(of(schema.Date), amount), []string{"[]", `[["2024-05-01",1.00],["2024-05-02",2.00]]`}},
	{"record", bid, []string{`{"price":3,"by":"x"}`, `{"price":-3,"by":null}`}},
	{"empty records", listOf(off), []string{"[]", "[{},{}]"}},
	{"enum", level, []string{`"low"`, `"high"`}},
	{"union", event, []string{`{"$type":"Bid","price":3,"by":null}`, `{"$type":"Off"}`}},
	{"option of a union", some(event), []string{"null", `{"$type":"Off"}`}},
	{
		"accumulator",
		schema.Type{Shape: schema.Accumulator, Fields: []schema.Field{
			{Name: "n", Type: record("", field("n", num)), Part: &schema.Part{Func: "count"}},
			{Name: "most", Type: record("", field("most", some(amount))), Part: &schema.Part{Func: "max"}},
		}},
		[]string{`{"n":{"n":3},"most":{"most":null}}`},
	},
}

func TestJSON(t *testing.T) {
	t.Parallel()
	for _, tt := range values {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, text := range tt.json {
				b, err := avro.FromJSON(nil, &tt.t, []byte(text))
				if err != nil {
					t.Fatalf("FromJSON(%s): %v", text, err)
				}
				r := avro.NewReader(b)
				got := avro.AppendJSON(nil, &tt.t, r)
				if err := r.Close(); err != nil || string(got) != text {
					t.Errorf("%s comes back as %s, %v", text, got, err)
				}
				r.Reset(b)
				if raw := r.Raw(&tt.t); !bytes.Equal(raw, b) {
					t.Errorf("%s: Raw gives %x of %x", text, raw, b)
				}
				for n := range b {
					r.Reset(b[:n])
					avro.AppendJSON(nil, &tt.t, r)
					if r.Close() == nil && len(b) > 0 && n < len(b) && !bytes.Equal(b[:n], b) {
						t.Errorf("%s: the first %d of %d bytes are read without an error", text, n, len(b))
					}
				}
			}
		})
	}
}

func TestFromJSONRefusals(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		t    schema.Type
		text string
		want string
	}{
		{"no JSON", num, `{`, "not JSON: unexpected EOF"},
		{"two values", num, `1 2`, "not JSON: there is more behind the value"},
		{"type", num, `"x"`, `"x" is no int`},
		{"range", of(schema.Int32), `2147483648`, "2147483648 is no int32"},
		{"fraction", num, `1.5`, "1.5 is no int"},
		{"digits", amount, `1.234`, "1.234 is no decimal(18, 2)"},
		{"symbol", level, `"mid"`, `"mid" is no Level`},
		{"missing field", bid, `{}`, "price is missing"},
		{"unknown field", bid, `{"price":1,"cost":2}`, "cost is no field of Bid"},
		{"field twice", bid, `{"price":1,"price":2}`, "price comes twice"},
		{"inside", listOf(bid), `[{"price":1},{"price":null}]`, "[1].price: null is no int"},
		{"member", event, `{"price":1}`, `{"price":1} is no Event: it must begin with "$type"`},
		{"element twice", setOf(str), `["a","a"]`, "set<string> has a key twice"},
		{"pair", mapOf(num, num), `[[1]]`, "[0]: [1] is no pair of a key and a value"},
		{"null", str, `null`, "null is no string"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, err := avro.FromJSON(nil, &tt.t, []byte(tt.text)); err == nil || err.Error() != tt.want {
				t.Errorf("error %v, want %s", err, tt.want)
			}
		})
	}
}

// TestOrdered holds the order of the bytes of keys to that of the keys.
func TestOrdered(t *testing.T) {
	t.Parallel()
	key := record("", field("s", str), field("n", num), field("l", level), field("d", amount), field("b", of(schema.Bool)))
	for _, tt := range []struct {
		t    schema.Type
		json []string
	}{
		{num, []string{"-9223372036854775808", "-1", "0", "1", "64", "128", "9223372036854775807"}},
		{str, []string{`""`, `"\u0000"`, `"a"`, `"a\u0000"`, `"ab"`, `"b"`}},
		{level, []string{`"low"`, `"high"`}},
		{amount, []string{"-1.00", "0.00", "0.01", "100.00"}},
		{of(schema.Date), []string{`"1960-01-01"`, `"2024-01-01"`}},
		{of(schema.Bool), []string{"false", "true"}},
		{of(schema.UUID), []string{`"00112233-4455-6677-8899-aabbccddeeff"`, `"10112233-4455-6677-8899-aabbccddeeff"`}},
		{key, []string{
			`{"s":"a","n":2,"l":"low","d":1.00,"b":true}`, `{"s":"a","n":3,"l":"low","d":-1.00,"b":true}`,
			`{"s":"a","n":3,"l":"low","d":1.00,"b":false}`, `{"s":"a","n":3,"l":"high","d":0.00,"b":false}`, `{"s":"ab","n":1,"l":"low","d":0.00,"b":true}`,
		}},
	} {
		before := ""
		for i, text := range tt.json {
			b, err := avro.FromJSON(nil, &tt.t, []byte(text))
			if err != nil {
				t.Fatal(err)
			}
			r := avro.NewReader(b)
			ordered := string(avro.AppendOrdered(nil, &tt.t, r))
			if r.Close() != nil || i > 0 && strings.Compare(before, ordered) >= 0 {
				t.Errorf("%s does not come after %s", text, tt.json[max(i-1, 0)])
			}
			if back, rest := avro.TakeOrdered(nil, &tt.t, ordered+"x"); !bytes.Equal(back, b) || rest != "x" {
				t.Errorf("%s comes back as %x and %q, want %x", text, back, rest, b)
			}
			before = ordered
		}
	}
}
