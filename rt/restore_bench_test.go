package rt_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	alerting "github.com/flow-lang/flowc/golden/gen/temperature"
	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/vfs"
)

// BenchmarkRestore starts a job on the checkpoint of a million keys: a value and a
// timer each. All files are verified, as at every start.
func BenchmarkRestore(b *testing.B) {
	const keys = 1_000_000
	rows := bytes.NewBufferString("sensor,at,temp\n")
	for i := range keys {
		fmt.Fprintf(rows, "sensor-%07d,2024-05-01T00:00:00Z,20.5\n", i)
	}
	disk := vfs.NewMem()
	if err := vfs.WriteFile(disk, "readings.csv", rows.Bytes()); err != nil {
		b.Fatal(err)
	}
	opts := rt.Options{FS: disk, Parallelism: 1, CheckpointTo: "cp", CheckpointInterval: time.Hour, SavepointOnEnd: "unused"}
	if err := rt.Run(b.Context(), alerting.Pipeline(), opts); err != nil {
		b.Fatal(err)
	}
	opts.SavepointOnEnd = ""
	b.ResetTimer()
	for b.Loop() {
		j, err := rt.NewJob(alerting.Pipeline(), opts)
		if err != nil {
			b.Fatal(err)
		}
		if err := j.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/keys, "ns/key")
}
