package compat_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/avro"
	"github.com/flow-lang/flowc/rt/evolve"
	"github.com/flow-lang/flowc/rt/savepoint"
	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
	"github.com/flow-lang/flowc/rt/vfs"
)

// stored is a record of a savepoint: of the operator with a uid, of its state
// with a number.
type stored struct {
	uid string
	state.Record
}

func (s *stored) String() string {
	return fmt.Sprintf("%s %d group %d key %x sub %x value %x written %d", s.uid, s.State, s.Group, s.Key, s.Sub, s.Value, s.Written)
}

func sortStored(list []stored) {
	slices.SortFunc(list, func(a, b stored) int {
		return cmp.Or(cmp.Compare(a.uid, b.uid), cmp.Compare(a.State, b.State), cmp.Compare(a.Group, b.Group), bytes.Compare(a.Key, b.Key), bytes.Compare(a.Sub, b.Sub), bytes.Compare(a.Value, b.Value))
	})
}

// A keeper is an operator that does nothing but keep its state.
type keeper struct {
	rt.Stateless
	shard    int
	states   []schema.State
	messages int  // number of messages
	changes  bool // what comes is changes of what came
	records  []state.Record
	store    state.Store // that they go through; nil for none
	batch    state.Batch
}

func (k *keeper) Track()                  {}
func (k *keeper) Cut(bool) state.Snapshot { return &kept{k} }
func (k *keeper) Copy() state.Snapshot    { return &kept{k} }

// Restored takes what the store has made of the records, if there is one.
func (k *keeper) Restored(value.Timestamp) error {
	if k.store == nil {
		return nil
	}
	if k.batch == nil {
		return nil
	}
	k.batch.Send(value.MinTime, value.MinTime)
	if err := k.batch.Wait(); err != nil {
		return err
	}
	scan, err := k.store.Scan(state.Place{})
	if err != nil {
		return err
	}
	k.records = nil
	for done := false; !done && err == nil; {
		done, err = scan.Next(1<<10, func(r *state.Record) { k.records = append(k.records, cloned(r)) })
	}
	return errors.Join(err, scan.Close())
}

func cloned(r *state.Record) state.Record {
	c := *r
	c.Key, c.Sub, c.Value = bytes.Clone(r.Key), bytes.Clone(r.Sub), bytes.Clone(r.Value)
	return c
}

func (k *keeper) Restore(r *state.Record) error {
	if k.store != nil {
		if k.batch == nil {
			k.batch = k.store.Batch()
		}
		k.batch.Add(r)
	}
	if r.Gone != state.Present {
		k.take(r)
		return nil
	}
	c := cloned(r)
	same := func(o state.Record) bool {
		return o.State == c.State && bytes.Equal(o.Key, c.Key) && bytes.Equal(o.Sub, c.Sub)
	}
	if i := slices.IndexFunc(k.records, same); i >= 0 {
		again := bytes.Equal(k.records[i].Value, c.Value) && k.records[i].Written == c.Written
		if !again && !k.isSet(c.State) && !k.changes {
			return fmt.Errorf("a record comes twice: %+v", r)
		}
		k.records[i] = c
		return nil
	}
	k.records = append(k.records, c)
	return nil
}

// take takes away what a record of changes says.
func (k *keeper) take(r *state.Record) {
	k.changes = true
	k.records = slices.DeleteFunc(k.records, func(o state.Record) bool {
		switch {
		case !bytes.Equal(o.Key, r.Key):
			return false
		case r.Gone == state.KeyGone:
			return o.State != k.messages
		case r.Gone == state.AllGone:
			return o.State == r.State
		}
		return o.State == r.State && bytes.Equal(o.Sub, r.Sub)
	})
}

// isSet reports whether a state is a set, into which an element may be put twice.
// Broadcast state may come twice as it is.
func (k *keeper) isSet(number int) bool {
	return number < len(k.states) && k.states[number].Kind == schema.Set
}

// kept is all that a keeper has. Broadcast state is given by the first shard.
type kept struct{ *keeper }

func (k *kept) Drop() {}
func (k *kept) Next(_ int, emit func(*state.Record)) bool {
	for i := range k.records {
		if r := &k.records[i]; k.shard == 0 || r.State >= len(k.states) || !k.states[r.State].Broadcast {
			emit(r)
		}
	}
	return true
}

// emptySource is a source that has ended.
type emptySource struct{}

func (emptySource) Describe() string { return "nothing" }
func (emptySource) Open(*rt.Env, []json.RawMessage) ([]rt.Reader, error) {
	return []rt.Reader{emptySource{}}, nil
}
func (emptySource) Bounded() bool                         { return true }
func (emptySource) Close() error                          { return nil }
func (emptySource) Position() any                         { return 0 }
func (emptySource) Read(context.Context, *rt.Block) error { return io.EOF }

type emptyLane struct{ to []*rt.Sender[struct{}] }

func (*emptyLane) Block(*rt.Block) {}

