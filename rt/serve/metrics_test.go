package serve_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/prometheus/common/expfmt"
)

var sample = regexp.MustCompile(`^([a-z_]+)(\{[^}]*\}) (\S+)$`)

// names returns the names of metrics in a text.
func names(text, pattern string) map[string]bool {
	found := map[string]bool{}
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		found[m[1]] = true
	}
	return found
}

// TestMetrics holds what is served, the list of the documentation, the dashboard
// for Grafana and the rules for alerts together.
func TestMetrics(t *testing.T) {
	t.Parallel()
	r := start(t, 2, nil)
	r.send("a", "x", 1, 0)
	r.eventually("/metrics", `flow_operator_records_total{job="queries",operator="amounts-seen"} 1`)
	_, text := r.get("/metrics")
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "#") && !sample.MatchString(line) {
			t.Errorf("no sample: %s", line)
		}
	}
	served := names(text, `(?m)^# TYPE (\S+) (?:counter|gauge|histogram)$`)
	page, err := os.ReadFile("../../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := names(string(page), "(?m)^\\| `([a-z_]+)` \\| (?:counter|gauge|histogram) ")
	for name := range served {
		if !documented[name] {
			t.Errorf("docs/operating.md lacks %s", name)
		}
	}
	for name := range documented {
		if !served[name] {
			t.Errorf("docs/operating.md has %s, which is not served", name)
		}
	}
	for _, file := range []string{"../../docs/grafana.json", "../../docs/alerts.yaml"} {
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

// TestMetricsByPrometheus: what /metrics serves is what the libraries of Prometheus
// read, and their linter has nothing to say about names, units and help.
func TestMetricsByPrometheus(t *testing.T) {
	t.Parallel()
	r := start(t, 2, nil)
	r.send(`a "quoted\name"`, "x", 1, 0)
	r.eventually("/metrics", `flow_operator_records_total{job="queries",operator="amounts-seen"} 1`)
	_, text := r.get("/metrics")
	var parser expfmt.TextParser
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	for name, f := range families {
		if len(f.Metric) == 0 || f.GetHelp() == "" {
			t.Errorf("%s has %d samples and the help %q", name, len(f.Metric), f.GetHelp())
		}
		for _, m := range f.Metric {
			if len(m.Label) == 0 || m.Label[0].GetName() != "job" || m.Label[0].GetValue() != "queries" {
				t.Errorf("%s has labels %v", name, m.Label)
			}
		}
	}
	if n := families["flow_operator_records_total"].GetMetric(); len(n) != 3 {
		t.Errorf("flow_operator_records_total has %d samples, want one for each of 3 steps", len(n))
	}
	if h := families["flow_sink_write_seconds"].GetMetric(); len(h) != 1 || h[0].GetHistogram() == nil {
		t.Errorf("flow_sink_write_seconds is %v, want one histogram", h)
	}
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

// TestOpenMetrics asks for the other form of the metrics, as Prometheus does.
func TestOpenMetrics(t *testing.T) {
	t.Parallel()
	r := start(t, 1, nil)
	r.send("a", "x", 1, 0)
	r.eventually("/metrics", `flow_operator_records_total{job="queries",operator="amounts-seen"} 1`)
	ask := func(accept string) (kind, text string) {
		req, err := http.NewRequest(http.MethodGet, "http://"+r.addr+"/metrics", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept", accept)
		resp, err := r.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.Header.Get("Content-Type"), string(body)
	}
	for accept, open := range map[string]bool{
		"application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2": true,
		"application/openmetrics-text": true, "application/openmetrics-text; version=\"1.0.0\"": true, "*/*": false, "": false, "text/html,text/plain": false,
		"application/openmetrics-text;q=0.1,text/plain": false, "application/openmetrics-text;version=2.0.0": false, "application/openmetrics-text;q=0": false,
	} {
		kind, text := ask(accept)
		if strings.HasPrefix(kind, "application/openmetrics-text; version=1.0.0") != open || strings.HasSuffix(text, "\n# EOF\n") != open {
			t.Errorf("Accept %q gave %s", accept, kind)
		}
	}
	_, text := ask("application/openmetrics-text")
	var family, kind string
	for line := range strings.Lines(text) {
		if m := regexp.MustCompile(`^# TYPE (\S+) (\S+)\n$`).FindStringSubmatch(line); m != nil {
			family, kind = m[1], m[2]
			continue
		}
		m := sample.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil {
			continue
		}
		want := map[string]string{"counter": "_total", "gauge": "", "histogram": strings.TrimPrefix(m[1], family)}[kind]
		if m[1] != family+want {
			t.Errorf("a sample of the %s %s is %s", kind, family, line)
		}
		if le := regexp.MustCompile(`le="([^"]*)"`).FindStringSubmatch(line); le != nil && !regexp.MustCompile(`[.e]|\+Inf`).MatchString(le[1]) {
			t.Errorf("the bound is no float: %s", line)
		}
	}
}
