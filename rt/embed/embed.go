// Package embed runs pipelines inside another Go program.
//
// In goes what a generated package says of its program, and values on typed
// channels in the place of its sources; out come values on typed channels in the
// place of its sinks. A pipeline is made, given its channels, started, asked, and
// stopped; several may run in one process. What no channel stands in for is read
// and written as the program says.
//
// A source or sink with a channel must be one of jsonl: values travel as rows of
// JSON, with the names that the program has. Values cannot be read again: a
// pipeline that goes on from a checkpoint takes what comes, as from standard input,
// and gives values again that came after it.
package embed

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/flow-lang/flowc/rt"
)

// A State says how a pipeline is.
type State string

// The states.
const (
	Made    State = "made" // and not started
	Running State = "running"
	Ended   State = "ended" // its input has ended, or it was stopped
	Failed  State = "failed"
)

// Pipeline is a pipeline in this process. Its methods may be called by any
// goroutine; In and Out come before Start.
type Pipeline struct {
	spec rt.Spec
	opts rt.Options

	ins     map[string]rt.SourceConnector
	outs    map[string]rt.SinkConnector
	feeds   []func() // goroutines of inputs
	closers []func() // of outputs, when nothing comes any more
	dropped chan struct{}
	drop    func() // lets outputs that nobody reads go

	mu    sync.Mutex
	state State
	job   *rt.Job // the one that runs; nil before the first
	err   error
	stop  context.CancelFunc
	begun chan struct{} // closed when there is a job, or none will be
	ended chan struct{}
}

// ErrNotRunning is the error of what only a running pipeline can do.
var ErrNotRunning = errors.New("the pipeline does not run")

// New returns a pipeline that has not been started. spec is what the function
// Pipeline of a generated package returns; opts are as of [rt.Run]. opts.Source,
// Sink, Begun and Report are the pipeline's own.
func New(spec rt.Spec, opts rt.Options) *Pipeline {
	p := &Pipeline{
		spec: spec, opts: opts, state: Made, ins: map[string]rt.SourceConnector{}, outs: map[string]rt.SinkConnector{},
		dropped: make(chan struct{}), begun: make(chan struct{}), ended: make(chan struct{}),
	}
	p.drop = sync.OnceFunc(func() { close(p.dropped) })
	return p
}

// Start starts the pipeline, and returns when it runs or cannot. It runs until its
// input has ended, ctx is done, or Stop is called.
func (p *Pipeline) Start(ctx context.Context) error {
	if err := p.check(); err != nil {
		return err
	}
	p.mu.Lock()
	if p.state != Made {
		p.mu.Unlock()
		return fmt.Errorf("%s has been started already", p.spec.Name)
	}
	p.state = Running
	ctx, p.stop = context.WithCancel(ctx)
	p.mu.Unlock()
	opts := p.opts
	opts.Savepoints = true
	opts.Source = func(uid string) rt.SourceConnector { return p.ins[uid] }
	opts.Sink = func(uid string) rt.SinkConnector { return p.outs[uid] }
	begun := sync.OnceFunc(func() { close(p.begun) })
	opts.Begun = func(j *rt.Job) {
		p.mu.Lock()
		p.job = j
		p.mu.Unlock()
		begun()
	}
	for _, feed := range p.feeds {
		go feed()
	}
	go func() {
		p.end(rt.Run(ctx, p.spec, opts))
		begun()
	}()
	<-p.begun
	if p.Job() == nil {
		<-p.ended
		return p.err
	}
	return nil
}

// check looks whether the program has what there are channels for.
func (p *Pipeline) check() error {
	var sources, sinks []string
	for _, s := range p.spec.Job.Sources {
		sources = append(sources, s.UID)
	}
	for _, s := range p.spec.Job.Sinks {
		sinks = append(sinks, s.UID)
	}
	for uid := range p.ins {
		if !slices.Contains(sources, uid) {
			return fmt.Errorf("%s has no source with the uid %q%s", p.spec.Name, uid, meant(uid, sources))
		}
	}
	for uid := range p.outs {
		if !slices.Contains(sinks, uid) {
			return fmt.Errorf("%s has no sink with the uid %q%s", p.spec.Name, uid, meant(uid, sinks))
		}
	}
	return nil
}

// join puts a channel in the place of a source or sink of a pipeline that has not been
// started. What nobody would read, or close, is a mistake of the caller, and a panic.
func join[C any](p *Pipeline, all map[string]C, uid string, c C) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.state != Made {
		panic(fmt.Sprintf("embed: a channel for %q of %s, which has been started", uid, p.spec.Name))
	}
	if _, ok := all[uid]; ok {
		panic(fmt.Sprintf("embed: a second channel for %q of %s", uid, p.spec.Name))
	}
	all[uid] = c
}

// end takes note that the pipeline has ended.
func (p *Pipeline) end(err error) {
	p.mu.Lock()
	if p.state, p.err = Ended, err; err != nil {
		p.state = Failed
	}
	p.stop()
	p.mu.Unlock()
	for _, stop := range p.closers {
		stop()
	}
	close(p.ended)
}

// Stop stops the pipeline: what it has taken is handled and given out, and with
// checkpoints a last one is taken. It returns when that is done. When ctx is done
// before, what has not been taken from outputs is lost, and Stop returns when the
// pipeline has ended, or with ctx's error if it does not.
func (p *Pipeline) Stop(ctx context.Context) error {
	p.mu.Lock()
	stop := p.stop
	p.mu.Unlock()
	if stop == nil {
		return ErrNotRunning
	}
	stop()
	select {
	case <-p.ended:
	case <-ctx.Done():
		p.drop()
		return ctx.Err()
	}
	return p.err
}

// Wait waits until the pipeline has ended, and returns why it has failed, nil if
// it has not.
func (p *Pipeline) Wait(ctx context.Context) error {
	select {
	case <-p.ended:
		return p.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Savepoint writes a savepoint of the running pipeline to a directory that is
// empty or not there, from which this or another program can go on.
func (p *Pipeline) Savepoint(ctx context.Context, dir string) error {
	j := p.Job()
	if j == nil || !j.Running() {
		return ErrNotRunning
	}
	return j.Savepoint(ctx, dir, false)
}

// Checkpoint takes a checkpoint, beside those that time brings, and returns when
// it is whole and the output before it is final. The options must name a place for
// checkpoints.
func (p *Pipeline) Checkpoint(ctx context.Context) error {
	j := p.Job()
	if j == nil || !j.Running() {
		return ErrNotRunning
	}
	return j.AwaitCheckpoint(ctx)
}

// Done returns a channel that is closed when the pipeline has ended.
func (p *Pipeline) Done() <-chan struct{} { return p.ended }

// Job returns the job that runs, or has run last, to ask for its figures: nil
// before the first.
func (p *Pipeline) Job() *rt.Job {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.job
}

// Health says how a pipeline is.
type Health struct {
	State   State
	Err     error // why it has failed
	Figures rt.Figures
}

// Health says how the pipeline is, and what it has done.
func (p *Pipeline) Health() Health {
	p.mu.Lock()
	h := Health{State: p.state, Err: p.err}
	j := p.job
	p.mu.Unlock()
	if j != nil {
		h.Figures = j.Figures()
	}
	return h
}
