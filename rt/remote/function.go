// Package remote calls functions that are served elsewhere, in any language, by
// the request-reply protocol of Stateful Functions 3 over HTTP.
//
// The pipeline keeps a function's state and ships it with each batch of
// invocations; the reply says what has become of it. For each address, a function
// and one of its keys, at most one request is under way: what comes meanwhile
// waits and is sent as one batch. A snapshot holds what has not been answered, and
// a restore sends it again: the function may be called twice, its effects on state,
// messages and output come once.
//
// An operator is a [Function] for each shard, which generated code embeds: it
// encodes records, and takes what the function gives. Work outside of steps is
// that of package rt; nothing here starts a goroutine or looks at a clock but
// what a call does on the goroutine that the driver gives it.
package remote

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/heap"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
)

// Spec describes a remote function to one of its shards.
type Spec struct {
	At       value.Pos // of the step
	Type     string    // the function's type: namespace/name
	Endpoint Endpoint
	Most     int64   // invocations under way at once, of all shards; 0 means 1000
	States   []State // those that the program declares; the function may declare more

	Targets []string // types of the functions that it may send to
	Program Program

	Transport Transport // instead of HTTP to the endpoint; nil means that
}

// Program is what generated code does for a function. What it takes it holds until
// Flush passes it on or drops it all.
type Program interface {
	// Send takes a message to one of the targets. An error says that it takes no
	// such value.
	Send(to, from *Address, v *TypedValue, m rt.Meta) error
	// Give takes what the function gives to an egress. An error says that it is no
	// record of the step's output.
	Give(r *Record, m rt.Meta) error
	Flush(keep bool)
	// Fail deals by the step's policy with an invocation that fails, after the
	// task's fault has been told why.
	Fail(shown *value.JSON, m rt.Meta)
}

// State is a value that the program declares for a function.
type State struct {
	Name        string
	TTL         value.Duration // 0 means for ever
	AfterInvoke bool           // the ttl counts from each invocation, not from the last write
}

const (
	defaultMost  = 1000
	mostInBatch  = 1000    // invocations of one request
	batchBytes   = 8 << 20 // of their arguments, about
	mostRequests = 128     // under way at once, of all shards
	queueFactor  = 16      // records that may wait, for each that may be under way
	firstBackOff = 10 * value.Millisecond
	mostBackOff  = 5 * value.Second
)

// ErrNoTarget is the error of a message to what the program does not have.
var ErrNoTarget = errors.New("the program has no such function")

// Function is one shard of a step that calls a remote function.
type Function struct {
	rt.Stateless // for what it does not need

	spec    Spec
	t       *rt.Task
	out     *rt.Outside
	self    Address
	client  Transport
	breaker *breaker
	quit    context.Context
	end     context.CancelFunc

	cells   *state.Strings[cell]
	saver   *state.Saver
	journal *state.Journal
	values  *state.Maps[string, typed]
	ends    *state.Maps[string, value.Timestamp]
	pending *state.Maps[int64, pendingCall]
	delayed *state.Maps[int64, delayedMessage]

	mark  value.Timestamp
	specs map[string]*valueSpec // values that are registered
	names []string              // of them, sorted
	known bool                  // a reply has come: the function has said what it wants

	live     map[uint32]*live
	spare    *item              // items that are not in use
	idle     []*call            // calls that are not in use
	draft    request            // the latest that was written
	given    Record             // the latest that the function has given
	ready    []*live            // addresses that wait for a request, the first first
	again    heap.Heap[*live]   // addresses that wait for another try, the first due first
	sleeping heap.Heap[sleeper] // messages that wait, the first due first; some may have been cancelled since
	dead     int                // of them were cancelled, at most
	first    *item              // invocations under way, oldest first
	last     *item
	total    int
	flying   int // of them in requests
	requests int
	most     int // of total in requests
	mostReqs int
	closed   bool
	held     value.Timestamp // when the breaker lets calls through; 0 if it does
}

