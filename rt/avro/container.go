package avro

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
)

// The object container files of the Avro specification: a header with the
// schema, then blocks of values, each compressed by deflate, the one codec that
// every library has to have.

// blockSize is how many bytes of values a block has before it is written.
const blockSize = 64 << 10

// maxBlock is the most bytes that a block may take, before and after it is
// decompressed. A single value may be as large.
const maxBlock = 1 << 30

var magic = []byte("Obj\x01")

// Writer writes an object container file. The bytes depend on the schema, the
// properties and the values only: also the marker between blocks, which
// libraries else draw by lot, is made of them.
type Writer struct {
	to     io.Writer
	marker []byte
	block  []byte
	n      int // values in block
	packed bytes.Buffer
	head   []byte
	err    error
}

// deflaters are compressors between two blocks: one takes over half a megabyte, and
// most files are small.
var deflaters = sync.Pool{New: func() any {
	w, err := flate.NewWriter(nil, flate.BestSpeed)
	if err != nil {
		panic("avro: " + err.Error()) // there is that level
	}
	return w
}}

// Property is an entry of a file's header beside the schema.
type Property struct{ Name, Value string }

// NewWriter begins a file of values of a schema.
func NewWriter(to io.Writer, schema string, properties ...Property) (*Writer, error) {
	w, head := newWriter(to, schema, properties)
	_, w.err = to.Write(append(head, w.marker...))
	return w, w.err
}

// Append returns a writer of more blocks for a file that a Writer with the same
// schema and properties has begun.
func Append(to io.Writer, schema string, properties ...Property) *Writer {
	w, _ := newWriter(to, schema, properties)
	return w
}

// newWriter returns a writer and what a file begins with, but for the marker.
func newWriter(to io.Writer, schema string, properties []Property) (*Writer, []byte) {
	entries := append([]Property{{"avro.codec", "deflate"}, {"avro.schema", schema}}, properties...)
	head := AppendCount(append([]byte(nil), magic...), len(entries))
	for _, p := range entries {
		head = AppendString(AppendString(head, p.Name), p.Value)
	}
	head = AppendEnd(head)
	sum := sha256.Sum256(head)
	return &Writer{to: to, marker: sum[:16]}, head
}

// Room returns a buffer that a value may be appended to, and that is given to
// Value then.
func (w *Writer) Room() []byte { return w.block }

// Value takes what Room returned with a value appended.
func (w *Writer) Value(block []byte) error {
	w.block = block
	w.n++
	if len(w.block) >= blockSize {
		return w.Flush()
	}
	return w.err
}

// Flush writes the block that has been begun.
func (w *Writer) Flush() error {
	if w.n == 0 || w.err != nil {
		return w.err
	}
	w.packed.Reset()
	deflate := deflaters.Get().(*flate.Writer)
	deflate.Reset(&w.packed)
	if _, w.err = deflate.Write(w.block); w.err == nil {
		w.err = deflate.Close()
	}
	deflaters.Put(deflate)
	if w.err == nil {
		w.head = AppendInt(AppendInt(w.head[:0], w.n), w.packed.Len())
		for _, part := range [...][]byte{w.head, w.packed.Bytes(), w.marker} {
			if _, w.err = w.to.Write(part); w.err != nil {
				break
			}
		}
	}
	w.block, w.n = w.block[:0], 0
	return w.err
}

// ErrBroken is part of the error of a file that is no object container file or
// is cut.
var ErrBroken = errors.New("the file is no whole Avro file")

func broken(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrBroken, fmt.Sprintf(format, args...))
}

// File reads an object container file, block by block.
type File struct {
	from       byteReader
	properties map[string]string
	deflated   bool
	marker     [16]byte
	packed     bytes.Buffer
	plain      bytes.Buffer
	block      []byte
	at         Reader
	left       int // values of the block that have not been read
	inflate    io.ReadCloser
}

type byteReader interface {
	io.Reader
	io.ByteReader
}

