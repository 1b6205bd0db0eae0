package rt

import (
	"context"
	"sync"

	"github.com/flow-lang/flowc/rt/value"
)

// Cache keeps the results of calls by what was asked: the last of them, for a
// time. Any goroutine may use it. Of several that ask the same at once, one calls
// and the others wait for it. A nil Cache keeps nothing.
type Cache[V any] struct {
	job  *Job
	size int64
	ttl  value.Timestamp

	mu     sync.Mutex
	kept   map[string]*cached[V]
	newest *cached[V] // in the order of their last use
	oldest *cached[V]
}

// cached is a result, or the call that is to give it.
type cached[V any] struct {
	key          string
	value        V
	until        value.Timestamp
	ready        chan struct{} // closed when there is a result, or there will be none; nil if there is one
	lost         bool          // the call has failed
	newer, older *cached[V]
	inUse        bool // it stands in the order
}

// NewCache returns a cache of at most size results, each of which is good for
// ttl. It is nil if that is none.
func NewCache[V any](t *Task, size int64, ttl value.Duration) *Cache[V] {
	if size <= 0 || ttl <= 0 {
		return nil
	}
	return &Cache[V]{job: t.job, size: size, ttl: value.Timestamp(ttl), kept: map[string]*cached[V]{}}
}

// Get returns the result for a key, by a call if there is none. What has failed,
// which f tells, is not kept.
func (c *Cache[V]) Get(ctx context.Context, key []byte, f *value.Fault, call func() V) V {
	if c == nil {
		return call()
	}
	for {
		e, own := c.find(key)
		if own {
			return c.fill(e, f, call)
		}
		if e.ready == nil {
			return e.value
		}
		select {
		case <-e.ready:
			if !e.lost {
				return e.value
			}
		case <-ctx.Done():
			return call() // which sees that, too
		}
	}
}

// find returns what is kept for a key, or a place that the caller has to fill.
func (c *Cache[V]) find(key []byte) (e *cached[V], own bool) {
	now := c.job.now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.kept[string(key)]; e != nil {
		if !e.inUse || now < e.until {
			c.use(e)
			return e.copy(), false
		}
		c.drop(e)
	}
	e = &cached[V]{key: string(key), ready: make(chan struct{})}
	c.kept[e.key] = e
	return e, true
}

// copy returns what a reader may look at without the lock. While the call is
// under way it is the entry itself, which is read when that has ended.
func (e *cached[V]) copy() *cached[V] {
	if !e.inUse {
		return e
	}
	return &cached[V]{value: e.value}
}

// fill calls, and keeps the result.
func (c *Cache[V]) fill(e *cached[V], f *value.Fault, call func() V) V {
	done := false
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if done {
			e.until, e.inUse = c.job.now()+c.ttl, true
			c.push(e)
			for c.oldest != nil && int64(len(c.kept)) > c.size && c.oldest != e {
				c.drop(c.oldest)
			}
		} else {
			e.lost = true
			delete(c.kept, e.key)
		}
		close(e.ready)
	}()
	e.value = call()
	done = !f.Failed()
	return e.value
}

// use puts a result at the newer end of the order.
func (c *Cache[V]) use(e *cached[V]) {
	if e.inUse && c.newest != e {
		c.unlink(e)
		c.push(e)
	}
}

func (c *Cache[V]) push(e *cached[V]) {
	if e.older = c.newest; c.newest != nil {
		c.newest.newer = e
	} else {
		c.oldest = e
	}
	c.newest = e
}

func (c *Cache[V]) unlink(e *cached[V]) {
	if e.newer != nil {
		e.newer.older = e.older
	} else {
		c.newest = e.older
	}
	if e.older != nil {
		e.older.newer = e.newer
	} else {
		c.oldest = e.newer
	}
	e.newer, e.older = nil, nil
}

// drop forgets a result.
func (c *Cache[V]) drop(e *cached[V]) {
	c.unlink(e)
	delete(c.kept, e.key)
}
