package vfs

import (
	"io"
	"io/fs"
	"path"
	"sort"
	"strings"
	"sync"
	"syscall"
	"time"
)

// NewMem returns an empty file system in memory. Its paths have slashes; a
// relative path is one from the root. It may be used by several goroutines.
func NewMem() FS {
	return &memFS{nodes: map[string]*node{"/": {dir: true}}}
}

// memFS keeps all nodes by clean path. Go's map serves, as everything that
// walks it sorts.
type memFS struct {
	mu      sync.Mutex
	nodes   map[string]*node
	lasting map[string]*node    // those whose names are synced; nil if nobody asks
	changes map[string][]change // of names, by directory, since it was synced
}

// node is a file or a directory.
type node struct {
	mu     sync.Mutex
	data   []byte
	synced []byte // of data, where somebody asks
	dir    bool
	locked bool
}

func clean(name string) string { return path.Clean("/" + name) }

func pathError(op, name string, err error) error {
	return &fs.PathError{Op: op, Path: name, Err: err}
}

// open returns the node of a file. With create it may be new, in a directory
// that is there.
func (m *memFS) open(op, name string, create bool) (*node, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	at := clean(name)
	if n, ok := m.nodes[at]; ok {
		if n.dir && create {
			return nil, pathError(op, name, syscall.EISDIR)
		}
		return n, nil
	}
	parent, ok := m.nodes[path.Dir(at)]
	if !create || !ok {
		return nil, pathError(op, name, fs.ErrNotExist)
	}
	if !parent.dir {
		return nil, pathError(op, name, syscall.ENOTDIR)
	}
	n := &node{}
	m.nodes[at] = n
	m.changed(at, change{add: at, node: n})
	return n, nil
}

func (m *memFS) Create(name string) (File, error) {
	n, err := m.open("open", name, true)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	n.data = nil
	n.mu.Unlock()
	return &memFile{fs: m, node: n, name: name, write: true}, nil
}

func (m *memFS) Open(name string) (File, error) {
	n, err := m.open("open", name, false)
	if err != nil {
		return nil, err
	}
	return &memFile{fs: m, node: n, name: name}, nil
}

func (m *memFS) OpenReadWrite(name string) (File, error) {
	n, err := m.open("open", name, true)
	if err != nil {
		return nil, err
	}
	return &memFile{fs: m, node: n, name: name, write: true}, nil
}

func (m *memFS) OpenAppend(name string, size int64) (File, error) {
	n, err := m.open("open", name, false)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.dir {
		return nil, pathError("open", name, syscall.EISDIR)
	}
	n.data = append(n.data, make([]byte, max(0, size-int64(len(n.data))))...)[:size]
	return &memFile{fs: m, node: n, name: name, write: true, at: size}, nil
}

func (m *memFS) OpenDir(name string) (File, error) { return m.Open(name) }

func (m *memFS) Link(oldname, newname string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	n, ok := m.nodes[clean(oldname)]
	if !ok {
		return pathError("link", oldname, fs.ErrNotExist)
	}
	if _, taken := m.nodes[clean(newname)]; taken {
		return pathError("link", newname, fs.ErrExist)
	}
	m.nodes[clean(newname)] = n
	m.changed(clean(newname), change{add: clean(newname), node: n})
	return nil
}

func (m *memFS) Remove(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	at := clean(name)
	if _, ok := m.nodes[at]; !ok {
		return pathError("remove", name, fs.ErrNotExist)
	}
	for p := range m.nodes {
		if p != at && strings.HasPrefix(p, at+"/") {
			return pathError("remove", name, syscall.ENOTEMPTY)
		}
	}
	delete(m.nodes, at)
	m.changed(at, change{remove: at})
	return nil
}

func (m *memFS) RemoveAll(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	at := clean(name)
	for p := range m.nodes {
		if p == at || strings.HasPrefix(p, at+"/") {
			delete(m.nodes, p)
			m.changed(p, change{remove: p})
		}
	}
	return nil
}

func (m *memFS) Rename(oldname, newname string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	from, to := clean(oldname), clean(newname)
	n, ok := m.nodes[from]
	if !ok {
		return pathError("rename", oldname, fs.ErrNotExist)
	}
	if _, ok := m.nodes[path.Dir(to)]; !ok {
		return pathError("rename", newname, fs.ErrNotExist)
	}
	if n.dir {
		return pathError("rename", oldname, syscall.EISDIR)
	}
	delete(m.nodes, from)
	m.nodes[to] = n
	m.changed(to, change{remove: from, add: to, node: n})
	return nil
}

