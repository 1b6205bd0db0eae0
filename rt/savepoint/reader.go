package savepoint

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/flow-lang/flowc/rt/avro"
	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/vfs"
)

// Savepoint is a savepoint whose description has been read. It is not changed,
// and may be used by several goroutines.
type Savepoint struct {
	Manifest
	fs    vfs.FS
	dir   string
	parts []part // by Manifest.Files
}

// part is a file of records.
type part struct {
	operator int
	layout   *Layout
	number   int // of the state
}

// ErrNone is part of the error for a place that holds no savepoint.
var ErrNone = errors.New("there is no savepoint")

// Open reads the description of the savepoint in a directory, and looks whether
// its files are there, have their lengths, and are all there is. Before the
// records are used, [Savepoint.Verify] looks at every byte of them.
func Open(files vfs.FS, dir string) (*Savepoint, error) {
	place := files.PathJoin(dir, ManifestName)
	text, err := readAll(files, place)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w: %s is missing", dir, ErrNone, ManifestName)
	}
	if err != nil {
		return nil, err
	}
	m, err := decode(place, text)
	if err != nil {
		return nil, err
	}
	s := &Savepoint{Manifest: *m, fs: files, dir: dir}
	if err := s.bind(place); err != nil {
		return nil, err
	}
	return s, s.look()
}

func readAll(files vfs.FS, name string) (text []byte, err error) {
	f, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	text, err = io.ReadAll(f)
	return text, errors.Join(err, f.Close())
}

// Dir returns the directory.
func (s *Savepoint) Dir() string { return s.dir }

// Place returns the path of a file.
func (s *Savepoint) Place(name string) string { return s.fs.PathJoin(s.dir, name) }

// bind finds the states that files belong to.
func (s *Savepoint) bind(place string) error {
	if s.KeyGroups < 1 || s.KeyGroups > 1<<16 {
		return &Damage{place, fmt.Sprintf("it speaks of %d key groups", s.KeyGroups)}
	}
	for _, f := range s.Files {
		if f.Name == "" || strings.ContainsAny(f.Name, `/\`) || f.Name == ManifestName {
			return &Damage{place, fmt.Sprintf("it names a file %q", f.Name)}
		}
		op := s.Job.OperatorAt(f.UID)
		if op < 0 {
			return &Damage{place, fmt.Sprintf("the file %s is of the operator %q, which its description does not have", f.Name, f.UID)}
		}
		p := part{operator: op, number: numberOf(&s.Job.Operators[op], &f)}
		var err error
		if p.number >= 0 {
			p.layout, err = LayoutOf(&s.Job.Operators[op], p.number)
		}
		if err != nil || p.layout == nil {
			return &Damage{place, fmt.Sprintf("the file %s is of a state that its description does not have, or not whole", f.Name)}
		}
		s.parts = append(s.parts, p)
	}
	return nil
}

// numberOf returns the number of what a file holds, -1 if there is no such state,
// timer or input.
func numberOf(op *schema.Operator, f *File) int {
	switch {
	case f.Message != "":
		if in := op.Messages(); in != nil && in.Name == f.Message {
			return len(op.States) + len(op.Timers)
		}
	case f.Timer != "":
		for i := range op.Timers {
			if op.Timers[i].Name == f.Timer {
				return len(op.States) + i
			}
		}
	default:
		for i := range op.States {
			if op.States[i].Name == f.State {
				return i
			}
		}
	}
	return -1
}

// look looks at the names and lengths of the files.
func (s *Savepoint) look() error {
	names, err := s.fs.List(s.dir)
	if err != nil {
		return err
	}
	for _, f := range s.Files {
		at := slices.Index(names, f.Name)
		if at < 0 {
			return &Damage{s.Place(f.Name), "it is missing"}
		}
		names = slices.Delete(names, at, at+1)
		info, err := s.fs.Stat(s.Place(f.Name))
		if err != nil {
			return err
		}
		if info.Size() != f.Length {
			return &Damage{s.Place(f.Name), fmt.Sprintf("it has %d bytes, but %s says %d", info.Size(), ManifestName, f.Length)}
		}
	}
	for _, name := range names {
		if name != ManifestName {
			return &Damage{s.Place(name), "it is no part of the savepoint: take it away"}
		}
	}
	return nil
}

// Verify reads every byte of all files and holds them against their hashes.
// progress, if it is not nil, is told how many bytes have been read.
func (s *Savepoint) Verify(progress func(bytes int64)) error {
	for i := range s.Files {
		if err := s.verify(&s.Files[i], progress); err != nil {
			return err
		}
	}
	return nil
}

func (s *Savepoint) verify(f *File, progress func(bytes int64)) (err error) {
	in, err := s.fs.Open(s.Place(f.Name))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	h := sha256.New()
	n, err := io.CopyBuffer(h, struct{ io.Reader }{in}, make([]byte, min(256<<10, f.Length+1)))
	if err != nil {
		return fmt.Errorf("%s: %w", s.Place(f.Name), err)
	}
	if sum := hex.EncodeToString(h.Sum(nil)); n != f.Length || sum != f.SHA256 {
		return &Damage{s.Place(f.Name), "its bytes are not those that were written: their SHA-256 is another"}
	}
	if progress != nil {
		progress(n)
	}
	return nil
}

// Records gives all records of the operator with that index in the description
// whose key groups are from first to last, and all of broadcast state: state by state, each sorted by key
// group, key, and entry. A record is good until each returns. The files must
// have been verified.
func (s *Savepoint) Records(operator, first, last int, each func(*state.Record) error) error {
	for i, p := range s.parts {
		shared := p.layout.Shared
		if p.operator != operator || !shared && (s.Files[i].First > last || s.Files[i].Last < first) {
			continue
		}
		err := s.read(i, func(r *state.Record) error {
			if !shared && (r.Group < first || r.Group > last) {
				return nil
			}
			return each(r)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// read gives the records of a file.
func (s *Savepoint) read(file int, each func(*state.Record) error) (err error) {
	c, err := s.open(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	for {
		r, err := c.next()
		if r == nil || err != nil {
			return err
		}
		if err := each(r); err != nil {
			return err
		}
	}
}

// cursor goes over the records of one file.
type cursor struct {
	place  string
	part   part
	file   *File
	in     vfs.File
	avro   *avro.File
	record state.Record
	seen   int64
}

func (s *Savepoint) open(file int) (*cursor, error) {
	c := &cursor{place: s.Place(s.Files[file].Name), part: s.parts[file], file: &s.Files[file]}
	var err error
	if c.in, err = s.fs.Open(c.place); err != nil {
		return nil, err
	}
	if c.avro, err = avro.NewFile(bufio.NewReaderSize(c.in, int(min(64<<10, c.file.Length)))); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", c.place, err), c.in.Close())
	}
	return c, nil
}

// next returns the next record, or nil at the end. It is good until the next
// call.
func (c *cursor) next() (*state.Record, error) {
	in, err := c.avro.Next()
	if err == nil && in == nil {
		if c.seen != c.file.Records {
			return nil, &Damage{c.place, fmt.Sprintf("it has %d records, but %s says %d", c.seen, ManifestName, c.file.Records)}
		}
		return nil, nil
	}
	if err == nil {
		c.record.State = c.part.number
		c.part.layout.readRow(in, &c.record)
		if in.Failed() {
			err = in.Close()
		} else if c.record.Group < c.file.First || c.record.Group > c.file.Last {
			err = fmt.Errorf("record %d is of the key group %d, which the file is not for", c.seen, c.record.Group)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.place, err)
	}
	c.seen++
	return &c.record, nil
}

func (c *cursor) close() error { return c.in.Close() }
