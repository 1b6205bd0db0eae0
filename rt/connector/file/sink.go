package file

import (
	"encoding/json"
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

// Grade returns what the sink promises: what has been printed to standard output
// cannot be taken back.
func (s Sink) Grade() rt.Grade {
	if s.Path == Standard {
		return rt.AtLeastOnce
	}
	return rt.Transactional
}

// Open creates the file anew, or cuts it back to what the snapshot has of it, or
// prepares the directory.
func (s Sink) Open(env *rt.Env, from *rt.Recovery) ([]rt.Writer, error) {
	if err := checkPacking(s.Format, s.Path); err != nil {
		return nil, err
	}
	if p := s.Format.packing(s.Path); p != nil && p.Whole && !strings.HasSuffix(s.Path, "/") {
		return nil, fmt.Errorf("%s: a file of %s is whole or none, and cannot be cut back after a crash: write part files into a folder, with a path that ends in /", s.Path, p.Name)
	}
	if s.Path != Standard {
		if err := s.claim(env); err != nil {
			return nil, err
		}
	}
	if strings.HasSuffix(s.Path, "/") {
		return s.openParts(env, from)
	}
	w := &writer{path: shownPath(s.Path, "standard output"), packing: s.Format.packing(s.Path)}
	if s.Path == Standard {
		w.out = env.Stdout
		return []rt.Writer{w}, w.Write(s.Format.begin())
	}
	w.durable = env.Run != ""
	if length, ok, err := s.written(from); err != nil {
		return nil, err
	} else if ok {
		return []rt.Writer{w}, w.reopen(env.FS, s.Path, length)
	}
	if err := w.create(env.FS, s.Path); err != nil {
		return nil, err
	}
	err := w.Write(s.Format.begin())
	if err == nil && w.packing != nil && w.packing.Empty {
		err = w.pack()
	}
	if err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return []rt.Writer{w}, nil
}

// fileState is what a snapshot holds of a file.
type fileState struct {
	Path   string `json:"path"`
	Length int64  `json:"length"`
}

// written returns how long the snapshot says that the file is, if it says so.
func (s Sink) written(from *rt.Recovery) (length int64, ok bool, err error) {
	if from == nil || len(from.States) != 1 || len(from.States[0]) == 0 {
		return 0, false, nil
	}
	var state fileState
	if err := json.Unmarshal(from.States[0], &state); err != nil {
		return 0, false, fmt.Errorf("%s: the snapshot holds no file of this sink: %w", s.Path, err)
	}
	return state.Length, state.Path == s.Path, nil
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
	path    string // for messages
	fs      vfs.FS
	out     io.Writer
	file    vfs.File // nil for standard output
	packing *Packing // nil if the file is plain
	zip     Packer   // nil until there is something to pack
	length  int64    // bytes in the file, when nothing is left in zip
	durable bool     // what is prepared must outlast a crash
	linked  bool     // the name of the file has been made to last
}

// create creates the file.
func (w *writer) create(fs vfs.FS, path string) error {
	f, err := fs.Create(path)
	if err != nil {
		return explain(path, err)
	}
	w.use(fs, path, f)
	return nil
}

// reopen cuts the file back to a length, and goes on behind it.
func (w *writer) reopen(fs vfs.FS, path string, length int64) error {
	info, err := fs.Stat(path)
	if err != nil {
		return explain(path, err)
	}
	if !info.Mode().IsRegular() {
		return w.create(fs, path)
	}
	if info.Size() < length {
		return fmt.Errorf("%s: it has %d bytes, and had %d when the snapshot was taken: bring the old file back, or start anew", path, info.Size(), length)
	}
	f, err := fs.OpenAppend(path, length)
	if err != nil {
		return explain(path, err)
	}
	w.use(fs, path, f)
	w.length = length
	return nil
}

// use writes to a file that is open. A device or a pipe cannot be synced.
func (w *writer) use(fs vfs.FS, path string, f vfs.File) {
	w.fs, w.file, w.out = fs, f, f
	if info, err := f.Stat(); err == nil && !info.Mode().IsRegular() {
		w.durable = false
	}
	if w.packing != nil {
		w.out = nil // until there is something to pack
	}
}

func (w *writer) Write(rows []byte) error {
	if len(rows) == 0 {
		return nil
	}
	if err := w.pack(); err != nil {
		return err
	}
	n, err := w.out.Write(rows)
	if w.zip == nil {
		w.length += int64(n)
	}
	if err == nil && n < len(rows) {
		err = io.ErrShortWrite
	}
	return w.explain(err)
}

// pack begins to pack, if the file is packed and that has not been done.
func (w *writer) pack() error {
	if w.out != nil {
		return nil
	}
	zip, err := w.packing.Pack(counted{w}, w.length == 0)
	if err != nil {
		return w.explain(err)
	}
	w.zip, w.out = zip, zip
	return nil
}

// counted writes to a writer's file and counts.
type counted struct{ *writer }

func (c counted) Write(b []byte) (int, error) {
	n, err := c.file.Write(b)
	c.length += int64(n)
	if err == nil && n < len(b) {
		err = io.ErrShortWrite
	}
	return n, err
}

func (w *writer) Flush() error {
	if w.zip == nil {
		return nil
	}
	return w.explain(w.zip.Flush())
}

// Prepare makes what was written last. A packed file ends a member, so that it
// can be cut off here.
func (w *writer) Prepare(int64) ([]byte, error) {
	if err := w.endMember(); err != nil || !w.durable {
		return nil, err
	}
	if err := w.file.Sync(); err != nil {
		return nil, w.explain(err)
	}
	if !w.linked {
		if err := vfs.SyncDir(w.fs, w.fs.PathDir(w.path)); err != nil {
			return nil, w.explain(err)
		}
		w.linked = true
	}
	return json.Marshal(fileState{w.path, w.length})
}

// endMember ends what has been packed since the last time.
func (w *writer) endMember() error {
	if w.zip == nil {
		return nil
	}
	err := w.zip.Close()
	w.zip, w.out = nil, nil
	return w.explain(err)
}

// Commit does nothing: readers see rows as they are written.
func (w *writer) Commit(int64) error { return nil }

// Close closes the file. All that was written is there, whether the job ended
// well or not.
func (w *writer) Close() error {
	err := w.endMember()
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
