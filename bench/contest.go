package main

import (
	"bufio"
	"errors"
	"fmt"
	"hash/maphash"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"
)

// A candidate is one program of a contest. It reads in.jsonl in the folder
// where it runs and writes out.jsonl there.
type candidate struct {
	name   string
	build  func(*workshop) (string, error)
	args   []string
	copies int // so many run at once, each in a folder of its own, and share what they take; 0 means 1
}

// flow is a pipeline built by flowc, on the given number of shards.
func flow(name, file, shards string) candidate {
	return candidate{
		name:  name,
		build: func(w *workshop) (string, error) { return w.flowProgram(file) },
		args:  []string{"--quiet", "--parallelism", shards},
	}
}

// hand is a Go program of this repository.
func hand(name, pkg string) candidate {
	return candidate{
		name:  name,
		build: func(w *workshop) (string, error) { return w.goProgram(pkg) },
		args:  []string{"in.jsonl", "out.jsonl"},
	}
}

// A comparison is a figure of a contest: how many times less the candidate
// called of uses than the one called to.
type comparison struct {
	name, against string
	of, to        string
	clock         bool // compares the time on the clock, else CPU time
	goal          float64
}

// A contest runs candidates over the same input.
type contest struct {
	users       int
	nexmark     bool // the input is that of Nexmark, and not events of so many users
	share       int  // the input has so many times fewer rows than others; 0 means 1
	times       int  // or so many times more; 0 means 1
	recent      bool // the input is of users that come and go
	marginal    bool // what a quarter of the rows takes is taken off: to start costs nothing
	once        bool // one round, and the first counts: a run takes long
	candidates  []candidate
	comparisons []comparison
}

// usage is what one run of a program took.
type usage struct {
	start      time.Time
	cpu, clock time.Duration
	peak       int64  // bytes of memory
	log        string // what it printed
}

// run measures the contest: a round that only compares outputs and warms the
// caches, and then w.rounds that count. If a run takes long, what the first round
// has taken counts, and there is no other.
func (c contest) run(w *workshop) ([]Figure, error) {
	all := c.rows(w)
	in, err := c.input(all)
	if err != nil {
		return nil, err
	}
	inputs := []string{in}
	if c.marginal {
		few, err := c.input(all / 4)
		if err != nil {
			return nil, err
		}
		inputs = append(inputs, few)
	}
	type entrant struct {
		bin   string
		rooms [][]string // for each of inputs, one for each copy
		first usage      // of the round that compares
	}
	entrants := make([]entrant, len(c.candidates))
	var wantLines int
	var wantSum uint64
	seed := maphash.MakeSeed()
	for i, k := range c.candidates {
		e := &entrants[i]
		if e.bin, err = k.build(w); err != nil {
			return nil, err
		}
		for _, in := range inputs {
			var rooms []string
			for range max(k.copies, 1) {
				room, err := w.room(in)
				if err != nil {
					return nil, err
				}
				defer os.RemoveAll(room)
				rooms = append(rooms, room)
			}
			e.rooms = append(e.rooms, rooms)
		}
		if e.first, err = launchAll(e.bin, e.rooms[0], k.args); err != nil {
			return nil, fmt.Errorf("%s: %w", k.name, err)
		}
		lines, sum, err := digest(seed, filepath.Join(e.rooms[0][0], "out.jsonl"))
		if err != nil {
			return nil, err
		}
		if i == 0 {
			wantLines, wantSum = lines, sum
		} else if lines != wantLines || sum != wantSum {
			return nil, fmt.Errorf("%s and %s differ: %d and %d lines", c.candidates[0].name, k.name, wantLines, lines)
		}
	}
	taken := map[string][]usage{}
	for range c.rounds(w) {
		for i, k := range c.candidates {
			var all usage
			for n, rooms := range entrants[i].rooms {
				if n == 0 && c.once {
					all = entrants[i].first
					continue
				}
				u, err := launchAll(entrants[i].bin, rooms, k.args)
				if err != nil {
					return nil, fmt.Errorf("%s: %w", k.name, err)
				}
				if n == 0 {
					all = u
				} else {
					all = usage{cpu: all.cpu - u.cpu, clock: all.clock - u.clock}
				}
			}
			taken[k.name] = append(taken[k.name], all)
		}
	}
	return c.figures(w, taken), nil
}

