package evolve

import (
	"errors"
	"fmt"

	"github.com/flow-lang/flowc/rt/value"
)

// Hooks are the functions that the compiler makes of what a program says about
// its own migrations. A function takes old values in Avro binary and appends the
// new one to dst.
type Hooks struct {
	Migrate map[string]func(dst, old []byte) ([]byte, error)  // by "uid/state"
	Rekey   map[string]func(dst, old []byte) ([]byte, error)  // by uid
	Merge   map[string]func(dst, a, b []byte) ([]byte, error) // by uid
}

// Ran ends a hook: out is what it gave, unless it failed.
func Ran(out []byte, f *value.Fault) ([]byte, error) {
	if !f.Failed() {
		return out, nil
	}
	reason, _ := f.Take()
	return nil, &failed{reason}
}

// refused turns the failure of a hook into a refusal of the value at the front of
// src.
func refused(err error, old, new *typ, src []byte) error {
	var f *failed
	if errors.As(err, &f) {
		return misfit(old, new, src, f.Error())
	}
	return err
}

// failed is the error of a hook that could not make a new value.
type failed struct{ reason string }

func (e *failed) Error() string { return fmt.Sprintf("the program's migration fails: %s", e.reason) }
