package wire_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt/value"
	"github.com/flow-lang/flowc/rt/wire"
)

// readers read the value of field f, each by another type.
var readers = map[string]func(d *wire.Dec) any{
	"int":       func(d *wire.Dec) any { return d.Int() },
	"int32":     func(d *wire.Dec) any { return d.Int32() },
	"float":     func(d *wire.Dec) any { return value.FormatFloat(d.Float()) },
	"float32":   func(d *wire.Dec) any { return value.FormatFloat32(d.Float32()) },
	"decimal":   func(d *wire.Dec) any { return value.FormatDecimal(d.Decimal(12, 2), 2) },
	"number":    func(d *wire.Dec) any { return d.Number() },
	"bool":      func(d *wire.Dec) any { return d.Bool() },
	"string":    func(d *wire.Dec) any { return d.String() },
	"bytes":     func(d *wire.Dec) any { return string(d.Bytes()) },
	"timestamp": func(d *wire.Dec) any { return value.FormatTimestamp(d.Timestamp()) },
	"date":      func(d *wire.Dec) any { return value.FormatDate(d.Date()) },
	"duration":  func(d *wire.Dec) any { return value.FormatDuration(d.Duration()) },
	"uuid":      func(d *wire.Dec) any { return value.FormatUUID(d.UUID()) },
	"raw":       func(d *wire.Dec) any { return d.Raw() },
	"ints":      func(d *wire.Dec) any { return ints(d) },
	"null":      func(d *wire.Dec) any { return d.Null() },
}

func ints(d *wire.Dec) (list []int64) {
	if d.BeginList() {
		for d.NextElem() {
			list = append(list, d.Int())
		}
	}
	return list
}

// readField reads {"f":VALUE} and returns the value or the reason why not.
func readField(typ, line string) string {
	var d wire.Dec
	d.Reset([]byte(line))
	got := any(nil)
	if d.BeginObject() {
		if d.Key(`"f":`) {
			got = readers[typ](&d)
		}
		for {
			name, ok := d.NextKey()
			if !ok {
				break
			}
			if string(name) == "f" {
				d.Twice()
			}
			d.Skip()
		}
	}
	if d.End() {
		return fmt.Sprint(got)
	}
	return d.Err().Error()
}

