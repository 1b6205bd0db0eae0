package rt

import (
	"fmt"

	"github.com/flow-lang/flowc/rt/value"
)

// lane decodes blocks of one source, any block of any partition. A source has
// one lane per worker, or one if it is serial.
type lane struct {
	source *source
	task   *Task
	typed  Lane
	held   *Block // taken and not decoded yet, between fine steps
}

func newLane(j *Job, s *source, index int) *lane {
	return &lane{source: s, task: &Task{job: j, index: index, source: s}}
}

// Name returns the name of the lane for traces.
func (l *lane) Name() string { return fmt.Sprintf("%s lane %d", l.source.spec.Name, l.task.index) }

// Ready reports whether there is a block to take. A job that has failed takes
// none.
func (l *lane) Ready(value.Timestamp) bool {
	return l.held != nil || l.source.waiting.Load() > 0 && !l.task.job.failed.Load()
}

// Done reports whether all partitions have been read to their end.
func (l *lane) Done() bool { return l.held == nil && l.source.drained.Load() }

// Due returns that time alone gives a lane no work.
func (l *lane) Due() value.Timestamp { return value.MaxTime }

func (l *lane) of() *Task { return l.task }

// step handles one block.
func (l *lane) step(now value.Timestamp) {
	b := l.held
	if b == nil {
		b = l.source.take()
		if l.task.job.opts.FineSteps {
			l.held = b
			return
		}
	}
	if b == nil {
		return // another lane was first
	}
	l.held = nil
	t := l.task
	t.now = now
	t.touch(b)
	b.Max = value.MinTime
	mark, kind := value.MinTime, b.kind
	if b.failure != nil {
		t.job.fail(b.failure, failedAt{})
	}
	if b.kind == dataBlock {
		l.decode(b)
		if t.stopped {
			kind = stopBlock // rows are missing: neither its mark nor what comes after it counts
		} else {
			mark = l.source.mark(b.Max)
			if b.Floor.OK {
				mark = max(mark, min(b.Floor.V, lastMark))
			}
		}
		t.in.Add(b.Records)
		t.figures.bytes.Add(int64(len(b.Bytes)))
	}
	l.source.decoded(b, mark)
	t.flush(sent{channel: b.part.index, seq: b.seq, kind: kind, epoch: b.epoch, mark: mark, always: true})
	t.job.coordinator.passed(b)
	l.source.passed(b)
	b.release()
}

// decode handles the rows of a block.
func (l *lane) decode(b *Block) {
	l.source.tap.sample(l.source.job, b.Bytes)
	if b.Overlong == nil {
		l.typed.Block(b)
		return
	}
	if o, ok := l.typed.(OverlongLane); ok {
		o.Overlong(b)
		return
	}
	l.task.Malformed(b, b.Line, b.Bytes, b.Overlong)
}
