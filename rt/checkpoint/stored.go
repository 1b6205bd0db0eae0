package checkpoint

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync/atomic"

	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/vfs"
)

// smallStored is the length in bytes below which a file of stores shares a file of
// the log with others.
const smallStored = 256 << 10

// Keeper puts the files of stores into a log, each that does not change once.
type Keeper struct {
	log     *Log
	backend string
	kept    map[string]keptFile // fixed files, by name
	now     []keptFile          // those of the last [Keeper.Put]
}

// keptFile is a file of stores in the log.
type keptFile struct {
	StoredFile // but for File
	in         File
}

// Keeper returns what keeps the files of a backend's stores. from, if it is not nil, is
// the checkpoint that they go on from.
func (l *Log) Keeper(backend string, from *Manifest) *Keeper {
	k := &Keeper{log: l, backend: backend, kept: map[string]keptFile{}}
	if from != nil && from.Stores != nil {
		for _, f := range from.Stores.Files {
			if f.Fixed {
				k.kept[f.Name] = keptFile{f, from.Files[f.File]}
			}
		}
	}
	return k
}

// Put puts those of some files into the log that it does not have, and returns how
// many bytes these were.
func (k *Keeper) Put(files []state.StoreFile) (size int64, err error) {
	kept := map[string]keptFile{}
	now := make([]keptFile, len(files))
	var pack []byte
	var packed []int
	for i := range files {
		f := &files[i]
		at := keptFile{StoredFile: StoredFile{Name: f.Name, Fixed: f.Fixed, Length: f.Size}}
		was, known := k.kept[f.Name]
		switch {
		case f.Fixed && known:
			at = was
		case f.Size < smallStored:
			data, err := readStored(f)
			if err != nil {
				return 0, err
			}
			at.Offset = int64(len(pack))
			pack = append(pack, data...)
			packed = append(packed, i)
		default:
			if at.in, err = k.log.PutFile(f); err != nil {
				return 0, err
			}
			size += f.Size
		}
		now[i] = at
	}
	if len(packed) > 0 {
		in, err := k.log.Put(pack)
		if err != nil {
			return 0, err
		}
		for _, i := range packed {
			now[i].in = in
		}
		size += in.Length
	}
	for _, f := range now {
		if f.Fixed {
			kept[f.Name] = f
		}
	}
	k.kept, k.now = kept, now
	return size, nil
}

// Name names the files of the last Put in a manifest, as those of some operators.
// programs are those that their formers name.
func (k *Keeper) Name(m *Manifest, operators []StoredOperator, programs []schema.Job) {
	number := m.Filing()
	m.Stores = &Stores{Backend: k.backend, Operators: operators, Programs: programs}
	for _, f := range k.now {
		f.File = number(f.in)
		m.Stores.Files = append(m.Stores.Files, f.StoredFile)
	}
}

// PutFile writes a file of the content of another, which does not change.
func (l *Log) PutFile(from *state.StoreFile) (File, error) {
	f := File{Length: from.Size}
	in, err := from.Open()
	if err != nil {
		return f, err
	}
	h := sha256.New()
	_, err = io.Copy(h, io.NewSectionReader(in, 0, from.Size))
	if err = errors.Join(err, in.Close()); err != nil {
		return f, err
	}
	f.SHA256 = hex.EncodeToString(h.Sum(nil))
	f.Name = f.SHA256 + dataSuffix
	l.known[f.Name] = true
	err = l.store.PutFile(f.Name, from)
	switch {
	case err == nil:
		if s, ok := l.store.(identifier); ok {
			id, ok := s.identity(f.Name)
			l.trust.note(l.store, f.Name, id, ok)
		}
	case !errors.Is(err, fs.ErrExist):
		return f, unread(l.store.Place(f.Name), err)
	}
	return f, nil
}

// storedFiles reports which files are of stores alone.
func (m *Manifest) storedFiles() map[int]bool {
	if m.Stores == nil {
		return nil
	}
	stored := map[int]bool{}
	for _, f := range m.Stores.Files {
		stored[f.File] = true
	}
	for _, op := range m.Operators {
		for _, s := range op.Sections {
			if s.Length > 0 {
				delete(stored, s.File)
			}
		}
	}
	return stored
}

// StoreFiles returns the files of the stores of a checkpoint.
func (l *Log) StoreFiles(m *Manifest) []state.StoreFile { return storeFiles(l.store, m) }

func storeFiles(store Store, m *Manifest) []state.StoreFile {
	var files []state.StoreFile
	for _, f := range m.Stores.Files {
		in := &m.Files[f.File]
		to := state.StoreFile{Name: f.Name, Size: f.Length, Fixed: f.Fixed}
		to.Open = func() (state.StoreReader, error) {
			file, err := store.Open(in.Name)
			if err != nil {
				return nil, unread(store.Place(in.Name), err)
			}
			return piece{file, f.Offset}, nil
		}
		if d, ok := store.(*dirStore); ok && d.fs == vfs.Default && f.Length == in.Length {
			to.Path = d.Place(in.Name)
		}
		files = append(files, to)
	}
	return files
}

// piece is a file that begins within another.
type piece struct {
	vfs.File
	from int64
}

func (p piece) ReadAt(b []byte, at int64) (int, error) { return p.File.ReadAt(b, p.from+at) }

// ShapeOf says what a store must know of an operator's shard, whose keys may lie in rows.
// op may be nil: then it has neither states nor timers.
func ShapeOf(op *schema.Operator, number, shard int, rows bool) state.Shape {
	shape := state.Shape{Operator: number, Shard: shard, Rows: rows}
	if op == nil {
		return shape
	}
	shape.States = len(op.States)
	for i := range op.States {
		kind := op.States[i].Kind
		shape.Maps = append(shape.Maps, kind != schema.Value && kind != schema.Aggregate)
		if kind == schema.List && shape.Lists == nil {
			shape.Lists = make([]bool, len(op.States))
		}
		if kind == schema.List {
			shape.Lists[i] = true
		}
	}
	for i := range op.Timers {
		shape.Maps = append(shape.Maps, op.Timers[i].Index != nil)
		shape.Clock = append(shape.Clock, op.Timers[i].Processing)
	}
	return shape
}

// storedRecords reads the records of an operator out of stores, in their order.
func (i image) storedRecords(of *StoredOperator, first, last int, each func(*state.Record) error) (err error) {
	m := i.manifest
	backend, ok := state.FindBackend(m.Stores.Backend)
	if !ok {
		return fmt.Errorf("its state lies in files of %s, which this program cannot read: build it with flowc build --backends memory,%[1]s, or go on from a savepoint", m.Stores.Backend)
	}
	var failed atomic.Pointer[error]
	fail := func(err error) { failed.CompareAndSwap(nil, &err) }
	stores, err := backend(state.StoresOptions{
		Dir: i.store.Place(""), Files: storeFiles(i.store, m), ReadOnly: true, Cache: 1 << 20,
		Warn: func(string) {}, Fail: fail, Fatal: func(err error) { panic(err) },
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stores.Close()) }()
	rows, err := m.Stores.Open(stores, of, m.Job.Operator(of.UID), 0, state.LazyOptions{First: first, Last: last})
	if err != nil {
		return err
	}
	scan, err := rows.Scan(state.Place{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, scan.Close()) }()
	for done := false; !done && err == nil; {
		var wrong error
		done, err = scan.Next(1<<20, func(r *state.Record) {
			if wrong == nil {
				wrong = each(r)
			}
		})
		err = errors.Join(err, wrong)
		if e := failed.Load(); e != nil {
			err = errors.Join(err, *e)
		}
	}
	return err
}
