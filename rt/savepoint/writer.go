package savepoint

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"strings"
	"sync"

	"github.com/flow-lang/flowc/rt/avro"
	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/vfs"
)

// fileSize is Writer.size. It is part of what decides the bytes of a savepoint.
const fileSize = 256 << 20

// Writer writes a savepoint. Records come from any number of [Shard]s, in any
// order; Finish sorts them into files and writes what makes the directory a
// savepoint last.
type Writer struct {
	fs      vfs.FS
	dir     string
	job     *schema.Job
	groups  int
	layouts [][]*Layout // by operator and number

	buffer int   // bytes that a shard collects
	fanIn  int   // runs that are merged at once
	size   int64 // bytes of records that a file takes before the next key group begins another

	mu     sync.Mutex
	shards []*Shard
	runs   []string
	named  int // runs that have been named
	files  []File
}

// Create begins a savepoint in a directory that is not there yet or is empty, of
// a job with that description and so many key groups.
func Create(files vfs.FS, dir string, job *schema.Job, groups int) (*Writer, error) {
	w := &Writer{fs: files, dir: dir, job: job, groups: groups, buffer: bufferSize, fanIn: fanIn, size: fileSize}
	for i := range job.Operators {
		op := &job.Operators[i]
		list := make([]*Layout, numbers(op))
		for n := range list {
			var err error
			if list[n], err = LayoutOf(op, n); err != nil {
				return nil, err
			}
		}
		w.layouts = append(w.layouts, list)
	}
	return w, Prepare(files, dir)
}

// Prepare makes a directory for a savepoint, and fails if it is not free or cannot
// be made.
func Prepare(files vfs.FS, dir string) error {
	if err := Free(files, dir); err != nil {
		return err
	}
	return files.MkdirAll(dir, 0o755)
}

// Free fails if there is something where a savepoint is to be.
func Free(files vfs.FS, dir string) error {
	names, err := files.List(dir)
	switch {
	case err == nil && len(names) > 0:
		return fmt.Errorf("%s: there is something in it: a savepoint wants a directory of its own", dir)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	return nil
}

// Shard takes the records of one shard. It is used by one goroutine at a time.
type Shard struct {
	w      *Writer
	buffer buffer
	held   map[[2]int]*census // of dynamic states, by operator and number
}

// Shard returns a new shard. It may be called by any goroutine.
func (w *Writer) Shard() *Shard {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := &Shard{w: w}
	w.shards = append(w.shards, s)
	return s
}

// Add takes a record of the operator with that index in the description.
func (s *Shard) Add(operator int, r *state.Record) error {
	w := s.w
	if operator < 0 || operator >= len(w.layouts) || r.State < 0 || r.State >= len(w.layouts[operator]) || w.layouts[operator][r.State] == nil {
		return fmt.Errorf("savepoint %s: a record of a state that its description does not have: operator %d, state %d", w.dir, operator, r.State)
	}
	if r.Gone != state.Present {
		return fmt.Errorf("savepoint %s: a record that takes something away", w.dir)
	}
	l := w.layouts[operator][r.State]
	if err := s.count(l, operator, r); err != nil {
		return err
	}
	b := &s.buffer
	from := len(b.bytes)
	b.bytes = binary.BigEndian.AppendUint16(b.bytes, uint16(operator))
	b.bytes = binary.BigEndian.AppendUint16(b.bytes, uint16(r.State))
	var err error
	if b.bytes, err = l.AppendOrder(b.bytes, r); err != nil {
		b.bytes = b.bytes[:from]
		return err
	}
	row := len(b.bytes)
	b.bytes = l.AppendRow(b.bytes, r)
	b.add(from, row)
	if len(b.bytes) < w.buffer {
		return nil
	}
	return s.spill()
}

// spill writes what has been collected as a run.
func (s *Shard) spill() error {
	s.buffer.sort()
	name := s.w.runName()
	if err := writeRun(s.w.fs, name, &sorted{buffer: &s.buffer}); err != nil {
		return err
	}
	s.buffer.bytes, s.buffer.items = s.buffer.bytes[:0], s.buffer.items[:0]
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	s.w.runs = append(s.w.runs, name)
	return nil
}

func (w *Writer) runName() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.named++
	return w.fs.PathJoin(w.dir, fmt.Sprintf(".sorting-%d", w.named))
}

// Finish writes the files and then the description with all that state says. No
// shard may be used after it. Until it returns without an error the directory is
// no savepoint.
func (w *Writer) Finish(state *State) error {
	all, err := w.all()
	if err != nil {
		return err
	}
	err = w.writeFiles(all)
	if err = errors.Join(err, all.close()); err != nil {
		return err
	}
	if err := w.removeRuns(); err != nil {
		return err
	}
	m := &Manifest{Format: Latest, State: *state, Files: w.files}
	m.Job, m.KeyGroups = *w.job, w.groups
	if m.Job.Held, err = w.held(); err != nil {
		return err
	}
	if m.Files == nil {
		m.Files = []File{}
	}
	return w.writeManifest(m)
}

// Drop removes what has been written of a savepoint that will not be finished.
func (w *Writer) Drop() error { return w.fs.RemoveAll(w.dir) }

