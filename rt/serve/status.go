package serve

import (
	"net/http"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/value"
)

// What /status answers: the figures of the job as JSON, for the dashboard and
// for flowc top. Times are µs since 1970, durations seconds; a watermark that
// is no time is left out.
type (
	statusJSON struct {
		Job         string          `json:"job"`
		Doc         string          `json:"doc,omitempty"`
		Flowc       string          `json:"flowc,omitempty"`
		Hash        string          `json:"hash,omitempty"`
		Now         value.Timestamp `json:"now"`
		Start       value.Timestamp `json:"start"`
		Running     bool            `json:"running"`
		Failed      bool            `json:"failed"`
		Restarts    int             `json:"restarts"`
		Parallelism int             `json:"parallelism"`
		Sources     []sourceJSON    `json:"sources"`
		Operators   []operatorJSON  `json:"operators"`
		Bounds      []float64       `json:"latency_bounds"` // of the calls of operators
		Sinks       []sinkJSON      `json:"sinks"`
		Edges       []edgeJSON      `json:"edges"`
		Checkpoints checkpointsJSON `json:"checkpoints"`
		Errors      []errorJSON     `json:"errors"`
	}
	nodeJSON struct {
		UID   string `json:"uid"`
		Name  string `json:"name"`
		Place string `json:"place,omitempty"` // in the program
	}
	sourceJSON struct {
		nodeJSON
		Connector  string           `json:"connector"`
		Records    int64            `json:"records"`
		Bytes      int64            `json:"bytes"`
		Malformed  int64            `json:"malformed"`
		Failed     int64            `json:"failed"`
		Busy       float64          `json:"busy"`
		Waiting    float64          `json:"waiting"`
		Blocked    float64          `json:"backpressured"`
		InFlight   int              `json:"in_flight"`
		Window     int              `json:"window"`
		Watermark  *value.Timestamp `json:"watermark,omitempty"`
		Partitions int              `json:"partitions"`
		Idle       int              `json:"idle_partitions"`
		Ended      int              `json:"ended_partitions"`
	}
	operatorJSON struct {
		nodeJSON
		Operator  string           `json:"operator"`
		Key       string           `json:"key,omitempty"` // its type
		States    []string         `json:"states,omitempty"`
		Timers    []string         `json:"timers,omitempty"`
		Records   int64            `json:"records"`
		Emitted   int64            `json:"emitted"`
		Failed    int64            `json:"failed"`
		Late      int64            `json:"late"`
		Busy      float64          `json:"busy"`
		Queued    int              `json:"queued"`
		Watermark *value.Timestamp `json:"watermark,omitempty"`
		Keys      int64            `json:"keys"`
		Bytes     int64            `json:"bytes"`
		Pending   int64            `json:"timers_pending"`
		Calls     *callsJSON       `json:"calls,omitempty"` // of a step that calls a function
	}
	callsJSON struct {
		Calls    int64   `json:"calls"`
		Failed   int64   `json:"failed"`
		TimedOut int64   `json:"timed_out"`
		Retried  int64   `json:"retried"`
		GivenUp  int64   `json:"given_up"`
		InFlight int64   `json:"in_flight"`
		Backlog  int64   `json:"backlog"`
		Open     int     `json:"open_shards"`
		Sent     int64   `json:"sent"`
		Received int64   `json:"received"`
		Batches  int64   `json:"batches"`  // calls of a remote function
		Records  int64   `json:"records"`  // in them
		Latency  []int64 `json:"latency"`  // calls by how long they took, one number for each of bounds and one more
		Returned int64   `json:"returned"` // calls that came back
		Waited   float64 `json:"waited"`   // for them, in all
	}
	sinkJSON struct {
		nodeJSON
		Connector string  `json:"connector"`
		Records   int64   `json:"records"`
		Bytes     int64   `json:"bytes"`
		Writes    int64   `json:"writes"`
		Writing   float64 `json:"writing"` // in writes and flushes
		Commits   int64   `json:"commits"`
		Latency   float64 `json:"commit_latency"` // mean
	}
	edgeJSON struct {
		From      string           `json:"from"`
		To        string           `json:"to"`
		Records   int64            `json:"records"`
		Waiting   int64            `json:"waiting"` // those of them that have not been handled or written
		Watermark *value.Timestamp `json:"watermark,omitempty"`
	}
	checkpointsJSON struct {
		Enabled   bool             `json:"enabled"`
		Completed int64            `json:"completed"`
		Failed    int64            `json:"failed"`
		At        *value.Timestamp `json:"at,omitempty"`
		History   []checkpointJSON `json:"history"`
	}
	checkpointJSON struct {
		ID       int64           `json:"id"`
		At       value.Timestamp `json:"at"`
		Duration float64         `json:"duration"`
		Pause    float64         `json:"pause"`
		Bytes    int64           `json:"bytes"`
		Steps    []stepSavedJSON `json:"steps,omitempty"` // that have state
		Err      string          `json:"error,omitempty"`
	}
	stepSavedJSON struct {
		UID      string  `json:"uid"`
		Duration float64 `json:"duration"`
		Pause    float64 `json:"pause"`
		Bytes    int64   `json:"bytes"` // written; none of state in a store
		Size     int64   `json:"size"`  // that the checkpoint names; none of state in a store
	}
	errorJSON struct {
		At     value.Timestamp `json:"at"`
		UID    string          `json:"uid,omitempty"`
		Place  string          `json:"place"`
		Reason string          `json:"reason"`
		Record string          `json:"record,omitempty"`
		Count  int64           `json:"count"`
	}
)

