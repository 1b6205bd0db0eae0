package parquet

import (
	"io"

	"github.com/flow-lang/flowc/rt/avro"
	"github.com/flow-lang/flowc/rt/connector/file"
	"github.com/flow-lang/flowc/rt/schema"
)

// Format is the format of files of Parquet whose rows are of type t. names is t
// with the names that fields have in JSON, or nil if they are the same.
//
// A source reads files of any schema: fields meet by their names, present or
// former, as [avro.Foreign.AppendJSON] says. A file ends with what describes it, so
// that one which is not whole cannot be read, and a sink writes only into folders.
func Format(t, names *schema.Type) file.Format {
	if names == nil {
		names = t
	}
	return file.Container(&file.Packing{
		Name: "parquet", Sized: true, Whole: true,
		Unpack: func(r io.Reader) (io.Reader, error) { return unpack(r.(*io.SectionReader), t, names) },
		Pack: func(w io.Writer, _ bool) (file.Packer, error) {
			return &packer{names: names, to: NewWriter(w, t)}, nil
		},
	})
}

func unpack(in *io.SectionReader, t, names *schema.Type) (io.Reader, error) {
	if in.Size() == 0 {
		return nil, io.EOF
	}
	r, err := NewReader(in, in.Size())
	if err != nil {
		return nil, err
	}
	var row []byte
	return file.Lines(r.Schema(), t, names, func() (*avro.Reader, error) {
		var err error
		if row, err = r.Next(row[:0]); err != nil {
			return nil, err
		}
		return avro.NewReader(row), nil
	}), nil
}

// packer writes JSON lines as the rows of a file.
type packer struct {
	names *schema.Type
	to    *Writer
	row   []byte
}

// Write takes whole lines.
func (p *packer) Write(rows []byte) (int, error) {
	return file.EachLine(rows, func(line []byte) (err error) {
		if p.row, err = avro.FromJSON(p.row[:0], p.names, line); err != nil {
			return err
		}
		return p.to.Write(p.row)
	})
}

// Flush does nothing: rows can be read once the file is whole.
func (p *packer) Flush() error { return nil }

func (p *packer) Close() error { return p.to.Close() }
