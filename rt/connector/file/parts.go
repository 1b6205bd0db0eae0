package file

import (
	"errors"
	"fmt"
	"strings"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/vfs"
)

// openParts prepares a directory and returns a writer per shard.
func (s Sink) openParts(env *rt.Env) ([]rt.Writer, error) {
	dir := strings.TrimSuffix(s.Path, "/")
	if err := env.FS.MkdirAll(dir, 0o777); err != nil {
		return nil, explain(s.Path, err)
	}
	if err := s.sweep(env.FS, dir); err != nil {
		return nil, err
	}
	writers := make([]rt.Writer, env.Parallelism)
	for i := range writers {
		name := fmt.Sprintf("part-%d-0.%s", i, s.Format.extension())
		writers[i] = &partWriter{
			fs:     env.FS,
			dir:    dir,
			format: s.Format,
			hidden: env.FS.PathJoin(dir, "."+name),
			final:  env.FS.PathJoin(dir, name),
		}
	}
	return writers, nil
}

// sweep deletes what an earlier run has left unfinished, and its finished parts
// if they may be overwritten.
func (s Sink) sweep(fs vfs.FS, dir string) error {
	names, err := fs.List(dir)
	if err != nil {
		return explain(s.Path, err)
	}
	for _, name := range names {
		if strings.HasPrefix(name, "part-") && !s.Overwrite {
			return fmt.Errorf("%s: the directory holds %s of an earlier run: take it away, or write overwrite: true", s.Path, name)
		}
	}
	for _, name := range names {
		if strings.HasPrefix(name, "part-") || strings.HasPrefix(name, ".part-") {
			if err := fs.Remove(fs.PathJoin(dir, name)); err != nil {
				return explain(fs.PathJoin(dir, name), err)
			}
		}
	}
	return nil
}

// partWriter writes one part file, whose name begins with a dot until the job
// has ended well. It is created with the first row.
type partWriter struct {
	fs            vfs.FS
	dir           string
	format        Format
	hidden, final string
	part          *writer
}

func (w *partWriter) Write(rows []byte) error {
	if w.part == nil {
		part := &writer{path: w.hidden, sync: true}
		if err := part.create(w.fs, w.hidden); err != nil {
			return err
		}
		w.part = part
		if err := part.Write(w.format.begin()); err != nil {
			return err
		}
	}
	return w.part.Write(rows)
}

func (w *partWriter) Flush() error {
	if w.part == nil {
		return nil
	}
	return w.part.Flush()
}

// Close closes the part and, with commit, gives it its final name once its
// content is on the disk.
func (w *partWriter) Close(commit bool) error {
	if w.part == nil {
		return nil
	}
	if err := w.part.Close(commit); err != nil || !commit {
		return err
	}
	if err := w.fs.Rename(w.hidden, w.final); err != nil {
		return explain(w.final, err)
	}
	return w.syncDir()
}

// syncDir makes the new name last.
func (w *partWriter) syncDir() error {
	d, err := w.fs.OpenDir(w.dir)
	if err != nil {
		return explain(w.dir, err)
	}
	return errors.Join(d.Sync(), d.Close())
}
