package checkpoint_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/flow-lang/flowc/rt/checkpoint"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/vfs"
)

// storeFile is a file of stores of some content.
func storeFile(name string, fixed bool, data []byte) state.StoreFile {
	return state.StoreFile{Name: name, Size: int64(len(data)), Fixed: fixed, Open: func() (state.StoreReader, error) { return reader{bytes.NewReader(data)}, nil }}
}

type reader struct{ *bytes.Reader }

func (reader) Close() error { return nil }

// large is content of a file that is not packed with others.
func large(seed byte) []byte { return bytes.Repeat([]byte{seed, 1, 2, 3, 5, 8, 13}, 50_000) }

// commit makes a checkpoint of files of stores.
func commit(t testing.TB, log *checkpoint.Log, k *checkpoint.Keeper, files ...state.StoreFile) (size int64) {
	t.Helper()
	size, err := k.Put(files)
	if err != nil {
		t.Fatal(err)
	}
	m := &checkpoint.Manifest{}
	m.Operators = []checkpoint.Operator{{UID: "op"}}
	k.Name(m, []checkpoint.StoredOperator{{UID: "op"}}, nil)
	if err := log.Commit(m); err != nil {
		t.Fatal(err)
	}
	return size
}

// TestStoredFiles: a file that does not change is put once, those that are kept can
// be read, and of the rest nothing is left.
func TestStoredFiles(t *testing.T) {
	t.Parallel()
	system := vfs.NewMem()
	log := open(t, system, "first")
	k := log.Keeper("store", nil)
	first, second := large(1), large(2)
	commit(t, log, k, storeFile("MANIFEST", false, []byte("one")), storeFile("1.sst", true, first), storeFile("2.sst", true, []byte("small")))
	if size := commit(t, log, k, storeFile("MANIFEST", false, []byte("two")), storeFile("1.sst", true, first), storeFile("2.sst", true, []byte("small"))); size != 3 {
		t.Errorf("%d bytes are put of what had 3 that are new", size)
	}
	m, err := log.Newest()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"MANIFEST": "two", "1.sst": string(first), "2.sst": "small"}
	for _, f := range log.StoreFiles(m) {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data := make([]byte, f.Size)
		if _, err := in.ReadAt(data, 0); err != nil {
			t.Fatal(err)
		}
		if string(data) != want[f.Name] || f.Fixed == (f.Name == "MANIFEST") {
			t.Errorf("%s has %d bytes, fixed %v", f.Name, len(data), f.Fixed)
		}
		delete(want, f.Name)
	}
	if len(want) > 0 {
		t.Errorf("%d files are missing", len(want))
	}
	k = log.Keeper("store", m)
	commit(t, log, k, storeFile("3.sst", true, second))
	if err := log.Retain(1); err != nil {
		t.Fatal(err)
	}
	names, err := system.List("cp")
	if err != nil {
		t.Fatal(err)
	}
	data := 0
	for _, name := range names {
		if strings.HasSuffix(name, ".data") {
			data++
		}
	}
	if data != 1 {
		t.Errorf("of one file that is needed %d are there: %v", data, names)
	}
}

// onDisk returns a directory with a checkpoint of two large files, and the path of the
// first.
func onDisk(t *testing.T) (dir, path string) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells identities of files: all are hashed elsewhere")
	}
	dir = t.TempDir()
	log := openDir(t, dir)
	if err := log.Claim(checkpoint.Claim{}); err != nil {
		t.Fatal(err)
	}
	commit(t, log, log.Keeper("store", nil), storeFile("1.sst", true, large(1)), storeFile("2.sst", true, large(2)))
	m, err := log.Newest()
	if err != nil {
		t.Fatal(err)
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	return dir, filepath.Join(dir, m.Files[0].Name)
}

func openDir(t *testing.T, dir string) *checkpoint.Log {
	t.Helper()
	log, err := checkpoint.Open(checkpoint.InFolder(vfs.Default, dir), "test", fmt.Sprint(t.Name()), func(error) {})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() })
	return log
}

func damage(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 4
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestKnownFiles: what has been hashed here and has not changed is left, and looked at
// then; also where it has got further names meanwhile.
func TestKnownFiles(t *testing.T) {
	t.Parallel()
	dir, path := onDisk(t)
	if err := os.Link(path, filepath.Join(t.TempDir(), "1.sst")); err != nil {
		t.Fatal(err)
	}
	log := openDir(t, dir)
	m, err := log.Newest()
	if err != nil {
		t.Fatal(err)
	}
	if !log.IsLeft(m) {
		t.Error("files that have not changed are hashed before the start")
	}
	if err := log.Verify(context.Background(), m); err != nil || log.IsLeft(m) {
		t.Errorf("the error is %v, and files are left: %v", err, log.IsLeft(m))
	}
}

// TestWrittenFiles: what somebody has written since is found before the start.
func TestWrittenFiles(t *testing.T) {
	t.Parallel()
	dir, path := onDisk(t)
	damage(t, path)
	_, err := openDir(t, dir).Newest()
	if err == nil || !strings.Contains(err.Error(), filepath.Base(path)) {
		t.Errorf("the error is %v", err)
	}
}

// TestUnseenDamage: what nothing tells of is found when the files are looked at, and
// before the next start.
func TestUnseenDamage(t *testing.T) {
	t.Parallel()
	dir, path := onDisk(t)
	was, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	damage(t, path)
	if err := errors.Join(os.Chtimes(path, was.ModTime(), was.ModTime()), os.Link(path, filepath.Join(t.TempDir(), "1.sst"))); err != nil {
		t.Fatal(err)
	}
	log := openDir(t, dir)
	m, err := log.Newest()
	if err != nil {
		t.Fatal(err)
	}
	var found *checkpoint.Damage
	if err := log.Verify(context.Background(), m); !errors.As(err, &found) || found.Place != path {
		t.Errorf("the error is %v", err)
	}
	if _, err := log.Newest(); !errors.As(err, &found) {
		t.Errorf("the next start says %v", err)
	}
}

// TestHintIsDamaged: without what was known all is hashed.
func TestHintIsDamaged(t *testing.T) {
	t.Parallel()
	dir, _ := onDisk(t)
	hint := filepath.Join(dir, ".known")
	damage(t, hint)
	log := openDir(t, dir)
	m, err := log.Newest()
	if err != nil {
		t.Fatal(err)
	}
	if log.IsLeft(m) {
		t.Error("a damaged hint is believed")
	}
}
