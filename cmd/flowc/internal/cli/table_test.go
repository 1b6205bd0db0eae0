package cli

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// TestTable draws a table as wide as it is, and where there is less room.
func TestTable(t *testing.T) {
	t.Parallel()
	tab := &table{left: 2, drop: []int{3, 4, 2}}
	tab.add("", "NAME", "RECORDS", "LATE", "QUEUED")
	tab.add("source", "events-of-everything", "1234", "0", "7")
	tab.add("step", "über", "5", "0", "0")
	for width, want := range map[int]string{
		0: "        NAME                  RECORDS  LATE  QUEUED\n" +
			"source  events-of-everything     1234     0       7\n" +
			"step    über                        5     0       0\n",
		48: "        NAME               RECORDS  LATE  QUEUED\n" +
			"source  events-of-everyt…     1234     0       7\n" +
			"step    über                     5     0       0\n",
		40: "        NAME             RECORDS  QUEUED\n" +
			"source  events-of-ever…     1234       7\n" +
			"step    über                   5       0\n",
		30: "        NAME           RECORDS\n" +
			"source  events-of-ev…     1234\n" +
			"step    über                 5\n",
		10: "        NAME\n" +
			"source  events-of-e…\n" +
			"step    über\n",
	} {
		var b strings.Builder
		tab.write(&b, width)
		if diff := cmp.Diff(want, b.String()); diff != "" {
			t.Errorf("%d columns (-want +got):\n%s", width, diff)
		}
	}
}

// TestRanked leaves out the rows that do least where there are too few lines.
func TestRanked(t *testing.T) {
	t.Parallel()
	for lines, want := range map[int]string{
		5: "NAME  N\na     1\nb     2\nc     3\nd     4\n",
		4: "NAME  N\nc     3\na     1\n… and 2 that do less\n",
		1: "NAME  N\nc     3\n… and 3 that do less\n",
	} {
		tab := &ranked{table: table{left: 1}, does: []float64{0.5, 0.1, 0.9, 0.5}}
		tab.add("NAME", "N")
		for i, name := range []string{"a", "b", "c", "d"} {
			tab.add(name, number(int64(i+1)))
		}
		tab.fit(lines)
		var b strings.Builder
		tab.write(&b, 0)
		if diff := cmp.Diff(want, b.String()); diff != "" || tab.lines() != strings.Count(want, "\n") {
			t.Errorf("%d lines (-want +got):\n%s", lines, diff)
		}
	}
}

// TestTopFits draws a job of thirty steps, ten of which call functions, in terminals
// of several sizes.
func TestTopFits(t *testing.T) {
	t.Parallel()
	now, before := jobStatus{Job: "many", Running: true, Now: 2_000_000}, jobStatus{Now: 1_000_000}
	now.Checkpoints.Enabled = true
	for i := range 30 {
		n := nodeStatus{Name: fmt.Sprint("step-", i), Records: 12_345_678, Keys: 1_000_000, Busy: float64(i%7) / 7}
		if i < 10 {
			n.Calls = &callStatus{Calls: 5, Waited: float64(i)}
		}
		now.Operators = append(now.Operators, n)
		before.Operators = append(before.Operators, nodeStatus{})
	}
	for _, size := range []struct{ width, height, nodes, calls int }{
		{80, 24, 12, 3}, {120, 60, 30, 10}, {80, 50, 30, 10}, {80, 40, 22, 10}, {80, 12, 2, 1}, {0, 0, 30, 10},
	} {
		var b strings.Builder
		now.write(&b, &before, size.width, size.height)
		lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
		if size.height > 0 && len(lines) >= size.height {
			t.Errorf("%d lines in a terminal of %d:\n%s", len(lines), size.height, b.String())
		}
		for _, line := range lines {
			if size.width > 0 && utf8.RuneCountInString(line) > size.width {
				t.Errorf("more than %d columns: %s", size.width, line)
			}
		}
		nodes, calls, _ := strings.Cut(b.String(), "CALLS OF")
		if got := strings.Count(nodes, "step-"); got != size.nodes {
			t.Errorf("%dx%d has %d steps, want %d:\n%s", size.width, size.height, got, size.nodes, b.String())
		}
		if got := strings.Count(calls, "step-"); got != size.calls {
			t.Errorf("%dx%d has %d functions, want %d:\n%s", size.width, size.height, got, size.calls, b.String())
		}
	}
}

// TestPrintable keeps rows from commanding the terminal.
func TestPrintable(t *testing.T) {
	t.Parallel()
	if got, want := printable("a,\x1b]0;title\x07,\tü\u009b2J\r"), "a,�]0;title�,\tü�2J�"; got != want {
		t.Errorf("printable = %q, want %q", got, want)
	}
}
