package savepoint

import (
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/vfs"
)

// Regroup writes the records of a savepoint to another directory, in the order
// that they have with so many key groups. It sorts on disk, and holds no more
// than a buffer of them.
func Regroup(files vfs.FS, s *Savepoint, dir string, groups int) (*Savepoint, error) {
	w, err := Create(files, dir, &s.Job, groups)
	if err != nil {
		return nil, err
	}
	shard := w.Shard()
	for i, p := range s.parts {
		err := s.read(i, func(r *state.Record) error {
			moved := *r
			var err error
			if moved.Group, err = p.layout.groupOf(r.Key, groups); err != nil {
				return err
			}
			return shard.Add(p.operator, &moved)
		})
		if err != nil {
			return nil, err
		}
	}
	if err := w.Finish(&s.State); err != nil {
		return nil, err
	}
	return Open(files, dir)
}
