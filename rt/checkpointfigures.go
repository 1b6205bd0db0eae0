package rt

import (
	"sync"

	"github.com/flow-lang/flowc/rt/value"
)

// maxHistory is how many checkpoints a job remembers.
const maxHistory = 50

// checkpointFigures are what the coordinator counts.
type checkpointFigures struct {
	mu sync.Mutex
	f  CheckpointFigures
}

// taken takes note of a checkpoint or savepoint that is whole at now.
func (c *checkpointFigures) taken(a *attempt, now value.Timestamp) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f := &c.f
	f.Completed++
	f.Duration, f.Bytes, f.At = micros(int64(now-a.begun)), a.bytes, now
	f.Pause, f.Size = micros(int64(a.paused())), a.size
	f.remember(CheckpointNote{ID: a.epoch, At: now, Duration: f.Duration, Pause: f.Pause, Bytes: a.bytes, Steps: a.figures()})
}

// missed takes note of one that was given up.
func (c *checkpointFigures) missed(a *attempt, err error, now value.Timestamp) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.f.Failed++
	c.f.remember(CheckpointNote{ID: a.epoch, At: now, Duration: micros(int64(now - a.begun)), Bytes: a.bytes, Err: err.Error()})
}

// paused returns the longest that a cut took, in µs.
func (a *attempt) paused() (most value.Timestamp) {
	for i := range a.stages {
		most = max(most, a.stages[i].paused)
	}
	return most
}

// figures returns those of the steps that have state.
func (a *attempt) figures() []CheckpointStep {
	var steps []CheckpointStep
	for i := len(a.stages) - 1; i >= 0; i-- {
		if s := &a.stages[i]; s.durable {
			steps = append(steps, CheckpointStep{
				UID: s.uid, Duration: micros(int64(s.saved - a.begun)), Pause: micros(int64(s.paused)), Bytes: s.bytes, Size: s.size,
			})
		}
	}
	return steps
}

func (f *CheckpointFigures) remember(n CheckpointNote) {
	if len(f.History) == maxHistory {
		f.History = append(f.History[:0], f.History[1:]...)
	}
	f.History = append(f.History, n)
}

// read returns a copy.
func (c *checkpointFigures) read() CheckpointFigures {
	c.mu.Lock()
	defer c.mu.Unlock()
	f := c.f
	f.History = append([]CheckpointNote(nil), f.History...)
	return f
}
