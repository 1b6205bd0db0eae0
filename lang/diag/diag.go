// Package diag holds the messages that flowc gives to the author of a program.
//
// A stage adds to a [List] and returns as much as it understood; only cmd/flowc
// prints. A message is data: the printers (text, JSON, GitHub, SARIF) and the
// catalog of codes for "flowc explain" work on it alone.
package diag

import (
	"fmt"
	"slices"
	"sort"

	"github.com/flow-lang/flowc/lang/source"
)

// Code names one kind of mistake for ever: a letter for the stage (L for text
// and grammar, T for names and types, S for streams, uids and state, R for
// retention, C for compatibility) and four digits. A code is never reused.
type Code string

// Severity says whether a message stops the build.
type Severity int

// The severities. The zero value is Error.
const (
	Error Severity = iota
	Warning
)

// Note points at a second place that helps to understand the first.
type Note struct {
	Span    source.Span // nowhere if the note is about no text
	Message string
}

// Diagnostic is one message.
type Diagnostic struct {
	Code     Code
	Severity Severity
	Span     source.Span // the text that is wrong, as short as can be
	Message  string      // one clause in the user's words, no capital, no full stop
	Notes    []Note      // where else to look, such as "declared here"
	Help     string      // what to type; empty if there is nothing sure to say
	// Once says that the same message at another place has the same cause, as a
	// name that nothing declares: it becomes a note of the first.
	Once bool
}

// List collects diagnostics. The zero value is empty and ready.
type List struct {
	all  []Diagnostic
	seen map[key]bool
}

type key struct {
	code    Code
	start   source.Pos
	message string
}

// longest is the number of bytes that a message, note or help may have: a word
// of the program in it may be as long as its file.
const longest = 1000

// brief returns s, cut if it is longer than a message may be.
func brief(s string) string {
	if len(s) <= longest {
		return s
	}
	return head(s, longest) + "…"
}

// Add appends d unless the same message stands at the same place already, as
// happens when an operator is checked once for each use. Texts of more than
// 1000 bytes are cut.
func (l *List) Add(d Diagnostic) {
	d.Message, d.Help = brief(d.Message), brief(d.Help)
	d.Notes = slices.Clone(d.Notes)
	for i := range d.Notes {
		d.Notes[i].Message = brief(d.Notes[i].Message)
	}
	k := key{d.Code, d.Span.Start, d.Message}
	if l.seen[k] {
		return
	}
	if l.seen == nil {
		l.seen = map[key]bool{}
	}
	l.seen[k] = true
	l.all = append(l.all, d)
}

// Sorted returns the diagnostics in order of file, place and code. Those that
// are to be given once are.
func (l *List) Sorted() []Diagnostic {
	out := append([]Diagnostic(nil), l.all...)
	sort.SliceStable(out, func(i, j int) bool {
		a, b := out[i].Span.Start, out[j].Span.Start
		if a.Filename != b.Filename {
			return a.Filename < b.Filename
		}
		if a.Offset != b.Offset {
			return a.Offset < b.Offset
		}
		return out[i].Code < out[j].Code
	})
	return told(out)
}

// alsoHere is how many places a message names at most, its own left out.
const alsoHere = 3

// told turns messages that are to be given once into notes of the first.
func told(sorted []Diagnostic) []Diagnostic {
	type cause struct{ code, message, help string }
	first, more := map[cause]int{}, map[int]int{}
	var out []Diagnostic
	for _, d := range sorted {
		c := cause{string(d.Code), d.Message, d.Help}
		i, again := first[c]
		switch {
		case !d.Once:
		case !again:
			first[c] = len(out)
		case more[i] < alsoHere:
			out[i].Notes = append(slices.Clip(out[i].Notes), Note{d.Span, "and here"})
			fallthrough
		default:
			more[i]++
			continue
		}
		out = append(out, d)
	}
	for i, n := range more {
		if n > alsoHere {
			last := &out[i].Notes[len(out[i].Notes)-1]
			last.Message = fmt.Sprintf("and here, and at %d more places", n-alsoHere)
			if n == alsoHere+1 {
				last.Message = "and here, and at one more place"
			}
		}
	}
	return out
}

// HasErrors reports whether any diagnostic is an Error.
func (l *List) HasErrors() bool {
	for _, d := range l.all {
		if d.Severity == Error {
			return true
		}
	}
	return false
}

// Explanation is the long text of one code, for "flowc explain".
type Explanation struct {
	Code   Code
	Title  string // one line, no full stop
	Text   string // what is wrong, why it is refused, what to do; Markdown
	Before string // a whole small program that gets the code
	After  string // the same program, mended
}
