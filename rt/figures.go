package rt

import (
	"slices"
	"sync/atomic"
	"time"

	"github.com/flow-lang/flowc/rt/value"
)

// taskFigures are what a task counts beside its records, once a step and not for
// each record. Anyone may read them.
type taskFigures struct {
	bytes   atomic.Int64 // bytes of rows decoded
	handled atomic.Int64 // records taken from edges
	failed  atomic.Int64 // records that failed and did not stop the job
	bad     atomic.Int64 // malformed rows left out
	late    atomic.Int64 // records whose time was behind the watermark; of observed jobs
	busy    atomic.Int64 // µs in steps
	mark    atomic.Int64 // watermark after the last step
}

// Figures are what a job says of itself while it runs, all totals since it
// began.
type Figures struct {
	Now, Start  value.Timestamp
	Parallelism int
	Running     bool
	Failed      bool // it has failed, and is started again if it may be
	Restarts    int  // how often that has happened since the process began
	Sources     []SourceFigures
	Operators   []OperatorFigures
	Sinks       []SinkFigures
	Edges       []EdgeFigures
	Checkpoints CheckpointFigures
	Errors      []Noted // the latest last
}

// SourceFigures are those of a source with the steps that are fused to it.
type SourceFigures struct {
	UID, Name, Place string
	Connector        string
	Records          int64 // decoded
	Bytes            int64 // of rows, unpacked
	Malformed        int64 // rows left out
	Failed           int64 // records that failed in a fused step and did not stop the job
	Busy             time.Duration
	Waiting          time.Duration // for input
	Blocked          time.Duration // back-pressured: the window was full
	InFlight         int           // blocks
	Window           int           // most blocks in flight
	Watermark        value.Timestamp
	EventTime        bool
	Partitions       int
	Idle             int // partitions that are idle
	Ended            int // partitions that have ended
}

// OperatorFigures are those of a keyed step.
type OperatorFigures struct {
	UID, Name, Place string
	Records          int64 // taken
	Emitted          int64 // records and rows given to what follows
	Failed, Late     int64
	Busy             time.Duration
	Queued           int             // chunks that wait to be handled
	Watermark        value.Timestamp // the least of its shards
	State            StateFigures
	Calls            *CallFigures // nil of a step that calls nothing outside
}

// StateFigures are those of the state of an operator, over its shards.
type StateFigures struct {
	Keys   int64 // keys with state
	Bytes  int64 // memory of their table; what collections hold besides is not in it
	Timers int64 // pending, those included that were cancelled or set anew

	// Of state that lies in a store.
	Stored bool  // it does
	Loads  int64 // keys that were not in memory and were asked of the store
	Found  int64 // those of them that it had
}

// Sized is an [Operator] that can tell the size of its state. It is asked while
// its shard rests.
type Sized interface {
	StateFigures() StateFigures
}

// SinkFigures are those of a sink.
type SinkFigures struct {
	UID, Name, Place string
	Connector        string
	Records, Bytes   int64
	Writes           Latency // of Write
	Flushes          Latency // of Flush
	Commits          Latency // of what makes output final at a checkpoint
}

// EdgeFigures are those of a connection. Its ends are source/UID, step/UID and
// sink/UID, since uids of different kinds may be the same.
type EdgeFigures struct {
	From, To  string
	Records   int64
	Waiting   int64           // those of them that have not been handled or written
	Watermark value.Timestamp // of what the records come from
}

// CheckpointFigures are those of checkpoints. Without checkpoints all are zero.
type CheckpointFigures struct {
	Enabled   bool
	Completed int64
	Failed    int64
	Duration  time.Duration // of the last, from the barrier until output is final
	Pause     time.Duration // of the last: the longest that a shard was kept from its records
	Bytes     int64         // of state that the last wrote
	Size      int64         // of all state that the last names
	At        value.Timestamp
	History   []CheckpointNote // the latest last, at most 50
}

// CheckpointNote is one checkpoint of the history.
type CheckpointNote struct {
	ID       int64
	At       value.Timestamp
	Duration time.Duration
	Pause    time.Duration
	Bytes    int64
	Steps    []CheckpointStep // that have state, in the order of [Figures].Operators; none of one that failed
	Err      string           // "" if it completed
}

// CheckpointStep is what one step has to do with a checkpoint.
type CheckpointStep struct {
	UID      string
	Duration time.Duration // from the barrier until all its shards had given their state
	Pause    time.Duration // the longest that one of them was kept from its records
	Bytes    int64         // of its state that the checkpoint wrote; none of state in a store, which is written for all steps at once
	Size     int64         // of its state that the checkpoint names; as Bytes
}

// Noted is an error that the job went on after, or that stopped it.
type Noted struct {
	At     value.Timestamp
	UID    string // of the source or operator
	Place  string // in the program or in the input
	Reason string
	Record string // as JSON or the raw row, cut short; "" if it is not known
	Count  int64  // errors of the same task that it stands for
}

// uid returns that of the task's source or stage.
func (t *Task) uid() string {
	if t.source != nil {
		return t.source.spec.UID
	}
	return t.stage.spec.UID
}

