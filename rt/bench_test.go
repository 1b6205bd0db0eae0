package rt_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/connector/file"
	"github.com/flow-lang/flowc/rt/value"
	"github.com/flow-lang/flowc/rt/wire"
)

// jsonReadings returns n readings of so many sensors as JSON lines.
func jsonReadings(n, sensors int) []byte {
	random := rand.New(rand.NewPCG(1, 2))
	start := value.Timestamp(1714564800000000)
	var text []byte
	for i := range n {
		at := start + value.Timestamp(i)*1000
		text = append(text, `{"sensor":"sensor-`...)
		text = fmt.Appendf(text, `%07d","at":"`, random.IntN(sensors))
		text = value.AppendTimestamp(text, at)
		text = append(text, `","temp":`...)
		text = value.AppendFloat(text, math.Round(2000*random.Float64())/100)
		text = append(text, "}\n"...)
	}
	return text
}

// BenchmarkTemperature is the temperature program over JSON lines in memory,
// from parsing to encoding, with the timer that forgets silent sensors and
// without, against the loop that a person would write for the latter, record at a
// time. One operation is one record.
func BenchmarkTemperature(b *testing.B) {
	const records = 1_000_000
	for _, sensors := range []int{1e5, 1e6} {
		input := jsonReadings(records, sensors)
		fs := memory(b, "in", input)
		run := func(p int, forget bool) func(b *testing.B) {
			return func(b *testing.B) {
				b.SetBytes(int64(len(input) / records))
				before := cpu(b)
				defer func() { b.ReportMetric(float64(cpu(b)-before)/float64(b.N), "cpu-ns/op") }()
				for done := 0; done < b.N; done += records {
					spec := temperature(file.Source{Path: "in", Format: file.JSON{}}, file.Sink{Path: "-", Format: file.JSON{}}, false)
					err := rt.Run(context.Background(), spec, rt.Options{
						Params:      map[string]string{"forget": strconv.FormatBool(forget)},
						Parallelism: p, FS: fs, Stdout: io.Discard,
					})
					if err != nil {
						b.Fatal(err)
					}
				}
			}
		}
		name := func(what string) string { return fmt.Sprintf("keys=%d/%s", sensors, what) }
		b.Run(name("timers"), run(1, true))
		b.Run(name("p=1"), run(1, false))
		b.Run(name("p=2"), run(2, false))
		b.Run(name("loop"), func(b *testing.B) {
			b.SetBytes(int64(len(input) / records))
			before := cpu(b)
			defer func() { b.ReportMetric(float64(cpu(b)-before)/float64(b.N), "cpu-ns/op") }()
			for done := 0; done < b.N; done += records {
				handLoop(input, io.Discard)
			}
		})
	}
}

// cpu returns the processor time that the process has used.
func cpu(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// handLoop does the work of the temperature program with a map, record at a
// time, with the same parser and encoder. Silent sensors are not forgotten.
func handLoop(input []byte, out io.Writer) {
	type cell struct {
		last float64
		due  value.Timestamp
	}
	cells := map[string]*cell{}
	var dec wire.Dec
	row := make([]byte, 0, 64<<10)
	for len(input) > 0 {
		n := bytes.IndexByte(input, '\n') + 1
		var r reading
		dec.Reset(input[:n-1])
		dec.BeginObject()
		dec.Key(`"sensor":`)
		r.Sensor = dec.String()
		dec.Key(`"at":`)
		r.At = dec.Timestamp()
		dec.Key(`"temp":`)
		r.Temp = dec.Float()
		dec.EndObject()
		input = input[n:]
		c, ok := cells[r.Sensor]
		if !ok {
			c = &cell{}
			cells[r.Sensor] = c
		} else if jump := math.Abs(r.Temp - c.last); jump > 1.7 {
			row = append(row, `{"sensor":`...)
			row = wire.AppendString(row, r.Sensor)
			row = append(row, `,"temp":`...)
			row = value.AppendFloat(row, r.Temp)
			row = append(row, `,"jump":`...)
			row = value.AppendFloat(row, jump)
			row = append(row, "}\n"...)
			if len(row) > 63<<10 {
				_, _ = out.Write(row)
				row = row[:0]
			}
		}
		c.last, c.due = r.Temp, r.At+value.Timestamp(value.Hour)
	}
	_, _ = out.Write(row)
}
