package rt

import (
	"context"
	"errors"
	"math"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
)

// Run runs a pipeline until its input ends. When ctx is done before, the job
// stops cleanly: what has been read is handled and written, event time does
// not come to its end, and Run returns nil. A job with checkpoints that fails is
// started again from the last one, as often as the options say.
//
// The error is a [*UsageError] for wrong options, a [*RecordError] for a record
// that stopped the job, a [*Bug] for a panic, or what a connector returned.
func Run(ctx context.Context, spec Spec, opts Options) error {
	s, err := newSession(opts)
	if err != nil {
		return err
	}
	return errors.Join(s.run(ctx, spec), s.close())
}

// Run drives the job with goroutines: one per worker, pump and writer. Workers
// never wait for anything but work; what may block has its own goroutine. It is
// called once.
func (j *Job) Run(ctx context.Context) error {
	defer close(j.ended)
	j.opts.Log.Debug("the job begins", "reopened", j.reopened)
	workers := j.startWorkers()
	leave := j.outside.drive()
	defer leave()
	reading, stopReading := context.WithCancel(ctx)
	defer stopReading()
	j.stopReading.Store(&stopReading)
	release := context.AfterFunc(ctx, j.Stop)
	defer release()

	var pumps, running, writing sync.WaitGroup
	for _, p := range j.pumps {
		pumps.Go(func() { j.guard(p.Name(), func() { p.run(reading, j) }) })
	}
	for _, w := range workers {
		running.Go(func() { j.guard("worker", w.run) })
	}
	for _, w := range j.writers() {
		writing.Go(func() { j.guard(w.name, w.run) })
	}
	running.Go(func() { j.guard("coordinator", func() { j.coordinator.run(ctx) }) })
	stopTicking := j.startTicking()
	j.running.Store(true)
	running.Wait()
	j.running.Store(false)
	stopReading() // of a failed job
	stopTicking()
	j.Finish()
	writing.Wait()
	pumps.Wait()
	return j.Close()
}

// guard turns a panic into the failure of the job.
func (j *Job) guard(name string, run func()) {
	defer func() {
		if v := recover(); v != nil {
			j.settling.giveUp()
			j.fail(&Bug{Task: name, Value: v, Stack: debug.Stack()}, failedAt{})
		}
	}()
	run()
}

// startTicking watches for idle partitions until the function it returns is
// called.
func (j *Job) startTicking() (stop func()) {
	if j.Tick(j.now()) == value.MaxTime {
		return func() {}
	}
	done := make(chan struct{})
	var ticking sync.WaitGroup
	ticking.Go(func() {
		for {
			now := j.now()
			select {
			case <-done:
				return
			case <-time.After(until(now, j.Tick(now))):
			}
		}
	})
	return func() { close(done); ticking.Wait() }
}

// until returns how long to wait at now for a time, at least a millisecond so
// that a clock that stands still cannot keep a core busy.
func until(now, at value.Timestamp) time.Duration {
	if at-now > value.Timestamp(math.MaxInt64/int64(time.Microsecond)) {
		return math.MaxInt64
	}
	return max(time.Duration(at-now)*time.Microsecond, time.Millisecond)
}

// run reads the partition to its end.
func (p *partition) run(ctx context.Context, j *Job) {
	for !p.Done() {
		if now := j.now(); p.Ready(now) {
			p.Step(ctx, now)
			continue
		}
		p.wait(j)
	}
}

// wait waits until something has changed that keeps the next block from being
// read, also that the job stops.
func (p *partition) wait(j *Job) {
	s := p.source
	s.mu.Lock()
	p.full = max(j.now(), 1)
	s.mu.Unlock()
	if !p.mayResume() && !j.stopping.Load() { // else it has come before anyone knew that the pump waits
		<-p.wake
	}
	s.mu.Lock()
	p.blocked += int64(max(j.now()-p.full, 0))
	p.full = 0
	s.mu.Unlock()
}

// run writes until nothing more will come.
func (w *writer) run() {
	for !w.done {
		if w.Ready(0) {
			w.step()
			continue
		}
		<-w.wake
	}
}

// run takes snapshots until the job has ended.
func (c *coordinator) run(ctx context.Context) {
	for !c.done {
		now := c.job.now()
		if c.Ready(now) {
			c.Step(ctx, now)
			continue
		}
		c.sleep(now)
	}
}

// sleep waits until something happens or is due.
func (c *coordinator) sleep(now value.Timestamp) {
	due := c.Due()
	if due == value.MaxTime {
		<-c.wake
		return
	}
	timer := time.NewTimer(until(now, due))
	defer timer.Stop()
	select {
	case <-c.wake:
	case <-timer.C:
	}
}

// worker owns one lane of each source and one shard of each stage.
type worker struct {
	job    *Job
	tasks  []task // the most downstream first
	wake   chan struct{}
	asleep atomic.Bool
	calm   bool // the job has failed, and the worker has no work
	left   bool // run has returned
	calls  bool // a shard of it has work done outside
}

func (j *Job) startWorkers() []*worker {
	workers := make([]*worker, j.shards)
	for i := range workers {
		workers[i] = &worker{job: j, tasks: j.workerTasks(i), wake: make(chan struct{}, 1)}
		for _, t := range workers[i].tasks {
			workers[i].calls = workers[i].calls || t.of().outside != nil
		}
	}
	j.settling.workers = workers
	j.wakeWorker = func(i int) { workers[i].rouse() }
	j.wakeAny = func() {
		for _, w := range workers {
			if w.rouse() {
				return
			}
		}
	}
	return workers
}