// Figures returns the figures of the job until now. It may be called by any
// goroutine while the job runs; a shard is kept from its next step for as long
// as it takes to read three numbers.
func (j *Job) Figures() Figures {
	f := Figures{
		Now: j.now(), Start: j.start, Parallelism: j.shards, Running: j.Running(), Failed: j.Failed(), Restarts: j.restarts,
		Checkpoints: j.checkpoints.read(), Errors: j.noted.all(),
	}
	f.Checkpoints.Enabled = j.opts.CheckpointTo != "" || j.opts.Store != nil
	for _, s := range j.graph.sources {
		of := s.figures()
		f.Sources = append(f.Sources, of)
		f.Edges = append(f.Edges, edgesOf("source/"+s.spec.UID, of.Watermark, s.tasks())...)
	}
	for i := len(j.graph.stages) - 1; i >= 0; i-- {
		s := j.graph.stages[i]
		of := s.figures()
		f.Operators = append(f.Operators, of)
		f.Edges = append(f.Edges, edgesOf("step/"+s.spec.UID, of.Watermark, s.tasks())...)
	}
	for _, s := range j.graph.sinks {
		f.Sinks = append(f.Sinks, s.figures())
	}
	return f
}

func (s *source) tasks() []*Task {
	tasks := make([]*Task, len(s.lanes))
	for i, l := range s.lanes {
		tasks[i] = l.task
	}
	return tasks
}

func (s *stage) tasks() []*Task {
	tasks := make([]*Task, len(s.shards))
	for i, sh := range s.shards {
		tasks[i] = sh.task
	}
	return tasks
}

func (s *source) figures() SourceFigures {
	f := SourceFigures{
		UID: s.spec.UID, Name: s.spec.Name, Place: place(s.job.spec.Files, s.spec.Pos),
		Connector: s.spec.Connector.Describe(), EventTime: s.spec.EventTime,
		Window: s.window, Partitions: len(s.parts), Watermark: value.MaxTime,
	}
	for _, t := range s.tasks() {
		f.Records += t.in.Load()
		f.Bytes += t.figures.bytes.Load()
		f.Malformed += t.figures.bad.Load()
		f.Failed += t.figures.failed.Load()
		f.Busy += micros(t.figures.busy.Load())
	}
	now := s.job.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	f.InFlight = s.inFlight
	for _, p := range s.parts {
		f.Waiting += micros(p.waited)
		f.Blocked += micros(p.blocked)
		if p.reading {
			f.Waiting += micros(int64(max(now-p.since, 0)))
		} else if p.full != 0 {
			f.Blocked += micros(int64(max(now-p.full, 0)))
		}
		switch {
		case p.ended:
			f.Ended++
		case p.idle:
			f.Idle++
		default:
			f.Watermark = min(f.Watermark, p.mark)
		}
	}
	return f
}

func micros(n int64) time.Duration { return time.Duration(n) * time.Microsecond }

func (s *stage) figures() OperatorFigures {
	f := OperatorFigures{UID: s.spec.UID, Name: s.spec.Name, Place: place(s.shards[0].task.job.spec.Files, s.spec.Pos), Watermark: value.MaxTime}
	for _, sh := range s.shards {
		t := sh.task
		f.Records += t.figures.handled.Load()
		f.Emitted += t.out.Load() + t.sentOn()
		f.Failed += t.figures.failed.Load()
		f.Late += t.figures.late.Load()
		f.Busy += micros(t.figures.busy.Load())
		f.Watermark = min(f.Watermark, value.Timestamp(t.figures.mark.Load()))
		f.Queued += int(sh.in.count.Load())
		if sh.out != nil {
			if f.Calls == nil {
				f.Calls = &CallFigures{}
			}
			f.Calls.add(&sh.out.figures)
		}
		if sized, ok := sh.op.(Sized); ok {
			var size StateFigures
			sh.rest.look(func() { size = sized.StateFigures() })
			f.State.Keys += size.Keys
			f.State.Bytes += size.Bytes
			f.State.Timers += size.Timers
		}
		if sh.spill != nil {
			var loads, found int64
			sh.rest.look(func() { loads, found = sh.spill.Loads() })
			f.State.Stored = true
			f.State.Loads += loads
			f.State.Found += found
		}
	}
	return f
}

// sentOn returns how many records the task has given to edges.
func (t *Task) sentOn() (n int64) {
	for _, l := range t.links {
		n += l.records.Load()
	}
	return n
}

// edgesOf returns where the tasks of one source or stage lead to.
func edgesOf(from string, mark value.Timestamp, tasks []*Task) []EdgeFigures {
	var edges []EdgeFigures
	add := func(to string, waiting, n int64) {
		i := slices.IndexFunc(edges, func(e EdgeFigures) bool { return e.To == to })
		if i < 0 {
			i, edges = len(edges), append(edges, EdgeFigures{From: from, To: to, Watermark: mark})
		}
		edges[i].Records += n
		edges[i].Waiting += waiting
	}
	for _, t := range tasks {
		for _, l := range t.links {
			add("step/"+l.stage.spec.UID, l.waiting(), l.records.Load())
		}
		for _, r := range t.rows {
			written := r.written.Load()
			n := r.records.Load()
			add("sink/"+r.sink.spec.UID, n-written, n)
		}
	}
	return edges
}

func (s *Sink) figures() SinkFigures {
	f := SinkFigures{
		UID: s.spec.UID, Name: s.spec.Name, Place: place(s.job.spec.Files, s.spec.Pos),
		Connector: s.spec.Connector.Describe(),
	}
	for _, w := range s.writers {
		f.Records += w.figures.records.Load()
		f.Bytes += w.figures.bytes.Load()
		f.Writes.add(w.figures.writes.read())
		f.Flushes.add(w.figures.flushes.read())
		f.Commits.add(w.figures.commits.read())
	}
	return f
}
