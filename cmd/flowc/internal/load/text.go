package load

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/lang/source"
)

var (
	errTooLong = fmt.Errorf("it is longer than %d bytes", MaxSize)
	errFolder  = errors.New("it is a folder")
)

// Text returns the text of the file at given, as the caller of flowc wrote the
// path. If it cannot be read, why goes to report and ok is false.
func Text(given string, report *diag.List) (text string, ok bool) {
	f, err := os.Open(given)
	if err == nil {
		defer f.Close()
		text, err = readAll(f)
	}
	if err != nil {
		report.Add(unreadable(given, err))
		return "", false
	}
	return text, true
}

// TextOf is Text for what r holds; name stands for it in diagnostics.
func TextOf(name string, r io.Reader, report *diag.List) (text string, ok bool) {
	text, err := readText(r)
	if err != nil {
		report.Add(unreadable(name, err))
		return "", false
	}
	return text, true
}

func readAll(f *os.File) (string, error) {
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	if info.IsDir() {
		return "", errFolder
	}
	return readText(f)
}

// readText reads no more than MaxSize bytes and one: what never ends, such as
// /dev/zero, must not fill the memory.
func readText(r io.Reader) (string, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return "", err
	}
	if len(text) > MaxSize {
		return "", errTooLong
	}
	return string(text), nil
}

// unreadable says that the file called name cannot be read. A message needs a
// place, and the first byte is the only one that such a file has for sure.
func unreadable(name string, err error) diag.Diagnostic {
	start := source.Pos{Filename: name, Line: 1, Column: 1}
	return diag.Diagnostic{
		Code:    codeOf(err),
		Span:    source.Span{Start: start, End: start},
		Message: "the file cannot be read: " + reason(err),
		Help:    mend(err),
	}
}

func codeOf(err error) diag.Code {
	if errors.Is(err, errTooLong) {
		return FileTooLong
	}
	return FileUnreadable
}

// reason is why a file could not be read, without the path: that stands before
// it already.
func reason(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "there is no such file"
	case errors.Is(err, fs.ErrPermission):
		return "permission denied"
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}

// mend is what to do about err, "" if there is nothing sure to say.
func mend(err error) string {
	switch {
	case errors.Is(err, errFolder):
		return "name a file in it, such as main.flow"
	case errors.Is(err, errTooLong):
		return "part the program into a pipeline and libraries that it imports"
	case errors.Is(err, fs.ErrPermission):
		return "give yourself the right to read it"
	}
	return ""
}
