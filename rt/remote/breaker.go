package remote

import (
	"sync"

	"github.com/flow-lang/flowc/rt/value"
)

// breaker keeps calls from a function that does not answer: after several
// failures in a row it is open, and lets one call through in a while until one
// goes well. All shards of a step share it.
type breaker struct {
	mu       sync.Mutex
	failures int             // in a row
	opened   int             // times in a row that a trial has failed
	until    value.Timestamp // when a trial may be made; 0 if it is closed
	trial    bool            // one is under way
}

const (
	breakAfter = 5                       // failures in a row
	openFirst  = 500 * value.Millisecond // until the first trial
	openMost   = 10 * value.Second       // between two trials
)

// allow reports whether a call may be made, and whether it is a trial; when not,
// from when on one may be.
func (b *breaker) allow(now value.Timestamp) (ok, trial bool, from value.Timestamp) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.until == 0 {
		return true, false, 0
	}
	if from = b.next(now); from > now {
		return false, false, from
	}
	b.trial = true
	return true, true, 0
}

// from returns when the next call may be made, which is now if one may.
func (b *breaker) from(now value.Timestamp) value.Timestamp {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.next(now)
}

func (b *breaker) next(now value.Timestamp) value.Timestamp {
	if b.trial {
		return now + value.Timestamp(openFirst)
	}
	return max(now, b.until)
}

// ended notes how a call has ended, and reports whether that has opened or closed the
// breaker.
func (b *breaker) ended(good, trial bool, now value.Timestamp) (changed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	was := b.until != 0
	switch {
	case good:
		b.failures, b.opened, b.until, b.trial = 0, 0, 0, false
		return was
	case was && !trial:
		return false // it was begun before the others failed
	}
	if b.failures++; b.failures < breakAfter && !was {
		return false
	}
	wait := openFirst
	for i := 0; i < b.opened && wait < openMost; i++ {
		wait *= 2
	}
	b.opened++
	b.trial = false
	b.until = now + value.Timestamp(min(wait, openMost))
	return !was
}

// open reports whether calls are kept back.
func (b *breaker) open() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.until != 0
}
