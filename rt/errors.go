package rt

import (
	"fmt"
	"strings"

	"github.com/flow-lang/flowc/rt/value"
)

// RecordError is the failure of a job over one record.
type RecordError struct {
	Place  string   // where: a place in the program or in the input, "file:line:column" or "file:line"
	Reason string   // one clause
	Inside string   // where in the standard library, if Place has called it; else ""
	In     string   // the step or source, with its place
	Record string   // the record as JSON, or the raw row; cut to 200 bytes
	Help   []string // what to do
}

// Error returns the error in several lines; the first says where and why.
func (e *RecordError) Error() string {
	var b strings.Builder
	b.WriteString(e.Place)
	b.WriteString(": ")
	b.WriteString(e.Reason)
	if e.Inside != "" {
		b.WriteString("\n  inside ")
		b.WriteString(e.Inside)
	}
	b.WriteString("\n  ")
	b.WriteString(e.In)
	if e.Record != "" {
		b.WriteString("\n  record: ")
		b.WriteString(e.Record)
	}
	for _, help := range e.Help {
		b.WriteString("\n  help: ")
		b.WriteString(help)
	}
	return b.String()
}

// Bug is a Go panic inside a task: a mistake of flowc or its runtime, never of
// the program or its input.
type Bug struct {
	Task  string
	Value any
	Stack []byte
}

// Error returns what went wrong and where, without the stack.
func (e *Bug) Error() string { return fmt.Sprintf("%s panicked: %v", e.Task, e.Value) }

// maxRecordShown is how many bytes of a record a message shows.
const maxRecordShown = 200

// shown returns the beginning of a record for a message, in one line.
func shown(record []byte) string {
	cut := len(record) > maxRecordShown
	if cut {
		record = record[:maxRecordShown]
	}
	text := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.TrimSpace(strings.ToValidUTF8(string(record), "\uFFFD")))
	if cut {
		text += "…"
	}
	return text
}

// place writes a position of the program, or "" if it is none.
func place(files []string, at value.Pos) string {
	if !at.IsValid() || at.File() >= len(files) {
		return ""
	}
	return fmt.Sprintf("%s:%d:%d", files[at.File()], at.Line(), at.Column())
}
