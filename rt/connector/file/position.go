package file

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/vfs"
)

// Position is the place that a reader has come to, as a snapshot holds it.
type Position struct {
	Path   string   `json:"path"`
	Offset int64    `json:"offset"`         // of the next row in the unpacked file
	Line   int      `json:"line"`           // of it, from 1
	Skip   bool     `json:"skip,omitempty"` // a row that is too long has been taken, and its rest comes next
	Done   bool     `json:"done,omitempty"` // the file has been read to its end
	Head   print    `json:"head,omitzero"`  // of the (packed) file
	Tail   print    `json:"tail,omitzero"`  // of what lies before Offset
	Read   []string `json:"read,omitempty"` // of several partitions: the files that this one has read
}

// print is a hash of some bytes at a known place of a file, by which another file
// under the same name is told.
type print struct {
	Bytes int    `json:"bytes"`
	Hash  uint64 `json:"hash"`
}

// Lengths of the pieces that prints are of.
const (
	headSize = 4 << 10
	tailSize = 256
)

func printOf(b []byte) print {
	h := fnv.New64a()
	_, _ = h.Write(b) // never fails
	return print{len(b), h.Sum64()}
}

// printTail is of the end of what was read last.
func printTail(b []byte) print { return printOf(b[max(0, len(b)-tailSize):]) }

// printHead is of the beginning of a file.
func printHead(f vfs.File) (print, error) {
	b := make([]byte, headSize)
	n, err := f.ReadAt(b, 0)
	if errors.Is(err, io.EOF) || err != nil && n == 0 && !seekable(f) {
		err = nil
	}
	return printOf(b[:n]), err
}

// seekable reports whether a file can be read from any place: a pipe cannot.
func seekable(f vfs.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode().IsRegular()
}

// Position returns where the reader is; nil for standard input.
func (r *reader) Position() any {
	if r.standard != nil {
		return nil
	}
	return Position{
		Path: r.path, Offset: r.offset, Line: r.line, Skip: r.skip, Done: r.done,
		Head: r.head, Tail: r.tail, Read: r.gone,
	}
}

// files are what one partition reads.
type files struct {
	paths []string  // in order
	at    *Position // in the first of them, unless that has been read; nil at its beginning
	read  []string  // that it has read before
}

// share gives each partition its files: what the positions say is left of them,
// in turn.
func share(paths []string, n int, from []json.RawMessage) ([]files, error) {
	shares := make([]files, n)
	at := make([]*Position, len(from))
	known := map[string]bool{}
	for i, text := range from {
		if len(text) == 0 {
			continue
		}
		at[i] = &Position{}
		if err := json.Unmarshal(text, at[i]); err != nil {
			return nil, fmt.Errorf("the saved position %s is none of files: start the source anew with --reset-source", text)
		}
	}
	if n == 1 && len(at) == 1 && at[0] != nil {
		shares[0].at = at[0]
		shares[0].paths = append(shares[0].paths, at[0].Path)
		for _, p := range paths {
			if p > at[0].Path {
				shares[0].paths = append(shares[0].paths, p)
			}
		}
		return shares, nil
	}
	// Files keep their partitions, as long as there are as many.
	for i, p := range at {
		if p == nil {
			continue
		}
		to := &shares[i%n]
		to.read = append(to.read, p.Read...)
		for _, name := range p.Read {
			known[name] = true
		}
		if p.Path != "" && !known[p.Path] && !p.Done {
			known[p.Path] = true
			if to.at != nil {
				return nil, fmt.Errorf("%s: it was read beside %s, and there are fewer partitions now: give the source as many as it had, or start it anew with --reset-source", p.Path, to.at.Path)
			}
			to.at = p
			to.paths = append(to.paths, p.Path)
		}
	}
	for k, path := range paths {
		if !known[path] {
			shares[k%n].paths = append(shares[k%n].paths, path)
		}
	}
	return shares, nil
}

// start opens the first file, at a position if there is one.
func (r *reader) start(at *Position) error {
	if at == nil {
		if err := r.nextFile(); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		return nil
	}
	if at.Done && !r.isThere(at) {
		r.paths = r.paths[1:]
		r.path, r.offset, r.line, r.done, r.head, r.tail = at.Path, at.Offset, at.Line, true, at.Head, at.Tail
		return nil
	}
	if err := r.nextFile(); err != nil {
		return fmt.Errorf("%w\n  help: the snapshot has read it to line %d: bring it back, or start the source anew with --reset-source", err, at.Line)
	}
	if at.Offset == 0 {
		return nil
	}
	if err := r.checkSame(at); err != nil {
		return errors.Join(err, r.end())
	}
	return r.seek(at)
}

// isThere reports whether there is a file that has been read to its end, which may
// have grown or been replaced since.
func (r *reader) isThere(at *Position) bool {
	_, err := r.env.FS.Stat(at.Path)
	return err == nil
}

// checkSame reports a file that is not the one that the position is in.
func (r *reader) checkSame(at *Position) error {
	b := make([]byte, at.Head.Bytes)
	n, err := r.file.(vfs.File).ReadAt(b, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return explain(at.Path, err)
	}
	if n < len(b) {
		return changed(at, "shortened")
	}
	if printOf(b) != at.Head {
		return changed(at, "replaced: it begins otherwise")
	}
	return nil
}

// changed says that a file is not as the snapshot has read it.
func changed(at *Position, how string) error {
	return fmt.Errorf("%s: since the snapshot, which has read it to line %d, the file has been %s: bring the old one back, or start the source anew with --reset-source", at.Path, at.Line, how)
}

// seek reads what stands before the rows of the file, and goes on at a position.
func (r *reader) seek(at *Position) error {
	if r.source.Format.headed() {
		b := &rt.Block{Bytes: make([]byte, 0, r.env.BlockSize)}
		eof, err := r.fill(context.Background(), b)
		if err == nil {
			b.Bytes = b.Bytes[:r.source.Format.whole(b.Bytes, eof)]
			err = r.rows(b, eof)
		}
		if err != nil {
			return errors.Join(err, r.end())
		}
	}
	in, err := r.from(at)
	if err != nil {
		return errors.Join(err, r.end())
	}
	columns, head := r.columns, r.head
	r.begin(at.Path, in, true)
	r.opened, r.columns, r.head = true, columns, head
	r.offset, r.line, r.skip, r.tail = at.Offset, at.Line, at.Skip, at.Tail
	return nil
}

// from returns what lies behind a position, if what lies before it is the same.
func (r *reader) from(at *Position) (io.Reader, error) {
	f := r.file.(vfs.File)
	var in io.Reader = io.NewSectionReader(f, at.Offset-int64(at.Tail.Bytes), 1<<62)
	if p := r.source.Format.packing(at.Path); p != nil {
		var err error
		if in, err = p.unpack(at.Path, f, io.NewSectionReader(f, 0, 1<<62)); err != nil {
			return nil, err
		}
		if _, err := io.CopyN(io.Discard, in, at.Offset-int64(at.Tail.Bytes)); errors.Is(err, io.EOF) {
			return nil, changed(at, "shortened")
		} else if err != nil {
			return nil, r.readError(err)
		}
	}
	tail := make([]byte, at.Tail.Bytes)
	if _, err := io.ReadFull(in, tail); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, changed(at, "shortened")
	} else if err != nil {
		return nil, r.readError(err)
	}
	if printOf(tail) != at.Tail {
		return nil, changed(at, fmt.Sprintf("replaced: line %d is another", at.Line-max(1, bytes.Count(tail, []byte{'\n'}))))
	}
	return in, nil
}
