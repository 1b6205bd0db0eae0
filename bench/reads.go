package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/flow-lang/flowc/rt/serve/certificate"
)

// Of the contest about being asked and watched.
const (
	readKeys   = 10_000
	readRate   = 1_000_000 // rows a second while reads are timed
	readsAtOne = 5000      // reads a second
	idleConns  = 1000
	readProg   = "bench/serve/last.flow"
)

// reads is what it costs a pipeline of one shard to be asked and watched, and how
// long answers take. Times are of a load of a million rows a second. The cost is
// of a pipeline that takes as many rows as it can: in CPU time of its own for each
// row, and in rows by the clock, where who asks and who feeds the pipeline want
// their part of the cores, too; what is left of that when another program answers
// instead is beside it, as is what one read takes of the pipeline and of that program.
var reads = []measurement{
	{name: "reads", run: measureReads, also: []string{
		"reads/inside, p50", "reads/inside, p99", "reads/http, p50", "reads/http, p99", "reads/https, p50", "reads/https, p99", "reads/asked", "reads/asked, clock", "reads/one", "reads/watched", "reads/watched, clock",
	}},
}

func measureReads(w *workshop) ([]Figure, error) {
	inside, err := readInside(w)
	if err != nil {
		return nil, err
	}
	bin, err := w.flowProgram(readProg)
	if err != nil {
		return nil, err
	}
	rows := rowsToRead(4 * readRate)
	figures := inside
	cert, key, err := certificate.Write(w.dir)
	if err != nil {
		return nil, err
	}
	for _, way := range []struct {
		name  string
		flags []string
	}{{"http", nil}, {"https", []string{"--http-cert", cert, "--http-key", key}}} {
		var p50, p99 []time.Duration
		for range w.rounds {
			r := reading{bin: bin, flags: way.flags, rows: rows, times: 1, rate: readRate, look: crowd}
			if err := r.run(); err != nil {
				return nil, err
			}
			p50, p99 = append(p50, quantile(r.took, 0.5)), append(p99, quantile(r.took, 0.99))
		}
		figures = append(figures,
			micros("reads/"+way.name+", p50", p50, 200),
			micros("reads/"+way.name+", p99", p99, 2000),
		)
	}
	costs, err := readCosts(w, bin)
	return append(figures, costs...), err
}

// micros holds the median of times against a limit in µs.
func micros(name string, taken []time.Duration, limit float64) Figure {
	return against(name, float64(quantile(taken, 0.5).Nanoseconds())/1000, limit, "µs", len(taken))
}

// quantile returns the q-quantile of times, which it sorts.
func quantile(taken []time.Duration, q float64) time.Duration {
	slices.Sort(taken)
	return taken[int(q*float64(len(taken)-1))]
}

// readInside times the runtime's own call in a program of one process.
func readInside(w *workshop) ([]Figure, error) {
	bin, err := w.build("inside", func(bin string) *exec.Cmd {
		dir := filepath.Join(w.dir, "inside")
		return exec.Command("sh", "-ec", fmt.Sprintf(`cp -r bench/serve/inside %[1]q
cp bench/serve/last.flow %[1]q
cd %[1]q
%[2]q build last.flow --package last
GOFLAGS=-mod=mod go build -o %[3]q .`, dir, w.flowc, bin))
	})
	if err != nil {
		return nil, err
	}
	var p50, p99 []time.Duration
	for range w.rounds {
		out, err := exec.Command(bin, strconv.Itoa(4*readRate), strconv.Itoa(readRate), strconv.Itoa(readsAtOne)).Output()
		if err != nil {
			return nil, fmt.Errorf("inside: %w", err)
		}
		var took []time.Duration
		for text := range strings.FieldsSeq(string(out)) {
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				return nil, fmt.Errorf("inside: %w", err)
			}
			took = append(took, time.Duration(n))
		}
		if len(took) == 0 {
			return nil, fmt.Errorf("inside: no read was answered")
		}
		p50, p99 = append(p50, quantile(took, 0.5)), append(p99, quantile(took, 0.99))
	}
	return []Figure{micros("reads/inside, p50", p50, 5), micros("reads/inside, p99", p99, 2000)}, nil
}

