package rt

import (
	"sync"
	"sync/atomic"

	"github.com/flow-lang/flowc/rt/value"
)

// Edge leads records of type T to one input of a stage.
type Edge[T any] struct {
	stage    *stage
	own      func(*T, *Arena)
	handle   func(shard int, b *Batch[T])
	all      bool // every shard gets every record
	messages bool // it leads to a message input
}

// Connect adds an input to a stage. handle is the operator's method for it.
// own replaces every string and byte slice of a record by a copy in the arena;
// it is nil if T has none.
func Connect[O Operator, T any](s *Stage[O], input string, handle func(O, *Batch[T]), own func(*T, *Arena)) *Edge[T] {
	s.stage.inputs = append(s.stage.inputs, input)
	return &Edge[T]{
		stage:  s.stage,
		own:    own,
		handle: func(shard int, b *Batch[T]) { handle(s.ops[shard], b) },
	}
}

// ConnectBroadcast is [Connect] for an input of which every shard gets every
// record, by [Sender.SendAll]. What reaches the stage by such inputs alone and
// has no event time holds no watermark back.
func ConnectBroadcast[O Operator, T any](s *Stage[O], input string, handle func(O, *Batch[T]), own func(*T, *Arena)) *Edge[T] {
	e := Connect(s, input, handle, own)
	e.all = true
	return e
}

// ConnectMessages is [Connect] for an input of which the sender gives the key. It
// may be sent to by stages that stand after s, too. Its records come in the
// order in which each task has sent them, hold no watermark back, and see that
// to which the shard has come.
func ConnectMessages[O Operator, T any](s *Stage[O], input string, handle func(O, *Batch[T]), own func(*T, *Arena)) *Edge[T] {
	e := Connect(s, input, handle, own)
	e.messages = true
	return e
}

// From returns what t sends to the edge with.
func (e *Edge[T]) From(t *Task) *Sender[T] {
	l := t.linkTo(e.stage, e.messages)
	e.stage.ups[l.group].keyed = e.stage.ups[l.group].keyed || !e.all
	s := &Sender[T]{edge: e, route: t.job.route, link: l, index: len(l.senders)}
	if t.stage != nil {
		s.own = e.own
	}
	s.open = make([]*part[T], t.job.shards)
	l.senders = append(l.senders, s)
	return s
}

// Sender sends records of one task to one edge.
type Sender[T any] struct {
	open  []*part[T] // by shard
	route []uint16   // key group to shard; nil if there is one shard
	own   func(*T, *Arena)
	link  *link
	index int  // in link
	mixed bool // the task has several senders to the stage, so their order matters
	edge  *Edge[T]
}

// Send copies *r to the shard that hash belongs to.
func (s *Sender[T]) Send(hash uint64, r *T, m Meta) {
	shard := 0
	if s.route != nil {
		shard = int(s.route[value.Group(hash, len(s.route))])
	}
	s.sendTo(shard, hash, r, m)
}

// SendAll copies *r to every shard.
func (s *Sender[T]) SendAll(r *T, m Meta) {
	for shard := range s.open {
		s.sendTo(shard, 0, r, m)
	}
}

func (s *Sender[T]) sendTo(shard int, hash uint64, r *T, m Meta) {
	p := s.open[shard]
	p.recs = append(p.recs, *r)
	p.hash = append(p.hash, hash)
	p.meta = append(p.meta, m)
	if s.own != nil {
		s.own(&p.recs[len(p.recs)-1], &p.arena)
	}
	if s.mixed {
		s.link.note(shard, s.index)
	}
}

// newParcel and bind let a link give its senders the chunks they fill.
func (s *Sender[T]) newParcel() parcel { return &part[T]{edge: s.edge} }

func (s *Sender[T]) bind(shard int, p parcel, mixed bool) {
	s.open[shard], s.mixed = p.(*part[T]), mixed
}

// sender is a Sender without its type.
type sender interface {
	newParcel() parcel
	bind(shard int, p parcel, mixed bool)
}

// part holds the records of one sender in one chunk.
type part[T any] struct {
	edge  *Edge[T]
	recs  []T
	hash  []uint64
	meta  []Meta
	arena Arena
	batch Batch[T] // handed to the operator
}

// parcel is a part without its type.
type parcel interface {
	metas() []Meta
	deliver(shard, from, to int, base, cap value.Timestamp)
	cut(n int)
	reset(poison bool)
}

func (p *part[T]) metas() []Meta { return p.meta }

// deliver hands records from to to-1 to a shard's operator.
func (p *part[T]) deliver(shard, from, to int, base, cap value.Timestamp) {
	p.batch = Batch[T]{Recs: p.recs[from:to], Hash: p.hash[from:to], meta: p.meta[from:to], base: base, cap: cap}
	p.edge.handle(shard, &p.batch)
}