// all is the stream of all records.
func (w *Writer) all() (stream, error) {
	for len(w.runs) > w.fanIn {
		some, err := w.open(w.runs[:w.fanIn])
		if err != nil {
			return nil, err
		}
		m, err := merge(some)
		if err != nil {
			return nil, err
		}
		name := w.runName()
		if err := errors.Join(writeRun(w.fs, name, m), m.close()); err != nil {
			return nil, err
		}
		for _, old := range w.runs[:w.fanIn] {
			if err := w.fs.Remove(old); err != nil {
				return nil, err
			}
		}
		w.runs = append(w.runs[w.fanIn:], name)
	}
	streams, err := w.open(w.runs)
	if err != nil {
		return nil, err
	}
	for _, s := range w.shards {
		s.buffer.sort()
		streams = append(streams, &sorted{buffer: &s.buffer})
	}
	return merge(streams)
}

func (w *Writer) open(names []string) ([]stream, error) {
	var list []stream
	for _, name := range names {
		s, err := openRun(w.fs, name)
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
}

func (w *Writer) removeRuns() error {
	for _, name := range w.runs {
		if err := w.fs.Remove(name); err != nil {
			return err
		}
	}
	return nil
}

// prefix is the operator and the number of the state before a record's place.
const prefix = 4

// writeFiles writes the records that a stream gives.
func (w *Writer) writeFiles(all stream) error {
	var out *output
	var before []byte
	for {
		it, ok, err := all.next()
		if err != nil || !ok {
			if out != nil {
				err = errors.Join(err, w.end(out, w.groups-1))
			}
			return err
		}
		if bytes.Equal(it.order, before) {
			return fmt.Errorf("savepoint %s: a record comes twice: %s of operator %q, key %x", w.dir, out.layout.Name, out.layout.UID, it.order[prefix:])
		}
		group := int(binary.BigEndian.Uint16(it.order[prefix:]))
		switch {
		case out == nil || !bytes.HasPrefix(it.order, before[:prefix]):
			if out != nil {
				if err := w.end(out, w.groups-1); err != nil {
					return err
				}
			}
			if out, err = w.begin(it.order, 0); err != nil {
				return err
			}
		case out.size >= w.size && group != out.group:
			if err := w.end(out, group-1); err != nil {
				return err
			}
			if out, err = w.begin(it.order, group); err != nil {
				return err
			}
		}
		before = append(before[:0], it.order...)
		out.group = group
		out.size += int64(len(it.row))
		out.file.Records++
		if err := out.avro.Value(append(out.avro.Room(), it.row...)); err != nil {
			return err
		}
	}
}

// output is a file that is being written.
type output struct {
	layout *Layout
	file   File
	to     vfs.File
	hash   hash.Hash
	avro   *avro.Writer
	group  int   // of the last record
	size   int64 // of the records
}

// Write writes to the file and its hash.
func (o *output) Write(b []byte) (int, error) {
	o.hash.Write(b)
	o.file.Length += int64(len(b))
	return o.to.Write(b)
}

// begin begins the file for the state that a place names, from a key group on.
func (w *Writer) begin(order []byte, first int) (*output, error) {
	operator, number := int(binary.BigEndian.Uint16(order)), int(binary.BigEndian.Uint16(order[2:]))
	l := w.layouts[operator][number]
	o := &output{layout: l, hash: sha256.New()}
	o.file = File{UID: l.UID, State: l.Name, First: first}
	kind := ""
	switch {
	case l.Timer:
		o.file.State, o.file.Timer, kind = "", l.Name, "timer-"
	case l.Message:
		o.file.State, o.file.Message, kind = "", l.Name, "messages-"
	}
	o.file.Name = fmt.Sprintf("%02d-%s.%s%s.%05d.avro", operator, plain(l.UID), kind, plain(l.Name), first)
	text, err := l.Schema()
	if err != nil {
		return nil, err
	}
	if o.to, err = w.fs.Create(w.fs.PathJoin(w.dir, o.file.Name)); err != nil {
		return nil, err
	}
	o.avro, err = avro.NewWriter(o, text, avro.Property{Name: "flow.uid", Value: l.UID}, avro.Property{Name: "flow.state", Value: l.Name})
	return o, err
}

// end ends a file, which goes up to a key group.
func (w *Writer) end(o *output, last int) error {
	err := o.avro.Flush()
	if err == nil {
		err = o.to.Sync()
	}
	if err = errors.Join(err, o.to.Close()); err != nil {
		return err
	}
	o.file.Last = last
	o.file.SHA256 = hex.EncodeToString(o.hash.Sum(nil))
	w.files = append(w.files, o.file)
	return nil
}

// plain is a name as it may stand in that of a file.
func plain(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < 0x80 && (r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z') {
			return r
		}
		return '_'
	}, name)
	return name[:min(len(name), 60)]
}

// writeManifest writes the description under another name, and gives it its name
// when it is on the disk.
func (w *Writer) writeManifest(m *Manifest) error {
	text, err := m.encode()
	if err != nil {
		return err
	}
	name := w.fs.PathJoin(w.dir, ManifestName)
	if err := writeSynced(w.fs, name+".tmp", text); err != nil {
		return err
	}
	if err := w.syncDir(); err != nil {
		return err
	}
	if err := w.fs.Rename(name+".tmp", name); err != nil {
		return err
	}
	return w.syncDir()
}

func writeSynced(files vfs.FS, name string, text []byte) (err error) {
	f, err := files.Create(name)
	if err != nil {
		return err
	}
	if _, err = f.Write(text); err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func (w *Writer) syncDir() error {
	d, err := w.fs.OpenDir(w.dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
