package rt

import (
	"context"

	"github.com/flow-lang/flowc/rt/checkpoint"
)

// verifying looks, beside the work of a job, at the files that stores go on from and
// that were not looked at before. Until it is through nothing is committed.
type verifying struct {
	cancel context.CancelFunc
	over   chan struct{} // closed when it is through; nil if there is nothing to look at
}

// begin begins to look at the files of a checkpoint, which may be nil.
func (v *verifying) begin(j *Job, m *checkpoint.Manifest) {
	if m == nil || !j.saves.log.IsLeft(m) {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	v.cancel, v.over = cancel, make(chan struct{})
	go func() {
		defer close(v.over)
		if err := j.saves.log.Verify(ctx, m); err != nil && ctx.Err() == nil {
			j.Fail(err)
		}
	}()
}

// await waits until it is through.
func (v *verifying) await() {
	if v.over != nil {
		<-v.over
	}
}

// end gives it up.
func (v *verifying) end() {
	if v.over != nil {
		v.cancel()
		<-v.over
	}
}
