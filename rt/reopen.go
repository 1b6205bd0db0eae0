package rt

import (
	"fmt"
	"slices"

	"github.com/flow-lang/flowc/rt/checkpoint"
	"github.com/flow-lang/flowc/rt/evolve"
	"github.com/flow-lang/flowc/rt/state"
)

// reopening says how stores go on from the files of a checkpoint.
type reopening struct {
	manifest *checkpoint.Manifest
	rows     []*checkpoint.StoredOperator // by stage: what it has in the stores; nil if nothing
	stores   checkpoint.Stores            // has the programs that their formers name
	next     int                          // number for an operator that has none in the stores
	forget   []int                        // numbers of operators whose rows nobody goes on with
	reads    bool                         // other records of the checkpoint are read beside
}

// reopens reports whether stores can go on from the files of a checkpoint, which may
// be nil: they hold rows by key group, and timers by shard.
func (j *Job) reopens(m *checkpoint.Manifest) bool {
	if m == nil || m.Stores == nil || m.Stores.Backend != j.opts.State || groupsOf(&m.Job) != j.groups {
		return false
	}
	for i := range m.Operators {
		op := &m.Operators[i]
		if m.Stores.Operator(op.UID) != nil && len(op.Shards) != j.shards {
			return false
		}
	}
	return true
}

// reopen finds the stages that go on with rows of a checkpoint, which may be nil. e is
// the checkpoint as a program that has changed finds it, nil if this one has written it.
func (r *restoring) reopen(m *checkpoint.Manifest, e *evolvedImage) *reopening {
	if !r.job.reopens(m) {
		return nil
	}
	o := &reopening{manifest: m, stores: checkpoint.Stores{Programs: slices.Clone(m.Stores.Programs)}}
	for _, op := range m.Stores.Operators {
		o.next = max(o.next, slices.Max(numbersOf(&op))+1)
	}
	kept := map[int]bool{}
	for i, st := range r.job.graph.stages {
		of := o.rowsOf(st, e)
		o.rows = append(o.rows, of)
		if of == nil {
			o.reads = o.reads || e != nil && r.operators[i] >= 0
			continue
		}
		for _, number := range numbersOf(of) {
			kept[number] = true
		}
	}
	for _, op := range m.Stores.Operators {
		for _, number := range numbersOf(&op) {
			if !kept[number] {
				o.forget = append(o.forget, number)
			}
		}
	}
	if e != nil && len(kept) == 0 {
		return nil
	}
	return o
}

// numbersOf are the numbers of all rows of an operator.
func numbersOf(op *checkpoint.StoredOperator) []int {
	list := []int{op.Number}
	for _, f := range op.Formers {
		list = append(list, f.Number)
	}
	return list
}

// rowsOf finds what a stage has in the stores: where it was, or left there by the older
// program.
func (o *reopening) rowsOf(st *stage, e *evolvedImage) *checkpoint.StoredOperator {
	stored := o.manifest.Stores
	if e == nil {
		return stored.Operator(st.spec.UID)
	}
	at := e.plan.New.OperatorAt(st.spec.UID)
	if _, ok := st.shards[0].op.(state.Spillable); !ok || at < 0 {
		return nil
	}
	was, become := e.plan.Rows(at)
	if become == evolve.RowsAnew {
		return nil
	}
	of := stored.Operator(e.plan.Old.Operators[was].UID)
	if of == nil {
		return nil
	}
	now := &checkpoint.StoredOperator{UID: st.spec.UID, Number: of.Number, Rows: of.Rows, Formers: of.Formers, Names: of.Names}
	if become == evolve.RowsStay && (!of.Rows || st.inRows()) {
		return now
	}
	moment := e.moment(at)
	step := checkpoint.Step{
		From: o.stores.Program(e.plan.Old), FromUID: of.UID, To: o.stores.Program(e.plan.New), ToUID: st.spec.UID,
		Mark: moment.Mark, Now: moment.Now,
	}
	now.Number, now.Rows = o.next, st.inRows()
	now.Formers = []checkpoint.Former{{Number: of.Number, Rows: of.Rows, Steps: []checkpoint.Step{step}}}
	o.next++
	for _, f := range of.Formers {
		now.Formers = append(now.Formers, checkpoint.Former{Number: f.Number, Rows: f.Rows, Steps: append(slices.Clone(f.Steps), step)})
	}
	return now
}

// numberStages says what stages have in stores, and gives a number to those that have
// nothing.
func (j *Job) numberStages(o *reopening) {
	next := 0
	if o != nil {
		next = o.next
	}
	for i, s := range j.graph.stages {
		if s.kept = o != nil && o.rows[i] != nil; s.kept {
			s.stored = *o.rows[i]
			continue
		}
		s.stored = checkpoint.StoredOperator{UID: s.spec.UID, Number: next, Rows: s.inRows()}
		next++
	}
}

// inRows reports whether stores have each key of the stage in a row: all that is saved of
// it is one.
func (s *stage) inRows() bool {
	_, ok := s.shards[0].op.(state.RowsDurable)
	return ok
}

// movePart is which part of the memory for state keys may take that are converted
// beside the work of a shard, between two checkpoints.
const movePart = 8

// openShard opens what a shard has in the stores. Its keys may take so much memory.
func (j *Job) openShard(sh *shard, of *checkpoint.Stores, room int) (state.Store, error) {
	first, last := j.groupsOf(sh.task.index)
	s, err := of.Open(j.stores, &sh.stage.stored, j.spec.Job.Operator(sh.stage.spec.UID), sh.task.index, state.LazyOptions{
		First: first, Last: last, Portion: max(room/movePart, 1), Aside: j.stores.Aside,
		Pace: func() state.Rest { return j.pace(sh.task.index) },
	})
	sh.lazy, _ = s.(*state.Lazy)
	return s, err
}

// beginMoving begins what runs beside the work of shards.
func (j *Job) beginMoving() { j.eachLazy((*state.Lazy).Begin) }

// stopMoving ends it.
func (j *Job) stopMoving() { j.eachLazy((*state.Lazy).Stop) }

func (j *Job) eachLazy(do func(*state.Lazy)) {
	for _, st := range j.graph.stages {
		for _, sh := range st.shards {
			if sh.lazy != nil {
				do(sh.lazy)
			}
		}
	}
}

// storedRows returns what a checkpoint says of a stage's rows in stores.
func (s *stage) storedRows() checkpoint.StoredOperator {
	now := s.stored
	now.Names = s.shards[0].task.job.registered.stored(s.spec.UID)
	for _, sh := range s.shards {
		if sh.lazy != nil && !sh.lazy.Over() {
			return now
		}
	}
	now.Formers = nil // all is converted
	return now
}

// reopenShard has a shard go on from the records that its store has.
func (r *restoring) reopenShard(sh *shard) error {
	if sh.task.index == 0 {
		sh.task.noteStored(sh.stage.stored.Names)
	}
	err := sh.spill.Reopen(func(number int) bool {
		return sh.task.index == 0 || number < len(sh.broadcast) && sh.broadcast[number]
	})
	if err != nil {
		return fmt.Errorf("%s: step %q: %w", r.image.Place(), sh.stage.spec.Name, err)
	}
	return nil
}
