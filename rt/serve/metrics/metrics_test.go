package metrics_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/serve/metrics"
	"github.com/flow-lang/flowc/rt/value"
)

// everything are figures of a job that has something of all that there is.
func everything() rt.Figures {
	const start = value.Timestamp(1_714_564_800_000_000)
	step := rt.OperatorFigures{
		UID: `a "b\c"`, Records: 7, Emitted: 8, Failed: 1, Late: 2, Busy: time.Second, Queued: 3, Watermark: start,
		State: rt.StateFigures{Keys: 5, Bytes: 6, Timers: 7, Stored: true, Loads: 3},
		Calls: &rt.CallFigures{Calls: 4, Batches: rt.Batches{Count: 2, Total: 9, Buckets: [len(rt.BatchBounds)]int64{2: 2}}},
	}
	return rt.Figures{
		Now: start + 90_000_000, Start: start, Parallelism: 4, Running: true,
		Sources:   []rt.SourceFigures{{UID: "in", Records: 12345678, Bytes: 9, Watermark: value.MinTime, Window: 10, Partitions: 3}},
		Operators: []rt.OperatorFigures{step},
		Sinks: []rt.SinkFigures{{UID: "out", Records: 5, Writes: rt.Latency{
			Count: 2, Total: time.Second, Buckets: [len(rt.LatencyBounds)]int64{0: 1, 2: 1, 3: 1}, // the third was counted meanwhile
		}}},
		Edges:       []rt.EdgeFigures{{From: "source/in", To: "step/a", Records: 5, Waiting: 2}},
		Checkpoints: rt.CheckpointFigures{Completed: 3, Duration: time.Second, Size: 7, At: start + 80_000_000},
	}
}

// scrape asks for metrics as who accepts accept.
func scrape(figures func() rt.Figures, accept string) *httptest.ResponseRecorder {
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/metrics", nil)
	r.Header.Set("Accept", accept)
	metrics.Handler("sales", figures, slog.New(slog.DiscardHandler)).ServeHTTP(w, r)
	return w
}

// names returns the names of metrics in a text.
func names(text, pattern string) map[string]bool {
	found := map[string]bool{}
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		found[m[1]] = true
	}
	return found
}

// TestDocumented holds what is served, the list of the documentation, the dashboard
// for Grafana and the rules for alerts together.
func TestDocumented(t *testing.T) {
	t.Parallel()
	text := scrape(everything, "").Body.String()
	page, err := os.ReadFile("../../../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(text) {
		var row string
		if kind, ok := strings.CutPrefix(line, "# TYPE "); ok {
			row = strings.Replace(strings.TrimSpace(kind), " ", "` | ", 1) + " | "
		} else if help, ok := strings.CutPrefix(line, "# HELP "); ok {
			_, help, _ = strings.Cut(strings.TrimSpace(help), " ")
			row = " | " + help + " |\n"
		}
		if !strings.Contains(string(page), row) {
			t.Errorf("docs/operating.md lacks %q", row)
		}
	}
	served := names(text, `(?m)^# TYPE (\S+) (?:counter|gauge|histogram)$`)
	for name := range names(string(page), "(?m)^\\| `([a-z_]+)` \\| (?:counter|gauge|histogram) ") {
		if !served[name] {
			t.Errorf("docs/operating.md has %s, which is not served", name)
		}
	}
	for _, file := range []string{"../../../docs/grafana.json", "../../../docs/alerts.yaml"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file, ".json") && !json.Valid(text) {
			t.Errorf("%s is no JSON", file)
		}
		used := names(string(text), `\b((?:flow|process)_[a-z_]+)`)
		if len(used) == 0 {
			t.Errorf("%s uses no metric", file)
		}
		for name := range used {
			base := regexp.MustCompile(`_(bucket|sum|count)$`).ReplaceAllString(name, "")
			if !served[name] && !served[base] {
				t.Errorf("%s uses %s, which is not served", file, name)
			}
		}
	}
}

// TestLint: the linter of Prometheus has nothing to say about names, units and help.
func TestLint(t *testing.T) {
	t.Parallel()
	text := scrape(everything, "").Body.String()
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
	if n := len(names(text, `(?m)^# TYPE (\S+) `)); n < 50 {
		t.Errorf("%d metrics were looked at", n)
	}
}

// TestSamples: what is in the figures is what is served.
func TestSamples(t *testing.T) {
	t.Parallel()
	text := scrape(everything, "").Body.String()
	for _, want := range []string{
		`flow_up_seconds{job="sales"} 90`,
		`flow_source_records_total{job="sales",source="in"} 1.2345678e+07`,
		`flow_source_watermark_seconds{job="sales",source="in"} -Inf`,
		`flow_operator_records_total{job="sales",operator="a \"b\\c\""} 7`,
		`flow_operator_watermark_lag_seconds{job="sales",operator="a \"b\\c\""} 90`,
		`flow_operator_idle_seconds_total{job="sales",operator="a \"b\\c\""} 359`,
		`flow_state_cache_hits_total{job="sales",operator="a \"b\\c\""} 4`,
		`flow_function_batch_records_bucket{job="sales",operator="a \"b\\c\"",le="5"} 2`,
		`flow_sink_write_seconds_bucket{job="sales",sink="out",le="0.0005"} 2`,
		`flow_sink_write_seconds_bucket{job="sales",sink="out",le="+Inf"} 3`,
		`flow_sink_write_seconds_count{job="sales",sink="out"} 3`,
		`flow_edge_waiting_records{from="source/in",job="sales",to="step/a"} 2`,
		`flow_checkpoint_age_seconds{job="sales"} 10`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("the metrics lack %s", want)
		}
	}
	if t.Failed() {
		t.Log(text)
	}
}

