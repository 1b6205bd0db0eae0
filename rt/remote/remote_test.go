package remote_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/flow-lang/flowc/golden/gen/greeter"
	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/vfs"
)

// run runs the greeter over so many records of so many names, and returns what it
// has written.
func run(t testing.TB, endpoint string, records, names int, change func(*rt.Options)) (rows []row, err error) {
	t.Helper()
	fs := vfs.NewMem()
	write(t, fs, records, names)
	opts := rt.Options{FS: fs, Parallelism: 2, Params: map[string]string{"endpoint": endpoint}, Getenv: getenv}
	if change != nil {
		change(&opts)
	}
	err = rt.Run(context.Background(), pipeline.Pipeline(), opts)
	return read(t, fs), err
}

// getenv is the environment of the pipeline.
func getenv(name string) (string, bool) { return "hidden", name == "REFUSER_TOKEN" }

func write(t testing.TB, fs vfs.FS, records, names int) {
	t.Helper()
	writeFrom(t, fs, 0, records, names)
}

// writeFrom is write of records whose numbers begin with first.
func writeFrom(t testing.TB, fs vfs.FS, first, records, names int) {
	t.Helper()
	f, err := fs.Create("in.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for i := range records {
		fmt.Fprintf(f, `{"name":"n%d","n":%d}`+"\n", i%names, first+i)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

type row struct {
	Name    string
	N, Seen int
}

func read(t testing.TB, fs vfs.FS) (rows []row) {
	t.Helper()
	f, err := fs.Open("out.jsonl")
	if err != nil {
		return nil
	}
	text, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		var r row
		if line != "" && json.Unmarshal([]byte(line), &r) == nil {
			rows = append(rows, r)
		}
	}
	return rows
}

// checkRows holds rows against what each name must have got, in its order.
func checkRows(t testing.TB, rows []row, records, names int) {
	t.Helper()
	if len(rows) != records {
		t.Errorf("%d rows, want %d", len(rows), records)
	}
	seen := map[string]int{}
	for _, r := range rows {
		seen[r.Name]++
		if r.Seen != seen[r.Name] {
			t.Fatalf("%s: seen %d is row %d", r.Name, r.Seen, seen[r.Name])
		}
		if want := (r.Seen-1)*names + r.N%names; r.N != want {
			t.Fatalf("%s: row %d is record %d, want %d", r.Name, r.Seen, r.N, want)
		}
	}
}

func serve(t testing.TB, h http.Handler) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

// TestGreeter: values wait for their handshake, batches keep the order of each key.
func TestGreeter(t *testing.T) {
	t.Parallel()
	g := &greeter{t: t}
	rows, err := run(t, serve(t, g), 2000, 7, nil)
	if err != nil {
		t.Fatal(err)
	}
	checkRows(t, rows, 2000, 7)
	if g.calls > 1000 {
		t.Errorf("%d calls for 2000 records of 7 names", g.calls)
	}
}

// TestHTTP2 speaks h2c.
func TestHTTP2(t *testing.T) {
	t.Parallel()
	g := &greeter{t: t}
	var other atomic.Int64
	g.before = func(_ int, _ http.ResponseWriter, r *http.Request, _ *asked) bool {
		if r.ProtoMajor != 2 {
			other.Add(1)
		}
		return false
	}
	s := httptest.NewUnstartedServer(g)
	s.Config.Protocols = &http.Protocols{}
	s.Config.Protocols.SetUnencryptedHTTP2(true)
	s.Start()
	t.Cleanup(s.Close)
	rows, err := run(t, strings.Replace(s.URL, "http:", "h2c:", 1), 300, 20, nil)
	if err != nil {
		t.Fatal(err)
	}
	checkRows(t, rows, 300, 20)
	if other.Load() > 0 {
		t.Errorf("%d calls were not made by HTTP/2", other.Load())
	}
}

// TestUnixSocketAndToken calls over a socket, with a token.
func TestUnixSocketAndToken(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/f.sock"
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	g := &greeter{t: t}
	g.before = func(_ int, _ http.ResponseWriter, r *http.Request, _ *asked) bool {
		if r.Header.Get("Authorization") != "Bearer secret" || r.URL.Path != "/call" {
			t.Errorf("%s with %q", r.URL.Path, r.Header.Get("Authorization"))
		}
		return false
	}
	s := &http.Server{Handler: g}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	rows, err := run(t, "http+unix://"+path+"/call", 50, 5, func(o *rt.Options) { o.Params["token"] = "secret" })
	if err != nil {
		t.Fatal(err)
	}
	checkRows(t, rows, 50, 5)
}

// TestTokenGivenBack: a function that gives the token back does not have it written
// anywhere.
func TestTokenGivenBack(t *testing.T) {
	t.Parallel()
	const token = "s3cr3t-of-the-endpoint"
	for at := range 600 { // at the end of what is read of an answer, too
		if at%7 != 0 && (at < 480 || at > 540) {
			continue
		}
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, strings.Repeat(" ", at)+r.Header.Get("Authorization"), http.StatusForbidden)
		}))
		_, err := run(t, s.URL, 1, 1, func(o *rt.Options) { o.Params["token"] = token })
		s.Close()
		if err == nil || !strings.Contains(err.Error(), "answers 403") || strings.Contains(err.Error(), token[:4]) {
			t.Fatalf("after %d bytes: %v", at, err)
		}
	}
}

