package file

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/wire"
)

// followWait is how long a reader waits before it looks again for rows that
// were added to a file it follows.
const followWait = 100 * time.Millisecond

// overlongShown is how many bytes of a row that is too long are handed on.
const overlongShown = 64 << 10

// reader reads files one after another and cuts them into blocks.
type reader struct {
	source   Source
	env      *rt.Env
	paths    []string // files that have not been opened
	standard *standard

	path    string
	in      io.Reader // nil between files
	file    io.Closer
	prompt  bool     // reads give what there is: a block is not filled up
	opened  bool     // what stands before the rows has been read
	columns []int    // of the file at hand
	line    int      // of the next row
	offset  int64    // of the next row
	carry   []byte   // the beginning of a row whose end has not been read
	skip    bool     // the rest of a row that is too long comes first
	done    bool     // the file at hand has been read to its end
	head    print    // of the file at hand
	tail    print    // of what lies before offset
	note    bool     // read is kept
	gone    []string // files that have been read to their end
}

// Bounded reports whether all input is there already.
func (r *reader) Bounded() bool { return !r.source.Follow && (r.standard == nil || r.standard.regular) }

// Close closes the file at hand. What standard input has given of a row is left
// to the next reader.
func (r *reader) Close() error {
	if r.standard != nil {
		r.standard.unread(r.carry)
	}
	return r.end()
}

// nextFile opens the next file. It returns io.EOF if there is none.
func (r *reader) nextFile() error {
	if len(r.paths) == 0 {
		return io.EOF
	}
	path := r.paths[0]
	r.paths = r.paths[1:]
	f, err := r.env.FS.Open(path)
	if err != nil {
		return explain(path, err)
	}
	head, err := printHead(f)
	if err != nil {
		return errors.Join(explain(path, err), f.Close())
	}
	var in io.Reader = f
	if p := r.source.Format.packing(path); p != nil {
		if in, err = p.unpack(path, f, f); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	r.begin(path, in, true)
	r.file, r.head = f, head
	return nil
}

// begin starts a file.
func (r *reader) begin(path string, in io.Reader, regular bool) {
	r.path, r.in, r.prompt = path, in, !regular || r.source.Follow
	r.opened, r.columns, r.line, r.offset = false, nil, 1, 0
	r.carry, r.skip, r.done, r.tail = r.carry[:0], false, false, printOf(nil)
}

// end closes the file at hand.
func (r *reader) end() error {
	f := r.file
	r.in, r.file = nil, nil
	if f == nil {
		return nil
	}
	return f.Close()
}

// Read fills b with whole rows.
func (r *reader) Read(ctx context.Context, b *rt.Block) error {
	for {
		if r.in == nil {
			if err := r.nextFile(); err != nil {
				return err
			}
		}
		eof, err := r.fill(ctx, b)
		if err != nil {
			r.carry = append(r.carry[:0], b.Bytes...)
			return err
		}
		if b.Overlong != nil {
			return nil
		}
		n := r.source.Format.whole(b.Bytes, eof)
		r.carry = append(r.carry[:0], b.Bytes[n:]...)
		b.Bytes = b.Bytes[:n]
		err = r.rows(b, eof)
		if eof {
			r.done = true
			if r.note {
				r.gone = append(slices.Clip(r.gone), r.path)
			}
			err = errors.Join(err, r.end())
		}
		if err != nil || len(b.Bytes) > 0 {
			return err
		}
	}
}

// rows describes the rows of a block, after it has taken off what stands
// before the rows of a file.
func (r *reader) rows(b *rt.Block, eof bool) error {
	skipped := 0
	if !r.opened && (len(b.Bytes) > 0 || eof) {
		text := wire.TrimBOM(b.Bytes)
		columns, n, err := r.source.Format.open(text)
		if err != nil {
			return fmt.Errorf("%s:%d: %w", r.path, r.line, err)
		}
		r.opened, r.columns = true, columns
		skipped = len(b.Bytes) - len(text) + n
		r.line += linesIn(b.Bytes[:skipped])
		b.Bytes = b.Bytes[:copy(b.Bytes, b.Bytes[skipped:])]
	}
	b.Path, b.Line, b.Offset, b.Columns = r.path, r.line, r.offset+int64(skipped), r.columns
	r.line += linesIn(b.Bytes)
	r.offset += int64(skipped + len(b.Bytes))
	if len(b.Bytes) > 0 {
		r.tail = printTail(b.Bytes)
	}
	return nil
}

// fill reads until b holds a whole row and, unless the input is prompt, is
// full. It reports whether the file has come to its end.
func (r *reader) fill(ctx context.Context, b *rt.Block) (eof bool, err error) {
	b.Bytes = append(b.Bytes[:0], r.carry...)
	longest := r.source.MaxRecord + 1 // with the newline: no longer row fits a block
	for {
		if len(b.Bytes) == min(cap(b.Bytes), longest) {
			if r.source.Format.whole(b.Bytes, false) > 0 {
				return false, nil
			}
			if len(b.Bytes) == longest {
				return false, r.overlong(b)
			}
			b.Bytes = append(make([]byte, 0, min(2*cap(b.Bytes), longest)), b.Bytes...)
		}
		n, err := r.read(ctx, b.Bytes[len(b.Bytes):min(cap(b.Bytes), longest)])
		b.Bytes = b.Bytes[:len(b.Bytes)+n]
		if r.skip {
			r.skipRow(b)
		}
		switch {
		case errors.Is(err, io.EOF) && r.source.Follow:
			if err := r.await(ctx, b); err != nil {
				return false, err
			}
			if r.in == nil {
				return true, nil
			}
		case errors.Is(err, io.EOF):
			return true, nil
		case err != nil:
			return false, r.readError(err)
		}
		if r.prompt && n > 0 && r.source.Format.whole(b.Bytes, false) > 0 {
			return false, nil
		}
	}
}

// read reads some bytes, and nothing once ctx is done.
func (r *reader) read(ctx context.Context, p []byte) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if r.standard != nil {
		return r.standard.read(ctx, p)
	}
	return r.in.Read(p)
}

