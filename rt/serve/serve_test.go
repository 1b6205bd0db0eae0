package serve_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	queries "github.com/flow-lang/flowc/golden/gen/queries"
	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/serve"
	"github.com/flow-lang/flowc/rt/serve/certificate"
)

// running is a job that serves, with its input open.
type running struct {
	t      testing.TB
	addr   string
	in     io.WriteCloser
	client *http.Client
	server rt.Server
	ended  chan error
	stop   func()
}

// start runs the program of golden/gen/queries with a server.
func start(t testing.TB, parallelism int, change func(*rt.ServeOptions)) *running {
	t.Helper()
	return startWith(t, rt.Options{Parallelism: parallelism}, change)
}

// startWith is start with other options of the job.
func startWith(t testing.TB, opts rt.Options, change func(*rt.ServeOptions)) *running {
	t.Helper()
	return startSpec(t, queries.Pipeline(), opts, change)
}

// startSpec is startWith of another program.
func startSpec(t testing.TB, spec rt.Spec, opts rt.Options, change func(*rt.ServeOptions)) *running {
	t.Helper()
	r := &running{t: t, client: &http.Client{Timeout: 10 * time.Second}, ended: make(chan error, 1)}
	ctx, stop := context.WithCancel(context.Background())
	r.stop = stop
	var server rt.Server
	for tries := 1; ; tries++ {
		r.addr = freeAddr(t)
		o := rt.ServeOptions{ServeFlags: rt.ServeFlags{Addr: r.addr}, Stop: stop}
		if change != nil {
			change(&o)
		}
		var err error
		if server, err = serve.Start(&spec, o); err == nil {
			break
		}
		if tries == 10 || !strings.Contains(err.Error(), "address already in use") { // by who came in between
			t.Fatal(err)
		}
	}
	r.server = server
	in, out := io.Pipe()
	r.in = out
	opts.Stdin, opts.Stdout = in, io.Discard
	j, err := rt.NewJob(spec, opts)
	if err != nil {
		t.Fatal(err)
	}
	server.Attach(j)
	go func() { r.ended <- j.Run(ctx) }()
	t.Cleanup(func() {
		_ = out.Close()
		stop()
		<-r.ended
		server.Close()
	})
	return r
}

func freeAddr(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// keepSending calls send with 0, 1, 2 and so on until what it returns is called.
func keepSending(send func(i int)) (stop func()) {
	over := make(chan struct{})
	var sending sync.WaitGroup
	sending.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-over:
				return
			default:
				send(i)
			}
		}
	})
	return func() {
		close(over)
		sending.Wait()
	}
}

// send writes sales: shop, item, amount, second of the hour.
func (r *running) send(shop, item string, amount, second int) {
	r.t.Helper()
	at := time.Date(2024, 5, 1, 12, 0, second, 0, time.UTC).Format(time.RFC3339)
	if _, err := fmt.Fprintf(r.in, `{"shop":%q,"item":%q,"amount":%d,"at":%q,"tags":["x"]}`+"\n", shop, item, amount, at); err != nil {
		r.t.Fatal(err)
	}
}

