package rt

import (
	"sync"
	"sync/atomic"

	"github.com/flow-lang/flowc/rt/value"
)

// The order in which a shard handles what it gets
//
// An inlet has one group per source or stage that sends to the shard's stage,
// and a group one channel per partition or shard there.
//
// Channels of partitions carry blocks, which the inlet brings into the order of
// their numbers. Among channels that have something, the one with the least
// watermark goes first. A record sees the greatest watermark of its channel up
// to it, or the least of all other channels if that is less: the least over
// all partitions, as if one shard had read them.
//
// Channels of shards are merged strictly by watermark: the next record of a
// channel is taken only if no other channel of the group can still bring one
// with a lesser mark. So the records that a keyed stage gives reach the next
// one in the order in which one shard would have given them, up to records of
// different keys with the same mark.

// inlet is where a shard gets chunks from.
type inlet struct {
	mu    sync.Mutex // guards mail, which any worker adds to
	mail  []*chunk
	count atomic.Int32 // length of mail

	spare  []*chunk
	groups []inletGroup
	mark   value.Timestamp // what the shard has been told
	latest value.Timestamp // the watermark that the last record saw, if it may be later than mark
	live   int             // channels that have not ended
	hasty  bool            // the loop stops: channels of shards do not wait for each other
	loose  bool            // the loop waits to be cut: as hasty, until then
	await  int             // those of them that barriers come by
	barred int             // those that are held at a barrier
	epoch  int64           // of that barrier
	turn   bool            // the last chunk was of messages, so others go first
	halted bool            // a channel ended because the job stops
	mutant Mutant
}

// inletGroup is the channels of one source or stage.
type inletGroup struct {
	source   bool
	aside    bool // it has no watermark that counts: broadcast input without event time, messages
	messages bool
	inside   bool // it is of the shard's own loop
	next     int  // of messages: the channel that is asked first
	channels []channel
}

// channel is the chunks of one partition, or of one shard before.
type channel struct {
	next  int64    // number of the block that comes next, for partitions
	queue []*chunk // in order
	early []*chunk // of blocks after next, in any order; few, as a source has a window
	mark  value.Timestamp
	last  value.Timestamp // mark before the channel ended
	idle  bool
	bar   bool // it is held at a barrier
	ended bool // nothing after it is handled: a job that failed in a block may have decoded the next
}

// put adds a chunk. It may be called by any worker.
func (in *inlet) put(c *chunk) {
	in.mu.Lock()
	in.mail = append(in.mail, c)
	in.count.Store(int32(len(in.mail)))
	in.mu.Unlock()
}

// sort moves the mail into the channels.
func (in *inlet) sort() {
	if in.count.Load() == 0 {
		return
	}
	in.mu.Lock()
	mail := in.mail
	in.mail = in.spare[:0]
	in.count.Store(0)
	in.mu.Unlock()
	for i, c := range mail {
		mail[i] = nil
		g := &in.groups[c.group]
		g.channels[c.channel].add(c, g.source && in.mutant != BlocksAsTheyCome)
	}
	in.spare = mail
}

// add appends c to the queue, or keeps it until the blocks before it are there.
func (ch *channel) add(c *chunk, numbered bool) {
	if numbered && c.seq != ch.next {
		ch.early = append(ch.early, c)
		return
	}
	ch.queue = append(ch.queue, c)
	ch.next++
	for numbered {
		i := ch.findEarly()
		if i < 0 {
			return
		}
		ch.queue = append(ch.queue, ch.early[i])
		last := len(ch.early) - 1
		ch.early[i], ch.early[last] = ch.early[last], nil
		ch.early = ch.early[:last]
		ch.next++
	}
}

// findEarly returns where the next block is among the early ones, or -1.
func (ch *channel) findEarly() int {
	for i, c := range ch.early {
		if c.seq == ch.next {
			return i
		}
	}
	return -1
}

// drop removes the chunk at the head of the queue.
func (ch *channel) drop() {
	n := copy(ch.queue, ch.queue[1:])
	ch.queue[n] = nil
	ch.queue = ch.queue[:n]
}

// bound returns a time before which the channel brings no record any more.
func (ch *channel) bound() value.Timestamp {
	if len(ch.queue) > 0 && !ch.queue[0].empty() {
		return max(ch.mark, ch.queue[0].rest()[0].Mark)
	}
	if ch.idle && len(ch.queue) == 0 {
		return value.MaxTime
	}
	return ch.mark
}

// choice is what a shard handles next.
type choice struct {
	channel *channel
	group   *inletGroup
	most    value.Timestamp // records with a later mark must wait
}

// choose returns the channel to take the next chunk from; ok is false if the
// shard has to wait.
func (in *inlet) choose() (best choice, ok bool) {
	var message choice
	sent := false
	for i := range in.groups {
		g := &in.groups[i]
		if g.messages {
			if !sent {
				message, sent = g.chooseMessage()
			}
			continue
		}
		c, found := g.choose(in.mutant == LooseMerge || in.hasty || in.loose)
		if found && (!ok || c.channel.mark < best.channel.mark) {
			best, ok = c, true
		}
	}
	if sent && (!ok || !in.turn) {
		in.turn = true
		return message, true
	}
	in.turn = false
	return best, ok
}

// chooseMessage returns the next channel that has something: each has its turn.
func (g *inletGroup) chooseMessage() (choice, bool) {
	for range g.channels {
		ch := &g.channels[g.next]
		g.next = (g.next + 1) % len(g.channels)
		if len(ch.queue) > 0 && !ch.ended && !ch.bar {
			return choice{ch, g, value.MaxTime}, true
		}
	}
	return choice{}, false
}

