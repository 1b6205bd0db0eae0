package rt

import (
	"sync"
	"sync/atomic"

	"github.com/flow-lang/flowc/rt/value"
)

// How stages end that send each other messages
//
// A message edge may lead back to where its sender's records come from, so that
// no shard on the way can tell by its own channels that nothing more will come.
// Stages that are joined by messages, with all that lies between them, are a
// loop, and end together. A loop counts its chunks from when one is put into an
// inlet until the step that handled it has passed on what came of it, and the
// steps at work besides: at zero nothing moves, and nothing can, unless input
// comes from outside.
//
// When all channels from outside have ended and nothing moves, all messages have
// been delivered. The watermark then goes to the end of time, along the edges
// between streams as ever, and what the last timers send is delivered, too. When
// nothing moves once more, the shards are done. A job that is stopped leaves out
// the end of time, and takes what lies in inlets in any order, as no further
// watermark comes to wait for.
//
// Channels of messages hold no watermark back, and a message is handled under
// the watermark that its shard has come to. Its channel is one per sending
// shard, or per partition for lanes, and first in, first out.

// loop is stages that messages join.
type loop struct {
	shards  []*shard
	outside atomic.Int64 // channels from outside the loop that have not ended, of all shards
	halted  atomic.Bool  // one of them ended because the job stops
	moving  atomic.Int64 // chunks on their way and steps at work; closed when the loop is done
	aligned atomic.Int64 // epoch of the snapshot for which all shards have come to all barriers from outside
	cutting atomic.Int64 // epoch of the snapshot that the shards may cut for

	mu     sync.Mutex // held while the loop comes to its end
	epoch  int64      // of the snapshot for which saying shards have come to all barriers
	saying int
	ending atomic.Bool // the watermark may go to the end of time
}

// closed is what loop.moving holds when the loop is done.
const closed = -1 << 62

// enter counts a chunk or a step. It returns false when the loop is done.
func (l *loop) enter() bool {
	for {
		n := l.moving.Load()
		if n < 0 {
			return false
		}
		if l.moving.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// leave ends the count of n chunks and steps, and of the loop if they were the
// last.
func (l *loop) leave(n int64) {
	if l.moving.Add(-n) > 0 {
		return
	}
	switch {
	case l.aligned.Load() > l.cutting.Load():
		l.mayCut()
	case l.outside.Load() == 0:
		l.settle()
	}
}

// mayCut lets the shards cut for a snapshot, unless something has begun to move
// again.
func (l *loop) mayCut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.moving.CompareAndSwap(0, int64(len(l.shards))) {
		l.cutting.Store(l.aligned.Load())
		l.rouse()
	}
}

// say takes note that a shard has come to all barriers of a snapshot.
func (l *loop) say(epoch int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if epoch != l.epoch {
		l.epoch, l.saying = epoch, 0
	}
	if l.saying++; l.saying == len(l.shards) {
		l.aligned.Store(epoch)
		l.moving.Add(int64(len(l.shards)))
		l.rouse()
	}
}

// rouse lets every shard do a step. What it is done for counts one for each of them
// as moving, also for a shard that has not yet had the step of the time before.
func (l *loop) rouse() {
	for _, sh := range l.shards {
		sh.roused.Add(1)
		sh.task.job.workReady(sh.task.index)
	}
}

// settle goes on to the end of time, or to the end, unless something has begun
// to move again.
func (l *loop) settle() {
	l.mu.Lock()
	defer l.mu.Unlock()
	rousing := int64(len(l.shards))
	if l.ending.Load() || l.halted.Load() {
		if !l.moving.CompareAndSwap(0, closed) {
			return
		}
	} else {
		if !l.moving.CompareAndSwap(0, rousing) {
			return
		}
		l.ending.Store(true)
	}
	l.rouse()
}

// kind is what a shard's stop means to those behind it.
func (l *loop) kind() blockKind {
	if l.halted.Load() {
		return stopBlock
	}
	return endBlock
}

// findLoops finds the stages that messages join: those from which one can come
// to each other by edges, where messages count in both directions.
func (g *Graph) findLoops() {
	next := make([][]int, len(g.stages))
	for _, s := range g.stages {
		for _, up := range s.ups {
			if up.stage == nil {
				continue
			}
			next[up.stage.index] = append(next[up.stage.index], s.index)
			if up.messages {
				next[s.index] = append(next[s.index], up.stage.index)
			}
		}
	}
	reach := make([][]bool, len(g.stages))
	for i := range reach {
		reach[i] = make([]bool, len(g.stages))
		follow(next, reach[i], i)
	}
	for _, s := range g.stages {
		if s.loop != nil || !reach[s.index][s.index] {
			continue
		}
		l := &loop{}
		for _, other := range g.stages {
			if reach[s.index][other.index] && reach[other.index][s.index] {
				other.loop = l
				l.shards = append(l.shards, other.shards...)
			}
		}
	}
}

// follow marks all that can be reached from a stage in at least one step.
func follow(next [][]int, seen []bool, from int) {
	for _, to := range next[from] {
		if !seen[to] {
			seen[to] = true
			follow(next, seen, to)
		}
	}
}

// counts reports whether a chunk counts as moving.
func (sh *shard) counts(c *chunk) bool {
	return !c.link.messages || sh.in.mutant != LostMessages
}

// count takes note of a chunk that a shard of a loop has handled.
func (sh *shard) count(l *loop, from choice, c *chunk) {
	if sh.counts(c) {
		sh.handled++
	}
	if from.channel.ended && !from.group.inside {
		if sh.in.halted {
			l.halted.Store(true)
		}
		if l.outside.Add(-1) == 0 && l.halted.Load() {
			l.moving.Add(int64(len(l.shards)))
			l.rouse()
		}
	}
}

// goRound lets event time come to its end when it may and all that feeds the
// shard has come there.
func (sh *shard) goRound(l *loop) {
	if l.ending.Load() && sh.in.mark < value.MaxTime && sh.in.least(nil) == value.MaxTime {
		sh.in.mark = value.MaxTime
		sh.op.Advance(value.MaxTime)
	}
}
