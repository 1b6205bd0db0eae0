// Package runner is the body of the binary that the differential test builds
// out of many generated programs: it runs each as often as it is told, over a
// file system in memory, and prints what came out.
//
// A list of [Task] comes in as JSON, one [Result] a line goes out. A result is
// announced by its task's number alone before the program starts, so that the
// test knows which one it was if the process dies.
package runner

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/flow-lang/flowc/rt"
	_ "github.com/flow-lang/flowc/rt/state/memstore"    // backends
	_ "github.com/flow-lang/flowc/rt/state/pebblestore" // that tasks name
	"github.com/flow-lang/flowc/rt/value"
	"github.com/flow-lang/flowc/rt/vfs"
)

// Task is one run of a program.
type Task struct {
	Program     int      // index of the program
	Rows        []string // lines of the file in.jsonl; nil means those of the task before, of the same program
	File        []byte   // in.jsonl where its rows are no text; nil means Rows
	Sinks       []string // each writes to the file called so, with .jsonl
	Parallelism int
	BlockSize   int   // bytes
	Window      int   // blocks in flight; 0 means the default
	Now         int64 // processing time, which stands still, µs
	Mutant      uint8 // rt.Mutant, for tests of this test
	// Before is the parallelism of a job that handles the first Half rows and ends
	// with a savepoint, from which the job goes on; 0 means that there is none.
	Before, Half int
	// State is a backend in which the job that goes on has its state. The first rows
	// are handled once more by a job of parallelism Beside that has its state there,
	// and whose savepoint must be the same.
	State  string
	Beside int
	Loose  bool // the two savepoints need not be the same
	// Clock is how much processing time passes before each row, µs. The rows are then
	// fed one by one on the rig of test blocks, where processing time does not stand
	// still, and once more with the job killed and restored before any of them, with
	// its state in memory and in the backend.
	Clock []int64
}

// Result is what a run gave.
type Result struct {
	Task    int
	Started bool // an announcement: nothing else is set
	Sinks   map[string][]string
	Failure *Failure // nil if the input came to its end
	Trouble string   // an error that no program should bring about
	// Same says that the run gave what the first run of its program gave, which
	// came to its end; nothing else is set then but Task.
	Same bool
}

// Failure is the error of a record.
type Failure struct{ Place, Reason, Record string }

// patience is how long a run may take before it counts as hanging.
const patience = 2 * time.Minute

