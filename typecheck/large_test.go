package typecheck_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/typecheck"
)

// largeTexts are shapes of which a text of a megabyte is made: a head once, and a
// line as often as it fits, in which N stands for its number.
var largeTexts = []struct{ name, head, line string }{
	{"declared twice", "", "record R { a: int }\n"},
	{"records", "", "record RN { a: int, b: string }\n"},
	{"unknown types", "", "record RN { a: TN }\n"},
	{"typing errors", "record Reading { a: int }\n", "record RN { a: Readimg }\n"},
	{"functions", "", "func fN(x: int) -> int { return x + N }\n"},
	{"unknown functions", "", "func fN(x: int) -> int { return g(x) }\n"},
	{"fields", "record R {\n", "  fN: int\n"},
	{"a field again and again", "record R {\n", "  f: int\n"},
	{"symbols", "enum E { s", ", sN"},
	{"streams", "record R { a: int }\nsource s: R = jsonl(stdin)\n", "stream tN = s |> filter(x => x.a > N)\n"},
	{"a long pipe", "record R { a: int }\nsource s: R = jsonl(stdin)\nstream t = s\n", "  |> filter(x => x.a > 0)\n"},
	{"states", "record R { a: int }\noperator o {\n  in r: R key r.a\n  out R\n", "  state sN: value<int> forever\n"},
	{"a long sum", "func f(x: int) -> int { return x", " + x"},
	{"a long text", `func f() -> string { return "`, "aaaaaaaaaaaaaaaa"},
	{"open brackets", "func f() -> int { return ", "("},
	{"open strings", "", "\"\n"},
	{"comments", "", "// a\n"},
	{"braces", "", "{}"},
	{"words", "", "a "},
	{"nothing", "", "\x00"},
}

// TestLargeTexts checks texts of a megabyte. A text takes time and memory by its
// length, whatever is wrong with it: the bounds are ten times what a machine at
// rest needs, so that only what grows faster than the text goes over them. One
// that is busy may try again.
func TestLargeTexts(t *testing.T) {
	const size, limit, most, tries = 1 << 20, 2 * time.Second, 640, 3
	for _, tt := range largeTexts {
		t.Run(tt.name, func(t *testing.T) {
			var b strings.Builder
			b.WriteString("pipeline large\n" + tt.head)
			for i := 0; b.Len() < size; i++ {
				b.WriteString(strings.ReplaceAll(tt.line, "N", fmt.Sprint(i)))
			}
			text := b.String()
			for try := 1; ; try++ {
				took, mib := cost(func() {
					var report diag.List
					if prog := typecheck.Check(typecheck.Files{Main: lang.Parse("in.flow", text, &report)}, &report); prog == nil && !report.HasErrors() {
						t.Error("there is neither a program nor a mistake")
					}
				})
				if took <= limit && mib <= most {
					return
				}
				if try == tries {
					t.Fatalf("the check took %v, and %d MiB in all", took, mib)
				}
			}
		})
	}
}

// cost runs do and returns its time and the memory that it allocated in all.
func cost(do func()) (took time.Duration, mib uint64) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	do()
	took = time.Since(start)
	runtime.ReadMemStats(&after)
	return took, (after.TotalAlloc - before.TotalAlloc) >> 20
}
