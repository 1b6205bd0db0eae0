package rt

import (
	"fmt"
	"os"
	"strings"

	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/state"
)

// MemoryState is the backend that holds all state in memory.
const MemoryState = "memory"

// defaultCache is how many bytes of memory state may take that lies in a store.
const defaultCache = 256 << 20

// openStores joins the operators to stores, if the options say that memory does
// not hold all state. Of the cache a quarter is for the blocks of the stores; the
// shards share what is left.
func (j *Job) openStores() error {
	o := &j.opts
	if o.State == "" || o.State == MemoryState {
		return nil
	}
	var spillable []*shard
	for _, s := range j.graph.stages {
		for _, sh := range s.shards {
			if _, ok := sh.op.(state.Spillable); ok {
				spillable = append(spillable, sh)
			}
		}
	}
	if len(spillable) == 0 {
		return nil // nothing that could lie elsewhere
	}
	backend, ok := state.FindBackend(o.State)
	if !ok {
		return usagef("--state %s: this program was built with the state in %s only: build it with flowc build --backends memory,%[1]s",
			o.State, strings.Join(append([]string{MemoryState}, state.Backends()...), " and "))
	}
	if o.StateDir == "" {
		return usagef("--state %s keeps its files in a folder: name one with --state-dir DIR", o.State)
	}
	cache := o.CacheSize
	if cache <= 0 {
		cache = defaultCache
	}
	stores, err := backend(state.StoresOptions{
		Dir: o.StateDir, Cache: cache / 4,
		Warn:  func(text string) { o.Log.Warn(text) },
		Fail:  j.Fail,
		Fatal: endProcess,
	})
	if err != nil {
		return err
	}
	j.stores = stores
	for _, sh := range spillable {
		sh.spill = sh.op.(state.Spillable).Spill(state.SpillOptions{
			Store: stores.Shard(j.shapeOf(sh), sh.first(), sh.last()),
			Room:  int(cache-cache/4) / len(spillable),
			Fail:  j.Fail,
		})
	}
	return nil
}

// endProcess ends a process in which a store is not to be trusted any more. What
// has been committed stays; the next start goes on from the last checkpoint.
func endProcess(err error) {
	_, _ = fmt.Fprintf(os.Stderr, "%v\n  help: mend the disk and start again: the job goes on from its last checkpoint\n", err)
	os.Exit(exitFail)
}

func (sh *shard) first() int {
	first, _ := sh.task.job.groupsOf(sh.task.index)
	return first
}

func (sh *shard) last() int {
	_, last := sh.task.job.groupsOf(sh.task.index)
	return last
}

// shapeOf says what a store must know of a shard's operator.
func (j *Job) shapeOf(sh *shard) state.Shape {
	shape := state.Shape{Operator: sh.stage.index, Shard: sh.task.index}
	op := operatorOf(&j.spec.Job, sh.stage.spec.UID)
	if op == nil {
		return shape
	}
	shape.States = len(op.States)
	for i := range op.States {
		kind := op.States[i].Kind
		shape.Maps = append(shape.Maps, kind != schema.Value && kind != schema.Aggregate)
	}
	for i := range op.Timers {
		shape.Maps = append(shape.Maps, op.Timers[i].Index != nil)
		shape.Clock = append(shape.Clock, op.Timers[i].Processing)
	}
	return shape
}

// durable returns the state of the shard as snapshots see it; nil if it has none.
func (sh *shard) durable() state.Durable {
	if sh.spill != nil {
		return sh.spill
	}
	durable, _ := sh.op.(state.Durable)
	return durable
}

// makeRoom lets state leave memory between handlers. When much of it has changed,
// and must stay for that, it is stored: with a checkpoint, or, if the job takes
// none, by itself.
func (sh *shard) makeRoom() {
	if sh.spill == nil || !sh.spill.Tick(sh.in.mark, sh.task.now) || sh.attempt != nil {
		return
	}
	if sh.task.job.saves.log == nil {
		sh.spill.Store()
		return
	}
	if sh.hurried != sh.cut+1 {
		sh.hurried = sh.cut + 1
		sh.task.job.coordinator.hurry()
	}
}
