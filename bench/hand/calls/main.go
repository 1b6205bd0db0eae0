// Command calls makes by hand the calls that bench/remote/remote.flow makes: so
// many invocations of a function at a URL, of so many keys, each with one request
// under way, in batches of so many.
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
	for at := 0; at < invocations; at += batch {
		post, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(request(key, at, min(batch, invocations-at))))
		if err != nil {
			return err
		}
		post.Header.Set("Content-Type", "application/octet-stream")
		got, err := client.Do(post)
		if err != nil {
			return err
		}
		_, err = io.ReadAll(got.Body)
		_ = got.Body.Close()
		if err != nil || got.StatusCode != http.StatusOK {
			return fmt.Errorf("%s: %w", got.Status, err)
		}
	}
	return nil
}

// request writes a batch of n invocations.
func request(key, at, n int) []byte {
	target := statefun.Append(nil, 1, "bench")
	target = statefun.Append(target, 2, "echo")
	target = statefun.Append(target, 3, fmt.Sprintf("u%d", key))
	b := statefun.Append(nil, statefun.Target, target)
	for i := range n {
		value := fmt.Sprintf(`{"id":%d,"user":"u%d","sent":0}`, at+i, key)
		argument := statefun.AppendTyped(nil, "bench/Event", value)
		b = statefun.Append(b, statefun.Invocation, statefun.Append(nil, statefun.Argument, argument))
	}
	return statefun.Append(nil, statefun.Invocations, b)
}
