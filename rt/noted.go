package rt

import (
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/flow-lang/flowc/rt/value"
)

// maxNoted is how many errors a job remembers; noteEvery is how far apart those
// of one task are.
const (
	maxNoted  = 50
	noteEvery = value.Duration(100 * time.Millisecond / time.Microsecond)
)

// noted is the errors that a job remembers.
type noted struct {
	mu   sync.Mutex
	list []Noted
}

// Notes reports whether an error that the job goes on after, if it came now, would
// be remembered with its record.
func (t *Task) Notes() bool { return t.notedAt == 0 || value.Since(t.now, t.notedAt) >= noteEvery }

// note remembers an error that the job goes on after, and logs it: the first of a
// task, and then at most one in noteEvery.
func (t *Task) note(place, reason string, record []byte) {
	t.unnoted++
	if !t.Notes() {
		return
	}
	t.notedAt = max(t.now, 1)
	e := Noted{At: t.now, UID: t.uid(), Place: place, Reason: reason, Record: shown(record), Count: t.unnoted}
	t.unnoted = 0
	t.log().Info("a record was left out", "place", e.Place, "reason", e.Reason, "record", e.Record, "count", e.Count)
	if t.job.observed.Load() {
		t.job.noted.add(e)
	}
}

// Warn logs what a step has met that stops nothing. What is rare may be told by it: all
// of it is logged, and remembered.
func (t *Task) Warn(at value.Pos, text, about string) {
	where := place(t.job.spec.Files, at)
	t.log().Warn(text, "place", where, "about", about)
	if t.job.observed.Load() {
		t.job.noted.add(Noted{At: t.now, UID: t.uid(), Place: where, Reason: text + ": " + about, Count: 1})
	}
}

// log is the log with what tells the task from others.
func (t *Task) log() *slog.Logger {
	return t.job.opts.Log.With("uid", t.uid(), "shard", t.index)
}

func (n *noted) add(e Noted) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.list) == maxNoted {
		n.list = append(n.list[:0], n.list[1:]...)
	}
	n.list = append(n.list, e)
}

// noteFailure remembers the error that stopped the job, for the one that is started
// in its place.
func (j *Job) noteFailure(err error) {
	e := Noted{At: j.now(), Reason: err.Error(), Count: 1}
	var record *RecordError
	if errors.As(err, &record) {
		e.Place, e.Reason, e.Record = record.Place, record.Reason, record.Record
	}
	j.noted.add(e)
}

// goOnFrom takes over what the job before, which this one stands in for, has
// remembered.
func (j *Job) goOnFrom(before *Job) {
	j.restarts = before.restarts + 1
	j.noted.list = before.noted.all()
}

func (n *noted) all() []Noted {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]Noted(nil), n.list...)
}
