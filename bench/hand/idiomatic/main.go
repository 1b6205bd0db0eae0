// Command idiomatic does what bench/keyed.flow says as most Go is written:
// encoding/json for each line, a goroutine for each stage, a channel between
// them, and a map of pointers.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"
)

type event struct {
	ID      int64     `json:"id"`
	User    string    `json:"user"`
	Price   int64     `json:"price"`
	Temp    float64   `json:"temp"`
	Channel string    `json:"channel"`
	URL     string    `json:"url"`
	At      time.Time `json:"at"`
	Paid    bool      `json:"paid"`
}

type total struct {
	User  string `json:"user"`
	Count int64  `json:"count"`
	Sum   int64  `json:"sum"`
	Most  int64  `json:"most"`
}

func main() {
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(input, output string) error {
	in, err := os.Open(input)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(output)
	if err != nil {
		return err
	}
	events, totals := make(chan event, 128), make(chan total, 128)
	var decodeErr, encodeErr error
	var stages sync.WaitGroup
	stages.Go(func() { decodeErr = decode(bufio.NewScanner(in), events) })
	stages.Go(func() { addUp(events, totals) })
	stages.Go(func() { encodeErr = encode(totals, bufio.NewWriter(out)) })
	stages.Wait()
	for _, err := range []error{decodeErr, encodeErr} {
		if err != nil {
			return err
		}
	}
	return out.Close()
}

// decode sends the event of each line.
func decode(lines *bufio.Scanner, events chan<- event) error {
	defer close(events)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return err
		}
		events <- e
	}
	return lines.Err()
}

// addUp sends the totals of an event's user after each event.
func addUp(events <-chan event, totals chan<- total) {
	defer close(totals)
	users := map[string]*total{}
	for e := range events {
		t := users[e.User]
		if t == nil {
			t = &total{User: e.User}
			users[e.User] = t
		}
		t.Count++
		t.Sum += e.Price
		t.Most = max(t.Most, e.Price)
		totals <- *t
	}
}

// encode writes each total as a line. After an error it still takes what
// comes, so that no stage waits for ever.
func encode(totals <-chan total, out *bufio.Writer) (err error) {
	lines := json.NewEncoder(out)
	for t := range totals {
		if err == nil {
			err = lines.Encode(t)
		}
	}
	if err != nil {
		return err
	}
	return out.Flush()
}