func TestDecValues(t *testing.T) {
	t.Parallel()
	tests := []struct{ typ, text, want string }{
		{"int", `0`, "0"},
		{"int", `-0`, "0"},
		{"int", `42`, "42"},
		{"int", `-9223372036854775808`, "-9223372036854775808"},
		{"int", `9223372036854775807`, "9223372036854775807"},
		{"int", `9223372036854775808`, "field f: 9223372036854775808 does not fit int"},
		{"int", `6.5`, "field f: 6.5 is no int"},
		{"int", `6.0`, "field f: 6.0 is no int"},
		{"int", `1e3`, "field f: 1e3 is no int"},
		{"int", `007`, "field f: 007 is no int"},
		{"int", `+1`, "field f: +1 is no int"},
		{"int", `-`, "field f: - is no int"},
		{"int", `"3"`, `field f: "3" is no int`},
		{"int", `null`, "field f: null is no int"},
		{"int", `{"a":1}`, "field f: an object is no int"},
		{"int", `[1]`, "field f: a list is no int"},
		{"int", `1x`, "field f: 1x is no int"},
		{"int32", `2147483647`, "2147483647"},
		{"int32", `-2147483648`, "-2147483648"},
		{"int32", `2147483648`, "field f: 2147483648 does not fit int32"},
		{"int32", `99999999999999999999`, "field f: 99999999999999999999 does not fit int32"},
		{"int32", `true`, "field f: true is no int32"},
		{"float", `0`, "0"},
		{"float", `-0`, "-0"},
		{"float", `2.5`, "2.5"},
		{"float", `-2.5e-3`, "-0.0025"},
		{"float", `1E5`, "100000"},
		{"float", `9007199254740993`, "9007199254740992"},
		{"float", `0.1234567890123456789012345`, "0.12345678901234568"},
		{"float", `123456789012345678901234567890`, "1.2345678901234568e+29"},
		{"float", `1e400`, "field f: 1e400 does not fit float"},
		{"float", `1e-400`, "0"},
		{"float", `.5`, "field f: .5 is no float"},
		{"float", `5.`, "field f: 5. is no float"},
		{"float", `00.5`, "field f: 00.5 is no float"},
		{"float", `1e`, "field f: 1e is no float"},
		{"float", `NaN`, "field f: NaN is no float"},
		{"float32", `0.1`, "0.1"},
		{"float32", `16777217`, "16777216"},
		{"float32", `1e39`, "field f: 1e39 does not fit float32"},
		{"decimal", `0`, "0.00"},
		{"decimal", `-0.01`, "-0.01"},
		{"decimal", `12.5`, "12.50"},
		{"decimal", `9999999999.99`, "9999999999.99"},
		{"decimal", `9999999999.9900000000000000`, "9999999999.99"},
		{"decimal", `1.25e1`, "12.50"},
		{"decimal", `1250E-2`, "12.50"},
		{"decimal", `10000000000`, "field f: 10000000000 does not fit decimal(12, 2)"},
		{"decimal", `0.125`, "field f: 0.125 does not fit decimal(12, 2)"},
		{"decimal", `1e400`, "field f: 1e400 does not fit decimal(12, 2)"},
		{"decimal", `.5`, "field f: .5 is no decimal(12, 2)"},
		{"decimal", `007`, "field f: 007 is no decimal(12, 2)"},
		{"decimal", `"12.50"`, `field f: "12.50" is no decimal(12, 2)`},
		{"number", `12.50`, "12.50"},
		{"number", `x`, "field f: x is no number"},
		{"bool", `true`, "true"},
		{"bool", `false`, "false"},
		{"bool", `truex`, "field f: truex is no bool"},
		{"bool", `1`, "field f: 1 is no bool"},
		{"string", `""`, ""},
		{"string", `"Élan vital, a longer one"`, "Élan vital, a longer one"},
		{"string", `"\"\\\/\b\f\n\r\tx"`, "\"\\/\b\f\n\r\tx"},
		{"string", `"caf\u00e9 \uD83D\uDE00 and \u0000"`, "café 😀 and \x00"},
		{"string", `"\ud83d"`, "invalid escape in field f"},
		{"string", `"\ud83dx\ude00"`, "invalid escape in field f"},
		{"string", `"\ude00\ud83d"`, "invalid escape in field f"},
		{"string", `"\x"`, "invalid escape in field f"},
		{"string", `"\u12g4"`, "invalid escape in field f"},
		{"string", "\"a\tb\"", "control character in field f"},
		{"string", "\"\xff\"", "invalid UTF-8 in field f"},
		{"string", "\"\xed\xa0\x80 a surrogate\"", "invalid UTF-8 in field f"},
		{"string", `3`, "field f: 3 is no string"},
		{"string", `nothing`, "field f: nothing is no string"},
		{"bytes", `"aGk="`, "hi"},
		{"bytes", `"aGk"`, `field f: "aGk" is no base64`},
		{"bytes", `"aG\nk="`, `field f: "aG\\nk=" is no base64`},
		{"bytes", `""`, ""},
		{"timestamp", `"2024-05-01T12:00:00Z"`, "2024-05-01T12:00:00Z"},
		{"timestamp", `"2024-05-01T14:00:00.1234567+02:00"`, "2024-05-01T12:00:00.123456Z"},
		{"timestamp", `"2024-05-01 12:00:00"`, `field f: "2024-05-01 12:00:00" is no timestamp`},
		{"timestamp", `"2024-13-01T12:00:00Z"`, `field f: "2024-13-01T12:00:00Z" is no timestamp`},
		{"timestamp", `1714564800`, "field f: 1714564800 is no timestamp"},
		{"timestamp", "\"\xff\"", "invalid UTF-8 in field f"},
		{"date", `"2024-05-01"`, "2024-05-01"},
		{"date", `"2024-5-1"`, `field f: "2024-5-1" is no date`},
		{"duration", `"1d2h"`, "1d2h"},
		{"duration", `"2h1d"`, `field f: "2h1d" is no duration`},
		{"uuid", `"123e4567-e89b-12d3-a456-426614174000"`, "123e4567-e89b-12d3-a456-426614174000"},
		{"uuid", `"123e4567"`, `field f: "123e4567" is no uuid`},
		{"raw", `{"a": [1, {"b":null}], "c":"\u0041"}`, `{"a": [1, {"b":null}], "c":"\u0041"}`},
		{"raw", `[1,]`, "field f[1]: ] is no value"},
		{"raw", `{"a":tru}`, "field f.a: tru is no value"},
		{"ints", `[1,2, 3 ]`, "[1 2 3]"},
		{"ints", `[]`, "[]"},
		{"ints", `[ ]`, "[]"},
		{"ints", `[1,"2"]`, `field f[1]: "2" is no int`},
		{"ints", `[1 2]`, "expected , or ] after field f[0], found 2"},
		{"ints", `{}`, "field f: an object is no list"},
		{"null", `null`, "true"},
	}
	for _, tt := range tests {
		for _, form := range []string{`{"f":%s}`, ` { "f" : %s , "g" : 1 } `} {
			line := fmt.Sprintf(form, tt.text)
			if got := readField(tt.typ, line); got != tt.want {
				t.Errorf("%s of %s = %s, want %s", tt.typ, line, got, tt.want)
			}
		}
	}
}

