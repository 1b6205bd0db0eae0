package serve

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt"
)

// someCalls are figures of a step that calls a remote function.
func someCalls() *rt.CallFigures {
	c := &rt.CallFigures{
		Calls: 12, Failed: 2, TimedOut: 1, Retried: 2, GivenUp: 3, InFlight: 4, Backlog: 50, Sent: 600, Received: 700, Open: 1,
		Latency: rt.Latency{Count: 8, Total: 30 * time.Second},
		Batches: rt.Batches{Count: 12, Total: 240},
	}
	c.Latency.Buckets[3] = 6 // at most 1 ms
	c.Latency.Buckets[15] = 1
	c.Batches.Buckets[0], c.Batches.Buckets[4] = 2, 10
	return c
}

// TestFunctionMetrics holds each figure of a function to its metric.
func TestFunctionMetrics(t *testing.T) {
	t.Parallel()
	f := rt.Figures{Operators: []rt.OperatorFigures{{UID: "greeter", Calls: someCalls()}, {UID: "other"}}}
	text := string(appendMetrics(nil, &f, "j", false))
	for _, want := range []string{
		`flow_function_calls_total{job="j",operator="greeter"} 12`,
		`flow_function_failures_total{job="j",operator="greeter"} 2`,
		`flow_function_timeouts_total{job="j",operator="greeter"} 1`,
		`flow_function_retries_total{job="j",operator="greeter"} 2`,
		`flow_function_given_up_records_total{job="j",operator="greeter"} 3`,
		`flow_function_in_flight{job="j",operator="greeter"} 4`,
		`flow_function_backlog_records{job="j",operator="greeter"} 50`,
		`flow_function_open_shards{job="j",operator="greeter"} 1`,
		`flow_function_sent_bytes_total{job="j",operator="greeter"} 600`,
		`flow_function_received_bytes_total{job="j",operator="greeter"} 700`,
		`flow_function_latency_seconds_bucket{job="j",operator="greeter",le="0.0005"} 0`,
		`flow_function_latency_seconds_bucket{job="j",operator="greeter",le="0.001"} 6`,
		`flow_function_latency_seconds_bucket{job="j",operator="greeter",le="10"} 7`,
		`flow_function_latency_seconds_bucket{job="j",operator="greeter",le="+Inf"} 8`,
		`flow_function_latency_seconds_sum{job="j",operator="greeter"} 30`,
		`flow_function_latency_seconds_count{job="j",operator="greeter"} 8`,
		`flow_function_batch_records_bucket{job="j",operator="greeter",le="1"} 2`,
		`flow_function_batch_records_bucket{job="j",operator="greeter",le="20"} 12`,
		`flow_function_batch_records_bucket{job="j",operator="greeter",le="+Inf"} 12`,
		`flow_function_batch_records_sum{job="j",operator="greeter"} 240`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("the metrics lack %s", want)
		}
	}
	if strings.Contains(text, `flow_function_calls_total{job="j",operator="other"}`) {
		t.Error("a step that calls nothing has metrics of a function")
	}
}

// TestFunctionStatus shows the same to the dashboard.
func TestFunctionStatus(t *testing.T) {
	t.Parallel()
	want := &callsJSON{
		Calls: 12, Failed: 2, TimedOut: 1, Retried: 2, GivenUp: 3, InFlight: 4, Backlog: 50, Sent: 600, Received: 700, Open: 1,
		Batches: 12, Records: 240, Returned: 8, Waited: 30,
		Latency: []int64{0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1},
	}
	if diff := cmp.Diff(want, callsOf(someCalls())); diff != "" {
		t.Errorf("callsOf (-want +got):\n%s", diff)
	}
	if callsOf(nil) != nil {
		t.Error("a step that calls nothing has figures of calls")
	}
}
