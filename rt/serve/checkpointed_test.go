package serve_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/state/memstore"
)

// fragile is a sink whose writes fail while it is told to.
type fragile struct{ fails *atomic.Bool }

var errFragile = errors.New("the sink is not there")

func (f fragile) Open(*rt.Env, *rt.Recovery) ([]rt.Writer, error) { return []rt.Writer{f}, nil }
func (f fragile) Describe() string                                { return "fragile" }
func (f fragile) Grade() rt.Grade                                 { return rt.AtLeastOnce }
func (f fragile) Flush() error                                    { return nil }
func (f fragile) Prepare(int64) ([]byte, error)                   { return nil, nil }
func (f fragile) Commit(int64) error                              { return nil }
func (f fragile) Close() error                                    { return nil }
func (f fragile) Write([]byte) error {
	if f.fails.Load() {
		return errFragile
	}
	return nil
}

// salesFile is what the job reads, in its folder.
const salesFile = "sales.jsonl"

// saving is a job with checkpoints that serves, as a pipeline binary runs it.
type saving struct {
	*running
	fails atomic.Bool
	stop  func()
	ended chan error
}

// startSaving runs the queries with checkpoints in a folder, as often as every.
func startSaving(t *testing.T, dir string, every time.Duration, change func(*rt.Options)) *saving {
	t.Helper()
	s := &saving{running: &running{t: t, addr: freeAddr(t), client: &http.Client{Timeout: 10 * time.Second}}, ended: make(chan error, 1)}
	ctx, stop := context.WithCancel(context.Background())
	in, err := os.OpenFile(filepath.Join(dir, salesFile), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	s.in = in
	go func() { s.ended <- runSaving(ctx, dir, s.addr, every, &s.fails, change) }()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		if c, err := net.Dial("tcp", s.addr); err == nil {
			_ = c.Close()
			break
		}
		if time.Now().After(end) {
			t.Fatal("nobody listens")
		}
	}
	var once sync.Once
	s.stop = func() { once.Do(func() { stop(); _ = in.Close(); <-s.ended }) }
	t.Cleanup(s.stop)
	return s
}

// total asks for the total of the shop a.
func (s *saving) total(consistency string) (n int, status int) {
	s.t.Helper()
	status, text := s.get("/state/total?key=a&consistency=" + consistency)
	var said struct{ Value int }
	if err := json.Unmarshal([]byte(text), &said); err != nil {
		s.t.Fatal(err)
	}
	return said.Value, status
}

// TestCheckpointedNeverGoesBack adds to a total while the job fails and is started
// again, and looks at it all the time: what checkpoints have only grows, is
// answered while the job is down, and stays when another process goes on.
func TestCheckpointedNeverGoesBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := startSaving(t, dir, 20*time.Millisecond, nil)
	s.eventually("/readyz", `"ready"`)
	greatest, down := 0, 0
	look := func() {
		t.Helper()
		n, status := s.total("checkpointed")
		switch {
		case status == http.StatusOK && n < greatest:
			t.Fatalf("it went back from %d to %d", greatest, n)
		case status == http.StatusServiceUnavailable && greatest > 0:
			t.Fatalf("no answer after there was one")
		}
		greatest = max(greatest, n)
		if _, status := s.total("latest"); status == http.StatusServiceUnavailable {
			down++
		}
	}
	sent := 0
	for fails := range 3 {
		for range 40 {
			s.send("a", "x", 1, sent)
			sent++
			look()
		}
		before := down
		s.fails.Store(true)
		s.send("a", "x", 1, sent)
		sent++
		for end := time.Now().Add(10 * time.Second); down == before; look() {
			if time.Now().After(end) {
				t.Fatalf("the job did not fail, the time %d", fails)
			}
		}
		s.fails.Store(false)
		s.eventually("/readyz", `"ready"`)
		look()
	}
	for end := time.Now().Add(10 * time.Second); greatest < sent; look() {
		if time.Now().After(end) {
			t.Fatalf("the checkpoints came to %d of %d", greatest, sent)
		}
	}
	s.stop()
	again := startSaving(t, dir, time.Hour, nil)
	again.eventually("/state/total?key=a&consistency=checkpointed", fmt.Sprintf(`"value":%d}`, sent))
	again.eventually("/readyz", `"ready"`)
	again.send("a", "x", 1, sent)
	again.eventually("/state/total?key=a", fmt.Sprintf(`"value":%d}`, sent+1))
	if n, _ := again.total("checkpointed"); n != sent {
		t.Errorf("the last checkpoint has %d, and the answer %d", sent, n)
	}
}

// TestCheckpointedIsLatest holds every kind of answer from a checkpoint to the
// answer of the job, at several sizes of changes between two looks.
func TestCheckpointedIsLatest(t *testing.T) {
	t.Parallel()
	for _, backend := range []string{rt.MemoryState, memstore.Name} {
		t.Run(backend, func(t *testing.T) {
			t.Parallel()
			checkpointedIsLatest(t, backend)
		})
	}
}

