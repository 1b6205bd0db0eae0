package wire_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt/value"
	"github.com/flow-lang/flowc/rt/wire"
)

// textColumns is a format of n columns that are called a, b, c, ….
func textColumns(n int) *wire.CSVFormat {
	format := &wire.CSVFormat{Delimiter: ','}
	for i := range n {
		format.Columns = append(format.Columns, wire.Column{Name: string(rune('a' + i))})
	}
	return format
}

func TestCSVRows(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, block string
		want        []string // line: cells, or the reason
	}{
		{"plain", "1,2\n3,4\n", []string{"1: [1 2]", "2: [3 4]"}},
		{"no newline at the end", "1,2", []string{"1: [1 2]"}},
		{"carriage returns", "1,2\r\n3,\"4\"\r\n", []string{"1: [1 2]", "2: [3 4]"}},
		{"blank lines", "\n1,2\n\r\n\n3,4\n", []string{"2: [1 2]", "5: [3 4]"}},
		{"empty cells", ",\n\"\",\n", []string{"1: [ ]", "2: [ ]"}},
		{"quoted", "\"a,b\",\"c\nd\"\n5,6\n", []string{"1: [a,b c\nd]", "3: [5 6]"}},
		{"doubled quotes", "\"a \"\"b\"\"\",\"\"\"\"\n", []string{"1: [a \"b\" \"]"}},
		{"long cells", strings.Repeat("x", 50) + ",y\n", []string{"1: [" + strings.Repeat("x", 50) + " y]"}},
		{"too few columns", "1\n3,4\n", []string{"1: the row has 1 column instead of 2", "2: [3 4]"}},
		{"too many columns", "1,2,3\n", []string{"1: the row has 3 columns instead of 2"}},
		{"a bare quote", "a\"b,c\n3,4\n", []string{"1: a quote stands in a cell without quotes around it", "2: [3 4]"}},
		{"text after a quote", "\"a\"b,c\n3,4\n", []string{"1: text follows a closing quote", "2: [3 4]"}},
		{"an open quote", "1,2\n\"a,c\n3,4\n", []string{"1: [1 2]", "2: a quote is not closed"}},
		{"invalid UTF-8", "1,\xff\n", []string{"1: column b: invalid UTF-8"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := wire.NewCSV(textColumns(2))
			d.Reset([]byte(tt.block), nil, 1)
			var got []string
			for d.Next() {
				cells := []string{d.String(0), d.String(1)}
				if err := d.Err(); err != nil {
					got = append(got, fmt.Sprintf("%d: %v", d.Line(), err))
					continue
				}
				got = append(got, fmt.Sprintf("%d: %v", d.Line(), cells))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("rows of %q (-want +got):\n%s", tt.block, diff)
			}
		})
	}
}

