package metrics

import (
	"math"
	"runtime"
	"runtime/metrics"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/serve"
	"github.com/flow-lang/flowc/rt/value"
)

// family is the samples of one name. It ends in its unit, and in _total where it
// only grows, by the conventions of Prometheus. Beside its labels each sample has
// that of the job.
type family struct {
	name, help string
	kind       prometheus.ValueType
	labels     []string
	collect    func(f *rt.Figures, to samples)
}

// The kinds of families. A histogram has buckets and no value, so no kind that the
// library has for values.
const (
	counter   = prometheus.CounterValue
	gauge     = prometheus.GaugeValue
	histogram = prometheus.ValueType(0)
)

// families are all that /metrics shows. docs/operating.md has the same list, and a
// test holds the two together.
var families = []family{
	job("flow_up_seconds", gauge, "Time since the job began.", func(f *rt.Figures) float64 { return seconds(value.Since(f.Now, f.Start)) }),
	job("flow_running", gauge, "1 while the job handles its input.", func(f *rt.Figures) float64 { return flag(f.Running) }),
	job("flow_parallelism", gauge, "Shards of each keyed step.", func(f *rt.Figures) float64 { return float64(f.Parallelism) }),

	source("flow_source_records_total", counter, "Records decoded.", func(s *rt.SourceFigures) float64 { return float64(s.Records) }),
	source("flow_source_bytes_total", counter, "Bytes of rows read, unpacked.", func(s *rt.SourceFigures) float64 { return float64(s.Bytes) }),
	source("flow_source_malformed_records_total", counter, "Rows that were no record and were left out.", func(s *rt.SourceFigures) float64 { return float64(s.Malformed) }),
	source("flow_source_failed_records_total", counter, "Records that failed in a step fused to the source and did not stop the job.", func(s *rt.SourceFigures) float64 { return float64(s.Failed) }),
	source("flow_source_busy_seconds_total", counter, "Time spent decoding and in fused steps, over all lanes.", func(s *rt.SourceFigures) float64 { return s.Busy.Seconds() }),
	source("flow_source_idle_seconds_total", counter, "Time spent waiting for input, over all partitions.", func(s *rt.SourceFigures) float64 { return s.Waiting.Seconds() }),
	source("flow_source_backpressured_seconds_total", counter, "Time that the source did not read because what follows was behind, over all partitions.", func(s *rt.SourceFigures) float64 { return s.Blocked.Seconds() }),
	source("flow_source_blocks_in_flight", gauge, "Blocks read that something still depends on.", func(s *rt.SourceFigures) float64 { return float64(s.InFlight) }),
	source("flow_source_blocks_window", gauge, "Most blocks in flight before the source waits.", func(s *rt.SourceFigures) float64 { return float64(s.Window) }),
	source("flow_source_partitions", gauge, "Partitions.", func(s *rt.SourceFigures) float64 { return float64(s.Partitions) }),
	source("flow_source_idle_partitions", gauge, "Partitions that hold no watermark back, as they have waited for input too long.", func(s *rt.SourceFigures) float64 { return float64(s.Idle) }),
	source("flow_source_watermark_seconds", gauge, "Watermark as seconds since 1970; -Inf before there is one, +Inf at the end.", func(s *rt.SourceFigures) float64 { return unix(s.Watermark) }),

	operator("flow_operator_records_total", counter, "Records taken.", func(o *rt.OperatorFigures) float64 { return float64(o.Records) }),
	operator("flow_operator_emitted_records_total", counter, "Records given to steps and sinks that follow.", func(o *rt.OperatorFigures) float64 { return float64(o.Emitted) }),
	operator("flow_operator_failed_records_total", counter, "Records that failed and did not stop the job.", func(o *rt.OperatorFigures) float64 { return float64(o.Failed) }),
	operator("flow_operator_late_records_total", counter, "Records whose event time was before the watermark.", func(o *rt.OperatorFigures) float64 { return float64(o.Late) }),
	operator("flow_operator_busy_seconds_total", counter, "Time spent in the step, over all shards.", func(o *rt.OperatorFigures) float64 { return o.Busy.Seconds() }),
	{"flow_operator_idle_seconds_total", "Time that shards had nothing to do or waited for their turn.", counter, []string{"operator"}, func(f *rt.Figures, to samples) {
		all := seconds(value.Since(f.Now, f.Start)) * float64(f.Parallelism)
		for i := range f.Operators {
			o := &f.Operators[i]
			to.add(max(all-o.Busy.Seconds(), 0), o.UID)
		}
	}},
	operator("flow_operator_backpressured_seconds_total", counter, "Always 0: a keyed step never waits for those that follow; sources do.", func(*rt.OperatorFigures) float64 { return 0 }),
	operator("flow_operator_queued_chunks", gauge, "Chunks of records that wait for the step.", func(o *rt.OperatorFigures) float64 { return float64(o.Queued) }),
	operator("flow_operator_watermark_seconds", gauge, "Watermark as seconds since 1970; -Inf before there is one, +Inf at the end.", func(o *rt.OperatorFigures) float64 { return unix(o.Watermark) }),
	{"flow_operator_watermark_lag_seconds", "How far the watermark is behind the clock.", gauge, []string{"operator"}, func(f *rt.Figures, to samples) {
		for i := range f.Operators {
			if o := &f.Operators[i]; serve.IsTime(o.Watermark) {
				to.add(seconds(value.Since(f.Now, o.Watermark)), o.UID)
			}
		}
	}},
	operator("flow_state_entries", gauge, "Keys with state.", func(o *rt.OperatorFigures) float64 { return float64(o.State.Keys) }),
	operator("flow_state_bytes", gauge, "Memory of the table of keys and cells; what collections hold besides is not in it.", func(o *rt.OperatorFigures) float64 { return float64(o.State.Bytes) }),
	stored("flow_state_cache_hits_total", "Records whose key was in memory, of state that lies in a store.", func(o *rt.OperatorFigures) float64 {
		return float64(max(o.Records-o.State.Loads, 0))
	}),
	stored("flow_state_cache_misses_total", "Keys that were not in memory and were asked of the store, new ones included.", func(o *rt.OperatorFigures) float64 {
		return float64(o.State.Loads)
	}),
	operator("flow_timers_pending", gauge, "Entries of the queues of timers, those included that were cancelled or set anew.", func(o *rt.OperatorFigures) float64 { return float64(o.State.Timers) }),

	function("flow_function_calls_total", counter, "Calls of the function, those that were made again counted again.", func(c *rt.CallFigures) float64 { return float64(c.Calls) }),
	function("flow_function_failures_total", counter, "Calls that came back with an error.", func(c *rt.CallFigures) float64 { return float64(c.Failed) }),
	function("flow_function_timeouts_total", counter, "Calls that took too long.", func(c *rt.CallFigures) float64 { return float64(c.TimedOut) }),
	function("flow_function_retries_total", counter, "Calls that failed and were made again.", func(c *rt.CallFigures) float64 { return float64(c.Retried) }),
	function("flow_function_given_up_records_total", counter, "Records whose last call failed, and which the policy of the step decided about.", func(c *rt.CallFigures) float64 { return float64(c.GivenUp) }),
	function("flow_function_in_flight", gauge, "Calls that have not come back.", func(c *rt.CallFigures) float64 { return float64(c.InFlight) }),
	function("flow_function_backlog_records", gauge, "Records that wait for a call.", func(c *rt.CallFigures) float64 { return float64(c.Backlog) }),
	function("flow_function_open_shards", gauge, "Shards that keep calls back as the function does not answer.", func(c *rt.CallFigures) float64 { return float64(c.Open) }),
	function("flow_function_sent_bytes_total", counter, "Bytes of requests to a remote function.", func(c *rt.CallFigures) float64 { return float64(c.Sent) }),
	function("flow_function_received_bytes_total", counter, "Bytes of replies of a remote function.", func(c *rt.CallFigures) float64 { return float64(c.Received) }),
	{"flow_function_latency_seconds", "Time of a call that came back.", histogram, []string{"operator"}, func(f *rt.Figures, to samples) {
		eachFunction(f, func(uid string, c *rt.CallFigures) { to.addLatency(&c.Latency, uid) })
	}},
	{"flow_function_batch_records", "Records of a call of a remote function.", histogram, []string{"operator"}, func(f *rt.Figures, to samples) {
		eachFunction(f, func(uid string, c *rt.CallFigures) {
			if b := &c.Batches; b.Count > 0 {
				to.addHistogram(b.Buckets[:], func(i int) float64 { return float64(rt.BatchBounds[i]) }, b.Count, float64(b.Total), uid)
			}
		})
	}},

	sink("flow_sink_records_total", counter, "Rows given to the sink.", func(s *rt.SinkFigures) float64 { return float64(s.Records) }),
	sink("flow_sink_bytes_total", counter, "Bytes given to the sink.", func(s *rt.SinkFigures) float64 { return float64(s.Bytes) }),
	latencies("flow_sink_write_seconds", "Time of a write.", func(s *rt.SinkFigures) *rt.Latency { return &s.Writes }),
	latencies("flow_sink_flush_seconds", "Time of making what was written visible.", func(s *rt.SinkFigures) *rt.Latency { return &s.Flushes }),
	latencies("flow_sink_commit_seconds", "Time of making output final at a checkpoint.", func(s *rt.SinkFigures) *rt.Latency { return &s.Commits }),

	edge("flow_edge_records_total", counter, "Records passed on, by where from and where to.", func(e *rt.EdgeFigures) float64 { return float64(e.Records) }),
	edge("flow_edge_waiting_records", gauge, "Records passed on that have not been handled or written.", func(e *rt.EdgeFigures) float64 { return float64(e.Waiting) }),

	checkpoint("flow_checkpoints_completed_total", counter, "Checkpoints completed.", func(c *rt.CheckpointFigures) float64 { return float64(c.Completed) }),
	checkpoint("flow_checkpoints_failed_total", counter, "Checkpoints given up.", func(c *rt.CheckpointFigures) float64 { return float64(c.Failed) }),
	checkpoint("flow_checkpoint_duration_seconds", gauge, "Time from the barrier of the last checkpoint until its output is final.", func(c *rt.CheckpointFigures) float64 { return c.Duration.Seconds() }),
	checkpoint("flow_checkpoint_pause_seconds", gauge, "Longest time that the last checkpoint kept a shard from its records.", func(c *rt.CheckpointFigures) float64 { return c.Pause.Seconds() }),
	checkpoint("flow_checkpoint_size_bytes", gauge, "Bytes of all state that the last checkpoint names.", func(c *rt.CheckpointFigures) float64 { return float64(c.Size) }),
	checkpoint("flow_checkpoint_written_bytes", gauge, "Bytes of state that the last checkpoint wrote.", func(c *rt.CheckpointFigures) float64 { return float64(c.Bytes) }),
	{"flow_checkpoint_age_seconds", "Time since the last completed checkpoint, once there is one.", gauge, nil, func(f *rt.Figures, to samples) {
		if f.Checkpoints.At != 0 {
			to.add(seconds(value.Since(f.Now, f.Checkpoints.At)))
		}
	}},

	job("process_heap_bytes", gauge, "Memory of the Go heap in use.", func(*rt.Figures) float64 { return heapInUse() }),
	job("process_goroutines", gauge, "Goroutines.", func(*rt.Figures) float64 { return float64(runtime.NumGoroutine()) }),
}

