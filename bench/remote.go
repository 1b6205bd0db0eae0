package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

// Of the contest about remote functions.
const (
	remoteProg  = "bench/remote/remote.flow"
	remoteKeys  = 64
	remoteBatch = 31 // 2000 in flight, by key
	remoteRate  = 50_000
	slowKeys    = 16 // while answers are timed
)

// measureRemote makes the same calls by a pipeline and by hand, to a server that
// does nothing but answer, and times answers at half of the rate that is the goal.
func measureRemote(w *workshop) ([]Figure, error) {
	server, err := w.goProgram("./bench/hand/function")
	if err != nil {
		return nil, err
	}
	calls, err := w.goProgram("./bench/hand/calls")
	if err != nil {
		return nil, err
	}
	bin, err := w.flowProgram(remoteProg)
	if err != nil {
		return nil, err
	}
	addr, err := freeAddress()
	if err != nil {
		return nil, err
	}
	serving := exec.Command(server, addr)
	if err := serving.Start(); err != nil {
		return nil, err
	}
	defer func() {
		_ = serving.Process.Kill()
		_ = serving.Wait()
	}()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if c, err := net.Dial("tcp", addr); err == nil {
			_ = c.Close()
			break
		} else if time.Now().After(end) {
			return nil, fmt.Errorf("bench/hand/function: %w", err)
		}
	}
	n := max(w.rows/5, 10*remoteRate) / remoteKeys * remoteKeys
	in := filepath.Join(w.dir, "remote.jsonl")
	if err := os.WriteFile(in, rowsToCall(n), 0o666); err != nil {
		return nil, err
	}
	var pipeline, byHand []usage
	var p99 []time.Duration
	for round := range w.rounds + 1 { // the first warms up
		fast, err := invokeAll(w, bin, addr, in, n)
		if err != nil {
			return nil, err
		}
		bare, err := launch(calls, w.dir, []string{"http://" + addr + "/", strconv.Itoa(n), strconv.Itoa(remoteKeys), strconv.Itoa(remoteBatch)})
		if err != nil {
			return nil, err
		}
		slow := invoking{bin: bin, addr: addr, rows: 4 * remoteRate / 2, rate: remoteRate / 2, keys: slowKeys}
		if err := slow.run(); err != nil {
			return nil, err
		}
		if round > 0 {
			pipeline, byHand = append(pipeline, fast), append(byHand, bare)
			p99 = append(p99, quantile(slow.took, 0.99))
		}
	}
	of, to := median(pipeline, true), median(byHand, true)
	perSecond := float64(n) / of.Seconds()
	return []Figure{
		{
			Name: "remote/in batches", Against: "bare HTTP client", Ratio: round(float64(to) / float64(of)), Goal: 0.8, Better: "higher",
			Value: perRow(of, n), Base: perRow(to, n), Unit: "ns per invocation", Rounds: w.rounds,
		},
		{
			Name: "remote/in batches", Against: "50,000 a second", Ratio: round(perSecond / remoteRate), Goal: 1, Better: "higher",
			Value: round(perSecond), Base: remoteRate, Unit: "invocations/s", Rounds: w.rounds,
		},
		micros("remote/25,000 a second, p99", p99, 5000),
	}, nil
}

// rowsToCall are n rows of all keys in turn.
func rowsToCall(n int) (rows []byte) {
	for i := range n {
		rows = fmt.Appendf(rows, `{"id":%d,"user":"u%d","sent":0}`+"\n", i, i%remoteKeys)
	}
	return rows
}

// invokeAll runs the pipeline over a file as fast as it can. Nobody but the two
// sides of the calls uses the cores meanwhile, as with the client by hand.
func invokeAll(w *workshop, bin, addr, in string, rows int) (usage, error) {
	from, err := os.Open(in)
	if err != nil {
		return usage{}, err
	}
	defer from.Close()
	path := filepath.Join(w.dir, "answers.jsonl")
	to, err := os.Create(path)
	if err != nil {
		return usage{}, err
	}
	defer to.Close()
	cmd := exec.Command(bin, "--quiet", "--parallelism", "1")
	cmd.Env = append(os.Environ(), "ECHO=http://"+addr+"/")
	var said bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = from, to, &said
	begun := time.Now()
	err = cmd.Run()
	lasted := time.Since(begun)
	if err != nil {
		return usage{}, fmt.Errorf("%w\n%s", err, said.Bytes())
	}
	answers, err := os.ReadFile(path)
	if n := bytes.Count(answers, []byte("\n")); err == nil && n != rows {
		err = fmt.Errorf("%d rows gave %d answers", rows, n)
	}
	return usage{clock: lasted}, err
}

// invoking is one run of the pipeline that calls, while answers are timed.
type invoking struct {
	bin, addr string
	rows      int
	keys      int
	rate      int // rows a second

	answers int
	took    []time.Duration // from when a row was given until its answer came, but for the first second, in which all starts
}

func (v *invoking) run() error {
	cmd := exec.Command(v.bin, "--quiet", "--parallelism", "1")
	cmd.Env = append(os.Environ(), "ECHO=http://"+v.addr+"/")
	var said bytes.Buffer
	cmd.Stderr = &said
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	begun := time.Now()
	var fed error
	var feeding sync.WaitGroup
	feeding.Go(func() { fed = v.feed(in, begun) })
	read := v.read(out, begun)
	feeding.Wait()
	if err := cmd.Wait(); err != nil || fed != nil || read != nil {
		return fmt.Errorf("%w, %w, %w\n%s", err, fed, read, said.Bytes())
	}
	if v.answers != v.rows {
		return fmt.Errorf("%d rows gave %d answers", v.rows, v.answers)
	}
	return nil
}

// feed gives rows that say when they were given, those of each 2 ms together.
func (v *invoking) feed(in io.WriteCloser, begun time.Time) error {
	w := bufio.NewWriterSize(in, 64<<10)
	for i := range v.rows {
		if i%(v.rate/500) == 0 {
			if err := w.Flush(); err != nil {
				return err
			}
			time.Sleep(time.Until(begun.Add(time.Duration(i) * time.Second / time.Duration(v.rate))))
		}
		row := fmt.Appendf(w.AvailableBuffer(), `{"id":%d,"user":"u%d","sent":%d}`+"\n", i, i%v.keys, time.Since(begun).Microseconds())
		if _, err := w.Write(row); err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return in.Close()
}

// read reads answers to the end.
func (v *invoking) read(out io.Reader, begun time.Time) error {
	v.took = make([]time.Duration, 0, v.rows)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		now := time.Since(begun)
		_, text, _ := bytes.Cut(lines.Bytes(), []byte(`"sent":`))
		sent, err := strconv.ParseInt(string(bytes.TrimRight(text, "}")), 10, 64)
		if err != nil {
			return fmt.Errorf("an answer without the time: %s", lines.Bytes())
		}
		v.answers++
		if at := time.Duration(sent) * time.Microsecond; at >= time.Second {
			v.took = append(v.took, now-at)
		}
	}
	return lines.Err()
}
