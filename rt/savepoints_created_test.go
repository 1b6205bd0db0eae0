package rt

import (
	"testing"

	"github.com/flow-lang/flowc/rt/savepoint"
	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
	"github.com/flow-lang/flowc/rt/vfs"
)

// TestSavepointThatNoJobWrote finds the state of a savepoint without watermarks,
// which is one that was made of rows.
func TestSavepointThatNoJobWrote(t *testing.T) {
	t.Parallel()
	str := schema.Type{Shape: schema.String}
	job := schema.Job{KeyGroups: 4, Operators: []schema.Operator{{UID: "sums", Key: &str, States: []schema.State{{Name: "s", Kind: schema.Value, Type: &str}}}}}
	files := vfs.NewMem()
	w, err := savepoint.Create(files, "made", &job, 4)
	if err != nil {
		t.Fatal(err)
	}
	key := textOf("a")
	if err := w.Shard().Add(0, &state.Record{Group: groupOf(t, &str, key, 4), Key: key, Value: textOf("v")}); err != nil {
		t.Fatal(err)
	}
	if err := w.Finish(&savepoint.State{}); err != nil {
		t.Fatal(err)
	}
	image, err := openSavepoint(files, "made")
	if err != nil {
		t.Fatal(err)
	}
	ops := image.State().Operators
	if len(ops) != 1 || ops[0].UID != "sums" || len(ops[0].Shards) != 1 || ops[0].Shards[0].Mark != value.MinTime {
		t.Fatalf("operators %+v", ops)
	}
	n := 0
	if err := image.Records(0, 0, 3, func(*state.Record) error { n++; return nil }); err != nil || n != 1 {
		t.Errorf("%d records, %v", n, err)
	}
}