func TestCSVCells(t *testing.T) {
	t.Parallel()
	read := map[string]func(d *wire.CSV) any{
		"int":       func(d *wire.CSV) any { return d.Int(0) },
		"int32":     func(d *wire.CSV) any { return d.Int32(0) },
		"float":     func(d *wire.CSV) any { return d.Float(0) },
		"float32":   func(d *wire.CSV) any { return d.Float32(0) },
		"decimal":   func(d *wire.CSV) any { return value.FormatDecimal(d.Decimal(0, 12, 2), 2) },
		"bool":      func(d *wire.CSV) any { return d.Bool(0) },
		"string":    func(d *wire.CSV) any { return d.String(0) },
		"bytes":     func(d *wire.CSV) any { return string(d.Bytes(0)) },
		"timestamp": func(d *wire.CSV) any { return value.FormatTimestamp(d.Timestamp(0)) },
		"date":      func(d *wire.CSV) any { return value.FormatDate(d.Date(0)) },
		"duration":  func(d *wire.CSV) any { return value.FormatDuration(d.Duration(0)) },
		"uuid":      func(d *wire.CSV) any { return value.FormatUUID(d.UUID(0)) },
		"json":      func(d *wire.CSV) any { return string(d.JSON(0)) },
		"empty":     func(d *wire.CSV) any { return d.Empty(0) },
	}
	tests := []struct{ typ, cell, want string }{
		{"int", "42", "42"},
		{"int", "-9223372036854775808", "-9223372036854775808"},
		{"int", "+7", "7"},
		{"int", "007", "7"},
		{"int", "9223372036854775808", "column a: 9223372036854775808 does not fit int"},
		{"int", "6.5", `column a: "6.5" is no int`},
		{"int", " 6", `column a: " 6" is no int`},
		{"int", "-", `column a: "-" is no int`},
		{"int", "", "column a is empty"},
		{"int32", "2147483647", "2147483647"},
		{"int32", "2147483648", "column a: 2147483648 does not fit int32"},
		{"int32", "x", `column a: "x" is no int32`},
		{"float", "2.5", "2.5"},
		{"float", "-0.1", "-0.1"},
		{"float", "1e3", "1000"},
		{"float", ".5", "0.5"},
		{"float", "007", "7"},
		{"float", "abc", `column a: "abc" is no float`},
		{"float", "NaN", `column a: "NaN" is no float`},
		{"float", "12345678901234567890", "1.2345678901234567e+19"},
		{"float32", "0.1", "0.1"},
		{"float32", "1e39", `column a: "1e39" is no float32`},
		{"decimal", "-12.5", "-12.50"},
		{"decimal", ".5", "0.50"},
		{"decimal", "1.25e1", "12.50"},
		{"decimal", "9999999999.990", "9999999999.99"},
		{"decimal", "0.125", "column a: 0.125 does not fit decimal(12, 2)"},
		{"decimal", "10000000000", "column a: 10000000000 does not fit decimal(12, 2)"},
		{"decimal", "x", `column a: "x" is no decimal(12, 2)`},
		{"decimal", "", "column a is empty"},
		{"bool", "true", "true"},
		{"bool", "false", "false"},
		{"bool", "yes", `column a: "yes" is no bool`},
		{"string", "Élan", "Élan"},
		{"bytes", "aGk=", "hi"},
		{"bytes", "aGk", `column a: "aGk" is no base64`},
		{"timestamp", "2024-05-01T14:00:00+02:00", "2024-05-01T12:00:00Z"},
		{"timestamp", "2024-05-01", `column a: "2024-05-01" is no timestamp`},
		{"date", "2024-02-29", "2024-02-29"},
		{"date", "2023-02-29", `column a: "2023-02-29" is no date`},
		{"duration", "1h30m", "1h30m"},
		{"duration", "90", `column a: "90" is no duration`},
		{"uuid", "123E4567-e89b-12d3-a456-426614174000", "123e4567-e89b-12d3-a456-426614174000"},
		{"uuid", "123", `column a: "123" is no uuid`},
		{"json", `"{""a"":[1]}"`, `{"a":[1]}`},
		{"json", `{a}`, `column a: "{a}" is no json`},
		{"empty", `x`, `false`},
		{"empty", `""`, `true`},
	}
	for _, tt := range tests {
		d := wire.NewCSV(textColumns(2))
		d.Reset([]byte(tt.cell+",x\n"), nil, 1)
		if !d.Next() {
			t.Fatalf("%q: no row", tt.cell)
		}
		got := fmt.Sprint(read[tt.typ](d))
		if err := d.Err(); err != nil {
			got = err.Reason
		}
		if got != tt.want {
			t.Errorf("%s of %q = %s, want %s", tt.typ, tt.cell, got, tt.want)
		}
	}
}

func TestCSVTimeLayout(t *testing.T) {
	t.Parallel()
	format := textColumns(1)
	format.Delimiter, format.Layout = ';', "02.01.2006 15:04"
	d := wire.NewCSV(format)
	d.Reset([]byte("01.05.2024 12:30\n"), nil, 1)
	d.Next()
	if want, got := "2024-05-01T12:30:00Z", value.FormatTimestamp(d.Timestamp(0)); got != want || d.Err() != nil {
		t.Errorf("Timestamp = %s, %v, want %s", got, d.Err(), want)
	}
}

