package serve

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/flow-lang/flowc/rt"
)

// Limits of one answer of /tap.
const (
	tapTime     = 5 * time.Second // after which it ends with what there is
	maxTapRows  = 1000
	tapRowsElse = 20 // if the request does not say
)

// tap answers with rows of a stream as they go by.
func (s *server) tap(w http.ResponseWriter, r *http.Request, j *rt.Job) {
	limit := tapRowsElse
	if text := r.URL.Query().Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxTapRows {
			bad("bad_limit", "limit is a whole number from 1 to %d, not %.100q", maxTapRows, text).write(w)
			return
		}
		limit = n
	}
	name := r.PathValue("stream")
	if !takeSlot(s.taps, w) {
		return
	}
	defer func() { <-s.taps }()
	rows, ok := j.Tap(r.Context(), name, limit, tapTime)
	if !ok {
		p := problemf(http.StatusNotFound, "unknown_stream", "no stream %.100q can be tapped: there are %s", name, strings.Join(j.Tapped(), ", "))
		p.Meant = rt.Nearest(name, j.Tapped())
		p.write(w)
		return
	}
	texts := make([]string, len(rows))
	for i, row := range rows {
		texts[i] = string(row)
	}
	send(w, http.StatusOK, map[string]any{"stream": name, "rows": texts, "running": j.Running(), "failed": j.Failed()})
}
