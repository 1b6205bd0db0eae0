package rt

import (
	"fmt"
	"sync"

	"github.com/flow-lang/flowc/rt/value"
)

// writeSize is how many bytes a writer gathers before it writes. A lot that is
// at least half as long is written by itself, without a copy.
const writeSize = 64 << 10

// keepSize is the size in bytes of the largest buffer that is used again.
const keepSize = 4 << 20

// writer writes the rows of a sink, or of one shard of it.
type writer struct {
	sink *Sink
	name string
	out  Writer
	wake chan struct{} // one slot: there is something to write, or an end of it

	figures writerFigures

	mu     sync.Mutex
	mail   []lot
	free   [][]byte
	closed bool // nothing more will come
	nudged bool // the coordinator has something to say

	// Used by the writer's goroutine alone.
	early   map[[2]int][]lot // lots whose turn has not come, by source and partition
	turn    map[[2]int]int64 // number of the block whose lot is next
	gather  []byte
	pending []*Block // roots of what has been gathered
	taken   []taken  // how many rows of whom that are
	dirty   bool     // something was written since the last flush

	channels  []writerChannel
	live      int   // channels that have not ended
	barred    int   // those of them that are held at a barrier
	epoch     int64 // of that barrier
	prepared  int64 // epoch
	committed int64
	broken    bool // a write failed: the rest is thrown away
	done      bool
}

func newWriter(s *Sink, name string, out Writer) *writer {
	return &writer{
		sink: s, name: name, out: out, wake: make(chan struct{}, 1),
		early: map[[2]int][]lot{}, turn: map[[2]int]int64{},
	}
}

// buffer returns an empty buffer for rows.
func (w *writer) buffer() []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	if n := len(w.free); n > 0 {
		b := w.free[n-1]
		w.free = w.free[:n-1]
		return b
	}
	return nil
}

// put gives the writer a lot. It may be called by any worker.
func (w *writer) put(l lot) {
	w.mu.Lock()
	w.mail = append(w.mail, l)
	w.mu.Unlock()
	w.poke()
}

// finish tells the writer that nothing more will come.
func (w *writer) finish() {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	w.poke()
}

func (w *writer) poke() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Name returns the name of the writer for traces.
func (w *writer) Name() string { return w.name }

// Ready reports whether there is something to do.
func (w *writer) Ready(value.Timestamp) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.done && (len(w.mail) > 0 || w.closed || w.nudged)
}

// Done reports whether all rows are written and nothing more will come.
func (w *writer) Done() bool { return w.done }

// step writes what has come.
func (w *writer) step() {
	w.mu.Lock()
	mail, closed := w.mail, w.closed
	w.mail, w.nudged = nil, false
	w.mu.Unlock()
	for _, l := range mail {
		w.inTurn(l)
	}
	w.settleEpochs()
	w.spill()
	if closed {
		w.done = true
	}
	w.flush()
}

// inTurn writes a lot when the lots of all blocks before it have been written.
func (w *writer) inTurn(l lot) {
	if !l.ordered {
		w.accept(l)
		return
	}
	of := [2]int{l.source, l.partition}
	if l.seq != w.turn[of] {
		w.early[of] = append(w.early[of], l)
		return
	}
	for found := true; found && !l.last; l, found = w.nextEarly(of) {
		w.accept(l)
		w.turn[of]++
	}
	if l.last {
		w.accept(l)
	}
}

// nextEarly takes out the early lot whose turn it is, if it is there.
func (w *writer) nextEarly(of [2]int) (lot, bool) {
	early := w.early[of]
	for i, l := range early {
		if l.seq == w.turn[of] {
			early[i] = early[len(early)-1]
			early[len(early)-1] = lot{}
			w.early[of] = early[:len(early)-1]
			return l, true
		}
	}
	return lot{}, false
}

// write gathers small lots and writes large ones.
func (w *writer) write(l lot) {
	w.sink.tap.sample(w.sink.job, l.rows)
	w.pending = append(w.pending, l.roots...)
	if l.n > 0 {
		w.taken = append(w.taken, taken{l.from, l.n})
	}
	if len(l.rows) >= writeSize/2 {
		w.empty()
		w.emit(l.rows)
		w.settle()
	} else {
		w.gather = append(w.gather, l.rows...)
		if len(w.gather) >= writeSize {
			w.spill()
		}
	}
	if cap(l.rows) > 0 && cap(l.rows) <= keepSize {
		w.mu.Lock()
		w.free = append(w.free, l.rows[:0])
		w.mu.Unlock()
	}
}

// spill writes what has been gathered and gives its blocks back.
func (w *writer) spill() {
	w.empty()
	w.settle()
}

// empty writes what has been gathered.
func (w *writer) empty() {
	if len(w.gather) > 0 {
		w.emit(w.gather)
		w.gather = w.gather[:0]
	}
}

// taken is how many rows of one task have been gathered.
type taken struct {
	from *Rows
	n    int64
}

// settle gives back the blocks of all that has been written, and counts it.
func (w *writer) settle() {
	for _, t := range w.taken {
		t.from.written.Add(t.n)
	}
	w.taken = w.taken[:0]
	for i, b := range w.pending {
		b.release()
		w.pending[i] = nil
	}
	w.pending = w.pending[:0]
}

// emit writes rows, unless an earlier write failed.
func (w *writer) emit(rows []byte) {
	if w.broken {
		return
	}
	w.dirty = true
	began := w.sink.job.now()
	w.check(w.out.Write(rows))
	w.figures.writes.observe(micros(int64(w.sink.job.now() - began)))
}

// flush makes what has been written visible.
func (w *writer) flush() {
	if w.dirty && !w.broken {
		w.dirty = false
		began := w.sink.job.now()
		w.check(w.out.Flush())
		w.figures.flushes.observe(micros(int64(w.sink.job.now() - began)))
	}
}

// check fails the job if a write failed.
func (w *writer) check(err error) {
	if err != nil {
		w.broken = true
		w.sink.job.fail(fmt.Errorf("sink %q: %w", w.sink.spec.Name, err), failedAt{})
	}
}
