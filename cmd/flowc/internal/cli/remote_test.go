package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	queries "github.com/flow-lang/flowc/golden/gen/queries"
	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/serve"
)

// pipeline runs a program that serves with a token until the test ends, and
// returns its address.
func pipeline(t *testing.T, token string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	_ = l.Close()
	ctx, stop := context.WithCancel(context.Background())
	spec := queries.Pipeline()
	server, err := serve.Start(&spec, rt.ServeOptions{ServeFlags: rt.ServeFlags{Addr: addr, TokenFile: token}, Stop: stop})
	if err != nil {
		t.Fatal(err)
	}
	in, out := io.Pipe()
	j, err := rt.NewJob(spec, rt.Options{Stdin: in, Stdout: io.Discard, Parallelism: 2})
	if err != nil {
		t.Fatal(err)
	}
	server.Attach(j)
	ended, fed := make(chan error, 1), make(chan struct{})
	go func() { ended <- j.Run(ctx) }()
	go func() {
		defer close(fed)
		for ctx.Err() == nil {
			_, _ = fmt.Fprintln(out, `{"shop":"a","item":"x","amount":1,"at":"2024-05-01T12:00:00Z","tags":[]}`)
			time.Sleep(2 * time.Millisecond)
		}
	}()
	t.Cleanup(func() {
		stop()
		_ = out.Close()
		<-fed
		if err := <-ended; err != nil {
			t.Error(err)
		}
		server.Close()
	})
	return addr
}

func TestTopAndTap(t *testing.T) {
	t.Parallel()
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("0123456789abcdef-secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	addr := pipeline(t, token)
	tests := []struct {
		args []string
		code int
		want []string // in what is printed
	}{
		{[]string{"top", addr, "--http-token-file", token, "--every", "200ms"}, 0, []string{"queries: running for", "PER SECOND", "source  sales", "step    a", "sink    c"}},
		{[]string{"tap", addr, "sales", "--count", "3", "--http-token-file", token}, 0, []string{`{"shop":"a"`}},
		{[]string{"tap", addr, "sale", "--http-token-file", token}, 1, []string{`no stream "sale" can be tapped`, "sales, a, b, c"}},
		{[]string{"top", addr}, 1, []string{"send the token"}},
		{[]string{"top", addr, "--http-token-file", "missing"}, 1, []string{"missing"}},
		{[]string{"top", "here"}, 2, []string{`"here" is no address`}},
		{[]string{"top", addr, "--every", "1ms"}, 2, []string{"--every"}},
		{[]string{"top"}, 2, []string{"top wants an address", "flowc top 127.0.0.1:8080"}},
		{[]string{"tap", addr}, 2, []string{"an address and a stream"}},
		{[]string{"top", "127.0.0.1:1"}, 1, []string{"nobody answers at http://127.0.0.1:1"}},
	}
	for _, tt := range tests {
		var out, problems bytes.Buffer
		code := Main(tt.args, strings.NewReader(""), &out, &problems)
		for _, want := range tt.want {
			if code != tt.code || !strings.Contains(out.String()+problems.String(), want) {
				t.Errorf("flowc %s: %d, want %d with %q:\n%s%s", strings.Join(tt.args, " "), code, tt.code, want, out.String(), problems.String())
			}
		}
	}
}

// TestNoMetrics: a binary that is not linked with the metrics, as this one, says so.
func TestNoMetrics(t *testing.T) {
	t.Parallel()
	resp, err := http.Get("http://" + pipeline(t, "") + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusNotFound || !strings.Contains(string(text), `"no_metrics"`) {
		t.Errorf("%d %s, %v", resp.StatusCode, text, err)
	}
}