// await waits for more at the end of a file that is followed. When another file
// has come that is to be read after it, the file has ended.
func (r *reader) await(ctx context.Context, b *rt.Block) error {
	if len(r.paths) == 0 && r.standard == nil {
		if err := r.findNew(); err != nil {
			return err
		}
	}
	if len(r.paths) > 0 || r.standard != nil {
		r.in = nil
		return nil
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(followWait):
		return nil
	}
}

// findNew looks for files whose names come after that of the file at hand.
func (r *reader) findNew() error {
	paths, err := r.source.find(r.env)
	if err != nil {
		return err
	}
	for _, p := range paths {
		if p > r.path {
			r.paths = append(r.paths, p)
		}
	}
	return nil
}

// overlong hands on the beginning of a row that is too long. The rest of it is
// skipped when more is read.
func (r *reader) overlong(b *rt.Block) error {
	if !r.opened {
		if r.source.Format.headed() {
			return fmt.Errorf("%s:1: the header is longer than %d bytes: this does not look like a text file", r.path, r.source.MaxRecord)
		}
		r.opened = true
	}
	b.Overlong = &wire.Malformed{Reason: fmt.Sprintf("the row is longer than %d bytes", r.source.MaxRecord)}
	b.Path, b.Line, b.Offset, b.Columns = r.path, r.line, r.offset, r.columns
	r.offset += int64(len(b.Bytes))
	r.tail = printTail(b.Bytes)
	r.line += linesIn(b.Bytes)
	b.Bytes = b.Bytes[:min(len(b.Bytes), overlongShown)]
	r.carry, r.skip = r.carry[:0], true
	return nil
}

// skipRow drops what has been read of a row that is too long, up to its
// newline.
func (r *reader) skipRow(b *rt.Block) {
	n := bytes.IndexByte(b.Bytes, '\n') + 1
	if n > 0 {
		r.skip = false
		r.line++
	} else {
		n = len(b.Bytes)
	}
	r.offset += int64(n)
	r.tail = printTail(b.Bytes[:n])
	b.Bytes = b.Bytes[:copy(b.Bytes, b.Bytes[n:])]
}

// readError names the file and says what to do.
func (r *reader) readError(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return r.source.Format.packing(r.path).explain(r.path, err)
}
