package rt_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/connector/file"
	"github.com/flow-lang/flowc/rt/value"
)

// asBinary, if set, makes the test binary a pipeline binary: its value says what
// the pipeline reads.
const asBinary = "RT_TEST_BINARY"

func TestMain(m *testing.M) {
	switch in := os.Getenv(asBinary); in {
	case "":
		os.Exit(m.Run())
	case "panic":
		rt.Main(rt.Spec{Name: "broken", Wire: wireBroken}, rt.Service{})
	default:
		follow := strings.HasSuffix(in, ".follow")
		rt.Main(temperature(file.Source{Path: in, Format: file.JSON{}, Follow: follow}, file.Sink{Path: "-", Format: file.JSON{}}, false), rt.Service{})
	}
}

// wireBroken wires a pipeline whose lane has a bug.
func wireBroken(g *rt.Graph) {
	out := g.Sink(rt.SinkSpec{Name: "out", Connector: file.Sink{Path: "-", Format: file.JSON{}}})
	rt.AddSource(g, rt.SourceSpec{Name: "in", Connector: file.Source{Path: "-", Format: file.JSON{}}}, func(t *rt.Task) broken {
		return broken{out.From(t)}
	})
}

type broken struct{ rows *rt.Rows }

func (broken) Block(b *rt.Block) { _ = b.Bytes[len(b.Bytes)] }

// binary returns the command of a pipeline binary that reads in.
func binary(t *testing.T, in string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self, args...)
	c.Env = append(os.Environ(), asBinary+"="+in)
	return c
}

func exitCode(err error) int {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	return 0
}

func TestBinary(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		in       string
		args     []string
		stdin    string
		wantCode int
		wantOut  string
		wantErr  string // a part of it
	}{
		{name: "standard input to standard output", in: "-", stdin: jumps, wantOut: `{"sensor":"a","temp":5,"jump":4}` + "\n",
			wantErr: "temperature_alerts: 2 records in, 1 out, "},
		{name: "a parameter", in: "-", args: []string{"--param", "threshold=4.5", "--quiet"}, stdin: jumps},
		{name: "help", in: "-", args: []string{"--help"}, wantOut: "threshold: float"},
		{name: "version", in: "-", args: []string{"version"}, wantOut: "temperature_alerts go1"},
		{name: "describe", in: "-", args: []string{"describe"}, wantOut: `step "temperature-jumps": temperature_jumps, key string`},
		{name: "wrong flag", in: "-", args: []string{"--parm", "a=1"}, wantCode: 2, wantErr: `did you mean "--param"?`},
		{name: "wrong parameter", in: "-", args: []string{"--param", "threshold=hot"}, wantCode: 2, wantErr: `"hot" is no float`},
		{name: "no such file", in: "missing.jsonl", wantCode: 1, wantErr: `source "readings": missing.jsonl: no such file`},
		{name: "malformed row", in: "-", stdin: jumps + "nonsense\n", wantCode: 1, wantOut: `"jump":4}` + "\n", wantErr: "stdin:3: "},
		{name: "a bug", in: "panic", stdin: "{}\n", wantCode: 3, wantErr: "this is a bug in flowc, not in your program: worker panicked: runtime error"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			c := binary(t, tt.in, tt.args...)
			c.Stdin, c.Stdout, c.Stderr = strings.NewReader(tt.stdin), &stdout, &stderr
			if got := exitCode(c.Run()); got != tt.wantCode {
				t.Errorf("exit code = %d, want %d", got, tt.wantCode)
			}
			if !strings.Contains(stdout.String(), tt.wantOut) || tt.wantOut == "" && stdout.Len() > 0 {
				t.Errorf("standard output = %q, want %q in it", stdout.String(), tt.wantOut)
			}
			if !strings.Contains(stderr.String(), tt.wantErr) || tt.wantErr == "" && stderr.Len() > 0 {
				t.Errorf("standard error = %q, want %q in it", stderr.String(), tt.wantErr)
			}
		})
	}
}

const jumps = `{"sensor":"a","at":"2024-05-01T12:00:00Z","temp":1}
{"sensor":"a","at":"2024-05-01T12:00:01Z","temp":5}
`

