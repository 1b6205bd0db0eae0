package remote_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	pipeline "github.com/flow-lang/flowc/golden/gen/greeter"
	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/vfs"
)

// TestMessages: a function sends to itself and to an operator of the program, and
// the job ends when nothing moves any more.
func TestMessages(t *testing.T) {
	t.Parallel()
	for _, parallelism := range []int{1, 3} {
		g := &greeter{t: t}
		g.before = func(_ int, w http.ResponseWriter, _ *http.Request, a *asked) bool {
			w.Header().Set("Content-Type", "application/octet-stream")
			if a.id == "n1" || !strings.HasPrefix(a.id, "n") {
				return false
			}
			var out answer
			for range a.arguments {
				out.send("example", "greet", "to "+a.id, "example/Request", `{"name":"to `+a.id+`","n":0}`)
				out.send("greeter", "listener", a.id, "x/y", `{"text":"hi"}`)
			}
			_, _ = w.Write(out.bytes())
			return true
		}
		rows, err := run(t, serve(t, g), 30, 3, func(o *rt.Options) { o.Parallelism = parallelism })
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) != 30 {
			t.Errorf("%d rows, want 30", len(rows))
		}
	}
}

// TestCancelledDelays: messages that were cancelled long before their time take no
// memory until then, and those that were not wait on.
func TestCancelledDelays(t *testing.T) {
	t.Parallel()
	const records, left = 3000, 5
	g := &greeter{t: t}
	n := 0
	g.before = func(_ int, w http.ResponseWriter, _ *http.Request, a *asked) bool {
		g.mu.Lock()
		defer g.mu.Unlock()
		var out answer
		for range a.arguments {
			token := fmt.Sprint("t", n)
			if out.delay(a.id, token); n >= left {
				out.cancel(token)
			}
			n++
		}
		w.Header().Set("Content-Type", "application/octet-stream")
		_, _ = w.Write(out.bytes())
		return true
	}
	fs := vfs.NewMem()
	write(t, fs, records, 3)
	j, err := rt.NewJob(pipeline.Pipeline(), rt.Options{FS: fs, Parallelism: 1, Params: map[string]string{"endpoint": serve(t, g)}, Getenv: getenv})
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if n != records {
		t.Errorf("%d invocations, want %d", n, records)
	}
	for _, o := range j.Figures().Operators {
		if timers := o.State.Timers; o.UID == "greet" && (timers < left || timers > 100) {
			t.Errorf("%d messages wait, want %d and few that were cancelled", timers, left)
		}
	}
}

// TestDelaysWhileCallsRun: when the input has ended, a message whose time comes
// while a call is under way is sent; one that comes later than all calls is not
// waited for.
func TestDelaysWhileCallsRun(t *testing.T) {
	t.Parallel()
	for _, parallelism := range []int{1, 2} {
		g := &greeter{t: t}
		var late atomic.Int64
		g.before = func(_ int, w http.ResponseWriter, _ *http.Request, a *asked) bool {
			w.Header().Set("Content-Type", "application/octet-stream")
			switch {
			case a.id == "n1":
				time.Sleep(500 * time.Millisecond)
				return false
			case strings.Contains(a.arguments[0], "late"):
				late.Add(1)
				return false
			}
			var out answer
			out.delayBy(50*time.Millisecond, a.id, "soon")
			out.delay(a.id, "never")
			_, _ = w.Write(out.bytes())
			return true
		}
		if _, err := run(t, serve(t, g), 2, 2, func(o *rt.Options) { o.Parallelism = parallelism }); err != nil {
			t.Fatal(err)
		}
		if late.Load() == 0 {
			t.Errorf("with %d shards the delayed message was not sent", parallelism)
		}
	}
}

// TestDescribed: what describes a job that runs has the values that its functions
// have registered, with their types and times to live, and after a restart, before any
// call, those that it has gone on with.
func TestDescribed(t *testing.T) {
	t.Parallel()
	g := &greeter{t: t}
	g.before = func(n int, w http.ResponseWriter, _ *http.Request, _ *asked) bool {
		if n > 1 {
			return false
		}
		w.Header().Set("Content-Type", "application/octet-stream")
		_, _ = w.Write(lacking("seen", "example/count", 2, 90_000))
		return true
	}
	fs := vfs.NewMem()
	write(t, fs, 5, 2)
	var j *rt.Job
	o := rt.Options{
		FS: fs, Parallelism: 1, Params: map[string]string{"endpoint": serve(t, g)}, Getenv: getenv, CheckpointTo: "cp",
		Begun: func(begun *rt.Job) { j = begun },
	}
	want := rt.Registered{UID: "greet", State: "values", Name: "seen", Type: "example/count", TTL: 90_000_000, After: "call"}
	if got, want := want.String(), `registered "seen": example/count, ttl 1m30s after call`; got != want {
		t.Errorf("it is shown as %s, want %s", got, want)
	}
	for range 2 {
		if err := rt.Run(context.Background(), pipeline.Pipeline(), o); err != nil {
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
		if diff := cmp.Diff([]rt.Registered{want}, said.Registered); diff != "" {
			t.Errorf("registered (-want +got):\n%s", diff)
		}
		want.TTL, want.After = 0, "" // which the function says with its first call
	}
}
