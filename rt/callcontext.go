package rt

import (
	"context"
	"sync"
	"time"
)

// callContext is the context of one call. It costs little as long as nobody
// waits for its end.
type callContext struct {
	deadline time.Time // of the system's clock

	mu     sync.Mutex
	parent context.Context
	done   chan struct{} // nil until someone asks for it
	err    error
	stop   func() bool // ends the watch over parent
}

// Deadline returns when the call times out.
func (c *callContext) Deadline() (time.Time, bool) { return c.deadline, true }

// Value returns what the job's context has.
func (c *callContext) Value(key any) any { return c.parent.Value(key) }

// Err returns why the context has ended, nil if it has not.
func (c *callContext) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		return c.parent.Err()
	}
	return c.err
}

// Done returns a channel that is closed when the context ends.
func (c *callContext) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done == nil {
		c.done = make(chan struct{})
		if c.err != nil {
			close(c.done)
		} else {
			c.stop = context.AfterFunc(c.parent, func() { c.end(context.Canceled) })
		}
	}
	return c.done
}

// end ends the context, unless it has ended.
func (c *callContext) end(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return
	}
	c.err = err
	if c.done != nil {
		close(c.done)
		c.stop()
	}
}
