package rt

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/flow-lang/flowc/rt/avro"
	"github.com/flow-lang/flowc/rt/checkpoint"
	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
)

// positions returns the positions to go on from; nil if from is.
func positions(from *checkpoint.Source) []json.RawMessage {
	if from == nil {
		return nil
	}
	list := make([]json.RawMessage, len(from.Partitions))
	for i := range list {
		list[i] = from.Partitions[i].Position
	}
	return list
}

// goOn puts a partition where the snapshot has it. When there are other
// partitions than then, it begins with the least watermark of those that had not
// ended.
func (p *partition) goOn(from *checkpoint.Source, partitions int) {
	if partitions == len(from.Partitions) {
		at := &from.Partitions[p.index]
		p.mark, p.idle, p.over = at.Mark, at.Idle, at.Ended
		if p.source.job.opts.Mutant == ForgetMark {
			p.mark = value.MinTime
		}
		return
	}
	p.mark, p.over = value.MaxTime, true
	for _, at := range from.Partitions {
		p.mark = min(p.mark, at.Mark)
		p.over = p.over && at.Ended
	}
}

// restoring is a job that goes on from a snapshot.
type restoring struct {
	job       *Job
	image     checkpoint.Image
	sources   []*checkpoint.Source // by source of the graph; nil if it is new or to begin anew
	operators []int                // by stage: index in the image, -1 if it is new
	sinks     []*checkpoint.Sink   // by sink

	adopted  *checkpoint.Manifest // the checkpoint of the job's log that image is, as it is; nil if it is none
	reopened *reopening           // nil if stores do not go on from files of a checkpoint of the log
}

// plan finds for each part of the job what the snapshot has of it.
func (j *Job) plan(from origin) (*restoring, error) {
	e, err := j.resolved(from.image)
	if err != nil {
		return nil, err
	}
	r := &restoring{job: j, image: from.image}
	if e == nil {
		r.adopted = from.manifest
	} else {
		r.image = e
	}
	saved := r.image.State()
	reset := map[string]bool{}
	for _, name := range j.opts.ResetSources {
		reset[name] = true
	}
	for _, s := range j.graph.sources {
		var from *checkpoint.Source
		for i := range saved.Sources {
			if saved.Sources[i].UID == s.spec.UID && !reset[s.spec.Name] && !reset[s.spec.UID] {
				from = &saved.Sources[i]
			}
		}
		delete(reset, s.spec.Name)
		delete(reset, s.spec.UID)
		r.sources = append(r.sources, from)
	}
	for name := range reset {
		var names []string
		for _, s := range j.graph.sources {
			names = append(names, s.spec.Name)
		}
		return nil, unknown("source", name, names)
	}
	for _, st := range j.graph.stages {
		at := -1
		for i := range saved.Operators {
			if saved.Operators[i].UID == st.spec.UID {
				at = i
			}
		}
		r.operators = append(r.operators, at)
	}
	for _, s := range j.graph.sinks {
		from := &checkpoint.Sink{UID: s.spec.UID}
		for i := range saved.Sinks {
			if saved.Sinks[i].UID == s.spec.UID {
				from = &saved.Sinks[i]
			}
		}
		r.sinks = append(r.sinks, from)
	}
	r.reopened = r.reopen(from.manifest, e)
	return r, r.look(from, e)
}

// look looks, before anything has changed, at all that the job reads of what it goes
// on from: that files of stores are whole which are not opened as they are, and that
// the values fit that might not.
func (r *restoring) look(from origin, e *evolvedImage) error {
	scans := e != nil && e.scans()
	if from.manifest != nil && !r.readsOnce() {
		if err := r.job.saves.log.VerifyUnread(from.manifest); err != nil {
			return err
		}
	}
	if from.manifest != nil && (r.reopened == nil || r.reopened.reads || scans) {
		if err := r.job.saves.log.Verify(context.Background(), from.manifest); err != nil {
			return err
		}
	}
	if !scans {
		return nil
	}
	return e.scan(r.job.opts.Scanned)
}

