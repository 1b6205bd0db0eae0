package checkpoint

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/vfs"
)

// A Store holds named blobs, as a directory or a bucket does. Names are of
// letters, digits, "-" and ".".
type Store interface {
	// PutIfAbsent makes a blob. It is there, and stays there through a loss of
	// power, when PutIfAbsent returns nil; before, it is there whole or not at
	// all. The error is fs.ErrExist if the name is taken. After any other error it
	// is unknown whether the blob is there. The store does not keep data.
	PutIfAbsent(name string, data []byte) error

	// PutFile is PutIfAbsent of what a file holds.
	PutFile(name string, f *state.StoreFile) error

	// Open opens a blob; the error is fs.ErrNotExist if there is none.
	Open(name string) (vfs.File, error)

	// Get returns a blob; the error is fs.ErrNotExist if there is none.
	Get(name string) ([]byte, error)

	// List returns the names of all blobs, sorted.
	List() ([]string, error)

	// Delete deletes a blob. One that is not there is no error.
	Delete(name string) error

	// Place returns where a blob is, for messages; of "", where the store is.
	Place(name string) string

	// Lock makes the store this process's own until the closer is closed. The
	// error says who has it.
	Lock(holder string) (io.Closer, error)
}

// OpenStore returns the store at a directory or URL. Nothing is created until
// something is put.
func OpenStore(system vfs.FS, place string) (Store, error) {
	on, dir, err := vfs.At(system, place)
	if err != nil {
		return nil, err
	}
	return InFolder(on, dir), nil
}

// InFolder returns the store in a folder of a file system.
func InFolder(system vfs.FS, dir string) Store { return &dirStore{fs: system, dir: dir} }

// The files of a directory that are no blobs.
const (
	lockName   = "lock"
	holderName = "holder" // who has the lock, as text
	trustName  = ".known" // what is known of files, see [trust]
	unfinished = ".tmp-"  // prefix of files that are being written
)

// dirStore is a directory.
type dirStore struct {
	fs  vfs.FS
	dir string
}

func (s *dirStore) Place(name string) string {
	if name == "" {
		return s.dir
	}
	return s.fs.PathJoin(s.dir, name)
}

// PutIfAbsent writes a file beside, syncs it, links it to its name and syncs the
// directory; or does it in one, where that can be.
func (s *dirStore) PutIfAbsent(name string, data []byte) error {
	if at, ok := s.fs.(vfs.Exclusive); ok {
		return at.PutNew(s.Place(name), data)
	}
	if _, err := s.fs.Stat(s.Place(name)); err == nil {
		return &fs.PathError{Op: "create", Path: s.Place(name), Err: fs.ErrExist}
	}
	if err := s.fs.MkdirAll(s.dir, 0o777); err != nil {
		return err
	}
	beside := s.Place(unfinished + name)
	err := vfs.WriteFile(s.fs, beside, data)
	return s.finish(beside, name, err)
}

// finish gives what was written and synced beside its name, unless that failed.
func (s *dirStore) finish(beside, name string, err error) error {
	if err == nil {
		err = s.fs.Link(beside, s.Place(name))
	}
	if removed := s.fs.Remove(beside); err == nil {
		err = removed
	}
	if err != nil {
		return err
	}
	return s.linked(name)
}

// linked makes a name last.
func (s *dirStore) linked(name string) error {
	if err := vfs.SyncDir(s.fs, s.dir); err != nil {
		// A later sync may say that all is well though this one was lost.
		return errors.Join(err, s.Delete(name))
	}
	return nil
}

// PutFile gives the file itself another name, where that can be, and else copies it.
func (s *dirStore) PutFile(name string, f *state.StoreFile) error {
	if at, ok := s.fs.(vfs.Exclusive); ok {
		data, err := readStored(f)
		if err != nil {
			return err
		}
		return at.PutNew(s.Place(name), data)
	}
	if _, err := s.fs.Stat(s.Place(name)); err == nil {
		return &fs.PathError{Op: "create", Path: s.Place(name), Err: fs.ErrExist}
	}
	if err := s.fs.MkdirAll(s.dir, 0o777); err != nil {
		return err
	}
	if f.Path != "" && s.fs == vfs.Default {
		if err := syncFile(f.Path); err != nil {
			return err
		}
		if s.fs.Link(f.Path, s.Place(name)) == nil {
			return s.linked(name)
		}
	}
	beside := s.Place(unfinished + name)
	return s.finish(beside, name, s.copy(beside, f))
}

// syncFile makes the content of a file of the system last.
func syncFile(path string) error {
	f, err := vfs.Default.OpenReadWrite(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// copy writes what a file holds, and syncs it.
func (s *dirStore) copy(to string, f *state.StoreFile) (err error) {
	in, err := f.Open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	out, err := s.fs.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, io.NewSectionReader(in, 0, f.Size))
	if err == nil {
		err = out.Sync()
	}
	return errors.Join(err, out.Close())
}

func readStored(f *state.StoreFile) (data []byte, err error) {
	in, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	data = make([]byte, f.Size)
	_, err = io.ReadFull(io.NewSectionReader(in, 0, f.Size), data)
	return data, err
}

func (s *dirStore) Open(name string) (vfs.File, error) { return s.fs.Open(s.Place(name)) }

func (s *dirStore) Get(name string) ([]byte, error) { return vfs.ReadFile(s.fs, s.Place(name)) }

func (s *dirStore) List() ([]string, error) {
	all, err := s.fs.List(s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var names []string
	for _, name := range all {
		if name != lockName && name != holderName && !strings.HasPrefix(name, ".") {
			names = append(names, name)
		}
	}
	return names, err
}

func (s *dirStore) Delete(name string) error {
	if err := s.fs.Remove(s.Place(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Lock locks the directory and takes away what was being written when a process
// before was killed.
func (s *dirStore) Lock(holder string) (io.Closer, error) {
	if err := s.fs.MkdirAll(s.dir, 0o777); err != nil {
		return nil, err
	}
	lock, err := s.fs.Lock(s.Place(lockName))
	if errors.Is(err, vfs.ErrLocked) {
		who, _ := vfs.ReadFile(s.fs, s.Place(holderName))
		if len(who) == 0 {
			who = []byte("another process")
		}
		return nil, &HeldError{Place: s.dir, Holder: string(who)}
	}
	if err != nil {
		return nil, err
	}
	err = s.sweep()
	if err == nil {
		err = vfs.WriteFile(s.fs, s.Place(holderName), []byte(holder))
	}
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return lock, nil
}

// sweep deletes what was being written.
func (s *dirStore) sweep() error {
	names, err := s.fs.List(s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // a bucket
	}
	for _, name := range names {
		if strings.HasPrefix(name, unfinished) {
			err = errors.Join(err, s.fs.Remove(s.Place(name)))
		}
	}
	return err
}

// HeldError says that a job runs on the same checkpoints.
type HeldError struct {
	Place  string // of the checkpoints
	Holder string // process id and host
}

// Error returns who holds the checkpoints and what to do.
func (e *HeldError) Error() string {
	return fmt.Sprintf("%s: the job runs already on these checkpoints, as %s: stop it first, or give another place to --checkpoint-to", e.Place, e.Holder)
}
