package evolve

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
)

var update = flag.Bool("update", false, "rewrite the matrix")

func basic(s schema.TypeName) schema.Type { return schema.Type{Shape: s} }

func of(s schema.TypeName, elem schema.Type) schema.Type { return schema.Type{Shape: s, Elem: &elem} }

func decimalOf(p, s int) schema.Type {
	return schema.Type{Shape: schema.Decimal, Precision: p, Scale: s}
}

func enumOf(symbols ...string) schema.Type {
	t := schema.Type{Shape: schema.Enum, Name: "E"}
	for i, s := range symbols {
		t.Symbols = append(t.Symbols, schema.Symbol{Name: s, Value: int32(i)})
	}
	return t
}

func recordOf(name string, fields ...schema.Field) schema.Type {
	return schema.Type{Shape: schema.Record, Name: name, Fields: fields}
}

func fieldOf(name string, t schema.Type) schema.Field { return schema.Field{Name: name, Type: t} }

// sample is a type of the matrix with values at its bounds.
type sample struct {
	t      schema.Type
	key    bool
	values [][]byte
}

func longs(ns ...int64) (out [][]byte) {
	for _, n := range ns {
		out = append(out, appendLong(nil, n))
	}
	return out
}

func texts(ss ...string) (out [][]byte) {
	for _, s := range ss {
		out = append(out, appendBytes(nil, s))
	}
	return out
}

func units(ds ...string) (out [][]byte) {
	for _, s := range ds {
		d, _, ok := value.ParseDecimal(s, 38, 0)
		if !ok {
			panic(s)
		}
		out = append(out, appendDecimal(nil, d))
	}
	return out
}

func samples() []sample {
	ints32 := longs(0, 1, -1, 2, 7, 9, 10, 99, 100, -100, 1<<15, 1<<16, 1<<23, 1<<24, 1<<24+1, -1<<24-1, 1<<30, math.MaxInt32, math.MaxInt32-1, math.MinInt32, 999_999_999)
	ints := append(append([][]byte(nil), ints32[:12]...), longs(math.MaxInt32+1, math.MinInt32-1, 1<<53, 1<<53+1, -1<<53-1, 1<<62, math.MaxInt64, math.MinInt64, 999_999_999_999_999_999)...)
	var floats32, floats [][]byte
	for _, x := range []float32{0, 1, -1, 0.5, 1.25, math.MaxFloat32, -math.MaxFloat32, math.SmallestNonzeroFloat32, 1 << 24, 1 << 30, 3.1, 1e10, -2.5, float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), 100, 99.5, 1e-10, 7} {
		floats32 = append(floats32, appendFloat32(nil, x))
	}
	for _, x := range []float64{0, 1, -1, 0.5, 0.1, math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64, 1 << 53, 1e300, 3.1, math.MaxFloat32, -2.5, math.NaN(), math.Inf(1), math.Inf(-1), 100, 16777217, 1e-300, 7} {
		floats = append(floats, appendFloat(nil, x))
	}
	uuid := func(first byte) []byte { return append([]byte{first}, make([]byte, 15)...) }
	times := longs(0, 1, -1, int64(value.MinTime), int64(value.MaxTime), 1e15, -1e15, 250_000, 86_400_000_000, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
	dates := longs(0, 1, -1, int64(value.MinDate), int64(value.MaxDate), 365, -365, 10_000, 18_262, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)
	strs := texts("", "a", "abc", "true", "12", `"x"`, "{}", `{"a":1}`, "[1,2]", "null", "{", "9f2c1b6e-3a4d-4b5c-8d7e-0123456789ab", "9F2C1B6E-3A4D-4B5C-8D7E-0123456789AB", "0123456789abcdef", "ä", "日本語", " ", "\n", "1e5", "nope")
	blobs := append(append([][]byte(nil), strs[:16]...), texts("\xff", "\x00", "\xc3", "\xed\xa0\x80")...)
	jsons := texts("null", "true", "1", `"x"`, "{}", `{"a":[1,2]}`, "[]", "1e5", `"ä"`, "-0", "0.1", `[null]`, `{"a":{"b":1}}`, "12", "false", `""`, "[[]]", "3", `"\u00e4"`, "2")
	return []sample{
		{basic(schema.Bool), true, [][]byte{{0}, {1}}},
		{basic(schema.Int32), true, ints32},
		{basic(schema.Int), true, ints},
		{basic(schema.Float32), false, floats32},
		{basic(schema.Float), false, floats},
		{decimalOf(4, 2), true, units("0", "1", "-1", "100", "9999", "-9999", "1200", "50", "1250", "99")},
		{decimalOf(6, 2), true, units("0", "1", "-1", "100", "999999", "-999999", "1200", "10000", "9999", "123450")},
		{decimalOf(12, 0), true, units("0", "1", "-1", "2147483647", "2147483648", "-2147483648", "-2147483649", "999999999999", "10", "99")},
		{decimalOf(38, 10), true, units("0", "1", "10000000000", "-10000000000", "92233720368547758070000000000", "92233720368547758080000000000", "99999999999999999999999999999999999999", "100000000", "15000000000", "21474836470000000000")},
		{basic(schema.String), true, strs},
		{basic(schema.Bytes), true, blobs},
		{basic(schema.Timestamp), true, times},
		{basic(schema.Duration), true, longs(0, 1, -1, math.MaxInt64, math.MinInt64, 1e6, 3600e6, 86_400_000_000, 5, 6)},
		{basic(schema.Date), true, dates},
		{basic(schema.UUID), true, [][]byte{uuid(0), uuid(1), uuid(255), []byte("0123456789abcdef")}},
		{basic(schema.JSON), false, jsons},
		{enumOf("a", "b"), true, longs(0, 1)},
		{enumOf("a", "b", "c"), true, longs(0, 1, 2)},
		{enumOf("b", "a"), true, longs(0, 1)},
	}
}

