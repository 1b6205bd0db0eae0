package serve

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/flow-lang/flowc/rt"
)

// The two forms of /metrics: the text format of Prometheus, and OpenMetrics.
const (
	prometheusText = "text/plain; version=0.0.4; charset=utf-8"
	openMetrics    = "application/openmetrics-text; version=1.0.0; charset=utf-8"
)

// metrics answers in the form that the client would rather have.
func (s *server) metrics(w http.ResponseWriter, r *http.Request, j *rt.Job) {
	f := j.Figures()
	if wantsOpenMetrics(r.Header.Values("Accept")) {
		sendAs(w, http.StatusOK, openMetrics, append(appendMetrics(nil, &f, s.spec.Name, true), "# EOF\n"...))
		return
	}
	sendAs(w, http.StatusOK, prometheusText, appendMetrics(nil, &f, s.spec.Name, false))
}

// wantsOpenMetrics reports whether what a client accepts has OpenMetrics, in a
// version that is served, and no text that it would rather have.
func wantsOpenMetrics(accept []string) bool {
	open, text := 0.0, 0.0
	for _, list := range accept {
		for one := range strings.SplitSeq(list, ",") {
			kind, version, quality := mediaRange(one)
			switch {
			case kind == "application/openmetrics-text" && (version == "" || version == "1.0.0"):
				open = max(open, quality)
			case kind == "text/plain":
				text = max(text, quality)
			}
		}
	}
	return open > 0 && open >= text
}

// mediaRange reads one of the types that a client accepts.
func mediaRange(text string) (kind, version string, quality float64) {
	kind, params, _ := strings.Cut(text, ";")
	quality = 1
	for param := range strings.SplitSeq(params, ";") {
		name, v, _ := strings.Cut(strings.TrimSpace(param), "=")
		switch strings.ToLower(name) {
		case "version":
			version = strings.Trim(v, `"`)
		case "q":
			q, err := strconv.ParseFloat(v, 64)
			if err != nil {
				q = 0
			}
			quality = q
		}
	}
	return strings.ToLower(strings.TrimSpace(kind)), version, quality
}

// appendMetrics appends all metrics. job is a label of each. In OpenMetrics a
// family of counters has a name without _total, and a bound of a bucket is always
// written as a float.
func appendMetrics(b []byte, f *rt.Figures, job string, open bool) []byte {
	for i := range metricList {
		m := &metricList[i]
		family := m.name
		if open && m.kind == counter {
			family = strings.TrimSuffix(family, "_total")
		}
		b = append(b, "# HELP "+family+" "+m.help+"\n# TYPE "+family+" "+m.kind+"\n"...)
		m.samples(f, func(v float64, labels ...string) {
			b = append(b, m.name...)
			if len(labels) > 0 && labels[0] == suffix {
				b = append(b, labels[1]...)
				labels = labels[2:]
			}
			b = append(b, `{job="`+escape(job)+`"`...)
			for k := 0; k < len(labels); k += 2 {
				v := labels[k+1]
				if open && labels[k] == "le" && !strings.ContainsAny(v, ".eI") {
					v += ".0"
				}
				b = append(b, ","+labels[k]+`="`+escape(v)+`"`...)
			}
			b = append(b, "} "+number(v)+"\n"...)
		})
	}
	return b
}

var escaper = strings.NewReplacer("\\", `\\`, "\n", `\n`, `"`, `\"`)

// escape writes the value of a label.
func escape(text string) string { return escaper.Replace(text) }
