// Package bucket makes a bucket of an object store a file system: S3 and what
// speaks its language at s3://BUCKET/PATH, with the parameters that
// gocloud.dev/blob/s3blob knows (region, endpoint, use_path_style), and one in
// memory at mem://NAME, for tests.
//
// It has what checkpoints and savepoints need. A file is put whole when it is
// closed or synced, and then lasts. Folders are what stands before a slash. There
// are no locks: who writes to the same checkpoints later takes them over, and who
// wrote before is told at the next one.
package bucket

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/blob/memblob"
	_ "gocloud.dev/blob/s3blob" // s3://
	"gocloud.dev/gcerrors"

	"github.com/flow-lang/flowc/rt/vfs"
)

func init() {
	vfs.Register("s3", open)
	vfs.Register("mem", openMemory)
}

// patience is how long one request may take, with all that the client tries again.
const patience = 2 * time.Minute

// open opens the bucket of a URL. What stands behind its name is a path in it.
func open(place string) (vfs.FS, string, error) {
	u, err := url.Parse(place)
	if err != nil || u.Host == "" {
		return nil, "", fmt.Errorf("%s: it names no bucket: write %s://BUCKET/PATH", place, strings.SplitN(place, ":", 2)[0])
	}
	root := u.Scheme + "://" + u.Host
	dir := root + strings.TrimRight(u.Path, "/")
	u.Path = ""
	b, err := blob.OpenBucket(context.Background(), u.String())
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", dir, err)
	}
	return &system{b, root + "/"}, dir, nil
}

var (
	memoryMu sync.Mutex
	memory   = map[string]*blob.Bucket{}
)

// openMemory opens a bucket of this process's memory: the same for each name.
func openMemory(place string) (vfs.FS, string, error) {
	u, err := url.Parse(place)
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", place, err)
	}
	memoryMu.Lock()
	defer memoryMu.Unlock()
	b := memory[u.Host]
	if b == nil {
		b = memblob.OpenBucket(nil)
		memory[u.Host] = b
	}
	root := "mem://" + u.Host
	return &system{b, root + "/"}, root + strings.TrimRight(u.Path, "/"), nil
}

// system is a bucket as a [vfs.FS]. Paths begin with its URL.
type system struct {
	bucket *blob.Bucket
	root   string // with a slash behind
}

// key returns what a path is called in the bucket.
func (s *system) key(name string) string {
	return strings.TrimPrefix(strings.TrimPrefix(name, s.root), "/")
}

// wrong makes an error one of the file, as the os package has it.
func wrong(op, name string, err error) error {
	switch gcerrors.Code(err) {
	case gcerrors.OK:
		return nil
	case gcerrors.NotFound:
		err = fs.ErrNotExist
	case gcerrors.FailedPrecondition, gcerrors.AlreadyExists:
		err = fs.ErrExist
	}
	return &fs.PathError{Op: op, Path: name, Err: err}
}

func limited() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), patience)
}

// put writes a blob.
func (s *system) put(name string, data []byte, isNew bool) error {
	ctx, cancel := limited()
	defer cancel()
	return wrong("write", name, s.bucket.WriteAll(ctx, s.key(name), data, &blob.WriterOptions{IfNotExist: isNew, ContentType: "application/octet-stream"}))
}

// PutNew makes a file with its content, unless there is one.
func (s *system) PutNew(name string, data []byte) error { return s.put(name, data, true) }

func (s *system) get(name string) ([]byte, error) {
	ctx, cancel := limited()
	defer cancel()
	data, err := s.bucket.ReadAll(ctx, s.key(name))
	return data, wrong("open", name, err)
}

// Create makes a file that is empty until it is closed.
func (s *system) Create(name string) (vfs.File, error) {
	return &file{system: s, name: name, dirty: true}, nil
}

// Open reads a file.
func (s *system) Open(name string) (vfs.File, error) {
	data, err := s.get(name)
	if err != nil {
		return nil, err
	}
	return &file{system: s, name: name, data: data, read: true}, nil
}

// OpenReadWrite opens a file, or makes it.
func (s *system) OpenReadWrite(name string) (vfs.File, error) {
	data, err := s.get(name)
	if errors.Is(err, fs.ErrNotExist) {
		return s.Create(name)
	}
	return &file{system: s, name: name, data: data}, err
}

// OpenAppend opens a file behind its first size bytes.
func (s *system) OpenAppend(name string, size int64) (vfs.File, error) {
	data, err := s.get(name)
	if err != nil {
		return nil, err
	}
	if int64(len(data)) < size {
		return nil, &fs.PathError{Op: "open", Path: name, Err: io.ErrUnexpectedEOF}
	}
	return &file{system: s, name: name, data: data[:size], at: size, dirty: true}, nil
}

