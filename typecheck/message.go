package typecheck

import (
	"fmt"

	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/lang/source"
)

// message is a diagnostic under construction.
type message struct{ diag.Diagnostic }

// mistake begins the message of an error at span.
func mistake(code diag.Code, span source.Span, format string, args ...any) message {
	return message{diag.Diagnostic{Code: code, Span: span, Message: fmt.Sprintf(format, args...)}}
}

// warning begins the message of a warning at span.
func warning(code diag.Code, span source.Span, format string, args ...any) message {
	m := mistake(code, span, format, args...)
	m.Severity = diag.Warning
	return m
}

// once says that the same message elsewhere has the same cause.
func (m message) once() message {
	m.Once = true
	return m
}

// note adds a second place; a place that no text declares is left out.
func (m message) note(span source.Span, format string, args ...any) message {
	if span.Start.IsValid() {
		m.Notes = append(m.Notes[:len(m.Notes):len(m.Notes)], diag.Note{Span: span, Message: fmt.Sprintf(format, args...)})
	}
	return m
}

// help says what to type, unless something was said already.
func (m message) help(format string, args ...any) message {
	if m.Help == "" {
		m.Help = fmt.Sprintf(format, args...)
	}
	return m
}

// meant proposes the candidate that is most like name, if one is like it.
func (m message) meant(name string, candidates []string) message {
	if m.Help == "" {
		m.Help = diag.DidYouMean(name, candidates)
	}
	return m
}

func (c *checker) add(m message) {
	if m.Severity == diag.Error {
		c.errors++
	}
	c.report.Add(m.Diagnostic)
}

// at is the empty span at a place.
func at(pos source.Pos) source.Span { return source.Span{Start: pos, End: pos} }
