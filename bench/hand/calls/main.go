// Command calls makes by hand the calls that bench/remote/remote.flow makes: so
// many invocations of a function at a URL, of so many keys, each with one request
// under way, in batches of so many. Of an answer it reads as much as to see that
// there is one to each invocation.
//
//	calls URL INVOCATIONS KEYS BATCH
package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"sync"

	"github.com/flow-lang/flowc/bench/hand/statefun"
)

func main() {
	if err := run(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(url string, given []string) error {
	var n [3]int
	for i := range n {
		var err error
		if n[i], err = strconv.Atoi(given[i]); err != nil {
			return err
		}
	}
	invocations, keys, batch := n[0], n[1], n[2]
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: keys, WriteBufferSize: 64 << 10, ReadBufferSize: 64 << 10}}
	errs := make([]error, keys)
	var calling sync.WaitGroup
	for key := range keys {
		calling.Go(func() { errs[key] = call(client, url, key, invocations/keys, batch) })
	}
	calling.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// call makes the invocations of one key, one batch after the other.
func call(client *http.Client, url string, key, invocations, batch int) error {
	var w writer
	for at := 0; at < invocations; at += batch {
		n := min(batch, invocations-at)
		answers, err := post(client, url, w.request(key, at, n))
		if err != nil {
			return err
		}
		if answers != n {
			return fmt.Errorf("%d invocations got %d answers", n, answers)
		}
	}
	return nil
}

// post makes one request and counts the answers.
func post(client *http.Client, url string, body []byte) (answers int, err error) {
	post, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	post.Header.Set("Content-Type", "application/octet-stream")
	got, err := client.Do(post)
	if err != nil {
		return 0, err
	}
	reply, err := io.ReadAll(got.Body)
	_ = got.Body.Close()
	if err != nil || got.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("%s: %w", got.Status, err)
	}
	err = statefun.Fields(reply, func(_ int, result []byte) error {
		return statefun.Fields(result, func(field int, _ []byte) error {
			if field == statefun.Egress {
				answers++
			}
			return nil
		})
	})
	return answers, err
}

// writer writes requests into the same memory again and again.
type writer struct{ value, argument, invocation, batch, whole []byte }

// request writes a batch of n invocations.
func (w *writer) request(key, at, n int) []byte {
	target := statefun.Append(nil, 1, "bench")
	target = statefun.Append(target, 2, "echo")
	target = statefun.Append(target, 3, fmt.Sprintf("u%d", key))
	w.batch = statefun.Append(w.batch[:0], statefun.Target, target)
	for i := range n {
		w.value = strconv.AppendInt(append(w.value[:0], `{"id":`...), int64(at+i), 10)
		w.value = strconv.AppendInt(append(w.value, `,"user":"u`...), int64(key), 10)
		w.value = append(w.value, `","sent":0}`...)
		w.argument = statefun.AppendTyped(w.argument[:0], "bench/Event", w.value)
		w.invocation = statefun.Append(w.invocation[:0], statefun.Argument, w.argument)
		w.batch = statefun.Append(w.batch, statefun.Invocation, w.invocation)
	}
	w.whole = statefun.Append(w.whole[:0], statefun.Invocations, w.batch)
	return w.whole
}
