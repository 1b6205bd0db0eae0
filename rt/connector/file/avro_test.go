package file_test

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/avro"
	"github.com/flow-lang/flowc/rt/connector/file"
	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/vfs"
)

// visits is a format whose field user is "who" in JSON.
var visits = file.Avro(visit("user"), visit("who"))

func visit(user string) *schema.Type {
	return &schema.Type{Shape: schema.Record, Name: "Visit", Fields: []schema.Field{
		{Name: user, Type: schema.Type{Shape: schema.String}}, {Name: "n", Type: schema.Type{Shape: schema.Int}},
	}}
}

func contents(t *testing.T, fs vfs.FS, path string) []byte {
	t.Helper()
	f, err := fs.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestAvro writes files, cuts one back and goes on with it, and reads them.
func TestAvro(t *testing.T) {
	fs := vfs.NewMem()
	e := env(fs)
	e.Run = "run"
	sink := file.Sink{Path: "out.avro", Format: visits}
	open := func(from *rt.Recovery) rt.Writer {
		t.Helper()
		w, err := sink.Open(env(fs), from)
		if err != nil {
			t.Fatal(err)
		}
		return w[0]
	}
	put := func(w rt.Writer, rows ...string) {
		t.Helper()
		if err := w.Write([]byte(strings.Join(rows, "\n") + "\n")); err != nil {
			t.Fatal(err)
		}
	}
	ws, err := sink.Open(e, nil)
	if err != nil {
		t.Fatal(err)
	}
	put(ws[0], `{"who":"a","n":1}`, `{"who":"b","n":2}`)
	state, err := ws[0].Prepare(1)
	if err != nil {
		t.Fatal(err)
	}
	put(ws[0], `{"who":"lost","n":3}`)
	if err := ws[0].Close(); err != nil {
		t.Fatal(err)
	}

	w := open(&rt.Recovery{Epoch: 1, States: [][]byte{state}})
	put(w, `{"who":"c","n":4}`)
	if err := end(w); err != nil {
		t.Fatal(err)
	}
	want := []string{`{"who":"a","n":1}`, `{"who":"b","n":2}`, `{"who":"c","n":4}`}
	readers, err := file.Source{Path: "out.avro", Format: visits}.Open(env(fs), nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &rt.Block{Bytes: make([]byte, 0, 36)}
	if err := readers[0].Read(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	got := strings.Fields(string(b.Bytes))
	at, err := json.Marshal(readers[0].Position())
	if err != nil {
		t.Fatal(err)
	}
	readers, err = file.Source{Path: "out.avro", Format: visits}.Open(env(fs), []json.RawMessage{at})
	if err != nil {
		t.Fatal(err)
	}
	b = &rt.Block{Bytes: make([]byte, 0, 1000)}
	if err := readers[0].Read(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, append(got, strings.Fields(string(b.Bytes))...)); d != "" {
		t.Error(d)
	}
	f, err := avro.NewFile(bytes.NewReader(contents(t, fs, "out.avro")))
	if err != nil {
		t.Fatal(err)
	}
	if s := f.Property("avro.schema"); !strings.Contains(s, `"name":"user"`) {
		t.Errorf("the schema %s has not the names of the program", s)
	}
}

// TestAvroEmpty writes a file without rows, which has a schema still.
func TestAvroEmpty(t *testing.T) {
	fs := vfs.NewMem()
	w, err := file.Sink{Path: "out.avro", Format: visits}.Open(env(fs), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := end(w[0]); err != nil {
		t.Fatal(err)
	}
	if _, err := avro.NewFile(bytes.NewReader(contents(t, fs, "out.avro"))); err != nil {
		t.Error(err)
	}
}

// TestAvroBroken reads files that are none, or are damaged.
func TestAvroBroken(t *testing.T) {
	var whole bytes.Buffer
	w, err := avro.NewWriter(&whole, `{"type":"record","name":"Visit","fields":[{"name":"user","type":"string"},{"name":"n","type":"long"}]}`)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Value(avro.AppendInt(avro.AppendString(w.Room(), "ada"), 1)); err != nil {
		t.Fatal(err)
	}
	if err := w.Value(append(w.Room(), 2, 'x')); err != nil { // a value that is cut off
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	fs := write(t, map[string]string{
		"text.avro": "no avro", "cut.avro": whole.String()[:60], "value.avro": whole.String(), "packed.avro.gz": "x", "empty.avro": "",
	})
	for path, want := range map[string]string{
		"text.avro":      `text.avro: the file is no whole Avro file: it does not begin with "Obj\x01"`,
		"cut.avro":       "cut.avro: the file is no whole Avro file: it ends within its header",
		"value.avro":     "value.avro: record 2: byte 7: the value ends within a number",
		"packed.avro.gz": "packed.avro.gz: avro files are packed by themselves: take .gz off the name",
		"empty.avro":     "",
	} {
		rows, err := read(t.Context(), file.Source{Path: path, Format: visits}, env(fs))
		if err == nil && want != "" || err != nil && err.Error() != want {
			t.Errorf("%s: %v, want %s (rows %v)", path, err, want, rows)
		}
	}
}
