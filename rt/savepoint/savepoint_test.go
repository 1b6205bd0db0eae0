package savepoint

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt/avro"
	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
	"github.com/flow-lang/flowc/rt/vfs"
)

const groups = 16

var (
	text = schema.Type{Shape: schema.String}
	num  = schema.Type{Shape: schema.Int}
	ttl  = schema.Retention{After: schema.AfterWrite}
	job  = schema.Job{Pipeline: "test", Operators: []schema.Operator{
		{UID: "first", Key: &text,
			States: []schema.State{
				{Name: "n", Kind: schema.Value, Type: &num, Retention: ttl},
				{Name: "list", Kind: schema.List, Type: &text},
				{Name: "m", Kind: schema.Sorted, MapKey: &num, Type: &text},
				{Name: "set", Kind: schema.Set, Type: &text},
				{Name: "rates", Kind: schema.Map, Broadcast: true, MapKey: &text, Type: &num},
			},
			Timers: []schema.Timer{{Name: "idle"}, {Name: "close", Index: &num}, {Name: "entry", Index: &num, Entry: "m"}},
		},
		{UID: "a/second one", Key: &num, States: []schema.State{{Name: "n", Kind: schema.Value, Type: &text}}},
	}}
)

// entry is a record with its operator.
type entry struct {
	operator int
	record   state.Record
}

func str(s string) []byte { return avro.AppendString(nil, s) }
func long(n int) []byte   { return avro.AppendInt(nil, n) }

