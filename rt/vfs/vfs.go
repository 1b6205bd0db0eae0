// Package vfs is the file system that a pipeline sees: the operating system's
// in production, one in memory in tests.
//
// [FS] has the methods of the interface of the same name in
// github.com/cockroachdb/pebble/v2/vfs, with fewer parameters where Pebble's
// serve only Pebble, so that one small adapter joins the two. It is not imported: a
// pipeline that keeps its state in memory is a binary of a few megabytes that
// builds in a second, and Pebble would make it ten times as large.
package vfs

import (
	"io"
	"io/fs"
)

// File is an open file, or an open directory (for Sync only).
type File interface {
	io.Closer
	io.Reader
	io.ReaderAt
	io.Writer
	Stat() (fs.FileInfo, error)
	Sync() error
}

// FS is a file system. Paths are those of the operating system; errors are as
// the os package returns them, so that errors.Is(err, fs.ErrNotExist) works.
type FS interface {
	// Create creates a file for reading and writing, or empties it.
	Create(name string) (File, error)
	// Open opens a file for reading.
	Open(name string) (File, error)
	// OpenReadWrite opens a file for reading and writing, and creates it if it
	// is not there.
	OpenReadWrite(name string) (File, error)
	// OpenAppend opens a file that is there for writing behind its first size
	// bytes, of which it must have so many, and cuts off what lies behind them.
	OpenAppend(name string, size int64) (File, error)
	// OpenDir opens a directory to sync it.
	OpenDir(name string) (File, error)
	// Link makes newname another name of oldname.
	Link(oldname, newname string) error
	// Remove removes a file or an empty directory.
	Remove(name string) error
	// RemoveAll removes name and all in it; a name that is not there is no
	// error.
	RemoveAll(name string) error
	// Rename gives a file another name, and takes that name from any other.
	Rename(oldname, newname string) error
	// MkdirAll makes a directory and those that lead to it.
	MkdirAll(dir string, perm fs.FileMode) error
	// Lock takes a file as a lock until the closer is closed. The error is
	// ErrLocked if another has it.
	Lock(name string) (io.Closer, error)
	// List returns the names in a directory, sorted.
	List(dir string) ([]string, error)
	// Stat describes a file, following links.
	Stat(name string) (fs.FileInfo, error)
	// PathBase returns the last element of a path.
	PathBase(path string) string
	// PathJoin joins elements to a path.
	PathJoin(elem ...string) string
	// PathDir returns all but the last element of a path.
	PathDir(path string) string
}
