package statetest

import (
	"math/rand/v2"
	"testing"

	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
)

// files says that stores which begin with the files of others have what those had
// when the files were asked for, and go on from there; and that others may read them.
func files(t *testing.T, with func(*testing.T, state.StoresOptions) state.Stores) {
	rng := rand.New(rand.NewPCG(1, 2))
	m := model{}
	stores := with(t, state.StoresOptions{})
	s := stores.Shard(shape, 0, groups-1)
	fixed := map[string]int64{} // sizes
	for range 8 {
		for range 3 {
			var batch []state.Record
			for _, key := range rng.Perm(40)[:rng.IntN(40)] {
				batch = append(batch, m.change(rng, key)...)
			}
			send(t, s, value.MinTime, batch...)
		}
		all, timers, clock := scan(t, s), due(t, s, false, value.MinTime), due(t, s, true, value.MinTime)
		list, release, err := stores.Files()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range list {
			if size, known := fixed[f.Name]; known && size != f.Size {
				t.Errorf("the file %s had %d bytes and has %d", f.Name, size, f.Size)
			}
			if f.Fixed {
				fixed[f.Name] = f.Size
			}
		}
		send(t, s, value.MinTime, rec(0, "later", "", "not in the files"))
		reads := with(t, state.StoresOptions{Files: list, ReadOnly: true})
		want(t, "what is read", scan(t, reads.Shard(shape, 0, groups-1)), all...)
		next := with(t, state.StoresOptions{Files: list})
		if err := release(); err != nil {
			t.Fatal(err)
		}
		send(t, s, value.MinTime, gone(state.KeyGone, 0, "later", ""))
		stores, s = next, next.Shard(shape, 0, groups-1)
		want(t, "what goes on", scan(t, s), all...)
		// Times that a key has no more may be found, too.
		has(t, "timers", due(t, s, false, value.MinTime), timers)
		has(t, "timers of processing time", due(t, s, true, value.MinTime), clock)
	}
}

// has wants all of some texts.
func has(t *testing.T, what string, got, all []string) {
	t.Helper()
	set := map[string]bool{}
	for _, g := range got {
		set[g] = true
	}
	for _, w := range all {
		if !set[w] {
			t.Errorf("%s: %s is missing", what, w)
		}
	}
}