// job, source, operator, sink, edge and checkpoint make families that have one
// sample for each of them.
func job(name string, kind prometheus.ValueType, help string, of func(*rt.Figures) float64) family {
	return family{name, help, kind, nil, func(f *rt.Figures, to samples) { to.add(of(f)) }}
}

func source(name string, kind prometheus.ValueType, help string, of func(*rt.SourceFigures) float64) family {
	return family{name, help, kind, []string{"source"}, func(f *rt.Figures, to samples) {
		for i := range f.Sources {
			to.add(of(&f.Sources[i]), f.Sources[i].UID)
		}
	}}
}

func operator(name string, kind prometheus.ValueType, help string, of func(*rt.OperatorFigures) float64) family {
	return family{name, help, kind, []string{"operator"}, func(f *rt.Figures, to samples) {
		for i := range f.Operators {
			to.add(of(&f.Operators[i]), f.Operators[i].UID)
		}
	}}
}

// stored makes a counter of the operators whose state lies in a store.
func stored(name, help string, of func(*rt.OperatorFigures) float64) family {
	return family{name, help, counter, []string{"operator"}, func(f *rt.Figures, to samples) {
		for i := range f.Operators {
			if f.Operators[i].State.Stored {
				to.add(of(&f.Operators[i]), f.Operators[i].UID)
			}
		}
	}}
}

