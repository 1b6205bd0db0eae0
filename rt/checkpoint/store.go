package checkpoint

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"

	"github.com/flow-lang/flowc/rt/vfs"
)

// A Store holds named blobs, as a directory or a bucket does. Names are of
// letters, digits, "-" and ".".
type Store interface {
	// PutIfAbsent makes a blob. It is there, and stays there through a loss of
	// power, when PutIfAbsent returns nil; before, it is there whole or not at
	// all. The error is fs.ErrExist if the name is taken. After any other error it
	// is unknown whether the blob is there.
	PutIfAbsent(name string, data []byte) error

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

// opener makes a store from a URL.
type opener func(url string) (Store, error)

var (
	openersMu sync.Mutex
	openers   = map[string]opener{}
)

// Register makes URLs of a scheme known. A package that is linked for its kind
// of store calls it in its init.
func Register(scheme string, open func(url string) (Store, error)) {
	openersMu.Lock()
	defer openersMu.Unlock()
	openers[scheme] = open
}

// OpenStore returns the store at a directory or URL. Nothing is created until
// something is put.
func OpenStore(system vfs.FS, place string) (Store, error) {
	scheme, rest, ok := strings.Cut(place, "://")
	switch {
	case !ok:
		return &dirStore{fs: system, dir: place}, nil
	case scheme == "file":
		return &dirStore{fs: system, dir: rest}, nil
	}
	openersMu.Lock()
	open := openers[scheme]
	openersMu.Unlock()
	if open == nil {
		return nil, fmt.Errorf("%s: this program has no store for %s: give a directory, or a URL that begins with file://", place, scheme)
	}
	return open(place)
}

// The files of a directory that are no blobs.
const (
	lockName   = "lock"
	holderName = "holder" // who has the lock, as text
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
// directory.
func (s *dirStore) PutIfAbsent(name string, data []byte) error {
	if _, err := s.fs.Stat(s.Place(name)); err == nil {
		return &fs.PathError{Op: "create", Path: s.Place(name), Err: fs.ErrExist}
	}
	if err := s.fs.MkdirAll(s.dir, 0o777); err != nil {
		return err
	}
	beside := s.Place(unfinished + name)
	err := vfs.WriteFile(s.fs, beside, data)
	if err == nil {
		err = s.fs.Link(beside, s.Place(name))
	}
	if removed := s.fs.Remove(beside); err == nil {
		err = removed
	}
	if err != nil {
		return err
	}
	if err := vfs.SyncDir(s.fs, s.dir); err != nil {
		// A later sync may say that all is well though this one was lost.
		return errors.Join(err, s.Delete(name))
	}
	return nil
}

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
