package rt

import (
	"context"

	"github.com/flow-lang/flowc/rt/value"
)

// task is a lane or a shard as its worker sees it.
type task interface {
	Name() string
	Ready(now value.Timestamp) bool
	Done() bool
	Due() value.Timestamp
	step(now value.Timestamp)
	of() *Task
}

// workerTasks returns the tasks of a worker, the most downstream first.
func (j *Job) workerTasks(worker int) (tasks []task) {
	for _, s := range j.graph.stages {
		tasks = append(tasks, s.shards[worker])
	}
	for _, s := range j.graph.sources {
		if worker < len(s.lanes) {
			tasks = append(tasks, s.lanes[worker])
		}
	}
	return tasks
}

// writers returns the writers of all sinks.
func (j *Job) writers() (writers []*writer) {
	for _, s := range j.graph.sinks {
		writers = append(writers, s.writers...)
	}
	return writers
}

// Actors returns all that a driver steps: pumps, tasks, writers, in an order
// that is always the same.
func (j *Job) Actors() (actors []Actor) {
	for _, p := range j.pumps {
		actors = append(actors, p)
	}
	for w := range j.shards {
		for _, t := range j.workerTasks(w) {
			actors = append(actors, taskActor{t, j})
		}
	}
	for _, w := range j.writers() {
		actors = append(actors, writerActor{w})
	}
	for _, s := range j.graph.stages {
		if s.shards[0].caller != nil {
			actors = append(actors, outsideActor{&j.outside})
			break
		}
	}
	return append(actors, j.coordinator)
}

// Finish tells the writers that nothing more will come. A driver calls it when
// all pumps and tasks are done.
func (j *Job) Finish() {
	for _, w := range j.writers() {
		w.finish()
	}
}

// Tick makes partitions idle that have waited for input too long, and returns
// when to call it again. It may run beside the actors.
func (j *Job) Tick(now value.Timestamp) (next value.Timestamp) {
	next = value.MaxTime
	for _, s := range j.graph.sources {
		next = min(next, s.tick(now))
	}
	return next
}

// Due returns when a timer of processing time or a checkpoint is due, if nothing
// else happens.
func (j *Job) Due() (next value.Timestamp) {
	next = j.coordinator.Due()
	for w := range j.shards {
		for _, t := range j.workerTasks(w) {
			next = min(next, t.Due())
		}
	}
	return next
}

type taskActor struct {
	task
	job *Job
}

// Done reports that a task does nothing more, also because the job has failed
// and what came before is handled.
func (a taskActor) Done() bool {
	return a.task.Done() || a.job.failed.Load() && !a.Ready(value.MinTime)
}

func (a taskActor) Step(_ context.Context, now value.Timestamp) { a.step(now) }

// writerActor is done only after Finish.
type writerActor struct{ *writer }

// Writes tells writers from other actors.
func (writerActor) Writes() {}

func (a writerActor) Step(context.Context, value.Timestamp) { a.step() }
