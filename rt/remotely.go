package rt

import (
	"fmt"
	"time"

	"github.com/flow-lang/flowc/rt/value"
)

// What an operator of another package, as that of remote functions, needs of its
// task beside what generated code does.

// Lease keeps the blocks that records come from in flight while these are under
// way. The zero Lease keeps none.
type Lease struct{ of *lease }

// Lease returns a lease of n records of the batch at hand, each of which ends it
// once.
func (t *Task) Lease(n int) Lease { return Lease{t.lease(n)} }

// End ends the lease of one record: what the step gives on comes from its blocks.
func (l Lease) End(t *Task) { l.of.end(t) }

// Random returns a number by chance.
func (t *Task) Random() uint64 { return t.job.opts.Random() }

// Shards returns how many shards the stage has.
func (t *Task) Shards() int { return t.job.shards }

// Stopped reports whether the job has failed here, so that nothing is taken any
// more.
func (t *Task) Stopped() bool { return t.stopped }

// Getenv returns a variable of the environment.
func (t *Task) Getenv(name string) (string, bool) { return t.job.opts.Getenv(name) }

// Shared returns what all shards of the stage share. The first that asks makes it.
func (t *Task) Shared(make func() any) any {
	s := t.stage
	s.sharing.Lock()
	defer s.sharing.Unlock()
	if s.shared == nil {
		s.shared = make()
	}
	return s.shared
}

// Refuse has the job not start, for what is wrong with how a step is set up. It may
// be called while the program is wired.
func (t *Task) Refuse(at value.Pos, err error) {
	t.job.refused = append(t.job.refused, fmt.Errorf("%s: %w", t.job.spec.Place(at), err))
}

// CallNote is what a step counts of its calls, to be added.
type CallNote struct {
	Calls, Failed, TimedOut, Retried, GivenUp int64
	Records                                   int64 // of a call that is begun; 0 if none is
	Sent, Received                            int64 // bytes
}

// Count adds to the figures of the task's calls.
func (o *Outside) Count(n CallNote) {
	f := &o.figures
	f.calls.Add(n.Calls)
	f.failed.Add(n.Failed)
	f.timedOut.Add(n.TimedOut)
	f.retried.Add(n.Retried)
	f.givenUp.Add(n.GivenUp)
	if n.Records > 0 {
		f.batch(n.Records)
	}
	f.sent.Add(n.Sent)
	f.received.Add(n.Received)
}

// Took notes how long a call has taken that came back.
func (o *Outside) Took(d time.Duration) { o.figures.latency.observe(d) }

// Now sets how many calls are under way, how many records wait, and whether calls
// are kept back because the other side does not answer.
func (o *Outside) Now(begun, waiting int64, open bool) {
	o.figures.begun.Store(begun)
	o.figures.waiting.Store(waiting)
	o.figures.open.Store(open)
}