func checkpointedIsLatest(t *testing.T, backend string) {
	s := startSaving(t, t.TempDir(), 10*time.Millisecond, func(o *rt.Options) { o.State, o.StateDir = backend, "unused" })
	s.eventually("/readyz", `"ready"`)
	if _, text := s.get("/state/total?key=a&consistency=checkpointed"); !strings.Contains(text, "no_checkpoint") && !strings.Contains(text, "unknown_key") {
		t.Errorf("before the first record: %s", text)
	}
	paths := []string{
		"/state/latest-sale?key=a", "/state/total?key=b", "/state/fresh?key=a", "/state/amounts?key=a", "/state/recent?key=c",
		"/state/stock?key=a", "/state/seen?key=b", "/state/times?key=a&limit=5", "/state/items?key=a", "/state/sums?key=a",
		"/state/panes?key=b", "/state/minutes?key=a", "/state/known?limit=1000", "/state/halves?key=3", "/state/total?key=x", "/state/total?key=a&key=b&key=x",
	}
	sent := 0
	for _, n := range []int{3, 1, 200, 1, 5} {
		for range n {
			s.send(string(rune('a'+sent%3)), fmt.Sprint("item ", sent%70), sent%9, sent)
			sent++
		}
		s.eventually("/metrics", fmt.Sprintf(`flow_operator_records_total{job="queries",operator="amounts-seen"} %d`, sent))
		for _, path := range paths {
			_, want := s.get(path)
			s.eventually(path+"&consistency=checkpointed", want)
		}
	}
	_, figures := s.get("/metrics")
	mayBeNone := map[string]bool{"flow_timers_pending": true, "flow_checkpoint_written_bytes": true} // the last may have found no change
	for _, of := range []string{"flow_sink_commit_seconds_count", "flow_checkpoint_size_bytes", "flow_checkpoint_written_bytes", "flow_checkpoints_completed_total", "flow_timers_pending"} {
		if !regexp.MustCompile(of+`\{[^}]*\} ([0-9.e+]+)`).MatchString(figures) || !mayBeNone[of] && regexp.MustCompile(of+`\{[^}]*\} 0\n`).MatchString(figures) {
			t.Errorf("%s is not counted", of)
		}
	}
	_, want := s.get("/state/total?limit=1000")
	_, got := s.get("/state/total?limit=1000&consistency=checkpointed")
	if want != got {
		t.Errorf("the pages differ:\n%s%s", want, got)
	}
}

// TestCursorsOfOtherTables goes on with a cursor that means nothing any more.
func TestCursorsOfOtherTables(t *testing.T) {
	t.Parallel()
	s := startSaving(t, t.TempDir(), 10*time.Millisecond, nil)
	s.eventually("/readyz", `"ready"`)
	for _, shop := range []string{"a", "b", "c"} {
		s.send(shop, "x", 1, 0)
	}
	s.eventually("/state/total?key=c", `"value":1`)
	_, text := s.get("/state/total?limit=1")
	var page struct{ Next string }
	if err := json.Unmarshal([]byte(text), &page); err != nil || page.Next == "" {
		t.Fatalf("no cursor: %v, %s", err, text)
	}
	s.eventually("/state/total?key=c&consistency=checkpointed", `"value":1`)
	if status, text := s.get("/state/total?limit=1&consistency=checkpointed&cursor=" + page.Next); status != http.StatusGone {
		t.Errorf("the cursor of the job was taken for one of the checkpoint: %d %s", status, text)
	}
	s.fails.Store(true)
	s.send("a", "x", 1, 1)
	s.eventually("/readyz", "not_ready")
	s.fails.Store(false)
	s.eventually("/readyz", `"ready"`)
	if status, text := s.get("/state/total?limit=1&cursor=" + page.Next); status != http.StatusGone || !strings.Contains(text, "stale_cursor") {
		t.Errorf("the cursor was taken after the job began again: %d %s", status, text)
	}
}

// TestRecovering: while a job that has failed waits to be started again it says why,
// and so does the one that is started in its place.
func TestRecovering(t *testing.T) {
	t.Parallel()
	s := startSaving(t, t.TempDir(), 10*time.Millisecond, nil)
	s.eventually("/readyz", `"ready"`)
	s.send("a", "x", 1, 0)
	s.eventually("/state/total?key=a&consistency=checkpointed", `"value":1`)
	s.fails.Store(true)
	s.send("a", "x", 1, 1)
	text := s.eventually("/status", `"failed":true`)
	if !strings.Contains(text, `"running":false`) {
		t.Errorf("it runs: %s", text)
	}
	s.eventually("/status", errFragile.Error())
	s.fails.Store(false)
	s.eventually("/readyz", `"ready"`)
	text = s.eventually("/status", `"failed":false`)
	if !strings.Contains(text, errFragile.Error()) || strings.Contains(text, `"restarts":0`) {
		t.Errorf("it has forgotten that it was started again: %s", text)
	}
}

// TestDashboardRecovering looks at the same as a person does.
func TestDashboardRecovering(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	s := startSaving(t, t.TempDir(), 10*time.Millisecond, func(o *rt.Options) { o.RestartAttempts = 1000 })
	s.eventually("/readyz", `"ready"`)
	s.send("<img src=x onerror=alert(1)>", "x", 7, 0)
	b.open("http://"+s.addr+"/", 1600, 1000, "light")
	b.until(`document.querySelector('#state').textContent === 'running'`)
	b.eval(`(() => { const s = document.querySelector('#query-state'); s.value = 'total'; s.dispatchEvent(new Event('change')) })()`)
	b.until(`document.querySelector('#answer').innerText.includes('<img src=x onerror=alert(1)>')`)
	s.fails.Store(true)
	s.send("b", "x", 1, 1)
	b.until(`document.querySelector('#state').textContent === 'failed, starts again'`)
	b.until(`document.querySelector('#errors').innerText.includes('the sink is not there')`)
	b.until(`document.querySelector('#query-said').innerText.includes('not running')`)
	b.click("#query-checkpointed")
	b.until(`document.querySelector('#answer').innerText.includes('<img src=x onerror=alert(1)>')`)
	b.shoot("recovering")
	s.fails.Store(false)
	b.until(`document.querySelector('#state').textContent === 'running'`)
	b.until(`document.querySelector('#totals').innerText.includes('restarts')`)
	b.until(`document.querySelector('#errors').innerText.includes('the sink is not there')`)
	b.until(`document.querySelector('#answer').innerText.includes('b')`)
	b.shoot("recovered")
}
