package serve_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
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
