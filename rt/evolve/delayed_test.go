package evolve

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/flow-lang/flowc/rt/schema"
)

// delayedCase is a change of an input to which a remote function may have delayed a
// message.
type delayedCase struct {
	name     string
	was, is  schema.Input
	accepted bool
	codes    []string
}

func delayedCases() []delayedCase {
	num, text := basic(schema.Int), basic(schema.String)
	a, b := fieldOf("a", num), fieldOf("b", text)
	withDefault := schema.Field{Name: "b", Type: text, Default: ptr(`""`)}
	in := func(wire *schema.Wire, fields ...schema.Field) schema.Input {
		t := recordOf("R", fields...)
		return schema.Input{Name: "m", Message: &t, Wire: wire}
	}
	one := func(wire *schema.Wire, t schema.Type) schema.Input {
		return schema.Input{Name: "m", Message: &t, Wire: wire}
	}
	json := func(name string) *schema.Wire { return &schema.Wire{Type: name} }
	proto := func(name string) *schema.Wire { return &schema.Wire{Type: name, Protobuf: true} }
	const read = "C0505 S u/m"
	return []delayedCase{
		{"nothing", in(nil, a), in(nil, a), false, nil},
		{"protocol buffers now", in(nil, a), in(proto("p/R"), a), false, []string{read}},
		{"protocol buffers now, accepted", in(nil, a), in(proto("p/R"), a), true, []string{read + " acknowledged"}},
		{"JSON now", in(proto("p/R"), a), in(nil, a), false, []string{read}},
		{"a name now", in(nil, a), in(json("s/R"), a), false, []string{read}},
		{"another name", in(json("s/Q"), a), in(json("s/R"), a), false, []string{read}},
		{"any name now", in(json("s/Q"), a), in(nil, a), false, nil},
		{"another name in JSON", in(nil, a), in(&schema.Wire{Names: []string{"a A"}}, a), false, []string{read}},
		{"a field with a default", in(nil, a), in(nil, a, withDefault), false, []string{"C0115 M u/m.b"}},
		{"a field without", in(nil, a), in(nil, a, fieldOf("c", schema.Type{Shape: schema.Option, Elem: &num})), false, []string{"C0116 M u/m.c"}},
		{"a field less", in(nil, a, b), in(nil, a), false, []string{"C0118 ML u/m.b"}},
		{"a wider field", in(nil, fieldOf("a", basic(schema.Int32))), in(nil, a), false, []string{"C0101 A u/m.a"}},
		{"a field of another type", in(nil, a), in(nil, fieldOf("a", text)), false, []string{"C0104 X u/m.a", read}},
		{"a renamed field", in(nil, a), in(nil, schema.Field{Name: "z", Type: num, Was: []string{"a"}}), false, []string{"C0119 A u/m.z", read}},
		{"fields in another order", in(nil, a, b), in(nil, b, a), false, []string{"C0114 M u/m"}},
		{"numbers of fields", in(proto("p/R"), a, b), in(proto("p/R"), b, a), false, []string{"C0114 M u/m", read}},
		{"a renamed field of a protocol buffer", in(proto("p/R"), a), in(proto("p/R"), schema.Field{Name: "z", Type: num, Was: []string{"a"}}), false, []string{"C0119 A u/m.z"}},
		{"one more field of a protocol buffer", in(proto("p/R"), a), in(proto("p/R"), a, withDefault), false, []string{"C0115 M u/m.b"}},
		{"an optional field of a protocol buffer", in(proto("p/R"), a), in(proto("p/R"), fieldOf("a", schema.Type{Shape: schema.Option, Elem: &num})), false, []string{"C0105 M u/m.a", read}},
		{"one symbol less", one(nil, enumOf("x", "y")), one(nil, enumOf("x")), false, []string{"C0123 MC u/m", read}},
		{"symbols in another order", one(nil, enumOf("x", "y")), one(nil, enumOf("y", "x")), false, []string{"C0121 M u/m"}},
		{"numbers of symbols", in(proto("p/R"), fieldOf("e", enumOf("x", "y"))), in(proto("p/R"), fieldOf("e", enumOf("y", "x"))), false, []string{"C0121 M u/m.e", read}},
	}
}

// job is a program with the input, beside a remote function if there is one.
func (c *delayedCase) job(in schema.Input, function bool) *schema.Job {
	key := basic(schema.String)
	job := &schema.Job{Operators: []schema.Operator{{UID: "u", Name: "o", Key: &key, Inputs: []schema.Input{in}}}}
	if function {
		delayed := recordOf("", fieldOf("to_type", key))
		num := basic(schema.Int)
		job.Operators = append(job.Operators, schema.Operator{UID: "f", Name: "f", Key: &key, States: []schema.State{
			{Name: "delayed", Kind: schema.Sorted, MapKey: &num, Type: &delayed},
		}})
	}
	if c.accepted {
		job.Accepted = []string{"u/m"}
	}
	return job
}

// TestDelayed changes inputs to which a remote function may have delayed messages. No
// function, no finding.
func TestDelayed(t *testing.T) {
	t.Parallel()
	for _, tt := range delayedCases() {
		for _, function := range []bool{true, false} {
			want := tt.codes
			if last := len(want) - 1; !function && last >= 0 && strings.HasPrefix(want[last], "C0505") {
				want = want[:last:last]
				if tt.accepted {
					want = append(want, "C0901 U u/m")
				}
			}
			got := codes(Resolve(tt.job(tt.was, function), tt.job(tt.is, function), nil, Hooks{}))
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s, with a function %t (-want +got):\n%s", tt.name, function, diff)
			}
		}
	}
}
