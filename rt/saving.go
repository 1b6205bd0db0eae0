package rt

import (
	"sync"

	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
)

// How a snapshot cuts the job
//
// The coordinator asks for a snapshot: it puts a barrier into every partition,
// behind the block that was read last, with the place that the partition has
// come to. A barrier waits until lanes have passed on all blocks before it, and
// the blocks after it wait for it; so it speaks for all lanes, and the lane that
// takes it passes it to every shard and writer.
//
// A shard holds each channel whose barrier it has come to. When it has come to
// that of every channel that has not ended, it cuts: its operator keeps the
// state as it is, which costs the same for any number of keys, the barrier goes
// on to all behind it, and the channels go on. The state is given to the
// coordinator piece by piece, a piece a step, beside the processing. A shard
// whose channels have all ended gets no barrier and cuts when it is asked.
//
// While a channel is held, what the others bring before their barrier is handled
// without a look at its watermark: all channels of a stage come to the barrier
// with the same one, as each got the watermarks of the same blocks, so this does
// not change the order of what they bring.
//
// A loop is cut when all that comes into it from outside is held or has ended,
// and nothing moves in it any more: so no message is on its way, and none must
// be saved. Its shards cut before they handle anything else.
//
// A snapshot that has been given up is known by its epoch: its barriers are
// dropped wherever they are found, and never count for a later one.

// Sizes of what a shard saves.
const (
	pieceSize   = 128 << 10 // bytes that it encodes in a step
	sectionSize = 4 << 20   // bytes after which it begins a new section
)

// saving is what a shard knows of snapshots.
type saving struct {
	noticed int64 // epoch of the last snapshot that it knows to be asked for
	cut     int64 // epoch of the last cut
	said    int64 // epoch for which it has told its loop that it has come to all barriers
	parked  int64 // chunks behind barriers, that its loop does not count

	attempt   *attempt        // whose state is being given; nil if none
	paused    value.Timestamp // µs that the last cut kept the shard from its records
	state     state.Snapshot
	encoder   state.Encoder
	given     bool         // a section has been given
	late      bool         // the state is not kept yet: of a mutant
	restore   func() error // what was not restored in time: of a mutant
	broadcast []bool       // by state: every shard has it; nil if none is
}

// section is a piece of a shard's state.
type section struct {
	base bool // of all its state, and not of what has changed
	data []byte
	rows int
}

// rooms are what sections were written in, until it is used again: memory that is new
// costs a third of what it takes to fill it with state. The collector may take it.
type rooms struct{ pool sync.Pool }

// take returns a room, nil if there is none.
func (r *rooms) take() []byte {
	if room, ok := r.pool.Get().(*[]byte); ok {
		return *room
	}
	return nil
}

// giveBack takes a room that nobody looks into any more.
func (r *rooms) giveBack(room []byte) {
	if cap(room) >= sectionSize {
		r.pool.Put(&room)
	}
}

// mustSave reports whether a snapshot wants something of the shard.
func (sh *shard) mustSave() bool {
	j := sh.task.job
	if j.failed.Load() {
		return false
	}
	if sh.attempt != nil || sh.in.barred > 0 && sh.in.epoch <= j.aborted.Load() {
		return true
	}
	a := j.asked.Load()
	return a != nil && a.epoch > sh.noticed
}

// hold stops a channel at a barrier.
func (in *inlet) hold(ch *channel, epoch int64) {
	if in.barred > 0 && in.epoch != epoch && in.mutant != AbortedCounts {
		if epoch < in.epoch {
			return // of a snapshot that has been given up
		}
		in.release() // those of such a one
	}
	ch.bar = in.mutant != NoHold
	in.barred++
	in.epoch = epoch
}

// release lets all channels go on.
func (in *inlet) release() {
	in.barred = 0
	for i := range in.groups {
		for k := range in.groups[i].channels {
			in.groups[i].channels[k].bar = false
		}
	}
}

// dropBars lets the channels go on that are held for a snapshot that has been
// given up.
func (sh *shard) dropBars() {
	j := sh.task.job
	if sh.in.barred == 0 || sh.in.epoch > j.aborted.Load() || j.opts.Mutant == AbortedCounts {
		return
	}
	sh.letGo()
}

// letGo lets all channels go on.
func (sh *shard) letGo() {
	if l := sh.stage.loop; l != nil {
		l.moving.Add(sh.parked)
		sh.parked = 0
	}
	sh.in.release()
	sh.blocked = false
}

// beginCut lets go of what has been given up, and cuts a shard of a loop in which
// nothing moves, before it handles anything else.
func (sh *shard) beginCut(l *loop) {
	sh.dropBars()
	if l == nil {
		return
	}
	a := sh.asked()
	if a != nil && l.cutting.Load() >= a.epoch {
		sh.cutNow(a)
		a = nil
	}
	sh.in.loose = a != nil && l.aligned.Load() == a.epoch
}

