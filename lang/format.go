package lang

import (
	"sort"
	"strings"

	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/lang/source"
)

// FormatSource returns the text in the one layout of Flow, and true. If the
// text does not parse, the mistakes go to report and the text comes back as it
// was, with false.
func FormatSource(name, text string, report *diag.List) (string, bool) {
	var mine diag.List
	file := Parse(name, text, &mine)
	for _, d := range mine.Sorted() {
		report.Add(d)
	}
	if mine.HasErrors() {
		return text, false
	}
	return Format(file), true
}

// Format returns the program in the one layout of Flow: two columns for each
// level, lines of at most 100 characters where they can be broken, the types of
// fields and the values of long records below each other.
//
// Whether a block, a record or a wiring that would fit on one line stands on
// one or on several is left as the author wrote it, and so is one empty line
// between two things. All comments stay: those at the end of a line there, all
// others on lines of their own, above what they stood above or inside of.
//
// The file must have been parsed without a mistake. Formatting changes nothing
// that Parse tells apart, and formatting again changes nothing at all.
func Format(file *File) string {
	f := &formatter{file: file, used: make([]bool, len(file.Comments))}
	var items []item
	if file.Pipeline != nil {
		items = append(items, f.headerItem())
	}
	for _, d := range file.Decls {
		items = append(items, item{start: d.Span().Start, end: d.Span().End, build: func(int) *doc { return f.decl(d) }})
	}
	start := file.Pos
	start.Line = 0
	return render(concat(f.rows(start, len(file.Text), items, ";")...))
}

// formatter lays out one file.
type formatter struct {
	file *File
	used []bool // by index: comments that have their place
}

func (f *formatter) headerItem() item {
	word := "pipeline "
	if f.file.Kind == LibraryFile {
		word = "library "
	}
	name := f.file.Pipeline
	start := name.Pos
	start.Offset = strings.LastIndex(f.file.Text[:name.Pos.Offset], strings.TrimSpace(word))
	return item{start: start, end: name.EndPos, build: func(int) *doc { return text(word + name.Text) }}
}

// item is one thing of a list of things that may each have a line of its own.
type item struct {
	start, end source.Pos
	width      int            // of the part that is padded, so that what follows is aligned; 0 if nothing is
	build      func(int) *doc // lays the item out, with so much padding
}

// comments returns the indexes of the comments from lo up to hi that have no
// place yet, and gives them one.
func (f *formatter) comments(lo, hi int) []int {
	var out []int
	first := sort.Search(len(f.used), func(i int) bool { return f.file.Comments[i].Pos.Offset >= lo })
	for i := first; i < len(f.used) && f.file.Comments[i].Pos.Offset < hi; i++ {
		if !f.used[i] {
			f.used[i] = true
			out = append(out, i)
		}
	}
	return out
}

// rows lays out items that stand between the places lo and hi, with the
// comments between and in them. The docs alternate with line ends; sep is the
// text between items on one line, and "," also stands at the end of a line.
//
// A comment that begins on the line where the thing before it ends stays there.
func (f *formatter) rows(lo source.Pos, hi int, items []item, sep string) []*doc {
	r := rows{f: f, sep: sep, prev: lo}
	pads := f.pads(items)
	for i, it := range items {
		r.comments(f.comments(r.prev.Offset, it.start.Offset))
		d := it.build(pads[i])
		inner := f.comments(it.start.Offset, it.end.Offset)
		if len(inner) > 0 {
			r.above(it.start, inner)
		}
		r.item(it, d)
	}
	r.comments(f.comments(r.prev.Offset, hi))
	return r.docs
}

// rows collects the docs of a list.
type rows struct {
	f      *formatter
	sep    string
	prev   source.Pos // the end of what was added last
	docs   []*doc
	items  int
	latest int // index in docs of the place for a "," after the latest item
}

// comments adds comments that stand between two items.
func (r *rows) comments(indexes []int) {
	for _, i := range indexes {
		c := r.f.file.Comments[i]
		if c.Pos.Line == r.prev.Line {
			r.docs = append(r.docs, suffix(c.Text))
			continue
		}
		r.lineEnd(c.Pos, "")
		r.docs = append(r.docs, comment(c.Text))
		r.prev = c.EndPos
	}
}

// comment is a comment on a line of its own.
func comment(s string) *doc { return &doc{kind: textDoc, text: s, broken: true} }

// above adds the comments that stood inside of an item, and have no place
// there, above it.
func (r *rows) above(at source.Pos, indexes []int) {
	for _, i := range indexes {
		r.lineEnd(at, "")
		r.docs = append(r.docs, comment(r.f.file.Comments[i].Text))
		r.prev.Line = at.Line
	}
}

