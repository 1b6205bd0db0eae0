package rt

import (
	"fmt"
	"sync/atomic"
)

// Sink is a sink of the graph.
type Sink struct {
	spec    SinkSpec
	job     *Job
	rows    []*Rows   // all that write to it
	writers []*writer // one, or one per shard
	tap     tapPoint
}

// Sink adds a sink.
func (g *Graph) Sink(spec SinkSpec) *Sink {
	s := &Sink{spec: spec, job: g.job}
	g.sinks = append(g.sinks, s)
	return s
}

// From returns what t writes rows to the sink with.
func (s *Sink) From(t *Task) *Rows {
	for _, r := range t.rows {
		if r.sink == s {
			return r
		}
	}
	r := &Rows{sink: s, task: t}
	t.rows = append(t.rows, r)
	s.rows = append(s.rows, r)
	return r
}

// Rows takes the encoded rows of one task for one sink.
type Rows struct {
	sink *Sink
	task *Task
	base int    // the writers' first channel of the task's source or stage
	buf  []byte // whole rows of the step at hand
	n    int64  // rows in buf

	records atomic.Int64 // in all
	written atomic.Int64 // those of them that are written
}

// Begin returns the buffer to append one row to.
func (r *Rows) Begin() []byte { return r.buf }

// End takes the buffer back with the row in it. Without End the row is dropped.
func (r *Rows) End(b []byte) {
	r.buf = b
	r.n++
}

// lot is rows on their way to a writer.
type lot struct {
	from  *Rows
	rows  []byte
	n     int64
	roots []*Block // the blocks they descend from, each retained

	channel int       // of the writer
	kind    blockKind // what it is, if it has no rows
	epoch   int64     // of a barrier

	// Lots of a source's lanes that share a writer are written in the order of
	// their blocks; there is one per block, also without rows.
	ordered   bool
	source    int
	partition int
	seq       int64
	last      bool // the job failed in this block: none after it is written
}

// flush passes on the rows of a step.
func (r *Rows) flush(m sent) {
	writers := r.sink.writers
	w := writers[r.task.index%len(writers)]
	ordered := r.task.source != nil && len(writers) == 1 && len(r.task.source.lanes) > 1
	if r.n == 0 && !ordered && !m.kind.alone() {
		return
	}
	l := lot{from: r, ordered: ordered, partition: m.channel, seq: m.seq, last: r.task.stopped, channel: r.base}
	if r.task.source != nil || len(writers) == 1 {
		l.channel += m.channel
	}
	if ordered {
		l.source = r.task.source.index
	}
	if m.kind.alone() {
		l.kind, l.epoch = m.kind, m.epoch
		defer r.spread(l, w)
	}
	if r.n > 0 {
		l.rows, l.n, r.buf = r.buf, r.n, w.buffer()
		l.roots = retainAll(nil, r.task.roots)
		r.task.out.Add(r.n)
		r.records.Add(r.n)
		w.figures.records.Add(r.n)
		w.figures.bytes.Add(int64(len(l.rows)))
		r.n = 0
	}
	w.put(l)
}

// spread gives what a lane's barrier or last block says to the other writers.
func (r *Rows) spread(l lot, but *writer) {
	if r.task.source == nil {
		return
	}
	l.rows, l.n, l.roots = nil, 0, nil
	for _, w := range r.sink.writers {
		if w != but {
			w.put(l)
		}
	}
}

// connect numbers the channels by which writers get rows: one per partition of
// a source, and one per shard of a stage that shares the writer.
func (s *Sink) connect() {
	type sender struct {
		source *source
		stage  *stage
	}
	bases, n := map[sender]int{}, 0
	for _, r := range s.rows {
		from := sender{r.task.source, r.task.stage}
		base, known := bases[from]
		if !known {
			base, bases[from] = n, n
			switch {
			case from.source != nil:
				n += len(from.source.parts)
			case len(s.writers) == 1:
				n += s.job.shards
			default:
				n++
			}
		}
		r.base = base
	}
	for _, w := range s.writers {
		w.channels = make([]writerChannel, n)
		w.live = n
	}
}

// open opens the sink's writers.
func (s *Sink) open(env *Env, from *Recovery) error {
	outs, err := s.spec.Connector.Open(env, from)
	if err != nil {
		return fmt.Errorf("sink %q: %w", s.spec.Name, err)
	}
	for i, out := range outs {
		name := s.spec.Name
		if len(outs) > 1 {
			name = fmt.Sprintf("%s writer %d", name, i)
		}
		s.writers = append(s.writers, newWriter(s, name, out))
	}
	return nil
}