// get returns the status and the body.
func (r *running) get(path string) (int, string) {
	r.t.Helper()
	resp, err := r.client.Get("http://" + r.addr + path)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// askSavepoint posts a body to /savepoint, and returns the status and the answer.
func (r *running) askSavepoint(body string) (int, string) {
	r.t.Helper()
	resp, err := r.client.Post("http://"+r.addr+"/savepoint", "application/json", strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(text)
}

// eventually asks until the body holds what is wanted.
func (r *running) eventually(path, want string) string {
	r.t.Helper()
	end := time.Now().Add(10 * time.Second)
	for {
		_, text := r.get(path)
		if strings.Contains(text, want) {
			return text
		}
		if time.Now().After(end) {
			r.t.Fatalf("GET %s never gave %s; the last was %s", path, want, text)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func TestStates(t *testing.T) {
	t.Parallel()
	for _, parallelism := range []int{1, 3} {
		t.Run(fmt.Sprint(parallelism), func(t *testing.T) {
			t.Parallel()
			r := start(t, parallelism, nil)
			r.send("Ost & West/ü", "apple", 7, 0)
			r.send("Ost & West/ü", "pear", 5, 30)
			r.send("Ost & West/ü", "apricot", 2, 60)
			shop := "?key=" + url.QueryEscape("Ost & West/ü")
			r.eventually("/state/spots?key="+url.QueryEscape(`{"shop":"Ost & West/ü","lane":2}`), `"value":1`)
			r.eventually("/state/halves?key=2", `"value":1`)
			tests := []struct{ path, want string }{
				{"/state/latest-sale" + shop, `{"state":"latest-sale","key":"Ost & West/ü","found":true,"value":{"shop":"Ost & West/ü","item":"apricot","amount":2,"at":"2024-05-01T12:01:00Z","tags":["x"]}}`},
				{"/state/total" + shop, `{"state":"total","key":"Ost & West/ü","found":true,"value":14}`},
				{"/state/fresh" + shop, `{"state":"fresh","key":"Ost & West/ü","found":true,"value":2}`},
				{"/state/amounts" + shop, `{"state":"amounts","key":"Ost & West/ü","found":true,"entries":[{"index":0,"value":7},{"index":1,"value":5},{"index":2,"value":2}]}`},
				{"/state/amounts" + shop + "&entry=1", `{"state":"amounts","key":"Ost & West/ü","found":true,"entries":[{"index":1,"value":5}]}`},
				{"/state/recent" + shop + "&from=1&to=2", `{"state":"recent","key":"Ost & West/ü","found":true,"entries":[{"index":1,"value":5}]}`},
				{"/state/stock" + shop, `{"state":"stock","key":"Ost & West/ü","found":true,"entries":[{"map_key":"apple","value":7},{"map_key":"apricot","value":2},{"map_key":"pear","value":5}]}`},
				{"/state/stock" + shop + "&entry=pear", `{"state":"stock","key":"Ost & West/ü","found":true,"entries":[{"map_key":"pear","value":5}]}`},
				{"/state/stock" + shop + "&prefix=ap", `{"state":"stock","key":"Ost & West/ü","found":true,"entries":[{"map_key":"apple","value":7},{"map_key":"apricot","value":2}]}`},
				{"/state/stock" + shop + "&limit=2", `{"state":"stock","key":"Ost & West/ü","found":true,"entries":[{"map_key":"apple","value":7},{"map_key":"apricot","value":2}],"next":"InBlYXIi"}`},
				{"/state/stock" + shop + "&limit=2&cursor=InBlYXIi", `{"state":"stock","key":"Ost & West/ü","found":true,"entries":[{"map_key":"pear","value":5}]}`},
				{"/state/seen" + shop + "&from=b", `{"state":"seen","key":"Ost & West/ü","found":true,"entries":[{"map_key":"pear","value":5}]}`},
				{"/state/items" + shop, `{"state":"items","key":"Ost & West/ü","found":true,"entries":[{"map_key":"apple"},{"map_key":"apricot"},{"map_key":"pear"}]}`},
				{"/state/sums" + shop, `{"state":"sums","key":"Ost & West/ü","found":true,"value":{"n":3,"all":14}}`},
				{"/state/panes" + shop, `{"state":"panes","key":"Ost & West/ü","found":true,"entries":[{"map_key":"2024-05-01T12:00:00Z","value":12},{"map_key":"2024-05-01T12:01:00Z","value":2}]}`},
				{"/state/panes" + shop + "&from=2024-05-01T12:00:30Z", `{"state":"panes","key":"Ost & West/ü","found":true,"entries":[{"map_key":"2024-05-01T12:01:00Z","value":2}]}`},
				{"/state/minutes" + shop, `{"state":"minutes","key":"Ost & West/ü","found":true,"entries":[{"map_key":"2024-05-01T12:00:00Z","value":{"n":2,"rows":[7,5],"sum":12}},{"map_key":"2024-05-01T12:01:00Z","value":{"n":1,"rows":[2],"sum":2}}]}`},
				{"/state/known", `{"state":"known","found":true,"entries":[{"map_key":"apple","value":7},{"map_key":"apricot","value":2},{"map_key":"pear","value":5}]}`},
				{"/state/total?key=a&key=" + url.QueryEscape("Ost & West/ü"), `{"state":"total","rows":[{"key":"a","found":false},{"key":"Ost & West/ü","found":true,"value":14}]}`},
				{"/state/total?limit=5", `{"state":"total","rows":[{"key":"Ost & West/ü","value":14}]}`},
				{"/state/total?prefix=Os", `{"state":"total","rows":[{"key":"Ost & West/ü","value":14}]}`},
				{"/state/total?prefix=West", `{"state":"total","rows":[]}`},
				{"/state/total?from=P", `{"state":"total","rows":[]}`},
			}
			for _, tt := range tests {
				status, got := r.get(tt.path)
				if diff := cmp.Diff(tt.want+"\n", got); diff != "" || status != http.StatusOK {
					t.Errorf("GET %s: status %d (-want +got):\n%s", tt.path, status, diff)
				}
			}
		})
	}
}

func TestEndedByTTL(t *testing.T) {
	t.Parallel()
	r := start(t, 2, nil)
	r.send("a", "x", 1, 0)
	r.eventually("/state/fresh?key=a", `"value":1`)
	r.send("b", "x", 2, 3600)
	r.eventually("/state/total?key=b", `"value":2`)
	for _, path := range []string{"/state/fresh?key=a", "/state/recent?key=a", "/state/seen?key=a"} {
		r.eventually(path, `"unknown_key"`)
	}
	if _, text := r.get("/state/total?key=a"); !strings.Contains(text, `"value":1`) {
		t.Errorf("the state without a ttl has gone: %s", text)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	r := start(t, 3, nil)
	for i := range 500 {
		r.send(fmt.Sprintf("shop %03d", i), "x", i, 0)
	}
	for i := range 500 { // a shard may be behind the others
		r.eventually("/state/total?key="+url.QueryEscape(fmt.Sprintf("shop %03d", i)), fmt.Sprintf(`"value":%d`, i))
	}
	seen := map[string]int{}
	cursor := ""
	for pages := 1; ; pages++ {
		status, text := r.get("/state/total?limit=37" + cursor)
		var page struct {
			Rows []struct{ Key string }
			Next string
		}
		if err := json.Unmarshal([]byte(text), &page); err != nil || status != http.StatusOK || len(page.Rows) > 37 {
			t.Fatalf("status %d, %d rows, %v", status, len(page.Rows), err)
		}
		for _, row := range page.Rows {
			seen[row.Key]++
		}
		if page.Next == "" {
			break
		}
		cursor = "&cursor=" + page.Next
	}
	if len(seen) != 500 {
		t.Errorf("%d keys on all pages, want 500", len(seen))
	}
	for key, n := range seen {
		if n != 1 {
			t.Errorf("%s is on %d pages", key, n)
		}
	}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	r := start(t, 2, nil)
	r.send("a", "x", 0, 0)
	r.eventually("/state/halves", `"value":0`)
	tests := []struct {
		path   string
		status int
		code   string
	}{
		{"/state/totl?key=a", 404, `"did_you_mean":"total"`},
		{"/state/secret?key=a", 404, "unknown_state"},
		{"/state/total?key=b", 404, "unknown_key"},
		{"/state/stock?key=a&entry=y", 404, "unknown_key"},
		{"/state/halves?key=a", 400, "bad_key"},
		{"/state/halves?key=1.5", 400, "bad_key"},
		{"/state/halves?key=", 400, "bad_key"},
		{"/state/spots?key=%7B%22shop%22:1%7D", 400, "bad_key"},
		{"/state/amounts?key=a&entry=x", 400, "bad_entry"},
		{"/state/times?key=a&from=yesterday", 400, "bad_entry"},
		{"/state/halves?from=x", 400, "bad_key"},
		{"/state/halves?prefix=1", 400, "bad_prefix"},
		{"/state/total?key=a&entry=x", 400, "bad_query"},
		{"/state/stock?entry=x", 400, "bad_query"},
		{"/state/known?key=a", 400, "bad_key"},
		{"/state/total?key=a&limit=0", 400, "bad_limit"},
		{"/state/total?limit=1001", 400, "bad_limit"},
		{"/state/total?limit=1&limit=2", 400, "bad_query"},
		{"/state/total?cursor=%21", 400, "bad_cursor"},
		{"/state/total?cursor=LTEgMA", 400, "bad_cursor"},           // -1 0
		{"/state/total?cursor=eCAtMSAwIDAg", 400, "bad_cursor"},     // x -1 0 0
		{"/state/total?cursor=eCAwIDAgOTk5OTkg", 400, "bad_cursor"}, // x 0 0 99999
		{"/state/total?cursor=eCAwIDAgMCA", 410, "stale_cursor"},    // x 0 0 0
		{"/state/total?keys=a", 400, "unknown_parameter"},
		{"/state/total?key=%zz", 400, "bad_query"},
		{"/state/total?" + strings.Repeat("key=a&", 101), 400, "too_many_keys"},
		{"/state/total?key=a&consistency=eventual", 400, "bad_consistency"},
		{"/state/total?key=a&consistency=checkpointed", 503, "no_checkpoint"},
		{"/state/total/schema", 200, `"kind":"value"`},
		{"/state", 200, `"name":"latest-sale"`},
		{"/nothing", 404, "unknown_path"},
		{"/debug/pprof/", 404, "unknown_path"},
		{"/..%252f..%252fetc/passwd", 404, ""},
		{"/state/..%2f..%2f..%2fetc%2fpasswd?key=a", 404, "unknown_state"},
		{"/page%2f..%2fpage.html", 404, ""},
		{"/readyz", 200, "ready"},
	}
	for _, tt := range tests {
		status, text := r.get(tt.path)
		if status != tt.status || !strings.Contains(text, tt.code) {
			t.Errorf("GET %s: %d %s, want %d with %s", tt.path, status, text, tt.status, tt.code)
		}
		if !json.Valid([]byte(text)) && !strings.Contains(text, "<!doctype") {
			t.Errorf("GET %s: no JSON: %s", tt.path, text)
		}
	}
}

func TestNotReady(t *testing.T) {
	t.Parallel()
	spec := queries.Pipeline()
	addr := freeAddr(t)
	server, err := serve.Start(&spec, rt.ServeOptions{ServeFlags: rt.ServeFlags{Addr: addr}})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	_, err = serve.Start(&spec, rt.ServeOptions{ServeFlags: rt.ServeFlags{Addr: addr}})
	if usage := (*rt.UsageError)(nil); err == nil || errors.As(err, &usage) || !strings.Contains(err.Error(), addr) {
		t.Errorf("a second server at %s: %v, want an error that is no wrong usage", addr, err)
	}
	r := &running{t: t, addr: addr, client: http.DefaultClient}
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 503, "/state/total?key=a": 503, "/metrics": 503} {
		if status, text := r.get(path); status != want {
			t.Errorf("GET %s: %d %s, want %d", path, status, text, want)
		}
	}
}

func TestStop(t *testing.T) {
	t.Parallel()
	r := start(t, 1, nil)
	r.send("a", "x", 1, 0)
	r.eventually("/state/total?key=a", `"value":1`)
	resp, err := r.client.Post("http://"+r.addr+"/stop", "application/json", nil)
	if err != nil || resp.StatusCode != http.StatusAccepted {
		t.Fatalf("POST /stop: %v, %v", resp, err)
	}
	_ = resp.Body.Close()
	select {
	case err := <-r.ended:
		if err != nil {
			t.Error(err)
		}
		r.ended <- err
	case <-time.After(10 * time.Second):
		t.Error("the job goes on")
	}
}

// newCertificate writes a certificate for 127.0.0.1 and returns the files.
func newCertificate(t testing.TB) (cert, key string) {
	t.Helper()
	cert, key, err := certificate.Write(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return cert, key
}

// tokenFile writes a token and returns the file.
func tokenFile(t testing.TB, token string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(name, []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestDescribeRunning asks a job that runs what it is, as its command describe does.
func TestDescribeRunning(t *testing.T) {
	t.Parallel()
	r := start(t, 1, func(o *rt.ServeOptions) { o.TokenFile = tokenFile(t, secret) })
	r.eventually("/readyz", `"ready"`)
	o := rt.ServeOptions{ServeFlags: rt.ServeFlags{Addr: r.addr, TokenFile: tokenFile(t, secret)}}
	text, err := serve.Describe(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	spec := queries.Pipeline()
	want, err := spec.Describe()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(text)); diff != "" {
		t.Errorf("nothing is registered, and yet (-want +got):\n%s", diff)
	}
	o.TokenFile = ""
	if _, err := serve.Describe(t.Context(), o); err == nil || !strings.Contains(err.Error(), "--http-token-file") {
		t.Errorf("without the token: %v", err)
	}
}

// TestSavepointInABadPlace names places where no savepoint can be, more often than
// checkpoints may fail, with the wish to stop and without: the job goes on.
func TestSavepointInABadPlace(t *testing.T) {
	t.Parallel()
	r := startWith(t, rt.Options{Parallelism: 2, Savepoints: true, TolerableFailures: -1}, nil)
	r.eventually("/readyz", `"ready"`)
	dir := t.TempDir()
	post := func(to string, stop bool) (int, string) {
		return r.askSavepoint(fmt.Sprintf(`{"to":%q,"stop":%v}`, to, stop))
	}
	if status, text := post(dir+"/one", false); status != 200 {
		t.Fatalf("a good place: %d %s", status, text)
	}
	for _, stop := range []bool{false, true} {
		for range 2 {
			if status, text := post(dir+"/one", stop); status != 409 || !strings.Contains(text, "there is something in it") {
				t.Errorf("a place that is taken, stop %v: %d %s", stop, status, text)
			}
		}
	}
	r.send("a", "apple", 7, 1)
	r.eventually("/state/total?key=a", `"value":7`)
	if status, text := post(dir+"/two", true); status != 200 {
		t.Errorf("a good place at last: %d %s", status, text)
	}
	if err := <-r.ended; err != nil {
		t.Error(err)
	}
	r.ended <- nil
}
