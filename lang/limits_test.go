package lang_test

import (
	"math/rand/v2"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
)

// codes returns the codes of the mistakes in a program.
func codes(text string) []diag.Code {
	var report diag.List
	lang.Parse("in.flow", text, &report)
	var codes []diag.Code
	for _, d := range report.Sorted() {
		codes = append(codes, d.Code)
	}
	return codes
}

func TestNestingLimit(t *testing.T) {
	t.Parallel()
	repeat := strings.Repeat
	tests := []struct {
		name string
		text func(n int) string
		each int // levels that one repetition counts
	}{
		{"parentheses", func(n int) string { return "func f() -> int = " + repeat("(", n) + "1" + repeat(")", n) }, 1},
		{"lists", func(n int) string { return "func f() -> int = " + repeat("[", n) + "1" + repeat("]", n) }, 1},
		{"calls", func(n int) string { return "func f() -> int = " + repeat("f(", n) + "1" + repeat(")", n) }, 1},
		{"indexes", func(n int) string { return "func f() -> int = " + repeat("x[", n) + "1" + repeat("]", n) }, 1},
		{"records", func(n int) string { return "func f() -> int = " + repeat("{ a: ", n) + "1" + repeat(" }", n) }, 1},
		{"with", func(n int) string { return "func f() -> int = " + repeat("x with { a: ", n) + "1" + repeat(" }", n) }, 1},
		{"unary operators", func(n int) string { return "func f() -> int = " + repeat("-", n) + "1" }, 1},
		{"lambdas", func(n int) string { return "func f() -> int = " + repeat("x => ", n) + "1" }, 1},
		{"strings", func(n int) string { return "func f() -> string = " + repeat(`"${`, n) + "1" + repeat(`}"`, n) }, 1},
		{"ifs", func(n int) string { return "func f() { " + repeat("if a { ", n) + repeat("}", n) + "}" }, 2},
		{"blocks", func(n int) string { return "func f() { " + repeat("while a { ", n) + repeat("}", n) + "}" }, 1},
		{"matches", func(n int) string { return "func f() { " + repeat("match a { _ => ", n) + "1" + repeat("}", n) + "}" }, 1},
		{"type arguments", func(n int) string { return "record A { x: " + repeat("list<", n) + "int" + repeat(">", n) + " }" }, 1},
		{"record types", func(n int) string { return "record A { x: " + repeat("{ x: ", n) + "int" + repeat("}", n) + " }" }, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := codes("pipeline p\n" + tt.text(195/tt.each)); len(got) > 0 {
				t.Errorf("195 levels give %v", got)
			}
			for _, n := range []int{201, 100_000} {
				if diff := cmp.Diff([]diag.Code{lang.TooDeep}, codes("pipeline p\n"+tt.text(n))); diff != "" {
					t.Errorf("%d levels (-want +got):\n%s", n, diff)
				}
			}
			if diff := cmp.Diff([]diag.Code{lang.TooDeep}, codes("pipeline p\n"+tt.text(100_000)[:99_987])); diff != "" {
				t.Errorf("unclosed (-want +got):\n%s", diff)
			}
		})
	}
}

func TestChains(t *testing.T) {
	t.Parallel()
	repeat := strings.Repeat
	tests := []struct{ name, head, link string }{
		{"operators", "func f() -> int = 1", " + 1"},
		{"equal operators on several levels", "func f() -> int = 1", " + 1 * 2"},
		{"options", "func f() -> int = a", " ?? a"},
		{"fields", "func f() -> int = a", ".a"},
		{"calls", "func f() -> int = a", "(1)"},
		{"steps", "stream s = a", " |> b"},
		{"else if", "func f() -> int = if a { 1 }", " else if a { 1 }"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := codes("pipeline p\n" + tt.head + repeat(tt.link, 9_000)); len(got) > 0 {
				t.Errorf("9000 links give %v", got)
			}
			if diff := cmp.Diff([]diag.Code{lang.TooLong}, codes("pipeline p\n"+tt.head+repeat(tt.link, 100_000))); diff != "" {
				t.Errorf("100000 links (-want +got):\n%s", diff)
			}
			checkFormat(t, tt.name, "pipeline p\n"+tt.head+repeat(tt.link, 2_000), 100)
		})
	}
}

// bound is how much processor time a text may take. The goal is 100 ms; this
// leaves room for slow machines.
const bound = time.Second

