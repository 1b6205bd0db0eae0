package pebblestore_test

import (
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/state/pebblestore"
	"github.com/flow-lang/flowc/rt/state/statetest"
	"github.com/flow-lang/flowc/rt/value"
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

// TestABatchHasAFileForEachOperator looks at the files of a batch that stores a key of one
// operator and removes those of another, with a third one's between them.
func TestABatchHasAFileForEachOperator(t *testing.T) {
	t.Parallel()
	stores := open(t, options(t, "state"), vfs.NewMem())
	of := func(operator int) state.Store {
		return stores.Shard(state.Shape{Operator: operator, States: 1, Maps: []bool{false}}, 0, 0)
	}
	b := of(3).Batch()
	b.Add(&state.Record{Key: []byte("a"), Value: []byte("v")})
	b.RemoveKeys(of(1), state.Place{}, nil)
	b.Send(0, 0)
	if err := b.Wait(); err != nil {
		t.Fatal(err)
	}
	files, release, err := stores.Files()
	if err != nil {
		t.Fatal(err)
	}
	tables := 0
	for i := range files {
		if files[i].Fixed {
			tables++
		}
	}
	if err := release(); err != nil || tables != 2 {
		t.Errorf("the batch has %d tables, want 2 (%v)", tables, err)
	}
}

// TestTimersThatFiredGo removes timer rows that files have, which the stores that begin
// with them have not seen being added.
func TestTimersThatFiredGo(t *testing.T) {
	t.Parallel()
	shape := state.Shape{States: 1, Clock: []bool{true}, Maps: []bool{false, false}}
	send := func(s state.Store, clock value.Timestamp, list ...state.Record) {
		t.Helper()
		b := s.Batch()
		for i := range list {
			b.Add(&list[i])
		}
		b.Send(value.MinTime, clock)
		if err := b.Wait(); err != nil {
			t.Fatal(err)
		}
	}
	due := func(s state.Store) (keys []string) {
		t.Helper()
		err := s.Due(true, state.Turn{At: state.Always}, func(_ state.Turn, _ int, key []byte) bool {
			keys = append(keys, string(key))
			return true
		})
		if err != nil {
			t.Fatal(err)
		}
		return keys
	}
	first := open(t, options(t, "first"), vfs.NewMem())
	send(first.Shard(shape, 0, 0), value.MinTime,
		state.Record{State: 1, Key: []byte("a"), Value: binary.AppendVarint(nil, 5)},
		state.Record{State: 1, Key: []byte("b"), Value: binary.AppendVarint(nil, 7)})
	files, release, err := first.Files()
	if err != nil {
		t.Fatal(err)
	}
	second := open(t, with(t, "second", state.StoresOptions{Files: files}), vfs.NewMem()).Shard(shape, 0, 0)
	if err := release(); err != nil {
		t.Fatal(err)
	}
	if keys := due(second); !slices.Equal(keys, []string{"a", "b"}) {
		t.Errorf("the timers are of %q, want a and b", keys)
	}
	send(second, 6)
	if keys := due(second); !slices.Equal(keys, []string{"b"}) {
		t.Errorf("the timers behind the first are of %q, want b", keys)
	}
}
