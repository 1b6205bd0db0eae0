package serve

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// front accepts connections before net/http does. On each it answers reads of one
// key itself (quick.go), which cost the pipeline a third of what net/http takes for
// them, and hands the connection on with the first request that is anything else:
// from there on it is net/http's. A connection that is idle or slow has a small
// buffer here, and no more. TLS is spoken here, too: net/http sees what is in it.
type front struct {
	net.Listener // what connections come from
	s            *server
	tls          *tls.Config   // nil without TLS
	handed       chan accepted // to Accept
	over         chan struct{} // closed by Close
	closing      sync.Once

	mu      sync.Mutex
	held    map[net.Conn]struct{} // connections that have not been handed on
	reading sync.WaitGroup        // one for each of held
}

// accepted is what Accept returns.
type accepted struct {
	conn net.Conn
	err  error
}

func newFront(s *server, l net.Listener, secured *tls.Config) *front {
	f := &front{Listener: l, s: s, tls: secured, handed: make(chan accepted), over: make(chan struct{}), held: map[net.Conn]struct{}{}}
	go f.run()
	return f
}

// run accepts connections until the front is closed. What goes wrong is for
// Accept to return: whoever calls it knows when to try again.
func (f *front) run() {
	for {
		c, err := f.Listener.Accept()
		if err != nil {
			if !f.hand(nil, err) {
				return
			}
			continue
		}
		if !f.hold(c) {
			_ = c.Close()
			return
		}
		go f.read(c)
	}
}

// hand gives a connection or an error to Accept, and reports whether the front is
// open still.
func (f *front) hand(c net.Conn, err error) bool {
	select {
	case f.handed <- accepted{c, err}:
		return true
	case <-f.over:
		return false
	}
}

// Accept returns the next connection that is for net/http.
func (f *front) Accept() (net.Conn, error) {
	select {
	case a := <-f.handed:
		return a.conn, a.err
	case <-f.over:
		return nil, net.ErrClosed
	}
}

// hold notes a connection, unless the front is closed.
func (f *front) hold(c net.Conn) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.isOver() {
		return false
	}
	f.held[c] = struct{}{}
	f.reading.Add(1)
	return true
}

func (f *front) isOver() bool {
	select {
	case <-f.over:
		return true
	default:
		return false
	}
}

// read answers what comes on a connection until something is for net/http.
func (f *front) read(c net.Conn) {
	defer f.reading.Done()
	spoken, err := f.secure(c)
	var rest []byte
	ok := err == nil
	if ok {
		q := quick{server: f.s, conn: spoken}
		rest, ok = q.run(f)
	}
	f.mu.Lock()
	delete(f.held, c)
	f.mu.Unlock()
	if !ok || c.SetDeadline(time.Time{}) != nil || !f.hand(&begun{Conn: spoken, read: rest}, nil) {
		_ = spoken.Close()
	}
}

// secure returns what is spoken on a connection, after the handshake where that is
// TLS.
func (f *front) secure(c net.Conn) (net.Conn, error) {
	if f.tls == nil {
		return c, nil
	}
	if err := c.SetDeadline(time.Now().Add(headerTime)); err != nil {
		return c, err
	}
	secured := tls.Server(c, f.tls)
	err := secured.Handshake()
	if err == nil {
		return secured, nil
	}
	var other tls.RecordHeaderError
	if errors.As(err, &other) && isHTTP(other.RecordHeader[:]) {
		_, _ = io.WriteString(c, "HTTP/1.0 400 Bad Request\r\n\r\nThis is an HTTPS server: ask for https://\n")
	}
	f.s.log.Debug("http", "message", "TLS handshake", "client", c.RemoteAddr().String(), "error", err)
	return c, err
}

// isHTTP reports whether the first bytes of a connection are those of HTTP without TLS.
func isHTTP(begin []byte) bool {
	for _, method := range []string{"GET /", "HEAD ", "POST ", "PUT /", "OPTIO"} {
		if bytes.HasPrefix(begin, []byte(method)) {
			return true
		}
	}
	return false
}

// Close lets go of the address, and ends connections that are not net/http's once
// they are answered.
func (f *front) Close() error {
	var err error
	f.closing.Do(func() {
		close(f.over)
		err = f.Listener.Close()
		f.mu.Lock()
		defer f.mu.Unlock()
		for c := range f.held {
			_ = c.SetReadDeadline(time.Now())
		}
	})
	return err
}

// drain waits until the front, which is closed, has no connections, and ends those
// that are left when ctx is done.
func (f *front) drain(ctx context.Context) {
	over := make(chan struct{})
	go func() {
		f.reading.Wait()
		close(over)
	}()
	select {
	case <-over:
	case <-ctx.Done():
		f.mu.Lock()
		defer f.mu.Unlock()
		for c := range f.held {
			_ = c.Close()
		}
	}
}

// begun is a connection of which some bytes have been read.
type begun struct {
	net.Conn
	read []byte
}

// Read returns what has been read first.
func (b *begun) Read(p []byte) (int, error) {
	if len(b.read) == 0 {
		return b.Conn.Read(p)
	}
	n := copy(p, b.read)
	b.read = b.read[n:]
	return n, nil
}
