package rt

import (
	"fmt"
	"sync/atomic"

	"github.com/flow-lang/flowc/rt/value"
)

// Task is what a lane or a shard knows of the job it runs in. It is used by one
// goroutine at a time.
type Task struct {
	job    *Job
	index  int     // of the lane or shard
	source *source // of a lane
	stage  *stage  // of a shard
	fault  value.Fault
	now    value.Timestamp // at the beginning of the step
	links  []*link
	rows   []*Rows
	roots  []*Block // blocks that the step at hand has touched
	at     []*Block // those that the chunk at hand descends from

	outside *Outside // nil if the task has no work done outside of its steps

	stopped bool  // the job failed here; what is sent from now on is cut off
	cuts    []int // lengths when it did, in the order of rows, then links

	in, out, skipped atomic.Int64 // records decoded, rows given to sinks, records left out
	figures          taskFigures

	named map[named]struct{} // of dynamic state: what has been noted

	notedAt value.Timestamp // when an error was noted last; 0 if none was
	unnoted int64           // errors since
}

// Fault returns the task's fault.
func (t *Task) Fault() *value.Fault { return &t.fault }

// Now returns the processing time. It stands still during a step.
func (t *Task) Now() value.Timestamp { return t.now }

// Index returns which lane of its source, or shard of its stage, the task is.
func (t *Task) Index() int { return t.index }

// KeyGroups returns the number of key groups.
func (t *Task) KeyGroups() int { return t.job.groups }

// Malformed deals with a row that is no record of its source, by the source's
// policy: it stops the job and returns false, or counts the row and returns
// true. line is that of the row in b.Path, counted from 1.
func (t *Task) Malformed(b *Block, line int, raw []byte, err error) bool {
	spec := &t.source.spec
	if spec.OnMalformed == PolicySkip {
		t.skipped.Add(1)
		t.figures.bad.Add(1)
		t.note(fmt.Sprintf("%s:%d", b.Path, line), err.Error(), raw)
		return true
	}
	t.stop(&RecordError{
		Place:  fmt.Sprintf("%s:%d", b.Path, line),
		Reason: err.Error(),
		In:     t.inSource(),
		Record: shown(raw),
		Help:   []string{`to go on without such rows, write "on malformed skip" in the source's block, or "on malformed to NAME" to send them to a stream`},
	})
	return false
}

// Failed takes the fault of a record whose handler has been undone and deals
// with it by policy: it stops the job, or counts the record. record is the
// record as JSON, nil for a timer and of one that the job goes on without and does
// not note.
func (t *Task) Failed(step string, record []byte, policy Policy) {
	t.decide("step", step, record, policy)
}

// Unwritten is [Task.Failed] for a record that a sink cannot encode.
func (t *Task) Unwritten(sink string, record []byte, policy Policy) {
	t.decide("sink", sink, record, policy)
}

func (t *Task) decide(what, name string, record []byte, policy Policy) {
	reason, at, inside := t.takeFault()
	if policy == PolicySkip {
		t.skipped.Add(1)
		t.figures.failed.Add(1)
		t.note(at, reason, record)
		return
	}
	t.stop(&RecordError{
		Place:  at,
		Reason: reason,
		Inside: inside,
		In:     fmt.Sprintf("in %s %q", what, name),
		Record: shown(record),
		Help:   []string{`to go on without such records, write "on error skip" at the ` + what + `, or "on error to NAME" to send them to a stream`},
	})
}

// TakeFault takes the fault of a record that goes to a stream of failed
// records: the reason, and the position "file:line:column". record is as for
// [Task.Failed].
func (t *Task) TakeFault(record []byte) (reason, position string) {
	reason, position, _ = t.takeFault()
	t.figures.failed.Add(1)
	t.note(position, reason, record)
	return reason, position
}

// takeFault takes a fault: the reason, and its place in the program. One inside
// the standard library is at the call that led there, and has that place, too.
func (t *Task) takeFault() (reason, at, inside string) {
	spec := &t.job.spec
	caller := t.fault.Caller()
	reason, pos := t.fault.Take()
	if caller.IsValid() && spec.Own > 0 && pos.File() >= spec.Own {
		pos, inside = caller, place(spec.Files, pos)
	}
	if at = place(spec.Files, pos); at == "" {
		at = spec.Name
	}
	return reason, at, inside
}

