package dynamic_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt/avro"
	"github.com/flow-lang/flowc/rt/dynamic"
	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/value"
)

func scalar(shape schema.TypeName) schema.Type { return schema.Type{Shape: shape} }

func record(name string, fields ...schema.Field) schema.Type {
	return schema.Type{Shape: schema.Record, Name: name, Fields: fields}
}

var (
	integer = dynamic.Of(`{"shape":"int"}`, avro.AppendInt[int64], (*avro.Reader).Int)
	text    = dynamic.Of(`{"shape":"string"}`, avro.AppendString[string], (*avro.Reader).Text)
)

// last is a record that gained a field.
type last struct {
	name string
	n    value.Option[int64]
}

func lastOf(t schema.Type) *dynamic.Type[last] {
	return dynamic.Of(dynamic.Describe(&t), func(b []byte, v last) []byte {
		return avro.AppendOption(avro.AppendString(b, v.name), v.n, avro.AppendInt[int64])
	}, func(r *avro.Reader) last {
		return last{name: r.Text(), n: avro.ReadOption(r, (*avro.Reader).Int)}
	})
}

func TestGet(t *testing.T) {
	t.Parallel()
	five, word := integer.Value(5), text.Value("five")
	damaged := dynamic.Value{Schema: five.Schema, Data: []byte{0x80}}
	odd := dynamic.Value{Schema: "{", Data: nil}
	for _, c := range []struct {
		name string
		v    *dynamic.Value
		want value.Option[int64]
		say  string
	}{
		{name: "nothing"},
		{name: "the same type", v: &five, want: value.Some[int64](5)},
		{name: "another type", v: &word, say: `what is called "n" is of type string, not int`},
		{name: "damaged", v: &damaged, say: `what is called "n" is damaged`},
		{name: "no description", v: &odd, say: "the description of a value's type"},
	} {
		var f value.Fault
		got := integer.Get(c.v, "n", &f, 1)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		if why, _ := f.Take(); c.say == "" && why != "" || !strings.Contains(why, c.say) {
			t.Errorf("%s: the fault is %q, want %q", c.name, why, c.say)
		}
	}
}

func TestFormerTypes(t *testing.T) {
	t.Parallel()
	now := record("Last", schema.Field{Name: "name", Type: scalar(schema.String)},
		schema.Field{Name: "n", Type: schema.Type{Shape: schema.Option, Elem: &schema.Type{Shape: schema.Int}}})
	was := record("Last", schema.Field{Name: "name", Type: scalar(schema.String)})
	other := record("First", schema.Field{Name: "name", Type: scalar(schema.String)})
	gone := record("Last", schema.Field{Name: "other", Type: scalar(schema.Bool)})
	data := avro.AppendString(nil, "ada")
	for _, c := range []struct {
		name string
		of   schema.Type
		say  string
	}{
		{name: "a record that gained an optional field", of: was},
		{name: "a record of another name", of: other, say: `is of type First, not Last`},
		{name: "a record that breaks", of: gone, say: `is a former Last`},
	} {
		var f value.Fault
		got := lastOf(now).Get(&dynamic.Value{Schema: dynamic.Describe(&c.of), Data: data}, "n", &f, 1)
		why, _ := f.Take()
		if c.say == "" && (!got.OK || got.V.name != "ada" || got.V.n.OK || why != "") || !strings.Contains(why, c.say) {
			t.Errorf("%s: %v, fault %q, want %q", c.name, got, why, c.say)
		}
	}
}

func TestSavedAndShown(t *testing.T) {
	t.Parallel()
	v := integer.Value(-7)
	in := avro.NewReader(dynamic.Pack(nil, v))
	got := dynamic.Unpack(in)
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(v, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var f value.Fault
	if got := string(dynamic.AppendJSON(nil, &v, &f, 1)); got != "-7" {
		t.Errorf("shown as %s", got)
	}
}
