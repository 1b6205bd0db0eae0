// Package loop reads lines, hands them to a function one at a time and writes
// what the function appends: what the hand-written programs have in common.
package loop

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

const bufferSize = 256 << 10

// Run calls handle with each line of the file os.Args[1], without its end, and
// writes to the file os.Args[2] what it appends to its second argument. An
// error of handle ends the program with the number of the line.
func Run(handle func(line, out []byte) ([]byte, error)) {
	if len(os.Args) != 3 {
		fmt.Fprintf(os.Stderr, "usage: %s INPUT OUTPUT\n", os.Args[0])
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2], handle); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(input, output string, handle func(line, out []byte) ([]byte, error)) error {
	in, err := Open(input)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	return Write(output, func(w *bufio.Writer) error {
		for {
			line, err := in.Next()
			if line == nil || err != nil {
				return err
			}
			row, err := handle(line, w.AvailableBuffer())
			if err != nil {
				return in.At(err)
			}
			if _, err := w.Write(row); err != nil {
				return err
			}
		}
	})
}

// Lines are the lines of a file.
type Lines struct {
	path   string
	file   *os.File
	r      *bufio.Reader
	number int // of the last line
}

// Open opens a file.
func Open(path string) (*Lines, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	return &Lines{path: path, file: f, r: bufio.NewReaderSize(f, bufferSize)}, nil
}

// Next returns the next line without its end, which is good until the next call;
// nil at the end of the file.
func (l *Lines) Next() ([]byte, error) {
	line, err := l.r.ReadSlice('\n')
	if errors.Is(err, io.EOF) && len(line) == 0 {
		return nil, nil
	}
	l.number++
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, l.At(err)
	}
	return bytes.TrimSuffix(line, []byte("\n")), nil
}

// At says of an error that it is the last line's.
func (l *Lines) At(err error) error { return fmt.Errorf("%s:%d: %w", l.path, l.number, err) }

// Close closes the file.
func (l *Lines) Close() error { return l.file.Close() }

// Write creates the file output with what fill writes.
func Write(output string, fill func(*bufio.Writer) error) (err error) {
	out, err := os.Create(output)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	w := bufio.NewWriterSize(out, bufferSize)
	if err := fill(w); err != nil {
		return err
	}
	return w.Flush()
}