func TestHeaderMapsColumns(t *testing.T) {
	t.Parallel()
	block := []byte("\ufeffnote; name ;\"born\"\r\n\"likes \"\"tea\"\"; and cake\";Ada;1815\n;Bo;2001\n")
	names, rest, err := wire.Header(block, ';')
	if diff := cmp.Diff([]string{"note", "name", "born"}, names); diff != "" || err != nil {
		t.Fatalf("Header: %v (-want +got):\n%s", err, diff)
	}
	format := &wire.CSVFormat{Delimiter: ';', Columns: []wire.Column{{Name: "name"}, {Name: "age", Optional: true}, {Name: "note", Optional: true}}}
	columns, err := wire.Columns(names, format.Columns)
	if diff := cmp.Diff([]int{1, -1, 0, 3}, columns); diff != "" || err != nil {
		t.Fatalf("Columns: %v (-want +got):\n%s", err, diff)
	}
	d := wire.NewCSV(format)
	d.Reset(rest, columns, 2)
	var got []string
	for d.Next() {
		got = append(got, fmt.Sprintf("%d %s %t %t %s %v", d.Line(), d.String(0), d.Empty(1), d.Empty(2), d.String(2), d.Err()))
	}
	want := []string{`2 Ada true false likes "tea"; and cake <nil>`, `3 Bo true true  <nil>`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestHeaderMistakes(t *testing.T) {
	t.Parallel()
	tests := []struct{ header, want string }{
		{"sensor,at,tmp", `the header has no column "temp", did you mean "tmp"?`},
		{"sensor,at,Temp", `the header has no column "temp", did you mean "Temp"?`},
		{"sensor;at;temp", `the header has no column "temp"; it has "sensor;at;temp"`},
		{"temp,temp", `the header names column "temp" twice`},
		{"", "the header is missing"},
		{`"temp`, "a quote is not closed"},
	}
	for _, tt := range tests {
		names, _, err := wire.Header([]byte(tt.header), ',')
		if err == nil {
			_, err = wire.Columns(names, []wire.Column{{Name: "temp"}})
		}
		if got := fmt.Sprint(err); got != tt.want {
			t.Errorf("header %q: %s, want %s", tt.header, got, tt.want)
		}
	}
}

func TestShortColumnsAreNotGuessed(t *testing.T) {
	t.Parallel()
	tests := []struct{ header, want string }{
		{"b", `the header has no column "a"; it has "b"`},
		{"A", `the header has no column "a", did you mean "A"?`},
	}
	for _, tt := range tests {
		_, err := wire.Columns([]string{tt.header}, []wire.Column{{Name: "a"}})
		if got := fmt.Sprint(err); got != tt.want {
			t.Errorf("header %q: %s, want %s", tt.header, got, tt.want)
		}
	}
}

func TestAppendCellEqualsEncodingCSV(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "plain", "a,b", "a;b", `a "quote"`, " space", "tab\t", "\tx", "new\nline", "\r", `\.`, "Élan", "\u00a0x", "\xff"} {
		for _, delimiter := range []byte(",;\t") {
			var want bytes.Buffer
			w := csv.NewWriter(&want)
			w.Comma = rune(delimiter)
			if err := w.Write([]string{s, "x"}); err != nil {
				t.Fatal(err)
			}
			w.Flush()
			got := append(wire.AppendCell(nil, s, delimiter), delimiter)
			if got = wire.AppendRowEnd(wire.AppendCell(got, "x", delimiter), 0); string(got) != want.String() {
				t.Errorf("AppendCell(%q, %q) = %q, want %q", s, delimiter, got, want.String())
			}
		}
	}
}

func TestAppendHeader(t *testing.T) {
	t.Parallel()
	if want, got := "a,\"b,c\"\n", string(wire.AppendHeader(nil, []string{"a", "b,c"}, ',')); got != want {
		t.Errorf("AppendHeader = %q, want %q", got, want)
	}
	if want, got := "x\n\"\"\n", string(wire.AppendRowEnd([]byte("x\n"), 2)); got != want {
		t.Errorf("AppendRowEnd of an empty cell = %q, want %q", got, want)
	}
}

// TestCSVRoundTrip writes cells of any text and reads them back.
func TestCSVRoundTrip(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(13, 14))
	alphabet := []string{"a", "Ä", ",", ";", `"`, "\n", "\r", "\r\n", " ", "\t", "longer than a word"}
	text := func() (s string) {
		for range rng.IntN(6) {
			s += alphabet[rng.IntN(len(alphabet))]
		}
		return s
	}
	d := wire.NewCSV(textColumns(3))
	for range 20_000 {
		var block []byte
		var want, got []string
		for range 3 {
			start := len(block)
			for i := range 3 {
				if i > 0 {
					block = append(block, ',')
				}
				want = append(want, text())
				block = wire.AppendCell(block, want[len(want)-1], ',')
			}
			block = wire.AppendRowEnd(block, start)
		}
		for d.Reset(block, nil, 1); d.Next(); {
			got = append(got, d.String(0), d.String(1), d.String(2))
			if d.Err() != nil {
				t.Fatalf("%q: %v", block, d.Err())
			}
		}
		if !slices.Equal(want, got) {
			t.Fatalf("%q reads back as %q, want %q", block, got, want)
		}
	}
}

