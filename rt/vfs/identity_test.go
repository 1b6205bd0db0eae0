package vfs_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/flow-lang/flowc/rt/vfs"
)

func TestIdentity(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells identities")
	}
	path := filepath.Join(t.TempDir(), "file")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	identity := func() vfs.Identity {
		info, err := vfs.Default.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		id, ok := vfs.IdentityOf(info)
		if !ok {
			t.Fatal("a file has no identity")
		}
		return id
	}
	write("one")
	was := identity()
	if !identity().Holds(was) {
		t.Error("a file that nobody touches is another")
	}
	if err := os.Link(path, path+"2"); err != nil {
		t.Fatal(err)
	}
	if !identity().Holds(was) {
		t.Error("another name makes another file")
	}
	was = identity()
	time.Sleep(20 * time.Millisecond) // of file systems that count time in ticks
	write("two")
	if identity().Holds(was) {
		t.Error("other content of the same length is the same file")
	}
	if err := os.Chtimes(path, time.Now(), time.Unix(0, was.Modified)); err != nil {
		t.Fatal(err)
	}
	if identity().Holds(was) {
		t.Error("a time that was set back makes the same file")
	}
	if info, err := vfs.NewMem().Stat("/"); err != nil {
		t.Fatal(err)
	} else if _, ok := vfs.IdentityOf(info); ok {
		t.Error("a file in memory has an identity")
	}
}
