package rt

import "fmt"

// writerChannel is what a writer knows of one of those who send it rows.
type writerChannel struct {
	bar   bool  // it is held at a barrier
	ended bool  // nothing more comes by it
	held  []lot // what has come since
}

// accept writes a lot, or holds it back if its channel is at a barrier.
func (w *writer) accept(l lot) {
	ch := &w.channels[l.channel]
	switch {
	case ch.bar && w.sink.job.opts.Mutant != WriterLooksAway:
		ch.held = append(ch.held, l)
	case l.kind == barrierBlock:
		w.hold(ch, l.epoch)
	default:
		w.write(l)
		if l.kind.last() && !ch.ended {
			ch.ended = true
			w.live--
		}
	}
}

// hold stops a channel at a barrier, unless its snapshot has been given up.
func (w *writer) hold(ch *writerChannel, epoch int64) {
	j := w.sink.job
	if epoch <= j.aborted.Load() && j.opts.Mutant != AbortedCounts {
		return
	}
	if w.barred > 0 && w.epoch != epoch && j.opts.Mutant != AbortedCounts {
		w.release() // those of a snapshot that has been given up
	}
	if ch.bar {
		return
	}
	ch.bar, w.epoch = true, epoch
	w.barred++
}

// release lets all channels go on.
func (w *writer) release() {
	w.barred = 0
	var held []lot
	for i := range w.channels {
		ch := &w.channels[i]
		ch.bar = false
		held = append(held, ch.held...)
		ch.held = nil
	}
	for _, l := range held {
		w.accept(l)
	}
}

// settleEpochs prepares what a snapshot has, if all channels have come to its
// barrier, and commits what may be.
func (w *writer) settleEpochs() {
	j := w.sink.job
	for w.barred > 0 && w.epoch <= j.aborted.Load() && j.opts.Mutant != AbortedCounts {
		w.release()
	}
	if a := j.asked.Load(); a != nil && a.epoch > w.prepared && a.epoch > j.aborted.Load() && w.barred == w.live && !j.failed.Load() {
		if j.opts.Mutant != UnspilledRows {
			w.spill()
		}
		w.flush()
		w.prepared = a.epoch
		w.prepare(a)
		w.release()
	}
	if epoch := j.committing.Load(); epoch > w.committed && !w.broken && !j.failed.Load() {
		w.committed = epoch
		began := j.now()
		w.check(w.out.Commit(epoch))
		w.figures.commits.observe(micros(int64(j.now() - began)))
		if !w.broken {
			j.coordinator.committed(epoch)
		}
	}
}

// prepare ends an epoch of the output.
func (w *writer) prepare(a *attempt) {
	if w.broken {
		return // the job has failed
	}
	state, err := w.out.Prepare(a.epoch)
	if err != nil {
		w.broken = true
		w.sink.job.fail(fmt.Errorf("sink %q: %w", w.sink.spec.Name, err), failedAt{})
		return
	}
	if w.sink.job.opts.Mutant == CommitAtBarrier {
		w.check(w.out.Commit(a.epoch))
	}
	w.sink.job.coordinator.prepared(w, a.epoch, state)
}

// nudge lets the writer look what the coordinator wants.
func (w *writer) nudge() {
	w.mu.Lock()
	w.nudged = true
	w.mu.Unlock()
	w.poke()
}