// Main runs the tasks that it reads.
func Main(programs []func() rt.Spec) {
	if err := run(programs, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(programs []func() rt.Spec, in io.Reader, out io.Writer) error {
	var tasks []Task
	if err := json.NewDecoder(bufio.NewReader(in)).Decode(&tasks); err != nil {
		return fmt.Errorf("read tasks: %w", err)
	}
	results := json.NewEncoder(out)
	var first Result
	for i, task := range tasks {
		again := i > 0 && tasks[i-1].Program == task.Program
		if again && task.Rows == nil {
			task.Rows = tasks[i-1].Rows
			tasks[i].Rows = task.Rows
		}
		if err := results.Encode(Result{Task: i, Started: true}); err != nil {
			return err
		}
		r := runTask(programs[task.Program](), task)
		switch {
		case !again:
			first = r
		case same(first, r):
			r = Result{Same: true}
		}
		r.Task = i
		if err := results.Encode(r); err != nil {
			return err
		}
	}
	return nil
}

// runTask runs one program once.
func runTask(spec rt.Spec, task Task) Result {
	fs := vfs.NewMem()
	text := strings.Join(task.Rows, "\n")
	if task.Clock != nil {
		return runOnRig(spec, task)
	}
	if task.File != nil {
		text = string(task.File)
	}
	if err := write(fs, "in.jsonl", text); err != nil {
		return Result{Trouble: err.Error()}
	}
	opts := rt.Options{
		FS: fs, Parallelism: task.Parallelism, BlockSize: task.BlockSize, Window: task.Window,
		Poison: true, Mutant: rt.Mutant(task.Mutant),
		Now: func() value.Timestamp { return value.Timestamp(task.Now) },
	}
	if task.Before == 0 {
		return runJob(fs, spec, task, opts)
	}
	r, err := runHalf(fs, spec, task, opts)
	if err != nil {
		r.Trouble = err.Error()
	}
	if r.Trouble != "" || r.Failure != nil {
		return r
	}
	opts.From = "savepoint"
	if err := write(fs, "in.jsonl", strings.Join(task.Rows, "\n")); err != nil {
		return Result{Trouble: err.Error()}
	}
	dir, err := inBackend(&opts, task.State)
	if err != nil {
		return Result{Trouble: err.Error()}
	}
	defer os.RemoveAll(dir)
	return runJob(fs, spec, task, opts)
}

// inBackend has a job keep its state in a backend, and hardly anything in memory.
// The folder is for what that needs.
func inBackend(o *rt.Options, backend string) (dir string, err error) {
	dir, err = os.MkdirTemp("", "flow-runner-")
	o.State, o.StateDir, o.CacheSize = backend, dir, 1
	return dir, err
}

// runHalf handles the first half of the rows and leaves a savepoint, the one that
// every backend and parallelism leaves.
func runHalf(fs vfs.FS, spec rt.Spec, task Task, opts rt.Options) (Result, error) {
	if err := write(fs, "in.jsonl", strings.Join(task.Rows[:task.Half], "\n")+"\n"); err != nil {
		return Result{}, err
	}
	opts.Random = func() uint64 { return 1 }
	opts.Parallelism, opts.SavepointOnEnd = task.Before, "savepoint"
	r := runJob(fs, spec, task, opts)
	if r.Trouble != "" || r.Failure != nil {
		return r, nil
	}
	dir, err := inBackend(&opts, task.State)
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(dir)
	opts.Parallelism, opts.SavepointOnEnd = task.Beside, "beside"
	if r := runJob(fs, spec, task, opts); r.Trouble != "" || r.Failure != nil {
		return r, nil
	}
	if task.Loose {
		return r, nil
	}
	return r, sameFiles(fs, "savepoint", "beside")
}

// sameFiles reports a difference between two folders.
func sameFiles(fs vfs.FS, a, b string) error {
	left, err := fs.List(a)
	if err != nil {
		return err
	}
	right, err := fs.List(b)
	if err != nil {
		return err
	}
	if !slices.Equal(left, right) {
		return fmt.Errorf("savepoints differ: one has %q, the other %q", left, right)
	}
	for _, name := range left {
		one, err := vfs.ReadFile(fs, fs.PathJoin(a, name))
		if err != nil {
			return err
		}
		other, err := vfs.ReadFile(fs, fs.PathJoin(b, name))
		if err != nil {
			return err
		}
		if !bytes.Equal(one, other) {
			return fmt.Errorf("savepoints differ in %s:\n%q\n%q", name, one, other)
		}
	}
	return nil
}

// runJob runs a job to its end and reads what it has written.
func runJob(fs vfs.FS, spec rt.Spec, task Task, opts rt.Options) Result {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- rt.Run(ctx, spec, opts) }()
	select {
	case err := <-done:
		if ctx.Err() != nil {
			return Result{Trouble: "the run did not end in " + patience.String()}
		}
		return gather(fs, task, err)
	case <-time.After(2 * patience):
		stacks := make([]byte, 1<<16)
		return Result{Trouble: "the run hangs\n" + string(stacks[:runtime.Stack(stacks, true)])}
	}
}

func write(fs vfs.FS, name, text string) error {
	f, err := fs.Create(name)
	if err != nil {
		return err
	}
	if _, err := f.Write([]byte(text)); err != nil {
		return err
	}
	return f.Close()
}

// gather reads what a run has written.
func gather(fs vfs.FS, task Task, err error) Result {
	r := Result{Sinks: map[string][]string{}}
	var record *rt.RecordError
	var bug *rt.Bug
	switch {
	case errors.As(err, &record):
		r.Failure = &Failure{record.Place, record.Reason, record.Record}
	case errors.As(err, &bug):
		r.Trouble = fmt.Sprintf("%v\n%s", bug, bug.Stack)
		return r
	case err != nil:
		r.Trouble = err.Error()
		return r
	}
	for _, s := range task.Sinks {
		lines, err := read(fs, s+".jsonl")
		if err != nil && r.Failure == nil {
			r.Trouble = err.Error()
			return r
		}
		r.Sinks[s] = lines
	}
	return r
}

func read(fs vfs.FS, name string) ([]string, error) {
	f, err := fs.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(string(text), "\n")
	return lines[:len(lines)-1], nil
}
