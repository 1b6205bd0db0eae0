package gen_test

import (
	"flag"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/oracle/gen"
	"github.com/flow-lang/flowc/typecheck"
)

var (
	programs = flag.Int("programs", 500, "how many programs to generate")
	seed     = flag.Uint64("seed", 1, "seed of the first one")
)

// TestProgramsPassTheChecker finds mistakes of the generator and of the checker.
func TestProgramsPassTheChecker(t *testing.T) {
	t.Parallel()
	for i := range *programs {
		p := gen.New(*seed+uint64(i), 0, gen.All())
		var report diag.List
		typecheck.Check(typecheck.Files{Main: lang.Parse("generated.flow", p.Text, &report)}, &report)
		for _, d := range report.Sorted() {
			if d.Severity == diag.Error {
				t.Errorf("seed %d: %s: %s (%s)\n%s", p.Seed, d.Span, d.Message, d.Help, p.Text)
				break
			}
		}
		if t.Failed() {
			break
		}
	}
}

func TestTheSameSeedGivesTheSameProgram(t *testing.T) {
	t.Parallel()
	for s := range uint64(20) {
		if diff := cmp.Diff(gen.New(s, 50, gen.All()), gen.New(s, 50, gen.All())); diff != "" {
			t.Errorf("two programs of the seed %d differ:\n%s", s, diff)
		}
	}
}
