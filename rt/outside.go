package rt

import (
	"context"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/flow-lang/flowc/rt/value"
)

// How work is done outside of steps
//
// A step never waits. What has to wait for something else, such as a call of a
// user's function that asks a server, is a [Work]: an operator begins it by its
// [Outside], the driver does it on a goroutine of its own, and it comes back
// through a mailbox to the shard that began it, which has a step then. In the
// simulator and the test rig one more actor does it, in an order that the job's
// random numbers decide.
//
// An operator with work outside is not done with a record when its handler
// returns. It is [Calling], and its shard asks its [Caller] what that means:
// how many records it may be given, which watermark may be told to those behind,
// whether the input's end may be told, and when it wants a step. A snapshot does
// not wait for what is under way; the operator saves it with its state, and
// begins it again after a restore.

// Work is something that is done outside of steps.
type Work interface {
	// Do does it, and returns work that is done next in its place, or nil. It touches
	// nothing that belongs to the shard. ctx ends with the job, also before Do
	// returns: nobody waits for work that hangs.
	Do(ctx context.Context) (next Work)
}

// Outside is where one task has work done outside of its steps. Its methods are
// for the steps of that task.
type Outside struct {
	job   *Job
	shard int

	mu    sync.Mutex // guards mail, which any goroutine adds to
	mail  []Work
	count atomic.Int32 // length of mail
	spare []Work

	figures callFigures
}

// Outside returns where the task has work done outside of its steps.
func (t *Task) Outside() *Outside {
	if t.outside == nil {
		t.outside = &Outside{job: t.job, shard: t.index}
	}
	return t.outside
}

// Begin has w done.
func (o *Outside) Begin(w Work) { o.job.outside.begin(outsideWork{w, o}) }

// Done returns the work that has been done since the last call, in the order in
// which it came back. The list is valid until the next call.
func (o *Outside) Done() []Work {
	if o.count.Load() == 0 {
		return nil
	}
	o.mu.Lock()
	mail := o.mail
	o.mail = o.spare[:0]
	o.count.Store(0)
	o.mu.Unlock()
	o.spare = mail
	return mail
}

// put takes work back.
func (o *Outside) put(w Work) {
	o.mu.Lock()
	o.mail = append(o.mail, w)
	o.count.Store(int32(len(o.mail)))
	first := len(o.mail) == 1
	o.mu.Unlock()
	if first {
		o.job.workReady(o.shard)
	}
}

// outsideWork is work with the way back.
type outsideWork struct {
	work Work
	from *Outside
}

// outsiders do the work of all tasks of a job.
type outsiders struct {
	job    *Job
	ctx    context.Context // of goroutines; nil if an actor does the work
	cancel context.CancelFunc
	queue  []outsideWork // of the actor
}

// begin lets a goroutine do the work, or keeps it for the actor.
func (s *outsiders) begin(w outsideWork) {
	if s.ctx == nil {
		s.queue = append(s.queue, w)
		return
	}
	go func() {
		for ctx := s.ctx; w.work != nil; {
			w.work = s.do(ctx, w)
		}
	}()
}

// do does the work, and returns what is done next in its place. A panic is a bug of
// ours: those of a user's functions are caught where they are called.
func (s *outsiders) do(ctx context.Context, w outsideWork) (next Work) {
	defer func() {
		if v := recover(); v != nil {
			s.job.fail(&Bug{Task: "work outside of steps", Value: v, Stack: debug.Stack()}, failedAt{})
		}
	}()
	next = w.work.Do(ctx)
	w.from.put(w.work)
	return next
}

// drive lets goroutines do the work until the function that it returns is
// called. Those that hang then are left alone.
func (s *outsiders) drive() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	s.ctx, s.cancel = ctx, cancel
	return cancel
}

// outsideActor does the work of a job that no goroutines drive: one piece a
// step, whichever the job's random numbers say.
type outsideActor struct{ *outsiders }

// Name returns a name for traces.
func (outsideActor) Name() string { return "work outside of steps" }

// Ready reports whether there is work.
func (a outsideActor) Ready(value.Timestamp) bool { return len(a.queue) > 0 }

// Done reports whether there is none, for now.
func (a outsideActor) Done() bool { return len(a.queue) == 0 }

// Step does one piece of work.
func (a outsideActor) Step(ctx context.Context, _ value.Timestamp) {
	i := int(a.job.opts.Random() % uint64(len(a.queue)))
	w := a.queue[i]
	last := len(a.queue) - 1
	copy(a.queue[i:], a.queue[i+1:])
	a.queue[last] = outsideWork{}
	a.queue = a.queue[:last]
	if next := a.do(ctx, w); next != nil {
		a.queue = append(a.queue, outsideWork{next, w.from})
	}
}

