package zst_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/connector/file"
	_ "github.com/flow-lang/flowc/rt/connector/file/zst"
	"github.com/flow-lang/flowc/rt/value"
	"github.com/flow-lang/flowc/rt/vfs"
)

func env(fs vfs.FS) *rt.Env {
	return &rt.Env{FS: fs, Now: func() value.Timestamp { return 0 }, Parallelism: 1, BlockSize: 64, Run: "run"}
}

func put(t *testing.T, fs vfs.FS, path, text string) {
	t.Helper()
	f, err := fs.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(f, text); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, fs vfs.FS, path string) string {
	t.Helper()
	f, err := fs.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// rows reads all that the source at path has.
func rows(fs vfs.FS, path string) (string, error) {
	e := env(fs)
	readers, err := file.Source{Path: path, Format: file.JSON{}}.Open(e, nil)
	if err != nil {
		return "", err
	}
	var all strings.Builder
	for {
		b := &rt.Block{Bytes: make([]byte, 0, e.BlockSize)}
		if err := readers[0].Read(context.Background(), b); errors.Is(err, io.EOF) {
			return all.String(), readers[0].Close()
		} else if err != nil {
			return all.String(), err
		}
		all.Write(b.Bytes)
	}
}

func pack(text string) string {
	z, _ := zstd.NewWriter(nil)
	return string(z.EncodeAll([]byte(text), nil))
}

func TestSources(t *testing.T) {
	t.Parallel()
	many := strings.Repeat("a row\n", 10_000)
	tests := []struct{ name, file, want, wantErr string }{
		{name: "one frame", file: pack(many), want: many},
		{name: "frames one after another", file: pack("a\n") + pack("") + pack("b\n"), want: "a\nb\n"},
		{name: "nothing"},
		{
			name: "not packed", file: "plain text\n",
			wantErr: "in.zst: the file is not packed with zstd: take .zst off its name if it is plain text",
		},
		{
			name: "cut off", file: pack(many)[:20],
			wantErr: "in.zst: the packed file is damaged or cut off: check it with zstd -t and make it again",
		},
		{
			name: "another sum", file: pack(many)[:len(pack(many))-1] + "\x00",
			wantErr: "in.zst: the packed file is damaged or cut off: check it with zstd -t and make it again",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			fs := vfs.NewMem()
			put(t, fs, "in.zst", tt.file)
			got, err := rows(fs, "in.zst")
			if (err == nil) != (tt.wantErr == "") || err != nil && err.Error() != tt.wantErr {
				t.Fatalf("error = %v, want %s", err, tt.wantErr)
			}
			if err == nil && got != tt.want {
				t.Errorf("rows = %q, want %q", got, tt.want)
			}
		})
	}
}

// TestSinkIsCutBack writes rows behind a checkpoint, and comes back from it: they
// are gone, and what is written then stands in their place.
func TestSinkIsCutBack(t *testing.T) {
	t.Parallel()
	fs := vfs.NewMem()
	sink := file.Sink{Path: "out.zst", Format: file.JSON{}}
	open := func(from *rt.Recovery) rt.Writer {
		w, err := sink.Open(env(fs), from)
		if err != nil {
			t.Fatal(err)
		}
		return w[0]
	}
	write := func(w rt.Writer, row string) {
		if err := errors.Join(w.Write([]byte(row)), w.Flush()); err != nil {
			t.Fatal(err)
		}
	}
	w := open(nil)
	write(w, "before\n")
	state, err := w.Prepare(1)
	if err != nil {
		t.Fatal(err)
	}
	write(w, "lost\n")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	w = open(&rt.Recovery{States: [][]byte{state}})
	write(w, "again\n")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := rows(fs, "out.zst"); err != nil || got != "before\nagain\n" {
		t.Errorf("rows = %q, %v (file of %d bytes)", got, err, len(get(t, fs, "out.zst")))
	}
}
