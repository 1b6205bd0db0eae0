package typecheck

import (
	"fmt"

	"github.com/flow-lang/flowc/lang"
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

// meant proposes the candidate that other languages call name, or that is most
// like it, if there is one.
func (m message) meant(name string, candidates []string) message {
	if ours := known(name, candidates); ours != "" {
		m = m.help("did you mean %q?", ours)
	}
	if m.Help == "" {
		m.Help = diag.DidYouMean(name, candidates)
	}
	return m
}

// maxMessages is how many errors, and how many warnings, one check gives: that
// many have a common cause, and each wants time.
const maxMessages = 200

// add reports m, unless there are too many already.
func (c *checker) add(m message) {
	n, words := &c.warnings, "warnings"
	if m.Severity == diag.Error {
		n, words = &c.errors, "mistakes"
	}
	*n++
	switch {
	case *n == maxMessages:
		m = message{diag.Diagnostic{
			Code: lang.TooManyMistakes, Severity: m.Severity, Span: m.Span, Message: "there are more " + words + " than can be told",
			Help: "mend some of them first",
		}}
		fallthrough
	case *n < maxMessages:
		c.report.Add(m.Diagnostic)
	}
}

// full reports whether no further mistake is told, so that nothing need be found
// out about one. It counts as one all the same.
func (c *checker) full() bool {
	if c.errors < maxMessages {
		return false
	}
	c.errors++
	return true
}

// at is the empty span at a place.
func at(pos source.Pos) source.Span { return source.Span{Start: pos, End: pos} }
