package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
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
		resp, err := http.Get("http://" + addr + "/readyz")
		if err != nil {
			continue
		}
		_ = resp.Body.Close()
		if resp.StatusCode == http.StatusOK {
			return nil
		}
	}
	return errors.New("the pipeline was not ready in 10 s")
}

// asker asks over one connection, with as little work of its own as can be.
type asker struct {
	conn net.Conn
	in   *bufio.Reader
	out  []byte
}

func dial(addr string) (*asker, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &asker{conn: conn, in: bufio.NewReader(conn)}, nil
}

// get asks for a path and reports how long the answer took, and whether it was one.
func (a *asker) get(path string) (took time.Duration, ok bool) {
	a.out = fmt.Appendf(a.out[:0], "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", path, a.conn.RemoteAddr())
	begun := time.Now()
	if _, err := a.conn.Write(a.out); err != nil {
		return 0, false
	}
	resp, err := http.ReadResponse(a.in, nil)
	if err != nil {
		return 0, false
	}
	_, err = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	return time.Since(begun), err == nil && resp.StatusCode == http.StatusOK
}

// alone lets the pipeline be.
func alone(_ string, over <-chan struct{}) []time.Duration {
	<-over
	return nil
}

// watch does each second what Prometheus and an open dashboard do.
func watch(addr string, over <-chan struct{}) []time.Duration {
	a, err := dial(addr)
	if err != nil {
		return nil
	}
	defer a.conn.Close()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		for _, path := range []string{"/metrics", "/status", "/state/last"} {
			a.get(path)
		}
		select {
		case <-over:
			return nil
		case <-tick.C:
		}
	}
}

// crowd keeps connections open on which nothing, or half a request, comes, and
// reads keys from 8 others. It returns how long the reads took.
func crowd(addr string, over <-chan struct{}) (all []time.Duration) {
	for i := range idleConns {
		if c, err := net.Dial("tcp", addr); err == nil {
			defer c.Close()
			if i%2 == 0 {
				_, _ = io.WriteString(c, "GET /status HTTP/1.1\r\nHost: local")
			}
		}
	}
	const readers = 8
	var mu sync.Mutex
	var reading sync.WaitGroup
	for r := range readers {
		reading.Go(func() {
			took := readKeysOf(addr, r, readers, over)
			mu.Lock()
			defer mu.Unlock()
			all = append(all, took...)
		})
	}
	reading.Wait()
	return all
}

// readKeysOf is one of so many readers, who together read readsAtOne keys a second.
func readKeysOf(addr string, r, readers int, over <-chan struct{}) (mine []time.Duration) {
	a, err := dial(addr)
	if err != nil {
		return nil
	}
	defer a.conn.Close()
	begun := time.Now()
	for i := 0; ; i++ {
		select {
		case <-over:
			return mine
		case <-time.After(time.Until(begun.Add(time.Duration(i*readers+r) * time.Second / readsAtOne))):
		}
		if took, ok := a.get(fmt.Sprintf("/state/last?key=s%04d", (i*readers+r)*31%readKeys)); ok {
			mine = append(mine, took)
		}
	}
}
