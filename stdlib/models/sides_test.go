package models

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestSides: joins of two sources, which are read in any order. When no source is
// out of order by more than the lag, the pairs are the models'; else those records
// are late that are in no row, and no other.
func TestSides(t *testing.T) {
	spec := program(t, "sides")
	n := checks(t, 40, 200, 60_000)
	rapid.Check(t, func(t *rapid.T) {
		events := drawEvents(t, 4*second)
		orderly := inOrder(events)
		var files [2][]event
		for _, e := range events {
			side := 0
			if e.right {
				side = 1
			}
			files[side] = append(files[side], e)
		}
		out, aslate := run(t, spec(), rows(files[0]), rows(files[1]))
		given, late := decode[joinRow](t, out), decode[joinRow](t, aslate)
		if orderly && len(late) > 0 {
			t.Fatalf("late, though in order: %v", late)
		}
		checkSides(t, events, given, late)
		want, got := grouped{}, grouped{}
		for _, r := range given {
			got.add(r.Op, r.K, r)
		}
		for i := range joins {
			if j := &joins[i]; j.op == "w3" || j.op == "i4" || j.op == "v1" {
				for _, key := range keysOf(events) {
					pairs, _ := j.model(key, events)
					for _, r := range pairs {
						want.add(r.Op, r.K, r)
					}
				}
			}
		}
		for _, g := range []grouped{want, got} {
			for _, rows := range g {
				slices.Sort(rows)
			}
		}
		if orderly {
			same(t, "pairs", want, got)
		}
	})
	note(t, "library joins of two sources", n)
}

// inOrder says whether no record is behind the watermark of its source, and takes
// the watermarks of all records away if so: nothing may be late then.
func inOrder(events []event) bool {
	seen := map[bool]moment{false: -never, true: -never}
	for _, e := range events {
		seen[e.right] = max(seen[e.right], e.at)
		if e.at < seen[e.right]-4*second {
			return false
		}
	}
	for i := range events {
		events[i].wm = -never
	}
	return true
}

// checkSides: each record is late or in a row, of a full join.
func checkSides(t *rapid.T, events []event, given, late []joinRow) {
	for _, op := range []string{"w3", "i4"} {
		joined, left := map[int]bool{}, map[int]bool{}
		for _, r := range given {
			if r.Op == op {
				joined[r.Left], joined[r.Right] = true, true
			}
		}
		for _, r := range late {
			if r.Op == op {
				left[r.Left+r.Right] = true
			}
		}
		for _, e := range events {
			if joined[e.id] == left[e.id] {
				t.Fatalf("%s: record %d: joined %t, late %t", op, e.id, joined[e.id], left[e.id])
			}
		}
	}
}
