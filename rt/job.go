package rt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/flow-lang/flowc/rt/checkpoint"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
	"github.com/flow-lang/flowc/rt/vfs"
)

// Options are what a job is started with. The zero Options run a job as the
// pipeline binary does without flags.
type Options struct {
	Params      map[string]string                // values by name, as text
	Getenv      func(name string) (string, bool) // nil means os.LookupEnv
	Parallelism int                              // shards; 0 means the number of cores
	FS          vfs.FS                           // nil means the operating system's
	Stdin       io.Reader                        // nil means os.Stdin
	Stdout      io.Writer                        // nil means os.Stdout
	Now         func() value.Timestamp           // nil means the system's clock
	Log         *slog.Logger                     // nil means no log
	BlockSize   int                              // bytes; 0 means BlockSize
	Window      int                              // blocks of a source in flight; 0 means 4 per shard

	CheckpointTo       string           // directory or URL of checkpoints; "" means none are taken
	CheckpointInterval time.Duration    // between the beginnings of two; 0 means 10 s
	CheckpointPause    time.Duration    // least time from the end of one to the beginning of the next
	CheckpointTimeout  time.Duration    // after which one is given up; 0 means 10 min
	TolerableFailures  int              // checkpoints in a row that may fail; negative means none, 0 means 3
	Retain             int              // checkpoints that are kept; 0 means 3
	From               string           // snapshot to go on from, or "latest"; "" means the latest checkpoint, if there is one
	Fresh              bool             // nothing to go on from, also if there are checkpoints
	ResetSources       []string         // sources that begin anew, by name or uid
	AllowDropped       []string         // "uid/state" that may be lost
	Savepoints         bool             // Job.Savepoint may be called
	SavepointOnEnd     string           // directory of a savepoint that is taken when the job ends; "" means none
	RestartAttempts    int              // restarts from the last checkpoint after a failure, if there are checkpoints; negative means none, 0 means 3
	Random             func() uint64    // names and waiting times; nil means the system's
	Host               string           // that the job runs on, for those whom it keeps out; "" means the system's
	Store              checkpoint.Store // of checkpoints, instead of CheckpointTo; nil means none

	State     string // where state lies while the job runs: "" and "memory" mean in memory, others name a backend
	StateDir  string // folder for a backend's files; nothing else may be in it
	CacheSize int64  // bytes of memory that state may take that lies in a backend; 0 means 256 MiB

	// Poison overwrites memory that is about to be used again, so that a view
	// that outlives its block is found. It is for tests.
	Poison bool
	// FineSteps makes two steps of taking a block and decoding it, so that a driver
	// with one goroutine can put other steps between them.
	FineSteps bool
	// Mutant breaks the runtime in one place. It is for tests of tests.
	Mutant Mutant
	// Source and Sink, if they are not nil, give the connector that stands in for
	// that of the source or sink with this uid; nil leaves the program's.
	Source func(uid string) SourceConnector
	Sink   func(uid string) SinkConnector
	// Opened is called before the first job begins, with what answers from its last
	// checkpoint.
	Opened func(*Checkpointed)
	// Scanned is called now and then while it is looked whether saved state fits a
	// program that has changed, before the job begins. It must not keep the job
	// waiting.
	Scanned func(Scan)
	// Begun is called with each job that begins: the first, and those that are
	// started again after a failure.
	Begun func(*Job)
	// Report is called with the figures of the job when it has ended.
	Report func(Stats)
}

// Stats are the figures of a job.
type Stats struct {
	In       int64         // records decoded
	Out      int64         // rows written to sinks
	Skipped  int64         // records left out by a policy
	Waiting  int64         // processing-time timers and delayed messages that did not come
	Calls    int64         // records under way when the job stopped: they wait for calls of functions
	Saved    bool          // these will be called again by who goes on from the last snapshot; else they are lost
	Duration time.Duration // of processing time
	Stopped  bool          // the job was stopped before its input ended
}

