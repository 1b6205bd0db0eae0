package sim_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/flow-lang/flowc/reliability"
	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/checkpoint"
	"github.com/flow-lang/flowc/rt/sim"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/state/memstore"
	"github.com/flow-lang/flowc/rt/vfs"
)

// mutant is a mistake that the test of lives must find.
type mutant struct {
	name   string
	class  int // of the known bugs of other engines, as the documentation numbers them
	mutate func(*sim.Life)
}

// mutants are mistakes in the runtime, in the store of checkpoints, and in what
// the disk is asked to do.
var mutants = []mutant{
	{"files are not synced", 1, onDisk(func(fs vfs.FS) vfs.FS { return &unsynced{FS: fs} })},
	{"directories are not synced", 1, onDisk(func(fs vfs.FS) vfs.FS { return &unsynced{FS: fs, dirs: true} })},
	{"a file of a checkpoint is written in its place", 1, inStore(func(s *brokenStore) { s.inPlace = true })},
	{"a file goes with the first checkpoint that named it", 2, inStore(func(s *brokenStore) { s.deleteNamed = true })},
	{"two files have the same name", 3, inStore(func(s *brokenStore) { s.shortNames = true })},
	{"two operators have the same store", 4, func(l *sim.Life) { l.Backends = []string{sharedStore} }},
	{"a short read counts as a whole one", 5, inStore(func(s *brokenStore) { s.readOnce = true })},
	{"timers are not restored", 6, inRuntime(rt.ForgetTimers)},
	{"watermarks are not restored", 7, inRuntime(rt.ForgetMark)},
	{"the newest checkpoint is not seen", 8, inStore(func(s *brokenStore) { s.hideNewest = true })},
	{"files of the checkpoint that the job goes on from are forgotten", 8, inRuntime(rt.ForgetBase)},
	{"changes are restored without what they change", 9, inRuntime(rt.BasesAreChanges)},
	{"a shard does not restore its last key groups", 10, inRuntime(rt.MisroutedGroup)},
	{"a shard handles what lies behind a barrier before it cuts", 10, inRuntime(rt.NoHold)},
	{"a shard handles records before it has its state", 11, inRuntime(rt.LateRestore)},
	{"output is final before the checkpoint is there", 12, inRuntime(rt.CommitAtBarrier)},
	{"output is made final beside the writing of the checkpoint", 12, inRuntime(rt.CommitFirst)},
	{"sinks do not know what the checkpoint has of them", 12, inRuntime(rt.ForgetOutputs)},
	{"output that a start finds unfinished stays", 13, onDisk(func(fs vfs.FS) vfs.FS { return &lingering{fs} })},
	{"output that waits for its checkpoint is given up after a while", 13, onDisk(timedOut)},
	{"a checkpoint does not wait for all writers", 14, inRuntime(rt.HalfOutputs)},
	{"a checkpoint without output knows nothing of the sink", 14, inSinks(func(w rt.Writer) rt.Writer { return &emptyNone{Writer: w} })},
	{"of what waits for several checkpoints the last is kept", 14, inSinks(func(w rt.Writer) rt.Writer { return onlyLast{w} })},
	{"what shards gave of a snapshot that was given up is lost", 15, inRuntime(rt.DropOnAbort)},
	{"barriers of a snapshot that was given up count for the next", 15, inRuntime(rt.AbortedCounts)},
	{"such a barrier holds its channel until the end of the step", 15, inRuntime(rt.LateDrop)},
	{"the snapshot before is not dropped", 15, inRuntime(rt.ForgetDropped)},
	{"event time comes to its end though another job goes on", 16, inRuntime(rt.EndOnSavepoint)},
	{"a lane passes the end of a partition on while others have blocks before it", 16, inRuntime(rt.HastyEnd)},
	{"sources do not go on from their positions", 17, inRuntime(rt.FromTheBeginning)},
	{"the state of a snapshot is that of a later step", 18, inRuntime(rt.LateCut)},
	{"a checkpoint does not wait for the state of all shards", 18, inRuntime(rt.HalfState)},
	{"when something was written is not restored", 20, inRuntime(rt.ForgetWritten)},
	{"keys that are gone are not told", 20, inRuntime(rt.ForgetRemoved)},
	{"files that no checkpoint names are left", 23, inStore(func(s *brokenStore) { s.keepAll = true })},
	{"a channel that has ended is waited for", 24, inRuntime(rt.EndedAwaited)},
	{"nobody is told that a snapshot was given up", 24, inRuntime(rt.SilentAbort)},
	{"a file that could not be written counts as if it were", 25, inStore(func(s *brokenStore) { s.swallow = true })},
	{"the watermark does not wait for work outside of steps", 26, inRuntime(rt.CallsOvertaken)},
	{"a lane passes a barrier on while others have blocks before it", 27, inRuntime(rt.HastyBarrier)},
	{"a shard cuts at the first barrier", 27, inRuntime(rt.FirstBarrier)},
	{"a writer writes what lies behind a barrier before it prepares", 27, inRuntime(rt.WriterLooksAway)},
	{"a barrier goes out before the records that come before it", 27, inRuntime(rt.BarrierOvertakes)},
	{"a writer prepares before it has written all", 27, inRuntime(rt.UnspilledRows)},
	{"epochs begin anew after a restart", 28, inRuntime(rt.ReuseEpoch)},
}

