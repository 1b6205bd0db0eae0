package rt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/flow-lang/flowc/rt/checkpoint"
	"github.com/flow-lang/flowc/rt/value"
)

// source is the part of a source that its readers and lanes share.
type source struct {
	spec  SourceSpec
	job   *Job
	index int
	build func() // makes the lanes' typed halves
	lanes []*lane
	parts []*partition
	tap   tapPoint

	mu       sync.Mutex
	ready    []*Block // read and not taken by a lane, in order
	inFlight int      // blocks that are being read, ready, or have something in flight
	window   int      // limit of inFlight
	left     int      // partitions whose last block no lane has taken
	free     []*Block

	waiting atomic.Int32 // length of ready
	drained atomic.Bool  // left is 0
}

func newSource(j *Job, spec SourceSpec, index int) *source {
	return &source{spec: spec, job: j, index: index}
}

// open opens the partitions.
func (s *source) open(env *Env, from *checkpoint.Source) error {
	at := positions(from)
	if s.job.opts.Mutant == FromTheBeginning {
		at = nil
	}
	readers, err := s.spec.Connector.Open(env, at)
	if err != nil {
		return fmt.Errorf("source %q: %w", s.spec.Name, err)
	}
	for i, r := range readers {
		p := &partition{
			source: s, index: i, reader: r, bounded: r.Bounded(), pos: r.Position(),
			mark: value.MinTime, wake: make(chan struct{}, 1),
		}
		if from != nil {
			p.goOn(from, len(readers))
		}
		s.parts = append(s.parts, p)
	}
	s.left = len(s.parts)
	s.window = s.job.window + len(s.parts) - 1
	return nil
}

// lastMark is the greatest watermark of input that has not ended. The end of
// time says that nothing more comes, which no record can say.
const lastMark = value.MaxTime - 1

// mark returns the watermark when latest is the greatest event time.
func (s *source) mark(latest value.Timestamp) value.Timestamp {
	if !s.spec.EventTime || latest < value.MinTime+value.Timestamp(s.spec.Lag) {
		return value.MinTime
	}
	return min(latest-value.Timestamp(s.spec.Lag), lastMark)
}

// partition is a partition and the pump that reads it.
type partition struct {
	source  *source
	index   int
	reader  Reader
	bounded bool
	wake    chan struct{} // one slot: something has changed that the pump waits for

	// Guarded by source.mu.
	seq     int64           // of the next block
	mark    value.Timestamp // of all blocks decoded so far
	idle    bool            // an idle signal was the last that went out
	reading bool            // the pump is in Read
	since   value.Timestamp // when it began to read
	ended   bool            // the last block has gone out
	full    value.Timestamp // when the pump began to wait for room; 0 if it does not
	waited  int64           // µs in Read
	blocked int64           // µs without room
	over    bool            // it has come to the end of time
	pos     any             // where the last block ends
	decode  int             // blocks that lanes have or may take, and have not passed on
	lone    bool            // one of them is a barrier or the last one
	held    []*Block        // blocks that wait until those before them are passed on, a barrier or the last one first
}

// Name returns the name of the partition for traces.
func (p *partition) Name() string { return fmt.Sprintf("%s/%d", p.source.spec.Name, p.index) }

// Reads tells pumps from other actors, and names the source by its uid.
func (p *partition) Reads() string { return p.source.spec.UID }

// Done reports whether the partition has been read to its end.
func (p *partition) Done() bool {
	p.source.mu.Lock()
	defer p.source.mu.Unlock()
	return p.ended
}

// Ready reports whether the next block may be read.
func (p *partition) Ready(value.Timestamp) bool {
	s := p.source
	s.mu.Lock()
	room, ended, mark := s.inFlight < s.window, p.ended, p.mark
	s.mu.Unlock()
	if ended {
		return false
	}
	return s.job.stopping.Load() || room && !s.job.mustWait(p, mark)
}

