package evolve

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/state"
)

// nameCase is a change of what a program reads of dynamic state, by what is saved.
type nameCase struct {
	name  string
	was   []schema.Named
	is    []schema.Named
	held  *schema.Held // nil if nobody has looked
	codes []string
}

// madeCase is one with values whose names are made at run time.
type madeCase struct {
	nameCase
	was, is []schema.Named
}

// asMade has cases of written-out names as such.
func asMade(cases []nameCase) (list []madeCase) {
	for _, c := range cases {
		list = append(list, madeCase{nameCase: c})
	}
	return list
}

func reads(name string, t schema.Type) schema.Named {
	return schema.Named{Name: name, Type: t, Reads: true}
}
func writes(name string, t schema.Type) schema.Named { return schema.Named{Name: name, Type: t} }

func remotely(name string, t schema.Type, ttl int64) schema.Named {
	return schema.Named{Name: name, Type: t, Reads: true, Remote: true, TTL: ttl}
}

func nameCases() []nameCase {
	num, str := basic(schema.Int), basic(schema.String)
	one := recordOf("R", fieldOf("a", num))
	two := recordOf("R", fieldOf("a", num), schema.Field{Name: "b", Type: str, Default: ptr(`""`)})
	text := recordOf("R", fieldOf("a", str))
	encoded := schema.Type{Shape: schema.Bytes, Name: "example/User"}
	all := func(list ...schema.Named) []schema.Named { return list }
	holds := func(more int64, list ...schema.HeldNamed) *schema.Held {
		return &schema.Held{UID: "u", State: "s", Names: list, More: more}
	}
	n := func(t schema.Type) schema.HeldNamed { return schema.HeldNamed{Name: "n", Type: t, Entries: 3} }
	looked, other := []string{"C0222 MC u/s.n"}, []string{"C0221 X u/s.n"}
	return []nameCase{
		{"read as before", all(reads("n", num)), all(reads("n", num)), nil, nil},
		{"read as before, whatever is saved", all(reads("n", num)), all(reads("n", num)), holds(0, n(str)), nil},
		{"only written", nil, all(writes("n", num)), nil, nil},
		{"read no longer", all(reads("n", num)), nil, holds(0, n(num)), nil},
		{"a new name", nil, all(reads("n", num)), nil, looked},
		{"a new name that nothing has", nil, all(reads("n", num)), holds(0), nil},
		{"a new name that is saved so", nil, all(reads("n", num)), holds(0, n(num)), nil},
		{"a new name that is saved otherwise", nil, all(reads("n", num)), holds(0, n(str)), other},
		{"one of two types", nil, all(reads("n", num), reads("n", str)), holds(0, n(str), n(num)), nil},
		{"neither of two types", nil, all(reads("n", num), reads("n", str)), holds(0, n(one)), other},
		{"behind what is listed", nil, all(reads("n", num)), holds(9, schema.HeldNamed{Name: "m", Type: str}), looked},
		{"among what is listed", nil, all(reads("a", num)), holds(9, schema.HeldNamed{Name: "m", Type: str}), nil},
		{"it was written as that", all(writes("n", num)), all(reads("n", num)), nil, looked},
		{"it was written as another", all(writes("n", str)), all(reads("n", num)), nil, other},
		{"a record has a field more", all(reads("n", one)), all(reads("n", two)), holds(0, n(one)), []string{"C0115 M u/s.n.b"}},
		{"a record has a field more, and nobody looked", all(reads("n", one)), all(reads("n", two)), nil, []string{"C0115 M u/s.n.b", "C0222 MC u/s.n"}},
		{"a record has a field fewer", nil, all(reads("n", one)), holds(0, n(two)), []string{"C0118 ML u/s.n.b"}},
		{"a record has a field of another type", nil, all(reads("n", text)), holds(0, n(one)), []string{"C0104 X u/s.n.a"}},
		{"a remote function goes on", all(remotely("n", num, 0)), all(remotely("n", num, 0)), holds(0, n(num)), nil},
		{"a remote function's ttl", all(remotely("n", num, 5)), all(remotely("n", num, 7)), holds(0, n(num)), []string{"C0215 A u/s.n"}},
		{"a remote function has another scalar", all(remotely("n", num, 0)), all(remotely("n", str, 0)), holds(0, n(num)), other},
		{"a remote function has another record", all(remotely("n", one, 0)), all(remotely("n", text, 0)), holds(0, n(encoded)), nil},
	}
}