func TestDecMistakesOfForm(t *testing.T) {
	t.Parallel()
	tests := []struct{ line, want string }{
		{``, "the line ends where a value should stand"},
		{`this is not json`, `"this is not json" is no JSON object`},
		{`[1]`, `"[1]" is no JSON object`},
		{`{`, "expected a field name, found the end of the line"},
		{`{"f"`, "expected : after field f, found the end of the line"},
		{`{"f":`, "expected a value after field f, found the end of the line"},
		{`{"f":1`, "expected , or } after field f, found the end of the line"},
		{`{"f":1,}`, "expected a field name after field f, found }"},
		{`{"f":1 "g":2}`, `expected , or } after field f, found "g"`},
		{`{"f":1,"f":2}`, "field f appears twice"},
		{`{"f":1,"\u0066":2}`, `field \u0066 appears twice`},
		{`{"f":1} x`, `unexpected "x" after the value`},
		{`{"f":1}}`, `unexpected "}" after the value`},
		{`{f:1}`, "expected a field name, found f:1"},
		{`{"f":1,"g":[[1],{"h":{"i":[true,nul]}}]}`, "field g[1].h.i[1]: nul is no value"},
		{"{\"f\":1,\"g\":\"\xff\"}", "invalid UTF-8 in field g"},
		{"{\"f\":1,\"\xff\":1}", "invalid UTF-8"},
		{"\ufeff{}", "\"\\ufeff{}\" is no JSON object"},
	}
	for _, tt := range tests {
		if got := readField("int", tt.line); got != tt.want {
			t.Errorf("%q: %s, want %s", tt.line, got, tt.want)
		}
	}
}

func TestDecNestedPaths(t *testing.T) {
	t.Parallel()
	var d wire.Dec
	d.Reset([]byte(`{"items":[{"a":1},{"b":2}]}`))
	d.BeginObject()
	d.NextKey()
	d.BeginList()
	for d.NextElem() {
		d.BeginObject()
		seen := uint64(0)
		if d.Key(`"a":`) {
			seen |= 1
			d.Int()
		}
		for {
			if _, ok := d.NextKey(); !ok {
				break
			}
			d.Skip()
		}
		d.Missing(1&^seen, "a")
	}
	want := &wire.Malformed{Reason: "field items[1].a is missing", Offset: 25}
	if diff := cmp.Diff(want, d.Err()); diff != "" {
		t.Errorf("Err (-want +got):\n%s", diff)
	}
}