// Job is a pipeline that has been wired and opened. A driver steps its actors:
// [Run] with goroutines, package sim with one.
type Job struct {
	spec      Spec
	opts      Options
	env       Env
	graph     *Graph
	taps      []*streamTap // in order of the wiring
	refused   []error      // what is wrong with how steps are set up
	params    Params
	shards    int
	groups    int // key groups
	saves     *session
	stores    state.Stores // nil if all state lies in memory
	reopened  bool         // stores go on from the files of a checkpoint
	ownsSaves bool         // Close closes saves
	route     []uint16     // key group to shard; nil if there is one shard
	window    int
	blockSize int
	poison    bool
	start     value.Timestamp
	pumps     []*partition
	aligned   bool // several partitions have event time, so that one may run ahead
	outward   bool // some task has work done outside of its steps

	outside outsiders

	verifying verifying
	rooms     rooms

	observed   atomic.Bool // as by Observe
	named      sync.Once   // guards life
	life       int64
	listing    sync.Once // guards askable
	askable    []QueryState
	running    atomic.Bool   // workers have been started and have not ended
	ended      chan struct{} // closed when Run returns
	noted      noted
	restarts   int // jobs before it that failed, and that it stands in for
	registered registry

	checkpoints checkpointFigures
	coordinator *coordinator
	asked       atomic.Pointer[attempt]          // the last snapshot that was asked for
	aborted     atomic.Int64                     // epoch of the last snapshot that was given up
	committing  atomic.Int64                     // epoch of the last snapshot that is durable
	atEnd       atomic.Pointer[savepointRequest] // that ends the job; nil if none does
	over        atomic.Bool                      // there will be no snapshot any more

	stopping atomic.Bool // pumps end their partitions

	stopReading atomic.Pointer[context.CancelFunc] // ends reads that wait for input; nil if no goroutines drive the job
	failed      atomic.Bool                        // workers do no further step
	mu          sync.Mutex                         // guards err and errAt
	err         error
	errAt       failedAt
	settling    settling

	wakeWorker func(index int) // nil unless workers sleep
	wakeAny    func()
}

// failedAt says at which block a job failed, if at one.
type failedAt struct {
	ok                bool
	source, partition int
	seq               int64
}

// before reports whether a lies before b in the same partition.
func (a failedAt) before(b failedAt) bool {
	return a.ok && b.ok && a.source == b.source && a.partition == b.partition && a.seq < b.seq
}

// NewJob checks the parameters, wires the program, restores the state that it
// goes on from, and opens its sources and sinks. A [*UsageError] says that an
// option is wrong.
func NewJob(spec Spec, opts Options) (*Job, error) {
	s, err := newSession(opts)
	if err != nil {
		return nil, err
	}
	j, err := s.start(spec)
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	j.ownsSaves = true
	return j, nil
}

// newJob makes a job that goes on from what a session has.
func newJob(spec Spec, s *session, from origin) (*Job, error) {
	j := &Job{spec: spec, opts: s.opts, saves: s, ended: make(chan struct{})}
	j.outside.job = j
	j.defaults()
	params, err := newParams(spec.Params, j.opts.Params, j.opts.Getenv)
	if err != nil {
		return nil, err
	}
	j.params = params
	j.graph = &Graph{job: j}
	spec.Wire(j.graph)
	j.standIn()
	j.coordinator = newCoordinator(j)
	if err := j.open(from); err != nil {
		j.close()
		return nil, err
	}
	return j, nil
}

// standIn replaces the program's connectors by those of the options.
func (j *Job) standIn() {
	for _, s := range j.graph.sources {
		if j.opts.Source == nil {
			break
		}
		if c := j.opts.Source(s.spec.UID); c != nil {
			s.spec.Connector = c
		}
	}
	for _, s := range j.graph.sinks {
		if j.opts.Sink == nil {
			break
		}
		if c := j.opts.Sink(s.spec.UID); c != nil {
			s.spec.Connector = c
		}
	}
}

// Life returns a number that no other job has, here or in another process.
func (j *Job) Life() int64 {
	j.named.Do(func() { j.life = int64(systemRandom() >> 1) })
	return j.life
}

// Params returns the values that parameters were given at start.
func (j *Job) Params() *Params { return &j.params }

