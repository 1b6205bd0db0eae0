package sim_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/reliability"
	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/sim"
	"github.com/flow-lang/flowc/rt/state/pebblestore"
	"github.com/flow-lang/flowc/rt/vfs"
)

// kinds are how a job leaves what another goes on from.
var kinds = []string{"savepoint", "full", "incremental"}

// cell is one pair of jobs: how the first runs and what it leaves, and how the
// second goes on.
type cell struct {
	from, to     int // parallelism
	left, enters string
	kind         string
}

// plan is what all cells of a program have in common.
type cellPlan struct {
	spec     func() rt.Spec
	input    string
	half     int
	outputs  []string
	rows     map[string]string // what comes out in the end
	snapshot map[string][]byte // files of the savepoint at the end
}

// options are those of one job of a cell.
func (c *cellPlan) options(t *testing.T, disk vfs.FS, parallelism int, backend string) (o rt.Options, clean func()) {
	t.Helper()
	dir, err := os.MkdirTemp("", "flow-matrix-")
	if err != nil {
		t.Fatal(err)
	}
	return rt.Options{
		FS: disk, Parallelism: parallelism, BlockSize: 512, State: backend, StateDir: dir, CacheSize: 1,
		CheckpointInterval: time.Hour, Retain: 1,
	}, func() { _ = os.RemoveAll(dir) }
}

// finish handles the whole input on a disk and takes a savepoint, whose files it
// returns with what the sinks have.
func (c *cellPlan) finish(t *testing.T, disk vfs.FS, o rt.Options) (rows map[string]string, files map[string][]byte, err error) {
	if err := vfs.WriteFile(disk, "in.jsonl", []byte(c.input)); err != nil {
		return nil, nil, err
	}
	o.SavepointOnEnd = "end"
	if _, err := sim.Run(c.spec(), sim.Options{Seed: 2, Job: o}); err != nil {
		return nil, nil, err
	}
	rows, files = map[string]string{}, map[string][]byte{}
	for _, name := range c.outputs {
		rows[name] = content(t, disk, name)
	}
	names, err := disk.List("end")
	for _, name := range names {
		if strings.HasSuffix(name, ".avro") {
			files[name] = []byte(content(t, disk, "end/"+name))
		}
	}
	return rows, files, err
}

// run runs the two jobs of a cell.
func (c *cellPlan) run(t *testing.T, at cell) error {
	disk := vfs.NewCrashable()
	o, clean := c.options(t, disk, at.from, at.left)
	defer clean()
	from, input := "", c.input[:c.half]
	var crash func() bool
	switch at.kind {
	case "savepoint":
		o.SavepointOnEnd, from = "half", "half"
	case "full": // one checkpoint, when all has been read
		o.CheckpointTo, o.SavepointOnEnd = sim.Checkpoints, "unused"
	default: // many, and the process is killed somewhere
		o.CheckpointTo, o.CheckpointInterval, o.SavepointOnEnd, input = sim.Checkpoints, 5*time.Millisecond, "unused", c.input
		steps := 80 + 13*at.from + at.to
		crash = func() bool { steps--; return steps == 0 }
	}
	if err := vfs.WriteFile(disk, "in.jsonl", []byte(input)); err != nil {
		return err
	}
	if _, err := sim.Run(c.spec(), sim.Options{Seed: 1, Job: o, Crash: crash}); err != nil && (crash == nil || !errors.Is(err, sim.ErrKilled)) {
		return fmt.Errorf("the first job: %w", err)
	}
	if crash != nil {
		disk = disk.Crash(rand.New(rand.NewPCG(1, 1)), 100) // nothing is lost, but the lock is free
	}
	next, clean := c.options(t, disk, at.to, at.enters)
	defer clean()
	if next.From = from; from == "" {
		next.CheckpointTo = sim.Checkpoints
	}
	rows, files, err := c.finish(t, disk, next)
	if err != nil {
		return err
	}
	for name, want := range c.rows {
		if diff := cmp.Diff(sortedLines(want), sortedLines(rows[name])); diff != "" {
			return fmt.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for name, want := range c.snapshot {
		if !bytes.Equal(want, files[name]) {
			return fmt.Errorf("the state differs in %s:\n%q\n%q", name, want, files[name])
		}
	}
	if len(files) != len(c.snapshot) {
		return fmt.Errorf("there are %d files of state, not %d", len(files), len(c.snapshot))
	}
	return nil
}

// TestRestoreMatrix: a job goes on at any parallelism, with its state in any
// backend, from whatever another has left at any parallelism and in any backend:
// what comes out, and the state in the end, are the same to the byte.
func TestRestoreMatrix(t *testing.T) {
	t.Parallel()
	degrees := []int{1, 2, 3, 4, 7, 8}
	backends := []string{rt.MemoryState, pebblestore.Name}
	var cells []cell
	for _, from := range degrees {
		for _, to := range degrees {
			for _, left := range backends {
				for _, enters := range backends {
					for _, kind := range kinds {
						cells = append(cells, cell{from, to, left, enters, kind})
					}
				}
			}
		}
	}
	step := reliability.Size(29, 1, 1)
	tried, bad := 0, 0
	for _, i := range []int{0, 1, 3} { // the other one saves processing times
		p := &programs[i]
		random := rand.New(rand.NewPCG(uint64(i), 13))
		c := &cellPlan{spec: p.spec, input: p.input(random, 120), outputs: p.outputs}
		c.half = strings.LastIndexByte(c.input[:len(c.input)/2], '\n') + 1
		plain := vfs.NewMem()
		var err error
		if c.rows, c.snapshot, err = c.finish(t, plain, rt.Options{FS: plain, Parallelism: 1}); err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		var workers sync.WaitGroup
		for w := range 2 {
			workers.Go(func() {
				for k := i + w*step; k < len(cells); k += 2 * step {
					err := c.run(t, cells[k])
					mu.Lock()
					if tried++; err != nil {
						bad++
						t.Errorf("program %d, %+v: %v", i, cells[k], err)
					}
					mu.Unlock()
				}
			})
		}
		workers.Wait()
	}
	reliability.Note(t, "T9", bad, reliability.Count{Name: "pairs of jobs", N: int64(tried)})
}