func TestDecDepth(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		depth int
		want  string
	}{
		{wire.MaxDepth - 1, "0"},
		{wire.MaxDepth, "nested deeper than 64"},
		{1 << 20, "nested deeper than 64"},
	} {
		got := readField("int", `{"f":0,"g":`+strings.Repeat("[", tt.depth)+strings.Repeat("]", tt.depth)+`}`)
		if !strings.HasSuffix(got, tt.want) {
			t.Errorf("depth %d: %s, want %s", tt.depth, cutTo(got, 100), tt.want)
		}
	}
}

func cutTo(s string, n int) string { return s[:min(len(s), n)] }

func TestDecPeek(t *testing.T) {
	t.Parallel()
	tests := []struct {
		line, want string
		ok         bool
	}{
		{`{"$type":"Bid","n":1}`, "Bid", true},
		{`{"n":{"$type":"no"},"$type":"Bid"}`, "Bid", true},
		{`{"n":1}`, "", false},
		{`{"$type":1}`, "", false},
		{`{"n":,}`, "", false},
		{`[]`, "", false},
	}
	for _, tt := range tests {
		var d wire.Dec
		d.Reset([]byte(tt.line))
		if got, ok := d.Peek("$type"); got != tt.want || ok != tt.ok {
			t.Errorf("Peek of %s = %q, %t, want %q, %t", tt.line, got, ok, tt.want, tt.ok)
		}
		if d.Err() != nil {
			t.Errorf("Peek of %s left %v", tt.line, d.Err())
		}
	}
}

// TestDecStringsStayValid checks that strings with escapes keep their bytes
// when later lines are decoded.
func TestDecStringsStayValid(t *testing.T) {
	t.Parallel()
	var d wire.Dec
	var want, got []string
	for i := range 2000 {
		d.Reset(fmt.Appendf(nil, `"line\t%d %s"`, i, strings.Repeat("x", i%300)))
		want = append(want, fmt.Sprintf("line\t%d %s", i, strings.Repeat("x", i%300)))
		got = append(got, d.String())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("strings (-want +got):\n%s", diff)
	}
}

// TestRecordRoundTrip writes random records and reads them back, with their
// fields in any order and with any white space.
// TestDecStringsOfAnyLength holds strings with a byte of each kind at each place to
// encoding/json: they are read in pieces of several bytes.
func TestDecStringsOfAnyLength(t *testing.T) {
	t.Parallel()
	for n := range 40 {
		for at := range n {
			for _, special := range []string{"", `\n`, `\"`, `\x`, "\x1f", "é", "\xff", "\x7f"} {
				text := strings.Repeat("x", at) + special + strings.Repeat("y", n-at-1)
				for _, line := range []string{`"` + text + `"`, `"` + text + `" ,` + strings.Repeat(" ", 20), `"` + text} {
					var d, skipped wire.Dec
					d.Reset([]byte(line))
					got := d.String()
					skipped.Reset([]byte(line))
					skipped.SkipString()
					var want string
					quoted := strings.TrimRight(line, " ,")
					ok := utf8.ValidString(quoted) && json.Unmarshal([]byte(quoted), &want) == nil
					if (d.Err() == nil) != ok || (skipped.Err() == nil) != ok || ok && got != want {
						t.Fatalf("%q reads as %q, %v; skipped: %v; want %q, %t", line, got, d.Err(), skipped.Err(), want, ok)
					}
				}
			}
		}
	}
}

