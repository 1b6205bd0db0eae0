package remote_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	pipeline "github.com/flow-lang/flowc/golden/gen/greeter"
	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/value"
	"github.com/flow-lang/flowc/rt/vfs"
)

// TestCheckpointsWhileCallsHang: a function that answers some calls and then hangs
// keeps no checkpoint from being completed. What was under way when the job was
// stopped is called by the next, and each effect on state has come once.
func TestCheckpointsWhileCallsHang(t *testing.T) {
	t.Parallel()
	const records, names = 400, 20
	var hanging atomic.Int64
	g := &greeter{t: t, before: func(n int, w http.ResponseWriter, r *http.Request, _ *asked) bool {
		if n <= 6 {
			return false
		}
		hanging.Add(1)
		return hang(n, w, r)
	}}
	fs := vfs.NewMem()
	write(t, fs, records, names)
	opts := rt.Options{
		FS: fs, Parallelism: 2, Getenv: getenv, CheckpointTo: "checkpoints", CheckpointInterval: 20 * time.Millisecond,
		Params: map[string]string{"endpoint": serve(t, g), "call": "1m", "read": "1m"},
	}
	j, err := rt.NewJob(pipeline.Pipeline(), opts)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	done := make(chan error, 1)
	go func() { done <- j.Run(ctx) }()
	for end := time.Now().Add(20 * time.Second); hanging.Load() < 2; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("no calls hang")
		}
	}
	before := j.Figures().Checkpoints.Completed
	for end := time.Now().Add(20 * time.Second); j.Figures().Checkpoints.Completed < before+3; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d checkpoints were completed while calls hang, want 3", j.Figures().Checkpoints.Completed-before)
		}
	}
	stop()
	if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	opts.Params["endpoint"] = serve(t, &greeter{t: t})
	if err := rt.Run(context.Background(), pipeline.Pipeline(), opts); err != nil {
		t.Fatal(err)
	}
	checkRows(t, read(t, fs), records, names)
}

// TestBadEndpoints: with what is no place for a function no job starts. It says what
// is wrong with it, and nothing that must not be written.
func TestBadEndpoints(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		endpoint, want string
		params         map[string]string
	}{
		{endpoint: "ftp://example.com/f", want: "is none of http, https, h2c, http+unix and https+unix"},
		{endpoint: "http:///f", want: "names no host"},
		{endpoint: "http+unix:///run/f", want: "names no socket"},
		{endpoint: "http://u:secret@[::1", want: "is no URL"},
		{endpoint: "127.0.0.1:8000/f", want: `the endpoint "127.0.0.1:8000/f" is no URL: write http://host:port/path`},
		{endpoint: "localhost:8000/f?code=secret", want: "the endpoint localhost:8000/f?… is none of"},
		{endpoint: "http://localhost/{function}", want: "the endpoint has {function}: there are {namespace}, {name} and {function.name}"},
		{endpoint: "ftp://u:secret@example.com/", want: "is none of"},
		{endpoint: "http://127.0.0.1:1/", want: "has a line end in it", params: map[string]string{"token": "secret\r\nX-Other: 1"}},
		{endpoint: "https://127.0.0.1:1/", want: "no such file", params: map[string]string{"ca": "/nowhere/ca.pem"}},
	} {
		params := map[string]string{"endpoint": tt.endpoint}
		maps.Copy(params, tt.params)
		_, err := rt.NewJob(pipeline.Pipeline(), rt.Options{FS: vfs.NewMem(), Params: params, Getenv: getenv})
		if err == nil || !strings.HasPrefix(err.Error(), "case.flow:") || strings.Count(err.Error(), "\n") > 0 || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error is %v, want one with %q", tt.endpoint, err, tt.want)
		}
	}
}

// TestLivesAcrossSavepoints: how long a value lives, as the function has said when
// it declared it, holds after the job goes on from a savepoint, too: until its time
// has come the value is there, and then it is not, though the new job has yet to be
// told that it ends.
func TestLivesAcrossSavepoints(t *testing.T) {
	t.Parallel()
	const life = 90 * value.Second
	for _, tt := range []struct {
		name  string
		mode  int64
		later value.Duration
		want  int // how often the name has been seen
	}{
		{"written, in time", 1, life - value.Second, 2},
		{"written, too late", 1, life, 1},
		{"called, in time", 2, life - value.Second, 2},
		{"called, too late", 2, life, 1},
	} {
		g := &greeter{t: t}
		g.before = func(_ int, w http.ResponseWriter, _ *http.Request, a *asked) bool {
			if _, known := a.state["seen"]; known {
				return false
			}
			octets(w)
			_, _ = w.Write(lacking("seen", "example/count", tt.mode, int64(life/value.Millisecond)))
			return true
		}
		fs, now := vfs.NewMem(), value.Timestamp(1_000_000_000_000_000)
		opts := rt.Options{
			FS: fs, Parallelism: 1, Getenv: getenv, SavepointOnEnd: "first",
			Params: map[string]string{"endpoint": serve(t, g)}, Now: func() value.Timestamp { return now },
		}
		write(t, fs, 1, 1)
		if err := rt.Run(context.Background(), pipeline.Pipeline(), opts); err != nil {
			t.Fatal(err)
		}
		now += value.Timestamp(tt.later)
		write(t, fs, 2, 1)
		opts.From, opts.SavepointOnEnd = "first", ""
		if err := rt.Run(context.Background(), pipeline.Pipeline(), opts); err != nil {
			t.Fatal(err)
		}
		if rows := read(t, fs); len(rows) != 2 || rows[1].Seen != tt.want {
			t.Errorf("%s: %v, want one that has been seen %d times", tt.name, rows, tt.want)
		}
	}
}