// cut drops all records but the first n.
func (p *part[T]) cut(n int) { p.recs, p.hash, p.meta = p.recs[:n], p.hash[:n], p.meta[:n] }

func (p *part[T]) reset(poison bool) {
	p.cut(0)
	p.arena.reset(poison)
}

// chunk is what one step of a task sends to one shard of a stage.
type chunk struct {
	link    *link
	group   int   // of the shard's inlet
	channel int   // partition, or shard of the stage before
	seq     int64 // of the block, on channels of sources
	kind    blockKind
	epoch   int64           // of a barrier
	mark    value.Timestamp // the channel's watermark after it
	roots   []*Block        // the blocks it descends from, each retained
	parts   []parcel        // by sender
	runs    []run           // order of the records, where several senders mix

	run int   // the run that the shard has come to; its n is what is left of it
	pos []int // by part: the next record
}

// run says that the next n records are of one part.
type run struct{ part, n int }

// link joins a task to a stage that it sends to.
type link struct {
	task     *Task
	stage    *stage
	group    int  // of the stage's inlets
	messages bool // its chunks are messages
	senders  []sender
	open     []*chunk // by shard
	records  atomic.Int64

	mu      sync.Mutex // what the stage's workers give back
	free    []*chunk
	handled int64 // records
}

// inside reports whether the link leads from a stage to one of its loop.
func (l *link) inside() bool {
	from := l.task.stage
	return from != nil && from.loop != nil && from.loop == l.stage.loop
}

// note records that the next record for shard is of the sender index.
func (l *link) note(shard, index int) {
	c := l.open[shard]
	if n := len(c.runs); n > 0 && c.runs[n-1].part == index {
		c.runs[n-1].n++
		return
	}
	c.runs = append(c.runs, run{index, 1})
}

// openChunk gives the senders a chunk to fill for shard.
func (l *link) openChunk(shard int) {
	c := l.take()
	l.open[shard] = c
	for i, s := range l.senders {
		s.bind(shard, c.parts[i], len(l.senders) > 1)
	}
}

func (l *link) take() *chunk {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.free); n > 0 {
		c := l.free[n-1]
		l.free = l.free[:n-1]
		return c
	}
	c := &chunk{link: l, group: l.group}
	for _, s := range l.senders {
		c.parts = append(c.parts, s.newParcel())
	}
	c.pos = make([]int, len(c.parts))
	return c
}

// recycle takes back a chunk that has been handled, after its references to
// blocks have been given back.
func (l *link) recycle(c *chunk) {
	n := 0
	for _, p := range c.parts {
		n += len(p.metas())
		p.reset(l.task.job.poison)
	}
	clear(c.pos)
	*c = chunk{link: l, group: l.group, parts: c.parts, pos: c.pos, roots: c.roots[:0], runs: c.runs[:0]}
	l.mu.Lock()
	l.free = append(l.free, c)
	l.handled += int64(n)
	l.mu.Unlock()
}

// waiting returns how many records have been sent and not been handled.
func (l *link) waiting() int64 {
	l.mu.Lock()
	handled := l.handled
	l.mu.Unlock()
	return l.records.Load() - handled
}

// close completes the runs of a chunk with one sender and returns how many
// records it has.
func (c *chunk) close() (n int) {
	for _, p := range c.parts {
		n += len(p.metas())
	}
	if len(c.parts) == 1 && n > 0 {
		c.runs = append(c.runs[:0], run{0, n})
	}
	if c.link.task.job.opts.Mutant == LostOrder {
		c.runs = c.runs[:0]
		for i, p := range c.parts {
			if n := len(p.metas()); n > 0 {
				c.runs = append(c.runs, run{i, n})
			}
		}
	}
	return n
}

// empty reports whether all records have been handled.
func (c *chunk) empty() bool { return c.run == len(c.runs) }

// rest returns the times of what is left of the run at hand. The chunk must
// not be empty.
func (c *chunk) rest() []Meta {
	r := c.runs[c.run]
	from := c.pos[r.part]
	return c.parts[r.part].metas()[from : from+r.n]
}

// deliver hands the next n records, which must be of the run at hand, to the
// operator of a shard.
func (c *chunk) deliver(shard, n int, base, cap value.Timestamp) {
	r := &c.runs[c.run]
	part, from := r.part, c.pos[r.part]
	c.pos[part] += n
	if r.n -= n; r.n == 0 {
		c.run++
	}
	c.parts[part].deliver(shard, from, from+n, base, cap)
}
