package rt

import (
	"sync"
	"sync/atomic"
)

// rest keeps the state of a shard still while somebody looks at it. A step holds
// it. Who wants to look meanwhile leaves a question, which the step answers at its
// next pause, between two batches of records: neither waits for the end of the
// step, and no goroutine has to be switched to for the step to go on.
type rest struct {
	held    sync.Mutex   // by a step, or by who looks
	waiting atomic.Int32 // length of left
	mu      sync.Mutex   // guards left
	left    []*look
}

// look is a question that was left.
type look struct {
	at    func()
	over  chan struct{} // closed when it has been answered
	panic any           // what at panicked with
}

// Lock begins a step.
func (r *rest) Lock() { r.held.Lock() }

// Unlock ends what Lock began. Questions that came meanwhile are answered.
func (r *rest) Unlock() {
	r.pause()
	r.held.Unlock()
	r.settle()
}

// settle answers questions if nobody holds the state: one that was left just
// before it was let go of must not lie there.
func (r *rest) settle() {
	for r.waiting.Load() > 0 && r.held.TryLock() {
		r.answer()
		r.held.Unlock()
	}
}

// pause answers the questions that wait. The state is held, and at rest.
func (r *rest) pause() {
	if r.waiting.Load() > 0 {
		r.answer()
	}
}

func (r *rest) answer() {
	r.mu.Lock()
	left := r.left
	r.left = nil
	r.waiting.Store(0)
	r.mu.Unlock()
	for _, l := range left {
		l.answer()
	}
}

// answer answers a question. A panic is that of who asked, not of the step.
func (l *look) answer() {
	defer func() {
		l.panic = recover()
		close(l.over)
	}()
	l.at()
}

// look calls at while the state is at rest: on this goroutine, or on that of the
// step under way. at takes nothing that a step waits for.
func (r *rest) look(at func()) {
	if r.held.TryLock() {
		defer r.Unlock()
		at()
		return
	}
	l := &look{at: at, over: make(chan struct{})}
	r.mu.Lock()
	r.left = append(r.left, l)
	r.waiting.Store(int32(len(r.left)))
	r.mu.Unlock()
	r.settle()
	<-l.over
	if l.panic != nil {
		panic(l.panic)
	}
}
