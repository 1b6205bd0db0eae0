package avro

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/flow-lang/flowc/rt/schema"
)

func fixed(shape schema.TypeName) schema.Type { return schema.Type{Shape: shape} }

func record(name string, fields ...schema.Field) schema.Type {
	return schema.Type{Shape: schema.Record, Name: name, Fields: fields}
}

// TestForeign reads values of schemas that others write as rows of a type.
func TestForeign(t *testing.T) {
	text := func(s string) []byte { return AppendString(nil, s) }
	long := func(v int64) []byte { return AppendInt(nil, v) }
	join := func(parts ...[]byte) (out []byte) {
		for _, p := range parts {
			out = append(out, p...)
		}
		return out
	}
	a := record("A", schema.Field{Name: "p", Type: fixed(schema.Int)})
	b := record("B", schema.Field{Name: "q", Type: fixed(schema.String)})
	for _, c := range []struct {
		name, schema string
		value        []byte
		t            schema.Type
		want         string
	}{
		{"millis", `{"type":"long","logicalType":"timestamp-millis"}`, long(-1), fixed(schema.Timestamp), `"1969-12-31T23:59:59.999Z"`},
		{"nanos are cut downwards", `{"type":"long","logicalType":"timestamp-nanos"}`, long(-1), fixed(schema.Timestamp), `"1969-12-31T23:59:59.999999Z"`},
		{"a time as a number", `{"type":"long","logicalType":"timestamp-millis"}`, long(7), fixed(schema.Int), `7`},
		{"a plain long is no time", `"long"`, long(7), fixed(schema.Timestamp), `7`},
		{"date", `{"type":"int","logicalType":"date"}`, long(1), fixed(schema.Date), `"1970-01-02"`},
		{"float", `"float"`, AppendFloat32(nil, 0.1), fixed(schema.Float32), `0.1`},
		{"a float as a double", `"float"`, AppendFloat32(nil, 0.1), fixed(schema.Float), `0.10000000149011612`},
		{"decimal of bytes", `{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}`, AppendBytes(nil, []byte{0xfb, 0x2e}), fixed(schema.Decimal), `-12.34`},
		{"decimal of a fixed", `{"type":"fixed","name":"D","size":4,"logicalType":"decimal","precision":9,"scale":1}`, []byte{0, 0, 0, 5}, fixed(schema.Decimal), `0.5`},
		{"uuid of a fixed", `{"type":"fixed","name":"U","size":16}`, make([]byte, 16), fixed(schema.UUID), `"00000000-0000-0000-0000-000000000000"`},
		{"fixed as bytes", `{"type":"fixed","name":"U","size":2}`, []byte{0, 255}, fixed(schema.Bytes), `"AP8="`},
		{"bytes as a string", `"bytes"`, AppendBytes(nil, []byte("a\"b")), fixed(schema.String), `"a\"b"`},
		{"a string as bytes", `"string"`, text("\x00"), fixed(schema.Bytes), `"AA=="`},
		{"an option", `["string","null"]`, join(long(1)), schema.Type{Shape: schema.Option, Elem: &schema.Type{Shape: schema.String}}, `null`},
		{
			"fields by name, now and before, and none that is not wanted",
			`{"type":"record","name":"R","fields":[{"name":"skip","type":{"type":"array","items":"int"}},{"name":"old","type":"string"},{"name":"n","type":"int"}]}`,
			join(AppendEnd(append(AppendCount(nil, 1), 14)), text("x"), long(3)),
			record("R", schema.Field{Name: "n", Type: fixed(schema.Int)}, schema.Field{Name: "now", Was: []string{"old"}, Type: fixed(schema.String)}),
			`{"now":"x","n":3}`,
		},
		{
			"a type that holds itself, as json",
			`{"type":"record","name":"x.Node","fields":[{"name":"v","type":"int"},{"name":"next","type":["null","x.Node"]}]}`,
			join(long(1), long(1), long(2), long(0)), fixed(schema.JSON), `{"v":1,"next":{"v":2,"next":null}}`,
		},
		{
			"names of a namespace",
			`{"type":"record","namespace":"x","name":"R","fields":[{"name":"a","type":{"type":"enum","name":"E","symbols":["ONE","two"]}},{"name":"b","type":"E"},{"name":"c","type":"x.E"}]}`,
			join(long(0), long(1), long(0)),
			record("R",
				schema.Field{Name: "a", Type: schema.Type{Shape: schema.Enum, Symbols: []schema.Symbol{{Name: "one", Was: []string{"ONE"}}, {Name: "two"}}}},
				schema.Field{Name: "b", Type: fixed(schema.String)}, schema.Field{Name: "c", Type: fixed(schema.String)}),
			`{"a":"one","b":"two","c":"ONE"}`,
		},
		{
			"a union of records",
			`[{"type":"record","name":"n.A","fields":[{"name":"p","type":"int"}]},{"type":"record","name":"B","fields":[{"name":"q","type":"string"}]}]`,
			join(long(1), text("z")), schema.Type{Shape: schema.Union, Name: "U", Members: []schema.Type{a, b}}, `{"$type":"B","q":"z"}`,
		},
		{
			"a union without names, as json",
			`[{"type":"record","name":"A","fields":[{"name":"p","type":"int"}]},"string"]`,
			join(long(0), long(4)), fixed(schema.JSON), `{"p":4}`,
		},
		{
			"a map in blocks with their length", `{"type":"map","values":"int"}`,
			join(long(-1), long(3), text("k"), long(9), long(0)),
			schema.Type{Shape: schema.MapOf, Key: &schema.Type{Shape: schema.String}, Elem: &schema.Type{Shape: schema.Int}}, `{"k":9}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := ParseSchema(c.schema)
			if err != nil {
				t.Fatal(err)
			}
			r := NewReader(c.value)
			got := string(s.AppendJSON(nil, r, &c.t, &c.t))
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// TestForeignSelf reads what the package's own schemas describe.
func TestForeignSelf(t *testing.T) {
	elem := func(shape schema.TypeName) *schema.Type { return &schema.Type{Shape: shape} }
	u := schema.Type{Shape: schema.Union, Name: "U", Members: []schema.Type{record("A", schema.Field{Name: "p", Type: fixed(schema.Int)})}}
	typ := record("R",
		schema.Field{Name: "d", Type: fixed(schema.Duration)},
		schema.Field{Name: "j", Type: fixed(schema.JSON)},
		schema.Field{Name: "u", Type: schema.Type{Shape: schema.Option, Elem: &u}},
		schema.Field{Name: "m", Type: schema.Type{Shape: schema.MapOf, Key: elem(schema.Int), Elem: elem(schema.Bool)}},
		schema.Field{Name: "s", Type: schema.Type{Shape: schema.SetOf, Elem: elem(schema.Date)}},
		schema.Field{Name: "i", Type: fixed(schema.UUID)})
	const row = `{"d":"1h30m","j":[1,{"a":"<"}],"u":{"$type":"A","p":-1},"m":[[1,true],[2,false]],"s":["2024-05-01"],"i":"00000000-0000-0000-0000-000000000001"}`
	text, err := Schema(&typ, "R")
	if err != nil {
		t.Fatal(err)
	}
	s, err := ParseSchema(text)
	if err != nil {
		t.Fatal(err)
	}
	b, err := FromJSON(nil, &typ, []byte(row))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(s.AppendJSON(nil, NewReader(b), &typ, &typ)); got != row {
		t.Errorf("got  %s\nwant %s", got, row)
	}
}

// TestForeignBroken reads schemas and values that are none.
func TestForeignBroken(t *testing.T) {
	for text, want := range map[string]string{
		`{`:                               "no JSON",
		`"strange"`:                       `no type "strange"`,
		`[]`:                              "without a branch",
		`7`:                               "7 is no type",
		`{"type":"record","fields":[]}`:   "without a name",
		`{"type":"record","name":"R"}`:    "has no fields",
		`{"type":"enum","name":"E"}`:      "no symbol",
		`{"type":"array","items":"what"}`: `no type "what"`,
		`{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"a","type":"int"}]}`: "twice",
		strings.Repeat("[", 100) + `"int"` + strings.Repeat("]", 100):                                 "deep",
	} {
		if _, err := ParseSchema(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: %v, want %q", text, err, want)
		}
	}
	list, err := ParseSchema(`{"type":"record","name":"N","fields":[{"name":"next","type":["null","N"]}]}`)
	if err != nil {
		t.Fatal(err)
	}
	r := NewReader(binary.AppendVarint(nil, 5))
	list.AppendJSON(nil, r, &schema.Type{Shape: schema.JSON}, nil)
	if !r.Failed() {
		t.Error("a branch that is not there was read")
	}
	deep := make([]byte, 1000)
	for i := range deep {
		deep[i] = 2 // the second branch, for ever
	}
	r = NewReader(deep)
	list.AppendJSON(nil, r, &schema.Type{Shape: schema.JSON}, nil)
	if !r.Failed() {
		t.Error("a value that is nested a thousand deep was read")
	}
}
