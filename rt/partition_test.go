package rt_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/connector/file"
	"github.com/flow-lang/flowc/rt/value"
)

// live is a source whose partitions are channels of blocks of rows.
type live []chan string

func (l live) Describe() string { return "live" }

func (l live) Open(*rt.Env, []json.RawMessage) (readers []rt.Reader, err error) {
	for _, ch := range l {
		readers = append(readers, liveReader(ch))
	}
	return readers, nil
}

type liveReader chan string

func (liveReader) Bounded() bool { return false }
func (liveReader) Close() error  { return nil }
func (liveReader) Position() any { return nil }

func (r liveReader) Read(ctx context.Context, b *rt.Block) error {
	select {
	case text, ok := <-r:
		if !ok {
			return io.EOF
		}
		b.Bytes, b.Path, b.Line = append(b.Bytes, text...), "live", 1
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func row(sensor string, at value.Timestamp, temp float64) string {
	return fmt.Sprintf(`{"sensor":"%s","at":"%s","temp":%v}`+"\n", sensor, value.FormatTimestamp(at), temp)
}

// marks is an operator that writes what watermark each record sees, and each
// rise of it.
type marks struct {
	rt.Stateless
	rows *rt.Rows
}

func (o *marks) handle(in *rt.Batch[reading]) {
	for i := range in.Recs {
		o.rows.End(fmt.Appendf(o.rows.Begin(), "%s %d\n", in.Recs[i].Sensor, in.Meta(i).Mark))
	}
}

func (o *marks) Advance(mark value.Timestamp) {
	o.rows.End(fmt.Appendf(o.rows.Begin(), "mark %d\n", mark))
}

// marksOf returns the pipeline of marks over a source.
func marksOf(spec rt.SourceSpec, lane func(t *rt.Task, edge *rt.Edge[reading]) rt.Lane) rt.Spec {
	return rt.Spec{Name: "marks", Wire: func(g *rt.Graph) {
		out := g.Sink(rt.SinkSpec{Name: "out", Connector: file.Sink{Path: "-", Format: file.JSON{}}})
		stage := rt.NewStage(g, rt.StageSpec{Name: "marks"}, func(t *rt.Task) *marks { return &marks{rows: out.From(t)} })
		edge := rt.Connect(stage, "r", (*marks).handle, ownReading)
		rt.AddSource(g, spec, func(t *rt.Task) rt.Lane { return lane(t, edge) })
	}}
}

// TestIdlePartition: a partition that is silent holds the watermark back until
// it is idle, and again when it speaks.
func TestIdlePartition(t *testing.T) {
	t.Parallel()
	source := live{make(chan string), make(chan string)}
	spec := marksOf(rt.SourceSpec{
		Name: "in", EventTime: true, Lag: 5 * value.Second, Idle: 50 * value.Millisecond, Connector: source,
	}, func(t *rt.Task, edge *rt.Edge[reading]) rt.Lane { return &readings{t: t, jumps: edge.From(t)} })
	outR, outW := io.Pipe()
	done := make(chan error)
	go func() {
		err := rt.Run(context.Background(), spec, rt.Options{Parallelism: 1, Stdout: outW})
		_ = outW.Close()
		done <- err
	}()
	lines := bufio.NewScanner(outR)
	line := func() string { lines.Scan(); return lines.Text() }
	second := func(n int) value.Timestamp { return value.Timestamp(n) * value.Timestamp(value.Second) }

	var got []string
	source[0] <- row("a", second(100), 1)
	got = append(got, line()) // the other partition may still bring anything
	got = append(got, line()) // and then it is idle
	source[1] <- row("b", second(60), 1)
	got = append(got, line())
	source[0] <- row("a", second(200), 1)
	got = append(got, line())
	close(source[0])
	close(source[1])
	for lines.Scan() {
		got = append(got, lines.Text())
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	want := []string{
		fmt.Sprintf("a %d", value.MinTime),
		"mark 95000000",
		"b 95000000", // it comes late: the watermark does not fall
	}
	if diff := cmp.Diff(want, got[:3]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if last := fmt.Sprintf("mark %d", value.MaxTime); got[len(got)-1] != last {
		t.Errorf("last line = %q, want %q", got[len(got)-1], last)
	}
}

// serialLane writes the watermark that it knows itself.
type serialLane struct{ rows *rt.Rows }

func (l *serialLane) Block(b *rt.Block) {
	for text := range strings.Lines(string(b.Bytes)) {
		var at int64
		_, _ = fmt.Sscan(text, &at)
		b.Records++
		b.Max = max(b.Max, value.Timestamp(at))
		l.rows.End(fmt.Appendf(l.rows.Begin(), "%d %d\n", at, b.Mark(b.Max)))
	}
}

// TestSerialLane: a lane that is serial sees the blocks in order and knows the
// watermark at each record, whatever the number of workers.
func TestSerialLane(t *testing.T) {
	t.Parallel()
	var in, want strings.Builder
	greatest := value.MinTime
	for i := range 2000 {
		at := value.Timestamp(1000 + 10*i - 37*(i%5))
		greatest = max(greatest, at)
		fmt.Fprintf(&in, "%d\n", at)
		fmt.Fprintf(&want, "%d %d\n", at, greatest-7)
	}
	for _, p := range []int{1, 3} {
		var out strings.Builder
		spec := rt.Spec{Name: "serial", Wire: func(g *rt.Graph) {
			sink := g.Sink(rt.SinkSpec{Name: "out", Connector: file.Sink{Path: "-", Format: file.JSON{}}})
			rt.AddSource(g, rt.SourceSpec{
				Name: "in", EventTime: true, Lag: 7, Serial: true, Connector: file.Source{Path: "in", Format: file.JSON{}},
			}, func(t *rt.Task) *serialLane { return &serialLane{rows: sink.From(t)} })
		}}
		err := rt.Run(context.Background(), spec, rt.Options{
			Parallelism: p, BlockSize: 100, FS: memory(t, "in", []byte(in.String())), Stdout: &out, Poison: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.String(), out.String()); diff != "" {
			t.Errorf("p=%d (-want +got):\n%s", p, diff)
		}
	}
}

// lastLane reads times without lag.
type lastLane struct{ edge *rt.Sender[reading] }

func (l lastLane) Block(b *rt.Block) {
	for text := range strings.Lines(string(b.Bytes)) {
		at, _ := value.ParseRFC3339(strings.TrimSpace(text))
		b.Max = max(b.Max, at)
		l.edge.Send(0, &reading{Sensor: "a", At: at}, rt.Meta{Time: at, Mark: b.Max})
	}
}

// TestRecordAtTheEndOfTime: a record with the greatest time there is does not
// make the shards believe that the input has ended.
func TestRecordAtTheEndOfTime(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	spec := marksOf(rt.SourceSpec{
		Name: "in", EventTime: true, Connector: file.Source{Path: "in", Format: file.JSON{}},
	}, func(t *rt.Task, edge *rt.Edge[reading]) rt.Lane { return lastLane{edge.From(t)} })
	in := "9999-12-31T23:59:59.999999Z\n2024-05-01T12:00:00Z\n"
	if err := rt.Run(context.Background(), spec, rt.Options{Parallelism: 1, BlockSize: 30, FS: memory(t, "in", []byte(in)), Stdout: &out}); err != nil {
		t.Fatal(err)
	}
	last := value.MaxTime - 1
	want := fmt.Sprintf("a %d\nmark %d\na %d\nmark %d\n", last, last, last, value.MaxTime)
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// stuckWriter is a sink whose writes wait.
type stuckWriter struct{ wait chan struct{} }

func (w stuckWriter) Describe() string                                { return "stuck" }
func (w stuckWriter) Open(*rt.Env, *rt.Recovery) ([]rt.Writer, error) { return []rt.Writer{w}, nil }
func (w stuckWriter) Write([]byte) error                              { <-w.wait; return nil }
func (w stuckWriter) Flush() error                                    { return nil }
func (w stuckWriter) Prepare(int64) ([]byte, error)                   { return nil, nil }
func (w stuckWriter) Commit(int64) error                              { return nil }
func (w stuckWriter) Close() error                                    { return nil }
func (w stuckWriter) Grade() rt.Grade                                 { return rt.AtLeastOnce }

// countingSource counts how many blocks are read.
type countingSource struct {
	file.Source
	read *atomic.Int64
}

func (s countingSource) Open(env *rt.Env, from []json.RawMessage) ([]rt.Reader, error) {
	readers, err := s.Source.Open(env, from)
	return []rt.Reader{countingReader{readers[0], s.read}}, err
}

type countingReader struct {
	rt.Reader
	read *atomic.Int64
}

func (r countingReader) Read(ctx context.Context, b *rt.Block) error {
	r.read.Add(1)
	return r.Reader.Read(ctx, b)
}

// copyToStuck begins to copy rows to a sink that is stuck. It returns how many blocks
// have been read, the sink, and what the job's end brings.
func copyToStuck(t *testing.T, rows []byte, opts rt.Options) (*atomic.Int64, stuckWriter, <-chan error) {
	t.Helper()
	read, stuck := new(atomic.Int64), stuckWriter{make(chan struct{})}
	source := countingSource{file.Source{Path: "in", Format: file.JSON{}}, read}
	spec := rt.Spec{Name: "copy", Wire: func(g *rt.Graph) {
		out := g.Sink(rt.SinkSpec{Name: "out", Connector: stuck})
		rt.AddSource(g, rt.SourceSpec{Name: "in", Connector: source}, func(t *rt.Task) copier { return copier{out.From(t)} })
	}}
	opts.FS = memory(t, "in", rows)
	done := make(chan error)
	go func() { done <- rt.Run(context.Background(), spec, opts) }()
	return read, stuck, done
}

// TestBackPressure: while a sink is stuck, a reader reads no more blocks than
// the window has.
func TestBackPressure(t *testing.T) {
	t.Parallel()
	const window = 3
	csv, _, _ := measurements(5000, 20)
	read, stuck, done := copyToStuck(t, csv, rt.Options{Parallelism: 2, Window: window, BlockSize: 2000})
	for read.Load() < window {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(20 * time.Millisecond)
	if got := read.Load(); got != window {
		t.Errorf("%d blocks were read, want %d", got, window)
	}
	close(stuck.wait)
	if err := <-done; err != nil || read.Load() < 50 {
		t.Errorf("Run() = %v after %d blocks", err, read.Load())
	}
}

// TestReadsSeveralBlocksAtOnce: a reader that has had to wait, and whose input is
// there, reads on when most of the blocks in flight have landed, and then as many as
// the window has room for.
func TestReadsSeveralBlocksAtOnce(t *testing.T) {
	t.Parallel()
	const window, size = 4, 256 << 10 // so large that each block is written alone
	in := bytes.Repeat([]byte("{\"n\":1}\n"), 20*size/8)
	read, stuck, done := copyToStuck(t, in, rt.Options{Parallelism: 1, Window: window, BlockSize: size})
	for landed, want := range []int64{window, window, window, window + 3} {
		if landed > 0 {
			stuck.wait <- struct{}{}
		}
		for read.Load() < want {
			time.Sleep(time.Millisecond)
		}
		time.Sleep(20 * time.Millisecond)
		if got := read.Load(); got != want {
			t.Errorf("after %d blocks have landed, %d have been read, want %d", landed, got, want)
		}
	}
	close(stuck.wait)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// copier is a lane that copies rows.
type copier struct{ rows *rt.Rows }

func (l copier) Block(b *rt.Block) { l.rows.End(append(l.rows.Begin(), b.Bytes...)) }
