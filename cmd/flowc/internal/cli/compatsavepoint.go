package cli

import (
	"errors"
	"fmt"

	"github.com/flow-lang/flowc/compat"
	"github.com/flow-lang/flowc/rt/savepoint"
	"github.com/flow-lang/flowc/rt/vfs"
)

// savepointSide reads what a savepoint says of itself: its description, and how
// much it holds of each state. The records are not read.
func savepointSide(dir string) (compat.Side, error) {
	files, dir, err := vfs.At(vfs.Default, dir)
	if err != nil {
		return compat.Side{}, err
	}
	s, err := savepoint.Open(files, dir)
	if errors.Is(err, savepoint.ErrNone) {
		return compat.Side{}, &failure{fmt.Errorf("%s holds no savepoint", dir), "name the folder that holds " + savepoint.ManifestName}
	}
	var damage *savepoint.Damage
	if errors.As(err, &damage) {
		return compat.Side{}, &failure{err, "take another savepoint"}
	}
	if err != nil {
		return compat.Side{}, err
	}
	side := compat.Side{Name: "savepoint:" + dir, Job: &s.Job, Sizes: map[string]compat.Size{}}
	for _, f := range s.Files {
		name := f.UID + "/" + f.State + f.Timer
		size := side.Sizes[name]
		size.Entries += f.Records
		size.Bytes += f.Length
		side.Sizes[name] = size
	}
	return side, nil
}