func inRuntime(m rt.Mutant) func(*sim.Life) {
	return func(l *sim.Life) {
		options := l.Options
		l.Options = func() rt.Options {
			o := options()
			o.Mutant = m
			return o
		}
	}
}

func onDisk(wrap func(vfs.FS) vfs.FS) func(*sim.Life) {
	return func(l *sim.Life) { l.Wrap = wrap }
}

// TestMutantsOfCheckpointsAreFound: the test of lives can fail, in each way in
// which engines have been known to.
func TestMutantsOfCheckpointsAreFound(t *testing.T) {
	t.Parallel()
	const limit = 2000
	var mu sync.Mutex
	killed, all := 0, 0
	t.Run("each", func(t *testing.T) {
		for i, m := range mutants {
			if i%reliability.Size(9, 1, 1) != 0 {
				continue
			}
			all++
			t.Run(m.name, func(t *testing.T) {
				t.Parallel()
				for seed := range uint64(limit) {
					if why := survived(t, seed, m.mutate); why != nil {
						first, _, _ := strings.Cut(why.Error(), "\n")
						t.Logf("found at seed %d: %s", seed, first)
						mu.Lock()
						killed++
						mu.Unlock()
						return
					}
				}
				t.Errorf("it survives %d seeds", limit)
			})
		}
	})
	reliability.Note(t, "T2", all-killed, reliability.Count{Name: "mutants", N: int64(all)}, reliability.Count{Name: "found", N: int64(killed)})
}

// survived lives one life with a mutant. A panic finds it, too.
func survived(t *testing.T, seed uint64, mutate func(*sim.Life)) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	_, err = checkLife(t, seed, mutate)
	return err
}

// lingering is a disk on which parts that are not final cannot be removed.
type lingering struct{ vfs.FS }

func hidden(name string) bool { return strings.Contains(name, "/.part-") }

func (l *lingering) Remove(name string) error {
	if hidden(name) {
		return nil
	}
	return l.FS.Remove(name)
}

// timedOut takes away, when a process begins, all output that is not final.
func timedOut(fs vfs.FS) vfs.FS {
	for _, dir := range []string{"users", "raw"} {
		names, _ := fs.List(dir) // none before the first start
		for _, name := range names {
			if path := fs.PathJoin(dir, name); hidden(path) {
				_ = fs.Remove(path) // fails on no disk in memory
			}
		}
	}
	return fs
}

// inSinks changes the writers of sinks.
func inSinks(change func(rt.Writer) rt.Writer) func(*sim.Life) {
	return func(l *sim.Life) {
		l.Sinks = func(c rt.SinkConnector) rt.SinkConnector { return changedSink{c, change} }
	}
}

type changedSink struct {
	rt.SinkConnector
	change func(rt.Writer) rt.Writer
}

func (s changedSink) Open(env *rt.Env, from *rt.Recovery) ([]rt.Writer, error) {
	writers, err := s.SinkConnector.Open(env, from)
	for i, w := range writers {
		writers[i] = s.change(w)
	}
	return writers, err
}

// emptyNone prepares nothing if nothing was written.
type emptyNone struct {
	rt.Writer
	wrote bool
}

func (w *emptyNone) Write(rows []byte) error {
	w.wrote = true
	return w.Writer.Write(rows)
}

func (w *emptyNone) Prepare(epoch int64) ([]byte, error) {
	state, err := w.Writer.Prepare(epoch)
	if !w.wrote {
		state = nil
	}
	w.wrote = false
	return state, err
}

// onlyLast prepares the last of the parts that are not final.
type onlyLast struct{ rt.Writer }

func (w onlyLast) Prepare(epoch int64) ([]byte, error) {
	text, err := w.Writer.Prepare(epoch)
	state := map[string]any{}
	if err != nil || json.Unmarshal(text, &state) != nil {
		return text, err
	}
	if parts, ok := state["parts"].([]any); ok {
		state["parts"] = parts[len(parts)-1:]
	}
	return json.Marshal(state)
}

