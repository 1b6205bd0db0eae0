package avro_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/flow-lang/flowc/rt/avro"
	"github.com/flow-lang/flowc/rt/schema"
)

// fileOf is a file of values given as JSON.
func fileOf(tb testing.TB, t *schema.Type, rows []string) []byte {
	tb.Helper()
	text, err := avro.Schema(t, "Value")
	if err != nil {
		tb.Fatal(err)
	}
	var out bytes.Buffer
	w, err := avro.NewWriter(&out, text, avro.Property{Name: "flow.test", Value: "yes"})
	if err != nil {
		tb.Fatal(err)
	}
	for _, row := range rows {
		b, err := avro.FromJSON(w.Room(), t, []byte(row))
		if err != nil {
			tb.Fatal(err)
		}
		if err := w.Value(b); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

// rowsOf reads them back.
func rowsOf(t *schema.Type, data []byte) (rows []string, err error) {
	f, err := avro.NewFile(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	for {
		r, err := f.Next()
		if r == nil || err != nil {
			return rows, err
		}
		row := string(avro.AppendJSON(nil, t, r))
		if r.Failed() {
			return rows, r.Close()
		}
		rows = append(rows, row)
	}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	row := record("Row", field("n", num), field("text", str))
	var rows []string
	for i := range 20000 {
		rows = append(rows, fmt.Sprintf(`{"n":%d,"text":"%s"}`, i, strings.Repeat("x", i%50)))
	}
	data := fileOf(t, &row, rows)
	if again := fileOf(t, &row, rows); !bytes.Equal(data, again) {
		t.Error("the same values make different files")
	}
	got, err := rowsOf(&row, data)
	if err != nil || strings.Join(got, "\n") != strings.Join(rows, "\n") {
		t.Fatalf("%d of %d rows come back, %v", len(got), len(rows), err)
	}
	// At some lengths the file is cut between two blocks, which the marker does
	// not tell; who needs to know keeps the length.
	for n := 0; n < len(data); n += 101 {
		if got, err := rowsOf(&row, data[:n]); err == nil && len(got) == len(rows) {
			t.Errorf("a file cut to %d of %d bytes has all rows", n, len(data))
		}
	}
	small := fileOf(t, &row, rows[:50])
	want, _ := rowsOf(&row, small)
	for i := range small {
		broken := bytes.Clone(small)
		broken[i] ^= 0x10
		got, err := rowsOf(&row, broken) // must not panic; bits of a name may go unseen
		if err == nil && len(got) > len(want) {
			t.Errorf("a bit flipped in byte %d gives %d rows of %d", i, len(got), len(want))
		}
	}
	if _, err := avro.NewFile(strings.NewReader("PAR1")); !errors.Is(err, avro.ErrBroken) {
		t.Errorf("another file: %v", err)
	}
}

// TestAnotherLibrary has fastavro, the library of Python, read files of all types.
func TestAnotherLibrary(t *testing.T) {
	t.Parallel()
	if out, err := exec.Command("python3", "-c", "import fastavro").CombinedOutput(); err != nil {
		if os.Getenv("CI_NEEDS_FASTAVRO") != "" {
			t.Fatalf("python3 with fastavro is missing (pip install fastavro): %v\n%s", err, out)
		}
		t.Skip("python3 with fastavro is missing, so that no other library reads our files here: pip install fastavro")
	}
	dir := t.TempDir()
	all := schema.Type{Shape: schema.Record, Name: "w.All<int>"}
	row := "{"
	for i, v := range values {
		all.Fields = append(all.Fields, field(strings.ReplaceAll(v.name, " ", "-"), v.t))
		if i > 0 {
			row += ","
		}
		row += fmt.Sprintf("%q:%s", all.Fields[i].Name, v.json[len(v.json)-1])
	}
	write(t, filepath.Join(dir, "all.avro"), fileOf(t, &all, []string{row + "}"}))
	n := record("Row", field("n", num))
	var rows []string
	for i := range 100000 {
		rows = append(rows, fmt.Sprintf(`{"n":%d}`, i))
	}
	write(t, filepath.Join(dir, "many.avro"), fileOf(t, &n, rows))
	cmd := exec.Command("python3", "-c", `
import fastavro, datetime, decimal, uuid
row, = fastavro.reader(open("all.avro", "rb"))
assert row["int"] == 9223372036854775807, row
assert row["float32"] == float("inf"), row
assert row["string"] == 'a"b\\ü\n', row
assert row["bytes"] == b"\x00\x01\xff", row
assert row["timestamp"] == datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.timezone.utc), row
assert row["date"] == datetime.date(9999, 12, 31), row
assert row["decimal"] == decimal.Decimal("9999999999999999.99"), row
assert row["list"] == ["a", None, "b"], row
assert row["map"] == {"a": [1], "b": []}, row
assert row["map_of_pairs"][1]["value"] == decimal.Decimal("2.00"), row
assert row["enum"] == "high", row
assert row["record"] == {"price": -3, "by": None}, row
assert row["union"] == {}, row
assert row["option_of_a_union"] == {"value": {}}, row
assert row["accumulator"] == {"n": {"n": 3}, "most": {"most": None}}, row
assert str(row["uuid"]) in ("00112233-4455-6677-8899-aabbccddeeff", repr(bytes.fromhex("00112233445566778899aabbccddeeff"))), row
many = [r["n"] for r in fastavro.reader(open("many.avro", "rb"))]
assert many == list(range(100000))
`)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

func write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func FuzzFile(f *testing.F) {
	t := record("Row", field("n", num), field("e", some(event)))
	f.Add(fileOf(f, &t, []string{`{"n":1,"e":null}`, `{"n":2,"e":{"$type":"Off"}}`}))
	f.Fuzz(func(_ *testing.T, data []byte) { _, _ = rowsOf(&t, data) })
}

func FuzzValue(f *testing.F) {
	for i := range values {
		for _, text := range values[i].json {
			b, err := avro.FromJSON(nil, &values[i].t, []byte(text))
			if err != nil {
				f.Fatal(err)
			}
			f.Add(uint8(i), b)
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, data []byte) {
		typ := &values[int(which)%len(values)].t
		r := avro.NewReader(data)
		text := avro.AppendJSON(nil, typ, r)
		if r.Close() != nil {
			return
		}
		r.Reset(data)
		if raw := r.Raw(typ); !bytes.Equal(raw, data) {
			t.Errorf("Raw gives %x of %x", raw, data)
		}
		back, err := avro.FromJSON(nil, typ, text)
		if err != nil {
			return // a set or a map in which a key comes twice
		}
		r.Reset(back)
		if again := avro.AppendJSON(nil, typ, r); r.Close() != nil && !bytes.Equal(text, again) {
			t.Errorf("%s comes back as %s", text, again)
		}
	})
}
