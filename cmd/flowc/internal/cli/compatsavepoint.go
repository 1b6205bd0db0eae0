package cli

import (
	"errors"
	"fmt"

	"github.com/flow-lang/flowc/compat"
	"github.com/flow-lang/flowc/rt/savepoint"
	"github.com/flow-lang/flowc/rt/vfs"
)

// savepointSide reads the description of what a savepoint holds.
func savepointSide(dir string) (compat.Side, error) {
	s, err := savepoint.Open(vfs.Default, dir)
	switch {
	case errors.Is(err, savepoint.ErrNone):
		return compat.Side{}, &failure{fmt.Errorf("%s holds no savepoint", dir), "name the folder that holds savepoint.json"}
	case err != nil:
		return compat.Side{}, explainSavepoint(err)
	}
	return compat.Side{Name: "savepoint:" + dir, Job: &s.Job}, nil
}