// TestKeptBackIsTold: people are told when calls of a function are kept back, and why,
// and when it answers again, each once.
func TestKeptBackIsTold(t *testing.T) {
	t.Parallel()
	g := &greeter{t: t}
	g.before = func(n int, w http.ResponseWriter, _ *http.Request, _ *asked) bool {
		if n > 8 {
			return false
		}
		http.Error(w, "no room", http.StatusServiceUnavailable)
		return true
	}
	var log bytes.Buffer
	rows, err := run(t, serve(t, g), 1, 1, func(o *rt.Options) {
		o.Params["call"] = "1m"
		o.Log = slog.New(slog.NewTextHandler(&log, nil))
	})
	if err != nil {
		t.Fatal(err)
	}
	checkRows(t, rows, 1, 1)
	for _, want := range []string{`msg="a function does not answer, and calls are kept back"`, "answers 503: no room", `msg="a function answers again"`} {
		if strings.Count(log.String(), want) != 1 {
			t.Errorf("not once %s in\n%s", want, log.String())
		}
	}
}

// bad answers wrongly for as long as n says.
type fault struct {
	name string
	// serve answers a call instead of the function; it returns false if the function may.
	serve func(n int, w http.ResponseWriter, r *http.Request) bool
	// fails is what the job's error says; "" if the job must end well.
	fails string
	ever  bool // it is tried again until the time for a call is over
	slow  bool // it keeps calls waiting for longer than they may be
}

func status(code int, headers ...string) func(int, http.ResponseWriter, *http.Request) bool {
	return func(_ int, w http.ResponseWriter, _ *http.Request) bool {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
		_, _ = io.WriteString(w, "no such\nplace <here>")
		return true
	}
}

// first lets a fault happen to the first calls only.
func first(most int, f func(int, http.ResponseWriter, *http.Request) bool) func(int, http.ResponseWriter, *http.Request) bool {
	return func(n int, w http.ResponseWriter, r *http.Request) bool { return n <= most && f(n, w, r) }
}

func reset(_ int, w http.ResponseWriter, _ *http.Request) bool {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return true
	}
	_ = conn.(*net.TCPConn).SetLinger(0)
	_ = conn.Close()
	return true
}

func hang(_ int, _ http.ResponseWriter, r *http.Request) bool {
	select {
	case <-r.Context().Done():
	case <-time.After(20 * time.Second):
	}
	return true
}

func octets(w http.ResponseWriter) { w.Header().Set("Content-Type", "application/octet-stream") }

func oversized(_ int, w http.ResponseWriter, _ *http.Request) bool {
	octets(w)
	piece := bytes.Repeat([]byte{0xff}, 1<<20)
	for range 1024 {
		if _, err := w.Write(piece); err != nil {
			return true
		}
	}
	return true
}

func bomb(_ int, w http.ResponseWriter, _ *http.Request) bool {
	octets(w)
	w.Header().Set("Content-Encoding", "gzip")
	z := gzip.NewWriter(w)
	piece := make([]byte, 1<<20)
	for range 256 {
		if _, err := z.Write(piece); err != nil {
			return true
		}
	}
	_ = z.Close()
	return true
}

