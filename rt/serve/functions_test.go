package serve

import (
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
