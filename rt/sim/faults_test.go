package sim_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	lives "github.com/flow-lang/flowc/golden/gen/lives"
	"github.com/flow-lang/flowc/reliability"
	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/sim"
	"github.com/flow-lang/flowc/rt/vfs"
)

// fault is what is wrong with a disk from its n-th operation on, or with that
// alone.
type fault struct {
	err    error // nil means that half of what is to be written is
	sticky bool
	n      int

	ops int // so far
	hit int // operations that have failed
}

// strikes counts an operation, and reports whether it is to fail.
func (f *fault) strikes() bool {
	f.ops++
	if f.ops == f.n || f.sticky && f.ops > f.n {
		f.hit++
		return true
	}
	return false
}

// on returns a disk with the fault.
func (f *fault) on(disk vfs.FS) vfs.FS {
	if f.err == nil {
		return &shortDisk{disk, f}
	}
	return vfs.Hooked(disk, func(string, string) error {
		if f.strikes() {
			return f.err
		}
		return nil
	})
}

// shortDisk is a disk whose files write less than they are given.
type shortDisk struct {
	vfs.FS
	fault *fault
}

type shortFile struct {
	vfs.File
	fault *fault
}

func (f shortFile) Write(b []byte) (int, error) {
	if len(b) > 1 && f.fault.strikes() {
		return f.File.Write(b[:len(b)/2])
	}
	return f.File.Write(b)
}

func (d *shortDisk) short(f vfs.File, err error) (vfs.File, error) {
	if err != nil {
		return nil, err
	}
	return shortFile{f, d.fault}, nil
}

func (d *shortDisk) Create(name string) (vfs.File, error) { return d.short(d.FS.Create(name)) }

func (d *shortDisk) OpenReadWrite(name string) (vfs.File, error) {
	return d.short(d.FS.OpenReadWrite(name))
}

func (d *shortDisk) OpenAppend(name string, size int64) (vfs.File, error) {
	return d.short(d.FS.OpenAppend(name, size))
}

// faultRun is a job on a disk that fails.
type faultRun struct {
	spec    rt.Spec
	disk    vfs.FS
	outputs map[string]string // what it must write
}

// start starts the job; the seed decides the order of steps.
func (r *faultRun) start(seed uint64, f *fault) (sim.Result, error) {
	opts := options(rand.New(rand.NewPCG(seed, 9)), f.on(r.disk))
	opts.BlockSize, opts.CheckpointTo, opts.CheckpointInterval, opts.Retain = 512, sim.Checkpoints, 15*time.Millisecond, 2
	return sim.Run(r.spec, sim.Options{Seed: seed, Job: opts, MaxSteps: 20_000})
}

// newFaultRun returns a job with its input on a fresh disk.
func newFaultRun(t *testing.T, outputs map[string]string) *faultRun {
	t.Helper()
	r := &faultRun{spec: lives.Pipeline(), disk: vfs.NewMem(), outputs: outputs}
	if err := vfs.WriteFile(r.disk, "in.jsonl", []byte(programs[0].input(rand.New(rand.NewPCG(1, 10)), 80))); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *faultRun) check(t *testing.T) error {
	for name, want := range r.outputs {
		if diff := cmp.Diff(sortedLines(want), sortedLines(content(t, r.disk, name))); diff != "" {
			return fmt.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	return nil
}

// cause is how an error is told.
func (f *fault) cause() []string {
	switch {
	case f.err == nil:
		return []string{"short write"}
	case errors.Is(f.err, syscall.ENOSPC):
		return []string{"no space left"}
	default:
		return []string{f.err.Error()}
	}
}

// try has the job meet a fault, then go on without it.
func (f *fault) try(t *testing.T, outputs map[string]string) error {
	r := newFaultRun(t, outputs)
	seed := uint64(f.n)
	_, err := r.start(seed, f)
	var bug *rt.Bug
	switch {
	case errors.As(err, &bug):
		return err
	case errors.Is(err, sim.ErrStuck):
		return fmt.Errorf("it goes on and on: %w", err)
	case f.hit == 0 && err != nil:
		return fmt.Errorf("without a fault: %w", err)
	case f.sticky && f.hit > 0 && err == nil && f.err != nil:
		// Only what comes after the last checkpoint may fail without a word.
		if f.ops-f.n > 8 {
			return errors.New("the job has not failed on a disk that does nothing any more")
		}
	case err != nil && !told(err, f.cause()):
		return fmt.Errorf("the cause is not told: %w", err)
	}
	if _, err := r.start(seed+1, &fault{err: errors.New("none")}); err != nil {
		return fmt.Errorf("the job does not go on: %w", err)
	}
	return r.check(t)
}

func told(err error, words []string) bool {
	for _, w := range words {
		if strings.Contains(err.Error(), w) {
			return true
		}
	}
	return false
}

// TestEveryOperationMayFail has each operation on the disk fail, by itself and
// with all after it: the job says why it failed, or has gone on; it does not try
// again and again; and the next start, on a disk that is well, gives what an
// undisturbed run does.
func TestEveryOperationMayFail(t *testing.T) {
	t.Parallel()
	plain := newFaultRun(t, nil)
	none := &fault{err: errors.New("none")}
	if _, err := plain.start(0, none); err != nil {
		t.Fatal(err)
	}
	outputs := map[string]string{"stays.jsonl": content(t, plain.disk, "stays.jsonl"), "pages.jsonl": content(t, plain.disk, "pages.jsonl")}
	step := reliability.Size(11, 1, 1)
	var mu sync.Mutex
	runs, hit, bad := 0, 0, 0
	var all sync.WaitGroup
	for _, err := range []error{syscall.EIO, syscall.ENOSPC, syscall.EMFILE, nil} {
		for _, sticky := range []bool{false, true} {
			all.Go(func() {
				for n := 1; n <= none.ops+20; n += step {
					f := &fault{err: err, sticky: sticky, n: n}
					why := f.try(t, outputs)
					mu.Lock()
					runs++
					if f.hit > 0 {
						hit++
					}
					if why != nil {
						bad++
						t.Errorf("%v, sticky %t, from operation %d of %d on: %v", err, sticky, n, none.ops, why)
					}
					mu.Unlock()
				}
			})
		}
	}
	all.Wait()
	reliability.Note(t, "T10", bad, reliability.Count{Name: "runs", N: int64(runs)}, reliability.Count{Name: "runs with a failure", N: int64(hit)},
		reliability.Count{Name: "operations of a run", N: int64(none.ops)})
}
