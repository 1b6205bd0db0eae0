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

func run(input, output string, handle func(line, out []byte) ([]byte, error)) (err error) {
	in, err := os.Open(input)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(output)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	r, w := bufio.NewReaderSize(in, bufferSize), bufio.NewWriterSize(out, bufferSize)
	for number := 1; ; number++ {
		line, err := r.ReadSlice('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 {
			return w.Flush()
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("%s:%d: %w", input, number, err)
		}
		line = bytes.TrimSuffix(line, []byte("\n"))
		row, err := handle(line, w.AvailableBuffer())
		if err != nil {
			return fmt.Errorf("%s:%d: %w", input, number, err)
		}
		if _, err := w.Write(row); err != nil {
			return err
		}
	}
}
