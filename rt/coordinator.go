package rt

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/flow-lang/flowc/rt/checkpoint"
	"github.com/flow-lang/flowc/rt/value"
)

// attempt is one attempt at a snapshot: a checkpoint, a savepoint, both, or only
// the end of the output.
type attempt struct {
	epoch     int64
	saves     bool     // the state of operators, too
	base      [][]bool // by stage and shard: all of it, not what has changed
	last      bool     // after the end of the job
	begun     value.Timestamp
	savepoint *savepointRequest
	waiters   []chan error // of those who have asked for a checkpoint

	// Used by the coordinator alone.
	parts     map[*partition]checkpoint.Partition // where they are, as lanes pass the barriers on
	marks     map[*shard]value.Timestamp
	swept     map[*shard]sweptUpTo
	cuts      int
	whole     int // shards whose state is given
	outputs   map[*writer][]byte
	committed int  // writers
	durable   bool // the snapshot is written: it is the writers' turn
	bytes     int64
	size      int64 // bytes of state that the checkpoint names
	stages    []stageAttempt
}

// stageAttempt is what an attempt knows of a stage.
type stageAttempt struct {
	uid     string
	durable bool            // it has state
	paused  value.Timestamp // the longest that a cut took, in µs
	saved   value.Timestamp // when the last of its shards had given its state
	bytes   int64           // written
	size    int64           // that the checkpoint names
}

// coordinator takes snapshots. It may block, and is stepped by one goroutine; what
// the others have to tell it goes into its mail.
type coordinator struct {
	job  *Job
	save *saver // nil if nothing is saved
	wake chan struct{}

	mu     sync.Mutex
	mail   []func()
	closed bool // nobody reads the mail any more

	epoch    int64
	now      *attempt // the one that is being made; nil if none
	next     value.Timestamp
	earliest value.Timestamp // when next may be, after the pause
	failures int
	parts    map[*partition]checkpoint.Partition // those that have ended
	shards   int                                 // shards that have ended
	done     bool
	requests []*savepointRequest
	waiters  []chan error // of those who ask for a checkpoint; each takes one
}

func newCoordinator(j *Job) *coordinator {
	return &coordinator{job: j, wake: make(chan struct{}, 1), next: value.MaxTime, parts: map[*partition]checkpoint.Partition{}}
}

// start sets when the first checkpoint is due: early, so that a job that cannot
// save shows it at once, and one that dies young has committed something.
func (c *coordinator) start(now value.Timestamp) {
	if c.save != nil && c.save.log != nil {
		c.next = now + span(c.job.opts.CheckpointInterval)/2
	}
}

// ask asks for a savepoint.
func (c *coordinator) ask(r *savepointRequest) {
	if !c.tell(func() { c.requests = append(c.requests, r) }) {
		r.answer(ErrNotRunning)
	}
}

// hurry asks for a checkpoint before its time.
func (c *coordinator) hurry() {
	c.tell(func() {
		if c.save != nil && c.save.log != nil {
			c.next = min(c.next, c.earliest)
		}
	})
}

// tell puts something into the mail, and reports whether it will be read.
func (c *coordinator) tell(event func()) bool {
	c.mu.Lock()
	read := !c.closed
	if read {
		c.mail = append(c.mail, event)
	}
	c.mu.Unlock()
	c.poke()
	return read
}

func (c *coordinator) poke() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// passed takes note of a barrier or last block that a lane has passed on.
func (c *coordinator) passed(b *Block) {
	if !b.kind.alone() {
		return
	}
	kind, epoch, part, at := b.kind, b.epoch, b.part, b.at
	c.tell(func() {
		if kind != barrierBlock {
			c.parts[part] = at
		}
		if a := c.now; a != nil && a.parts != nil {
			if _, has := a.parts[part]; !has && (kind != barrierBlock || epoch == a.epoch) {
				a.parts[part] = at
			}
		}
	})
}

// ended takes note of a shard that has ended.
func (c *coordinator) ended(*shard) { c.tell(func() { c.shards++ }) }

// cut takes note that a shard has cut.
func (c *coordinator) cut(sh *shard, a *attempt) {
	mark, paused := sh.in.mark, sh.paused
	swept, clock := sh.swept, sh.task.now
	if c.job.opts.Log.Enabled(context.Background(), slog.LevelDebug) {
		sh.task.log().Debug("a shard has cut its state", "epoch", a.epoch, "µs", int64(paused))
	}
	c.tell(func() {
		if a == c.now {
			a.marks[sh], a.swept[sh] = mark, sweptUpTo{swept, clock}
			of := &a.stages[sh.stage.index]
			of.paused = max(of.paused, paused)
			a.cuts++
		}
	})
}

