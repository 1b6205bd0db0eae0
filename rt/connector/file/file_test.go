package file_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/connector/file"
	"github.com/flow-lang/flowc/rt/value"
	"github.com/flow-lang/flowc/rt/vfs"
	"github.com/flow-lang/flowc/rt/wire"
)

var people = &wire.CSVFormat{Delimiter: ',', Columns: []wire.Column{{Name: "name"}, {Name: "age"}, {Name: "note", Optional: true}}}

// end ends the output of a writer as a job that ends well does.
func end(w rt.Writer) error {
	_, err := w.Prepare(1)
	return errors.Join(err, w.Commit(1), w.Close())
}

func env(fs vfs.FS) *rt.Env {
	return &rt.Env{FS: fs, Now: func() value.Timestamp { return 0 }, Parallelism: 2, BlockSize: 64}
}

// write puts files into a file system in memory.
func write(t *testing.T, files map[string]string) vfs.FS {
	t.Helper()
	fs := vfs.NewMem()
	for name, text := range files {
		if err := fs.MkdirAll(fs.PathDir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		f, err := fs.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, text); err != nil {
			t.Fatal(err)
		}
	}
	return fs
}

func zipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// read reads all partitions and returns the rows of each with their places.
func read(ctx context.Context, s file.Source, env *rt.Env) (rows [][]string, err error) {
	readers, err := s.Open(env, nil)
	if err != nil {
		return nil, err
	}
	for _, r := range readers {
		var mine []string
		for {
			b := &rt.Block{Bytes: make([]byte, 0, env.BlockSize)}
			if err := r.Read(ctx, b); err != nil {
				if !errors.Is(err, io.EOF) {
					return append(rows, mine), err
				}
				break
			}
			mine = append(mine, rowsOf(b)...)
		}
		rows = append(rows, mine)
		if err := r.Close(); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// rowsOf returns the rows of a block as "path:line text".
func rowsOf(b *rt.Block) (rows []string) {
	if b.Overlong != nil {
		return []string{fmt.Sprintf("%s:%d %s: %v", b.Path, b.Line, b.Bytes[:3], b.Overlong)}
	}
	var lines wire.Lines
	lines.Reset(b.Bytes, b.Line)
	for lines.Next() {
		rows = append(rows, fmt.Sprintf("%s:%d %s", b.Path, lines.Line(), lines.Raw()))
	}
	return rows
}

func TestSources(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 300)
	tests := []struct {
		name    string
		files   map[string]string
		source  file.Source
		want    [][]string
		wantErr string
	}{
		{
			name:   "lines over several blocks",
			files:  map[string]string{"in": strings.Repeat("0123456789abcdef\n", 5) + "end"},
			source: file.Source{Path: "in", Format: file.JSON{}},
			want: [][]string{{"in:1 0123456789abcdef", "in:2 0123456789abcdef", "in:3 0123456789abcdef",
				"in:4 0123456789abcdef", "in:5 0123456789abcdef", "in:6 end"}},
		},
		{
			name:   "a row longer than a block",
			files:  map[string]string{"in": "a\n" + long + "\nb\n"},
			source: file.Source{Path: "in", Format: file.JSON{}},
			want:   [][]string{{"in:1 a", "in:2 " + long, "in:3 b"}},
		},
		{
			name:   "a row longer than rows may be",
			files:  map[string]string{"in": "a\n" + long + "\nb\n" + long},
			source: file.Source{Path: "in", Format: file.JSON{}, MaxRecord: 100},
			want:   [][]string{{"in:1 a", "in:2 xxx: the row is longer than 100 bytes", "in:3 b", "in:4 xxx: the row is longer than 100 bytes"}},
		},
		{
			name:   "an empty file",
			files:  map[string]string{"in": ""},
			source: file.Source{Path: "in", Format: file.JSON{}},
			want:   [][]string{nil},
		},
		{
			name:   "a byte order mark",
			files:  map[string]string{"in": "\ufeffa\n"},
			source: file.Source{Path: "in", Format: file.JSON{}},
			want:   [][]string{{"in:1 a"}},
		},
		{
			name:   "CSV with a header",
			files:  map[string]string{"in": "note,age,name\nhi,7,Ada\n"},
			source: file.Source{Path: "in", Format: file.CSV{Header: true, Rows: people}},
			want:   [][]string{{"in:2 hi,7,Ada"}},
		},
		{
			name:   "a directory by name, without dotted files and directories",
			files:  map[string]string{"d/b": "2\n", "d/a": "1", "d/.c": "3\n", "d/e/f": "4\n"},
			source: file.Source{Path: "d", Format: file.JSON{}},
			want:   [][]string{{"d/a:1 1", "d/b:1 2"}},
		},
		{
			name:   "a pattern, several at once",
			files:  map[string]string{"d1/x.csv": "1\n", "d2/x.csv": "2\n", "d3/x.csv": "3\n", "d1/x.txt": "4\n"},
			source: file.Source{Path: "d?/*.csv", Format: file.JSON{}, Partitions: 2},
			want:   [][]string{{"d1/x.csv:1 1", "d3/x.csv:1 3"}, {"d2/x.csv:1 2"}},
		},
		{
			name:   "a packed file",
			files:  map[string]string{"in.gz": zipped(t, "a\nb\n")},
			source: file.Source{Path: "in.gz", Format: file.JSON{}},
			want:   [][]string{{"in.gz:1 a", "in.gz:2 b"}},
		},
		{
			name:    "no such file",
			source:  file.Source{Path: "in", Format: file.JSON{}},
			wantErr: "in: no such file or directory; paths are relative to the folder where the program runs",
		},
		{
			name:    "no match",
			source:  file.Source{Path: "in-*", Format: file.JSON{}},
			wantErr: "in-*: no file matches; patterns are relative to the folder where the program runs",
		},
		{
			name:    "a directory without files",
			files:   map[string]string{"d/.a": ""},
			source:  file.Source{Path: "d", Format: file.JSON{}},
			wantErr: "d: the directory holds no file to read (names that begin with a dot do not count)",
		},
		{
			name:    "not packed",
			files:   map[string]string{"in.gz": "plain text\n"},
			source:  file.Source{Path: "in.gz", Format: file.JSON{}},
			wantErr: "in.gz: the file is not packed with gzip: take .gz off its name if it is plain text",
		},
		{
			name:    "packed and cut off",
			files:   map[string]string{"in.gz": zipped(t, long)[:20]},
			source:  file.Source{Path: "in.gz", Format: file.JSON{}},
			wantErr: "in.gz: the packed file is damaged or cut off: check it with gzip -t and make it again",
		},
		{
			name:   "packed, and nothing in it",
			files:  map[string]string{"in.gz": ""},
			source: file.Source{Path: "in.gz", Format: file.JSON{}},
			want:   [][]string{nil},
		},
		{
			name:    "packed, and broken",
			files:   map[string]string{"in.gz": zipped(t, "")[:10] + "rubbish"},
			source:  file.Source{Path: "in.gz", Format: file.JSON{}},
			wantErr: "in.gz: the packed file is damaged or cut off: check it with gzip -t and make it again",
		},
		{
			name:    "packed another way",
			files:   map[string]string{"in.xz": ""},
			source:  file.Source{Path: "in.xz", Format: file.JSON{}},
			wantErr: "in.xz: files that end in .xz are not read or written: use gzip or zstd, and a name that ends in .gz or .zst",
		},
		{
			name:   "packed as the program does not expect it",
			files:  map[string]string{"in.zst": ""},
			source: file.Source{Path: "in.zst", Format: file.JSON{}},
			wantErr: "in.zst: this binary was built without zstd, as no path of its program ends in .zst: " +
				"write such a path or pattern into the program, or use gzip and a name that ends in .gz",
		},
		{
			name:    "a column is missing",
			files:   map[string]string{"in": "nam,age\n"},
			source:  file.Source{Path: "in", Format: file.CSV{Header: true, Rows: people}},
			wantErr: `in:1: the header has no column "name", did you mean "nam"?`,
		},
		{
			name:    "a header that never ends",
			files:   map[string]string{"in": "\"" + long},
			source:  file.Source{Path: "in", Format: file.CSV{Header: true, Rows: people}, MaxRecord: 100},
			wantErr: "in:1: the header is longer than 100 bytes: this does not look like a text file",
		},
		{
			name:   "the first of the rows is too long, and malformed",
			files:  map[string]string{"in": long + "\n{}\n"},
			source: file.Source{Path: "in", Format: file.JSON{}, MaxRecord: 100},
			want:   [][]string{{"in:1 " + long[:3] + ": the row is longer than 100 bytes", "in:2 {}"}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := read(context.Background(), tt.source, env(write(t, tt.files)))
			if (err == nil) != (tt.wantErr == "") || err != nil && err.Error() != tt.wantErr {
				t.Fatalf("read error = %v, want %s", err, tt.wantErr)
			}
			if diff := cmp.Diff(tt.want, got); err == nil && diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

// TestBlockBorders cuts an input with quotes and line ends of both kinds into
// blocks of every size: the rows and their lines stay the same.
func TestBlockBorders(t *testing.T) {
	t.Parallel()
	text := "name,age,note\r\n\"A\r\nda\",7,\"says \"\"hi\"\"\"\nBo,8,\n\n\"C,\n\n\",9,x"
	want := []string{`2 A\r\nda 7 says "hi"`, `4 Bo 8 `, `6 C,\n\n 9 x`}
	for size := 1; size < len(text)+2; size++ {
		e := env(write(t, map[string]string{"in": text}))
		e.BlockSize = size
		readers, err := file.Source{Path: "in", Format: file.CSV{Header: true, Rows: people}}.Open(e, nil)
		if err != nil {
			t.Fatal(err)
		}
		rows := wire.NewCSV(people)
		var got []string
		for {
			b := &rt.Block{Bytes: make([]byte, 0, size)}
			if err := readers[0].Read(context.Background(), b); err != nil {
				break
			}
			for rows.Reset(b.Bytes, b.Columns, b.Line); rows.Next(); {
				row := fmt.Sprintf("%d %s %s %s", rows.Line(), rows.String(0), rows.String(1), rows.String(2))
				got = append(got, strings.NewReplacer("\n", `\n`, "\r", `\r`).Replace(row))
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("block size %d (-want +got):\n%s", size, diff)
		}
	}
}

func TestStandardInput(t *testing.T) {
	t.Parallel()
	source := file.Source{Path: file.Standard, Format: file.JSON{}}
	t.Run("in memory", func(t *testing.T) {
		t.Parallel()
		e := env(vfs.NewMem())
		e.Stdin = strings.NewReader("a\nb")
		got, err := read(context.Background(), source, e)
		if diff := cmp.Diff([][]string{{"stdin:1 a", "stdin:2 b"}}, got); err != nil || diff != "" {
			t.Errorf("read error = %v, rows (-want +got):\n%s", err, diff)
		}
	})
	t.Run("two sources cannot share it", func(t *testing.T) {
		t.Parallel()
		e := env(vfs.NewMem())
		e.Stdin = strings.NewReader("a\n")
		if _, err := source.Open(e, nil); err != nil {
			t.Fatal(err)
		}
		_, err := source.Open(e, nil)
		if want := "stdin: another source reads standard input already"; err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("Open() error = %v, want %s", err, want)
		}
	})
	t.Run("a pipe gives lines at once and can be stopped", func(t *testing.T) {
		t.Parallel()
		r, w := io.Pipe()
		e := env(vfs.NewMem())
		e.Stdin = r
		readers, err := source.Open(e, nil)
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(context.Background())
		go func() { _, _ = io.WriteString(w, "a\nb\nunfinished") }()
		b := &rt.Block{Bytes: make([]byte, 0, 64)}
		if err := readers[0].Read(ctx, b); err != nil || string(b.Bytes) != "a\nb\n" {
			t.Errorf("Read() = %q, %v, want the two lines", b.Bytes, err)
		}
		stop()
		if err := readers[0].Read(ctx, b); !errors.Is(err, context.Canceled) {
			t.Errorf("Read() after the stop = %v, want context.Canceled", err)
		}
	})
}

func TestFollow(t *testing.T) {
	t.Parallel()
	fs := write(t, map[string]string{"d/a": "1\nunfini"})
	e := env(fs)
	readers, err := file.Source{Path: "d", Format: file.JSON{}, Follow: true}.Open(e, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(context.Background(), 5*time.Second)
	defer stop()
	next := func() string {
		b := &rt.Block{Bytes: make([]byte, 0, 64)}
		if err := readers[0].Read(ctx, b); err != nil {
			return err.Error()
		}
		return strings.Join(rowsOf(b), ", ")
	}
	var got []string
	got = append(got, next())
	f, err := fs.OpenReadWrite("d/a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(f, "1\nunfinished\n"); err != nil {
		t.Fatal(err)
	}
	got = append(got, next())
	if _, err := fs.Create("d/b"); err != nil {
		t.Fatal(err)
	}
	f, _ = fs.OpenReadWrite("d/b")
	if _, err := io.WriteString(f, "3\n"); err != nil {
		t.Fatal(err)
	}
	got = append(got, next())
	stop()
	got = append(got, next())
	want := []string{"d/a:1 1", "d/a:2 unfinished", "d/b:1 3", "context canceled"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func content(t *testing.T, fs vfs.FS, name string) string {
	t.Helper()
	f, err := fs.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestSinks(t *testing.T) {
	t.Parallel()
	t.Run("a file is made anew, with a header", func(t *testing.T) {
		t.Parallel()
		fs := write(t, map[string]string{"out.csv": "what was there before and is longer\n"})
		writers, err := file.Sink{Path: "out.csv", Format: file.CSV{Header: true, Rows: people}}.Open(env(fs), nil)
		if err != nil || len(writers) != 1 {
			t.Fatalf("Open() = %d writers, %v", len(writers), err)
		}
		if err := errors.Join(writers[0].Write([]byte("Ada,7,\n")), writers[0].Flush(), end(writers[0])); err != nil {
			t.Fatal(err)
		}
		if got, want := content(t, fs, "out.csv"), "name,age,note\nAda,7,\n"; got != want {
			t.Errorf("content = %q, want %q", got, want)
		}
	})
	t.Run("an input is not emptied", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		in, link := filepath.Join(dir, "in"), filepath.Join(dir, "link")
		if err := errors.Join(os.WriteFile(in, []byte("{}\n"), 0o666), os.Symlink(in, link)); err != nil {
			t.Fatal(err)
		}
		e := env(vfs.Default)
		if _, err := (file.Source{Path: in, Format: file.JSON{}}).Open(e, nil); err != nil {
			t.Fatal(err)
		}
		_, err := file.Sink{Path: link, Format: file.JSON{}}.Open(e, nil)
		want := link + ": the program reads this file (as " + in + "), and writing it would empty it: write another one"
		if err == nil || err.Error() != want {
			t.Errorf("Open() error = %v, want %s", err, want)
		}
	})
	t.Run("two sinks do not overwrite each other", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		for _, name := range []string{"out", "parts/"} {
			e := env(vfs.Default)
			first, second := dir+"/"+name, dir+"/./"+name
			writers, err := file.Sink{Path: first, Format: file.JSON{}}.Open(e, nil)
			if err != nil {
				t.Fatal(err)
			}
			_, err = file.Sink{Path: second, Format: file.JSON{}}.Open(e, nil)
			want := second + ": another sink writes there already (as " + first + "), and one would overwrite the other: write somewhere else"
			if err == nil || err.Error() != want {
				t.Errorf("Open() error = %v, want %s", err, want)
			}
			for _, w := range writers {
				if err := end(w); err != nil {
					t.Error(err)
				}
			}
		}
	})
	t.Run("a packed file can be read before it is closed", func(t *testing.T) {
		t.Parallel()
		fs := vfs.NewMem()
		writers, err := file.Sink{Path: "out.gz", Format: file.JSON{}}.Open(env(fs), nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(writers[0].Write([]byte("{}\n")), writers[0].Flush()); err != nil {
			t.Fatal(err)
		}
		z, err := gzip.NewReader(strings.NewReader(content(t, fs, "out.gz")))
		if err != nil {
			t.Fatal(err)
		}
		row := make([]byte, 3)
		if _, err := io.ReadFull(z, row); err != nil || string(row) != "{}\n" {
			t.Errorf("read %q, %v", row, err)
		}
	})
	t.Run("parts get their names at the end", func(t *testing.T) {
		t.Parallel()
		fs := write(t, map[string]string{"out/.part-7-0.csv": "left over", "out/README": "stays"})
		writers, err := file.Sink{Path: "out/", Format: file.CSV{Header: true, Rows: people}}.Open(env(fs), nil)
		if err != nil || len(writers) != 2 {
			t.Fatalf("Open() = %d writers, %v", len(writers), err)
		}
		if err := writers[1].Write([]byte("Ada,7,\n")); err != nil {
			t.Fatal(err)
		}
		before, _ := fs.List("out")
		if err := errors.Join(end(writers[0]), end(writers[1])); err != nil {
			t.Fatal(err)
		}
		after, _ := fs.List("out")
		want := [][]string{{".part-1-0.csv", "README"}, {"README", "part-1-0.csv"}}
		if diff := cmp.Diff(want, [][]string{before, after}); diff != "" {
			t.Errorf("names (-want +got):\n%s", diff)
		}
		if got, want := content(t, fs, "out/part-1-0.csv"), "name,age,note\nAda,7,\n"; got != want {
			t.Errorf("content = %q, want %q", got, want)
		}
		_, err = file.Sink{Path: "out/", Format: file.CSV{Rows: people}}.Open(env(fs), nil)
		if want := "out/: the directory holds part-1-0.csv of an earlier run: take it away, or write overwrite: true"; err == nil || err.Error() != want {
			t.Errorf("second Open() error = %v, want %s", err, want)
		}
		if _, err = (file.Sink{Path: "out/", Format: file.CSV{Rows: people}, Overwrite: true}).Open(env(fs), nil); err != nil {
			t.Errorf("Open() with Overwrite: %v", err)
		}
	})
	t.Run("a failed job leaves no part without a dot", func(t *testing.T) {
		t.Parallel()
		fs := vfs.NewMem()
		writers, err := file.Sink{Path: "out/", Format: file.JSON{}}.Open(env(fs), nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(writers[0].Write([]byte("{}\n")), writers[0].Close()); err != nil {
			t.Fatal(err)
		}
		if names, _ := fs.List("out"); !cmp.Equal(names, []string{".part-0-0.jsonl"}) {
			t.Errorf("names = %q", names)
		}
	})
}

// TestOperatingSystem does on real files what only they can do.
func TestOperatingSystem(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	t.Run("the disk is full", func(t *testing.T) {
		t.Parallel()
		writers, err := file.Sink{Path: "/dev/full", Format: file.JSON{}}.Open(env(vfs.Default), nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := writers[0].Write([]byte("{}\n")); err == nil || err.Error() != "/dev/full: no space left on the device" {
			t.Errorf("Write() error = %v", err)
		}
	})
	t.Run("the reader of a pipe has gone", func(t *testing.T) {
		t.Parallel()
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Close()
		e := env(vfs.Default)
		e.Stdout = w
		writers, err := file.Sink{Path: file.Standard, Format: file.JSON{}}.Open(e, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := writers[0].Write([]byte("{}\n")); err == nil || err.Error() != "standard output: whoever read it has gone (broken pipe)" {
			t.Errorf("Write() error = %v", err)
		}
	})
	t.Run("no directory to write to", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(dir, "missing", "out")
		_, err := file.Sink{Path: path, Format: file.JSON{}}.Open(env(vfs.Default), nil)
		if err == nil || !strings.HasPrefix(err.Error(), path+": no such file or directory") {
			t.Errorf("Open() error = %v", err)
		}
	})
	t.Run("files round trip", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(dir, "parts") + "/"
		writers, err := file.Sink{Path: path, Format: file.JSON{}}.Open(env(vfs.Default), nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, w := range writers {
			if err := errors.Join(w.Write(fmt.Appendf(nil, "%d\n", i)), end(w)); err != nil {
				t.Fatal(err)
			}
		}
		got, err := read(context.Background(), file.Source{Path: filepath.Join(dir, "parts"), Format: file.JSON{}}, env(vfs.Default))
		want := [][]string{{filepath.Join(dir, "parts", "part-0-0.jsonl") + ":1 0", filepath.Join(dir, "parts", "part-1-0.jsonl") + ":1 1"}}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("error = %v, rows (-want +got):\n%s", err, diff)
		}
	})
}
