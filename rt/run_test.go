package rt_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/connector/file"
	"github.com/flow-lang/flowc/rt/value"
	"github.com/flow-lang/flowc/rt/vfs"
)

// measurements returns n readings, as CSV and as JSON, and the alerts that a
// plain loop finds in them, sorted.
func measurements(n, sensors int) (csv, json []byte, alerts []string) {
	random := rand.New(rand.NewPCG(1, 2))
	start := value.Timestamp(1714564800000000)
	type last struct {
		temp float64
		due  value.Timestamp
	}
	cells := map[string]last{}
	csv = append(csv, "sensor,at,temp\n"...)
	mark := value.MinTime
	for i := range n {
		sensor := fmt.Sprintf("sensor-%d", random.IntN(sensors))
		at := start + value.Timestamp(value.Duration(7*i-random.IntN(9))*value.Second)
		temp := math.Round(200*random.Float64()) / 10
		csv = fmt.Appendf(csv, "%s,%s,%v\n", sensor, value.FormatTimestamp(at), temp)
		json = fmt.Appendf(json, `{"sensor":"%s","at":"%s","temp":%v}`+"\n", sensor, value.FormatTimestamp(at), temp)
		mark = max(mark, at-value.Timestamp(5*value.Second))
		c, ok := cells[sensor]
		if ok && c.due <= mark {
			ok = false
		}
		if jump := math.Abs(temp - c.temp); ok && jump > 1.7 {
			alerts = append(alerts, fmt.Sprintf(`{"sensor":"%s","temp":%s,"jump":%s}`, sensor, value.FormatFloat(temp), value.FormatFloat(jump)))
		}
		cells[sensor] = last{temp, at + value.Timestamp(value.Hour)}
	}
	sort.Strings(alerts)
	return csv, json, alerts
}

// memory returns a file system that holds a file.
func memory(t testing.TB, name string, content []byte) vfs.FS {
	t.Helper()
	fs := vfs.NewMem()
	f, err := fs.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(content); err != nil {
		t.Fatal(err)
	}
	return fs
}

func sortedLines(text string) []string {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	sort.Strings(lines)
	return lines
}

func TestTemperature(t *testing.T) {
	t.Parallel()
	csv, json, want := measurements(20_000, 300)
	for _, p := range []int{1, 2, 3} {
		for _, block := range []int{200, 4096, 0} {
			for _, format := range []string{"csv", "jsonl"} {
				t.Run(fmt.Sprintf("%s p=%d block=%d", format, p, block), func(t *testing.T) {
					t.Parallel()
					content := csv
					source := file.Source{Path: "in", Format: file.CSV{Header: true, Rows: &readingColumns}}
					if format == "jsonl" {
						content, source.Format = json, file.JSON{}
					}
					var out bytes.Buffer
					var stats rt.Stats
					err := rt.Run(context.Background(), temperature(source, file.Sink{Path: "-", Format: file.JSON{}}, format == "csv"), rt.Options{
						Parallelism: p, BlockSize: block, FS: memory(t, "in", content), Stdout: &out, Poison: true,
						Report: func(s rt.Stats) { stats = s },
					})
					if err != nil {
						t.Fatalf("Run() error = %v", err)
					}
					if diff := cmp.Diff(want, sortedLines(out.String())); diff != "" {
						t.Errorf("alerts (-want +got):\n%s", diff)
					}
					if stats.In != 20_000 || stats.Out != int64(len(want)) {
						t.Errorf("stats = %+v, want 20000 in and %d out", stats, len(want))
					}
				})
			}
		}
	}
}

func TestRecordErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in string
		want     string
	}{
		{
			name: "malformed cell",
			in:   "sensor,at,temp\na,2024-05-01T12:00:00Z,1\nb,2024-05-01T12:00:00Z,warm\n",
			want: "in:3: column temp: \"warm\" is no float\n  source \"readings\" (temperature.flow:18:1)\n  record: b,2024-05-01T12:00:00Z,warm\n  help: ",
		},
		{name: "no header", in: "", want: `source "readings": in:1: the header is missing`},
		{name: "a column is missing", in: "sensor,when,temp\n", want: `source "readings": in:1: the header has no column "at"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			source := file.Source{Path: "in", Format: file.CSV{Header: true, Rows: &readingColumns}}
			var out bytes.Buffer
			err := rt.Run(context.Background(), temperature(source, file.Sink{Path: "-", Format: file.JSON{}}, true), rt.Options{
				Parallelism: 2, FS: memory(t, "in", []byte(tt.in)), Stdout: &out,
			})
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("Run() error =\n%v\nwant it to begin with\n%s", err, tt.want)
			}
		})
	}
}

func TestStopIsClean(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	source := file.Source{Path: "in", Format: file.CSV{Header: true, Rows: &readingColumns}, Follow: true}
	csv, _, want := measurements(1000, 10)
	out := stoppingWriter{after: len(want), stop: stop}
	err := rt.Run(ctx, temperature(source, file.Sink{Path: "-", Format: file.JSON{}}, true), rt.Options{
		Parallelism: 2, FS: memory(t, "in", csv), Stdout: &out,
	})
	if err != nil {
		t.Fatalf("Run() error = %v", err)
	}
	if diff := cmp.Diff(want, sortedLines(out.String())); diff != "" {
		t.Errorf("alerts (-want +got):\n%s", diff)
	}
}

// stoppingWriter calls stop when it has got so many lines.
type stoppingWriter struct {
	bytes.Buffer
	after int
	stop  func()
}

func (w *stoppingWriter) Write(p []byte) (int, error) {
	if w.after -= bytes.Count(p, []byte{'\n'}); w.after <= 0 {
		w.stop()
	}
	return w.Buffer.Write(p)
}

func TestUnknownParameter(t *testing.T) {
	t.Parallel()
	source := file.Source{Path: "in", Format: file.JSON{}}
	err := rt.Run(context.Background(), temperature(source, file.Sink{Path: "-", Format: file.JSON{}}, false), rt.Options{
		Params: map[string]string{"treshold": "2"},
	})
	var usage *rt.UsageError
	if want := `unknown parameter "treshold": did you mean "threshold"?`; !errors.As(err, &usage) || err.Error() != want {
		t.Errorf("Run() error = %v, want %s", err, want)
	}
}