// TestSignal stops a pipeline that follows a file: it ends well, with all that
// was read.
func TestSignal(t *testing.T) {
	t.Parallel()
	for _, signal := range []os.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(fmt.Sprint(signal), func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "in.follow")
			if err := os.WriteFile(path, []byte(jumps), 0o666); err != nil {
				t.Fatal(err)
			}
			c := binary(t, path)
			var stderr bytes.Buffer
			c.Stderr = &stderr
			out, err := c.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			first := make([]byte, 33)
			if _, err := io.ReadFull(out, first); err != nil { // the row comes before the stop
				t.Fatal(err)
			}
			if err := c.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			rest, _ := io.ReadAll(out)
			if err := c.Wait(); err != nil || len(rest) > 0 {
				t.Errorf("Wait() = %v, further output %q", err, rest)
			}
			if want := ", stopped before the end of the input\n"; !strings.HasSuffix(stderr.String(), want) {
				t.Errorf("standard error = %q, want it to end with %q", stderr.String(), want)
			}
		})
	}
}

// TestBrokenPipe: a reader that goes away is an error with a name, not a
// silent death.
func TestBrokenPipe(t *testing.T) {
	t.Parallel()
	_, json, _ := measurements(20_000, 10)
	c := binary(t, "-")
	var stderr bytes.Buffer
	c.Stdin, c.Stderr = bytes.NewReader(json), &stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	_ = out.Close()
	err = c.Wait()
	want := "sink \"alerts\": standard output: whoever read it has gone (broken pipe)\n"
	if diff := cmp.Diff(want, stderr.String()); exitCode(err) != 1 || diff != "" {
		t.Errorf("exit code = %d, standard error (-want +got):\n%s", exitCode(err), diff)
	}
}

// ticker is an operator with a processing-time timer per record: that of the first is
// due soon, and those of others in an hour.
type ticker struct {
	rt.Stateless
	t    *rt.Task
	wait value.Duration
	due  []value.Timestamp
	rows *rt.Rows
}

func (o *ticker) handle(in *rt.Batch[reading]) {
	for range in.Recs {
		o.due = append(o.due, o.t.Now()+value.Timestamp(o.wait))
		o.wait = value.Hour
	}
}

func (o *ticker) Clock(now value.Timestamp) value.Timestamp {
	for len(o.due) > 0 && o.due[0] <= now {
		o.due = o.due[1:]
		o.rows.End(append(o.rows.Begin(), "tick\n"...))
	}
	if len(o.due) == 0 {
		return value.MaxTime
	}
	return o.due[0]
}

func (o *ticker) Waiting() int { return len(o.due) }

// TestProcessingTime: a timer of processing time fires without further input;
// those that are set when the input ends do not.
func TestProcessingTime(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	outR, outW := io.Pipe()
	spec := rt.Spec{Name: "ticks", Wire: func(g *rt.Graph) {
		out := g.Sink(rt.SinkSpec{Name: "out", Connector: file.Sink{Path: "-", Format: file.JSON{}}})
		stage := rt.NewStage(g, rt.StageSpec{Name: "ticker"}, func(t *rt.Task) *ticker { return &ticker{t: t, wait: 20 * value.Millisecond, rows: out.From(t)} })
		edge := rt.Connect(stage, "r", (*ticker).handle, ownReading)
		rt.AddSource(g, rt.SourceSpec{Name: "in", Connector: file.Source{Path: "-", Format: file.JSON{}}}, func(t *rt.Task) *readings {
			return &readings{t: t, jumps: edge.From(t)}
		})
	}}
	var stats rt.Stats
	done := make(chan error)
	go func() {
		err := rt.Run(t.Context(), spec, rt.Options{Parallelism: 2, Stdin: r, Stdout: outW, Report: func(s rt.Stats) { stats = s }})
		_ = outW.Close()
		done <- err
	}()
	row := strings.SplitAfter(jumps, "\n")[0]
	if _, err := io.WriteString(w, row); err != nil {
		t.Fatal(err)
	}
	tick := make([]byte, 5)
	if _, err := io.ReadFull(outR, tick); err != nil || string(tick) != "tick\n" {
		t.Fatalf("read %q, %v", tick, err)
	}
	if _, err := io.WriteString(w, row+row); err != nil {
		t.Fatal(err)
	}
	_ = w.Close()
	rest, _ := io.ReadAll(outR)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if stats.Waiting != 2 || len(rest) > 0 || stats.Duration < 20*time.Millisecond {
		t.Errorf("stats = %+v, rest = %q, want two timers that did not fire", stats, rest)
	}
}
