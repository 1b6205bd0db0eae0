// Command inside runs bench/serve/last.flow in this process and asks it for keys
// while rows come, without HTTP. It writes how long answers took, in nanoseconds,
// one a line.
//
//	inside ROWS ROWS-PER-SECOND READS-PER-SECOND
package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"strconv"
	"time"

	"github.com/flow-lang/flowc/rt"

	"example.com/inside/last"
)

const keys = 10_000

func main() {
	var given [3]int
	for i := range given {
		n, err := strconv.Atoi(os.Args[1+i])
		if err != nil {
			log.Fatal(err)
		}
		given[i] = n
	}
	took, err := measure(given[0], given[1], given[2])
	if err != nil {
		log.Fatal(err)
	}
	out := bufio.NewWriter(os.Stdout)
	for _, t := range took {
		fmt.Fprintln(out, t.Nanoseconds())
	}
	if err := out.Flush(); err != nil {
		log.Fatal(err)
	}
}

// measure runs the pipeline to the end of its rows and asks meanwhile.
func measure(rows, rate, reads int) (took []time.Duration, err error) {
	in := &feed{left: rows, rate: rate}
	job, err := rt.NewJob(pipeline.Pipeline(), rt.Options{Stdin: in, Stdout: io.Discard, Parallelism: 1})
	if err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- job.Run(context.Background()) }()
	state := &job.QueryStates()[0]
	tick := time.NewTicker(time.Second / time.Duration(reads))
	defer tick.Stop()
	for i := 0; ; i++ {
		select {
		case err := <-ended:
			return took, err
		case <-tick.C:
		}
		key := fmt.Appendf(nil, `"s%d"`, 10_000+i*31%keys)
		q := rt.Query{Limit: 1}
		begun := time.Now()
		if err := state.Ask(key, &q); err != nil {
			return nil, err
		}
		if q.Found {
			took = append(took, time.Since(begun))
		}
	}
}

// feed gives so many rows a second.
type feed struct {
	left, rate, given int
	begun             time.Time
}

// Read gives as many rows as fit.
func (f *feed) Read(b []byte) (int, error) {
	if f.left == 0 {
		return 0, io.EOF
	}
	if f.begun.IsZero() {
		f.begun = time.Now()
	}
	time.Sleep(time.Until(f.begun.Add(time.Duration(f.given) * time.Second / time.Duration(f.rate))))
	n := 0
	for f.left > 0 && n+40 <= min(len(b), 64<<10) {
		row := append(b[n:n], `{"sensor":"s`...)
		row = append(strconv.AppendInt(row, int64(10_000+f.given*7919%keys), 10), `","n":`...)
		row = append(strconv.AppendInt(row, int64(f.given), 10), "}\n"...)
		n += len(row)
		f.left--
		f.given++
	}
	return n, nil
}