// besideTimes is how many times longer what runs beside a worker rests than it works
// while the worker is busy. What it makes has to be stored, too, which takes twice as
// long again and is not counted here.
const besideTimes = 32

// pace begins work beside a worker, which may take all the time in which the worker
// has nothing to do, and a small part of the other.
func (j *Job) pace(worker int) state.Rest {
	tasks := j.workerTasks(worker)
	busy := func() (sum time.Duration) {
		for _, t := range tasks {
			sum += micros(t.of().figures.busy.Load())
		}
		return sum
	}
	begun, before, rested := time.Now(), busy(), time.Duration(0)
	return func(stop <-chan struct{}) {
		for {
			all := time.Since(begun)
			load := min(busy()-before, all)
			owed := all - rested - (all - load) - load/besideTimes
			if owed <= 0 {
				return
			}
			since := time.Now()
			timer := time.NewTimer(min(besideTimes*owed, besideLook))
			select {
			case <-stop:
				timer.Stop()
				return
			case <-timer.C:
			}
			rested += time.Since(since)
		}
	}
}

// besideLook is how long what rests does not look whether the worker has nothing to do
// any more.
const besideLook = 10 * time.Millisecond

// rouse wakes the worker if it sleeps or is about to, and reports whether it
// was this call that did.
func (w *worker) rouse() bool {
	if !w.asleep.Load() || !w.asleep.CompareAndSwap(true, false) {
		return false
	}
	w.wake <- struct{}{} // has room: only the call that cleared asleep sends
	return true
}

// run steps the worker's tasks until all are done, or the job has failed and
// what came before is handled.
func (w *worker) run() {
	var ran *Task // what the last step was of, which began at since
	var since value.Timestamp
	for {
		now := w.job.now()
		if ran != nil {
			ran.figures.busy.Add(int64(max(now-since, 0)))
			ran = nil
		}
		if t := w.next(now); t != nil {
			t.step(now)
			ran, since = t.of(), now
			continue
		}
		if w.job.failed.Load() {
			if w.settled() {
				break
			}
			continue
		}
		if w.finished() {
			break
		}
		w.sleep(now)
		if w.calls {
			// What has come back is handled at once, but not one by one: others that
			// have come back, too, say so first.
			runtime.Gosched()
		}
	}
	w.job.settling.leave(w)
	// Lanes are done when the last block is taken: others may sleep and not
	// know it.
	for i := range w.job.shards {
		w.job.wakeWorker(i)
	}
}

// next returns the most downstream task that has work at now.
func (w *worker) next(now value.Timestamp) task {
	for _, t := range w.tasks {
		if t.Ready(now) {
			return t
		}
	}
	return nil
}

// settled reports whether what came before the job failed is handled by all
// workers: one that has no work may still get some from one that has. While that
// is not known it waits a little.
func (w *worker) settled() bool {
	s := &w.job.settling
	s.mu.Lock()
	w.calm = true
	over := s.settleLocked(w.job.now())
	s.mu.Unlock()
	if over {
		return true
	}
	time.Sleep(settlePause)
	s.mu.Lock()
	defer s.mu.Unlock()
	w.calm = s.over
	return s.over
}

// settlePause is how long a worker of a failed job waits for others.
const settlePause = 100 * time.Microsecond

// settling is the end of a job that has failed: its workers leave together.
type settling struct {
	mu      sync.Mutex // guards over, and calm and left of the workers
	over    bool       // no worker has work, or one has panicked
	workers []*worker
}

// settleLocked reports whether no worker has work. One that is calm does not
// run, so that its tasks may be asked.
func (s *settling) settleLocked(now value.Timestamp) bool {
	for _, w := range s.workers {
		if s.over || w.left {
			continue
		}
		if !w.calm || w.next(now) != nil {
			return false
		}
	}
	s.over = true
	return true
}

func (s *settling) leave(w *worker) {
	s.mu.Lock()
	w.left = true
	s.mu.Unlock()
}

// giveUp lets all workers leave as soon as they have no work.
func (s *settling) giveUp() {
	s.mu.Lock()
	s.over = true
	s.mu.Unlock()
}

// finished reports whether there is no work and will be none.
func (w *worker) finished() bool {
	for _, t := range w.tasks {
		if !t.Done() {
			return false
		}
	}
	return true
}

// sleep waits until another goroutine has work for the worker or a timer is
// due. Whoever adds work looks at asleep afterwards, and sleep looks for work
// after it has set asleep, so that no work is missed.
func (w *worker) sleep(now value.Timestamp) {
	w.asleep.Store(true)
	if w.next(now) != nil || w.job.failed.Load() || w.finished() {
		if w.asleep.CompareAndSwap(true, false) {
			return
		}
	} else if due := w.due(); due == value.MaxTime {
		<-w.wake
		return
	} else if w.sleepUntil(now, due) {
		return
	}
	<-w.wake // someone has sent or is about to
}

// sleepUntil waits for a wake or a time. It returns false if the time came and
// another goroutine has begun to wake the worker.
func (w *worker) sleepUntil(now, due value.Timestamp) bool {
	timer := time.NewTimer(until(now, due))
	defer timer.Stop()
	select {
	case <-w.wake:
		return true
	case <-timer.C:
		return w.asleep.CompareAndSwap(true, false)
	}
}

// due returns when a timer of the worker's shards is due.
func (w *worker) due() value.Timestamp {
	due := value.MaxTime
	for _, t := range w.tasks {
		due = min(due, t.Due())
	}
	return due
}
