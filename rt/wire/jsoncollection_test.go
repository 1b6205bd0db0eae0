package wire_test

import (
	"cmp"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt/value"
	"github.com/flow-lang/flowc/rt/wire"
)

// readTagged reads {"$type": …, "n": …} and gives both, as a union's reader does.
func readTagged(d *wire.Dec) any {
	got := struct {
		Type string
		N    int64
	}{Type: d.Type()}
	if d.BeginObject() {
		for {
			name, ok := d.NextKey()
			if !ok {
				break
			}
			if string(name) == "n" {
				got.N = d.Int()
			} else {
				d.Skip()
			}
		}
	}
	return got
}

func TestType(t *testing.T) {
	t.Parallel()
	bid := struct {
		Type string
		N    int64
	}{"Bid", 5}
	tests := []struct {
		name, line string
		want       any
		wantErr    string
	}{
		{name: "first", line: `{"$type":"Bid","n":5}`, want: bid},
		{name: "first, with white space", line: ` { "$type" : "Bid" , "n" : 5 } `, want: bid},
		{name: "last", line: `{"n":5,"$type":"Bid"}`, want: bid},
		{name: "behind what nobody reads", line: `{"x":{"$type":"A"},"$type":"Bid","n":5}`, want: bid},
		{name: "missing", line: `{"n":5}`, wantErr: "field $type is missing"},
		{name: "of another type", line: `{"$type":5}`, wantErr: "field $type is missing"},
		{name: "behind a mistake", line: `{"n":,"$type":"Bid"}`, wantErr: "field n: , is no value"},
		{name: "no object", line: `5`, wantErr: `"5" is no JSON object`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			checkRead(t, tt.line, readTagged, tt.want, tt.wantErr)
		})
	}
}

// checkRead reads a line with read and looks at what comes of it.
func checkRead(t *testing.T, line string, read func(*wire.Dec) any, want any, wantErr string) {
	t.Helper()
	var d wire.Dec
	d.Reset([]byte(line))
	got := read(&d)
	if !d.End() {
		if d.Err().Error() != wantErr {
			t.Errorf("reading %s: error %q, want %q", line, d.Err(), wantErr)
		}
		return
	}
	if diff := gocmp.Diff(want, got); diff != "" || wantErr != "" {
		t.Errorf("reading %s: want error %q (-want +got):\n%s", line, wantErr, diff)
	}
}

func TestReadCollections(t *testing.T) {
	t.Parallel()
	set := func(d *wire.Dec) any { return wire.ReadSet(d, (*wire.Dec).Int, cmp.Compare[int64]) }
	object := func(d *wire.Dec) any { return wire.ReadMap(d, (*wire.Dec).Int) }
	pairs := func(d *wire.Dec) any {
		return wire.ReadPairs(d, (*wire.Dec).Int, (*wire.Dec).String, cmp.Compare[int64])
	}
	tests := []struct {
		name, line string
		read       func(*wire.Dec) any
		want       any
		wantErr    string
	}{
		{name: "a set", line: `[3, 1, 3]`, read: set, want: []int64{1, 3}},
		{name: "an element of another type", line: `[1,"a"]`, read: set, wantErr: `field [1]: "a" is no int`},
		{name: "a map", line: `{"b":2,"a":1}`, read: object, want: value.Map[string, int64]{Keys: []string{"a", "b"}, Values: []int64{1, 2}}},
		{name: "an empty map", line: `{}`, read: object, want: value.Map[string, int64]{}},
		{name: "a key that needs escapes", line: `{"\u00e4\"":1}`, read: object, want: value.Map[string, int64]{Keys: []string{`ä"`}, Values: []int64{1}}},
		{name: "a key twice", line: `{"b":2,"a":1,"b":3}`, read: object, wantErr: `the value: key "b" appears twice`},
		{name: "pairs", line: `[[2,"b"],[1,"a"],[2,"c"]]`, read: pairs, want: value.Map[int64, string]{Keys: []int64{1, 2}, Values: []string{"a", "c"}}},
		{name: "no pairs", line: `[]`, read: pairs, want: value.Map[int64, string]{}},
		{name: "half a pair", line: `[[2]]`, read: pairs, wantErr: "field [0]: a pair has a key and a value"},
		{name: "a pair of nothing", line: `[[]]`, read: pairs, wantErr: "field [0]: a pair has a key and a value"},
		{name: "more than a pair", line: `[[2,"b",3]]`, read: pairs, wantErr: "field [0][2]: a pair has a key and a value, and no more"},
		{name: "no pair", line: `[2]`, read: pairs, wantErr: "field [0]: 2 is no list"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			checkRead(t, tt.line, tt.read, tt.want, tt.wantErr)
		})
	}
}

// TestTypeOften reads many lines with one decoder, of which some are malformed.
func TestTypeOften(t *testing.T) {
	t.Parallel()
	var d wire.Dec
	for i, line := range strings.Fields(`{"$type":"A"} {"$type":"A"x} {"$type":5} {"$type":"B","n":1} {"n":1}`) {
		d.Reset([]byte(line))
		readTagged(&d)
		if got, want := d.End(), i == 0 || i == 3; got != want {
			t.Errorf("reading %s: %t, want %t (%v)", line, got, want, d.Err())
		}
	}
}
