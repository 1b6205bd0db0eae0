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
	if strings.HasSuffix(s.Path, "/") {
		return s.openParts(env)
	}
	w := &writer{path: shownPath(s.Path, "standard output")}
	if s.Path == Standard {
		w.out = env.Stdout
	} else if input := inputAt(env, s.Path); input != "" {
		return nil, fmt.Errorf("%s: the program reads this file (as %s), and writing it would empty it: write another one", s.Path, input)
	} else if err := w.create(env.FS, s.Path); err != nil {
		return nil, err
	}
	if err := w.Write(s.Format.begin()); err != nil {
		return nil, errors.Join(err, w.Close(false))
	}
	return []rt.Writer{w}, nil
}

// inputAt returns the name by which the program reads the file at path; "" if it
// does not.
func inputAt(env *rt.Env, path string) string {
	info, err := env.FS.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return "" // it is not there, or cannot be emptied
	}
	for _, input := range env.Inputs() {
		if other, err := env.FS.Stat(input); err == nil && os.SameFile(info, other) || filepath.Clean(input) == filepath.Clean(path) {
			return input
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
