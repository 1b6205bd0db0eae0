package embed_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	ended "github.com/flow-lang/flowc/golden/gen/ended"
	queries "github.com/flow-lang/flowc/golden/gen/queries"
	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/embed"
)

// event and row are the program's records.
type event struct {
	K    string    `json:"k"`
	At   time.Time `json:"at"`
	N    int       `json:"n"`
	Rate bool      `json:"rate"`
}

type row struct {
	K    string `json:"k"`
	Base int    `json:"base"`
}

func events(key string, n int) iter.Seq[event] {
	return func(yield func(event) bool) {
		for i := range n {
			if !yield(event{K: fmt.Sprint(key, i%7), At: time.Unix(int64(i), 0).UTC(), N: 1}) {
				return
			}
		}
	}
}

// Several pipelines run in one process, from iterators to channels, to their end.
func TestSeveralToTheirEnd(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	var outs []<-chan row
	var all []*embed.Pipeline
	for i := range 3 {
		p := embed.New(ended.Pipeline(), rt.Options{Parallelism: 1 + i})
		embed.From(p, "events", events(fmt.Sprint(i, "-"), 2000))
		outs = append(outs, embed.Out[row](p, "rows"))
		if err := p.Start(ctx); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	for i, out := range outs {
		n := 0
		for r := range out {
			if n++; r.K[:1] != fmt.Sprint(i) || r.Base != 100 {
				t.Fatalf("pipeline %d gives %+v", i, r)
			}
		}
		if err := all[i].Wait(ctx); err != nil || n != 2000 {
			t.Errorf("pipeline %d gives %d rows and ends with %v", i, n, err)
		}
		if h := all[i].Health(); h.State != embed.Ended || h.Figures.Sources[0].Records != 2000 {
			t.Errorf("pipeline %d is %s after %d records", i, h.State, h.Figures.Sources[0].Records)
		}
	}
}

// A pipeline is asked for checkpoints and savepoints while it runs, and stopped
// also when nobody takes what it gives.
func TestStartAskStop(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := embed.New(ended.Pipeline(), rt.Options{Parallelism: 2, CheckpointTo: filepath.Join(dir, "cp")})
	in, out := embed.In[event](p, "events"), embed.Out[row](p, "rows")
	if err := p.Savepoint(t.Context(), filepath.Join(dir, "early")); !errors.Is(err, embed.ErrNotRunning) {
		t.Errorf("a savepoint before the start: %v", err)
	}
	if err := p.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	for e := range events("k", 50) {
		in <- e
		if r := <-out; r.K != e.K {
			t.Fatalf("%+v of %+v", r, e)
		}
	}
	if err := errors.Join(p.Checkpoint(t.Context()), p.Savepoint(t.Context(), filepath.Join(dir, "sp"))); err != nil {
		t.Error(err)
	}
	if h := p.Health(); h.State != embed.Running || h.Figures.Checkpoints.Completed < 1 {
		t.Errorf("%s after %d checkpoints", h.State, h.Figures.Checkpoints.Completed)
	}
	for e := range events("more", 200) { // more than the channel holds
		in <- e
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := p.Stop(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("nobody takes the rows, and Stop gives %v", err)
	}
	if err := p.Wait(t.Context()); err != nil {
		t.Error(err)
	}
}

// What cannot start says why.
func TestMistakes(t *testing.T) {
	t.Parallel()
	p := embed.New(ended.Pipeline(), rt.Options{})
	embed.In[event](p, "evnts")
	if err := p.Start(t.Context()); err == nil || err.Error() != `ended has no source with the uid "evnts": did you mean "events"?` {
		t.Error(err)
	}
	p = embed.New(ended.Pipeline(), rt.Options{})
	in := embed.In[string](p, "events")
	embed.Out[row](p, "rows")
	panics(t, "a second channel", func() { embed.In[event](p, "events") })
	if err := p.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	panics(t, "a channel after the start", func() { embed.Out[row](p, "rows") })
	in <- "no record"
	if err := p.Wait(t.Context()); err == nil || p.Health().State != embed.Failed {
		t.Errorf("a row that is none: %v", err)
	}
}

// panics fails the test unless do panics.
func panics(t *testing.T, what string, do func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Errorf("%s is taken", what)
		}
	}()
	do()
}

// sale is a record of a program whose state can be asked for.
type sale struct {
	Shop   string    `json:"shop"`
	Item   string    `json:"item"`
	Amount int       `json:"amount"`
	At     time.Time `json:"at"`
	Tags   []string  `json:"tags"`
}

// State is asked for by its name, as values of Go.
func TestAsk(t *testing.T) {
	t.Parallel()
	p := embed.New(queries.Pipeline(), rt.Options{Parallelism: 2, Stdout: io.Discard})
	in := embed.In[sale](p, "sales")
	if _, _, err := embed.Ask[int](p, "total", "a"); !errors.Is(err, embed.ErrNotRunning) {
		t.Errorf("before the start: %v", err)
	}
	if err := p.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		in <- sale{Shop: "a", Item: fmt.Sprint("item ", i), Amount: i + 1, At: time.Unix(int64(i), 0).UTC(), Tags: []string{"x"}}
	}
	for total := 0; total != 6; {
		var err error
		if total, _, err = embed.Ask[int](p, "total", "a"); err != nil {
			t.Fatal(err)
		}
	}
	latest, found, err := embed.Ask[sale](p, "latest-sale", "a")
	if want := (sale{"a", "item 2", 3, time.Unix(2, 0).UTC(), []string{"x"}}); err != nil || !found || !cmp.Equal(want, latest) {
		t.Errorf("the latest is %+v, %t, %v", latest, found, err)
	}
	type entry struct {
		Key   string `json:"map_key"`
		Value int    `json:"value"`
	}
	stock, _, err := embed.Ask[[]entry](p, "stock", "a")
	if diff := cmp.Diff([]entry{{"item 0", 1}, {"item 1", 2}, {"item 2", 3}}, stock); err != nil || diff != "" {
		t.Errorf("the entries of a map (-want +got):\n%s%v", diff, err)
	}
	if _, found, err := embed.Ask[int](p, "total", "b"); found || err != nil {
		t.Errorf("a key that has nothing: %t, %v", found, err)
	}
	for what, ask := range map[string]func() (any, bool, error){
		"a state that is none":    func() (any, bool, error) { return embed.Ask[any](p, "totals", "a") },
		"a key of another type":   func() (any, bool, error) { return embed.Ask[any](p, "total", 5) },
		"a value of another type": func() (any, bool, error) { return embed.Ask[bool](p, "total", "a") },
	} {
		if v, found, err := ask(); err == nil || found {
			t.Errorf("%s: %v, %t", what, v, found)
		}
	}
	if err := p.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}