// TestFunctionMetrics holds each figure of a function to its metric.
func TestFunctionMetrics(t *testing.T) {
	t.Parallel()
	calls := &rt.CallFigures{
		Calls: 12, Failed: 2, TimedOut: 1, Retried: 2, GivenUp: 3, InFlight: 4, Backlog: 50, Sent: 600, Received: 700, Open: 1,
		Latency: rt.Latency{Count: 8, Total: 30 * time.Second, Buckets: [len(rt.LatencyBounds)]int64{3: 6, 15: 1}},
		Batches: rt.Batches{Count: 12, Total: 240, Buckets: [len(rt.BatchBounds)]int64{0: 2, 4: 10}},
	}
	text := scrape(func() rt.Figures {
		return rt.Figures{Operators: []rt.OperatorFigures{{UID: "greeter", Calls: calls}, {UID: "other"}}}
	}, "").Body.String()
	for _, want := range []string{
		`flow_function_calls_total{job="sales",operator="greeter"} 12`,
		`flow_function_failures_total{job="sales",operator="greeter"} 2`,
		`flow_function_timeouts_total{job="sales",operator="greeter"} 1`,
		`flow_function_retries_total{job="sales",operator="greeter"} 2`,
		`flow_function_given_up_records_total{job="sales",operator="greeter"} 3`,
		`flow_function_in_flight{job="sales",operator="greeter"} 4`,
		`flow_function_backlog_records{job="sales",operator="greeter"} 50`,
		`flow_function_open_shards{job="sales",operator="greeter"} 1`,
		`flow_function_sent_bytes_total{job="sales",operator="greeter"} 600`,
		`flow_function_received_bytes_total{job="sales",operator="greeter"} 700`,
		`flow_function_latency_seconds_bucket{job="sales",operator="greeter",le="0.0005"} 0`,
		`flow_function_latency_seconds_bucket{job="sales",operator="greeter",le="0.001"} 6`,
		`flow_function_latency_seconds_bucket{job="sales",operator="greeter",le="10"} 7`,
		`flow_function_latency_seconds_bucket{job="sales",operator="greeter",le="+Inf"} 8`,
		`flow_function_latency_seconds_sum{job="sales",operator="greeter"} 30`,
		`flow_function_latency_seconds_count{job="sales",operator="greeter"} 8`,
		`flow_function_batch_records_bucket{job="sales",operator="greeter",le="1"} 2`,
		`flow_function_batch_records_bucket{job="sales",operator="greeter",le="20"} 12`,
		`flow_function_batch_records_bucket{job="sales",operator="greeter",le="+Inf"} 12`,
		`flow_function_batch_records_sum{job="sales",operator="greeter"} 240`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("the metrics lack %s", want)
		}
	}
	if strings.Contains(text, `flow_function_calls_total{job="sales",operator="other"}`) {
		t.Error("a step that calls nothing has metrics of a function")
	}
}

// TestForms asks for the forms that the library writes.
func TestForms(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]string{
		"": "text/plain; version=0.0.4", "*/*": "text/plain; version=0.0.4", "text/html,text/plain": "text/plain; version=0.0.4",
		"application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2": "application/openmetrics-text; version=1.0.0",
		"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited":                                                 "application/vnd.google.protobuf",
	} {
		w := scrape(everything, accept)
		open := strings.HasPrefix(want, "application/openmetrics")
		if got := w.Header().Get("Content-Type"); !strings.HasPrefix(got, want) || strings.HasSuffix(w.Body.String(), "\n# EOF\n") != open {
			t.Errorf("Accept %q gave %s", accept, got)
		}
	}
}

// TestBroken: what goes wrong with figures or with one of the samples ends no job.
func TestBroken(t *testing.T) {
	t.Parallel()
	if w := scrape(func() rt.Figures { panic("no figures") }, ""); w.Code != http.StatusInternalServerError {
		t.Errorf("status %d where there are no figures", w.Code)
	}
	twice := everything()
	twice.Operators = append(twice.Operators, twice.Operators[0])
	if w := scrape(func() rt.Figures { return twice }, ""); !strings.Contains(w.Body.String(), `flow_up_seconds{job="sales"} 90`) {
		t.Errorf("status %d, and no metrics: %s", w.Code, w.Body)
	}
}

// TestTooManyScrapes answers four at once, and tells a fifth to come again.
func TestTooManyScrapes(t *testing.T) {
	t.Parallel()
	const atOnce = 4
	begun, goOn := make(chan struct{}), make(chan struct{})
	handler := metrics.Handler("sales", func() rt.Figures {
		begun <- struct{}{}
		<-goOn
		return everything()
	}, slog.New(slog.DiscardHandler))
	ask := func() int {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		return w.Code
	}
	statuses := make(chan int)
	for range atOnce {
		go func() { statuses <- ask() }()
		<-begun
	}
	if got := ask(); got != http.StatusServiceUnavailable {
		t.Errorf("the fifth has the status %d", got)
	}
	close(goOn)
	for range atOnce {
		if got := <-statuses; got != http.StatusOK {
			t.Errorf("one of the four has the status %d", got)
		}
	}
}

// BenchmarkScrape answers a scrape of a small job.
func BenchmarkScrape(b *testing.B) {
	handler := metrics.Handler("sales", everything, slog.New(slog.DiscardHandler))
	b.ReportAllocs()
	for b.Loop() {
		handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/metrics", nil))
	}
}