// asked returns the snapshot that is asked for, if the shard has not cut for it.
func (sh *shard) asked() *attempt {
	j := sh.task.job
	a := j.asked.Load()
	if a == nil || a.epoch <= sh.cut || a.epoch <= j.aborted.Load() {
		return nil
	}
	return a
}

// align cuts the shard if all its channels have come to the barrier, or tells its
// loop that they have.
func (sh *shard) align(l *loop) {
	if a := sh.task.job.asked.Load(); a != nil {
		sh.noticed = a.epoch
	}
	sh.dropBars()
	a := sh.asked()
	if l != nil {
		sh.park()
	}
	if a == nil || sh.in.barred < sh.awaited() {
		return
	}
	switch {
	case sh.done || l == nil:
		sh.cutNow(a)
	case sh.said < a.epoch:
		sh.said = a.epoch
		l.say(a.epoch)
	}
}

// awaited returns how many barriers a cut takes.
func (sh *shard) awaited() int {
	if sh.in.mutant == FirstBarrier {
		return min(1, sh.in.await)
	}
	return sh.in.await
}

// park takes what lies behind barriers out of the count of the shard's loop.
func (sh *shard) park() {
	behind := int64(0)
	if sh.in.barred > 0 {
		for i := range sh.in.groups {
			for k := range sh.in.groups[i].channels {
				if ch := &sh.in.groups[i].channels[k]; ch.bar {
					behind += int64(len(ch.queue))
				}
			}
		}
	}
	sh.handled += behind - sh.parked
	sh.parked = behind
}

// cutNow keeps the state as it is, and passes the barrier on.
func (sh *shard) cutNow(a *attempt) {
	t := sh.task
	sh.cut = a.epoch
	if !sh.done {
		t.flush(sent{channel: t.index, kind: barrierBlock, epoch: a.epoch, mark: sh.outMark(), always: true})
		sh.letGo()
	}
	durable := sh.durable()
	if durable == nil || !a.saves {
		t.job.coordinator.cut(sh, a)
		t.job.coordinator.saved(sh, a)
		return
	}
	if sh.attempt != nil && sh.state != nil && t.job.opts.Mutant != ForgetDropped {
		sh.state.Drop()
	}
	sh.attempt, sh.given = a, false
	began := t.job.now()
	if sh.late = t.job.opts.Mutant == LateCut; !sh.late {
		sh.keep(a)
	}
	sh.encoder = state.Encoder{}
	sh.encoder.Reuse(sh.task.job.rooms.take())
	sh.paused = t.job.now() - began
	t.job.coordinator.cut(sh, a)
}

// keep keeps the state as it is.
func (sh *shard) keep(a *attempt) {
	if sh.task.job.saves.log == nil {
		sh.state = sh.durable().Copy()
	} else {
		sh.state = sh.durable().Cut(a.base[sh.stage.index][sh.task.index])
	}
}

// save gives the next piece of the state.
func (sh *shard) save() {
	a := sh.attempt
	if a == nil {
		return
	}
	if a.epoch <= sh.task.job.aborted.Load() {
		if sh.in.mutant != ForgetDropped && sh.state != nil {
			sh.state.Drop()
		}
		sh.attempt, sh.state = nil, nil
		return
	}
	if sh.late {
		sh.late = false
		return
	}
	if sh.state == nil {
		sh.keep(a)
	}
	done := sh.encode(a)
	base := a.base[sh.stage.index][sh.task.index]
	if n := sh.encoder.Len(); n >= sectionSize || done && (n > 0 || base && !sh.given) {
		sh.given = true
		rows := sh.encoder.Rows()
		sh.task.job.coordinator.section(sh, a, section{base, sh.encoder.Take(), rows})
		if !done && !sh.encoder.Reuse(sh.task.job.rooms.take()) {
			sh.encoder.Reserve(sectionSize + 2*pieceSize) // of the last piece, too
		}
	}
	if done {
		sh.attempt, sh.state = nil, nil
		sh.task.job.coordinator.saved(sh, a)
	}
}

// encode adds the next piece of the state to the section, and reports whether it was
// the last.
func (sh *shard) encode(a *attempt) (done bool) {
	if s, ok := sh.state.(state.Storing); ok && a.savepoint == nil && sh.stage.isStored() {
		return s.Store(pieceSize) // the files of its store have what has changed
	}
	if s, ok := sh.state.(state.Encoding); ok && sh.in.mutant != ForgetRemoved {
		return s.Encode(pieceSize, &sh.encoder)
	}
	return sh.state.Next(pieceSize, func(r *state.Record) {
		if r.Gone == state.Present || sh.in.mutant != ForgetRemoved {
			sh.encoder.Add(r)
		}
	})
}

// saveEnded is a step of a shard that has ended.
func (sh *shard) saveEnded() {
	if sh.attempt == nil {
		sh.align(sh.stage.loop)
	}
	sh.save()
}
