package gen_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/oracle/gen"
	"github.com/flow-lang/flowc/typecheck"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/plan"
)

// formatted is how many programs are formatted.
const formatted = 30

// TestFormatKeepsCommentsAndThePlan formats generated programs with comments put
// in at random places: all comments are still there, the program and its plan
// are the same, and formatting again changes nothing.
func TestFormatKeepsCommentsAndThePlan(t *testing.T) {
	t.Parallel()
	comments := 0
	for i := range uint64(formatted) {
		text := commented(rand.New(rand.NewPCG(*seed+i, 7)), gen.New(*seed+i, 0, gen.All()).Text)
		file, before, ok := planned(text)
		if !ok {
			t.Fatalf("seed %d: no program:\n%s", *seed+i, text)
		}
		comments += len(file.Comments)
		once := lang.Format(file)
		again, after, ok := planned(once)
		if !ok {
			t.Fatalf("seed %d: what Format gives is no program:\n%s", *seed+i, once)
		}
		if diff := cmp.Diff(before, after); diff != "" {
			t.Fatalf("seed %d: Format changes the plan (-before +after):\n%s\n%s", *seed+i, diff, text)
		}
		if diff := cmp.Diff(counted(file), counted(again)); diff != "" {
			t.Fatalf("seed %d: Format changes the comments (-before +after):\n%s\n%s", *seed+i, diff, text)
		}
		if diff := cmp.Diff(once, lang.Format(again)); diff != "" {
			t.Fatalf("seed %d: Format changes what it gave (-once +twice):\n%s\n%s", *seed+i, diff, text)
		}
	}
	if comments < 10*formatted {
		t.Errorf("%d programs have only %d comments", formatted, comments)
	}
}

// commented puts comments at places where the program is still one. The checker
// costs more than the parser, so it is asked about several at once.
func commented(r *rand.Rand, text string) string {
	for group := range 12 {
		several := text
		for i := range 4 {
			at := r.IntN(len(several))
			put := []string{" // comment %d.%d\n", "\n// comment %d.%d\n", "\n\n// comment %d.%d\n\n", "\n  // comment %d.%d\n  // and more\n"}[r.IntN(4)]
			tried := several[:at] + fmt.Sprintf(put, group, i) + several[at:]
			var report diag.List
			if lang.Parse("generated.flow", tried, &report); len(report.Sorted()) == 0 {
				several = tried
			}
		}
		if _, _, ok := planned(several); ok {
			text = several
		}
	}
	return text
}

// planned checks a program and gives the text of it and of its plan.
func planned(text string) (*lang.File, string, bool) {
	var report diag.List
	file := lang.Parse("generated.flow", text, &report)
	prog := typecheck.Check(typecheck.Files{Main: file}, &report)
	if report.HasErrors() {
		return nil, "", false
	}
	return file, ir.Dump(prog) + plan.Dump(plan.Build(prog)), true
}

// counted says how often each comment stands in a file.
func counted(file *lang.File) map[string]int {
	counts := map[string]int{}
	for _, c := range file.Comments {
		counts[strings.TrimSpace(c.Text)]++
	}
	return counts
}
