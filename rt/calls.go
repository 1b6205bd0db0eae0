package rt

import (
	"context"
	"fmt"
	"time"

	"github.com/flow-lang/flowc/rt/heap"
	"github.com/flow-lang/flowc/rt/value"
)

// CallSpec describes the calls of a step that calls a function which answers
// later, for records of type In with results of type Out.
type CallSpec[In, Out any] struct {
	At       value.Pos      // of the step, for what is wrong with a call as a whole
	Capacity int64          // records under way, at least 1
	Timeout  value.Duration // of one call, more than 0
	Ordered  bool           // results are given in the order of the records
	// Key returns a hash: results of records with the same are given in the order
	// of these. It may be nil; it is not asked if Ordered.
	Key func(*In) uint64

	Retries int64          // calls after the first, at least 0
	BackOff value.Duration // most of what is waited before the second call; doubles with each
	MaxWait value.Duration // most of what is waited before any call

	// Call calls the function, on any goroutine. It tells mistakes by f, and
	// touches nothing else that belongs to the shard.
	Call func(ctx context.Context, f *value.Fault, in *In) Out
	// Instead returns what stands for the result of a record whose calls have all
	// failed. It may be nil.
	Instead func(in *In) Out

	Own  func(*In, *Arena)              // as of [Connect]
	Give func(in *In, out *Out, m Meta) // gives a result on
	Fail func(in *In, m Meta)           // deals with a record that has failed, by the task's fault
}

// Calls makes the calls of one shard.
//
// A record is under way from when it comes until its result is given. There are as
// many calls at once as the capacity says, and some records that wait for theirs
// (callsahead.go); those that an earlier run, or a snapshot, has brought beyond
// that wait for others. A call that has timed out counts no more, and its result is
// not taken.
type Calls[In, Out any] struct {
	spec CallSpec[In, Out]
	task *Task
	out  *Outside

	first, last *pendingCall[In, Out] // records under way, in their order
	waiting     *pendingCall[In, Out] // the first that has never been called
	records     int
	called      int64 // records under way that have been called, or whose call is prepared
	closed      bool  // no call may be begun any more
	number      int64 // of the record that came last

	oldest, newest *try[In, Out] // calls that have been begun, in their order
	begun          int
	ahead          ahead[In, Out]                   // calls that are prepared
	prepared       int                              // of them, and of those that have been begun since without the shard knowing
	left           int                              // calls that have timed out and have not come back
	again          heap.Heap[*pendingCall[In, Out]] // records that wait for another call
	keys           map[uint64]*pendingCall[In, Out] // the last record under way of each key
}

// maxLeft is how many calls that have timed out may go on for ever, besides as
// many as the capacity.
const maxLeft = 1000

// slabSize is how many records have their memory together: it is kept until the
// last of them is not under way any more.
const slabSize = 16

// pendingCall is a record under way.
type pendingCall[In, Out any] struct {
	number        int64
	in            In
	meta          Meta
	before, after *pendingCall[In, Out] // by order
	lease         *lease
	tries         int64 // calls that have failed
	again         value.Timestamp
	try           *try[In, Out] // that counts; nil if none does
	done          bool          // there is a result, or a reason
	out           Out
	failed        bool
	reason        string // why it has
	at            value.Pos
	held          bool                  // another of its key goes before
	next          *pendingCall[In, Out] // of its key
	key           uint64
	firstTry      try[In, Out]
}

// try is one call.
type try[In, Out any] struct {
	calls         *Calls[In, Out]
	call          *pendingCall[In, Out]
	before, after *try[In, Out]
	next          *try[In, Out] // that was begun when this one came back
	givenUp, back bool          // guarded by ahead.mu
	ctx           callContext
	began         value.Timestamp
	out           Out
	fault         value.Fault
}

// NewCalls returns what makes the calls of the shard that t belongs to.
func NewCalls[In, Out any](t *Task, spec CallSpec[In, Out]) *Calls[In, Out] {
	spec.Capacity = max(spec.Capacity, 1)
	c := &Calls[In, Out]{spec: spec, task: t, out: t.Outside()}
	if !spec.Ordered && spec.Key != nil {
		c.keys = map[uint64]*pendingCall[In, Out]{}
	}
	return c
}

