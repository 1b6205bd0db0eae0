// Command pool does by hand what bench/async/async.flow says: a thousand
// goroutines take events from a channel, ask a service that takes five
// milliseconds, and put what it says into another, from which it is written.
package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/flow-lang/flowc/bench/hand/loop"
	"github.com/flow-lang/flowc/bench/hand/scan"
)

const workers = 1000

// priced is an event with its answer.
type priced struct{ id, price int64 }

func main() {
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(input, output string) error {
	in, err := loop.Open(input)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	ids, answers := make(chan int64, workers), make(chan priced, workers)
	var readErr error
	go func() {
		defer close(ids)
		readErr = read(in, ids)
	}()
	var asking sync.WaitGroup
	for range workers {
		asking.Go(func() {
			for id := range ids {
				answers <- priced{id, price(id)}
			}
		})
	}
	go func() {
		asking.Wait()
		close(answers)
	}()
	err = loop.Write(output, func(w *bufio.Writer) error {
		for a := range answers {
			out := append(w.AvailableBuffer(), `{"id":`...)
			out = append(strconv.AppendInt(out, a.id, 10), `,"price":`...)
			if _, err := w.Write(append(strconv.AppendInt(out, a.price, 10), "}\n"...)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return readErr
}

// price is the service.
func price(item int64) int64 {
	time.Sleep(5 * time.Millisecond)
	return 2 * item
}

// read sends the id of each line.
func read(in *loop.Lines, ids chan<- int64) error {
	var s scan.Scanner
	for {
		line, err := in.Next()
		if line == nil || err != nil {
			return err
		}
		id, err := decode(&s, line)
		if err != nil {
			return in.At(err)
		}
		ids <- id
	}
}

// decode reads one line; unknown fields are passed over.
func decode(s *scan.Scanner, line []byte) (id int64, err error) {
	has := false
	s.Reset(line)
	s.Begin()
	for first := true; ; first = false {
		key, more := s.Key(first)
		if !more {
			break
		}
		if string(key) != "id" {
			s.Skip()
			continue
		}
		if has {
			return 0, scan.ErrSyntax
		}
		id, has = s.Int(), true
	}
	if s.Err() != nil || !has {
		return 0, scan.ErrSyntax
	}
	return id, nil
}
