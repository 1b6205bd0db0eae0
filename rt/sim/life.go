package sim

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/checkpoint"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/vfs"
)

// Life is a job that is killed again and again, and goes on each time from its
// last checkpoint or savepoint, until it ends by itself. Its checkpoints are in
// the folder [Checkpoints] of the disk.
type Life struct {
	Seed   uint64     // of the order of steps
	Random *rand.Rand // decides all else
	Spec   rt.Spec    // of the pipeline
	// Turned is a pipeline that does the same and keeps its state in another way: one of
	// the two is started, by chance. The zero Spec means there is none.
	Turned  rt.Spec
	Disk    vfs.Crashable // has the input and at last the output; another after each crash
	Options func() rt.Options
	// Backends are where the state may lie; none means in memory.
	Backends []string
	Crashes  int // that are still to come
	Faults   int // operations of the disk that are still to fail
	Stops    int // savepoints that are still to end the job
	// Rest is what comes to the end of files when a savepoint has ended the job.
	Rest  map[string]string
	Wrap  func(vfs.FS) vfs.FS
	Store func(vfs.FS) (checkpoint.Store, error)
	// Sinks returns what stands in for a sink of a Spec that asks; nil means itself.
	Sinks func(rt.SinkConnector) rt.SinkConnector
	Count LifeCount

	last rt.Options // of the start before
	from string     // savepoint to go on from, while there is no checkpoint after it
}

// LifeCount is what has happened.
type LifeCount struct{ Starts, Crashes, Failures, Savepoints, Checkpoints int }

// Add adds another's counts.
func (c *LifeCount) Add(o LifeCount) {
	c.Starts += o.Starts
	c.Crashes += o.Crashes
	c.Failures += o.Failures
	c.Savepoints += o.Savepoints
	c.Checkpoints += o.Checkpoints
}

// Checkpoints is the folder of a life's checkpoints.
const Checkpoints = "cp"

// maxStarts is how often a job is started that is to end when nothing disturbs
// it any more.
const maxStarts = 200

// maxSteps is how many steps one start may take.
const maxSteps = 1_000_000

// errInjected is the error of a disk that fails otherwise than by being full.
var errInjected = errors.New("an injected failure")

// Run lives until the job ends by itself.
func (l *Life) Run() error {
	for {
		l.Count.Starts++
		err := l.start()
		switch {
		case err == nil && l.Stops > 0:
			l.Stops--
			l.Count.Savepoints++
			l.from = l.savepoint()
			if err := l.grow(); err != nil {
				return err
			}
		case err == nil:
			return nil
		case errors.Is(err, ErrKilled):
			l.Count.Crashes++
			l.Disk = l.Disk.Crash(l.Random, l.Random.IntN(5)*25)
		case strings.Contains(err.Error(), errInjected.Error()) || strings.Contains(err.Error(), "no space left"):
			l.Count.Failures++
		default:
			return err
		}
		if l.Count.Starts > maxStarts {
			return fmt.Errorf("no end after %d starts: %w", l.Count.Starts, err)
		}
	}
}

// grow gives the job more to read.
func (l *Life) grow() error {
	for _, name := range slices.Sorted(maps.Keys(l.Rest)) {
		text, err := vfs.ReadFile(l.Disk, name)
		if err == nil {
			err = vfs.WriteFile(l.Disk, name, append(text, l.Rest[name]...))
		}
		if err != nil {
			return err
		}
	}
	l.Rest = nil
	return nil
}

// savepoint is where the start at hand writes its savepoint.
func (l *Life) savepoint() string { return fmt.Sprintf("savepoint-%d", l.Count.Starts) }

