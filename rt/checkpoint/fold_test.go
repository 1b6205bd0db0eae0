package checkpoint

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/state"
)

// changed is an image in memory of one operator that has a value, a list and a
// timer, and messages behind them, in four key groups.
type changed struct {
	records []state.Record
	asked   int // how often
}

func (c *changed) State() *State {
	op := schema.Operator{UID: "u", States: make([]schema.State, 2), Timers: make([]schema.Timer, 1)}
	return &State{Job: schema.Job{Operators: []schema.Operator{{UID: "stateless"}, op}}, Operators: []Operator{{UID: "u"}}}
}

func (c *changed) Place() string { return "memory" }

func (c *changed) Changes(int, int, int) int64 { return int64(len(c.records)) }

func (c *changed) Records(_, first, last int, each func(*state.Record) error) error {
	c.asked++
	for _, r := range c.records {
		if r.Group < first || r.Group > last {
			continue
		}
		r.Key, r.Sub, r.Value = bytes.Clone(r.Key), bytes.Clone(r.Sub), bytes.Clone(r.Value)
		if err := each(&r); err != nil {
			return err
		}
		for _, b := range [][]byte{r.Key, r.Sub, r.Value} {
			clear(b) // it was good until each returned
		}
	}
	return nil
}

const messages = 3

// plain applies records one after the other.
func plain(records []state.Record) map[string]string {
	out := map[string]string{}
	gone := func(match func(number, key string) bool) {
		for at := range out {
			var number, key string
			_, _ = fmt.Sscanf(at, "%s %s", &number, &key)
			if match(number, key) {
				delete(out, at)
			}
		}
	}
	for _, r := range records {
		at := fmt.Sprintf("%d %s %s", r.State, r.Key, r.Sub)
		switch r.Gone {
		case state.Present:
			out[at] = string(r.Value)
		case state.EntryGone:
			delete(out, at)
		case state.AllGone:
			gone(func(number, key string) bool { return number == fmt.Sprint(r.State) && key == string(r.Key) })
		case state.KeyGone:
			gone(func(number, key string) bool { return number != fmt.Sprint(messages) && key == string(r.Key) })
		}
	}
	return out
}

// TestFold folds random changes, and holds what is given to their being applied.
func TestFold(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		d := rand.New(rand.NewPCG(seed, 1))
		image := &changed{}
		for range 40 {
			key := d.IntN(6)
			r := state.Record{State: d.IntN(4), Group: key % 4, Key: fmt.Appendf(nil, "k%d", key), Value: fmt.Append(nil, d.IntN(100))}
			if r.State == 1 || r.State == messages {
				r.Sub = fmt.Append(nil, d.IntN(3))
			}
			r.Gone = []state.Gone{state.Present, state.Present, state.Present, state.EntryGone, state.AllGone, state.KeyGone}[d.IntN(6)]
			if r.Gone == state.KeyGone {
				r.State = 0
			}
			image.records = append(image.records, r)
		}
		got := map[string]string{}
		err := folded{image, 1 + int64(d.IntN(40))}.Records(0, 0, 3, func(r *state.Record) error {
			at := fmt.Sprintf("%d %s %s", r.State, r.Key, r.Sub)
			if _, ok := got[at]; ok || r.Gone != state.Present {
				t.Errorf("seed %d: %s comes again, or is gone", seed, at)
			}
			got[at] = string(r.Value)
			return nil
		})
		if diff := cmp.Diff(plain(image.records), got); diff != "" || err != nil {
			t.Fatalf("seed %d: %v (-applied +folded):\n%s", seed, err, diff)
		}
		if seed == 0 && image.asked < 2 {
			t.Errorf("all was in memory at once")
		}
	}
}

// TestFoldOrder holds that elements come in the order in which they were appended,
// also those that were appended again.
func TestFoldOrder(t *testing.T) {
	t.Parallel()
	key := []byte("k")
	var in []state.Record
	put := func(subs string, gone state.Gone) {
		for _, s := range subs {
			in = append(in, state.Record{State: 1, Key: key, Sub: []byte(string(s)), Gone: gone})
		}
	}
	put("012", state.Present)
	put("-", state.AllGone)
	put("01234", state.Present)
	put("0", state.EntryGone)
	put("0", state.Present)
	got := ""
	err := Fold(&changed{records: in}).Records(0, 0, 3, func(r *state.Record) error {
		got += string(r.Sub)
		return nil
	})
	if want := "12340"; got != want || err != nil {
		t.Errorf("%s, want %s (%v)", got, want, err)
	}
}
