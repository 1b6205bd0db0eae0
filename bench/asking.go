package main

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// freeAddress returns an address that nobody listens at.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// awaitReady waits until the job at addr handles its input.
func awaitReady(addr string) error {
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		a, err := dial(addr)
		if err != nil {
			continue
		}
		_, err = a.get("/readyz")
		_ = a.close()
		if err == nil {
			return nil
		}
	}
	return errors.New("the pipeline was not ready in 10 s")
}

// asker asks over one connection, one question after the other, with as little
// work of its own as can be: what it takes of the cores the pipeline does not get.
// A request is two pieces of text around a path, and of an answer it reads the
// status and the length.
type asker struct {
	conn net.Conn
	host string
	out  []byte
	in   []byte
}

// dial opens a connection to an address, with TLS if it begins with https://.
func dial(addr string) (*asker, error) {
	host, secured := strings.CutPrefix(addr, "https://")
	conn, err := newBlocking(host)
	if err != nil {
		return nil, err
	}
	a := &asker{conn: conn, host: host, in: make([]byte, 64<<10)}
	if secured {
		a.conn = tls.Client(conn, &tls.Config{InsecureSkipVerify: true}) // what it says is not believed, but timed
	}
	return a, nil
}

func (a *asker) close() error { return a.conn.Close() }

// blocking is a connection that is waited for in the system's own call, on a thread of
// its own, since to come by way of Go's poller takes longer than the answer.
type blocking struct {
	net.Conn
	file *os.File
	fd   int // of file
}

func newBlocking(addr string) (*blocking, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	file, err := conn.(*net.TCPConn).File()
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	b := &blocking{Conn: conn, file: file, fd: int(file.Fd())}
	if err := syscall.SetNonblock(b.fd, false); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

func (b *blocking) Close() error { return errors.Join(b.file.Close(), b.Conn.Close()) }

func (b *blocking) Write(p []byte) (int, error) { return syscall.Write(b.fd, p) }

// Read reads what has come into p, which has room.
func (b *blocking) Read(p []byte) (int, error) {
	for {
		n, err := syscall.Read(b.fd, p)
		switch {
		case errors.Is(err, syscall.EINTR):
		case err != nil:
			return 0, err
		case n == 0:
			return 0, io.ErrUnexpectedEOF
		default:
			return n, nil
		}
	}
}

// get asks for a path, reads the whole answer, and returns how long that took. A
// key that no row has had yet is an answer, too.
func (a *asker) get(path string) (took time.Duration, err error) {
	a.out = append(append(append(a.out[:0], "GET "...), path...), " HTTP/1.1\r\nHost: "...)
	a.out = append(append(a.out, a.host...), "\r\n\r\n"...)
	begun := time.Now()
	if _, err := a.conn.Write(a.out); err != nil {
		return 0, err
	}
	n, header, all := 0, 0, 0 // bytes that have come, of the header, and of the whole answer
	for header == 0 || n < all {
		got, err := a.conn.Read(a.in[n:])
		if err != nil {
			return 0, err
		}
		n += got
		if header > 0 {
			continue
		}
		if header = bytes.Index(a.in[:n], []byte("\r\n\r\n")) + 4; header < 4 {
			header = 0
			continue
		}
		if all, err = answerLength(a.in[:header]); err != nil {
			return 0, fmt.Errorf("GET %s: %w", path, err)
		}
		if all += header; all > len(a.in) {
			a.in = append(a.in[:n], make([]byte, all-n)...)
		}
	}
	return time.Since(begun), nil
}

// answerLength reads the header of an answer.
func answerLength(header []byte) (int, error) {
	if !bytes.HasPrefix(header, []byte("HTTP/1.1 200 ")) && !bytes.HasPrefix(header, []byte("HTTP/1.1 404 ")) {
		return 0, fmt.Errorf("%.100q", header)
	}
	_, text, ok := bytes.Cut(header, []byte("\r\nContent-Length: "))
	if !ok {
		return 0, errors.New("the answer does not say how long it is")
	}
	text, _, _ = bytes.Cut(text, []byte("\r\n"))
	return strconv.Atoi(string(text))
}

// A look is what somebody does at a pipeline that runs: it begins when the
// function returns, and goes on in what it returns until over is closed. That
// returns how long answers took.
type look func(addr string) (func(over <-chan struct{}) ([]time.Duration, error), error)

// alone lets the pipeline be.
func alone(string) (func(<-chan struct{}) ([]time.Duration, error), error) {
	return func(over <-chan struct{}) ([]time.Duration, error) {
		<-over
		return nil, nil
	}, nil
}

// watch does each second what Prometheus and an open dashboard do.
func watch(addr string) (func(<-chan struct{}) ([]time.Duration, error), error) {
	return func(over <-chan struct{}) ([]time.Duration, error) {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			for _, path := range []string{"/metrics", "/status", "/state/last"} {
				if err := fetch("http://" + addr + path); err != nil {
					return nil, err
				}
			}
			select {
			case <-over:
				return nil, nil
			case <-tick.C:
			}
		}
	}, nil
}

// fetch reads what there is at a URL, to its end.
func fetch(url string) error {
	resp, err := http.Get(url)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s", url, resp.Status)
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

// readers are the connections that keys are read from.
const readers = 8

// crowd keeps connections open on which nothing, or half a request, comes, and
// reads keys from others.
func crowd(addr string) (func(<-chan struct{}) ([]time.Duration, error), error) {
	var idle []net.Conn
	var asking []*asker
	leave := func() {
		for _, c := range idle {
			_ = c.Close()
		}
		for _, a := range asking {
			_ = a.close()
		}
	}
	for i := range idleConns {
		c, err := net.Dial("tcp", strings.TrimPrefix(addr, "https://"))
		if err == nil && i%2 == 0 {
			_, err = c.Write([]byte("GET /status HTTP/1.1\r\nHost: local"))
		}
		if err != nil {
			leave()
			return nil, err
		}
		idle = append(idle, c)
	}
	for range readers {
		a, err := dial(addr)
		if err != nil {
			leave()
			return nil, err
		}
		asking = append(asking, a)
	}
	return func(over <-chan struct{}) ([]time.Duration, error) {
		defer leave()
		took, errs := make([][]time.Duration, readers), make([]error, readers)
		var reading sync.WaitGroup
		for r, a := range asking {
			reading.Go(func() { took[r], errs[r] = a.readKeys(r, over) })
		}
		reading.Wait()
		return slices.Concat(took...), errors.Join(errs...)
	}, nil
}

// readKeys reads as the one of readers with that number, who together read
// readsAtOne keys a second. Who has fallen behind catches up.
func (a *asker) readKeys(r int, over <-chan struct{}) (mine []time.Duration, err error) {
	var path []byte
	begun := time.Now()
	for i := 0; ; i++ {
		time.Sleep(time.Until(begun.Add(time.Duration(i*readers+r) * time.Second / readsAtOne)))
		select {
		case <-over:
			return mine, nil
		default:
		}
		path = fmt.Appendf(path[:0], "/state/last?key=s%04d", (i*readers+r)*31%readKeys)
		took, err := a.get(string(path))
		if err != nil {
			return mine, err
		}
		mine = append(mine, took)
	}
}
