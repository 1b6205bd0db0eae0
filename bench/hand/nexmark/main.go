// Command nexmark does by hand what queries of bench/nexmark say: it reads the
// events of the folder where it runs as JSON lines and writes the rows of one query
// to out.jsonl.
//
// Usage: nexmark QUERY
package main

import (
	"bufio"
	"fmt"
	"os"

	"github.com/flow-lang/flowc/bench/hand/loop"
	"github.com/flow-lang/flowc/bench/hand/scan"
)

// A query takes the bids one by one, in order of time. Both functions append
// rows to out.
type query struct {
	wants int // texts of the bids
	bid   func(b *bid, out []byte) ([]byte, error)
	end   func(out []byte) []byte // at the end of the input; nil if nothing is left
}

var queries = map[string]func() query{
	"q0": passed, "q1": euros, "q2": chosen, "q14": calculated, "q21": numbered, "q22": folders,
	"q5": hotItems, "q7": highest, "q11": sessions,
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "nexmark:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("usage: nexmark QUERY")
	}
	if args[0] == "q8" {
		return newSellers()
	}
	begin := queries[args[0]]
	if begin == nil {
		return fmt.Errorf("there is no query %s", args[0])
	}
	in, err := loop.Open("bids.jsonl")
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	q := begin()
	return loop.Write("out.jsonl", func(w *bufio.Writer) error {
		var s scan.Scanner
		for {
			line, err := in.Next()
			if err != nil {
				return err
			}
			if line == nil {
				break
			}
			b, err := decodeBid(&s, line, q.wants)
			if err != nil {
				return in.At(err)
			}
			row, err := q.bid(&b, w.AvailableBuffer())
			if err != nil {
				return in.At(err)
			}
			if _, err := w.Write(row); err != nil {
				return err
			}
		}
		if q.end == nil {
			return nil
		}
		_, err := w.Write(q.end(w.AvailableBuffer()))
		return err
	})
}
