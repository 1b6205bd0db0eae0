package savepoint

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt/avro"
	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/state"
)

// TestCensus counts the values of dynamic state in several shards in any order: what
// is listed depends on the values alone, and is never more than it may be.
func TestCensus(t *testing.T) {
	t.Parallel()
	for _, distinct := range []int{0, 1, 20, 21, 41, 500} {
		var want schema.Held
		for round := range 5 {
			dice := rand.New(rand.NewPCG(uint64(round), uint64(distinct)))
			shards := []*census{newCensus(), newCensus(), newCensus()}
			var list []int
			for n := range distinct {
				for range 1 + n%3 {
					list = append(list, n)
				}
			}
			dice.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
			room := make([]byte, 0, 200) // used again for each record, as files do
			for _, n := range list {
				c := shards[dice.IntN(len(shards))]
				c.most = 20
				room = avro.AppendString(room[:0], fmt.Sprintf("name %03d", n))
				key := len(room)
				room = avro.AppendBytes(avro.AppendString(room, `{"shape":"int"}`), []byte{2})
				if err := c.record(&state.Record{Sub: room[:key], Value: room[key:]}); err != nil {
					t.Fatal(err)
				}
				if len(c.entries) > 40 {
					t.Fatalf("%d names are held", len(c.entries))
				}
			}
			all := newCensus()
			all.most = 20
			for _, c := range shards {
				all.join(c)
			}
			got, err := all.held("u", "s")
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Names) != min(distinct, 20) {
				t.Errorf("of %d names %d are listed", distinct, len(got.Names))
			}
			sum := got.More
			for _, n := range got.Names {
				sum += n.Entries
			}
			if sum != int64(len(list)) {
				t.Errorf("of %d values %d are counted", len(list), sum)
			}
			if round == 0 {
				want = got
			} else if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%d names, in another order (-want +got):\n%s", distinct, diff)
			}
		}
	}
}