// live is an address with invocations under way.
type live struct {
	id     uint32
	items  []*item
	next   int64 // number of the next of them
	n      int   // of items in the request at hand
	tries  int
	reason string // why the last of them failed that got an answer, or the first
	last   string // why the last of them failed
	lacked int    // times in a row that the function wanted more values
	began  value.Timestamp
	again  value.Timestamp
	call   *call
	queued bool
}

// item is an invocation under way.
type item struct {
	mark          value.Timestamp // that it saw
	lease         rt.Lease
	before, after *item
}

// shared is what the shards of a step share.
type shared struct {
	client  Transport
	breaker breaker
}

// New returns the shard that t belongs to. If something is wrong with the endpoint
// the job does not start.
func New(t *rt.Task, spec Spec) *Function {
	namespace, name, _ := cutType(spec.Type)
	common := t.Shared(func() any {
		s := &shared{client: spec.Transport}
		if s.client == nil {
			c, err := newClient(spec.Endpoint, namespace, name)
			if err != nil {
				t.Refuse(spec.At, err)
			}
			s.client = c
		}
		return s
	}).(*shared)
	spec.Endpoint.defaults()
	if spec.Most <= 0 {
		spec.Most = defaultMost
	}
	journal, cells := state.NewJournal(), state.NewStrings[cell]()
	f := &Function{
		spec: spec, t: t, out: t.Outside(), self: Address{Namespace: namespace, Name: name},
		client: common.client, breaker: &common.breaker,
		cells: cells, saver: state.NewSaver(cells, t.KeyGroups(), t.Index() == 0), journal: journal,
		values:  state.NewMaps[string, typed](journal, state.Ordered[string]()),
		ends:    state.NewMaps[string, value.Timestamp](journal, state.Ordered[string]()),
		pending: state.NewMaps[int64, pendingCall](journal, state.Ordered[int64]()),
		delayed: state.NewMaps[int64, delayedMessage](journal, state.Ordered[int64]()),
		mark:    value.MinTime, specs: map[string]*valueSpec{}, live: map[uint32]*live{},
		most: max(1, int(spec.Most)/t.Shards()), mostReqs: max(1, mostRequests/t.Shards()),
	}
	f.quit, f.end = context.WithCancel(context.Background())
	for _, s := range spec.States {
		mode := never
		switch {
		case s.TTL <= 0:
		case s.AfterInvoke:
			mode = afterInvoke
		default:
			mode = afterWrite
		}
		f.register(valueSpec{name: s.Name, mode: mode, after: s.TTL})
	}
	return f
}

// register takes note of a value that the function has.
func (f *Function) register(s valueSpec) {
	f.specs[s.name] = &s
	i, _ := slices.BinarySearch(f.names, s.name)
	f.names = slices.Insert(f.names, i, s.name)
}

// registered is what is shown of a value that a function has registered.
func (s *valueSpec) registered() rt.Registered {
	r := rt.Registered{State: valuesName, Name: s.name, Type: s.typename}
	if s.mode != never {
		r.TTL = int64(s.after)
		r.After = map[expireMode]string{afterWrite: "write", afterInvoke: "call"}[s.mode]
	}
	return r
}

// Caller returns what the shard asks about calls.
func (f *Function) Caller() rt.Caller { return f }

// Advance takes note of the watermark.
func (f *Function) Advance(mark value.Timestamp) { f.mark = max(f.mark, mark) }

// Invoke takes an invocation of the address with that id, whose key has that
// hash; from is nil for one that comes from a stream. The argument's value is copied.
func (f *Function) Invoke(hash uint64, id string, from *Address, v TypedValue, m rt.Meta, l rt.Lease) {
	cid, c := f.open(hash, id)
	v.Value = bytes.Clone(v.Value)
	p := pendingCall{argument: v, time: m.Time}
	if from != nil {
		p.callerType, p.callerID = from.Type(), from.ID
	}
	f.pending.Put(&c.pending, f.add(cid, m.Mark, l), p)
	f.keep(cid, &c)
}

