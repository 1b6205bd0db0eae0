package rt

import (
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/flow-lang/flowc/rt/checkpoint"
	"github.com/flow-lang/flowc/rt/state"
)

// How much memory the state of a checkpoint may take that lies in files of stores.
const (
	shadowBlocks = 8 << 20
	shadowCells  = 24 << 20
)

// maxHeld is the length in bytes of a file that may be held in memory.
const maxHeld = 1 << 20

// shadowStores are the files of a checkpoint, in which cells are found when they are
// asked for. They stay open: a checkpoint that is not kept any more takes their names.
type shadowStores struct {
	stores state.Stores
	held   []state.StoreReader
	broken atomic.Pointer[error]
}

// heldReader is a file that others close.
type heldReader struct{ state.StoreReader }

func (heldReader) Close() error { return nil }

// openShadowStores opens the files of a checkpoint; nil if it has none, or if they are
// not on a disk of this machine.
func (c *Checkpointed) openShadowStores(m *checkpoint.Manifest) (s *shadowStores, err error) {
	if m == nil || m.Stores == nil || c.log == nil {
		return nil, nil
	}
	backend, ok := state.FindBackend(m.Stores.Backend)
	if !ok {
		return nil, nil // the image says so
	}
	files := c.log.StoreFiles(m)
	for i := range files {
		if files[i].Path == "" && files[i].Size > maxHeld {
			return nil, nil
		}
	}
	s = &shadowStores{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	for i := range files {
		in, err := files[i].Open()
		if err != nil {
			return nil, err
		}
		s.held = append(s.held, in)
		files[i].Open = func() (state.StoreReader, error) { return heldReader{in}, nil }
	}
	s.stores, err = backend(state.StoresOptions{
		Dir: c.log.Place(), Files: files, ReadOnly: true, Cache: shadowBlocks,
		Warn: func(text string) { c.opts.Log.Warn(text) }, Fail: s.fail, Fatal: endProcess,
	})
	return s, err
}

func (s *shadowStores) fail(err error) { s.broken.CompareAndSwap(nil, &err) }

// err returns what is wrong with the files.
func (s *shadowStores) err() error {
	if s == nil || s.broken.Load() == nil {
		return nil
	}
	return *s.broken.Load()
}

// join has the shards of a stage find their cells in the files, and reports whether
// they are there.
func (s *shadowStores) join(st *stage, m *checkpoint.Manifest) (bool, error) {
	if s == nil {
		return false, nil
	}
	uid := st.spec.UID
	of := m.Stores.Operator(uid)
	if of == nil {
		return false, nil
	}
	for i, sh := range st.shards {
		op, ok := sh.op.(state.Spillable)
		if !ok {
			return false, nil
		}
		sh.describeSaving()
		first, last := sh.task.job.groupsOf(i)
		store, err := m.Stores.Open(s.stores, of, sh.task.job.spec.Job.Operator(uid), i, state.LazyOptions{First: first, Last: last})
		if err != nil {
			return false, err
		}
		sh.spill = op.Spill(state.SpillOptions{Store: store, Room: shadowCells / len(st.shards), Fail: s.fail})
		err = sh.spill.Reopen(func(state int) bool {
			return i == 0 || state < len(sh.broadcast) && sh.broadcast[state]
		})
		if err != nil {
			return false, fmt.Errorf("step %q: %w", st.spec.Name, err)
		}
	}
	return true, nil
}

// close gives the files back. Nobody asks any more.
func (s *shadowStores) close() error {
	if s == nil {
		return nil
	}
	var errs []error
	if s.stores != nil {
		errs = append(errs, s.stores.Close())
	}
	for _, in := range s.held {
		errs = append(errs, in.Close())
	}
	return errors.Join(errs...)
}
