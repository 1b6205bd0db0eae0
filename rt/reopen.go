package rt

import (
	"fmt"

	"github.com/flow-lang/flowc/rt/checkpoint"
	"github.com/flow-lang/flowc/rt/evolve"
	"github.com/flow-lang/flowc/rt/state"
)

// reopening says how stores go on from the files of a checkpoint, as they are.
type reopening struct {
	manifest *checkpoint.Manifest
	rows     []reopenedRows // by stage
	next     int            // number for an operator that has none in the stores
	forget   []int          // numbers of operators whose rows nobody goes on with
	reads    bool           // other records of the checkpoint are read beside
}

// reopenedRows are the rows that a stage goes on with.
type reopenedRows struct {
	number int // of its operator in the stores
	kept   bool
}

// reopens reports whether stores can go on from the files of a checkpoint, which may
// be nil: they hold rows by key group, and timers by shard.
func (j *Job) reopens(m *checkpoint.Manifest) bool {
	if m == nil || m.Stores == nil || m.Stores.Backend != j.opts.State || groupsOf(&m.Job) != j.groups {
		return false
	}
	for i := range m.Operators {
		op := &m.Operators[i]
		if _, ok := m.Stores.Number(op.UID); ok && len(op.Shards) != j.shards {
			return false
		}
	}
	return true
}

// reopen finds the stages that go on with rows of a checkpoint, which may be nil, as
// they are. e is the checkpoint as a program that has changed finds it, nil if this one
// has written it.
func (r *restoring) reopen(m *checkpoint.Manifest, e *evolvedImage) *reopening {
	if !r.job.reopens(m) {
		return nil
	}
	o := &reopening{manifest: m}
	kept := map[int]bool{}
	for i, st := range r.job.graph.stages {
		rows := o.rowsOf(st, e)
		if rows.kept {
			kept[rows.number] = true
		} else if r.operators[i] >= 0 {
			o.reads = e != nil
		}
		o.rows = append(o.rows, rows)
	}
	for _, op := range m.Stores.Operators {
		o.next = max(o.next, op.Number+1)
		if !kept[op.Number] {
			o.forget = append(o.forget, op.Number)
		}
	}
	if e != nil && len(kept) == 0 {
		return nil
	}
	return o
}

// rowsOf finds the rows that a stage goes on with.
func (o *reopening) rowsOf(st *stage, e *evolvedImage) (rows reopenedRows) {
	uid := st.spec.UID
	if e != nil {
		at := describedIndex(e.plan.New, uid)
		if _, ok := st.shards[0].op.(state.Spillable); !ok || at < 0 {
			return rows
		}
		was, become := e.plan.Rows(at)
		if become != evolve.RowsStay {
			return rows
		}
		uid = e.plan.Old.Operators[was].UID
	}
	rows.number, rows.kept = o.manifest.Stores.Number(uid)
	return rows
}

// numberStages gives stages the numbers that their operators have in stores.
func (j *Job) numberStages(o *reopening) {
	next := 0
	if o != nil {
		next = o.next
	}
	for i, s := range j.graph.stages {
		if s.kept = o != nil && o.rows[i].kept; s.kept {
			s.number = o.rows[i].number
			continue
		}
		s.number = next
		next++
	}
}

// reopenShard has a shard go on from the records that its store has.
func (r *restoring) reopenShard(sh *shard) error {
	err := sh.spill.Reopen(func(number int) bool {
		return sh.task.index == 0 || number < len(sh.broadcast) && sh.broadcast[number]
	})
	if err != nil {
		return fmt.Errorf("%s: step %q: %w", r.image.Place(), sh.stage.spec.Name, err)
	}
	return nil
}