// item adds an item.
func (r *rows) item(it item, d *doc) {
	flat := " "
	if r.items > 0 {
		switch r.sep {
		case fieldSep:
			flat = ", "
		case ",":
			r.docs[r.latest] = text(",")
		default:
			flat = r.sep + " "
		}
	}
	r.lineEnd(it.start, flat)
	r.docs = append(r.docs, d, text(""))
	r.latest = len(r.docs) - 1
	r.items++
	r.prev = it.end
}

// lineEnd adds the line end before what begins at the place next, and an empty
// line if there is one in the source.
func (r *rows) lineEnd(next source.Pos, flat string) {
	if len(r.docs) > 0 && next.Line > r.prev.Line+1 && r.hasRow() {
		r.docs = append(r.docs, &doc{kind: blankDoc})
	}
	r.docs = append(r.docs, line(flat))
}

// hasRow reports whether anything but a comment behind the opening bracket was
// added.
func (r *rows) hasRow() bool { return len(r.docs) > 1 || r.docs[0].kind != suffixDoc }

// pads returns how much padding each item needs, so that all up to the next
// empty line are aligned.
func (f *formatter) pads(items []item) []int {
	pads := make([]int, len(items))
	for i := 0; i < len(items); {
		end, widest := i, 0
		for ; end < len(items) && (end == i || !f.blankBetween(items[end-1].end, items[end].start)); end++ {
			widest = max(widest, items[end].width)
		}
		for ; i < end; i++ {
			if items[i].width > 0 {
				pads[i] = widest - items[i].width
			}
		}
	}
	return pads
}

// blankBetween reports whether an empty line stands between two places.
func (f *formatter) blankBetween(a, b source.Pos) bool {
	lines := 0
	for _, c := range f.file.Text[a.Offset:b.Offset] {
		switch c {
		case '\n':
			if lines++; lines > 1 {
				return true
			}
		case ' ', '\t', '\r', ',', ';':
		default:
			lines = 0
		}
	}
	return false
}

// braces lays out items in braces, on one line if the author had them there. lo
// is a place after the "{" or on its line, end the one after the "}".
func (f *formatter) braces(lo, end source.Pos, items []item, sep string) *doc {
	docs := f.rows(lo, end.Offset-1, items, sep)
	if len(docs) == 0 {
		return text("{}")
	}
	g := group(text("{"), nest(docs...), line(" "), text("}"))
	g.brackets = true
	first := lo
	if len(items) > 0 {
		first = items[0].start
	}
	g.broken = g.broken || f.openLine(first, lo) != end.Line
	return g
}

// openLine returns the line of the last "{" before the place first, not before
// the place lo.
func (f *formatter) openLine(first, lo source.Pos) int {
	between := f.file.Text[lo.Offset:first.Offset]
	return first.Line - strings.Count(between[max(strings.LastIndexByte(between, '{'), 0):], "\n")
}

// list lays out items between brackets and with commas, on one line if they
// fit, else one a line. Where only the last can be broken so that the rest
// stays on one line, it is.
func (f *formatter) list(open, closing string, lo source.Pos, hi int, items []item) *doc {
	docs := f.rows(lo, hi, items, ",")
	if len(docs) == 0 {
		return text(open + closing)
	}
	docs[f.firstLine(docs)] = line("")
	broken := group(text(open), nest(docs...), line(""), text(closing))
	broken.broken = true
	flat := concat(text(open), of(flatDoc, docs...), text(closing))
	out := &doc{kind: choiceDoc, kids: []*doc{flat, broken}, broken: flat.broken}
	last := len(docs) - 2
	if open == "[" && len(items) > 1 || len(items) == 0 || docs[last].kind == suffixDoc || docs[last].kind == lineDoc {
		return out
	}
	hugged, ok := breakLast(docs[last], false)
	if before := of(flatDoc, docs[:last]...); ok && !before.broken {
		hug := concat(text(open), before, hugged, text(closing))
		out.kids = []*doc{flat, hug, broken}
	}
	return out
}

// firstLine returns the index of the first line end.
func (f *formatter) firstLine(docs []*doc) int {
	for i, d := range docs {
		if d.kind == lineDoc {
			return i
		}
	}
	return 0
}

// src returns the text of a node as it was written. Comments in it are in it.
func (f *formatter) src(n Node) *doc {
	s := n.Span()
	f.comments(s.Start.Offset, s.End.Offset)
	return text(f.file.Text[s.Start.Offset:s.End.Offset])
}

// value lays out what stands behind op: on the same line, if need be with the
// brackets at its end broken, or else on the next.
func (f *formatter) value(op string, x Expr) *doc {
	d := f.expr(x)
	flat := concat(text(" "+op+" "), d)
	out := &doc{kind: choiceDoc, kids: []*doc{flat}, broken: d.broken}
	if hugged, ok := breakLast(d, true); ok {
		out.kids = append(out.kids, concat(text(" "+op+" "), hugged))
	}
	out.kids = append(out.kids, concat(text(" "+op), nest(hard(), d)))
	return out
}
