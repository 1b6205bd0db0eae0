package file

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/vfs"
)

// Sink writes files.
type Sink struct {
	Path      string // a file, a directory if it ends in "/", or Standard
	Format    Format
	Overwrite bool // of a directory: part files of an earlier run are deleted
}

// Describe returns the sink as in Flow.
func (s Sink) Describe() string { return describe(s.Format, s.Path, "stdout") }

// Open creates the file anew, or prepares the directory.
func (s Sink) Open(env *rt.Env) ([]rt.Writer, error) {
	if err := checkPacking(s.Path); err != nil {
		return nil, err
	}
	if s.Path != Standard {
		if err := s.claim(env); err != nil {
			return nil, err
		}
	}
	if strings.HasSuffix(s.Path, "/") {
		return s.openParts(env)
	}
	w := &writer{path: shownPath(s.Path, "standard output")}
	if s.Path == Standard {
		w.out = env.Stdout
	} else if err := w.create(env.FS, s.Path); err != nil {
		return nil, err
	}
	if err := w.Write(s.Format.begin()); err != nil {
		return nil, errors.Join(err, w.Close(false))
	}
	return []rt.Writer{w}, nil
}

// claim makes the path the sink's own: no source reads it, and no other sink
// writes it.
func (s Sink) claim(env *rt.Env) error {
	if input := samePath(env.FS, s.Path, env.Inputs()); input != "" {
		return fmt.Errorf("%s: the program reads this file (as %s), and writing it would empty it: write another one", s.Path, input)
	}
	if output := samePath(env.FS, s.Path, env.Outputs()); output != "" {
		return fmt.Errorf("%s: another sink writes there already (as %s), and one would overwrite the other: write somewhere else", s.Path, output)
	}
	env.Writes(s.Path)
	return nil
}

// samePath returns which of the others leads to the same file or directory as
// path; "" if none does, or nothing is there that could be overwritten.
func samePath(fs vfs.FS, path string, others []string) string {
	info, err := fs.Stat(path)
	if err != nil || !info.Mode().IsRegular() && !info.IsDir() {
		return ""
	}
	for _, name := range others {
		if name == Standard {
			continue
		}
		if other, err := fs.Stat(name); err == nil && os.SameFile(info, other) || filepath.Clean(name) == filepath.Clean(path) {
			return name
		}
	}
	return ""
}

// writer writes one file.
type writer struct {
	path string // for messages
	out  io.Writer
	file vfs.File // nil for standard output
	zip  *gzip.Writer
	sync bool // Close puts the content on the disk before it returns
}

// create creates the file.
func (w *writer) create(fs vfs.FS, path string) error {
	f, err := fs.Create(path)
	if err != nil {
		return explain(path, err)
	}
	w.file, w.out = f, f
	if packed(path) {
		w.zip = gzip.NewWriter(f)
		w.out = w.zip
	}
	return nil
}

func (w *writer) Write(rows []byte) error {
	if len(rows) == 0 {
		return nil
	}
	_, err := w.out.Write(rows)
	return w.explain(err)
}

func (w *writer) Flush() error {
	if w.zip == nil {
		return nil
	}
	return w.explain(w.zip.Flush())
}

// Close closes the file. All that was written is there, whether the job ended
// well or not.
func (w *writer) Close(commit bool) error {
	var err error
	if w.zip != nil {
		err = w.zip.Close()
	}
	if w.file != nil && w.sync && commit {
		err = errors.Join(err, w.file.Sync())
	}
	if w.file != nil {
		err = errors.Join(err, w.file.Close())
	}
	return w.explain(err)
}

// explain names the file and says what a write error means.
func (w *writer) explain(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("%s: no space left on the device", w.path)
	case errors.Is(err, syscall.EPIPE):
		return fmt.Errorf("%s: whoever read it has gone (broken pipe)", w.path)
	}
	return explain(w.path, err)
}
