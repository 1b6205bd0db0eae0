package vfs

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
)

// Default is the file system of the operating system.
var Default FS = osFS{}

type osFS struct{}

func (osFS) Create(name string) (File, error) {
	return opened(os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o666))
}

func (osFS) Open(name string) (File, error) { return opened(os.Open(name)) }

func (osFS) OpenReadWrite(name string) (File, error) {
	return opened(os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o666))
}

func (osFS) OpenAppend(name string, size int64) (File, error) {
	f, err := os.OpenFile(name, os.O_RDWR, 0o666)
	if err != nil {
		return nil, err
	}
	if err = f.Truncate(size); err == nil {
		_, err = f.Seek(size, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func (osFS) OpenDir(name string) (File, error) { return opened(os.Open(name)) }

// opened keeps a nil *os.File out of the interface.
func opened(f *os.File, err error) (File, error) {
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (osFS) Link(oldname, newname string) error          { return os.Link(oldname, newname) }
func (osFS) Remove(name string) error                    { return os.Remove(name) }
func (osFS) RemoveAll(name string) error                 { return os.RemoveAll(name) }
func (osFS) Rename(oldname, newname string) error        { return os.Rename(oldname, newname) }
func (osFS) MkdirAll(dir string, perm fs.FileMode) error { return os.MkdirAll(dir, perm) }
func (osFS) Stat(name string) (fs.FileInfo, error)       { return os.Stat(name) }
func (osFS) PathBase(path string) string                 { return filepath.Base(path) }
func (osFS) PathJoin(elem ...string) string              { return filepath.Join(elem...) }
func (osFS) PathDir(path string) string                  { return filepath.Dir(path) }

func (osFS) Lock(name string) (io.Closer, error) {
	f, err := openLocked(name)
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (osFS) List(dir string) ([]string, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	names, err := f.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	sort.Strings(names)
	return names, nil
}
