package file

import (
	"bufio"
	"fmt"
	"io"

	"github.com/flow-lang/flowc/rt/avro"
	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/wire"
)

// Avro is the format of object container files of Avro whose values are of type
// t. names is t with the names that fields have in JSON, or nil if they are the
// same.
//
// A source reads files of any schema: fields meet by their names, present or
// former, as [avro.Foreign.AppendJSON] says. A sink writes the schema of the
// type, as savepoints have it.
func Avro(t, names *schema.Type) Format {
	if names == nil {
		names = t
	}
	text, err := avro.Schema(t, "Row")
	if err != nil {
		panic("file: " + err.Error()) // the compiler wrote the type
	}
	a := &avroType{t, names, text}
	return Container(&Packing{Name: "avro", Unpack: a.unpack, Pack: a.pack, Empty: true})
}

// avroType is the type of the values of a file.
type avroType struct {
	t, names *schema.Type
	schema   string
}

func (a *avroType) unpack(r io.Reader) (io.Reader, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	if _, err := in.Peek(1); err != nil {
		return nil, err
	}
	f, err := avro.NewFile(in)
	if err != nil {
		return nil, err
	}
	s, err := avro.ParseSchema(f.Property("avro.schema"))
	if err != nil {
		return nil, err
	}
	return Lines(s, a.t, a.names, f.Next), nil
}

// Lines reads values of a schema as JSON lines for a decoder of type t, whose
// fields are called names in JSON. next gives the reader of a value, and nil or
// io.EOF when there are no more.
func Lines(s *avro.Foreign, t, names *schema.Type, next func() (*avro.Reader, error)) io.Reader {
	return &lines{schema: s, t: t, names: names, next: next}
}

type lines struct {
	schema   *avro.Foreign
	t, names *schema.Type
	next     func() (*avro.Reader, error)
	text     []byte
	at       int   // of text: what comes next
	n        int   // values that have been read
	err      error // what comes behind text
}

func (l *lines) Read(p []byte) (int, error) {
	if l.at == len(l.text) {
		if err := l.more(); err != nil {
			return 0, err
		}
	}
	n := copy(p, l.text[l.at:])
	l.at += n
	return n, nil
}

// more reads values until there are enough lines for now.
func (l *lines) more() error {
	const enough = 32 << 10
	l.text, l.at = l.text[:0], 0
	for len(l.text) < enough && l.err == nil {
		whole := len(l.text)
		r, err := l.next()
		switch {
		case err != nil:
			l.err = err
		case r == nil:
			l.err = io.EOF
		default:
			l.n++
			l.text = append(l.schema.AppendJSON(l.text, r, l.t, l.names), '\n')
			if r.Failed() {
				l.text = l.text[:whole]
				l.err = fmt.Errorf("record %d: %w", l.n, r.Close())
			}
		}
	}
	if len(l.text) > 0 {
		return nil
	}
	return l.err
}

// EachLine calls write with each of some whole lines, as a [Packer] of values does.
func EachLine(rows []byte, write func(line []byte) error) (int, error) {
	var line []byte
	for rest := rows; len(rest) > 0; {
		line, rest = wire.NextLine(rest)
		if err := write(line); err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}

func (a *avroType) pack(w io.Writer, begins bool) (Packer, error) {
	if !begins {
		return &avroPacker{a, avro.Append(w, a.schema)}, nil
	}
	to, err := avro.NewWriter(w, a.schema)
	return &avroPacker{a, to}, err
}

// avroPacker writes JSON lines as the values of a file.
type avroPacker struct {
	*avroType
	to *avro.Writer
}

// Write takes whole lines.
func (p *avroPacker) Write(rows []byte) (int, error) {
	return EachLine(rows, func(line []byte) error {
		block, err := avro.FromJSON(p.to.Room(), p.names, line)
		if err != nil {
			return err
		}
		return p.to.Value(block)
	})
}

func (p *avroPacker) Flush() error { return p.to.Flush() }
func (p *avroPacker) Close() error { return p.to.Flush() }
