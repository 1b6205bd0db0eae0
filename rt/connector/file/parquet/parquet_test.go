package parquet_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	library "github.com/parquet-go/parquet-go"

	"github.com/flow-lang/flowc/rt/avro"
	"github.com/flow-lang/flowc/rt/connector/file/parquet"
	"github.com/flow-lang/flowc/rt/schema"
)

func of(shape schema.TypeName) schema.Type { return schema.Type{Shape: shape} }

func with(shape schema.TypeName, elem schema.Type) schema.Type {
	return schema.Type{Shape: shape, Elem: &elem}
}

func record(name string, fields ...schema.Field) schema.Type {
	return schema.Type{Shape: schema.Record, Name: name, Fields: fields}
}

func mapOf(key, elem schema.Type) schema.Type {
	return schema.Type{Shape: schema.MapOf, Key: &key, Elem: &elem}
}

// all has a field of each shape, and shapes within shapes.
func all() schema.Type {
	num, str := of(schema.Int), of(schema.String)
	amount := schema.Type{Shape: schema.Decimal, Precision: 38, Scale: 2}
	level := schema.Type{Shape: schema.Enum, Name: "Level", Symbols: []schema.Symbol{{Name: "low"}, {Name: "high"}}}
	bid := record("Bid", schema.Field{Name: "price", Type: num}, schema.Field{Name: "by", Type: with(schema.Option, str)})
	event := schema.Type{Shape: schema.Union, Name: "Event", Members: []schema.Type{bid, record("Off")}}
	row := record("Row")
	for _, f := range []struct {
		name string
		t    schema.Type
	}{
		{"yes", of(schema.Bool)},
		{"small", of(schema.Int32)},
		{"num", num},
		{"half", of(schema.Float32)},
		{"double", of(schema.Float)},
		{"text", str},
		{"raw", of(schema.Bytes)},
		{"at", of(schema.Timestamp)},
		{"wait", of(schema.Duration)},
		{"day", of(schema.Date)},
		{"id", of(schema.UUID)},
		{"doc", of(schema.JSON)},
		{"amount", amount},
		{"maybe", with(schema.Option, num)},
		{"twice", with(schema.Option, with(schema.Option, num))},
		{"list", with(schema.ListOf, with(schema.Option, str))},
		{"lists", with(schema.ListOf, with(schema.ListOf, num))},
		{"set", with(schema.SetOf, level)},
		{"map", mapOf(str, with(schema.ListOf, bid))},
		{"days", mapOf(of(schema.Date), amount)},
		{"maps", with(schema.Option, mapOf(str, mapOf(str, num)))},
		{"event", event},
		{"events", with(schema.ListOf, with(schema.Option, event))},
		{"none", with(schema.ListOf, record("Off"))},
	} {
		row.Fields = append(row.Fields, schema.Field{Name: f.name, Type: f.t})
	}
	return row
}

// full and empty are values of it.
var full, empty = `{"yes":true,"small":-7,"num":9223372036854775807,"half":0.5,"double":"NaN","text":"a\"ü","raw":"AAH/",
	"at":"9999-12-31T23:59:59.999999Z","wait":"1s","day":"0001-01-01","id":"00112233-4455-6677-8899-aabbccddeeff","doc":{"a":[1,2.50]},
	"amount":-123456789012345678901234567890123456.78,"maybe":3,"twice":4,"list":["a",null,"b"],"lists":[[1,2],[],[3]],"set":["low","high"],
	"map":{"k":[{"price":1,"by":"x"},{"price":2,"by":null}],"l":[]},"days":[["2024-05-01",1.00]],"maps":{"a":{"b":1,"c":2},"d":{}},
	"event":{"$type":"Bid","price":5,"by":null},"events":[{"$type":"Off"},null,{"$type":"Bid","price":6,"by":"y"}],"none":[{},{}]}`,
	`{"yes":false,"small":0,"num":0,"half":0,"double":0,"text":"","raw":"","at":"1970-01-01T00:00:00Z","wait":"0s","day":"1970-01-01",
	"id":"00000000-0000-0000-0000-000000000000","doc":null,"amount":0.00,"maybe":null,"twice":null,"list":[],"lists":[],"set":[],"map":{},"days":[],
	"maps":null,"event":{"$type":"Off"},"events":[],"none":[]}`