// section takes a piece of a shard's state.
func (c *coordinator) section(sh *shard, a *attempt, of section) {
	c.tell(func() {
		if a == c.now {
			a.bytes += int64(len(of.data))
			a.stages[sh.stage.index].bytes += int64(len(of.data))
			c.save.section(sh, a, of)
		}
	})
}

// saved takes note that a shard has given all its state.
func (c *coordinator) saved(sh *shard, a *attempt) {
	durable, now := sh.durable() != nil, c.job.now()
	c.tell(func() {
		if a == c.now {
			of := &a.stages[sh.stage.index]
			of.durable, of.saved = durable, max(of.saved, now)
			a.whole++
			if a.saves {
				c.save.whole(sh)
			}
		}
	})
}

// prepared takes note that a writer has ended an epoch of its output.
func (c *coordinator) prepared(w *writer, epoch int64, state []byte) {
	c.tell(func() {
		if a := c.now; a != nil && a.epoch == epoch {
			a.outputs[w] = state
		}
	})
}

// committed takes note that a writer's output of an epoch is final.
func (c *coordinator) committed(epoch int64) {
	c.tell(func() {
		if a := c.now; a != nil && a.epoch == epoch {
			a.committed++
		}
	})
}

// Name returns a name for traces.
func (c *coordinator) Name() string { return "coordinator" }

// Done reports whether no snapshot will be taken any more.
func (c *coordinator) Done() bool { return c.done }

// Ready reports whether there is something to do at now.
func (c *coordinator) Ready(now value.Timestamp) bool {
	if c.done {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.mail) > 0 || now >= c.Due() || c.job.failed.Load()
}

// Due returns when time alone gives the coordinator work.
func (c *coordinator) Due() value.Timestamp {
	a := c.now
	switch {
	case c.done:
		return value.MaxTime
	case a == nil:
		return c.next
	case a.durable || a.last:
		return value.MaxTime
	default:
		return a.begun + span(c.job.opts.CheckpointTimeout)
	}
}

// Step reads the mail and does what follows from it.
func (c *coordinator) Step(_ context.Context, now value.Timestamp) {
	c.mu.Lock()
	mail := c.mail
	c.mail = nil
	c.mu.Unlock()
	for _, event := range mail {
		event()
	}
	if c.job.failed.Load() {
		c.giveUp(c.job.Err())
		c.finish()
		return
	}
	c.advance(now)
}

// advance does the next thing about the attempt at hand, or begins one.
func (c *coordinator) advance(now value.Timestamp) {
	switch a := c.now; {
	case a == nil && c.allEnded():
		c.begin(now, true)
	case a == nil && (now >= c.next || len(c.requests) > 0 || len(c.waiters) > 0):
		c.begin(now, false)
	case a == nil:
	case a.durable:
		c.close(a, now)
	case c.complete(a):
		c.write(a, now)
	case now >= c.Due():
		c.failed(fmt.Errorf("checkpoint: it took longer than %v: sinks or sources are slower than that, or --checkpoint-timeout is too short", c.job.opts.CheckpointTimeout), now)
	}
}

// allEnded reports whether all input has been handled.
func (c *coordinator) allEnded() bool {
	return len(c.parts) == len(c.job.pumps) && c.shards == c.job.shards*len(c.job.graph.stages)
}

// begin asks for a snapshot.
func (c *coordinator) begin(now value.Timestamp, last bool) {
	c.epoch++
	a := &attempt{
		epoch: c.epoch, last: last, begun: now,
		parts: map[*partition]checkpoint.Partition{}, marks: map[*shard]value.Timestamp{}, swept: map[*shard]sweptUpTo{}, outputs: map[*writer][]byte{},
	}
	for _, st := range c.job.graph.stages {
		a.stages = append(a.stages, stageAttempt{uid: st.spec.UID})
	}
	switch {
	case last && c.job.atEnd.Load() != nil:
		a.savepoint = c.job.atEnd.Load()
	case last && c.job.opts.SavepointOnEnd != "":
		a.savepoint = &savepointRequest{dir: c.job.opts.SavepointOnEnd}
	case len(c.requests) > 0:
		a.savepoint, c.requests = c.requests[0], c.requests[1:]
	}
	a.waiters, c.waiters = c.waiters, nil
	a.saves = c.save != nil && (c.save.log != nil || a.savepoint != nil)
	if a.saves {
		a.base = c.save.bases(a.savepoint != nil)
		if err := c.save.begin(a); err != nil {
			c.now = a
			c.failed(err, now)
			return
		}
	}
	c.now = a
	c.job.asked.Store(a)
	c.putBarriers(a)
	c.job.nudge()
	if c.complete(a) { // there are neither stages nor sinks, and nobody will tell
		c.write(a, now)
	}
}

