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
	"github.com/flow-lang/flowc/rt/vfs"
)

// registered runs a program with dynamic state over facts about so many things, and
// returns what it then says of names that it has made.
func registered(t *testing.T, things int) []rt.Registered {
	t.Helper()
	var rows strings.Builder
	for i := range 3 * things {
		fmt.Fprintf(&rows, `{"user":"u%d","at":"2024-01-01T00:00:00Z","name":"thing %d","n":1}`+"\n", i%7, i%things)
	}
	fs := vfs.NewMem()
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
	j, err := rt.NewJob(dynamic.Pipeline(), rt.Options{FS: fs, Parallelism: 2})
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Run(context.Background()); err != nil {
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
	if diff := cmp.Diff(want, registered(t, 2)); diff != "" {
		t.Errorf("registered (-want +got):\n%s", diff)
	}
	states := map[string]int{}
	for _, r := range registered(t, 2000) {
		states[r.State]++
	}
	if states["known"] == 0 || states["known"] > 256 || states["recent"] > 256 {
		t.Errorf("of thousands of names these are listed: %v", states)
	}
}
