package rt

import (
	"context"
	"sync"
	"time"

	"github.com/flow-lang/flowc/rt/value"
)

// How calls follow each other
//
// A call that has come back would wait for the next step of its shard before
// another took its place, which is most of what a thousand short calls at once
// cost. So the shard prepares some calls ahead: who has made a call begins the
// next of them at once, and tells the shard by the way on which the result of the
// first goes. There are never more under way than the capacity, since each takes
// the place of one; a call that has been given up has lost its place.

// maxAhead is how many calls are prepared at most.
const maxAhead = 1000

// ahead is calls that are prepared, in their order.
type ahead[In, Out any] struct {
	mu     sync.Mutex
	list   []*try[In, Out]
	closed bool // none may be begun any more
}

func (q *ahead[In, Out]) push(a *try[In, Out]) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.list = append(q.list, a)
}

// pop takes the first, nil if there is none.
func (q *ahead[In, Out]) pop() *try[In, Out] {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.popLocked()
}

func (q *ahead[In, Out]) popLocked() *try[In, Out] {
	if q.closed || len(q.list) == 0 {
		return nil
	}
	a := q.list[0]
	q.list[0] = nil
	q.list = q.list[1:]
	return a
}

// close takes all that have not been begun, and lets none be begun.
func (q *ahead[In, Out]) close() []*try[In, Out] {
	q.mu.Lock()
	defer q.mu.Unlock()
	list := q.list
	q.list, q.closed = nil, true
	return list
}

func (q *ahead[In, Out]) open() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = false
}

// giveUp takes the place of a call, unless it has come back.
func (q *ahead[In, Out]) giveUp(a *try[In, Out]) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	a.givenUp = !a.back
	return a.givenUp
}

// Do makes the call, and begins one that is prepared in its place.
func (a *try[In, Out]) Do(ctx context.Context) Work {
	c := a.calls
	a.ctx.parent = ctx
	a.out = c.spec.Call(&a.ctx, &a.fault, &a.call.in)
	a.ctx.end(context.Canceled)
	q := &c.ahead
	q.mu.Lock()
	defer q.mu.Unlock()
	a.back = true
	if a.givenUp || ctx.Err() != nil || c.task.job.failed.Load() {
		return nil
	}
	next := q.popLocked()
	if next == nil {
		return nil
	}
	next.begins(c.task.job.now(), time.Now())
	a.next = next
	return next
}

// begins sets what depends on when the call is begun; clock is the system's.
func (a *try[In, Out]) begins(now value.Timestamp, clock time.Time) {
	a.began = now
	a.ctx.deadline = clock.Add(time.Duration(a.calls.spec.Timeout) * time.Microsecond)
}

// prepare has a call begun when one comes back.
func (c *Calls[In, Out]) prepare(a *try[In, Out]) {
	c.prepared++
	c.ahead.push(a)
}

// follow takes note of the call that was begun when a came back.
func (c *Calls[In, Out]) follow(a *try[In, Out]) {
	if a.next != nil {
		c.prepared--
		c.enlist(a.next)
		a.next = nil
	}
}

// fill begins calls that are prepared while there is a place: more have come back
// than there were.
func (c *Calls[In, Out]) fill(now value.Timestamp) {
	for c.prepared > 0 && int64(c.begun) < c.spec.Capacity {
		a := c.ahead.pop()
		if a == nil {
			return // they have been begun, and what comes back says so
		}
		c.prepared--
		c.start(a, now, time.Now())
	}
}

// close lets no call be begun. Those that are prepared wait as if they were to be
// made again.
func (c *Calls[In, Out]) close(now value.Timestamp) {
	c.closed = true
	for _, a := range c.ahead.close() {
		c.prepared--
		a.call.try, a.call.again = nil, now
		c.later(a.call)
	}
}

func (c *Calls[In, Out]) open() {
	if c.closed {
		c.closed = false
		c.ahead.open()
	}
}
