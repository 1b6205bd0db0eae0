package value_test

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"syscall"
	"testing"

	"github.com/flow-lang/flowc/rt/value"
)

// refusal is an error of a user's function that says whether another call may go well.
type refusal struct{ temporary bool }

func (refusal) Error() string     { return "refused" }
func (r refusal) Temporary() bool { return r.temporary }

// TestFailBy: a call is made again unless its error says that it is no use. What
// package net calls not temporary is a server that is just not there.
func TestFailBy(t *testing.T) {
	t.Parallel()
	refused := &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	for _, c := range []struct {
		err   error
		again bool
	}{
		{errors.New("busy"), true},
		{refusal{true}, true},
		{refusal{false}, false},
		{fmt.Errorf("find: %w", refusal{false}), false},
		{errors.Join(errors.New("busy"), refusal{false}), false},
		{&url.Error{Op: "Get", Err: refused}, true},
		{fmt.Errorf("find: %w", &url.Error{Op: "Get", Err: syscall.ECONNRESET}), true},
		{&url.Error{Op: "Get", Err: refusal{false}}, false},
	} {
		var f value.Fault
		if f.FailBy(at, c.err); f.Again() != c.again {
			t.Errorf("%v: again is %t", c.err, f.Again())
		}
	}
}