func TestRecordRoundTrip(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(15, 16))
	alphabet := []string{"a", "é", "😀", `"`, `\`, "\n", "\x00", "plain text", "\u2028", "<&>"}
	text := func() (s string) {
		for range rng.IntN(8) {
			s += alphabet[rng.IntN(len(alphabet))]
		}
		return s
	}
	var d wire.Dec
	var f value.Fault
	for range 20_000 {
		want := Bid{
			Auction: int64(rng.Uint64()) >> rng.UintN(64), Bidder: rng.Int64N(1000), Price: randomFloat(rng), Channel: text(),
			At: value.Timestamp(rng.Int64N(4e15) - 2e15), Level: Level(rng.IntN(3)),
		}
		if rng.IntN(2) == 0 {
			want.Note = value.Some(text())
		}
		line := appendBid(nil, &want, &f)
		for _, form := range [][]byte{line, shuffled(t, rng, line)} {
			var got Bid
			if !decodeBid(&d, form, &got) || got != want {
				t.Fatalf("%s reads back as %+v (%v), want %+v", form, got, d.Err(), want)
			}
		}
	}
}

// shuffled returns the members of an object in another order, with white space
// between the tokens.
func shuffled(t *testing.T, rng *rand.Rand, line []byte) []byte {
	t.Helper()
	var members map[string]json.RawMessage
	if err := json.Unmarshal(line, &members); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	space := func() string { return []string{"", "", " ", "\t", " \r\n "}[rng.IntN(5)] }
	var list []string
	for _, name := range slices.Sorted(maps.Keys(members)) {
		list = append(list, space()+strconv.Quote(name)+space()+":"+space()+string(members[name])+space())
	}
	rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return []byte(space() + "{" + strings.Join(list, ",") + "}" + space())
}

func TestDecodeAllocatesNothing(t *testing.T) {
	var d wire.Dec
	var f value.Fault
	var bid Bid
	line, buf := []byte(bidLine), make([]byte, 0, 1024)
	rows, lines := wire.NewCSV(textColumns(3)), wire.Lines{}
	block := []byte("abc,2.5,2024-05-01T12:00:00Z\n1,2,2024-05-01T12:00:00.5Z\n")
	allocs := testing.AllocsPerRun(1000, func() {
		decodeBid(&d, line, &bid)
		buf = appendBid(buf[:0], &bid, &f)
		for rows.Reset(block, nil, 1); rows.Next(); {
			_, _, _ = rows.String(0), rows.Float(1), rows.Timestamp(2)
		}
		for lines.Reset(block, 1); lines.Next(); {
			_ = lines.Raw()
		}
	})
	if allocs != 0 || d.Err() != nil || rows.Err() != nil {
		t.Errorf("decoding and encoding allocates %v times, want 0 (%v, %v)", allocs, d.Err(), rows.Err())
	}
}

// TestNumbersEqualEncodingJSON reads and writes random numbers of all sizes.
func TestNumbersEqualEncodingJSON(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	var f value.Fault
	for range 40_000 {
		x := randomFloat(rng)
		checkJSON(t, x, wire.AppendFloat(nil, x, &f, 0))
		checkJSON(t, float32(x), wire.AppendFloat32(nil, float32(x), &f, 0))
		n := int64(rng.Uint64()) >> rng.UintN(64)
		checkJSON(t, n, wire.AppendInt(nil, n))
		for _, text := range []string{value.FormatFloat(x), strconv.FormatFloat(x, 'f', rng.IntN(12), 64), strconv.FormatFloat(x, 'e', rng.IntN(20), 64)} {
			want, _ := strconv.ParseFloat(text, 64)
			var d wire.Dec
			if d.Reset([]byte(text + ",")); math.Float64bits(d.Float()) != math.Float64bits(want) {
				t.Fatalf("Float of %s is not %v", text, want)
			}
			want32, err := strconv.ParseFloat(text, 32)
			if d.Reset([]byte(text + ",       ")); err == nil && d.Float32() != float32(want32) {
				t.Fatalf("Float32 of %s is not %v", text, want32)
			}
		}
		var d wire.Dec
		if d.Reset(wire.AppendInt(nil, n)); d.Int() != n || !d.End() {
			t.Fatalf("Int of %d: %v", n, d.Err())
		}
		if d.Reset(append(wire.AppendInt(nil, n), ",       "...)); d.Int() != n || d.Err() != nil {
			t.Fatalf("Int of %d before more: %v", n, d.Err())
		}
	}
}

// randomFloat returns prices, whole numbers, and any bits that are a number.
func randomFloat(rng *rand.Rand) float64 {
	switch rng.IntN(4) {
	case 0:
		return float64(rng.Int64N(1e12)-5e11) / 100
	case 1:
		return float64(rng.Int64N(1e18)) / math.Pow10(rng.IntN(24))
	case 2:
		return float64(int64(rng.Uint64()) >> rng.UintN(64))
	}
	for {
		if x := math.Float64frombits(rng.Uint64()); !math.IsNaN(x) && math.Abs(x) < 1e300 {
			return float64(x)
		}
	}
}

func checkJSON(t *testing.T, x any, got []byte) {
	t.Helper()
	if f, ok := x.(float32); ok && math.IsInf(float64(f), 0) {
		return
	}
	if want, err := json.Marshal(x); err != nil || !bytes.Equal(want, got) {
		t.Fatalf("text of %v (%T) = %s, want %s", x, x, got, want)
	}
}

func TestAppendFloatRefusesWhatJSONLacks(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		x    float64
		want string
	}{{math.NaN(), "NaN cannot be written as JSON"}, {math.Inf(-1), "an infinite number cannot be written as JSON"}} {
		var f value.Fault
		got := wire.AppendFloat(nil, tt.x, &f, 7)
		wire.AppendFloat32(nil, float32(tt.x), &f, 8)
		if reason, at := f.Take(); reason != tt.want || at != 7 || string(got) != "null" {
			t.Errorf("AppendFloat(%v) = %s, %q at %d, want %q", tt.x, got, reason, at, tt.want)
		}
	}
}

// FuzzAppendString holds strings to encoding/json, there and back.
func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "plain text", "<&>", "\"\\\b\f\n\r\t\x00\x1f\x7f", "\u2028\u2029", "café 😀", "\xff\xed\xa0\x80", "12345678\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var want bytes.Buffer
		enc := json.NewEncoder(&want)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(s); err != nil {
			t.Fatal(err)
		}
		got := wire.AppendString(nil, s)
		if string(got)+"\n" != want.String() {
			t.Fatalf("AppendString(%q) = %s, want %s", s, got, want.String())
		}
		var d wire.Dec
		d.Reset(got)
		if back := d.String(); back != strings.ToValidUTF8(s, "\ufffd") && utf8.ValidString(s) || !d.End() {
			t.Fatalf("%s reads back as %q: %v", got, back, d.Err())
		}
	})
}

// FuzzDec holds the decoder to encoding/json: it takes what that takes, save for
// the depth, invalid UTF-8 and lone surrogates, and reads the same values.
func FuzzDec(f *testing.F) {
	for _, seed := range []string{
		`{"f":1}`, ` { "a" : [ 1.5e3 , null ] , "b" : "\u00e9\ud83d\ude00" } `, `{"f":1,"f":2}`, `[]`, `{}`, `"x`, `-0.0e-1`, `[1,]`, `{"a":}`, `tru`, `"\ud83d"`, "\"\xff\"", "{\"\\\xb0\"",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		var d wire.Dec
		d.Reset(line)
		raw := d.Raw()
		ok := d.End()
		if ok && !json.Valid(line) {
			t.Fatalf("%q is taken, but is no JSON", line)
		}
		if !ok {
			if json.Valid(line) && !explained(line, d.Err()) {
				t.Fatalf("%q is JSON, but refused: %v", line, d.Err())
			}
			if r := d.Err().Reason; !utf8.ValidString(r) || len(r) > 5000 || d.Err().Offset > len(line) {
				t.Fatalf("%q: bad reason %q at %d", line, r, d.Err().Offset)
			}
			return
		}
		if strings.TrimSpace(string(line)) != string(raw) {
			t.Fatalf("Raw of %q = %q", line, raw)
		}
		var want any
		dec := json.NewDecoder(bytes.NewReader(line))
		dec.UseNumber()
		if err := dec.Decode(&want); err != nil {
			t.Fatal(err)
		}
		d.Reset(line)
		if diff := cmp.Diff(want, anyValue(&d, line)); diff != "" || !d.End() {
			t.Fatalf("%q: %v (-want +got):\n%s", line, d.Err(), diff)
		}
	})
}

