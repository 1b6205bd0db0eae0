package oracle_test

import (
	"flag"
	"fmt"
	"path/filepath"
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
)

// batchSize is how many programs become one binary.
const batchSize = 100

// processingTime is what now() gives, 2024-06-01T00:00:00Z.
const processingTime = 1717200000000000

// TestGeneratedCodeAgreesWithTheOracle runs generated programs through the
// interpreter and through generated code, with several degrees of parallelism
// and sizes of blocks, and compares what comes out.
func TestGeneratedCodeAgreesWithTheOracle(t *testing.T) {
	t.Parallel()
	all := kept(t)
	for i := range *programs {
		all = append(all, gen.New(*seed+uint64(i), *events, gen.All()))
	}
	for len(all) > 0 {
		n := min(batchSize, len(all))
		for i, why := range compareAll(t, all[:n]) {
			if why != "" {
				t.Errorf("seed %d: %s\nthe program:\n%s", all[i].Seed, why, all[i].Text)
			}
		}
		all = all[n:]
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
func compareAll(t *testing.T, programs []*gen.Program) []string {
	t.Helper()
	out := make([]string, len(programs))
	texts := make([]string, len(programs))
	for i, p := range programs {
		texts[i] = p.Text
	}
	b := build(t, texts)
	if len(b.broken) > 0 {
		return rebuilt(t, programs, b.broken)
	}
	var tasks []runner.Task
	for i, p := range programs {
		tasks = append(tasks, tasksOf(i, p)...)
	}
	wants := make([]*oracle.Output, len(programs))
	for i, r := range b.run(t, tasks) {
		task := tasks[i]
		if wants[task.Program] == nil {
			wants[task.Program] = expect(t, programs[task.Program])
		}
		if why := disagreement(wants[task.Program], r); why != "" && out[task.Program] == "" {
			out[task.Program] = fmt.Sprintf("parallelism %d, blocks of %d bytes: %s", task.Parallelism, task.BlockSize, why)
		}
	}
	return out
}

// rebuilt compares the programs that did become Go, without the others.
func rebuilt(t *testing.T, programs []*gen.Program, broken map[int]error) []string {
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
	for i, why := range compareAll(t, good) {
		out[index[i]] = why
	}
	return out
}

// tasksOf are the runs of a program: what comes out may not depend on how many
// workers there are, or on where blocks end.
func tasksOf(i int, p *gen.Program) []runner.Task {
	var out []runner.Task
	for _, how := range []struct{ parallelism, block, window int }{{1, 1 << 18, 0}, {2, 1 << 10, 0}, {4, 700, 1}, {7, 4096, 3}} {
		out = append(out, runner.Task{
			Program: i, Rows: p.Rows, Sinks: p.Sinks, Now: processingTime,
			Parallelism: how.parallelism, BlockSize: how.block, Window: how.window,
		})
	}
	return out
}

// expect asks the oracle.
func expect(t *testing.T, p *gen.Program) *oracle.Output {
	t.Helper()
	prog, err := compile(p.Text)
	if err != nil {
		t.Fatalf("seed %d: %v", p.Seed, err)
	}
	out, err := oracle.Run(prog, oracle.Input{Rows: map[string][]string{"events": p.Rows}, Now: processingTime, KeepGoing: true})
	if err != nil {
		t.Fatalf("seed %d: %v", p.Seed, err)
	}
	return out
}