// madeCases are changes of what is read under names that are made at run time.
func madeCases() []madeCase {
	num, str := basic(schema.Int), basic(schema.String)
	one := recordOf("R", fieldOf("a", num))
	two := recordOf("R", fieldOf("a", num), schema.Field{Name: "b", Type: str, Default: ptr(`""`)})
	tight := recordOf("R", fieldOf("a", basic(schema.Int32)))
	text := recordOf("R", fieldOf("a", str))
	all := func(list ...schema.Type) (named []schema.Named) {
		for _, t := range list {
			named = append(named, reads("", t))
		}
		return named
	}
	holds := func(more int64, list ...schema.HeldNamed) *schema.Held {
		return &schema.Held{UID: "u", State: "s", Names: list, More: more}
	}
	n := func(name string, t schema.Type) schema.HeldNamed {
		return schema.HeldNamed{Name: name, Type: t, Entries: 3}
	}
	other := []string{"C0221 X u/s.m"}
	return []madeCase{
		{nameCase{"as before", nil, nil, holds(0, n("m", num)), nil}, all(num), all(num)},
		{nameCase{"as before, whatever is saved", nil, nil, holds(0, n("m", str)), nil}, all(num), all(num)},
		{nameCase{"no longer", nil, nil, holds(0, n("m", num)), nil}, all(num), nil},
		{nameCase{"one type more", nil, nil, holds(0, n("m", num)), nil}, all(num), all(num, str)},
		{nameCase{"one type fewer", nil, nil, holds(0, n("m", num), n("o", str)), nil}, all(num, str), all(num)},
		{nameCase{"another type", nil, nil, holds(0, n("m", num), n("o", num)), other}, all(num), all(str)},
		{nameCase{"another type, and nobody looked", nil, nil, nil, []string{"C0221 X u/s"}}, all(num), all(str)},
		{nameCase{"another type, and nothing is saved", nil, nil, holds(0), nil}, all(num), all(str)},
		{nameCase{"another type, of names that stand there", nil, []schema.Named{writes("m", num)}, holds(0, n("m", num)), nil}, all(num), all(str)},
		{nameCase{"what was only written", nil, nil, holds(0, n("m", num)), nil}, []schema.Named{writes("", num)}, all(str)},
		{nameCase{"a record has a field more", nil, nil, holds(0, n("m", one)), []string{"C0115 M u/s.m.b"}}, all(one), all(two)},
		{nameCase{"a record has a field more, and nobody looked", nil, nil, nil, []string{"C0115 M u/s.b", "C0222 MC u/s"}}, all(one), all(two)},
		{nameCase{"a record no longer, and a number", nil, nil, holds(0, n("m", one)), nil}, all(one), all(num)},
		{nameCase{"another record", nil, nil, holds(0, n("m", one)), other}, all(one), all(recordOf("S", fieldOf("a", num)))},
		{nameCase{"a record has a smaller field", nil, nil, holds(0, n("m", one)), []string{"C0103 MC u/s.m.a"}}, all(one), all(tight)},
		{nameCase{"a record has a field of another type", nil, nil, holds(0, n("m", one)), []string{"C0104 X u/s.m.a"}}, all(one), all(text)},
		{nameCase{"a record that was written out", []schema.Named{reads("m", one)}, nil, holds(0, n("m", one)), []string{"C0115 M u/s.m.b"}}, nil, all(two)},
		{nameCase{"more than is listed", nil, nil, holds(9), []string{"C0222 MC u/s"}}, all(one), all(two)},
		{nameCase{"more than is listed, of no record", nil, nil, holds(9), nil}, nil, all(num)},
	}
}

// job is a program with dynamic state.
func dynamicJob(names, made []schema.Named, held *schema.Held) *schema.Job {
	job := jobOf(schema.State{Name: "s", Kind: schema.Dynamic, Names: names, Made: made})
	if held != nil {
		job.Held = []schema.Held{*held}
	}
	return job
}

