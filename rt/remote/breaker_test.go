package remote

import (
	"testing"

	"github.com/flow-lang/flowc/rt/value"
)

// TestBreaker: after failures in a row calls are kept back, each time longer, and who
// asks when one may be made takes no turn from who makes it.
func TestBreaker(t *testing.T) {
	t.Parallel()
	b, now := &breaker{}, value.Timestamp(1000)
	call := func(good bool) {
		t.Helper()
		if from := b.from(now); from != now {
			t.Fatalf("at %d a call may be made from %d", now, from)
		}
		ok, trial, _ := b.allow(now)
		if !ok {
			t.Fatalf("at %d no call is let through", now)
		}
		if trial {
			if again, _, from := b.allow(now); again || from <= now || b.from(now) != from {
				t.Fatalf("two trials at once: from %d", from)
			}
		}
		b.ended(good, trial, now)
	}
	for range breakAfter {
		call(false)
	}
	for wait := openFirst; wait < openMost; wait *= 2 {
		from := now + value.Timestamp(wait)
		for _, early := range []value.Timestamp{now, from - 1} {
			if ok, _, when := b.allow(early); ok || when != from || b.from(early) != from {
				t.Fatalf("at %d a call is let through: %t, from %d, want %d", early, ok, when, from)
			}
		}
		now = from
		call(false)
	}
	now = b.from(now)
	call(true)
	for range 2 {
		if call(true); b.open() {
			t.Fatal("it stays open after a call that went well")
		}
	}
}