// function makes a family that has one sample for each step that calls a function.
func function(name string, kind prometheus.ValueType, help string, of func(*rt.CallFigures) float64) family {
	return family{name, help, kind, []string{"operator"}, func(f *rt.Figures, to samples) {
		eachFunction(f, func(uid string, c *rt.CallFigures) { to.add(of(c), uid) })
	}}
}

func eachFunction(f *rt.Figures, do func(uid string, c *rt.CallFigures)) {
	for i := range f.Operators {
		if c := f.Operators[i].Calls; c != nil {
			do(f.Operators[i].UID, c)
		}
	}
}

func sink(name string, kind prometheus.ValueType, help string, of func(*rt.SinkFigures) float64) family {
	return family{name, help, kind, []string{"sink"}, func(f *rt.Figures, to samples) {
		for i := range f.Sinks {
			to.add(of(&f.Sinks[i]), f.Sinks[i].UID)
		}
	}}
}

func latencies(name, help string, of func(*rt.SinkFigures) *rt.Latency) family {
	return family{name, help, histogram, []string{"sink"}, func(f *rt.Figures, to samples) {
		for i := range f.Sinks {
			to.addLatency(of(&f.Sinks[i]), f.Sinks[i].UID)
		}
	}}
}

func edge(name string, kind prometheus.ValueType, help string, of func(*rt.EdgeFigures) float64) family {
	return family{name, help, kind, []string{"from", "to"}, func(f *rt.Figures, to samples) {
		for i := range f.Edges {
			to.add(of(&f.Edges[i]), f.Edges[i].From, f.Edges[i].To)
		}
	}}
}

func checkpoint(name string, kind prometheus.ValueType, help string, of func(*rt.CheckpointFigures) float64) family {
	return job(name, kind, help, func(f *rt.Figures) float64 { return of(&f.Checkpoints) })
}

func seconds(d value.Duration) float64 {
	return (time.Duration(d) * time.Microsecond).Seconds()
}

// unix returns a watermark as seconds since 1970.
func unix(t value.Timestamp) float64 {
	switch {
	case serve.IsTime(t):
		return float64(t) / 1e6
	case t == value.MinTime:
		return math.Inf(-1)
	default:
		return math.Inf(1)
	}
}

func flag(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// heapInUse returns the bytes of the heap's spans that hold objects. It stops
// nobody, as runtime.ReadMemStats would.
func heapInUse() float64 {
	parts := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/unused:bytes"}}
	metrics.Read(parts)
	return float64(parts[0].Value.Uint64() + parts[1].Value.Uint64())
}
