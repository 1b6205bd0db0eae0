package sim_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/reliability"
	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/sim"
	"github.com/flow-lang/flowc/rt/vfs"
)

// life is the life of the pipeline under test.
type life struct {
	sim.Life
	in input
}

// newLife prepares a life that a seed decides.
func newLife(t testing.TB, seed uint64, mutate func(*sim.Life)) *life {
	random := rand.New(rand.NewPCG(seed, 6))
	partitions := 1
	if random.IntN(3) == 0 {
		partitions = 2 + random.IntN(3)
	}
	l := &life{Life: sim.Life{Seed: seed, Random: random, Disk: vfs.NewCrashable(), Crashes: random.IntN(24)}}
	if random.IntN(2) == 0 {
		l.Faults = random.IntN(6)
	}
	if random.IntN(4) == 0 {
		l.Stops = 1
	}
	calls := random.IntN(4) == 0
	disorder := 0
	if partitions == 1 {
		disorder = random.IntN(4) * lag
	}
	l.in = randomInput(random, partitions, 30+random.IntN(150), disorder)
	l.Rest = map[string]string{}
	for p := range l.in {
		name := fmt.Sprintf("in-%d", p)
		var first string
		first, l.Rest[name] = halved(random, l.in.text(p), l.Stops > 0 && partitions == 1) // of several files none grows
		lasting(t, l.Disk, name, first)
	}
	path := "in-0"
	if partitions > 1 {
		path = "in-*"
	}
	to := outputs{users: "users/", regions: "regions", raw: "raw/", sink: func(c rt.SinkConnector) rt.SinkConnector {
		if l.Sinks != nil {
			return l.Sinks(c)
		}
		return c
	}}
	l.Spec = pipelineTo(to, path, partitions, calls)
	l.Options = func() rt.Options { return options(random, nil) }
	if mutate != nil {
		mutate(&l.Life)
	}
	return l
}

// halved cuts a text in two at the end of a line, if it is to be cut.
func halved(random *rand.Rand, text string, cut bool) (first, rest string) {
	if !cut {
		return text, ""
	}
	at := strings.LastIndexByte(text[:random.IntN(len(text))], '\n') + 1
	return text[:at], text[at:]
}

// lasting writes a file that no crash takes away.
func lasting(t testing.TB, disk vfs.FS, name, text string) {
	t.Helper()
	if err := errors.Join(vfs.WriteFile(disk, name, []byte(text)), vfs.SyncDir(disk, "/")); err != nil {
		t.Fatal(err)
	}
}

// check holds what has been written against what an undisturbed run gives.
func (l *life) check(t testing.TB) error {
	users, err := l.parts(t, "users")
	if err != nil {
		return err
	}
	raw, err := l.parts(t, "raw")
	if err != nil {
		return err
	}
	regions := content(t, l.Disk, "regions")
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
func (l *life) parts(t testing.TB, dir string) (string, error) {
	names, err := l.Disk.List(dir)
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
			return "", fmt.Errorf("%s/%s is left", dir, name)
		}
		text.WriteString(content(t, l.Disk, dir+"/"+name))
	}
	return text.String(), nil
}

// checkLife lives the life of a seed.
func checkLife(t testing.TB, seed uint64, mutate func(*sim.Life)) (sim.LifeCount, error) {
	if seed%4 == 3 {
		return checkGenerated(t, seed, mutate)
	}
	l := newLife(t, seed, mutate)
	err := liveTwice(&l.Life)
	if err == nil {
		err = l.check(t)
	}
	return l.Count, err
}

// liveTwice lives a life, and starts the job once more that has ended: it adds
// nothing, and cleans up.
func liveTwice(l *sim.Life) error {
	err := l.Run()
	if err == nil {
		l.Crashes, l.Faults = 0, 0
		err = l.Run()
	}
	if err == nil {
		err = l.CheckStore(true)
	}
	return err
}

// TestEveryLifeGivesTheOraclesOutput: a job that is killed anywhere, also while
// it recovers, loses its power, and meets a disk that fails, at another
// parallelism each time, commits what an undisturbed run does.
func TestEveryLifeGivesTheOraclesOutput(t *testing.T) {
	t.Parallel()
	first, n := reliability.FirstSeed(t), uint64(reliability.Size(500, 10_000, 250_000))
	seeds := make(chan uint64)
	go func() {
		defer close(seeds)
		for _, seed := range reliability.Kept(t, "T1") {
			seeds <- seed
		}
		for i := range n {
			seeds <- first + i
		}
	}()
	var mu sync.Mutex
	var sum sim.LifeCount
	var lives int64
	failed := map[uint64]error{}
	var workers sync.WaitGroup
	for range 2 {
		workers.Go(func() {
			for seed := range seeds {
				c, err := checkLife(t, seed, nil)
				mu.Lock()
				sum.Add(c)
				if lives++; err != nil {
					failed[seed] = err
				}
				mu.Unlock()
			}
		})
	}
	workers.Wait()
	reliability.Note(t, "T1", len(failed), reliability.Count{Name: "seeds", N: lives}, reliability.Count{Name: "crashes", N: int64(sum.Crashes)},
		reliability.Count{Name: "failures of the disk", N: int64(sum.Failures)}, reliability.Count{Name: "savepoints", N: int64(sum.Savepoints)},
		reliability.Count{Name: "checkpoints read", N: int64(sum.Checkpoints)})
	for seed, err := range failed {
		reliability.Keep(t, "T1", seed, err)
	}
}
