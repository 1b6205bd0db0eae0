package pebblestore

import (
	"context"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/flow-lang/flowc/rt/state"
)

// TestValuesLieBesideTheirKeys looks for values that a batch or a compaction has put aside,
// as Pebble does with those of all but the first row of a prefix.
func TestValuesLieBesideTheirKeys(t *testing.T) {
	t.Parallel()
	fail := func(err error) { t.Error(err) }
	d, err := Open(state.StoresOptions{Dir: "state", Fail: fail, Fatal: fail, Warn: func(s string) { t.Log(s) }}, vfs.NewMem())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}()
	aside := func(after string) {
		t.Helper()
		m := d.db.Metrics()
		for level := range m.Levels {
			if n := m.Levels[level].Additional.ValueBlocksSize; n > 0 {
				t.Errorf("%d bytes of level %d lie aside after %s", n, level, after)
			}
		}
	}
	s := d.Shard(state.Shape{States: 2, Maps: []bool{false, false}}, 0, 0)
	for range 2 {
		b := s.Batch()
		for _, key := range []string{"a", "b"} {
			for number := range 2 {
				b.Add(&state.Record{State: number, Key: []byte(key), Value: []byte("value")})
			}
		}
		b.Send(0, 0)
		if err := b.Wait(); err != nil {
			t.Fatal(err)
		}
	}
	aside("batches")
	if err := d.db.Compact(context.Background(), []byte{recordRow}, []byte{recordRow + 1}, false); err != nil {
		t.Fatal(err)
	}
	if m := d.db.Metrics(); m.Levels[0].TablesCount > 0 {
		t.Fatalf("%d tables are not compacted", m.Levels[0].TablesCount)
	}
	aside("a compaction")
}
