// Package sim runs a pipeline in one goroutine, over a clock and a file system
// of its own, in an order that a seed decides.
//
// It drives the same pumps, lanes, shards and writers as rt.Run, one step at a
// time, and lets some of them be slow for a while, so that every interleaving
// which goroutines could bring about can occur. The same seed gives the same run,
// down to the hash of its trace. What a pipeline may promise whatever the timing,
// a test asserts over many seeds.
//
// The package starts no goroutine and reads no real clock.
package sim

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"runtime/debug"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/value"
)

// Options say how a pipeline is simulated.
type Options struct {
	Seed uint64
	// Job is what the job is started with. Its clock is replaced; it must have
	// a file system, and may not read standard input.
	Job rt.Options
	// MaxSteps is how many steps may pass before the job counts as stuck; 0 means a
	// million.
	MaxSteps int
	// Crash, if it is not nil, is asked before each step whether the process is
	// killed there. A panic of [Killed] kills it, too, wherever it comes from.
	Crash func() bool
	// Clock, if it is not nil, is what the process's clock shows when so much time
	// has passed in truth.
	Clock func(now value.Timestamp) value.Timestamp
}

// Killed is what a simulated process panics with where it is killed.
type Killed struct{}

// ErrKilled is the error of a job whose process was killed. What it held is not
// closed.
var ErrKilled = errors.New("the process was killed")

// Result tells what happened.
type Result struct {
	Trace uint64 // hash of all steps and their outcome
	Steps int
	Stats rt.Stats
}

// ErrStuck is the error of a job that has work left but can do no step.
var ErrStuck = errors.New("the job is stuck")

// start is the time at which every simulation begins: 2024-05-01T00:00:00Z.
const start = value.Timestamp(1714521600000000)

// Run simulates a pipeline to its end. Its error is that of the job, ErrStuck,
// or an [*rt.Bug] for a panic.
func Run(spec rt.Spec, opts Options) (result Result, err error) {
	defer func() {
		if v := recover(); v == (Killed{}) {
			err = ErrKilled
		} else if v != nil {
			panic(v)
		}
	}()
	s := &simulation{random: rand.New(rand.NewPCG(opts.Seed, 0x5eed)), now: start, most: opts.MaxSteps, clock: opts.Clock}
	if s.most <= 0 {
		s.most = 1_000_000
	}
	job := opts.Job
	job.FineSteps = true
	random := rand.New(rand.NewPCG(opts.Seed, 0x70ce))
	job.Random, job.Host = random.Uint64, "sim"
	job.Now = s.shown
	job.Report = func(stats rt.Stats) { s.result.Stats = stats }
	j, err := rt.NewJob(spec, job)
	if err != nil {
		return Result{}, err
	}
	s.job, s.actors, s.crash = j, j.Actors(), opts.Crash
	s.run()
	err = j.Close()
	return s.result, err
}

// simulation is one run.
type simulation struct {
	random *rand.Rand
	now    value.Timestamp
	most   int
	job    *rt.Job
	actors []rt.Actor
	slow   []int // by actor: it is chosen only one time in so many
	ready  []int // scratch
	trace  uint64
	result Result
	crash  func() bool
	clock  func(value.Timestamp) value.Timestamp
}

// shown is what the clock shows.
func (s *simulation) shown() value.Timestamp {
	if s.clock != nil {
		return s.clock(s.now)
	}
	return s.now
}

// run steps actors until none is left.
func (s *simulation) run() {
	s.slow = make([]int, len(s.actors))
	for finished := false; ; {
		if s.random.IntN(100) == 0 || s.result.Steps == 0 {
			s.changeSpeeds()
		}
		i, ok := s.pick()
		switch {
		case ok && s.result.Steps >= s.most:
			s.job.Fail(fmt.Errorf("%w: no end after %d steps", ErrStuck, s.most))
			return
		case ok:
			s.step(i)
		case s.pass():
		case !finished:
			finished = true
			if left := s.left(); left != "" {
				s.job.Fail(fmt.Errorf("%w: %s", ErrStuck, left))
			}
			s.job.Finish()
		default:
			return
		}
		s.result.Trace = s.trace
	}
}

// changeSpeeds makes some actors slow.
func (s *simulation) changeSpeeds() {
	for i := range s.slow {
		s.slow[i] = 1
		if s.random.IntN(3) == 0 {
			s.slow[i] = 1 << s.random.IntN(8)
		}
	}
}

// pick chooses an actor that has something to do.
func (s *simulation) pick() (int, bool) {
	s.ready = s.ready[:0]
	for i, a := range s.actors {
		if !a.Done() && a.Ready(s.shown()) {
			s.ready = append(s.ready, i)
		}
	}
	if len(s.ready) == 0 {
		return 0, false
	}
	for range 16 {
		i := s.ready[s.random.IntN(len(s.ready))]
		if s.random.IntN(s.slow[i]) == 0 {
			return i, true
		}
	}
	return s.ready[0], true
}

// step steps one actor. A panic fails the job.
func (s *simulation) step(i int) {
	defer func() {
		if v := recover(); v == (Killed{}) {
			panic(v)
		} else if v != nil {
			s.job.Fail(&rt.Bug{Task: s.actors[i].Name(), Value: v, Stack: debug.Stack()})
		}
	}()
	if s.crash != nil && s.crash() {
		panic(Killed{})
	}
	s.result.Steps++
	s.now += value.Timestamp(s.random.IntN(1000))
	s.actors[i].Step(context.Background(), s.shown())
	stats := s.job.Stats()
	s.note(uint64(i), uint64(s.now), uint64(stats.In), uint64(stats.Out))
	s.job.Tick(s.shown())
}

// note adds numbers to the trace.
func (s *simulation) note(numbers ...uint64) {
	h := fnv.New64a()
	for _, n := range append(numbers, s.trace) {
		var b [8]byte
		for i := range b {
			b[i] = byte(n >> (8 * i))
		}
		_, _ = h.Write(b[:]) // never fails
	}
	s.trace = h.Sum64()
}

// pass lets time pass to the next timer, while there is anything left to read.
func (s *simulation) pass() bool {
	if s.left() == "" {
		return false
	}
	now := s.shown()
	next := min(s.job.Due(), s.job.Tick(now))
	if next == value.MaxTime || next <= now {
		return false
	}
	s.now += next - now
	return true
}

// left names an actor that is not done, other than a writer; "" if all are.
func (s *simulation) left() string {
	for _, a := range s.actors {
		if _, writes := a.(interface{ Writes() }); !writes && !a.Done() {
			return a.Name() + " is not done"
		}
	}
	return ""
}