// FuzzCSV compares the rows with those of encoding/csv, and holds LastRow to
// the rows that the decoder sees.
func FuzzCSV(f *testing.F) {
	for _, seed := range []string{
		"a,b\n1,2\n", "\"a,b\",\"c\nd\"\n5,6\n", "\"a \"\"b\"\"\",\"\"\"\"\n", "a\"b,c\n3,4\n", "\"a\"b,c\n", "\"open\n1,2\n",
		"\n\n,\n\"\"\n", "long cell of text,another one of them\n\"quoted\",\"\"\n", "x\n\"\"\"", "\"\"\"\n\",\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, block []byte) {
		checkRowEnds(t, block)
		if bytes.IndexByte(block, '\r') >= 0 {
			return // encoding/csv drops carriage returns within quotes
		}
		r := csv.NewReader(bytes.NewReader(block))
		r.FieldsPerRecord = -1
		want, err := r.ReadAll()
		got, malformed := wire.AllRows(block)
		if (err != nil) != (malformed != nil) {
			t.Fatalf("rows of %q: error = %v, encoding/csv says %v", block, malformed, err)
		}
		if err == nil && !slices.EqualFunc(want, got, slices.Equal[[]string]) {
			t.Fatalf("rows of %q = %q, want %q", block, got, want)
		}
	})
}

// checkRowEnds cuts block into whole rows at every place where LastRow may be
// asked, and wants the same rows as from the whole.
func checkRowEnds(t *testing.T, block []byte) {
	t.Helper()
	whole := rawRows(block)
	for i := range block[:min(len(block), 200)] {
		n := wire.LastRow(block[:i], ',', false)
		if n > 0 && block[n-1] != '\n' {
			t.Fatalf("LastRow(%q) = %d, not after a newline", block[:i], n)
		}
		if got := append(rawRows(block[:n]), rawRows(block[n:])...); !slices.Equal(got, whole) {
			t.Fatalf("cut at %d of %q: rows %q, want %q", n, block, got, whole)
		}
	}
}

func rawRows(block []byte) (rows []string) {
	d := wire.NewCSV(textColumns(1))
	d.Reset(block, nil, 1)
	for d.Next() {
		rows = append(rows, string(d.Raw()))
	}
	return rows
}