// Take takes a batch of records.
func (c *Calls[In, Out]) Take(b *Batch[In]) {
	l := c.task.lease(len(b.Recs))
	var arena *Arena
	if c.spec.Own != nil {
		arena = &Arena{}
	}
	var slab []pendingCall[In, Out]
	for i := range b.Recs {
		c.number++
		if len(slab) == 0 {
			slab = make([]pendingCall[In, Out], min(len(b.Recs)-i, slabSize))
		}
		p := &slab[0]
		slab = slab[1:]
		p.number, p.in, p.meta, p.lease = c.number, b.Recs[i], b.Meta(i), l
		if arena != nil {
			c.spec.Own(&p.in, arena)
		}
		c.add(p)
	}
	c.begin(c.task.now)
}

// Restore puts a record back that was under way. Records come in the order of
// their numbers.
func (c *Calls[In, Out]) Restore(number int64, in In, m Meta) {
	c.number = max(c.number, number)
	c.add(&pendingCall[In, Out]{number: number, in: in, meta: m})
}

// Pending calls f for each record under way, in order.
func (c *Calls[In, Out]) Pending(f func(number int64, in *In, m Meta)) {
	for p := c.first; p != nil; p = p.after {
		f(p.number, &p.in, p.meta)
	}
}

// add adds a record at the end.
func (c *Calls[In, Out]) add(p *pendingCall[In, Out]) {
	if p.before = c.last; c.last != nil {
		c.last.after = p
	} else {
		c.first = p
	}
	c.last = p
	if c.waiting == nil {
		c.waiting = p
	}
	c.records++
	if c.keys != nil {
		p.key = c.spec.Key(&p.in)
		if before := c.keys[p.key]; before != nil {
			before.next, p.held = p, true
		}
		c.keys[p.key] = p
	}
}

// begin begins calls while the capacity allows, and prepares some.
func (c *Calls[In, Out]) begin(now value.Timestamp) {
	if !c.closed {
		c.fill(now)
	}
	if !c.mayBegin() {
		return
	}
	clock := time.Now()
	for c.mayBegin() && !c.task.stopped {
		p := c.waiting
		c.waiting = p.after
		c.called++
		c.call(p, now, clock)
	}
}

// mayBegin reports whether a record waits for its first call, and that may be begun
// or prepared.
func (c *Calls[In, Out]) mayBegin() bool {
	return c.waiting != nil && !c.closed && (int64(c.begun) < c.spec.Capacity || c.prepared < c.mostAhead())
}

// mostAhead is how many calls are prepared.
func (c *Calls[In, Out]) mostAhead() int { return int(min(c.spec.Capacity, maxAhead)) }

// call begins a call, or prepares it; clock is the system's.
func (c *Calls[In, Out]) call(p *pendingCall[In, Out], now value.Timestamp, clock time.Time) {
	a := &p.firstTry
	if p.tries > 0 {
		a = &try[In, Out]{} // the first may be under way still
	}
	a.calls, a.call = c, p
	if int64(c.left) >= c.spec.Capacity+maxLeft {
		a.fault.FailBy(c.spec.At, fmt.Errorf("%d calls that have timed out are still at work: the Go function must take a context.Context and end with it", c.left))
		c.failed(p, &a.fault, now)
		return
	}
	p.try = a
	if int64(c.begun) >= c.spec.Capacity || c.prepared > 0 {
		c.prepare(a)
		return
	}
	c.start(a, now, clock)
}

// start begins a call.
func (c *Calls[In, Out]) start(a *try[In, Out], now value.Timestamp, clock time.Time) {
	a.begins(now, clock)
	c.enlist(a)
	c.out.Begin(a)
}

