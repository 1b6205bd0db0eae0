package diag

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/flow-lang/flowc/lang/source"
)

// The widest excerpt of a line, in columns of a terminal, and how much of it
// stands before the place that is pointed at.
const (
	maxExcerpt = 160
	leadIn     = 60
)

// maxBytes is how many bytes on each side of a place are looked at: so many that
// an excerpt is full, so few that a line of a megabyte with a mistake in every
// word is no work.
const maxBytes = 8 * maxExcerpt

// String returns the word that stands in messages.
func (s Severity) String() string {
	if s == Warning {
		return "warning"
	}
	return "error"
}

// Text writes diagnostics for people to read:
//
//	clicks.flow:7:9: error[T0203]: unknown field "usr" on Click
//	    7 |   |> key(usr)
//	      |          ^^^
//	  note: clicks.flow:1:1: Click is declared here
//	  help: did you mean "user"?
//
// sources holds the text of each file by its name; without it the lines are
// left out. Characters that would change how a terminal shows the rest are
// replaced. color adds the escapes of a terminal.
func Text(w io.Writer, diags []Diagnostic, sources map[string]string, color bool) error {
	p := printer{color: color, lines: map[string][]string{}}
	for name, text := range sources {
		p.lines[name] = strings.Split(text, "\n")
	}
	for _, d := range diags {
		p.diagnostic(d)
	}
	_, err := io.WriteString(w, p.out.String())
	return err
}

type printer struct {
	out   strings.Builder
	color bool
	lines map[string][]string
}

// The colors of a terminal.
const (
	bold   = "1"
	red    = "1;31"
	yellow = "1;33"
	blue   = "34"
)

func (p *printer) paint(style, s string) string {
	if !p.color {
		return s
	}
	return "\x1b[" + style + "m" + s + "\x1b[0m"
}

func (p *printer) diagnostic(d Diagnostic) {
	style := red
	if d.Severity == Warning {
		style = yellow
	}
	if d.Span.Start.IsValid() {
		p.out.WriteString(p.paint(bold, clean(d.Span.String())+":") + " ")
	}
	fmt.Fprintf(&p.out, "%s: %s\n", p.paint(style, fmt.Sprintf("%s[%s]", d.Severity, d.Code)), p.paint(bold, clean(d.Message)))
	p.excerpt(d.Span, style)
	for _, n := range d.Notes {
		where := ""
		if n.Span.Start.IsValid() {
			where = clean(n.Span.String()) + ": "
		}
		fmt.Fprintf(&p.out, "  %s %s%s\n", p.paint(bold, "note:"), where, clean(n.Message))
	}
	if d.Help != "" {
		fmt.Fprintf(&p.out, "  %s %s\n", p.paint(bold, "help:"), clean(d.Help))
	}
}

// excerpt shows the first line of span with carets below what it covers.
func (p *printer) excerpt(span source.Span, style string) {
	lines := p.lines[span.Start.Filename]
	at := span.Start
	if !at.IsValid() || at.Line > len(lines) {
		return
	}
	line := strings.TrimSuffix(lines[at.Line-1], "\r")
	start := min(at.Column-1, len(line))
	end := len(line)
	if span.End.Line == at.Line {
		end = min(max(span.End.Column-1, start), len(line))
	}
	before, marked, after := cut(tail(line[:start]), head(line[start:end], maxBytes), head(line[end:], maxBytes))
	number := fmt.Sprintf("%5d", at.Line)
	gutter := strings.Repeat(" ", len(number))
	fmt.Fprintf(&p.out, "%s %s\n", p.paint(blue, number+" |"), strings.TrimRight(before+marked+after, " \t"))
	carets := strings.Repeat("^", max(width(marked), 1))
	fmt.Fprintf(&p.out, "%s %s%s\n", p.paint(blue, gutter+" |"), blank(before), p.paint(style, carets))
}

// head returns s without what is more than limit bytes after its beginning.
func head(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	end := limit
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end]
}

// tail returns s without what is more than maxBytes before its end.
func tail(s string) string {
	start := max(len(s)-maxBytes, 0)
	for start < len(s) && !utf8.RuneStart(s[start]) {
		start++
	}
	return s[start:]
}

// cut makes the three parts of a line safe for a terminal and short enough.
func cut(before, marked, after string) (string, string, string) {
	before, marked, after = clean(before), clean(marked), clean(after)
	if width(before)+width(marked)+width(after) <= maxExcerpt {
		return before, marked, after
	}
	if width(before) > leadIn {
		before = "…" + last(before, leadIn)
	}
	if room := maxExcerpt - width(before); width(marked) > room {
		return before, first(marked, room), "…"
	}
	if room := maxExcerpt - width(before) - width(marked); width(after) > room {
		after = first(after, room) + "…"
	}
	return before, marked, after
}

// first returns the longest beginning of s that is at most n columns wide.
func first(s string, n int) string {
	for i, r := range s {
		if n -= runeWidth(r); n < 0 {
			return s[:i]
		}
	}
	return s
}

// last returns the longest end of s that is at most n columns wide.
func last(s string, n int) string {
	w := width(s)
	for i, r := range s {
		if w <= n {
			return s[i:]
		}
		w -= runeWidth(r)
	}
	return ""
}

// blank returns white space as wide as s: tabs stay, for only the terminal
// knows how wide they are.
func blank(s string) string {
	var out strings.Builder
	for _, r := range s {
		if r == '\t' {
			out.WriteByte('\t')
			continue
		}
		for range runeWidth(r) {
			out.WriteByte(' ')
		}
	}
	return out.String()
}