// open returns a copy of the cell of an address, which [Function.keep] takes back.
func (f *Function) open(hash uint64, id string) (uint32, cell) {
	cid, c := f.cells.At(hash, id)
	if f.cells.Owes(cid) {
		f.saver.Give(f, cid)
	}
	return cid, *c
}

func (f *Function) reopen(cid uint32) cell {
	if f.cells.Owes(cid) {
		f.saver.Give(f, cid)
	}
	return *f.cells.Cell(cid)
}

func (f *Function) keep(cid uint32, c *cell) {
	if c.empty() {
		f.cells.Remove(cid)
	} else {
		f.cells.Put(cid, c)
	}
	f.journal.Commit()
}

// add adds an invocation to those under way, and returns its number.
func (f *Function) add(cid uint32, mark value.Timestamp, l rt.Lease) int64 {
	i := f.spare
	if i != nil {
		f.spare = i.after
	} else {
		i = new(item)
	}
	*i = item{mark: mark, lease: l, before: f.last}
	if f.last != nil {
		f.last.after = i
	} else {
		f.first = i
	}
	f.last = i
	f.total++
	a := f.live[cid]
	if a == nil {
		a = &live{id: cid}
		f.live[cid] = a
	}
	a.items = append(a.items, i)
	a.next++
	if a.call == nil && a.n == 0 {
		f.queue(a)
	}
	return a.next - 1
}

// queue has an address wait for a request.
func (f *Function) queue(a *live) {
	if !a.queued {
		a.queued = true
		f.ready = append(f.ready, a)
	}
}

// done takes the first n invocations of an address out of those under way.
func (f *Function) done(a *live, n int) {
	for _, i := range a.items[:n] {
		if i.before != nil {
			i.before.after = i.after
		} else {
			f.first = i.after
		}
		if i.after != nil {
			i.after.before = i.before
		} else {
			f.last = i.before
		}
		i.lease.End(f.t)
		*i = item{after: f.spare}
		f.spare = i
	}
	f.total -= n
	a.items = slices.Delete(a.items, 0, n)
	a.n, a.tries, a.lacked, a.reason, a.last = 0, 0, 0, "", ""
	if len(a.items) > 0 {
		f.queue(a)
	} else {
		delete(f.live, a.id)
	}
}

// Resume takes what has come back, and begins what may be begun.
func (f *Function) Resume(now value.Timestamp, begin bool) {
	for _, w := range f.out.Done() {
		if f.t.Stopped() {
			return
		}
		f.took(w.(*call), now)
	}
	f.closed = !begin
	for len(f.again) > 0 && f.again[0].again <= now && !f.closed && !f.t.Stopped() {
		f.retry(f.again.Pop(), now)
	}
	f.begin(now)
	f.out.Now(int64(f.requests), int64(f.total-f.flying), f.breaker.open())
}

// mayBegin reports whether one more request may be made.
func (f *Function) mayBegin() bool {
	return len(f.ready) > 0 && !f.closed && f.flying < f.most && f.requests < f.mostReqs && (f.known || f.requests == 0)
}

// retry has a batch made again whose turn has come. Where the breaker lets no call
// through it waits on, or is given up if its time is over before.
func (f *Function) retry(a *live, now value.Timestamp) {
	from := f.breaker.from(now)
	if from > now {
		from += value.Timestamp(f.backOff(0)) // so that it is not always the same that is tried
	}
	switch {
	case from >= f.until(a):
		f.giveUp(a, a.why(f.spec.Endpoint.Call))
	case from > now:
		a.again = from
		f.again.Push(a)
	default:
		f.queue(a)
	}
}

// until returns when the time of the batch at hand is over.
func (f *Function) until(a *live) value.Timestamp {
	return a.began + value.Timestamp(f.spec.Endpoint.Call/time.Microsecond)
}

