package rt

import (
	"testing"
	"time"

	"github.com/flow-lang/flowc/rt/value"
)

func TestProgressLine(t *testing.T) {
	t.Parallel()
	const now = value.Timestamp(1_714_564_805_000_000) // 2024-05-01T12:00:05Z
	last := Stats{In: 500, Duration: time.Second}
	stats := Stats{In: 2500, Out: 7, Duration: 3 * time.Second}
	tests := []struct {
		name string
		p    progress
		want string
	}{
		{"no event time", progress{stats: stats, now: now, mark: value.MaxTime}, "2500 in, 7 out, 1000 records/s, 3s"},
		{"no record yet", progress{stats: Stats{}, now: now, mark: value.MinTime, saves: true}, "0 in, 0 out, 0 records/s, 0s, no checkpoint yet"},
		{"all", progress{stats: stats, now: now, mark: now - 5_040_000, saves: true, checkpoint: now - 1_200_000},
			"2500 in, 7 out, 1000 records/s, 3s, watermark 2024-05-01T11:59:59.96Z, lag 5s, checkpoint 1.2s ago"},
	}
	for _, tt := range tests {
		before := last
		if tt.p.stats.In == 0 {
			before = Stats{}
		}
		if got := tt.p.line(before); got != tt.want {
			t.Errorf("%s:\n%s\n%s", tt.name, got, tt.want)
		}
	}
}
