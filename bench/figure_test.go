package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var someFigures = []Figure{
	{Name: "keyed-json/1e5", Against: "hand loop", Ratio: 0.97, Goal: 0.9, Better: "higher", Value: 310, Base: 300.5, Unit: "ns of CPU per row", Rounds: 7},
	{Name: "check/temperature", Against: "limit of 50 ms", Ratio: 1.1, Goal: 1, Better: "lower", Value: 55, Base: 50, Unit: "ms", Rounds: 7},
}

func TestTable(t *testing.T) {
	t.Parallel()
	want := `measured           against         ratio  goal                   median  other  unit               rounds
keyed-json/1e5     hand loop       0.97   ≥ 0.90  met            310     300.5  ns of CPU per row  7
check/temperature  limit of 50 ms  1.10   ≤ 1.00  short by 0.10  55      50     ms                 7
`
	if diff := cmp.Diff(want, table(someFigures)); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
}

func TestFiguresComeBack(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "results.json")
	if err := writeFigures(path, someFigures); err != nil {
		t.Fatal(err)
	}
	got, err := readFigures(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(someFigures, got); diff != "" {
		t.Errorf("readFigures (-want +got):\n%s", diff)
	}
}

// TestFirstLine holds the form of a line that other programs read.
func TestFirstLine(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "results.json")
	if err := writeFigures(path, someFigures[:1]); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"name":"keyed-json/1e5","against":"hand loop","ratio":0.97,"goal":0.9,"better":"higher","value":310,"base":300.5,"unit":"ns of CPU per row","rounds":7}` + "\n"
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("results.json (-want +got):\n%s", diff)
	}
}

func TestWithFigures(t *testing.T) {
	t.Parallel()
	page := "before\n" + docsBegin + "old\n" + docsEnd + "after\n"
	got, err := withFigures([]byte(page), someFigures[:1])
	if err != nil {
		t.Fatal(err)
	}
	want := "before\n" + docsBegin + `
| measured | against | ratio | goal | | median | other | unit |
|---|---|---:|---:|---|---:|---:|---|
| keyed-json/1e5 | hand loop | 0.97 | ≥ 0.90 | met | 310 | 300.5 | ns of CPU per row |

` + docsEnd + "after\n"
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("withFigures (-want +got):\n%s", diff)
	}
	if _, err := withFigures([]byte("no marks"), nil); err == nil {
		t.Error("withFigures of a page without marks gave no error")
	}
}

// TestDocumentedFigures fails when docs/performance.md does not show what
// bench/results.json holds.
func TestDocumentedFigures(t *testing.T) {
	t.Parallel()
	figures, err := readFigures("results.json")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join("..", "docs", "performance.md"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := withFigures(page, figures)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(page)); diff != "" {
		t.Errorf("docs/performance.md; run go run ./bench -docs (-want +got):\n%s", diff)
	}
}

func TestMedian(t *testing.T) {
	t.Parallel()
	taken := []usage{{cpu: 3, clock: 10}, {cpu: 1, clock: 30}, {cpu: 2, clock: 20}}
	if got := median(taken, false); got != 2 {
		t.Errorf("median of CPU = %v, want 2ns", got)
	}
	if got := median(taken, true); got != 20*time.Nanosecond {
		t.Errorf("median of the clock = %v, want 20ns", got)
	}
}
