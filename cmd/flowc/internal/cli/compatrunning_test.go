package cli

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/schema"
)

// TestRunningSide asks pipelines, and what is none, for their description.
func TestRunningSide(t *testing.T) {
	spec := rt.Spec{Name: "sums", Job: schema.Job{Pipeline: "sums", Operators: []schema.Operator{{UID: "sums"}}}}
	text, err := spec.Describe()
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /describe", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(text) })
	mux.HandleFunc("GET /page/describe", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) })
	mux.HandleFunc("GET /shut/describe", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer 0123456789abcdef" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = w.Write(text)
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	side, err := runningSide(context.Background(), server.URL+"/")
	if err != nil || side.Job.Pipeline != "sums" || len(side.Job.Operators) != 1 || side.Name != server.URL {
		t.Errorf("runningSide() = %+v, %v", side, err)
	}
	for at, want := range map[string]string{"/page": "is no pipeline", "/nothing": "404", "/shut": "wants a token"} {
		if _, err := runningSide(context.Background(), server.URL+at); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v says nothing of %q", at, err, want)
		}
	}
	t.Setenv(tokenVariable, "0123456789abcdef")
	if _, err := runningSide(context.Background(), server.URL+"/shut"); err != nil {
		t.Error(err)
	}
	if _, err := runningSide(context.Background(), "http:nowhere"); err == nil || !strings.Contains(err.Error(), "is no address") {
		t.Error(err)
	}
}