// position puts a type and its values somewhere in a state.
type position struct {
	name  string
	keys  bool // it takes types that may be keys only
	state func(t schema.Type) schema.State
	// record puts one value into a record of the state.
	record func(v []byte) state.Record
}

func positions() []position {
	str := basic(schema.String)
	in := func(wrap func(schema.Type) schema.Type) func(schema.Type) schema.State {
		return func(t schema.Type) schema.State {
			w := wrap(t)
			return schema.State{Name: "s", Kind: schema.Value, Type: &w}
		}
	}
	val := func(before string, after string) func([]byte) state.Record {
		return func(v []byte) state.Record {
			return state.Record{Key: []byte{2, 'k'}, Value: []byte(before + string(v) + after)}
		}
	}
	kind := func(k schema.Kind) func(schema.Type) schema.State {
		return func(t schema.Type) schema.State { return schema.State{Name: "s", Kind: k, Type: &t} }
	}
	return []position{
		{"value", false, kind(schema.Value), val("", "")},
		{"list element", false, kind(schema.List), func(v []byte) state.Record {
			return state.Record{Key: []byte{2, 'k'}, Sub: []byte{0}, Value: v}
		}},
		{"map value", false, func(t schema.Type) schema.State {
			return schema.State{Name: "s", Kind: schema.Map, MapKey: &str, Type: &t}
		}, func(v []byte) state.Record {
			return state.Record{Key: []byte{2, 'k'}, Sub: []byte{2, 'm'}, Value: v}
		}},
		{"sorted key", true, func(t schema.Type) schema.State {
			return schema.State{Name: "s", Kind: schema.Sorted, MapKey: &t, Type: &str}
		}, func(v []byte) state.Record {
			return state.Record{Key: []byte{2, 'k'}, Sub: v, Value: []byte{2, 'v'}}
		}},
		{"set element", true, kind(schema.Set), func(v []byte) state.Record {
			return state.Record{Key: []byte{2, 'k'}, Sub: v}
		}},
		{"field", false, in(func(t schema.Type) schema.Type {
			return recordOf("R", fieldOf("before", str), fieldOf("x", t), fieldOf("after", str))
		}), val("\x02b", "\x02a")},
		{"field of a field in a list", false, in(func(t schema.Type) schema.Type {
			return recordOf("R", fieldOf("l", of(schema.ListOf, recordOf("Q", fieldOf("x", t), fieldOf("y", str)))))
		}), val("\x02", "\x02y\x00")},
		{"option", false, in(func(t schema.Type) schema.Type { return of(schema.Option, t) }), val("\x02", "")},
		{"member", false, in(func(t schema.Type) schema.Type {
			return schema.Type{Shape: schema.Union, Name: "U", Members: []schema.Type{recordOf("A", fieldOf("x", str)), recordOf("B", fieldOf("x", t))}}
		}), val("\x02", "")},
		{"key of a map in a value", true, in(func(t schema.Type) schema.Type {
			return schema.Type{Shape: schema.MapOf, Key: &t, Elem: &str}
		}), val("\x02", "\x02v\x00")},
		{"aggregate", false, func(t schema.Type) schema.State {
			acc := schema.Type{Shape: schema.Accumulator, Fields: []schema.Field{{
				Name: "value", Part: &schema.Part{Func: "last", Args: []schema.Text{{Now: "_.x"}}}, Type: recordOf("", fieldOf("found", of(schema.Option, t))),
			}}}
			return schema.State{Name: "s", Kind: schema.Aggregate, Type: &acc}
		}, val("\x02", "")},
	}
}

