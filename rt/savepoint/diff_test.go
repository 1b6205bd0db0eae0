package savepoint_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/flow-lang/flowc/rt/avro"
	"github.com/flow-lang/flowc/rt/savepoint"
	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
	"github.com/flow-lang/flowc/rt/vfs"
)

// manyKeys writes a savepoint of a value for each of so many keys, of which one in
// other is another where that is not 0.
func manyKeys(t testing.TB, files vfs.FS, dir string, keys, other int) *savepoint.Savepoint {
	t.Helper()
	str, num := schema.Type{Shape: schema.String}, schema.Type{Shape: schema.Int}
	job := &schema.Job{Pipeline: "many", Operators: []schema.Operator{{UID: "u", Key: &str, States: []schema.State{{Name: "n", Kind: schema.Value, Type: &num}}}}}
	w, err := savepoint.Create(files, dir, job, schema.DefaultKeyGroups)
	if err != nil {
		t.Fatal(err)
	}
	sh := w.Shard()
	for i := range keys {
		r := state.Record{Key: avro.AppendString(nil, fmt.Sprintf("key-%07d", i)), Value: avro.AppendInt(nil, i)}
		if other > 0 && i%other == 0 {
			r.Value = avro.AppendInt(nil, -i-1)
		}
		hash, err := avro.HashKey(&str, r.Key)
		if err != nil {
			t.Fatal(err)
		}
		r.Group = value.Group(hash, schema.DefaultKeyGroups)
		if err := sh.Add(0, &r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Finish(&savepoint.State{Pipeline: "many"}); err != nil {
		t.Fatal(err)
	}
	s, err := savepoint.Open(files, dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// heapOf is how much memory is in use at most while two savepoints of so many keys
// are compared, beyond what was before, in bytes.
func heapOf(t testing.TB, keys int) int64 {
	t.Helper()
	files := vfs.Default
	a := manyKeys(t, files, t.TempDir()+"/a", keys, 0)
	b := manyKeys(t, files, t.TempDir()+"/b", keys, keys/20)
	live := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC() // what lies in pools goes with the second
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before, most, found := live(), int64(0), 0
	err := savepoint.Diff(a, b, &savepoint.DiffOptions{}, func(*savepoint.Difference) error {
		found++
		most = max(most, live()-before)
		return nil
	})
	if err != nil || found != 20 {
		t.Fatalf("%d differences, want 20: %v", found, err)
	}
	return most
}

// TestDiffMemory holds that ten times the keys take no more memory to compare. It
// is not parallel, for it measures the heap of the process.
func TestDiffMemory(t *testing.T) {
	few, many := heapOf(t, 20_000), heapOf(t, 200_000)
	t.Logf("%d and %d bytes", few, many)
	if many > few+256<<10 {
		t.Errorf("%d bytes for 200,000 keys, and %d for 20,000", many, few)
	}
}

// BenchmarkDiff measures a comparison, and the memory that is in use at most.
func BenchmarkDiff(b *testing.B) {
	for _, keys := range []int{100_000, 1_000_000} {
		b.Run(fmt.Sprintf("keys=%d", keys), func(b *testing.B) {
			heap := heapOf(b, keys)
			x := manyKeys(b, vfs.Default, b.TempDir()+"/a", keys, 0)
			y := manyKeys(b, vfs.Default, b.TempDir()+"/b", keys, keys/20)
			for b.Loop() {
				if err := savepoint.Diff(x, y, &savepoint.DiffOptions{}, func(*savepoint.Difference) error { return nil }); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(heap), "heap-B")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(keys), "ns/key")
		})
	}
}
