package checkpoint_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt/checkpoint"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/vfs"
)

// rowImage is an image as a restore sees it.
type rowImage interface {
	RestoreRows(operator, first, last int, rows func([]state.Row) error, each func(*state.Record) error) error
}

// TestFirstRows writes bases and changes of shards whose number changes, and restores
// some key groups: the rows are those that have counted since the newest base, and those
// that are said to be the first of their key are.
func TestFirstRows(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		checkFirstRows(t, rand.New(rand.NewPCG(seed, 3)))
	}
}

func checkFirstRows(t *testing.T, random *rand.Rand) {
	t.Helper()
	const groups = 8
	log := open(t, vfs.NewMem(), "rows")
	m := &checkpoint.Manifest{}
	number := m.Filing()
	var sections []checkpoint.Section
	want := map[string][]int64{} // epochs, by key
	for epoch := int64(1); epoch <= 6; epoch++ {
		shards := 1 << random.IntN(3)
		for shard := range shards {
			s := checkpoint.Section{First: shard * groups / shards, Last: (shard+1)*groups/shards - 1, Epoch: epoch, Base: epoch == 1 || random.IntN(4) == 0}
			var halves [2]state.Encoder // one shard may have several sections
			for key := range 40 {
				group := key % groups
				if group < s.First || group > s.Last {
					continue
				}
				name := fmt.Sprintf("k%d", key)
				if s.Base {
					delete(want, name)
				}
				if random.IntN(2) == 0 {
					halves[random.IntN(2)].AddRow(&state.Row{Group: group, Key: []byte(name), Has: 1, Fields: []byte{1, byte(epoch)}})
					want[name] = append(want[name], epoch)
				}
			}
			for _, half := range halves {
				s.Rows = half.Rows()
				file, err := log.Put(half.Take())
				if err != nil {
					t.Fatal(err)
				}
				s.Length, s.File = file.Length, number(file)
				sections = append(sections, s)
			}
		}
	}
	m.Operators = []checkpoint.Operator{{UID: "op", Sections: checkpoint.Needed(sections)}}
	first := random.IntN(groups)
	last := first + random.IntN(groups-first)
	for key := range 40 {
		if group := key % groups; group < first || group > last {
			delete(want, fmt.Sprintf("k%d", key))
		}
	}
	got := map[string][]int64{}
	err := log.Image(m).(rowImage).RestoreRows(0, first, last, func(rows []state.Row) error {
		for i := range rows {
			key := string(rows[i].Key)
			if rows[i].First && len(got[key]) > 0 {
				t.Errorf("a row of %s is said to be the first, and is behind %v", key, got[key])
			}
			got[key] = append(got[key], int64(rows[i].Fields[1]))
		}
		return nil
	}, func(*state.Record) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("groups %d to %d (-want +got):\n%s", first, last, diff)
	}
}