// begin begins requests while it may. Until the function has answered once there
// is one: it will say which values it wants.
func (f *Function) begin(now value.Timestamp) {
	f.held = 0
	for f.mayBegin() && !f.t.Stopped() {
		a := f.ready[0]
		over := a.tries > 0 && now >= f.until(a)
		ok, trial, from := false, false, value.Timestamp(0)
		if !over {
			if ok, trial, from = f.breaker.allow(now); !ok {
				f.held = from
				return
			}
		}
		f.ready[0] = nil
		f.ready = f.ready[1:]
		a.queued = false
		if over {
			f.giveUp(a, a.why(f.spec.Endpoint.Call))
			continue
		}
		f.request(a, trial, now)
	}
}

// call is one try of a request.
type call struct {
	f       *Function
	a       *live
	request []byte
	began   value.Timestamp
	within  time.Duration
	trial   bool
	body    []byte // of the reply
	reply   reply
	err     error
}

// Of calls that are kept to be used again.
const (
	mostIdle = 64       // calls
	keptBody = 64 << 10 // bytes of a reply
	keptList = 1000     // messages of one
)

// newCall returns a call.
func (f *Function) newCall() *call {
	last := len(f.idle) - 1
	if last < 0 {
		return &call{f: f}
	}
	c := f.idle[last]
	f.idle = f.idle[:last]
	return c
}

// free keeps the room of a call whose reply has been dealt with.
func (f *Function) free(c *call) {
	r := &c.reply
	if len(f.idle) == mostIdle || cap(c.body) > keptBody || cap(r.egress)+cap(r.messages)+cap(r.mutated)+cap(r.delayed) > keptList {
		return
	}
	*c = call{f: f, body: c.body[:0], reply: *r}
	f.idle = append(f.idle, c)
}

// request sends what has come to an address.
func (f *Function) request(a *live, trial bool, now value.Timestamp) {
	c := f.cells.Cell(a.id)
	r := &f.draft
	*r = request{target: f.self, state: r.state[:0], invocations: r.invocations[:0]}
	r.target.ID = f.cells.Key(a.id)
	if err := f.stateOf(r, c, now); err != nil {
		f.answered(true, trial, "", now)
		a.n = max(a.n, 1)
		f.giveUp(a, err.Error())
		return
	}
	size, most := 0, a.n
	if a.n == 0 {
		a.began, most = now, min(mostInBatch, f.most-f.flying)
	}
	for _, p := range f.pending.All(&c.pending) {
		if len(r.invocations) == most || size > batchBytes && a.n == 0 {
			break
		}
		v := invocation{Argument: p.argument}
		if p.callerType != "" {
			v.Caller = addressOf(p.callerType, p.callerID)
		}
		size += len(p.argument.Value)
		r.invocations = append(r.invocations, v)
	}
	a.n = len(r.invocations)
	f.flying += a.n
	f.requests++
	a.call = f.newCall()
	a.call.a, a.call.began, a.call.trial, a.call.request = a, now, trial, r.encode()
	a.call.within = f.spec.Endpoint.Call - time.Duration(now-a.began)*time.Microsecond
	f.out.Count(rt.CallNote{Calls: 1, Records: int64(a.n), Sent: int64(len(a.call.request))})
	f.out.Begin(a.call)
}

// stateOf adds the values that are registered to a request, those that have ended
// as absent.
func (f *Function) stateOf(r *request, c *cell, now value.Timestamp) error {
	for _, name := range f.names {
		s := stateValue{name: name}
		if v := f.values.View(&c.values, name); v != nil && !f.ended(c, name, now) {
			if want := f.specs[name].typename; want != "" && want != v.name {
				return fmt.Errorf("the value %q of %q is of type %s, and %s now says that it is %s", name, r.target.ID, v.name, f.spec.Type, want)
			}
			s.value = TypedValue{Type: v.name, Has: true, Value: v.data}
		}
		r.state = append(r.state, s)
	}
	return nil
}

func (f *Function) ended(c *cell, name string, now value.Timestamp) bool {
	end := f.ends.View(&c.ends, name)
	return end != nil && *end <= now
}

// Do makes the try.
func (c *call) Do(ctx context.Context) rt.Work {
	c.do(ctx)
	return nil
}

