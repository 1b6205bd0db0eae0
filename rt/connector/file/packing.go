package file

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"syscall"

	"github.com/flow-lang/flowc/rt/vfs"
)

// A Packing is a way in which files are packed, told by the ending of their
// names. What is packed one after another can be unpacked in one go, so that a
// file may be cut off wherever a [Packer] was closed.
type Packing struct {
	Ending string // of names, such as .gz; "" if the format of the file packs it
	Name   string // of the way, for messages
	Check  string // the command that checks a packed file, without its name; "" if there is none
	Sized  bool   // Unpack wants an *io.SectionReader of the whole file
	Whole  bool   // a file can be read only when it is whole: it is never cut off, and sinks write part files
	// Unpack reads what r holds. If it is not packed in this way, Unpack or the
	// first read gives Foreign.
	Unpack  func(r io.Reader) (io.Reader, error)
	Foreign error
	// Pack packs what is written to the Packer into w, which begins a file or goes
	// on with one.
	Pack  func(w io.Writer, begins bool) (Packer, error)
	Empty bool // a file without rows is packed, too
}

// A Packer packs what is written to it. Flush makes all that was written
// readable; Close ends what can be unpacked by itself, and leaves the writer
// behind it open.
type Packer interface {
	io.Writer
	Flush() error
	Close() error
}

// packings are the ways that the program is linked with.
var packings = []*Packing{{
	Ending: ".gz", Name: "gzip", Check: "gzip -t",
	Unpack:  func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
	Foreign: gzip.ErrHeader,
	Pack:    func(w io.Writer, _ bool) (Packer, error) { return gzip.NewWriter(w), nil },
}}

// RegisterPacking adds a way in which files are packed. It is called by init
// functions alone.
func RegisterPacking(p *Packing) { packings = append(packings, p) }

// packingOf returns how the file at path is packed, by its name; nil if it is
// not.
func packingOf(path string) *Packing {
	for _, p := range packings {
		if strings.HasSuffix(path, p.Ending) {
			return p
		}
	}
	return nil
}

// checkPacking refuses kinds of packing that the program does not know.
func checkPacking(format Format, path string) error {
	p := packingOf(path)
	if own := format.packing(path); own != p {
		if p != nil {
			return fmt.Errorf("%s: %s files are packed by themselves: take %s off the name", path, own.Name, p.Ending)
		}
		return nil
	}
	if p != nil {
		return nil
	}
	if strings.HasSuffix(path, ".zst") {
		return fmt.Errorf("%s: this binary was built without zstd, as no path of its program ends in .zst: "+
			"write such a path or pattern into the program, or use gzip and a name that ends in .gz", path)
	}
	for _, ending := range []string{".bz2", ".xz", ".zip", ".lz4"} {
		if strings.HasSuffix(path, ending) {
			return fmt.Errorf("%s: files that end in %s are not read or written: "+
				"use gzip or zstd, and a name that ends in .gz or .zst", path, ending)
		}
	}
	return nil
}

// unpack reads the file at path, packed by p. A file in which nothing was ever
// packed has no rows.
func (p *Packing) unpack(path string, f vfs.File, r io.Reader) (io.Reader, error) {
	if p.Sized {
		info, err := f.Stat()
		if err != nil {
			return nil, explain(path, err)
		}
		r = io.NewSectionReader(f, 0, info.Size())
	}
	in, err := p.Unpack(r)
	if errors.Is(err, io.EOF) {
		return r, nil
	}
	if err != nil {
		return nil, p.explain(path, err)
	}
	return in, nil
}

// explain says what to do about an error of reading the file at path. If the
// file is packed, what does not come of the file system comes of its bytes.
func (p *Packing) explain(path string, err error) error {
	var failed *fs.PathError
	var number syscall.Errno
	switch {
	case p == nil || errors.As(err, &failed) || errors.As(err, &number):
		return explain(path, err)
	case p.Ending == "":
		return fmt.Errorf("%s: %w", path, err)
	case errors.Is(err, p.Foreign):
		return fmt.Errorf("%s: the file is not packed with %s: take %s off its name if it is plain text", path, p.Name, p.Ending)
	}
	return fmt.Errorf("%s: the packed file is damaged or cut off: check it with %s and make it again", path, p.Check)
}
