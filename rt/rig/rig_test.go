package rig_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	pipeline "github.com/flow-lang/flowc/golden/gen/tests"
	"github.com/flow-lang/flowc/rt/rig"
	_ "github.com/flow-lang/flowc/rt/state/pebblestore" // tests are run with the state there, too
	"github.com/flow-lang/flowc/rt/value"
)

// TestGenerated runs the tests of golden/gen/tests, each of which must hold.
func TestGenerated(t *testing.T) {
	t.Parallel()
	for _, test := range pipeline.Tests() {
		t.Run(test.Name, func(t *testing.T) {
			t.Parallel()
			want := rig.Result{Name: test.Name, Place: place(test.At), OK: true}
			got := rig.Do(pipeline.Pipeline(), test)
			if got.Restarts == 0 {
				t.Error("the job was not restarted")
			}
			got.Restarts = 0
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func place(at value.Pos) string {
	spec := pipeline.Pipeline()
	return spec.Place(at)
}

const at = value.Pos(3<<24 | 5)

// visit is a row of the program's source.
func visit(cost string) []byte {
	return []byte(`{"user":"a","at":"2024-01-01T00:00:00Z","page":"x","cost":` + cost + "}\n")
}

func TestFailures(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		run  func(*rig.Run)
		want rig.Result
	}{
		{
			"rows differ",
			func(r *rig.Run) {
				_ = r.Feed(at, "visits", visit("1")) && r.Feed(at, "visits", visit("2")) &&
					r.Expect(at, "rig expect 1", false, [][]byte{[]byte("{}\n")}) && r.Advance(at, 1)
			},
			rig.Result{
				Message: "what came is not what was expected", Compare: true,
				Want: []string{"{}"}, Got: []string{`{"user":"a","n":2}`},
			},
		},
		{
			"nothing came",
			func(r *rig.Run) { r.ExpectValues(at, "rig expect 3", false, [][]byte{[]byte(`{"value":1}`)}) },
			rig.Result{Message: "what came is not what was expected", Compare: true, Want: []string{"1"}},
		},
		{
			"equal where it should differ",
			func(r *rig.Run) { r.Expect(at, "rig expect 1", true, nil) },
			rig.Result{Message: "both sides are equal", Compare: true},
		},
		{
			"a row that is no record",
			func(r *rig.Run) { _ = r.Feed(at, "visits", []byte("{}\n")) && r.Advance(at, 1) },
			rig.Result{Message: "the job failed", Details: []string{
				"a row of the test:1: field user is missing", `  source "visits" (case.flow:21:8)`, "  record: {}",
				`  help: to go on without such rows, write "on malformed skip" in the source's block, or "on malformed to NAME" to send them to a stream`,
			}},
		},
		{
			"a mistake of the test",
			func(r *rig.Run) {
				r.Fault.Fail(at, "division by zero")
				r.Feed(value.Pos(1<<24|1), "visits", visit("1"))
			},
			rig.Result{Message: "division by zero"},
		},
		{
			"the clock goes back",
			func(r *rig.Run) { r.Advance(at, -1) },
			rig.Result{Message: "processing time does not go back"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.want.Name, tt.want.Place = tt.name, "case.flow:3:5"
			got := rig.Do(pipeline.Pipeline(), rig.Test{Name: tt.name, At: at, Run: tt.run})
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestFailureAfterRestart says where the job was killed that gives something
// else then.
func TestFailureAfterRestart(t *testing.T) {
	t.Parallel()
	runs := 0
	got := rig.Do(pipeline.Pipeline(), rig.Test{Name: "x", At: at, Run: func(r *rig.Run) {
		runs++
		_ = r.Feed(at, "visits", visit("1")) && r.Feed(at, "visits", visit("2")) && r.ExpectValues(at+1, "rig expect 3", runs == 3, [][]byte{[]byte(`{"value":2}`)})
	}})
	want := rig.Result{
		Name: "x", Place: "case.flow:3:6", Message: "both sides are equal", Compare: true, Want: []string{"2"}, Got: []string{"2"},
		Restarts: 2, State: "memory", Restart: "case.flow:3:6",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestPanic says that a panic is a bug, and what panicked.
func TestPanic(t *testing.T) {
	t.Parallel()
	got := rig.Do(pipeline.Pipeline(), rig.Test{Name: "x", At: at, Run: func(r *rig.Run) { r.Feed(at, "nobody", nil) }})
	if got.OK || !got.Bug || got.Message != "the test panicked: rig: no source nobody" || len(got.Details) == 0 {
		t.Errorf("the result is %+v", got)
	}
}
