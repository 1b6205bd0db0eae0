package models

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestFiles: windows over several files, whose times overlap. Where no more files
// are there than are read at once, and none is out of order by more than the lag,
// nothing is late and each window holds what it should; else each record is in one
// window, or late.
func TestFiles(t *testing.T) {
	spec := program(t, "files")
	n := checks(t, 40, 200, 60_000)
	rapid.Check(t, func(t *rapid.T) {
		events := drawEvents(t, 5*second)
		count := rapid.SampledFrom(count[1:5]).Draw(t, "files")
		files := map[string]string{}
		orderly := count <= 2
		seen := make([]moment, count)
		for i := range events {
			e := &events[i]
			f := e.id % count
			files[fmt.Sprintf("in-%d.jsonl", f)] += rows(events[i : i+1])
			seen[f] = max(seen[f], e.at)
			orderly = orderly && e.at >= seen[f]-5*second
		}
		out, aslate := runFiles(t, spec(), files)
		given, late := decode[windowRow](t, out), decode[aside](t, aslate)
		checkTaken(t, given, late, events, "t0", "g0")
		if !orderly {
			return
		}
		for i := range events {
			events[i].wm = -never
		}
		want, got := grouped{}, grouped{}
		for _, key := range keysOf(events) {
			for i := range kinds {
				if k := &kinds[i]; k.op == "t0" || k.op == "g0" {
					rows, _ := k.model(key, events)
					for _, r := range rows {
						slices.Sort(r.IDs) // the order of files is open
						want.add(r.Op, r.K, r)
					}
				}
			}
		}
		for _, r := range given {
			slices.Sort(r.IDs)
			got.add(r.Op, r.K, r)
		}
		same(t, "windows", want, got)
	})
	note(t, "library files", n)
}
