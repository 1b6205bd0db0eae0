// Command embedded is a small HTTP service around a pipeline: POST /visits takes a
// visit, GET /counts/USER says how many there were, GET /health how the pipeline
// is. SIGTERM stops it with a last checkpoint, and the next start goes on from that.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os/signal"
	"syscall"
	"time"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/embed"

	"example.com/embedded/visits"
)

// Visit and Count are the program's records, by the names that they have there.
type Visit struct {
	User string `json:"user"`
	Page string `json:"page"`
}

type Count struct {
	User   string `json:"user"`
	Visits int64  `json:"visits"`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := run(ctx); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	p := embed.New(pipeline.Pipeline(), rt.Options{CheckpointTo: "checkpoints"})
	in := embed.In[Visit](p, "visits")
	out := embed.Out[Count](p, "counts")
	if err := p.Start(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	go cheer(out)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("http://" + listener.Addr().String())
	server := &http.Server{Handler: routes(p, in)}
	go server.Serve(listener)
	select {
	case <-ctx.Done():
	case <-p.Done():
	}
	end, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return errors.Join(server.Shutdown(end), p.Stop(end))
}

// cheer takes what the pipeline gives, until it ends.
func cheer(counts <-chan Count) {
	for c := range counts {
		if c.Visits%100 == 0 {
			log.Printf("%s comes for the %dth time", c.User, c.Visits)
		}
	}
}

func routes(p *embed.Pipeline, visits chan<- Visit) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /visits", func(w http.ResponseWriter, r *http.Request) {
		var v Visit
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&v); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		select {
		case visits <- v:
			w.WriteHeader(http.StatusAccepted)
		case <-r.Context().Done():
		case <-p.Done():
			http.Error(w, "the pipeline has ended", http.StatusServiceUnavailable)
		}
	})
	mux.HandleFunc("GET /counts/{user}", func(w http.ResponseWriter, r *http.Request) {
		n, _, err := embed.Ask[int64](p, "visits", r.PathValue("user"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, n)
	})
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		h := p.Health()
		if h.State != embed.Running {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		fmt.Fprintln(w, h.State)
	})
	return mux
}
