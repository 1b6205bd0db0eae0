package rt

import (
	"sync/atomic"
	"time"
)

// writerFigures are what a writer counts.
type writerFigures struct {
	records, bytes           atomic.Int64
	writes, flushes, commits latency
}

// LatencyBounds are the upper bounds of the buckets of a [Latency]; the last
// bucket has none.
var LatencyBounds = [...]time.Duration{
	100 * time.Microsecond, 250 * time.Microsecond, 500 * time.Microsecond,
	time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond,
	10 * time.Millisecond, 25 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 2500 * time.Millisecond, 5 * time.Second, 10 * time.Second,
}

// Latency is how often something was done and how long it took.
type Latency struct {
	Count   int64
	Total   time.Duration
	Buckets [len(LatencyBounds)]int64 // how often it took at most so long; not summed up
}

func (l *Latency) add(o Latency) {
	l.Count += o.Count
	l.Total += o.Total
	for i := range l.Buckets {
		l.Buckets[i] += o.Buckets[i]
	}
}

// latency is a Latency that one goroutine counts and others read.
type latency struct {
	count, total atomic.Int64
	buckets      [len(LatencyBounds)]atomic.Int64
}

func (l *latency) observe(d time.Duration) {
	l.count.Add(1)
	l.total.Add(int64(d))
	for i, bound := range LatencyBounds {
		if d <= bound {
			l.buckets[i].Add(1)
			return
		}
	}
}

func (l *latency) read() Latency {
	out := Latency{Count: l.count.Load(), Total: time.Duration(l.total.Load())}
	for i := range l.buckets {
		out.Buckets[i] = l.buckets[i].Load()
	}
	return out
}
