package models

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/flow-lang/flowc/reliability"
	"github.com/flow-lang/flowc/rt"
)

// samples is how often the state is looked at.
const samples = 20

// size is what the state of a job took at one time: entries by step, which are
// keys and timers, and bytes of the heap after a collection.
type size struct {
	entries map[string]int64
	heap    int64
}

// flood is an input of many events, of keys that come and go: each lives for some
// 20 s of event time. It looks at the job while it is read.
type flood struct {
	random     *rand.Rand
	next, all  int
	buffer     []byte
	job        *rt.Job
	sizes      []size
	perKey     int // events until the domain of keys has moved by one
	concurrent int // keys at a time
}

// Read writes the next rows.
func (f *flood) Read(to []byte) (int, error) {
	for len(f.buffer) == 0 {
		if f.next == f.all {
			return 0, io.EOF
		}
		if f.next > 0 && f.next%(f.all/samples) == 0 {
			f.look()
		}
		for range min(1000, f.all-f.next, f.all/samples-f.next%(f.all/samples)) {
			f.event()
		}
	}
	n := copy(to, f.buffer)
	f.buffer = f.buffer[n:]
	return n, nil
}

// event adds a row: 100 a second, one in 100 of them half a minute late.
func (f *flood) event() {
	at := moment(f.next) * second / 100
	if f.random.IntN(100) == 0 {
		at -= 30 * second
	}
	key := f.next/f.perKey + f.random.IntN(f.concurrent)
	f.buffer = fmt.Appendf(f.buffer, `{"k":%d,"at":"%s","n":%d,"id":%d}`+"\n", key, at.text(), f.random.IntN(8), f.next)
	f.next++
}

// look takes the size of the state.
func (f *flood) look() {
	s := size{entries: map[string]int64{}}
	for _, o := range f.job.Figures().Operators {
		s.entries[o.UID] = o.State.Keys + o.State.Timers
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	s.heap = int64(m.HeapAlloc)
	f.sizes = append(f.sizes, s)
}

// TestBounded: the state of each window, join, and step that remembers stays as it
// is while keys come and go.
func TestBounded(t *testing.T) {
	spec := program(t, "bounded")
	n := reliability.Size(200_000, 1_000_000, 100_000_000)
	f := &flood{random: rand.New(rand.NewPCG(1, 1)), all: n, perKey: 50, concurrent: 40}
	err := rt.Run(context.Background(), spec(), rt.Options{Parallelism: 1, Stdin: f, Stdout: io.Discard, Begun: func(j *rt.Job) { f.job = j }})
	if err != nil {
		t.Fatal(err)
	}
	bad := 0
	grown := func(what string, before, after int64) {
		if after > before+before/4 {
			bad++
			t.Errorf("%s grew from %d to %d", what, before, after)
		}
	}
	half := len(f.sizes) / 2
	for step := range f.sizes[0].entries {
		most := func(list []size) (n int64) {
			for _, s := range list {
				n = max(n, s.entries[step])
			}
			return n
		}
		before := most(f.sizes[:half])
		if before == 0 {
			t.Errorf("%s had no state", step)
		}
		grown("entries of "+step, before+20, most(f.sizes[half:]))
		t.Logf("%s: %d entries at most, then %d", step, before, most(f.sizes[half:]))
	}
	most := func(list []size) (n int64) {
		for _, s := range list {
			n = max(n, s.heap)
		}
		return n
	}
	grown("the heap", most(f.sizes[:half])+4<<20, most(f.sizes[half:]))
	t.Logf("heap: %d bytes at most, then %d", most(f.sizes[:half]), most(f.sizes[half:]))
	reliability.Note(t, "library, bounded", bad, reliability.Count{Name: "events", N: int64(n)},
		reliability.Count{Name: "steps", N: int64(len(f.sizes[0].entries))},
		reliability.Count{Name: "KiB of heap in the first half", N: most(f.sizes[:half]) >> 10},
		reliability.Count{Name: "KiB in the second", N: most(f.sizes[half:]) >> 10})
}