func loris(_ int, w http.ResponseWriter, r *http.Request) bool {
	octets(w)
	for range 200 {
		if _, err := w.Write([]byte{0}); err != nil {
			return true
		}
		w.(http.Flusher).Flush()
		select {
		case <-r.Context().Done():
			return true
		case <-time.After(100 * time.Millisecond):
		}
	}
	return true
}

func truncated(_ int, w http.ResponseWriter, _ *http.Request) bool {
	octets(w)
	w.Header().Set("Content-Length", "1000")
	_, _ = w.Write([]byte{0xa2, 6})
	return true
}

func text(kind, body string) func(int, http.ResponseWriter, *http.Request) bool {
	return func(_ int, w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", kind)
		_, _ = io.WriteString(w, body)
		return true
	}
}

var faults = []fault{
	{name: "500 for a while", serve: first(4, status(500))},
	{name: "503 for a while", serve: first(3, status(503, "Retry-After", "0"))},
	{name: "429 with Retry-After", serve: first(1, status(429, "Retry-After", "1"))},
	{name: "408 for a while", serve: first(2, status(408))},
	{name: "500 for ever", serve: status(500), fails: "answers 500: no such place <here> (after", ever: true},
	{name: "404", serve: status(404), fails: "answers 404: no such place <here>"},
	{name: "400 later", serve: func(n int, w http.ResponseWriter, r *http.Request) bool { return n > 3 && status(400)(n, w, r) }, fails: "answers 400"},
	{name: "redirect", serve: status(307, "Location", "http://127.0.0.1:1/"), fails: "redirects are not followed"},
	{name: "hang", serve: first(2, hang), slow: true},
	{name: "hang for ever", serve: hang, fails: "does not answer in time", ever: true, slow: true},
	{name: "reset", serve: first(4, reset)},
	{name: "truncated", serve: first(3, truncated)},
	{name: "oversized", serve: oversized, fails: "more than 33554432 bytes"},
	{name: "bomb", serve: bomb, fails: "more than 33554432 bytes"},
	{name: "slow-loris", serve: loris, fails: "does not answer in time", ever: true, slow: true},
	{name: "wrong type", serve: text("text/html", "<html>"), fails: `answers with "text/html"`, ever: true},
	{name: "wrong type for a while", serve: first(3, text("text/html", "<html>"))},
	{name: "no message", serve: text("application/octet-stream", "\xff\xff\xff"), fails: "is no message of the protocol", ever: true},
	{name: "flapping", serve: func(n int, w http.ResponseWriter, r *http.Request) bool { return n%3 == 0 && reset(n, w, r) }},
	{name: "a change of what it has not declared", serve: func(_ int, w http.ResponseWriter, _ *http.Request) bool {
		octets(w)
		var a answer
		a.set("other", "x/y", "1")
		_, _ = w.Write(a.bytes())
		return true
	}, fails: `changes the value "other", which it has not declared`},
	{name: "a message to nobody", serve: func(_ int, w http.ResponseWriter, _ *http.Request) bool {
		octets(w)
		var a answer
		a.send("example", "nobody", "x", "x/y", "1")
		_, _ = w.Write(a.bytes())
		return true
	}, fails: "the program has no such function: there are example/greet, example/refuse, greeter/listener"},
	{name: "an output that is no record", serve: func(_ int, w http.ResponseWriter, _ *http.Request) bool {
		octets(w)
		var a answer
		a.egress(`{"name":5}`)
		_, _ = w.Write(a.bytes())
		return true
	}, fails: "what example/greet gives to the egress example/out, of type "},
}

// TestFaults: what a server does wrong is tried again if that may help; else the
// job ends with the reason. Nothing is lost or doubled, memory stays bounded.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			g := &greeter{t: t, before: func(n int, w http.ResponseWriter, r *http.Request, _ *asked) bool { return f.serve(n, w, r) }}
			rows, err := run(t, serve(t, g), 60, 3, func(o *rt.Options) {
				o.RestartAttempts = -1
				o.Params["call"], o.Params["read"] = "1m", "10s"
				if f.ever {
					o.Params["call"] = "2500ms"
				}
				if f.slow {
					o.Params["read"] = "500ms"
				}
			})
			if f.fails == "" {
				if err != nil {
					t.Fatal(err)
				}
				checkRows(t, rows, 60, 3)
				return
			}
			var record *rt.RecordError
			if !errors.As(err, &record) || !strings.Contains(record.Reason, f.fails) {
				t.Fatalf("the error is %v, want one with %q", err, f.fails)
			}
			if !strings.Contains(record.Place, "case.flow:") {
				t.Errorf("the place is %s", record.Place)
			}
		})
	}
}

