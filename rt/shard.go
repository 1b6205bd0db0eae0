package rt

import (
	"fmt"
	"sync/atomic"

	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
)

// Limits of one step of a shard.
const (
	stepRecords = 4096 // a step takes no further chunk after so many records
	batchSize   = 256  // records handed to the operator at once: what its table fetches ahead
	sweepBudget = 64   // cells visited for their ttl, besides two per record
)

// shard is one shard of a keyed stage.
type shard struct {
	stage *stage
	task  *Task
	op    Operator
	in    inlet
	rest  rest // held during a step, which lets others look between batches of records

	due      value.Timestamp // when a processing-time timer is
	told     value.Timestamp // the mark that the stages behind have been told
	toldIdle bool
	swept    value.Timestamp // the mark up to which a ttl has ended state
	blocked  bool            // nothing in the inlet can be handled before more comes
	roused   atomic.Int64    // times that the loop of the stage has come further since the last step
	handled  int64           // chunks of a loop that the step has handled
	done     bool
	spill    *state.Spill // nil if all state lies in memory
	full     bool         // it takes no records before what has changed is stored
	lazy     *state.Lazy  // its store, if an older program has left keys there; else nil
	saving
	calling
}

func newShard(j *Job, s *stage, index int) *shard {
	sh := &shard{
		stage: s,
		task:  &Task{job: j, index: index, stage: s},
		due:   value.MaxTime,
		told:  value.MinTime,
		swept: value.MinTime,
		in:    inlet{mark: value.MinTime, latest: value.MinTime, mutant: j.opts.Mutant},
	}
	sh.task.figures.mark.Store(int64(value.MinTime))
	return sh
}

// connect makes the inlet's channels, once it is known who sends.
func (sh *shard) connect() {
	for _, up := range sh.stage.ups {
		g := inletGroup{
			source:   up.source != nil,
			aside:    up.messages || !up.keyed && up.timeless(),
			messages: up.messages,
			inside:   up.stage != nil && sh.stage.loop != nil && up.stage.loop == sh.stage.loop,
		}
		n := sh.task.job.shards
		if g.source {
			n = len(up.source.parts)
		}
		g.channels = make([]channel, n)
		for i := range g.channels {
			g.channels[i].mark, g.channels[i].last = value.MinTime, value.MinTime
		}
		sh.in.groups = append(sh.in.groups, g)
		if !g.inside || !g.messages { // those end with the loop
			sh.in.live += n
		}
		if !g.inside {
			sh.in.await += n
		}
		if l := sh.stage.loop; l != nil && !g.inside {
			l.outside.Add(int64(n))
		}
	}
	sh.blocked = true
}

// put gives the shard a chunk. It may be called by any worker.
func (sh *shard) put(c *chunk) {
	if l := sh.stage.loop; l != nil && sh.counts(c) && !l.enter() {
		c.link.recycle(c) // only of a shard that tells its end
		return
	}
	sh.in.put(c)
	sh.task.job.workReady(sh.task.index)
}

// Name returns the name of the shard for traces.
func (sh *shard) Name() string { return fmt.Sprintf("%s shard %d", sh.stage.spec.Name, sh.task.index) }

// Ready reports whether there is something to handle at now. What has come
// before a job fails is handled, but no timer fires any more.
func (sh *shard) Ready(now value.Timestamp) bool {
	return sh.mustSave() || !sh.done && (sh.in.count.Load() > 0 || !sh.blocked || sh.roused.Load() > 0 || sh.full && sh.mayStore() ||
		(sh.due <= now || sh.mustStop() || sh.out != nil && sh.out.count.Load() > 0) && !sh.task.job.failed.Load())
}

// Done reports whether all input has been handled, and no snapshot is wanted any
// more.
func (sh *shard) Done() bool { return sh.done && sh.task.job.over.Load() }

// Due returns when the shard has work without further input.
func (sh *shard) Due() value.Timestamp {
	if sh.done {
		return value.MaxTime
	}
	return sh.due
}

func (sh *shard) of() *Task { return sh.task }