func fileOf(t *testing.T, row schema.Type, values ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := parquet.NewWriter(&out, &row)
	for _, v := range values {
		b, err := avro.FromJSON(nil, &row, []byte(v))
		if err == nil {
			err = w.Write(b)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestRows reads rows of all shapes back, as the library understands them.
func TestRows(t *testing.T) {
	t.Parallel()
	data := fileOf(t, all(), full, empty, full)
	f, err := library.OpenFile(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	if f.NumRows() != 3 {
		t.Errorf("%d rows, want 3", f.NumRows())
	}
	rows := f.RowGroups()[0].Rows()
	defer rows.Close()
	got := make([]library.Row, 3)
	if n, err := rows.ReadRows(got); n != 3 {
		t.Fatalf("%d rows are read, %v", n, err)
	}
	if a, b := fmt.Sprint(got[0]), fmt.Sprint(got[2]); a != b || !strings.Contains(a, "9223372036854775807") {
		t.Errorf("the same row comes back as\n%s\n%s", a, b)
	}
}

// TestBrokenRows: what is no row is an error, and no panic.
func TestBrokenRows(t *testing.T) {
	t.Parallel()
	row := all()
	whole, err := avro.FromJSON(nil, &row, []byte(full))
	if err != nil {
		t.Fatal(err)
	}
	for n := range whole {
		if err := parquet.NewWriter(&bytes.Buffer{}, &row).Write(whole[:n]); err == nil {
			t.Errorf("the first %d of %d bytes are a row", n, len(whole))
		}
	}
}

// TestAnotherLibrary has pyarrow, the library of Python, read rows of all shapes.
func TestAnotherLibrary(t *testing.T) {
	t.Parallel()
	needsPyarrow(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "all.parquet"), fileOf(t, all(), full, empty), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("python3", "-c", `
import pyarrow.parquet, datetime, decimal, math
a, b = pyarrow.parquet.read_table("all.parquet", coerce_int96_timestamp_unit="us").to_pylist()
off = {"empty": True}
want = {
  "yes": True, "small": -7, "num": 9223372036854775807, "half": 0.5, "text": 'a"ü', "raw": b"\x00\x01\xff",
  "at": datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.timezone.utc), "wait": 1000000,
  "day": datetime.date(1, 1, 1), "doc": '{"a":[1,2.50]}', "amount": decimal.Decimal("-123456789012345678901234567890123456.78"),
  "maybe": 3, "twice": {"value": 4}, "list": ["a", None, "b"], "lists": [[1, 2], [], [3]], "set": ["low", "high"],
  "map": [("k", [{"by": "x", "price": 1}, {"by": None, "price": 2}]), ("l", [])],
  "days": [(datetime.date(2024, 5, 1), decimal.Decimal("1.00"))], "maps": [("a", [("b", 1), ("c", 2)]), ("d", [])],
  "event": {"Bid": {"by": None, "price": 5}, "Off": None},
  "events": [{"Bid": None, "Off": off}, None, {"Bid": {"by": "y", "price": 6}, "Off": None}], "none": [off, off],
}
for name, value in want.items():
  assert a[name] == value, (name, a[name], value)
assert math.isnan(a["double"])
assert str(a["id"]) in ("00112233-4455-6677-8899-aabbccddeeff", repr(bytes.fromhex("00112233445566778899aabbccddeeff"))), a["id"]
none = {"maybe": None, "twice": None, "list": [], "lists": [], "map": [], "maps": None, "event": {"Bid": None, "Off": off}, "events": [], "none": []}
for name, value in none.items():
  assert b[name] == value, (name, b[name], value)
`)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// needsPyarrow skips a test where the library of Python is not there, unless it has
// to be.
func needsPyarrow(t *testing.T) {
	t.Helper()
	if out, err := exec.Command("python3", "-c", "import pyarrow").CombinedOutput(); err != nil {
		if os.Getenv("CI_NEEDS_PYARROW") != "" {
			t.Fatalf("python3 with pyarrow is missing (pip install pyarrow): %v\n%s", err, out)
		}
		t.Skip("python3 with pyarrow is missing, which other files of Parquet are written and read with: pip install pyarrow")
	}
}
