package lang

import (
	"strings"
	"unicode/utf8"
)

// maxWidth is the width of a line, in characters, that the formatter keeps to
// where the text can be broken.
const maxWidth = 100

// doc is a piece of text that may be laid out in several ways. A group is
// written on one line if it fits, and else with all of its own line breaks
// (those of groups in it are decided anew). Source: Wadler, "A prettier
// printer", 2003; the ways a call is broken are those of prettier.
type doc struct {
	kind docKind
	text string
	kids []*doc
	// broken is set for what cannot stand on one line, which all that is
	// around it cannot then either.
	broken bool
	// brackets is set for groups that begin and end with brackets: the text
	// before one may stay on its line when the group is broken.
	brackets bool
}

type docKind uint8

const (
	textDoc   docKind = iota
	concatDoc         // kids one after the other
	nestDoc           // kids, with lines in it two columns further in
	groupDoc          // kids on one line, or broken
	flatDoc           // kids on one line
	lineDoc           // a line end; text if the group is on one line
	hardDoc           // a line end
	blankDoc          // an empty line, if the group is broken
	padDoc            // text, if the group is broken
	suffixDoc         // a comment at the end of the line
	choiceDoc         // the first of kids that fits, else the last
)

func text(s string) *doc { return &doc{kind: textDoc, text: s} }

func line(flat string) *doc { return &doc{kind: lineDoc, text: flat} }

func hard() *doc { return &doc{kind: hardDoc, broken: true} }

func suffix(comment string) *doc { return &doc{kind: suffixDoc, text: comment, broken: true} }

func of(kind docKind, kids ...*doc) *doc {
	d := &doc{kind: kind, kids: make([]*doc, 0, len(kids))}
	for _, k := range kids {
		if k != nil {
			d.kids = append(d.kids, k)
			d.broken = d.broken || k.broken
		}
	}
	return d
}

func concat(kids ...*doc) *doc { return of(concatDoc, kids...) }

func nest(kids ...*doc) *doc { return of(nestDoc, kids...) }

func group(kids ...*doc) *doc { return of(groupDoc, kids...) }

// breakLast returns d with the brackets at its end broken, and whether it has
// any. Of a call the braces that its arguments end with are broken, or, where
// calls is set, its parentheses if need be.
func breakLast(d *doc, calls bool) (*doc, bool) {
	out := *d
	switch d.kind {
	case groupDoc:
		out.broken = true
		return &out, d.brackets
	case choiceDoc:
		if !calls {
			return d.kids[1], len(d.kids) == 3
		}
		flat := *d.kids[0]
		flat.broken, out.broken = true, true
		out.kids = append([]*doc{&flat}, d.kids[1:]...)
		return &out, true
	case concatDoc:
		if len(d.kids) == 0 {
			return d, false
		}
		end := len(d.kids) - 1
		last, ok := breakLast(d.kids[end], calls)
		out.kids = append(append([]*doc(nil), d.kids[:end]...), last)
		out.broken = true
		return &out, ok
	}
	return d, false
}

// todo is docs that are still to be written, one after the other.
type todo struct {
	docs   []*doc
	indent int
	flat   bool
}

// next takes the first doc of the todo on top of a stack that has any left. It is
// nil if the stack is empty.
func next(stack []todo) (left []todo, d *doc, of todo) {
	for len(stack) > 0 {
		top := &stack[len(stack)-1]
		if len(top.docs) > 0 {
			d, top.docs = top.docs[0], top.docs[1:]
			return stack, d, *top
		}
		stack = stack[:len(stack)-1]
	}
	return stack, nil, todo{}
}

// writer lays docs out.
type writer struct {
	lines []outLine
	line  outLine
	width int // of line.text
	limit int // of the width
	stack []todo
	ahead []todo // of fits, kept for its memory
}

// outLine is a line that was written. Comments are kept apart so that those
// below each other can be aligned.
type outLine struct{ text, comment string }

// render writes d in lines of the given width and returns the text, which ends with a line end unless it is
// empty.
func render(d *doc, width int) string {
	w := &writer{limit: width, stack: []todo{{docs: []*doc{d}}}}
	for {
		left, d, in := next(w.stack)
		if w.stack = left; d == nil {
			break
		}
		w.write(d, in.indent, in.flat)
	}
	w.endLine()
	return w.join()
}

func (w *writer) push(docs []*doc, indent int, flat bool) {
	w.stack = append(w.stack, todo{docs, indent, flat})
}

