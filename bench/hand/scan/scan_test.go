package scan_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/bench/hand/scan"
)

// row has a field of each kind that a Scanner reads.
type row struct {
	Text string
	N    int64
	X    float64
	Yes  bool
	At   int64
}

// read reads a row; fields it does not know are passed over.
func read(line string) (row, error) {
	var s scan.Scanner
	var r row
	s.Reset([]byte(line))
	s.Begin()
	for first := true; ; first = false {
		key, more := s.Key(first)
		if !more {
			return r, s.Err()
		}
		switch string(key) {
		case "text":
			r.Text = string(s.String())
		case "n":
			r.N = s.Int()
		case "x":
			r.X = s.Float()
		case "yes":
			r.Yes = s.Bool()
		case "at":
			r.At = s.Time()
		default:
			s.Skip()
		}
	}
}

func TestScanner(t *testing.T) {
	t.Parallel()
	at := time.Date(2024, 2, 29, 23, 59, 59, 123456000, time.UTC).UnixMicro()
	tests := []struct {
		name, line string
		want       row
	}{
		{name: "in order", line: `{"text":"a","n":1,"x":2.5,"yes":true}`, want: row{Text: "a", N: 1, X: 2.5, Yes: true}},
		{name: "any order, spaced", line: " { \"yes\" : true ,\t\"n\":\r-7 } ", want: row{N: -7, Yes: true}},
		{name: "unknown fields", line: `{"a":{"b":[1,"}",null,false]},"n":3,"c":[],"d":{}}`, want: row{N: 3}},
		{name: "escapes", line: `{"text":"\"\\\/\b\f\n\r\t\u00fc\ud83d\ude00"}`, want: row{Text: "\"\\/\b\f\n\r\tü😀"}},
		{name: "escaped key", line: `{"\u006e":5}`, want: row{N: 5}},
		{name: "long text that is not ASCII", line: `{"text":"abcdefghijklmnopqrstuvwxyzß"}`, want: row{Text: "abcdefghijklmnopqrstuvwxyzß"}},
		{name: "bounds", line: `{"n":-9223372036854775808}`, want: row{N: math.MinInt64}},
		{name: "floats", line: `{"x":-0.1}`, want: row{X: -0.1}},
		{name: "float with many digits", line: `{"x":0.30000000000000004}`, want: row{X: 0.30000000000000004}},
		{name: "float with an exponent", line: `{"x":1.5E+21}`, want: row{X: 1.5e21}},
		{name: "time", line: `{"at":"2024-02-29T23:59:59.123456Z"}`, want: row{At: at}},
		{name: "time with an offset", line: `{"at":"2024-03-01T00:59:59.123456+01:00"}`, want: row{At: at}},
		{name: "empty", line: `{}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := read(tt.line)
			if err != nil {
				t.Fatalf("read(%s) error = %v", tt.line, err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("read(%s) (-want +got):\n%s", tt.line, diff)
			}
		})
	}
}

func TestScannerRefuses(t *testing.T) {
	t.Parallel()
	lines := []string{
		``, `{`, `[]`, `{"n":1`, `{"n" 1}`, `{"n":1,}`, `{"n":1 "x":2}`, `{"n":1} x`, `{n:1}`,
		`{"n":01}`, `{"n":1.5}`, `{"n":1e3}`, `{"n":"1"}`, `{"n":9223372036854775808}`, `{"n":-}`, `{"n":--1}`,
		`{"x":.5}`, `{"x":1.}`, `{"x":1e}`, `{"x":01.5}`, `{"x":NaN}`, `{"x":1e999}`,
		`{"yes":1}`, `{"yes":tru}`, `{"yes":falsy}`,
		`{"text":"a}`, "{\"text\":\"a\tb\"}", "{\"text\":\"\xff\"}", `{"text":"\x"}`, `{"text":"\ud83d"}`, `{"text":"\u12"}`, `{"text":5}`,
		`{"at":"yesterday"}`, `{"at":"2024-13-01T00:00:00Z"}`, `{"at":"2023-02-29T00:00:00Z"}`, `{"at":5}`,
		`{"other":[1,]}`, `{"other":{"a"}}`, `{"other":nul}`,
	}
	for _, line := range lines {
		if got, err := read(line); err == nil {
			t.Errorf("read(%s) = %+v, want an error", line, got)
		}
	}
}

// FuzzScanner holds the scanner against encoding/json: what the one takes for
// an object the other does too.
func FuzzScanner(f *testing.F) {
	f.Add(`{"other":{"a":[1,2.5e3,"\u00fc",true,null]}}`)
	f.Add(`{"text":"a","n":1}`)
	f.Fuzz(func(t *testing.T, line string) {
		if _, err := read(line); err == nil && !json.Valid([]byte(line)) {
			t.Errorf("read(%q) found no fault, but it is no JSON", line)
		}
	})
}
