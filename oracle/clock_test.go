package oracle_test

import (
	"flag"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/flow-lang/flowc/oracle"
	"github.com/flow-lang/flowc/oracle/gen"
	"github.com/flow-lang/flowc/oracle/internal/runner"
)

// rigStart is the processing time at which the rig of test blocks begins,
// 2024-05-01T00:00:00Z.
const rigStart = 1714521600000000

// clocked is how many rows a program gets while processing time passes: each is a
// line before which the job is killed and restored.
const clocked = 24

var clockedPrograms = flag.Int("clocked", 4, "how many programs run while processing time passes")

// TestProcessingTime lets processing time pass between rows, so that timers fire,
// messages for later come, and lives end by it: the program runs on the rig of
// test blocks, and by the interpreter. Programs in which nothing waits for a
// processing time, and those that stop, show nothing here.
func TestProcessingTime(t *testing.T) {
	t.Parallel()
	var programs []*gen.Program
	var texts []string
	var wants []answer
	var tasks []runner.Task
	for s := *seed; len(programs) < *clockedPrograms; s++ {
		p := gen.New(s, clocked, gen.All())
		if !strings.Contains(p.Text, "processing time") && !strings.Contains(p.Text, " after 1h") {
			continue
		}
		if strings.Contains(p.Text, "csv(") || !strings.Contains(p.Text, "on malformed skip") {
			continue // the rig says other places
		}
		random := rand.New(rand.NewPCG(s, 3))
		clock := make([]int64, clocked)
		for i := range clock {
			clock[i] = []int64{0, 0, 1, 30e6, 60e6, 3599e6, 7200e6}[random.IntN(7)]
		}
		prog, err := compile(p.Text)
		if err != nil {
			t.Fatalf("seed %d: %v", s, err)
		}
		out, err := oracle.Run(prog, oracle.Input{Rows: map[string][]string{"events": p.Rows}, Now: rigStart, Clock: clock, KeepGoing: true})
		if err == nil && len(out.Failures) > 0 {
			continue
		}
		tasks = append(tasks, runner.Task{Program: len(programs), Rows: p.Rows, Sinks: p.Sinks, Clock: clock, State: backendOf(len(programs))})
		programs, texts, wants = append(programs, p), append(texts, p.Text), append(wants, answer{out, err})
	}
	b := build(t, texts, false)
	for i, err := range b.broken {
		t.Fatalf("seed %d: no Go: %v", programs[i].Seed, err)
	}
	for i, r := range b.run(t, tasks) {
		if why := disagreement(wants[i], r); why != "" {
			t.Errorf("seed %d: %s\nthe program:\n%s", programs[i].Seed, why, texts[i])
		}
	}
}
