package serve_test

import (
	"bytes"
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
	r.send("a", "x", 1, 0)
	r.eventually("/state/total?key=a", `"value":1`)
	conn, err := net.Dial("tcp", r.addr)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	request := []byte("GET /state/total?key=a HTTP/1.1\r\nHost: " + r.addr + "\r\n\r\n")
	answer := make([]byte, 4096)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := conn.Write(request); err != nil {
			b.Fatal(err)
		}
		n, err := conn.Read(answer) // it comes in one piece
		if err != nil || !bytes.HasSuffix(answer[:n], []byte("\"value\":1}\n")) {
			b.Fatalf("%v: %s", err, answer[:n])
		}
	}
}
