package evolve

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/state"
)

// TestHoldsNoMore gathers lists, merges keys, and does both, with a bound on what is
// held: what comes out is what comes out without one, and no more is held than one
// key needs.
func TestHoldsNoMore(t *testing.T) {
	t.Parallel()
	num := basic(schema.Int)
	list := stateKind(schema.List, num)
	whole := valueOf("s", of(schema.ListOf, num))
	rekeyed := func(s schema.State) *schema.Job {
		job := jobOf(s)
		job.Operators[0].Rekey = &schema.Rekey{From: basic(schema.String), By: "half", Merges: true}
		return job
	}
	hooks := Hooks{
		Rekey: map[string]func(dst, old []byte) ([]byte, error){"u": func(dst, old []byte) ([]byte, error) {
			return append(dst, append([]byte{10}, old[1:6]...)...), nil // the last of six letters goes
		}},
		Merge: map[string]func(dst, a, b []byte) ([]byte, error){"u": func(dst, a, b []byte) ([]byte, error) {
			return append(dst, slices.MaxFunc([][]byte{a, b}, bytes.Compare)...), nil
		}},
	}
	for _, tt := range []struct {
		name     string
		old, new *schema.Job
	}{
		{"gathered", jobOf(list), jobOf(whole)},
		{"merged", jobOf(valueOf("s", num)), rekeyed(valueOf("s", num))},
		{"gathered and merged", jobOf(list), rekeyed(whole)},
	} {
		p := Resolve(tt.old, tt.new, nil, hooks)
		var records []state.Record
		for i := range 3000 {
			r := state.Record{Key: []byte(fmt.Sprintf("\x0ck%05d", i*7%1000)), Value: appendLong(nil, int64(i))}
			if tt.old.Operators[0].States[0].Kind == schema.List {
				r.Sub = appendLong(nil, int64(i/1000))
			}
			records = append(records, r)
		}
		run := func(most int64) (out []string, passes int, peak int64) {
			m := p.Mover(0, 0, Moment{})
			if !m.Holds() {
				t.Fatalf("%s: nothing is held", tt.name)
			}
			emit := func(r *state.Record) error {
				out = append(out, fmt.Sprintf("%x %x %x", r.Key, r.Sub, r.Value))
				return nil
			}
			if most > 0 {
				m.Bound(func(key []byte) (int, error) {
					h := fnv.New32a()
					h.Write(key)
					return int(h.Sum32() % 512), nil
				}, 0, 511, most)
			}
			for {
				passes++
				for i := range records {
					if err := m.Convert(&records[i], emit); err != nil {
						t.Fatal(err)
					}
					peak = max(peak, m.span.size)
				}
				if err := m.Flush(emit); err != nil {
					t.Fatal(err)
				}
				if !m.Next() {
					break
				}
			}
			slices.Sort(out)
			return out, passes, peak
		}
		want, once, _ := run(0)
		if once != 1 || len(want) == 0 {
			t.Errorf("%s: %d passes without a bound, %d records", tt.name, once, len(want))
		}
		got, passes, peak := run(6000)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-all at once +bounded):\n%s", tt.name, diff)
		}
		if passes < 3 || passes > 250 || peak > 6000 {
			t.Errorf("%s: %d passes, up to %d bytes at once", tt.name, passes, peak)
		}
		if got, _, _ := run(1); !slices.Equal(want, got) {
			t.Errorf("%s: group by group something else comes out", tt.name)
		}
	}
}