// inSource names the task's source and its place in the program.
func (t *Task) inSource() string {
	spec := &t.source.spec
	text := fmt.Sprintf("source %q", spec.Name)
	if p := place(t.job.spec.Files, spec.Pos); p != "" {
		text += " (" + p + ")"
	}
	return text
}

// stop fails the job. What the task has sent until now still goes out.
func (t *Task) stop(err error) {
	var at failedAt
	if len(t.roots) > 0 {
		b := t.roots[len(t.roots)-1]
		at = failedAt{ok: true, source: b.part.source.index, partition: b.part.index, seq: b.seq}
	}
	if t.stopped {
		return
	}
	t.stopped = true
	t.cuts = t.cuts[:0]
	for _, r := range t.rows {
		t.cuts = append(t.cuts, len(r.buf), int(r.n))
	}
	for _, l := range t.links {
		for _, c := range l.open {
			last := 0
			if n := len(c.runs); n > 0 {
				last = c.runs[n-1].n
			}
			t.cuts = append(t.cuts, len(c.runs), last)
			for _, p := range c.parts {
				t.cuts = append(t.cuts, len(p.metas()))
			}
		}
	}
	t.job.fail(err, at)
}

// cut drops what was sent after the job failed.
func (t *Task) cut() {
	cuts := t.cuts
	for _, r := range t.rows {
		r.buf, r.n = r.buf[:cuts[0]], int64(cuts[1])
		cuts = cuts[2:]
	}
	for _, l := range t.links {
		for _, c := range l.open {
			if c.runs = c.runs[:cuts[0]]; cuts[0] > 0 {
				c.runs[cuts[0]-1].n = cuts[1]
			}
			cuts = cuts[2:]
			for _, p := range c.parts {
				p.cut(cuts[0])
				cuts = cuts[1:]
			}
		}
	}
}

// linkTo returns the task's link to a stage, for messages or all else, and makes
// it if it is the first.
func (t *Task) linkTo(s *stage, messages bool) *link {
	for _, l := range t.links {
		if l.stage == s && l.messages == messages {
			return l
		}
	}
	up := upstream{source: t.source, stage: t.stage, messages: messages}
	l := &link{task: t, stage: s, messages: messages, group: s.groupOf(up), open: make([]*chunk, t.job.shards)}
	t.links = append(t.links, l)
	return l
}

// seal opens the first chunks, once all senders are known.
func (t *Task) seal() {
	for _, l := range t.links {
		for shard := range l.open {
			l.openChunk(shard)
		}
	}
}

// touch adds a block to those that the step at hand has touched.
func (t *Task) touch(b *Block) {
	for i := len(t.roots) - 1; i >= 0; i-- {
		if t.roots[i] == b {
			return
		}
	}
	b.retain()
	t.roots = append(t.roots, b)
}

// sent is what a step tells every stage and sink it feeds about itself.
type sent struct {
	channel int   // partition, or shard
	seq     int64 // of the block, for lanes
	kind    blockKind
	epoch   int64 // of a barrier
	mark    value.Timestamp
	always  bool // also to those for whom there are no records
}

// flush passes on what the step at hand has sent and forgets its blocks.
func (t *Task) flush(m sent) {
	if t.stopped {
		t.cut()
	}
	for _, r := range t.rows {
		r.flush(m)
	}
	for _, l := range t.links {
		always := m.always && !(l.messages && t.stage != nil) // a loop's shards know its end
		if m.kind == barrierBlock && l.inside() {
			continue // a loop is cut when nothing moves in it
		}
		for shard, c := range l.open {
			n := c.close()
			if n == 0 && !always {
				continue
			}
			if n > 0 && t.job.opts.Mutant != EarlyRelease {
				c.roots = retainAll(c.roots, t.roots)
			}
			l.records.Add(int64(n))
			c.channel, c.seq, c.kind, c.epoch, c.mark = m.channel, m.seq, m.kind, m.epoch, m.mark
			l.openChunk(shard)
			l.stage.shards[shard].put(c)
		}
	}
	for i, b := range t.roots {
		b.release()
		t.roots[i] = nil
	}
	t.roots = t.roots[:0]
}

// retainAll appends roots to list, each with a reference of its own.
func retainAll(list, roots []*Block) []*Block {
	for _, b := range roots {
		b.retain()
		list = append(list, b)
	}
	return list
}
