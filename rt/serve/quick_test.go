package serve_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt"
)

// said is an answer as a client sees it.
type said struct {
	Status int
	Header http.Header
	Body   string
}

// converse sends requests, each once the one before is answered, on a connection of
// its own.
func (r *running) converse(requests ...string) (all []said) {
	r.t.Helper()
	c, err := net.Dial("tcp", r.addr)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	return r.converseOn(c, requests...)
}

func (r *running) converseOn(c net.Conn, requests ...string) (all []said) {
	r.t.Helper()
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	in := bufio.NewReader(c)
	for _, text := range requests {
		if _, err := io.WriteString(c, text); err != nil {
			r.t.Fatal(err)
		}
		resp, err := http.ReadResponse(in, nil)
		if err != nil {
			r.t.Fatalf("%.200q: %v", text, err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil {
			r.t.Fatal(err)
		}
		resp.Header.Del("Date")
		resp.Header.Del("Connection") // where net/http has seen enough, it says so
		all = append(all, said{resp.StatusCode, resp.Header, string(body)})
	}
	return all
}

// TestQuickAnswers holds what a read of one key is answered, in every form of it,
// against what net/http's way answers, on which a header leads that nobody knows.
func TestQuickAnswers(t *testing.T) {
	t.Parallel()
	for _, token := range []string{"", secret} {
		r := start(t, 1, func(o *rt.ServeOptions) {
			if token != "" {
				o.TokenFile = tokenFile(t, token)
			}
		})
		r.send("a", "x", 1, 0)
		r.send("ä b", "x", 1, 0)
		authorized := "Host: localhost\r\nAuthorization: Bearer " + secret + "\r\n"
		for r.converse("GET /state/total?key=%C3%A4+b HTTP/1.1\r\n" + authorized + "\r\n")[0].Status != http.StatusOK {
			time.Sleep(time.Millisecond)
		}
		for _, path := range []string{
			"/state/total?key=a", "/state/total?key=b", "/state/total?key=%C3%A4+b", "/state/total?key=%C3%A4%20b", "/state/total?key=ä+b",
			"/state/total?key=", "/state/total?key", "/state/total", "/state/total?key=a&key=b", "/state/total?key=a&limit=1", "/state/total?key=%zz",
			"/state/total?key=a;b", "/state/total?key=a#b", "/state/nothing?key=a", "/state/?key=a", "/state/%74otal?key=a", "/state/../state/total?key=a",
			"/state//total?key=a", "/state/total?key=a?b", "/state/total?key=a=b", "/state/halves?key=1", "/state/halves?key=x", "/state/spots?key=1", "/state/times?key=a",
			"/state/total?key=%00", "/state/total?key=%ff", "http://localhost/state/total?key=a", "/state/total?Key=a", "/state/total?key=a&",
			"/state/total?consistency=checkpointed&key=a", "/state/sums?key=a",
		} {
			for _, header := range []string{
				"Host: localhost\r\n", authorized, "Host: evil.example\r\n" + authorized[17:], "host: 127.0.0.1:80\r\nAUTHORIZATION: Bearer " + secret + "\r\n",
				authorized + "Accept: */*\r\nUser-Agent: x\r\nAccept-Encoding: gzip\r\nConnection: keep-alive\r\nSec-Fetch-Mode: cors\r\n",
				authorized + "Accept: avro/binary\r\n", authorized + "Origin: https://evil.example\r\n", authorized + "Sec-Fetch-Site: cross-site\r\n",
				authorized + "Authorization: Bearer x\r\n", authorized + "Content-Length: 0\r\n", authorized + " folded\r\n", authorized + "Host: localhost\r\n",
				"Host: localhost\r\nAuthorization: Bearer " + secret[1:] + "\r\n", "Host:localhost\r\nAuthorization:Bearer " + secret + "\r\n",
				authorized + "User-Agent: \x01\r\n", authorized + "User Agent: x\r\n", authorized + "Connection: close\r\n",
			} {
				request := "GET " + path + " HTTP/1.1\r\n" + header
				quick, long := r.converse(request + "\r\n")[0], r.converse(request + "X-Unknown: 1\r\n\r\n")[0]
				if diff := cmp.Diff(long, quick); diff != "" {
					t.Errorf("%q with token %q is answered in two ways (-net/http +quick):\n%s", request, token, diff)
				}
			}
		}
	}
}

// TestQuickThenOther asks over one connection what is answered quickly and what is
// not, by turns, whole and in pieces.
func TestQuickThenOther(t *testing.T) {
	t.Parallel()
	r := start(t, 1, nil)
	r.send("a", "x", 7, 0)
	r.eventually("/state/total?key=a", `"value":7`)
	const quick = "GET /state/total?key=a HTTP/1.1\r\nHost: localhost\r\n\r\n"
	const other = "POST /savepoint HTTP/1.1\r\nHost: localhost\r\nContent-Length: 17\r\n\r\n{\"to\":\"relative\"}"
	var statuses []int
	for _, s := range r.converse(quick, quick, other, quick, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", quick) {
		statuses = append(statuses, s.Status)
	}
	if want := []int{200, 200, 400, 200, 200, 200}; !cmp.Equal(statuses, want) {
		t.Errorf("the statuses are %v, want %v", statuses, want)
	}

	c, err := net.Dial("tcp", r.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	// Two whole ones, the second with the beginning of a third.
	for _, piece := range []string{quick[:9], quick[9:30], quick[30:] + quick + quick[:20], quick[20:]} {
		_, _ = io.WriteString(c, piece)
		time.Sleep(10 * time.Millisecond)
	}
	in := bufio.NewReader(c)
	for i := range 3 {
		resp, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if !strings.Contains(string(body), `"value":7`) {
			t.Errorf("answer %d is %s", i, body)
		}
	}
}

// TestCloseWithConnections ends the server while connections are open that have been
// answered, and such on which nothing came: it does not wait for them.
func TestCloseWithConnections(t *testing.T) {
	t.Parallel()
	r := start(t, 1, nil)
	r.eventually("/readyz", `"ready"`)
	for i := range 20 {
		c, err := net.Dial("tcp", r.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
		if i%2 == 0 {
			_, _ = fmt.Fprintf(c, "GET /state/total?key=%d HTTP/1.1\r\nHost: localhost\r\n\r\n", i)
			_, _ = c.Read(make([]byte, 2000))
		}
	}
	begun := time.Now()
	r.server.Close()
	if took := time.Since(begun); took > 1900*time.Millisecond {
		t.Errorf("the server took %v to end", took)
	}
}