func (m *memFS) MkdirAll(dir string, _ fs.FileMode) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for at := clean(dir); at != "/"; at = path.Dir(at) {
		if n, ok := m.nodes[at]; ok && !n.dir {
			return pathError("mkdir", dir, syscall.ENOTDIR)
		} else if !ok {
			m.nodes[at] = &node{dir: true}
			if m.lasting != nil {
				m.lasting[at] = m.nodes[at]
			}
		}
	}
	return nil
}

func (m *memFS) Lock(name string) (io.Closer, error) {
	n, err := m.open("lock", name, true)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.locked {
		return nil, pathError("lock", name, ErrLocked)
	}
	n.locked = true
	return &memLock{node: n}, nil
}

type memLock struct{ node *node }

func (l *memLock) Close() error {
	l.node.mu.Lock()
	defer l.node.mu.Unlock()
	l.node.locked = false
	return nil
}

func (m *memFS) List(dir string) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	at := clean(dir)
	n, ok := m.nodes[at]
	if !ok {
		return nil, pathError("open", dir, fs.ErrNotExist)
	}
	if !n.dir {
		return nil, pathError("readdirent", dir, syscall.ENOTDIR)
	}
	var names []string
	for p := range m.nodes {
		if p != "/" && path.Dir(p) == at {
			names = append(names, path.Base(p))
		}
	}
	sort.Strings(names)
	return names, nil
}

func (m *memFS) Stat(name string) (fs.FileInfo, error) {
	n, err := m.open("stat", name, false)
	if err != nil {
		return nil, err
	}
	return n.info(name), nil
}

func (m *memFS) PathBase(p string) string       { return path.Base(p) }
func (m *memFS) PathJoin(elem ...string) string { return path.Join(elem...) }
func (m *memFS) PathDir(p string) string        { return path.Dir(p) }

// memFile is an open file with a place to read from.
type memFile struct {
	fs    *memFS
	node  *node
	name  string
	write bool
	at    int64
}

func (f *memFile) Close() error { return nil }

// Sync takes note that what was written lasts.
func (f *memFile) Sync() error {
	if f.fs.lasting != nil {
		f.sync()
	}
	return nil
}

func (f *memFile) Stat() (fs.FileInfo, error) { return f.node.info(f.name), nil }

func (f *memFile) Read(b []byte) (int, error) {
	n, err := f.ReadAt(b, f.at)
	f.at += int64(n)
	if n > 0 {
		err = nil
	}
	return n, err
}

func (f *memFile) ReadAt(b []byte, at int64) (int, error) {
	f.node.mu.Lock()
	defer f.node.mu.Unlock()
	if f.node.dir {
		return 0, pathError("read", f.name, syscall.EISDIR)
	}
	if at >= int64(len(f.node.data)) {
		return 0, io.EOF
	}
	n := copy(b, f.node.data[at:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func (f *memFile) Write(b []byte) (int, error) {
	if !f.write {
		return 0, pathError("write", f.name, syscall.EBADF)
	}
	f.node.mu.Lock()
	defer f.node.mu.Unlock()
	end := f.at + int64(len(b))
	if end > int64(len(f.node.data)) {
		f.node.data = append(f.node.data, make([]byte, end-int64(len(f.node.data)))...)
	}
	copy(f.node.data[f.at:], b)
	f.at = end
	return len(b), nil
}

func (n *node) info(name string) fs.FileInfo {
	n.mu.Lock()
	defer n.mu.Unlock()
	return &memInfo{name: path.Base(name), size: int64(len(n.data)), dir: n.dir}
}

// memInfo describes a node. Nodes have no times.
type memInfo struct {
	name string
	size int64
	dir  bool
}

func (i *memInfo) Name() string       { return i.name }
func (i *memInfo) Size() int64        { return i.size }
func (i *memInfo) IsDir() bool        { return i.dir }
func (i *memInfo) ModTime() time.Time { return time.Time{} }
func (i *memInfo) Sys() any           { return nil }

func (i *memInfo) Mode() fs.FileMode {
	if i.dir {
		return fs.ModeDir | 0o777
	}
	return 0o666
}
