package sim_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/checkpoint"
	"github.com/flow-lang/flowc/rt/sim"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/state/memstore"
	"github.com/flow-lang/flowc/rt/vfs"
)

// padded is a backend one of whose files is large and never read.
const padded = "padded"

// paddingName is that file.
const paddingName = "padding"

func init() {
	state.Register(padded, func(o state.StoresOptions) (state.Stores, error) {
		o.Files = slices.DeleteFunc(slices.Clone(o.Files), func(f state.StoreFile) bool { return f.Name == paddingName })
		stores, err := memstore.Open(o)
		return paddedStores{stores}, err
	})
}

type paddedStores struct{ *memstore.Stores }

// Files adds the large one.
func (s paddedStores) Files() ([]state.StoreFile, func() error, error) {
	files, release, err := s.Stores.Files()
	padding := bytes.Repeat([]byte("padding"), 50_000)
	return append(files, state.StoreFile{Name: paddingName, Size: int64(len(padding)), Fixed: true, Open: func() (state.StoreReader, error) {
		return paddingReader{bytes.NewReader(padding)}, nil
	}}), release, err
}

type paddingReader struct{ *bytes.Reader }

func (paddingReader) Close() error { return nil }

// TestDamageFoundBeside: a file that stores go on from and that is damaged though
// nothing tells of it fails the job by its name, and nothing has been committed; the
// next start finds it at once.
func TestDamageFoundBeside(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells identities of files: all are hashed elsewhere")
	}
	p := programs[0]
	text := p.input(rand.New(rand.NewPCG(1, 1)), 200)
	disk, dir := vfs.NewMem(), t.TempDir()
	start := func(input string) error {
		if err := vfs.WriteFile(disk, "in.jsonl", []byte(input)); err != nil {
			t.Fatal(err)
		}
		_, err := sim.Run(p.spec(), sim.Options{Seed: 1, Job: rt.Options{
			FS: disk, Parallelism: 2, State: padded, StateDir: "state", Store: checkpoint.InFolder(vfs.Default, dir),
			CheckpointInterval: time.Hour, SavepointOnEnd: "end",
		}})
		return errors.Join(err, disk.RemoveAll("end"))
	}
	half := strings.LastIndexByte(text[:len(text)/2], '\n') + 1
	if err := start(text[:half]); err != nil {
		t.Fatal(err)
	}
	if err := start(text[:half]); err != nil { // nothing is damaged
		t.Fatal(err)
	}
	path := ""
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if info, err := f.Info(); err == nil && info.Size() == 7*50_000 {
			path = filepath.Join(dir, f.Name())
		}
	}
	was, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[7] ^= 1
	if err := errors.Join(os.WriteFile(path, data, 0o666), os.Chtimes(path, was.ModTime(), was.ModTime()), os.Link(path, filepath.Join(t.TempDir(), "other"))); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var damage *checkpoint.Damage
	if err := start(text); !errors.As(err, &damage) || damage.Place != path {
		t.Fatalf("the error is %v, not of %s", err, path)
	}
	after, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	manifests := func(list []os.DirEntry) (n int) {
		for _, f := range list {
			if checkpoint.IsManifest(f.Name()) {
				n++
			}
		}
		return n
	}
	if n := manifests(after) - manifests(before); n != 1 { // that the job began
		t.Errorf("%d manifests were written", n)
	}
	if err := start(text); !errors.As(err, &damage) || damage.Place != path {
		t.Errorf("the next start says %v", err)
	}
}