func jobOf(s schema.State) *schema.Job {
	key := basic(schema.String)
	return &schema.Job{Operators: []schema.Operator{{UID: "u", Name: "o", Key: &key, States: []schema.State{s}}}}
}

// TestMatrix holds the verdict of each pair of types at each place to what the
// converter then does with values at the bounds, and both to the table that is
// checked in.
func TestMatrix(t *testing.T) {
	t.Parallel()
	all := samples()
	cells := 0
	var table strings.Builder
	table.WriteString("# The verdict of each old type (down) as each new type (across), at each place.\n")
	for _, pos := range positions() {
		fmt.Fprintf(&table, "\n%s\n", pos.name)
		for _, old := range all {
			if pos.keys && !old.key {
				continue
			}
			fmt.Fprintf(&table, "%-16s", typeText(&old.t))
			for _, new := range all {
				if pos.keys && !new.key {
					continue
				}
				cells++
				fmt.Fprintf(&table, " %-2s", cell(t, pos, &old, &new))
			}
			table.WriteString("\n")
		}
	}
	if cells < 3072 {
		t.Errorf("the matrix has %d cells, want 3072 or more", cells)
	}
	compareFile(t, "matrix.txt", table.String())
}

func compareFile(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func typeText(t *schema.Type) string {
	if t.Shape != schema.Enum {
		return t.String()
	}
	text := "enum"
	for _, s := range t.Symbols {
		text += " " + s.Name
	}
	return text
}

// cell resolves one pair and converts its values. The worst thing that happens
// to a value must be what the verdict says, and not worse.
func cell(t *testing.T, pos position, old, new *sample) Verdict {
	t.Helper()
	a, b := pos.state(old.t), pos.state(new.t)
	plan := Resolve(jobOf(a), jobOf(b), nil, Hooks{})
	verdict := plan.Of("u", "s")
	m := plan.Mover(0, 0, Moment{})
	where := fmt.Sprintf("%s: %s to %s is %s", pos.name, typeText(&old.t), typeText(&new.t), verdict)
	refused, changed := 0, 0
	for _, v := range old.values {
		r := pos.record(v)
		if m == nil {
			continue
		}
		// A mover remembers keys, and here every value is a key of its own.
		m.keys = nil
		var got []state.Record
		err := m.Convert(&r, func(out *state.Record) error {
			got = append(got, state.Record{Sub: bytes.Clone(out.Sub), Value: bytes.Clone(out.Value)})
			return nil
		})
		var misfit *Misfit
		switch {
		case errors.As(err, &misfit):
			refused++
			if misfit.UID != "u" || misfit.State != "s" || misfit.Key != `"k"` || misfit.Value == "" {
				t.Errorf("%s: the refusal does not say where: %v", where, err)
			}
		case err != nil || len(got) != 1:
			t.Errorf("%s: value %x: %d records, error %v", where, v, len(got), err)
		default:
			if !bytes.Equal(got[0].Sub, r.Sub) || !bytes.Equal(got[0].Value, r.Value) {
				changed++
			}
			isWhole(t, where, &b, &got[0])
		}
	}
	switch {
	case verdict <= ReadsAsIs && (refused > 0 || changed > 0):
		t.Errorf("%s, but %d values were refused and %d changed", where, refused, changed)
	case verdict == Migrates && refused > 0:
		t.Errorf("%s, but %d values were refused", where, refused)
	case verdict == Breaks && m != nil && refused < len(old.values):
		t.Errorf("%s, but %d of %d values were converted", where, len(old.values)-refused, len(old.values))
	case verdict == MigratesChecked && refused == 0 && !strings.Contains(where, "E") && old.t.Shape != schema.String && old.t.Shape != schema.Decimal:
		t.Errorf("%s, but no value was refused", where)
	}
	return verdict
}

// isWhole holds what was converted to the new type.
func isWhole(t *testing.T, where string, s *schema.State, r *state.Record) {
	t.Helper()
	check := func(what string, typ *schema.Type, b []byte) {
		text, rest, err := appendJSON(nil, link(typ), b, 0)
		if err != nil || len(rest) > 0 {
			t.Errorf("%s: %s %x is no %s: %s, %d bytes left, %v", where, what, b, typ, text, len(rest), err)
		}
	}
	switch {
	case s.Kind == schema.Set:
		check("the element", s.Type, r.Sub)
		return
	case s.MapKey != nil:
		check("the key", s.MapKey, r.Sub)
	}
	check("the value", s.Type, r.Value)
}
