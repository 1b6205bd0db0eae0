package serve_test

import (
	"regexp"
	"strings"
	"testing"

	_ "github.com/flow-lang/flowc/rt/serve/metrics"
)

// TestMetrics: what /metrics has of a job is its figures, each with the job.
func TestMetrics(t *testing.T) {
	t.Parallel()
	r := start(t, 2, nil)
	r.send(`a "quoted\name"`, "x", 1, 0)
	text := r.eventually("/metrics", `flow_operator_records_total{job="queries",operator="amounts-seen"} 1`)
	sample := regexp.MustCompile(`^[a-z_]+\{[^}]*\bjob="queries"[^}]*\} \S+$`)
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "#") && !sample.MatchString(line) {
			t.Errorf("no sample of the job: %s", line)
		}
	}
	for name, want := range map[string]int{"flow_operator_records_total": 3, "flow_sink_write_seconds_count": 1, "flow_running": 1} {
		if n := strings.Count(text, "\n"+name+"{"); n != want {
			t.Errorf("%s has %d samples, want %d", name, n, want)
		}
	}
}
