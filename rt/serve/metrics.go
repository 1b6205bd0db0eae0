package serve

import (
	"math"
	"runtime"
	"strconv"
	"time"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/value"
)

// metric is a family of samples. Its name ends in its unit, and in _total where
// it only grows, by the conventions of Prometheus.
type metric struct {
	name, kind, help string
	samples          func(f *rt.Figures, add func(v float64, labels ...string))
}

const (
	counter = "counter"
	gauge   = "gauge"
)

// metricList is all that /metrics shows, in its order. docs/operating.md has the
// same list, and a test holds the two together.
var metricList = []metric{
	{"flow_up_seconds", gauge, "Time since the job began.", func(f *rt.Figures, add func(float64, ...string)) {
		add(seconds(value.Since(f.Now, f.Start)))
	}},
	{"flow_running", gauge, "1 while the job handles its input.", func(f *rt.Figures, add func(float64, ...string)) {
		add(flag(f.Running))
	}},
	{"flow_parallelism", gauge, "Shards of each keyed step.", func(f *rt.Figures, add func(float64, ...string)) {
		add(float64(f.Parallelism))
	}},

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
	{"flow_operator_idle_seconds_total", counter, "Time that shards had nothing to do or waited for their turn.", func(f *rt.Figures, add func(float64, ...string)) {
		all := seconds(value.Since(f.Now, f.Start)) * float64(f.Parallelism)
		for i := range f.Operators {
			o := &f.Operators[i]
			add(max(all-o.Busy.Seconds(), 0), "operator", o.UID)
		}
	}},
	operator("flow_operator_backpressured_seconds_total", counter, "Always 0: a keyed step never waits for those that follow; sources do.", func(*rt.OperatorFigures) float64 { return 0 }),
	operator("flow_operator_queued_chunks", gauge, "Chunks of records that wait for the step.", func(o *rt.OperatorFigures) float64 { return float64(o.Queued) }),
	operator("flow_operator_watermark_seconds", gauge, "Watermark as seconds since 1970; -Inf before there is one, +Inf at the end.", func(o *rt.OperatorFigures) float64 { return unix(o.Watermark) }),
	{"flow_operator_watermark_lag_seconds", gauge, "How far the watermark is behind the clock.", func(f *rt.Figures, add func(float64, ...string)) {
		for i := range f.Operators {
			if o := &f.Operators[i]; isMark(o.Watermark) {
				add(seconds(value.Since(f.Now, o.Watermark)), "operator", o.UID)
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
	{"flow_function_latency_seconds", histogram, "Time of a call that came back.", func(f *rt.Figures, add func(float64, ...string)) {
		eachFunction(f, func(uid string, c *rt.CallFigures) { addLatency(add, &c.Latency, "operator", uid) })
	}},
	{"flow_function_batch_records", histogram, "Records of a call of a remote function.", func(f *rt.Figures, add func(float64, ...string)) {
		eachFunction(f, func(uid string, c *rt.CallFigures) {
			if b := &c.Batches; b.Count > 0 {
				addHistogram(add, b.Buckets[:], func(i int) float64 { return float64(rt.BatchBounds[i]) }, b.Count, float64(b.Total), "operator", uid)
			}
		})
	}},

	sink("flow_sink_records_total", counter, "Rows given to the sink.", func(s *rt.SinkFigures) float64 { return float64(s.Records) }),
	sink("flow_sink_bytes_total", counter, "Bytes given to the sink.", func(s *rt.SinkFigures) float64 { return float64(s.Bytes) }),
	latencies("flow_sink_write_seconds", "Time of a write.", func(s *rt.SinkFigures) *rt.Latency { return &s.Writes }),
	latencies("flow_sink_flush_seconds", "Time of making what was written visible.", func(s *rt.SinkFigures) *rt.Latency { return &s.Flushes }),
	latencies("flow_sink_commit_seconds", "Time of making output final at a checkpoint.", func(s *rt.SinkFigures) *rt.Latency { return &s.Commits }),

	{"flow_edge_records_total", counter, "Records passed on, by where from and where to.", func(f *rt.Figures, add func(float64, ...string)) {
		for _, e := range f.Edges {
			add(float64(e.Records), "from", e.From, "to", e.To)
		}
	}},
	{"flow_edge_waiting_records", gauge, "Records passed on that have not been handled or written.", func(f *rt.Figures, add func(float64, ...string)) {
		for _, e := range f.Edges {
			add(float64(e.Waiting), "from", e.From, "to", e.To)
		}
	}},

	checkpoint("flow_checkpoints_completed_total", counter, "Checkpoints completed.", func(c *rt.CheckpointFigures, _ value.Timestamp) float64 { return float64(c.Completed) }),
	checkpoint("flow_checkpoints_failed_total", counter, "Checkpoints given up.", func(c *rt.CheckpointFigures, _ value.Timestamp) float64 { return float64(c.Failed) }),
	checkpoint("flow_checkpoint_duration_seconds", gauge, "Time from the barrier of the last checkpoint until its output is final.", func(c *rt.CheckpointFigures, _ value.Timestamp) float64 { return c.Duration.Seconds() }),
	checkpoint("flow_checkpoint_pause_seconds", gauge, "Longest time that the last checkpoint kept a shard from its records.", func(c *rt.CheckpointFigures, _ value.Timestamp) float64 { return c.Pause.Seconds() }),
	checkpoint("flow_checkpoint_size_bytes", gauge, "Bytes of all state that the last checkpoint names.", func(c *rt.CheckpointFigures, _ value.Timestamp) float64 { return float64(c.Size) }),
	checkpoint("flow_checkpoint_written_bytes", gauge, "Bytes of state that the last checkpoint wrote.", func(c *rt.CheckpointFigures, _ value.Timestamp) float64 { return float64(c.Bytes) }),
	{"flow_checkpoint_age_seconds", gauge, "Time since the last completed checkpoint, once there is one.", func(f *rt.Figures, add func(float64, ...string)) {
		if f.Checkpoints.At != 0 {
			add(seconds(value.Since(f.Now, f.Checkpoints.At)))
		}
	}},

	{"process_heap_bytes", gauge, "Memory of the Go heap in use.", func(_ *rt.Figures, add func(float64, ...string)) {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		add(float64(m.HeapInuse))
	}},
	{"process_goroutines", gauge, "Goroutines.", func(_ *rt.Figures, add func(float64, ...string)) {
		add(float64(runtime.NumGoroutine()))
	}},
}

// source, operator, sink and checkpoint make metrics that have one sample for
// each of them.
func source(name, kind, help string, of func(*rt.SourceFigures) float64) metric {
	return metric{name, kind, help, func(f *rt.Figures, add func(float64, ...string)) {
		for i := range f.Sources {
			add(of(&f.Sources[i]), "source", f.Sources[i].UID)
		}
	}}
}

func operator(name, kind, help string, of func(*rt.OperatorFigures) float64) metric {
	return metric{name, kind, help, func(f *rt.Figures, add func(float64, ...string)) {
		for i := range f.Operators {
			add(of(&f.Operators[i]), "operator", f.Operators[i].UID)
		}
	}}
}

// stored makes a metric of the operators whose state lies in a store.
func stored(name, help string, of func(*rt.OperatorFigures) float64) metric {
	return metric{name, counter, help, func(f *rt.Figures, add func(float64, ...string)) {
		for i := range f.Operators {
			if f.Operators[i].State.Stored {
				add(of(&f.Operators[i]), "operator", f.Operators[i].UID)
			}
		}
	}}
}

func sink(name, kind, help string, of func(*rt.SinkFigures) float64) metric {
	return metric{name, kind, help, func(f *rt.Figures, add func(float64, ...string)) {
		for i := range f.Sinks {
			add(of(&f.Sinks[i]), "sink", f.Sinks[i].UID)
		}
	}}
}

func checkpoint(name, kind, help string, of func(*rt.CheckpointFigures, value.Timestamp) float64) metric {
	return metric{name, kind, help, func(f *rt.Figures, add func(float64, ...string)) {
		add(of(&f.Checkpoints, f.Now))
	}}
}

// histogram is the kind of a metric with buckets. The samples that it adds have
// a label le, or one called "suffix" that says which part they are.
const histogram = "histogram"

const suffix = "\x00suffix"

func latencies(name, help string, of func(*rt.SinkFigures) *rt.Latency) metric {
	return metric{name, histogram, help, func(f *rt.Figures, add func(float64, ...string)) {
		for i := range f.Sinks {
			addLatency(add, of(&f.Sinks[i]), "sink", f.Sinks[i].UID)
		}
	}}
}

// function makes a metric that has one sample for each step that calls a function.
func function(name, kind, help string, of func(*rt.CallFigures) float64) metric {
	return metric{name, kind, help, func(f *rt.Figures, add func(float64, ...string)) {
		eachFunction(f, func(uid string, c *rt.CallFigures) { add(of(c), "operator", uid) })
	}}
}

func eachFunction(f *rt.Figures, do func(uid string, c *rt.CallFigures)) {
	for i := range f.Operators {
		if c := f.Operators[i].Calls; c != nil {
			do(f.Operators[i].UID, c)
		}
	}
}

func addLatency(add func(float64, ...string), l *rt.Latency, label, uid string) {
	bound := func(i int) float64 { return rt.LatencyBounds[i].Seconds() }
	addHistogram(add, l.Buckets[:], bound, l.Count, l.Total.Seconds(), label, uid)
}

// addHistogram adds the samples of a histogram whose buckets are not summed up.
func addHistogram(add func(float64, ...string), buckets []int64, bound func(i int) float64, count int64, total float64, label, uid string) {
	sum := int64(0)
	for i, n := range buckets {
		sum += n
		add(float64(sum), suffix, "_bucket", label, uid, "le", number(bound(i)))
	}
	add(float64(count), suffix, "_bucket", label, uid, "le", "+Inf")
	add(total, suffix, "_sum", label, uid)
	add(float64(count), suffix, "_count", label, uid)
}

func seconds(d value.Duration) float64 {
	return (time.Duration(d) * time.Microsecond).Seconds()
}

// unix returns a watermark as seconds since 1970.
func unix(t value.Timestamp) float64 {
	switch {
	case isMark(t):
		return float64(t) / 1e6
	case t == value.MinTime:
		return math.Inf(-1)
	default:
		return math.Inf(1)
	}
}

// isMark reports whether a watermark is a time, not the beginning or end of it.
func isMark(t value.Timestamp) bool { return t > value.MinTime && t < value.MaxTime-1 }

func flag(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// number writes a value as Prometheus does: +Inf, -Inf and NaN by these names.
func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
