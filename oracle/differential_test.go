package oracle_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/flow-lang/flowc/oracle"
	"github.com/flow-lang/flowc/oracle/gen"
	"github.com/flow-lang/flowc/oracle/internal/runner"
)

var (
	programs = flag.Int("programs", 12, "how many programs the differential test generates")
	events   = flag.Int("events", 60, "how many rows of input each gets")
	seed     = flag.Uint64("seed", 1, "seed of the first program")
	keep     = flag.Bool("keep", false, "write programs that are run wrongly to testdata/kept, so that they are run first from then on")
	optimise = flag.Bool("optimise", false, "let the Go compiler optimise all programs as those of users, which takes twice as long; it does so with those that are kept")
)

// batchSize is how many programs become one binary.
const batchSize = 100

// processingTime is what now() gives, 2024-06-01T00:00:00Z.
const processingTime = 1717200000000000

// TestGeneratedCodeAgreesWithTheOracle runs generated programs through the
// interpreter and through generated code, with several degrees of parallelism
// and sizes of blocks, and compares what comes out. Programs that were once run
// wrongly go first.
func TestGeneratedCodeAgreesWithTheOracle(t *testing.T) {
	t.Parallel()
	t.Run("kept", func(t *testing.T) { compareBatch(t, kept(t), true) })
	t.Logf("%d programs of %d events, of the seeds %d to %d", *programs, *events, *seed, *seed+uint64(*programs)-1)
	for from := 0; from < *programs; from += batchSize {
		first, n := *seed+uint64(from), min(batchSize, *programs-from)
		t.Run(fmt.Sprintf("seeds %d to %d", first, first+uint64(n)-1), func(t *testing.T) {
			t.Parallel()
			var batch []*gen.Program
			for i := range n {
				batch = append(batch, gen.New(first+uint64(i), *events, gen.All()))
			}
			compareBatch(t, batch, *optimise)
		})
	}
}

func compareBatch(t *testing.T, batch []*gen.Program, optimised bool) {
	t.Helper()
	for i, why := range compareAll(t, batch, optimised) {
		if why == "" {
			continue
		}
		t.Errorf("seed %d: %s\nthe program:\n%s", batch[i].Seed, why, batch[i].Text)
		if *keep {
			keepProgram(t, batch[i])
		}
	}
}

// keepProgram writes a program to where kept finds it.
func keepProgram(t *testing.T, p *gen.Program) {
	t.Helper()
	archive := &txtar.Archive{
		Comment: []byte("Say here what was wrong.\n"),
		Files: []txtar.File{
			{Name: "program.flow", Data: []byte(p.Text)},
			{Name: "in/events", Data: []byte(strings.Join(p.Rows, "\n") + "\n")},
		},
	}
	name := filepath.Join("testdata", "kept", fmt.Sprintf("seed_%d.txtar", p.Seed))
	if err := os.WriteFile(name, txtar.Format(archive), 0o666); err != nil {
		t.Error(err)
	}
}

// kept returns programs that were once run wrongly. They go first.
func kept(t *testing.T) []*gen.Program {
	t.Helper()
	names, err := filepath.Glob("testdata/kept/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no programs are kept (%v)", err)
	}
	var out []*gen.Program
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		p := &gen.Program{}
		for _, f := range archive.Files {
			switch f.Name {
			case "program.flow":
				p.Text = string(f.Data)
			case "in/events":
				p.Rows = strings.Split(strings.TrimSuffix(string(f.Data), "\n"), "\n")
			}
		}
		prog, err := compile(p.Text)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, s := range prog.Sinks {
			p.Sinks = append(p.Sinks, s.UID)
		}
		out = append(out, p)
	}
	return out
}

// compareAll returns in which way each program disagrees with the oracle.
func compareAll(t *testing.T, programs []*gen.Program, optimised bool) []string {
	t.Helper()
	out := make([]string, len(programs))
	texts := make([]string, len(programs))
	for i, p := range programs {
		texts[i] = p.Text
	}
	wants := make(chan []answer, 1)
	go func() { wants <- expectAll(programs) }()
	b := build(t, texts, optimised)
	if len(b.broken) > 0 {
		return rebuilt(t, programs, b.broken, optimised)
	}
	var tasks []runner.Task
	for i, p := range programs {
		tasks = append(tasks, tasksOf(i, p)...)
	}
	results := b.run(t, tasks)
	want := <-wants
	for i, r := range results {
		task := tasks[i]
		if why := disagreement(want[task.Program], r); why != "" && out[task.Program] == "" {
			out[task.Program] = fmt.Sprintf("parallelism %d, blocks of %d bytes: %s", task.Parallelism, task.BlockSize, why)
		}
	}
	return out
}

// rebuilt compares the programs that did become Go, without the others.
func rebuilt(t *testing.T, programs []*gen.Program, broken map[int]error, optimised bool) []string {
	t.Helper()
	out := make([]string, len(programs))
	var good []*gen.Program
	var index []int
	for i, p := range programs {
		if err := broken[i]; err != nil {
			out[i] = "no binary: " + err.Error()
			continue
		}
		good, index = append(good, p), append(index, i)
	}
	for i, why := range compareAll(t, good, optimised) {
		out[index[i]] = why
	}
	return out
}

// tasksOf are the runs of a program: what comes out may not depend on how many
// workers there are, or on where blocks end.
func tasksOf(i int, p *gen.Program) []runner.Task {
	var out []runner.Task
	for j, how := range []struct{ parallelism, block, window int }{{1, 1 << 18, 0}, {2, 1 << 10, 0}, {4, 700, 1}, {7, 4096, 3}} {
		task := runner.Task{
			Program: i, Sinks: p.Sinks, Now: processingTime,
			Parallelism: how.parallelism, BlockSize: how.block, Window: how.window,
		}
		if j == 0 {
			task.Rows = p.Rows
		}
		out = append(out, task)
	}
	// One run is cut in two: the second job, whose state does not lie in memory, goes
	// on from the savepoint of the first.
	return append(out, runner.Task{
		Program: i, Sinks: p.Sinks, Now: processingTime, BlockSize: 4096,
		Parallelism: 1 + i%4, Before: 1 + i/4%3, Beside: 1 + i/3%4, State: backendOf(i), Half: len(p.Rows) / 2, Loose: p.Loose,
	})
}

// backendOf is where a program has its state besides memory. Pebble takes the most
// time, of which the disk has most.
func backendOf(i int) string {
	if i%4 == 0 {
		return "pebble"
	}
	return "store"
}

// answer is what the oracle says about a program.
type answer struct {
	*oracle.Output
	err error
}

// expectAll asks the oracle about each program, which makes much garbage.
func expectAll(programs []*gen.Program) []answer {
	debug.SetGCPercent(400)
	out := make([]answer, len(programs))
	for i, p := range programs {
		out[i].Output, out[i].err = expect(p)
	}
	return out
}

func expect(p *gen.Program) (*oracle.Output, error) {
	prog, err := compile(p.Text)
	if err != nil {
		return nil, err
	}
	return oracle.Run(prog, oracle.Input{Rows: map[string][]string{"events": p.Rows}, Now: processingTime, KeepGoing: true})
}
