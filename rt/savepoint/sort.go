package savepoint

import (
	"bufio"
	"bytes"
	"container/heap"
	"encoding/binary"
	"errors"
	"io"
	"slices"

	"github.com/flow-lang/flowc/rt/vfs"
)

// Records are sorted outside of memory: each shard collects until it has a
// buffer full, sorts it and writes it as a run; runs are merged, at most fanIn at
// once.

const (
	bufferSize = 32 << 20 // bytes that a shard collects
	fanIn      = 64       // runs that are merged at once
)

// item is a place in the order, and the bytes that stand there.
type item struct{ order, row []byte }

// buffer collects items.
type buffer struct {
	bytes []byte
	items []struct{ from, row, end uint32 }
}

// add adds an item whose order and row have been appended to bytes from "from" and
// "row" on.
func (b *buffer) add(from, row int) {
	b.items = append(b.items, struct{ from, row, end uint32 }{uint32(from), uint32(row), uint32(len(b.bytes))})
}

func (b *buffer) at(i int) item {
	it := b.items[i]
	return item{b.bytes[it.from:it.row], b.bytes[it.row:it.end]}
}

func (b *buffer) sort() {
	slices.SortFunc(b.items, func(x, y struct{ from, row, end uint32 }) int {
		return bytes.Compare(b.bytes[x.from:x.row], b.bytes[y.from:y.row])
	})
}

// stream gives items in order.
type stream interface {
	next() (it item, ok bool, err error)
	close() error
}

// sorted is the stream of a buffer that has been sorted.
type sorted struct {
	buffer *buffer
	at     int
}

func (s *sorted) next() (item, bool, error) {
	if s.at == len(s.buffer.items) {
		return item{}, false, nil
	}
	s.at++
	return s.buffer.at(s.at - 1), true, nil
}

func (s *sorted) close() error { return nil }

// run is the stream of a file.
type run struct {
	file vfs.File
	in   *bufio.Reader
	item item
}

func (r *run) next() (item, bool, error) {
	n, err := binary.ReadUvarint(r.in)
	if errors.Is(err, io.EOF) {
		return item{}, false, nil
	}
	if err == nil {
		r.item.order, err = r.read(r.item.order, n)
	}
	if err == nil {
		n, err = binary.ReadUvarint(r.in)
	}
	if err == nil {
		r.item.row, err = r.read(r.item.row, n)
	}
	return r.item, err == nil, err
}

func (r *run) read(into []byte, n uint64) ([]byte, error) {
	into = slices.Grow(into[:0], int(n))[:n]
	_, err := io.ReadFull(r.in, into)
	return into, err
}

func (r *run) close() error { return r.file.Close() }

func openRun(fs vfs.FS, name string) (stream, error) {
	f, err := fs.Open(name)
	if err != nil {
		return nil, err
	}
	return &run{file: f, in: bufio.NewReaderSize(f, 64<<10)}, nil
}

// writeRun writes a stream as a run.
func writeRun(fs vfs.FS, name string, s stream) (err error) {
	f, err := fs.Create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	out := bufio.NewWriterSize(f, 64<<10)
	for {
		it, ok, err := s.next()
		if err != nil {
			return err
		}
		if !ok {
			return out.Flush()
		}
		for _, part := range [...][]byte{it.order, it.row} {
			var n [binary.MaxVarintLen64]byte
			if _, err := out.Write(n[:binary.PutUvarint(n[:], uint64(len(part)))]); err != nil {
				return err
			}
			if _, err := out.Write(part); err != nil {
				return err
			}
		}
	}
}

// merged is the stream of several.
type merged struct {
	heads []head
	begun bool
}

type head struct {
	item item
	from stream
}

func (m *merged) Len() int { return len(m.heads) }
func (m *merged) Less(i, j int) bool {
	return bytes.Compare(m.heads[i].item.order, m.heads[j].item.order) < 0
}
func (m *merged) Swap(i, j int) { m.heads[i], m.heads[j] = m.heads[j], m.heads[i] }
func (m *merged) Push(x any)    { m.heads = append(m.heads, x.(head)) }
func (m *merged) Pop() any {
	last := m.heads[len(m.heads)-1]
	m.heads = m.heads[:len(m.heads)-1]
	return last
}

// merge returns the stream of several, which it closes in the end.
func merge(of []stream) (*merged, error) {
	m := &merged{}
	for _, s := range of {
		it, ok, err := s.next()
		if err != nil {
			return nil, err
		}
		if ok {
			m.heads = append(m.heads, head{it, s})
		} else if err := s.close(); err != nil {
			return nil, err
		}
	}
	heap.Init(m)
	return m, nil
}

// next gives the first item, which is good until the call after.
func (m *merged) next() (item, bool, error) {
	if m.begun {
		first := &m.heads[0]
		it, ok, err := first.from.next()
		switch {
		case err != nil:
			return item{}, false, err
		case ok:
			first.item = it
			heap.Fix(m, 0)
		default:
			if err := first.from.close(); err != nil {
				return item{}, false, err
			}
			heap.Pop(m)
		}
	}
	m.begun = len(m.heads) > 0
	if !m.begun {
		return item{}, false, nil
	}
	return m.heads[0].item, true, nil
}

func (m *merged) close() error {
	var err error
	for _, h := range m.heads {
		err = errors.Join(err, h.from.close())
	}
	m.heads = nil
	return err
}
