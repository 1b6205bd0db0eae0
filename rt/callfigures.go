package rt

import "sync/atomic"

// CallFigures are those of the calls of a step that are made outside of it: of
// async and remote functions.
type CallFigures struct {
	Calls    int64   // made, those that were tried again counted again
	Failed   int64   // that came back with an error
	TimedOut int64   // that were given up as they took too long
	Retried  int64   // calls that failed and will be made again
	GivenUp  int64   // records for which the last call has failed
	InFlight int64   // calls that have not come back and have not timed out
	Backlog  int64   // records that wait for a call
	Sent     int64   // bytes of its requests; 0 of an async function
	Received int64   // bytes of its replies; 0 of an async function
	Open     int     // shards that keep calls back because the function does not answer
	Latency  Latency // of those that came back
	Batches  Batches // records of each call of a remote function; none of an async one
}

// BatchBounds are the upper bounds of the buckets of [Batches]; the last bucket
// has none.
var BatchBounds = [...]int64{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000}

// Batches is how many records calls had.
type Batches struct {
	Count   int64 // calls
	Total   int64 // records
	Buckets [len(BatchBounds)]int64
}

// callFigures are what a shard counts of them. Anyone may read them.
type callFigures struct {
	calls, failed, timedOut, retried, givenUp atomic.Int64
	begun, waiting                            atomic.Int64
	sent, received                            atomic.Int64
	open                                      atomic.Bool
	latency                                   latency

	batches, records atomic.Int64
	sizes            [len(BatchBounds)]atomic.Int64
}

// batch counts a call of so many records.
func (c *callFigures) batch(records int64) {
	c.batches.Add(1)
	c.records.Add(records)
	for i, bound := range BatchBounds {
		if records <= bound {
			c.sizes[i].Add(1)
			return
		}
	}
}

func (f *CallFigures) add(c *callFigures) {
	f.Calls += c.calls.Load()
	f.Failed += c.failed.Load()
	f.TimedOut += c.timedOut.Load()
	f.Retried += c.retried.Load()
	f.GivenUp += c.givenUp.Load()
	f.InFlight += c.begun.Load()
	f.Backlog += c.waiting.Load()
	f.Sent += c.sent.Load()
	f.Received += c.received.Load()
	if c.open.Load() {
		f.Open++
	}
	f.Latency.add(c.latency.read())
	f.Batches.Count += c.batches.Load()
	f.Batches.Total += c.records.Load()
	for i := range c.sizes {
		f.Batches.Buckets[i] += c.sizes[i].Load()
	}
}
