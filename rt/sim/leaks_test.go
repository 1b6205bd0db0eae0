package sim_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/flow-lang/flowc/reliability"
	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/sim"
	"github.com/flow-lang/flowc/rt/state/memstore"
	"github.com/flow-lang/flowc/rt/vfs"
)

// footprint is what a process has at hand.
type footprint struct {
	goroutines, files int
	heap              uint64 // bytes
}

// measure waits for goroutines that are about to end.
func measure(want int) footprint {
	var f footprint
	for range 200 {
		if f.goroutines = runtime.NumGoroutine(); f.goroutines <= want {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	open, _ := os.ReadDir("/proc/self/fd") // none where there is no such folder
	f.files = len(open)
	runtime.GC()
	runtime.GC() // finalizers of the first have run
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	f.heap = m.HeapAlloc
	return f
}

// TestGoroutinesEndWithTheirJob starts and stops jobs with goroutines, as production
// does, some of which are cancelled or fail: goroutines, files and the heap are then
// as before. It runs while no other test does.
func TestGoroutinesEndWithTheirJob(t *testing.T) {
	starts := reliability.Size(20, 100, 1000)
	dir := t.TempDir()
	start := func(seed uint64) {
		random := rand.New(rand.NewPCG(seed, 17))
		disk := vfs.NewMem()
		p := programs[seed%uint64(len(programs))]
		if err := vfs.WriteFile(disk, "in.jsonl", []byte(p.input(random, 300))); err != nil {
			t.Fatal(err)
		}
		opts := options(random, disk)
		opts.CheckpointTo, opts.CheckpointInterval = sim.Checkpoints, time.Millisecond
		opts.State, opts.StateDir, opts.CacheSize = []string{rt.MemoryState, memstore.Name}[random.IntN(2)], dir, 1
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		switch random.IntN(3) {
		case 0:
			time.AfterFunc(time.Duration(random.IntN(3000))*time.Microsecond, cancel)
		case 1:
			var left atomic.Int64
			left.Store(20 + random.Int64N(200))
			opts.FS = vfs.Hooked(disk, func(string, string) error {
				if left.Add(-1) == 0 {
					return errors.New("an injected failure")
				}
				return nil
			})
		}
		_ = rt.Run(ctx, p.spec(), opts) // fails if it was to
	}
	for seed := range uint64(10) { // what is made once
		start(seed)
	}
	before := measure(0)
	for seed := range uint64(starts) {
		start(seed)
	}
	after := measure(before.goroutines)
	bad := 0
	if after.goroutines > before.goroutines || after.files > before.files || after.heap > before.heap+before.heap/4+1<<20 {
		bad++
		stacks := make([]byte, 1<<20)
		t.Errorf("after %d starts there are %d goroutines, %d files and %d bytes, before there were %d, %d and %d\n%s", starts,
			after.goroutines, after.files, after.heap, before.goroutines, before.files, before.heap, stacks[:runtime.Stack(stacks, true)])
	}
	reliability.Note(t, "T17 leaks", bad, reliability.Count{Name: "starts and stops", N: int64(starts)})
}
