package models

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/sim"
	"github.com/flow-lang/flowc/rt/vfs"
)

// waiting are the windows of patient.flow.
var waiting = []kind{
	{op: "t", windows: tumbling(10 * second)},
	{op: "s", windows: sliding(12*second, 3*second), mixed: true},
	{op: "g", gap: 4 * second, mixed: true},
	{op: "c", windows: cumulative(5*second, 20*second), mixed: true},
	{op: "p", windows: tumbling(10 * second), best: 3},
}

// TestPatience: a release that waits for late records no more goes on with what one
// has saved that did. Panes that have fired do not fire again, those that have not do
// so at once, and none stays.
func TestPatience(t *testing.T) {
	before, after := program(t, "patient"), program(t, "hasty")
	n := checks(t, 25, 150, 50_000)
	rapid.Check(t, func(t *rapid.T) {
		events := drawEvents(t, 5*second)
		half := rapid.IntRange(1, len(events)).Draw(t, "half")
		want, wantLate := grouped{}, grouped{}
		pairs := windowJoin("w", true, true, 8*second, 0)
		pairs.late = func(e event) bool {
			end := e.at.floor(8*second) + 8*second
			return e.id > half && end <= e.wm || end+20*second <= e.wm
		}
		for _, key := range keysOf(events) {
			for _, k := range waiting {
				k.lateness, k.hasty = 20*second, half
				given, late := k.model(key, events)
				for _, r := range given {
					want.add(r.Op, r.K, windowRow{Op: r.Op, K: r.K, Start: r.Start, End: r.End, At: r.At, IDs: r.IDs})
				}
				for _, l := range late {
					wantLate.add(k.op, key, aside{k.op, key, l, events[l-1].at})
				}
			}
			met, late := pairs.model(key, events)
			for _, r := range met {
				want.add("w", key, windowRow{Op: "w", K: key, Start: r.At, End: r.At, At: r.At, IDs: []int{r.Left, r.Right}})
			}
			for _, r := range late {
				wantLate.add("w", key, aside{"w", key, r.Left + r.Right, r.At})
			}
		}
		out, aslate := runReleases(t, before(), after(), events, half)
		got, gotLate := grouped{}, grouped{}
		for _, r := range decode[windowRow](t, out) {
			if slices.ContainsFunc(waiting, func(k kind) bool { return k.op == r.Op && k.mixed }) {
				slices.Sort(r.IDs)
			}
			got.add(r.Op, r.K, r)
		}
		for _, a := range decode[aside](t, aslate) {
			gotLate.add(a.Op, a.K, a)
		}
		for _, g := range []grouped{want, got, wantLate, gotLate} {
			for id, rows := range g {
				if id[0] == 'w' {
					slices.Sort(rows)
				}
			}
		}
		same(t, "windows", want, got)
		same(t, "late", wantLate, gotLate)
	})
	note(t, "library, less lateness", n)
}

// runReleases runs one program over the first events and another one over the rest,
// which is killed some times, and holds that the second leaves no key in its state.
func runReleases(t *rapid.T, before, after rt.Spec, events []event, half int) (out, late string) {
	disk := vfs.NewCrashable()
	seed := rapid.Uint64Max(1<<32).Draw(t, "order of steps")
	random := rand.New(rand.NewPCG(seed, 1))
	put := func(events []event) {
		if err := errors.Join(vfs.WriteFile(disk, "in.jsonl", []byte(rows(events))), vfs.SyncDir(disk, "/")); err != nil {
			t.Fatal(err)
		}
	}
	starts := drawStarts(t, random)
	first := start{parallelism: 1 + random.IntN(3), block: 1 << 12, backend: rt.MemoryState, stop: true}
	put(events[:half])
	if err := first.run(t, before, disk, seed, random); err != nil {
		t.Fatal(err)
	}
	stopped.Add(1)
	put(events)
	for i, s := range starts {
		if s.stop {
			continue
		}
		err := s.run(t, after, disk, seed+uint64(i), random)
		if errors.Is(err, sim.ErrKilled) {
			disk = afterKill(disk, random)
			continue
		}
		if err != nil {
			t.Fatalf("start %d: %v", i, err)
		}
		break
	}
	var job *rt.Job
	opts := rt.Options{FS: disk, Parallelism: 1, CheckpointTo: "cp", Begun: func(j *rt.Job) { job = j }}
	if err := rt.Run(context.Background(), after, opts); err != nil {
		t.Fatal(err)
	}
	for _, o := range job.Figures().Operators {
		if o.State.Keys > 0 {
			t.Fatalf("%s has %d keys at the end", o.UID, o.State.Keys)
		}
	}
	return read(t, disk, "out.jsonl"), read(t, disk, "late.jsonl")
}
