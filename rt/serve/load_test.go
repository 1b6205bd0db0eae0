package serve_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestNeverTorn reads while records are handled: all of an answer is of one
// moment, and of two answers the later is never the older.
func TestNeverTorn(t *testing.T) {
	t.Parallel()
	r := start(t, 2, nil)
	r.eventually("/readyz", `"ready"`)
	stop := keepSending(func(i int) { r.send(fmt.Sprint("shop ", i%3), "x", 1, 0) })
	var reading sync.WaitGroup
	for shop := range 3 {
		reading.Go(func() {
			before := 0
			for end := time.Now().Add(700 * time.Millisecond); time.Now().Before(end); {
				status, text := r.get("/state/sums?key=" + url.QueryEscape(fmt.Sprint("shop ", shop)))
				var said struct{ Value struct{ N, All int } }
				if err := json.Unmarshal([]byte(text), &said); err != nil {
					t.Error(err)
					return
				}
				if status == http.StatusOK && (said.Value.N != said.Value.All || said.Value.N < before) {
					t.Errorf("after %d: %s", before, text)
				}
				before = max(before, said.Value.N)
			}
			if before == 0 {
				t.Error("nothing was read")
			}
		})
	}
	reading.Wait()
	stop()
}

// TestPageNeverTorn reads the entries of a map as a page while two of them are written
// in turn, each time with the next number: at any moment they are one apart.
func TestPageNeverTorn(t *testing.T) {
	t.Parallel()
	r := start(t, 2, nil)
	stop := keepSending(func(i int) { r.send("a", []string{"x", "y"}[i%2], i, 0) })
	r.eventually("/state/stock?key=a", `"map_key":"y"`)
	before := 0
	for end := time.Now().Add(700 * time.Millisecond); time.Now().Before(end); {
		_, text := r.get("/state/stock?key=a&limit=10")
		var said struct{ Entries []struct{ Value int } }
		if err := json.Unmarshal([]byte(text), &said); err != nil || len(said.Entries) != 2 {
			t.Fatalf("%v: %s", err, text)
		}
		x, y := said.Entries[0].Value, said.Entries[1].Value
		if x-y != 1 && y-x != 1 || max(x, y) < before {
			t.Errorf("after %d: %s", before, text)
		}
		before = max(x, y)
	}
	stop()
	if before < 2 {
		t.Error("nothing was written while it was read")
	}
}

// TestLimits goes beyond each limit of what a client may do.
func TestLimits(t *testing.T) {
	t.Parallel()
	r := start(t, 1, nil)
	r.eventually("/readyz", `"ready"`)
	for _, tt := range []struct {
		body   string
		status int
		code   string
	}{
		{`{"to":"/` + strings.Repeat("x", 70_000) + `"}`, 413, "too_large"},
		{`{"to":"relative"}`, 400, "bad_request"},
		{`{"to":"../../etc"}`, 400, "bad_request"},
		{`{"to":""}`, 400, "bad_request"},
		{`{"to":"/tmp/x","more":1}`, 400, "bad_request"},
		{`{"to":["/tmp/x"]}`, 400, "bad_request"},
		{strings.Repeat("[", 60_000), 400, "bad_request"},
		{"", 400, "bad_request"},
		{"\x00\xff", 400, "bad_request"},
		{`{"to":"/proc/1/root"}`, 409, "no_savepoint"},
	} {
		if status, text := r.askSavepoint(tt.body); status != tt.status || !strings.Contains(text, tt.code) {
			t.Errorf("POST /savepoint %.40q: %d %.200s, want %d %s", tt.body, status, text, tt.status, tt.code)
		}
	}
	// A name, a key or a cursor of any bytes is looked up and never more than that.
	for _, hostile := range []string{
		"..", "../../etc/passwd", "%2e%2e%2f", "..%252f..%252f", "\x00", "a\r\nX: y", "'; drop table x", "<script>", "${jndi:ldap://x}",
		strings.Repeat("a", 9_000), "\u202e", "\xff\xfe", "file:///etc/passwd", `\\server\share`, "[[[[", `{"a":`, "1e999", "NaN", "-0",
	} {
		for _, path := range []string{
			"/state/" + url.PathEscape(hostile) + "?key=a", "/tap/" + url.PathEscape(hostile), "/" + url.PathEscape(hostile),
			"/state/total?key=" + url.QueryEscape(hostile), "/state/halves?key=" + url.QueryEscape(hostile),
			"/state/spots?key=" + url.QueryEscape(hostile), "/state/times?key=a&from=" + url.QueryEscape(hostile),
			"/state/total?prefix=" + url.QueryEscape(hostile), "/state/total?cursor=" + url.QueryEscape(hostile),
			"/state/total?limit=" + url.QueryEscape(hostile), "/state/total?consistency=" + url.QueryEscape(hostile),
			"/state/total?" + url.QueryEscape(hostile) + "=1",
		} {
			status, text := r.get(path)
			if hostile == ".." && strings.HasPrefix(text, "<!doctype html>") {
				continue // the path is that of the dashboard, in other words
			}
			if status >= 500 || status == 200 && !strings.Contains(path, "prefix=") || strings.Contains(text, "root:") || !json.Valid([]byte(text)) {
				t.Errorf("GET %.80s: %d %.200s", path, status, text)
			}
		}
	}
	r.eventually("/readyz", `"ready"`)
}

