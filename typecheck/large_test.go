package typecheck_test

import (
	"fmt"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/typecheck"
	"github.com/flow-lang/flowc/typecheck/plan"
)

// numbered writes a line n times, with its number in the place of #, or as often as
// a file may have so many words and signs.
func numbered(line string, n int) string {
	var b strings.Builder
	for i, left := 0, 98_000; i < n && left > 0; i++ {
		text := strings.ReplaceAll(line, "#", fmt.Sprint(i))
		b.WriteString(text)
		left -= len(words.FindAllString(text, -1))
	}
	return b.String()
}

var words = regexp.MustCompile(`\w+|[^\w\s]`)

// TestLargePrograms checks, plans and lays out programs of some ten thousand
// things of a kind, as long as a file may be, and texts of a megabyte. They take
// time and memory by their length, whatever is wrong with them: the bounds are
// several times what a machine at rest needs, so that only what grows faster than
// the text goes over them. One that is busy may try again. The memory is all that is
// allocated, of which a part is there at one time.
func TestLargePrograms(t *testing.T) {
	const limit, most, tries = 3 * time.Second, 256, 3
	const source = "record A { x: int, s: string }\nsource a: A = jsonl(\"a\")\n"
	counted := source + "operator o {\n in r: A key r.x\n out A\n state n: value<int> = 0 forever\n on r { n += 1\n emit r }\n}\n"
	tests := map[string]string{
		"records of one name": numbered("record A { x: int }\n", 50_000),
		"functions":           numbered("func f#() -> int = 1\n", 30_000),
		"functions backwards": numbered("func f#() -> int = f0#()\n", 3_000) + numbered("func f0#() -> int = f00#()\n", 3_000) + numbered("func f00#() -> int = 1\n", 3_000),
		"steps of one stream": source + "stream s = a" + strings.Repeat("\n |> filter(r => true)", 9_000) + "\nsink s to jsonl(\"b\")\n",
		"streams":             source + numbered("stream s# = a |> filter(r => r.x > #)\nsink s# to jsonl(\"b#\")\n", 10_000),
		"steps with state":    counted + numbered("stream s# = a |> o uid \"u#\"\nsink s# to jsonl(\"b#\")\n", 5_000),
		"fields":              "record A {\n" + numbered("f#: int\n", 60_000) + "}\n",
		"fields of one name":  "record A {\n" + numbered("f: int\n", 60_000) + "}\n",
		"members of a union":  numbered("record R# { x: int }\n", 10_000) + "union U = R0" + numbered(" | R#", 10_000) + "\n",
		"arms":                "func f(x: int) -> int = match x {\n" + numbered("# => 1\n", 40_000) + " _ => 0 }\n",
		"unknown names":       "func f() -> int {\n" + numbered("let v# = z#\n", 30_000) + "1\n}\n",
		"one unknown name":    "func f() -> int {\n" + numbered("let v# = z\n", 30_000) + "1\n}\n",
		"handlers":            source + "operator o {\n in r: A\n out A\n" + numbered(" on r { emit r }\n", 20_000) + "}\n",
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
		"list":                filled("func f() -> list<int> = [", "1,") + "1]\n",
		"wrong list":          filled("func f() -> list<int> = [", "\"a\",") + "1]\n",
		"lists in a list":     filled("func f() -> int = [", "[],") + "1]\n",
		"calls":               filled("func f() -> int {\n", "a()\n") + "1 }\n",
		"statements":          filled("func f() -> int {\n", "x;") + "1 }\n",
		"too many commas":     strings.Repeat(",", 1<<20),
		"too many numbers":    "func f() -> list<int> = [" + strings.Repeat("1,", 1<<19),
		"too many records":    strings.Repeat("record A { x: int }\n", 50_000),
		"too many steps":      source + "stream s = a" + strings.Repeat("\n |> filter(r => true)", 40_000) + "\nsink s to jsonl(\"b\")\n",
		"too many statements": "func f() -> int {\n" + strings.Repeat("x;", 1<<19),
		"one line":            "// " + strings.Repeat("a long line ", 1<<16),
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) { // not parallel: it is timed
			for try := 1; ; try++ {
				took, mib := cost(func() { large(t, "pipeline large\n"+text) })
				if took <= limit && mib <= most {
					t.Logf("took %v, and %d MiB in all", took, mib)
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

// filled repeats a line behind a head up to a megabyte, or as numbered does.
func filled(head, line string) string {
	return head + numbered(line, (1<<20-len(head))/len(line))
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
