package pebblestore_test

import (
	"errors"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/state/pebblestore"
	"github.com/flow-lang/flowc/rt/state/statetest"
)

// options are those of a store whose failure fails the test.
func options(t *testing.T, dir string) state.StoresOptions {
	fail := func(err error) { t.Error(err) }
	return state.StoresOptions{Dir: dir, Cache: 1 << 20, Warn: func(s string) { t.Log(s) }, Fail: fail, Fatal: fail}
}

// with adds files to options.
func with(t *testing.T, dir string, files state.StoresOptions) state.StoresOptions {
	o := options(t, dir)
	o.Files, o.ReadOnly = files.Files, files.ReadOnly
	return o
}

func open(t *testing.T, o state.StoresOptions, fs vfs.FS) state.Stores {
	t.Helper()
	db, err := pebblestore.Open(o, fs)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func TestContract(t *testing.T) {
	t.Parallel()
	statetest.Run(t, func(t *testing.T, o state.StoresOptions) state.Stores {
		return open(t, with(t, "state", o), vfs.NewMem())
	})
}

func TestContractOfLazy(t *testing.T) {
	t.Parallel()
	statetest.RunLazy(t, func(t *testing.T, o state.StoresOptions) state.Stores {
		return open(t, with(t, "state", o), vfs.NewMem())
	})
}

func TestOnDisk(t *testing.T) {
	t.Parallel()
	statetest.Run(t, func(t *testing.T, o state.StoresOptions) state.Stores {
		return open(t, with(t, t.TempDir(), o), vfs.Default)
	})
}

// errStop ends a walk.
var errStop = errors.New("stop")

func TestLoadEndsAtAnError(t *testing.T) {
	t.Parallel()
	s := open(t, options(t, "state"), vfs.NewMem()).Shard(state.Shape{States: 1, Maps: []bool{false}}, 0, 0)
	b := s.Batch()
	b.Add(&state.Record{Key: []byte("a"), Value: []byte("v")})
	b.Send(0, 0)
	if err := b.Wait(); err != nil {
		t.Fatal(err)
	}
	if err := s.Load(0, []byte("a"), func(*state.Record) error { return errStop }); !errors.Is(err, errStop) {
		t.Errorf("the error is %v, want %v", err, errStop)
	}
}
