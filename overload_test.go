//go:build linux

package flowc_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/flow-lang/flowc/reliability"
)

// numbering is a program whose output proves itself: the records of each key come
// out with the numbers from 1 on.
const numbering = `pipeline numbering

record Event { key: string, n: int, pad: string }

source events: Event = jsonl("in.jsonl")

operator number {
  in  e: Event key e.key
  out Event
  state count: value<int> = 0 forever
  on e {
    count += 1
    emit Event { key: key, n: count, pad: e.pad }
  }
}

stream numbered = events |> number uid "number"

sink numbered to jsonl(stdout)
`

// overload is more than a pipeline, or who reads its output, has room for.
type overload struct {
	name string
	rows int
	pad  int                       // bytes of a row
	key  func(row int) int         // of a row
	read func(io.Reader) io.Reader // who reads the output
}

// slowReader reads so many bytes a second.
type slowReader struct {
	io.Reader
	rate  int
	began time.Time
	read  int
}

func (r *slowReader) Read(b []byte) (int, error) {
	n, err := r.Reader.Read(b)
	r.read += n
	time.Sleep(time.Until(r.began.Add(time.Duration(r.read) * time.Second / time.Duration(r.rate))))
	return n, err
}

// stallingReader stops once in the middle.
type stallingReader struct {
	io.Reader
	left  int // bytes until it stops
	stall time.Duration
}

func (r *stallingReader) Read(b []byte) (int, error) {
	n, err := r.Reader.Read(b)
	if r.left -= n; r.left <= 0 && r.stall > 0 {
		time.Sleep(r.stall)
		r.stall = 0
	}
	return n, err
}

// TestOverloadedPipelines: what reads the output is ten times as slow as the source,
// or stops for seconds; nearly all records have one key; records are as large as they
// may be. Nothing is lost or doubled, memory stays what it is without, and checkpoints
// are taken all the while.
func TestOverloadedPipelines(t *testing.T) {
	t.Parallel()
	size := reliability.Size(1, 5, 50)
	stall := time.Duration(min(size, 5)) * time.Second
	bytes := size << 23
	even := func(row int) int { return row % 1000 }
	cases := []overload{
		{name: "a slow reader", rows: bytes / 256, pad: 200, key: even,
			read: func(r io.Reader) io.Reader { return &slowReader{Reader: r, rate: 10 << 20, began: time.Now()} }},
		{name: "a reader that stops", rows: bytes / 256, pad: 200, key: even,
			read: func(r io.Reader) io.Reader { return &stallingReader{Reader: r, left: bytes / 2, stall: stall} }},
		{name: "one key has nearly all", rows: bytes / 256, pad: 200, key: func(row int) int {
			if row%10 == 0 {
				return row % 1000
			}
			return 0
		}},
		{name: "records of a mebibyte", rows: bytes >> 20, pad: 1<<20 - 100, key: even},
	}
	dir := t.TempDir()
	program, binary := filepath.Join(dir, "numbering.flow"), filepath.Join(dir, "numbering")
	if err := os.WriteFile(program, []byte(numbering), 0o666); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(flowc(t), "build", "--backends", "memory", "-o", binary, program).CombinedOutput(); err != nil {
		t.Fatalf("flowc build: %v\n%s", err, out)
	}
	bad, rows := 0, 0
	for _, c := range cases {
		rows += c.rows
		if err := c.run(binary, filepath.Join(dir, strings.ReplaceAll(c.name, " ", "-"))); err != nil {
			bad++
			t.Errorf("%s: %v", c.name, err)
		}
	}
	reliability.Note(t, "T13", bad, reliability.Count{Name: "cases", N: int64(len(cases))}, reliability.Count{Name: "records", N: int64(rows)})
}

// run runs the pipeline, once with its output read at once, and once as the case
// says.
func (c *overload) run(binary, dir string) error {
	if err := os.Mkdir(dir, 0o777); err != nil {
		return err
	}
	in, err := os.Create(filepath.Join(dir, "in.jsonl"))
	if err != nil {
		return err
	}
	w, pad := bufio.NewWriter(in), strings.Repeat("x", c.pad)
	want := map[string]int{}
	for row := range c.rows {
		key := fmt.Sprintf("k%d", c.key(row))
		want[key]++
		fmt.Fprintf(w, `{"key":%q,"n":%d,"pad":%q}`+"\n", key, row, pad)
	}
	if err := errors.Join(w.Flush(), in.Close()); err != nil {
		return err
	}
	plain, err := c.start(binary, dir, want, nil)
	if err != nil {
		return fmt.Errorf("without a load: %w", err)
	}
	loaded, err := c.start(binary, dir, want, c.read)
	if err != nil {
		return err
	}
	// Queues are bounded; a fifth more is what a collection of garbage later makes.
	if most := plain*6/5 + 8<<10; loaded > most {
		return fmt.Errorf("it takes %d KiB, and without a load %d KiB", loaded, plain)
	}
	return nil
}

// start runs the pipeline with checkpoints, checks what comes out, and returns the
// most memory that it took, in KiB.
func (c *overload) start(binary, dir string, want map[string]int, read func(io.Reader) io.Reader) (peak int64, err error) {
	cmd := exec.Command(binary, "--checkpoint-to", "cp", "--checkpoint-interval", "200ms", "--parallelism", "2", "--fresh")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOGC=20") // so that what is held counts, and not when garbage is collected
	var said strings.Builder
	cmd.Stderr = &said
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	var out io.Reader = pipe
	if read != nil {
		out = read(pipe)
	}
	most := peakOf(cmd.Process.Pid)
	wrong := numbered(out, want)
	err = cmd.Wait()
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, said.String())
	}
	peak = <-most
	if peak == 0 && err == nil {
		err = errors.New("its memory could not be read")
	}
	return peak, errors.Join(wrong, err)
}

// peakOf watches a process until it ends, and sends the most memory that it took,
// in KiB. What wait4 says of a child is no measure: Linux counts what this process
// took before the child's exec, too.
func peakOf(pid int) <-chan int64 {
	most := make(chan int64, 1)
	go func() {
		var peak int64
		for {
			status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
			_, after, alive := strings.Cut(string(status), "VmHWM:")
			if err != nil || !alive {
				most <- peak
				return
			}
			kib, _, _ := strings.Cut(strings.TrimSpace(after), " ")
			if n, err := strconv.ParseInt(kib, 10, 64); err == nil {
				peak = max(peak, n)
			}
			time.Sleep(time.Millisecond)
		}
	}()
	return most
}

// numbered reads output to its end and checks that each key has its numbers in
// order.
func numbered(out io.Reader, want map[string]int) error {
	last, wrong := map[string]int{}, error(nil)
	in := bufio.NewReaderSize(out, 1<<16)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			break
		}
		var r struct {
			Key string `json:"key"`
			N   int    `json:"n"`
		}
		if err := json.Unmarshal(line, &r); err != nil && wrong == nil {
			wrong = err
		}
		if r.N != last[r.Key]+1 && wrong == nil {
			wrong = fmt.Errorf("of %s number %d comes after %d", r.Key, r.N, last[r.Key])
		}
		last[r.Key] = r.N
	}
	for key, n := range want {
		if last[key] != n && wrong == nil {
			wrong = fmt.Errorf("%d records of %s come out, and %d went in", last[key], key, n)
		}
	}
	return wrong
}