// rows is how many the input has.
func (c contest) rows(w *workshop) int { return w.rows / max(c.share, 1) * max(c.times, 1) }

// rounds is how many count.
func (c contest) rounds(w *workshop) int {
	if c.once {
		return 1
	}
	return w.rounds
}

// input returns the file of the contest's input, or the folder of its files.
func (c contest) input(rows int) (string, error) {
	if c.nexmark {
		return nexmarkInput(rows)
	}
	if c.recent {
		return recentInput(rows)
	}
	return input(rows, c.users)
}

// figures compares medians.
func (c contest) figures(w *workshop, taken map[string][]usage) []Figure {
	var figures []Figure
	rows := c.rows(w)
	if c.marginal {
		rows -= rows / 4
	}
	for _, k := range c.comparisons {
		of, to := median(taken[k.of], k.clock), median(taken[k.to], k.clock)
		unit := "ns of CPU per row"
		if k.clock {
			unit = "ns per row"
		}
		figures = append(figures, Figure{
			Name: k.name, Against: k.against, Better: "higher", Goal: k.goal,
			Ratio: round(float64(to) / float64(of)),
			Value: perRow(of, rows), Base: perRow(to, rows), Unit: unit, Rounds: c.rounds(w),
		})
	}
	return figures
}

// perRow is d in nanoseconds for each of rows, to a tenth.
func perRow(d time.Duration, rows int) float64 { return float64(int64(d)*10/int64(rows)) / 10 }

// launch runs a program to its end.
func launch(bin, dir string, args []string) (usage, error) {
	cmd := exec.Command(bin, args...)
	cmd.Dir = dir
	start := time.Now()
	out, err := cmd.CombinedOutput()
	clock := time.Since(start)
	if err != nil {
		return usage{}, fmt.Errorf("%w\n%s", err, out)
	}
	used := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	cpu := time.Duration(used.Utime.Nano() + used.Stime.Nano())
	return usage{start: start, cpu: cpu, clock: clock, peak: used.Maxrss << 10, log: string(out)}, nil
}

// launchAll runs a program in all folders at once, to the end of the last, and returns
// what one of them took if they had run one after the other.
func launchAll(bin string, dirs, args []string) (usage, error) {
	if len(dirs) == 1 {
		return launch(bin, dirs[0], args)
	}
	taken, errs := make([]usage, len(dirs)), make([]error, len(dirs))
	start := time.Now()
	var running sync.WaitGroup
	for i, dir := range dirs {
		running.Go(func() { taken[i], errs[i] = launch(bin, dir, args) })
	}
	running.Wait()
	clock, cpu := time.Since(start), time.Duration(0)
	for _, u := range taken {
		cpu += u.cpu
	}
	copies := time.Duration(len(dirs))
	return usage{start: start, cpu: cpu / copies, clock: clock / copies}, errors.Join(errs...)
}

// digest counts the lines of a file, or of all files of a folder, and sums their
// hashes, so that it does not depend on their order.
func digest(seed maphash.Seed, path string) (lines int, sum uint64, err error) {
	err = filepath.WalkDir(path, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		s := bufio.NewScanner(f)
		for ; s.Scan(); lines++ {
			sum += maphash.Bytes(seed, s.Bytes())
		}
		return s.Err()
	})
	return lines, sum, err
}

// median is the middle of what a candidate took.
func median(taken []usage, clock bool) time.Duration {
	ds := make([]time.Duration, len(taken))
	for i, u := range taken {
		if ds[i] = u.cpu; clock {
			ds[i] = u.clock
		}
	}
	slices.Sort(ds)
	return ds[len(ds)/2]
}

// round cuts a ratio to three digits after the point.
func round(x float64) float64 { return float64(int64(x*1000+0.5)) / 1000 }
