package serve

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/pprof"
	"path"
	"path/filepath"
	"time"

	"github.com/flow-lang/flowc/rt"
)

//go:embed page/*.html page/*.css page/*.js
var pages embed.FS

// pageFiles are the files of the dashboard by their paths, which hold nothing
// of the job.
var pageFiles = map[string]string{
	"/": "page.html", "/page.css": "page.css",
	"/page.js": "page.js", "/base.js": "base.js", "/graph.js": "graph.js", "/functions.js": "functions.js", "/query.js": "query.js",
}

// contentTypes are those of the files by the end of their names.
var contentTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
}

// routes are all paths that are answered. What is not here does not exist.
func (s *server) routes() http.Handler {
	m := http.NewServeMux()
	for at, name := range pageFiles {
		if at == "/" {
			at = "/{$}"
		}
		m.Handle("GET "+at, page(name))
	}
	m.HandleFunc("GET /healthz", s.healthz)
	m.HandleFunc("GET /readyz", s.readyz)
	m.HandleFunc("GET /metrics", s.metrics())
	m.HandleFunc("GET /status", s.withJob(s.status))
	m.HandleFunc("GET /describe", s.describe)
	m.HandleFunc("GET /state", s.withJob(s.listStates))
	m.HandleFunc("GET /state/{name}", s.queryState)
	m.HandleFunc("GET /state/{name}/schema", s.withJob(s.stateSchema))
	m.HandleFunc("GET /tap/{stream}", s.withJob(s.tap))
	m.HandleFunc("POST /savepoint", s.withJob(s.savepoint))
	m.HandleFunc("POST /stop", s.withJob(s.stop))
	if s.opts.Profiles {
		m.HandleFunc("GET /debug/pprof/", long(pprof.Index))
		m.HandleFunc("GET /debug/pprof/cmdline", notFound) // it may hold secrets
		m.HandleFunc("GET /debug/pprof/profile", long(pprof.Profile))
		m.HandleFunc("GET /debug/pprof/symbol", long(pprof.Symbol))
		m.HandleFunc("GET /debug/pprof/trace", long(pprof.Trace))
	}
	m.HandleFunc("/", notFound)
	return m
}

// page serves one of the embedded files.
func page(name string) http.Handler {
	text, err := pages.ReadFile("page/" + name)
	if err != nil {
		panic(err) // it is embedded
	}
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		sendAs(w, http.StatusOK, contentTypes[path.Ext(name)], text)
	})
}

func notFound(w http.ResponseWriter, r *http.Request) {
	problemf(http.StatusNotFound, "unknown_path", "there is nothing at %.100q for %s", r.URL.Path, r.Method).write(w)
}

// maxProfile is how long a profile may take.
const maxProfile = 2 * time.Minute

// long gives a profile the time that it takes, and no more than there is.
func long(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), maxProfile)
		defer cancel()
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(maxProfile + requestTime))
		h(w, r.WithContext(ctx))
	}
}

// withJob answers with the job that was attached last, or that there is none.
func (s *server) withJob(h func(http.ResponseWriter, *http.Request, *rt.Job)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		j := s.job.Load()
		if j == nil {
			notReady().write(w)
			return
		}
		h(w, r, j)
	}
}

func notReady() *problem {
	return problemf(http.StatusServiceUnavailable, "not_ready", "the job is not running")
}

// healthz says that the process lives.
func (s *server) healthz(w http.ResponseWriter, _ *http.Request) {
	send(w, http.StatusOK, map[string]string{"status": "ok", "job": s.spec.Name})
}

// readyz says whether the job handles its input.
func (s *server) readyz(w http.ResponseWriter, _ *http.Request) {
	if j := s.job.Load(); j == nil || !j.Running() {
		notReady().write(w)
		return
	}
	send(w, http.StatusOK, map[string]string{"status": "ready", "job": s.spec.Name})
}

// describe says what the program is, as the command describe does, and what has
// been registered while the job ran.
func (s *server) describe(w http.ResponseWriter, _ *http.Request) {
	say := s.spec.Describe
	if j := s.job.Load(); j != nil {
		say = j.Describe
	}
	text, err := say()
	if err != nil {
		problemf(http.StatusInternalServerError, "not_described", "%v", err).write(w)
		return
	}
	sendJSON(w, http.StatusOK, text)
}

// stop ends the job as SIGTERM does.
func (s *server) stop(w http.ResponseWriter, _ *http.Request, _ *rt.Job) {
	s.log.Info("stopped over HTTP")
	send(w, http.StatusAccepted, map[string]string{"status": "stopping"})
	s.opts.Stop()
}

// savepoint writes a savepoint and answers when it is whole. That may take
// longer than other requests.
func (s *server) savepoint(w http.ResponseWriter, r *http.Request, j *rt.Job) {
	var ask savepointRequest
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	err := d.Decode(&ask)
	if long := new(http.MaxBytesError); errors.As(err, &long) {
		problemf(http.StatusRequestEntityTooLarge, "too_large", "a body has %d bytes at most", maxBody).write(w)
		return
	}
	if err != nil || ask.To == "" {
		bad("bad_request", "want {\"to\": DIR, \"stop\": false} as JSON").write(w)
		return
	}
	if !filepath.IsAbs(ask.To) {
		bad("bad_request", "the directory %.200q is relative: give one from the root", ask.To).write(w)
		return
	}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Time{})
	if err := j.Savepoint(context.WithoutCancel(r.Context()), ask.To, ask.Stop); err != nil {
		problemf(http.StatusConflict, "no_savepoint", "no savepoint was written: %v", err).write(w)
		return
	}
	send(w, http.StatusOK, map[string]string{"status": "written", "to": ask.To})
}