// enlist puts a call to those that have been begun.
func (c *Calls[In, Out]) enlist(a *try[In, Out]) {
	before := c.newest
	for before != nil && before.began > a.began {
		before = before.before // that one was begun by a step, a little later
	}
	after := c.oldest
	if before != nil {
		after, before.after = before.after, a
	} else {
		c.oldest = a
	}
	if a.before, a.after = before, after; after != nil {
		after.before = a
	} else {
		c.newest = a
	}
	c.begun++
	c.out.figures.calls.Add(1)
}

// Resume takes what has come back, gives up calls that have timed out, and begins
// those that may begin.
func (c *Calls[In, Out]) Resume(now value.Timestamp, begin bool) {
	for _, w := range c.out.Done() {
		a := w.(*try[In, Out])
		c.follow(a)
		if a.call.try != a {
			c.left--
			continue
		}
		c.end(a)
		c.out.figures.latency.observe(time.Duration(now-a.began) * time.Microsecond)
		if a.fault.Failed() {
			c.out.figures.failed.Add(1)
			c.failed(a.call, &a.fault, now)
		} else {
			c.succeeded(a.call, &a.out)
		}
	}
	c.expire(now)
	if begin {
		c.open()
	} else {
		c.close(now)
	}
	c.retry(now)
	c.begin(now)
	c.out.figures.begun.Store(int64(c.begun))
	c.out.figures.waiting.Store(int64(c.records+c.prepared) - c.called)
}

// end takes a call out of those that have been begun.
func (c *Calls[In, Out]) end(a *try[In, Out]) {
	if a.before != nil {
		a.before.after = a.after
	} else {
		c.oldest = a.after
	}
	if a.after != nil {
		a.after.before = a.before
	} else {
		c.newest = a.before
	}
	a.before, a.after = nil, nil
	a.call.try = nil
	c.begun--
}

// expire gives up the calls that have taken too long.
func (c *Calls[In, Out]) expire(now value.Timestamp) {
	for a, after := c.oldest, (*try[In, Out])(nil); a != nil && c.timesOut(a) <= now; a = after {
		if after = a.after; !c.ahead.giveUp(a) {
			continue // it has come back
		}
		a.ctx.end(context.DeadlineExceeded)
		c.end(a)
		c.left++
		c.out.figures.timedOut.Add(1)
		var f value.Fault // its own is in the hands of the call
		f.FailBy(c.spec.At, errTimeout{c.spec.Timeout})
		c.failed(a.call, &f, now)
	}
}

func (c *Calls[In, Out]) timesOut(a *try[In, Out]) value.Timestamp {
	return a.began + value.Timestamp(c.spec.Timeout)
}

// errTimeout is the error of a call that has taken too long.
type errTimeout struct{ after value.Duration }

func (e errTimeout) Error() string {
	return "the call has taken longer than " + value.FormatDuration(e.after)
}

// failed tries a record again whose call has failed, or gives it up.
func (c *Calls[In, Out]) failed(p *pendingCall[In, Out], f *value.Fault, now value.Timestamp) {
	again := f.Again() && p.tries < c.spec.Retries
	reason, at := f.Take()
	if again {
		c.out.figures.retried.Add(1)
		p.again = now + value.Timestamp(c.wait(p.tries))
		p.tries++
		c.later(p)
		return
	}
	c.out.figures.givenUp.Add(1)
	if c.spec.Instead != nil {
		p.out = c.spec.Instead(&p.in)
	} else {
		p.failed, p.reason, p.at = true, reason, at
	}
	c.settled(p)
}

// wait returns how long to wait before another call: at random up to a bound that
// doubles with each, so that those who fail together do not come back together.
func (c *Calls[In, Out]) wait(tries int64) value.Duration {
	most := c.spec.BackOff
	for ; tries > 0 && most < c.spec.MaxWait; tries-- {
		most *= 2
	}
	most = min(most, c.spec.MaxWait)
	if most <= 0 {
		return 0
	}
	return value.Duration(c.task.job.opts.Random() % uint64(most))
}

// succeeded takes the result of a record.
func (c *Calls[In, Out]) succeeded(p *pendingCall[In, Out], out *Out) {
	p.out = *out
	c.settled(p)
}