// Step reads one block.
func (p *partition) Step(ctx context.Context, now value.Timestamp) {
	s := p.source
	switch {
	case s.job.stopping.Load():
		s.push(p, s.signal(p, stopBlock))
		return
	case p.over: // when the snapshot was taken that the job goes on from
		pos := p.reader.Position()
		s.lookBehind(ctx, p)
		s.pushAt(p, s.signal(p, endBlock), pos)
		return
	}
	b := s.alloc(p, now)
	err := p.reader.Read(ctx, b)
	switch {
	case err == nil:
		b.Arrival = s.job.now()
		s.push(p, b)
		return
	case errors.Is(err, io.EOF) && s.job.rests():
		s.push(p, s.signal(p, restBlock))
	case errors.Is(err, io.EOF):
		s.push(p, s.signal(p, endBlock))
	case ctx.Err() != nil:
		s.job.Stop() // the reader may see it before the job does
		s.push(p, s.signal(p, stopBlock))
	default:
		last := s.signal(p, stopBlock) // the job fails when what was read before is passed on
		last.failure = fmt.Errorf("source %q: %w", s.spec.Name, err)
		s.push(p, last)
	}
	s.landed(b)
}

// lookBehind says so if there is more behind the end that an earlier run has come to.
// Nobody may read it: the watermark has been at the end of time, so every window and
// timer has ended.
func (s *source) lookBehind(ctx context.Context, p *partition) {
	if !p.reader.Bounded() {
		return
	}
	if p.reader.Read(ctx, &Block{Bytes: make([]byte, 0, s.job.blockSize)}) == nil {
		s.job.opts.Log.Warn("the input has ended in an earlier run, and what has come since is not read: say follow: true of input that grows, or start with --fresh or --reset-source",
			"source", s.spec.Name)
	}
}

// alloc takes a block for p to be filled.
func (s *source) alloc(p *partition, now value.Timestamp) *Block {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inFlight++
	p.reading, p.since = true, now
	b := s.blockLocked()
	b.part, b.kind = p, dataBlock
	return b
}

func (s *source) blockLocked() *Block {
	if n := len(s.free); n > 0 {
		b := s.free[n-1]
		s.free = s.free[:n-1]
		return b
	}
	return &Block{Bytes: make([]byte, 0, s.job.blockSize)}
}

// signal makes a block without rows.
func (s *source) signal(p *partition, kind blockKind) *Block {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inFlight++
	return &Block{part: p, kind: kind}
}

// push numbers a block and gives it to the lanes.
func (s *source) push(p *partition, b *Block) { s.pushAt(p, b, p.reader.Position()) }

// pushAt pushes a block behind which the reader was at pos.
func (s *source) pushAt(p *partition, b *Block, pos any) {
	s.mu.Lock()
	if p.reading {
		p.waited += int64(max(s.job.now()-p.since, 0))
	}
	if b.kind.last() {
		b.at = checkpoint.Partition{Position: position(pos), Idle: p.idle && b.kind == stopBlock, Ended: b.kind == endBlock}
	}
	p.reading, p.idle = false, false
	p.ended, p.over, p.pos = b.kind.last(), b.kind == endBlock, pos
	s.enqueueLocked(p, b)
	s.mu.Unlock()
	s.job.blockReady(s)
}

func (s *source) enqueueLocked(p *partition, b *Block) {
	b.seq = p.seq
	p.seq++
	b.refs.Store(1)
	if len(p.held) > 0 || !p.mayOffer(b) {
		p.held = append(p.held, b)
		return
	}
	s.offerLocked(p, b)
}

// mayOffer reports whether lanes may take a block: a barrier, or the last one,
// only when all before it are passed on, and none while they are at such a one.
func (p *partition) mayOffer(b *Block) bool {
	if p.source.job.opts.Mutant == HastyBarrier {
		return true
	}
	if p.source.job.opts.Mutant == HastyEnd && b.kind.last() {
		return true
	}
	return !p.lone && (p.decode == 0 || !b.kind.alone())
}

// offerLocked lets lanes take a block.
func (s *source) offerLocked(p *partition, b *Block) {
	p.decode++
	p.lone = b.kind.alone()
	s.ready = append(s.ready, b)
	s.waiting.Store(int32(len(s.ready)))
}

// passed takes note that a lane has passed on what a block has given, and offers
// what has waited for it.
func (s *source) passed(b *Block) {
	p := b.part
	s.mu.Lock()
	p.decode--
	if b.kind.alone() {
		p.lone = false
	}
	offered := false
	for len(p.held) > 0 && p.mayOffer(p.held[0]) {
		s.offerLocked(p, p.held[0])
		p.held = p.held[1:]
		offered = true
	}
	s.mu.Unlock()
	if offered {
		s.job.blockReady(s)
	}
}

