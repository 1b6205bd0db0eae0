package oracle_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/flow-lang/flowc/oracle/internal/runner"
)

// hostileJSON and hostileCSV read rows of one file each, as a user's do.
const (
	hostileJSON = `pipeline hostile
record Row { s: string, n: int, x: float, j: json, o: int? }
source rows: Row = jsonl("in.jsonl")
sink rows to jsonl("out.jsonl") uid "out"
`
	hostileCSV = `pipeline hostile
record Row { s: string, n: int, x: float, o: int? }
source rows: Row = csv("in.jsonl")
sink rows to jsonl("out.jsonl") uid "out"
`
)

// hostileRow is a row of input that nobody would send in good faith.
type hostileRow struct {
	name, row string
	want      string // what comes out; "" if the row is malformed
}

func hostileLine(s, n, x, j string) string {
	return fmt.Sprintf(`{"s":%s,"n":%s,"x":%s,"j":%s}`, s, n, x, j)
}

var hostileRows = [2][]hostileRow{
	{
		{"nesting within bounds", hostileLine(`"a"`, "1", "1", strings.Repeat("[", 50)+strings.Repeat("]", 50)), "a"},
		{"deep nesting", hostileLine(`"a"`, "1", "1", strings.Repeat("[", 100000)+strings.Repeat("]", 100000)), ""},
		{"deep nesting that does not end", strings.Repeat(`{"a":[`, 100000), ""},
		{"deep nesting in an unknown field", `{"u":` + strings.Repeat("[", 100000) + strings.Repeat("]", 100000) + `,` + hostileLine(`"a"`, "1", "1", "1")[1:], ""},
		{"a number past int", hostileLine(`"a"`, "9223372036854775808", "1", "1"), ""},
		{"a number of a thousand digits", hostileLine(`"a"`, strings.Repeat("9", 1000), "1", "1"), ""},
		{"a fraction for an int", hostileLine(`"a"`, "1.5", "1", "1"), ""},
		{"a float past the range", hostileLine(`"a"`, "1", "1e400", "1"), ""},
		{"a float of a thousand digits", hostileLine(`"a"`, "1", "0."+strings.Repeat("1", 1000), "1"), "a"},
		{"a number with a plus", hostileLine(`"a"`, "+1", "1", "1"), ""},
		{"a number that begins with 0", hostileLine(`"a"`, "01", "1", "1"), ""},
		{"NaN", hostileLine(`"a"`, "1", "NaN", "1"), ""},
		{"invalid UTF-8", hostileLine("\"\xff\"", "1", "1", "1"), ""},
		{"invalid UTF-8 in an unknown field", "{\"u\":\"\xc3\"," + hostileLine(`"a"`, "1", "1", "1")[1:], ""},
		{"an overlong code", hostileLine("\"\xc0\x80\"", "1", "1", "1"), ""},
		{"a lone surrogate", hostileLine(`"\ud800"`, "1", "1", "1"), ""},
		{"surrogates the wrong way round", hostileLine(`"\udc00\ud800"`, "1", "1", "1"), ""},
		{"a pair of surrogates", hostileLine(`"\ud83d\ude00"`, "1", "1", "1"), "😀"},
		{"NUL as an escape", hostileLine(`"\u0000"`, "1", "1", "1"), `\u0000`},
		{"NUL as it is", hostileLine("\"\x00\"", "1", "1", "1"), ""},
		{"NUL after the row", hostileLine(`"a"`, "1", "1", "1") + "\x00", ""},
		{"a duplicate field", `{"s":"b",` + hostileLine(`"a"`, "1", "1", "1")[1:], ""},
		{"a duplicate field by an escape", `{"\u0073":"b",` + hostileLine(`"a"`, "1", "1", "1")[1:], ""},
		{"a byte order mark in the middle", "\ufeff" + hostileLine(`"a"`, "1", "1", "1"), ""},
		{"a long string", hostileLine(`"`+strings.Repeat("a", 1<<20)+`"`, "1", "1", "1"), "aaaa"},
		{"two rows in one", hostileLine(`"a"`, "1", "1", "1") + hostileLine(`"a"`, "1", "1", "1"), ""},
		{"half a row", `{"s":"a","n":`, ""},
		{"single quotes", `{'s':'a'}`, ""},
		{"a comma too many", hostileLine(`"a"`, "1", "1", "1,"), ""},
		{"null", "null", ""},
		{"a field of another type", hostileLine("5", "1", "1", "1"), ""},
		{"a bad escape", hostileLine(`"\x"`, "1", "1", "1"), ""},
	},
	{
		{"quotes", `"a ""b"" c",1,1,`, `a \"b\" c`},
		{"a comma in quotes", `"a,b",1,1,`, "a,b"},
		{"quotes in the middle", `a"b,1,1,`, ""},
		{"text after quotes", `"a"b,1,1,`, ""},
		{"quotes that do not end", `"a,1,1,`, ""},
		{"too few cells", "a,1", ""},
		{"too many cells", "a,1,1,,5", ""},
		{"a number past int", "a,9223372036854775808,1,", ""},
		{"an empty number", "a,,1,", ""},
		{"a number with space", "a, 1,1,", ""},
		{"hexadecimal", "a,0x10,1,", ""},
		{"NaN", "a,1,NaN,", ""},
		{"a float past the range", "a,1,1e400,", ""},
		{"invalid UTF-8", "\xff,1,1,", ""},
		{"NUL", "\x00,1,1,", `\u0000`},
		{"a formula", "=1+1,1,1,", "=1+1"},
		{"a byte order mark in the middle", "\ufeffa,1,1,", "\ufeffa"},
		{"a long cell", strings.Repeat("a", 1<<20) + ",1,1,", "aaaa"},
		{"a word for an option", "a,1,1,none", ""},
	},
}

// TestHostileData gives each hostile row a value or an error that names the file
// and the line.
func TestHostileData(t *testing.T) {
	t.Parallel()
	b := build(t, []string{hostileJSON, hostileCSV}, false)
	for i, err := range b.broken {
		t.Fatalf("no Go of program %d: %v", i, err)
	}
	first := []string{hostileLine(`"first"`, "1", "1", "1"), "s,n,x,o"}
	var tasks []runner.Task
	var tried []hostileRow
	for i, rows := range hostileRows {
		for _, r := range rows {
			tried = append(tried, r)
			tasks = append(tasks, runner.Task{Program: i, File: []byte(first[i] + "\n" + r.row), Sinks: []string{"out"}, Now: processingTime, Parallelism: 1, BlockSize: 1 << 18})
		}
	}
	last := make([]runner.Result, 2)
	for i, got := range b.run(t, tasks) {
		r, program := tried[i], tasks[i].Program
		if got.Same {
			got = last[program]
		} else if i == 0 || tasks[i-1].Program != program {
			last[program] = got
		}
		what := []string{"JSON", "CSV"}[program] + ", " + r.name
		switch {
		case got.Trouble != "":
			t.Errorf("%s: %s", what, got.Trouble)
		case r.want != "":
			if out := got.Sinks["out"]; got.Failure != nil || len(out) == 0 || !strings.Contains(out[len(out)-1], r.want) {
				t.Errorf("%s: want %.40q, got %.200q and %v", what, r.want, out, got.Failure)
			}
		case got.Failure == nil:
			t.Errorf("%s: taken as %.200q", what, got.Sinks["out"])
		case got.Failure.Place != "in.jsonl:2" || got.Failure.Reason == "":
			t.Errorf("%s: the error is %q at %s", what, got.Failure.Reason, got.Failure.Place)
		}
	}
}