// explained reports whether err is one of the ways in which the decoder is
// stricter than encoding/json.
func explained(line []byte, err *wire.Malformed) bool {
	return strings.HasSuffix(err.Reason, "nested deeper than 64") ||
		strings.HasPrefix(err.Reason, "invalid UTF-8") && !utf8.Valid(line) ||
		strings.HasPrefix(err.Reason, "invalid escape") && bytes.Contains(bytes.ToLower(line), []byte(`\ud`))
}

// anyValue reads any value as encoding/json does with UseNumber.
func anyValue(d *wire.Dec, line []byte) any {
	switch rest := strings.TrimLeft(string(line[d.Pos():]), " \t\r\n"); rest[0] {
	case '{':
		object := map[string]any{}
		d.BeginObject()
		for !d.EndObject() {
			name, ok := d.NextKey()
			if !ok {
				break
			}
			key := string(name)
			object[key] = anyValue(d, line)
		}
		return object
	case '[':
		list := []any{}
		d.BeginList()
		for d.NextElem() {
			list = append(list, anyValue(d, line))
		}
		return list
	case '"':
		return d.String()
	case 't', 'f':
		return d.Bool()
	case 'n':
		d.Null()
		return nil
	}
	return json.Number(d.Number())
}

func TestJSONPaths(t *testing.T) {
	t.Parallel()
	const text = ` {"a":{"b":[10,{"c":"x\ty"},[true]],"n":null},"":1, "d" : 2.5} `
	tests := []struct{ path, want string }{
		{"", `{"a":{"b":[10,{"c":"x\ty"},[true]],"n":null},"":1, "d" : 2.5}`},
		{"a.b[0]", "10"},
		{"a.b[1].c", `"x\ty"`},
		{"a.b[2][0]", "true"},
		{"a.n", "null"},
		{"d", "2.5"},
		{"a.b[3]", "none"},
		{"a.b[-1]", "none"},
		{"a.b[x]", "none"},
		{"a.b.c", "none"},
		{"a[0]", "none"},
		{"d.e", "none"},
		{".a", "none"},
		{"a..b", "none"},
		{"a.", "none"},
		{"a.b[0", "none"},
		{"a.b[0]c", "none"},
	}
	for _, tt := range tests {
		got := "none"
		if j := wire.At(text, tt.path); j.OK {
			got = string(j.V)
		}
		if got != tt.want {
			t.Errorf("At(%q) = %s, want %s", tt.path, got, tt.want)
		}
	}
	got := []any{
		wire.AsInt("10"), wire.AsInt("1.5"), wire.AsInt(`"1"`), wire.AsFloat("10"), wire.AsFloat("null"), wire.AsString(`"x\ty"`), wire.AsString("1"),
		wire.AsBool("true"), wire.AsBool("0"), wire.AsList("[1, {}]"), wire.AsList("[]"), wire.AsList("{}"),
	}
	want := []any{
		value.Some(int64(10)), value.Option[int64]{}, value.Option[int64]{}, value.Some(10.0), value.Option[float64]{}, value.Some("x\ty"), value.Option[string]{},
		value.Some(true), value.Option[bool]{}, value.Some([]value.JSON{"1", "{}"}), value.Some([]value.JSON(nil)), value.Option[[]value.JSON]{},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("As… (-want +got):\n%s", diff)
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	var l wire.Lines
	var got []string
	for l.Reset([]byte("a\r\n\n \t\n b\nc"), 7); l.Next(); {
		got = append(got, fmt.Sprintf("%d:%s", l.Line(), l.Raw()))
	}
	if diff := cmp.Diff([]string{"7:a", "10: b", "11:c"}, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	for _, tt := range []struct {
		block string
		eof   bool
		want  int
	}{{"a\nb", false, 2}, {"a\nb", true, 3}, {"ab", false, 0}, {"", true, 0}} {
		if got := wire.LastLine([]byte(tt.block), tt.eof); got != tt.want {
			t.Errorf("LastLine(%q, %t) = %d, want %d", tt.block, tt.eof, got, tt.want)
		}
	}
}

// TestAppendDecimal writes all digits of the scale.
func TestAppendDecimal(t *testing.T) {
	t.Parallel()
	for scale, want := range []string{"-1250", "-125.0", "-12.50", "-1.250", "-0.1250", "-0.01250"} {
		if got := string(wire.AppendDecimal(nil, value.DecimalOf(-1250), scale)); got != want {
			t.Errorf("AppendDecimal(-1250 units, %d) = %s, want %s", scale, got, want)
		}
	}
}
