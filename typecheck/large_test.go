package typecheck_test

import (
	"fmt"
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
// things of a kind. What takes a tenth of a second or two here took up to half a
// minute where something went through all for each, and minutes on a machine
// that is busy; the bound leaves room for that.
func TestLargePrograms(t *testing.T) {
	const bound = 20 * time.Second
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
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) { // not parallel: it is timed
			start := time.Now()
			var report diag.List
			file := lang.Parse("large.flow", "pipeline large\n"+text, &report)
			prog := typecheck.Check(typecheck.Files{Main: file}, &report)
			if !report.HasErrors() {
				plan.Build(prog)
			}
			lang.Format(file)
			if took := time.Since(start); took > bound {
				t.Errorf("took %v, more than %v", took, bound)
			}
			if n := len(report.Sorted()); n > 500 {
				t.Errorf("%d messages", n)
			}
		})
	}
}
