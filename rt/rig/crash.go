package rig

import (
	"math"
	"os"
	"path/filepath"
	"strconv"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/state"
	_ "github.com/flow-lang/flowc/rt/state/memstore" // a store that is always there
	"github.com/flow-lang/flowc/rt/value"
	"github.com/flow-lang/flowc/rt/vfs"
)

// crashes are those of one run of a test: the job takes a checkpoint, is given
// up, and another goes on from there.
type crashes struct {
	backend string // that holds the state
	before  int    // number of the line before which the job is killed; 0 means every line but the first
	disk    vfs.FS // that the checkpoints are on
	dir     string // for the backend's files
	starts  int
	chance  uint64
}

// Do runs one test as it is; then with a crash before each of its lines but the
// first, and before all of them. That is done with the state in memory, and with
// each store that is linked or that the test names, out of which a cell comes when it is used; one made of
// maps always is. The result is that of the first run that fails.
func Do(spec rt.Spec, test Test) Result {
	plain := once(&spec, test, nil)
	result := plain.result
	if !result.OK || plain.lines < 2 {
		return result
	}
	dir, err := os.MkdirTemp("", "flow-test-")
	if err != nil {
		plain.fail(test.At, "a folder for state cannot be made: "+err.Error())
		return plain.result
	}
	defer os.RemoveAll(dir) // what is left is of no use, and in nobody's way
	var before []int
	if plain.lines > 2 {
		before = append(before, 0)
	}
	for line := plain.lines; line > 1; line-- {
		before = append(before, line)
	}
	stores := test.Stores
	if stores == nil {
		stores = state.Backends()
	}
	for _, backend := range append([]string{rt.MemoryState}, stores...) {
		// Those that name a line come first.
		for i := len(before) - 1; i >= 0; i-- {
			c := &crashes{backend: backend, before: before[i], disk: vfs.NewMem(), dir: dir}
			r := once(&spec, test, c)
			result.Restarts += c.starts - 1
			if r.failed {
				r.result.Restarts, r.result.State = result.Restarts, backend
				return r.result
			}
		}
	}
	return result
}

// options has the job take checkpoints when it is asked to, and its state lie
// where it is to lie.
func (c *crashes) options(o *rt.Options) {
	o.FS, o.CheckpointTo, o.CheckpointInterval = c.disk, "checkpoints", math.MaxInt64
	o.TolerableFailures, o.Host = -1, "the test"
	o.Random = func() uint64 { c.chance++; return c.chance }
	// No cell stays in memory that is not in use.
	o.State, o.CacheSize = c.backend, 1
	o.StateDir = filepath.Join(c.dir, strconv.Itoa(c.starts))
	c.starts++
}

// line begins a line of the test, with a restart of the job if there is to be one
// before it.
func (r *Run) line(at value.Pos) bool {
	if !r.sound(at) {
		return false
	}
	r.lines++
	if c := r.crashes; c != nil && r.lines > 1 && (c.before == 0 || c.before == r.lines) {
		return r.restart(at)
	}
	return true
}

// restart takes a checkpoint, gives the job up, and has another go on.
func (r *Run) restart(at value.Pos) bool {
	if r.crashes.before > 0 {
		r.result.Restart = r.spec.Place(at)
	}
	r.job.Checkpoint()
	if !r.settle(at) {
		return false
	}
	if err := r.job.Close(); err != nil {
		return r.fail(at, err.Error())
	}
	return r.begin(at)
}
