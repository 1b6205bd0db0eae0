package lang

import (
	"bytes"
	"slices"
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

	flat, head span // of the line that it begins on: if the text around is on one line, and else
}

// span is how wide a doc is at least up to its first line end, or its own end: twice
// that, and one more if there is a line end.
type span int32

func spanOf(width int, ends bool) span {
	s := span(width) * 2
	if ends {
		s++
	}
	return s
}

func (s span) width() int { return int(s >> 1) }

func (s span) ends() bool { return s&1 != 0 }

// add puts another span behind s.
func (s *span) add(o span) {
	if !s.ends() {
		*s += o
	}
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

// punctuation has the text of each sign, by its code.
var punctuation = func() (all [utf8.RuneSelf]*doc) {
	for i := range all {
		all[i] = newText(string(rune(i)))
	}
	return all
}()

var (
	noText    = newText("")
	noLine    = newLine("")
	spaceLine = newLine(" ")
	emptyLine = &doc{kind: blankDoc}
	noPad     = &doc{kind: padDoc}
)

func text(s string) *doc {
	switch {
	case s == "":
		return noText
	case len(s) == 1 && s[0] < utf8.RuneSelf:
		return punctuation[s[0]]
	}
	return newText(s)
}

func newText(s string) *doc {
	first, _, more := strings.Cut(s, "\n")
	is := spanOf(utf8.RuneCountInString(first), more)
	return &doc{kind: textDoc, text: s, flat: is, head: is}
}

func line(flat string) *doc {
	switch flat {
	case "":
		return noLine
	case " ":
		return spaceLine
	}
	return newLine(flat)
}

func newLine(flat string) *doc {
	return &doc{kind: lineDoc, text: flat, flat: spanOf(len(flat), false), head: spanOf(0, true)}
}

func hard() *doc {
	return &doc{kind: hardDoc, broken: true, flat: spanOf(0, true), head: spanOf(0, true)}
}

func suffix(comment string) *doc { return &doc{kind: suffixDoc, text: comment, broken: true} }

// of returns a doc of those of the kids that are not nil, which are its own from then on.
func of(kind docKind, kids ...*doc) *doc {
	if slices.Contains(kids, nil) {
		kids = slices.DeleteFunc(slices.Clone(kids), func(k *doc) bool { return k == nil })
	}
	d := &doc{kind: kind, kids: kids}
	for _, k := range kids {
		d.broken = d.broken || k.broken
		d.flat.add(k.flat)
		d.head.add(k.head)
	}
	switch {
	case kind == flatDoc:
		d.head = d.flat
	case kind == groupDoc && d.broken:
		d.flat = d.head
	}
	return d
}

// choice writes the first of kids that fits. It is broken if the first is, or so far
// as the caller knows better.
func choice(broken bool, kids ...*doc) *doc {
	return &doc{kind: choiceDoc, kids: kids, broken: broken, flat: kids[0].flat, head: kids[len(kids)-1].head}
}

// broken returns d with its own lines broken.
func broken(d *doc) *doc {
	out := *d
	out.broken, out.flat = true, d.head
	return &out
}

func concat(kids ...*doc) *doc { return of(concatDoc, kids...) }

func nest(kids ...*doc) *doc { return of(nestDoc, kids...) }

func group(kids ...*doc) *doc { return of(groupDoc, kids...) }

// breakLast returns d with the brackets at its end broken, and whether it has
// any. Of a call the braces that its arguments end with are broken, or, where
// calls is set, its parentheses if need be.
func breakLast(d *doc, calls bool) (*doc, bool) {
	switch d.kind {
	case groupDoc:
		return broken(d), d.brackets
	case choiceDoc:
		if !calls {
			return d.kids[1], len(d.kids) == 3
		}
		return choice(true, append([]*doc{broken(d.kids[0])}, d.kids[1:]...)...), true
	case concatDoc:
		if len(d.kids) == 0 {
			return d, false
		}
		end := len(d.kids) - 1
		last, ok := breakLast(d.kids[end], calls)
		out := concat(append(slices.Clone(d.kids[:end]), last)...)
		out.broken, out.brackets = true, d.brackets
		return out, ok
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

// deepest is the column behind which lines do not begin, however deep in brackets
// they are, so that the layout of a short text is not long.
const deepest = 40

// writer lays docs out.
type writer struct {
	out   strings.Builder // lines that are done
	text  []byte          // of the lines that are not
	line  outLine
	run   []outLine // neighbouring lines with comments, before the line
	width int       // of the line
	limit int       // of the width
	stack []todo
	ahead []todo // of fits, kept for its memory
}

// outLine is a line that was written. Comments are kept apart so that those
// below each other can be aligned.
type outLine struct {
	from, to int // in writer.text
	comment  string
}

// render writes d in lines of the given width and returns the text, which ends with a line
// end unless it is empty. It has about size bytes.
func render(d *doc, width, size int) string {
	w := &writer{limit: width, stack: []todo{{docs: []*doc{d}}}}
	w.out.Grow(size)
	for {
		left, d, in := next(w.stack)
		if w.stack = left; d == nil {
			break
		}
		w.write(d, in.indent, in.flat)
	}
	w.endLine()
	w.align()
	return w.out.String()
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
		w.text = append(w.text, first...)
		w.width += utf8.RuneCountInString(first)
		if !more {
			return
		}
		w.keepLine()
		s = rest
	}
}

func (w *writer) newLine(indent int) {
	w.endLine()
	w.width = min(indent, deepest)
	for range w.width {
		w.text = append(w.text, ' ')
	}
}

// endLine ends the line without white space at its end.
func (w *writer) endLine() {
	for len(w.text) > w.line.from && w.text[len(w.text)-1] == ' ' {
		w.text = w.text[:len(w.text)-1]
	}
	w.keepLine()
}

// keepLine ends the line as it is.
func (w *writer) keepLine() {
	l := w.line
	l.to = len(w.text)
	if len(w.run) > 0 && (l.comment == "" || w.indentation(l) != w.indentation(w.run[0])) {
		w.align()
	}
	if l.comment != "" {
		w.run = append(w.run, l)
	} else if l.from < l.to || w.out.Len() > 0 { // nothing stands above the first text
		w.done(l, 0)
	}
	if len(w.run) == 0 {
		w.text = w.text[:0]
	}
	w.line, w.width = outLine{from: len(w.text)}, 0
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
	if atLeast(docs, flat, room) > room {
		return false
	}
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

// atLeast is how wide docs are at least up to the next line end, or more than room.
func atLeast(docs []*doc, flat bool, room int) int {
	var all span
	for _, d := range docs {
		if flat {
			all.add(d.flat)
		} else {
			all.add(d.head)
		}
		if all.ends() || all.width() > room {
			break
		}
	}
	return all.width()
}

// align writes the lines with comments, with the comments below each other.
func (w *writer) align() {
	widest := 0
	for _, l := range w.run {
		widest = max(widest, w.widthOf(l))
	}
	for _, l := range w.run {
		spaces := 0
		if l.from < l.to {
			spaces = widest - w.widthOf(l) + 1
		}
		w.done(l, spaces)
	}
	w.run = w.run[:0]
}

// done adds a line to those that are done, with spaces before its comment.
func (w *writer) done(l outLine, spaces int) {
	if need := l.to - l.from + spaces + len(l.comment) + 1; w.out.Cap()-w.out.Len() < need {
		w.out.Grow(need) // to twice its size
	}
	w.out.Write(w.text[l.from:l.to])
	for range spaces {
		w.out.WriteByte(' ')
	}
	w.out.WriteString(l.comment)
	w.out.WriteByte('\n')
}

// widthOf is the width of a line without its comment.
func (w *writer) widthOf(l outLine) int { return utf8.RuneCount(w.text[l.from:l.to]) }

// indentation returns how many spaces a line begins with.
func (w *writer) indentation(l outLine) int {
	text := w.text[l.from:l.to]
	return len(text) - len(bytes.TrimLeft(text, " "))
}