// TestTooManyAtOnce keeps so many requests from being answered that the next is told
// to wait, but for who asks whether the process lives.
func TestTooManyAtOnce(t *testing.T) {
	t.Parallel()
	r := start(t, 1, nil)
	r.eventually("/readyz", `"ready"`)
	for range 100 { // of each the body never comes; some may be told to wait themselves
		if _, err := io.WriteString(r.dial(), "POST /savepoint HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
	}
	text := r.eventually("/status", `"code":"busy"`)
	resp, err := r.client.Get("http://" + r.addr + "/status")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusTooManyRequests || resp.Header.Get("Retry-After") == "" {
		t.Errorf("%d, Retry-After %q: %s", resp.StatusCode, resp.Header.Get("Retry-After"), text)
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if status, text := r.get(path); status != http.StatusOK {
			t.Errorf("%s: %d %s", path, status, text)
		}
	}
}

// TestTooManyTap lets so many wait for rows that the next is told to, and asks for
// something else meanwhile.
func TestTooManyTap(t *testing.T) {
	t.Parallel()
	r := start(t, 1, nil)
	r.eventually("/readyz", `"ready"`)
	statuses := make(chan int)
	const all, taken = 20, 16
	for range all {
		go func() { // nothing goes by, so one that is taken waits for 5 s
			status, _ := r.get("/tap/c")
			statuses <- status
		}()
	}
	for i := range all {
		want := http.StatusTooManyRequests
		if i >= all-taken {
			want = http.StatusOK
		}
		if got := <-statuses; got != want {
			t.Errorf("answer %d has the status %d, want %d", i, got, want)
		}
		if i == 0 {
			r.eventually("/status", `"running":true`)
		}
	}
}

// TestSlowClients holds connections on which nothing, or half a header, comes: they
// are closed, and others are answered meanwhile.
func TestSlowClients(t *testing.T) {
	t.Parallel()
	r := start(t, 1, nil)
	var conns []net.Conn
	for i := range 300 {
		c, err := net.Dial("tcp", r.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
		if i%2 == 0 {
			_, _ = io.WriteString(c, "GET /status HTTP/1.1\r\nHost: local")
		}
		conns = append(conns, c)
	}
	r.send("a", "x", 1, 0)
	r.eventually("/state/total?key=a", `"value":1`)
	for _, c := range []net.Conn{conns[0], conns[1]} {
		_ = c.SetReadDeadline(time.Now().Add(15 * time.Second))
		for in := bufio.NewReader(c); ; {
			if _, err := in.ReadByte(); err != nil {
				var nerr net.Error
				if errors.As(err, &nerr) && nerr.Timeout() {
					t.Error("a slow connection stays open")
				}
				break
			}
		}
	}
}
