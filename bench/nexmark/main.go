// Command nexmark writes the events of the Nexmark benchmark as JSON lines:
//
//	go run ./bench/nexmark [-events N] [-rate N] [-seed N] -out DIR
//
// The queries are the programs *.flow beside it; each reads persons.jsonl,
// auctions.jsonl and bids.jsonl in the folder where it runs and writes
// out.jsonl there. README.md says what each does and how it differs from its
// original.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/flow-lang/flowc/bench/nexmark/event"
)

func main() {
	events := flag.Int64("events", 1_000_000, "how many events")
	rate := flag.Int64("rate", 10_000, "events per second of event time, at most 1,000,000")
	seed := flag.Uint64("seed", 1, "another seed gives other events")
	out := flag.String("out", "", "the `FOLDER` to write to")
	flag.Parse()
	if err := run(*events, *rate, *seed, *out); err != nil {
		fmt.Fprintln(os.Stderr, "nexmark:", err)
		os.Exit(1)
	}
}

func run(events, rate int64, seed uint64, out string) error {
	switch {
	case out == "":
		return fmt.Errorf("say where to write: -out FOLDER")
	case events < 0 || rate < 1 || rate > 1_000_000:
		return fmt.Errorf("want -events of at least 0 and -rate from 1 to 1000000, not %d and %d", events, rate)
	}
	if err := os.MkdirAll(out, 0o777); err != nil {
		return err
	}
	return event.Stream{Seed: seed, Rate: rate}.Write(out, events)
}
