package oracle_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/oracle"
	"github.com/flow-lang/flowc/oracle/internal/runner"
)

// disagreement says in which way a run differs from what the oracle gave, ""
// if it does not.
func disagreement(want answer, got runner.Result) string {
	if want.err != nil {
		return "the oracle: " + want.err.Error()
	}
	if got.Same {
		return ""
	}
	if got.Trouble != "" {
		return got.Trouble
	}
	if got.Failure != nil {
		if !expected(want.Failures, got.Failure) {
			return fmt.Sprintf("the job stopped at %s: %s, record %s\nwant one of %s", got.Failure.Place, got.Failure.Reason, got.Failure.Record, listed(want.Failures))
		}
		return leftOver(want.Output, got)
	}
	if len(want.Failures) > 0 {
		return "the job did not stop; want one of " + listed(want.Failures)
	}
	var out strings.Builder
	for _, sink := range slices.Sorted(mapKeys(want.Sinks)) {
		if diff := cmp.Diff(runner.ByKey(want.Sinks[sink]), runner.ByKey(got.Sinks[sink])); diff != "" {
			fmt.Fprintf(&out, "sink %s (-want +got):\n%s", sink, diff)
		}
	}
	return out.String()
}

func mapKeys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// expected reports whether the job may have stopped at f: it runs in parallel,
// so any of the failures may come first.
func expected(want []*oracle.Failure, f *runner.Failure) bool {
	return slices.ContainsFunc(want, func(w *oracle.Failure) bool {
		return w.Place() == f.Place && sameRecord(w.Record, f.Record)
	})
}

// sameRecord compares a record with the one in a message. That may lack fields,
// which nothing in the program reads, and is cut if it is long.
func sameRecord(want, got string) bool {
	if strings.HasSuffix(got, "…") {
		return true
	}
	var w, g any
	if json.Unmarshal([]byte(want), &w) == nil && json.Unmarshal([]byte(got), &g) == nil {
		return holds(w, g)
	}
	return strings.TrimSpace(strings.ReplaceAll(want, "\t", " ")) == got || got == "" && want == "null"
}

// holds reports whether everything in part stands in whole, too.
func holds(whole, part any) bool {
	fields, ok := part.(map[string]any)
	if !ok {
		return reflect.DeepEqual(whole, part)
	}
	all, ok := whole.(map[string]any)
	for name, v := range fields {
		if w, has := all[name]; !ok || !has || !holds(w, v) {
			return false
		}
	}
	return ok
}

func listed(fs []*oracle.Failure) string {
	out := make([]string, len(fs))
	for i, f := range fs {
		out[i] = fmt.Sprintf("%v, record %s", f, f.Record)
	}
	return "[\n" + strings.Join(out, "\n") + "\n]"
}

// leftOver finds rows of a job that stopped which the oracle does not have.
// What the job wrote before it stopped is the beginning of each key's rows.
func leftOver(want *oracle.Output, got runner.Result) string {
	for sink, rows := range got.Sinks {
		wanted := runner.ByKey(want.Sinks[sink])
		for key, rows := range runner.ByKey(rows) {
			w := wanted[key]
			if key == "" {
				if extra := beyond(w, rows); extra != "" {
					return fmt.Sprintf("sink %s has a row too many before the job stopped: %s", sink, extra)
				}
				continue
			}
			if len(rows) > len(w) || !slices.Equal(w[:len(rows)], rows) {
				return fmt.Sprintf("sink %s before the job stopped (-want +got):\n%s", sink, cmp.Diff(w, rows))
			}
		}
	}
	return ""
}

// beyond returns a row of got that want does not have as often.
func beyond(want, got []string) string {
	left := map[string]int{}
	for _, w := range want {
		left[w]++
	}
	for _, g := range got {
		if left[g]--; left[g] < 0 {
			return g
		}
	}
	return ""
}