// readCosts runs the pipeline as fast as it can, alone, asked, and watched.
func readCosts(w *workshop, bin string) ([]Figure, error) {
	rows := rowsToRead(max(12_000_000, w.rows))
	other, leave, err := answering(w)
	if err != nil {
		return nil, err
	}
	defer leave()
	ways := []struct {
		look       look
		cpu, clock []float64     // ns per row
		took       time.Duration // of CPU, in the last round
		reads      int           // in all rounds
	}{{look: alone}, {look: crowd}, {look: watch}, {look: instead(other, crowd)}}
	var one []float64                 // µs of CPU per read
	for round := range w.rounds + 1 { // the first warms up
		for i := range ways {
			r := reading{bin: bin, rows: rows, times: 3, look: ways[i].look}
			if err := r.run(); err != nil {
				return nil, err
			}
			ways[i].took, ways[i].reads = r.cpu, ways[i].reads+len(r.took)
			if i == 1 && round > 0 {
				one = append(one, micro(r.cpu-ways[0].took)/float64(len(r.took)))
			}
			if round > 0 {
				n := float64(len(rows) / readRowSize * r.times)
				ways[i].cpu = append(ways[i].cpu, float64(r.cpu.Nanoseconds())/n)
				ways[i].clock = append(ways[i].clock, float64(r.lasted.Nanoseconds())/n)
			}
		}
	}
	cost := func(name, against string, of, to []float64, unit string, goal float64) Figure {
		slices.Sort(of)
		slices.Sort(to)
		value, base := of[len(of)/2], to[len(to)/2]
		return Figure{
			Name: name, Against: against, Ratio: round(base / value), Goal: goal, Better: "higher",
			Value: round(value), Base: round(base), Unit: unit, Rounds: w.rounds,
		}
	}
	least := []float64{micro(leave()) / float64(ways[3].reads)}
	const cpu, clock = "ns of CPU per row", "ns per row"
	return []Figure{
		cost("reads/asked", "nobody asks", ways[1].cpu, ways[0].cpu, cpu, 0.9),
		cost("reads/asked, clock", "nobody asks", ways[1].clock, ways[0].clock, clock, 0),
		cost("reads/asked, clock", "another is asked", ways[1].clock, ways[3].clock, clock, 0.95),
		cost("reads/one", "another is asked", one, least, "µs of CPU per read", 0),
		cost("reads/watched", "nobody asks", ways[2].cpu, ways[0].cpu, cpu, 0.98),
		cost("reads/watched, clock", "nobody asks", ways[2].clock, ways[0].clock, clock, 0.98),
	}, nil
}

// micro returns d in µs.
func micro(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }

// answering starts a program that answers as fast as one can, and knows nothing. It
// ends when leave is called, which returns what it has taken of CPU time.
func answering(w *workshop) (addr string, leave func() time.Duration, err error) {
	bin, err := w.goProgram("./bench/hand/answers")
	if err != nil {
		return "", nil, err
	}
	if addr, err = freeAddress(); err != nil {
		return "", nil, err
	}
	cmd := exec.Command(bin, addr)
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	leave = func() time.Duration {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	}
	if err := awaitReady(addr); err != nil {
		leave()
		return "", nil, err
	}
	return addr, leave, nil
}

// instead looks at another address than that of the pipeline.
func instead(addr string, at look) look {
	return func(string) (func(<-chan struct{}) ([]time.Duration, error), error) { return at(addr) }
}

// readRowSize is the number of bytes of a row.
const readRowSize = 37

func rowsToRead(n int) []byte {
	rows := make([]byte, 0, readRowSize*n)
	for i := range n {
		rows = fmt.Appendf(rows, "{\"sensor\":\"s%04d\",\"n\":%013d}\n", i*7919%readKeys, i+1_000_000_000_000)
	}
	return rows
}

// reading is one run of the pipeline while somebody looks at it.
type reading struct {
	bin   string
	flags []string // beside those that all runs have
	rows  []byte
	times int // how often the rows are given
	rate  int // rows a second; 0 for as many as are taken
	look  look

	lasted time.Duration // from the first row that was given until the pipe had taken the last
	cpu    time.Duration // of the pipeline, from its start to its end
	took   []time.Duration
}

func (r *reading) run() error {
	addr, err := freeAddress()
	if err != nil {
		return err
	}
	cmd := exec.Command(r.bin, append([]string{"--quiet", "--parallelism", "1", "--http", addr}, r.flags...)...)
	if r.flags != nil {
		addr = "https://" + addr
	}
	var said bytes.Buffer
	cmd.Stderr = &said
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	if err := awaitReady(addr); err != nil {
		_ = cmd.Process.Kill()
		return fmt.Errorf("%w: %w\n%s", err, cmd.Wait(), said.Bytes())
	}
	goOn, err := r.look(addr)
	if err != nil {
		_ = cmd.Process.Kill()
		return fmt.Errorf("%w: %w\n%s", err, cmd.Wait(), said.Bytes())
	}
	over := make(chan struct{})
	var looked error
	var looking sync.WaitGroup
	looking.Go(func() { r.took, looked = goOn(over) })
	begun := time.Now()
	fed := r.feed(in)
	r.lasted = time.Since(begun)
	close(over)
	looking.Wait()
	closed := in.Close() // the job ends, and answers no more
	if err := errors.Join(cmd.Wait(), fed, closed, looked); err != nil {
		return fmt.Errorf("%w\n%s", err, said.Bytes())
	}
	r.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return nil
}

// feed gives the rows in pieces of 64 KiB, as a pipe takes them.
func (r *reading) feed(in io.Writer) error {
	begun := time.Now()
	for range r.times {
		for at := 0; at < len(r.rows); at += 64 << 10 {
			if r.rate > 0 {
				time.Sleep(time.Until(begun.Add(time.Duration(at/readRowSize) * time.Second / time.Duration(r.rate))))
			}
			if _, err := in.Write(r.rows[at:min(at+64<<10, len(r.rows))]); err != nil {
				return err
			}
		}
	}
	return nil
}