// unsynced is a disk on which syncing files, or directories, does nothing.
type unsynced struct {
	vfs.FS
	dirs bool
}

type unsyncedFile struct{ vfs.File }

func (unsyncedFile) Sync() error { return nil }

func (u *unsynced) opened(f vfs.File, err error, dir bool) (vfs.File, error) {
	if err != nil || dir != u.dirs {
		return f, err
	}
	return unsyncedFile{f}, nil
}

func (u *unsynced) Create(name string) (vfs.File, error) {
	f, err := u.FS.Create(name)
	return u.opened(f, err, false)
}

func (u *unsynced) OpenReadWrite(name string) (vfs.File, error) {
	f, err := u.FS.OpenReadWrite(name)
	return u.opened(f, err, false)
}

func (u *unsynced) OpenAppend(name string, size int64) (vfs.File, error) {
	f, err := u.FS.OpenAppend(name, size)
	return u.opened(f, err, false)
}

func (u *unsynced) OpenDir(name string) (vfs.File, error) {
	f, err := u.FS.OpenDir(name)
	return u.opened(f, err, true)
}

// brokenStore is a folder of checkpoints with a mistake.
type brokenStore struct {
	checkpoint.Store
	fs vfs.FS

	inPlace, deleteNamed, shortNames, readOnce, hideNewest, keepAll, swallow bool
}

func inStore(broken func(*brokenStore)) func(*sim.Life) {
	return func(l *sim.Life) {
		l.Store = func(fs vfs.FS) (checkpoint.Store, error) {
			store, err := checkpoint.OpenStore(fs, sim.Checkpoints)
			s := &brokenStore{Store: store, fs: fs}
			broken(s)
			return s, err
		}
	}
}

// name is the name of a file of records without most of its hash.
func (s *brokenStore) name(of string) string {
	if s.shortNames && len(of) > 64 {
		return of[:1] + of[64:]
	}
	return of
}

func (s *brokenStore) PutIfAbsent(name string, data []byte) error {
	if s.inPlace {
		if _, err := s.fs.Stat(s.Place(name)); err == nil {
			return s.Store.PutIfAbsent(name, data) // says that it is there
		}
		return errors.Join(s.fs.MkdirAll(sim.Checkpoints, 0o777), vfs.WriteFile(s.fs, s.Place(name), data), vfs.SyncDir(s.fs, sim.Checkpoints))
	}
	err := s.Store.PutIfAbsent(s.name(name), data)
	if s.swallow && !checkpoint.IsManifest(name) {
		return nil
	}
	return err
}

func (s *brokenStore) Get(name string) ([]byte, error) {
	if !s.readOnce {
		return s.Store.Get(s.name(name))
	}
	f, err := s.fs.Open(s.Place(name))
	if err != nil {
		return nil, err
	}
	block := make([]byte, 512) // of a disk
	n, err := f.Read(block)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return block[:n], errors.Join(err, f.Close())
}

func (s *brokenStore) Open(name string) (vfs.File, error) { return s.Store.Open(s.name(name)) }

func (s *brokenStore) List() ([]string, error) {
	names, err := s.Store.List()
	if s.hideNewest {
		for i := len(names) - 1; i >= 0; i-- {
			if checkpoint.IsManifest(names[i]) {
				return append(names[:i:i], names[i+1:]...), err
			}
		}
	}
	return names, err
}

func (s *brokenStore) Delete(name string) error {
	switch {
	case s.keepAll && len(name) > 64:
		return nil
	case s.deleteNamed && checkpoint.IsManifest(name):
		if log, err := checkpoint.OpenToRead(s.Store); err == nil {
			if m, err := log.At(name); err == nil {
				for _, f := range m.Files {
					if err := s.Store.Delete(f.Name); err != nil {
						return err
					}
				}
			}
		}
	}
	return s.Store.Delete(s.name(name))
}

// sharedStore is a backend in which all shards of all operators have one store.
const sharedStore = "shared"

func init() {
	state.Register(sharedStore, func(state.StoresOptions) (state.Stores, error) { return &oneStore{}, nil })
}

type oneStore struct {
	memstore.Stores
	store state.Store
}

// Shard returns the same store to all: that of the shape with the most states, so
// that none is too small.
func (s *oneStore) Shard(shape state.Shape, first, last int) state.Store {
	if s.store == nil {
		shape.States = 9
		shape.Clock = append(shape.Clock, make([]bool, 9)...)
		s.store = s.Stores.Shard(shape, first, last)
	}
	return s.store
}
