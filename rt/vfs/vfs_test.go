package vfs_test

import (
	"errors"
	"io"
	"io/fs"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt/vfs"
)

// TestContract holds both file systems to the same promises.
func TestContract(t *testing.T) {
	t.Parallel()
	for _, system := range []struct {
		name string
		open func(t *testing.T) (fs vfs.FS, root string)
	}{
		{"os", func(t *testing.T) (vfs.FS, string) { return vfs.Default, t.TempDir() }},
		{"mem", func(*testing.T) (vfs.FS, string) { return vfs.NewMem(), "/" }},
	} {
		for _, promise := range promises {
			t.Run(system.name+"/"+promise.name, func(t *testing.T) {
				t.Parallel()
				f, root := system.open(t)
				promise.check(t, f, func(name string) string { return f.PathJoin(root, name) })
			})
		}
	}
}

var promises = []struct {
	name  string
	check func(t *testing.T, f vfs.FS, path func(string) string)
}{
	{"Create empties a file", func(t *testing.T, f vfs.FS, path func(string) string) {
		put(t, f, path("a"), "a long text")
		put(t, f, path("a"), "short")
		if got := get(t, f, path("a")); got != "short" {
			t.Errorf("content = %q, want %q", got, "short")
		}
		if info, err := f.Stat(path("a")); err != nil || info.Size() != 5 || info.IsDir() || !info.Mode().IsRegular() {
			t.Errorf("Stat() = %v, %v", info, err)
		}
	}},
	{"OpenReadWrite keeps what is there", func(t *testing.T, f vfs.FS, path func(string) string) {
		put(t, f, path("a"), "abcdef")
		file, err := f.OpenReadWrite(path("a"))
		check(t, err)
		_, err = io.WriteString(file, "xy")
		check(t, errors.Join(err, file.Sync(), file.Close()))
		if got := get(t, f, path("a")); got != "xycdef" {
			t.Errorf("content = %q, want %q", got, "xycdef")
		}
	}},
	{"OpenAppend cuts a file and writes behind it", func(t *testing.T, f vfs.FS, path func(string) string) {
		if _, err := f.OpenAppend(path("a"), 0); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("OpenAppend() of a missing file: %v, want fs.ErrNotExist", err)
		}
		put(t, f, path("a"), "abcdef")
		file, err := f.OpenAppend(path("a"), 2)
		check(t, err)
		_, err = io.WriteString(file, "x")
		check(t, errors.Join(err, file.Sync(), file.Close()))
		if got := get(t, f, path("a")); got != "abx" {
			t.Errorf("content = %q, want %q", got, "abx")
		}
	}},
	{"ReadAt reads anywhere", func(t *testing.T, f vfs.FS, path func(string) string) {
		put(t, f, path("a"), "abcdef")
		file, err := f.Open(path("a"))
		check(t, err)
		b := make([]byte, 4)
		if n, err := file.ReadAt(b, 1); n != 4 || err != nil || string(b) != "bcde" {
			t.Errorf("ReadAt(1) = %q, %d, %v", b[:n], n, err)
		}
		if n, err := file.ReadAt(b, 4); n != 2 || !errors.Is(err, io.EOF) {
			t.Errorf("ReadAt(4) = %d, %v, want 2, EOF", n, err)
		}
		if _, err := file.Write(b); err == nil {
			t.Error("Write() to a file opened for reading gives no error")
		}
		check(t, file.Close())
	}},
	{"missing names", func(t *testing.T, f vfs.FS, path func(string) string) {
		_, open := f.Open(path("a"))
		_, stat := f.Stat(path("a"))
		_, list := f.List(path("a"))
		_, create := f.Create(path("no/such/dir"))
		for _, err := range []error{open, stat, list, create, f.Remove(path("a")), f.Rename(path("a"), path("b")), f.Link(path("a"), path("b"))} {
			if !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("error = %v, want fs.ErrNotExist", err)
			}
		}
		check(t, f.RemoveAll(path("a")))
	}},
	{"Rename takes the name from another", func(t *testing.T, f vfs.FS, path func(string) string) {
		put(t, f, path("a"), "new")
		put(t, f, path("b"), "old")
		check(t, f.Rename(path("a"), path("b")))
		if got := get(t, f, path("b")); got != "new" {
			t.Errorf("content = %q, want %q", got, "new")
		}
		list(t, f, path(""), "b")
	}},
	{"Link gives a second name", func(t *testing.T, f vfs.FS, path func(string) string) {
		put(t, f, path("a"), "text")
		check(t, f.Link(path("a"), path("b")))
		check(t, f.Remove(path("a")))
		if got := get(t, f, path("b")); got != "text" {
			t.Errorf("content = %q, want %q", got, "text")
		}
		put(t, f, path("c"), "")
		if err := f.Link(path("b"), path("c")); !errors.Is(err, fs.ErrExist) {
			t.Errorf("Link() to a name that is taken: %v, want fs.ErrExist", err)
		}
	}},
	{"directories", func(t *testing.T, f vfs.FS, path func(string) string) {
		check(t, f.MkdirAll(path("d/e"), 0o777))
		check(t, f.MkdirAll(path("d/e"), 0o777))
		put(t, f, path("d/b"), "")
		put(t, f, path("d/a"), "")
		list(t, f, path("d"), "a", "b", "e")
		if err := f.Remove(path("d")); err == nil {
			t.Error("Remove() of a directory that is not empty gives no error")
		}
		if err := f.MkdirAll(path("d/a/x"), 0o777); err == nil {
			t.Error("MkdirAll() through a file gives no error")
		}
		if _, err := f.Create(path("d/e")); err == nil {
			t.Error("Create() of a directory gives no error")
		}
		dir, err := f.OpenDir(path("d"))
		check(t, err)
		check(t, errors.Join(dir.Sync(), dir.Close()))
		check(t, f.RemoveAll(path("d")))
		list(t, f, path(""))
	}},
	{"Lock is taken once", func(t *testing.T, f vfs.FS, path func(string) string) {
		lock, err := f.Lock(path("l"))
		check(t, err)
		if _, err := f.Lock(path("l")); !errors.Is(err, vfs.ErrLocked) {
			t.Errorf("a second Lock(): %v, want ErrLocked", err)
		}
		check(t, lock.Close())
		lock, err = f.Lock(path("l"))
		check(t, err)
		check(t, lock.Close())
	}},
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func put(t *testing.T, f vfs.FS, name, text string) {
	t.Helper()
	file, err := f.Create(name)
	check(t, err)
	_, err = io.WriteString(file, text)
	check(t, errors.Join(err, file.Close()))
}

func get(t *testing.T, f vfs.FS, name string) string {
	t.Helper()
	file, err := f.Open(name)
	check(t, err)
	text, err := io.ReadAll(file)
	check(t, errors.Join(err, file.Close()))
	return string(text)
}

func list(t *testing.T, f vfs.FS, dir string, want ...string) {
	t.Helper()
	got, err := f.List(dir)
	check(t, err)
	if diff := cmp.Diff(append([]string{}, want...), append([]string{}, got...)); diff != "" {
		t.Errorf("List(%q) (-want +got):\n%s", dir, diff)
	}
}
