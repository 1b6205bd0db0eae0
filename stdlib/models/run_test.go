package models

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/flow-lang/flowc/reliability"
	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/sim"
	"github.com/flow-lang/flowc/rt/state/memstore"
	"github.com/flow-lang/flowc/rt/state/pebblestore"
	"github.com/flow-lang/flowc/rt/value"
	"github.com/flow-lang/flowc/rt/vfs"
	"github.com/flow-lang/flowc/stdlib/models/service"
)

var models = flag.Int("models", 0, "how many random inputs each model gets; 0 means what the tier says")

// program returns a compiled program. Without the programs the package has
// nothing to test.
func program(t *testing.T, name string) func() rt.Spec {
	t.Helper()
	if len(Programs) == 0 {
		t.Skip("the test of package stdlib compiles the programs and runs this")
	}
	return Programs[name]
}

// checks has rapid make as many inputs as the tier wants, from the first seed on.
func checks(t *testing.T, quick, gate, long int) int {
	t.Helper()
	n := *models
	if n == 0 {
		n = reliability.Size(quick, gate, long)
	}
	for name, value := range map[string]uint64{"rapid.checks": uint64(n), "rapid.seed": reliability.FirstSeed(t) + 1} {
		if err := flag.Set(name, strconv.FormatUint(value, 10)); err != nil {
			t.Fatal(err)
		}
	}
	return n
}

// moment is a time in µs since the base.
type moment int64

const (
	second = moment(1_000_000)
	never  = moment(1) << 60
)

// base is a multiple of every size that the programs have.
var base = time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)

func (m moment) text() string {
	return base.Add(time.Duration(m) * time.Microsecond).Format(time.RFC3339Nano)
}

// UnmarshalJSON reads a time; none is 0.
func (m *moment) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		return nil
	}
	var at time.Time
	if err := json.Unmarshal(text, &at); err != nil {
		return err
	}
	*m = moment(at.Sub(base) / time.Microsecond)
	return nil
}

// floor is the greatest multiple of d that is not after m.
func (m moment) floor(d moment) moment { return m - ((m%d)+d)%d }

// event is a record of the input. Its id is its place, from 1.
type event struct {
	k     string
	at    moment
	n     int
	right bool
	id    int
	wm    moment // the watermark when it is handled
}

// count is what numbers are drawn from: as evenly as rapid draws nothing else.
var count = func() (all [100]int) {
	for i := range all {
		all[i] = i
	}
	return all
}()

// drawEvents draws records of a few keys that come out of order, some of them far
// behind. Times are multiples of half a second, so that they meet the bounds of
// windows.
func drawEvents(t *rapid.T, lag moment) []event {
	type draft struct{ key, step, back, n, right int }
	upTo := func(n int) *rapid.Generator[int] { return rapid.SampledFrom(count[:n+1]) }
	size := rapid.SampledFrom([]int{1, 5, 15, 30, 60, 90}).Draw(t, "size")
	drafts := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) draft {
		d := draft{key: upTo(3).Draw(t, "key"), step: upTo(6).Draw(t, "step"), n: upTo(6).Draw(t, "n"), right: upTo(1).Draw(t, "right")}
		switch upTo(7).Draw(t, "order") {
		case 5, 6:
			d.back = upTo(int(2*lag/second)).Draw(t, "back")
		case 7:
			d.back = upTo(90).Draw(t, "far back")
		}
		return d
	}), size, size).Draw(t, "events")
	var out []event
	now, seen := 60*second, -never
	for i, d := range drafts {
		now += moment(d.step) * second / 2
		e := event{k: "k" + strconv.Itoa(d.key), at: now - moment(d.back)*second/2, n: d.n, right: d.right == 1, id: i + 1}
		seen = max(seen, e.at)
		e.wm = seen - lag
		out = append(out, e)
	}
	return out
}

// rows writes events as JSON.
func rows(events []event) string {
	var b strings.Builder
	for _, e := range events {
		fmt.Fprintf(&b, "{\"k\":%q,\"at\":%q,\"n\":%d,\"b\":%t,\"id\":%d,\"x\":%g,\"d\":%d.%02d}\n",
			e.k, e.at.text(), e.n, e.right, e.id, e.x(), e.cents()/100, e.cents()%100)
	}
	return b.String()
}

// x and cents are further numbers of a record, which follow from it.
func (e event) x() float64 { return float64(e.id%7)*1.25 - 2.5 + float64(e.n) }
func (e event) cents() int { return 100*e.n + e.id }