func (c *call) do(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, max(c.within, time.Millisecond))
	defer cancel()
	defer context.AfterFunc(c.f.quit, cancel)()
	c.body, c.err = c.f.client.Post(ctx, c.request, c.body)
	if c.err != nil {
		return
	}
	if err := c.reply.read(c.body); err != nil {
		c.err = &CallError{Reason: err.Error(), Retry: true}
	}
}

// took takes a try that has come back.
func (f *Function) took(c *call, now value.Timestamp) {
	a := c.a
	a.call = nil
	defer f.free(c)
	f.flying -= a.n
	f.requests--
	f.out.Took(time.Duration(now-c.began) * time.Microsecond)
	f.out.Count(rt.CallNote{Received: int64(len(c.body))})
	var failed *CallError
	if errors.As(c.err, &failed) {
		f.answered(!failed.Retry, c.trial, failed.Reason, now)
		f.failed(a, failed, now)
		return
	}
	f.answered(true, c.trial, "", now)
	f.known = true
	if c.reply.lacks {
		f.lacking(a, &c.reply)
		return
	}
	if err := f.apply(a, &c.reply, now); err != nil {
		f.giveUp(a, err.Error())
	}
}

// answered tells the breaker whether the function has answered, and people when that has
// changed for long; reason is why it has not.
func (f *Function) answered(yes, trial bool, reason string, now value.Timestamp) {
	switch changed := f.breaker.ended(yes, trial, now); {
	case !changed:
	case yes:
		f.t.Warn(f.spec.At, "a function answers again", f.spec.Type)
	default:
		f.t.Warn(f.spec.At, "a function does not answer, and calls are kept back", reason)
	}
}

// failed has a request made again, or gives it up.
func (f *Function) failed(a *live, err *CallError, now value.Timestamp) {
	note := rt.CallNote{Failed: 1}
	if err.Timeout {
		note.TimedOut = 1
	}
	a.tries++
	if !err.Timeout || a.reason == "" {
		a.reason = err.Reason
	}
	wait := max(f.backOff(a.tries-1), value.Duration(err.After/time.Microsecond))
	a.again = now + value.Timestamp(wait)
	a.last = err.Reason
	switch {
	case !err.Retry && a.tries == 1:
		f.out.Count(note)
		f.giveUp(a, err.Reason)
		return
	case !err.Retry || a.again >= f.until(a):
		f.out.Count(note)
		f.giveUp(a, a.why(f.spec.Endpoint.Call))
		return
	}
	note.Retried = 1
	f.out.Count(note)
	f.again.Push(a)
}

// why says why a batch is given up whose tries have failed: the last answer tells
// more than that a try did not end in what was left of the time.
func (a *live) why(within time.Duration) string {
	tries, last := fmt.Sprintf("%d tries", a.tries), ""
	if a.tries == 1 {
		tries = "the only try"
	}
	if a.reason != a.last {
		last = ", the last without an answer"
	}
	return fmt.Sprintf("%s (after %s in %s%s)", a.reason, tries, within, last)
}

// backOff returns how long to wait before another try: by chance up to a bound
// that doubles with each.
func (f *Function) backOff(tries int) value.Duration {
	most := firstBackOff
	for ; tries > 0 && most < mostBackOff; tries-- {
		most *= 2
	}
	return value.Duration(f.t.Random() % uint64(min(most, mostBackOff)))
}

// giveUp deals with a batch that cannot be handled, by the step's policy.
func (f *Function) giveUp(a *live, reason string) {
	c := f.reopen(a.id)
	n, i := min(max(a.n, 1), len(a.items)), 0
	f.out.Count(rt.CallNote{GivenUp: int64(n)})
	end := int64(0)
	for number, p := range f.pending.All(&c.pending) {
		if i == n {
			break
		}
		f.fail(reason, &p.argument, rt.Meta{Time: p.time, Mark: f.first.mark})
		end = number + 1
		i++
		if f.t.Stopped() {
			return
		}
	}
	f.pending.RemoveBefore(&c.pending, end)
	f.keep(a.id, &c)
	f.done(a, n)
}

