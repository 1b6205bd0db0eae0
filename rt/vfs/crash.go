package vfs

import (
	"bytes"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"path"
	"slices"
)

// Crashable is a file system in memory that can lose its power.
type Crashable struct{ *memFS }

// NewCrashable returns an empty file system that keeps in mind what has been
// synced.
func NewCrashable() Crashable {
	m := NewMem().(*memFS)
	m.lasting, m.changes = map[string]*node{}, map[string][]change{}
	return Crashable{m}
}

// tearSize is how much of a file a disk writes at once.
const tearSize = 4 << 10

// change is one change of the names in a directory, which happens whole or not.
type change struct {
	remove, add string // "" for none
	node        *node  // of add
}

// changed takes note of a change of the name at.
func (m *memFS) changed(at string, c change) {
	if m.lasting != nil {
		m.changes[path.Dir(at)] = append(m.changes[path.Dir(at)], c)
	}
}

// Crash returns what is left when the power fails now: all that was synced, and
// of what was not the first changes of the names in each directory and some
// pieces of files, each with a chance of kept in 100. Making a directory is never
// lost, and all locks are free.
func (c Crashable) Crash(random *rand.Rand, kept int) Crashable {
	c.mu.Lock()
	defer c.mu.Unlock()
	left := maps.Clone(c.lasting)
	for _, dir := range slices.Sorted(maps.Keys(c.changes)) {
		for _, ch := range c.changes[dir] {
			if random.IntN(100) >= kept {
				break
			}
			delete(left, ch.remove)
			if ch.add != "" {
				left[ch.add] = ch.node
			}
		}
	}
	after := NewCrashable()
	moved := map[*node]*node{}
	for _, name := range slices.Sorted(maps.Keys(left)) {
		n := left[name]
		if moved[n] == nil {
			moved[n] = n.afterCrash(random, kept)
		}
		after.nodes[name], after.lasting[name] = moved[n], moved[n]
	}
	return after
}

// afterCrash returns what is left of a file.
func (n *node) afterCrash(random *rand.Rand, kept int) *node {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.dir {
		return &node{dir: true}
	}
	left := bytes.Clone(n.synced)
	for at := 0; at < max(len(n.data), len(n.synced)); at += tearSize {
		if random.IntN(100) >= kept {
			continue
		}
		if at >= len(n.data) {
			left = left[:min(len(left), max(at, len(n.data)))]
			continue
		}
		piece := n.data[at:min(at+tearSize, len(n.data))]
		if grown := at + len(piece); grown > len(left) {
			left = append(left, make([]byte, grown-len(left))...)
		}
		copy(left[at:], piece)
	}
	return &node{data: left, synced: bytes.Clone(left)}
}

// sync makes what the file, or the names in the directory, are now last.
func (f *memFile) sync() {
	if f.node.dir {
		f.fs.syncNames(clean(f.name))
		return
	}
	f.node.mu.Lock()
	defer f.node.mu.Unlock()
	f.node.synced = bytes.Clone(f.node.data)
}

func (m *memFS) syncNames(dir string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.changes[dir] {
		delete(m.lasting, c.remove)
		if c.add != "" {
			m.lasting[c.add] = c.node
		}
	}
	delete(m.changes, dir)
}

// Hooked returns a file system that calls before, with what is about to be done,
// ahead of each operation that changes or reads anything. An error is what the
// operation gives, and nothing is done; before may panic, too.
func Hooked(system FS, before func(op, name string) error) FS { return &hooked{system, before} }

type hooked struct {
	FS
	before func(op, name string) error
}

func (h *hooked) file(op, name string, open func() (File, error)) (File, error) {
	if err := h.before(op, name); err != nil {
		return nil, &fs.PathError{Op: op, Path: name, Err: err}
	}
	f, err := open()
	if err != nil {
		return nil, err
	}
	return &hookedFile{f, name, h.before}, nil
}

func (h *hooked) Create(name string) (File, error) {
	return h.file("create", name, func() (File, error) { return h.FS.Create(name) })
}

func (h *hooked) Open(name string) (File, error) {
	return h.file("open", name, func() (File, error) { return h.FS.Open(name) })
}

func (h *hooked) OpenReadWrite(name string) (File, error) {
	return h.file("open", name, func() (File, error) { return h.FS.OpenReadWrite(name) })
}

func (h *hooked) OpenAppend(name string, size int64) (File, error) {
	return h.file("open", name, func() (File, error) { return h.FS.OpenAppend(name, size) })
}

func (h *hooked) OpenDir(name string) (File, error) {
	return h.file("open", name, func() (File, error) { return h.FS.OpenDir(name) })
}

func (h *hooked) do(op, name string, act func() error) error {
	if err := h.before(op, name); err != nil {
		return &fs.PathError{Op: op, Path: name, Err: err}
	}
	return act()
}

func (h *hooked) Link(oldname, newname string) error {
	return h.do("link", newname, func() error { return h.FS.Link(oldname, newname) })
}

func (h *hooked) Remove(name string) error {
	return h.do("remove", name, func() error { return h.FS.Remove(name) })
}

func (h *hooked) RemoveAll(name string) error {
	return h.do("remove", name, func() error { return h.FS.RemoveAll(name) })
}

func (h *hooked) Rename(oldname, newname string) error {
	return h.do("rename", newname, func() error { return h.FS.Rename(oldname, newname) })
}

func (h *hooked) MkdirAll(dir string, perm fs.FileMode) error {
	return h.do("mkdir", dir, func() error { return h.FS.MkdirAll(dir, perm) })
}

func (h *hooked) Lock(name string) (io.Closer, error) {
	if err := h.before("lock", name); err != nil {
		return nil, &fs.PathError{Op: "lock", Path: name, Err: err}
	}
	return h.FS.Lock(name)
}

func (h *hooked) List(dir string) (names []string, err error) {
	err = h.do("list", dir, func() error {
		names, err = h.FS.List(dir)
		return err
	})
	return names, err
}

type hookedFile struct {
	File
	name   string
	before func(op, name string) error
}

func (f *hookedFile) Write(b []byte) (int, error) {
	if err := f.before("write", f.name); err != nil {
		n, _ := f.File.Write(b[:len(b)/2]) // a short write
		return n, &fs.PathError{Op: "write", Path: f.name, Err: err}
	}
	return f.File.Write(b)
}

func (f *hookedFile) Read(b []byte) (int, error) {
	if err := f.before("read", f.name); err != nil {
		return 0, &fs.PathError{Op: "read", Path: f.name, Err: err}
	}
	return f.File.Read(b)
}

func (f *hookedFile) Sync() error {
	if err := f.before("sync", f.name); err != nil {
		return &fs.PathError{Op: "sync", Path: f.name, Err: err}
	}
	return f.File.Sync()
}
