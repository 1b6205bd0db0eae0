package rt_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	dynamic "github.com/flow-lang/flowc/golden/gen/dynamic"
	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/state/memstore"
	"github.com/flow-lang/flowc/rt/vfs"
)

// facts writes facts about so many things.
func facts(t *testing.T, fs vfs.FS, things int) {
	t.Helper()
	var rows strings.Builder
	for i := range 3 * things {
		fmt.Fprintf(&rows, `{"user":"u%d","at":"2024-01-01T00:00:00Z","name":"thing %d","n":1}`+"\n", i%7, i%things)
	}
	for name, text := range map[string]string{"in.jsonl": rows.String(), "limits.jsonl": `{"name":"thing 0","n":5}` + "\n"} {
		f, err := fs.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// registered runs a program with dynamic state, and returns what it then says of names
// that it has made.
func registered(t *testing.T, o rt.Options) []rt.Registered {
	t.Helper()
	var j *rt.Job
	o.Begun = func(begun *rt.Job) { j = begun }
	if err := rt.Run(context.Background(), dynamic.Pipeline(), o); err != nil {
		t.Fatal(err)
	}
	text, err := j.Describe()
	if err != nil {
		t.Fatal(err)
	}
	var said struct{ Registered []rt.Registered }
	if err := json.Unmarshal(text, &said); err != nil {
		t.Fatal(err)
	}
	return said.Registered
}

// TestNamed: a job says which names the program has made in dynamic state, and no
// more of them than anyone wants to read.
func TestNamed(t *testing.T) {
	t.Parallel()
	want := []rt.Registered{
		{UID: "remember", State: "known", Name: "sum of thing 0", Type: "int"},
		{UID: "remember", State: "known", Name: "sum of thing 1", Type: "int"},
		{UID: "remember", State: "recent", Name: "thing 0", Type: "string"},
		{UID: "remember", State: "recent", Name: "thing 1", Type: "string"},
		{UID: "remember", State: "shared", Name: "thing 0", Type: "int"},
	}
	fs := vfs.NewMem()
	facts(t, fs, 2)
	if diff := cmp.Diff(want, registered(t, rt.Options{FS: fs, Parallelism: 2})); diff != "" {
		t.Errorf("registered (-want +got):\n%s", diff)
	}
	facts(t, fs, 2000)
	states := map[string]int{}
	for _, r := range registered(t, rt.Options{FS: fs, Parallelism: 2}) {
		states[r.State]++
	}
	if states["known"] == 0 || states["known"] > 256 || states["recent"] > 256 {
		t.Errorf("of thousands of names these are listed: %v", states)
	}
}

// TestNamedBefore: a job that goes on from a checkpoint or a savepoint says which names
// its state has, before it has made any.
func TestNamedBefore(t *testing.T) {
	t.Parallel()
	for _, backend := range []string{rt.MemoryState, memstore.Name} {
		t.Run(backend, func(t *testing.T) {
			t.Parallel()
			fs := vfs.NewMem()
			facts(t, fs, 3)
			o := rt.Options{FS: fs, Parallelism: 2, State: backend, StateDir: "state", CheckpointTo: "cp", SavepointOnEnd: "sp"}
			want := registered(t, o)
			if len(want) == 0 {
				t.Fatal("nothing is registered")
			}
			o.SavepointOnEnd = ""
			for range 2 { // the second goes on from a checkpoint of one that has made no name
				if diff := cmp.Diff(want, registered(t, o)); diff != "" {
					t.Errorf("from a checkpoint (-want +got):\n%s", diff)
				}
			}
			o.From, o.CheckpointTo = "sp", ""
			if diff := cmp.Diff(want, registered(t, o)); diff != "" {
				t.Errorf("from a savepoint (-want +got):\n%s", diff)
			}
		})
	}
}