// settled gives the result of a record on, and those that have waited for it, as
// far as the order allows.
func (c *Calls[In, Out]) settled(p *pendingCall[In, Out]) {
	p.done = true
	if c.spec.Ordered {
		for c.first != nil && c.first.done && !c.task.stopped {
			c.give(c.first)
		}
		return
	}
	for p != nil && p.done && !p.held && !c.task.stopped {
		next := p.next
		c.give(p)
		if p = next; p != nil {
			p.held = false
		}
	}
}

// give gives the result of a record on, which is under way no more. It sees the
// watermark that those behind have been told.
func (c *Calls[In, Out]) give(p *pendingCall[In, Out]) {
	m := Meta{Time: p.meta.Time, Mark: min(p.meta.Mark, c.first.meta.Mark)}
	c.remove(p)
	p.lease.end(c.task)
	if !p.failed {
		c.spec.Give(&p.in, &p.out, m)
		return
	}
	c.task.fault.Fail(p.at, p.reason)
	c.spec.Fail(&p.in, m)
}

// remove takes a record out of those under way.
func (c *Calls[In, Out]) remove(p *pendingCall[In, Out]) {
	if p.before != nil {
		p.before.after = p.after
	} else {
		c.first = p.after
	}
	if p.after != nil {
		p.after.before = p.before
	} else {
		c.last = p.before
	}
	p.before, p.after = nil, nil
	if c.keys != nil && c.keys[p.key] == p {
		delete(c.keys, p.key)
	}
	c.records--
	c.called--
}

// later adds a record to those that wait for another call.
func (c *Calls[In, Out]) later(p *pendingCall[In, Out]) { c.again.Push(p) }

// retry calls again for the records whose time has come.
func (c *Calls[In, Out]) retry(now value.Timestamp) {
	for len(c.again) > 0 && c.again[0].again <= now && !c.closed && !c.task.stopped {
		c.call(c.again.Pop(), now, time.Now())
	}
}

// Before orders records that wait for another call: the first due first.
func (p *pendingCall[In, Out]) Before(o *pendingCall[In, Out]) bool {
	return p.again < o.again || p.again == o.again && p.number < o.number
}

// Room returns how many records may come.
func (c *Calls[In, Out]) Room() int {
	return int(max(0, c.spec.Capacity+int64(c.mostAhead())-int64(c.records)))
}

// Held returns the watermark that the oldest record under way saw.
func (c *Calls[In, Out]) Held() value.Timestamp {
	if c.first == nil {
		return value.MaxTime
	}
	return c.first.meta.Mark
}

// Left returns how many records are under way, and how many calls have been begun.
func (c *Calls[In, Out]) Left() (records, begun int) { return c.records, c.begun }

// Due returns when a call times out, or may be made again, or now if one may be
// begun.
func (c *Calls[In, Out]) Due() value.Timestamp {
	due := value.MaxTime
	if c.oldest != nil {
		due = c.timesOut(c.oldest)
	}
	if len(c.again) > 0 && !c.closed {
		due = min(due, c.again[0].again)
	}
	if c.mayBegin() {
		due = value.MinTime
	}
	return due
}

// Quit ends the contexts of all calls, and lets none be begun.
func (c *Calls[In, Out]) Quit() {
	c.close(c.task.now)
	for a := c.oldest; a != nil; a = a.after {
		a.ctx.end(context.Canceled)
	}
}

// lease keeps the blocks of records in flight while these are under way.
type lease struct {
	blocks []*Block
	n      int // records
}

// lease returns the lease of n records of the chunk at hand.
func (t *Task) lease(n int) *lease {
	if len(t.at) == 0 {
		return nil
	}
	return &lease{blocks: retainAll(nil, t.at), n: n}
}

// end ends the lease of one record: what the step gives on comes from its blocks.
func (l *lease) end(t *Task) {
	if l == nil {
		return
	}
	for _, b := range l.blocks {
		t.touch(b)
	}
	if l.n--; l.n > 0 {
		return
	}
	for _, b := range l.blocks {
		b.release()
	}
	l.blocks = nil
}
