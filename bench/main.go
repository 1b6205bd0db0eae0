// Command bench measures flowc and the pipelines it builds, side by side with
// programs written by hand, in one run on one machine.
//
//	go run ./bench [-run REGEXP] [-rounds N] [-rows N] [-keys N] [-json FILE]
//	go run ./bench -docs
//
// It builds flowc, the programs bench/*.flow and bench/hand/..., generates the
// input, checks that all candidates of a contest give the same output, and then
// runs them one after the other, round by round, so that what else the machine
// does falls on all of them alike. A figure is a ratio of medians. What is
// compared is CPU time, user and system of the whole process; only where more
// shards are to make a job faster it is the time on the clock.
//
// With -json it writes one object a line; with -docs it rewrites the table in
// docs/performance.md from bench/results.json and measures nothing.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
)

// resultsPath is where the figures of the documentation come from.
var resultsPath = filepath.Join("bench", "results.json")

func main() {
	var o options
	pattern := flag.String("run", "", "measure only what matches `REGEXP`")
	flag.IntVar(&o.rounds, "rounds", 7, "rounds of each contest")
	flag.IntVar(&o.rows, "rows", 2_000_000, "rows of the input of each contest")
	flag.IntVar(&o.keys, "keys", 10_000_000, "keys of the contests about much state")
	file := flag.String("json", "", "write the figures to `FILE`, one object a line")
	docs := flag.Bool("docs", false, "rewrite the table in docs/performance.md and measure nothing")
	flag.Parse()
	if err := run(o, *pattern, *file, *docs); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options say how much is measured.
type options struct {
	rounds int // of each contest
	rows   int // of each input
	keys   int // of state that is large
}

func run(o options, pattern, file string, docs bool) error {
	if _, err := os.Stat(filepath.Join("cmd", "flowc")); err != nil {
		return fmt.Errorf("run it from the root of the repository: %w", err)
	}
	if docs {
		return rewriteDocs(resultsPath, filepath.Join("docs", "performance.md"))
	}
	wanted, err := regexp.Compile(pattern)
	if err != nil {
		return err
	}
	w, err := newWorkshop(o)
	if err != nil {
		return err
	}
	defer w.close()
	figures, err := measureAll(w, wanted)
	if err != nil {
		return err
	}
	if len(figures) == 0 {
		return fmt.Errorf("nothing matches %q", pattern)
	}
	fmt.Print(table(figures))
	if file != "" {
		return writeFigures(file, figures)
	}
	return nil
}