// step handles some of the chunks that lie in the inlet.
func (sh *shard) step(now value.Timestamp) {
	sh.rest.Lock()
	defer sh.rest.Unlock()
	t, l := sh.task, sh.stage.loop
	t.now = now
	if sh.done {
		sh.saveEnded()
		return
	}
	if l != nil && !l.enter() {
		sh.finish(l.kind())
		sh.saveEnded() // it may have told the loop that it waits to cut, and has no other step for that
		return
	}
	if n := sh.roused.Swap(0); n > 0 {
		sh.handled += n
		sh.in.hasty = l.halted.Load()
	}
	sh.in.sort()
	sh.beginCut(l)
	sh.resume(now)
	records := 0
	for records < stepRecords && !t.stopped {
		c, ok := sh.in.choose()
		sh.blocked = !ok || sh.room() == 0
		if sh.blocked {
			break
		}
		records += sh.take(c)
	}
	t.figures.handled.Add(int64(records))
	if records > 0 && sh.restore != nil {
		if err := sh.restore(); err != nil {
			t.job.fail(err, failedAt{})
		}
		sh.restore = nil
	}
	if t.stopped {
		sh.done = true
		t.flush(sent{})
		return
	}
	sh.due = sh.op.Clock(now)
	sh.op.Sweep(sh.in.mark, now, 2*records+sweepBudget)
	if sh.in.mark < value.MaxTime { // at the end of time a ttl ends nothing
		sh.swept = sh.in.mark
	}
	kind := dataBlock
	if l != nil {
		sh.goRound(l)
		sh.countCalls(l, now)
	} else if sh.in.live == 0 && !sh.busy(now) {
		kind = sh.end()
	}
	sh.due = min(sh.due, sh.callsDue(now))
	if !sh.done && sh.in.idle() && sh.outMark() == sh.in.mark {
		kind = idleBlock
	}
	if t.job.opts.Mutant == BarrierOvertakes && !sh.done {
		sh.align(l)
	}
	sh.tell(kind)
	if kind.last() {
		t.job.coordinator.ended(sh)
	}
	sh.makeRoom()
	sh.align(l)
	sh.save()
	if l != nil {
		l.leave(1 + sh.handled)
		sh.handled = 0
	}
}

// take handles the chunk at the head of a channel, or as much of it as the
// order allows, and returns the number of records.
func (sh *shard) take(next choice) (records int) {
	c := next.channel.queue[0]
	for _, b := range c.roots {
		sh.task.touch(b)
	}
	sh.task.at = c.roots
	base, cap := sh.in.span(next)
	observed := sh.task.job.observed.Load()
	for !c.empty() && !sh.task.stopped {
		rest := c.rest()
		n := allowed(rest, next.most)
		if n = min(n, sh.room()); n == 0 {
			return records
		}
		sh.in.latest = max(sh.in.latest, min(max(rest[n-1].Mark, base), cap))
		if observed && !c.link.messages {
			sh.task.figures.late.Add(late(rest[:n], base, cap))
		}
		c.deliver(sh.task.index, n, base, cap)
		records += n
		sh.rest.pause()
	}
	sh.in.finish(next, c)
	if l := sh.stage.loop; l != nil {
		sh.count(l, next, c)
	}
	for _, b := range c.roots {
		b.release()
	}
	c.link.recycle(c)
	sh.raise()
	return records
}

// allowed returns how many records of a batch may be handled at once: at most
// batchSize, and none with a mark after most.
func allowed(meta []Meta, most value.Timestamp) int {
	n := min(len(meta), batchSize)
	if most == value.MaxTime || meta[n-1].Mark <= most {
		return n
	}
	for i := range n {
		if meta[i].Mark > most {
			return i
		}
	}
	return n
}

// late counts the records that lie behind the watermark that they see.
func late(meta []Meta, base, cap value.Timestamp) (n int64) {
	for i := range meta {
		if m := &meta[i]; m.Time < min(max(m.Mark, base), cap) {
			n++
		}
	}
	return n
}

// raise tells the operator if the watermark has risen. The end of time is told
// by end, which knows whether the input has ended.
func (sh *shard) raise() {
	least := sh.in.reached()
	if least == value.MaxTime && sh.stage.loop != nil {
		least = sh.in.furthest() // all shards of the stage alike, as those behind them wait for the least
	}
	if least > sh.in.mark && least < value.MaxTime && !sh.task.stopped {
		sh.in.mark = least
		sh.op.Advance(least)
	}
}

// end lets event time come to its end, unless the job was stopped before the
// input ended.
func (sh *shard) end() blockKind {
	sh.done = true
	if sh.caller != nil {
		sh.caller.Quit()
	}
	if sh.in.halted || sh.in.mutant == NoFinalMark {
		if most := sh.in.rested(); most > sh.in.mark && !sh.task.stopped {
			sh.in.mark = most
			sh.op.Advance(most)
		}
		return stopBlock
	}
	sh.in.mark = value.MaxTime
	sh.op.Advance(value.MaxTime)
	return endBlock
}

// finish ends a shard of a loop that has come to its end.
func (sh *shard) finish(kind blockKind) {
	sh.done = true
	if sh.caller != nil {
		sh.caller.Quit()
	}
	sh.tell(kind)
	sh.task.job.coordinator.ended(sh)
}

// tell passes on what the step has given, and how far the shard has come.
func (sh *shard) tell(kind blockKind) {
	idle, mark := kind == idleBlock, sh.outMark()
	sh.task.flush(sent{
		channel: sh.task.index,
		kind:    kind,
		mark:    mark,
		always:  sh.done || mark > sh.told || idle != sh.toldIdle,
	})
	sh.told, sh.toldIdle = mark, idle
	sh.task.figures.mark.Store(int64(mark))
}