// systemDefaults fills in the system where the options say nothing.
func (o *Options) systemDefaults() {
	if o.Getenv == nil {
		o.Getenv = os.LookupEnv
	}
	if o.FS == nil {
		o.FS = vfs.Default
	}
	if o.Stdin == nil {
		o.Stdin = os.Stdin
	}
	if o.Stdout == nil {
		o.Stdout = os.Stdout
	}
	if o.Now == nil {
		o.Now = systemNow
	}
	if o.Random == nil {
		o.Random = systemRandom
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
}

// defaults sets what follows from the options.
func (j *Job) defaults() {
	o := &j.opts
	j.shards = o.Parallelism
	if j.shards < 1 {
		j.shards = runtime.GOMAXPROCS(0)
	}
	j.groups = groupsOf(&j.spec.Job)
	j.shards = min(j.shards, j.groups)
	if j.shards > 1 {
		j.route = make([]uint16, j.groups)
		for g := range j.route {
			j.route[g] = uint16(g * j.shards / j.groups)
		}
	}
	j.window = o.Window
	if j.window < 1 {
		j.window = 4 * j.shards
	}
	j.blockSize = o.BlockSize
	if j.blockSize < 1 {
		j.blockSize = BlockSize
	}
	j.poison = o.Poison || poisonBlocks
	j.env = Env{
		FS: o.FS, Stdin: o.Stdin, Stdout: o.Stdout, Now: o.Now,
		Parallelism: j.shards, BlockSize: j.blockSize, Log: o.Log, Run: j.saves.lineage, Kept: &j.saves.kept,
	}
}

// open builds the tasks, opens sources, restores state, and opens sinks last: an
// input that is not there must not cost the output of the run before.
func (j *Job) open(from origin) error {
	if err := errors.Join(append(j.refused, j.graph.build())...); err != nil {
		return err
	}
	var r *restoring
	var err error
	if from.image != nil {
		if r, err = j.plan(from); err != nil {
			return err
		}
	}
	eventTime := 0
	for i, s := range j.graph.sources {
		var saved *checkpoint.Source
		if r != nil {
			saved = r.sources[i]
		}
		if err := s.open(&j.env, saved); err != nil {
			return err
		}
		j.pumps = append(j.pumps, s.parts...)
		if s.spec.EventTime {
			eventTime += len(s.parts)
		}
	}
	j.aligned = eventTime > 1
	j.outward = slices.ContainsFunc(j.tasks(), func(t *Task) bool { return t.outside != nil })
	for _, s := range j.graph.stages {
		for _, sh := range s.shards {
			sh.connect()
			sh.describeSaving()
		}
	}
	if err := j.openStores(r); err != nil {
		return err
	}
	if err := j.prepareSaving(from, r); err != nil {
		return err
	}
	for i, s := range j.graph.sinks {
		var saved *Recovery
		if r != nil {
			saved = &Recovery{Epoch: from.image.State().Epoch, States: r.sinks[i].Writers}
			if j.opts.Mutant == ForgetOutputs {
				saved = nil
			}
		}
		if err := s.open(&j.env, saved); err != nil {
			return err
		}
		s.connect()
	}
	j.start = j.now()
	j.coordinator.start(j.start)
	j.beginMoving()
	return nil
}

// prepareSaving restores the state of all shards, and readies what saves it.
func (j *Job) prepareSaving(from origin, r *restoring) error {
	if r != nil {
		if err := r.restore(); err != nil {
			return err
		}
		r.goOnInLoops()
		if j.opts.Mutant != ReuseEpoch {
			j.coordinator.epoch = from.image.State().Epoch
		}
	}
	if j.saves.log == nil && !j.savepoints() && r == nil {
		return nil
	}
	if err := j.checkDurable(); err != nil {
		return err
	}
	if j.saves.log != nil {
		j.track()
	}
	j.coordinator.save = newSaver(j, j.saves.log, j.saves.lineage)
	if r != nil && r.adopted != nil {
		j.coordinator.save.adopt(r.adopted, r.operators)
	}
	if j.stores != nil && j.saves.log != nil {
		var files *checkpoint.Manifest
		if r != nil && r.reopened != nil {
			files, j.coordinator.save.programs = r.reopened.manifest, r.reopened.stores.Programs
		}
		j.coordinator.save.keeper = j.saves.log.Keeper(j.opts.State, files)
	}
	if err := j.saves.claim(from); err != nil {
		return err
	}
	if r != nil && r.reopened != nil {
		j.reopened = true
		j.verifying.begin(j, r.reopened.manifest)
	}
	return nil
}

// track has all operators note what changes, for checkpoints.
func (j *Job) track() {
	for _, s := range j.graph.stages {
		for _, sh := range s.shards {
			if durable := sh.durable(); durable != nil {
				durable.Track()
			}
		}
	}
}

func (j *Job) now() value.Timestamp { return j.opts.Now() }

// fail stops the job with an error. The first wins, but of two errors in one
// partition the one that lies first, so that the message does not depend on
// which lane was faster.
func (j *Job) fail(err error, at failedAt) {
	j.mu.Lock()
	if j.err == nil || at.before(j.errAt) {
		j.err, j.errAt = err, at
	}
	j.mu.Unlock()
	j.failed.Store(true)
	j.Stop()
	j.wakeAll()
	if j.coordinator != nil {
		j.coordinator.poke()
	}
}

// wakeAll lets all workers look whether there is work.
func (j *Job) wakeAll() {
	if j.wakeAny != nil {
		for i := range j.shards {
			j.wakeWorker(i)
		}
	}
}

// nudge lets workers and writers look what the coordinator wants.
func (j *Job) nudge() {
	j.wakeAll()
	for _, w := range j.writers() {
		w.nudge()
	}
}

// rests reports whether the time of a source that has ended has not: the job
// ends with a savepoint, from which another goes on.
func (j *Job) rests() bool { return j.opts.SavepointOnEnd != "" && j.opts.Mutant != EndOnSavepoint }

// Fail stops the job with an error of its driver.
func (j *Job) Fail(err error) { j.fail(err, failedAt{}) }

// Err returns the error that stopped the job, or nil.
func (j *Job) Err() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.err
}