// Calling is an [Operator] that has work done outside of its steps.
type Calling interface {
	Operator
	Caller() Caller
}

// Caller is what a shard asks about the work that its operator has outside.
type Caller interface {
	// Resume takes what has come back and gives on what may be given. It begins
	// further work unless none may be begun any more.
	Resume(now value.Timestamp, begin bool)

	// Room returns how many records the operator may be given. It may be given
	// more when a snapshot wants what comes before it, or the job stops; they wait.
	Room() int

	// Held returns the watermark that may be told to those behind while records
	// are under way: that which the oldest of them saw. It is MaxTime if none is.
	Held() value.Timestamp

	// Left returns how many records are under way, and how many of them wait for
	// work that has been begun.
	Left() (records, begun int)

	// Due returns when Resume has something to do although nothing has come back.
	Due() value.Timestamp

	// Quit ends what has been begun: nothing of it will be taken.
	Quit()
}

// stopGrace is how long a job that stops waits for work outside, in µs: less than
// what those wait who end processes.
const stopGrace value.Timestamp = 2_000_000

// calling is what a shard knows of the work that its operator has outside.
type calling struct {
	caller Caller
	out    *Outside
	quitAt value.Timestamp // when a job that stops waits no more; 0 if it does not stop
	moves  bool            // its loop counts the work as something that moves
	knows  bool            // it has had a step since the job was stopped
}

// mustStop reports whether the shard wants a step to begin to wait for its end.
func (sh *shard) mustStop() bool {
	return sh.caller != nil && !sh.knows && sh.task.job.stopping.Load()
}

// resume lets the operator take what has come back. A job that stops and saves
// begins nothing more: it will be begun by the next.
func (sh *shard) resume(now value.Timestamp) {
	if sh.caller == nil {
		return
	}
	sh.knows = sh.task.job.stopping.Load()
	sh.caller.Resume(now, !(sh.task.job.stopping.Load() && sh.saves()))
}

// saves reports whether what is under way when the job ends is saved.
func (sh *shard) saves() bool {
	j := sh.task.job
	return j.saves.log != nil || j.atEnd.Load() != nil || j.opts.SavepointOnEnd != ""
}

// room returns how many records the operator may be given. When a snapshot is
// wanted, or the job stops, it takes all that lies before: that must not wait for
// work to be done. A shard that is full has cut for the snapshot that it waits for, so
// all before it have, too, and none waits for the shard.
func (sh *shard) room() int {
	if sh.full {
		return 0
	}
	if sh.caller == nil || sh.asked() != nil || sh.task.job.stopping.Load() {
		return stepRecords
	}
	return sh.caller.Room()
}

// busy reports whether the end of the input has to wait for work outside. Where
// the job stops, it waits a while for what has been begun, and for what else
// would be lost.
func (sh *shard) busy(now value.Timestamp) bool {
	if sh.caller == nil {
		return false
	}
	records, begun := sh.caller.Left()
	switch {
	case records == 0:
		return false
	case !sh.task.job.stopping.Load():
		return true
	case sh.saves() && begun == 0:
		return false
	case sh.quitAt == 0:
		sh.quitAt = now + stopGrace
	}
	return now < sh.quitAt
}

// outMark is the watermark that those behind the shard may be told.
func (sh *shard) outMark() value.Timestamp {
	if sh.caller == nil || sh.in.mutant == CallsOvertaken {
		return sh.in.mark
	}
	return min(sh.in.mark, sh.caller.Held())
}

// callsDue returns when the operator wants a step for its work outside, or the shard one
// to wait no more. Having waited it wants none: others of its loop, which end with it,
// have theirs.
func (sh *shard) callsDue(now value.Timestamp) value.Timestamp {
	if sh.caller == nil {
		return value.MaxTime
	}
	due := sh.caller.Due()
	if sh.quitAt > now {
		due = min(due, sh.quitAt)
	}
	return due
}

// countCalls has the shard's loop count work outside as something that moves,
// save while the loop is to be cut for a snapshot, which has it as state. Before
// all shards have come to the barriers it counts, so that the loop does not end.
func (sh *shard) countCalls(l *loop, now value.Timestamp) {
	a := sh.asked()
	moves := (a == nil || l.aligned.Load() < a.epoch) && sh.busy(now)
	switch {
	case moves && !sh.moves:
		l.moving.Add(1)
	case !moves && sh.moves:
		sh.handled++
	}
	sh.moves = moves
}

// underWay counts the records that wait for work outside, and reports whether
// they are saved. No worker may run.
func (j *Job) underWay() (n int64, saved bool) {
	for _, s := range j.graph.stages {
		for _, sh := range s.shards {
			if sh.caller != nil {
				records, _ := sh.caller.Left()
				n, saved = n+int64(records), sh.saves()
			}
		}
	}
	return n, saved
}
