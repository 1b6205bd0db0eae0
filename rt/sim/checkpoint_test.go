package sim_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/checkpoint"
	"github.com/flow-lang/flowc/rt/sim"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/vfs"
)

// life is a job that is killed again and again, and goes on each time from its
// last checkpoint, until it ends by itself.
type life struct {
	seed    uint64
	random  *rand.Rand
	mutant  rt.Mutant
	in      input
	disk    vfs.Crashable
	crashes int            // that are still to come
	faults  int            // operations of the disk that are still to fail
	calls   bool           // each visit goes through a call
	wire    func() rt.Spec // instead of the visits' pipeline; nil if it is that
	count   lifeCount
}

// lifeCount is what has happened.
type lifeCount struct{ crashes, failures, starts, checkpoints int }

var errInjected = errors.New("injected")

// newLife prepares a life that a seed decides.
func newLife(t testing.TB, seed uint64, mutant rt.Mutant) *life {
	random := rand.New(rand.NewPCG(seed, 6))
	partitions := 1
	if random.IntN(3) == 0 {
		partitions = 2 + random.IntN(3)
	}
	l := &life{seed: seed, random: random, mutant: mutant, disk: vfs.NewCrashable(), crashes: random.IntN(16)}
	if random.IntN(2) == 0 {
		l.faults = random.IntN(6)
	}
	l.calls = random.IntN(4) == 0
	disorder := 0
	if partitions == 1 {
		disorder = random.IntN(4) * lag
	}
	l.in = randomInput(random, partitions, 30+random.IntN(150), disorder)
	for p := range l.in {
		f, err := l.disk.Create(fmt.Sprintf("in-%d", p))
		if err == nil {
			_, err = io.WriteString(f, l.in.text(p))
		}
		if err = errors.Join(err, f.Sync(), vfs.SyncDir(l.disk, "/")); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

// run lives until the job ends by itself.
func (l *life) run() error {
	for {
		l.count.starts++
		err := l.start()
		if err == nil {
			return nil
		}
		switch {
		case errors.Is(err, sim.ErrKilled):
			l.count.crashes++
			l.disk = l.disk.Crash(l.random, l.random.IntN(5)*25)
		case errors.Is(err, errInjected) || strings.Contains(err.Error(), "no space left"):
			l.count.failures++
		default:
			return err
		}
		if l.count.starts > 200 {
			return fmt.Errorf("no end after %d starts: %w", l.count.starts, err)
		}
	}
}

// start starts the job once.
func (l *life) start() error {
	random := l.random
	opts := options(random, nil)
	opts.Mutant = l.mutant
	opts.CheckpointTo = "cp"
	opts.CheckpointInterval = time.Duration(1+random.IntN(60)) * time.Millisecond
	opts.Retain = 1 + random.IntN(3)
	opts.TolerableFailures = random.IntN(8)
	if random.IntN(3) == 0 {
		opts.CheckpointTimeout = time.Duration(1+random.IntN(20)) * time.Millisecond
		opts.TolerableFailures = 1 << 30
	}
	die := -1 // operations of the disk until the process is killed
	steps := -1
	if l.crashes > 0 {
		l.crashes--
		if die = random.IntN(90); random.IntN(2) == 0 {
			die, steps = -1, random.IntN(500)
		}
	}
	fail := -1
	if l.faults > 0 {
		fail = random.IntN(120)
	}
	opts.FS = vfs.Hooked(l.disk, func(op, name string) error {
		if die--; die == 0 {
			panic(sim.Killed{})
		}
		if fail--; fail == 0 && op != "read" {
			l.faults--
			if random.IntN(2) == 0 {
				return syscall.ENOSPC
			}
			return errInjected
		}
		return nil
	})
	_, err := sim.Run(l.spec(), sim.Options{Seed: l.seed*1000 + uint64(l.count.starts), Job: opts, Crash: func() bool {
		steps--
		return steps == 0
	}})
	return err
}

func (l *life) spec() rt.Spec {
	if l.wire != nil {
		return l.wire()
	}
	path := "in-0"
	if len(l.in) > 1 {
		path = "in-*"
	}
	return pipelineTo(outputs{"users/", "regions", "raw/"}, path, len(l.in), l.calls)
}

// check holds what has been written against what an undisturbed run gives.
func (l *life) check(t testing.TB) error {
	users, raw, regions := l.parts(t, "users"), l.parts(t, "raw"), content(t, l.disk, "regions")
	if len(l.in) > 1 {
		if err := checkUsers(l.in, users); err != nil {
			return err
		}
		return checkRegions(users, regions)
	}
	want := oracle(l.in[0])
	if diff := cmp.Diff(want.users, byKey(users)); diff != "" {
		return fmt.Errorf("users (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want.regions, byKey(regions)); diff != "" {
		return fmt.Errorf("regions (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(sorted(l.in.text(0)), sorted(raw)); diff != "" {
		return fmt.Errorf("raw (-want +got):\n%s", diff)
	}
	return nil
}

func sorted(text string) []string { return slices.Sorted(strings.Lines(text)) }

// parts returns the final parts in a folder, by epoch. None may be left that is
// not final.
func (l *life) parts(t testing.TB, dir string) string {
	names, err := l.disk.List(dir)
	if err != nil {
		t.Fatal(err)
	}
	epoch := func(name string) int {
		n, err := strconv.Atoi(strings.Split(name, "-")[2])
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	slices.SortStableFunc(names, func(a, b string) int { return epoch(a) - epoch(b) })
	var text strings.Builder
	for _, name := range names {
		if strings.HasPrefix(name, ".") {
			t.Errorf("seed %d: %s is left", l.seed, name)
		}
		text.WriteString(content(t, l.disk, dir+"/"+name))
	}
	return text.String()
}

// checkStore looks whether every checkpoint that is kept can be restored, and
// whether there are files that none of them needs.
func (l *life) checkStore() error {
	store, err := checkpoint.OpenStore(l.disk, "cp")
	if err != nil {
		return err
	}
	log, err := checkpoint.OpenToRead(store)
	if err != nil {
		return err
	}
	names, err := l.disk.List("cp")
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
			return err
		}
		l.count.checkpoints++
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
		if !needed[name] && !strings.HasPrefix(name, "LATEST-") {
			return fmt.Errorf("cp/%s is of no checkpoint", name)
		}
	}
	return nil
}

// checkLife lives the life of a seed.
func checkLife(t testing.TB, seed uint64, mutant rt.Mutant) (lifeCount, error) {
	l := newLife(t, seed, mutant)
	err := l.run()
	if err == nil { // one that has ended and is started again adds nothing, and cleans up
		l.crashes, l.faults = 0, 0
		err = l.run()
	}
	if err == nil {
		err = l.check(t)
	}
	if err == nil {
		err = l.checkStore()
	}
	return l.count, err
}

// lives is how many seeds the test of lives tries: the environment may say so.
func lives(n uint64) uint64 {
	if given, err := strconv.ParseUint(os.Getenv("FLOW_SEEDS"), 10, 64); err == nil {
		return given
	}
	return seeds(n)
}

// TestEveryLifeGivesTheOraclesOutput: a job that is killed anywhere, also while
// it recovers, loses its power, and meets a disk that fails, at another
// parallelism each time, commits what an undisturbed run does.
func TestEveryLifeGivesTheOraclesOutput(t *testing.T) {
	t.Parallel()
	var sum lifeCount
	n := lives(2000)
	for seed := range n {
		c, err := checkLife(t, seed, 0)
		if err != nil {
			t.Fatalf("seed %d, %+v: %v", seed, c, err)
		}
		sum.crashes += c.crashes
		sum.failures += c.failures
		sum.starts += c.starts
		sum.checkpoints += c.checkpoints
	}
	t.Logf("%d seeds: %+v", n, sum)
}