// OpenDir opens a folder, which has nothing to sync.
func (s *system) OpenDir(name string) (vfs.File, error) {
	return &file{system: s, name: name, read: true}, nil
}

// Link makes a file with the content of another, unless there is one.
func (s *system) Link(from, to string) error {
	data, err := s.get(from)
	if err != nil {
		return err
	}
	return s.PutNew(to, data)
}

// Remove removes a file.
func (s *system) Remove(name string) error {
	ctx, cancel := limited()
	defer cancel()
	return wrong("remove", name, s.bucket.Delete(ctx, s.key(name)))
}

// RemoveAll removes a file, or all in a folder.
func (s *system) RemoveAll(name string) error {
	ctx, cancel := limited()
	defer cancel()
	var errs []error
	for at := s.bucket.List(&blob.ListOptions{Prefix: s.key(name) + "/"}); ; {
		o, err := at.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return wrong("list", name, err)
		}
		errs = append(errs, s.Remove(s.root+o.Key))
	}
	if err := s.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// Rename gives a file another name. Who looks meanwhile may see both.
func (s *system) Rename(from, to string) error {
	ctx, cancel := limited()
	defer cancel()
	if err := wrong("rename", from, s.bucket.Copy(ctx, s.key(to), s.key(from), nil)); err != nil {
		return err
	}
	return s.Remove(from)
}

// MkdirAll does nothing: folders are there when something is in them.
func (s *system) MkdirAll(string, fs.FileMode) error { return nil }

// Lock keeps nobody out.
func (s *system) Lock(string) (io.Closer, error) { return io.NopCloser(nil), nil }

// List returns the names in a folder, sorted.
func (s *system) List(dir string) ([]string, error) {
	ctx, cancel := limited()
	defer cancel()
	prefix := s.key(dir)
	if prefix != "" {
		prefix += "/"
	}
	var names []string
	for at := s.bucket.List(&blob.ListOptions{Prefix: prefix, Delimiter: "/"}); ; {
		o, err := at.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, wrong("list", dir, err)
		}
		if name := strings.TrimSuffix(strings.TrimPrefix(o.Key, prefix), "/"); name != "" {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil, &fs.PathError{Op: "list", Path: dir, Err: fs.ErrNotExist}
	}
	slices.Sort(names)
	return names, nil
}

// Stat describes a file.
func (s *system) Stat(name string) (fs.FileInfo, error) {
	ctx, cancel := limited()
	defer cancel()
	at, err := s.bucket.Attributes(ctx, s.key(name))
	if err != nil {
		return nil, wrong("stat", name, err)
	}
	return info{path.Base(name), at.Size, at.ModTime}, nil
}

// PathBase, PathJoin and PathDir are of paths with slashes, behind the bucket's
// URL.
func (s *system) PathBase(name string) string { return path.Base(name) }

// PathJoin joins elements with slashes.
func (s *system) PathJoin(elem ...string) string {
	return strings.TrimRight(elem[0], "/") + "/" + path.Join(elem[1:]...)
}

// PathDir returns all before the last slash.
func (s *system) PathDir(name string) string {
	return strings.TrimRight(name[:strings.LastIndexByte(name, '/')+1], "/")
}

// info describes a file.
type info struct {
	name string
	size int64
	at   time.Time
}

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return i.size }
func (i info) Mode() fs.FileMode  { return 0o666 }
func (i info) ModTime() time.Time { return i.at }
func (i info) IsDir() bool        { return false }
func (i info) Sys() any           { return nil }

// file is a file with its content in memory.
type file struct {
	*system
	name  string
	data  []byte
	at    int64 // of the next byte that is read or written
	read  bool  // it may not be written
	dirty bool  // the bucket does not have it yet
}

func (f *file) Read(b []byte) (int, error) {
	n, err := f.ReadAt(b, f.at)
	f.at += int64(n)
	if n > 0 {
		err = nil
	}
	return n, err
}

func (f *file) ReadAt(b []byte, at int64) (int, error) { return bytes.NewReader(f.data).ReadAt(b, at) }

func (f *file) Write(b []byte) (int, error) {
	if f.read {
		return 0, &fs.PathError{Op: "write", Path: f.name, Err: fs.ErrPermission}
	}
	f.data = append(f.data[:f.at], b...)
	f.at += int64(len(b))
	f.dirty = true
	return len(b), nil
}

func (f *file) Stat() (fs.FileInfo, error) {
	return info{path.Base(f.name), int64(len(f.data)), time.Time{}}, nil
}

// Sync puts the file.
func (f *file) Sync() error {
	if !f.dirty {
		return nil
	}
	if err := f.put(f.name, f.data, false); err != nil {
		return err
	}
	f.dirty = false
	return nil
}

func (f *file) Close() error { return f.Sync() }