// TestNames holds changes of names to the rules, and what moves the values to the
// verdicts.
func TestNames(t *testing.T) {
	t.Parallel()
	for _, tt := range append(asMade(nameCases()), madeCases()...) {
		p := Resolve(dynamicJob(tt.nameCase.was, tt.was, tt.held), dynamicJob(tt.nameCase.is, tt.is, nil), nil, Hooks{})
		if diff := cmp.Diff(tt.codes, codes(p)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
		m := p.Mover(0, 0, Moment{})
		if looks := p.Checked(0); m == nil || m.Same == looks {
			t.Errorf("%s: checked is %v, and the records pass as they are", tt.name, looks)
		}
	}
}

// packed is a record of dynamic state.
func packed(t *testing.T, name string, of schema.Type, data string) *state.Record {
	t.Helper()
	text, err := json.Marshal(of)
	if err != nil {
		t.Fatal(err)
	}
	bytes := func(dst, b []byte) []byte { return append(appendLong(dst, int64(len(b))), b...) }
	return &state.Record{Key: []byte("\x02k"), Sub: bytes(nil, []byte(name)), Value: bytes(bytes(nil, text), []byte(data))}
}

// TestNamesLookedAt refuses values that the program would not read, and leaves all
// others as they are.
func TestNamesLookedAt(t *testing.T) {
	t.Parallel()
	small := recordOf("R", fieldOf("a", basic(schema.Int)))
	tight := recordOf("R", fieldOf("a", basic(schema.Int32)))
	p := Resolve(dynamicJob(nil, nil, nil), dynamicJob([]schema.Named{reads("n", basic(schema.Int)), reads("r", tight)}, []schema.Named{reads("", tight)}, nil), nil, Hooks{})
	m := p.Mover(0, 0, Moment{})
	for _, tt := range []struct {
		name, data string
		of         schema.Type
		want       string
	}{
		{"n", "\x06", basic(schema.Int), ""},
		{"other", "\x02x", basic(schema.String), ""},
		{"made", "\x06", small, ""},
		{"made", "\x80\x80\x80\x80\x80\x01", small, `under the name "made"`},
		{"n", "\x02x", basic(schema.String), `u/s of key "k": "x" of type string is no int: it is of another type, under the name "n"`},
		{"r", "\x06", small, ""},
		{"r", "\x80\x80\x80\x80\x80\x01", small, `under the name "r"`},
		{"n", "", schema.Type{Shape: schema.Decimal}, "of another type"},
		{"n", "\x06\x06", basic(schema.Int), "bytes are left"},
	} {
		r, n := packed(t, tt.name, tt.of, tt.data), 0
		err := m.Convert(r, func(out *state.Record) error {
			if n++; string(out.Value) != string(r.Value) || string(out.Sub) != string(r.Sub) {
				t.Errorf("%s: the value has changed", tt.name)
			}
			return nil
		})
		var misfit *Misfit
		switch {
		case tt.want == "" && (err != nil || n != 1):
			t.Errorf("%s of type %s: %v, %d records", tt.name, tt.of.String(), err, n)
		case tt.want != "" && (err == nil || !errors.As(err, &misfit) && !errors.Is(err, ErrCorrupt)):
			t.Errorf("%s of type %s: %v, want a refusal", tt.name, tt.of.String(), err)
		case tt.want != "" && tt.of.Shape != schema.Decimal && !strings.Contains(err.Error(), tt.want):
			t.Errorf("%s of type %s: %v, want %s", tt.name, tt.of.String(), err, tt.want)
		}
	}
	for _, damaged := range []*state.Record{{Sub: []byte("\x04n"), Value: []byte("\x00\x00")}, {Sub: []byte("\x02n"), Value: []byte("\x02x")}, {Sub: []byte("\x02n"), Value: []byte("\x02{\x00")}} {
		if err := m.Convert(damaged, func(*state.Record) error { return nil }); err == nil {
			t.Errorf("%x %x is taken", damaged.Sub, damaged.Value)
		}
	}
}
