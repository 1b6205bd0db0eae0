package pebblestore

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/flow-lang/flowc/rt/state"
)

// tableSuffix is that of the files that Pebble never changes.
const tableSuffix = ".sst"

// Files has Pebble link its files into a folder of their own. What it stores is in
// tables, as there is no log, and nothing goes through a table in memory.
func (d *DB) Files() (files []state.StoreFile, release func() error, err error) {
	d.sends.Wait()
	if err := d.broken.Load(); err != nil {
		return nil, nil, *err
	}
	dir := d.fs.PathJoin(d.root, fmt.Sprintf("%s%d", linkedPrefix, d.files.Add(1)))
	release = func() error { return d.fs.RemoveAll(dir) }
	if err = d.db.Checkpoint(dir); err == nil {
		files, err = listFiles(d.fs, dir)
	}
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("store state: %w", cause(err)), release())
	}
	return files, release, nil
}

func listFiles(fs vfs.FS, dir string) (files []state.StoreFile, err error) {
	names, err := fs.List(dir)
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	for _, name := range names {
		path := fs.PathJoin(dir, name)
		info, err := fs.Stat(path)
		if err != nil {
			return nil, err
		}
		f := state.StoreFile{Name: name, Size: info.Size(), Open: func() (state.StoreReader, error) { return fs.Open(path) }}
		if f.Fixed = filepath.Ext(name) == tableSuffix; f.Fixed && onSystem(fs) {
			f.Path = path
		}
		files = append(files, f)
	}
	return files, nil
}

// onSystem reports whether files have the paths of the operating system.
func onSystem(fs vfs.FS) bool {
	if u, ok := fs.(unsynced); ok {
		fs = u.FS
	}
	return fs == vfs.Default
}

// Forget removes the rows of some operators, by a file of ranges.
func (d *DB) Forget(operators []int) error {
	if len(operators) == 0 {
		return nil
	}
	w, path, err := d.newFile()
	if err != nil {
		return fmt.Errorf("store state: %w", cause(err))
	}
	operators = slices.Sorted(slices.Values(operators))
	for _, kind := range []byte{recordRow, timerRow} {
		for _, operator := range operators {
			rows := binary.BigEndian.AppendUint16([]byte{kind}, uint16(operator))
			err = errors.Join(err, w.DeleteRange(rows, after(rows)))
		}
	}
	if err = errors.Join(err, w.Close()); err == nil {
		err = d.db.Ingest(context.Background(), []string{path})
	}
	if err != nil {
		return fmt.Errorf("store state: %w", cause(err))
	}
	return nil
}

// fill puts the files that the database begins with into its folder: under a second
// name, where that can be.
func (d *DB) fill(files []state.StoreFile) error {
	for i := range files {
		f := &files[i]
		to := d.fs.PathJoin(d.dir, f.Name)
		if f.Path != "" && onSystem(d.fs) && d.fs.Link(f.Path, to) == nil {
			continue
		}
		if err := copyFile(d.fs, to, f); err != nil {
			return fmt.Errorf("%s: %w", f.Name, cause(err))
		}
	}
	return nil
}

func copyFile(fs vfs.FS, to string, f *state.StoreFile) (err error) {
	in, err := f.Open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	out, err := fs.Create(to, vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, io.NewSectionReader(in, 0, f.Size))
	return errors.Join(err, out.Close())
}

// given is a file system in memory, but for tables, which are read where they are.
type given struct {
	vfs.FS
	dir    string
	tables map[string]*state.StoreFile // by path
}

// newGiven returns a file system with files in a folder.
func newGiven(dir string, files []state.StoreFile) (*given, error) {
	g := &given{FS: vfs.NewMem(), dir: dir, tables: map[string]*state.StoreFile{}}
	if err := g.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	for i := range files {
		f := &files[i]
		path := g.PathJoin(dir, f.Name)
		if f.Fixed {
			g.tables[path] = f
			continue
		}
		if err := copyFile(g.FS, path, f); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, cause(err))
		}
	}
	return g, nil
}

// Open opens a file for reading.
func (g *given) Open(name string, opts ...vfs.OpenOption) (vfs.File, error) {
	f := g.tables[name]
	if f == nil {
		return g.FS.Open(name, opts...)
	}
	in, err := f.Open()
	if err != nil {
		return nil, err
	}
	return &table{reader: in, file: f}, nil
}

// List returns the names in a folder.
func (g *given) List(dir string) ([]string, error) {
	names, err := g.FS.List(dir)
	if err == nil && dir == g.dir {
		for _, f := range g.tables {
			names = append(names, f.Name)
		}
		slices.Sort(names)
	}
	return names, err
}

// Stat describes a file.
func (g *given) Stat(name string) (vfs.FileInfo, error) {
	if f := g.tables[name]; f != nil {
		return tableInfo(f)
	}
	return g.FS.Stat(name)
}

// tableInfo describes a table by a file in memory that is as long.
func tableInfo(f *state.StoreFile) (vfs.FileInfo, error) {
	info, err := vfs.NewMemFile(nil).Stat()
	return &sized{info, f}, err
}

type sized struct {
	vfs.FileInfo
	file *state.StoreFile
}

func (s *sized) Name() string { return s.file.Name }
func (s *sized) Size() int64  { return s.file.Size }

// table is a table that is read where it is.
type table struct {
	vfs.File // nil: nobody writes to a table
	reader   state.StoreReader
	file     *state.StoreFile
	at       int64
}

func (t *table) ReadAt(b []byte, at int64) (int, error) { return t.reader.ReadAt(b, at) }

func (t *table) Read(b []byte) (int, error) {
	n, err := t.reader.ReadAt(b, t.at)
	t.at += int64(n)
	return n, err
}

func (t *table) Close() error                { return t.reader.Close() }
func (t *table) Stat() (vfs.FileInfo, error) { return tableInfo(t.file) }
func (t *table) Prefetch(int64, int64) error { return nil }
func (t *table) Fd() uintptr                 { return vfs.InvalidFd }
