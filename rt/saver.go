package rt

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/flow-lang/flowc/rt/checkpoint"
	"github.com/flow-lang/flowc/rt/schema"
)

// smallSection is the length in bytes below which a section shares a file with
// others.
const smallSection = 256 << 10

// saver writes snapshots for the coordinator.
type saver struct {
	job      *Job
	log      *checkpoint.Log // nil if there are savepoints only
	retain   int
	run      string
	kept     []keptOperator     // by stage
	keeper   *checkpoint.Keeper // of the files of stores; nil if there are none
	manifest *checkpoint.Manifest
	sizes    [][]shardSize // by stage and shard
	programs []schema.Job  // that the formers of stages name
}

// keptOperator is what is known of the sections of a stage's state.
type keptOperator struct {
	sections []keptSection // that the next checkpoint names
	pending  []keptSection // of the attempt at hand, by shards that have not given all
	owners   []int         // of pending: the shards
}

// keptSection is a section in a file, or in memory until it is in one.
type keptSection struct {
	checkpoint.Section
	file checkpoint.File // if data is nil
	data []byte
}

// shardSize decides when a shard's state is written whole.
type shardSize struct {
	began   bool  // there is a base
	epoch   int64 // of it
	base    int64 // bytes
	changes int64 // bytes since
}

// minChanges is how many bytes of changes are not worth a new base.
const minChanges = 1 << 20

func newSaver(j *Job, log *checkpoint.Log, run string) *saver {
	s := &saver{job: j, log: log, run: run, retain: j.opts.Retain}
	s.kept = make([]keptOperator, len(j.graph.stages))
	s.sizes = make([][]shardSize, len(j.graph.stages))
	for i := range s.sizes {
		s.sizes[i] = make([]shardSize, j.shards)
	}
	return s
}

// bases decides which shards write all their state.
func (s *saver) bases(all bool) [][]bool {
	bases := make([][]bool, len(s.sizes))
	for i, shards := range s.sizes {
		bases[i] = make([]bool, len(shards))
		stored := s.job.graph.stages[i].isStored()
		for k, size := range shards {
			bases[i][k] = all || !stored && (!size.began || size.changes > max(size.base, minChanges))
		}
	}
	return bases
}

// begin prepares for an attempt.
func (s *saver) begin(a *attempt) error {
	if a.savepoint != nil {
		if err := a.savepoint.begin(s.job); err != nil {
			return failedSavepoint{err}
		}
	}
	return nil
}

// section takes a piece of a shard's state. Large ones are written at once; one
// that cannot be is tried again with the manifest.
func (s *saver) section(sh *shard, a *attempt, of section) {
	first, last := s.job.groupsOf(sh.task.index)
	data := of.data
	k := keptSection{Section: checkpoint.Section{First: first, Last: last, Epoch: a.epoch, Base: of.base, Length: int64(len(data)), Rows: of.rows}, data: data}
	if s.job.opts.Mutant == BasesAreChanges {
		k.Base = false
	}
	if a.savepoint != nil {
		if at := s.job.spec.Job.OperatorAt(sh.stage.spec.UID); at >= 0 {
			a.savepoint.add(at, data, sh.lives(a))
		}
	}
	if s.log == nil || sh.stage.isStored() {
		s.job.rooms.giveBack(data)
		return
	}
	op := &s.kept[sh.stage.index]
	if len(data) < smallSection {
		k.data = bytes.Clone(data) // there may be room for much more behind it
		s.job.rooms.giveBack(data)
	} else if file, err := s.log.Put(data); err == nil {
		k.file, k.data = file, nil
		s.job.rooms.giveBack(data)
	}
	op.pending = append(op.pending, k)
	op.owners = append(op.owners, sh.task.index)
}

// whole takes note that a shard has given all its state. What it gave counts
// even if the attempt fails: the shard will not give it again.
func (s *saver) whole(sh *shard) {
	op := &s.kept[sh.stage.index]
	pending, owners := op.pending, op.owners
	op.pending, op.owners = nil, nil
	size := &s.sizes[sh.stage.index][sh.task.index]
	for i, k := range pending {
		if owners[i] != sh.task.index {
			op.pending, op.owners = append(op.pending, k), append(op.owners, owners[i])
			continue
		}
		op.sections = append(op.sections, k)
		if k.Base && (!size.began || k.Epoch != size.epoch) {
			*size = shardSize{began: true, epoch: k.Epoch}
		}
		if k.Base {
			size.base += k.Length
		} else {
			size.changes += k.Length
		}
	}
}

// giveUp forgets what shards had given of which the rest is missing: they will
// give it again.
func (s *saver) giveUp(a *attempt) {
	for i := range s.kept {
		if s.job.opts.Mutant == DropOnAbort {
			s.kept[i].sections = slices.DeleteFunc(s.kept[i].sections, func(k keptSection) bool { return k.Epoch == a.epoch })
		}
		s.kept[i].pending, s.kept[i].owners = nil, nil
	}
	if a.savepoint != nil {
		a.savepoint.drop(s.job)
	}
}

// write makes a snapshot durable.
func (s *saver) write(a *attempt) error {
	state := s.state(a)
	if a.savepoint != nil {
		if err := a.savepoint.write(&s.job.spec, state); err != nil {
			return failedSavepoint{err}
		}
	}
	if s.log == nil {
		return nil
	}
	m := &checkpoint.Manifest{State: *state}
	if err := s.pack(); err != nil {
		return err
	}
	s.name(m)
	if err := s.stores(a, m); err != nil {
		return err
	}
	for i := range m.Operators {
		for _, section := range m.Operators[i].Sections {
			a.size += section.Length
			a.stages[i].size += section.Length
		}
	}
	if err := s.log.Commit(m); err != nil {
		return err
	}
	s.manifest = m
	s.job.saves.answers.publish(origin{s.log.Image(m), m})
	return nil
}

