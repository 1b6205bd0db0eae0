// Package metrics is /metrics of the server of a pipeline binary: the figures of
// the job by the client library of Prometheus. Binaries that import it have it.
//
// In go the figures of a job, which the runtime counts for itself; out comes what
// Prometheus reads, in the form that the scraper asks for. Nothing is counted here,
// so nothing is done while nobody asks.
package metrics

import (
	"fmt"
	"log/slog"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/serve"
)

func init() { serve.RegisterMetrics(Handler) }

// maxScrapes is how many scrapes are answered at once; further ones are told 503.
const maxScrapes = 4

// Handler answers scrapes of the job called name with what figures gives. What is
// wrong with one of the metrics is logged, and the others are served.
func Handler(name string, figures func() rt.Figures, log *slog.Logger) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(newCollector(name, figures))
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		ErrorLog:            logger{log},
		ErrorHandling:       promhttp.ContinueOnError,
		DisableCompression:  true, // it would take as long as all else
		MaxRequestsInFlight: maxScrapes,
		EnableOpenMetrics:   true,
	})
}

// logger logs what promhttp finds wrong.
type logger struct{ log *slog.Logger }

func (l logger) Println(v ...any) { l.log.Error("metrics", "error", fmt.Sprint(v...)) }

// collector gives the figures of a job to the library.
type collector struct {
	figures func() rt.Figures
	descs   []*prometheus.Desc // of families
}

func newCollector(name string, figures func() rt.Figures) *collector {
	c := &collector{figures: figures}
	for _, f := range families {
		c.descs = append(c.descs, prometheus.NewDesc(f.name, f.help, f.labels, prometheus.Labels{"job": name}))
	}
	return c
}

// Describe gives the names of all metrics, for [prometheus.Collector].
func (c *collector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range c.descs {
		to <- d
	}
}

// Collect gives all samples of one look at the figures. The library calls it in a
// goroutine of its own, where a panic would end the job.
func (c *collector) Collect(to chan<- prometheus.Metric) {
	defer func() {
		if v := recover(); v != nil {
			to <- prometheus.NewInvalidMetric(c.descs[0], fmt.Errorf("this is a bug in flowc: %v", v))
		}
	}()
	figures := c.figures()
	for i := range families {
		families[i].collect(&figures, samples{c.descs[i], families[i].kind, to})
	}
}

// samples takes those of one family.
type samples struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
	to   chan<- prometheus.Metric
}

// add adds a sample with values of the family's labels.
func (s samples) add(v float64, labels ...string) {
	m, err := prometheus.NewConstMetric(s.desc, s.kind, v, labels...)
	s.give(m, err)
}

func (s samples) addLatency(l *rt.Latency, label string) {
	s.addHistogram(l.Buckets[:], func(i int) float64 { return rt.LatencyBounds[i].Seconds() }, l.Count, l.Total.Seconds(), label)
}

// addHistogram adds a histogram whose buckets are not summed up. Its counts were
// read one after the other, while they grew.
func (s samples) addHistogram(buckets []int64, bound func(i int) float64, count int64, total float64, label string) {
	sums, sum := make(map[float64]uint64, len(buckets)), uint64(0)
	for i, n := range buckets {
		sum += uint64(n)
		sums[bound(i)] = sum
	}
	m, err := prometheus.NewConstHistogram(s.desc, max(uint64(count), sum), total, sums, label)
	s.give(m, err)
}

func (s samples) give(m prometheus.Metric, err error) {
	if err != nil {
		m = prometheus.NewInvalidMetric(s.desc, err)
	}
	s.to <- m
}