// Stop lets the job end as soon as what has been read is handled. Event time
// does not come to its end. It may be called by any goroutine, and again.
func (j *Job) Stop() {
	j.stopping.Store(true)
	if stop := j.stopReading.Load(); stop != nil {
		(*stop)()
	}
	for _, p := range j.pumps {
		p.poke()
	}
	j.wakeAll() // shards that wait for work outside
}

// blockReady and workReady tell sleeping workers that there is work.
func (j *Job) blockReady(s *source) {
	switch {
	case j.wakeAny == nil:
	case s.spec.Serial:
		j.wakeWorker(0)
	default:
		j.wakeAny()
	}
}

func (j *Job) workReady(worker int) {
	if j.wakeWorker != nil {
		j.wakeWorker(worker)
	}
}

// marksChanged lets the pumps that wait for a partition behind them look again.
func (j *Job) marksChanged() {
	if j.aligned {
		for _, p := range j.pumps {
			p.resume()
		}
	}
}

// mustWait reports whether p, whose watermark is mark, has run ahead of another
// partition that has all its input and will catch up.
func (j *Job) mustWait(p *partition, mark value.Timestamp) bool {
	if !j.aligned || !p.source.spec.EventTime {
		return false
	}
	for _, o := range j.pumps {
		if o == p || !o.bounded || !o.source.spec.EventTime {
			continue
		}
		o.source.mu.Lock()
		behind := !o.ended && o.mark < mark
		o.source.mu.Unlock()
		if behind {
			return true
		}
	}
	return false
}

// Checkpoint asks for a checkpoint before its time, if the job takes any. It may
// be called by any goroutine.
func (j *Job) Checkpoint() { j.coordinator.hurry() }

// Stats returns the figures of the job until now.
func (j *Job) Stats() Stats {
	s := Stats{
		Duration: time.Duration(j.now()-j.start) * time.Microsecond,
		Stopped:  j.stopping.Load() && j.Err() == nil,
	}
	for _, t := range j.tasks() {
		s.In += t.in.Load()
		s.Out += t.out.Load()
		s.Skipped += t.skipped.Load()
	}
	return s
}

// tasks returns the tasks of all lanes and shards.
func (j *Job) tasks() (tasks []*Task) {
	for _, s := range j.graph.sources {
		for _, l := range s.lanes {
			tasks = append(tasks, l.task)
		}
	}
	for _, s := range j.graph.stages {
		for _, sh := range s.shards {
			tasks = append(tasks, sh.task)
		}
	}
	return tasks
}

// waiting counts the processing-time timers that are set and the messages that
// wait. No worker may run.
func (j *Job) waiting() (n int64) {
	for _, s := range j.graph.stages {
		for _, sh := range s.shards {
			if w, ok := sh.op.(Waiter); ok {
				n += int64(w.Waiting())
			}
		}
	}
	return n
}

// Close closes readers and writers after all actors are done, and returns the
// job's error.
func (j *Job) Close() error {
	j.close()
	if j.opts.Report != nil {
		s := j.Stats()
		s.Waiting = j.waiting()
		s.Calls, s.Saved = j.underWay()
		j.opts.Report(s)
	}
	return j.Err()
}

func (j *Job) close() {
	j.verifying.end()
	var errs []error
	for _, p := range j.pumps {
		if err := p.reader.Close(); err != nil {
			errs = append(errs, fmt.Errorf("source %q: %w", p.source.spec.Name, err))
		}
	}
	for _, s := range j.graph.sinks {
		for _, w := range s.writers {
			if err := w.out.Close(); err != nil {
				errs = append(errs, fmt.Errorf("sink %q: %w", s.spec.Name, err))
			}
		}
	}
	if j.stores != nil {
		j.stopMoving()
		errs = append(errs, j.stores.Close())
	}
	if j.ownsSaves {
		errs = append(errs, j.saves.close())
	}
	if err := errors.Join(errs...); err != nil {
		j.fail(err, failedAt{})
	}
}

// Actor is one thing that a driver steps. Its methods but Ready are called by
// one goroutine at a time.
type Actor interface {
	// Name returns a name for traces.
	Name() string
	// Ready reports whether a step has something to do at now.
	Ready(now value.Timestamp) bool
	// Step does some of it. The step of a pump may wait for input.
	Step(ctx context.Context, now value.Timestamp)
	// Done reports whether there is nothing to do any more, ever.
	Done() bool
}
