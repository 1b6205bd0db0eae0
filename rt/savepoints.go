package rt

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/flow-lang/flowc/rt/checkpoint"
	"github.com/flow-lang/flowc/rt/savepoint"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
	"github.com/flow-lang/flowc/rt/vfs"
)

// Savepoint writes a savepoint of the running job to a directory that is empty
// or not there, and returns when it is whole. With stop the job then ends, with
// nothing handled that the savepoint does not have. The options must say that
// savepoints may be asked for.
func (j *Job) Savepoint(ctx context.Context, dir string, stop bool) error {
	if !j.savepoints() {
		return errors.New("the job was started so that nothing can go on from it")
	}
	r := &savepointRequest{dir: dir, done: make(chan error, 1)}
	if stop {
		if err := r.look(j.opts.FS, savepoint.Prepare); err != nil {
			return err
		}
		if !j.atEnd.CompareAndSwap(nil, r) {
			return errors.New("a savepoint at the end of the job has been asked for already")
		}
		j.Stop()
	} else {
		j.coordinator.ask(r)
	}
	select {
	case err := <-r.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// AwaitCheckpoint takes a checkpoint of the running job before its time, and
// returns when it is whole and the output before it is final.
func (j *Job) AwaitCheckpoint(ctx context.Context) error {
	if j.saves.log == nil {
		return errors.New("the job takes no checkpoints: it was started without a place for them")
	}
	done := make(chan error, 1)
	c := j.coordinator
	if !c.tell(func() { c.waiters = append(c.waiters, done) }) {
		return ErrNotRunning
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// answerAll tells all who wait for a checkpoint what has become of it.
func answerAll(waiters []chan error, err error) {
	for _, w := range waiters {
		w <- err
	}
}

// savepoints reports whether another job may be asked to go on from this one.
func (j *Job) savepoints() bool { return j.opts.Savepoints || j.opts.SavepointOnEnd != "" }

// savepointRequest is a savepoint that is asked for, and then written.
type savepointRequest struct {
	dir  string
	done chan error // takes one

	writer *savepoint.Writer
	shard  *savepoint.Shard
	err    error // of what has been added
}

// failedSavepoint is the error of a savepoint that was not written. It is about the
// place that somebody has named, and says nothing about checkpoints.
type failedSavepoint struct{ error }

func (e failedSavepoint) Unwrap() error { return e.error }

// look does something with the directory before the savepoint begins, so that one
// that cannot be written is refused while nothing depends on it.
func (r *savepointRequest) look(system vfs.FS, do func(files vfs.FS, dir string) error) error {
	files, dir, err := vfs.At(system, r.dir)
	if err != nil {
		return err
	}
	return r.placed(do(files, dir))
}

// begin makes the directory.
func (r *savepointRequest) begin(j *Job) error {
	files, dir, err := vfs.At(j.opts.FS, r.dir)
	if err != nil {
		return err
	}
	w, err := savepoint.Create(files, dir, &j.spec.Job, j.groups)
	if err != nil {
		return r.placed(err)
	}
	r.writer, r.shard = w, w.Shard()
	return nil
}

// placed names the savepoint in an error.
func (r *savepointRequest) placed(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return fmt.Errorf("savepoint %s: %w", r.dir, p)
	}
	return err
}

// add takes a section of an operator's state, but for what does not live any more.
func (r *savepointRequest) add(operator int, data []byte, lives func(*state.Record) bool) {
	if r.err != nil || r.writer == nil {
		return
	}
	r.err = state.Decode(data, func(record *state.Record) error {
		if !lives(record) {
			return nil
		}
		return r.shard.Add(operator, record)
	})
}

// sweptUpTo is what a shard's state has been swept up to when it was cut.
type sweptUpTo struct{ mark, clock value.Timestamp }

// lives returns what reports whether a record has not been ended by a ttl when the
// shard cut its state. Memory sweeps such records away little by little, and stores
// have them until somebody looks: what a savepoint has may not depend on that.
func (sh *shard) lives(a *attempt) func(*state.Record) bool {
	mortal, ok := sh.op.(state.Mortal)
	if !ok {
		return func(*state.Record) bool { return true }
	}
	at := a.swept[sh]
	return func(r *state.Record) bool {
		if r.Gone != state.Present || r.Written == 0 {
			return true
		}
		ttl, byClock := mortal.Lifetime(r.State)
		now := at.mark
		if byClock {
			now = at.clock
		}
		return ttl == 0 || value.Since(now, r.Written) < ttl
	}
}

// write writes all that a savepoint has besides records.
func (r *savepointRequest) write(spec *Spec, from *checkpoint.State) error {
	if r.err != nil {
		return r.placed(r.err)
	}
	s := &savepoint.State{Pipeline: spec.Name, Hash: spec.Hash, Flowc: spec.Flowc, Run: from.Run, Epoch: from.Epoch}
	for _, src := range from.Sources {
		to := savepoint.Source{UID: src.UID}
		for _, p := range src.Partitions {
			to.Partitions = append(to.Partitions, savepoint.Partition(p))
		}
		s.Sources = append(s.Sources, to)
	}
	for _, op := range from.Operators {
		to := savepoint.Operator{UID: op.UID}
		for _, sh := range op.Shards {
			to.Marks = appendMark(to.Marks, savepoint.Mark(sh))
		}
		s.Operators = append(s.Operators, to)
	}
	for _, sink := range from.Sinks {
		s.Sinks = append(s.Sinks, savepoint.Sink(sink))
	}
	return r.placed(r.writer.Finish(s))
}

// appendMark joins ranges of key groups with the same watermark, so that the
// number of shards does not show.
func appendMark(marks []savepoint.Mark, m savepoint.Mark) []savepoint.Mark {
	if n := len(marks); n > 0 && marks[n-1].Mark == m.Mark && marks[n-1].Last+1 == m.First {
		marks[n-1].Last = m.Last
		return marks
	}
	return append(marks, m)
}

// drop removes what has been written.
func (r *savepointRequest) drop(j *Job) {
	if r.writer == nil {
		return
	}
	if err := r.writer.Drop(); err != nil {
		j.opts.Log.Warn("a savepoint that was given up is left behind", "savepoint", r.dir, "error", err)
	}
}

// answer tells whoever asked, unless they know already.
func (r *savepointRequest) answer(err error) {
	if r == nil || r.done == nil {
		return
	}
	select {
	case r.done <- err:
	default:
	}
}

// savepointImage is a savepoint as a snapshot to go on from.
type savepointImage struct {
	*savepoint.Savepoint
	state checkpoint.State
}

// openSavepoint opens the savepoint in a directory and looks at every byte of
// it. The error is savepoint.ErrNone if there is none.
func openSavepoint(files vfs.FS, dir string) (checkpoint.Image, error) {
	s, err := savepoint.Open(files, dir)
	if err != nil {
		return nil, err
	}
	if err := s.Verify(nil); err != nil {
		return nil, err
	}
	i := &savepointImage{Savepoint: s}
	i.state = checkpoint.State{Run: s.Run, Epoch: s.Epoch, Job: s.Job}
	i.state.Job.KeyGroups = s.KeyGroups
	for _, src := range s.Sources {
		to := checkpoint.Source{UID: src.UID}
		for _, p := range src.Partitions {
			to.Partitions = append(to.Partitions, checkpoint.Partition(p))
		}
		i.state.Sources = append(i.state.Sources, to)
	}
	for _, op := range s.Operators {
		to := checkpoint.Operator{UID: op.UID}
		for _, m := range op.Marks {
			to.Shards = append(to.Shards, checkpoint.Shard(m))
		}
		i.state.Operators = append(i.state.Operators, to)
	}
	for k := range s.Job.Operators { // those of a savepoint that no job has written
		uid := s.Job.Operators[k].UID
		if !slices.ContainsFunc(i.state.Operators, func(op checkpoint.Operator) bool { return op.UID == uid }) {
			all := checkpoint.Shard{First: 0, Last: s.KeyGroups - 1, Mark: value.MinTime}
			i.state.Operators = append(i.state.Operators, checkpoint.Operator{UID: uid, Shards: []checkpoint.Shard{all}})
		}
	}
	for _, sink := range s.Sinks {
		i.state.Sinks = append(i.state.Sinks, checkpoint.Sink(sink))
	}
	return i, nil
}

// State returns what the savepoint holds besides records.
func (i *savepointImage) State() *checkpoint.State { return &i.state }

// Place returns the directory.
func (i *savepointImage) Place() string { return i.Dir() }

// Changes returns 0: a savepoint has each entry once.
func (i *savepointImage) Changes(int, int, int) int64 { return 0 }

// Count returns how many records there are of an operator.
func (i *savepointImage) Count(uid string) (n int64) {
	for _, f := range i.Files {
		if f.UID == uid {
			n += f.Records
		}
	}
	return n
}

// Records gives the records of the operator with that index in State: the index
// in the description is another, as stages without state are not in it.
func (i *savepointImage) Records(operator, first, last int, each func(*state.Record) error) error {
	described := i.Job.OperatorAt(i.state.Operators[operator].UID)
	if described < 0 {
		return nil
	}
	return i.Savepoint.Records(described, first, last, each)
}