// readsOnce reports whether each file of records is read by one shard, and once: then it
// is verified as it is read. What is read several times is verified before, for that is
// remembered.
func (r *restoring) readsOnce() bool {
	o := &r.job.opts
	if r.adopted == nil || o.State != "" && o.State != MemoryState {
		return false
	}
	for i, at := range r.operators {
		if at < 0 {
			continue
		}
		saved := r.image.State().Operators[at]
		op := r.job.spec.Job.Operator(saved.UID)
		if len(saved.Shards) != len(r.job.graph.stages[i].shards) {
			return false
		}
		if r.job.shards > 1 && op != nil && slices.ContainsFunc(op.States, func(s schema.State) bool { return s.Broadcast }) {
			return false
		}
	}
	return true
}

func groupsOf(job *schema.Job) int {
	if job.KeyGroups <= 0 {
		return schema.DefaultKeyGroups
	}
	return job.KeyGroups
}

// groupsOf returns the first and last key group of a shard.
func (j *Job) groupsOf(shard int) (first, last int) {
	groups := groupsOf(&j.spec.Job)
	first = (shard*groups + j.shards - 1) / j.shards
	last = ((shard+1)*groups+j.shards-1)/j.shards - 1
	return first, last
}

// restore gives every shard its state and watermark, the most upstream first. All files
// of a checkpoint have been verified when it returns.
func (r *restoring) restore() error {
	stages := r.job.graph.stages
	for i := len(stages) - 1; i >= 0; i-- {
		for _, sh := range stages[i].shards {
			if err := r.shard(sh, r.operators[i]); err != nil {
				return err
			}
		}
	}
	if r.adopted != nil {
		return r.job.saves.log.VerifyUnread(r.adopted)
	}
	return nil
}

// shard restores one shard.
func (r *restoring) shard(sh *shard, operator int) error {
	first, last := r.job.groupsOf(sh.task.index)
	mark := value.MinTime
	if operator >= 0 {
		for _, was := range r.image.State().Operators[operator].Shards {
			if was.First <= last && first <= was.Last {
				mark = max(mark, was.Mark)
			}
		}
		restore := func() error { return r.records(sh, operator, first, last) }
		if sh.task.job.opts.Mutant == LateRestore {
			sh.restore, restore = restore, func() error { return nil }
		}
		if err := restore(); err != nil {
			return err
		}
	}
	if sh.task.job.opts.Mutant == ForgetMark {
		mark = value.MinTime
	}
	sh.goOn(mark)
	if durable := sh.durable(); durable != nil {
		if err := durable.Restored(mark); err != nil {
			return fmt.Errorf("%s: step %q: %w", r.image.Place(), sh.stage.spec.Name, err)
		}
	}
	if sh.caller != nil { // what is under way is known now
		sh.told, sh.due = sh.outMark(), value.MinTime
		sh.toldIdle = sh.toldIdle && sh.told == sh.in.mark
	}
	return nil
}

// records gives a shard its records. Broadcast state, which one shard has saved,
// goes to every shard.
func (r *restoring) records(sh *shard, operator, first, last int) error {
	durable := sh.durable()
	if durable == nil {
		return nil
	}
	if sh.stage.kept && sh.spill != nil {
		return r.reopenShard(sh)
	}
	if sh.task.job.opts.Mutant == MisroutedGroup {
		last -= (last - first) / 4
	}
	restore := sh.naming(sh.mutated(durable.Restore))
	var err error
	image, ok := r.image.(inRows)
	rows, takesRows := durable.(state.RowsDurable)
	switch {
	case !ok:
		err = r.image.Records(operator, first, last, restore)
	case takesRows && !sh.changesRecords():
		rows.Reserve(image.Keys(operator, first, last))
		err = image.RestoreRows(operator, first, last, rows.RestoreRows, restore)
	default:
		err = image.RecordsAhead(operator, first, last, sh.ahead(), restore)
	}
	if err == nil && first > 0 && sh.broadcast != nil {
		err = r.image.Records(operator, 0, 0, func(record *state.Record) error {
			if record.Gone != state.KeyGone && record.State < len(sh.broadcast) && sh.broadcast[record.State] {
				return durable.Restore(record)
			}
			return nil
		})
	}
	var damage *checkpoint.Damage
	switch {
	case err == nil:
		return nil
	case errors.As(err, &damage) && r.adopted != nil:
		return r.job.saves.log.Help(r.adopted, damage)
	}
	return fmt.Errorf("%s: step %q: %w", r.image.Place(), sh.stage.spec.Name, err)
}

