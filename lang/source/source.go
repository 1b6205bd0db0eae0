// Package source says where a piece of program text stands.
//
// Every stage from the parser to the runtime's error messages speaks of text
// through these types, so that a position means the same thing everywhere.
package source

import "fmt"

// Pos is a place in one file of program text.
//
// Line and Column count from 1; Column counts bytes of the line, as Go's tools
// do. Offset counts bytes of the file from 0. The zero Pos means "nowhere" and
// belongs to things that no text declares.
type Pos struct {
	Filename string
	Offset   int
	Line     int
	Column   int
}

// IsValid reports whether p names a place.
func (p Pos) IsValid() bool { return p.Line > 0 }

// String returns file:line:column, or "-" for nowhere.
func (p Pos) String() string {
	if !p.IsValid() {
		return "-"
	}
	return fmt.Sprintf("%s:%d:%d", p.Filename, p.Line, p.Column)
}

// Span is the half-open range of text from Start to End, both in one file.
type Span struct {
	Start Pos // first byte
	End   Pos // first byte after
}

// String returns the place where the span begins.
func (s Span) String() string { return s.Start.String() }