// putBarriers puts a barrier into every partition that has not ended.
func (c *coordinator) putBarriers(a *attempt) {
	for p, at := range c.parts {
		a.parts[p] = at
	}
	for _, p := range c.job.pumps {
		p.source.pushBarrier(p, a.epoch)
	}
}

// complete reports whether all have told what they have.
func (c *coordinator) complete(a *attempt) bool {
	shards := c.job.shards * len(c.job.graph.stages)
	whole, outputs := a.whole == shards, len(a.outputs) == len(c.job.writers())
	switch c.job.opts.Mutant {
	case HalfState:
		whole = true
	case HalfOutputs:
		outputs = true
	}
	return len(a.parts) == len(c.job.pumps) && a.cuts == shards && whole && outputs
}

// write makes the snapshot durable, and lets writers make their output final.
func (c *coordinator) write(a *attempt, now value.Timestamp) {
	if c.job.opts.Mutant == CommitFirst {
		c.job.committing.Store(a.epoch)
		c.job.nudge()
	}
	if c.job.verifying.await(); c.job.failed.Load() {
		return // the next step gives up
	}
	if a.saves {
		if err := c.save.write(a); err != nil {
			c.failed(err, now)
			return
		}
	}
	a.durable = true
	c.failures = 0
	c.job.committing.Store(a.epoch)
	c.job.nudge()
	c.advance(now)
}

// close ends an attempt when all writers have made their output final.
func (c *coordinator) close(a *attempt, now value.Timestamp) {
	if a.committed < len(c.job.writers()) {
		return
	}
	if a.saves {
		if err := c.save.clean(); err != nil {
			c.job.opts.Log.Warn("old checkpoints are left", "error", err)
		}
	}
	c.now = nil
	if a.saves {
		c.job.checkpoints.taken(a, now)
	}
	c.schedule(a, now)
	if a.savepoint != nil {
		a.savepoint.answer(nil)
	}
	answerAll(a.waiters, nil)
	c.job.opts.Log.Debug("checkpoint", "epoch", a.epoch, "bytes", a.bytes, "µs", int64(now-a.begun))
	if a.last {
		c.finish()
		return
	}
	c.advance(now)
}

// schedule sets when the next checkpoint is due after one.
func (c *coordinator) schedule(a *attempt, now value.Timestamp) {
	if c.save == nil || c.save.log == nil {
		c.next = value.MaxTime
		return
	}
	c.earliest = now + span(c.job.opts.CheckpointPause)
	c.next = max(a.begun+span(c.job.opts.CheckpointInterval), c.earliest)
}

// failed gives the attempt up, and fails the job if too many in a row have been. A
// savepoint that somebody has asked for is their affair: a job must not end because
// of the places that they name.
func (c *coordinator) failed(err error, now value.Timestamp) {
	a := c.now
	if theirs := (failedSavepoint{}); !a.last && errors.As(err, &theirs) {
		c.job.opts.Log.Warn("a savepoint that was asked for could not be written", "error", err)
		a.waiters, c.waiters = nil, append(a.waiters, c.waiters...)
		c.giveUp(theirs.error)
		c.poke()
		return
	}
	c.failures++
	c.job.checkpoints.missed(a, err, now)
	fatal := a.last || errors.Is(err, checkpoint.ErrFenced) || c.failures > c.job.opts.TolerableFailures
	c.giveUp(err)
	if fatal {
		c.job.fail(err, failedAt{})
		c.finish()
		return
	}
	c.job.opts.Log.Warn("a checkpoint has failed, and the next will be tried", "error", err)
	c.schedule(a, now)
}

// giveUp ends the attempt at hand: what belongs to it counts no more.
func (c *coordinator) giveUp(err error) {
	a := c.now
	if a == nil {
		return
	}
	c.now = nil
	if c.job.opts.Mutant != SilentAbort {
		c.job.aborted.Store(a.epoch)
	}
	if c.save != nil && a.saves {
		c.save.giveUp(a)
	}
	if a.savepoint != nil {
		a.savepoint.answer(err)
	}
	answerAll(a.waiters, err)
	c.job.nudge()
}

// finish lets tasks and writers end.
func (c *coordinator) finish() {
	c.done = true
	c.mu.Lock()
	mail := c.mail
	c.mail, c.closed = nil, true
	c.mu.Unlock()
	for _, event := range mail {
		event()
	}
	for _, r := range append(c.requests, c.job.atEnd.Load()) {
		r.answer(ErrNotRunning)
	}
	answerAll(c.waiters, ErrNotRunning)
	c.job.over.Store(true)
	c.job.wakeAll()
}

// span returns a length of time as timestamps count it.
func span(d time.Duration) value.Timestamp { return value.Timestamp(d / time.Microsecond) }