// start starts the job once. If it was stopped with a savepoint before and has no
// checkpoint since, it says so, and is given the savepoint.
func (l *Life) start() error {
	opts := l.options()
	spec := l.Spec
	if l.Turned.Wire != nil && l.Random.IntN(3) == 0 {
		spec, l.Spec, l.Turned = l.Turned, l.Turned, l.Spec
	}
	if l.Turned.Wire != nil && l.Count.Starts > 1 && l.Random.IntN(4) > 0 { // so that rows stay where they are
		opts.Job.State, opts.Job.StateDir, opts.Job.CacheSize, opts.Job.Parallelism = l.last.State, l.last.StateDir, l.last.CacheSize, l.last.Parallelism
	}
	l.last = opts.Job
	result, err := Run(spec, opts)
	if err != nil && l.from != "" && result.Steps == 0 && strings.Contains(err.Error(), "give --from "+l.from) {
		opts.Job.From = l.from
		_, err = Run(spec, opts)
	}
	return err
}

// options makes up what befalls the job in one start.
func (l *Life) options() Options {
	random := l.Random
	opts := l.Options()
	opts.CheckpointTo = Checkpoints
	opts.CheckpointInterval = time.Duration(1+random.IntN(60)) * time.Millisecond
	opts.Retain = 1 + random.IntN(3)
	opts.TolerableFailures = random.IntN(8)
	if random.IntN(3) == 0 {
		opts.CheckpointTimeout = time.Duration(1+random.IntN(20)) * time.Millisecond
		opts.TolerableFailures = 1 << 30
	}
	if len(l.Backends) > 0 {
		opts.State, opts.StateDir, opts.CacheSize = l.Backends[random.IntN(len(l.Backends))], "state", 1
	}
	if l.Stops > 0 {
		opts.SavepointOnEnd = l.savepoint()
	}
	die, steps := -1, -1 // operations of the disk, and steps, until the process is killed
	if l.Crashes > 0 {
		l.Crashes--
		late := 0 // most die early, while they recover and take a first checkpoint
		if random.IntN(4) == 0 {
			late = random.IntN(4)
		}
		if die = random.IntN(40 << late); random.IntN(2) == 0 {
			die, steps = -1, random.IntN(110<<late)
		}
	}
	fail := -1
	if l.Faults > 0 {
		fail = random.IntN(120)
	}
	fs := vfs.FS(l.Disk)
	if l.Wrap != nil {
		fs = l.Wrap(fs)
	}
	opts.FS = vfs.Hooked(fs, func(op, _ string) error {
		if die--; die == 0 {
			panic(Killed{})
		}
		if fail--; fail == 0 && op != "read" {
			l.Faults--
			if random.IntN(2) == 0 {
				return syscall.ENOSPC
			}
			return errInjected
		}
		return nil
	})
	if l.Store != nil {
		store, err := l.Store(opts.FS)
		if err != nil {
			panic(err) // a folder's cannot fail
		}
		opts.Store = store
	}
	return Options{Seed: l.Seed*1000 + uint64(l.Count.Starts), Job: opts, MaxSteps: maxSteps, Crash: func() bool {
		steps--
		return steps == 0
	}}
}

// CheckStore looks whether every checkpoint that is kept can be restored, and, if
// the job has ended, whether there are files that none of them needs.
func (l *Life) CheckStore(ended bool) error {
	store, err := checkpoint.OpenStore(l.Disk, Checkpoints)
	if err != nil {
		return err
	}
	log, err := checkpoint.OpenToRead(store)
	if err != nil {
		return err
	}
	names, err := l.Disk.List(Checkpoints)
	if err != nil {
		return err
	}
	needed := map[string]bool{"lock": true, "holder": true}
	for _, name := range names {
		if !checkpoint.IsManifest(name) {
			continue
		}
		needed[name] = true
		m, err := log.At(name)
		if err != nil {
			if !ended && strings.Contains(err.Error(), "it only says that a process began") {
				continue
			}
			return err
		}
		l.Count.Checkpoints++
		for _, f := range m.Files {
			needed[f.Name] = true
		}
		for i := range m.Operators {
			if err := log.Image(m).Records(i, 0, 1023, func(*state.Record) error { return nil }); err != nil {
				return err
			}
		}
	}
	for _, name := range names {
		if ended && !needed[name] && !strings.HasPrefix(name, "LATEST-") {
			return fmt.Errorf("%s/%s is of no checkpoint", Checkpoints, name)
		}
	}
	return nil
}
