package serve_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	queries "github.com/flow-lang/flowc/golden/gen/queries"
	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/connector/file"
	"github.com/flow-lang/flowc/rt/serve"
)

// Environment variables that make the test binary a pipeline: the folder that it
// reads sales.jsonl in and keeps checkpoints in, and where it serves.
const (
	killedDir  = "SERVE_TEST_DIR"
	killedAddr = "SERVE_TEST_ADDR"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(killedDir); dir != "" {
		fmt.Fprintln(os.Stderr, runSaving(context.Background(), dir, os.Getenv(killedAddr), 5*time.Millisecond, new(atomic.Bool), nil))
		os.Exit(1) // it does not end
	}
	os.Exit(m.Run())
}

// runSaving runs the queries over a file that grows, with checkpoints as often as
// every and a server, until ctx is done.
func runSaving(ctx context.Context, dir, addr string, every time.Duration, fails *atomic.Bool, change func(*rt.Options)) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	spec := queries.Pipeline()
	server, err := serve.Start(&spec, rt.ServeOptions{ServeFlags: rt.ServeFlags{Addr: addr}, Stop: stop})
	if err != nil {
		return err
	}
	defer server.Close()
	o := rt.Options{
		Stdout: io.Discard, Parallelism: 2, Savepoints: true,
		Source: func(string) rt.SourceConnector {
			return file.Source{Path: filepath.Join(dir, salesFile), Format: file.JSON{}, Follow: true}
		},
		CheckpointTo: filepath.Join(dir, "checkpoints"), CheckpointInterval: every, RestartAttempts: 5,
		Sink:   func(string) rt.SinkConnector { return fragile{fails} },
		Opened: server.AttachCheckpoints, Begun: server.Attach,
	}
	if change != nil {
		change(&o)
	}
	return rt.Run(ctx, spec, o)
}

// TestCheckpointedOverKills kills the process, by SIGKILL, again and again while it
// takes records and somebody asks what the last checkpoint has: that never goes back.
func TestCheckpointedOverKills(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in, err := os.Create(filepath.Join(dir, salesFile))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	const lives = 5
	greatest, sent := 0, 0
	for life := range lives {
		s := &running{t: t, addr: freeAddr(t), in: in, client: &http.Client{Timeout: 10 * time.Second}}
		process := exec.Command(os.Args[0])
		process.Env = append(os.Environ(), killedDir+"="+dir, killedAddr+"="+s.addr)
		process.Stderr = os.Stderr
		if err := process.Start(); err != nil {
			t.Fatal(err)
		}
		begun, answers := greatest, 0
		last := life == lives-1 // takes no new records, and comes to the end of those that there are
		for end := time.Now().Add(30 * time.Second); answers < 50 || !last && greatest < begun+20 || last && greatest < sent; {
			if time.Now().After(end) {
				t.Fatalf("life %d: %d answers, the last of %d", life, answers, greatest)
			}
			if !last {
				s.send("a", "x", 1, sent%3600)
				sent++
			}
			n, ok := s.checkpointed()
			if !ok {
				continue
			}
			if answers++; n < greatest {
				t.Errorf("life %d: it went back from %d to %d", life, greatest, n)
			}
			greatest = max(greatest, n)
		}
		_ = process.Process.Kill()
		_ = process.Wait()
		s.client.CloseIdleConnections()
	}
	if greatest > sent {
		t.Errorf("%d records became %d", sent, greatest)
	}
}

// checkpointed asks what the last checkpoint has of the total of the shop a; ok is
// false if nobody answers yet.
func (r *running) checkpointed() (n int, ok bool) {
	r.t.Helper()
	resp, err := r.client.Get("http://" + r.addr + "/state/total?key=a&consistency=checkpointed")
	if err != nil {
		return 0, false
	}
	defer func() { _ = resp.Body.Close() }()
	var said struct{ Value int }
	if err := json.NewDecoder(resp.Body).Decode(&said); err != nil {
		r.t.Fatal(err)
	}
	return said.Value, resp.StatusCode == http.StatusOK
}
