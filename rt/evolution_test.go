package rt

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt/avro"
	"github.com/flow-lang/flowc/rt/checkpoint"
	"github.com/flow-lang/flowc/rt/evolve"
	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
)

// savedImage is an image in memory.
type savedImage struct {
	state   checkpoint.State
	records [][]state.Record // by operator
}

func (i *savedImage) State() *checkpoint.State    { return &i.state }
func (i *savedImage) Place() string               { return "memory" }
func (i *savedImage) Changes(int, int, int) int64 { return 1 }
func (i *savedImage) Records(op, first, last int, each func(*state.Record) error) error {
	for _, r := range i.records[op] {
		if r.Group < first || r.Group > last {
			continue
		}
		if err := each(&r); err != nil {
			return err
		}
	}
	return nil
}

func noon() value.Timestamp { return 1_700_000_000_000_000 }

func textOf(s string) []byte { return avro.AppendString(nil, s) }

// groupOf is the key group of a key.
func groupOf(t *testing.T, k *schema.Type, key []byte, groups int) int {
	t.Helper()
	hash, err := avro.HashKey(k, key)
	if err != nil {
		t.Fatal(err)
	}
	return value.Group(hash, groups)
}

// TestEvolved restores two steps whose state has moved, been renamed and been
// converted, into another number of key groups, shard by shard.
func TestEvolved(t *testing.T) {
	t.Parallel()
	str, num, small, float := schema.Type{Shape: schema.String}, schema.Type{Shape: schema.Int}, schema.Type{Shape: schema.Int32}, schema.Type{Shape: schema.Float}
	valueState := func(name string, t *schema.Type, was ...string) schema.State {
		return schema.State{Name: name, Kind: schema.Value, Type: t, Was: was}
	}
	old := schema.Job{KeyGroups: 16, Operators: []schema.Operator{
		{UID: "a", Key: &str, States: []schema.State{valueState("gone", &num), valueState("n", &num)}, Timers: []schema.Timer{{Name: "idle"}}},
		{UID: "b", Key: &str, States: []schema.State{valueState("m", &small)}},
	}}
	now := schema.Job{
		KeyGroups: 8, Retired: []string{"a/gone"},
		Operators: []schema.Operator{{
			UID: "c", Was: []string{"a"}, Key: &str,
			States: []schema.State{valueState("m", &float, "b/m"), {Name: "n", Kind: schema.List, Type: &num}},
			Timers: []schema.Timer{{Name: "idle"}},
		}},
	}
	image := &savedImage{state: checkpoint.State{Job: old, Operators: []checkpoint.Operator{
		{UID: "a", Shards: []checkpoint.Shard{{First: 0, Last: 7, Mark: 5}, {First: 8, Last: 15, Mark: 9}}},
		{UID: "b", Shards: []checkpoint.Shard{{First: 0, Last: 15, Mark: 3}}},
	}}, records: make([][]state.Record, 2)}
	for i := range 20 {
		key := textOf(fmt.Sprintf("k%02d", i))
		group := groupOf(t, &str, key, 16)
		v := avro.AppendInt(nil, i)
		image.records[0] = append(image.records[0],
			state.Record{State: 0, Group: group, Key: key, Value: v}, state.Record{State: 1, Group: group, Key: key, Value: v},
			state.Record{State: 2, Group: group, Key: key, Value: v})
		image.records[1] = append(image.records[1], state.Record{State: 0, Group: group, Key: key, Value: v})
	}
	gone := textOf("k03")
	image.records[0] = append(image.records[0], state.Record{Group: groupOf(t, &str, gone, 16), Key: gone, Gone: state.KeyGone})

	job := &Job{spec: Spec{Job: now}, opts: Options{Now: noon}}
	evolved, err := job.evolved(image)
	if err != nil {
		t.Fatal(err)
	}
	if got := evolved.State().Operators; len(got) != 1 || got[0].UID != "c" || len(got[0].Shards) != 3 || got[0].Shards[1] != (checkpoint.Shard{First: 0, Last: 7, Mark: 9}) {
		t.Errorf("operators %+v", got)
	}
	var got []string
	for first := range 8 {
		err := evolved.Records(0, first, first, func(r *state.Record) error {
			if want := groupOf(t, &str, r.Key, 8); r.Group != want || r.Group != first {
				t.Errorf("key %s came to group %d, want %d", r.Key, r.Group, want)
			}
			if string(r.Key) == string(gone) || string(r.Key) == string(textOf("k07")) {
				got = append(got, fmt.Sprintf("%s %d %x %x %d", r.Key[1:], r.State, r.Sub, r.Value, r.Gone))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	slices.SortStableFunc(got, func(a, b string) int { return strings.Compare(a[:3], b[:3]) })
	want := []string{
		"k03 0  0000000000000840 0",
		"k07 1 00 0e 0", "k07 2  0e 0", "k07 0  0000000000001c40 0",
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
}

// TestEvolvedRefuses holds a restore to the words of the check, and to changing
// nothing before every value has been looked at.
func TestEvolvedRefuses(t *testing.T) {
	t.Parallel()
	str, num, small := schema.Type{Shape: schema.String}, schema.Type{Shape: schema.Int}, schema.Type{Shape: schema.Int32}
	jobOf := func(states ...schema.State) schema.Job {
		return schema.Job{Operators: []schema.Operator{{UID: "sums", Key: &str, States: states}}}
	}
	total := func(t *schema.Type) schema.State { return schema.State{Name: "total", Kind: schema.Value, Type: t} }
	image := &savedImage{
		state:   checkpoint.State{Job: jobOf(total(&num)), Operators: []checkpoint.Operator{{UID: "sums"}}},
		records: [][]state.Record{{{Key: textOf("bo"), Value: avro.AppendInt(nil, 5_000_000_000)}}},
	}
	tests := []struct {
		name    string
		now     schema.Job
		dropped []string
		want    []string // in the error; nil if there is none
	}{
		{"a value that does not fit", jobOf(total(&small)), nil, []string{"memory", "sums/total", `"bo"`, "5000000000"}},
		{"another type", jobOf(total(&str)), nil, []string{"[C0104]", "sums/total", "migrate from int"}},
		{"a state that is gone", jobOf(), nil, []string{"[C0202]", "sums/total", "retired"}},
		{"a state that is gone, for once", jobOf(), []string{"sums/total"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			job := &Job{spec: Spec{Job: tt.now, Hooks: evolve.Hooks{}}, opts: Options{AllowDropped: tt.dropped, Now: noon}}
			_, err := job.evolved(image)
			if tt.want == nil {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil {
				t.Fatal("nothing was refused")
			}
			for _, text := range tt.want {
				if !strings.Contains(err.Error(), text) {
					t.Errorf("%q says nothing about %s", err, text)
				}
			}
		})
	}
}

// TestEvolvedHoldsNoMore restores lists that become values, shard by shard, with room
// for a few of them: each comes once, and so does what need not be held.
func TestEvolvedHoldsNoMore(t *testing.T) {
	t.Parallel()
	str, num := schema.Type{Shape: schema.String}, schema.Type{Shape: schema.Int}
	list := schema.Type{Shape: schema.ListOf, Elem: &num}
	old := schema.Job{KeyGroups: 64, Operators: []schema.Operator{{UID: "a", Key: &str, States: []schema.State{
		{Name: "xs", Kind: schema.List, Type: &num}, {Name: "n", Kind: schema.Value, Type: &num},
	}}}}
	now := schema.Job{KeyGroups: 64, Operators: []schema.Operator{{UID: "a", Key: &str, States: []schema.State{
		{Name: "n", Kind: schema.Value, Type: &num}, {Name: "xs", Kind: schema.Value, Type: &list},
	}}}}
	for _, groups := range []int{64, 16} {
		now.KeyGroups = groups
		image := &savedImage{state: checkpoint.State{Job: old, Operators: []checkpoint.Operator{{UID: "a", Shards: []checkpoint.Shard{{First: 0, Last: 63}}}}}, records: make([][]state.Record, 1)}
		for i := range 300 {
			key := textOf(fmt.Sprintf("k%03d", i%100))
			group := groupOf(t, &str, key, 64)
			image.records[0] = append(image.records[0], state.Record{State: 0, Group: group, Key: key, Sub: avro.AppendInt(nil, i/100), Value: avro.AppendInt(nil, i)})
			if i < 100 {
				image.records[0] = append(image.records[0], state.Record{State: 1, Group: group, Key: key, Value: avro.AppendInt(nil, i)})
			}
		}
		evolved, err := (&Job{spec: Spec{Job: now}, opts: Options{Now: noon}}).evolved(image)
		if err != nil {
			t.Fatal(err)
		}
		evolved.(*evolvedImage).atOnce = 2000
		seen := map[string]int{}
		for first := 0; first < groups; first += 16 {
			err := evolved.Records(0, first, first+15, func(r *state.Record) error {
				if r.Group < first || r.Group > first+15 {
					t.Errorf("a record of group %d", r.Group)
				}
				seen[fmt.Sprintf("%s %d", r.Key, r.State)]++
				if r.State == 1 && r.Value[0] != 6 {
					t.Errorf("%s has %x", r.Key, r.Value)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		for what, n := range seen {
			if n != 1 {
				t.Errorf("%d groups: %s came %d times", groups, what, n)
			}
		}
		if len(seen) != 200 {
			t.Errorf("%d groups: %d records, want 200", groups, len(seen))
		}
	}
}