func (s *server) status(w http.ResponseWriter, _ *http.Request, j *rt.Job) {
	f := j.Figures()
	out := statusJSON{
		Job: s.spec.Name, Doc: s.spec.Doc, Flowc: s.spec.Flowc, Hash: s.spec.Hash,
		Now: f.Now, Start: f.Start, Running: f.Running, Failed: f.Failed, Restarts: f.Restarts, Parallelism: f.Parallelism,
		Sources: []sourceJSON{}, Operators: []operatorJSON{}, Sinks: []sinkJSON{}, Edges: []edgeJSON{}, Errors: []errorJSON{},
		Checkpoints: checkpointsOf(&f.Checkpoints),
	}
	for _, b := range rt.LatencyBounds {
		out.Bounds = append(out.Bounds, b.Seconds())
	}
	for i := range f.Sources {
		out.Sources = append(out.Sources, sourceOf(&f.Sources[i]))
	}
	for i := range f.Operators {
		out.Operators = append(out.Operators, s.operatorOf(&f.Operators[i]))
	}
	for i := range f.Sinks {
		k := &f.Sinks[i]
		row := sinkJSON{
			nodeJSON: nodeJSON{k.UID, k.Name, k.Place}, Connector: k.Connector, Records: k.Records, Bytes: k.Bytes,
			Writes: k.Writes.Count, Writing: (k.Writes.Total + k.Flushes.Total).Seconds(), Commits: k.Commits.Count,
		}
		if row.Commits > 0 {
			row.Latency = k.Commits.Total.Seconds() / float64(row.Commits)
		}
		out.Sinks = append(out.Sinks, row)
	}
	for _, e := range f.Edges {
		out.Edges = append(out.Edges, edgeJSON{From: e.From, To: e.To, Records: e.Records, Waiting: e.Waiting, Watermark: mark(e.Watermark)})
	}
	for _, e := range f.Errors {
		out.Errors = append(out.Errors, errorJSON(e))
	}
	send(w, http.StatusOK, out)
}

func sourceOf(f *rt.SourceFigures) sourceJSON {
	return sourceJSON{
		nodeJSON: nodeJSON{f.UID, f.Name, f.Place}, Connector: f.Connector,
		Records: f.Records, Bytes: f.Bytes, Malformed: f.Malformed, Failed: f.Failed,
		Busy: f.Busy.Seconds(), Waiting: f.Waiting.Seconds(), Blocked: f.Blocked.Seconds(),
		InFlight: f.InFlight, Window: f.Window, Watermark: mark(f.Watermark),
		Partitions: f.Partitions, Idle: f.Idle, Ended: f.Ended,
	}
}

func (s *server) operatorOf(f *rt.OperatorFigures) operatorJSON {
	out := operatorJSON{
		nodeJSON: nodeJSON{f.UID, f.Name, f.Place},
		Records:  f.Records, Emitted: f.Emitted, Failed: f.Failed, Late: f.Late, Busy: f.Busy.Seconds(),
		Queued: f.Queued, Watermark: mark(f.Watermark),
		Keys: f.State.Keys, Bytes: f.State.Bytes, Pending: f.State.Timers, Calls: callsOf(f.Calls),
	}
	for i := range s.spec.Job.Operators {
		op := &s.spec.Job.Operators[i]
		if op.UID != f.UID {
			continue
		}
		out.Operator = op.Name
		if op.Key != nil {
			out.Key = op.Key.String()
		}
		for k := range op.States {
			out.States = append(out.States, op.States[k].String())
		}
		for k := range op.Timers {
			out.Timers = append(out.Timers, op.Timers[k].String())
		}
	}
	return out
}

// callsOf returns the figures of calls, nil if there are none.
func callsOf(f *rt.CallFigures) *callsJSON {
	if f == nil {
		return nil
	}
	out := &callsJSON{
		Calls: f.Calls, Failed: f.Failed, TimedOut: f.TimedOut, Retried: f.Retried, GivenUp: f.GivenUp,
		InFlight: f.InFlight, Backlog: f.Backlog, Open: f.Open, Sent: f.Sent, Received: f.Received,
		Batches: f.Batches.Count, Records: f.Batches.Total, Returned: f.Latency.Count, Waited: f.Latency.Total.Seconds(),
	}
	beyond := f.Latency.Count
	for _, n := range f.Latency.Buckets {
		out.Latency = append(out.Latency, n)
		beyond -= n
	}
	out.Latency = append(out.Latency, max(beyond, 0)) // counts are read one after the other
	return out
}

func checkpointsOf(f *rt.CheckpointFigures) checkpointsJSON {
	out := checkpointsJSON{Enabled: f.Enabled, Completed: f.Completed, Failed: f.Failed, History: []checkpointJSON{}}
	if f.At != 0 {
		out.At = &f.At
	}
	for _, c := range f.History {
		note := checkpointJSON{ID: c.ID, At: c.At, Duration: c.Duration.Seconds(), Pause: c.Pause.Seconds(), Bytes: c.Bytes, Err: c.Err}
		for _, s := range c.Steps {
			note.Steps = append(note.Steps, stepSavedJSON{s.UID, s.Duration.Seconds(), s.Pause.Seconds(), s.Bytes, s.Size})
		}
		out.History = append(out.History, note)
	}
	return out
}

// mark returns a watermark that is a time, else nil.
func mark(t value.Timestamp) *value.Timestamp {
	if !IsTime(t) {
		return nil
	}
	return &t
}

// IsTime reports whether a watermark is a time, not the beginning or end of it.
func IsTime(t value.Timestamp) bool { return t > value.MinTime && t < value.MaxTime-1 }
