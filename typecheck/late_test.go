package typecheck_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/typecheck"
)

// TestLibraryWarnings: each step of the library that has late records warns where
// nobody reads them, each that waits for event time where it never rises, and none
// of them where it is all in order.
func TestLibraryWarnings(t *testing.T) {
	t.Parallel()
	const both = "on: (x, y) => x.k == y.k"
	for _, c := range []struct{ name, arguments, outputs, after string }{
		{"tumbling", "size: 1h, key: e => e.k, agg: count()", "late", ""},
		{"sliding", "size: 1h, every: 1m, key: e => e.k, agg: count()", "late", ""},
		{"session", "gap: 1h, key: e => e.k, agg: count()", "late", ""},
		{"cumulative", "step: 1m, size: 1h, key: e => e.k, agg: count()", "late", ""},
		{"top", "n: 1, key: e => e.k, by: e => e.n, per: 1h", "late", ""},
		{"pattern", "key: e => e.k, steps: [e => e.n > 1], within: 1h", "late", ""},
		{"throttle", "n: 1, per: 1h, key: e => e.k", "late", ""},
		{"window_join", "right: other, " + both + ", size: 1h", "sides", ""},
		{"interval_join", "right: other, " + both + ", between: 0s..1h", "sides", ""},
		{"temporal_join", "right: other, " + both, "sides", " forever"},
	} {
		waived, late := "", 0
		switch c.outputs {
		case "late":
			waived, late = ", late: drop", 1
		case "sides":
			waived, late = ", late_left: drop, late_right: drop", 1
		}
		plain, careful := c.arguments, c.arguments+waived
		for _, v := range []struct {
			what, arguments, first, other string
			want                          []diag.Code
		}{
			{"waived", careful, "dated", "dated", nil},
			{"dropped without a word", plain, "dated", "dated", append([]diag.Code(nil), slices.Repeat([]diag.Code{typecheck.UnreadStream}, late)...)},
			{"without event time", careful, "undated", "undated", []diag.Code{typecheck.StuckWatermark}},
			{"one side without event time", careful, "dated", "undated", []diag.Code{typecheck.StuckWatermark}},
		} {
			if v.first != v.other && c.outputs != "sides" {
				continue
			}
			t.Run(c.name+" "+v.what, func(t *testing.T) {
				t.Parallel()
				var report diag.List
				typecheck.Check(typecheck.Files{Main: lang.Parse("app.flow", fmt.Sprintf(`pipeline app

record Event { k: string, at: timestamp, n: int }

source dated: Event = jsonl("dated.jsonl") { event time at }
source undated: Event = jsonl("undated.jsonl")

stream first = %s |> filter(e => e.n > 0)
stream other = %s |> map(e => e)
stream out = first |> %s(%s) uid "s"%s

sink dated to jsonl("a.jsonl")
sink undated to jsonl("b.jsonl")
sink other to jsonl("c.jsonl")
sink out to jsonl("out.jsonl")
`, v.first, v.other, c.name, v.arguments, c.after), &report)}, &report)
				var got []diag.Code
				for _, d := range report.Sorted() {
					got = append(got, d.Code)
				}
				if diff := cmp.Diff(v.want, got); diff != "" {
					t.Errorf("findings (-want +got):\n%s", diff)
				}
			})
		}
	}
}
