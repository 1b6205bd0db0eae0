package serve

import (
	"log/slog"
	"net/http"

	"github.com/flow-lang/flowc/rt"
)

// newMetrics makes what answers /metrics, in a binary that has it.
var newMetrics func(name string, figures func() rt.Figures, log *slog.Logger) http.Handler

// RegisterMetrics adds /metrics: what answers scrapes of the job called name with
// what figures gives. It is called when the program begins.
func RegisterMetrics(handler func(name string, figures func() rt.Figures, log *slog.Logger) http.Handler) {
	newMetrics = handler
}

// metrics answers scrapes of the job that is attached.
func (s *server) metrics() http.HandlerFunc {
	if newMetrics == nil {
		return func(w http.ResponseWriter, _ *http.Request) {
			problemf(http.StatusNotFound, "no_metrics", "this binary was built without metrics: "+
				"flowc build says why where the Go modules cannot be fetched that they need").write(w)
		}
	}
	handler := newMetrics(s.spec.Name, func() rt.Figures { return s.job.Load().Figures() }, s.log)
	return s.withJob(func(w http.ResponseWriter, r *http.Request, _ *rt.Job) { handler.ServeHTTP(w, r) })
}
