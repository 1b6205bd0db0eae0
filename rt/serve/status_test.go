package serve_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	policies "github.com/flow-lang/flowc/golden/gen/policies"
	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/connector/file"
)

// figures is what these tests read of /status.
type figures struct {
	Edges []struct {
		From, To         string
		Records, Waiting int64
		Watermark        int64
	}
	Checkpoints struct {
		History []struct {
			Bytes int64
			Steps []struct {
				UID             string
				Duration, Pause float64
				Bytes, Size     int64
			}
		}
	}
}

func (r *running) figures() (f figures) {
	r.t.Helper()
	_, text := r.get("/status")
	if err := json.Unmarshal([]byte(text), &f); err != nil {
		r.t.Fatalf("%v in %s", err, text)
	}
	return f
}

// until asks for the figures until they are as they should be.
func (r *running) until(what string, fits func(f figures) bool) {
	r.t.Helper()
	var f figures
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if f = r.figures(); fits(f) {
			return
		}
	}
	r.t.Fatalf("%s: never true; the last figures are %+v", what, f)
}

// waiting is a sink whose writes wait until it may go on.
type waiting struct {
	fragile
	goOn chan struct{}
}

func (w waiting) Open(*rt.Env, *rt.Recovery) ([]rt.Writer, error) { return []rt.Writer{w}, nil }
func (w waiting) Write([]byte) error                              { <-w.goOn; return nil }

// TestWaiting counts what waits on each edge: rows before a sink that does not go
// on, and nothing once all has been handled.
func TestWaiting(t *testing.T) {
	t.Parallel()
	sink := waiting{fragile{new(atomic.Bool)}, make(chan struct{})}
	r := startWith(t, rt.Options{Parallelism: 2, Sink: func(string) rt.SinkConnector { return sink }}, nil)
	goOn := sync.OnceFunc(func() { close(sink.goOn) })
	t.Cleanup(goOn)
	r.send("a", "x", 1, 0) // further ones would wait with it
	r.until("a row waits for the sink", func(f figures) bool {
		for _, e := range f.Edges {
			if e.From == "step/amounts-seen" {
				return e.To == "sink/c" && e.Waiting > 0 && e.Records >= e.Waiting
			}
		}
		return false
	})
	goOn()
	r.until("nothing waits", func(f figures) bool {
		waiting := int64(0)
		for _, e := range f.Edges {
			if e.Watermark == 0 {
				return false
			}
			waiting += e.Waiting
		}
		return len(f.Edges) == 5 && f.Edges[0].Records == 1 && waiting == 0
	})
}

// TestCheckpointSteps: the history of checkpoints tells what each step has to do
// with one, and the steps together wrote what the checkpoint did.
func TestCheckpointSteps(t *testing.T) {
	t.Parallel()
	s := startSaving(t, t.TempDir(), 20*time.Millisecond, nil)
	s.eventually("/readyz", `"ready"`)
	s.send("a", "x", 1, 0)
	s.until("a checkpoint with the state of each step", func(f figures) bool {
		for _, c := range f.Checkpoints.History {
			wrote, all := int64(0), len(c.Steps) == 3
			for _, step := range c.Steps {
				if step.UID == "" || step.Duration < 0 || step.Pause < 0 || step.Size < step.Bytes {
					t.Fatalf("the step is %+v", step)
				}
				wrote += step.Bytes
				all = all && step.Bytes > 0
			}
			if wrote != c.Bytes {
				t.Fatalf("the steps wrote %d bytes, and the checkpoint %d", wrote, c.Bytes)
			}
			if all {
				return true
			}
		}
		return false
	})
}

// TestErrorsShowRecords: an error that the job goes on after has the record and the
// place in the program, whatever the policy of the step or sink is.
func TestErrorsShowRecords(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "in.jsonl")
	if err := os.WriteFile(path, []byte(`{"id":1,"a":-4,"b":0}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	j, err := rt.NewJob(policies.Pipeline(), rt.Options{
		Parallelism: 1,
		Source:      func(string) rt.SourceConnector { return file.Source{Path: path, Format: file.JSON{}} },
		Sink:        func(string) rt.SinkConnector { return fragile{new(atomic.Bool)} },
	})
	if err != nil {
		t.Fatal(err)
	}
	j.Observe()
	if err := j.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, e := range j.Figures().Errors {
		got[e.Place+": "+e.Reason] = e.Record
	}
	want := map[string]string{
		"case.flow:27:51: division by zero": `{"id":1,"a":-4,"b":0}`,
		"case.flow:38:20: below zero":       `{"id":1,"a":-4,"b":0}`,
	}
	for what, record := range want {
		if got[what] != record {
			t.Errorf("%s has the record %q, want %s; there are %v", what, got[what], record, got)
		}
	}
}
