package rt

import (
	"fmt"
	"os"
	"strings"

	"github.com/flow-lang/flowc/rt/checkpoint"
	"github.com/flow-lang/flowc/rt/state"
)

// MemoryState is the backend that holds all state in memory.
const MemoryState = "memory"

// pebbleState is the one that a program has if it is linked.
const pebbleState = "pebble"

// defaultCache is how many bytes of memory state may take that lies in a store.
const defaultCache = 256 << 20

// openStores joins the operators to stores, if the options say that memory does
// not hold all state. Of the cache a quarter is for the blocks of the stores; the
// shards share what is left.
//
// r, if it is not nil, is what the job goes on from: with the files of stores, if it
// has them and they can be gone on from.
func (j *Job) openStores(r *restoring) error {
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
	var from *reopening
	var files []state.StoreFile
	if r != nil && r.reopened != nil {
		from = r.reopened
		files = j.saves.log.StoreFiles(from.manifest)
	}
	j.numberStages(from)
	stores, err := backend(state.StoresOptions{
		Dir: o.StateDir, Files: files, Cache: cache / 4,
		Warn:  func(text string) { o.Log.Warn(text) },
		Fail:  j.Fail,
		Fatal: endProcess,
	})
	if err != nil {
		return err
	}
	j.stores = stores
	if from != nil {
		if err := stores.Forget(from.forget); err != nil {
			return err
		}
	}
	room := int(cache-cache/4) / len(spillable)
	for _, sh := range spillable {
		var programs *checkpoint.Stores
		if from != nil {
			programs = &from.stores
		}
		store, err := j.openShard(sh, programs, room)
		if err != nil {
			return err
		}
		sh.spill = sh.op.(state.Spillable).Spill(state.SpillOptions{Store: store, Room: room, Fail: j.Fail})
	}
	return nil
}

// endProcess ends a process in which a store is not to be trusted any more. What
// has been committed stays; the next start goes on from the last checkpoint.
func endProcess(err error) {
	_, _ = fmt.Fprintf(os.Stderr, "%v\n  help: mend the disk and start again: the job goes on from its last checkpoint\n", err)
	os.Exit(exitFail)
}

// isStored reports whether checkpoints have the stage's state in files of stores.
func (s *stage) isStored() bool {
	return s.shards[0].spill != nil && s.shards[0].task.job.saves.log != nil
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
// and must stay for that, it is stored; where it may not be stored yet, the shard
// takes no further records once too much has changed.
func (sh *shard) makeRoom() {
	if sh.spill == nil {
		return
	}
	full := sh.spill.Tick(sh.in.mark, sh.task.now)
	if full && sh.mayStore() {
		sh.spill.Store()
		full = false
	}
	was := sh.full
	sh.full = full && sh.spill.Overflows() && sh.stage.loop == nil
	sh.blocked = sh.blocked && (sh.full || !was)
}

// mayStore reports whether the stores may take what has changed: not between the cut
// for a snapshot and the moment at which that has the files of the stores, for these
// are to hold the state of the cut and nothing else.
func (sh *shard) mayStore() bool {
	j := sh.task.job
	return sh.attempt == nil && sh.cut <= max(j.committing.Load(), j.aborted.Load())
}