// inRows is an image that may have rows, and tells of records before it gives them.
type inRows interface {
	RestoreRows(operator, first, last int, rows func([]state.Row) error, each func(*state.Record) error) error
	Keys(operator, first, last int) int
	RecordsAhead(operator, first, last int, ahead func([]state.Record), each func(*state.Record) error) error
}

// ahead returns what fetches into the cache what some records need; nil if there is
// nothing to fetch. So the misses of many keys are waited for together.
func (sh *shard) ahead() func([]state.Record) {
	table, ok := sh.durable().(interface{ Ahead(hashes []uint64) })
	op := sh.task.job.spec.Job.Operator(sh.stage.spec.UID)
	if !ok || op == nil || op.Key == nil || op.Key.Shape == schema.Record {
		return nil
	}
	var hashes []uint64
	return func(records []state.Record) {
		hashes = hashes[:0]
		for i := range records {
			if i > 0 && len(records[i].Key) > 0 && len(records[i-1].Key) > 0 && &records[i].Key[0] == &records[i-1].Key[0] {
				continue // that of the one before
			}
			if hash, err := avro.HashKey(op.Key, records[i].Key); err == nil {
				hashes = append(hashes, hash)
			}
		}
		table.Ahead(hashes)
	}
}

// mutated returns how the records of a shard are restored, which is as it should
// be unless a mutant says otherwise.
func (sh *shard) mutated(restore func(*state.Record) error) func(*state.Record) error {
	job := sh.task.job
	op := job.spec.Job.Operator(sh.stage.spec.UID)
	switch {
	case job.opts.Mutant == ForgetTimers && op != nil:
		return func(r *state.Record) error {
			if r.State >= len(op.States) {
				return nil
			}
			return restore(r)
		}
	case job.opts.Mutant == ForgetWritten:
		return func(r *state.Record) error {
			r.Written = 0
			return restore(r)
		}
	}
	return restore
}

// changesRecords reports whether a mutant restores records otherwise than they are.
func (sh *shard) changesRecords() bool {
	m := sh.task.job.opts.Mutant
	return m == ForgetTimers || m == ForgetWritten
}

// goOn puts the shard's watermark where it was, and those of its channels where
// their senders are. Its first step, which needs no input, finds when a timer of
// processing time is due.
func (sh *shard) goOn(mark value.Timestamp) {
	sh.in.mark, sh.in.latest = mark, mark
	sh.due = value.MinTime
	for i, up := range sh.stage.ups {
		for k := range sh.in.groups[i].channels {
			ch := &sh.in.groups[i].channels[k]
			if up.source != nil {
				p := up.source.parts[k]
				ch.mark, ch.idle = p.mark, p.idle
			} else if up.stage.loop == nil || up.stage.loop != sh.stage.loop {
				ch.mark, ch.idle = up.stage.shards[k].told, up.stage.shards[k].toldIdle
			}
		}
	}
	sh.told, sh.toldIdle = sh.in.mark, sh.in.idle()
}

// goOnInLoops puts the channels within loops where their senders are, once all
// are restored.
func (r *restoring) goOnInLoops() {
	for _, st := range r.job.graph.stages {
		for _, sh := range st.shards {
			for i, up := range st.ups {
				if up.stage == nil || st.loop == nil || up.stage.loop != st.loop {
					continue
				}
				for k := range sh.in.groups[i].channels {
					from := up.stage.shards[k]
					sh.in.groups[i].channels[k].mark, sh.in.groups[i].channels[k].idle = from.told, from.toldIdle
				}
			}
		}
	}
}

// describeSaving notes which state the first shard saves for all.
func (sh *shard) describeSaving() {
	op := sh.task.job.spec.Job.Operator(sh.stage.spec.UID)
	if op == nil {
		return
	}
	for i := range op.States {
		if !op.States[i].Broadcast {
			continue
		}
		if sh.broadcast == nil {
			sh.broadcast = make([]bool, len(op.States))
		}
		sh.broadcast[i] = true
	}
}

// checkDurable reports a step whose state cannot be saved.
func (j *Job) checkDurable() error {
	for _, s := range j.graph.stages {
		op := j.spec.Job.Operator(s.spec.UID)
		if s.shards[0].durable() == nil && op != nil && len(op.States)+len(op.Timers) > 0 {
			return fmt.Errorf("the state of the step %q cannot be saved: build the program again, with this version of flowc", s.spec.Name)
		}
	}
	return nil
}