// keysOf lists the keys in order.
func keysOf(events []event) []string {
	var keys []string
	for _, e := range events {
		keys = append(keys, e.k)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// A start is one life of a job.
type start struct {
	parallelism, block int
	backend            string
	kill               int  // the step before which the process is killed; 0 means none
	stop               bool // at the end of half the input, with a savepoint
}

// What has happened.
var killed, restored, stopped, pebbled atomic.Int64

// drawStarts draws how the job is disturbed: it may be stopped at half its input
// first, and killed some times; the last start ends by itself. A process that is
// killed in this one leaves open what it holds outside of the disk in memory, so
// none of those has its state in Pebble.
func drawStarts(t *rapid.T, random *rand.Rand) []start {
	stop := rapid.IntRange(0, 2).Draw(t, "stop") == 1
	crashes := rapid.IntRange(0, 4).Draw(t, "crashes")
	var out []start
	for i := range crashes + 2 {
		s := start{
			parallelism: rapid.IntRange(1, 4).Draw(t, "parallelism"),
			block:       64 << rapid.IntRange(0, 6).Draw(t, "block"),
			backend:     rapid.SampledFrom([]string{rt.MemoryState, memstore.Name}).Draw(t, "backend"),
		}
		switch {
		case i == 0 && !stop:
			continue
		case i > 0 && i <= crashes:
			s.kill = 1 + random.IntN(200)
		case rapid.IntRange(0, 2).Draw(t, "pebble") == 1:
			s.backend = pebblestore.Name
		}
		s.stop = i == 0
		out = append(out, s)
	}
	return out
}

// run runs a program over in.jsonl, and right.jsonl if there is a second input, as
// the starts say, and returns the files it has written.
func run(t *rapid.T, spec rt.Spec, inputs ...string) (out, late string) {
	files := map[string]string{}
	for i, input := range inputs {
		files[[]string{"in.jsonl", "right.jsonl"}[i]] = input
	}
	return runFiles(t, spec, files)
}

// runFiles is run over files by their names.
func runFiles(t *rapid.T, spec rt.Spec, files map[string]string) (out, late string) {
	disk := runOver(t, spec, files)
	return read(t, disk, "out.jsonl"), read(t, disk, "late.jsonl")
}

// runOver is runFiles that returns the disk with all that the program has written.
func runOver(t *rapid.T, spec rt.Spec, files map[string]string) vfs.FS {
	disk := vfs.NewCrashable()
	seed := rapid.Uint64Max(1<<32).Draw(t, "order of steps")
	random := rand.New(rand.NewPCG(seed, 1))
	put := func(share int) {
		for _, name := range slices.Sorted(maps.Keys(files)) {
			text := files[name]
			text = text[:strings.LastIndexByte(text[:len(text)*share/100], '\n')+1]
			if err := errors.Join(vfs.WriteFile(disk, name, []byte(text)), vfs.SyncDir(disk, "/")); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i, s := range drawStarts(t, random) {
		share := 100
		// Of several files that a source reads, one that ended grows no more; and where two
		// sources rest, event time is that of the one ahead, which more records may be behind.
		if _, one := files["in.jsonl"]; s.stop && one && len(files) == 1 {
			share = random.IntN(101)
		}
		put(share)
		err := s.run(t, spec, disk, seed+uint64(i), random)
		switch {
		case errors.Is(err, sim.ErrKilled):
			disk = afterKill(disk, random)
			continue
		case err != nil:
			t.Fatalf("start %d: %v", i, err)
		case s.stop:
			stopped.Add(1)
			continue
		}
		break
	}
	return disk
}

// afterKill returns what the disk has when the process has been killed.
func afterKill(disk vfs.Crashable, random *rand.Rand) vfs.Crashable {
	killed.Add(1)
	names, _ := disk.List("cp") // if there is none, nothing is restored
	if slices.ContainsFunc(names, func(n string) bool { return strings.HasSuffix(n, ".data") }) {
		restored.Add(1)
	}
	return disk.Crash(random, random.IntN(5)*25)
}

// run runs one start. Where the job was stopped with a savepoint and has no
// checkpoint since, it says so, and is given the savepoint.
func (s *start) run(t *rapid.T, spec rt.Spec, disk vfs.FS, seed uint64, random *rand.Rand) error {
	dir, err := os.MkdirTemp("", "flow-models-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if s.backend == pebblestore.Name {
		pebbled.Add(1)
	}
	job := rt.Options{
		FS: disk, Parallelism: s.parallelism, BlockSize: s.block, Window: random.IntN(6), Poison: true,
		State: s.backend, StateDir: dir, CacheSize: 1,
		CheckpointTo: "cp", CheckpointInterval: time.Duration(1+random.IntN(10)) * time.Millisecond, Retain: 2,
	}
	if s.stop {
		job.SavepointOnEnd = "half"
	}
	steps := s.kill
	opts := sim.Options{
		Seed: seed, Job: job, Crash: func() bool { steps--; return steps == 0 },
		Clock: func(now value.Timestamp) value.Timestamp { service.Set(int64(now)); return now },
	}
	_, err = sim.Run(spec, opts)
	if err != nil && strings.Contains(err.Error(), "give --from half") {
		opts.Job.From = "half"
		_, err = sim.Run(spec, opts)
	}
	return err
}

// read returns the text of a file, none if there is no such file.
func read(t *rapid.T, disk vfs.FS, name string) string {
	text, err := vfs.ReadFile(disk, name)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return string(text)
}

// decode reads lines of JSON.
func decode[T any](t *rapid.T, text string) []T {
	var out []T
	for line := range strings.Lines(text) {
		var v T
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		out = append(out, v)
	}
	return out
}

// grouped is what came of each operator and key, in order.
type grouped map[string][]string

func (g grouped) add(op, key string, row any) {
	id := op + " " + key
	g[id] = append(g[id], fmt.Sprintf("%+v", row))
}

// same compares what came.
func same(t *rapid.T, what string, want, got grouped) {
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}

// note notes what the tests of a program have done.
func note(t *testing.T, name string, n int) {
	t.Helper()
	reliability.Note(t, name, 0, reliability.Count{Name: "inputs", N: int64(n)},
		reliability.Count{Name: "crashes", N: killed.Swap(0)}, reliability.Count{Name: "restores", N: restored.Swap(0)},
		reliability.Count{Name: "savepoints", N: stopped.Swap(0)}, reliability.Count{Name: "starts with Pebble", N: pebbled.Swap(0)})
}