// shapeOf is what a store must know of an operator's shard. Each has a number of its
// own there, as each may have records of all key groups.
func shapeOf(op *schema.Operator, number, shard int) state.Shape {
	const shards = 64
	shape := state.Shape{Operator: number*shards + shard, Shard: shard, States: len(op.States)}
	for i := range op.States {
		shape.Maps = append(shape.Maps, op.States[i].Kind != schema.Value && op.States[i].Kind != schema.Aggregate)
	}
	for i := range op.Timers {
		shape.Maps = append(shape.Maps, op.Timers[i].Index != nil)
		shape.Clock = append(shape.Clock, op.Timers[i].Processing)
	}
	return shape
}

// specOf is a job that keeps the state of a program. changes says that it is given
// what changed, and not each thing once.
func specOf(job *schema.Job, hooks evolve.Hooks, changes bool, stores state.Stores) rt.Spec {
	return rt.Spec{Name: job.Pipeline, Job: *job, Hooks: hooks, Wire: func(g *rt.Graph) {
		var edges []*rt.Edge[struct{}]
		for i := range job.Operators {
			stage := rt.NewStage(g, rt.StageSpec{UID: job.Operators[i].UID, Name: job.Operators[i].Name}, func(t *rt.Task) *keeper {
				op := &job.Operators[i]
				k := &keeper{shard: t.Index(), states: op.States, messages: len(op.States) + len(op.Timers), changes: changes}
				if stores != nil && op.Messages() == nil { // messages never lie in a store
					k.store = stores.Shard(shapeOf(op, i, t.Index()), 0, job.KeyGroups-1)
				}
				return k
			})
			edges = append(edges, rt.Connect(stage, "r", func(*keeper, *rt.Batch[struct{}]) {}, nil))
		}
		rt.AddSource(g, rt.SourceSpec{UID: job.Sources[0].UID, Name: "events", EventTime: true, Connector: emptySource{}}, func(t *rt.Task) rt.Lane {
			l := &emptyLane{}
			for _, e := range edges {
				l.to = append(l.to, e.From(t))
			}
			return l
		})
	}}
}

// now is the processing time of all jobs of this test.
const now = value.Timestamp(1_700_000_000_000_000)

// markOf is the watermark that a step had reached.
func markOf(uid string) value.Timestamp {
	n := value.Timestamp(1_000_000)
	for _, c := range uid {
		n = n*31 + value.Timestamp(c)
	}
	return n % 1_000_000_000_000
}

// save writes records as a savepoint of a program.
func save(files vfs.FS, dir string, job *schema.Job, records []stored) error {
	w, err := savepoint.Create(files, dir, job, job.KeyGroups)
	if err != nil {
		return err
	}
	sh := w.Shard()
	for i := range records {
		at := job.OperatorAt(records[i].uid)
		if err := sh.Add(at, &records[i].Record); err != nil {
			return err
		}
	}
	s := &savepoint.State{Pipeline: job.Pipeline, Run: "run", Sources: []savepoint.Source{{UID: job.Sources[0].UID, Partitions: []savepoint.Partition{{Position: json.RawMessage("0"), Mark: 7}}}}}
	for i := range job.Operators {
		uid := job.Operators[i].UID
		half := job.KeyGroups / 2
		s.Operators = append(s.Operators, savepoint.Operator{UID: uid, Marks: []savepoint.Mark{
			{First: 0, Last: half - 1, Mark: markOf(uid) - 1}, {First: half, Last: job.KeyGroups - 1, Mark: markOf(uid)},
		}})
	}
	return w.Finish(s)
}

// restore lets a program go on from the savepoint in a directory, and returns
// what it then has.
func restore(files vfs.FS, from string, job *schema.Job, hooks evolve.Hooks, parallelism int, changes bool, stores state.Stores) ([]stored, error) {
	err := rt.Run(context.Background(), specOf(job, hooks, changes, stores), rt.Options{
		FS: files, Parallelism: parallelism, From: from, SavepointOnEnd: "after",
		Now: func() value.Timestamp { return now },
	})
	if err != nil {
		return nil, err
	}
	return load(files, "after")
}

// load reads all records of a savepoint.
func load(files vfs.FS, dir string) ([]stored, error) {
	s, err := savepoint.Open(files, dir)
	if err != nil {
		return nil, err
	}
	if err := s.Verify(nil); err != nil {
		return nil, err
	}
	var out []stored
	for i := range s.Job.Operators {
		op := &s.Job.Operators[i]
		err := s.Records(i, 0, s.KeyGroups-1, func(r *state.Record) error {
			c := *r
			c.Key, c.Sub, c.Value = bytes.Clone(r.Key), bytes.Clone(r.Sub), bytes.Clone(r.Value)
			out = append(out, stored{op.UID, c})
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	sortStored(out)
	return out, nil
}

// groupOf is the key group of a key.
func groupOf(job *schema.Job, k *schema.Type, key []byte) int {
	if k == nil {
		return 0
	}
	hash, err := avro.HashKey(k, key)
	must(err)
	return value.Group(hash, job.KeyGroups)
}