// TestBlackHole: a place that no connection comes to fails in time, and a place
// that refuses them does too.
func TestBlackHole(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refused := "http://" + l.Addr().String()
	_ = l.Close()
	begin := time.Now()
	_, err = run(t, refused, 5, 1, func(o *rt.Options) {
		o.RestartAttempts = -1
		o.Params["call"] = "1s"
	})
	if err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("the error is %v", err)
	}
	if took := time.Since(begin); took > 20*time.Second {
		t.Errorf("it took %s", took)
	}
}

// TestStopInTime: a job whose functions hang, one or two that can send to each other,
// stops in five seconds, and on a machine that has no time at all long before a
// function.
func TestStopInTime(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]int{"one": 0, "two": -500} { // what is less than 0 is for the other
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stopInTime(t, first, "")
		})
		t.Run(name+" with checkpoints", func(t *testing.T) {
			t.Parallel()
			stopInTime(t, first, "cp")
		})
	}
}

func stopInTime(t *testing.T, first int, checkpoints string) {
	t.Helper()
	g := &greeter{t: t, before: func(n int, w http.ResponseWriter, r *http.Request, a *asked) bool {
		return (n > 5 || a.name != "greet") && hang(n, w, r)
	}}
	fs := vfs.NewMem()
	writeFrom(t, fs, first, 1000, 50)
	endpoint := serve(t, g)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- rt.Run(ctx, pipeline.Pipeline(), rt.Options{
			FS: fs, Parallelism: 2, CheckpointTo: checkpoints, Getenv: getenv,
			Params: map[string]string{"endpoint": endpoint, "refuser": endpoint, "call": "1m", "read": "1m"},
		})
	}()
	time.Sleep(300 * time.Millisecond)
	begin := time.Now()
	stop()
	select {
	case err := <-done:
		if took := time.Since(begin); err != nil || took > 12*time.Second {
			t.Errorf("it took %s: %v", took, err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("it does not stop")
	}
}

// TestInFlight: as many invocations are under way as the program says, also where
// one key has more than that to say.
func TestInFlight(t *testing.T) {
	t.Parallel()
	const most = 100 // of the program
	var flying, highest atomic.Int64
	g := &greeter{t: t}
	g.before = func(_ int, _ http.ResponseWriter, _ *http.Request, a *asked) bool {
		n := int64(len(a.arguments))
		highest.Store(max(highest.Load(), flying.Add(n)))
		time.Sleep(time.Millisecond)
		flying.Add(-n)
		return false
	}
	rows, err := run(t, serve(t, g), 2000, 3, nil)
	if err != nil {
		t.Fatal(err)
	}
	checkRows(t, rows, 2000, 3)
	if highest.Load() > most {
		t.Errorf("%d invocations under way, want %d at most", highest.Load(), most)
	}
}

// TestSlowKey: a key whose calls hang keeps no other from going on.
func TestSlowKey(t *testing.T) {
	t.Parallel()
	var others atomic.Int64
	g := &greeter{t: t}
	release := make(chan struct{})
	g.before = func(_ int, _ http.ResponseWriter, _ *http.Request, a *asked) bool {
		if _, known := a.state["seen"]; !known {
			return false // it is called again with its state
		}
		if a.id == "n0" {
			select {
			case <-release:
			case <-time.After(10 * time.Second):
			}
			return false
		}
		if others.Add(int64(len(a.arguments))) == 190 {
			close(release)
		}
		return false
	}
	rows, err := run(t, serve(t, g), 200, 20, func(o *rt.Options) { o.Params["read"], o.Params["call"] = "20s", "30s" })
	if err != nil {
		t.Fatal(err)
	}
	checkRows(t, rows, 200, 20)
	last := slices.IndexFunc(rows, func(r row) bool { return r.Name == "n0" })
	if last < 100 { // answers to some of the others may still be on their way
		t.Errorf("the slow key came after %d rows", last)
	}
}
