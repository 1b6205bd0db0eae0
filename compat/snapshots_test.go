package compat_test

import (
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt/evolve"
	"github.com/flow-lang/flowc/rt/savepoint"
	"github.com/flow-lang/flowc/rt/vfs"
)

// TestOldSnapshots restores savepoints that were written by each version of the
// format, one a folder of testdata/snapshots, under a program that has changed
// much: what is there must be what it was when they were written. A folder is
// never changed; a version of the format comes with its own.
func TestOldSnapshots(t *testing.T) {
	t.Parallel()
	const dir = "testdata/snapshots"
	text, err := os.ReadFile(dir + "/new.flow")
	if err != nil {
		t.Fatal(err)
	}
	is, err := schemaOf(string(text))
	if err != nil {
		t.Fatal(err)
	}
	for version := 1; version <= savepoint.Latest; version++ {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			t.Parallel()
			files := vfs.NewMem()
			if err := copied(files, os.DirFS(fmt.Sprintf("%s/%d", dir, version)), "before"); err != nil {
				t.Fatal(err)
			}
			got, err := restore(files, "before", is, evolve.Hooks{}, 2, false, nil)
			if err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			for i := range got {
				fmt.Fprintln(&b, &got[i])
			}
			if *update {
				must(os.WriteFile(dir+"/after.txt", []byte(b.String()), 0o644))
				return
			}
			want, err := os.ReadFile(dir + "/after.txt")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), b.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// copied copies a folder.
func copied(to vfs.FS, from fs.FS, dir string) error {
	if err := to.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	list, err := fs.ReadDir(from, ".")
	if err != nil {
		return err
	}
	for _, e := range list {
		b, err := fs.ReadFile(from, e.Name())
		if err != nil {
			return err
		}
		if err := vfs.WriteFile(to, to.PathJoin(dir, e.Name()), b); err != nil {
			return err
		}
	}
	return nil
}