// pushBarrier puts a barrier behind the blocks that have been read, unless the
// last block has gone out. One that waits there since an earlier snapshot, which
// was given up, serves for this one: when lanes are slower than snapshots are
// given up, barriers must not pile up.
func (s *source) pushBarrier(p *partition, epoch int64) {
	s.mu.Lock()
	ended := p.ended
	if at := slices.IndexFunc(p.held, func(b *Block) bool { return b.kind == barrierBlock }); at >= 0 {
		p.held[at].epoch = epoch
	} else if !ended {
		s.inFlight++
		at := checkpoint.Partition{Position: position(p.pos), Idle: p.idle, Ended: p.over}
		s.enqueueLocked(p, &Block{part: p, kind: barrierBlock, epoch: epoch, at: at})
	}
	s.mu.Unlock()
	if !ended {
		s.job.blockReady(s)
	}
}

// pushIdle tells the lanes that a partition that waits for input is idle.
func (s *source) pushIdle(p *partition) {
	s.mu.Lock()
	waits := p.reading && !p.idle && !p.ended
	if waits {
		p.idle = true
		s.inFlight++
		s.enqueueLocked(p, &Block{part: p, kind: idleBlock})
	}
	s.mu.Unlock()
	if waits {
		s.job.blockReady(s)
	}
}

// take gives a block to a lane, or nil if there is none.
func (s *source) take() *Block {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.ready) == 0 {
		return nil
	}
	b := s.ready[0]
	n := copy(s.ready, s.ready[1:])
	s.ready[n] = nil
	s.ready = s.ready[:n]
	s.waiting.Store(int32(n))
	if b.kind.last() {
		s.left--
		s.drained.Store(s.left == 0)
	}
	if s.spec.Serial {
		b.Base, b.Cap = b.part.mark, s.leastOther(b.part)
	}
	return b
}

// leastOther returns the least watermark of the partitions besides p.
func (s *source) leastOther(p *partition) value.Timestamp {
	least := value.MaxTime
	for _, o := range s.parts {
		if o != p && !o.idle {
			least = min(least, o.mark)
		}
	}
	return least
}

// decoded takes note of the watermark that a block has brought.
func (s *source) decoded(b *Block, mark value.Timestamp) {
	p := b.part
	s.mu.Lock()
	if b.kind == endBlock {
		mark = value.MaxTime
	}
	raised := mark > p.mark
	p.mark = max(p.mark, mark)
	b.at.Mark = p.mark
	s.mu.Unlock()
	if raised || b.kind != dataBlock {
		s.job.marksChanged()
	}
}

// landed ends the flight of a block: its memory is used again.
func (s *source) landed(b *Block) {
	if s.job.poison {
		fill(b.Bytes)
	}
	s.mu.Lock()
	s.inFlight--
	// The memory of an unusually long row is not kept.
	if b.kind == dataBlock && cap(b.Bytes) <= 2*s.job.blockSize {
		*b = Block{Bytes: b.Bytes[:0]}
		s.free = append(s.free, b)
	}
	s.mu.Unlock()
	for _, p := range s.parts {
		p.resume()
	}
}

// resume wakes the pump if it waits and what it waits for has come.
func (p *partition) resume() {
	if p.mayResume() {
		p.poke()
	}
}

// mayResume reports whether a pump that waits is to read on. Waking it costs about as
// much as reading a block, so input that is there already is read several blocks at
// once: when most of those in flight have landed. Where records wait for work outside,
// how many do hangs on the blocks in flight, and each is read as soon as there is room.
func (p *partition) mayResume() bool {
	s := p.source
	room := s.window
	if p.bounded && !s.job.outward {
		room += s.job.window/4 + 1 - s.job.window // a block may be being read for each further partition
	}
	s.mu.Lock()
	waits, few, mark := p.full != 0, s.inFlight < room, p.mark
	s.mu.Unlock()
	return waits && few && !s.job.mustWait(p, mark)
}

// poke tells the pump to look again whether it may read.
func (p *partition) poke() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// tick makes partitions idle that have waited for input too long, and returns
// when the next one would be.
func (s *source) tick(now value.Timestamp) (next value.Timestamp) {
	next = value.MaxTime
	if s.spec.Idle <= 0 {
		return next
	}
	for _, p := range s.parts {
		s.mu.Lock()
		waits := p.reading && !p.idle && !p.ended
		due := p.since + value.Timestamp(s.spec.Idle)
		s.mu.Unlock()
		if !waits {
			due = now + value.Timestamp(s.spec.Idle)
		} else if due <= now {
			s.pushIdle(p)
			continue
		}
		next = min(next, due)
	}
	return next
}