// everything is many records of all states, in any order.
func everything(random *rand.Rand, keys int) []entry {
	var all []entry
	for i := range keys {
		key := str(fmt.Sprintf("key%d", i))
		hash, _ := avro.HashKey(&text, key)
		add := func(number int, sub, val []byte, written value.Timestamp) {
			all = append(all, entry{0, state.Record{State: number, Group: value.Group(hash, groups), Key: key, Sub: sub, Value: val, Written: written}})
		}
		add(0, nil, long(i), value.Timestamp(i))
		for j := range i % 80 {
			add(1, long(j), str(fmt.Sprint(j)), 0)
			add(2, long(j-30), str(strings.Repeat("x", j)), 0)
		}
		add(3, str("b"), nil, 0)
		add(3, str("a"), nil, 0)
		add(5, nil, long(i), 0)
		add(6, long(3), long(i), 0)
		hash, _ = avro.HashKey(&num, long(i))
		all = append(all, entry{1, state.Record{Group: value.Group(hash, groups), Key: long(i), Value: str("second")}})
		all = append(all, entry{0, state.Record{State: 4, Sub: str(fmt.Sprint(i)), Value: long(i)}})
	}
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// save writes records by so many shards.
func save(tb testing.TB, files vfs.FS, dir string, all []entry, shards, buffer int) {
	tb.Helper()
	w, err := Create(files, dir, &job, groups)
	if err != nil {
		tb.Fatal(err)
	}
	w.buffer, w.fanIn, w.size = buffer, 3, 4000
	list := make([]*Shard, shards)
	for i := range list {
		list[i] = w.Shard()
	}
	for i := range all {
		if err := list[i%shards].Add(all[i].operator, &all[i].record); err != nil {
			tb.Fatal(err)
		}
	}
	err = w.Finish(&State{
		Pipeline: "test", Hash: "abc",
		Sources:   []Source{{UID: "in", Partitions: []Partition{{Position: json.RawMessage(`{"offset":3}`), Mark: 7}}}},
		Operators: []Operator{{UID: "first", Marks: []Mark{{First: 0, Last: groups - 1, Mark: 7}}}},
		Sinks:     []Sink{{UID: "out", Writers: [][]byte{{1, 2}}}},
	})
	if err != nil {
		tb.Fatal(err)
	}
}

// contents is all that is in a directory.
func contents(tb testing.TB, files vfs.FS, dir string) map[string]string {
	tb.Helper()
	names, err := files.List(dir)
	if err != nil {
		tb.Fatal(err)
	}
	all := map[string]string{}
	for _, name := range names {
		data, err := readAll(files, files.PathJoin(dir, name))
		if err != nil {
			tb.Fatal(err)
		}
		all[name] = string(data)
	}
	return all
}

func TestBytesDependOnContentOnly(t *testing.T) {
	t.Parallel()
	files := vfs.NewMem()
	var want map[string]string
	for i, how := range []struct{ shards, buffer int }{{1, 1 << 20}, {3, 1 << 20}, {2, 3000}, {5, 700}} {
		dir := fmt.Sprintf("sp%d", i)
		save(t, files, dir, everything(rand.New(rand.NewPCG(uint64(i), 1)), 200), how.shards, how.buffer)
		got := contents(t, files, dir)
		if want == nil {
			want = got
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%d shards with %d bytes each write another savepoint (-one shard +these):\n%s", how.shards, how.buffer, diff)
		}
	}
	if len(want) < 15 {
		t.Errorf("the savepoint has %d files; large states have several", len(want))
	}
}

func TestReadsBack(t *testing.T) {
	t.Parallel()
	files := vfs.NewMem()
	all := everything(rand.New(rand.NewPCG(1, 1)), 100)
	save(t, files, "sp", all, 2, 5000)
	s, err := Open(files, "sp")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Verify(nil); err != nil {
		t.Fatal(err)
	}
	if got := s.Sources[0].Partitions[0]; string(got.Position) != `{"offset":3}` || got.Mark != 7 || s.Sinks[0].Writers[0][1] != 2 {
		t.Errorf("positions and sinks come back as %+v, %+v", s.Sources, s.Sinks)
	}
	show := func(operator int, r *state.Record) string {
		return fmt.Sprintf("%d/%d/%d/%x/%x/%x/%d", operator, r.State, r.Group, r.Key, r.Sub, r.Value, r.Written)
	}
	want := map[string]int{}
	for i := range all {
		want[show(all[i].operator, &all[i].record)]++
	}
	got := map[string]int{}
	for op := range job.Operators {
		for _, span := range [][2]int{{0, 4}, {5, 5}, {6, groups - 1}} {
			err := s.Records(op, span[0], span[1], func(r *state.Record) error {
				if op == 0 && r.State == 4 && span[0] > 0 {
					return nil // broadcast state comes to all
				}
				if r.State != 4 && (r.Group < span[0] || r.Group > span[1]) {
					t.Errorf("a record of group %d among those of %v", r.Group, span)
				}
				got[show(op, r)]++
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("records (-written +read):\n%s", diff)
	}
}

// TestDamage flips a bit of each byte, cuts, removes and adds files: all is found
// and named before a record is given.
func TestDamage(t *testing.T) {
	t.Parallel()
	files := vfs.NewMem()
	save(t, files, "good", everything(rand.New(rand.NewPCG(1, 1)), 3), 1, 1<<20)
	good := contents(t, files, "good")
	check := func(what, name string, damaged map[string]string) {
		t.Helper()
		files := vfs.NewMem()
		if err := files.MkdirAll("sp", 0o755); err != nil {
			t.Fatal(err)
		}
		for name, data := range damaged {
			if err := writeSynced(files, files.PathJoin("sp", name), []byte(data)); err != nil {
				t.Fatal(err)
			}
		}
		s, err := Open(files, "sp")
		if err == nil {
			err = s.Verify(nil)
		}
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Fatalf("%s: error %v, want one that names %s", what, err, name)
		}
	}
	with := func(name, data string) map[string]string {
		m := map[string]string{}
		for n, d := range good {
			m[n] = d
		}
		m[name] = data
		return m
	}
	for name, data := range good {
		step := 1
		if name == ManifestName {
			step = 7
		}
		for i := 0; i < len(data); i += step {
			flipped := []byte(data)
			flipped[i] ^= 1 << (i % 8)
			check(fmt.Sprintf("a bit of byte %d of %s", i, name), name, with(name, string(flipped)))
		}
		check("cut", name, with(name, data[:len(data)-1]))
		check("longer", name, with(name, data+"x"))
		m := with(name, "")
		delete(m, name)
		check("missing", name, m)
	}
	check("another file", "extra.avro", with("extra.avro", ""))
	newer := strings.Replace(good[ManifestName], `"format_version": 1`, `"format_version": 2`, 1)
	m := Manifest{}
	if err := json.Unmarshal([]byte(newer), &m); err != nil {
		t.Fatal(err)
	}
	resealed, err := m.encode()
	if err != nil {
		t.Fatal(err)
	}
	check("a newer format", "version 2", with(ManifestName, string(resealed)))
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	files := vfs.NewMem()
	if _, err := Open(files, "nothing"); !errors.Is(err, ErrNone) {
		t.Errorf("Open of nothing: %v", err)
	}
	save(t, files, "sp", nil, 1, 1000)
	if _, err := Create(files, "sp", &job, groups); err == nil || !strings.Contains(err.Error(), "directory of its own") {
		t.Errorf("Create over a savepoint: %v", err)
	}
	w, err := Create(files, "twice", &job, groups)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := w.Shard().Add(1, &state.Record{Key: long(1), Value: str("x")}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Finish(&State{}); err == nil || !strings.Contains(err.Error(), `a record comes twice: n of operator "a/second one"`) {
		t.Errorf("a record twice: %v", err)
	}
	if err := w.Shard().Add(0, &state.Record{State: 7}); err == nil {
		t.Error("a timer of entries is taken")
	}
	if err := w.Shard().Add(0, &state.Record{Key: []byte{9}}); err == nil {
		t.Error("a broken key is taken")
	}
}

func FuzzManifest(f *testing.F) {
	files := vfs.NewMem()
	save(f, files, "sp", everything(rand.New(rand.NewPCG(1, 1)), 1), 1, 1000)
	good, err := readAll(files, "sp/"+ManifestName)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Fuzz(func(t *testing.T, data []byte) {
		// The checksum is made right, so that what is behind it is tried.
		m := Manifest{}
		if json.Unmarshal(data, &m) != nil {
			_, _ = decode("x", data)
			return
		}
		text, err := m.encode()
		if err != nil {
			return
		}
		files := vfs.NewMem()
		if files.MkdirAll("sp", 0o755) != nil || writeSynced(files, "sp/"+ManifestName, text) != nil {
			t.Fatal("no file")
		}
		_, _ = Open(files, "sp")
	})
}