// write writes the outermost part of d and pushes what is in it.
func (w *writer) write(d *doc, indent int, flat bool) {
	switch d.kind {
	case textDoc:
		w.put(d.text)
	case concatDoc:
		w.push(d.kids, indent, flat)
	case nestDoc:
		w.push(d.kids, indent+2, flat)
	case flatDoc:
		w.push(d.kids, indent, true)
	case groupDoc:
		w.push(d.kids, indent, !d.broken && (flat || w.fits(d.kids, true)))
	case choiceDoc:
		w.choose(d.kids, indent, flat)
	case lineDoc, hardDoc:
		if flat && d.kind == lineDoc {
			w.put(d.text)
			return
		}
		w.newLine(indent)
	case blankDoc:
		if !flat {
			w.blank()
		}
	case padDoc:
		if !flat {
			w.put(d.text)
		}
	case suffixDoc:
		w.suffix(d.text, indent)
	}
}

// choose pushes the first of the kids that fits: the first kid on one line, the
// others as they break.
func (w *writer) choose(kids []*doc, indent int, flat bool) {
	if !kids[0].broken && (flat || w.fits(kids[:1], true)) {
		w.push(kids[:1], indent, true)
		return
	}
	last := len(kids) - 1
	for i := 1; i < last; i++ {
		if w.fits(kids[i:i+1], false) {
			w.push(kids[i:i+1], indent, false)
			return
		}
	}
	w.push(kids[last:], indent, false)
}

// put writes text, which may have several lines if it is a raw string.
func (w *writer) put(s string) {
	for {
		first, rest, more := strings.Cut(s, "\n")
		w.line.text += first
		w.width += utf8.RuneCountInString(first)
		if !more {
			return
		}
		w.lines = append(w.lines, outLine{text: w.line.text + "\n"})
		w.line, w.width, s = outLine{}, 0, rest
	}
}

func (w *writer) newLine(indent int) {
	w.endLine()
	w.line.text = strings.Repeat(" ", indent)
	w.width = indent
}

// endLine ends the line without white space at its end.
func (w *writer) endLine() {
	w.line.text = strings.TrimRight(w.line.text, " ")
	w.lines = append(w.lines, w.line)
	w.line, w.width = outLine{}, 0
}

// blank leaves a line empty, before a line break that must follow.
func (w *writer) blank() { w.endLine() }

// suffix puts a comment at the end of the line, or, if there is one already, on
// the next.
func (w *writer) suffix(comment string, indent int) {
	if w.line.comment != "" {
		w.newLine(indent)
		w.put(comment)
		return
	}
	w.line.comment = comment
}

// fits reports whether docs, and what follows them up to the next line end, have
// room on the line.
func (w *writer) fits(docs []*doc, flat bool) bool {
	room := w.limit - w.width
	rest := len(w.stack)
	stack := append(w.ahead[:0], todo{docs, 0, flat})
	defer func() { w.ahead = stack }()
	for room >= 0 {
		left, d, in := next(stack)
		if stack = left; d == nil {
			if rest == 0 {
				return true
			}
			rest--
			stack = append(stack, w.stack[rest])
			continue
		}
		switch d.kind {
		case textDoc:
			first, _, more := strings.Cut(d.text, "\n")
			if room -= utf8.RuneCountInString(first); more {
				return room >= 0
			}
		case lineDoc:
			if !in.flat {
				return true
			}
			room -= utf8.RuneCountInString(d.text)
		case hardDoc:
			return true
		case padDoc:
			if !in.flat {
				room -= len(d.text)
			}
		case choiceDoc:
			kids := d.kids[:1]
			if !in.flat {
				kids = d.kids[len(d.kids)-1:]
			}
			stack = append(stack, todo{kids, 0, in.flat})
		case blankDoc, suffixDoc:
		case groupDoc:
			stack = append(stack, todo{d.kids, 0, in.flat && !d.broken})
		default:
			stack = append(stack, todo{d.kids, 0, in.flat || d.kind == flatDoc})
		}
	}
	return false
}

// join returns all lines, with the comments of neighbouring lines aligned.
func (w *writer) join() string {
	var out strings.Builder
	for i := 0; i < len(w.lines); {
		end, widest := i, 0
		for end < len(w.lines) && w.lines[end].comment != "" && indentation(w.lines[end].text) == indentation(w.lines[i].text) {
			widest = max(widest, utf8.RuneCountInString(w.lines[end].text))
			end++
		}
		for ; i < end; i++ {
			l := w.lines[i]
			out.WriteString(l.text)
			if l.text != "" {
				out.WriteString(strings.Repeat(" ", widest-utf8.RuneCountInString(l.text)+1))
			}
			out.WriteString(l.comment + "\n")
		}
		if i < len(w.lines) && w.lines[i].comment == "" {
			out.WriteString(w.lines[i].text)
			if !strings.HasSuffix(w.lines[i].text, "\n") {
				out.WriteString("\n")
			}
			i++
		}
	}
	return strings.TrimLeft(out.String(), "\n")
}

// indentation returns how many spaces s begins with.
func indentation(s string) int { return len(s) - len(strings.TrimLeft(s, " ")) }
