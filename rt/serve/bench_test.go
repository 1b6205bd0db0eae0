package serve_test

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	queries "github.com/flow-lang/flowc/golden/gen/queries"
	"github.com/flow-lang/flowc/rt"
)

// BenchmarkPointRead asks for a key inside of the process, while records come.
func BenchmarkPointRead(b *testing.B) {
	in, out := io.Pipe()
	j, err := rt.NewJob(queries.Pipeline(), rt.Options{Stdin: in, Stdout: io.Discard, Parallelism: 1})
	if err != nil {
		b.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- j.Run(b.Context()) }()
	for i := range 1000 {
		if _, err := fmt.Fprintf(out, `{"shop":"s%d","item":"x","amount":1,"at":"2024-05-01T12:00:00Z","tags":[]}`+"\n", i); err != nil {
			b.Fatal(err)
		}
	}
	var state *rt.QueryState
	for _, s := range j.QueryStates() {
		if s.Name == "total" {
			state = &s
		}
	}
	for found := false; !found; time.Sleep(time.Millisecond) {
		q := rt.Query{Limit: 1}
		if err := state.Ask([]byte(`"s999"`), &q); err != nil {
			b.Fatal(err)
		}
		found = q.Found
	}
	for b.Loop() {
		q := rt.Query{Limit: 1}
		if err := state.Ask([]byte(`"s77"`), &q); err != nil || !q.Found {
			b.Fatal(err)
		}
	}
	_ = out.Close()
	if err := <-ended; err != nil {
		b.Fatal(err)
	}
}

// BenchmarkRead asks for a key over HTTP, on one connection, with as little done
// by the client as can be.
func BenchmarkRead(b *testing.B) {
	r := start(b, 1, nil)
	benchmarkRead(b, r, r.dial())
}

// BenchmarkReadTLS does the same with TLS and a token.
func BenchmarkReadTLS(b *testing.B) {
	cert, key := newCertificate(b)
	r := start(b, 1, func(o *rt.ServeOptions) { o.Cert, o.Key, o.TokenFile = cert, key, tokenFile(b, secret) })
	conn := tls.Client(r.dial(), &tls.Config{InsecureSkipVerify: true})
	benchmarkRead(b, r, conn)
}

// dial opens a connection that the test's end closes.
func (r *running) dial() net.Conn {
	r.t.Helper()
	conn, err := net.Dial("tcp", r.addr)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func benchmarkRead(b *testing.B, r *running, conn net.Conn) {
	r.send("a", "x", 1, 0)
	request := []byte("GET /state/total?key=a HTTP/1.1\r\nHost: " + r.addr + "\r\nAuthorization: Bearer " + secret + "\r\n\r\n")
	answer := make([]byte, 4096)
	ask := func() (found bool) {
		if _, err := conn.Write(request); err != nil {
			b.Fatal(err)
		}
		n, err := conn.Read(answer) // it comes in one piece
		if err != nil {
			b.Fatal(err)
		}
		return bytes.HasSuffix(answer[:n], []byte("\"value\":1}\n"))
	}
	for !ask() {
		time.Sleep(time.Millisecond)
	}
	b.ReportAllocs()
	for b.Loop() {
		if !ask() {
			b.Fatalf("%s", answer)
		}
	}
}
