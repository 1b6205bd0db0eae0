package schema_test

import (
	"testing"

	"github.com/flow-lang/flowc/rt/schema"
)

func TestTag(t *testing.T) {
	t.Parallel()
	union := &schema.Type{Shape: schema.Union, Members: []schema.Type{
		{Shape: schema.Record, Name: "a.Circle"}, {Shape: schema.Record, Name: "b.Circle"},
		{Shape: schema.Record, Name: "a.Square"}, {Shape: schema.Record, Name: "Line"},
	}}
	for i, want := range []string{"a.Circle", "b.Circle", "Square", "Line"} {
		if got := union.Tag(i); got != want {
			t.Errorf("the member %d is called %q, want %q", i, got, want)
		}
	}
	for name, want := range map[string]int{"a.Circle": 0, "b.Circle": 1, "Circle": -1, "a.Square": 2, "Square": 2, "Line": 3, "": -1} {
		if got := union.Tagged(name); got != want {
			t.Errorf("%q is the member %d, want %d", name, got, want)
		}
	}
}
