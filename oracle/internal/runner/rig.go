package runner

import (
	"fmt"
	"maps"
	"slices"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/rig"
	"github.com/flow-lang/flowc/rt/value"
)

// runOnRig runs a program while processing time passes. Whatever the job has been
// through, it must give the same.
func runOnRig(spec rt.Spec, task Task) Result {
	var first Result
	test := func(r *rig.Run) {
		for i, row := range task.Rows {
			if !r.Advance(0, value.Duration(task.Clock[i])) || !r.Feed(0, "events", []byte(row)) {
				return
			}
		}
		got := Result{Sinks: map[string][]string{}}
		for _, s := range task.Sinks {
			got.Sinks[s] = r.Rows(s)
		}
		if first.Sinks == nil {
			first = got
			return
		}
		for _, s := range slices.Sorted(maps.Keys(got.Sinks)) {
			if !maps.EqualFunc(ByKey(first.Sinks[s]), ByKey(got.Sinks[s]), slices.Equal[[]string]) {
				want := make([][]byte, len(first.Sinks[s]))
				for i, row := range first.Sinks[s] {
					want[i] = []byte(row)
				}
				r.Expect(0, s, false, want)
				return
			}
		}
	}
	if r := rig.Do(spec, rig.Test{Name: "rows", Run: test, Stores: []string{task.State}}); !r.OK {
		first.Trouble = fmt.Sprintf("on the rig, with state in %q and a restart before %q: %s\n%q\nwant %q\ngot  %q", r.State, r.Restart, r.Message, r.Details, r.Want, r.Got)
	}
	return first
}