func (g *inletGroup) choose(loose bool) (best choice, ok bool) {
	if !g.source && len(g.channels) > 1 && !loose {
		return g.chooseStrict()
	}
	for i := range g.channels {
		ch := &g.channels[i]
		if len(ch.queue) > 0 && !ch.ended && !ch.bar && (!ok || ch.mark < best.channel.mark) {
			best, ok = choice{ch, g, value.MaxTime}, true
		}
	}
	return best, ok
}

// chooseStrict returns the channel with the least next mark, unless another
// that has nothing yet may still bring a lesser one.
func (g *inletGroup) chooseStrict() (best choice, ok bool) {
	least, second := value.MaxTime, value.MaxTime
	var first *channel
	for i := range g.channels {
		ch := &g.channels[i]
		if ch.ended || ch.bar { // what is held does not count: the others come to the same mark
			continue
		}
		if len(ch.queue) > 0 && ch.queue[0].empty() {
			return choice{ch, g, value.MaxTime}, true // only raises its mark
		}
		switch bound := ch.bound(); {
		case first == nil || bound < least || bound == least && len(first.queue) == 0:
			if first != nil {
				second = min(second, least)
			}
			least, first = bound, ch
		default:
			second = min(second, bound)
		}
	}
	if first == nil || len(first.queue) == 0 {
		return best, false
	}
	return choice{first, g, second}, true
}

// least returns the least watermark of all channels but one. Idle ones do not
// count.
func (in *inlet) least(but *channel) value.Timestamp {
	least := value.MaxTime
	for i := range in.groups {
		if in.groups[i].aside {
			continue
		}
		for k := range in.groups[i].channels {
			if ch := &in.groups[i].channels[k]; ch != but && !ch.idle {
				least = min(least, ch.mark)
			}
		}
	}
	return least
}

// reached returns the watermark of the inlet as a whole. When all channels that
// have not ended are idle it is the greatest of theirs, as if that one had become
// idle last.
func (in *inlet) reached() value.Timestamp {
	if !in.idle() {
		return in.least(nil)
	}
	most := value.MinTime
	for i := range in.groups {
		if in.groups[i].messages {
			continue
		}
		for k := range in.groups[i].channels {
			if ch := &in.groups[i].channels[k]; ch.idle {
				most = max(most, ch.mark)
			}
		}
	}
	return most
}

// rested returns the greatest watermark of channels when all of them rest whose
// input has not come to its end, so that it does not matter which of them rested
// first.
func (in *inlet) rested() value.Timestamp {
	most := value.MinTime
	for i := range in.groups {
		if in.groups[i].aside || in.groups[i].messages {
			continue
		}
		for k := range in.groups[i].channels {
			switch ch := &in.groups[i].channels[k]; {
			case ch.idle:
				most = max(most, ch.mark)
			case ch.mark < value.MaxTime:
				return value.MinTime
			}
		}
	}
	return most
}

// furthest returns the watermark when all channels have ended, before it goes to
// the end of time: that of the channel that was ahead, as if it had ended last.
func (in *inlet) furthest() value.Timestamp {
	most := value.MinTime
	for i := range in.groups {
		if in.groups[i].aside {
			continue
		}
		for k := range in.groups[i].channels {
			most = max(most, in.groups[i].channels[k].last)
		}
	}
	return most
}

// span returns the borders between which the watermark of ch's records lies.
func (in *inlet) span(c choice) (base, cap value.Timestamp) {
	if c.group.messages {
		latest := max(in.latest, in.mark)
		return latest, latest
	}
	others := in.least(c.channel)
	if c.group.source {
		others = min(others, lastMark)
	} else {
		others = in.leastOfOtherGroups(c.group)
	}
	cap = max(others, in.mark)
	base = max(c.channel.mark, in.mark)
	switch in.mutant {
	case NoCap:
		cap = value.MaxTime
	case NoBase:
		base = value.MinTime
	}
	return min(base, cap), cap
}

// leastOfOtherGroups is least over the channels outside g: those inside are
// merged by mark and need no cap.
func (in *inlet) leastOfOtherGroups(g *inletGroup) value.Timestamp {
	least := value.MaxTime
	for i := range in.groups {
		if o := &in.groups[i]; o != g && !o.aside {
			for k := range o.channels {
				if ch := &o.channels[k]; !ch.idle {
					least = min(least, ch.mark)
				}
			}
		}
	}
	return least
}

// finish takes note of the end of the chunk at the head of a channel.
func (in *inlet) finish(from choice, c *chunk) {
	ch := from.channel
	ch.drop()
	before := ch.mark
	ch.mark = max(ch.mark, c.mark)
	if c.kind == barrierBlock {
		if aborted := c.link.task.job.aborted.Load(); c.epoch > aborted || in.mutant == LateDrop || in.mutant == AbortedCounts {
			in.hold(ch, c.epoch)
		}
		return
	}
	ch.idle = c.kind == idleBlock || c.kind == restBlock
	if !c.kind.last() {
		return
	}
	if c.kind == endBlock {
		ch.last = before
		ch.mark = value.MaxTime
	} else {
		in.halted = true
	}
	ch.ended = true
	in.live--
	if !from.group.inside {
		if in.mutant != EndedAwaited {
			in.await--
		}
	}
}

// idle reports whether every channel that has not ended is idle.
func (in *inlet) idle() bool {
	for i := range in.groups {
		if in.groups[i].aside {
			continue
		}
		for k := range in.groups[i].channels {
			if ch := &in.groups[i].channels[k]; !ch.ended && !ch.idle {
				return false
			}
		}
	}
	return in.live > 0
}
