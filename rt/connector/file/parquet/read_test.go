package parquet_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	library "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"

	"github.com/flow-lang/flowc/rt/avro"
	"github.com/flow-lang/flowc/rt/connector/file/parquet"
	"github.com/flow-lang/flowc/rt/schema"
)

// lines reads the rows of a file as a decoder of type t wants them.
func lines(t *testing.T, data []byte, typ schema.Type) []string {
	t.Helper()
	r, err := parquet.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for {
		row, err := r.Next(nil)
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		in := avro.NewReader(row)
		text := r.Schema().AppendJSON(nil, in, &typ, &typ)
		if err := in.Close(); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		rows = append(rows, string(text))
	}
}

func same(t *testing.T, got, want string) {
	t.Helper()
	var a, b any
	if err := errors.Join(json.Unmarshal([]byte(got), &a), json.Unmarshal([]byte(want), &b)); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(b, a); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

// TestThereAndBack reads what the package writes.
func TestThereAndBack(t *testing.T) {
	t.Parallel()
	row := all()
	// JSON has no options of options.
	row.Fields = append(row.Fields[:14:14], row.Fields[15:]...)
	plain := func(text string) string {
		return strings.Replace(strings.Replace(text, `"twice":4,`, "", 1), `"twice":null,`, "", 1)
	}
	var values, want []string
	for i := range 200 { // more than the library gives at once
		value := plain(full)
		if i%3 == 0 {
			value = plain(empty)
		}
		values, want = append(values, value), append(want, value)
	}
	got := lines(t, fileOf(t, row, values...), row)
	if len(got) != len(want) {
		t.Fatalf("%d rows, want %d", len(got), len(want))
	}
	for i := range got {
		same(t, got[i], want[i])
	}
}

// TestForeign reads a file with the types that others use.
func TestForeign(t *testing.T) {
	t.Parallel()
	list := library.Group{"bag": library.Repeated(library.Group{"array_element": library.Optional(library.Int(32))})}
	described := library.NewSchema("spark", library.Group{
		"millis":  library.Timestamp(library.Millisecond),
		"nanos":   library.Timestamp(library.Nanosecond),
		"old":     library.Leaf(library.Int96Type),
		"cents":   library.Decimal(2, 9, library.Int32Type),
		"grands":  library.Decimal(1, 18, library.Int64Type),
		"big":     library.Uint(64),
		"medium":  library.Uint(32),
		"kind":    library.Enum(),
		"plain":   library.Repeated(library.Leaf(library.Int64Type)),
		"bag":     library.Optional(list),
		"ignored": library.Map(library.String(), library.Optional(library.Int(8))),
	})
	var out bytes.Buffer
	w := library.NewGenericWriter[any](&out, described)
	column := func(path ...string) int {
		at, ok := described.Lookup(path...)
		if !ok {
			t.Fatalf("no column %q", path)
		}
		return at.ColumnIndex
	}
	values := []library.Value{
		library.Int64Value(-1).Level(0, 0, column("millis")),
		library.Int64Value(-1).Level(0, 0, column("nanos")),
		library.Int96Value(deprecated.Int96{1000, 0, 2440589}).Level(0, 0, column("old")),
		library.Int32Value(-1234).Level(0, 0, column("cents")),
		library.Int64Value(5).Level(0, 0, column("grands")),
		library.Int64Value(7).Level(0, 0, column("big")),
		library.Int32Value(-1).Level(0, 0, column("medium")),
		library.ByteArrayValue([]byte("LOW")).Level(0, 0, column("kind")),
		library.Int64Value(1).Level(0, 1, column("plain")),
		library.Int64Value(2).Level(1, 1, column("plain")),
		library.Int32Value(3).Level(0, 3, column("bag", "bag", "array_element")),
		library.NullValue().Level(1, 2, column("bag", "bag", "array_element")),
		library.NullValue().Level(0, 0, column("ignored", "key_value", "key")),
		library.NullValue().Level(0, 0, column("ignored", "key_value", "value")),
	}
	var row library.Row
	for c := range described.Columns() {
		for _, v := range values {
			if v.Column() == c {
				row = append(row, v)
			}
		}
	}
	if _, err := w.WriteRows([]library.Row{row}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	got := lines(t, out.Bytes(), record("Row",
		schema.Field{Name: "millis", Type: of(schema.Timestamp)}, schema.Field{Name: "nanos", Type: of(schema.Timestamp)},
		schema.Field{Name: "old", Type: of(schema.Timestamp)},
		schema.Field{Name: "cents", Type: of(schema.Decimal)}, schema.Field{Name: "grands", Type: of(schema.Decimal)},
		schema.Field{Name: "big", Type: of(schema.Int)}, schema.Field{Name: "medium", Type: of(schema.Int)},
		schema.Field{Name: "kind", Type: schema.Type{Shape: schema.Enum, Symbols: []schema.Symbol{{Name: "low", Was: []string{"LOW"}}}}},
		schema.Field{Name: "plain", Type: with(schema.ListOf, of(schema.Int))},
		schema.Field{Name: "bags", Was: []string{"bag"}, Type: of(schema.JSON)},
	))
	same(t, strings.Join(got, "\n"), `{"millis":"1969-12-31T23:59:59.999Z","nanos":"1969-12-31T23:59:59.999999Z","old":"1970-01-02T00:00:00.000001Z",
		"cents":-12.34,"grands":0.5,"big":7,"medium":4294967295,"kind":"low","plain":[1,2],"bags":{"bag":[{"array_element":3},{"array_element":null}]}}`)
}

// TestDamaged reads files of which something is missing or changed: an error or
// rows, never a panic.
func TestDamaged(t *testing.T) {
	t.Parallel()
	data := fileOf(t, all(), full, empty)
	for _, n := range []int{0, 3, 8, len(data) / 2, len(data) - 1} {
		if _, err := parquet.NewReader(bytes.NewReader(data[:n]), int64(n)); err == nil {
			t.Errorf("the first %d of %d bytes are a file", n, len(data))
		}
	}
	for at := 0; at < len(data); at += 7 {
		bad := bytes.Clone(data)
		bad[at] ^= 0x55
		r, err := parquet.NewReader(bytes.NewReader(bad), int64(len(bad)))
		for range 10 {
			if err != nil {
				break
			}
			_, err = r.Next(nil)
		}
	}
}

// TestOthersWrite reads what pyarrow writes.
func TestOthersWrite(t *testing.T) {
	t.Parallel()
	needsPyarrow(t)
	dir := t.TempDir()
	cmd := exec.Command("python3", "-c", `
import pyarrow as pa, pyarrow.parquet as pq, datetime, decimal
rows = [{"id": i, "name": None if i % 2 else "n%d" % i, "at": datetime.datetime(2024, 5, 1, 12, 0, 0, i, tzinfo=datetime.timezone.utc),
  "day": datetime.date(2024, 5, 1), "price": decimal.Decimal("1.25"), "tags": ["a", None] if i else [], "m": [("k", i)], "p": {"x": i}, "raw": b"\x00"} for i in range(300)]
t = pa.Table.from_pylist(rows, schema=pa.schema([("id", pa.int32()), ("name", pa.string()), ("at", pa.timestamp("us", "UTC")), ("day", pa.date32()),
  ("price", pa.decimal128(10, 2)), ("tags", pa.list_(pa.string())), ("m", pa.map_(pa.string(), pa.int64())), ("p", pa.struct([("x", pa.float32())])), ("raw", pa.binary())]))
pq.write_table(t, "a.parquet", row_group_size=70)
`)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	data, err := os.ReadFile(filepath.Join(dir, "a.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	got := lines(t, data, record("Row",
		schema.Field{Name: "id", Type: of(schema.Int)}, schema.Field{Name: "name", Type: with(schema.Option, of(schema.String))},
		schema.Field{Name: "at", Type: of(schema.Timestamp)}, schema.Field{Name: "day", Type: of(schema.Date)},
		schema.Field{Name: "price", Type: of(schema.Decimal)}, schema.Field{Name: "tags", Type: of(schema.JSON)},
		schema.Field{Name: "m", Type: mapOf(of(schema.String), of(schema.Int))},
		schema.Field{Name: "p", Type: record("P", schema.Field{Name: "x", Type: of(schema.Float32)})}, schema.Field{Name: "raw", Type: of(schema.Bytes)}))
	if len(got) != 300 {
		t.Fatalf("%d rows, want 300", len(got))
	}
	for i, row := range got {
		name, tags, micros := fmt.Sprintf(`"n%d"`, i), `["a",null]`, ""
		if i%2 == 1 {
			name = "null"
		}
		if i == 0 {
			tags = "[]"
		} else {
			micros = strings.TrimRight(fmt.Sprintf(".%06d", i), "0")
		}
		same(t, row, fmt.Sprintf(`{"id":%d,"name":%s,"at":"2024-05-01T12:00:00%sZ","day":"2024-05-01","price":1.25,"tags":%s,"m":{"k":%d},"p":{"x":%d},"raw":"AA=="}`,
			i, name, micros, tags, i, i))
	}
}