// processorTime is what this process has taken until now.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// TestMegabyte reads a megabyte of several things in the bound. None takes more than 64 MiB, whether or not
// they are freed again.
func TestMegabyte(t *testing.T) {
	const size, most = 1 << 20, 64
	random := rand.New(rand.NewPCG(3, 4))
	bytes, printable := make([]byte, size), make([]byte, size)
	for i := range bytes {
		bytes[i] = byte(random.IntN(256))
		printable[i] = byte(' ' + random.IntN(95))
		if random.IntN(40) == 0 {
			printable[i] = '\n'
		}
	}
	fill := func(head, s string) string { return head + strings.Repeat(s, (size-len(head))/len(s)) }
	texts := map[string]string{
		"random bytes":        string(bytes),
		"random text":         string(printable),
		"declarations":        fill("pipeline p\n", "record A {\n  x: int\n  y: string = \"x\"\n}\n"),
		"broken declarations": fill("pipeline p\n", "record A { x int }\n"),
		"members":             fill("pipeline p\noperator o {\n", "  on x { emit x }\n"),
		"operators":           fill("pipeline p\nfunc f() -> int = 1", "+1"),
		"elements":            fill("pipeline p\nfunc f() -> int = [", "1,"),
		"names":               fill("", "a "),
		"lines":               fill("", "a\n"),
		"empty lines":         fill("pipeline p", "\n"),
		"comments":            fill("pipeline p\n", "//\n"),
		"one comment":         fill("pipeline p //", "x"),
		"one string":          fill("pipeline p\nfunc f() -> string = \"", "x") + "\"",
		"escapes":             fill("pipeline p\nfunc f() -> string = \"", `\q`) + "\"",
		"interpolations":      fill("pipeline p\nfunc f() -> string = \"", "${x}") + "\"",
		"parentheses":         fill("pipeline p\nfunc f() -> int = ", "("),
		"open strings":        fill("", `"${`),
		"less":                fill("pipeline p\nfunc f() -> int = a", "<-a"),
		"closed types":        fill("pipeline p\noperator o {\n", "state a: value<int>= 0\n"),
		"operator heads":      fill("pipeline p\n", " operator o {\n"),
		"stray signs":         fill("pipeline p\n", "§\n"),
		"commas":              fill("", ","),
		"semicolons":          fill("pipeline p\nfunc f() -> int {", ";"),
		"pluses":              fill("pipeline p\nfunc f() -> int = ", "+"),
		"pairs of brackets":   fill("pipeline p\n", "()"),
		"lists in a list":     fill("pipeline p\nfunc f() -> int = [", "[],"),
		"statements":          fill("pipeline p\nfunc f() -> int {", "x;"),
		"calls":               fill("pipeline p\nfunc f() -> int {\n", "a()\n"),
		"empty records":       fill("pipeline p\n", "record A{}\n"),
		"steps":               fill("pipeline p\nstream s = a", "|>b"),
		"nested strings":      fill("pipeline p\nfunc f() -> string = ", `"${`),
		"labels":              fill("pipeline p\nstream a = b |> c(", "a "),
		"angles":              fill("pipeline p\nfunc f() -> int = ", "a<b,"),
		"control characters":  fill("pipeline p\n", "\x01"),
		"raw string":          fill("pipeline p\nfunc f() -> string = `", "\n"),
		"block comment":       fill("pipeline p\n", "/*\n"),
	}
	for name, text := range texts {
		t.Run(name, func(t *testing.T) { // not parallel: it is timed
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := processorTime(t)
			got := codes(text)
			took := processorTime(t) - start
			runtime.ReadMemStats(&after)
			mib := (after.TotalAlloc - before.TotalAlloc) >> 20
			t.Logf("%d messages in %v, %d MiB", len(got), took, mib)
			if mib > most {
				t.Errorf("took %d MiB, more than %d", mib, most)
			}
			if took > bound {
				t.Errorf("took %v, more than %v", took, bound)
			}
			if len(got) > 1000 {
				t.Errorf("%d messages", len(got))
			}
		})
	}
}

// TestFormatLong lays out texts as long as a file may be, in the memory and the
// time that any text may take.
func TestFormatLong(t *testing.T) {
	repeat := strings.Repeat
	texts := map[string]string{
		"lists in lists":   repeat("func f() -> int = "+repeat("[", 190)+"1"+repeat("]", 190)+"\n", 240),
		"calls in calls":   repeat("func f() -> int = "+repeat("f(", 190)+"1"+repeat(")", 190)+"\n", 160),
		"ifs in ifs":       repeat("func f() -> int {"+repeat("if a {", 95)+repeat("}", 95)+"}\n", 240),
		"long lines":       repeat("func f() -> int = a"+repeat(".a", 9_900)+"\n", 5),
		"comments":         repeat("//\n", 340_000),
		"comments, deep":   "func f() -> int = " + repeat("[\n", 190) + repeat("// a\n", 190_000) + "1" + repeat("]", 190) + "\n",
		"comments, behind": "func f() -> int = [" + repeat("1, // a\n", 49_000) + "]\n",
		"symbols":          "enum E { " + strings.Repeat("V, ", 49_000) + "}\n",
		"fields":           "record E { " + strings.Repeat("f: int, ", 24_000) + "}\n",
		"functions":        strings.Repeat("func f(x: int) -> int = x + 1\n", 7_500),
		"steps":            "stream t = s" + strings.Repeat(" |> filter(r => r.a > 1)", 8_000) + "\n",
		"empty comments":   repeat("//\n\n", 260_000),
		"comments, around": repeat("// c\n\nrecord A { x: int } // d\n", 9_000),
		"long arguments":   "func f() -> int = " + repeat("f("+repeat("aaaaaaa, ", 200), 190) + "1" + repeat(")", 190) + "\n",
		"long strings":     "func f() -> string = f(" + repeat("\""+repeat("a", 1000)+"\", ", 1000) + "1)\n",
		"records, deep":    repeat("func f() -> int = "+repeat("{ a: ", 190)+"1"+repeat(" }", 190)+"\n", 120),
		"patterns":         "func f() -> int = match a { 1" + repeat(" | 1", 45_000) + " => 2; _ => 3 }\n",
		"branches":         "func f(x: int) -> int {\n" + strings.Repeat("if x > 1 { return 2 } else { return 3 }\n", 7_000) + "return 1 }\n",
	}
	for name, text := range texts {
		t.Run(name, func(t *testing.T) { // not parallel: it counts memory
			text = "pipeline p\n" + text
			start := processorTime(t)
			frugal(t, len(text), func() {
				if _, ok := lang.FormatSource("long.flow", text, &diag.List{}); !ok {
					t.Error("it has no layout")
				}
			})
			took := processorTime(t) - start
			t.Logf("%d bytes in %v", len(text), took)
			if took > bound {
				t.Errorf("it takes %v, more than %v", took, bound)
			}
		})
	}
}
