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
	"github.com/flow-lang/flowc/typecheck/plan"
)

// numbered writes a line n times, with its number in the place of #.
func numbered(line string, n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.ReplaceAll(line, "#", fmt.Sprint(i)))
	}
	return b.String()
}

// TestLargePrograms checks, plans and lays out programs of some ten thousand
// things of a kind, and texts of a megabyte. They take time and memory by their
// length, whatever is wrong with them: the bounds are some ten times what a
// machine at rest needs, so that only what grows faster than the text goes over
// them. One that is busy may try again.
func TestLargePrograms(t *testing.T) {
	const limit, most, tries = 3 * time.Second, 1024, 3
	const source = "record A { x: int, s: string }\nsource a: A = jsonl(\"a\")\n"
	counted := source + "operator o {\n in r: A key r.x\n out A\n state n: value<int> = 0 forever\n on r { n += 1\n emit r }\n}\n"
	tests := map[string]string{
		"records of one name": strings.Repeat("record A { x: int }\n", 50_000),
		"functions":           numbered("func f#() -> int = 1\n", 30_000),
		"functions backwards": numbered("func f#() -> int = f0#()\n", 3_000) + numbered("func f0#() -> int = f00#()\n", 3_000) + numbered("func f00#() -> int = 1\n", 3_000),
		"steps of one stream": source + "stream s = a" + strings.Repeat("\n |> filter(r => true)", 9_000) + "\nsink s to jsonl(\"b\")\n",
		"streams":             source + numbered("stream s# = a |> filter(r => r.x > #)\nsink s# to jsonl(\"b#\")\n", 10_000),
		"steps with state":    counted + numbered("stream s# = a |> o uid \"u#\"\nsink s# to jsonl(\"b#\")\n", 5_000),
		"fields":              "record A {\n" + numbered("f#: int\n", 60_000) + "}\n",
		"fields of one name":  "record A {\n" + strings.Repeat("f: int\n", 60_000) + "}\n",
		"members of a union":  numbered("record R# { x: int }\n", 10_000) + "union U = R0" + numbered(" | R#", 10_000) + "\n",
		"arms":                "func f(x: int) -> int = match x {\n" + numbered("# => 1\n", 40_000) + " _ => 0 }\n",
		"unknown names":       "func f() -> int {\n" + numbered("let v# = z#\n", 30_000) + "1\n}\n",
		"one unknown name":    "func f() -> int {\n" + numbered("let v# = z\n", 30_000) + "1\n}\n",
		"handlers":            source + "operator o {\n in r: A\n out A\n" + strings.Repeat(" on r { emit r }\n", 20_000) + "}\n",
		"handlers of nothing": source + "operator o {\n in r: A\n out A\n" + numbered(" on r# { emit r }\n", 20_000) + "}\n",
		"states":              source + "operator o {\n in r: A key r.x\n out A\n" + numbered(" state s#: value<int> = 0 forever\n", 10_000) + " on r { emit r }\n}\n",
		"records":             filled("", "record R# { a: int, b: string }\n"),
		"unknown types":       filled("", "record R# { a: T# }\n"),
		"typing errors":       filled("record Reading { a: int }\n", "record R# { a: Readimg }\n"),
		"unknown functions":   filled("", "func f#(x: int) -> int { return g(x) }\n"),
		"symbols":             filled("enum E { s", ", s#"),
		"a long sum":          filled("func f(x: int) -> int { return x", " + x"),
		"a long text":         filled(`func f() -> string { return "`, "aaaaaaaaaaaaaaaa"),
		"open brackets":       filled("func f() -> int { return ", "("),
		"open strings":        filled("", "\"\n"),
		"comments":            filled("", "// a\n"),
		"braces":              filled("", "{}"),
		"words":               filled("", "a "),
		"nothing":             filled("", "\x00"),
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) { // not parallel: it is timed
			for try := 1; ; try++ {
				took, mib := cost(func() { large(t, "pipeline large\n"+text) })
				if took <= limit && mib <= most {
					return
				}
				if try == tries {
					t.Fatalf("took %v, and %d MiB in all", took, mib)
				}
			}
		})
	}
}

// large does with a text what flowc does with one.
func large(t *testing.T, text string) {
	var report diag.List
	file := lang.Parse("large.flow", text, &report)
	prog := typecheck.Check(typecheck.Files{Main: file}, &report)
	if !report.HasErrors() {
		plan.Build(prog)
	}
	lang.Format(file)
	if n := len(report.Sorted()); n > 500 {
		t.Errorf("%d messages", n)
	}
}

// filled repeats a line behind a head up to a megabyte, with its number in the
// place of #.
func filled(head, line string) string {
	var b strings.Builder
	b.WriteString(head)
	for i := 0; b.Len() < 1<<20; i++ {
		b.WriteString(strings.ReplaceAll(line, "#", fmt.Sprint(i)))
	}
	return b.String()
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