// stores puts the files of the stores into a checkpoint. All shards have given all
// they had, so the stores have the state of the cut, and nothing else.
func (s *saver) stores(a *attempt, m *checkpoint.Manifest) (err error) {
	if s.keeper == nil {
		return nil
	}
	files, release, err := s.job.stores.Files()
	if err != nil {
		return err
	}
	size, err := s.keeper.Put(files)
	if err = errors.Join(err, release()); err != nil {
		return err
	}
	a.bytes += size
	var operators []checkpoint.StoredOperator
	for _, st := range s.job.graph.stages {
		if st.isStored() {
			operators = append(operators, st.storedRows())
		}
	}
	var programs []schema.Job
	if slices.ContainsFunc(operators, func(op checkpoint.StoredOperator) bool { return len(op.Formers) > 0 }) {
		programs = s.programs
	}
	s.keeper.Name(m, operators, programs)
	for _, f := range m.Stores.Files {
		a.size += f.Length
	}
	return nil
}

// state returns what a snapshot holds besides records.
func (s *saver) state(a *attempt) *checkpoint.State {
	j := s.job
	state := &checkpoint.State{Run: s.run, Epoch: a.epoch, Job: j.spec.Job}
	for _, src := range j.graph.sources {
		saved := checkpoint.Source{UID: src.spec.UID}
		for _, p := range src.parts {
			saved.Partitions = append(saved.Partitions, a.parts[p])
		}
		state.Sources = append(state.Sources, saved)
	}
	for _, st := range j.graph.stages {
		saved := checkpoint.Operator{UID: st.spec.UID}
		for i, sh := range st.shards {
			first, last := j.groupsOf(i)
			saved.Shards = append(saved.Shards, checkpoint.Shard{First: first, Last: last, Mark: a.marks[sh]})
		}
		state.Operators = append(state.Operators, saved)
	}
	for _, sink := range j.graph.sinks {
		saved := checkpoint.Sink{UID: sink.spec.UID}
		for _, w := range sink.writers {
			saved.Writers = append(saved.Writers, a.outputs[w])
		}
		state.Sinks = append(state.Sinks, saved)
	}
	return state
}

// pack writes the sections that lie in memory into files, the small ones together
// into one.
func (s *saver) pack() error {
	var together []byte
	var small []*keptSection
	for i := range s.kept {
		s.kept[i].sections = needed(s.kept[i].sections)
		for k := range s.kept[i].sections {
			section := &s.kept[i].sections[k]
			switch {
			case section.data == nil || section.Length == 0:
			case section.Length >= smallSection:
				file, err := s.log.Put(section.data)
				if err != nil {
					return err
				}
				section.file, section.data = file, nil
			default:
				section.Offset = int64(len(together))
				together = append(together, section.data...)
				small = append(small, section)
			}
		}
	}
	if len(together) == 0 {
		return nil
	}
	file, err := s.log.Put(together)
	if err != nil {
		return err
	}
	for _, section := range small {
		section.file, section.data = file, nil
	}
	return nil
}

// needed leaves out sections that newer bases replace.
func needed(sections []keptSection) []keptSection {
	plain := make([]checkpoint.Section, len(sections))
	for i := range sections {
		plain[i] = sections[i].Section
		plain[i].File = i
	}
	var left []keptSection
	for _, p := range checkpoint.Needed(plain) {
		left = append(left, sections[p.File])
	}
	return left
}

// name names all sections and files in a manifest.
func (s *saver) name(m *checkpoint.Manifest) {
	number := m.Filing()
	for i := range s.kept {
		for _, k := range s.kept[i].sections {
			if k.Length > 0 {
				k.File = number(k.file)
			}
			m.Operators[i].Sections = append(m.Operators[i].Sections, k.Section)
		}
	}
}

// clean deletes checkpoints that are not to be kept.
func (s *saver) clean() error {
	if s.log == nil {
		return nil
	}
	return s.log.Retain(s.retain)
}

// adopt takes over the sections of the checkpoint that the job goes on from, so
// that the next one is written as changes to it.
func (s *saver) adopt(m *checkpoint.Manifest, operators []int) {
	for i, from := range operators {
		if from < 0 || s.job.graph.stages[i].isStored() {
			continue
		}
		if m.Stores.Operator(m.Operators[from].UID) != nil {
			continue // it has no sections
		}
		for _, section := range m.Operators[from].Sections {
			if s.job.opts.Mutant == ForgetBase {
				break
			}
			k := keptSection{Section: section}
			if section.Length > 0 {
				k.file = m.Files[section.File]
			}
			s.kept[i].sections = append(s.kept[i].sections, k)
			s.weigh(i, &section)
		}
		for shard := range s.sizes[i] {
			s.sizes[i][shard].began = true
		}
	}
}

// weigh counts a section of a checkpoint to the shards that now have its key
// groups.
func (s *saver) weigh(stage int, section *checkpoint.Section) {
	for shard := range s.sizes[stage] {
		first, last := s.job.groupsOf(shard)
		overlap := min(last, section.Last) - max(first, section.First) + 1
		if overlap <= 0 {
			continue
		}
		bytes := section.Length * int64(overlap) / int64(section.Last-section.First+1)
		if size := &s.sizes[stage][shard]; section.Base {
			size.base += bytes
		} else {
			size.changes += bytes
		}
	}
}

// position writes a reader's position for a snapshot.
func position(pos any) json.RawMessage {
	if pos == nil {
		return nil
	}
	text, err := json.Marshal(pos)
	if err != nil {
		panic(fmt.Sprintf("rt: a position that cannot be written: %v", err))
	}
	return text
}
