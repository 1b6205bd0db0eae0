package rt

import (
	"sync"
	"testing"
	"time"
)

// TestLookWhileHeld looks at something that steps change, and is answered within
// a step that does not end.
func TestLookWhileHeld(t *testing.T) {
	t.Parallel()
	var r rest
	n, half := 0, 0
	over := make(chan struct{})
	var stepping sync.WaitGroup
	stepping.Go(func() {
		r.Lock()
		defer r.Unlock()
		for {
			select {
			case <-over:
				return
			default:
			}
			half++
			n++
			r.pause()
		}
	})
	var looking sync.WaitGroup
	for range 8 {
		looking.Go(func() {
			before := 0
			for range 200 {
				r.look(func() {
					if n != half || n < before {
						t.Errorf("%d and %d after %d", n, half, before)
					}
					before = n
				})
			}
		})
	}
	looking.Wait()
	close(over)
	stepping.Wait()
}

// TestLookBetweenSteps looks while steps that never pause begin and end: no
// question is left lying.
func TestLookBetweenSteps(t *testing.T) {
	t.Parallel()
	var r rest
	over := make(chan struct{})
	var stepping, looking sync.WaitGroup
	stepping.Go(func() {
		for {
			select {
			case <-over:
				return
			default:
				r.Lock()
				r.Unlock()
				time.Sleep(time.Microsecond)
			}
		}
	})
	looked := make([]int, 8)
	for i := range looked {
		looking.Go(func() {
			for range 500 {
				r.look(func() { looked[i]++ })
			}
		})
	}
	looking.Wait()
	close(over)
	stepping.Wait()
	for i, n := range looked {
		if n != 500 {
			t.Errorf("reader %d looked %d times, want 500", i, n)
		}
	}
}

// TestLookPanics gives a panic to who looks, and not to the step that lets it.
func TestLookPanics(t *testing.T) {
	t.Parallel()
	var r rest
	r.Lock()
	got := make(chan any)
	go func() {
		defer func() { got <- recover() }()
		r.look(func() { panic("mine") })
	}()
	for r.waiting.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	r.Unlock()
	if v := <-got; v != "mine" {
		t.Errorf("recovered %v, want mine", v)
	}
	r.look(func() {}) // it is held by nobody
}