// fail deals with a value that cannot be handled.
func (f *Function) fail(reason string, v *TypedValue, m rt.Meta) {
	f.t.Fault().Fail(f.spec.At, reason)
	text := shown(v)
	f.spec.Program.Fail(&text, m)
}

// lacking registers the values that a function wants, and sends again.
func (f *Function) lacking(a *live, r *reply) {
	for i := range r.missing {
		s := &r.missing[i]
		have := f.specs[s.name]
		switch {
		case have == nil:
			f.register(*s)
			f.t.Register(s.registered())
		case have.typename == "":
			have.typename = s.typename
		case have.typename != s.typename:
			f.giveUp(a, fmt.Sprintf("%s declares the value %q twice, as %s and as %s", f.spec.Type, s.name, have.typename, s.typename))
			return
		}
	}
	if a.lacked++; a.lacked > 3 {
		f.giveUp(a, fmt.Sprintf("%s asks again and again for values that it is given", f.spec.Type))
		return
	}
	f.queue(a)
}

// Room returns how many records may come: those of one slow address wait without
// stopping the others, up to a point.
func (f *Function) Room() int { return max(0, f.most*queueFactor-f.total) }

// Held returns the watermark that the oldest invocation under way saw.
func (f *Function) Held() value.Timestamp {
	if f.first == nil {
		return value.MaxTime
	}
	return f.first.mark
}

// Left returns how many invocations are under way, and how many requests.
func (f *Function) Left() (records, begun int) { return f.total, f.requests }

// Due returns when a request may be made without anything coming back.
func (f *Function) Due() value.Timestamp {
	due := value.MaxTime
	if len(f.again) > 0 && !f.closed {
		due = f.again[0].again
	}
	if f.mayBegin() {
		due = min(due, f.held) // 0 where nothing holds it
	}
	return due
}

// Quit ends the requests under way.
func (f *Function) Quit() { f.end() }

// Clock sends the messages whose time has come.
func (f *Function) Clock(now value.Timestamp) value.Timestamp {
	for len(f.sleeping) > 0 && f.sleeping[0].due <= now && !f.t.Stopped() {
		s := f.sleeping.Pop()
		d := f.waits(s)
		if d == nil {
			f.dead = max(f.dead-1, 0)
			continue // it was cancelled
		}
		from, to := f.self, addressOf(d.toType, d.toID)
		from.ID = f.cells.Key(s.id)
		err := f.spec.Program.Send(&to, &from, &d.argument, rt.Meta{Time: d.time, Mark: f.mark})
		f.spec.Program.Flush(err == nil)
		if err != nil {
			f.fail(fmt.Sprintf("a message to %s: %s", to.Type(), err), &d.argument, rt.Meta{Time: d.time, Mark: f.mark})
			if f.t.Stopped() {
				return value.MaxTime
			}
		}
		changed := f.reopen(s.id)
		f.delayed.Remove(&changed.delayed, s.number)
		f.keep(s.id, &changed)
	}
	if len(f.sleeping) == 0 {
		return value.MaxTime
	}
	return f.sleeping[0].due
}

// Waiting returns how many messages wait for a time.
func (f *Function) Waiting() (n int) {
	for _, s := range f.sleeping {
		if f.waits(s) != nil {
			n++
		}
	}
	return n
}

// Sweep looks at some addresses and forgets values that have ended.
func (f *Function) Sweep(_, now value.Timestamp, budget int) {
	f.cells.Sweep(budget, func(id uint32, c *cell) bool {
		if c.ends.Empty() || f.live[id] != nil {
			return false
		}
		var gone []string
		for name, end := range f.ends.All(&c.ends) {
			if end <= now {
				gone = append(gone, name)
			}
		}
		for _, name := range gone {
			f.values.Remove(&c.values, name)
			f.ends.Remove(&c.ends, name)
		}
		f.journal.Commit()
		return c.empty()
	})
}

// StateFigures tells the size of the state.
func (f *Function) StateFigures() rt.StateFigures {
	return rt.StateFigures{Keys: int64(f.cells.Len()), Bytes: int64(f.cells.Bytes()), Timers: int64(len(f.sleeping))}
}