// NewFile reads the header of a file.
func NewFile(from byteReader) (*File, error) {
	f := &File{from: from, properties: map[string]string{}}
	var start [4]byte
	if _, err := io.ReadFull(from, start[:]); err != nil || !bytes.Equal(start[:], magic) {
		return nil, broken("it does not begin with %q", magic)
	}
	if err := f.readProperties(); err != nil {
		return nil, err
	}
	if _, err := io.ReadFull(from, f.marker[:]); err != nil {
		return nil, broken("it ends within its header")
	}
	switch codec := f.properties["avro.codec"]; codec {
	case "deflate":
		f.deflated = true
	case "", "null":
	default:
		return nil, fmt.Errorf("the file is compressed by %q; those by \"deflate\" and \"null\" are read", codec)
	}
	if !json.Valid([]byte(f.properties["avro.schema"])) {
		return nil, broken("its schema is no JSON")
	}
	return f, nil
}

// Property returns an entry of the header, "" if there is none.
func (f *File) Property(name string) string { return f.properties[name] }

// readProperties reads the map of the header. It may take a mebibyte.
func (f *File) readProperties() error {
	room := int64(1 << 20)
	text := func() (string, error) {
		n, err := f.long()
		if err != nil || n < 0 || n > room {
			return "", broken("its header has a text of %d bytes", n)
		}
		room -= n + 1
		b := make([]byte, n)
		if _, err := io.ReadFull(f.from, b); err != nil {
			return "", broken("it ends within its header")
		}
		return string(b), nil
	}
	for {
		n, err := f.long()
		if err == nil && n < 0 {
			n = -n
			_, err = f.long()
		}
		switch {
		case err != nil:
			return broken("it ends within its header")
		case n == 0:
			return nil
		}
		for ; n > 0; n-- {
			name, err := text()
			if err != nil {
				return err
			}
			if f.properties[name], err = text(); err != nil {
				return err
			}
		}
	}
}

// long reads a number. At the end of the file the error is io.EOF.
func (f *File) long() (int64, error) {
	var v uint64
	for shift := 0; shift < 64; shift += 7 {
		b, err := f.from.ReadByte()
		switch {
		case err != nil && shift == 0:
			return 0, err
		case err != nil:
			return 0, broken("it ends within a number")
		}
		v |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return int64(v>>1) ^ -int64(v&1), nil
		}
	}
	return 0, broken("a number of more than 64 bits")
}

// Next returns the reader of the next value, or nil at the end of the file. The
// value must have been read before Next is called again.
func (f *File) Next() (*Reader, error) {
	if f.at.err != nil {
		return nil, f.at.err
	}
	for f.left == 0 {
		if f.at.at != len(f.at.data) {
			return nil, broken("%d bytes are left in a block", f.at.Len())
		}
		ended, err := f.nextBlock()
		if ended || err != nil {
			return nil, err
		}
	}
	f.left--
	return &f.at, nil
}

// nextBlock reads a block.
func (f *File) nextBlock() (ended bool, err error) {
	count, err := f.long()
	if errors.Is(err, io.EOF) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	size, err := f.long()
	if err != nil || count < 0 || count > maxBlock || size < 0 || size > maxBlock {
		return false, broken("a block of %d values in %d bytes", count, size)
	}
	// What is not there takes no memory.
	f.packed.Reset()
	if got, err := io.CopyN(&f.packed, f.from, size+16); err != nil {
		return false, broken("a block of %d bytes ends after %d", size, got)
	}
	f.block = f.packed.Bytes()[:size]
	if !bytes.Equal(f.packed.Bytes()[size:], f.marker[:]) {
		return false, broken("a block does not end with the file's marker")
	}
	if f.deflated {
		if err := f.unpack(); err != nil {
			return false, err
		}
	}
	f.at.Reset(f.block)
	f.left = int(count)
	return false, nil
}

// unpack decompresses a block.
func (f *File) unpack() error {
	in := bytes.NewReader(f.block)
	if f.inflate == nil {
		f.inflate = flate.NewReader(in)
	} else if err := f.inflate.(flate.Resetter).Reset(in, nil); err != nil {
		return err
	}
	f.plain.Reset()
	n, err := io.Copy(&f.plain, io.LimitReader(f.inflate, maxBlock+1))
	switch {
	case err != nil:
		return broken("a block cannot be decompressed: %v", err)
	case n > maxBlock:
		return broken("a block of more than %d bytes", maxBlock)
	}
	f.block = f.plain.Bytes()
	return nil
}
