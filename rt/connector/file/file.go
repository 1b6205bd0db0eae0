// Package file reads and writes rows in files, on standard input and on
// standard output: CSV and JSON lines, plain or packed with gzip or, where package
// zst is linked, zstd; and the object container files of Avro.
//
// A source reads one file, the files of a directory or those that match a
// pattern, by name, one after another or several at once. A sink writes one file,
// or a directory of part files that get their final names when the job ends
// well. All of it goes through the [vfs.FS] of the job.
//
// The package cuts input into blocks of whole rows and never looks into a row,
// but for the header of CSV.
package file

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"

	"github.com/flow-lang/flowc/rt/wire"
)

// Standard is the path that stands for standard input or output.
const Standard = "-"

// A Format says how rows lie in a file.
//
//sumtype:decl
type Format interface {
	// name is the connector's name in Flow.
	name() string
	// whole returns the length of the whole rows at the beginning of block.
	whole(block []byte, eof bool) int
	// open reads what stands before the rows of a file. It returns the columns
	// for the file's blocks and the length of what it has read, which is a whole
	// row of block.
	open(block []byte) (columns []int, n int, err error)
	// headed reports whether the first row of a file is a header.
	headed() bool
	// begin returns what a new file begins with.
	begin() []byte
	// extension is that of part files, without a dot.
	extension() string
	// packing returns how the file at path is packed; nil if it is not.
	packing(path string) *Packing
}

// JSON is the format of JSON lines.
type JSON struct{}

func (JSON) name() string                                { return "jsonl" }
func (JSON) whole(block []byte, eof bool) int            { return wire.LastLine(block, eof) }
func (JSON) open(block []byte) (_ []int, _ int, _ error) { return nil, 0, nil }
func (JSON) headed() bool                                { return false }
func (JSON) begin() []byte                               { return nil }
func (JSON) extension() string                           { return "jsonl" }
func (JSON) packing(path string) *Packing                { return packingOf(path) }

// CSV is the format of comma-separated values.
type CSV struct {
	Header bool            // the first row names the columns
	Rows   *wire.CSVFormat // what lanes decode rows with; of a sink: its names and delimiter
}

func (CSV) name() string { return "csv" }

func (c CSV) whole(block []byte, eof bool) int { return wire.LastRow(block, c.Rows.Delimiter, eof) }

func (c CSV) open(block []byte) ([]int, int, error) {
	if !c.Header {
		return nil, 0, nil
	}
	names, rest, err := wire.Header(block, c.Rows.Delimiter)
	if err != nil {
		return nil, 0, err
	}
	columns, err := wire.Columns(names, c.Rows.Columns)
	return columns, len(block) - len(rest), err
}

func (c CSV) headed() bool { return c.Header }

func (c CSV) begin() []byte {
	if !c.Header {
		return nil
	}
	var names []string
	for _, column := range c.Rows.Columns {
		names = append(names, column.Name)
	}
	return wire.AppendHeader(nil, names, c.Rows.Delimiter)
}

func (CSV) extension() string { return "csv" }

func (CSV) packing(path string) *Packing { return packingOf(path) }

// Container is the format of files that hold records in a form of their own, which
// leave them and enter them as JSON lines. It is called as the packing is.
func Container(p *Packing) Format { return container{as: p} }

type container struct {
	JSON
	as *Packing
}

func (c container) name() string            { return c.as.Name }
func (c container) extension() string       { return c.as.Name }
func (c container) packing(string) *Packing { return c.as }

// describe writes a connector as in Flow.
func describe(format Format, path, standard string) string {
	if path == Standard {
		return fmt.Sprintf("%s(%s)", format.name(), standard)
	}
	return fmt.Sprintf("%s(%q)", format.name(), path)
}

// shownPath is a path in a message.
func shownPath(path, standard string) string {
	if path == Standard {
		return standard
	}
	return path
}

// explain says what to do about an error of the file system.
func explain(path string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: no such file or directory; paths are relative to the folder where the program runs", path)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%s: permission denied: give the user who runs the program the right to it", path)
	}
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return fmt.Errorf("%s: %w", path, err)
}

// lineOf returns the number of newlines in block.
func linesIn(block []byte) int { return bytes.Count(block, []byte{'\n'}) }
